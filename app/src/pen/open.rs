//! Which source there is for a window.

#[cfg(not(target_os = "macos"))]
use wgpu::rwh::RawWindowHandle;
use wgpu::rwh::{HasDisplayHandle, HasWindowHandle};

use super::PenInput;
use crate::files::Waker;

/// Where pens over a window are heard of; none where the system has no such place.
///
/// # Safety
/// The window and its connection to the system outlive what is returned.
#[cfg(not(target_os = "macos"))]
#[allow(unsafe_code)] // See `Tablet::open`.
pub unsafe fn open(window: &(impl HasWindowHandle + HasDisplayHandle), waker: Waker) -> Option<Box<dyn PenInput>> {
    // Windows Ink's pens move the pointer, which wakes the window.
    #[cfg(windows)]
    drop(waker);
    let handle = window.window_handle().ok()?.as_raw();
    match handle {
        #[cfg(all(unix, not(target_os = "macos")))]
        RawWindowHandle::Xlib(handle) => xinput(u32::try_from(handle.window).ok()?, waker),
        #[cfg(all(unix, not(target_os = "macos")))]
        RawWindowHandle::Xcb(handle) => xinput(handle.window.get(), waker),
        RawWindowHandle::Wayland(_) | RawWindowHandle::Win32(_) => {
            // Safety: forwarded to the caller.
            let opened = unsafe { super::tablet::Tablet::open(window) };
            let warn = |error| tracing::warn!("pens have no pressure: {error}");
            opened.map_err(warn).ok().map(|tablet| Box::new(tablet) as Box<dyn PenInput>)
        }
        _ => None,
    }
}

/// No place on macOS.
///
/// # Safety
/// As elsewhere.
#[cfg(target_os = "macos")]
#[allow(unsafe_code)] // As elsewhere.
pub unsafe fn open(_: &(impl HasWindowHandle + HasDisplayHandle), _: Waker) -> Option<Box<dyn PenInput>> {
    None
}

#[cfg(all(unix, not(target_os = "macos")))]
fn xinput(window: u32, waker: Waker) -> Option<Box<dyn PenInput>> {
    let opened = super::xinput::XInput::open(window, waker);
    let warn = |error| tracing::warn!("pens have no pressure: their thread cannot be started: {error}");
    opened.map_err(warn).ok().map(|source| Box::new(source) as Box<dyn PenInput>)
}
