//! The canvas: a pane that shows layers of tiles at any zoom. Pixels come from the document; nothing is read back.

pub mod composite;
pub mod context;
pub mod overlay;
pub mod pyramid;
#[cfg(test)]
mod test_twin;
mod texel;
mod tile_atlas;
pub mod view;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use eframe::egui_wgpu;
use egui::emath::GuiRounding;
use egui::{Color32, Rect, Response, Sense, Shape, Ui, Vec2, pos2};
use image::RgbImage;

use crate::command::Held;
use crate::document::{LayerId, TILE, TileGrid};
use composite::{Entry, Mode, Pane};
use context::{Context, Tile, guarded};
use pyramid::{Late, Place, Pyramid, Stamp, halved, stretched};
use texel::Texel;
use tile_atlas::TileAtlas;
use view::{Placement, View};

/// Points of a drag over which it zooms by the factor e.
const ZOOM_DRAG: f32 = 150.0;

/// Screen pixels a second that the outline of the selection marches, and how often it is drawn.
const MARCH: f64 = 16.0;
const MARCH_STEP: Duration = Duration::from_millis(125);

/// Side of a square of the checkerboard, in points.
const CHECK: f32 = 8.0;

/// A layer as a pane shows it.
pub struct Shown<'a> {
    pub pixels: Pixels<'a>,
    pub mode: Mode,
    /// 0..=1.
    pub opacity: f32,
}

/// Where a shown layer's pixels come from.
#[derive(Clone, Copy)]
pub enum Pixels<'a> {
    Colour(LayerId, &'a TileGrid<[u8; 4]>),
    Mask(LayerId, &'a TileGrid<u8>),
    /// A small picture stretched over the canvas: a preview. Equal numbers are equal pictures.
    Stretched(u64, &'a RgbImage),
    /// The selection of the document.
    Selection(&'a TileGrid<u8>),
    /// Of what only keeps layers together.
    Nothing,
}

/// Colour and opacity of a mask's two sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tint {
    pub foreground: Color32,
    pub background: Color32,
    /// 0..=1, of the figure's side and of the other.
    pub opacity: [f32; 2],
}

/// A second stack of layers, right of a line.
#[derive(Clone, Copy)]
pub struct Wipe<'a> {
    pub layers: &'a [Shown<'a>],
    /// Where the line stands, as a share of the pane's width.
    pub at: f32,
}

/// A pane with its own pan and zoom.
#[derive(Default)]
pub struct Canvas {
    pub view: View,
    /// Whether the edges of pixels show where these are large enough.
    pub grid: bool,
    /// No paper lies under the layers: what is transparent shows as a checkerboard.
    pub bare: bool,
    colours: HashMap<LayerId, Pyramid<[u8; 4]>>,
    masks: HashMap<LayerId, Pyramid<u8>>,
    selection: Pyramid<u8>,
}

/// What a pane says after it was drawn.
pub struct Pointed {
    pub response: Response,
    pub placement: Placement,
    /// The hand is out: drags move the picture.
    pub panning: bool,
}

impl Canvas {
    /// Shows `layers`, from the bottom up, of a picture of `size`, in all the room that `ui` has. Without a GPU only the paper is shown.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        gpu: Option<&mut Context>,
        size: [u32; 2],
        layers: &[Shown<'_>],
        wipe: Option<Wipe<'_>>,
        tint: Tint,
    ) -> Pointed {
        // On whole screen pixels, or the GPU's viewport and the picture's edges part by one.
        let pane = ui.available_rect_before_wrap().round_to_pixels(ui.pixels_per_point());
        let response = ui.allocate_rect(pane, Sense::click_and_drag());
        let pixels_per_point = ui.pixels_per_point();
        let before = self.view.place(size, pane, pixels_per_point);
        let panning = self.navigate(ui, &response, before);
        let placement = self.view.place(size, pane, pixels_per_point);
        let painter = ui.painter_at(pane);
        match gpu {
            Some(gpu) => {
                let device = gpu.device();
                let draw = guarded(&device, "draw", || self.draw(ui, gpu, size, layers, tint, pane, placement));
                painter.add(egui_wgpu::Callback::new_paint_callback(pane, draw));
                if let Some(wipe) = wipe {
                    let draw = guarded(&device, "draw", || {
                        self.draw(ui, gpu, size, wipe.layers, tint, pane, placement)
                    });
                    let line = egui::lerp(pane.x_range(), wipe.at);
                    let right = painter.with_clip_rect(pane.with_min_x(line));
                    right.add(egui_wgpu::Callback::new_paint_callback(pane, draw));
                }
                let others = wipe.map_or(&[][..], |wipe| wipe.layers);
                self.forget_all_but(layers.iter().chain(others));
            }
            None => {
                let corners = placement.corners(size).to_vec();
                painter.add(Shape::convex_polygon(corners, Color32::WHITE, egui::Stroke::NONE));
            }
        }
        if self.grid {
            overlay::pixel_grid(&painter, pane, placement, size);
        }
        Pointed {
            response,
            placement,
            panning,
        }
    }

    /// Wheel and pinch zoom; Space or the middle button pans, Space with Shift turns, with Ctrl it zooms. Whether the hand is out.
    fn navigate(&mut self, ui: &Ui, response: &Response, placement: Placement) -> bool {
        let hand = response.contains_pointer()
            && ui.input(|input| input.key_down(Held::Hand.key()))
            && !ui.ctx().egui_wants_keyboard_input();
        let held = ui.input(|input| input.modifiers);
        let (way, pane) = (response.drag_delta(), response.rect);
        match ui.input(|input| input.pointer.latest_pos()) {
            Some(to) if hand && response.dragged() && held.shift => {
                let (from, to) = (to - way - pane.center(), to - pane.center());
                self.view.rotate((to.angle() - from.angle()).to_degrees());
            }
            Some(to) if hand && response.dragged() && held.command => {
                // Up is nearer; the point where the drag began stays where it is.
                let begun = ui.input(|input| input.pointer.press_origin()).unwrap_or(to);
                self.view.zoom_about(placement, begun, (-way.y / ZOOM_DRAG).exp());
            }
            _ if response.dragged_by(egui::PointerButton::Middle) || (hand && response.dragged()) => {
                self.view.pan(placement, way);
            }
            _ => {}
        }
        if let Some(pointer) = response.hover_pos() {
            let factor = ui.input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y / 200.0).exp());
            if factor != 1.0 {
                self.view.zoom_about(placement, pointer, factor);
            }
        }
        hand || response.dragged_by(egui::PointerButton::Middle)
    }

    fn draw(
        &mut self,
        ui: &Ui,
        gpu: &mut Context,
        size: [u32; 2],
        layers: &[Shown<'_>],
        tint: Tint,
        pane: Rect,
        placement: Placement,
    ) -> context::Draw {
        let marching = layers.iter().any(|layer| layer.mode == Mode::March);
        let level = (-placement.zoom.log2()).round().clamp(0.0, 14.0) as u32;
        let places: Vec<Place> = visible(size, level, pane, placement).collect();
        let deadline = gpu.deadline();
        let mut table = Vec::with_capacity(places.len() * layers.len());
        for &place in &places {
            for layer in layers {
                let slot = self.slot(gpu, size, layer.pixels, place, deadline);
                if matches!(slot, Slot::Later | Slot::Stale(_)) {
                    ui.ctx().request_repaint();
                }
                table.push(Entry::new(slot.ready(), layer.mode, layer.opacity));
            }
        }
        let tiles: Vec<Tile> = places
            .iter()
            .enumerate()
            .map(|(row, &place)| tile(size, place, row, pane, placement))
            .collect();
        let side = |colour: Color32, opacity: f32| {
            let [r, g, b, _] = colour.to_normalized_gamma_f32();
            [r, g, b, opacity]
        };
        let uniform = Pane {
            foreground: side(tint.foreground, tint.opacity[0]),
            background: side(tint.background, tint.opacity[1]),
            paper: [1.0; 3],
            sharpness: (placement.zoom * (1u32 << level) as f32).max(1.0),
            layers: layers.len() as u32,
            reach: (1.0 / (placement.zoom * (1u32 << level) as f32)).min(0.5),
            march: if marching {
                (ui.input(|input| input.time) * MARCH) as f32
            } else {
                0.0
            },
            check: if self.bare {
                (CHECK * ui.pixels_per_point()).round()
            } else {
                0.0
            },
        };
        if marching {
            ui.ctx().request_repaint_after(MARCH_STEP);
        }
        gpu.prepare(&uniform, &tiles, &table)
    }

    fn slot(&mut self, gpu: &mut Context, size: [u32; 2], pixels: Pixels<'_>, place: Place, deadline: Instant) -> Slot {
        match pixels {
            Pixels::Colour(id, grid) => layer_slot(&mut gpu.colours, self.colours.entry(id).or_default(), grid, place, deadline),
            Pixels::Mask(id, grid) => layer_slot(&mut gpu.masks, self.masks.entry(id).or_default(), grid, place, deadline),
            Pixels::Selection(grid) => layer_slot(&mut gpu.masks, &mut self.selection, grid, place, deadline),
            Pixels::Nothing => Slot::None,
            Pixels::Stretched(number, picture) => {
                let stamp = Stamp::of(("stretched", number, size, place));
                if let Some(slot) = gpu.colours.find(stamp) {
                    return Slot::Ready(slot);
                }
                if Instant::now() > deadline {
                    return Slot::Later;
                }
                Slot::from(
                    gpu.colours
                        .upload(stamp, bytemuck::cast_slice(&stretched(picture, size, place))),
                )
            }
        }
    }

    fn forget_all_but<'a>(&mut self, layers: impl Iterator<Item = &'a Shown<'a>>) {
        let shown: HashSet<LayerId> = layers
            .filter_map(|layer| match layer.pixels {
                Pixels::Colour(id, _) | Pixels::Mask(id, _) => Some(id),
                Pixels::Stretched(..) | Pixels::Selection(_) | Pixels::Nothing => None,
            })
            .collect();
        self.colours.retain(|id, _| shown.contains(id));
        self.masks.retain(|id, _| shown.contains(id));
    }
}

/// What became of a tile's request for a place on the GPU.
#[derive(Clone, Copy, PartialEq)]
enum Slot {
    Ready(u32),
    /// Nothing is painted there, or the GPU is full.
    None,
    /// This frame has no time left.
    Later,
    /// Nor has it here, but what was painted there before is still on the GPU.
    Stale(u32),
}

impl Slot {
    fn ready(self) -> Option<u32> {
        match self {
            Self::Ready(slot) | Self::Stale(slot) => Some(slot),
            Self::None | Self::Later => None,
        }
    }
}

impl From<Option<u32>> for Slot {
    fn from(slot: Option<u32>) -> Self {
        slot.map_or(Self::None, Self::Ready)
    }
}

fn layer_slot<P: Texel + bytemuck::NoUninit>(
    atlas: &mut TileAtlas,
    pyramid: &mut Pyramid<P>,
    grid: &TileGrid<P>,
    place: Place,
    deadline: Instant,
) -> Slot {
    let stamp = Pyramid::stamp(grid, place);
    if let Some(slot) = atlas.find(stamp) {
        pyramid.show(place, stamp);
        return Slot::Ready(slot);
    }
    let made = match Instant::now() > deadline {
        true => Err(Late),
        false => pyramid.texels(grid, place, deadline),
    };
    match made {
        Ok(texels) => {
            pyramid.show(place, stamp);
            texels
                .and_then(|texels| atlas.upload(stamp, bytemuck::cast_slice(&texels)))
                .into()
        }
        Err(Late) => {
            let before = pyramid.shown(place).and_then(|stamp| atlas.find(stamp));
            before.map_or(Slot::Later, Slot::Stale)
        }
    }
}

/// The tiles of a picture of `size`, at `level`, that a pane shows a part of.
fn visible(size: [u32; 2], level: u32, pane: Rect, placement: Placement) -> impl Iterator<Item = Place> {
    let side = (TILE << level) as f32;
    let counts = halved(size, level).map(|side| side.div_ceil(TILE));
    let corners = [pane.left_top(), pane.right_top(), pane.right_bottom(), pane.left_bottom()];
    let Rect { min: low, max: high } = Rect::from_points(&corners.map(|corner| placement.to_picture(corner)));
    let range = |low: f32, high: f32, count: u32| {
        let first = (low / side).floor().max(0.0) as u32;
        first.min(count)..((high / side).ceil().max(0.0) as u32).min(count)
    };
    let columns = range(low.x, high.x, counts[0]);
    range(low.y, high.y, counts[1]).flat_map(move |row| columns.clone().map(move |column| Place { level, column, row }))
}

fn tile(size: [u32; 2], place: Place, row: usize, pane: Rect, placement: Placement) -> Tile {
    let side = TILE << place.level;
    let [left, top] = [place.column, place.row].map(|tile| tile * side);
    let [right, bottom] = [(left + side).min(size[0]), (top + side).min(size[1])];
    let clip = |way: Vec2| [way.x / pane.width() * 2.0, way.y / pane.height() * -2.0];
    let corner = placement.to_screen(pos2(left as f32, top as f32)) - pane.center();
    let texels = |length: u32| length as f32 / (1u32 << place.level) as f32;
    Tile {
        origin: clip(corner),
        along: clip(placement.right * (right - left) as f32),
        down: clip(placement.down * (bottom - top) as f32),
        extent: [texels(right - left), texels(bottom - top)],
        row: row as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_in_the_pane_are_drawn() {
        let pane = Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 200.0));
        let placement = Placement::upright(pos2(-256.0, 10.0), 1.0, 1.0);
        let places: Vec<_> = visible([2000, 2000], 0, pane, placement)
            .map(|place| (place.column, place.row))
            .collect();
        assert_eq!(places, [(1, 0), (2, 0)]);
        let aside = Placement {
            origin: pos2(-5000.0, 0.0),
            ..placement
        };
        assert_eq!(visible([2000, 2000], 0, pane, aside).count(), 0);
    }

    #[test]
    fn a_tile_at_the_edge_ends_with_the_picture() {
        let pane = Rect::from_min_max(pos2(0.0, 0.0), pos2(512.0, 256.0));
        let placement = Placement::upright(pos2(0.0, 0.0), 0.5, 0.5);
        let place = Place {
            level: 1,
            column: 1,
            row: 0,
        };
        let tile = tile([640, 384], place, 7, pane, placement);
        assert_eq!(
            (tile.origin, tile.along, tile.down, tile.extent, tile.row),
            ([0.0, 1.0], [0.25, 0.0], [0.0, -1.5], [64.0, 192.0], 7)
        );
    }
}
