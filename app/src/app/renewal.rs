//! Another window in place of the one that is there, with the same session: its GPU was lost, or a person wants to have it drawn anew.
//!
//! eframe 0.37 keeps one GPU device for as long as its window lives, and has no way to give it another. So the window goes and a new one opens on a device
//! of its own. Documents, history and settings are the session's, and stay; so does what lies on the swap board and in the gallery, and how it is looked at.
//! What is drawn is made again from tiles and files.
//! Where a server is lost that only computes, the window stays.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eframe::egui_wgpu::{SurfaceErrorAction, WgpuConfiguration, wgpu::CurrentSurfaceTexture};
use egui::ViewportCommand;
use engine::device::{DeviceError, cpu};

use super::App;
use super::dropping::note_dropping;
use crate::canvas::context::Context;
use crate::files::Waker;
use crate::session::Notice;
use crate::ui::studio::Studio;
use crate::ui::theme;

/// Wakes whichever window there is.
#[derive(Clone)]
pub(super) struct Wake(Arc<Mutex<egui::Context>>);

impl Wake {
    pub fn new(context: &egui::Context) -> Self {
        Self(Arc::new(Mutex::new(context.clone())))
    }

    pub fn waker(&self) -> Waker {
        let own = self.clone();
        Arc::new(move || own.context().request_repaint())
    }

    fn context(&self) -> egui::Context {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn turn_to(&self, context: &egui::Context) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = context.clone();
    }
}

/// Whether the window's GPU is gone; and what wakes the window, once it is there.
#[derive(Clone, Default)]
pub struct Lost {
    gone: Arc<AtomicBool>,
    waker: Arc<OnceLock<Waker>>,
}

/// Refusals of a frame after which a device is gone: a device that lives refuses none for such a reason.
const REFUSALS: u32 = 3;

impl Lost {
    fn set(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Has the window's frames tell: one that is refused again and again is a sign.
    /// On a busy machine a frame may find no room in time. What it shows would stay unseen until something else happens, so that it is drawn once more.
    pub fn watch_frames(&self, options: &mut WgpuConfiguration) {
        let (lost, usual) = (self.clone(), options.on_surface_status.clone());
        let refused = std::sync::atomic::AtomicU32::new(0);
        options.on_surface_status = Arc::new(move |status| {
            if matches!(status, CurrentSurfaceTexture::Validation) && refused.fetch_add(1, Ordering::Relaxed) + 1 >= REFUSALS {
                lost.set();
                return SurfaceErrorAction::SkipFrame;
            }
            if let (CurrentSurfaceTexture::Timeout, Some(wake)) = (status, lost.waker.get()) {
                wake();
            }
            usual(status)
        });
    }

    /// Has the device tell.
    fn watch(&self, device: &wgpu::Device, wake: Waker) {
        let lost = self.clone();
        device.set_device_lost_callback(move |reason, message| {
            tracing::error!("the window's GPU is gone ({reason:?}): {message}");
            lost.set();
            wake();
        });
    }
}

/// What is said once the CPU has taken over.
const HERE: &str = " Pictures are made on the CPU from now on; the list at the right of the bar has the other devices.";

impl App {
    /// Closes the window for another to open, where [`crate::run_window`] shows it. `lost`: the GPU is gone.
    pub(super) fn leave_window(&mut self, context: &egui::Context, lost: bool) {
        self.renewing = Some(lost);
        context.send_viewport_cmd(ViewportCommand::Close);
    }

    /// The server or the GPU that computed is lost.
    pub(super) fn leave_device(&mut self, lost: &DeviceError) {
        // It would end in what to do: that is done.
        let words = match lost {
            DeviceError::Lost { address, reason } => {
                format!("The device at {address} is gone ({reason}). Nothing that you did is lost.")
            }
            DeviceError::GpuLost { name, reason } => {
                format!("The GPU {name} is gone ({reason}). Nothing that you did is lost.")
            }
            other => format!("{other}."),
        };
        match self.session.current_device().map(|info| info.choice.clone()) {
            Some(device) => _ = self.session.lose_device(&device),
            None => self.session.compute_on(&cpu()),
        }
        self.session.notice = Some(Notice::error(words + HERE));
    }

    /// Looks after the GPU that the window is drawn on.
    pub(super) fn watch_gpu(&mut self, creation: &eframe::CreationContext<'_>, lost: Lost) {
        let state = creation.wgpu_render_state.as_ref();
        if let Some(state) = state {
            lost.watch(&state.device, self.wake.waker());
        }
        // A window has one.
        let _ = lost.waker.set(self.wake.waker());
        self.gpu_lost = lost;
    }

    pub(super) fn has_lost_gpu(&self) -> bool {
        self.gpu_lost.is_set()
    }

    /// Whether another window is to open in place of the one that has closed.
    pub fn wants_window(&self) -> bool {
        self.renewing.is_some()
    }

    /// The window is closing: what holds on to it goes first.
    pub fn let_go_of_window(&mut self) {
        self.gallery.leave_note();
        self.session.pen.drop_source();
        if cfg!(target_os = "macos") && !self.wants_window() {
            // There nothing comes after the last window.
            self.session.finish();
        }
    }

    /// The program ends.
    pub fn finish(&mut self) {
        self.session.finish();
    }

    /// Goes on in another window.
    pub fn renew(&mut self, creation: &eframe::CreationContext<'_>, lost: Lost) {
        let context = &creation.egui_ctx;
        theme::install(context);
        self.show_theme(context);
        self.wake.turn_to(context);
        let gpu = creation.wgpu_render_state.as_ref();
        let gpu = gpu.map(|state| Context::new(&state.device, &state.queue, state.target_format));
        self.studio = Studio::new(gpu);
        self.swap_board.forget_textures(&mut self.session);
        self.gallery.forget_textures();
        self.training.forget_textures();
        (self.title, self.may_leave) = (String::new(), false);
        if self.renewing.take() == Some(true) {
            // Whether the engine's device is gone with it, its next picture tells.
            let words = "The window's GPU device was lost, and the window was opened anew. Nothing that you did is lost.";
            self.session.notice = Some(Notice::error(words.to_owned()));
        }
        self.watch_gpu(creation, lost);
        self.hear_of_pens(creation);
        note_dropping(creation);
    }
}
