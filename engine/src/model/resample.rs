//! Changes of resolution inside the networks, and of the masks that go with them.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor, TensorData};

use super::layer::conv3x3;
use crate::kernel::{self, convolve};

/// Halving by a 3x3 convolution of stride 2.
#[derive(Module, Debug)]
pub struct Downsample {
    pub op: Conv2d,
}

impl Downsample {
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            op: conv3x3(channels, channels, 2, device),
        }
    }

    /// `[B, C, h, w] -> [B, C, h/2, w/2]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        convolve(&self.op, input)
    }
}

/// Doubling by repetition, then a 3x3 convolution.
#[derive(Module, Debug)]
pub struct Upsample {
    pub conv: Conv2d,
}

impl Upsample {
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            conv: conv3x3(channels, channels, 1, device),
        }
    }

    /// `[B, C, h, w] -> [B, C, 2h, 2w]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        convolve(&self.conv, double(input))
    }
}

/// Each pixel becomes four, `[B, C, h, w] -> [B, C, 2h, 2w]`.
fn double(input: Tensor<4>) -> Tensor<4> {
    if let Some(output) = kernel::double(&input) {
        return output;
    }
    let [batch, channels, height, width] = input.dims();
    input
        .reshape([batch, channels, height, 1, width, 1])
        .expand([batch, channels, height, 2, width, 2])
        .reshape([batch, channels, 2 * height, 2 * width])
}

/// Shrinks masks `[B, 1, h, w]` to `[B, 1, h/divisor, w/divisor]` by plain bicubic interpolation with a = -0.75 (spec/model.md, section 4);
/// `divisor` is a power of two. Nothing is clamped: overshoot belongs to the method.
pub fn resize_mask(mask: Tensor<4>, divisor: usize) -> Tensor<4> {
    if divisor == 1 {
        return mask;
    }
    let [batch, channels, height, width] = mask.dims();
    let device = mask.device();
    let [rows, columns] = [height, width].map(|length| {
        let weights = shrinking_matrix(length, divisor);
        Tensor::<2>::from_data(TensorData::new(weights, [length / divisor, length]), &device)
    });
    rows.unsqueeze::<4>()
        .expand([batch, channels, height / divisor, height])
        .matmul(mask)
        .matmul(
            columns
                .transpose()
                .unsqueeze::<4>()
                .expand([batch, channels, width, width / divisor]),
        )
}

/// Row-major `[length / divisor, length]`. A coordinate always falls halfway between two inputs, so the four taps are the same everywhere;
/// those outside repeat the border.
fn shrinking_matrix(length: usize, divisor: usize) -> Vec<f32> {
    const TAPS: [f32; 4] = [-3.0 / 32.0, 19.0 / 32.0, 19.0 / 32.0, -3.0 / 32.0];
    let outputs = length / divisor;
    let mut matrix = vec![0.0; outputs * length];
    for output in 0..outputs {
        let left = output * divisor + divisor / 2 - 1;
        for (tap, weight) in TAPS.iter().enumerate() {
            let input = (left + tap).saturating_sub(1).min(length - 1);
            matrix[output * length + input] += weight;
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halved_ramp_has_known_values() {
        // Taps at inputs -1, 0, 1, 2 (the first repeats the border), then 1, 2, 3, 4, then 3, 4, 5, 5.
        let ramp = Tensor::<4>::from_data([[[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]; 2]]], &Device::flex());
        let half = resize_mask(ramp, 2)
            .into_data()
            .try_to_vec::<f32>()
            .expect("three f32 values");
        assert_eq!(half, [0.40625, 2.5, 4.59375]);
    }

    #[test]
    fn an_even_mask_stays_exactly_what_it_is() {
        for divisor in [1, 2, 4, 8] {
            let mask = Tensor::<4>::full([1, 1, 8, 16], 0.5, &Device::flex());
            let small = resize_mask(mask, divisor);
            assert_eq!(small.dims(), [1, 1, 8 / divisor, 16 / divisor]);
            assert!(
                small
                    .into_data()
                    .try_to_vec::<f32>()
                    .expect("f32 values")
                    .iter()
                    .all(|&value| value == 0.5)
            );
        }
    }

    #[test]
    fn doubling_repeats_pixels() {
        let picture = Tensor::<4>::from_data([[[[1.0, 2.0], [3.0, 4.0]]]], &Device::flex());
        let double = double(picture).into_data().try_to_vec::<f32>().expect("16 f32 values");
        assert_eq!(double, [1., 1., 2., 2., 1., 1., 2., 2., 3., 3., 4., 4., 3., 3., 4., 4.]);
    }
}
