//! Scenes as the networks are fed with them.

use std::ops::Range;

use ::image::{Rgb, RgbImage};
use burn::tensor::{Device, Tensor, TensorData};

use crate::image::clip_input;
use crate::training::dataset::{self, LEVELS, Scene};
use crate::training::loss;

/// Scenes as tensors without autodiff.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[B,3,H,W]`: ink +1, paper -1.
    pub sketch: Tensor<4>,
    /// `[B,1,h,w]`, of the latent's size.
    pub sketch_mask: Tensor<4>,
    /// `[B,3,S,S]`, the image tower's input.
    pub reference: Tensor<4>,
    /// `[B,1,S,S]`.
    pub reference_mask: Tensor<4>,
    /// Regions `[B,N]` of the latent's cells, by level.
    pub cells: [Tensor<2>; LEVELS],
    /// What each cell counts in the losses, `[B,N]`, by level ([`loss::shares`]).
    pub shares: [Tensor<2>; LEVELS],
    /// Regions `[B,N]` of the reference's tokens.
    pub tokens: Tensor<2>,
}

impl Batch {
    /// `balance`: see [`crate::training::config::LossConfig`].
    pub fn new(scenes: &[&Scene], balance: f64, device: &Device) -> Self {
        let sketch = dataset::greys(scenes.iter().map(|scene| &scene.sketch), device);
        let [batch, _, height, width] = sketch.dims();
        Self {
            sketch: (sketch * -2.0 + 1.0).expand([batch, 3, height, width]),
            sketch_mask: dataset::stacked(scenes.iter().map(|scene| &scene.sketch_mask), device),
            reference: dataset::stacked(scenes.iter().map(|scene| &scene.reference), device),
            reference_mask: dataset::greys(scenes.iter().map(|scene| &scene.reference_mask), device),
            cells: std::array::from_fn(|level| {
                dataset::regions(scenes.iter().map(|scene| scene.cells[level].as_slice()), device)
            }),
            shares: std::array::from_fn(|level| {
                let shares = scenes.iter().flat_map(|scene| loss::shares(&scene.cells[level], balance));
                let values: Vec<f32> = shares.collect();
                let cells = values.len() / batch;
                Tensor::from_data(TensorData::new(values, [batch, cells]), device)
            }),
            tokens: dataset::regions(scenes.iter().map(|scene| scene.tokens.as_slice()), device),
        }
    }

    /// The examples in `range`.
    pub fn part(&self, range: Range<usize>) -> Self {
        Self {
            sketch: self.sketch.clone().slice_dim(0, range.clone()),
            sketch_mask: self.sketch_mask.clone().slice_dim(0, range.clone()),
            reference: self.reference.clone().slice_dim(0, range.clone()),
            reference_mask: self.reference_mask.clone().slice_dim(0, range.clone()),
            cells: self.cells.clone().map(|cells| cells.slice_dim(0, range.clone())),
            shares: self.shares.clone().map(|shares| shares.slice_dim(0, range.clone())),
            tokens: self.tokens.clone().slice_dim(0, range),
        }
    }

    /// The same on another device.
    pub fn on(self, device: &Device) -> Self {
        Self {
            sketch: self.sketch.to_device(device),
            sketch_mask: self.sketch_mask.to_device(device),
            reference: self.reference.to_device(device),
            reference_mask: self.reference_mask.to_device(device),
            cells: self.cells.map(|cells| cells.to_device(device)),
            shares: self.shares.map(|shares| shares.to_device(device)),
            tokens: self.tokens.to_device(device),
        }
    }

    /// References whose figure is white where the mask reaches `threshold [B]`.
    pub fn whitened(&self, threshold: Tensor<1>) -> Tensor<4> {
        let shape @ [batch, _, height, width] = self.reference.dims();
        let threshold = threshold.reshape([batch, 1, 1, 1]).expand([batch, 1, height, width]);
        let figure = self.reference_mask.clone().greater_equal(threshold).expand(shape);
        let white = clip_input(&RgbImage::from_pixel(1, 1, Rgb([255; 3])), 1, &self.reference.device());
        self.reference.clone().mask_where(figure, white.expand(shape))
    }
}
