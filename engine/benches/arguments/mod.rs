//! What the benchmarks that compute are told: device, model and size, as the program is told them.

use std::path::PathBuf;

use clap::Args;
use engine::device::{self, Choice, DeviceError, Economy, Opened};
use engine::request::{ModelRef, Settings};

#[derive(Args)]
pub struct Computing {
    /// cpu, gpu or gpu:N.
    #[arg(long, default_value = "cpu")]
    device: Choice,
    /// A checkpoint, instead of the model in the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Of the pictures, both sides multiples of 64, instead of the model's own.
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// As the program takes it.
    #[arg(long)]
    pub half: bool,
    /// As the program takes it.
    #[arg(long)]
    offload: bool,
    /// What cargo passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Computing {
    /// Opens the device. What it is to give up is settled by that, for the whole process.
    pub fn open(&self) -> Result<Opened, DeviceError> {
        device::economize(Economy {
            half: self.half,
            offload: self.offload,
        });
        device::open(self.device.clone())
    }

    /// The usual ones of a job, but for model and size.
    pub fn settings(&self) -> Settings {
        let file = |checkpoint: &PathBuf| ModelRef::Files {
            checkpoint: checkpoint.clone(),
            clip: None,
            vae: None,
        };
        Settings {
            model: self.model.as_ref().map_or(ModelRef::Embedded, file),
            size: self.size,
            ..Settings::default()
        }
    }
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let side = |text: &str| text.parse().ok().filter(|side: &u32| Settings::allows_side(*side));
    let sides = text
        .split_once('x')
        .and_then(|(width, height)| Some([side(width)?, side(height)?]));
    sides.ok_or_else(|| "write WIDTHxHEIGHT, both multiples of 64 up to 4096, such as 512x512".to_owned())
}
