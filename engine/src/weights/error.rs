//! What can be wrong with a model file.

use std::path::PathBuf;

use burn::tensor::TensorReadError;

/// How many keys a message names before it only counts.
const NAMED: usize = 5;

/// A model that cannot be opened or written. The text names the file and the cure.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    #[error("cannot open the model file {path}: {source}. Check that it exists and may be read", path = path.display())]
    Open { path: PathBuf, source: std::io::Error },

    #[error(
        "{path} is no model file: {reason}. Supported formats are .safetensors and PyTorch's .ckpt, .pth, .pt and .bin",
        path = path.display()
    )]
    NotAModel { path: PathBuf, reason: String },

    #[error("{path} is a zip archive, but no checkpoint of PyTorch that can be read: {reason}. Download or copy it again, or convert it to .safetensors",
        path = path.display())]
    Torch { path: PathBuf, reason: String },

    #[error("{path} is cut short or damaged: its header and its {bytes} bytes do not agree. Download or copy it again", path = path.display())]
    Truncated { path: PathBuf, bytes: usize },

    #[error(
        "{path} is no model of a family that this program knows; it begins with {keys}. Expected is a checkpoint of \
         ColorizeDiffusion (v1 \"mult\" or v1.5 \"switch\") or a model trained by this program",
        path = path.display(), keys = name_some(first)
    )]
    UnknownFamily { path: PathBuf, first: Vec<String> },

    #[error(
        "{path} is an image tower, not a checkpoint. Give it as the image tower, beside the checkpoint that it belongs to",
        path = path.display()
    )]
    OnlyTower { path: PathBuf },

    #[error(
        "{path} holds an autoencoder, but no UNet with a sketch encoder. Give it as the autoencoder, beside a checkpoint of ColorizeDiffusion",
        path = path.display()
    )]
    OnlyAutoencoder { path: PathBuf },

    #[error("{path} has no image tower of its own. Give one too: OpenCLIP ViT-H-14 (laion2b_s32b_b79k)", path = path.display())]
    NoTower { path: PathBuf },

    #[error("{path} has no autoencoder of its own. Give one too: that of Stable Diffusion 1 or 2", path = path.display())]
    NoAutoencoder { path: PathBuf },

    #[error("{path} holds no image tower: it has no tensors named visual.* or vision_model.*. Expected is a CLIP model of OpenCLIP or of Hugging Face transformers", path = path.display())]
    NotTower { path: PathBuf },

    #[error(
        "{path} has no text tower, so that prompts mean nothing to it. Give it a whole OpenCLIP model (ViT-H-14, laion2b_s32b_b79k), or leave \
         the prompts out",
        path = path.display()
    )]
    Wordless { path: PathBuf },

    #[error("{path} holds no autoencoder: it has no tensors named decoder.*. Expected is the autoencoder of Stable Diffusion 1 or 2", path = path.display())]
    NotAutoencoder { path: PathBuf },

    #[error("{path} lacks {count} of the model's tensors: {keys}{near}. Get the complete file",
        path = path.display(), count = missing.len(), keys = name_some(missing), near = unused_note(unused))]
    Missing {
        path: PathBuf,
        /// Every name that the networks want and the file lacks.
        missing: Vec<String>,
        /// Every name that the file has and no network wants.
        unused: Vec<String>,
    },

    #[error("{path}: tensor {name} has the shape {found:?} where the configuration asks for {expected:?}. The file and its configuration do not belong together",
        path = path.display())]
    Shape {
        path: PathBuf,
        name: String,
        expected: Vec<usize>,
        found: Vec<usize>,
    },

    #[error("{path}: tensor {name} is stored as {found}; only F32, F16 and BF16 weights are read. Convert the file", path = path.display())]
    Precision { path: PathBuf, name: String, found: String },

    #[error("{path}: tensor {name} holds a value that is not a finite number. The file is damaged; download or copy it again", path = path.display())]
    NotFinite { path: PathBuf, name: String },

    #[error("{path}: no configuration follows from the tensors' shapes: {reason}", path = path.display())]
    Inference { path: PathBuf, reason: String },

    #[error("the model {path} takes about {needed} MB of memory, and {available} MB are free: close other programs, or choose a smaller model", path = path.display())]
    Memory {
        path: PathBuf,
        /// In megabytes, as what is available.
        needed: u64,
        available: u64,
    },

    /// Nobody waits for it any more.
    #[error("opening the model was cancelled")]
    Cancelled,

    #[error("cannot use the model configuration {path}: {reason}", path = path.display())]
    Config { path: PathBuf, reason: String },

    #[error("{path} is no adapter file of this program; training on pictures of one's own writes such files", path = path.display())]
    NotAdapter { path: PathBuf },

    #[error("the adapter {path} is damaged: {name}: {reason}. Train it again, or download or copy it again", path = path.display())]
    BrokenPair { path: PathBuf, name: String, reason: String },

    #[error(
        "the adapter {path} was trained for the model {wanted} ({wanted_hash:.12}), and this is {found} ({found_hash:.12}): choose that model, or train \
         the adapter again for this one",
        path = path.display()
    )]
    OtherModel {
        path: PathBuf,
        wanted: String,
        wanted_hash: String,
        found: String,
        found_hash: String,
    },

    #[error(
        "the adapter {path} is not the file that the recipe names ({wanted:.12}; this is {found:.12}): put the old file back, or name this one anew",
        path = path.display()
    )]
    AdapterChanged { path: PathBuf, wanted: String, found: String },

    #[error("the device failed while the model was tried out: {0}; try again, or choose the device cpu")]
    Trial(TensorReadError),

    #[error("cannot write the model file {path}: {reason}. Check that the folder exists, may be written and has room", path = path.display())]
    Write { path: PathBuf, reason: String },

    #[error("weight {name} cannot be saved to {path}: it holds a value that is not finite in the precision asked for", path = path.display())]
    Unsaveable { path: PathBuf, name: String },
}

impl WeightsError {
    /// Whether it may come of a device that is gone.
    pub(crate) fn may_be_the_device(&self) -> bool {
        matches!(self, Self::Trial(_))
    }

    /// Whether a file that this program wrote is no longer whole, as after a power cut.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::NotAModel { .. } | Self::Truncated { .. } | Self::NotFinite { .. } => true,
            Self::Open { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }
}

/// The first few keys, and how many more there are.
fn name_some(keys: &[String]) -> String {
    let mut text = keys.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if keys.len() > NAMED {
        text.push_str(&format!(" and {} more", keys.len() - NAMED));
    }
    text
}

/// Names that nobody asked for often explain why others are missing.
fn unused_note(unused: &[String]) -> String {
    if unused.is_empty() {
        String::new()
    } else {
        format!(" (it has, unasked for: {})", name_some(unused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_file_the_first_keys_and_the_cure() {
        let error = WeightsError::Missing {
            path: PathBuf::from("some/model.safetensors"),
            missing: (0..7).map(|i| format!("key{i}")).collect(),
            unused: vec!["ema.key0".to_owned()],
        };
        assert_eq!(
            error.to_string(),
            "some/model.safetensors lacks 7 of the model's tensors: key0, key1, key2, key3, key4 and 2 more \
             (it has, unasked for: ema.key0). Get the complete file"
        );
    }
}
