//! What can go wrong in the engine, said so that a person can act on it.

use burn::tensor::{Device, TensorReadError};
use picture::PictureError;

use crate::device::{self, DeviceError};
use crate::model::config::WordList;
use crate::request::Mode;
use crate::weights::WeightsError;

/// Every failure of the engine. The text says what happened, to what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error(transparent)]
    Weights(#[from] WeightsError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("{name} is {value}: choose {allowed}")]
    Setting {
        name: &'static str,
        value: String,
        allowed: String,
    },
    #[error(
        "the prompt says nothing of where it is meant: give it a [control], such as \"[target] blonde hair; [control] hair\""
    )]
    NoControl,
    #[error(
        "this model does not know the word \"{word}\". It knows the parts {parts}; the colours {colors}; and {others}. Published models know English",
        parts = known.parts.join(", "), colors = known.colors.join(", "), others = known.others.join(", ")
    )]
    UnknownWord { word: String, known: WordList },
    #[error("\"{text}\" counts for {count} words, and this model reads {most} at once: say it in fewer, or in several prompts")]
    LongText {
        text: String,
        /// Published models count parts of rare words, and signs.
        count: usize,
        most: usize,
    },
    #[error("the {name} has no pixels: choose another picture")]
    Empty { name: &'static str },
    #[error(
        "a picture of {width}x{height} takes about {needed} MB of memory, and {available} MB are free: close other programs, or choose {advice}",
        advice = fits.map_or_else(|| "a device with more".to_owned(), |[width, height]| format!("a size up to {width}x{height}"))
    )]
    Memory {
        width: u32,
        height: u32,
        /// In megabytes, as what is available.
        needed: u64,
        available: u64,
        /// The largest size of those proportions that would do.
        fits: Option<[u32; 2]>,
    },
    #[error("the mode {mode} needs a {missing}: give it one, or choose the mode {instead}", mode = mode.key(), instead = instead.key())]
    MissingMask {
        mode: Mode,
        missing: &'static str,
        /// A mode for which everything is there.
        instead: Mode,
    },
    #[error(
        "this model has no adapters and no background transformer, which the mode {mode} needs: choose the mode {instead}",
        mode = mode.key(), instead = Mode::Vanilla.key()
    )]
    NoRegions { mode: Mode },
    #[error("the model's numbers ran out of range {place}: {cure}", place = place(*step), cure = cure(*halves))]
    NotFinite {
        /// None: in the decoding.
        step: Option<u32>,
        /// Whether the device computes in half precision.
        halves: bool,
    },
    #[error("the device failed while a picture was read from it: {0}; try again, or choose the device cpu")]
    ReadBack(#[from] TensorReadError),
    #[error("the engine broke off: {message}; try again, or choose the device cpu, and please report it")]
    Panicked { message: String },
}

fn place(step: Option<u32>) -> String {
    step.map_or_else(|| "in the decoding".to_owned(), |step| format!("in step {step}"))
}

/// What to do about numbers out of range. Half precision reaches no further than 65,504.
fn cure(halves: bool) -> &'static str {
    match halves {
        true => "leave out --half, lower the guidance, or check the prediction (eps or v) and the model file",
        false => "lower the guidance, or check the prediction (eps or v) and the model file",
    }
}

impl EngineError {
    /// The same; or, where it comes of a device that is gone, that.
    pub(crate) fn on(self, device: &Device) -> Self {
        match self.may_be_the_device() {
            true => device::lost(device).map_or(self, Self::Device),
            false => self,
        }
    }

    /// Whether it may come of a device that is gone.
    fn may_be_the_device(&self) -> bool {
        match self {
            Self::ReadBack(_) | Self::Panicked { .. } => true,
            Self::Weights(error) => error.may_be_the_device(),
            _ => false,
        }
    }

    /// Whether what was given is at fault, a file or a setting, and not the work itself.
    pub fn is_input(&self) -> bool {
        !self.may_be_the_device() && !matches!(self, Self::Device(_) | Self::NotFinite { .. })
    }

    /// Whether it is the words of a prompt that the model cannot read.
    pub fn is_about_words(&self) -> bool {
        matches!(self, Self::UnknownWord { .. } | Self::LongText { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_to_blame_only_where_there_is_any() {
        let [halves, full] = [true, false].map(|halves| EngineError::NotFinite { step: Some(3), halves }.to_string());
        assert!(halves.contains("in step 3: leave out --half"), "{halves}");
        assert!(full.contains("in step 3: lower the guidance"), "{full}");
    }

    #[test]
    fn a_trial_that_the_device_broke_off_is_no_fault_of_the_files() {
        let broken = TensorReadError::InvalidShape { expected: 1, actual: 0 };
        let error = EngineError::from(WeightsError::Trial(broken));
        assert!(error.may_be_the_device() && !error.is_input());
        assert!(EngineError::from(WeightsError::Cancelled).is_input());
    }
}
