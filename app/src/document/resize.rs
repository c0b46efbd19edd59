//! Another size of a sheet, and of all that lies on it.

use super::document::check_size;
use super::error::DocumentError;
use super::layer::{Layer, Pixels};
use super::rect::Rect;
use super::sheet::Sheet;
use super::tile::{Pixel, TILE, TileGrid, TileSpan};

impl Sheet {
    /// The same sheet at `size` `[width, height]`, 1..=[`super::MAX_SIDE`] a side: pictures, masks and what is selected become what `picture` and `mask` make
    /// of them, at that size. Takes time: not for the thread that draws.
    pub fn resized(
        &self,
        size: [u32; 2],
        picture: impl Fn(&TileGrid<[u8; 4]>) -> TileGrid<[u8; 4]>,
        mask: impl Fn(&TileGrid<u8>) -> TileGrid<u8>,
    ) -> Result<Self, DocumentError> {
        check_size(size)?;
        let mut sheet = Self::new(size);
        for layer in self.layers() {
            let pixels = match &layer.pixels {
                Pixels::Raster(grid) => Pixels::Raster(picture(grid)),
                Pixels::Mask(grid) => Pixels::Mask(mask(grid)),
                Pixels::Group(_) => Pixels::Group(size),
            };
            sheet.push(Layer { pixels, ..layer.clone() });
        }
        // A selection of nothing is none.
        let selected = |grid: &Option<TileGrid<u8>>| grid.as_ref().map(&mask).filter(|grid| !grid.is_blank());
        sheet.selection = selected(&self.selection);
        sheet.deselected = selected(&self.deselected);
        Ok(sheet)
    }
}

impl<P: Pixel> TileGrid<P> {
    /// A blank picture of `size` with this one laid on it at `[x, y]`; what reaches outside is cut off. Tiles that stay whole are shared.
    pub fn placed(&self, size: [u32; 2], at: [i32; 2]) -> Self {
        let end = |axis: usize| at[axis].saturating_add(self.size()[axis] as i32);
        let area = Rect::clipped([at[0], at[1], end(0), end(1)], size);
        let place = |on_new: u32, axis: usize| (i64::from(on_new) - i64::from(at[axis])) as u32;
        let source = |span: &TileSpan| {
            let Rect {
                left,
                top,
                right,
                bottom,
            } = span.rect;
            Rect::new(place(left, 0), place(top, 1), place(right, 0), place(bottom, 1))
        };
        let stays = |span: &TileSpan| {
            let from = source(span);
            [from.width(), from.height()] == [TILE; 2] && [from.left % TILE, from.top % TILE] == [0; 2]
        };
        let painted = |span: &TileSpan| {
            let mut spans = self.spans(source(span));
            !stays(span) && spans.any(|span| self.tile(span.column, span.row).is_some())
        };
        let mut placed = Self::made(size, area, painted, |span, tile| {
            let from = source(&span);
            let pixels = self.copy(from);
            let rows = pixels.chunks_exact(from.width() as usize);
            for (y, row) in (span.rect.top..span.rect.bottom).zip(rows) {
                tile[span.range(y)].copy_from_slice(row);
            }
        });
        for span in placed.spans(area).filter(stays) {
            let from = source(&span);
            let tile = self.shared_tile(from.left / TILE, from.top / TILE).cloned();
            placed.put_tile(span.column, span.row, tile);
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Combine, Document, MAX_SIDE, Role, Side, Tile};
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    /// 600 by 300 pixels, each of another value than those around it, none of them blank.
    fn grid() -> TileGrid<u8> {
        let pixels: Vec<u8> = (0..600 * 300).map(|index| (index % 251 + 1) as u8).collect();
        TileGrid::with_pixels([600, 300], [0, 0], 600, &pixels)
    }

    #[test]
    fn a_picture_is_laid_on_a_larger_or_smaller_one_wherever_it_is_to_lie() {
        let grid = grid();
        for (size, at) in [
            ([600, 300], [0, 0]),
            ([700, 310], [0, 0]),
            ([900, 700], [37, 259]),
            ([300, 40], [-290, -257]),
            ([900, 600], [256, 256]),
            ([500, 300], [-256, 0]),
            ([10, 10], [600, 0]),
        ] {
            let placed = grid.placed(size, at);
            assert_eq!(placed.size(), size);
            let pixels = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| [x, y]));
            for [x, y] in pixels {
                let from = [x as i32 - at[0], y as i32 - at[1]];
                let inside = (0..600).contains(&from[0]) && (0..300).contains(&from[1]);
                let wanted = if inside {
                    grid.pixel(from[0] as u32, from[1] as u32)
                } else {
                    0
                };
                assert_eq!(placed.pixel(x, y), wanted, "{size:?} at {at:?}: {x}, {y}");
            }
            // Nothing lies hidden beyond the edge, to come to light when the canvas grows again.
            let whole = placed.placed([1024, 1024], [0, 0]);
            let beyond = [[size[0], 0], [0, size[1]]].map(|[x, y]| whole.pixel(x, y));
            assert_eq!(beyond, [0; 2], "{size:?} at {at:?}");
        }
    }

    #[test]
    fn whole_tiles_are_shared_and_the_stamp_tells_the_sizes_apart() {
        let grid = grid();
        let larger = grid.placed([700, 310], [0, 0]);
        let revision = |grid: &TileGrid<u8>, column| grid.tile(column, 0).map(Tile::revision);
        assert_eq!(
            [0, 1].map(|column| revision(&larger, column)),
            [0, 1].map(|column| revision(&grid, column))
        );
        assert_ne!(revision(&larger, 2), revision(&grid, 2), "its edge lies elsewhere");
        let moved = grid.placed([900, 300], [256, 0]);
        assert_eq!(revision(&moved, 1), revision(&grid, 0));
        let blank = [600, 700].map(|width| TileGrid::<u8>::new([width, 300]).stamp());
        assert_ne!(blank[0], blank[1]);
    }

    #[test]
    fn all_that_lies_on_a_sheet_gets_its_size() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(40, 30, Rgba([255; 4]))).unwrap();
        document.place_take(&RgbImage::from_pixel(40, 30, Rgb([200, 0, 0])), "(seed: 1)".into());
        let hints = document.add_hints(None);
        document.canvas_mut().group(hints).unwrap();
        let shape = TileGrid::with_pixels([40, 30], [30, 20], 10, &[255; 100]);
        document.select(Side::Canvas, &shape, Combine::Replace);
        let size = [20, 25];
        let cut = |at: [i32; 2]| {
            let canvas = document.canvas();
            canvas
                .resized(size, |grid| grid.placed(size, at), |grid| grid.placed(size, at))
                .unwrap()
        };
        let right = cut([-20, -5]);
        let of_both = || document.canvas().layers().zip(right.layers());
        assert!(right.layers().all(|layer| layer.size() == size));
        assert!(of_both().all(|(old, new)| (old.id, &old.name, old.parent) == (new.id, &new.name, new.parent)));
        assert_eq!(right.by_role(Role::Take).unwrap().recipe.as_deref(), Some("(seed: 1)"));
        assert_eq!(
            right.selection().map(|selection| [9, 10].map(|x| selection.pixel(x, 15))),
            Some([0, 255])
        );
        assert!(cut([0, 0]).selection().is_none(), "nothing is left of it");
        let canvas = document.canvas();
        for wrong in [[0, 5], [5, MAX_SIDE + 1]] {
            let refused = canvas.resized(wrong, |grid| grid.placed(wrong, [0, 0]), |grid| grid.placed(wrong, [0, 0]));
            assert!(matches!(refused, Err(DocumentError::Size { .. })));
        }
    }
}
