//! Weights that stay in half precision.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Tensor, TensorData};

use super::*;
use crate::model::{Split, UnetCondition};
use crate::noise;
use crate::weights::halves::LARGE;

/// How many numbers of the parameters are of which type.
fn types(networks: &Colorizer) -> BTreeMap<String, usize> {
    #[derive(Default)]
    struct Types(BTreeMap<String, usize>);
    impl ModuleVisitor for Types {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.val();
            *self.0.entry(format!("{:?}", value.dtype())).or_default() += value.shape().num_elements();
        }
    }
    let mut types = Types::default();
    networks.visit(&mut types);
    types.0
}

fn bits<const D: usize>(tensor: Tensor<D>) -> Vec<u32> {
    assert_eq!(tensor.dtype(), DType::F32);
    let values = tensor.try_into_vec_as::<f32>().expect("numbers of the CPU device");
    values.into_iter().map(f32::to_bits).collect()
}

/// What every network makes of the same inputs.
fn outputs(networks: &Colorizer, config: &ModelConfig) -> Vec<(&'static str, Vec<u32>)> {
    let device = Device::flex();
    let normal = |stream, shape| noise::of_stream(7, stream, shape, &device);
    let side = config.clip_vision.image_size;
    let maps = networks.sketch_encoder.forward(normal(1, [1, 3, 64, 64]));
    let tokens = networks.clip_vision.forward(normal(2, [1, 3, side, side]));
    let background = networks.recovery_transformer.forward(tokens.clone());
    let threshold = networks.threshold_embedder.forward(Tensor::from_floats([0.3], &device));
    let latent = normal(3, [1, config.vae.latent_channels, 8, 8]);
    let width = config.unet.context_dim;
    let context = TensorData::new(noise::normal(7, 4, [1, 32, width]), [1, 32, width]);
    let plain = UnetCondition::new(Tensor::from_data(context, &device), maps.clone());
    let split = UnetCondition {
        split: Some(Split::new(normal(5, [1, 1, 8, 8]), Tensor::from_floats([0.1], &device))),
        ..plain.clone()
    };
    let time = Tensor::from_floats([500.0], &device);
    let mut outputs = vec![
        ("sketch encoder", bits(maps[maps.len() - 1].clone())),
        ("image tower", bits(tokens)),
        ("background transformer", bits(background)),
        ("threshold embedder", bits(threshold)),
        ("VAE encoder", bits(networks.vae.encode(normal(6, [1, 3, 64, 64])).mode())),
        ("VAE decoder", bits(networks.vae.decode(latent.clone()))),
    ];
    for (name, condition) in [
        ("UNet", plain),
        ("UNet with masks", split.clone()),
        ("UNet with caches", networks.unet.keep(split)),
    ] {
        outputs.push((name, bits(networks.unet.forward(latent.clone(), time.clone(), &condition))));
    }
    outputs
}

#[test]
fn every_network_gives_the_same_bits_by_halves_as_by_the_widened() {
    let [halves, widened] = [Halves::All, Halves::None].map(|halves| {
        let (config, sources) = (
            embedded::config().expect("a configuration"),
            embedded::sources().expect("a file"),
        );
        assemble(config, &sources, true, halves, [&Device::flex(); 2], &mut to_the_end).unwrap_or_else(|error| panic!("{error}"))
    });
    let (few, all) = (types(&halves.networks), types(&widened.networks));
    assert_eq!(all.keys().collect::<Vec<_>>(), ["F32"]);
    assert_eq!(few["F16"] + few["F32"], all["F32"]);
    assert!(few["F32"] * 10 < few["F16"], "{few:?}");
    let expected = outputs(&widened.networks, &widened.config);
    for ((name, bits), (_, expected)) in outputs(&halves.networks, &halves.config).into_iter().zip(expected) {
        assert!(bits == expected, "{name}");
    }
    // An adapter's file is put into them too.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("adapter.safetensors");
    save_adapters(
        &widened.networks,
        &[crate::model::Adapter::Foreground],
        &widened.identity,
        &file,
    )
    .expect("saved");
    let adapter = crate::request::AdapterFile {
        file,
        strength: 0.5,
        hash: None,
    };
    let [halves, widened] = [halves, widened].map(|loaded| {
        let (networks, _) = adapted(loaded.networks, &loaded.identity, std::slice::from_ref(&adapter)).expect("adapted");
        outputs(&networks, &loaded.config)
    });
    assert!(halves == widened);
}

/// As the release does, and with the image tower, for the memory.
#[test]
fn a_gpu_multiplies_in_half_precision_where_that_is_safe() {
    #[derive(Default)]
    struct Halved {
        path: names::KeyPath,
        names: Vec<String>,
    }
    impl ModuleVisitor for Halved {
        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.exit();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.val().dtype() == DType::F16 {
                self.names.push(self.path.name());
            }
        }
    }
    let (config, sources) = (
        embedded::config().expect("a configuration"),
        embedded::sources().expect("a file"),
    );
    let loaded = assemble(
        config,
        &sources,
        true,
        Halves::Multiplied,
        [&Device::flex(); 2],
        &mut to_the_end,
    );
    let mut halved = Halved::default();
    loaded.unwrap_or_else(|error| panic!("{error}")).networks.visit(&mut halved);
    let has = |part: &str| halved.names.iter().any(|name| name.starts_with(part));
    for part in [
        "model.diffusion_model.input_blocks.",
        "model.diffusion_model.middle_block.",
        "model.diffusion_model.output_blocks.",
        "control_encoder.",
        "cond_stage_model.model.visual.",
    ] {
        assert!(has(part), "{part}");
    }
    for part in [
        "first_stage_model.",
        "model.diffusion_model.time_embed.",
        "model.diffusion_model.out.",
        "transformer.",
        "thresh_embedder.",
    ] {
        assert!(sources.names().any(|name| name.starts_with(part)) && !has(part), "{part}");
    }
}

#[test]
fn a_large_model_keeps_its_halves_unless_it_is_trained() {
    let (folder, checkpoint) = saved(Precision::F16);
    fs::write(folder.path().join("model.ron"), ron::to_string(&small()).expect("RON")).expect("written");
    let model = ModelRef::Files {
        checkpoint: checkpoint.clone(),
        clip: None,
        vae: None,
    };
    let device = Device::flex();
    let kept = |loaded: Loaded| types(&loaded.networks).contains_key("F16");
    assert!(!kept(load(&model, &device).expect("loaded")));

    // One more tensor makes the file large: a hole, which takes no place on the disk.
    let bytes = fs::read(&checkpoint).expect("a file");
    let length = usize::try_from(u64::from_le_bytes(*bytes.first_chunk().expect("a length"))).expect("a length");
    let mut header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).expect("a header");
    let data = bytes.len() - 8 - length;
    header["more"] = serde_json::json!({ "dtype": "F16", "shape": [LARGE / 2], "data_offsets": [data, data + LARGE] });
    let header = header.to_string();
    let mut larger = (header.len() as u64).to_le_bytes().to_vec();
    larger.extend(header.as_bytes());
    larger.extend(&bytes[8 + length..]);
    fs::write(&checkpoint, &larger).expect("written");
    let file = fs::File::options().write(true).open(&checkpoint).expect("a file");
    file.set_len((larger.len() + LARGE) as u64).expect("longer");
    assert!(kept(load(&model, &device).expect("loaded")));
    assert!(!kept(load_for_training(&model, &device).expect("loaded")));
}
