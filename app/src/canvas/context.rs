//! The canvas's share of the GPU: one pipeline and the tile atlases, used by every pane.

use std::task::{Context as Task, Poll, Waker};
use std::time::{Duration, Instant};

use eframe::egui_wgpu;
use wgpu::util::DeviceExt;

use super::composite::{Entry, Pane};
use super::tile_atlas::TileAtlas;

/// Time a frame may spend on making new tiles, in all panes; the rest appear in the frames after it.
const PATIENCE: Duration = Duration::from_millis(12);

/// What the canvas keeps on the GPU.
pub struct Context {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::RenderPipeline,
    sampler: wgpu::Sampler,
    pub colours: TileAtlas,
    pub masks: TileAtlas,
    deadline: Instant,
}

/// Where a tile goes and what it shows.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Tile {
    /// The top left corner in the clip space of the pane.
    pub origin: [f32; 2],
    /// The upper edge from there, and the left one.
    pub along: [f32; 2],
    pub down: [f32; 2],
    /// Width and height of the part inside the picture, in texels.
    pub extent: [f32; 2],
    /// Row in the table of layers.
    pub row: u32,
}

/// Runs GPU work so that a mistake or a full memory is logged. Without this wgpu would panic, and the window with it.
pub fn guarded<T>(device: &wgpu::Device, what: &str, work: impl FnOnce() -> T) -> T {
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let result = work();
    let errors = [validation.pop().error_now(), memory.pop().error_now()];
    for error in errors.into_iter().flatten() {
        tracing::error!("the canvas could not {what}: {error}");
    }
    result
}

/// Looks at a popped error scope without waiting: native devices answer at once.
trait NoWait {
    fn error_now(self) -> Option<wgpu::Error>;
}

impl<F: Future<Output = Option<wgpu::Error>>> NoWait for F {
    fn error_now(self) -> Option<wgpu::Error> {
        match Box::pin(self).as_mut().poll(&mut Task::from_waker(Waker::noop())) {
            Poll::Ready(error) => error,
            Poll::Pending => None,
        }
    }
}

impl Context {
    /// For targets of `format`.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue, format: wgpu::TextureFormat) -> Self {
        guarded(device, "prepare the GPU", || {
            let atlas = |format| TileAtlas::new(device.clone(), queue.clone(), format);
            Self {
                pipeline: pipeline(device, format),
                sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                    label: Some("canvas"),
                    mag_filter: wgpu::FilterMode::Linear,
                    min_filter: wgpu::FilterMode::Linear,
                    ..Default::default()
                }),
                colours: atlas(wgpu::TextureFormat::Rgba8Unorm),
                masks: atlas(wgpu::TextureFormat::R8Unorm),
                device: device.clone(),
                queue: queue.clone(),
                deadline: Instant::now() + PATIENCE,
            }
        })
    }

    pub fn device(&self) -> wgpu::Device {
        self.device.clone()
    }

    /// Call once a frame, before the panes are drawn.
    pub fn begin_frame(&mut self) {
        self.deadline = Instant::now() + PATIENCE;
        self.colours.begin_frame();
        self.masks.begin_frame();
    }

    /// Until when this frame makes new tiles, for all panes together.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Uploads what one pane draws. `table` has `pane.layers` entries a tile.
    pub fn prepare(&self, pane: &Pane, tiles: &[Tile], table: &[Entry]) -> Draw {
        let uniform = self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("canvas pane"),
            contents: bytemuck::bytes_of(pane),
            usage: wgpu::BufferUsages::UNIFORM,
        });
        let size = wgpu::Extent3d {
            width: pane.layers.max(1),
            height: tiles.len().max(1) as u32,
            depth_or_array_layers: 1,
        };
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("canvas layers"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rg32Uint,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        if !table.is_empty() {
            let layout = wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(size.width * 8),
                rows_per_image: None,
            };
            self.queue
                .write_texture(texture.as_image_copy(), bytemuck::cast_slice(table), layout, size);
        }
        let textures = [
            texture.create_view(&Default::default()),
            self.colours.view(),
            self.masks.view(),
        ];
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("canvas pane"),
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &[
                entry(0, uniform.as_entire_binding()),
                entry(1, wgpu::BindingResource::TextureView(&textures[0])),
                entry(2, wgpu::BindingResource::TextureView(&textures[1])),
                entry(3, wgpu::BindingResource::TextureView(&textures[2])),
                entry(4, wgpu::BindingResource::Sampler(&self.sampler)),
            ],
        });
        let instances = self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("canvas tiles"),
            contents: bytemuck::cast_slice(tiles),
            usage: wgpu::BufferUsages::VERTEX,
        });
        Draw {
            pipeline: self.pipeline.clone(),
            bindings,
            instances,
            count: tiles.len() as u32,
        }
    }
}

/// One pane, ready to be drawn.
pub struct Draw {
    pipeline: wgpu::RenderPipeline,
    bindings: wgpu::BindGroup,
    instances: wgpu::Buffer,
    count: u32,
}

impl Draw {
    pub fn record(&self, pass: &mut wgpu::RenderPass<'_>) {
        if self.count == 0 {
            return;
        }
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.set_vertex_buffer(0, self.instances.slice(..));
        pass.draw(0..4, 0..self.count);
    }
}

impl egui_wgpu::CallbackTrait for Draw {
    fn paint(&self, _: egui::PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, _: &egui_wgpu::CallbackResources) {
        self.record(pass);
    }
}

fn pipeline(device: &wgpu::Device, format: wgpu::TextureFormat) -> wgpu::RenderPipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("composite"),
        source: wgpu::ShaderSource::Wgsl(include_str!("../../../shaders/composite.wgsl").into()),
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("composite"),
        layout: None,
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vertex"),
            compilation_options: Default::default(),
            buffers: &[Some(wgpu::VertexBufferLayout {
                array_stride: size_of::<Tile>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Float32x2, 3 => Float32x2, 4 => Uint32],
            })],
        },
        primitive: wgpu::PrimitiveState {
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            ..Default::default()
        },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fragment"),
            compilation_options: Default::default(),
            targets: &[Some(format.into())],
        }),
        multiview_mask: None,
        cache: None,
    })
}
