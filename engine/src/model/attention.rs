//! Multi-head attention.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

use super::layer::{linear, linear_without_bias};

/// `softmax(q k^T / sqrt(head width)) v` in `heads` equal runs of channels; `query` `[B, N, C]`, `key` and `value` `[B, M, C]`, result `[B, N, C]`.
pub fn attend(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> Tensor<3> {
    attend_observed(query, key, value, heads).0
}

/// [`attend`], and its softmax `[B, heads, N, M]`.
pub fn attend_observed(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> (Tensor<3>, Tensor<4>) {
    let [batch, length, channels] = query.dims();
    let scale = ((channels / heads) as f64).powf(-0.5);
    let scores = split_heads(query * scale, heads).matmul(split_heads(key, heads).transpose());
    let map = softmax(scores, 3);
    let output = map.clone().matmul(split_heads(value, heads));
    (output.swap_dims(1, 2).reshape([batch, length, channels]), map)
}

/// `[B, N, C] -> [B, heads, N, C/heads]`.
fn split_heads(tokens: Tensor<3>, heads: usize) -> Tensor<4> {
    let [batch, length, channels] = tokens.dims();
    tokens.reshape([batch, length, heads, channels / heads]).swap_dims(1, 2)
}

/// Attention whose queries, keys and values have no biases, and whose output has one.
#[derive(Module, Debug)]
pub struct Attention {
    pub to_q: Linear,
    pub to_k: Linear,
    pub to_v: Linear,
    pub to_out: [Linear; 1],
    heads: usize,
}

impl Attention {
    pub fn new(channels: usize, head_width: usize, device: &Device) -> Self {
        Self {
            to_q: linear_without_bias(channels, channels, device),
            to_k: linear_without_bias(channels, channels, device),
            to_v: linear_without_bias(channels, channels, device),
            to_out: [linear(channels, channels, device)],
            heads: channels / head_width,
        }
    }

    /// Queries from `tokens` `[B, N, C]`, keys and values from `context` `[B, M, C]`; result `[B, N, C]`.
    pub fn forward(&self, tokens: Tensor<3>, context: Tensor<3>) -> Tensor<3> {
        let query = self.to_q.forward(tokens);
        let key = self.to_k.forward(context.clone());
        let value = self.to_v.forward(context);
        self.to_out[0].forward(attend(query, key, value, self.heads))
    }
}
