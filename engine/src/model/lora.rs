//! Switchable low-rank adapters (Hu et al., 2021) on a linear layer: one pair for the foreground, one for the background.

use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::config::LoraConfig;
use crate::kernel;

/// Which pair of a [`LoraLinear`] is active; none by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    Foreground,
    Background,
}

impl Adapter {
    /// With which the published names of its pairs end.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Foreground => "_fg.weight",
            Self::Background => "_bg.weight",
        }
    }
}

/// `y = x (W^T + down up)` without a bias. Adapters have no scale of their own: alpha is the rank.
#[derive(Module, Debug)]
pub struct LoraLinear {
    /// `[output, input]`, as published: not a [`Linear`] because the adapters stand beside the weight, not below it.
    pub weight: Param<Tensor<2>>,
    pub lora_down_fg: Linear,
    pub lora_up_fg: Linear,
    pub lora_down_bg: Linear,
    pub lora_up_bg: Linear,
}

impl LoraLinear {
    /// The weight as PyTorch's linear layer begins; `down` normal with deviation 1/rank; `up` zero, so that a new pair changes nothing.
    pub fn new(input: usize, output: usize, config: &LoraConfig, device: &Device) -> Self {
        let bound = (input as f64).powf(-0.5);
        let foreground = config.foreground.of(input, output);
        let background = config.background.of(input, output);
        let down = |rank: usize| {
            without_bias(
                input,
                rank,
                Initializer::Normal {
                    mean: 0.0,
                    std: 1.0 / rank as f64,
                },
                device,
            )
        };
        let up = |rank: usize| without_bias(rank, output, Initializer::Zeros, device);
        Self {
            weight: Initializer::Uniform { min: -bound, max: bound }.init([output, input], device),
            lora_down_fg: down(foreground),
            lora_up_fg: up(foreground),
            lora_down_bg: down(background),
            lora_up_bg: up(background),
        }
    }

    /// `[B, N, input] -> [B, N, output]`.
    pub fn forward(&self, input: Tensor<3>, adapter: Option<Adapter>) -> Tensor<3> {
        kernel::linear(input, self.merged(adapter))
    }

    /// The weight with the adapter's product added, `[input, output]`: that is smaller than its application to every token. A sum is no number of half
    /// precision, even where the weight and the pair are.
    pub fn merged(&self, adapter: Option<Adapter>) -> Tensor<2> {
        let weight = self.weight.val().transpose();
        let (down, up) = match adapter {
            None => return weight,
            Some(Adapter::Foreground) => (&self.lora_down_fg, &self.lora_up_fg),
            Some(Adapter::Background) => (&self.lora_down_bg, &self.lora_up_bg),
        };
        let [weight, down, up] = [weight, down.weight.val(), up.weight.val()].map(kernel::widen);
        weight + down.matmul(up)
    }
}

fn without_bias(input: usize, output: usize, initializer: Initializer, device: &Device) -> Linear {
    LinearConfig::new(input, output)
        .with_bias(false)
        .with_initializer(initializer)
        .init(device)
}
