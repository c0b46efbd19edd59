//! Which weights stay in half precision.

use burn::tensor::Device;

use super::family::TOWER;
use super::sources::Sources;
use crate::device;

/// From this size on, in bytes, models keep what their files have in half precision so: widening as they compute costs a few per cent of their time.
/// What is smaller takes little memory either way.
pub const LARGE: usize = 256 << 20;

/// What a GPU has in half precision and multiplies in it, by the names in a whole-model file: the UNet's three lists of blocks and the sketch encoder, as the
/// release does (spec/model.md, section 9), and CLIP's towers, which most of the memory is saved by. Time embedding, output head and autoencoder are not
/// among them, nor what takes little memory.
const MULTIPLIED: [&str; 5] = [
    "model.diffusion_model.input_blocks.",
    "model.diffusion_model.middle_block.",
    "model.diffusion_model.output_blocks.",
    "control_encoder.",
    TOWER,
];

/// What stays so of the weights that a file has in half precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halves {
    None,
    /// Everything that is widened as it is used, to the same bits.
    All,
    /// What may be multiplied in half precision.
    Multiplied,
}

impl Halves {
    /// On the CPU those of large models; on a GPU where that was chosen for it, those of small models too.
    pub fn of(sources: &Sources, device: &Device) -> Self {
        match *device == Device::flex() {
            true if sources.size() >= LARGE => Self::All,
            false if device::halves(device) => Self::Multiplied,
            _ => Self::None,
        }
    }

    /// Whether the weight of that published name stays so.
    pub fn keep(self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Multiplied => MULTIPLIED.iter().any(|part| name.starts_with(part)),
        }
    }
}
