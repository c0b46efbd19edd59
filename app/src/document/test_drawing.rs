//! A drawing for tests, and the one pixel of it by which its states are told apart.

use image::{Rgba, RgbaImage};

use super::{Document, Pixels, Role};

/// White paper of `side` x `side` pixels.
pub fn blank(side: u32) -> Document {
    Document::from_sketch(&RgbaImage::from_pixel(side, side, Rgba([255; 4]))).unwrap()
}

/// Sets the first pixel of the mask.
pub fn dot(document: &mut Document, value: u8) {
    let id = document.by_role(Role::SketchMask).unwrap().id;
    if let Pixels::Mask(grid) = &mut document.layer_mut(id).unwrap().pixels {
        grid.tile_mut(0, 0)[0] = value;
    }
}

/// What [`dot`] has set.
pub fn value(document: &Document) -> u8 {
    document.by_role(Role::SketchMask).unwrap().mask().unwrap().pixel(0, 0)
}
