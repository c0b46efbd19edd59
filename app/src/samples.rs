//! The sample scenes that ship inside the program: what a newcomer sees first.

use image::{GrayImage, RgbImage};

/// One scene of `assets/samples`, as PNG files.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// What a person types after `--sample`.
    pub name: &'static str,
    sketch: &'static [u8],
    sketch_mask: &'static [u8],
    reference: &'static [u8],
    reference_mask: &'static [u8],
}

macro_rules! sample {
    ($name:literal) => {
        Sample {
            name: $name,
            sketch: include_bytes!(concat!("../../assets/samples/", $name, "/sketch.png")),
            sketch_mask: include_bytes!(concat!("../../assets/samples/", $name, "/sketch-mask.png")),
            reference: include_bytes!(concat!("../../assets/samples/", $name, "/reference.png")),
            reference_mask: include_bytes!(concat!("../../assets/samples/", $name, "/reference-mask.png")),
        }
    };
}

/// All samples; the first is the one that the window opens on.
pub const SAMPLES: &[Sample] = &[sample!("park"), sample!("seaside"), sample!("town"), sample!("hand")];

impl Sample {
    /// The sample of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SAMPLES.iter().find(|sample| sample.name == name)
    }

    /// Dark lines on white.
    pub fn sketch(&self) -> RgbImage {
        decode(self.sketch).to_rgb8()
    }

    /// White where the sketch's figure is.
    pub fn sketch_mask(&self) -> GrayImage {
        decode(self.sketch_mask).to_luma8()
    }

    /// Where the colours come from.
    pub fn reference(&self) -> RgbImage {
        decode(self.reference).to_rgb8()
    }

    /// White where the reference's figure is.
    pub fn reference_mask(&self) -> GrayImage {
        decode(self.reference_mask).to_luma8()
    }
}

fn decode(png: &[u8]) -> image::DynamicImage {
    image::load_from_memory_with_format(png, image::ImageFormat::Png)
        .expect("the program's own pictures decode: a test opens each")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_opens_and_its_masks_fit() {
        assert!(SAMPLES.len() >= 3);
        for sample in SAMPLES {
            assert_eq!(
                sample.sketch().dimensions(),
                sample.sketch_mask().dimensions(),
                "{}",
                sample.name
            );
            assert_eq!(
                sample.reference().dimensions(),
                sample.reference_mask().dimensions(),
                "{}",
                sample.name
            );
        }
    }
}
