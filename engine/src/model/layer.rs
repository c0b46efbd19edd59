//! The layers that every network here is built from, with the settings they share.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, GroupNormConfig, Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use crate::kernel;

/// 3x3 convolution with a border of one zero, `[B, input, h, w] -> [B, output, h/stride, w/stride]`.
pub fn conv3x3(input: usize, output: usize, stride: usize, device: &Device) -> Conv2d {
    conv3x3_config(input, output).with_stride([stride, stride]).init(device)
}

/// 3x3 convolution that begins as zero: the last one of a branch that is added to something.
pub fn zero_conv3x3(input: usize, output: usize, device: &Device) -> Conv2d {
    conv3x3_config(input, output)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// 1x1 convolution.
pub fn conv1x1(input: usize, output: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([input, output], [1, 1]).init(device)
}

/// 1x1 convolution that begins as zero.
pub fn zero_conv1x1(input: usize, output: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([input, output], [1, 1])
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// Applies a 1x1 convolution as a matrix product, whose gradient the CPU finds in half a convolution's time, and adds `more`, which has the result's
/// shape. `[B, C, h, w] -> [B, C', h, w]`.
pub fn pointwise(conv: &Conv2d, input: Tensor<4>, more: Option<Tensor<4>>) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    planes(conv, input.reshape([batch, channels, height * width]), [height, width], more)
}

/// [`pointwise`] of tokens, `[B, height * width, C] -> [B, C', height, width]`. The matrix product turns them; nothing is copied for it.
pub fn pointwise_from_tokens(conv: &Conv2d, tokens: Tensor<3>, size: [usize; 2], more: Option<Tensor<4>>) -> Tensor<4> {
    planes(conv, tokens.swap_dims(1, 2), size, more)
}

/// [`pointwise`] to tokens, `[B, C, h, w] -> [B, h * w, C']`, likewise.
pub fn pointwise_to_tokens(conv: &Conv2d, input: Tensor<4>) -> Tensor<3> {
    let [batch, channels, height, width] = input.dims();
    let weight = conv.weight.val();
    let output = weight.dims()[0];
    let tokens = input.reshape([batch, channels, height * width]).swap_dims(1, 2);
    let product = kernel::multiply_tokens(tokens, weight.reshape([output, channels]).transpose());
    match &conv.bias {
        Some(bias) => kernel::add_to_tokens(product, bias.val(), None),
        None => product,
    }
}

/// `[B, C, h * w] -> [B, C', h, w]`.
fn planes(conv: &Conv2d, input: Tensor<3>, [height, width]: [usize; 2], more: Option<Tensor<4>>) -> Tensor<4> {
    let [batch, channels, pixels] = input.dims();
    let weight = conv.weight.val();
    let output = weight.dims()[0];
    let product = kernel::multiply_planes(weight.reshape([output, channels]), input);
    let more = more.map(|more| more.reshape([batch, output, pixels]));
    let sum = match (&conv.bias, more) {
        (Some(bias), more) => kernel::add_to_planes(product, bias.val(), more),
        (None, Some(more)) => product + more,
        (None, None) => product,
    };
    sum.reshape([batch, output, height, width])
}

/// Applies a linear layer to vectors, `[B, C] -> [B, C']`.
pub fn project_vectors(layer: &Linear, vectors: Tensor<2>) -> Tensor<2> {
    project(layer, vectors.unsqueeze_dim(0), None).squeeze_dim(0)
}

/// Applies a linear layer to tokens, `[B, N, C] -> [B, N, C']`, and adds `more`, which has the result's shape.
pub fn project(layer: &Linear, tokens: Tensor<3>, more: Option<Tensor<3>>) -> Tensor<3> {
    let product = kernel::linear(tokens, layer.weight.val());
    match (&layer.bias, more) {
        (Some(bias), more) => kernel::add_to_tokens(product, bias.val(), more),
        (None, Some(more)) => product + more,
        (None, None) => product,
    }
}

/// Linear layer with a bias.
pub fn linear(input: usize, output: usize, device: &Device) -> Linear {
    LinearConfig::new(input, output).init(device)
}

/// Linear layer without a bias.
pub fn linear_without_bias(input: usize, output: usize, device: &Device) -> Linear {
    LinearConfig::new(input, output).with_bias(false).init(device)
}

/// Group normalisation over `groups` equal runs of channels; 0: none, the scale and shift alone (see [`normalize`]).
pub fn group_norm(groups: usize, channels: usize, epsilon: f64, device: &Device) -> GroupNorm {
    GroupNorm {
        num_groups: groups,
        ..GroupNormConfig::new(groups.max(1), channels)
            .with_epsilon(epsilon)
            .init(device)
    }
}

/// Applies a norm made by [`group_norm`]; `[B, C, h, w] -> [B, C, h, w]`. Without groups it scales and shifts every channel: an autoencoder a few
/// channels wide loses a picture's absolute colours to normalisation, and learns many times faster without it.
pub fn normalize(norm: &GroupNorm, input: Tensor<4>) -> Tensor<4> {
    if let Some(output) = kernel::group_norm(norm, &input, false) {
        return output;
    }
    match (norm.num_groups, &norm.gamma, &norm.beta) {
        (0, Some(gamma), Some(beta)) => {
            let per_channel = |value: Tensor<1>| value.reshape([1, norm.num_channels, 1, 1]);
            input * per_channel(gamma.val()) + per_channel(beta.val())
        }
        _ => norm.forward(input),
    }
}

/// [`normalize`], then SiLU.
pub fn normalize_silu(norm: &GroupNorm, input: Tensor<4>) -> Tensor<4> {
    kernel::group_norm(norm, &input, true).unwrap_or_else(|| silu(normalize(norm, input)))
}

/// Layer normalisation of the last axis, epsilon 1e-5.
pub fn layer_norm(width: usize, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).init(device)
}

fn conv3x3_config(input: usize, output: usize) -> Conv2dConfig {
    Conv2dConfig::new([input, output], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
}
