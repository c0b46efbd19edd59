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
pub const SAMPLES: &[Sample] = &[sample!("seaside"), sample!("park"), sample!("town"), sample!("hand")];

/// One picture of the sample shot, with its mask, as PNG files.
#[derive(Clone, Copy, Debug)]
pub struct ShotPicture {
    pub name: &'static str,
    picture: &'static [u8],
    mask: &'static [u8],
}

macro_rules! shot {
    ($folder:literal: $($name:literal)*) => {
        &[$(ShotPicture {
            name: $name,
            picture: include_bytes!(concat!("../../assets/samples/shot/", $folder, "/", $name, ".png")),
            mask: include_bytes!(concat!("../../assets/samples/shot/", $folder, "/", $name, "-mask.png")),
        }),*]
    };
}

/// The drawings of the sample shot, in order.
pub const SHOT_FRAMES: &[ShotPicture] = shot!("frames": "0001" "0002" "0003" "0004" "0005" "0006" "0007" "0008");
/// Colour designs for it.
pub const SHOT_REFERENCES: &[ShotPicture] = shot!("references": "morning" "noon" "dusk" "seaside");

impl ShotPicture {
    pub fn picture(&self) -> RgbImage {
        decode(self.picture).to_rgb8()
    }

    /// White where the figure is.
    pub fn mask(&self) -> GrayImage {
        decode(self.mask).to_luma8()
    }
}

impl Sample {
    /// The sample of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SAMPLES.iter().find(|sample| sample.name == name)
    }

    /// The sample that a recipe names: of [`SAMPLES`], or a picture of the shot as the board names it, which stands for sketch and reference alike.
    pub fn recorded(name: &str) -> Option<Self> {
        let of_shot = |folder: &str, pictures: &'static [ShotPicture]| {
            let name = name.strip_prefix("shot/")?.strip_prefix(folder)?.strip_prefix('/')?;
            pictures.iter().find(|picture| picture.name == name).map(|picture| Self {
                name: picture.name,
                sketch: picture.picture,
                sketch_mask: picture.mask,
                reference: picture.picture,
                reference_mask: picture.mask,
            })
        };
        (Self::named(name).copied())
            .or_else(|| of_shot("frames", SHOT_FRAMES))
            .or_else(|| of_shot("references", SHOT_REFERENCES))
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
        for picture in SHOT_FRAMES.iter().chain(SHOT_REFERENCES) {
            assert_eq!(
                picture.picture().dimensions(),
                picture.mask().dimensions(),
                "{}",
                picture.name
            );
        }
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
