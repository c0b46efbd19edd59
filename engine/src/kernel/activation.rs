//! SiLU, GELU and the gated linear unit, each in one pass, forward and backward.

use burn::backend::flex::FlexTensor;
use burn::tensor::{Tensor, activation};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::operation::{Operation, apply, takes, tensor, values};
use super::simd::{fetch, normal, put, sigmoid, vectorized};

/// `x / (1 + e^-x)`.
pub fn silu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if takes(&input) {
        Tensor::from_dispatch(apply(Activation(Curve::Silu), [input.into_dispatch()]))
    } else {
        activation::silu(input)
    }
}

/// `x Phi(x)`, Phi the standard normal distribution (Hendrycks and Gimpel, 2016).
pub fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if takes(&input) {
        Tensor::from_dispatch(apply(Activation(Curve::Gelu), [input.into_dispatch()]))
    } else {
        activation::gelu(input)
    }
}

/// `value * gelu(gate)` of `[.., value, gate]`, each half of the last axis: `[B, N, 2 C] -> [B, N, C]` (GEGLU; Shazeer, 2020).
pub fn geglu(input: Tensor<3>) -> Tensor<3> {
    let width = input.dims()[2] / 2;
    if takes(&input) {
        return Tensor::from_dispatch(apply(Gated { width }, [input.into_dispatch()]));
    }
    let value = input.clone().narrow(2, 0, width);
    value * activation::gelu(input.narrow(2, width, width))
}

/// Numbers of a task.
const CHUNK: usize = 16 * 1024;

#[derive(Clone, Copy, Debug)]
enum Curve {
    Silu,
    Gelu,
}

impl Curve {
    /// The value and the slope at `x`.
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        match self {
            Self::Silu => {
                let sigmoid = sigmoid(simd, x);
                let value = simd.mul_f32s(x, sigmoid);
                // s + x s (1 - s).
                (
                    value,
                    simd.add_f32s(sigmoid, simd.mul_f32s(value, simd.sub_f32s(simd.splat_f32s(1.0), sigmoid))),
                )
            }
            Self::Gelu => {
                let (distribution, density) = normal(simd, x);
                (simd.mul_f32s(x, distribution), simd.mul_add_f32s(x, density, distribution))
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Activation(Curve);

impl Operation<1> for Activation {
    type Kept = ();
    const LIGHT: bool = true;

    fn forward(&self, [input]: [&FlexTensor; 1]) -> (FlexTensor, ()) {
        let curve = self.0;
        let mut output = vec![0.0; values(input).len()];
        let parts = output.par_chunks_mut(CHUNK).zip(values(input).par_chunks(CHUNK));
        parts.for_each(|(output, input)| {
            vectorized(Curved {
                curve,
                input,
                gradient: None,
                output,
            })
        });
        (tensor(output, input.layout().shape().clone()), ())
    }

    fn backward(&self, [input]: [&FlexTensor; 1], (): (), gradient: &FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let curve = self.0;
        let mut output = vec![0.0; values(input).len()];
        let inputs = values(input).par_chunks(CHUNK).zip(values(gradient).par_chunks(CHUNK));
        output
            .par_chunks_mut(CHUNK)
            .zip(inputs)
            .for_each(|(output, (input, gradient))| {
                vectorized(Curved {
                    curve,
                    input,
                    gradient: Some(gradient),
                    output,
                });
            });
        [Some(tensor(output, input.layout().shape().clone()))]
    }
}

/// The curve's values, or with a gradient its slopes times that.
struct Curved<'a> {
    curve: Curve,
    input: &'a [f32],
    gradient: Option<&'a [f32]>,
    output: &'a mut [f32],
}

impl WithSimd for Curved<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut at = 0;
        while at < self.input.len() {
            let (value, slope) = self.curve.at(simd, fetch(simd, self.input, at));
            let result = match self.gradient {
                Some(gradient) => simd.mul_f32s(slope, fetch(simd, gradient, at)),
                None => value,
            };
            put(simd, self.output, at, result);
            at += S::F32_LANES;
        }
    }
}

#[derive(Clone, Debug)]
struct Gated {
    width: usize,
}

impl Gated {
    /// Rows of a task.
    fn rows(&self) -> usize {
        (CHUNK / self.width).max(1)
    }
}

impl Operation<1> for Gated {
    type Kept = ();
    const LIGHT: bool = true;

    fn forward(&self, [input]: [&FlexTensor; 1]) -> (FlexTensor, ()) {
        let (width, rows) = (self.width, self.rows());
        let mut output = vec![0.0; values(input).len() / 2];
        let parts = output
            .par_chunks_mut(rows * width)
            .zip(values(input).par_chunks(2 * rows * width));
        parts.for_each(|(output, input)| vectorized(Gate { width, input, output }));
        let mut shape = input.layout().shape().clone();
        let last = shape.num_dims() - 1;
        shape[last] = width;
        (tensor(output, shape), ())
    }

    fn backward(&self, [input]: [&FlexTensor; 1], (): (), gradient: &FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let (width, rows) = (self.width, self.rows());
        let mut output = vec![0.0; values(input).len()];
        let inputs = values(input)
            .par_chunks(2 * rows * width)
            .zip(values(gradient).par_chunks(rows * width));
        output
            .par_chunks_mut(2 * rows * width)
            .zip(inputs)
            .for_each(|(output, (input, gradient))| {
                vectorized(GateGradient {
                    width,
                    input,
                    gradient,
                    output,
                });
            });
        [Some(tensor(output, input.layout().shape().clone()))]
    }
}

struct Gate<'a> {
    width: usize,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for row in 0..self.output.len() / self.width {
            let (value, gate) = self.input[2 * row * self.width..][..2 * self.width].split_at(self.width);
            let output = &mut self.output[row * self.width..][..self.width];
            let mut at = 0;
            while at < value.len() {
                let (curve, _) = Curve::Gelu.at(simd, fetch(simd, gate, at));
                put(simd, output, at, simd.mul_f32s(fetch(simd, value, at), curve));
                at += S::F32_LANES;
            }
        }
    }
}

struct GateGradient<'a> {
    width: usize,
    input: &'a [f32],
    gradient: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for GateGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for row in 0..self.gradient.len() / self.width {
            let (value, gate) = self.input[2 * row * self.width..][..2 * self.width].split_at(self.width);
            let (of_value, of_gate) = self.output[2 * row * self.width..][..2 * self.width].split_at_mut(self.width);
            let gradient = &self.gradient[row * self.width..][..self.width];
            let mut at = 0;
            while at < value.len() {
                let (curve, slope) = Curve::Gelu.at(simd, fetch(simd, gate, at));
                let gradient = fetch(simd, gradient, at);
                put(simd, of_value, at, simd.mul_f32s(gradient, curve));
                let product = simd.mul_f32s(gradient, fetch(simd, value, at));
                put(simd, of_gate, at, simd.mul_f32s(product, slope));
                at += S::F32_LANES;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison::{assert_close, random};
    use super::*;

    /// Values and gradients of two functions, at numbers that no vector divides and that reach far out.
    fn compare<const D: usize>(input: Tensor<D>, ours: impl Fn(Tensor<D>) -> Tensor<D>, burns: impl Fn(Tensor<D>) -> Tensor<D>) {
        let run = |function: &dyn Fn(Tensor<D>) -> Tensor<D>| {
            let input = input.clone().autodiff().require_grad();
            let output = function(input.clone());
            let gradients = (output.clone() * random(2, output.dims()).autodiff()).sum().backward();
            (output.without_autodiff(), input.grad(&gradients).expect("a gradient"))
        };
        let (ours, burns) = (run(&ours), run(&burns));
        assert_close(ours.0, burns.0);
        assert_close(ours.1, burns.1);
    }

    #[test]
    fn curves_and_slopes_are_burns() {
        let input = random(1, [3, 700]) * 4.0;
        compare(input.clone(), silu, activation::silu);
        compare(input, gelu, activation::gelu);
    }

    #[test]
    fn far_out_there_are_still_numbers() {
        let input = Tensor::<1>::from_floats([-1e30, -200.0, -90.0, 90.0, 200.0, 1e30], &burn::tensor::Device::flex());
        let expected = Tensor::from_floats([0.0, 0.0, 0.0, 90.0, 200.0, 1e30], &burn::tensor::Device::flex());
        for function in [silu, gelu] {
            let error: f32 = (function(input.clone()) - expected.clone()).abs().max().into_scalar();
            assert!(error < 1e-6, "{error}");
        }
    }

    #[test]
    fn the_gated_unit_is_burns() {
        for width in [16, 7, 40_000] {
            compare(random(1, [2, 3, 2 * width]), geglu, |both| {
                both.clone().narrow(2, 0, width) * activation::gelu(both.narrow(2, width, width))
            });
        }
    }
}
