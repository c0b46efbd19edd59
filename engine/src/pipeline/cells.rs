//! What the network sees of a sketch mask: one value for each cell of the latent, and fewer the deeper it looks.

use ::image::GrayImage;
use burn::tensor::{Device, Tensor};

use super::canvas::working_size;
use crate::image::{Placement, mask};
use crate::model::config::ModelConfig;
use crate::model::split_attention::{Split, figure_share};
use crate::model::vae::LATENT_FACTOR;
use crate::request::Settings;

/// A sketch mask as the cross-attentions of one level read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// A pixel a cell: 255 is figure, 0 is background; of a soft mask what lies between.
    pub share: GrayImage,
    /// Pixels of the canvas for one cell, a side.
    pub side: u32,
    /// `[width, height]` that the network works on, in pixels.
    pub canvas: [u32; 2],
    /// Where the sketch lies on it.
    pub placement: Placement,
}

/// The mask of a sketch of the same size, at `level`: 0 is the first, with cells of 8 pixels, and each further one has cells twice as large. None where there is no
/// such level, or the settings ask for a size that no job can have.
pub fn cells(painted: &GrayImage, settings: &Settings, config: &ModelConfig, level: usize) -> Option<Cells> {
    let sketch = painted.dimensions().into();
    let canvas = working_size(settings, config.native_size, sketch);
    let side = (LATENT_FACTOR as u32) << level.min(levels(config));
    let whole = canvas.iter().all(|length| *length > 0 && length.is_multiple_of(side));
    if level >= levels(config) || !whole || sketch.contains(&0) {
        return None;
    }
    // The host's own device: a window asks for this beside whatever computes.
    let device = Device::flex();
    let placement = Placement::new(sketch, canvas);
    let latent = mask::to_latent(&mask::place(painted, placement, canvas), &device);
    let threshold = Tensor::from_floats([settings.sketch_mask_threshold], &device);
    let split = Split {
        soft: settings.soft_mask,
        ..Split::new(latent, threshold)
    };
    let share = figure_share(&split, level).into_data().try_into_vec::<f32>().ok()?;
    let bytes = share.iter().map(|share| (share * 255.0).round() as u8).collect();
    Some(Cells {
        share: GrayImage::from_raw(canvas[0] / side, canvas[1] / side, bytes)?,
        side,
        canvas,
        placement,
    })
}

/// How many levels there are.
pub fn levels(config: &ModelConfig) -> usize {
    config.unet.channel_mult.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ModelRef;
    use crate::weights;
    use ::image::Luma;

    fn config() -> ModelConfig {
        weights::config(&ModelRef::Embedded).unwrap()
    }

    /// White in the left half of a sketch of 512x512.
    fn half() -> GrayImage {
        GrayImage::from_fn(512, 512, |x, _| Luma([if x < 256 { 255 } else { 0 }]))
    }

    #[test]
    fn cells_are_those_of_the_models_own_size_and_double_with_each_level() {
        let settings = Settings::default();
        for (level, side) in [8, 16, 32, 64].into_iter().enumerate() {
            let cells = cells(&half(), &settings, &config(), level).unwrap();
            assert_eq!((cells.canvas, cells.side), ([256, 256], side));
            let count = 256 / side;
            assert_eq!(cells.share.dimensions(), (count, count));
            let at = |x: u32| cells.share.get_pixel(x, count / 2).0[0];
            assert_eq!((at(0), at(count - 1)), (255, 0), "level {level}");
        }
        assert_eq!(cells(&half(), &settings, &config(), 4), None);
    }

    #[test]
    fn the_threshold_decides_and_a_soft_mask_keeps_its_grey() {
        let grey = GrayImage::from_pixel(100, 50, Luma([51]));
        let share = |threshold, soft_mask| {
            let settings = Settings {
                sketch_mask_threshold: threshold,
                soft_mask,
                size: Some([512, 256]),
                ..Settings::default()
            };
            let cells = cells(&grey, &settings, &config(), 1).unwrap();
            assert_eq!(cells.share.dimensions(), (32, 16));
            cells.share.get_pixel(16, 8).0[0]
        };
        assert_eq!((share(0.1, false), share(0.3, false)), (255, 0));
        assert_eq!(share(0.3, true), 51);
    }

    #[test]
    fn a_size_that_no_job_can_have_has_no_cells() {
        let settings = Settings {
            size: Some([500, 512]),
            ..Settings::default()
        };
        assert_eq!(cells(&half(), &settings, &config(), 0), None);
    }
}
