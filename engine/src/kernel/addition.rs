//! What is added to a matrix product: its bias, and perhaps what the result lies on, in one pass.

use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::conv;
use super::operation::{Operation, apply, takes, tensor, values};
use super::simd::{fetch, put, vectorized};

/// `product + bias + more`, tokens `[B, N, C]` with a bias `[C]`.
pub fn add_to_tokens(product: Tensor<3>, bias: Tensor<1>, more: Option<Tensor<3>>) -> Tensor<3> {
    if takes(&product) {
        return sum(Layout::Tokens, product, bias, more);
    }
    onto(product + bias.unsqueeze(), more)
}

/// `product + bias + more`, planes `[B, C, N]` with a bias `[C]`, or `[B * C]` where each picture has its own.
pub fn add_to_planes(product: Tensor<3>, bias: Tensor<1>, more: Option<Tensor<3>>) -> Tensor<3> {
    let [_, channels, pixels] = product.dims();
    if takes(&product) {
        return sum(Layout::Planes { pixels }, product, bias, more);
    }
    let pictures = bias.dims()[0] / channels;
    onto(product + bias.reshape([pictures, channels, 1]), more)
}

fn onto(sum: Tensor<3>, more: Option<Tensor<3>>) -> Tensor<3> {
    match more {
        Some(more) => sum + more,
        None => sum,
    }
}

fn sum(layout: Layout, product: Tensor<3>, bias: Tensor<1>, more: Option<Tensor<3>>) -> Tensor<3> {
    let (product, bias) = (product.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(match more {
        Some(more) => apply(Sum(layout), [product, bias, more.into_dispatch()]),
        None => apply(Sum(layout), [product, bias]),
    })
}

/// Which numbers share one of the bias.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// Those at the same place of every row.
    Tokens,
    /// Those of a plane.
    Planes { pixels: usize },
}

#[derive(Clone, Debug)]
struct Sum(Layout);

/// Numbers of a task.
const CHUNK: usize = 16 * 1024;

/// Of a product, a bias, and where there are three, of what they lie on.
impl<const N: usize> Operation<N> for Sum {
    type Kept = ();
    const LIGHT: bool = true;

    fn forward(&self, inputs: [&FlexTensor; N]) -> (FlexTensor, ()) {
        let more = inputs.get(2).map(|more| values(more));
        let (product, bias) = (values(inputs[0]), values(inputs[1]));
        let run = match self.0 {
            Layout::Tokens => bias.len(),
            Layout::Planes { pixels } => pixels,
        };
        let part = CHUNK.next_multiple_of(run.max(1));
        let mut output = vec![0.0; product.len()];
        output.par_chunks_mut(part).enumerate().for_each(|(index, output)| {
            let (from, to) = (index * part, index * part + output.len());
            vectorized(Runs {
                layout: self.0,
                run,
                first: from / run,
                product: &product[from..to],
                bias,
                more: more.map(|more| &more[from..to]),
                output,
            });
        });
        (tensor(output, inputs[0].layout().shape().clone()), ())
    }

    fn backward(&self, inputs: [&FlexTensor; N], (): (), gradient: &FlexTensor, wanted: [bool; N]) -> [Option<FlexTensor>; N] {
        let length = values(inputs[1]).len();
        let of_bias = || {
            let numbers = values(gradient);
            let sums = match self.0 {
                Layout::Planes { pixels } => conv::bias_gradient(numbers, length, pixels),
                Layout::Tokens => column_sums(numbers, length),
            };
            tensor(sums, Shape::new([length]))
        };
        std::array::from_fn(|number| {
            wanted[number].then(|| match number {
                1 => of_bias(),
                _ => gradient.clone(),
            })
        })
    }
}

/// `[rows, columns] -> [columns]`.
fn column_sums(numbers: &[f32], columns: usize) -> Vec<f32> {
    let part = CHUNK.next_multiple_of(columns.max(1));
    // In parts of a fixed length, added in their order: the same bits however many threads there are.
    let parts: Vec<Vec<f32>> = numbers
        .par_chunks(part)
        .map(|numbers| {
            let mut sums = vec![0.0; columns];
            for row in numbers.chunks_exact(columns) {
                for (sum, number) in sums.iter_mut().zip(row) {
                    *sum += number;
                }
            }
            sums
        })
        .collect();
    let mut sums = vec![0.0; columns];
    for part in parts {
        for (sum, number) in sums.iter_mut().zip(part) {
            *sum += number;
        }
    }
    sums
}

/// Rows of tokens, or planes.
struct Runs<'a> {
    layout: Layout,
    run: usize,
    /// Number of the first of them.
    first: usize,
    product: &'a [f32],
    bias: &'a [f32],
    more: Option<&'a [f32]>,
    output: &'a mut [f32],
}

impl WithSimd for Runs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (index, output) in self.output.chunks_exact_mut(self.run).enumerate() {
            let product = &self.product[index * self.run..][..self.run];
            let shared = simd.splat_f32s(match self.layout {
                Layout::Tokens => 0.0,
                Layout::Planes { .. } => self.bias[(self.first + index) % self.bias.len()],
            });
            let mut at = 0;
            while at < self.run {
                let bias = match self.layout {
                    Layout::Tokens => fetch(simd, self.bias, at),
                    Layout::Planes { .. } => shared,
                };
                let mut sum = simd.add_f32s(fetch(simd, product, at), bias);
                if let Some(more) = self.more {
                    let more = &more[index * self.run..][..self.run];
                    sum = simd.add_f32s(sum, fetch(simd, more, at));
                }
                put(simd, output, at, sum);
                at += S::F32_LANES;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison::{assert_close, random};
    use super::*;

    type Adding = fn(Tensor<3>, Tensor<1>, Option<Tensor<3>>) -> Tensor<3>;

    /// Result and gradients of ours, and of burn's with the bias in the shape `[_; 3]`.
    fn compare(ours: Adding, shape: [usize; 3], bias: [usize; 3], lies_on_something: bool) {
        let run = |ours: Option<Adding>| {
            let product = random(1, shape).autodiff().require_grad();
            let numbers = random(2, [bias.iter().product()]).autodiff().require_grad();
            let more = lies_on_something.then(|| random(3, shape).autodiff().require_grad());
            let output = match ours {
                Some(ours) => ours(product.clone(), numbers.clone(), more.clone()),
                None => onto(product.clone() + numbers.clone().reshape(bias), more.clone()),
            };
            let gradients = (output.clone() * random(4, shape).autodiff()).sum().backward();
            let mut found = vec![output.without_autodiff(), product.grad(&gradients).expect("a gradient")];
            found.extend(more.map(|more| more.grad(&gradients).expect("a gradient")));
            (found, numbers.grad(&gradients).expect("a gradient"))
        };
        let (ours, burns) = (run(Some(ours)), run(None));
        for (ours, burns) in ours.0.into_iter().zip(burns.0) {
            assert_close(ours, burns);
        }
        assert_close(ours.1, burns.1);
    }

    #[test]
    fn sums_and_gradients_are_burns() {
        for lies_on_something in [false, true] {
            for shape in [[2, 3, 5], [1, 700, 48], [3, 1, 20_000]] {
                let [batch, middle, last] = shape;
                compare(add_to_tokens, shape, [1, 1, last], lies_on_something);
                compare(add_to_planes, shape, [1, middle, 1], lies_on_something);
                compare(add_to_planes, shape, [batch, middle, 1], lies_on_something);
            }
        }
    }
}
