//! The transformer that rewrites the tokens of a reference without its figure into tokens of a whole background (spec/model.md, section 12).

use burn::module::{Module, Param};
use burn::nn::activation::SiLU;
use burn::nn::{Initializer, LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::RecoveryTransformerConfig;
use super::layer::{layer_norm, linear, project};
use crate::kernel;

#[derive(Module, Debug)]
pub struct RecoveryTransformer {
    /// Learned queries `[tokens, C]`.
    pub embedding: Param<Tensor<2>>,
    /// Norm before attention, norm before the feed-forward, attention, feed-forward.
    pub layers: Vec<(LayerNorm, LayerNorm, Attention, (Linear, SiLU, Linear))>,
}

impl RecoveryTransformer {
    pub fn new(config: &RecoveryTransformerConfig, device: &Device) -> Self {
        let dim = config.dim;
        let layer = |_| {
            let feed_forward = (linear(dim, 4 * dim, device), SiLU::new(), linear(4 * dim, dim, device));
            let attention = Attention::new(dim, config.head_width, device);
            (layer_norm(dim, device), layer_norm(dim, device), attention, feed_forward)
        };
        Self {
            embedding: Initializer::Normal { mean: 0.0, std: 1.0 }.init([config.tokens, dim], device),
            layers: (0..config.layers).map(layer).collect(),
        }
    }

    /// `[B, M, C] -> [B, tokens, C]`.
    pub fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        let [batch, _, channels] = tokens.dims();
        let queries = self.embedding.val();
        let count = queries.dims()[0];
        let mut hidden = queries.unsqueeze::<3>().expand([batch, count, channels]);
        for (attention_norm, feed_forward_norm, attention, (first, _, last)) in &self.layers {
            hidden = hidden.clone() + attention.forward(kernel::layer_norm(attention_norm, hidden), tokens.clone());
            let normed = kernel::layer_norm(feed_forward_norm, hidden.clone());
            let inner = kernel::silu(project(first, normed, None));
            hidden = hidden + project(last, inner, None);
        }
        hidden
    }
}
