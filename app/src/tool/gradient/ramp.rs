//! The pixels of a gradient.

use rayon::prelude::*;

use super::{GradientEnd, GradientSettings, GradientShape};
use crate::document::{Blend, Pixel, Pixels, Rect, TILE, TileGrid, TileSpan, compose};

/// Where a gradient begins and ends.
#[derive(Clone, Copy)]
pub struct Ramp {
    /// In pixels of the layer; a pixel's centre lies at .5.
    pub from: [f32; 2],
    /// At least a pixel away.
    pub to: [f32; 2],
    pub settings: GradientSettings,
}

impl Ramp {
    /// How far from the first to the second colour a pixel is, 0..=1.
    fn share(self, x: u32, y: u32) -> f32 {
        let way = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let here = [x as f32 + 0.5 - self.from[0], y as f32 + 0.5 - self.from[1]];
        let length = way[0].hypot(way[1]);
        let share = match self.settings.shape {
            GradientShape::Linear => (here[0] * way[0] + here[1] * way[1]) / (length * length),
            GradientShape::Radial => here[0].hypot(here[1]) / length,
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
            rounded(f32::from(old) + (wanted - f32::from(old)) * selected, x, y)
        })),
        Pixels::Raster(grid) => Pixels::Raster(changed(grid, selection, alpha_locked, |old, x, y, selected| {
            let share = ramp.share(x, y);
            let (color, alpha) = match ends {
                true => (
                    [0, 1, 2].map(|i| rounded(lerp(colors[0][i], colors[1][i], share), x, y)),
                    selected,
                ),
                false => (colors[0], (1.0 - share) * selected),
            };
            let [r, g, b] = color;
            match rounded(255.0 * alpha, x, y) {
                0 => old,
                255 if !alpha_locked => [r, g, b, 255],
                alpha => compose(old, [r, g, b, alpha], 1.0, Blend::Normal, alpha_locked),
            }
        })),
        Pixels::Group(_) => before.clone(),
    }
}

/// A value 0..=255 as a whole number, up or down by a pattern with no direction of its own: steps of one level, which show as bands where they are wide,
/// dissolve. The pattern is interleaved gradient noise (J. Jimenez, "Next generation post processing in Call of Duty", 2014).
fn rounded(value: f32, x: u32, y: u32) -> u8 {
    let noise = (52.982_918 * (0.067_110_56 * x as f32 + 0.005_837_15 * y as f32).fract()).fract();
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
