//! The graphics adapters of this machine.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::DeviceKind;
use burn::tensor::wgpu::WgpuBackend;
use cubecl_runtime::config::autotune::AutotuneLevel;
#[cfg(feature = "warm-start")]
use cubecl_runtime::config::cache::CacheConfig;
use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};

use super::{Choice, Info, Kind};

/// An adapter by the names under which burn finds it again.
pub(super) struct Adapter {
    pub info: Info,
    pub kind: DeviceKind,
    pub api: WgpuBackend,
}

/// Settles how kernels are tuned and kept. Must come before the first tensor on a GPU. Cubecl's own variables (`CUBECL_AUTOTUNE_LEVEL`) and a `cubecl.toml`
/// are honoured.
pub(super) fn set_up_runtime(kind: Kind) {
    let mut config = CubeClRuntimeConfig::from_current_dir();
    if kind == Kind::Software {
        // Autotuning measures many kernels, each of which a software adapter takes seconds to compile: try as few as can be.
        config.autotune.level = AutotuneLevel::Minimal;
        config.autotune.bench.min_samples = 1;
        config.autotune.bench.max_samples = 1;
    }
    #[cfg(feature = "warm-start")]
    keep_kernels(&mut config);
    let is_first = CubeClRuntimeConfig::try_set(config.override_from_env());
    if !is_first && kind == Kind::Software {
        tracing::warn!("the GPU runtime was in use before the software adapter was opened; its first pictures will be slow");
    }
}

/// Keeps what kernels were tuned to, and compiled into, in the person's cache folder: cubecl's own default is the build folder of whatever project the program
/// is started in.
#[cfg(feature = "warm-start")]
fn keep_kernels(config: &mut CubeClRuntimeConfig) {
    config.compilation.cache = true;
    if matches!(config.environment.path, CacheConfig::Target) {
        config.environment.path = CacheConfig::Global;
    }
}

/// Held while graphics APIs are asked and devices made: Vulkan's loader crashes where its instances come and go on several threads at once.
pub fn loader() -> MutexGuard<'static, ()> {
    static LOADER: Mutex<()> = Mutex::new(());
    LOADER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Real GPUs of the first graphics API that has any, then the software adapter of the first that has one and compiles WGSL. The
/// GPUs with memory of their own come first: drivers list them in any order.
pub(super) fn adapters() -> Vec<Adapter> {
    let _asking = loader();
    let apis = [
        // Before Vulkan, which on Apple's systems is translated to it (MoltenVK); no other system has it.
        (WgpuBackend::Metal, wgpu::Backend::Metal),
        (WgpuBackend::Vulkan, wgpu::Backend::Vulkan),
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
    gpus.sort_by_key(|gpu| match gpu.kind {
        DeviceKind::DiscreteGpu(_) => 0,
        DeviceKind::IntegratedGpu(_) => 2,
        _ => 1,
    });
    gpus.extend(software);
    for (index, adapter) in gpus.iter_mut().enumerate() {
        adapter.info.choice = Choice::Gpu(Some(index));
    }
    gpus
}

/// The adapters of one graphics API, counted as burn counts them: each kind from zero. Without a session, Mesa's layer for choosing a Vulkan device
/// (`VK_LAYER_MESA_device_select`, which the loader brings in by itself) asks Wayland for one and complains on stderr of `XDG_RUNTIME_DIR`. That is harmless
/// and not ours to stop: nothing but its variable `NODEVICE_SELECT=1` keeps it from asking.
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
    fn a_software_adapter_tries_one_kernel_of_a_kind() {
        set_up_runtime(Kind::Software);
        let autotune = &CubeClRuntimeConfig::get().autotune;
        assert!(matches!(autotune.level, AutotuneLevel::Minimal), "{:?}", autotune.level);
        assert_eq!(autotune.bench.samples(), (1, 1));
    }
}
