//! What is run on both sides.

use std::path::PathBuf;
use std::rc::Rc;

use burn::tensor::{DType, Device, Tensor, TensorData};
use engine::device;
use engine::model::config::{ClipVisionConfig, LoraConfig, LoraRank, UnetConfig, VaeConfig};
use engine::model::operations::{Call, operations};
use engine::model::vae::LATENT_FACTOR;
use engine::model::{ClipVision, Split, Unet, UnetCondition, Vae};
use engine::noise;
use engine::pipeline::conditioning::image_tower;
use engine::request::{ModelRef, Settings};
use engine::weights;
use serde_json::{Value, json};

use crate::peer::workspace;

/// Name of the case that tells what a device does at most.
pub const PRODUCT: &str = "matrix product";

pub struct Case {
    pub name: String,
    /// As tests/oracle/networks.py calls it.
    pub network: &'static str,
    pub config: Value,
    pub inputs: Vec<Input>,
    pub weights: Weights,
    /// A run takes seconds: there are fewer of them.
    pub slow: bool,
    /// Multiplications and additions of ours, where they are counted.
    pub operations: Option<f64>,
    /// What the device may not have ended yet.
    pub ours: Box<dyn FnMut() -> Tensor<1>>,
}

/// The numbers that a network has.
pub enum Weights {
    /// None, which both sides share too.
    None,
    /// Both sides have those of a file.
    Shared(PathBuf),
    /// Each side has random ones.
    Own,
}

/// The matrix product and the cases of the chosen model, and with `full` those of the published size, with random weights.
pub fn all(settings: &Settings, device: &Device, full: bool) -> anyhow::Result<Vec<Case>> {
    let mut cases = vec![product(device)];
    cases.extend(chosen(settings, device)?);
    if full {
        cases.extend(published(device));
    }
    Ok(cases)
}

/// In half precision where the device keeps weights so.
fn product(device: &Device) -> Case {
    let side = match *device == Device::flex() {
        true => 1024,
        false => 4096,
    };
    let inputs = [("left", 4), ("right", 5)].map(|(name, stream)| Input::normal(name, stream, vec![side, side]));
    let [left, right] = inputs.each_ref().map(|input| match device::halves(device) {
        true => input.tensor::<2>(device).cast(DType::F16),
        false => input.tensor::<2>(device),
    });
    Case {
        name: PRODUCT.to_owned(),
        network: "product",
        config: Value::Null,
        inputs: inputs.into(),
        weights: Weights::None,
        slow: false,
        operations: Some(2.0 * (side as f64).powi(3)),
        ours: Box::new(move || flat(left.clone().matmul(right.clone()))),
    }
}

/// Networks as the program loads them.
fn chosen(settings: &Settings, device: &Device) -> anyhow::Result<Vec<Case>> {
    let loaded = weights::load(&settings.model, device)?;
    let (file, prefix) = match &settings.model {
        ModelRef::Embedded => (workspace().join("assets/models/tiny.safetensors"), "embedded"),
        ModelRef::Files { checkpoint, .. } => (checkpoint.clone(), "given"),
    };
    let config = json!(loaded.config);
    let clip = loaded.config.clip_vision.clone();
    let [width, height] = settings.size.unwrap_or([loaded.config.native_size; 2]);
    let latent = [height, width].map(|side| side as usize / LATENT_FACTOR);
    let size = Size {
        config: loaded.config.unet.clone(),
        tokens: clip.grid().pow(2),
        latent,
    };
    let networks = Rc::new(loaded.networks);
    let mut cases = Vec::new();
    for way in [Way::Plain, Way::Split, Way::SplitKept] {
        let networks = networks.clone();
        cases.push(unet(&size, way, device, move || networks.unet.clone()));
    }
    let tower = image_tower(&networks, device);
    cases.push(vae(latent, device, move |latent| networks.vae.decode(latent)));
    cases.push(clip_tower(clip.image_size, device, move |pixels| tower.forward(pixels)));
    for case in &mut cases {
        case.name = format!("{prefix} {}", case.name);
        case.config = config.clone();
        case.weights = Weights::Shared(file.clone());
        case.slow = *device == Device::flex() && settings.model != ModelRef::Embedded;
    }
    Ok(cases)
}

/// Networks of the published widths (spec/model.md, section 2). They take memory when they are first run.
fn published(device: &Device) -> Vec<Case> {
    let config = UnetConfig {
        in_channels: 4,
        out_channels: 4,
        model_channels: 320,
        channel_mult: vec![1, 2, 4, 4],
        num_res_blocks: 2,
        attention_resolutions: vec![4, 2, 1],
        head_channels: 64,
        context_dim: 1024,
        norm_groups: 32,
        lora: LoraConfig {
            foreground: LoraRank::Fixed(4),
            background: LoraRank::Fraction(0.5),
        },
    };
    let tower = ClipVisionConfig {
        image_size: 224,
        patch_size: 14,
        width: 1280,
        layers: 32,
        head_width: 80,
        output_dim: 1024,
    };
    let autoencoder = VaeConfig {
        latent_channels: 4,
        base_channels: 128,
        channel_mult: vec![1, 2, 4, 4],
        num_res_blocks: 2,
        norm_groups: 32,
    };
    let mut cases = Vec::new();
    for side in [32, 64] {
        for way in [Way::Plain, Way::Split, Way::SplitKept] {
            let size = Size {
                config: config.clone(),
                tokens: 256,
                latent: [side; 2],
            };
            let (config, on) = (config.clone(), device.clone());
            let mut case = unet(&size, way, device, move || Unet::new(&config, &on));
            case.config = json!({ "unet": size.config });
            cases.push(case);
        }
    }
    let decoder = Vae::new(&autoencoder, device);
    let mut decode = vae([32; 2], device, move |latent| decoder.decode(latent));
    decode.config = json!({ "vae": autoencoder });
    let network = ClipVision::new(&tower, device);
    let mut clip = clip_tower(tower.image_size, device, move |pixels| network.forward(pixels));
    clip.config = json!({ "clip_vision": tower });
    cases.extend([decode, clip]);
    for case in &mut cases {
        (case.name, case.slow) = (format!("published {}", case.name), true);
    }
    cases
}

struct Size {
    config: UnetConfig,
    /// Of one reference.
    tokens: usize,
    /// Height and width.
    latent: [usize; 2],
}

/// How a guided step, two pictures at once, is asked for.
#[derive(Clone, Copy)]
enum Way {
    /// Without masks.
    Plain,
    /// Figure and background apart, everything computed at every step.
    Split,
    /// The same with what stays the same for a job kept from an earlier step, as a job does it.
    SplitKept,
}

fn unet(size: &Size, way: Way, device: &Device, make: impl Fn() -> Unet + 'static) -> Case {
    let [height, width] = size.latent;
    let (config, channels) = (&size.config, size.config.context_dim);
    let split = !matches!(way, Way::Plain);
    let tokens = if split { 2 * size.tokens } else { size.tokens };
    let latents = Input::normal("x", 1, vec![2, config.in_channels, height, width]);
    let times = Input("timesteps", vec![2], vec![500.0; 2]);
    let mut context = Input::normal("context", 2, vec![2, tokens, channels]);
    // The second picture is the one that guidance steers away from.
    context.2[tokens * channels..].fill(0.0);
    let figure = |at: usize| ((at / width) % height > height / 4 && (at % width).abs_diff(width / 2) < width / 4) as u8;
    let mask = Input(
        "mask",
        vec![2, 1, height, width],
        (0..2 * height * width).map(|at| f32::from(figure(at))).collect(),
    );
    let threshold = Input("threshold", vec![1], vec![0.05]);

    let kept = matches!(way, Way::SplitKept);
    let seeing = if kept { 1 } else { 2 };
    let call = Call {
        rows: 2,
        seeing,
        size: size.latent,
        tokens: size.tokens,
        split,
        kept,
    };
    let condition = UnetCondition {
        split: split.then(|| Split::new(mask.tensor::<4>(device).narrow(0, 0, seeing), threshold.tensor(device))),
        blind: seeing..2,
        ..UnetCondition::new(context.tensor::<3>(device).narrow(0, 0, seeing), Vec::new())
    };
    let (x, t) = (latents.tensor::<4>(device), times.tensor::<1>(device));
    let mut ready = None;
    let (what, mut inputs) = match way {
        Way::Plain => ("no masks", vec![]),
        Way::Split => ("masks", vec![mask, threshold]),
        Way::SplitKept => ("masks, caches on", vec![mask, threshold]),
    };
    inputs.extend([latents, times, context]);
    Case {
        name: format!("UNet, guided, {}, {what}", told(size.latent)),
        network: "unet",
        config: Value::Null,
        inputs,
        weights: Weights::Own,
        slow: false,
        operations: Some(operations(config, call)),
        ours: Box::new(move || {
            let (network, condition) = ready.get_or_insert_with(|| {
                let (network, condition) = (make(), condition.clone());
                let condition = if kept { network.keep(condition) } else { condition };
                (network, condition)
            });
            flat(network.forward(x.clone(), t.clone(), condition))
        }),
    }
}

fn vae(latent: [usize; 2], device: &Device, run: impl Fn(Tensor<4>) -> Tensor<4> + 'static) -> Case {
    one_input(
        "vae",
        format!("VAE decoder, {}", told(latent)),
        "latent",
        vec![1, 4, latent[0], latent[1]],
        device,
        run,
    )
}

fn clip_tower(side: usize, device: &Device, run: impl Fn(Tensor<4>) -> Tensor<3> + 'static) -> Case {
    one_input(
        "clip",
        "image tower".to_owned(),
        "pixels",
        vec![1, 3, side, side],
        device,
        run,
    )
}

fn one_input<const D: usize>(
    network: &'static str,
    name: String,
    argument: &'static str,
    shape: Vec<usize>,
    device: &Device,
    run: impl Fn(Tensor<4>) -> Tensor<D> + 'static,
) -> Case {
    let input = Input::normal(argument, 3, shape);
    let tensor = input.tensor::<4>(device);
    Case {
        name,
        network,
        config: Value::Null,
        inputs: vec![input],
        weights: Weights::Own,
        slow: false,
        operations: None,
        ours: Box::new(move || flat(run(tensor.clone()))),
    }
}

/// The size of the picture that a latent stands for.
fn told(latent: [usize; 2]) -> String {
    let [height, width] = latent.map(|side| side * LATENT_FACTOR);
    format!("{width}x{height}")
}

/// An argument of the Python module: its name, shape and numbers.
pub struct Input(pub &'static str, pub Vec<usize>, pub Vec<f32>);

impl Input {
    fn normal(name: &'static str, stream: u64, shape: Vec<usize>) -> Self {
        let values = noise::normal(0, stream, [shape.iter().product()]);
        Self(name, shape, values)
    }

    fn tensor<const D: usize>(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.2.clone(), self.1.clone()), device)
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    tensor.flatten(0, D - 1)
}
