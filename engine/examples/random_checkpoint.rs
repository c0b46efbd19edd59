//! A checkpoint of the published size with random weights, for tests and benchmarks where the published one cannot be had.
//!
//! ```sh
//! cargo run --release -p engine --example random_checkpoint -- random.safetensors
//! cargo run --release -p engine --example random_checkpoint -- --load random.safetensors --steps 3
//! ```
//!
//! The file has every tensor of a v1.5 checkpoint and OpenCLIP's image tower, 1.76 billion numbers in f16. It is written as a stream, so that it
//! takes next to no memory. `--load` opens it as the program does and says how long that takes and how much memory; `--steps` goes on to guided steps of
//! the UNet at 512x512, which `--widened` takes with all weights at 32 bits.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use burn::tensor::{Tensor, TensorData};
use clap::Parser;
use engine::device::{self, Choice};
use engine::model::UnetCondition;
use engine::request::ModelRef;
use engine::{noise, weights};
use half::f16;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[derive(Parser)]
struct Arguments {
    /// The file to write, or to load.
    file: PathBuf,
    /// Loads the file instead of writing it.
    #[arg(long)]
    load: bool,
    /// What it is loaded onto.
    #[arg(long, default_value = "cpu")]
    device: Choice,
    /// Steps that are timed once it is loaded.
    #[arg(long, default_value_t = 0)]
    steps: usize,
    /// Loads it as training does.
    #[arg(long)]
    widened: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.load {
        load(arguments)
    } else {
        write(&arguments.file).with_context(|| format!("cannot write {}", arguments.file.display()))
    }
}

/// Names and shapes of the published tensors; of CLIP the image tower alone.
fn shapes() -> anyhow::Result<BTreeMap<String, Vec<usize>>> {
    let mut shapes: BTreeMap<String, Vec<usize>> =
        serde_json::from_str(include_str!("../../tests/fixtures/published/switch-full-tensors.json"))?;
    let clip: BTreeMap<String, Vec<usize>> =
        serde_json::from_str(include_str!("../../tests/fixtures/published/open-clip-vit-h-14-tensors.json"))?;
    let tower = clip.into_iter().filter(|(name, _)| name.starts_with("visual."));
    shapes.extend(tower.map(|(name, shape)| (format!("cond_stage_model.model.{name}"), shape)));
    Ok(shapes)
}

fn write(path: &Path) -> anyhow::Result<()> {
    let shapes = shapes()?;
    let mut offset = 0;
    let header: BTreeMap<&String, serde_json::Value> = shapes
        .iter()
        .map(|(name, shape)| {
            let start = offset;
            offset += 2 * shape.iter().product::<usize>();
            let entry = serde_json::json!({ "dtype": "F16", "shape": shape, "data_offsets": [start, offset] });
            (name, entry)
        })
        .collect();
    let header = serde_json::to_vec(&header)?;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(&header)?;

    // Normals are drawn once; every tensor is runs of them from random places, as far from the next as it takes.
    const TABLE: usize = 1 << 16;
    const RUN: usize = 1 << 12;
    let table = noise::normal(0, 0, [1, 1, 1, TABLE]);
    let mut random = ChaCha8Rng::seed_from_u64(0);
    for (name, shape) in &shapes {
        let (mean, deviation) = distribution(name, shape);
        let bytes: Vec<u8> = table
            .iter()
            .flat_map(|normal| f16::from_f32(mean + deviation * normal).to_le_bytes())
            .collect();
        let mut left: usize = shape.iter().product();
        while left > 0 {
            let run = left.min(RUN);
            let at = 2 * random.random_range(0..=TABLE - run);
            file.write_all(&bytes[at..at + 2 * run])?;
            left -= run;
        }
    }
    file.into_inner()?.sync_all()?;
    println!(
        "{}: {} tensors, {:.2} GB",
        path.display(),
        shapes.len(),
        (offset + header.len()) as f64 / 1e9
    );
    Ok(())
}

/// Mean and deviation with which signals neither die out nor grow: norms are as before training, weights spread by what flows into them.
fn distribution(name: &str, shape: &[usize]) -> (f32, f32) {
    match shape {
        [_] if name.ends_with(".weight") => (1.0, 0.0),
        [] | [_] => (0.0, 0.01),
        [_, inputs @ ..] => (0.0, (inputs.iter().product::<usize>().max(1) as f32).sqrt().recip()),
    }
}

fn load(arguments: Arguments) -> anyhow::Result<()> {
    let size = std::fs::metadata(&arguments.file)?.len() as f64;
    let device = device::open(arguments.device)?.device;
    let model = ModelRef::Files {
        checkpoint: arguments.file,
        clip: None,
        vae: None,
    };
    let (begun, busy) = (Instant::now(), processor_time());
    let loaded = match arguments.widened {
        true => weights::load_for_training(&model, &device)?,
        false => weights::load(&model, &device)?,
    };
    device.sync()?;
    println!("{}; {:?}", loaded.report, loaded.config.prediction);
    print!("{:.1} s", begun.elapsed().as_secs_f64());
    if let (Some(before), Some(after)) = (busy, processor_time()) {
        print!(", {:.1} s of processor time", after - before);
    }
    println!();
    if let Some(peak) = peak_memory() {
        println!("peak memory {:.2} GB, {:.2} times the file", peak / 1e9, peak / size);
    }
    let width = loaded.config.unet.context_dim;
    let latent = noise::tensor(1, [2, loaded.config.unet.in_channels, 64, 64], &device);
    let context = TensorData::new(noise::normal(2, 0, [2, 256, width]), [2, 256, width]);
    let condition = UnetCondition::new(Tensor::from_data(context, &device), Vec::new());
    for _ in 0..arguments.steps {
        let (begun, busy) = (Instant::now(), processor_time());
        let time = Tensor::full([2], 500.0, &device);
        let output = loaded.networks.unet.forward(latent.clone(), time, &condition);
        output.try_into_vec_as::<f32>().map_err(|error| anyhow::anyhow!("{error}"))?;
        print!("a step: {:.2} s", begun.elapsed().as_secs_f64());
        if let (Some(before), Some(after)) = (busy, processor_time()) {
            print!(", {:.2} s of processor time", after - before);
        }
        println!();
    }
    Ok(())
}

/// Seconds of all processors that this process has had, where the system says so (Linux, whose clock for it has 100 ticks a second).
fn processor_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: Vec<f64> = fields.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
    Some(ticks.iter().sum::<f64>() / 100.0)
}

/// The most bytes that this process ever had in memory, where the system says so (Linux).
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024.0 * line.trim().strip_suffix(" kB")?.parse::<f64>().ok()?)
}
