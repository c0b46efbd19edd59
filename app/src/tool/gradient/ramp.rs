//! The pixels of a gradient. While it is drawn every frame makes all of them anew, so they are made in blocks, by the widest vectors of the processor.

// `clamp` keeps what is no number, and is not one instruction for each bound of a vector.
#![allow(clippy::manual_clamp)]

use pulp::{Simd, WithSimd};

use super::{GradientEnd, GradientSettings, GradientShape};
use crate::brush::{BLOCK, STEPS, rounded, widest};
use crate::document::{Blend, Pixel, Pixels, Rect, TileGrid, TileSpan, compose};
use crate::tool::paint::whole;

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
}

/// One number for each pixel of a block.
type Numbers = [f32; BLOCK];

/// Makes `pixels` what was there `before`, under a gradient of two colours. Both are of the same kind and size, and differ only in what was laid before.
/// Outside the `selection` nothing changes; where `alpha_locked`, alpha does not.
pub fn lay(
    pixels: &mut Pixels,
    before: &Pixels,
    ramp: Ramp,
    colors: [[u8; 3]; 2],
    selection: Option<&TileGrid<u8>>,
    alpha_locked: bool,
) {
    match (pixels, before, ramp.settings.end) {
        (Pixels::Mask(grid), Pixels::Mask(before), GradientEnd::Second) => change(grid, before, selection, false, ramp, ToBlack),
        (Pixels::Mask(grid), Pixels::Mask(before), GradientEnd::Nothing) => change(grid, before, selection, false, ramp, ToOld),
        (Pixels::Raster(grid), Pixels::Raster(before), end) => {
            let cover = Cover {
                colors: match end {
                    GradientEnd::Second => colors,
                    GradientEnd::Nothing => [colors[0]; 2],
                },
                fades: end == GradientEnd::Nothing,
                alpha_locked,
            };
            change(grid, before, selection, alpha_locked, ramp, cover);
        }
        _ => {}
    }
}

/// What a gradient makes of a block of pixels.
trait Change<P>: Copy + Sync {
    fn change(self, old: &[P; BLOCK], at: &Place) -> [P; BLOCK];
}

/// Where a block lies in the gradient.
struct Place {
    /// How far from the first to the second colour.
    shares: Numbers,
    noise: Numbers,
    /// How far each pixel is selected, 0..=1.
    selected: Numbers,
}

/// `only_there`: where nothing was, nothing comes to be.
fn change<P: Pixel>(
    grid: &mut TileGrid<P>,
    before: &TileGrid<P>,
    selection: Option<&TileGrid<u8>>,
    only_there: bool,
    ramp: Ramp,
    change: impl Change<P>,
) {
    let area = selection.map_or(Rect::of(before.size()), TileGrid::bounds);
    let old = |span: &TileSpan| before.tile(span.column, span.row).map(|tile| tile.pixels());
    let selected = |span: &TileSpan| Some(selection?.tile(span.column, span.row)?.pixels());
    let chosen = |span: &TileSpan| {
        let is_selected = selection.is_none() || selected(span).is_some();
        is_selected && (!only_there || old(span).is_some())
    };
    grid.write_tiles(area, chosen, |span, pixels| {
        widest(Tile {
            pixels,
            old: old(&span),
            selected: selected(&span),
            span,
            ramp,
            change,
        });
    });
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
        // Selections are met in whole tiles: what is written begins where the tile does.
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

#[inline(always)]
fn block<P: Copy>(pixels: &[P], at: usize) -> [P; BLOCK] {
    *pixels[at..].first_chunk().expect("a tile is whole blocks")
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

/// A mask goes from white to black.
#[derive(Clone, Copy)]
struct ToBlack;

impl Change<u8> for ToBlack {
    #[inline(always)]
    fn change(self, old: &[u8; BLOCK], at: &Place) -> [u8; BLOCK] {
        let mut new = *old;
        for (index, new) in new.iter_mut().enumerate() {
            let old = f32::from(*new);
            let wanted = 255.0 - 255.0 * at.shares[index];
            *new = dithered(old + (wanted - old) * at.selected[index], at.noise[index]) as u8;
        }
        new
    }
}

/// A mask goes from white to what it was.
#[derive(Clone, Copy)]
struct ToOld;

impl Change<u8> for ToOld {
    #[inline(always)]
    fn change(self, old: &[u8; BLOCK], at: &Place) -> [u8; BLOCK] {
        let mut new = *old;
        for (index, new) in new.iter_mut().enumerate() {
            let old = f32::from(*new);
            let wanted = old + (255.0 - old) * (1.0 - at.shares[index]);
            *new = dithered(old + (wanted - old) * at.selected[index], at.noise[index]) as u8;
        }
        new
    }
}

/// Colour lies over what is there.
#[derive(Clone, Copy)]
struct Cover {
    colors: [[u8; 3]; 2],
    /// The farther, the less of it.
    fades: bool,
    alpha_locked: bool,
}

impl Cover {
    /// The colour of each pixel, alpha in the highest byte.
    #[inline(always)]
    fn paint(self, at: &Place) -> [u32; BLOCK] {
        let mut paint = [0; BLOCK];
        for channel in 0..3 {
            let [from, to] = [0, 1].map(|end: usize| f32::from(self.colors[end][channel]));
            for (index, paint) in paint.iter_mut().enumerate() {
                *paint |= dithered(from + (to - from) * at.shares[index], at.noise[index]) << (8 * channel);
            }
        }
        for (index, paint) in paint.iter_mut().enumerate() {
            let left = if self.fades { 1.0 - at.shares[index] } else { 1.0 };
            *paint |= dithered(255.0 * (left * at.selected[index]), at.noise[index]) << 24;
        }
        paint
    }
}

impl Change<[u8; 4]> for Cover {
    #[inline(always)]
    fn change(self, old: &[[u8; 4]; BLOCK], at: &Place) -> [[u8; 4]; BLOCK] {
        let paint = self.paint(at);
        // One number a pixel, so that a vector holds the block.
        let mut pixels = [0; BLOCK];
        let (mut painted, mut common, mut any) = (u32::MAX, u32::MAX, 0);
        for ((pixel, old), paint) in pixels.iter_mut().zip(old).zip(paint) {
            *pixel = u32::from_le_bytes(*old);
            painted &= paint;
            common &= *pixel;
            any |= *pixel;
        }
        let mut new = *old;
        if self.alpha_locked || (painted >> 24 < 255 && common >> 24 < 255 && any >> 24 > 0) {
            for (new, paint) in new.iter_mut().zip(paint) {
                *new = compose(*new, paint.to_le_bytes(), 1.0, Blend::Normal, self.alpha_locked);
            }
            return new;
        }
        if painted >> 24 == 255 {
            pixels = paint;
        } else if any >> 24 == 0 {
            for (pixel, paint) in pixels.iter_mut().zip(paint) {
                *pixel = if paint >> 24 == 0 { *pixel } else { paint };
            }
        } else {
            over_opaque(&mut pixels, &paint);
        }
        for (new, pixel) in new.iter_mut().zip(pixels) {
            *new = pixel.to_le_bytes();
        }
        new
    }
}

/// What [`compose`] makes of opaque pixels.
#[inline(always)]
fn over_opaque(pixels: &mut [u32; BLOCK], paint: &[u32; BLOCK]) {
    for (pixel, paint) in pixels.iter_mut().zip(paint) {
        let over = (paint >> 24) as f32 / 255.0;
        let mut covered = 255 << 24;
        for channel in [0, 8, 16] {
            let [above, below] = [*paint, *pixel].map(|color| ((color >> channel) & 255) as f32);
            covered |= whole(floor(above * over + below * (1.0 - over) + 0.5)) << channel;
        }
        *pixel = covered;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a pixel becomes, by the formulas and one pixel at a time.
    fn expected(ramp: Ramp, [x, y]: [u32; 2], old: [u8; 4], colors: [[u8; 3]; 2], selected: f32, alpha_locked: bool) -> [u8; 4] {
        let here = [x as f32 + 0.5 - ramp.from[0], y as f32 + 0.5 - ramp.from[1]];
        let share = match ramp.settings.shape {
            GradientShape::Linear => here[0] * ramp.way[0] + here[1] * ramp.way[1],
            GradientShape::Radial => (here[0] * here[0] + here[1] * here[1]).sqrt() * ramp.step,
        };
        let share = share.clamp(0.0, 1.0);
        let share = if ramp.settings.reverse { 1.0 - share } else { share };
        let noise = (52.982_918 * (0.067_110_56 * x as f32 + 0.005_837_15 * y as f32).fract()).fract();
        let rounded = |value: f32| (value + noise * 0.998 + 0.001) as u8;
        let ([r, g, b], left) = match ramp.settings.end {
            GradientEnd::Second => {
                let mixed = |channel: usize| {
                    let [from, to] = [0, 1].map(|end: usize| f32::from(colors[end][channel]));
                    rounded(from + (to - from) * share)
                };
                ([0, 1, 2].map(mixed), 1.0)
            }
            GradientEnd::Nothing => (colors[0], 1.0 - share),
        };
        compose(
            old,
            [r, g, b, rounded(255.0 * (left * selected))],
            1.0,
            Blend::Normal,
            alpha_locked,
        )
    }

    #[test]
    fn blocks_become_what_their_pixels_do() {
        const SIZE: [u32; 2] = [300, 40];
        let area = Rect::of(SIZE);
        let hash = |x: u32, y: u32| (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
        // Nothing, then opaque paint, then paint of all kinds.
        let old = |x: u32, y: u32| {
            let [r, g, b, alpha] = hash(x, y).to_le_bytes();
            match x / 100 {
                0 => [0; 4],
                1 => [r, g, b, 255],
                _ => [r, g, b, alpha],
            }
        };
        let cells: Vec<[u32; 2]> = (0..SIZE[1]).flat_map(|y| (0..SIZE[0]).map(move |x| [x, y])).collect();
        let pixels: Vec<[u8; 4]> = cells.iter().map(|[x, y]| old(*x, *y)).collect();
        let before = Pixels::Raster(TileGrid::with_pixels(SIZE, [0, 0], SIZE[0], &pixels));
        let soft: Vec<u8> = cells
            .iter()
            .map(|[x, y]| if *x < 130 { hash(*y, *x) as u8 } else { 255 })
            .collect();
        let soft = TileGrid::with_pixels(SIZE, [0, 0], SIZE[0], &soft);
        let colors = [[200, 30, 7], [0, 90, 255]];
        for shape in [GradientShape::Linear, GradientShape::Radial] {
            for (end, reverse) in [(GradientEnd::Second, false), (GradientEnd::Nothing, true)] {
                let ramp = Ramp::new([140.3, 20.0], [250.0, 3.7], GradientSettings { shape, end, reverse });
                for (selection, alpha_locked) in [(None, false), (Some(&soft), false), (Some(&soft), true)] {
                    let mut laid = before.clone();
                    // What an earlier place of the pointer left does not show.
                    let other = Ramp::new([9.0, 9.0], [50.0, 50.0], ramp.settings);
                    lay(&mut laid, &before, other, colors, selection, alpha_locked);
                    lay(&mut laid, &before, ramp, colors, selection, alpha_locked);
                    let Pixels::Raster(laid) = &laid else { unreachable!() };
                    for ([x, y], new) in cells.iter().zip(laid.copy(area)) {
                        let selected = selection.map_or(1.0, |cells| f32::from(cells.pixel(*x, *y)) / 255.0);
                        let wanted = expected(ramp, [*x, *y], old(*x, *y), colors, selected, alpha_locked);
                        assert_eq!(new, wanted, "{x} {y} {shape:?} {end:?} {alpha_locked}");
                    }
                }
            }
        }
    }
}
