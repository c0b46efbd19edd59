//! Numbers as vectors: diffusion time and mask thresholds.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::activation::SiLU;
use burn::tensor::{Device, Tensor, TensorData};

use super::config::ThresholdEmbedderConfig;
use super::layer::{linear, project_vectors};

/// `[cos(t f_k), sin(t f_k)]` with `f_k = 10000^(-k / (width / 2))`, `[B] -> [B, width]` (Vaswani et al., 2017; cosines first).
pub fn sinusoid(values: Tensor<1>, width: usize) -> Tensor<2> {
    let half = width / 2;
    // In f32 step by step, as the published models were trained: at t = 999 a last bit of the frequency shows.
    let frequencies: Vec<f32> = (0..half).map(|k| (-(10000f32.ln()) * k as f32 / half as f32).exp()).collect();
    let frequencies = Tensor::<2>::from_data(TensorData::new(frequencies, [1, half]), &values.device());
    let angles = values.unsqueeze_dim::<2>(1).mul(frequencies);
    Tensor::cat(vec![angles.clone().cos(), angles.sin()], 1)
}

/// A mask threshold as a vector that is added to context tokens.
#[derive(Module, Debug)]
pub struct ThresholdEmbedder {
    pub embed_layer: (Linear, SiLU, Linear),
    embed_dim: usize,
}

impl ThresholdEmbedder {
    pub fn new(config: &ThresholdEmbedderConfig, device: &Device) -> Self {
        let mut last = linear(config.out_dim, config.out_dim, device);
        // Zero, so that training begins with tokens that know no threshold.
        last.weight = last.weight.map(|weight| weight.zeros_like());
        last.bias = last.bias.map(|bias| bias.map(|bias| bias.zeros_like()));
        Self {
            embed_layer: (linear(config.embed_dim, config.out_dim, device), SiLU::new(), last),
            embed_dim: config.embed_dim,
        }
    }

    /// Thresholds in `[0, 1]`, `[B] -> [B, 1, C]`.
    pub fn forward(&self, threshold: Tensor<1>) -> Tensor<3> {
        let (first, activation, last) = &self.embed_layer;
        let hidden = activation.forward(project_vectors(first, sinusoid(threshold, self.embed_dim)));
        project_vectors(last, hidden).unsqueeze_dim(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sinusoid_has_cosines_first() {
        let values = Tensor::<1>::from_data([0.0, 2.0], &Device::flex());
        let rows = sinusoid(values, 4).into_data().try_to_vec::<f32>().expect("eight f32 values");
        let expected = [1.0, 1.0, 0.0, 0.0, -0.416_146_8, 0.999_8, 0.909_297_4, 0.019_998_7];
        for (value, expected) in rows.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{rows:?}");
        }
    }
}
