//! The pixels of a gradient. While it is drawn each place of the pointer makes all of them anew, so they are made in blocks, by the widest vectors of the
//! processor.

// `clamp` keeps what is no number, and is not one instruction for each bound of a vector.
#![allow(clippy::manual_clamp)]

mod changes;
#[cfg(test)]
mod tests;

use pulp::{Simd, WithSimd};

use super::{GradientEnd, GradientSettings, GradientShape};
use crate::brush::{BLOCK, STEPS, rounded, widest};
use crate::document::{Pixel, Pixels, Rect, TileGrid, TileSpan};
use crate::tool::paint::{block, whole};
use changes::{Cover, Fade};

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

    /// How far from the first to the second colour pixels are, 0..=1; `columns` and `row` count from the picture's corner.
    #[inline(always)]
    fn shares(self, columns: &Numbers, row: f32) -> Numbers {
        let mut shares = [0.0; BLOCK];
        let y = row + 0.5 - self.from[1];
        match self.settings.shape {
            GradientShape::Linear => {
                for (share, column) in shares.iter_mut().zip(columns) {
                    *share = (column + 0.5 - self.from[0]) * self.way[0] + y * self.way[1];
                }
            }
            GradientShape::Radial => {
                for (share, column) in shares.iter_mut().zip(columns) {
                    let x = column + 0.5 - self.from[0];
                    *share = (x * x + y * y).sqrt() * self.step;
                }
            }
        }
        for share in &mut shares {
            *share = share.max(0.0).min(1.0);
        }
        if self.settings.reverse {
            shares = shares.map(|share| 1.0 - share);
        }
        shares
    }

    /// Whether all pixels of `area`, which has one at least, are wholly of the second colour.
    fn is_past(self, area: Rect) -> bool {
        let far = match (self.settings.shape, self.settings.reverse) {
            (GradientShape::Linear, reverse) => {
                let ends = |axis: usize, low: u32, high: u32| {
                    [low as f32 + 0.5, high as f32 - 0.5].map(|at| (at - self.from[axis]) * self.way[axis])
                };
                let [x, y] = [ends(0, area.left, area.right), ends(1, area.top, area.bottom)];
                // The least and the most of all pixels are at corners.
                match reverse {
                    false => x[0].min(x[1]) + y[0].min(y[1]),
                    true => 1.0 - x[0].max(x[1]) - y[0].max(y[1]),
                }
            }
            (GradientShape::Radial, false) => {
                let gap = |at: f32, low: u32, high: u32| (low as f32 + 0.5 - at).max(at - high as f32 + 0.5).max(0.0);
                let x = gap(self.from[0], area.left, area.right);
                let y = gap(self.from[1], area.top, area.bottom);
                x.hypot(y) * self.step
            }
            // The middle alone is, which is no pixel.
            (GradientShape::Radial, true) => 0.0,
        };
        far >= SURELY
    }
}

/// From this share on what is rounded is 1, too.
const SURELY: f32 = 1.001;

/// One number for each pixel of a block.
type Numbers = [f32; BLOCK];

/// What was there `before`, under a gradient of two colours. Outside the `selection` nothing changes; where `alpha_locked`, alpha does not.
pub fn laid(before: &Pixels, ramp: Ramp, colors: [[u8; 3]; 2], selection: Option<&TileGrid<u8>>, alpha_locked: bool) -> Pixels {
    match (before, ramp.settings.end) {
        (Pixels::Mask(before), end) => {
            let to_black = end == GradientEnd::Second;
            Pixels::Mask(changed(before, selection, false, ramp, Fade { to_black }))
        }
        (Pixels::Raster(before), end) => {
            let cover = Cover {
                colors: match end {
                    GradientEnd::Second => colors,
                    GradientEnd::Nothing => [colors[0]; 2],
                },
                fades: end == GradientEnd::Nothing,
                alpha_locked,
            };
            Pixels::Raster(changed(before, selection, alpha_locked, ramp, cover))
        }
        (Pixels::Group(_), _) => before.clone(),
    }
}

/// What a gradient makes of a block of pixels.
trait Change<P>: Copy + Sync {
    fn change(self, old: &[P; BLOCK], at: &Place) -> [P; BLOCK];

    /// Whether what is wholly of the second colour stays as it was.
    fn fades(self) -> bool;
}

/// Where a block lies in the gradient.
struct Place {
    /// How far from the first to the second colour.
    shares: Numbers,
    noise: Numbers,
    /// How far each pixel is selected, 0..=1.
    selected: Numbers,
}

/// `only_there`: where nothing was, nothing comes to be. Tiles that stay as they are are shared.
fn changed<P: Pixel>(
    before: &TileGrid<P>,
    selection: Option<&TileGrid<u8>>,
    only_there: bool,
    ramp: Ramp,
    change: impl Change<P>,
) -> TileGrid<P> {
    let old = |span: &TileSpan| before.tile(span.column, span.row).map(|tile| tile.pixels());
    let selected = |span: &TileSpan| Some(selection?.tile(span.column, span.row)?.pixels());
    let chosen = |span: &TileSpan| {
        let is_selected = selection.is_none() || selected(span).is_some();
        let is_left = change.fades() && ramp.is_past(span.rect);
        is_selected && !is_left && (!only_there || old(span).is_some())
    };
    let (whole, mut grid) = (Rect::of(before.size()), TileGrid::new(before.size()));
    for TileSpan { column, row, .. } in before.spans(whole).filter(|span| !chosen(span)) {
        grid.share_tile(before, column, row);
    }
    grid.write_tiles(whole, chosen, |span, pixels| {
        widest(Tile {
            pixels,
            old: old(&span),
            selected: selected(&span),
            span,
            ramp,
            change,
        });
    });
    grid
}

struct Tile<'a, P, C> {
    pixels: &'a mut [P],
    old: Option<&'a [P]>,
    selected: Option<&'a [u8]>,
    span: TileSpan,
    ramp: Ramp,
    change: C,
}

impl<P: Pixel, C: Change<P>> WithSimd for Tile<'_, P, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        // Whole tiles are written: what is written begins where the tile does.
        let rect = self.span.rect;
        for y in rect.top..rect.bottom {
            for (x, at) in (rect.left..rect.right).step_by(BLOCK).zip(self.span.range(y).step_by(BLOCK)) {
                let mut columns = STEPS;
                for column in &mut columns {
                    *column += x as f32;
                }
                let mut place = Place {
                    shares: self.ramp.shares(&columns, y as f32),
                    noise: noise(&columns, y as f32),
                    selected: [1.0; BLOCK],
                };
                if let Some(selected) = self.selected {
                    let selected: [u8; BLOCK] = block(selected, at);
                    for (part, selected) in place.selected.iter_mut().zip(selected) {
                        *part = f32::from(selected) / 255.0;
                    }
                }
                let old = self.old.map_or([P::default(); BLOCK], |old| block(old, at));
                let new = self.change.change(&old, &place);
                match (rect.right - x) as usize {
                    // The picture's edge cuts the block.
                    within @ ..BLOCK => self.pixels[at..at + within].copy_from_slice(&new[..within]),
                    _ => self.pixels[at..at + BLOCK].copy_from_slice(&new),
                }
            }
        }
    }
}

/// 0..1 for each pixel, a pattern with no direction of its own: interleaved gradient noise (J. Jimenez, "Next generation post processing in Call of Duty", 2014).
#[inline(always)]
fn noise(columns: &Numbers, row: f32) -> Numbers {
    let mut noise = *columns;
    for value in &mut noise {
        let inner = 0.067_110_56 * *value + 0.005_837_15 * row;
        let outer = 52.982_918 * (inner - floor(inner));
        *value = outer - floor(outer);
    }
    noise
}

/// The whole part of what is 0 and above. Conversions to whole numbers and back would not go into vectors.
#[inline(always)]
fn floor(value: f32) -> f32 {
    let near = rounded(value);
    if near > value { near - 1.0 } else { near }
}

/// A value 0..=255 as a whole number, up or down by its pixel's `noise`: steps of one level, which show as bands where they are wide, dissolve.
#[inline(always)]
fn dithered(value: f32, noise: f32) -> u32 {
    // Whole values stay what they are, whatever their last bit.
    whole(floor(value + noise * 0.998 + 0.001))
}
