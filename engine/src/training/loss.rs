//! What the stages minimise.

use burn::tensor::Tensor;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;

use super::config::LossConfig;
use crate::model::config::Prediction;
use crate::model::vae::{LATENT_FACTOR, Posterior};

/// A loss to be minimised and the terms that a person watches, in the order in which they are written down.
#[derive(Debug)]
pub struct Losses {
    pub total: Tensor<1>,
    pub terms: Vec<(&'static str, Tensor<1>)>,
}

/// Error of a reconstruction `[B,3,H,W]` and divergence of its latents, each a mean over all elements. `anchor`, 0..=1,
/// is how much latents are held to the mean colours of their cells.
pub fn reconstruction(output: Tensor<4>, picture: Tensor<4>, posterior: Posterior, anchor: f64, weights: &LossConfig) -> Losses {
    let difference = output - picture.clone();
    let absolute = difference.clone().abs().mean();
    let squared = difference.clone().square().mean();
    let shrunk = opponent(shrink(difference)).abs().mean();
    // KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1 - ln s^2) / 2.
    let Posterior { mean, log_variance } = posterior;
    let held = (mean.clone().narrow(1, 0, 3) - opponent(shrink(picture))).abs().mean();
    let divergence = (mean.square() + log_variance.clone().exp() - log_variance - 1.0).mean() * 0.5;
    let total = absolute.clone()
        + squared.clone() * weights.squared
        + shrunk.clone() * weights.shrunk
        + divergence.clone() * weights.divergence
        + held.clone() * (weights.anchor * anchor);
    Losses {
        total,
        terms: vec![
            ("absolute", absolute),
            ("shrunk", shrunk),
            ("divergence", divergence),
            ("anchor", held),
        ],
    }
}

/// Means of squares of pixels: a cell of the latent each.
fn shrink(picture: Tensor<4>) -> Tensor<4> {
    let square = [LATENT_FACTOR; 2];
    avg_pool2d(picture, AvgPoolOptions::new(square).with_stride(square))
}

/// Lightness, red against green, yellow against blue of `[B,3,h,w]`: orthonormal, the hues three times as large.
///
/// Pictures differ most in lightness, so a young autoencoder learns greys first and is slow to leave them.
fn opponent(colors: Tensor<4>) -> Tensor<4> {
    let [red, green, blue] = [0, 1, 2].map(|channel| colors.clone().narrow(1, channel, 1));
    let sum = red.clone() + green.clone();
    let lightness = (sum.clone() + blue.clone()) / 3_f64.sqrt();
    let green_red = (red - green) * (3.0 / 2_f64.sqrt());
    let blue_yellow = (sum - blue * 2.0) * (3.0 / 6_f64.sqrt());
    Tensor::cat(vec![lightness, green_red, blue_yellow], 1)
}

/// min-SNR weight of a sample at signal share `alpha` (cumulative product): `min(snr, g) / snr` for noise,
/// `min(snr + 1, g) / (snr + 1)` for velocity (spec/training.md, section 4).
pub fn snr_weight(alpha: f64, gamma: f64, prediction: Prediction) -> f64 {
    let snr = alpha / (1.0 - alpha);
    match prediction {
        Prediction::Eps => snr.min(gamma) / snr,
        Prediction::V => (snr + 1.0).min(gamma) / (snr + 1.0),
    }
}

/// Mean of `weights [B]` times each sample's mean squared error, to which every cell adds its `shares [B,1,H,W]`, of mean 1.
pub fn weighted_squared_error(output: Tensor<4>, target: Tensor<4>, weights: Tensor<1>, shares: Tensor<4>) -> Tensor<1> {
    let [batch, channels, height, width] = output.dims();
    let errors = ((output - target).square() * shares)
        .reshape([batch, channels * height * width])
        .mean_dim(1);
    (errors.reshape([batch]) * weights).mean()
}

/// What each of a picture's `cells` counts, of mean 1: a part of `n` cells counts `n^(1 - balance)` in all. Cells of no part count as the mean does.
pub fn shares(cells: &[u8], balance: f64) -> Vec<f32> {
    let mut counts = [0_u32; 256];
    for cell in cells {
        counts[*cell as usize] += 1;
    }
    let of = |part: usize| f64::from(counts[part]).powf(-balance);
    let parts = || cells.iter().filter(|part| **part != 0);
    let scale = parts().count() as f64 / parts().map(|part| of(*part as usize)).sum::<f64>();
    let share = |part: &u8| {
        if *part == 0 {
            1.0
        } else {
            (of(*part as usize) * scale) as f32
        }
    };
    cells.iter().map(share).collect()
}

/// Minus log of the attention that queries pay to tokens of their own region, averaged over the queries whose region
/// the tokens have. `map` is `[B, heads, queries, tokens]`, softmax over the last; heads are averaged first, so that
/// one may look elsewhere. `queries [B, queries]` and `tokens [B, tokens]` are region numbers, 0 where there is none;
/// `shares [B, queries]` is what each query counts.
pub fn attention(map: Tensor<4>, queries: Tensor<2>, tokens: Tensor<2>, shares: Tensor<2>) -> Tensor<1> {
    let [batch, _, query_count, token_count] = map.dims();
    let known = queries.clone().greater_elem(0.0).float().unsqueeze_dim::<3>(2);
    let queries = queries.unsqueeze_dim::<3>(2).expand([batch, query_count, token_count]);
    let tokens = tokens.unsqueeze_dim::<3>(1).expand([batch, query_count, token_count]);
    let matching = queries.equal(tokens).float() * known;
    let answerable = matching.clone().sum_dim(2).greater_elem(0.0).float() * shares.unsqueeze_dim::<3>(2);
    let map = map.mean_dim(1).reshape([batch, query_count, token_count]);
    let mass = (map * matching).sum_dim(2);
    let surprise = (mass + 1e-5).log().neg() * answerable.clone();
    surprise.sum() / answerable.sum().clamp_min(1.0)
}

/// Mean squared distance of `recovered` from `wanted`, both `[B,N,C]`, over the tokens where `known [B,N]` is 1.
pub fn recovery(recovered: Tensor<3>, wanted: Tensor<3>, known: Tensor<2>) -> Tensor<1> {
    let [batch, tokens, width] = recovered.dims();
    let distance = (recovered - wanted).square().mean_dim(2).reshape([batch, tokens]);
    debug_assert!(width > 0);
    (distance * known.clone()).sum() / known.sum().clamp_min(1.0)
}

/// How well maps `[B,N,P]` agree with where parts are, `shares` of the same shape, 0..=1: Pearson's correlation over the N places of each map, as a mean
/// of the maps whose part is there. 1 where a map is one number on its part and another elsewhere, whichever they are.
pub fn agreement(maps: Tensor<3>, shares: Tensor<3>) -> Tensor<1> {
    let centered = |values: Tensor<3>| values.clone() - values.mean_dim(1);
    let (maps, shares) = (centered(maps), centered(shares));
    let spread = |values: &Tensor<3>| values.clone().square().sum_dim(1);
    let there = spread(&shares).greater_elem(0.5).float();
    let product = (maps.clone() * shares.clone()).sum_dim(1);
    let agreement = product / (spread(&maps) * spread(&shares)).clamp_min(1e-6).sqrt();
    (agreement * there.clone()).sum() / there.sum().clamp_min(1.0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn scalar(tensor: Tensor<1>) -> f32 {
        tensor.into_scalar()
    }

    #[test]
    fn hues_weigh_three_times_as_much_as_lightness() {
        let device = Device::flex();
        let opponents = |color: [f32; 3]| -> Vec<f32> {
            let color = Tensor::<1>::from_floats(color, &device).reshape([1, 3, 1, 1]);
            opponent(color).into_data().try_to_vec().unwrap()
        };
        for (value, expected) in opponents([1.0, 1.0, 1.0]).iter().zip([3_f32.sqrt(), 0.0, 0.0]) {
            assert!((value - expected).abs() < 1e-6);
        }
        // A unit vector along red - green has length 3.
        let [lightness, hue, other] = opponents([0.5_f32.sqrt(), -0.5_f32.sqrt(), 0.0])[..] else {
            panic!()
        };
        assert!(lightness.abs() < 1e-6 && (hue - 3.0).abs() < 1e-6 && other.abs() < 1e-6);
    }

    #[test]
    fn snr_weights_are_those_of_the_formula() {
        // snr = 9 and 1/3.
        assert!((snr_weight(0.9, 5.0, Prediction::Eps) - 5.0 / 9.0).abs() < 1e-12);
        assert!((snr_weight(0.9, 5.0, Prediction::V) - 0.5).abs() < 1e-12);
        assert!((snr_weight(0.25, 5.0, Prediction::V) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn attention_counts_only_the_mass_on_the_own_region() {
        let device = Device::flex();
        // Two queries of regions 3 and 7, tokens of regions 3, 3, 9: the second query has no match.
        let map = Tensor::<4>::from_floats([[[[0.25, 0.25, 0.5], [0.1, 0.1, 0.8]]]], &device);
        let queries = Tensor::<2>::from_floats([[3.0, 7.0]], &device);
        let tokens = Tensor::<2>::from_floats([[3.0, 3.0, 9.0]], &device);
        let shares = Tensor::<2>::ones([1, 2], &device);
        let loss = scalar(attention(map, queries, tokens, shares));
        assert!((loss - 2f32.ln()).abs() < 1e-4, "{loss}");
    }

    #[test]
    fn region_zero_matches_nothing() {
        let device = Device::flex();
        let map = Tensor::<4>::from_floats([[[[1.0, 0.0]]]], &device);
        let none = Tensor::<2>::from_floats([[0.0]], &device);
        let tokens = Tensor::<2>::from_floats([[0.0, 0.0]], &device);
        assert_eq!(scalar(attention(map, none.clone(), tokens, none + 1.0)), 0.0);
    }

    #[test]
    fn the_error_of_a_sample_has_its_own_weight() {
        let device = Device::flex();
        let output = Tensor::<4>::from_floats([[[[1.0, 1.0]]], [[[2.0, 2.0]]]], &device);
        let weights = Tensor::<1>::from_floats([1.0, 0.5], &device);
        let target = output.clone() * 0.0;
        let ones = Tensor::<4>::ones([2, 1, 1, 2], &device);
        let loss = scalar(weighted_squared_error(
            output.clone(),
            target.clone(),
            weights.clone(),
            ones.clone(),
        ));
        // (1 * 1 + 0.5 * 4) / 2.
        assert!((loss - 1.5).abs() < 1e-6);
        // The first sample's error counts half.
        let shares = Tensor::<4>::from_floats([[[[0.5, 0.5]]], [[[1.0, 1.0]]]], &device);
        let loss = scalar(weighted_squared_error(output, target, weights, shares));
        assert!((loss - 1.25).abs() < 1e-6);
    }

    #[test]
    fn small_parts_count_as_the_balance_says() {
        // A part of four cells, one of one, and three cells of none.
        let cells = [1, 1, 1, 1, 7, 0, 0, 0];
        assert_eq!(shares(&cells, 0.0), [1.0; 8]);
        let alike = shares(&cells, 1.0);
        assert_eq!(alike, [0.625, 0.625, 0.625, 0.625, 2.5, 1.0, 1.0, 1.0]);
        let between = shares(&cells, 0.5);
        assert!((between[4] / between[0] - 2.0).abs() < 1e-6);
        assert!((between.iter().sum::<f32>() / 8.0 - 1.0).abs() < 1e-6);
        assert_eq!(shares(&[0, 0], 0.5), [1.0; 2]);
    }

    #[test]
    fn recovery_looks_at_known_tokens_only() {
        let device = Device::flex();
        let recovered = Tensor::<3>::from_floats([[[1.0, 3.0], [9.0, 9.0]]], &device);
        let known = Tensor::<2>::from_floats([[1.0, 0.0]], &device);
        let loss = scalar(recovery(recovered.clone(), recovered * 0.0, known));
        assert!((loss - 5.0).abs() < 1e-6);
    }

    #[test]
    fn a_map_agrees_with_a_part_whatever_its_numbers_are() {
        let device = Device::flex();
        let part = Tensor::<3>::from_data([[[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]], &device);
        let agrees = |map: [f32; 4]| -> f32 {
            let map = Tensor::<1>::from_floats(map, &device).reshape([1, 4, 1]).expand([1, 4, 2]);
            // The second part is not there, and counts for nothing.
            agreement(map, part.clone()).into_scalar()
        };
        assert!((agrees([3.0, 7.0, 7.0, 3.0]) - 1.0).abs() < 1e-5);
        assert!((agrees([7.0, 3.0, 3.0, 7.0]) + 1.0).abs() < 1e-5);
        assert!(agrees([7.0, 7.0, 3.0, 3.0]).abs() < 1e-5);
    }
}
