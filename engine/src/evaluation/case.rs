//! Held-out scenes.

use std::sync::Arc;

use ::image::{DynamicImage, GrayImage, RgbImage};

use crate::request::Inputs;
use crate::training::scenes::{self, Example};

/// Of the scenes that a model is judged by. Runs are seeded from 1 up, and never with this.
pub const SEED: u64 = 0x005e_ed0f_7e57;

/// A scene to colour, its truth, and references in which only one side has other colours. Square pictures of one size.
pub struct Case {
    /// Number of the scene under [`SEED`].
    pub index: u64,
    pub scene: Example,
    /// The figure of the reference in other colours, the rest as it was.
    pub other_figure: RgbImage,
    /// The background in other colours.
    pub other_ground: RgbImage,
}

impl Case {
    /// Scene `index`, `size` pixels a side.
    pub fn new(index: u64, size: u32) -> Self {
        let scene = scenes::example(SEED, index, size);
        // The same drawing: only its colours come from elsewhere, so that one side can be laid over the other exactly.
        let other = scenes::recoloured(SEED, index, index ^ (1 << 32), size).reference;
        let mixed = |figure: &RgbImage, ground: &RgbImage| {
            RgbImage::from_fn(size, size, |x, y| {
                let inside = scene.reference_mask.get_pixel(x, y)[0] >= 128;
                *if inside { figure } else { ground }.get_pixel(x, y)
            })
        };
        Self {
            index,
            other_figure: mixed(&other, &scene.reference),
            other_ground: mixed(&scene.reference, &other),
            scene,
        }
    }

    /// The scene's drawing and masks, to be coloured from `reference`: its own, or one of the others.
    pub fn inputs(&self, reference: &RgbImage) -> Inputs {
        let scene = &self.scene;
        Inputs {
            sketch_mask: Some(Arc::new(scene.sketch_mask.clone())),
            reference_mask: Some(Arc::new(scene.reference_mask.clone())),
            ..Inputs::new(
                Arc::new(DynamicImage::from(scene.sketch.clone()).into_rgb8()),
                Arc::new(reference.clone()),
            )
        }
    }
}

/// Distance, in whole pixels and capped at `reach`, of every pixel from the nearest where `is` holds: by rows and columns (Chebyshev).
pub fn distance(size: [u32; 2], reach: u8, is: impl Fn(u32, u32) -> bool) -> GrayImage {
    let mut near = GrayImage::from_fn(size[0], size[1], |x, y| ::image::Luma([if is(x, y) { 0 } else { reach }]));
    let [width, height] = size;
    let mut relax = |x: u32, y: u32, neighbours: [(i64, i64); 4]| {
        let mut best = near.get_pixel(x, y)[0];
        for (dx, dy) in neighbours {
            let (nx, ny) = (i64::from(x) + dx, i64::from(y) + dy);
            if (0..i64::from(width)).contains(&nx) && (0..i64::from(height)).contains(&ny) {
                best = best.min(near.get_pixel(nx as u32, ny as u32)[0].saturating_add(1));
            }
        }
        near.put_pixel(x, y, ::image::Luma([best]));
    };
    for y in 0..height {
        for x in 0..width {
            relax(x, y, [(-1, 0), (-1, -1), (0, -1), (1, -1)]);
        }
    }
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            relax(x, y, [(1, 0), (1, 1), (0, 1), (-1, 1)]);
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_side_of_a_swapped_reference_changes() {
        let case = Case::new(3, 96);
        let mut changed = [0; 2];
        for (x, y, pixel) in case.scene.reference.enumerate_pixels() {
            let figure = case.scene.reference_mask.get_pixel(x, y)[0] >= 128;
            let (swapped, kept) = if figure {
                (&case.other_figure, &case.other_ground)
            } else {
                (&case.other_ground, &case.other_figure)
            };
            assert_eq!(kept.get_pixel(x, y), pixel);
            changed[usize::from(figure)] += usize::from(swapped.get_pixel(x, y) != pixel);
        }
        assert!(changed.iter().all(|count| *count > 200), "{changed:?}");
    }

    #[test]
    fn distances_grow_by_one_a_pixel_in_every_direction() {
        let near = distance([7, 7], 3, |x, y| (x, y) == (3, 3));
        let at = |x, y| near.get_pixel(x, y)[0];
        assert_eq!(
            [at(3, 3), at(4, 4), at(5, 3), at(1, 5), at(0, 0), at(6, 6)],
            [0, 1, 2, 2, 3, 3]
        );
    }
}
