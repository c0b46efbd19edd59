//! [`conv`](super::conv) as a layer of burn's applies it.

use burn::backend::flex::FlexTensor;
use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::tensor::{DType, Shape, Tensor};

use super::columns;
use super::conv::{self, Geometry};
use super::operation::{Operation, apply, takes, tensor, values};
use super::widening::{Weights, multiplies_halves, widen};

/// Applies a convolution, `[B, C, h, w] -> [B, C', h', w']`; one whose shape we know on the CPU with kernels of ours, in half precision by products of [`columns`].
pub fn convolve(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    let Some(geometry) = geometry(layer, &input) else {
        return by_burn(layer, input);
    };
    match &layer.bias {
        Some(bias) if takes(&input) => {
            let inputs = [
                input.into_dispatch(),
                layer.weight.val().into_dispatch(),
                bias.val().into_dispatch(),
            ];
            Tensor::from_dispatch(apply(Convolution(geometry), inputs))
        }
        // Else the weight would be widened for every call, and matrix units have nothing to do.
        _ if layer.weight.val().dtype() == DType::F16 && multiplies_halves(&input) => columns::convolve(layer, input, geometry),
        _ => by_burn(layer, input),
    }
}

/// At 32 bits, whatever the weight is kept in: some of burn's kernels sum in the type of what they multiply, and a sum here has up to 23,040 terms.
fn by_burn(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    let weight = layer.weight.val();
    if weight.dtype() == DType::F32 {
        return layer.forward(input);
    }
    let widened = Conv2d {
        weight: Param::from_tensor(widen(weight)),
        ..layer.clone()
    };
    widened.forward(input)
}

fn geometry(layer: &Conv2d, input: &Tensor<4>) -> Option<Geometry> {
    let [batch, inputs, height, width] = input.dims();
    let [outputs, channels, ..] = layer.weight.dims();
    let before = match layer.padding {
        PaddingConfig2d::Explicit(1, 1, 1, 1) => 1,
        PaddingConfig2d::Explicit(0, 0, 1, 1) => 0,
        _ => return None,
    };
    let stride = layer.stride[0];
    let known = layer.kernel_size == [3, 3] && layer.dilation == [1, 1] && layer.groups == 1 && layer.stride == [stride; 2];
    let known = known && (stride == 2 || stride == 1 && before == 1) && height >= 2 && width >= 2;
    (known && channels == inputs).then_some(Geometry {
        batch,
        inputs,
        outputs,
        height,
        width,
        stride,
        before,
    })
}

#[derive(Clone, Debug)]
struct Convolution(Geometry);

/// Of input, weight, which may be in half precision, and bias.
impl Operation<3> for Convolution {
    type Kept = ();
    const LIGHT: bool = false;

    fn forward(&self, [input, weight, bias]: [&FlexTensor; 3]) -> (FlexTensor, ()) {
        let [height, width] = self.0.output();
        let output = conv::forward(self.0, values(input), Weights::of(weight), Some(values(bias)));
        (tensor(output, Shape::new([self.0.batch, self.0.outputs, height, width])), ())
    }

    fn backward(
        &self,
        [input, weight, bias]: [&FlexTensor; 3],
        (): (),
        gradient: &FlexTensor,
        wanted: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let shape = |tensor: &FlexTensor| tensor.layout().shape().clone();
        let (weights, gradient) = (Weights::of(weight).widened(), values(gradient));
        let [of_input, of_weight] = conv::backward(self.0, values(input), &weights, gradient, [wanted[0], wanted[1]]);
        let [height, width] = self.0.output();
        let of_bias = wanted[2].then(|| conv::bias_gradient(gradient, self.0.outputs, height * width));
        [
            of_input.map(|values| tensor(values, shape(input))),
            of_weight.map(|values| tensor(values, shape(weight))),
            of_bias.map(|values| tensor(values, shape(bias))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::Device;

    use super::super::comparison::{assert_close, assert_same_bits, halved, random};
    use super::super::widening::widen;
    use super::*;

    /// Result and gradients of input, weight and bias, once with kernels of ours and once with burn's.
    fn compare(stride: usize, padding: PaddingConfig2d, [batch, inputs, outputs, height, width]: [usize; 5]) {
        let device = Device::flex().autodiff();
        let layer = Conv2dConfig::new([inputs, outputs], [3, 3])
            .with_stride([stride, stride])
            .with_padding(padding)
            .init(&device);
        let run = |ours: bool| {
            let input = random(1, [batch, inputs, height, width]).autodiff().require_grad();
            let output = if ours {
                convolve(&layer, input.clone())
            } else {
                layer.forward(input.clone())
            };
            let seen = random(2, output.dims()).autodiff();
            let gradients = (output.clone() * seen).sum().backward();
            let bias = layer.bias.as_ref().expect("a bias").val();
            (
                output.without_autodiff(),
                input.grad(&gradients).expect("the input's gradient"),
                layer.weight.val().grad(&gradients).expect("the weight's gradient"),
                bias.grad(&gradients).expect("the bias's gradient"),
            )
        };
        let (ours, burns) = (run(true), run(false));
        assert!(
            geometry(&layer, &ours.1).is_some() && takes(&ours.1),
            "the kernel knows this shape"
        );
        assert_close(ours.0, burns.0);
        assert_close(ours.1, burns.1);
        assert_close(ours.2, burns.2);
        assert_close(ours.3, burns.3);
    }

    #[test]
    fn values_and_gradients_are_burns() {
        let shapes = [
            // One vector a row and more, pictures that share a plane, sides that no vector divides.
            [1, 3, 4, 32, 32],
            [2, 4, 3, 20, 48],
            [3, 9, 12, 8, 8],
            [2, 8, 8, 4, 4],
            [2, 5, 17, 10, 14],
            [1, 2, 8, 2, 2],
            // More channels, outputs and rows than a task takes at once.
            [1, 70, 84, 20, 40],
            [2, 70, 4, 24, 48],
            [3, 70, 20, 6, 6],
            // As many pixels and channels as pay another basis: even sides, odd ones, one and more rows of tiles and blocks of kernels at a time.
            [1, 70, 84, 24, 64],
            [2, 33, 40, 33, 35],
            [1, 32, 32, 4, 300],
        ];
        for shape in shapes {
            compare(1, PaddingConfig2d::Explicit(1, 1, 1, 1), shape);
            compare(2, PaddingConfig2d::Explicit(1, 1, 1, 1), shape);
            compare(2, PaddingConfig2d::Explicit(0, 0, 1, 1), shape);
        }
        // Odd sides.
        compare(2, PaddingConfig2d::Explicit(1, 1, 1, 1), [2, 3, 4, 7, 19]);
        compare(2, PaddingConfig2d::Explicit(0, 0, 1, 1), [2, 3, 4, 7, 19]);
        compare(1, PaddingConfig2d::Explicit(1, 1, 1, 1), [2, 3, 4, 7, 19]);
    }

    #[test]
    fn halves_give_the_bits_of_the_same_weights_widened() {
        for (stride, [batch, inputs, outputs, height, width]) in [
            (1, [2, 70, 20, 16, 12]),
            (2, [2, 70, 20, 16, 12]),
            (1, [1, 40, 36, 33, 35]),
            // Left to burn.
            (1, [1, 4, 8, 1, 1]),
        ] {
            let layer = Conv2dConfig::new([inputs, outputs], [3, 3])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(&Device::flex());
            let half = halved(layer.weight.val());
            let with = |weight| {
                let mut layer = layer.clone();
                layer.weight = Param::from_tensor(weight);
                layer
            };
            let input = random(1, [batch, inputs, height, width]);
            let expected = convolve(&with(widen(half.clone())), input.clone());
            assert_same_bits(convolve(&with(half), input), expected);
        }
    }

    #[test]
    fn other_shapes_are_left_to_burn() {
        let device = Device::flex();
        let input = random(1, [1, 2, 8, 8]);
        let padded = Conv2dConfig::new([2, 2], [3, 3]);
        let bare = padded
            .clone()
            .with_bias(false)
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        for layer in [padded.init(&device), bare.init(&device)] {
            assert_close(convolve(&layer, input.clone()), layer.forward(input.clone()));
        }
    }
}
