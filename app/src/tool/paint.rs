//! Paint on pixels: what a stroke, a fill or a key lays on a layer.

mod region;

use crate::brush::{BLOCK, widest};
use crate::document::{Pixel, Pixels, TILE, TileGrid, TileSpan};

pub use region::{Region, lay_region};

/// What is laid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// On masks: white, whatever the colour.
    Color([u8; 3]),
    /// Alpha goes; masks become black.
    Erase,
}

/// How paint lies on a layer.
#[derive(Clone, Copy)]
pub struct Laid<'a> {
    pub paint: Paint,
    /// 0..=255 of the paint.
    pub coverage: &'a TileGrid<u8>,
    /// Where the coverage has changed.
    pub touched: &'a [Touched],
    /// Nothing changes outside it; none: all is selected.
    pub selection: Option<&'a TileGrid<u8>>,
    /// Alpha stays as it is.
    pub alpha_locked: bool,
}

/// Where coverage has changed in a tile.
#[derive(Clone)]
pub struct Touched {
    /// Around it.
    pub span: TileSpan,
    /// Of each row of the tile: bit `n` stands for the pixels from `n * BLOCK` on.
    pub marks: Marks,
}

pub type Marks = [u16; TILE as usize];

impl Touched {
    /// Nothing of a tile, to mark in.
    pub const NO_MARKS: Marks = [0; TILE as usize];

    /// The whole of a span.
    pub fn whole(span: TileSpan) -> Self {
        Self {
            span,
            marks: [u16::MAX; TILE as usize],
        }
    }
}

/// Makes the touched part of `pixels` what was there `before`, under the paint. Both are of the same kind and size.
pub fn lay(pixels: &mut Pixels, before: &Pixels, laid: Laid<'_>) {
    let alpha_locked = laid.alpha_locked;
    match (pixels, before, laid.paint) {
        (Pixels::Mask(grid), Pixels::Mask(before), paint) => {
            let level = if paint == Paint::Erase { 0 } else { 255 };
            mix(grid, before, laid, level == 0, Level(level));
        }
        (Pixels::Raster(_), Pixels::Raster(_), Paint::Erase) if alpha_locked => {}
        (Pixels::Raster(grid), Pixels::Raster(before), Paint::Erase) => mix(grid, before, laid, true, Rubber),
        (Pixels::Raster(grid), Pixels::Raster(before), Paint::Color(color)) if alpha_locked => {
            mix(grid, before, laid, true, Tint(color));
        }
        (Pixels::Raster(grid), Pixels::Raster(before), Paint::Color(color)) => mix(grid, before, laid, false, Cover(color)),
        _ => {}
    }
}

/// What paint makes of pixels by their shares 0..=255.
trait Change<P>: Copy {
    fn change(self, old: &[P; BLOCK], shares: &[u8; BLOCK]) -> [P; BLOCK];
}

/// Sets the touched pixels to those before, changed by their shares. `only_there`: where nothing was, nothing comes to be.
fn mix<P: Pixel>(grid: &mut TileGrid<P>, before: &TileGrid<P>, laid: Laid<'_>, only_there: bool, change: impl Change<P>) {
    for touched in laid.touched {
        let place = (touched.span.column, touched.span.row);
        let old = before.tile(place.0, place.1).map(|tile| tile.pixels());
        let Some(shares) = laid.coverage.tile(place.0, place.1) else {
            continue;
        };
        let selected = laid.selection.map(|selection| selection.tile(place.0, place.1));
        if only_there && old.is_none() || selected.is_some_and(|tile| tile.is_none()) {
            continue;
        }
        widest(Mix {
            pixels: grid.tile_mut(place.0, place.1),
            old,
            shares: shares.pixels(),
            selected: selected.flatten().map(|tile| tile.pixels()),
            touched,
            change,
        });
    }
}

struct Mix<'a, P, C> {
    pixels: &'a mut [P],
    old: Option<&'a [P]>,
    shares: &'a [u8],
    selected: Option<&'a [u8]>,
    touched: &'a Touched,
    change: C,
}

impl<P: Pixel, C: Change<P>> pulp::WithSimd for Mix<'_, P, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let span = self.touched.span;
        let [left, top] = [span.column * TILE, span.row * TILE];
        let (start, end) = ((span.rect.left - left) as usize, (span.rect.right - left) as usize);
        for y in span.rect.top - top..span.rect.bottom - top {
            let mut marks = self.touched.marks[y as usize];
            while marks != 0 {
                let block_left = marks.trailing_zeros() as usize * BLOCK;
                marks &= marks - 1;
                let at = (y * TILE) as usize + block_left;
                let mut shares: [u8; BLOCK] = block(self.shares, at);
                if let Some(selected) = self.selected {
                    let selected: [u8; BLOCK] = block(selected, at);
                    for (share, selected) in shares.iter_mut().zip(selected) {
                        *share = part(*share, selected);
                    }
                }
                let old = self.old.map_or([P::default(); BLOCK], |old| block(old, at));
                let new = self.change.change(&old, &shares);
                let to: &mut [P; BLOCK] = self.pixels[at..].first_chunk_mut().expect("a tile is whole blocks");
                if start <= block_left && block_left + BLOCK <= end {
                    *to = new;
                } else {
                    // The rest of the block is not touched.
                    let within = |x: usize| x.saturating_sub(block_left).min(BLOCK);
                    let laid = within(start)..within(end);
                    to[laid.clone()].copy_from_slice(&new[laid]);
                }
            }
        }
    }
}

/// The pixels of a tile from `at` on.
#[inline(always)]
pub(super) fn block<P: Copy>(pixels: &[P], at: usize) -> [P; BLOCK] {
    *pixels[at..].first_chunk().expect("a tile is whole blocks")
}

/// `value` times `share` of 255, rounded.
#[inline(always)]
fn part(value: u8, share: u8) -> u8 {
    of_255(u16::from(value) * u16::from(share))
}

/// A 255th of up to 255 * 255, rounded.
#[inline(always)]
fn of_255(product: u16) -> u8 {
    let product = product + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// `from` moved toward `to` by `share` of 255, rounded.
#[inline(always)]
fn lerp(from: u8, to: u8, share: u8) -> u8 {
    of_255(u16::from(from) * u16::from(255 - share) + u16::from(to) * u16::from(share))
}

/// A mask goes to this level.
#[derive(Clone, Copy)]
struct Level(u8);

impl Change<u8> for Level {
    #[inline(always)]
    fn change(self, old: &[u8; BLOCK], shares: &[u8; BLOCK]) -> [u8; BLOCK] {
        let mut new = *old;
        for (new, share) in new.iter_mut().zip(shares) {
            *new = lerp(*new, self.0, *share);
        }
        new
    }
}

/// Alpha goes.
#[derive(Clone, Copy)]
struct Rubber;

impl Change<[u8; 4]> for Rubber {
    #[inline(always)]
    fn change(self, old: &[[u8; 4]; BLOCK], shares: &[u8; BLOCK]) -> [[u8; 4]; BLOCK] {
        toward(old, [0; 4], [0, 0, 0, 255], shares)
    }
}

/// The colour changes and the coverage stays.
#[derive(Clone, Copy)]
struct Tint([u8; 3]);

impl Change<[u8; 4]> for Tint {
    #[inline(always)]
    fn change(self, old: &[[u8; 4]; BLOCK], shares: &[u8; BLOCK]) -> [[u8; 4]; BLOCK] {
        let mut shares = *shares;
        for (share, [.., alpha]) in shares.iter_mut().zip(old) {
            *share = if *alpha == 0 { 0 } else { *share };
        }
        let [r, g, b] = self.0;
        toward(old, [r, g, b, 0], [255, 255, 255, 0], &shares)
    }
}

/// The colour lies over what is there.
#[derive(Clone, Copy)]
struct Cover([u8; 3]);

impl Change<[u8; 4]> for Cover {
    #[inline(always)]
    fn change(self, old: &[[u8; 4]; BLOCK], shares: &[u8; BLOCK]) -> [[u8; 4]; BLOCK] {
        let [r, g, b] = self.0;
        // One number a pixel, so that a vector holds the block.
        let mut pixels = [0; BLOCK];
        let (mut common, mut any) = (u32::MAX, 0);
        for (pixel, old) in pixels.iter_mut().zip(old) {
            *pixel = u32::from_le_bytes(*old);
            common &= *pixel;
            any |= *pixel;
        }
        if common >> 24 == 255 {
            return toward(old, [r, g, b, 255], [255; 4], shares);
        }
        let mut covered = [0; BLOCK];
        if any >> 24 == 0 {
            let paint = u32::from_le_bytes([r, g, b, 0]);
            for (covered, share) in covered.iter_mut().zip(shares) {
                *covered = paint | u32::from(*share) << 24;
            }
        } else {
            // By channels, so that the numbers lie side by side.
            let (mut over, mut under) = ([0.0; BLOCK], [0.0; BLOCK]);
            for at in 0..BLOCK {
                let (source, backdrop) = (f32::from(shares[at]) / 255.0, (pixels[at] >> 24) as f32 / 255.0);
                let alpha = source + backdrop * (1.0 - source);
                let part = 1.0 / alpha.max(1e-6);
                (over[at], under[at]) = (source * part, backdrop * (1.0 - source) * part);
                covered[at] = whole(alpha * 255.0) << 24;
            }
            for (channel, above) in [r, g, b].into_iter().enumerate() {
                for at in 0..BLOCK {
                    let below = (pixels[at] >> (8 * channel)) & 255;
                    covered[at] |= whole(f32::from(above) * over[at] + below as f32 * under[at]) << (8 * channel);
                }
            }
        }
        let mut new = *old;
        for at in 0..BLOCK {
            new[at] = (if shares[at] == 0 { pixels[at] } else { covered[at] }).to_le_bytes();
        }
        new
    }
}

/// The nearest whole number to 0..=255.
#[inline(always)]
pub(super) fn whole(value: f32) -> u32 {
    // The sum has it in its last bits.
    (value + 8_388_608.0).to_bits() & 255
}

/// Pixels moved toward `to`, each channel by `reach` of 255 of its pixel's share, which is all or nothing.
#[inline(always)]
fn toward(old: &[[u8; 4]; BLOCK], to: [u8; 4], reach: [u8; 4], shares: &[u8; BLOCK]) -> [[u8; 4]; BLOCK] {
    let spread = shares.map(|share| (u32::from(share) * 0x0101_0101) & u32::from_ne_bytes(reach));
    let shares: [u8; 4 * BLOCK] = bytemuck::cast(spread);
    let goals: [u8; 4 * BLOCK] = bytemuck::cast([to; BLOCK]);
    let mut new: [u8; 4 * BLOCK] = bytemuck::cast(*old);
    for at in 0..4 * BLOCK {
        new[at] = lerp(new[at], goals[at], shares[at]);
    }
    bytemuck::cast(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Rect;

    const SIZE: [u32; 2] = [4, 1];

    fn laid(pixels: &Pixels, paint: Paint, selection: Option<&[u8]>, alpha_locked: bool) -> Pixels {
        let coverage = TileGrid::with_pixels(SIZE, [0, 0], 4, &[0, 128, 255, 255]);
        let selection = selection.map(|cells| TileGrid::with_pixels(SIZE, [0, 0], 4, cells));
        let touched: Vec<Touched> = coverage.spans(Rect::of(SIZE)).map(Touched::whole).collect();
        let mut after = pixels.clone();
        let laid = Laid {
            paint,
            coverage: &coverage,
            touched: &touched,
            selection: selection.as_ref(),
            alpha_locked,
        };
        lay(&mut after, pixels, laid);
        after
    }

    fn mask(pixels: &Pixels) -> Vec<u8> {
        let Pixels::Mask(grid) = pixels else { panic!("a mask") };
        grid.copy(Rect::of(SIZE))
    }

    #[test]
    fn a_selection_limits_paint_and_eraser() {
        let blank = Pixels::Mask(TileGrid::new(SIZE));
        let paint = Paint::Color([1, 2, 3]);
        assert_eq!(mask(&laid(&blank, paint, None, false)), [0, 128, 255, 255]);
        let painted = laid(&blank, paint, Some(&[255, 255, 128, 0]), false);
        assert_eq!(mask(&painted), [0, 128, 128, 0]);
        assert_eq!(
            mask(&laid(&painted, Paint::Erase, Some(&[0, 0, 0, 0]), false)),
            mask(&painted)
        );
        assert_eq!(mask(&laid(&painted, Paint::Erase, None, false)), [0, 64, 0, 0]);
    }

    #[test]
    fn colour_covers_and_a_locked_alpha_stays() {
        let dot = TileGrid::with_pixels(SIZE, [0, 0], 4, &[[9, 9, 9, 255], [0; 4], [9, 9, 9, 100], [0; 4]]);
        let covered = laid(&Pixels::Raster(dot), Paint::Color([200, 0, 0]), None, true);
        let Pixels::Raster(grid) = &covered else { panic!("a picture") };
        assert_eq!(grid.copy(Rect::of(SIZE)), [[9, 9, 9, 255], [0; 4], [200, 0, 0, 100], [0; 4]]);
    }
}
