//! Opens the system's window, on the device that computes.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use eframe::egui_wgpu::{WgpuSetup, WgpuSetupExisting};
use engine::device::Choice;

use crate::app::App;

/// What the window opens with.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// A document or a drawing; none: the sample.
    pub file: Option<PathBuf>,
    /// A folder to look through.
    pub gallery: Option<PathBuf>,
    /// A swap board to begin with.
    pub board: Option<BoardFiles>,
    /// What computes.
    pub device: Choice,
}

/// What is put on the swap board; nothing: the sample shot.
#[derive(Clone, Debug, Default)]
pub struct BoardFiles {
    pub sketches: Vec<PathBuf>,
    pub references: Vec<PathBuf>,
}

/// Opens the window and returns when it is closed.
pub fn run_window(options: WindowOptions) -> anyhow::Result<()> {
    if !has_display() {
        bail!("there is no display to open a window on; `shiage colorize` works without one (`shiage colorize --help`)");
    }
    let opened = engine::device::open(options.device)?;
    let mut native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Shiage")
            .with_app_id("shiage")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([800.0, 520.0]),
        ..Default::default()
    };
    if let Some(setup) = &opened.setup {
        // One device for window and engine: what the engine makes can be drawn where it lies.
        native.wgpu_options.wgpu_setup = WgpuSetup::Existing(WgpuSetupExisting {
            instance: setup.instance.clone(),
            adapter: setup.adapter.clone(),
            device: setup.device.clone(),
            queue: setup.queue.clone(),
        });
    }
    let create =
        move |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
            Ok(Box::new(App::with_service(creation, opened, options)?))
        };
    eframe::run_native("shiage", native, Box::new(create))
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("the window could not be opened; `shiage colorize` works without one")
}

/// On Linux a window needs a display server; elsewhere there always is one.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
