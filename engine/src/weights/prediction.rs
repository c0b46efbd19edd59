//! Whether a network predicts noise or velocity, by a trial.
//!
//! At the highest noise a latent is noise and next to nothing else. A network that predicts the noise gives back what it was given; one that
//! predicts the velocity `sqrt(a) noise - sqrt(1-a) x0` gives a picture's negative, which has nothing to do with the noise.

use burn::tensor::{Device, Tensor};

use super::error::WeightsError;
use crate::device::{self, Kind};
use crate::model::config::{ModelConfig, Prediction};
use crate::model::vae::LATENT_FACTOR;
use crate::model::{Colorizer, UnetCondition};
use crate::noise;

/// Side of the latent of the trial, but on real GPUs: at the lowest resolution one pixel is left.
const SIDE: usize = 8;
/// A correlation of output and input above this is no accident: with 4 x 8 x 8 numbers, the least there are, those of chance lie within 0.2.
const FOLLOWS: f32 = 0.5;
/// Any: the trial is the same every time.
const SEED: u64 = 1;

/// Measures what a model predicts, by one call of its UNet without reference and with a blank sketch, as its training had them too.
pub fn measure(networks: &Colorizer, config: &ModelConfig, device: &Device) -> Result<Prediction, WeightsError> {
    let shape = shape(config, device);
    let [count, _, height, width] = shape;
    let blank = Tensor::full(
        [
            count,
            config.sketch_encoder.in_channels,
            LATENT_FACTOR * height,
            LATENT_FACTOR * width,
        ],
        -1.0,
        device,
    );
    let nothing = Tensor::zeros([count, 2, config.unet.context_dim], device);
    let condition = UnetCondition::new(nothing, networks.sketch_encoder.forward(blank));
    let last = config.schedule.timesteps.saturating_sub(1) as f32;
    let times = Tensor::full([count], last, device);
    let correlation = trial(shape, device, |latent| networks.unet.forward(latent, times, &condition))?;
    let prediction = interpret(correlation);
    tracing::info!(?prediction, correlation, "what the network predicts, by a trial");
    Ok(prediction)
}

/// The trial's latents. A real GPU is tuned for each shape that it meets, which takes longer than the trial: it gets what a job has at a model's own size, with
/// two rows of guidance.
fn shape(config: &ModelConfig, device: &Device) -> [usize; 4] {
    let (count, side) = match device::kind(device) == Some(Kind::Gpu) {
        true => (2, config.native_size as usize / LATENT_FACTOR),
        false => (1, SIDE),
    };
    [count, config.vae.latent_channels, side, side]
}

/// Correlation of a network's output with the noise that it is given, -1..=1.
fn trial(shape: [usize; 4], device: &Device, network: impl FnOnce(Tensor<4>) -> Tensor<4>) -> Result<f32, WeightsError> {
    let latent = noise::tensor(SEED, shape, device);
    let output = network(latent.clone());
    let read = |tensor: Tensor<4>| tensor.try_into_vec_as::<f32>().map_err(WeightsError::Trial);
    Ok(correlation(&read(latent)?, &read(output)?))
}

fn interpret(correlation: f32) -> Prediction {
    if correlation > FOLLOWS {
        Prediction::Eps
    } else {
        Prediction::V
    }
}

/// Pearson's; 0 where one of the two does not vary.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let mut sums = [0.0f32; 3];
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        sums[0] += a * b;
        sums[1] += a * a;
        sums[2] += b * b;
    }
    let scale = (sums[1] * sums[2]).sqrt();
    if scale > 0.0 { sums[0] / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ModelRef;
    use crate::weights;

    #[test]
    fn the_embedded_model_is_found_to_predict_what_it_was_trained_to() {
        let device = Device::flex();
        let loaded = weights::load(&ModelRef::Embedded, &device).unwrap_or_else(|error| panic!("{error}"));
        let (networks, config) = (&loaded.networks, &loaded.config);
        assert_eq!(config.prediction, Prediction::V);
        assert_eq!(measure(networks, config, &device).expect("measured"), Prediction::V);
    }

    #[test]
    fn a_model_of_the_noise_is_told_from_one_of_the_velocity() {
        let device = Device::flex();
        let loaded = weights::load(&ModelRef::Embedded, &device).unwrap_or_else(|error| panic!("{error}"));
        let (networks, config) = (&loaded.networks, &loaded.config);
        // The noise that the same network's velocity stands for, sqrt(a) v + sqrt(1-a) x, with the published schedule's last sigma.
        let sigma = 14.6146_f64;
        let signal = 1.0 / (1.0 + sigma * sigma).sqrt();
        let condition = UnetCondition::new(Tensor::zeros([1, 2, config.unet.context_dim], &device), Vec::new());
        let follows = trial(shape(config, &device), &device, |latent| {
            let velocity = networks
                .unet
                .forward(latent.clone(), Tensor::full([1], 999.0, &device), &condition);
            velocity * signal + latent * (sigma * signal)
        });
        assert_eq!(interpret(follows.expect("measured")), Prediction::Eps);
    }

    #[test]
    fn correlation_is_of_what_varies() {
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0]), 1.0);
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[1.0, 0.0, -1.0]), -1.0);
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[4.0, 4.0, 4.0]), 0.0);
    }
}
