//! What the tests of the kernels share.

use burn::tensor::{DType, Device, Tensor};

/// Normal numbers without autodiff on the CPU device, the same for the same `stream`.
pub fn random<const D: usize>(stream: u64, shape: [usize; D]) -> Tensor<D> {
    let values = crate::noise::normal(stream, 0, shape);
    Tensor::from_data(burn::tensor::TensorData::new(values, shape), &Device::flex())
}

/// The same numbers, rounded to half precision, as large models keep their weights.
pub fn halved<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    tensor.cast(DType::F16)
}

/// Panics where two tensors differ by more than what another order of summing explains.
pub fn assert_close<const D: usize>(ours: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(ours.dims(), expected.dims());
    let scale: f32 = expected.clone().abs().max().into_scalar();
    let error: f32 = (ours - expected).abs().max().into_scalar();
    assert!(
        error <= 1e-5 * scale.max(1.0),
        "differs by {error} where the largest number is {scale}"
    );
}

/// Panics where two tensors differ in any bit.
pub fn assert_same_bits<const D: usize>(ours: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(ours.dims(), expected.dims());
    let bits = |tensor: Tensor<D>| -> Vec<u32> {
        let values = tensor.try_into_vec_as::<f32>().expect("numbers of the CPU device");
        values.into_iter().map(f32::to_bits).collect()
    };
    assert!(bits(ours) == bits(expected), "other bits");
}
