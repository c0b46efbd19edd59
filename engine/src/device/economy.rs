//! What a GPU gives up for speed and for room in its memory.

use std::sync::OnceLock;

/// Of the whole process, like the device's tuning. Nothing of it changes what the CPU does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Economy {
    /// Weights that a file has in half precision stay so in the UNet's blocks, the sketch encoder and CLIP's towers, and matrix products with them,
    /// convolutions among them, are made of such numbers, summed at 32 bits; those in attention too, where there are units for them. Everything else is
    /// computed at 32 bits: norms, softmaxes, what is carried from layer to layer, and all of the time embedding, the output head and the autoencoder, which
    /// the release keeps so too. It keeps CLIP so as well unless asked: asked for memory, there is most of it to be saved (1.3 GB).
    pub half: bool,
    /// The image tower waits in the computer's memory, and is in the GPU's while it reads a reference.
    pub offload: bool,
}

static CHOSEN: OnceLock<Economy> = OnceLock::new();

/// Chooses for this process, once, before a model is loaded; later choices count for nothing.
pub fn economize(economy: Economy) {
    // Whoever comes later works with what is in memory by then.
    let _ = CHOSEN.set(economy);
}

/// What was chosen; nothing is given up by default.
pub fn economy() -> Economy {
    CHOSEN.get().copied().unwrap_or_default()
}
