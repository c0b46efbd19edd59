//! The same bits every time: what a recipe promises on one device holds only if no sum here depends on which thread was first.

use burn::module::Param;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{GroupNormConfig, LayerNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use super::comparison::random;
use super::{add_to_planes, add_to_tokens, attend, attention_map, convolve, double, geglu, gelu, group_norm, layer_norm, silu};

/// The bits of results and gradients.
fn bits<const D: usize, const E: usize>(inputs: &[Tensor<D>], run: &dyn Fn(&[Tensor<D>]) -> Tensor<E>) -> Vec<Vec<u32>> {
    let inputs: Vec<_> = inputs.iter().map(|input| input.clone().autodiff().require_grad()).collect();
    let output = run(&inputs);
    let gradients = (output.clone() * random(99, output.dims()).autodiff()).sum().backward();
    let gradients = inputs.iter().map(|input| input.grad(&gradients).expect("a gradient"));
    let numbers = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect();
    std::iter::once(output.without_autodiff().try_into_vec_as::<f32>())
        .chain(gradients.map(|gradient| gradient.try_into_vec_as::<f32>()))
        .map(|values| numbers(values.expect("numbers of the CPU device")))
        .collect()
}

/// Runs with one thread, with three, and with as many as there are.
fn assert_same<const D: usize, const E: usize>(name: &str, inputs: &[Tensor<D>], run: impl Fn(&[Tensor<D>]) -> Tensor<E> + Sync) {
    let first = bits(inputs, &run);
    for _ in 0..3 {
        assert!(bits(inputs, &run) == first, "{name}: other bits the next time");
    }
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let again = pool.expect("threads").install(|| bits(inputs, &run));
        assert!(again == first, "{name}: other bits with {threads} threads");
    }
}

#[test]
fn convolutions() {
    let device = Device::flex().autodiff();
    for (stride, [batch, inputs, outputs, height, width]) in [
        (1, [2, 24, 20, 40, 36]),
        (2, [3, 12, 16, 33, 20]),
        (1, [9, 8, 8, 8, 8]),
        (1, [2, 40, 48, 64, 50]),
    ] {
        let layer = Conv2dConfig::new([inputs, outputs], [3, 3])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .init(&device);
        let numbers = [random(1, [batch, inputs, height, width]), random(2, [outputs, inputs, 3, 3])];
        assert_same("convolution", &numbers, |numbers| {
            let mut layer = layer.clone();
            layer.weight = Param::from_tensor(numbers[1].clone());
            convolve(&layer, numbers[0].clone())
        });
    }
}

#[test]
fn attentions() {
    let tokens = |stream, count| random(stream, [2, count, 96]);
    let inputs = [tokens(1, 333), tokens(2, 500), tokens(3, 500)];
    assert_same("attention", &inputs, |inputs| {
        attend(&inputs[0], &inputs[1], &inputs[2], 3).expect("the kernel knows this shape")
    });
    assert_same("attention map", &inputs[..2], |inputs| {
        attention_map(&inputs[0], &inputs[1], 3).expect("the kernel knows this shape")
    });
}

#[test]
fn norms() {
    let device = Device::flex();
    let norm = GroupNormConfig::new(4, 24).init(&device);
    assert_same("group norm", &[random(1, [3, 24, 40, 31])], |input| {
        group_norm(&norm, &input[0], true).expect("on the CPU")
    });
    let norm = LayerNormConfig::new(96).init(&device);
    assert_same("layer norm", &[random(1, [2, 700, 96])], |input| {
        layer_norm(&norm, input[0].clone())
    });
}

#[test]
fn curves_sums_and_doubling() {
    let input = [random(1, [2, 300, 160])];
    assert_same("SiLU", &input, |input| silu(input[0].clone()));
    assert_same("GELU", &input, |input| gelu(input[0].clone()));
    assert_same("GEGLU", &input, |input| geglu(input[0].clone()));
    let numbers = [random(1, [2, 900, 48]), random(2, [1, 1, 48])];
    assert_same("addition to tokens", &numbers, |numbers| {
        add_to_tokens(numbers[0].clone(), numbers[1].clone().reshape([48]), None)
    });
    let numbers = [random(1, [2, 48, 900]), random(2, [1, 48, 1])];
    assert_same("addition to planes", &numbers, |numbers| {
        add_to_planes(numbers[0].clone(), numbers[1].clone().reshape([48]), None)
    });
    assert_same("doubling", &[random(1, [2, 24, 30, 41])], |input| {
        double(&input[0]).expect("on the CPU")
    });
}
