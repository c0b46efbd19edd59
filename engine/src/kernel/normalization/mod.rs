//! Group and layer normalisation as burn's layers apply them.

mod group;
mod layer;

use burn::backend::flex::FlexTensor;
use burn::nn::{GroupNorm, LayerNorm};
use burn::tensor::Tensor;
use pulp::Simd;

use self::group::{Geometry, Moments};
use super::operation::{Operation, apply, takes, tensor, values};
use super::simd::load;

/// Applies a group norm to `[B, C, h, w]`, and then SiLU where it `activates`. With 0 groups it scales and shifts every channel.
/// None where burn must do it.
pub fn group_norm(norm: &GroupNorm, input: &Tensor<4>, activates: bool) -> Option<Tensor<4>> {
    let [batch, channels, height, width] = input.dims();
    let (Some(scale), Some(shift), true) = (&norm.gamma, &norm.beta, takes(input)) else {
        return None;
    };
    let geometry = Geometry {
        batch,
        channels,
        pixels: height * width,
        groups: norm.num_groups,
        epsilon: norm.epsilon as f32,
        activates,
    };
    let inputs = [
        input.clone().into_dispatch(),
        scale.val().into_dispatch(),
        shift.val().into_dispatch(),
    ];
    Some(Tensor::from_dispatch(apply(Group(geometry), inputs)))
}

/// Burn's default. A layer norm keeps its own to itself, and none of the networks here has another.
const EPSILON: f32 = 1e-5;

/// Applies a layer norm with burn's default epsilon to the last axis of `[B, N, C]`.
pub fn layer_norm(norm: &LayerNorm, input: Tensor<3>) -> Tensor<3> {
    let (Some(shift), true) = (&norm.beta, takes(&input)) else {
        return norm.forward(input);
    };
    let inputs = [
        input.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        shift.val().into_dispatch(),
    ];
    Tensor::from_dispatch(apply(Layer, inputs))
}

// Plain loops over constant ranges unroll; see `conv`.
#[allow(clippy::needless_range_loop)]
/// The sum of `row`, or of the squares of what is left without `mean`.
#[inline(always)]
fn total<S: Simd>(simd: S, row: &[f32], mean: Option<f32>) -> f32 {
    // Four sums beside each other, so that none waits for the one before.
    let means = simd.splat_f32s(mean.unwrap_or(0.0));
    let mut sums = [simd.splat_f32s(0.0); 4];
    let mut at = 0;
    while at + 4 * S::F32_LANES <= row.len() {
        for part in 0..4 {
            let value = simd.sub_f32s(load::<S>(row, at + part * S::F32_LANES), means);
            sums[part] = match mean {
                Some(_) => simd.mul_add_f32s(value, value, sums[part]),
                None => simd.add_f32s(sums[part], value),
            };
        }
        at += 4 * S::F32_LANES;
    }
    let sum = simd.add_f32s(simd.add_f32s(sums[0], sums[1]), simd.add_f32s(sums[2], sums[3]));
    let mut total = simd.reduce_sum_f32s(sum);
    while at < row.len() {
        total += match mean {
            Some(mean) => (row[at] - mean) * (row[at] - mean),
            None => row[at],
        };
        at += 1;
    }
    total
}

#[derive(Clone, Debug)]
struct Group(Geometry);

/// Of input, scale and shift.
impl Operation<3> for Group {
    type Kept = Moments;
    const LIGHT: bool = true;

    fn forward(&self, [input, scale, shift]: [&FlexTensor; 3]) -> (FlexTensor, Moments) {
        let (output, moments) = group::forward(self.0, values(input), values(scale), values(shift));
        (tensor(output, input.layout().shape().clone()), moments)
    }

    fn backward(
        &self,
        inputs: [&FlexTensor; 3],
        moments: Moments,
        gradient: &FlexTensor,
        wanted: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let [input, scale, shift] = inputs.map(values);
        let found = group::backward(self.0, input, scale, shift, &moments, values(gradient));
        chosen(inputs, found, wanted)
    }
}

#[derive(Clone, Debug)]
struct Layer;

/// Of input, scale and shift.
impl Operation<3> for Layer {
    type Kept = ();
    const LIGHT: bool = true;

    fn forward(&self, [input, scale, shift]: [&FlexTensor; 3]) -> (FlexTensor, ()) {
        let output = layer::forward(values(input), values(scale), values(shift), EPSILON);
        (tensor(output, input.layout().shape().clone()), ())
    }

    fn backward(&self, inputs: [&FlexTensor; 3], (): (), gradient: &FlexTensor, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let [input, scale, _] = inputs.map(values);
        chosen(inputs, layer::backward(input, scale, EPSILON, values(gradient)), wanted)
    }
}

/// What was found, in the inputs' shapes, as far as it is wanted.
fn chosen(inputs: [&FlexTensor; 3], found: [Vec<f32>; 3], wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
    let mut found = found.into_iter();
    std::array::from_fn(|number| {
        let values = found.next()?;
        wanted[number].then(|| tensor(values, inputs[number].layout().shape().clone()))
    })
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::nn::{GroupNormConfig, LayerNormConfig};
    use burn::tensor::Device;
    use burn::tensor::activation::silu;

    use super::super::comparison::{assert_close, random};
    use super::*;

    /// Parameters that do something.
    fn parameter(stream: u64, width: usize) -> Param<Tensor<1>> {
        Param::from_tensor((random(stream, [width]) * 0.5 + 1.0).autodiff().require_grad())
    }

    fn compare<const D: usize>(
        input: Tensor<D>,
        parameters: [Param<Tensor<1>>; 2],
        ours: impl Fn(Tensor<D>) -> Tensor<D>,
        burns: impl Fn(Tensor<D>) -> Tensor<D>,
    ) {
        let run = |function: &dyn Fn(Tensor<D>) -> Tensor<D>| {
            let input = input.clone().autodiff().require_grad();
            let output = function(input.clone());
            let gradients = (output.clone() * random(2, output.dims()).autodiff()).sum().backward();
            let of = parameters
                .each_ref()
                .map(|parameter| parameter.val().grad(&gradients).expect("a gradient"));
            (output.without_autodiff(), input.grad(&gradients).expect("a gradient"), of)
        };
        let (ours, burns) = (run(&ours), run(&burns));
        assert_close(ours.0, burns.0);
        assert_close(ours.1, burns.1);
        for (ours, burns) in ours.2.into_iter().zip(burns.2) {
            assert_close(ours, burns);
        }
    }

    #[test]
    fn group_norms_are_burns() {
        let device = Device::flex().autodiff();
        for (groups, shape) in [(2, [3, 8, 4, 4]), (3, [2, 6, 5, 7]), (1, [1, 4, 32, 16]), (4, [2, 4, 1, 3])] {
            let mut norm = GroupNormConfig::new(groups, shape[1]).init(&device);
            let parameters = [parameter(3, shape[1]), parameter(4, shape[1])];
            norm.gamma = Some(parameters[0].clone());
            norm.beta = Some(parameters[1].clone());
            let input = random(1, shape) * 2.0 + 0.5;
            let plain = |input: Tensor<4>| group_norm(&norm, &input, false).expect("on the CPU");
            compare(input.clone(), parameters.clone(), plain, |input| norm.forward(input));
            let activated = |input: Tensor<4>| group_norm(&norm, &input, true).expect("on the CPU");
            compare(input, parameters, activated, |input| silu(norm.forward(input)));
        }
    }

    #[test]
    fn without_groups_channels_are_scaled_and_shifted() {
        let device = Device::flex().autodiff();
        let parameters = [parameter(3, 5), parameter(4, 5)];
        let mut norm = GroupNormConfig::new(1, 5).init(&device);
        norm.num_groups = 0;
        norm.gamma = Some(parameters[0].clone());
        norm.beta = Some(parameters[1].clone());
        let [scale, shift] = parameters.clone();
        let burns = |input: Tensor<4>| silu(input * scale.val().reshape([1, 5, 1, 1]) + shift.val().reshape([1, 5, 1, 1]));
        let ours = |input: Tensor<4>| group_norm(&norm, &input, true).expect("on the CPU");
        compare(random(1, [2, 5, 6, 3]), parameters, ours, burns);
    }

    #[test]
    fn layer_norms_are_burns() {
        let device = Device::flex().autodiff();
        for shape in [[2, 3, 32], [1, 5, 7], [2, 700, 48]] {
            let parameters = [parameter(3, shape[2]), parameter(4, shape[2])];
            let mut norm = LayerNormConfig::new(shape[2]).init(&device);
            norm.gamma = parameters[0].clone();
            norm.beta = Some(parameters[1].clone());
            let input = random(1, shape) * 2.0 + 0.5;
            compare(
                input,
                parameters,
                |input| layer_norm(&norm, input),
                |input| norm.forward(input),
            );
        }
    }
}
