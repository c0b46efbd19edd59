//! A picture, its sketch and its mask become an example.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma, RgbImage};
use rand::{Rng, RngExt};

use crate::training::scenes::Example;

/// What the shorter side is scaled to at most, over the side of the cut: 544 over 512 as released.
const LOOSE: f32 = 544.0 / 512.0;
/// Regions of examples that know no others: figure and background.
const FIGURE: u8 = 1;
const GROUND: u8 = 100;

/// A picture with its sketch and its mask, all of one size.
pub struct Triplet {
    pub color: RgbImage,
    pub sketch: GrayImage,
    pub mask: GrayImage,
}

impl Triplet {
    /// As the release prepares it (spec/training.md, section 3): truth, sketch and mask are flipped, scaled and cut together; the reference is the picture
    /// itself, flipped by a draw of its own and squeezed into a square. Without `rng` the middle, unflipped.
    pub fn example(self, side: u32, rng: Option<&mut impl Rng>) -> Example {
        let Self { color, sketch, mask } = self;
        let (mut flips, mut scale, mut corner) = ([false; 2], 1.0, [0.5; 2]);
        if let Some(rng) = rng {
            flips = [0; 2].map(|_| rng.random_bool(0.5));
            scale = rng.random_range(1.0..LOOSE);
            corner = [0; 2].map(|_| rng.random());
        }
        let (width, height) = color.dimensions();
        let shorter = width.min(height).max(1) as f32;
        let fit = |length: u32| ((length as f32 * side as f32 * scale / shorter).round() as u32).max(side);
        let (fitted_width, fitted_height) = (fit(width), fit(height));
        let [left, top] = [(fitted_width, corner[0]), (fitted_height, corner[1])]
            .map(|(length, share)| ((length - side) as f32 * share) as u32);
        let cut = |picture: &GrayImage, flip: bool| {
            let resized = imageops::resize(picture, fitted_width, fitted_height, FilterType::CatmullRom);
            let cut = imageops::crop_imm(&resized, left, top, side, side).to_image();
            if flip { imageops::flip_horizontal(&cut) } else { cut }
        };
        let truth = imageops::resize(&color, fitted_width, fitted_height, FilterType::CatmullRom);
        let truth = imageops::crop_imm(&truth, left, top, side, side).to_image();
        let reference = imageops::resize(&color, side, side, FilterType::CatmullRom);
        let reference_mask = imageops::resize(&mask, side, side, FilterType::Triangle);
        let [own, other] = flips;
        let sketch_mask = cut(&mask, own);
        let reference_mask = if other {
            imageops::flip_horizontal(&reference_mask)
        } else {
            reference_mask
        };
        Example {
            color: if own { imageops::flip_horizontal(&truth) } else { truth },
            sketch: cut(&sketch, own),
            sketch_regions: regions(&sketch_mask),
            sketch_mask,
            reference: if other {
                imageops::flip_horizontal(&reference)
            } else {
                reference
            },
            reference_regions: regions(&reference_mask),
            reference_mask,
        }
    }
}

fn regions(mask: &GrayImage) -> GrayImage {
    GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
        Luma([if mask.get_pixel(x, y)[0] > 127 { FIGURE } else { GROUND }])
    })
}

/// Light lines on black are turned round: most of a sketch is paper.
pub fn dark_on_light(mut sketch: GrayImage) -> GrayImage {
    let light = sketch.iter().filter(|value| **value > 127).count();
    if light * 2 < sketch.len() {
        imageops::invert(&mut sketch);
    }
    sketch
}
