//! The pixels of a gradient.

use rayon::prelude::*;

use super::{GradientEnd, GradientSettings, GradientShape};
use crate::document::{Blend, Pixel, Pixels, Rect, TILE, TileGrid, TileSpan, compose};

/// How a gradient runs over the picture.
#[derive(Clone, Copy)]
pub struct Ramp {
    from: [f32; 2],
    /// The drag's direction, as long as it takes for a pixel along it to count as its share of the drag.
    way: [f32; 2],
    /// Share of the drag that is a pixel.
    step: f32,
    settings: GradientSettings,
}

impl Ramp {
    /// From one point of the layer to another, in pixels (a pixel's centre lies at .5), which is at least a pixel away.
    pub fn new(from: [f32; 2], to: [f32; 2], settings: GradientSettings) -> Self {
        let way = [to[0] - from[0], to[1] - from[1]];
        let step = 1.0 / way[0].hypot(way[1]);
        Self {
            from,
            way: way.map(|part| part * step * step),
            step,
            settings,
        }
    }

    /// How far from the first to the second colour a pixel is, 0..=1.
    fn share(self, x: u32, y: u32) -> f32 {
        let here = [x as f32 + 0.5 - self.from[0], y as f32 + 0.5 - self.from[1]];
        let share = match self.settings.shape {
            GradientShape::Linear => here[0] * self.way[0] + here[1] * self.way[1],
            GradientShape::Radial => (here[0] * here[0] + here[1] * here[1]).sqrt() * self.step,
        };
        let share = share.clamp(0.0, 1.0);
        if self.settings.reverse { 1.0 - share } else { share }
    }
}

/// A layer's pixels under a gradient of two colours. Outside the `selection` they stay; where `alpha_locked`, their alpha does.
pub fn laid(before: &Pixels, ramp: Ramp, colors: [[u8; 3]; 2], selection: Option<&TileGrid<u8>>, alpha_locked: bool) -> Pixels {
    let ends = ramp.settings.end == GradientEnd::Second;
    let lerp = |a: u8, b: u8, share: f32| f32::from(a) + (f32::from(b) - f32::from(a)) * share;
    match before {
        Pixels::Mask(grid) => Pixels::Mask(changed(grid, selection, false, |old, x, y, selected| {
            let share = ramp.share(x, y);
            let wanted = match ends {
                true => lerp(255, 0, share),
                false => lerp(old, 255, 1.0 - share),
            };
            rounded(f32::from(old) + (wanted - f32::from(old)) * selected, noise(x, y))
        })),
        Pixels::Raster(grid) => Pixels::Raster(changed(grid, selection, alpha_locked, |old, x, y, selected| {
            let (share, noise) = (ramp.share(x, y), noise(x, y));
            let (color, alpha) = match ends {
                true => (
                    [0, 1, 2].map(|i| rounded(lerp(colors[0][i], colors[1][i], share), noise)),
                    selected,
                ),
                false => (colors[0], (1.0 - share) * selected),
            };
            let [r, g, b] = color;
            match rounded(255.0 * alpha, noise) {
                0 => old,
                255 if !alpha_locked => [r, g, b, 255],
                alpha => compose(old, [r, g, b, alpha], 1.0, Blend::Normal, alpha_locked),
            }
        })),
        Pixels::Group(_) => before.clone(),
    }
}

/// 0..1 for each pixel, a pattern with no direction of its own: interleaved gradient noise (J. Jimenez, "Next generation post processing in Call of Duty", 2014).
fn noise(x: u32, y: u32) -> f32 {
    // Where processors have no instruction for it, `fract` is a call, and there are two for every pixel.
    let fraction = |value: f32| value - value as i32 as f32;
    fraction(52.982_918 * fraction(0.067_110_56 * x as f32 + 0.005_837_15 * y as f32))
}

/// A value 0..=255 as a whole number, up or down by its pixel's `noise`: steps of one level, which show as bands where they are wide, dissolve.
fn rounded(value: f32, noise: f32) -> u8 {
    // Whole values stay what they are, whatever their last bit.
    (value + noise * 0.998 + 0.001) as u8
}

/// A grid whose pixels in the selection are `change`d: from what they are, where they lie, and how far they are selected, 0..=1. `only_there`: where nothing was,
/// nothing comes to be.
fn changed<P: Pixel>(
    before: &TileGrid<P>,
    selection: Option<&TileGrid<u8>>,
    only_there: bool,
    change: impl Fn(P, u32, u32, f32) -> P + Sync,
) -> TileGrid<P> {
    let area = selection.map_or(Rect::of(before.size()), TileGrid::bounds);
    let tile = |span: &TileSpan| {
        let (old, selected) = (
            before.tile(span.column, span.row),
            selection.map(|selection| selection.tile(span.column, span.row)),
        );
        if only_there && old.is_none() || matches!(selected, Some(None)) {
            return None;
        }
        let mut pixels = old.map_or_else(|| vec![P::default(); (TILE * TILE) as usize], |old| old.pixels().to_vec());
        for y in span.rect.top..span.rect.bottom {
            let range = span.range(y);
            let shares = selected.flatten().map(|tile| &tile.pixels()[range.clone()]);
            for (at, pixel) in pixels[range].iter_mut().enumerate() {
                let share = shares.map_or(1.0, |shares| f32::from(shares[at]) / 255.0);
                if share > 0.0 {
                    *pixel = change(*pixel, span.rect.left + at as u32, y, share);
                }
            }
        }
        Some(pixels)
    };
    let spans: Vec<TileSpan> = before.spans(area).collect();
    let tiles: Vec<Option<Vec<P>>> = spans.par_iter().map(tile).collect();
    let mut grid = before.clone();
    for (span, pixels) in spans.iter().zip(tiles) {
        let Some(pixels) = pixels else { continue };
        grid.tile_mut(span.column, span.row).copy_from_slice(&pixels);
    }
    grid
}
