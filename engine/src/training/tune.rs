//! Training that goes out from a finished model, on a person's own pictures.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::Device;

use super::TrainingError;
use super::checkpoint::{Checkpoint, State};
use super::config::{
    AugmentationConfig, AverageConfig, LossConfig, OptimizerConfig, Part, PoolConfig, SheetConfig, StageConfig, TrainingConfig,
};
use super::folder::{Count, Folder};
use super::trainer::{Observer, Outcome, Run, export};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::Adapter;
use crate::request::ModelRef;
use crate::weights::{self, Loaded};

/// Most pictures that a validation measures.
const VALIDATED: usize = 16;

/// What a person chooses.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Folders `color/`, `sketch/`, `mask/` ([`Folder`]).
    pub data: PathBuf,
    pub base: ModelRef,
    /// `Foreground` or `Background`: adapters alone. `Base`: everything but adapters and autoencoder.
    pub part: Part,
    pub steps: usize,
    pub batch: usize,
    /// Side of the cuts, in pixels, a multiple of 64. None: what the model was made for.
    pub size: Option<u32>,
    /// At the beginning; it falls to a tenth.
    pub learning_rate: f64,
    /// Share of the pictures that are measured on and not trained on, 0..1.
    pub validation: f64,
    pub seed: u64,
    /// Parts of a batch that are worked on at the same time; 1 on a GPU.
    pub shards: usize,
    pub checkpoint_every: usize,
    /// Steps between sheets and validations.
    pub sheet_every: usize,
}

/// Trains on the pictures of a folder, from the base or from the latest checkpoint in `out`, and writes there the adapters (or, for `Base`, the model),
/// sheets and the losses' curve. `begun` is told what the folder holds.
///
/// # Errors
/// A model, a picture or a folder that cannot be read or written, a checkpoint of another run, a loss that is no longer a number.
pub fn tune(
    tuning: &Tuning,
    device: &Device,
    out: &Path,
    begun: &mut dyn FnMut(Count),
    progress: &mut Observer<'_>,
) -> Result<Outcome, TrainingError> {
    let Loaded {
        config: model,
        networks,
        identity,
        ..
    } = weights::load_for_training(&tuning.base, device)?;
    let folder = Folder::open(&tuning.data, tuning.validation, VALIDATED, tuning.seed, out.join("extracted"))?;
    let count = folder.count();
    begun(count);
    let config = tuning.config(model.native_size, count);
    config.check(&tuning.data)?;
    fs::create_dir_all(out).map_err(|source| TrainingError::file("create", out, source))?;
    let origin = format!("{:?} of {} for {}", tuning.part, tuning.data.display(), identity.hash);
    let latest = Checkpoint::latest(out, &config, &model, Some((&networks, origin.as_str())), device)?;
    let mut checkpoint = latest.unwrap_or_else(|| Checkpoint {
        state: State::new(config.seed, model.clone(), Some(origin)),
        student: networks.clone(),
        average: networks,
    });
    let adapters = match tuning.part {
        Part::Foreground => Some(Adapter::Foreground),
        Part::Background => Some(Adapter::Background),
        _ => None,
    };
    let run = Run {
        config: &config,
        schedule: &NoiseSchedule::new(&model.schedule),
        device,
        out,
        material: Arc::new(folder),
        adapters_only: adapters.is_some(),
    };
    if run.stages(&mut checkpoint, progress)?.is_break() {
        return Ok(Outcome::Stopped);
    }
    match adapters {
        Some(which) => {
            let file = out.join(format!("{}.safetensors", config.output));
            weights::save_adapters(&checkpoint.average, which, &identity, &file)?;
            Ok(Outcome::Adapters { file })
        }
        None => export(&config, &checkpoint.state, &checkpoint.average, out),
    }
}

impl Tuning {
    /// The run that follows: one stage, with the settings that the release trains with where they carry over.
    fn config(&self, native_size: u32, count: Count) -> TrainingConfig {
        let size = self.size.unwrap_or(native_size);
        TrainingConfig {
            model: PathBuf::new(),
            output: match self.part {
                Part::Foreground => "foreground",
                Part::Background => "background",
                _ => "model",
            }
            .to_owned(),
            seed: self.seed,
            shards: self.shards,
            optimizer: OptimizerConfig {
                betas: (0.9, 0.999),
                weight_decay: 0.01,
                clip: 1.0,
                warm_up: 10,
            },
            average: AverageConfig { decay: 0.99, every: 1 },
            // A cut is used a few times before it is cut anew.
            pool: PoolConfig {
                capacity: (count.trained * 2).clamp(self.batch * 2, 1024),
                fresh: self.batch.div_ceil(4),
            },
            losses: LossConfig {
                squared: 1.0,
                shrunk: 1.0,
                anchor: 0.0,
                divergence: 0.0,
                // No regions are known here beyond figure and background.
                attention: 0.0,
                recovery: 0.0,
                snr_gamma: 5.0,
                balance: 0.0,
            },
            augmentation: AugmentationConfig {
                quiet_steps: 0,
                drop_reference: 0.1,
                drop_sketch: 0.05,
                whiten_reference: 0.0,
                direct_background: 0.3,
                noise_offset: 0.05,
                thresholds: (0.05, 0.95),
                decoder_noise: 0.0,
            },
            checkpoint_every: self.checkpoint_every,
            sheet: SheetConfig {
                every: self.sheet_every,
                rows: count.held_out.min(4),
                steps: 12,
                guidance: 1.5,
            },
            stages: vec![StageConfig {
                part: self.part,
                steps: self.steps,
                batch: self.batch,
                scene: size,
                size,
                learning_rate: (self.learning_rate, self.learning_rate / 10.0),
            }],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use burn::module::{Module, ModuleMapper, Param};
    use burn::tensor::Tensor;
    use image::RgbImage;

    use super::*;
    use crate::event::ModelIdentity;
    use crate::pipeline::{Warm, colorize};
    use crate::request::{AdapterFile, ColorizeRequest, Inputs, Mode, Settings};
    use crate::training::scenes::{Example, example};

    const SIDE: u32 = 64;
    /// Drawings in the folder, each several times: what is held out has been seen, and need not be guessed from a handful.
    const DRAWINGS: u64 = 3;

    fn data(folder: &Path, count: u64) {
        for side in ["color", "sketch", "mask"] {
            fs::create_dir_all(folder.join(side)).unwrap();
        }
        for number in 0..count {
            let Example {
                color,
                sketch,
                sketch_mask,
                ..
            } = example(41, number % DRAWINGS, SIDE);
            color.save(folder.join(format!("color/{number}.png"))).unwrap();
            sketch.save(folder.join(format!("sketch/{number}.png"))).unwrap();
            sketch_mask.save(folder.join(format!("mask/{number}.png"))).unwrap();
        }
    }

    /// The model in the program with its foreground adapters disturbed, so that there is something to learn.
    fn disturbed(folder: &Path) -> ModelRef {
        struct Disturb(Vec<String>);
        impl ModuleMapper for Disturb {
            fn enter_module(&mut self, name: &str, _: &str) {
                self.0.push(name.to_owned());
            }

            fn exit_module(&mut self, _: &str, _: &str) {
                self.0.pop();
            }

            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                if D != 2 || !self.0.iter().any(|name| name == "lora_up_fg") {
                    return param;
                }
                param.map(|weight| {
                    let shape = weight.dims();
                    let noise = crate::noise::tensor(7, [1, 1, 1, shape.iter().product()], &weight.device());
                    weight + noise.reshape(shape) * 0.7
                })
            }
        }
        let loaded = weights::load(&ModelRef::Embedded, &Device::flex()).unwrap();
        let checkpoint = folder.join("base.safetensors");
        let networks = loaded.networks.map(&mut Disturb(Vec::new()));
        weights::save(&networks, &checkpoint, weights::Precision::F16).unwrap();
        fs::write(folder.join("base.ron"), ron::to_string(&loaded.config).unwrap()).unwrap();
        ModelRef::Files {
            checkpoint,
            clip: None,
            vae: None,
        }
    }

    fn tuning(data: &Path, base: ModelRef) -> Tuning {
        Tuning {
            data: data.to_owned(),
            base,
            part: Part::Foreground,
            steps: 30,
            batch: 4,
            size: Some(SIDE),
            learning_rate: 5e-3,
            validation: 0.25,
            seed: 3,
            shards: 1,
            checkpoint_every: 8,
            sheet_every: 15,
        }
    }

    /// Runs until `stop` steps are done, 0: to the end. The outcome, and the validations.
    fn run(tuning: &Tuning, out: &Path, stop: usize) -> (Outcome, Vec<f32>) {
        let (mut measured, mut steps) = (Vec::new(), 0);
        let outcome = tune(tuning, &Device::flex(), out, &mut |_| {}, &mut |progress| {
            measured.extend(progress.validation);
            steps += 1;
            if steps == stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        (outcome.expect("the run works"), measured)
    }

    fn colored(model: &ModelRef, adapters: Vec<AdapterFile>) -> Result<RgbImage, crate::EngineError> {
        let drawn = example(41, 2, SIDE);
        let sketch = image::DynamicImage::ImageLuma8(drawn.sketch).into_rgb8();
        let request = ColorizeRequest {
            inputs: Inputs {
                sketch_mask: Some(Arc::new(drawn.sketch_mask)),
                reference_mask: Some(Arc::new(drawn.reference_mask)),
                ..Inputs::new(Arc::new(sketch), Arc::new(drawn.reference))
            },
            settings: Settings {
                model: model.clone(),
                adapters,
                mode: Mode::Split,
                steps: 2,
                size: Some([SIDE; 2]),
                ..Settings::default()
            },
        };
        let mut warm = Warm::new(Device::flex(), Box::new(weights::load));
        let take = colorize(&mut warm, &request, &mut |_| ControlFlow::Continue(()))?;
        Ok((*take.expect("nobody breaks off").picture).clone())
    }

    #[test]
    fn adapters_learn_a_folder_go_on_after_a_stop_and_change_the_picture() {
        let folder = tempfile::tempdir().unwrap();
        let (pictures, out) = (folder.path().join("data"), folder.path().join("out"));
        data(&pictures, 12);
        let base = disturbed(folder.path());
        let tuning = tuning(&pictures, base.clone());
        let (stopped, before) = run(&tuning, &out, 1);
        assert_eq!(stopped, Outcome::Stopped);
        let (finished, measured) = run(&tuning, &out, 0);
        let Outcome::Adapters { file } = finished else {
            panic!("no adapters: {finished:?}");
        };
        assert_eq!(before.len(), 1, "measured at the first step");
        let (first, last) = (before[0], *measured.last().expect("measured at the end"));
        assert!(last < first, "the validation's loss went from {first} to {last}");
        assert!(out.join("samples-00-000030.png").is_file() && out.join("loss.png").is_file());
        assert!(fs::metadata(&file).unwrap().len() < 4 << 20, "a file of a few MB");

        let with = |strength: f32| {
            let adapter = AdapterFile {
                file: file.clone(),
                strength,
                hash: None,
            };
            colored(&base, vec![adapter])
        };
        let (plain, none, full) = (colored(&base, Vec::new()).unwrap(), with(0.0).unwrap(), with(1.0).unwrap());
        let apart = |a: &RgbImage, b: &RgbImage| a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        assert!(
            apart(&plain, &full) > 10 * apart(&plain, &none).max(100),
            "{} {}",
            apart(&plain, &full),
            apart(&plain, &none)
        );
        let replaced = AdapterFile {
            file,
            strength: 1.0,
            hash: Some("0".repeat(64)),
        };
        let changed = colored(&base, vec![replaced]);
        assert!(
            changed
                .unwrap_err()
                .to_string()
                .contains("not the file that the recipe names")
        );
    }

    #[test]
    fn an_adapter_for_another_model_and_a_file_that_is_none_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = weights::load(&ModelRef::Embedded, &Device::flex()).unwrap();
        let other = ModelIdentity {
            name: "another".to_owned(),
            hash: "1".repeat(64),
        };
        let path = folder.path().join("adapter.safetensors");
        weights::save_adapters(&loaded.networks, Adapter::Background, &other, &path).unwrap();
        let named = |file: &Path| {
            let adapter = AdapterFile {
                file: file.to_owned(),
                strength: 1.0,
                hash: None,
            };
            colored(&ModelRef::Embedded, vec![adapter]).unwrap_err().to_string()
        };
        let refused = named(&path);
        assert!(
            refused.contains("another") && refused.contains("adapter.safetensors"),
            "{refused}"
        );
        let whole = folder.path().join("model.safetensors");
        weights::save(&loaded.networks, &whole, weights::Precision::F16).unwrap();
        assert!(named(&whole).contains("no adapter file"));
    }

    #[test]
    fn a_run_for_other_pictures_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (pictures, out) = (folder.path().join("data"), folder.path().join("out"));
        data(&pictures, 3);
        run(&tuning(&pictures, ModelRef::Embedded), &out, 1);
        let elsewhere = folder.path().join("other");
        data(&elsewhere, 3);
        let again = tune(
            &tuning(&elsewhere, ModelRef::Embedded),
            &Device::flex(),
            &out,
            &mut |_| {},
            &mut |_| ControlFlow::Continue(()),
        );
        assert!(again.unwrap_err().to_string().contains("for other pictures"));
    }
}
