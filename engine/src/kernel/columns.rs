//! 3x3 convolutions with weights in half precision, on GPUs: as products of the weight with columns of the input, nine numbers of each channel for a pixel.
//!
//! Burn's own convolution of such numbers sums in half precision. A matrix product sums at 32 bits, by the GPU's units for it where there are some, shares
//! what it has read among its threads, and is tuned.

use burn::nn::conv::Conv2d;
use burn::tensor::ops::PadMode;
use burn::tensor::{DType, Tensor};

use super::addition::add_to_planes;
use super::conv::Geometry;

/// Numbers of columns that are in memory at once: 134 MB of them.
const COLUMNS: usize = 1 << 26;
/// Multiplications that a GPU is given to do in one go. Windows takes one that is busy for two seconds with the same for hung, and the display goes with it:
/// the slowest on which a model is worth trying does some 20 thousand million in one.
const PRODUCTS: usize = 20_000_000_000;

/// `[B, C, h, w] -> [B, C', h', w']`, with a weight kept in half precision: the columns are so too, sums and result have 32 bits.
pub fn convolve(layer: &Conv2d, input: Tensor<4>, geometry: Geometry) -> Tensor<4> {
    // Here, as there are nine times as many numbers later.
    in_blocks(layer, input.cast(DType::F16), geometry, rows(geometry))
}

/// Rows of the result that are made at once. Sides of pictures are multiples of powers of two, and so are blocks that have the same shape.
fn rows(geometry: Geometry) -> usize {
    let [_, width] = geometry.output();
    let row = 9 * geometry.batch * geometry.inputs * width;
    let most = COLUMNS.min(PRODUCTS / geometry.outputs.max(1)) / row.max(1);
    1 << most.max(1).ilog2()
}

fn in_blocks(layer: &Conv2d, input: Tensor<4>, geometry: Geometry, rows: usize) -> Tensor<4> {
    let Geometry {
        batch,
        inputs,
        outputs,
        stride,
        before,
        ..
    } = geometry;
    let [height, width] = geometry.output();
    let weight = layer.weight.val().reshape([1, outputs, 9 * inputs]);
    let padded = input.pad([(before, 1), (before, 1)], PadMode::Constant(0.0));
    let blocks = (0..height).step_by(rows).map(|first| {
        let rows = rows.min(height - first);
        let block = padded.clone().narrow(2, first * stride, (rows - 1) * stride + 3);
        // Windows share their memory; what puts them in order is the one copy.
        let windows: Tensor<6> = block.unfold::<5, _>(2, 3, stride).unfold(3, 3, stride);
        let columns = windows.swap_dims(2, 4).swap_dims(3, 5);
        let block = weight
            .clone()
            .matmul(columns.reshape([batch, 9 * inputs, rows * width]))
            .cast(DType::F32);
        if rows < height {
            // What is gathered goes to a GPU as one: each block by itself. What goes wrong shows when the result is read.
            let _ = block.device().flush();
        }
        block
    });
    let mut blocks: Vec<_> = blocks.collect();
    drop(padded);
    let product = match blocks.len() {
        1 => blocks.remove(0),
        _ => Tensor::cat(blocks, 2),
    };
    let sum = match &layer.bias {
        Some(bias) => add_to_planes(product, bias.val(), None),
        None => product,
    };
    sum.reshape([batch, outputs, height, width])
}

#[cfg(test)]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::Device;

    use super::super::comparison::{assert_close, random};
    use super::*;

    fn geometry([batch, inputs, outputs, height, width]: [usize; 5], stride: usize, before: usize) -> Geometry {
        Geometry {
            batch,
            inputs,
            outputs,
            height,
            width,
            stride,
            before,
        }
    }

    #[test]
    fn products_of_columns_are_burns_convolution() {
        for shape in [[1, 3, 4, 8, 8], [2, 5, 7, 9, 13], [3, 2, 3, 2, 2], [1, 70, 20, 33, 6]] {
            for (stride, before, bias) in [(1, 1, true), (2, 1, true), (2, 0, true), (1, 1, false)] {
                let [batch, inputs, outputs, height, width] = shape;
                let layer = Conv2dConfig::new([inputs, outputs], [3, 3])
                    .with_stride([stride, stride])
                    .with_padding(PaddingConfig2d::Explicit(before, before, 1, 1))
                    .with_bias(bias)
                    .init(&Device::flex());
                let input = random(1, [batch, inputs, height, width]);
                let expected = layer.forward(input.clone());
                // One row at a time, four of them with a rest, and all.
                for rows in [1, 4, height] {
                    let output = in_blocks(&layer, input.clone(), geometry(shape, stride, before), rows);
                    assert_close(output, expected.clone());
                }
            }
        }
    }

    #[test]
    fn blocks_are_bounded_in_memory_and_work() {
        // More than any picture has, the UNet's deepest with three rows of guidance, and one of a single row that is too much.
        for (shape, expected) in [
            ([1, 512, 512, 768, 768], 8),
            ([3, 2560, 1280, 48, 48], 4),
            ([1, 8192, 8192, 512, 512], 1),
        ] {
            assert_eq!(rows(geometry(shape, 1, 1)), expected, "{shape:?}");
        }
        // Most of what a job of 512 pixels has is not cut.
        assert!(rows(geometry([2, 320, 320, 64, 64], 1, 1)) >= 64);
    }
}
