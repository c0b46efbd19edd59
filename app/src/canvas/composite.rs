//! How the layers of a tile become what is seen: the words that the shader reads, and its twin on the CPU.
//!
//! `shaders/composite.wgsl` computes the same, function for function; a test holds one against the other.

use super::pyramid::SLOT;
use super::tile_atlas::NO_SLOT;

/// How a layer is laid on what lies below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Mode {
    Normal = 0,
    Multiply = 1,
    /// A mask: its figure in the foreground's colour, the rest in the background's.
    Tint = 2,
}

/// One layer of one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Entry {
    slot: u32,
    /// Mode in the upper half, opacity in 65535ths in the lower.
    how: u32,
}

impl Entry {
    /// No slot: a tile without paint. `opacity` in 0..=1.
    pub fn new(slot: Option<u32>, mode: Mode, opacity: f32) -> Self {
        let opacity = (opacity.clamp(0.0, 1.0) * 65535.0).round() as u32;
        Self {
            slot: slot.unwrap_or(NO_SLOT),
            how: (mode as u32) << 16 | opacity,
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
    pub unused: [u32; 3],
}

/// The texels of the slots, for the twin.
pub trait Texels {
    fn colour(&self, slot: u32, x: u32, y: u32) -> [u8; 4];
    fn mask(&self, slot: u32, x: u32, y: u32) -> u8;
}

/// The colour at `texel` (from the tile's corner) under these layers, from the bottom up.
pub fn fragment(pane: &Pane, layers: &[Entry], texel: [f32; 2], texels: &impl Texels) -> [f32; 3] {
    let texel = texel.map(|position| sharpen(pane, position));
    layers.iter().fold(pane.paper, |below, entry| {
        let top = match entry.how >> 16 {
            mode if mode == Mode::Tint as u32 => {
                let [mask] = sample(entry.slot, texel, |x, y| [f32::from(texels.mask(entry.slot, x, y))]);
                tint(pane, mask)
            }
            _ => sample(entry.slot, texel, |x, y| texels.colour(entry.slot, x, y).map(f32::from)),
        };
        blend(entry, top, below)
    })
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

/// Lays `top`, premultiplied, on `bottom`.
fn blend(entry: &Entry, top: [f32; 4], bottom: [f32; 3]) -> [f32; 3] {
    let opacity = (entry.how & 0xffff) as f32 / 65535.0;
    let alpha = top[3] * opacity;
    std::array::from_fn(|channel| match entry.how >> 16 {
        mode if mode == Mode::Multiply as u32 => bottom[channel] * (1.0 - alpha + top[channel] * opacity),
        _ => bottom[channel] * (1.0 - alpha) + top[channel] * opacity,
    })
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
        unused: [0; 3],
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

    fn at(layers: &[Entry], x: f32) -> [u32; 3] {
        fragment(&PANE, layers, [x, 10.0], &Flat).map(|value| (value * 1000.0).round() as u32)
    }

    #[test]
    fn no_layer_is_paper() {
        assert_eq!(at(&[], 3.0), [1000; 3]);
        assert_eq!(at(&[Entry::new(None, Mode::Normal, 1.0)], 3.0), [1000; 3]);
    }

    #[test]
    fn ink_multiplies_and_paint_covers() {
        assert_eq!(at(&[Entry::new(Some(0), Mode::Normal, 1.0)], 3.0), [1000, 498, 498]);
        let both = [
            Entry::new(Some(0), Mode::Normal, 1.0),
            Entry::new(Some(1), Mode::Multiply, 1.0),
        ];
        assert_eq!(at(&both, 3.0), [200, 100, 100]);
        assert_eq!(at(&[Entry::new(Some(1), Mode::Multiply, 0.5)], 3.0), [600; 3]);
    }

    #[test]
    fn a_mask_is_warm_on_the_figure_and_cool_behind_it() {
        let mask = [Entry::new(Some(0), Mode::Tint, 1.0)];
        assert_eq!(at(&mask, 200.0), [1000, 750, 625]);
        assert_eq!(at(&mask, 20.0), [850, 900, 1000]);
        assert_eq!(at(&[Entry::new(None, Mode::Tint, 1.0)], 200.0), [850, 900, 1000]);
    }

    #[test]
    fn an_enlarged_texel_is_flat_to_its_edge() {
        let pane = Pane { sharpness: 16.0, ..PANE };
        assert_eq!([128.1, 128.5, 128.9].map(|position| sharpen(&pane, position)), [128.5; 3]);
        assert_eq!(sharpen(&pane, 129.0), 129.0);
        assert_eq!(sharpen(&PANE, 128.3), 128.3);
    }
}
