//! What is kept between jobs: the model, and what its networks made of the latest pictures.

use std::collections::VecDeque;
use std::fs;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::SystemTime;

use burn::tensor::{Device, Tensor};

use super::conditioning::SketchMaps;
use super::hints::Hints;
use super::preview;
use crate::error::EngineError;
use crate::model::Colorizer;
use crate::model::config::PreviewMap;
use crate::panic::panic_words;
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
    model: Option<(ModelRef, Vec<Stamp>, Model)>,
}

/// What shows that a file is another than the one that was read: its length, and when it was last written. A training run writes its files anew.
type Stamp = Option<(u64, SystemTime)>;

fn stamps<'a>(files: impl IntoIterator<Item = &'a Path>) -> Vec<Stamp> {
    let stamp = |file| fs::metadata(file).and_then(|file| Ok((file.len(), file.modified()?))).ok();
    files.into_iter().map(stamp).collect()
}

/// A model ready for jobs.
pub struct Model {
    /// The networks with the adapters of the latest job.
    pub loaded: Loaded,
    /// Without them.
    bare: Colorizer,
    /// As asked for, and as they were read, with their hashes.
    adapters: (Vec<AdapterFile>, Vec<AdapterFile>),
    /// Of the adapters' files as they were read.
    stamps: Vec<Stamp>,
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

    /// The model with these adapters, loaded now if the latest job had others, or if their files have been written since; [`WeightsError::Cancelled`] where
    /// the observer breaks off. One is kept: the old one goes before the new one comes.
    pub fn model(
        &mut self,
        wanted: &ModelRef,
        adapters: &[AdapterFile],
        observer: &mut Observer<'_>,
    ) -> Result<&mut Model, EngineError> {
        // Before they are read: what is written meanwhile is read the next time.
        let stamps = stamps(weights::files(wanted).iter().map(|file| &**file));
        let kept = self
            .model
            .take()
            .filter(|(known, read, _)| (known, read) == (wanted, &stamps));
        let model = match kept {
            Some((.., model)) => model,
            None => Model::new((self.loader)(wanted, &self.device, observer)?, &self.device)?,
        };
        let model = &mut self.model.insert((wanted.clone(), stamps, model)).2;
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
            stamps: Vec::new(),
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
        let stamps = stamps(adapters.iter().map(|adapter| &*adapter.file));
        if self.adapters.0 != adapters || self.stamps != stamps {
            let (networks, read) = weights::adapted(self.bare.clone(), &self.loaded.identity, adapters)?;
            self.loaded.networks = networks;
            self.adapters = (adapters.to_vec(), read);
            self.stamps = stamps;
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

    /// [`Self::get`] of what may be broken off; then nothing is kept.
    pub fn get_observed<Stop>(&mut self, key: blake3::Hash, make: impl FnOnce() -> ControlFlow<Stop, T>) -> ControlFlow<Stop, T> {
        let made = self.try_get(key, || match make() {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(stop) => Err(stop),
        });
        made.map_or_else(ControlFlow::Break, ControlFlow::Continue)
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
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use ::image::{GrayImage, Luma, Rgb, RgbImage};

    use super::super::colorize;
    use super::*;
    use crate::model::Adapter;
    use crate::model::test_weights::drawn;
    use crate::request::{ColorizeRequest, Inputs, Mode, Settings};

    /// Lets a file seem written later than all that was written before: clocks of file systems may stand still for some milliseconds.
    fn written_later(file: &Path) {
        let file = fs::File::options().write(true).open(file).expect("a file");
        file.set_modified(SystemTime::now() + Duration::from_secs(5))
            .expect("its time");
    }

    #[test]
    fn an_adapter_that_was_written_anew_is_read_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("adapter.safetensors");
        let adapter = AdapterFile {
            file: file.clone(),
            strength: 1.0,
            hash: None,
        };
        let [sketch, reference] = [240, 90].map(|shade| Arc::new(RgbImage::from_pixel(64, 64, Rgb([shade, 120, 60]))));
        let request = ColorizeRequest {
            inputs: Inputs {
                sketch_mask: Some(Arc::new(GrayImage::from_pixel(64, 64, Luma([255])))),
                ..Inputs::new(sketch, reference)
            },
            settings: Settings {
                mode: Mode::Foreground,
                adapters: vec![adapter],
                steps: 1,
                size: Some([64, 64]),
                ..Settings::default()
            },
        };
        let mut warm = Warm::new(Device::flex(), Box::new(weights::load_observed));
        let mut made = || {
            let take = colorize(&mut warm, &request, &mut |_| ControlFlow::Continue(()));
            let take = take.unwrap_or_else(|error| panic!("{error}")).expect("nobody broke off");
            (take.settings.adapters[0].hash.clone(), take.picture)
        };
        let loaded = weights::load(&ModelRef::Embedded, &Device::flex()).unwrap_or_else(|error| panic!("{error}"));
        let save = |networks: &Colorizer| {
            weights::save_adapters(networks, &[Adapter::Foreground], &loaded.identity, &file).expect("saved");
            weights::hash_file(&file).ok()
        };
        let first = save(&loaded.networks);
        let before = made();
        let second = save(&drawn(loaded.networks.clone()));
        written_later(&file);
        let after = made();
        assert_eq!([before.0, after.0], [first, second]);
        assert!(before.1 != after.1, "the picture is the old adapter's");
    }

    #[test]
    fn a_model_is_read_anew_when_one_of_its_files_was_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let [checkpoint, clip] = ["model.safetensors", "clip.safetensors"].map(|name| folder.path().join(name));
        let wanted = ModelRef::Files {
            checkpoint: checkpoint.clone(),
            clip: Some(clip.clone()),
            vae: None,
        };
        let (told, reads) = channel();
        let loader = move |_: &ModelRef, device: &Device, _: &mut Observer<'_>| {
            told.send(()).expect("the test listens");
            weights::load(&ModelRef::Embedded, device)
        };
        let mut warm = Warm::new(Device::flex(), Box::new(loader));
        let mut reads = || {
            warm.model(&wanted, &[], &mut weights::to_the_end).expect("a model");
            reads.try_iter().count()
        };
        assert_eq!([reads(), reads()], [1, 0]);
        let files: [PathBuf; 3] = [checkpoint.clone(), checkpoint.with_extension("ron"), clip];
        for file in files {
            fs::write(&file, "first").expect("written");
            assert_eq!([reads(), reads()], [1, 0], "{}", file.display());
            fs::write(&file, "other").expect("written");
            written_later(&file);
            assert_eq!([reads(), reads()], [1, 0], "{}", file.display());
        }
    }

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
