//! How the layers of a tile become what is seen: the words that the shader reads, and its twin on the CPU.
//!
//! `shaders/composite.wgsl` computes the same, function for function; a test holds one against the other.

use super::pyramid::SLOT;
use super::tile_atlas::NO_SLOT;
use crate::document::Blend;

/// Groups and clipped layers in each other that the shader keeps apart.
pub const DEPTH: usize = 12;

/// The greys of the checkerboard.
const LIGHT: [f32; 3] = [0.8; 3];
const DARK: [f32; 3] = [0.6; 3];

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Lays a picture on what lies below. `clip`: only where something lies there.
    Layer { blend: Blend, clip: bool },
    /// What follows is laid on nothing, until the pop that belongs to it.
    Push,
    /// What was laid since the push is laid on what lay there before it.
    Pop { blend: Blend, clip: bool },
    /// A mask: its figure in the foreground's colour, the rest in the background's.
    Tint,
    /// A mask: the line around its figure, in the foreground's colour.
    Outline,
    /// A mask as it is, white on black.
    Alone,
    /// A selection: the marching line around it.
    March,
}

impl Mode {
    pub const NORMAL: Self = Self::Layer {
        blend: Blend::Normal,
        clip: false,
    };

    /// Kind from bit 9, clip in bit 8, blend mode below.
    fn code(self) -> u32 {
        let (kind, blend, clip) = match self {
            Self::Layer { blend, clip } => (0, blend, clip),
            Self::Push => (1, Blend::Normal, false),
            Self::Pop { blend, clip } => (2, blend, clip),
            Self::Tint => (3, Blend::Normal, false),
            Self::Outline => (4, Blend::Normal, false),
            Self::Alone => (5, Blend::Normal, false),
            Self::March => (6, Blend::Normal, false),
        };
        kind << 9 | u32::from(clip) << 8 | blend as u32
    }
}

/// One layer of one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Entry {
    slot: u32,
    /// [`Mode::code`] in the upper half, opacity in 65535ths in the lower.
    how: u32,
}

impl Entry {
    /// No slot: a tile without paint. `opacity` in 0..=1.
    pub fn new(slot: Option<u32>, mode: Mode, opacity: f32) -> Self {
        let opacity = (opacity.clamp(0.0, 1.0) * 65535.0).round() as u32;
        Self {
            slot: slot.unwrap_or(NO_SLOT),
            how: mode.code() << 16 | opacity,
        }
    }
}

/// What is the same for every tile of a pane. Colours are sRGB values in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Pane {
    /// Colour and opacity of the tint where a mask is white.
    pub foreground: [f32; 4],
    /// Colour and opacity of the tint where a mask is black.
    pub background: [f32; 4],
    pub paper: [f32; 3],
    /// Screen pixels per texel, at least 1: above 1 texels keep hard edges, one screen pixel wide.
    pub sharpness: f32,
    pub layers: u32,
    /// Texels per screen pixel, at most a half: how far the neighbours of an outline lie.
    pub reach: f32,
    /// How far the marching outline has come, in screen pixels.
    pub march: f32,
    /// Side of a square of the checkerboard that lies in the paper's place, in screen pixels; 0: the paper.
    pub check: f32,
}

/// The texels of the slots, for the twin.
pub trait Texels {
    fn colour(&self, slot: u32, x: u32, y: u32) -> [u8; 4];
    fn mask(&self, slot: u32, x: u32, y: u32) -> u8;
}

/// The colour at `texel` (from the tile's corner), `screen` pixels from the target's corner, under these layers, from the bottom up.
pub fn fragment(pane: &Pane, layers: &[(Mode, Entry)], texel: [f32; 2], screen: [f32; 2], texels: &impl Texels) -> [f32; 3] {
    let flat = texel.map(|position| sharpen(pane, position));
    let mask = |entry: &Entry, at: [f32; 2]| {
        let [mask] = sample(entry.slot, at, |x, y| [f32::from(texels.mask(entry.slot, x, y))]);
        mask
    };
    let edge = |entry: &Entry| is_edge(pane, texel, |at| mask(entry, at));
    let mut below = Vec::new();
    let mut seen = [0.0; 4];
    for (mode, entry) in layers {
        let (mut blend, mut clip) = (Blend::Normal, false);
        let top = match *mode {
            Mode::Push => {
                below.push(std::mem::take(&mut seen));
                continue;
            }
            Mode::Pop { blend: mode, clip: only } => {
                (blend, clip) = (mode, only);
                std::mem::replace(&mut seen, below.pop().unwrap_or_default())
            }
            Mode::Layer { blend: mode, clip: only } => {
                (blend, clip) = (mode, only);
                sample(entry.slot, flat, |x, y| texels.colour(entry.slot, x, y).map(f32::from))
            }
            Mode::Tint => tint(pane, mask(entry, flat)),
            Mode::Alone => {
                let value = mask(entry, flat);
                [value, value, value, 1.0]
            }
            Mode::Outline if edge(entry) => {
                let [r, g, b, _] = pane.foreground;
                [r, g, b, 1.0]
            }
            Mode::March if edge(entry) => {
                let light = ((screen[0] + screen[1] + pane.march) / 8.0).fract() >= 0.5;
                let value = f32::from(u8::from(light));
                [value, value, value, 1.0]
            }
            Mode::Outline | Mode::March => [0.0; 4],
        };
        let opacity = (entry.how & 0xffff) as f32 / 65535.0;
        seen = compose(blend, clip, top.map(|value| value * opacity), seen);
    }
    let ground = ground(pane, screen);
    std::array::from_fn(|channel| seen[channel] + ground[channel] * (1.0 - seen[3]))
}

/// What lies under all layers.
fn ground(pane: &Pane, screen: [f32; 2]) -> [f32; 3] {
    if pane.check <= 0.0 {
        return pane.paper;
    }
    let [column, row] = screen.map(|at| (at / pane.check).floor());
    match ((column + row) * 0.5).fract() > 0.25 {
        true => DARK,
        false => LIGHT,
    }
}

/// Whether the mask crosses one half within a screen pixel.
fn is_edge(pane: &Pane, texel: [f32; 2], mask: impl Fn([f32; 2]) -> f32) -> bool {
    let reach = pane.reach;
    let around = [[-reach, 0.0], [reach, 0.0], [0.0, -reach], [0.0, reach]];
    let values = around.map(|[x, y]| mask([sharpen(pane, texel[0] + x), sharpen(pane, texel[1] + y)]));
    values.iter().any(|&value| value < 0.5) && values.iter().any(|&value| value >= 0.5)
}

/// Moves a position towards the centre of its texel, so that an enlarged texel is flat but for one screen pixel at its edge.
fn sharpen(pane: &Pane, position: f32) -> f32 {
    let first = (position - 0.5).floor();
    first + 0.5 + ((position - 0.5 - first - 0.5) * pane.sharpness + 0.5).clamp(0.0, 1.0)
}

/// The mean of the four texels around `texel`, in 0..=1; zero where there is no slot.
fn sample<const C: usize>(slot: u32, texel: [f32; 2], read: impl Fn(u32, u32) -> [f32; C]) -> [f32; C] {
    if slot == NO_SLOT {
        return [0.0; C];
    }
    // The apron puts a tile's first texel at 1.
    let [x, y] = texel.map(|position| (position + 0.5).clamp(0.0, (SLOT - 2) as f32 + 0.999));
    let (column, row) = (x as u32, y as u32);
    let (right, down) = (x.fract(), y.fract());
    let four = [
        read(column, row),
        read(column + 1, row),
        read(column, row + 1),
        read(column + 1, row + 1),
    ];
    let weights = [
        (1.0 - right) * (1.0 - down),
        right * (1.0 - down),
        (1.0 - right) * down,
        right * down,
    ];
    std::array::from_fn(|channel| (0..4).map(|tap| four[tap][channel] * weights[tap]).sum::<f32>() / 255.0)
}

fn tint(pane: &Pane, mask: f32) -> [f32; 4] {
    let [r, g, b, a] = std::array::from_fn(|i| pane.background[i] + (pane.foreground[i] - pane.background[i]) * mask);
    [r * a, g * a, b * a, a]
}

/// Lays `top` on `below`, both premultiplied.
fn compose(blend: Blend, clip: bool, top: [f32; 4], below: [f32; 4]) -> [f32; 4] {
    let straight = |[r, g, b, a]: [f32; 4]| [r, g, b].map(|value| value / a.max(1e-6));
    let (color, alpha) = blend.compose(straight(below), below[3], straight(top), top[3], clip);
    let [r, g, b] = color.map(|value| value * alpha);
    [r, g, b, alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANE: Pane = Pane {
        foreground: [1.0, 0.5, 0.25, 0.5],
        background: [0.25, 0.5, 1.0, 0.2],
        paper: [1.0; 3],
        sharpness: 1.0,
        layers: 0,
        reach: 0.5,
        march: 0.0,
        check: 0.0,
    };

    /// Slot 0: half-covering red. Slot 1: opaque grey. Masks: slot 0 is figure in its right half.
    struct Flat;

    impl Texels for Flat {
        fn colour(&self, slot: u32, _: u32, _: u32) -> [u8; 4] {
            [[128, 0, 0, 128], [51, 51, 51, 255]][slot as usize]
        }

        fn mask(&self, _: u32, x: u32, _: u32) -> u8 {
            if x > 128 { 255 } else { 0 }
        }
    }

    fn at(layers: &[(Option<u32>, Mode, f32)], x: f32) -> [u32; 3] {
        let layers: Vec<_> = (layers.iter())
            .map(|&(slot, mode, opacity)| (mode, Entry::new(slot, mode, opacity)))
            .collect();
        fragment(&PANE, &layers, [x, 10.0], [0.0; 2], &Flat).map(|value| (value * 1000.0).round() as u32)
    }

    const MULTIPLY: Mode = Mode::Layer {
        blend: Blend::Multiply,
        clip: false,
    };

    #[test]
    fn no_layer_is_paper() {
        assert_eq!(at(&[], 3.0), [1000; 3]);
        assert_eq!(at(&[(None, Mode::NORMAL, 1.0)], 3.0), [1000; 3]);
    }

    #[test]
    fn without_paper_what_is_transparent_is_a_checkerboard_of_the_screen() {
        let bare = Pane { check: 8.0, ..PANE };
        let seen = |layers: &[(Mode, Entry)], screen| fragment(&bare, layers, [3.0, 3.0], screen, &Flat);
        let squares = [[0.5, 0.5], [8.5, 7.5], [8.5, 8.5], [0.5, 15.5]].map(|screen| seen(&[], screen));
        assert_eq!(squares, [LIGHT, DARK, LIGHT, DARK]);
        let covered = [(Mode::NORMAL, Entry::new(Some(1), Mode::NORMAL, 1.0))];
        assert_eq!(seen(&covered, [8.5, 0.5]), [0.2; 3]);
    }

    #[test]
    fn ink_multiplies_and_paint_covers() {
        assert_eq!(at(&[(Some(0), Mode::NORMAL, 1.0)], 3.0), [1000, 498, 498]);
        let both = [(Some(0), Mode::NORMAL, 1.0), (Some(1), MULTIPLY, 1.0)];
        // Ink over half a paint: a fifth of what shines through both.
        assert_eq!(at(&both, 3.0), [200, 100, 100]);
        assert_eq!(at(&[(Some(1), MULTIPLY, 0.5)], 3.0), [600; 3]);
    }

    #[test]
    fn a_group_is_laid_as_a_whole_and_a_clipped_layer_only_where_something_is() {
        let group = [
            (None, Mode::Push, 1.0),
            (Some(0), Mode::NORMAL, 1.0),
            (
                Some(1),
                Mode::Layer {
                    blend: Blend::Normal,
                    clip: true,
                },
                1.0,
            ),
            (
                None,
                Mode::Pop {
                    blend: Blend::Normal,
                    clip: false,
                },
                0.5,
            ),
        ];
        // The grey covers the red and, like it, half of the paper; at half opacity a quarter.
        assert_eq!(at(&group, 3.0), [799; 3]);
    }

    /// Else a picture would be exported otherwise than it shows.
    #[test]
    fn pixels_are_laid_as_in_the_documents_pictures() {
        let unit = |pixel: [u8; 4]| {
            let [r, g, b, a] = pixel.map(|value| f32::from(value) / 255.0);
            [r * a, g * a, b * a, a]
        };
        let colors = |color: [u8; 3]| [0, 90, 255].map(|alpha| [color[0], color[1], color[2], alpha]);
        for blend in Blend::ALL {
            for clip in [false, true] {
                for below in colors([200, 100, 50]) {
                    for above in colors([90, 20, 230]) {
                        let seen = compose(blend, clip, unit(above), unit(below));
                        let kept = unit(crate::document::compose(below, above, 1.0, blend, clip));
                        let near = seen.iter().zip(kept).all(|(seen, kept)| (seen - kept).abs() < 1.5 / 255.0);
                        assert!(near, "{blend:?} {clip}, {above:?} on {below:?}: {seen:?}, {kept:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_mask_is_warm_on_the_figure_and_cool_behind_it() {
        let mask = [(Some(0), Mode::Tint, 1.0)];
        assert_eq!(at(&mask, 200.0), [1000, 750, 625]);
        assert_eq!(at(&mask, 20.0), [850, 900, 1000]);
        assert_eq!(at(&[(None, Mode::Tint, 1.0)], 200.0), [850, 900, 1000]);
    }

    #[test]
    fn a_mask_shows_as_its_outline_or_alone() {
        let outline = [(Some(0), Mode::Outline, 1.0)];
        assert_eq!(at(&outline, 128.0), [1000, 500, 250]);
        assert_eq!((at(&outline, 100.0), at(&outline, 200.0)), ([1000; 3], [1000; 3]));
        let alone = [(Some(0), Mode::Alone, 1.0)];
        assert_eq!((at(&alone, 20.0), at(&alone, 200.0)), ([0; 3], [1000; 3]));
        assert_eq!(at(&[(Some(0), Mode::March, 1.0)], 128.0), [0; 3]);
    }

    #[test]
    fn an_enlarged_texel_is_flat_to_its_edge() {
        let pane = Pane { sharpness: 16.0, ..PANE };
        assert_eq!([128.1, 128.5, 128.9].map(|position| sharpen(&pane, position)), [128.5; 3]);
        assert_eq!(sharpen(&pane, 129.0), 129.0);
        assert_eq!(sharpen(&PANE, 128.3), 128.3);
    }
}
