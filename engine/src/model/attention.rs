//! Multi-head attention.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::softmax;
use burn::tensor::module::attention;
use burn::tensor::ops::{AttentionModuleOptions, PadMode};
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::layer::{linear, linear_without_bias, project};
use crate::kernel;

/// `softmax(q k^T / sqrt(head width)) v` in `heads` equal runs of channels; `query` `[B, N, C]`, `key` and `value` `[B, M, C]`, result `[B, N, C]`.
/// Where a device multiplies in half precision and has units for that, so does this.
pub fn attend(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> Tensor<3> {
    let width = query.dims()[2] / heads;
    let in_halves = [&query, &key, &value].into_iter().all(kernel::attends_in_halves);
    if !in_halves || !width.is_multiple_of(TILE) || width.next_power_of_two() >= STAGE {
        return attend_in_full(query, key, value, heads);
    }
    // Of queries at 32 bits burn has no other attention than by all scores in memory, gigabytes of them.
    let half = |tokens: Tensor<3>| split_heads(tokens, heads).cast(DType::F16);
    merge_heads(attend_in_stages(half(query), half(key), half(value)).cast(DType::F32))
}

/// Queries of a stage of burn's attention by matrix units, where it has the most of them: eight groups of threads with sixteen each. It takes whole stages
/// alone. Where there are no more queries than a head is wide, burn may choose the one by all scores instead.
const STAGE: usize = 128;
/// It takes heads whose width is a multiple of this.
const TILE: usize = 16;

/// Burn's attention, with queries of zeros for what a last stage lacks: one query knows nothing of another.
fn attend_in_stages(query: Tensor<4>, key: Tensor<4>, value: Tensor<4>) -> Tensor<4> {
    let queries = query.dims()[2];
    let stages = match queries.next_multiple_of(STAGE) - queries {
        0 => query,
        missing => query.pad([(0, missing), (0, 0)], PadMode::Constant(0.0)),
    };
    let attended = attention(stages, key, value, None, None, AttentionModuleOptions::default());
    attended.narrow(2, 0, queries)
}

/// [`attend`] at 32 bits on every device.
pub fn attend_in_full(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> Tensor<3> {
    if let Some(output) = kernel::attend(&query, &key, &value, heads) {
        return output;
    }
    let gradients = query.is_autodiff() || key.is_autodiff() || value.is_autodiff();
    let [query, key, value] = [query, key, value].map(|tokens| split_heads(tokens, heads));
    merge_heads(match gradients {
        true => attend_with_gradients(query, key, value),
        false => attend_in_blocks(query, key, value, SCORES),
    })
}

/// Scores that are in memory at once: 134 MB of them, of which exponentials are made.
const SCORES: usize = 1 << 25;

/// Attention of some of the queries after the other, as many as have at most that many `scores`: those of all queries of a large picture are gigabytes.
fn attend_in_blocks(query: Tensor<4>, key: Tensor<4>, value: Tensor<4>, scores: usize) -> Tensor<4> {
    let [batch, heads, queries, _] = query.dims();
    let most = (scores / (batch * heads * key.dims()[2]).max(1)).max(1);
    // Sides of pictures are multiples of powers of two, and so are blocks that have the same shape.
    let block = 1 << most.ilog2();
    let blocks = (0..queries).step_by(block).map(|first| {
        let query = query.clone().narrow(2, first, block.min(queries - first));
        let exponentials = exponentials(query, key.clone());
        exponentials.clone().matmul(value.clone()) / exponentials.sum_dim(3)
    });
    Tensor::cat(blocks.collect(), 2)
}

/// [`attend`], and its softmax `[B, heads, N, M]`.
pub fn attend_observed(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> (Tensor<3>, Tensor<4>) {
    let map = kernel::attention_map(&query, &key, heads).unwrap_or_else(|| {
        let exponentials = exponentials(split_heads(query, heads), split_heads(key, heads));
        exponentials.clone() / exponentials.sum_dim(3)
    });
    (merge_heads(map.clone().matmul(split_heads(value, heads))), map)
}

/// [`attend`] of each token to itself and those before it alone; `[B, N, C]` all three.
pub fn attend_causal(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> Tensor<3> {
    let count = query.dims()[1];
    let later = (0..count * count).map(|at| if at % count > at / count { f32::NEG_INFINITY } else { 0.0 });
    let later = TensorData::new(later.collect::<Vec<_>>(), [1, 1, count, count]);
    let later = Tensor::<4>::from_data(later, &query.device());
    let [query, key, value] = [query, key, value].map(|tokens| split_heads(tokens, heads));
    let scale = (query.dims()[3] as f64).powf(-0.5);
    let scores = (query * scale).matmul(key.transpose()) + later;
    merge_heads(softmax(scores, 3).matmul(value))
}

/// Attention in as few passes over the `[N, M]` scores as its gradient can do with: the sum of the exponentials is one more column of the
/// matrix product, and the division comes after it. On the CPU, forward and backward take two thirds of a plain softmax's time.
fn attend_with_gradients(query: Tensor<4>, key: Tensor<4>, value: Tensor<4>) -> Tensor<4> {
    let [batch, heads, count, width] = value.dims();
    let ones = Tensor::ones([batch, heads, count, 1], &value.device());
    let sums = exponentials(query, key).matmul(Tensor::cat(vec![value, ones], 3));
    sums.clone().narrow(3, 0, width) / sums.narrow(3, width, 1)
}

/// `exp(q k^T / sqrt(head width))`, each row divided by its largest value; a softmax's gradient does not depend on that factor.
fn exponentials(query: Tensor<4>, key: Tensor<4>) -> Tensor<4> {
    let scale = (query.dims()[3] as f64).powf(-0.5);
    let scores = (query * scale).matmul(key.transpose());
    let largest = scores.clone().detach().max_dim(3);
    (scores - largest).exp()
}

/// `[B, heads, N, C/heads] -> [B, N, C]`.
fn merge_heads(tokens: Tensor<4>) -> Tensor<3> {
    let [batch, heads, length, width] = tokens.dims();
    tokens.swap_dims(1, 2).reshape([batch, length, heads * width])
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
        let query = project(&self.to_q, tokens, None);
        let key = project(&self.to_k, context.clone(), None);
        let value = project(&self.to_v, context, None);
        project(&self.to_out[0], attend(query, key, value, self.heads), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::comparison::{assert_close, random};

    /// One query that matches the first of two keys; scores 2 and 0, so weights `e^2 / (e^2 + 1)` and the rest.
    fn tokens(device: &Device) -> [Tensor<3>; 3] {
        let query = Tensor::from_data([[[2.0, 0.0, 0.0, 0.0]]], device);
        let key = Tensor::from_data([[[2.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0]]], device);
        let value = Tensor::from_data([[[1.0, 0.0, 4.0, 0.0], [0.0, 1.0, 0.0, 0.0]]], device);
        [query, key, value]
    }

    fn check(values: Tensor<3>) {
        let values = values.into_data().try_to_vec::<f32>().expect("four f32 values");
        for (value, expected) in values.iter().zip([0.880_797, 0.119_203, 3.523_188, 0.0]) {
            assert!((value - expected).abs() < 1e-5, "{values:?}");
        }
    }

    #[test]
    fn every_path_weighs_values_alike() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            let [query, key, value] = tokens(&device);
            check(attend(query, key, value, 1));
            let [query, key, value] = tokens(&device);
            let (output, map) = attend_observed(query, key, value, 1);
            check(output);
            assert_eq!(map.dims(), [1, 1, 1, 2]);
        }
    }

    #[test]
    fn blocks_of_queries_are_burns_attention() {
        let random = |seed, length| random::<4>(seed, [2, 3, length, 5]);
        let (query, key, value) = (random(1, 37), random(2, 11), random(3, 11));
        let options = AttentionModuleOptions::default();
        let whole = attention(query.clone(), key.clone(), value.clone(), None, None, options);
        // One query at a time, eight, and all.
        for scores in [1, 2 * 3 * 11 * 9, SCORES] {
            assert_close(
                attend_in_blocks(query.clone(), key.clone(), value.clone(), scores),
                whole.clone(),
            );
        }
    }

    #[test]
    fn stages_of_queries_are_burns_attention() {
        let random = |seed, length| random::<4>(seed, [2, 3, length, 5]);
        let (key, value) = (random(2, 11), random(3, 11));
        // Less than a stage, one, and one and a rest.
        for queries in [37, STAGE, STAGE + 9] {
            let query = random(1, queries);
            let options = AttentionModuleOptions::default();
            let whole = attention(query.clone(), key.clone(), value.clone(), None, None, options);
            assert_close(attend_in_stages(query, key.clone(), value.clone()), whole);
        }
    }

    #[test]
    fn a_causal_token_sees_nothing_that_comes_later() {
        let device = Device::flex();
        let [_, key, value] = tokens(&device);
        let output = attend_causal(key.clone(), key.clone(), value.clone(), 1);
        let first = output.narrow(1, 0, 1).into_data().try_to_vec::<f32>().expect("four values");
        assert_eq!(first, [1.0, 0.0, 4.0, 0.0]);
        // The last one sees all.
        let last = attend_causal(key.clone(), key.clone(), value.clone(), 1).narrow(1, 1, 1);
        let plain = attend(key.clone().narrow(1, 1, 1), key, value, 1);
        assert!((last - plain).abs().max().into_scalar::<f32>() < 1e-6);
    }

    #[test]
    fn the_gradient_of_the_short_path_is_that_of_a_softmax() {
        let device = Device::flex().autodiff();
        let [query, key, value] = tokens(&device);
        let key = key.require_grad();
        let gradients = attend(query, key.clone(), value, 1).sum().backward();
        let gradient = key
            .grad(&gradients)
            .expect("a gradient")
            .into_data()
            .try_to_vec::<f32>()
            .expect("f32 values");
        // d(5 w + (1 - w))/ds = 4 w (1 - w), times query / sqrt(4) = 1; the other key has the opposite.
        let slope = 4.0 * 0.880_797 * 0.119_203;
        assert!((gradient[0] - slope).abs() < 1e-5, "{gradient:?}");
        assert!((gradient[4] + slope).abs() < 1e-5, "{gradient:?}");
    }
}
