//! Adapters from folders of pictures.

use std::ops::ControlFlow;
use std::path::PathBuf;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor};
use image::RgbImage;

use super::*;
use crate::model::Adapter;
use crate::pipeline::{Warm, colorize};
use crate::request::{AdapterFile, ColorizeRequest, Inputs, Mode, ModelRef, Settings};
use crate::training::scenes::{Example, example};
use crate::weights::ModelIdentity;

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
        target: Target::Foreground,
        steps: 30,
        batch: 4,
        size: Some(SIDE),
        learning_rate: 5e-3,
        validation: 0.25,
        seed: 3,
        shards: 1,
        gradient_checkpointing: false,
        checkpoint_every: 8,
        sheet_every: 15,
    }
}

/// Runs until `stop` steps are done, 0: to the end. The outcome, and the validations.
fn run(tuning: &Tuning, out: &Path, stop: usize) -> (Outcome, Vec<f32>) {
    let (mut measured, mut steps) = (Vec::new(), 0);
    let outcome = tune(
        tuning,
        &Hardware::alone(Device::flex()),
        out,
        &mut |_, _| {},
        &mut |progress| {
            measured.extend(progress.validation);
            steps += 1;
            if steps == stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
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
    let mut warm = Warm::new(Device::flex(), Box::new(weights::load_observed));
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
    weights::save_adapters(&loaded.networks, &[Adapter::Background], &other, &path).unwrap();
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
fn adapters_are_not_trained_on_a_base_without_any() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = weights::load(&ModelRef::Embedded, &Device::flex()).unwrap();
    let checkpoint = folder.path().join("mult.safetensors");
    let wanted = |name: &str| !weights::is_regional(name);
    weights::save_part(&loaded.networks, &checkpoint, weights::Precision::F16, &wanted, None).unwrap();
    let base = ModelRef::Files {
        checkpoint,
        clip: None,
        vae: None,
    };
    let out = folder.path().join("out");
    let refused = tune(
        &tuning(folder.path(), base),
        &Hardware::alone(Device::flex()),
        &out,
        &mut |_, _| {},
        &mut |_| ControlFlow::Continue(()),
    );
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("mult.safetensors") && refused.contains("--stage base"),
        "{refused}"
    );
    assert!(!out.exists(), "nothing was begun");
}

#[test]
fn the_pool_holds_two_steps_however_large_they_are() {
    let count = |trained| Count {
        trained,
        held_out: 1,
        without_sketch: 0,
        without_mask: 0,
    };
    let capacity = |batch, trained| {
        let tuning = Tuning {
            batch,
            ..Tuning::new(PathBuf::new(), Target::Foreground)
        };
        tuning.config(SIDE, count(trained)).pool.capacity
    };
    assert_eq!([capacity(4, 3), capacity(4, 30), capacity(4, 3000)], [8, 60, 1024]);
    assert_eq!(capacity(1024, 3000), 2048);
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
        &Hardware::alone(Device::flex()),
        &out,
        &mut |_, _| {},
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(again.unwrap_err().to_string().contains("for other pictures"));
}
