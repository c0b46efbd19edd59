//! The image tower of OpenCLIP (Radford et al., 2021; Ilharco et al., 2021), all of whose tokens are projected (spec/model.md, section 5).

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Initializer, LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::attention::{attend, attend_causal};
use super::config::ClipVisionConfig;
use super::layer::{layer_norm, linear, project};
use crate::kernel;

#[derive(Module, Debug)]
pub struct ClipVision {
    /// `[W]`.
    pub class_embedding: Param<Tensor<1>>,
    /// `[1 + N, W]`.
    pub positional_embedding: Param<Tensor<2>>,
    /// `[W, C]`.
    pub proj: Param<Tensor<2>>,
    pub conv1: Conv2d,
    pub ln_pre: LayerNorm,
    pub transformer: Transformer,
    pub ln_post: LayerNorm,
}

#[derive(Module, Debug)]
pub struct Transformer {
    pub resblocks: Vec<Block>,
}

#[derive(Module, Debug)]
pub struct Block {
    pub ln_1: LayerNorm,
    pub attn: FusedAttention,
    pub ln_2: LayerNorm,
    pub mlp: Mlp,
}

/// Self-attention whose queries, keys and values come from one matrix.
#[derive(Module, Debug)]
pub struct FusedAttention {
    /// `[3 W, W]`.
    pub in_proj_weight: Param<Tensor<2>>,
    /// `[3 W]`.
    pub in_proj_bias: Param<Tensor<1>>,
    pub out_proj: Linear,
    heads: usize,
}

#[derive(Module, Debug)]
pub struct Mlp {
    pub c_fc: Linear,
    pub c_proj: Linear,
}

impl ClipVision {
    pub fn new(config: &ClipVisionConfig, device: &Device) -> Self {
        let width = config.width;
        let normal = Initializer::Normal {
            mean: 0.0,
            std: (width as f64).powf(-0.5),
        };
        let patch = [config.patch_size, config.patch_size];
        Self {
            class_embedding: normal.init([width], device),
            positional_embedding: normal.init([1 + config.grid() * config.grid(), width], device),
            proj: normal.init([width, config.output_dim], device),
            conv1: Conv2dConfig::new([3, width], patch)
                .with_stride(patch)
                .with_bias(false)
                .init(device),
            ln_pre: layer_norm(width, device),
            transformer: Transformer {
                resblocks: (0..config.layers)
                    .map(|_| Block::new(width, config.head_width, device))
                    .collect(),
            },
            ln_post: layer_norm(width, device),
        }
    }

    /// `pixels` `[B, 3, S, S]`, normalised by CLIP's mean and deviation; result `[B, 1 + N, C]`: the class token, then the patches row by row.
    pub fn forward(&self, pixels: Tensor<4>) -> Tensor<3> {
        let hidden = self
            .transformer
            .resblocks
            .iter()
            .fold(self.embed(pixels), |hidden, block| block.forward(hidden));
        burn::tensor::module::linear(kernel::layer_norm(&self.ln_post, hidden), self.proj.val(), None)
    }

    /// The tokens that the first block reads, `[B, 3, S, S] -> [B, 1 + N, W]`.
    pub fn embed(&self, pixels: Tensor<4>) -> Tensor<3> {
        // Patches do not overlap, so their convolution is one matrix product.
        let weight = self.conv1.weight.val();
        let [width, channels, patch, _] = weight.dims();
        let [batch, _, height, across] = pixels.dims();
        let [rows, columns] = [height / patch, across / patch];
        let patches = pixels
            .reshape([batch, channels, rows, patch, columns, patch])
            // [B, rows, columns, channels, patch, patch]; `swap_dims` for the reason in clippy.toml.
            .swap_dims(1, 2)
            .swap_dims(2, 4)
            .swap_dims(3, 4)
            .reshape([batch, rows * columns, channels * patch * patch]);
        let weight = weight.reshape([width, channels * patch * patch]).transpose();
        let patches = kernel::multiply_tokens(patches, weight);
        let class = self.class_embedding.val().reshape([1, 1, width]).expand([batch, 1, width]);
        let tokens = Tensor::cat(vec![class, patches], 1) + self.positional_embedding.val().unsqueeze();
        kernel::layer_norm(&self.ln_pre, tokens)
    }
}

impl Block {
    pub(super) fn new(width: usize, head_width: usize, device: &Device) -> Self {
        Self {
            ln_1: layer_norm(width, device),
            attn: FusedAttention {
                in_proj_weight: Initializer::XavierUniform { gain: 1.0 }.init_with(
                    [3 * width, width],
                    Some(width),
                    Some(3 * width),
                    device,
                ),
                in_proj_bias: Initializer::Zeros.init([3 * width], device),
                out_proj: linear(width, width, device),
                heads: width / head_width,
            },
            ln_2: layer_norm(width, device),
            mlp: Mlp {
                c_fc: linear(width, 4 * width, device),
                c_proj: linear(4 * width, width, device),
            },
        }
    }

    fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        self.run(tokens, attend)
    }

    /// Each token sees itself and those before it.
    pub(super) fn forward_causal(&self, tokens: Tensor<3>) -> Tensor<3> {
        self.run(tokens, attend_causal)
    }

    fn run(&self, tokens: Tensor<3>, attend: Attend) -> Tensor<3> {
        let normed = kernel::layer_norm(&self.ln_1, tokens.clone());
        let tokens = self.attn.forward(normed, tokens, attend);
        let hidden = project(&self.mlp.c_fc, kernel::layer_norm(&self.ln_2, tokens.clone()), None);
        project(&self.mlp.c_proj, kernel::gelu(hidden), Some(tokens))
    }
}

/// From queries, keys, values and a number of heads to the attended tokens.
type Attend = fn(Tensor<3>, Tensor<3>, Tensor<3>, usize) -> Tensor<3>;

impl FusedAttention {
    /// Added to `more`.
    fn forward(&self, tokens: Tensor<3>, more: Tensor<3>, attend: Attend) -> Tensor<3> {
        let width = tokens.dims()[2];
        let fused = kernel::linear(tokens, self.in_proj_weight.val().transpose());
        let fused = kernel::add_to_tokens(fused, self.in_proj_bias.val(), None);
        let part = |index| fused.clone().narrow(2, index * width, width);
        project(&self.out_proj, attend(part(0), part(1), part(2), self.heads), Some(more))
    }
}
