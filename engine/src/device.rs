//! Which processor the tensors live on: a GPU through wgpu, the CPU, or a device of another process or machine. Chosen at run time, opened once. The
//! window is drawn on a device of its own: wgpu lets nobody present on one while somebody waits for what it computes.
//!
//! Two shader compilers serve wgpu. Burn's SPIR-V compiler is faster on real GPUs, but its shaders crash Mesa's software Vulkan; WGSL runs everywhere.
//! The runtime picks SPIR-V for every Vulkan adapter that can take it, so software adapters are opened through another graphics API (OpenGL on Linux,
//! Direct3D 12 on Windows), which always compiles WGSL.
//!
//! A GPU is tuned by timing kernels that add numbers up in different orders, anew by every process unless the program was built with the feature
//! `warm-start`. So a GPU's pictures are the same bytes as long as the program runs, and may differ in their last digits (by less than 2 of 255) from one
//! start to the next; the CPU makes no such choice. With `warm-start` the next start finds what was chosen and compiled in the user's cache folder. It is no
//! default: below burn 0.22 (cubecl 0.11) the one store for that is burn's feature `persistence`, an embedded SQL database (turso), 108 more packages, among
//! them a generator of C bindings, for a table of a few hundred rows. Compiled pipelines are kept by the graphics drivers themselves.

mod adapters;
mod choice;
mod economy;
#[cfg_attr(not(feature = "remote"), path = "device/no_remote.rs")]
mod remote;

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use burn::backend::{Backend, DTypeUsage, Dispatch};
use burn::tensor::{DType, Device};

use crate::panic::panic_words;
pub use adapters::loader;
use adapters::{Adapter, adapters, set_up_runtime};
pub use choice::Choice;
pub use economy::{Economy, economize, economy};
pub use remote::serve;

/// Names the environment variable with the token that a server wants of its clients.
pub const TOKEN: &str = "SHIAGE_TOKEN";

/// What kind of processor a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gpu,
    /// A GPU's interface served by the CPU (Mesa's lavapipe and llvmpipe, Windows' WARP): for tests.
    Software,
    Cpu,
    /// Whatever a server serves.
    Remote,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// What selects it.
    pub choice: Choice,
    /// The adapter's own name, or the server's address.
    pub name: String,
    pub kind: Kind,
    /// The graphics API, the library that computes on the CPU, or what carries the operations to a server.
    pub backend: String,
}

impl fmt::Display for Info {
    /// What to type, what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let software = if self.kind == Kind::Software { ", software" } else { "" };
        write!(f, "{}  {} ({}{software})", self.choice, self.name, self.backend)
    }
}

/// Why a device could not be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("unknown device \"{text}\": write auto, cpu, gpu, gpu:N or remote:HOST:PORT")]
    Unknown { text: String },
    #[error("this machine has no GPU that can be used: choose the device cpu, or auto")]
    NoGpu,
    #[error("this machine has no device gpu:{index}, only {count} of that kind: `--device list` shows them")]
    NoSuchGpu { index: usize, count: usize },
    #[error("cannot open the GPU {name}: {message}; choose the device cpu instead")]
    Open { name: String, message: String },
    #[error("this program was built without remote devices: build it with `cargo build --release --features remote`")]
    NotBuilt,
    #[error(
        "nothing serves a device at {address} ({reason}): start `shiage serve` on that machine, at an address that this one reaches"
    )]
    Unreachable { address: String, reason: String },
    #[error("{address} refused this program: set {token} to the word that its server was started with", token = TOKEN)]
    Refused { address: String },
    #[error(
        "what answers at {address} speaks otherwise than this program ({reason}): use the same version of shiage on both sides"
    )]
    Version { address: String, reason: String },
    #[error(
        "the device at {address} is gone ({reason}): its server or the network went away, or it failed there. Start the server again, then this program"
    )]
    Lost { address: String, reason: String },
    #[error(
        "the GPU {name} is gone ({reason}): its driver was reset, or it was taken away. Start this program again, or choose another device"
    )]
    GpuLost { name: String, reason: String },
    #[error("cannot serve on {address}: {reason}")]
    Serve { address: SocketAddr, reason: String },
    #[error("a server at {address} is open to other machines: set {token} to a word that its users have to know, or listen at 127.0.0.1", token = TOKEN)]
    Unguarded { address: SocketAddr },
}

/// A device ready for tensors. Cloning shares it.
#[derive(Clone)]
pub struct Opened {
    /// Where tensors are made.
    pub device: Device,
    pub info: Info,
}

/// The devices of this machine: real GPUs, then software adapters, then the CPU. Takes some tenths of a second.
pub fn list() -> Vec<Info> {
    adapters()
        .into_iter()
        .map(|adapter| adapter.info)
        .chain([cpu().info])
        .collect()
}

/// Opens what was chosen. A GPU is opened, and a server called, once in a process: later calls share it.
pub fn open(choice: Choice) -> Result<Opened, DeviceError> {
    let adapters = match choice {
        Choice::Cpu | Choice::Remote(_) => Vec::new(),
        Choice::Auto | Choice::Gpu(_) => adapters(),
    };
    let count = adapters.len();
    let mut gpus = adapters.into_iter();
    let adapter = match choice {
        Choice::Remote(address) => return open_remote(address),
        Choice::Cpu => None,
        Choice::Auto => gpus.find(|adapter| adapter.info.kind == Kind::Gpu),
        Choice::Gpu(None) => Some(
            gpus.find(|adapter| adapter.info.kind == Kind::Gpu)
                .ok_or(DeviceError::NoGpu)?,
        ),
        Choice::Gpu(Some(index)) => Some(gpus.nth(index).ok_or(DeviceError::NoSuchGpu { index, count })?),
    };
    match adapter {
        Some(adapter) => open_adapter(adapter),
        None => {
            let cpu = cpu();
            warn_of_halves(&cpu.info);
            Ok(cpu)
        }
    }
}

/// The CPU, which every machine has.
pub fn cpu() -> Opened {
    Opened {
        device: Device::flex(),
        info: Info {
            choice: Choice::Cpu,
            name: "CPU".to_owned(),
            kind: Kind::Cpu,
            backend: "flex".to_owned(),
        },
    }
}

/// Says, once, that `--half` is asked for and changes nothing on a device.
fn warn_of_halves(info: &Info) {
    static SAID: Once = Once::new();
    if economy().half {
        SAID.call_once(|| {
            let name = &info.name;
            tracing::warn!("--half has no effect on {name}: it needs a local GPU that supports half precision");
        });
    }
}

/// Burn registers an adapter once in a process and keeps one session with a server, so what is open is remembered.
fn opened() -> MutexGuard<'static, Vec<Opened>> {
    static OPENED: Mutex<Vec<Opened>> = Mutex::new(Vec::new());
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The device of that choice, opened now if it is not open yet.
fn once(choice: &Choice, make: impl FnOnce() -> Result<Opened, DeviceError>) -> Result<Opened, DeviceError> {
    let mut opened = opened();
    if let Some(known) = opened.iter().find(|known| known.info.choice == *choice) {
        return Ok(known.clone());
    }
    let new = make()?;
    opened.push(new.clone());
    Ok(new)
}

/// What an open device is; none: the CPU, which needs no opening.
pub fn kind(device: &Device) -> Option<Kind> {
    opened()
        .iter()
        .find(|known| known.device == *device)
        .map(|known| known.info.kind)
}

/// Whether a device keeps weights in half precision and multiplies in it: a GPU of this machine that knows such numbers, where that was chosen.
pub fn halves(device: &Device) -> bool {
    economy().half && matches!(kind(device), Some(Kind::Gpu | Kind::Software)) && wants_halves(device)
}

/// Whether a device has units that multiply matrices in half precision.
pub fn has_matrix_units(device: &Device) -> bool {
    Dispatch::dtype_usage(device.as_dispatch(), DType::F16).contains(DTypeUsage::Accelerated)
}

fn wants_halves(device: &Device) -> bool {
    economy().half && device.supports_dtype(DType::F16)
}

fn open_remote(address: String) -> Result<Opened, DeviceError> {
    let choice = Choice::Remote(address.clone());
    once(&choice.clone(), || {
        let device = remote::connect(&address)?;
        let info = Info {
            choice,
            name: address,
            kind: Kind::Remote,
            backend: "WebSocket".to_owned(),
        };
        warn_of_halves(&info);
        Ok(Opened { device, info })
    })
}

/// What happened to a device that no longer answers, asked after a failure. None while it answers.
pub fn lost(device: &Device) -> Option<DeviceError> {
    let info = opened().iter().find(|known| known.device == *device)?.info.clone();
    match info.choice {
        Choice::Remote(address) => failure(device).map(|reason| DeviceError::Lost { address, reason }),
        // A failure that was still to be told is no loss: a device that lives works again after it.
        _ => failure(device)
            .and_then(|_| failure(device))
            .map(|reason| DeviceError::GpuLost { name: info.name, reason }),
    }
}

/// Why a device does not end what it was told to do.
fn failure(device: &Device) -> Option<String> {
    // Burn panics where its own thread for the device has done so.
    let said = match catch_unwind(AssertUnwindSafe(|| device.sync())) {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic_words(&*panic),
    };
    Some(first_cause(&said).to_owned())
}

/// The line that matters of what burn says of a failure: it puts its own words before it, and a backtrace behind.
fn first_cause(said: &str) -> &str {
    let cause = said.rsplit("Caused by:").next().unwrap_or(said).trim_start();
    cause.lines().next().unwrap_or_default()
}

fn open_adapter(Adapter { mut info, kind, api }: Adapter) -> Result<Opened, DeviceError> {
    once(&info.choice.clone(), || {
        set_up_runtime(info.kind);
        let options = Device::wgpu_options().device_kind(kind).graphics_api(api);
        let opening = loader();
        let device = options.init().map_err(|error| DeviceError::Open {
            name: info.name.clone(),
            message: error.to_string(),
        })?;
        drop(opening);
        if wants_halves(&device) {
            // Pictures differ by it, so their recipes tell.
            info.name += ", half precision";
        } else {
            warn_of_halves(&info);
        }
        Ok(Opened { device, info })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_needs_no_adapter() {
        let opened = open(Choice::Cpu).unwrap();
        assert_eq!(opened.info.kind, Kind::Cpu);
        assert_eq!(list().last(), Some(&cpu().info));
    }

    #[test]
    fn what_is_open_is_not_opened_again() {
        let choice = Choice::Remote("nowhere:1".to_owned());
        let refused = once(&choice, || Err(DeviceError::NotBuilt));
        assert!(refused.is_err(), "a failure is not kept");
        let made = Opened {
            device: Device::flex(),
            info: Info {
                choice: choice.clone(),
                ..cpu().info
            },
        };
        once(&choice, || Ok(made)).unwrap();
        once(&choice, || unreachable!("it is open")).unwrap();
    }

    #[test]
    fn of_a_failure_the_cause_is_told() {
        let said = "An error happened during execution\nCaused by:\n  no memory is left\n  at line 3";
        assert_eq!(first_cause(said), "no memory is left");
        assert_eq!(first_cause("Service call failed"), "Service call failed");
    }

    #[test]
    fn an_adapter_that_is_not_there_is_an_error() {
        let message = open(Choice::Gpu(Some(99))).err().unwrap().to_string();
        assert!(message.contains("gpu:99"), "{message}");
    }
}
