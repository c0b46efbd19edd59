//! Multi-head attention as burn's tensors know it.

mod map;
mod numbers;
mod tile;

use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor};

use self::numbers::{Geometry, Seen};
use super::operation::{Operation, apply, takes, tensor, values};
use super::simd::MAX_LANES;

/// `softmax(q k^T / sqrt(head width)) v` in `heads` equal runs of channels; `query` `[B, N, C]`, `key` and `value` `[B, M, C]`, result `[B, N, C]`.
/// None where burn must do it.
pub fn attend(query: &Tensor<3>, key: &Tensor<3>, value: &Tensor<3>, heads: usize) -> Option<Tensor<3>> {
    let geometry = geometry(query, key, heads)?;
    let inputs = [query, key, value].map(|tokens| tokens.clone().into_dispatch());
    Some(Tensor::from_dispatch(apply(Attention(geometry), inputs)))
}

/// The softmax of [`attend`], `[B, heads, N, M]`. None where burn must do it.
pub fn attention_map(query: &Tensor<3>, key: &Tensor<3>, heads: usize) -> Option<Tensor<4>> {
    let geometry = geometry(query, key, heads)?;
    let inputs = [query, key].map(|tokens| tokens.clone().into_dispatch());
    Some(Tensor::from_dispatch(apply(Map(geometry), inputs)))
}

fn geometry(query: &Tensor<3>, key: &Tensor<3>, heads: usize) -> Option<Geometry> {
    let [batch, queries, channels] = query.dims();
    let keys = key.dims()[1];
    let width = channels / heads;
    (takes(query) && width.is_multiple_of(MAX_LANES) && queries > 0 && keys > 0).then_some(Geometry {
        batch,
        heads,
        queries,
        keys,
        width,
    })
}

#[derive(Clone, Debug)]
struct Attention(Geometry);

/// Of queries, keys and values.
impl Operation<3> for Attention {
    /// The result, and the logarithms of the softmaxes' divisors.
    type Kept = (FlexTensor, Vec<f32>);
    const LIGHT: bool = false;

    fn forward(&self, [query, key, value]: [&FlexTensor; 3]) -> (FlexTensor, Self::Kept) {
        let (output, divisors) = numbers::forward(self.0, values(query), values(key), values(value));
        let output = tensor(output, query.layout().shape().clone());
        (output.clone(), (output, divisors))
    }

    fn backward(
        &self,
        inputs: [&FlexTensor; 3],
        (output, divisors): Self::Kept,
        gradient: &FlexTensor,
        wanted: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let [query, key, value] = inputs.map(values);
        let seen = Seen {
            query,
            key,
            value,
            output: values(&output),
            divisors: &divisors,
            gradient: values(gradient),
        };
        let [of_query, of_key, of_value] = numbers::backward(self.0, seen);
        let like =
            |number: usize, found: Vec<f32>| wanted[number].then(|| tensor(found, inputs[number].layout().shape().clone()));
        [like(0, of_query), like(1, of_key), like(2, of_value)]
    }
}

#[derive(Clone, Debug)]
struct Map(Geometry);

/// Of queries and keys.
impl Operation<2> for Map {
    type Kept = FlexTensor;
    const LIGHT: bool = false;

    fn forward(&self, [query, key]: [&FlexTensor; 2]) -> (FlexTensor, FlexTensor) {
        let Geometry {
            batch,
            heads,
            queries,
            keys,
            ..
        } = self.0;
        let map = tensor(
            map::forward(self.0, values(query), values(key)),
            Shape::new([batch, heads, queries, keys]),
        );
        (map.clone(), map)
    }

    fn backward(
        &self,
        [query, key]: [&FlexTensor; 2],
        map: FlexTensor,
        gradient: &FlexTensor,
        wanted: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        let [of_query, of_key] = map::backward(self.0, values(query), values(key), values(&map), values(gradient));
        [
            wanted[0].then(|| tensor(of_query, query.layout().shape().clone())),
            wanted[1].then(|| tensor(of_key, key.layout().shape().clone())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::activation::softmax;

    use super::super::comparison::{assert_close, random};
    use super::*;

    /// `[B, N, heads * width] -> [B, heads, N, width]`.
    fn split(tokens: Tensor<3>, heads: usize) -> Tensor<4> {
        let [batch, count, channels] = tokens.dims();
        tokens.reshape([batch, count, heads, channels / heads]).swap_dims(1, 2)
    }

    fn burns_map(query: Tensor<3>, key: Tensor<3>, heads: usize) -> Tensor<4> {
        let (query, key) = (split(query, heads), split(key, heads));
        let scale = (query.dims()[3] as f64).powf(-0.5);
        softmax(query.matmul(key.transpose()) * scale, 3)
    }

    fn burns(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: usize) -> Tensor<3> {
        let shape = query.dims();
        let map = burns_map(query, key, heads);
        map.matmul(split(value, heads)).swap_dims(1, 2).reshape(shape)
    }

    /// Batch, heads, queries, keys, head width: more and fewer keys than a block, none that a vector or a tile divides.
    const SHAPES: [[usize; 5]; 5] = [
        [1, 1, 8, 16, 16],
        [2, 3, 13, 21, 32],
        [1, 2, 70, 500, 16],
        [1, 1, 9, 900, 48],
        [1, 1, 1, 1, 16],
    ];

    fn inputs([batch, heads, queries, keys, width]: [usize; 5]) -> [Tensor<3>; 3] {
        // Large scores, so that some weights are near 1 and most near 0.
        let query = random(1, [batch, queries, heads * width]) * 2.0;
        let [key, value] = [2, 3].map(|stream| random(stream, [batch, keys, heads * width]));
        [query, key, value]
    }

    #[test]
    fn values_and_gradients_are_burns() {
        for shape in SHAPES {
            let heads = shape[1];
            let run = |ours: bool| {
                let [query, key, value] = inputs(shape).map(|tokens| tokens.autodiff().require_grad());
                let output = match ours {
                    true => attend(&query, &key, &value, heads).expect("the kernel knows this shape"),
                    false => burns(query.clone(), key.clone(), value.clone(), heads),
                };
                let seen = random(4, output.dims()).autodiff();
                let gradients = (output.clone() * seen).sum().backward();
                let of = |tokens: Tensor<3>| tokens.grad(&gradients).expect("a gradient");
                [output.without_autodiff(), of(query), of(key), of(value)]
            };
            for (ours, expected) in run(true).into_iter().zip(run(false)) {
                assert_close(ours, expected);
            }
        }
    }

    #[test]
    fn maps_and_their_gradients_are_burns() {
        for shape in SHAPES {
            let heads = shape[1];
            let run = |ours: bool| {
                let [query, key, _] = inputs(shape).map(|tokens| tokens.autodiff().require_grad());
                let map = match ours {
                    true => attention_map(&query, &key, heads).expect("the kernel knows this shape"),
                    false => burns_map(query.clone(), key.clone(), heads),
                };
                let gradients = (map.clone() * random(4, map.dims()).autodiff()).sum().backward();
                let of = |tokens: Tensor<3>| tokens.grad(&gradients).expect("a gradient");
                (map.without_autodiff(), of(query), of(key))
            };
            let (ours, expected) = (run(true), run(false));
            assert_close(ours.0, expected.0);
            assert_close(ours.1, expected.1);
            assert_close(ours.2, expected.2);
        }
    }

    #[test]
    fn heads_that_no_vector_divides_are_left_to_burn() {
        let tokens = random(1, [1, 4, 24]);
        assert!(attend(&tokens, &tokens, &tokens, 2).is_none());
    }
}
