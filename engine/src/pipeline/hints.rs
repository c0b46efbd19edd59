//! Colour hints as a constraint on the estimates that the picture is made of.
//!
//! Measured on 41 parts of 14 held-out scenes with the model in the program, 12 steps, each part given one dab of a colour that was none of its own
//! (mean CIEDE2000 of the part's mean colour from the dab's, 40.6 without hints; the same of each pixel; deviation of lightness within a part, 3.8
//! in the truth):
//!
//! | | part | pixel | lightness |
//! |---|---|---|---|
//! | started from the colours, strength 0.6 | 20.4 | 22.1 | 5.1 |
//! | each cell held to the colour while the noise is high | 9.0 | 10.0 | 2.8 |
//! | each area's mean kept at every step | 2.7 | 10.5 | 7.4 |
//! | both | 1.3 | 3.6 | 2.5 |
//!
//! The start is forgotten, cells alone turn drab once they are let go, and means alone leave the patches of a part that was blotched; together the
//! part is of one colour, and shaded.

use std::collections::HashMap;
use std::ops::ControlFlow;

use ::image::{GrayImage, Luma, Rgb, RgbImage};
use burn::tensor::{Device, Tensor, TensorData};

use crate::extract::hints::Hinted;
use crate::image::{self, Placement, mask};
use crate::model::Vae;
use crate::model::config::ModelConfig;
use crate::model::vae::{LATENT_FACTOR, Observer};

/// The share of the way from noise to picture up to which a part is held to its flat colour, and from where on it is free to be shaded.
const HELD: [f32; 2] = [0.7, 0.9];
/// Areas of one colour, the largest ones, whose means are kept.
pub const MOST: usize = 64;

/// Colours that parts of a picture shall have.
#[derive(Clone, Debug)]
pub struct Hints {
    /// Scaled, `[1, C, h, w]`.
    latent: Tensor<4>,
    /// How surely, 0..=1, `[1, 1, h, w]`.
    cover: Tensor<4>,
    /// The part of `cover` that belongs to each of K areas of one colour, `[1, K, h w]`.
    areas: Tensor<3>,
}

impl Hints {
    /// `size` is the canvas's, on which the sketch has its `placement`. The `observer` is asked as [`Vae::encode_observed`] does.
    pub fn new<Stop>(
        vae: &Vae,
        config: &ModelConfig,
        hinted: &Hinted,
        placement: Placement,
        size: [u32; 2],
        device: &Device,
        observer: &mut Observer<'_, Stop>,
    ) -> ControlFlow<Stop, Self> {
        let Hinted { colors, areas } = hinted;
        let (width, height) = colors.dimensions();
        let color = RgbImage::from_fn(width, height, |x, y| {
            let [r, g, b, _] = colors.get_pixel(x, y).0;
            Rgb([r, g, b])
        });
        let opacity = GrayImage::from_fn(width, height, |x, y| Luma([colors.get_pixel(x, y).0[3]]));
        let opacity = mask::place(&opacity, placement, size);
        let colors = image::place_picture(&color, placement, size, device);
        let latent = vae.encode_observed(colors, observer)?.mode();

        let [columns, rows] = size.map(|side| side as usize / LATENT_FACTOR);
        let along = |at: u32, start: u32, length: u32, of: u32| u64::from(at - start) * u64::from(of) / u64::from(length);
        // The cell, the share of it and the area of every pixel of the canvas that is covered.
        let covered = || {
            opacity
                .enumerate_pixels()
                .filter(|(.., value)| value.0[0] > 0.0)
                .map(|(x, y, value)| {
                    let cell = y as usize / LATENT_FACTOR * columns + x as usize / LATENT_FACTOR;
                    let from = along(y, placement.top, placement.height, height) * u64::from(width)
                        + along(x, placement.left, placement.width, width);
                    let area = areas.get(from as usize).copied().unwrap_or(0);
                    (cell, value.0[0] / LATENT_FACTOR.pow(2) as f32, area)
                })
        };
        let mut cover = vec![0.0; columns * rows];
        let mut sizes = HashMap::<u32, f32>::new();
        for (cell, share, area) in covered() {
            cover[cell] += share;
            *sizes.entry(area).or_default() += share;
        }
        sizes.remove(&0);
        // By size, then by number, so that the same hints give the same picture. A photograph has thousands of areas: only those that are
        // kept are laid out.
        let mut largest: Vec<(u32, f32)> = sizes.into_iter().collect();
        largest.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
        largest.truncate(MOST);
        let count = largest.len();
        let places: HashMap<u32, usize> = largest.into_iter().zip(0..).map(|((area, _), place)| (area, place)).collect();
        let mut parts = vec![0.0; count * columns * rows];
        for (cell, share, area) in covered() {
            if let Some(place) = places.get(&area) {
                parts[place * columns * rows + cell] += share;
            }
        }
        ControlFlow::Continue(Self {
            latent: latent * config.latent_scale,
            cover: Tensor::from_data(TensorData::new(cover, [1, 1, rows, columns]), device),
            areas: Tensor::from_data(TensorData::new(parts, [1, count, rows * columns]), device),
        })
    }

    /// An estimate of the clean latent, `[1, C, h, w]`, with the wanted colours, at a `share` of the way from noise (0) to picture (1): each
    /// area's mean is always that of its colour; while the noise is high, so is every cell.
    pub fn steer(&self, estimate: Tensor<4>, share: f32, strength: f32) -> Tensor<4> {
        let dims @ [batch, channels, height, width] = estimate.dims();
        let off = (self.latent.clone() - estimate.clone()).reshape([batch, channels, height * width]);
        let sums = self.areas.clone().sum_dim(2).clamp_min(f32::EPSILON);
        let shares = (self.areas.clone() / sums).swap_dims(1, 2);
        let shifts = off.matmul(shares).matmul(self.areas.clone()).reshape(dims);
        let estimate = estimate + shifts * strength;
        let [from, to] = HELD;
        let held = strength * (1.0 - ((share - from) / (to - from)).clamp(0.0, 1.0));
        match held > 0.0 {
            true => estimate.clone() + (self.latent.clone() - estimate) * self.cover.clone() * held,
            false => estimate,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use ::image::{Rgba, RgbaImage};

    use super::*;
    use crate::request::ModelRef;
    use crate::weights;

    /// One channel of 2 by 2 cells: the upper two of an area that wants 4, the lower ones free.
    fn hints() -> Hints {
        let device = Device::flex();
        Hints {
            latent: Tensor::full([1, 1, 2, 2], 4.0, &device),
            cover: Tensor::from_floats([[[[1.0, 1.0], [0.0, 0.0]]]], &device),
            areas: Tensor::from_floats([[[1.0, 1.0, 0.0, 0.0]]], &device),
        }
    }

    fn steered(share: f32, strength: f32) -> Vec<f32> {
        let estimate = Tensor::from_floats([[[[1.0, 3.0], [7.0, -7.0]]]], &Device::flex());
        hints().steer(estimate, share, strength).try_into_vec_as::<f32>().unwrap()
    }

    #[test]
    fn of_the_thousands_of_areas_of_a_photograph_the_largest_are_kept() {
        let device = Device::flex();
        let loaded = weights::load(&ModelRef::Embedded, &device).unwrap_or_else(|error| panic!("{error}"));
        let size = [128, 128];
        // Every pixel an area of its own, but for one that is a cell large.
        let hinted = Hinted {
            colors: RgbaImage::from_pixel(128, 128, Rgba([200, 30, 40, 255])),
            areas: (1..=128 * 128)
                .map(|at| if (at - 1) % 128 < 8 && at <= 8 * 128 { 1 } else { at })
                .collect(),
        };
        let placement = Placement::new(size, size);
        let (vae, config) = (&loaded.networks.vae, &loaded.config);
        let mut observer = || ControlFlow::<Infallible>::Continue(());
        let ControlFlow::Continue(hints) = Hints::new(vae, config, &hinted, placement, size, &device, &mut observer);
        assert_eq!(hints.areas.dims(), [1, MOST, 16 * 16]);
        let first: Vec<f32> = hints.areas.slice_dim(1, 0..1).try_into_vec_as().unwrap();
        assert!(
            (first[0] - 1.0).abs() < 1e-3 && first[1..].iter().all(|share| *share == 0.0),
            "{first:?}"
        );
    }

    #[test]
    fn an_area_gets_the_colours_mean_and_keeps_its_shades_when_it_is_free() {
        assert_eq!(steered(0.0, 1.0), [4.0, 4.0, 7.0, -7.0]);
        assert_eq!(steered(1.0, 1.0), [3.0, 5.0, 7.0, -7.0]);
    }

    #[test]
    fn the_strength_goes_from_nothing_to_all() {
        assert_eq!(steered(0.5, 0.0), [1.0, 3.0, 7.0, -7.0]);
        assert_eq!(steered(1.0, 0.5), [2.0, 4.0, 7.0, -7.0]);
    }

    #[test]
    fn hints_without_an_area_of_their_own_hold_their_cells() {
        let soft = Hints {
            areas: Tensor::zeros([1, 0, 4], &Device::flex()),
            ..hints()
        };
        let estimate = Tensor::zeros([1, 1, 2, 2], &Device::flex());
        let values = soft.steer(estimate, 0.0, 1.0).try_into_vec_as::<f32>().unwrap();
        assert_eq!(values, [4.0, 4.0, 0.0, 0.0]);
    }
}
