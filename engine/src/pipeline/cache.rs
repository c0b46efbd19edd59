//! What is kept between jobs: the model, and what its networks made of the latest pictures.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{Device, Tensor};

use super::conditioning::SketchMaps;
use super::hints::Hints;
use super::preview;
use crate::error::{EngineError, panic_words};
use crate::model::Colorizer;
use crate::model::config::PreviewMap;
use crate::request::{AdapterFile, ModelRef};
use crate::weights::{self, Loaded, Observer, WeightsError};

/// How many references' and backgrounds' tokens are kept: 128 columns of a swap board with both, which is filled row by row. At most 1 MB each at the
/// published size, 256 MB in all.
const TOKENS: usize = 256;
/// How many texts' directions are kept, 4 KB each.
const WORDS: usize = 256;
/// How many sketches' features are kept: a person looks at a few rows of a board at a time. Some 19 MB each at the published size.
const SKETCHES: usize = 8;

/// Opens a model; [`weights::load_observed`] outside of tests.
pub type Loader = dyn FnMut(&ModelRef, &Device, &mut Observer<'_>) -> Result<Loaded, WeightsError> + Send;

/// The model of the latest job, and features by the hash of what they were made from.
pub struct Warm {
    device: Device,
    loader: Box<Loader>,
    model: Option<(ModelRef, Model)>,
}

/// A model ready for jobs.
pub struct Model {
    /// The networks with the adapters of the latest job.
    pub loaded: Loaded,
    /// Without them.
    bare: Colorizer,
    /// As asked for, and as they were read, with their hashes.
    adapters: (Vec<AdapterFile>, Vec<AdapterFile>),
    pub preview: PreviewMap,
    /// Tokens of references and of backgrounds.
    pub tokens: Latest<Tensor<3>>,
    pub sketches: Latest<SketchMaps>,
    /// Directions of texts.
    pub words: Latest<Tensor<3>>,
    /// Latents of pictures to start from.
    pub starts: Latest<Tensor<4>>,
    /// Colour hints; None of pictures on which nothing is painted.
    pub hints: Latest<Option<Hints>>,
}

impl Warm {
    pub fn new(device: Device, loader: Box<Loader>) -> Self {
        Self {
            device,
            loader,
            model: None,
        }
    }

    /// Where tensors are made.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The model with these adapters, loaded now if the latest job had others; [`WeightsError::Cancelled`] where the observer breaks off. One is kept: the
    /// old one goes before the new one comes.
    pub fn model(
        &mut self,
        wanted: &ModelRef,
        adapters: &[AdapterFile],
        observer: &mut Observer<'_>,
    ) -> Result<&mut Model, EngineError> {
        let kept = self.model.take().filter(|(known, _)| known == wanted);
        let model = match kept {
            Some((_, model)) => model,
            None => Model::new((self.loader)(wanted, &self.device, observer)?, &self.device)?,
        };
        let model = &mut self.model.insert((wanted.clone(), model)).1;
        model.adapt(adapters)?;
        Ok(model)
    }

    /// What `work` returns. A panic becomes an error, and what comes of a device that is gone says so.
    pub(super) fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|panic| {
            // Whatever was half done is not trusted.
            self.model = None;
            Err(EngineError::Panicked {
                message: panic_words(&*panic),
            })
        });
        done.map_err(|error| error.on(&self.device))
    }
}

impl Model {
    fn new(loaded: Loaded, device: &Device) -> Result<Self, EngineError> {
        let preview = match loaded.config.preview.clone() {
            Some(map) => map,
            None => preview::fit(&loaded.networks.vae, &loaded.config, device)?,
        };
        Ok(Self {
            bare: loaded.networks.clone(),
            adapters: (Vec::new(), Vec::new()),
            loaded,
            preview,
            tokens: Latest::new(TOKENS),
            sketches: Latest::new(SKETCHES),
            words: Latest::new(WORDS),
            starts: Latest::new(2),
            hints: Latest::new(2),
        })
    }

    /// Puts other adapters in. They are no part of the image tower and the sketch encoder: what those made stays.
    fn adapt(&mut self, adapters: &[AdapterFile]) -> Result<(), WeightsError> {
        if self.adapters.0 != adapters {
            let (networks, read) = weights::adapted(self.bare.clone(), &self.loaded.identity, adapters)?;
            self.loaded.networks = networks;
            self.adapters = (adapters.to_vec(), read);
        }
        Ok(())
    }

    /// The adapters as they were read, with their hashes.
    pub fn adapters(&self) -> &[AdapterFile] {
        &self.adapters.1
    }
}

/// The latest few things made, by a hash of what they were made from.
pub struct Latest<T> {
    capacity: usize,
    /// Latest used last.
    entries: VecDeque<(blake3::Hash, T)>,
}

impl<T: Clone> Latest<T> {
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: VecDeque::new(),
        }
    }

    /// What was made for `key`, made now if it is not kept.
    pub fn get(&mut self, key: blake3::Hash, make: impl FnOnce() -> T) -> T {
        let Ok(value) = self.try_get(key, || Ok::<_, std::convert::Infallible>(make()));
        value
    }

    /// [`Self::get`] of what may not come to be; then nothing is kept.
    pub fn try_get<E>(&mut self, key: blake3::Hash, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let known = self.entries.iter().position(|(other, _)| *other == key);
        let value = match known.and_then(|at| self.entries.remove(at)) {
            Some((_, value)) => value,
            None => make()?,
        };
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
        }
        self.entries.push_back((key, value.clone()));
        Ok(value)
    }
}

/// A hash of `parts`, each by its own length and content.
pub fn key(parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_used_are_kept() {
        let mut latest = Latest::new(2);
        let mut made = Vec::new();
        for name in ["a", "b", "a", "c", "a", "b"] {
            latest.get(key(&[name.as_bytes()]), || made.push(name));
        }
        assert_eq!(made, ["a", "b", "c", "b"]);
    }

    #[test]
    fn a_board_of_many_columns_has_its_tokens_made_once() {
        let mut tokens = Latest::new(TOKENS);
        let mut made = 0;
        for _row in 0..3 {
            for column in 0..60_u8 {
                for part in [&b"figure"[..], b"background"] {
                    tokens.get(key(&[&[column], part]), || made += 1);
                }
            }
        }
        assert_eq!(made, 2 * 60);
    }

    #[test]
    fn parts_are_told_apart_by_their_lengths() {
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_eq!(key(&[b"ab"]), key(&[b"ab"]));
    }
}
