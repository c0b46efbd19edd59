//! Linear multistep (Adams-Bashforth on uneven steps): the integral of the polynomial through the last four slopes. diffusers' LMS is the
//! same function on other sigmas.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{AfterStep, slope};
use crate::diffusion::denoiser::Denoiser;

const ORDER: usize = 4;

/// `x += sum c_j d_j` over the last slopes, newest first.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    let mut slopes: VecDeque<Tensor<4>> = VecDeque::with_capacity(ORDER);
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        slopes.truncate(ORDER - 1);
        slopes.push_front(slope(&x, &denoised, pair[0]));
        let places: Vec<f64> = (0..slopes.len()).map(|back| sigmas[step - back]).collect();
        for (index, slope) in slopes.iter().enumerate() {
            x = x + slope.clone() * coefficient(&places, index, pair[0], pair[1]);
        }
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}

/// The integral over `from..to` of the polynomial that is 1 at `places[index]` and 0 at the other places. Two points of Gauss and Legendre are
/// exact for the cubics that these are at most.
fn coefficient(places: &[f64], index: usize, from: f64, to: f64) -> f64 {
    let (centre, radius) = ((from + to) / 2.0, (to - from) / 2.0);
    let basis = |at: f64| {
        let others = places.iter().enumerate().filter(|(other, _)| *other != index);
        others
            .map(|(_, place)| (at - place) / (places[index] - place))
            .product::<f64>()
    };
    [-1.0, 1.0]
        .map(|side| radius * basis(centre + side * radius / 3.0_f64.sqrt()))
        .iter()
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_even_steps_the_coefficients_are_those_of_adams_and_bashforth() {
        let places = [0.0, -1.0, -2.0, -3.0];
        for (index, expected) in [55.0, -59.0, 37.0, -9.0].into_iter().enumerate() {
            assert!((coefficient(&places, index, 0.0, 1.0) - expected / 24.0).abs() < 1e-12);
        }
        assert_eq!(coefficient(&[5.0], 0, 5.0, 2.0), -3.0);
    }
}
