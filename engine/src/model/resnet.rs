//! The residual block of the UNet, which knows the time.

use burn::module::Module;
use burn::nn::activation::SiLU;
use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, Identity, Linear};
use burn::tensor::{Device, Tensor};

use super::layer::{conv1x1, conv3x3, group_norm, linear, normalize_silu, pointwise, project_vectors, zero_conv3x3};
use crate::kernel::{self, convolve};

/// Group norms of residual blocks and of the UNet's head.
pub const EPSILON: f64 = 1e-5;

#[derive(Module, Debug)]
pub struct ResidualBlock {
    pub in_layers: (GroupNorm, SiLU, Conv2d),
    pub emb_layers: (SiLU, Linear),
    pub out_layers: (GroupNorm, SiLU, Identity, Conv2d),
    /// Only where the width changes.
    pub skip_connection: Option<Conv2d>,
}

impl ResidualBlock {
    pub fn new(input: usize, output: usize, embedding: usize, groups: usize, device: &Device) -> Self {
        Self {
            in_layers: (
                group_norm(groups, input, EPSILON, device),
                SiLU::new(),
                conv3x3(input, output, 1, device),
            ),
            emb_layers: (SiLU::new(), linear(embedding, output, device)),
            out_layers: (
                group_norm(groups, output, EPSILON, device),
                SiLU::new(),
                Identity::new(),
                zero_conv3x3(output, output, device),
            ),
            skip_connection: (input != output).then(|| conv1x1(input, output, device)),
        }
    }

    /// `input` `[B, C, h, w]`, `embedding` of the time `[B, E]`; result `[B, C', h, w]`.
    pub fn forward(&self, input: Tensor<4>, embedding: Tensor<2>) -> Tensor<4> {
        let (norm, _, conv) = &self.in_layers;
        let hidden = convolve(conv, normalize_silu(norm, input.clone()));
        let (activation, projection) = &self.emb_layers;
        let embedding = project_vectors(projection, activation.forward(embedding));
        let [batch, channels, height, width] = hidden.dims();
        let hidden = kernel::add_to_planes(
            hidden.reshape([batch, channels, height * width]),
            embedding.flatten(0, 1),
            None,
        );
        let hidden = hidden.reshape([batch, channels, height, width]);
        let (norm, _, _, conv) = &self.out_layers;
        let hidden = convolve(conv, normalize_silu(norm, hidden));
        match &self.skip_connection {
            Some(skip) => pointwise(skip, input, Some(hidden)),
            None => input + hidden,
        }
    }
}
