//! What is run on both sides.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use engine::model::config::{ClipVisionConfig, LoraConfig, LoraRank, UnetConfig, VaeConfig};
use engine::model::{ClipVision, Split, Unet, UnetCondition, Vae};
use engine::noise;
use engine::request::ModelRef;
use engine::weights;
use serde_json::{Value, json};

pub struct Case {
    pub name: String,
    /// As tests/oracle/networks.py calls it.
    pub network: &'static str,
    pub config: Value,
    /// By the names of the Python module's arguments, with their shapes.
    pub inputs: Vec<(&'static str, Vec<usize>, Vec<f32>)>,
    /// Both sides have the embedded model's weights; otherwise each has random ones.
    pub shared_weights: bool,
    /// Of the published size: fewer runs.
    pub full: bool,
    pub ours: Box<dyn FnMut() -> Vec<f32>>,
}

/// The cases of the embedded model, and with `full` those of the published size.
pub fn all(device: &Device, full: bool) -> anyhow::Result<Vec<Case>> {
    let loaded = weights::load(&ModelRef::Embedded, device)?;
    let config = json!(loaded.config);
    let (latent, clip) = (loaded.config.native_size as usize / 8, loaded.config.clip_vision.clone());
    let tokens = clip.grid().pow(2);
    let networks = Rc::new(loaded.networks);
    let mut cases = Vec::new();
    let size = Size {
        config: loaded.config.unet.clone(),
        tokens,
        side: latent,
    };
    for way in [Way::Plain, Way::Split, Way::SplitKept] {
        let networks = networks.clone();
        let mut case = unet(&size, way, device, move || networks.unet.clone());
        (case.name, case.config, case.shared_weights) = (format!("embedded {}", case.name), config.clone(), true);
        cases.push(case);
    }
    let decoder = networks.clone();
    let mut decode = vae(latent, device, move |latent| decoder.vae.decode(latent));
    (decode.name, decode.config, decode.shared_weights) = (format!("embedded {}", decode.name), config.clone(), true);
    let mut tower = clip_tower(clip.image_size, device, move |pixels| networks.clip_vision.forward(pixels));
    (tower.name, tower.config, tower.shared_weights) = (format!("embedded {}", tower.name), config, true);
    cases.extend([decode, tower]);
    if full {
        cases.extend(published(device));
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
                side,
            };
            let (config, on) = (config.clone(), device.clone());
            let mut case = unet(&size, way, device, move || Unet::new(&config, &on));
            case.config = json!({ "unet": size.config });
            cases.push(case);
        }
    }
    let decoder = Vae::new(&autoencoder, device);
    let mut decode = vae(32, device, move |latent| decoder.decode(latent));
    decode.config = json!({ "vae": autoencoder });
    let network = ClipVision::new(&tower, device);
    let mut clip = clip_tower(tower.image_size, device, move |pixels| network.forward(pixels));
    clip.config = json!({ "clip_vision": tower });
    cases.extend([decode, clip]);
    for case in &mut cases {
        (case.name, case.full) = (format!("published {}", case.name), true);
    }
    cases
}

struct Size {
    config: UnetConfig,
    /// Of one reference.
    tokens: usize,
    /// Of the latent.
    side: usize,
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
    let Size { config, tokens, side } = size;
    let tokens = match way {
        Way::Plain => *tokens,
        Way::Split | Way::SplitKept => 2 * tokens,
    };
    let (side, width) = (*side, config.context_dim);
    let latents = Input::normal("x", 1, vec![2, config.in_channels, side, side]);
    let times = Input("timesteps", vec![2], vec![500.0; 2]);
    let mut context = Input::normal("context", 2, vec![2, tokens, width]);
    // The second picture is the one that guidance steers away from.
    context.2[tokens * width..].fill(0.0);
    let figure = |at: usize| ((at / side) % side > side / 4 && (at % side).abs_diff(side / 2) < side / 4) as u8;
    let mask = Input(
        "mask",
        vec![2, 1, side, side],
        (0..2 * side * side).map(|at| f32::from(figure(at))).collect(),
    );
    let threshold = Input("threshold", vec![1], vec![0.05]);

    let kept = matches!(way, Way::SplitKept);
    let seeing = if kept { 1 } else { 2 };
    let condition = UnetCondition {
        split: (!matches!(way, Way::Plain))
            .then(|| Split::new(mask.tensor::<4>(device).narrow(0, 0, seeing), threshold.tensor(device))),
        blind: seeing..2,
        ..UnetCondition::new(context.tensor::<3>(device).narrow(0, 0, seeing), Vec::new())
    };
    let (x, t) = (latents.tensor::<4>(device), times.tensor::<1>(device));
    let mut ready = None;
    let pixels = 8 * side;
    let (what, mut inputs) = match way {
        Way::Plain => ("no masks", vec![]),
        Way::Split => ("masks", vec![mask, threshold]),
        Way::SplitKept => ("masks, caches on", vec![mask, threshold]),
    };
    inputs.extend([latents, times, context]);
    Case {
        name: format!("UNet, guided, {pixels}x{pixels}, {what}"),
        network: "unet",
        config: Value::Null,
        inputs: inputs
            .into_iter()
            .map(|Input(name, shape, values)| (name, shape, values))
            .collect(),
        shared_weights: false,
        full: false,
        ours: Box::new(move || {
            let (network, condition) = ready.get_or_insert_with(|| {
                let (network, condition) = (make(), condition.clone());
                let condition = if kept { network.keep(condition) } else { condition };
                (network, condition)
            });
            values(network.forward(x.clone(), t.clone(), condition))
        }),
    }
}

fn vae(side: usize, device: &Device, run: impl Fn(Tensor<4>) -> Tensor<4> + 'static) -> Case {
    let pixels = 8 * side;
    one_input(
        "vae",
        format!("VAE decoder, {pixels}x{pixels}"),
        "latent",
        vec![1, 4, side, side],
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
        inputs: vec![(input.0, input.1, input.2)],
        shared_weights: false,
        full: false,
        ours: Box::new(move || values(run(tensor.clone()))),
    }
}

/// Name, shape, numbers.
struct Input(&'static str, Vec<usize>, Vec<f32>);

impl Input {
    fn normal(name: &'static str, stream: u64, shape: Vec<usize>) -> Self {
        let values = noise::normal(0, stream, [shape.iter().product()]);
        Self(name, shape, values)
    }

    fn tensor<const D: usize>(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.2.clone(), self.1.clone()), device)
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as::<f32>().expect("numbers of the CPU device")
}
