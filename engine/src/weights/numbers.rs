//! A tensor's numbers on their way from a file into a network.

use burn::tensor::{DType, Device, Tensor, TensorData};
use half::f16;

use crate::kernel::transpose;

/// Numbers row by row: at 32 bits, or in half precision where the file has them so and they are wanted so.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    Full(Vec<f32>),
    Half(Vec<f16>),
}

impl Numbers {
    pub fn zeros(count: usize) -> Self {
        Self::Full(vec![0.0; count])
    }

    /// A `rows` x `columns` matrix with its axes swapped.
    pub fn transposed(self, rows: usize, columns: usize) -> Self {
        match self {
            Self::Full(values) => Self::Full(transpose(&values, rows, columns)),
            Self::Half(values) => Self::Half(transpose(&values, rows, columns)),
        }
    }

    /// Several one after the other; in half precision where all are.
    pub fn joined(parts: Vec<Self>) -> Self {
        let halves: Option<Vec<&[f16]>> = parts
            .iter()
            .map(|part| match part {
                Self::Half(values) => Some(values.as_slice()),
                Self::Full(_) => None,
            })
            .collect();
        match halves {
            Some(halves) => Self::Half(halves.concat()),
            None => Self::Full(parts.into_iter().flat_map(Self::into_full).collect()),
        }
    }

    /// All at 32 bits.
    pub fn into_full(self) -> Vec<f32> {
        match self {
            Self::Full(values) => values,
            Self::Half(values) => values.into_iter().map(f16::to_f32).collect(),
        }
    }

    /// A parameter of `shape` with these numbers. `published_turned`: they are of the matrix with its axes swapped.
    pub fn into_tensor<const D: usize>(self, mut shape: Vec<usize>, published_turned: bool, device: &Device) -> Tensor<D> {
        match self {
            Self::Full(values) => {
                let values = match shape.as_slice() {
                    [rows, columns] if published_turned => transpose(&values, *columns, *rows),
                    _ => values,
                };
                Tensor::from_data(TensorData::new(values, shape), (device, DType::F32))
            }
            // What widens the numbers when they are used reads either order.
            Self::Half(values) if published_turned => {
                shape.reverse();
                Tensor::<D>::from_data(TensorData::new(values, shape), (device, DType::F16)).transpose()
            }
            Self::Half(values) => Tensor::from_data(TensorData::new(values, shape), (device, DType::F16)),
        }
    }
}
