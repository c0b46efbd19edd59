//! Each pixel as four.

use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor};
use rayon::prelude::*;

use super::operation::{Operation, apply, takes, tensor, values};

/// `[B, C, h, w] -> [B, C, 2h, 2w]`. None where burn must do it.
pub fn double(input: &Tensor<4>) -> Option<Tensor<4>> {
    let shape = input.dims();
    takes(input).then(|| Tensor::from_dispatch(apply(Doubling(shape), [input.clone().into_dispatch()])))
}

/// By the shape of the input.
#[derive(Clone, Debug)]
struct Doubling([usize; 4]);

impl Operation<1> for Doubling {
    type Kept = ();
    const LIGHT: bool = true;

    fn forward(&self, [input]: [&FlexTensor; 1]) -> (FlexTensor, ()) {
        let [batch, channels, height, width] = self.0;
        let mut output = vec![0.0; 4 * values(input).len()];
        let pairs = output
            .par_chunks_exact_mut(4 * width)
            .zip(values(input).par_chunks_exact(width));
        pairs.with_min_len(64).for_each(|(pair, line)| {
            let (first, second) = pair.split_at_mut(2 * width);
            for (two, value) in first.as_chunks_mut::<2>().0.iter_mut().zip(line) {
                *two = [*value; 2];
            }
            second.copy_from_slice(first);
        });
        (tensor(output, Shape::new([batch, channels, 2 * height, 2 * width])), ())
    }

    fn backward(&self, [input]: [&FlexTensor; 1], (): (), gradient: &FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let width = self.0[3];
        let mut output = vec![0.0; values(input).len()];
        let pairs = output
            .par_chunks_exact_mut(width)
            .zip(values(gradient).par_chunks_exact(4 * width));
        pairs.with_min_len(64).for_each(|(line, pair)| {
            let (first, second) = pair.split_at(2 * width);
            let twos = first.as_chunks::<2>().0.iter().zip(second.as_chunks::<2>().0);
            for (value, (first, second)) in line.iter_mut().zip(twos) {
                *value = (first[0] + first[1]) + (second[0] + second[1]);
            }
        });
        [Some(tensor(output, Shape::new(self.0)))]
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison::{assert_close, random};
    use super::*;

    #[test]
    fn pixels_and_gradients_are_burns() {
        let run = |ours: bool| {
            let input = random(1, [2, 3, 5, 7]).autodiff().require_grad();
            let output = match ours {
                true => double(&input).expect("on the CPU"),
                false => input
                    .clone()
                    .reshape([2, 3, 5, 1, 7, 1])
                    .expand([2, 3, 5, 2, 7, 2])
                    .reshape([2, 3, 10, 14]),
            };
            let gradients = (output.clone() * random(2, [2, 3, 10, 14]).autodiff()).sum().backward();
            (output.without_autodiff(), input.grad(&gradients).expect("a gradient"))
        };
        let (ours, burns) = (run(true), run(false));
        assert_close(ours.0, burns.0);
        assert_close(ours.1, burns.1);
    }
}
