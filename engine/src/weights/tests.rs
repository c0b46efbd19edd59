//! Model files, good and bad.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::*;

mod halves;
mod hostile;
mod pickles;
mod published;

/// The smallest model with every kind of layer.
fn small() -> ModelConfig {
    ron::from_str(
        r#"(
            name: "small", native_size: 64, prediction: Eps, latent_scale: 0.18215,
            schedule: (linear_start: 0.00085, linear_end: 0.012, timesteps: 1000),
            unet: (
                in_channels: 4, out_channels: 4, model_channels: 8, channel_mult: [1, 2], num_res_blocks: 1,
                attention_resolutions: [1], head_channels: 8, context_dim: 16, norm_groups: 4,
                lora: (foreground: Fixed(2), background: Fraction(0.5)),
            ),
            sketch_encoder: (in_channels: 3, stem_channels: (4, 4, 4, 4, 4, 4, 4), model_channels: 8, channel_mult: [1, 2]),
            vae: (latent_channels: 4, base_channels: 4, channel_mult: [1, 2, 2, 2], num_res_blocks: 1, norm_groups: 4),
            clip_vision: (image_size: 8, patch_size: 4, width: 8, layers: 1, head_width: 8, output_dim: 16),
            recovery_transformer: (dim: 16, layers: 1, tokens: 4, head_width: 8),
            threshold_embedder: (embed_dim: 8, out_dim: 16),
            preview: None,
        )"#,
    )
    .expect("a configuration")
}

/// A folder with one saved random model in it.
fn saved(precision: Precision) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    save(&Colorizer::new(&small(), &Device::flex()), &path, precision).expect("saved");
    (folder, path)
}

fn load_small(path: &Path) -> Result<Loaded, WeightsError> {
    load_with_config(&small(), path, None, &Device::flex())
}

/// The error of a model that must not open.
fn refusal(path: &Path) -> WeightsError {
    match load_small(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

/// Tensors by their names: type, shape, bytes.
type Tensors = BTreeMap<String, (safetensors::Dtype, Vec<usize>, Vec<u8>)>;

/// A safetensors file of them.
fn write(path: &Path, tensors: &Tensors) {
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        let view = safetensors::tensor::TensorView::new(*dtype, shape.clone(), bytes).expect("bytes that fit the shape");
        (name.as_str(), view)
    });
    safetensors::serialize_to_file(views, None, path).expect("written");
}

/// Everything in a safetensors file.
fn read(path: &Path) -> Tensors {
    let bytes = fs::read(path).expect("a file");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("safetensors");
    tensors
        .iter()
        .map(|(name, view)| (name.to_owned(), (view.dtype(), view.shape().to_vec(), view.data().to_vec())))
        .collect()
}

/// Rewrites a saved model.
fn change(path: &Path, edit: impl FnOnce(&mut Tensors)) {
    let mut tensors = read(path);
    edit(&mut tensors);
    fs::remove_file(path).expect("removed");
    write(path, &tensors);
}

const BIAS: &str = "model.diffusion_model.out.2.bias";

#[test]
fn what_is_saved_comes_back_bit_for_bit() {
    for precision in [Precision::F32, Precision::F16] {
        let (folder, first) = saved(precision);
        let second = folder.path().join("second.safetensors");
        let loaded = load_small(&first).expect("loaded");
        save(&loaded.networks, &second, precision).expect("saved again");
        assert!(
            fs::read(&first).expect("a file") == fs::read(&second).expect("a file"),
            "{precision:?}"
        );
        assert!(!folder.path().join("second.safetensors.partial").exists());
        assert_eq!(loaded.report.unused, [""; 0]);
        assert_eq!(loaded.report.ignored, 0);
        assert_eq!(loaded.report.stored.keys().collect::<Vec<_>>(), [&format!("{precision:?}")]);
        assert_eq!(
            loaded.identity.hash,
            blake3::hash(&fs::read(&first).expect("a file")).to_hex().to_string()
        );
    }
}

#[test]
fn a_linear_layer_is_published_outputs_first() {
    let (_folder, path) = saved(Precision::F32);
    let tensors = read(&path);
    assert_eq!(tensors["thresh_embedder.embed_layer.0.weight"].1, [16, 8]);
    assert_eq!(
        tensors["model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.lora_down_fg.weight"].1,
        [2, 16]
    );
    assert_eq!(tensors["cond_stage_model.model.visual.proj"].1, [8, 16]);
}

#[test]
fn the_embedded_model_opens() {
    let loaded = load(&ModelRef::Embedded, &Device::flex()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.report.unused, [""; 0]);
    assert_eq!(loaded.report.stored.keys().collect::<Vec<_>>(), ["F16"]);
}

#[test]
fn a_missing_file_and_a_file_of_another_kind_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    assert!(matches!(refusal(&path), WeightsError::Open { .. }));
    fs::write(&path, b"\x89PNG\r\n\x1a\n and more").expect("written");
    assert!(matches!(refusal(&path), WeightsError::NotAModel { .. }));
    fs::write(&path, b"").expect("written");
    assert!(matches!(refusal(&path), WeightsError::NotAModel { .. }));
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let (_folder, path) = saved(Precision::F16);
    let bytes = fs::read(&path).expect("a file");
    for length in [bytes.len() - 1, bytes.len() / 2, 100] {
        fs::write(&path, &bytes[..length]).expect("written");
        let error = refusal(&path);
        assert!(matches!(error, WeightsError::Truncated { .. }), "{length}: {error}");
        assert!(error.to_string().contains(&path.display().to_string()));
    }
}

#[test]
fn missing_and_unknown_names_are_reported() {
    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| {
        let bias = tensors.remove(BIAS).expect("the bias");
        tensors.insert("average.bias".to_owned(), bias);
    });
    match refusal(&path) {
        WeightsError::Missing { missing, unused, .. } => {
            assert_eq!(missing, [BIAS]);
            assert_eq!(unused, ["average.bias"]);
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_wrong_shape_type_or_value_is_refused() {
    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| tensors.get_mut(BIAS).expect("the bias").1 = vec![2, 2]);
    match refusal(&path) {
        WeightsError::Shape {
            name, expected, found, ..
        } => {
            assert_eq!((name.as_str(), expected, found), (BIAS, vec![4], vec![2, 2]));
        }
        error => panic!("{error}"),
    }

    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| {
        tensors.get_mut(BIAS).expect("the bias").0 = safetensors::Dtype::I16
    });
    assert!(matches!(refusal(&path), WeightsError::Precision { name, found, .. } if name == BIAS && found == "I16"));

    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| {
        tensors.get_mut(BIAS).expect("the bias").2[..2].copy_from_slice(&[0x00, 0x7e])
    });
    assert!(matches!(refusal(&path), WeightsError::NotFinite { name, .. } if name == BIAS));
}

#[test]
fn files_of_other_families_say_what_they_are() {
    let (_folder, path) = saved(Precision::F16);
    change(&path, |tensors| {
        tensors.retain(|name, _| !name.starts_with("control_encoder."))
    });
    assert!(matches!(refusal(&path), WeightsError::OnlyAutoencoder { .. }));
    change(&path, |tensors| {
        tensors.retain(|name, _| !name.starts_with("first_stage_model.decoder."))
    });
    assert!(matches!(refusal(&path), WeightsError::UnknownFamily { .. }));

    let (folder, path) = saved(Precision::F16);
    let tower = folder.path().join("tower.safetensors");
    let tensors = read(&path);
    let visual = tensors.iter().filter_map(|(name, tensor)| {
        let inner = name.strip_prefix("cond_stage_model.model.")?;
        Some((inner.to_owned(), tensor.clone()))
    });
    write(&tower, &visual.collect());
    assert!(matches!(refusal(&tower), WeightsError::OnlyTower { .. }));
    let device = Device::flex();

    // The checkpoint without its tower opens with the tower beside it, and only so.
    change(&path, |tensors| {
        tensors.retain(|name, _| !name.starts_with("cond_stage_model."))
    });
    assert!(matches!(refusal(&path), WeightsError::NoTower { .. }));
    assert!(matches!(
        load_with_config(&small(), &path, Some(&path), &device),
        Err(WeightsError::NotTower { .. })
    ));
    let loaded = load_with_config(&small(), &path, Some(&tower), &device).expect("loaded from two files");
    assert_eq!(loaded.report.loaded, tensors.len());
}

#[test]
fn a_weight_too_large_for_half_is_not_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    let mut networks = Colorizer::new(&small(), &Device::flex());
    networks.vae.decoder.conv_in.weight = networks.vae.decoder.conv_in.weight.map(|weight| weight.ones_like() * 1e5);
    let error = save(&networks, &path, Precision::F16).expect_err("refused");
    assert!(matches!(error, WeightsError::Unsaveable { name, .. } if name == "first_stage_model.decoder.conv_in.weight"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    save(&networks, &path, Precision::F32).expect("saved exactly");
}

#[test]
fn a_model_that_there_is_no_memory_for_is_refused_before_it_is_read() {
    let (_folder, path) = saved(Precision::F16);
    let sources = Sources::open(&path, None, None).unwrap_or_else(|error| panic!("{error}"));
    let slots = fill::slots(&Colorizer::new(&small(), &Device::flex()));
    let numbers: usize = slots.iter().map(|slot| slot.shape.iter().product::<usize>()).sum();
    let widened = fill::room(&slots, &sources, Halves::None);
    assert_eq!(
        [widened, fill::room(&slots, &sources, Halves::All)],
        [4, 2].map(|bytes| bytes * numbers as u64)
    );
    assert!(fill::check_room(&path, || widened, Some(widened)).is_ok());
    let error = fill::check_room(&path, || 5_000_000_000, Some(2_000_000_000))
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("takes about 5000 MB of memory, and 2000 MB are free"),
        "{error}"
    );
}

#[test]
fn a_model_that_nobody_waits_for_is_not_read_to_its_end() {
    let mut asked = 0;
    let mut load = |patience: usize| {
        asked = 0;
        load_observed(&ModelRef::Embedded, &Device::flex(), &mut || {
            asked += 1;
            if asked > patience {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .map(|loaded| (loaded.report.loaded, asked))
    };
    let (tensors, all) = load(usize::MAX).unwrap_or_else(|error| panic!("{error}"));
    assert!(all > tensors, "before each tensor, and while it is hashed");
    // At once, in the midst of its tensors, and when only the hash is outstanding.
    for patience in [0, tensors / 2, all - 1] {
        assert!(matches!(load(patience), Err(WeightsError::Cancelled)), "{patience}");
    }
}

#[test]
fn a_configuration_beside_the_checkpoint_is_used() {
    let (folder, path) = saved(Precision::F16);
    let model = ModelRef::Files {
        checkpoint: path,
        clip: None,
        vae: None,
    };
    let text = ron::to_string(&small()).expect("RON");
    fs::write(folder.path().join("model.ron"), text).expect("written");
    assert_eq!(load(&model, &Device::flex()).expect("loaded").config, small());
    let headless = ron::to_string(&small())
        .expect("RON")
        .replace("head_channels:8", "head_channels:0");
    for bad in ["(name: 5)", headless.as_str()] {
        fs::write(folder.path().join("model.ron"), bad).expect("written");
        assert!(
            matches!(load(&model, &Device::flex()), Err(WeightsError::Config { .. })),
            "{bad}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_model_is_for_whom_any_new_file_is_for() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = saved(Precision::F16);
    let plain = folder.path().join("plain");
    fs::write(&plain, b"").expect("a file");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}
