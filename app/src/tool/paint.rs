//! Paint on pixels: what a stroke, a fill or a key lays on a layer.

use crate::document::{Blend, Pixel, Pixels, TileGrid, TileSpan, compose};

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
    pub touched: &'a [TileSpan],
    /// Nothing changes outside it; none: all is selected.
    pub selection: Option<&'a TileGrid<u8>>,
    /// Alpha stays as it is.
    pub alpha_locked: bool,
}

/// Makes the touched part of `pixels` what was there `before`, under the paint. Both are of the same kind and size.
pub fn lay(pixels: &mut Pixels, before: &Pixels, laid: Laid<'_>) {
    let alpha_locked = laid.alpha_locked;
    match (pixels, before, laid.paint) {
        (Pixels::Mask(grid), Pixels::Mask(before), paint) => {
            let level = if paint == Paint::Erase { 0 } else { 255 };
            mix(grid, before, laid, level == 0, |old, share| lerp(old, level, share));
        }
        (Pixels::Raster(_), Pixels::Raster(_), Paint::Erase) if alpha_locked => {}
        (Pixels::Raster(grid), Pixels::Raster(before), Paint::Erase) => {
            mix(grid, before, laid, true, |[r, g, b, a], share| [r, g, b, lerp(a, 0, share)]);
        }
        (Pixels::Raster(grid), Pixels::Raster(before), Paint::Color([r, g, b])) => {
            let cover = |old, share| compose(old, [r, g, b, share], 1.0, Blend::Normal, alpha_locked);
            mix(grid, before, laid, alpha_locked, cover);
        }
        _ => {}
    }
}

/// Sets the touched pixels to those before, changed by their share 0..=255. `only_there`: where nothing was, nothing comes to be.
fn mix<P: Pixel>(grid: &mut TileGrid<P>, before: &TileGrid<P>, laid: Laid<'_>, only_there: bool, change: impl Fn(P, u8) -> P) {
    for span in laid.touched {
        let place = (span.column, span.row);
        let old = before.tile(place.0, place.1);
        let Some(shares) = laid.coverage.tile(place.0, place.1) else {
            continue;
        };
        let selected = laid.selection.map(|selection| selection.tile(place.0, place.1));
        if only_there && old.is_none() || selected.is_some_and(|tile| tile.is_none()) {
            continue;
        }
        let tile = grid.tile_mut(place.0, place.1);
        for y in span.rect.top..span.rect.bottom {
            let range = span.range(y);
            let old_row = old.map(|old| &old.pixels()[range.clone()]);
            let selected_row = selected.flatten().map(|tile| &tile.pixels()[range.clone()]);
            for (at, (pixel, share)) in tile[range.clone()]
                .iter_mut()
                .zip(&shares.pixels()[range.clone()])
                .enumerate()
            {
                let old = old_row.map_or_else(P::default, |row| row[at]);
                let share = selected_row.map_or(*share, |row| lerp(0, *share, row[at]));
                *pixel = if share == 0 { old } else { change(old, share) };
            }
        }
    }
}

/// `from` moved toward `to` by `share` of 255, rounded.
fn lerp(from: u8, to: u8, share: u8) -> u8 {
    let (from, to, share) = (u32::from(from), u32::from(to), u32::from(share));
    ((from * (255 - share) + to * share + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Rect;

    const SIZE: [u32; 2] = [4, 1];

    fn laid(pixels: &Pixels, paint: Paint, selection: Option<&[u8]>, alpha_locked: bool) -> Pixels {
        let coverage = TileGrid::with_pixels(SIZE, [0, 0], 4, &[0, 128, 255, 255]);
        let selection = selection.map(|cells| TileGrid::with_pixels(SIZE, [0, 0], 4, cells));
        let touched: Vec<TileSpan> = coverage.spans(Rect::of(SIZE)).collect();
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
