//! Which processor the tensors live on: a GPU through wgpu, the CPU, or a device of another process or machine. Chosen at run time, opened once, shared
//! with the window.
//!
//! Two shader compilers serve wgpu. Burn's SPIR-V compiler is faster on real GPUs, but its shaders crash Mesa's software Vulkan; WGSL runs everywhere.
//! The runtime picks SPIR-V for every Vulkan adapter that can take it, so software adapters are opened through another graphics API (OpenGL on Linux,
//! Direct3D 12 on Windows), which always compiles WGSL.
//!
//! Nothing of the tuning is kept on disk: every process tunes anew. Below burn 0.22 (cubecl 0.11) the one store for that is burn's feature `persistence`,
//! an embedded SQL database (turso): 109 more packages, among them a generator of C bindings, for a table of a few hundred rows. Compiled pipelines are
//! kept by the graphics drivers themselves.

#[cfg_attr(not(feature = "remote"), path = "device/no_remote.rs")]
mod remote;

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::wgpu::WgpuBackend;
pub use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, DeviceKind};
use cubecl_runtime::config::autotune::AutotuneLevel;
use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};
pub use remote::serve;

/// Names the environment variable with the token that a server wants of its clients.
pub const TOKEN: &str = "SHIAGE_TOKEN";

/// What a person asks for with `--device`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first real GPU; the CPU where there is none. Never a software adapter.
    #[default]
    Auto,
    Cpu,
    /// `Some(n)`: the adapter that [`list`] calls `gpu:n`, a software one included. `None`: the first real GPU.
    Gpu(Option<usize>),
    /// The device that `shiage serve` serves at this `HOST:PORT`.
    Remote(String),
}

impl FromStr for Choice {
    type Err = DeviceError;

    /// Reads `auto`, `cpu`, `gpu`, `gpu:N` and `remote:HOST:PORT`.
    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let named = match text.split_once(':') {
            None if text == "auto" => Some(Self::Auto),
            None if text == "cpu" => Some(Self::Cpu),
            None if text == "gpu" => Some(Self::Gpu(None)),
            Some(("gpu", index)) => index.parse().ok().map(|index| Self::Gpu(Some(index))),
            Some(("remote", address)) => is_address(address).then(|| Self::Remote(address.to_owned())),
            _ => None,
        };
        named.ok_or_else(|| DeviceError::Unknown { text: text.to_owned() })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(None) => f.write_str("gpu"),
            Self::Gpu(Some(index)) => write!(f, "gpu:{index}"),
            Self::Remote(address) => write!(f, "remote:{address}"),
        }
    }
}

/// Whether it reads `HOST:PORT`, where an IPv6 host stands in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let whole = host.starts_with('[') && host.ends_with(']') || !host.contains(':');
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._[]:%".contains(letter);
    !host.is_empty() && whole && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

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
        "the connection to {address} broke off, because its server or the network went away: start the server again, then this program"
    )]
    Lost { address: String },
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
    /// The wgpu handles, for the window to draw with. None on the CPU, and where the graphics API cannot share them (OpenGL):
    /// then the window makes its own.
    pub setup: Option<WgpuSetup>,
}

/// An adapter by the names under which burn finds it again.
struct Adapter {
    info: Info,
    kind: DeviceKind,
    api: WgpuBackend,
}

/// The devices of this machine: real GPUs, then software adapters, then the CPU. Takes some tenths of a second.
pub fn list() -> Vec<Info> {
    adapters().into_iter().map(|adapter| adapter.info).chain([cpu()]).collect()
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
        Choice::Remote(address) => return open_remote(&address),
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
        None => Ok(Opened {
            device: Device::flex(),
            info: cpu(),
            setup: None,
        }),
    }
}

fn cpu() -> Info {
    Info {
        choice: Choice::Cpu,
        name: "CPU".to_owned(),
        kind: Kind::Cpu,
        backend: "flex".to_owned(),
    }
}

/// Burn registers an adapter once in a process and keeps one session with a server, so what is open is remembered.
fn opened() -> MutexGuard<'static, Vec<Opened>> {
    static OPENED: Mutex<Vec<Opened>> = Mutex::new(Vec::new());
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open_remote(address: &str) -> Result<Opened, DeviceError> {
    let mut opened = opened();
    let choice = Choice::Remote(address.to_owned());
    if let Some(known) = opened.iter().find(|known| known.info.choice == choice) {
        return Ok(known.clone());
    }
    let new = Opened {
        device: remote::connect(address)?,
        info: Info {
            choice,
            name: address.to_owned(),
            kind: Kind::Remote,
            backend: "WebSocket".to_owned(),
        },
        setup: None,
    };
    opened.push(new.clone());
    Ok(new)
}

/// What happened to a device that no longer answers, asked after a failure. None of the devices of this machine, and while the server answers.
pub fn lost(device: &Device) -> Option<DeviceError> {
    let known = opened().iter().find(|known| known.device == *device)?.info.choice.clone();
    let Choice::Remote(address) = known else {
        return None;
    };
    // Burn panics where its own thread for the device has done so.
    let answer = catch_unwind(AssertUnwindSafe(|| device.sync()));
    (!matches!(answer, Ok(Ok(())))).then_some(DeviceError::Lost { address })
}

fn open_adapter(adapter: Adapter) -> Result<Opened, DeviceError> {
    let mut opened = opened();
    if let Some(known) = opened.iter().find(|known| known.info == adapter.info) {
        return Ok(known.clone());
    }
    if adapter.info.kind == Kind::Software {
        tune_for_software();
    }
    let options = Device::wgpu_options().device_kind(adapter.kind).graphics_api(adapter.api);
    let (device, setup) = options.init_with_setup().map_err(|error| DeviceError::Open {
        name: adapter.info.name.clone(),
        message: error.to_string(),
    })?;
    let new = Opened {
        device,
        info: adapter.info,
        // An OpenGL context belongs to the display connection that it was made with, and burn makes it without one.
        setup: (adapter.api != WgpuBackend::Gl).then_some(setup),
    };
    opened.push(new.clone());
    Ok(new)
}

/// Autotuning measures many kernels, each of which a software adapter takes seconds to compile: try as few as can be.
/// Must come before the first tensor on a GPU. Cubecl's own variable `CUBECL_AUTOTUNE_LEVEL` and a `cubecl.toml` are honoured.
fn tune_for_software() {
    let mut config = CubeClRuntimeConfig::from_current_dir();
    config.autotune.level = AutotuneLevel::Minimal;
    config.autotune.bench.min_samples = 1;
    config.autotune.bench.max_samples = 1;
    if !CubeClRuntimeConfig::try_set(config.override_from_env()) {
        tracing::warn!("the GPU runtime was in use before the software adapter was opened; its first pictures will be slow");
    }
}

/// Real GPUs of the first graphics API that has any, then the software adapter of the first that has one and compiles WGSL.
fn adapters() -> Vec<Adapter> {
    let apis = [
        (WgpuBackend::Vulkan, wgpu::Backend::Vulkan),
        (WgpuBackend::Metal, wgpu::Backend::Metal),
        (WgpuBackend::Dx12, wgpu::Backend::Dx12),
        (WgpuBackend::Gl, wgpu::Backend::Gl),
    ];
    let mut gpus = Vec::new();
    let mut software = None;
    for (api, backend) in apis {
        let found = enumerate(api, backend);
        let (soft, real): (Vec<_>, Vec<_>) = found.into_iter().partition(|adapter| adapter.info.kind == Kind::Software);
        if gpus.is_empty() {
            gpus = real;
        }
        let spirv = api == WgpuBackend::Vulkan;
        if software.is_none() && !spirv {
            // Burn knows one software adapter for each graphics API: the first.
            software = soft.into_iter().next();
        }
        if !gpus.is_empty() && software.is_some() {
            break;
        }
    }
    gpus.extend(software);
    for (index, adapter) in gpus.iter_mut().enumerate() {
        adapter.info.choice = Choice::Gpu(Some(index));
    }
    gpus
}

/// The adapters of one graphics API, counted as burn counts them: each kind from zero.
fn enumerate(api: WgpuBackend, backend: wgpu::Backend) -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: backend.into(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut counts = [0; 3];
    let mut count = |slot: usize| {
        counts[slot] += 1;
        counts[slot] - 1
    };
    let found = burn::tensor::read_sync(instance.enumerate_adapters(backend.into()));
    let adapters = found.iter().map(|adapter| {
        let info = adapter.get_info();
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu(count(0)),
            wgpu::DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu(count(1)),
            wgpu::DeviceType::VirtualGpu => DeviceKind::VirtualGpu(count(2)),
            // Burn has no name for a GPU that its API does not describe (OpenGL) but the API's own first choice.
            wgpu::DeviceType::Other => DeviceKind::DefaultDevice,
            wgpu::DeviceType::Cpu => DeviceKind::Cpu,
        };
        Adapter {
            info: Info {
                choice: Choice::Auto,
                name: info.name,
                kind: if kind == DeviceKind::Cpu { Kind::Software } else { Kind::Gpu },
                backend: format!("{backend:?}"),
            },
            kind,
            api,
        }
    });
    adapters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_what_it_writes() {
        let remote = |address: &str| Choice::Remote(address.to_owned());
        for choice in [
            Choice::Auto,
            Choice::Cpu,
            Choice::Gpu(None),
            Choice::Gpu(Some(3)),
            remote("render-2.studio:7300"),
            remote("[::1]:7300"),
        ] {
            assert_eq!(choice.to_string().parse::<Choice>().unwrap(), choice);
        }
    }

    #[test]
    fn a_wrong_choice_names_the_right_ones() {
        for text in ["", "GPU", "gpu:", "gpu:-1", "gpu:x", "cuda", "cpu:0"] {
            let message = text.parse::<Choice>().unwrap_err().to_string();
            assert!(message.contains("gpu:N"), "{message}");
        }
        for address in [
            "",
            "host",
            "host:",
            ":1",
            "host:0",
            "host:65536",
            "::1:80",
            "ws://host:80",
            "host:80/x",
        ] {
            let message = format!("remote:{address}").parse::<Choice>().unwrap_err().to_string();
            assert!(message.contains("remote:HOST:PORT"), "{message}");
        }
    }

    #[test]
    fn the_cpu_needs_no_adapter() {
        let opened = open(Choice::Cpu).unwrap();
        assert_eq!((opened.info.kind, opened.setup.is_none()), (Kind::Cpu, true));
        assert_eq!(list().last(), Some(&cpu()));
    }

    #[test]
    fn a_software_adapter_tries_one_kernel_of_a_kind() {
        tune_for_software();
        let autotune = &CubeClRuntimeConfig::get().autotune;
        assert!(matches!(autotune.level, AutotuneLevel::Minimal), "{:?}", autotune.level);
        assert_eq!(autotune.bench.samples(), (1, 1));
    }

    #[test]
    fn an_adapter_that_is_not_there_is_an_error() {
        let message = open(Choice::Gpu(Some(99))).err().unwrap().to_string();
        assert!(message.contains("gpu:99"), "{message}");
    }
}
