//! Opens the system's window, and another in its place, if need be.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use eframe::egui_wgpu::WgpuSetup;
use engine::device::{Choice, Opened};

use crate::app::{App, Lost};

/// What the window opens with.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// A document or a drawing; none: the sample.
    pub file: Option<PathBuf>,
    /// The document's takes are to be looked through.
    pub reviews_takes: bool,
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

/// The program, which outlives its windows.
type Desk = Rc<RefCell<Option<App>>>;

/// Opens the window and returns when it is closed.
pub fn run_window(options: WindowOptions) -> anyhow::Result<()> {
    if !has_display() {
        bail!("there is no display to open a window on; `shiage colorize` works without one (`shiage colorize --help`)");
    }
    let opened = engine::device::open(options.device.clone())?;
    let desk = Desk::default();
    let outcome = loop {
        let first = desk.borrow().is_none().then(|| (opened.clone(), options.clone()));
        match open_window(&desk, first) {
            Ok(()) if desk.borrow().as_ref().is_some_and(App::wants_window) => {}
            outcome => break outcome,
        }
    };
    if let Some(mut app) = desk.take() {
        app.finish();
    }
    outcome
}

/// Opens a window on the program that is there, or on a new one. Returns when it is closed.
fn open_window(desk: &Desk, first: Option<(Opened, WindowOptions)>) -> anyhow::Result<()> {
    let mut native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Shiage")
            .with_app_id("shiage")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([800.0, 520.0]),
        ..Default::default()
    };
    spare_memory(&mut native.wgpu_options.wgpu_setup);
    #[cfg(target_os = "macos")]
    {
        use winit::platform::macos::EventLoopBuilderExtMacOS;
        // Quit in the menu that winit makes ends the program without a question. Without that menu Cmd+Q is the command's, as all keys are.
        native.event_loop_builder = Some(Box::new(|builder| {
            builder.with_default_menu(false);
        }));
    }
    let lost = Lost::default();
    lost.watch_frames(&mut native.wgpu_options);
    let shell = Shell(desk.clone());
    // Until the window has a device, nobody else looks for some.
    let asking = engine::device::loader();
    let create =
        move |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
            drop(asking);
            match first {
                Some((opened, options)) => {
                    let app = App::with_service(creation, opened, options, lost)?;
                    *shell.0.borrow_mut() = Some(app);
                }
                None => shell.with(|app| app.renew(creation, lost)).unwrap_or_default(),
            }
            Ok(Box::new(shell))
        };
    eframe::run_native("shiage", native, Box::new(create))
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("the window could not be opened; `shiage colorize` works without one")
}

/// What the canvas does not take of a GPU's memory is left to the engine.
pub fn spare_memory(setup: &mut WgpuSetup) {
    if let WgpuSetup::CreateNew(setup) = setup {
        let usual = setup.device_descriptor.clone();
        setup.device_descriptor = Arc::new(move |adapter| wgpu::DeviceDescriptor {
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..usual(adapter)
        });
    }
}

/// The program, as a window has it.
struct Shell(Desk);

impl Shell {
    fn with<T>(&self, act: impl FnOnce(&mut App) -> T) -> Option<T> {
        self.0.borrow_mut().as_mut().map(act)
    }
}

impl eframe::App for Shell {
    fn logic(&mut self, context: &egui::Context, frame: &mut eframe::Frame) {
        self.with(|app| app.logic(context, frame));
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.with(|app| app.ui(ui, frame));
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.with(|app| app.clear_color(visuals)).unwrap_or_default()
    }

    fn raw_input_hook(&mut self, context: &egui::Context, input: &mut egui::RawInput) {
        self.with(|app| app.raw_input_hook(context, input));
    }

    fn on_exit(&mut self) {
        self.with(App::let_go_of_window);
    }
}

/// On Linux a window needs a display server; elsewhere there always is one.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
