//! Frames of the window while the engine computes on the same GPU, each on a device of its own, as in the program. A frame is laid out, its canvas composited,
//! and drawn, with the tree of widgets that screen readers have; it ends when it could be shown.

use std::time::{Duration, Instant};

use app::app::App;
use app::command::Command;
use app::window::spare_memory;
use eframe::egui_wgpu::{RenderState, RendererOptions, ScreenDescriptor, WgpuSetup, wgpu};
use egui::{Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state};
use engine::device::Opened;
use engine::request::Settings;
use serde_json::json;

use crate::{WINDOW, figures, sample, told};

/// From the beginning of a frame to that of the next, at the least.
const PACE: Duration = Duration::from_millis(8);
/// The most that a job may have: nearly all frames are beside its steps.
const STEPS: u32 = *Settings::STEPS.end();

pub fn measure(opened: Opened, given: Settings, count: usize) {
    let engine = opened.info.to_string();
    let mut window = Window::open(opened, given);
    let adapter = window.state.adapter.get_info().name;
    println!("the window on {adapter}, the engine on {engine}; of {count} frames, at most every {PACE:?}:");
    let alone = figures(window.frames(|_, done| done < count));
    println!("by itself: {}", told(alone));
    window.harness.state_mut().session.run(Command::Colorize);
    let tuning = figures(window.frames(|app, _| app.session.is_coloring()));
    let notice = window.harness.state().session.notice.as_ref();
    assert!(notice.is_none_or(|notice| !notice.grave), "{notice:?}");
    println!(
        "until the first picture is there, for which kernels are tuned: {}",
        told(tuning)
    );
    let beside = figures(window.frames(|app, done| {
        if !app.session.is_coloring() {
            app.session.run(Command::Colorize);
        }
        done < count
    }));
    println!("while pictures are made: {}", told(beside));
    let frames = json!({ "alone": alone, "tuning": tuning, "beside": beside });
    println!(
        "{}",
        json!({ "window": adapter, "engine": engine, "frames_median_99_longest_ms": frames })
    );
}

struct Window {
    harness: Harness<'static, App>,
    state: RenderState,
    /// What a window would show.
    target: wgpu::TextureView,
    /// The middle of the canvas.
    canvas: Pos2,
}

impl Window {
    fn open(opened: Opened, given: Settings) -> Self {
        let mut setup = WgpuSetup::without_display_handle();
        spare_memory(&mut setup);
        let state = create_render_state(setup, RendererOptions::default());
        let builder = Harness::builder().renderer(WgpuTestRenderer::from_render_state(state.clone()));
        let mut harness = sample(builder, opened, given);
        harness.state_mut().session.settings.steps = STEPS;
        let [width, height] = WINDOW.map(|side| side as u32);
        let texture = state.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("window"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: state.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        Self {
            canvas: harness.get_by_label("Canvas").rect().center(),
            target: texture.create_view(&wgpu::TextureViewDescriptor::default()),
            harness,
            state,
        }
    }

    /// As many as are wanted, which is asked with the number of those before; how long each took. The pointer goes round over the canvas.
    fn frames(&mut self, mut wanted: impl FnMut(&mut App, usize) -> bool) -> Vec<Duration> {
        let mut times = Vec::new();
        while wanted(self.harness.state_mut(), times.len()) {
            let begun = Instant::now();
            let (y, x) = (0.1 * times.len() as f32).sin_cos();
            self.harness.hover_at(self.canvas + 100.0 * vec2(x, y));
            self.harness.step();
            self.draw();
            times.push(begun.elapsed());
            std::thread::sleep(PACE.saturating_sub(begun.elapsed()));
        }
        times
    }

    /// What was laid out, to the end.
    fn draw(&self) {
        let RenderState { device, queue, .. } = &self.state;
        let context = &self.harness.ctx;
        let pixels_per_point = context.pixels_per_point();
        let screen = ScreenDescriptor {
            size_in_pixels: WINDOW.map(|side| side as u32),
            pixels_per_point,
        };
        let primitives = context.tessellate(self.harness.output().shapes.clone(), pixels_per_point);
        let mut renderer = self.state.renderer.write();
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let prepared = renderer.update_buffers(device, queue, &mut encoder, &primitives, &screen);
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("window"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.target,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                    store: wgpu::StoreOp::Store,
                },
                depth_slice: None,
            })],
            ..Default::default()
        });
        let mut pass = pass.forget_lifetime();
        renderer.render(&mut pass, &primitives, &screen);
        drop(pass);
        queue.submit(prepared.into_iter().chain([encoder.finish()]));
        device.poll(wgpu::PollType::wait_indefinitely()).expect("the GPU draws");
    }
}
