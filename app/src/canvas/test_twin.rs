//! Holds `shaders/composite.wgsl` against its twin on the CPU, pixel by pixel.

use std::sync::mpsc::channel;

use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};

use super::composite::{Entry, Mode, Pane, Texels, fragment};
use super::context::{Context, Tile};
use super::pyramid::{SLOT, Stamp};
use crate::document::Blend;

/// The target's size; a row is a multiple of the 256 bytes that copies ask for.
const SIZE: [u32; 2] = [64, 48];
/// In 255ths. GPUs weigh neighbouring texels in 256ths, which on noise, through three layers, is worth about 2.
const TOLERANCE: f32 = 4.0;
/// Pixels of a target that may differ by more.
const STEEP: usize = 12;
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Pixels like noise, but the same on every run: the hardest case for a filter.
fn noise(seed: u32) -> impl Iterator<Item = u8> {
    std::iter::successors(Some(seed | 1), |state| {
        Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
    })
    .map(|state| (state >> 24) as u8)
}

/// Two tiles of premultiplied noise, two of smooth colour, and one of mask.
struct Tiles {
    colours: [Vec<[u8; 4]>; 4],
    mask: Vec<u8>,
}

impl Tiles {
    fn new() -> Self {
        let count = (SLOT * SLOT) as usize;
        let colour = |seed| {
            let bytes: Vec<u8> = noise(seed).take(4 * count).collect();
            let premultiplied = |&[r, g, b, a]: &[u8; 4]| [r.min(a), g.min(a), b.min(a), a];
            bytes.as_chunks().0.iter().map(premultiplied).collect()
        };
        let smooth = |speed: [u32; 3], alpha: u32| {
            let wave = |at: u32| (at % 510).abs_diff(255);
            let pixel = |index: u32| {
                let (x, y) = (index % SLOT, index / SLOT);
                let [r, g, b] =
                    [wave(x * speed[0]), wave(y * speed[1]), wave((x + y) * speed[2])].map(|v| (v * alpha / 255) as u8);
                [r, g, b, alpha as u8]
            };
            (0..SLOT * SLOT).map(pixel).collect()
        };
        Self {
            colours: [colour(1), colour(77), smooth([3, 2, 1], 255), smooth([1, 3, 5], 160)],
            mask: noise(5).take(count).collect(),
        }
    }
}

impl Texels for Tiles {
    fn colour(&self, slot: u32, x: u32, y: u32) -> [u8; 4] {
        self.colours[slot as usize][(y * SLOT + x) as usize]
    }

    fn mask(&self, _: u32, x: u32, y: u32) -> u8 {
        self.mask[(y * SLOT + x) as usize]
    }
}

fn draw(
    state: &eframe::egui_wgpu::RenderState,
    context: &Context,
    pane: &Pane,
    layers: &[(Mode, Entry)],
    extent: [f32; 2],
) -> Vec<u8> {
    let table: Vec<Entry> = layers.iter().map(|(_, entry)| *entry).collect();
    let (device, queue) = (&state.device, &state.queue);
    let target = device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d {
            width: SIZE[0],
            height: SIZE[1],
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let tile = Tile {
        origin: [-1.0, 1.0],
        along: [2.0, 0.0],
        down: [0.0, -2.0],
        extent,
        row: 0,
    };
    let draw = context.prepare(pane, &[tile], &table);
    let bytes = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(SIZE[0] * SIZE[1] * 4),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    let view = target.create_view(&Default::default());
    let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: Default::default(),
        })],
        ..Default::default()
    });
    draw.record(&mut pass);
    drop(pass);
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(SIZE[0] * 4),
        rows_per_image: None,
    };
    let into = wgpu::TexelCopyBufferInfo { buffer: &bytes, layout };
    encoder.copy_texture_to_buffer(target.as_image_copy(), into, target.size());
    queue.submit([encoder.finish()]);
    let (sender, mapped) = channel();
    bytes
        .slice(..)
        .map_async(wgpu::MapMode::Read, move |result| sender.send(result).unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    mapped.recv().unwrap().unwrap();
    bytes.slice(..).get_mapped_range().unwrap().to_vec()
}

#[test]
fn the_shader_and_its_twin_agree() {
    let state = create_render_state(default_wgpu_setup(), Default::default());
    let mut context = Context::new(&state.device, &state.queue, FORMAT);
    let tiles = Tiles::new();
    for (index, colour) in tiles.colours.iter().enumerate() {
        assert_eq!(
            context.colours.upload(Stamp::of(index), bytemuck::cast_slice(colour)),
            Some(index as u32)
        );
    }
    assert_eq!(context.masks.upload(Stamp::of("mask"), &tiles.mask), Some(0));
    let entry = |slot, mode, opacity| (mode, Entry::new(slot, mode, opacity));
    let laid = |blend, clip| Mode::Layer { blend, clip };
    let mut stacks = vec![vec![
        entry(Some(0), Mode::NORMAL, 0.8),
        entry(None, Mode::NORMAL, 1.0),
        entry(Some(0), Mode::Tint, 0.5),
        entry(None, Mode::Tint, 0.25),
        entry(Some(0), Mode::Alone, 0.1),
        entry(Some(1), laid(Blend::Multiply, false), 0.9),
    ]];
    // Every blend mode, plain and clipped, in a group over noise; on smooth colours, since steep modes make the GPU's rounding of noise visible.
    // And without paint, where some take away what lies below.
    for blend in Blend::ALL {
        for (clip, slot) in [(false, Some(3)), (true, Some(3)), (false, None), (true, None)] {
            stacks.push(vec![
                entry(Some(1), Mode::NORMAL, 0.9),
                entry(None, Mode::Push, 1.0),
                entry(Some(2), Mode::NORMAL, 0.9),
                entry(slot, laid(blend, clip), 0.7),
                entry(
                    None,
                    Mode::Pop {
                        blend: Blend::Normal,
                        clip: false,
                    },
                    0.8,
                ),
            ]);
        }
    }
    // Reduced, at full size, enlarged.
    for zoom in [0.7f32, 1.0, 6.5] {
        for layers in &stacks {
            // Colour burn and dodge are steep enough to make a rounding visible.
            let found = apart(&state, &context, &tiles, zoom, 0.0, layers);
            assert!(found.len() <= STEEP, "zoom {zoom}: {layers:?}: {found:?}");
        }
        // Without paper, over half-covering colour and over nothing.
        for layers in [vec![entry(Some(3), Mode::NORMAL, 0.5)], vec![entry(None, Mode::NORMAL, 1.0)]] {
            let found = apart(&state, &context, &tiles, zoom, 5.0, &layers);
            assert_eq!(found, [], "zoom {zoom}: {layers:?}");
        }
        // On a line's very edge the filters of CPU and GPU may fall to different sides.
        for mode in [Mode::Outline, Mode::March] {
            let found = apart(&state, &context, &tiles, zoom, 0.0, &[entry(Some(0), mode, 1.0)]);
            assert!(found.len() < 60, "zoom {zoom}, {mode:?}: {} pixels differ", found.len());
        }
    }
}

/// Where shader and twin differ by more than the tolerance: texel, and what each of them says.
fn apart(
    state: &eframe::egui_wgpu::RenderState,
    context: &Context,
    tiles: &Tiles,
    zoom: f32,
    check: f32,
    layers: &[(Mode, Entry)],
) -> Vec<([f32; 2], [f32; 3], [f32; 3])> {
    let pane = Pane {
        foreground: [1.0, 0.54, 0.36, 0.4],
        background: [0.36, 0.71, 1.0, 0.2],
        paper: [1.0, 0.98, 0.95],
        sharpness: zoom.max(1.0),
        layers: layers.len() as u32,
        reach: (1.0 / zoom).min(0.5),
        march: 3.0,
        check,
    };
    let seen = draw(state, context, &pane, layers, SIZE.map(|side| side as f32 / zoom));
    let mut found = Vec::new();
    for (index, pixel) in seen.as_chunks::<4>().0.iter().enumerate() {
        let screen = [index as u32 % SIZE[0], index as u32 / SIZE[0]].map(|at| at as f32 + 0.5);
        let texel = screen.map(|at| at / zoom);
        let expected = fragment(&pane, layers, texel, screen, tiles).map(|value| value * 255.0);
        let seen = [0, 1, 2].map(|channel| f32::from(pixel[channel]));
        if (0..3).any(|channel| (seen[channel] - expected[channel]).abs() >= TOLERANCE) {
            found.push((texel, seen, expected));
        }
    }
    found
}
