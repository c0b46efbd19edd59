//! Pens under Wayland and Windows, by octotablet.

use std::f32::consts::FRAC_PI_2;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use octotablet::builder::{BuildError, Builder};
use octotablet::events::{Event, ToolEvent};
use octotablet::tool::{Tool, Type};
use octotablet::{Backend, Manager};
use wgpu::rwh::{HasDisplayHandle, HasWindowHandle};

use super::{Axes, PenEvent, PenInput, PenSample};

/// Asked on the window's thread: the system has queued what there is.
pub struct Tablet {
    manager: Manager,
    pens: Vec<String>,
}

impl Tablet {
    /// Listens to what pens do over a window.
    ///
    /// # Safety
    /// The window and its connection to the system outlive what is returned.
    #[allow(unsafe_code)] // The window is eframe's, which lends its handle and shares no ownership.
    pub unsafe fn open(window: &(impl HasWindowHandle + HasDisplayHandle)) -> Result<Self, BuildError> {
        let builder = Builder::new().emulate_tool_from_mouse(false);
        // Safety: forwarded to the caller.
        let build = || unsafe { builder.build_raw(window) };
        // On a Windows without Ink, octotablet 0.1 panics instead of telling.
        let manager = catch_unwind(AssertUnwindSafe(build)).unwrap_or(Err(BuildError::Unsupported))?;
        Ok(Self {
            manager,
            pens: Vec::new(),
        })
    }
}

impl PenInput for Tablet {
    fn poll(&mut self, scale: f32) -> Vec<PenEvent> {
        let now = Instant::now();
        // Windows Ink counts by the window's own resolution: those are pixels already.
        let scale = if self.is_pointer() { 1.0 } else { scale };
        let events = match self.manager.pump() {
            Ok(events) => events,
            Err(error) => return vec![PenEvent::Failed(format!("The system does not tell of pens: {error}."))],
        };
        let mut told: Vec<PenEvent> = Vec::new();
        // What happened at one time is told in any order up to the end of the frame; a tip goes down where the pen is by then.
        let mut down = false;
        for event in events {
            let Event::Tool { tool, event } = event else { continue };
            if !is_pen(tool) {
                continue;
            }
            match event {
                ToolEvent::Pose(pose) => told.push(PenEvent::Sample(PenSample {
                    position: pose.position.map(|place| place * scale),
                    axes: Axes {
                        // What has no such axis presses fully.
                        pressure: pose.pressure.get().unwrap_or(1.0).clamp(0.0, 1.0),
                        tilt: pose
                            .tilt
                            .unwrap_or_default()
                            .map(|angle| (angle / FRAC_PI_2).clamp(-1.0, 1.0)),
                    },
                    when: now,
                    device: name(tool).into(),
                    eraser: tool.tool_type == Some(Type::Eraser),
                })),
                ToolEvent::Down => down = true,
                ToolEvent::Up => told.push(PenEvent::Tip(false)),
                ToolEvent::Button { pressed, .. } => told.push(PenEvent::Barrel(pressed)),
                ToolEvent::Out => told.push(PenEvent::Gone),
                ToolEvent::Frame(_) if std::mem::take(&mut down) => told.push(PenEvent::Tip(true)),
                ToolEvent::Added | ToolEvent::Removed | ToolEvent::In { .. } | ToolEvent::Frame(_) => {}
            }
        }
        let pens: Vec<String> = self.manager.tools().iter().filter(|tool| is_pen(tool)).map(name).collect();
        if pens != self.pens {
            self.pens.clone_from(&pens);
            told.insert(0, PenEvent::Devices(pens));
        }
        told
    }

    fn is_pointer(&self) -> bool {
        matches!(self.manager.backed(), Backend::WindowsInkRealTimeStylus)
    }

    fn is_silent(&self) -> bool {
        // Under Wayland they come by a queue of their own, which the window's library does not look at. There may be tablets before there is a pen.
        !self.is_pointer() && !self.manager.tablets().is_empty()
    }

    fn name(&self) -> &'static str {
        match self.manager.backed() {
            Backend::WaylandTabletUnstableV2 => "Wayland's tablet protocol",
            Backend::WindowsInkRealTimeStylus => "Windows Ink",
        }
    }
}

/// Fingers and mice move the pointer by themselves.
fn is_pen(tool: &Tool) -> bool {
    !matches!(tool.tool_type, Some(Type::Finger | Type::Mouse | Type::Lens | Type::Emulated))
}

fn name(tool: &Tool) -> String {
    let kind = || tool.tool_type.as_ref().map(|kind| kind.as_ref().to_owned());
    tool.name.clone().or_else(kind).unwrap_or_else(|| "Pen".to_owned())
}
