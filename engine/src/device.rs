//! Which processor the tensors live on: a GPU through wgpu, or the CPU. Chosen at run time, opened once, shared with the window.
//!
//! Two shader compilers serve wgpu. Burn's SPIR-V compiler is faster on real GPUs, but its shaders crash Mesa's software Vulkan; WGSL runs everywhere.
//! The runtime picks SPIR-V for every Vulkan adapter that can take it, so software adapters are opened through another graphics API (OpenGL on Linux,
//! Direct3D 12 on Windows), which always compiles WGSL.
//!
//! Nothing of the tuning is kept on disk: every process tunes anew. Below burn 0.22 (cubecl 0.11) the one store for that is burn's feature `persistence`,
//! an embedded SQL database (turso): 109 more packages, among them a generator of C bindings, for a table of a few hundred rows. Compiled pipelines are
//! kept by the graphics drivers themselves.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use burn::tensor::wgpu::WgpuBackend;
pub use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, DeviceKind};
use cubecl_runtime::config::autotune::AutotuneLevel;
use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};

/// What a person asks for with `--device`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first real GPU; the CPU where there is none. Never a software adapter.
    #[default]
    Auto,
    Cpu,
    /// `Some(n)`: the adapter that [`list`] calls `gpu:n`, a software one included. `None`: the first real GPU.
    Gpu(Option<usize>),
}

impl FromStr for Choice {
    type Err = DeviceError;

    /// Reads `auto`, `cpu`, `gpu` and `gpu:N`.
    fn from_str(text: &str) -> Result<Self, DeviceError> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu(None)),
            _ => text
                .strip_prefix("gpu:")
                .and_then(|index| index.parse().ok())
                .map(|index| Self::Gpu(Some(index)))
                .ok_or_else(|| DeviceError::Unknown { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(None) => f.write_str("gpu"),
            Self::Gpu(Some(index)) => write!(f, "gpu:{index}"),
        }
    }
}

/// What kind of processor a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gpu,
    /// A GPU's interface served by the CPU (Mesa's lavapipe and llvmpipe, Windows' WARP): for tests.
    Software,
    Cpu,
}

/// One device of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// What selects it.
    pub choice: Choice,
    /// The adapter's own name.
    pub name: String,
    pub kind: Kind,
    /// The graphics API, or the library that computes on the CPU.
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
    #[error("unknown device \"{text}\": write auto, cpu, gpu or gpu:N")]
    Unknown { text: String },
    #[error("this machine has no GPU that can be used: choose the device cpu, or auto")]
    NoGpu,
    #[error("this machine has no device gpu:{index}, only {count} of that kind: `--device list` shows them")]
    NoSuchGpu { index: usize, count: usize },
    #[error("cannot open the GPU {name}: {message}; choose the device cpu instead")]
    Open { name: String, message: String },
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

/// Opens what was chosen. A GPU is opened once in a process: later calls share it.
pub fn open(choice: Choice) -> Result<Opened, DeviceError> {
    let adapters = match choice {
        Choice::Cpu => Vec::new(),
        Choice::Auto | Choice::Gpu(_) => adapters(),
    };
    let count = adapters.len();
    let mut gpus = adapters.into_iter();
    let adapter = match choice {
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

/// Burn registers an adapter once in a process, so what is open is remembered.
static OPENED: Mutex<Vec<Opened>> = Mutex::new(Vec::new());

fn open_adapter(adapter: Adapter) -> Result<Opened, DeviceError> {
    let mut opened = OPENED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
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
        for choice in [Choice::Auto, Choice::Cpu, Choice::Gpu(None), Choice::Gpu(Some(3))] {
            assert_eq!(choice.to_string().parse::<Choice>().unwrap(), choice);
        }
    }

    #[test]
    fn a_wrong_choice_names_the_right_ones() {
        for text in ["", "GPU", "gpu:", "gpu:-1", "gpu:x", "cuda"] {
            let message = text.parse::<Choice>().unwrap_err().to_string();
            assert!(message.contains("gpu:N"), "{message}");
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
