//! The text tower of OpenCLIP, as text manipulation reads it: its last block is left out (spec/model.md, section 6).

use burn::module::{Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Initializer, LayerNorm};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::clip_vision::{Block, Transformer};
use super::config::ClipTextConfig;
use super::layer::layer_norm;
use crate::kernel;

#[derive(Module, Debug)]
pub struct ClipText {
    pub token_embedding: Embedding,
    /// `[T, W]`.
    pub positional_embedding: Param<Tensor<2>>,
    pub transformer: Transformer,
    pub ln_final: LayerNorm,
    /// `[W, C]`.
    pub text_projection: Param<Tensor<2>>,
}

impl ClipText {
    pub fn new(config: &ClipTextConfig, device: &Device) -> Self {
        let normal = |std| Initializer::Normal { mean: 0.0, std };
        let width = config.width;
        let blocks = (0..config.layers).map(|_| Block::new(width, config.head_width, device));
        Self {
            token_embedding: EmbeddingConfig::new(config.vocabulary.size(), width)
                .with_initializer(normal(0.02))
                .init(device),
            positional_embedding: normal(0.01).init([config.context_length, width], device),
            transformer: Transformer {
                resblocks: blocks.collect(),
            },
            ln_final: layer_norm(width, device),
            text_projection: normal((width as f64).powf(-0.5)).init([width, config.output_dim], device),
        }
    }

    /// A text's direction among the image tokens, `[1, 1, C]`, of length 1: the projected token at the end of the text, which has the largest
    /// id. `ids` as many as there are positions, each in the vocabulary.
    pub fn feature(&self, ids: &[u32]) -> Tensor<3> {
        self.features(&[ids])
    }

    /// The same of several texts, `[B, 1, C]`.
    pub fn features(&self, texts: &[&[u32]]) -> Tensor<3> {
        let end = |ids: &[u32]| {
            let last = ids.iter().enumerate().max_by_key(|(at, id)| (**id, std::cmp::Reverse(*at)));
            last.map_or(0, |(at, _)| at)
        };
        let tokens = self.tokens(texts);
        let ends = (0..)
            .zip(texts)
            .map(|(row, ids)| tokens.clone().narrow(0, row, 1).narrow(1, end(ids), 1));
        let features = Tensor::cat(ends.collect(), 0);
        features.clone() / features.square().sum_dim(2).sqrt()
    }

    /// All projected tokens of texts of one length, `[B, T, C]`.
    pub fn tokens(&self, texts: &[&[u32]]) -> Tensor<3> {
        let device = self.positional_embedding.val().device();
        let [count, length] = [texts.len(), texts.first().map_or(0, |ids| ids.len())];
        let ids: Vec<i32> = texts.iter().flat_map(|ids| ids.iter()).map(|id| *id as i32).collect();
        let ids: Tensor<2, Int> = Tensor::from_data(TensorData::new(ids, [count, length]), &device);
        let embedded = self.token_embedding.forward(ids) + self.positional_embedding.val().unsqueeze();
        let run = self.transformer.resblocks.len().saturating_sub(1);
        let blocks = self.transformer.resblocks[..run].iter();
        let hidden = blocks.fold(embedded, |hidden, block| block.forward_causal(hidden));
        burn::tensor::module::linear(kernel::layer_norm(&self.ln_final, hidden), self.text_projection.val(), None)
    }
}
