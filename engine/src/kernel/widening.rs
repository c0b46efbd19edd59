//! Weights in half precision, as large models keep them: widened to 32 bits where they are used, which is exact, a part at a time.

use std::borrow::Cow;

use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, Device, Tensor};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use super::matrix::transpose;
use super::operation::{contiguous, plain, tensor, wrapped};
use crate::device;

/// The numbers of a contiguous tensor of weights.
#[derive(Clone, Copy, Debug)]
pub enum Weights<'a> {
    Full(&'a [f32]),
    Half(&'a [f16]),
}

impl<'a> Weights<'a> {
    /// # Panics
    /// When the tensor is not contiguous, or of other numbers than those of 16 and 32 bits.
    pub fn of(tensor: &'a FlexTensor) -> Self {
        match tensor.dtype() {
            DType::F16 => Self::Half(tensor.as_slice().expect("weights are made contiguous")),
            _ => Self::Full(tensor.as_slice().expect("weights are made contiguous")),
        }
    }

    pub fn len(self) -> usize {
        match self {
            Self::Full(values) => values.len(),
            Self::Half(values) => values.len(),
        }
    }

    /// `length` of them from number `start` on.
    pub fn part(self, start: usize, length: usize) -> Self {
        match self {
            Self::Full(values) => Self::Full(&values[start..start + length]),
            Self::Half(values) => Self::Half(&values[start..start + length]),
        }
    }

    /// Into `target`, which has the same length.
    pub fn copy_to(self, target: &mut [f32]) {
        match self {
            Self::Full(values) => target.copy_from_slice(values),
            Self::Half(values) => values.convert_to_f32_slice(target),
        }
    }

    /// All at 32 bits.
    pub fn widened(self) -> Cow<'a, [f32]> {
        match self {
            Self::Full(values) => Cow::Borrowed(values),
            Self::Half(values) => {
                let mut widened = vec![0.0; values.len()];
                let parts = widened.par_chunks_mut(CHUNK).zip(values.par_chunks(CHUNK));
                parts.for_each(|(target, values)| values.convert_to_f32_slice(target));
                Cow::Owned(widened)
            }
        }
    }
}

/// Numbers of a task.
const CHUNK: usize = 1 << 14;

/// A parameter at 32 bits: itself, or for one kept in half precision a copy.
pub fn widen<const D: usize>(weight: Tensor<D>) -> Tensor<D> {
    if weight.dtype() != DType::F16 {
        return weight;
    }
    if weight.is_autodiff() || weight.device() != Device::flex() {
        return weight.cast(DType::F32);
    }
    let weight = plain(weight.into_dispatch());
    let shape = weight.layout().shape().clone();
    let widened = match shape.as_slice() {
        // A matrix with its axes swapped; copied number by number it takes many times as long.
        [rows, columns] if !weight.is_contiguous() => {
            let stored = contiguous(weight.transpose(0, 1));
            transpose(&Weights::of(&stored).widened(), *columns, *rows)
        }
        _ => Weights::of(&contiguous(weight)).widened().into_owned(),
    };
    Tensor::from_dispatch(wrapped(tensor(widened, shape)))
}

/// The matrix product that `multiply` makes of values and a weight, at 32 bits: the weight is widened for it, or, where a GPU's speed was preferred, the
/// values are narrowed. Burn's matrix products have sums of 32 bits either way.
pub fn multiplied<const D: usize, const W: usize, const R: usize>(
    values: Tensor<D>,
    weight: Tensor<W>,
    multiply: impl FnOnce(Tensor<D>, Tensor<W>) -> Tensor<R>,
) -> Tensor<R> {
    match weight.dtype() == DType::F16 && multiplies_halves(&values) {
        true => in_half(values, weight, multiply),
        false => multiply(values, widen(weight)),
    }
}

/// Whether products of these values are made in half precision, as far as they may be.
pub fn multiplies_halves<const D: usize>(values: &Tensor<D>) -> bool {
    !values.is_autodiff() && device::halves(&values.device())
}

/// Whether attention to these values is, too: by units for matrices of such numbers, which sum at 32 bits. Burn's attention without them has all scores in
/// memory, and in half precision those of large models are out of range.
pub fn attends_in_halves<const D: usize>(values: &Tensor<D>) -> bool {
    multiplies_halves(values) && device::has_matrix_units(&values.device())
}

fn in_half<const D: usize, const W: usize, const R: usize>(
    values: Tensor<D>,
    weight: Tensor<W>,
    multiply: impl FnOnce(Tensor<D>, Tensor<W>) -> Tensor<R>,
) -> Tensor<R> {
    multiply(values.cast(DType::F16), weight).cast(DType::F32)
}

#[cfg(test)]
mod tests {
    use super::super::comparison::{halved, random};
    use super::*;

    #[test]
    fn products_in_half_precision_differ_by_its_last_digits() {
        let (tokens, weight) = (random::<2>(2, [40, 64]), halved(random(3, [64, 32])));
        let whole = multiplied(tokens.clone(), weight.clone(), Tensor::matmul);
        let product = in_half(tokens, weight, Tensor::matmul);
        assert_eq!((product.dtype(), product.dims()), (DType::F32, [40, 32]));
        let scale = whole.clone().abs().max().into_scalar::<f32>();
        let error = (product - whole).abs().max().into_scalar::<f32>();
        assert!((1e-7 * scale..2e-3 * scale).contains(&error), "{error} of {scale}");
    }

    #[test]
    fn widening_is_exact_whatever_the_layout() {
        let weight = halved(random(1, [70, 301]));
        let whole = widen(weight.clone());
        assert_eq!((whole.dtype(), whole.dims()), (DType::F32, [70, 301]));
        let expected = weight.clone().cast(DType::F32);
        assert_eq!((whole.clone() - expected).abs().max().into_scalar::<f32>(), 0.0);
        let turned = widen(weight.transpose());
        assert_eq!((turned - whole.transpose()).abs().max().into_scalar::<f32>(), 0.0);
    }
}
