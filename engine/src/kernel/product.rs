//! Products of tokens and of planes with a matrix of weights. One kept in half precision is widened a panel at a time, small enough to stay in the
//! caches until it has been used; the products themselves are those of burn's CPU backend, and so are their bits.

use std::cell::Cell;

use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, Shape, Tensor, module};
use rayon::prelude::*;

use super::matrix::{Matrix, Parallelism, multiply};
use super::operation::{contiguous, plain, takes, tensor, wrapped};
use super::widening::{Weights, multiplied};

/// `[.., K]` by `[K, N]`, `[.., N]`.
pub fn linear<const D: usize>(tokens: Tensor<D>, weight: Tensor<2>) -> Tensor<D> {
    let mut shape = tokens.dims();
    let [inputs, outputs] = weight.dims();
    let rows = shape[..D - 1].iter().product();
    if !is_ours(&tokens, &weight, [rows, outputs]) {
        return multiplied(tokens, weight, |tokens, weight| module::linear(tokens, weight, None));
    }
    shape[D - 1] = outputs;
    let product = product(tokens.reshape([1, rows, inputs]), weight, Order::Tokens);
    product.reshape(shape)
}

/// [`linear`] of tokens in any layout, `[B, N, K]` by `[K, M]`: planes turned to tokens need no copy.
pub fn multiply_tokens(tokens: Tensor<3>, weight: Tensor<2>) -> Tensor<3> {
    if is_ours(&tokens, &weight, [tokens.dims()[1], weight.dims()[1]]) {
        product(tokens, weight, Order::Tokens)
    } else {
        multiplied(tokens, weight, |tokens, weight| tokens.matmul(weight.unsqueeze()))
    }
}

/// `[M, K]` by planes in any layout, `[B, K, P] -> [B, M, P]`.
pub fn multiply_planes(weight: Tensor<2>, planes: Tensor<3>) -> Tensor<3> {
    if is_ours(&planes, &weight, [planes.dims()[2], weight.dims()[0]]) {
        product(planes.swap_dims(1, 2), weight.transpose(), Order::Planes).swap_dims(1, 2)
    } else {
        multiplied(planes, weight, |planes, weight| weight.unsqueeze::<3>().matmul(planes))
    }
}

/// Whether `weight` is to be widened as it is used, for so many rows or pixels and outputs. Gradients are burn's to find; and products of one row, or with
/// few results, are summed in an order that depends on how the weights lie, so that they must lie as those at 32 bits do.
fn is_ours<const D: usize>(values: &Tensor<D>, weight: &Tensor<2>, [rows, outputs]: [usize; 2]) -> bool {
    let summed_alike = rows.min(outputs) > 1 && rows * outputs > 256;
    weight.dtype() == DType::F16 && summed_alike && takes(values) && !values.is_autodiff()
}

/// How a product lies in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// One token's numbers together.
    Tokens,
    /// One output's numbers together.
    Planes,
}

/// Numbers of a panel of weights, 4 MB once widened: smaller ones make the tokens pass through the caches too often (measured from 1 to 8 MB).
const PANEL: usize = 1 << 20;
/// Bytes that a panel takes at most, which the thread that computes keeps: it is as wide as [`GRAIN`] at least.
pub const SCRATCH: usize = 2 * PANEL * size_of::<f32>();
/// Outputs of a panel are a multiple of this, so that vectors are full.
const GRAIN: usize = 16;

/// `[B, M, K]` by `[K, N]`, `[B, M, N]`.
fn product(tokens: Tensor<3>, weight: Tensor<2>, order: Order) -> Tensor<3> {
    let (tokens, weight) = (plain(tokens.into_dispatch()), plain(weight.into_dispatch()));
    let tokens = match tokens.layout().strides().iter().all(|stride| *stride >= 0) {
        true => tokens,
        false => tokens.to_contiguous(),
    };
    let [batch, rows, inputs] = dims(&tokens);
    // Weights lie row by row or column by column, as the file had them.
    let by_output = weight.layout().strides()[0] == 1 && weight.layout().strides()[1] > 1;
    let stored = if by_output { weight.transpose(0, 1) } else { weight };
    let stored = contiguous(stored);
    let outputs = Weights::of(&stored).len() / inputs;

    let mut results = vec![0.0; batch * rows * outputs];
    let count = (inputs * outputs).div_ceil(PANEL).max(1);
    let width = outputs.div_ceil(count).next_multiple_of(GRAIN);
    let mut panel = PANELS.take();
    for first in (0..outputs).step_by(width) {
        let width = width.min(outputs - first);
        panel.resize(panel.len().max(inputs * width), 0.0);
        let panel = &mut panel[..inputs * width];
        let weights = Weights::of(&stored);
        let strides = if by_output {
            let chunks = panel.par_chunks_mut(inputs).enumerate().with_min_len(MIN_ROWS);
            chunks.for_each(|(output, target)| weights.part((first + output) * inputs, inputs).copy_to(target));
            [1, inputs]
        } else {
            let chunks = panel.par_chunks_mut(width).enumerate().with_min_len(MIN_ROWS);
            chunks.for_each(|(input, target)| weights.part(input * outputs + first, width).copy_to(target));
            [width, 1]
        };
        let right = Matrix { values: panel, strides };
        for (number, results) in results.chunks_exact_mut(rows * outputs).enumerate() {
            let (results, target) = match order {
                Order::Tokens => (&mut results[first..], [outputs, 1]),
                Order::Planes => (&mut results[first * rows..], [1, rows]),
            };
            let left = matrix(&tokens, number);
            multiply([rows, width, inputs], results, target, left, right, Parallelism::Rayon(0));
        }
    }
    PANELS.set(panel);

    let product = match order {
        Order::Tokens => tensor(results, Shape::new([batch, rows, outputs])),
        Order::Planes => tensor(results, Shape::new([batch, outputs, rows])).transpose(1, 2),
    };
    Tensor::from_dispatch(wrapped(product))
}

/// Rows that one thread widens at least.
const MIN_ROWS: usize = 8;

thread_local! {
    /// The widened panel, kept from call to call: new memory costs more than what is written to it.
    static PANELS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

fn dims(tensor: &FlexTensor) -> [usize; 3] {
    let shape = tensor.layout().shape();
    [shape[0], shape[1], shape[2]]
}

/// One of a batch of matrices.
fn matrix(tensor: &FlexTensor, number: usize) -> Matrix<'_> {
    let strides = tensor.layout().strides();
    let [batch, row, column] = [strides[0], strides[1], strides[2]].map(isize::unsigned_abs);
    Matrix {
        values: &tensor.storage::<f32>()[tensor.layout().start_offset() + number * batch..],
        strides: [row, column],
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison::{assert_same_bits, halved, random};
    use super::super::widening::widen;
    use super::*;

    /// Wider than a panel, as wide as a few vectors, and less than one.
    const SIZES: [[usize; 3]; 4] = [[70, 1100, 2000], [3, 96, 40], [1, 64, 130], [9, 5, 7]];

    #[test]
    fn tokens_come_out_as_by_weights_widened_before() {
        for [rows, inputs, outputs] in SIZES {
            let tokens = random(1, [2, rows, inputs]);
            for weight in [
                halved(random(2, [inputs, outputs])),
                halved(random(2, [outputs, inputs])).transpose(),
            ] {
                let expected = linear(tokens.clone(), widen(weight.clone()));
                assert_same_bits(linear(tokens.clone(), weight.clone()), expected);
                let turned = tokens.clone().swap_dims(1, 2).clone() * 1.0;
                let turned = turned.swap_dims(1, 2);
                let expected = multiply_tokens(turned.clone(), widen(weight.clone()));
                assert_same_bits(multiply_tokens(turned, weight), expected);
            }
        }
    }

    #[test]
    fn planes_come_out_as_by_weights_widened_before() {
        for [pixels, inputs, outputs] in SIZES {
            let weight = halved(random(2, [outputs, inputs]));
            let planes = random(1, [2, inputs, pixels]);
            let tokens = random(1, [2, pixels, inputs]).swap_dims(1, 2);
            for planes in [planes, tokens] {
                let expected = multiply_planes(widen(weight.clone()), planes.clone());
                assert_same_bits(multiply_planes(weight.clone(), planes), expected);
            }
        }
    }

    #[test]
    fn gradients_pass_through_weights_that_have_none() {
        let weight = halved(random(2, [24, 40]));
        let gradient = |weight: Tensor<2>| {
            let tokens = random(1, [2, 9, 24]).autodiff().require_grad();
            let seen = random(3, [2, 9, 40]).autodiff();
            let gradients = (linear(tokens.clone(), weight) * seen).sum().backward();
            tokens.grad(&gradients).expect("the tokens' gradient")
        };
        assert_same_bits(gradient(weight.clone().autodiff()), gradient(widen(weight).autodiff()));
    }
}
