//! Weights to begin with: a signal keeps its size on the way through the networks.
//!
//! The layers' own initialisation is PyTorch's, which shrinks a signal by the square root of 3 at every convolution. Where
//! group norms follow, that does no harm; along the autoencoder, the sketch encoder and the UNet's changes of
//! resolution a picture's colours were nearly gone at the far end, and hundreds of steps went into bringing them back.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;

use crate::model::Colorizer;

/// Undoes the shrinkage of one convolution: weights of variance 1/(3 n) become 1/n, for n inputs.
const LINEAR: f64 = 1.732_050_8;
/// The same behind a SiLU, which leaves 0.36 of a standard normal's square.
const AFTER_SILU: f64 = 2.9;

/// `networks` as they are made, with convolutions of the right gain and silent residual branches in the autoencoder.
pub fn balanced(networks: Colorizer) -> Colorizer {
    networks.map(&mut Balance { path: Vec::new() })
}

struct Balance {
    path: Vec<String>,
}

impl ModuleMapper for Balance {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match gain(&self.path.join(".")) {
            Some(gain) if D == 4 => param.map(|weight| weight * gain),
            _ => param,
        }
    }
}

/// What the convolution at `path` is multiplied by; none for those that a norm follows.
fn gain(path: &str) -> Option<f64> {
    let has = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    match path.split('.').next() {
        // The last convolution of every branch that is added to its input.
        Some("vae") if has(&[".conv2.", ".proj_out."]) => Some(0.0),
        Some("vae") => Some(LINEAR),
        Some("sketch_encoder") => Some(AFTER_SILU),
        Some("unet") if has(&[".op.", ".conv.", ".skip_connection."]) => Some(LINEAR),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_convolutions_without_a_norm_behind_them_are_changed() {
        assert_eq!(gain("vae.encoder.down.0.block.0.conv2.weight"), Some(0.0));
        assert_eq!(gain("vae.encoder.conv_in.weight"), Some(LINEAR));
        assert_eq!(gain("sketch_encoder.model.4.weight"), Some(AFTER_SILU));
        assert_eq!(gain("unet.input_blocks.3.0.op.weight"), Some(LINEAR));
        assert_eq!(gain("unet.input_blocks.1.0.in_layers.2.weight"), None);
        assert_eq!(gain("clip_vision.conv1.weight"), None);
    }
}
