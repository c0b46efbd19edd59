//! Paint on a whole region at once, such as a fill.

use std::collections::HashSet;

use super::{Change, Cover, Level, Mix, Paint, Rubber, Tint, Touched};
use crate::brush::widest;
use crate::document::{Pixel, Pixels, Rect, TileGrid, TileSpan};

/// Paint on a whole region at once.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    pub paint: Paint,
    /// 0..=255 of the paint.
    pub coverage: &'a TileGrid<u8>,
    /// Nothing changes outside it; none: all is selected.
    pub selection: Option<&'a TileGrid<u8>>,
    /// Alpha stays as it is.
    pub alpha_locked: bool,
}

/// Lays paint on a region. Tiles that are covered whole become one and the same, or none; the others are written several at a time.
pub fn lay_region(pixels: &mut Pixels, region: Region<'_>) {
    let size = pixels.size();
    match (pixels, region.paint) {
        (Pixels::Mask(grid), Paint::Erase) => cover(grid, region, Some(TileGrid::new(size)), true, Level(0)),
        (Pixels::Mask(grid), Paint::Color(_)) => cover(grid, region, Some(TileGrid::filled(size, 255)), false, Level(255)),
        (Pixels::Raster(_), Paint::Erase) if region.alpha_locked => {}
        (Pixels::Raster(grid), Paint::Erase) => cover(grid, region, Some(TileGrid::new(size)), true, Rubber),
        (Pixels::Raster(grid), Paint::Color(color)) if region.alpha_locked => cover(grid, region, None, true, Tint(color)),
        (Pixels::Raster(grid), Paint::Color([r, g, b])) => {
            let whole = TileGrid::filled(size, [r, g, b, 255]);
            cover(grid, region, Some(whole), false, Cover([r, g, b]));
        }
        (Pixels::Group(_), _) => {}
    }
}

/// `whole`: what full shares make of a picture; none: that depends on what was there. `only_there` as for [`mix`](super::mix).
fn cover<P: Pixel>(
    grid: &mut TileGrid<P>,
    region: Region<'_>,
    whole: Option<TileGrid<P>>,
    only_there: bool,
    change: impl Change<P> + Sync,
) {
    let area = Rect::of(grid.size());
    let is_full =
        |span: &TileSpan| region.coverage.is_full(span) && region.selection.is_none_or(|selection| selection.is_full(span));
    let (full, partial): (Vec<_>, Vec<_>) = grid.spans(area).partition(|span| whole.is_some() && is_full(span));
    for span in full {
        if let Some(whole) = &whole {
            grid.share_tile(whole, span.column, span.row);
        }
    }
    let before = grid.clone();
    let tile_of = |cells: &TileGrid<u8>, span: &TileSpan| cells.tile(span.column, span.row).is_some();
    let partial: HashSet<_> = (partial.iter())
        .filter(|span| tile_of(region.coverage, span) && region.selection.is_none_or(|selection| tile_of(selection, span)))
        .filter(|span| !only_there || before.tile(span.column, span.row).is_some())
        .map(|span| (span.column, span.row))
        .collect();
    grid.write_tiles(
        area,
        |span| partial.contains(&(span.column, span.row)),
        |span, pixels| {
            let place = (span.column, span.row);
            let Some(shares) = region.coverage.tile(place.0, place.1) else {
                return;
            };
            widest(Mix {
                pixels,
                old: before.tile(place.0, place.1).map(|tile| tile.pixels()),
                shares: shares.pixels(),
                selected: region
                    .selection
                    .and_then(|selection| selection.tile(place.0, place.1))
                    .map(|tile| tile.pixels()),
                touched: &Touched::whole(span),
                change,
            });
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::paint::{Laid, lay};

    /// A region of two tiles and a bit, whose middle is selected whole, laid at once and by touched tiles.
    #[test]
    fn a_region_laid_at_once_looks_as_laid_by_tiles_and_shares_what_it_covers_whole() {
        let size = [700, 300];
        let noise = |at: usize| [at as u8, (at / 7) as u8, (at / 3) as u8, 255 - (at % 90) as u8];
        let pixels: Vec<_> = (0..700 * 300).map(noise).collect();
        let raster = Pixels::Raster(TileGrid::with_pixels(size, [0, 0], 700, &pixels));
        let levels: Vec<u8> = (0..700 * 300).map(|at| (at % 251) as u8).collect();
        let mask = Pixels::Mask(TileGrid::with_pixels(size, [0, 0], 700, &levels));
        let shares: Vec<u8> = (0..700 * 300).map(|at| if at % 700 < 600 { 255 } else { 100 }).collect();
        let coverage = TileGrid::with_pixels(size, [0, 0], 700, &shares);
        let selection = TileGrid::with_pixels(size, [250, 0], 300, &[255; 300 * 300]);
        let touched: Vec<Touched> = coverage.spans(Rect::of(size)).map(Touched::whole).collect();
        for (before, selection, paint, alpha_locked) in [
            (&raster, None, Paint::Color([9, 8, 7]), false),
            (&raster, Some(&selection), Paint::Color([9, 8, 7]), false),
            (&raster, Some(&selection), Paint::Color([9, 8, 7]), true),
            (&raster, None, Paint::Erase, true),
            (&mask, None, Paint::Color([9, 8, 7]), false),
            (&mask, Some(&selection), Paint::Erase, false),
        ] {
            let (mut at_once, mut by_tiles) = (before.clone(), before.clone());
            let region = Region {
                paint,
                coverage: &coverage,
                selection,
                alpha_locked,
            };
            lay_region(&mut at_once, region);
            let laid = Laid {
                paint,
                coverage: &coverage,
                touched: &touched,
                selection,
                alpha_locked,
            };
            lay(&mut by_tiles, before, laid);
            let all = Rect::of(size);
            match (&at_once, &by_tiles) {
                (Pixels::Raster(one), Pixels::Raster(other)) => assert_eq!(one.copy(all), other.copy(all), "{paint:?}"),
                (Pixels::Mask(one), Pixels::Mask(other)) => assert_eq!(one.copy(all), other.copy(all), "{paint:?}"),
                _ => panic!("the kind of a layer stays"),
            }
        }
        let mut erased = raster.clone();
        lay_region(
            &mut erased,
            Region {
                paint: Paint::Erase,
                coverage: &coverage,
                selection: None,
                alpha_locked: false,
            },
        );
        let Pixels::Raster(grid) = &erased else { panic!("a picture") };
        assert!(
            grid.tile(0, 0).is_none() && grid.tile(2, 0).is_some(),
            "what is gone whole takes no memory"
        );
        assert_eq!(grid.pixel(599, 20)[3], 0);
    }
}
