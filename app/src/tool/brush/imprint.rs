//! The coverage of a stroke: what all its dabs have printed.

use crate::brush::{Dab, widest};
use crate::document::{Rect, TILE, TileGrid};
use crate::tool::paint::Touched;

/// 0..=255 of the paint, on a layer's tiles.
pub struct Imprint {
    coverage: TileGrid<u8>,
}

impl Imprint {
    /// Nothing yet, on a layer of `size`.
    pub fn new(size: [u32; 2]) -> Self {
        Self {
            coverage: TileGrid::new(size),
        }
    }

    pub fn coverage(&self) -> &TileGrid<u8> {
        &self.coverage
    }

    /// Prints dabs; where they have changed the coverage.
    pub fn print(&mut self, dabs: &[Dab]) -> Vec<Touched> {
        let size = self.coverage.size();
        let bounds = |dab: &Dab| Rect::clipped(dab.bounds(), size);
        let area = dabs.iter().fold(Rect::EMPTY, |area, dab| area.union(bounds(dab)));
        let mut touched = Vec::new();
        for span in self.coverage.spans(area) {
            let meets = |dab: &&Dab| !bounds(dab).intersect(span.rect).is_empty();
            let here: Vec<Dab> = dabs.iter().filter(meets).copied().collect();
            if here.is_empty() {
                continue;
            }
            let around = here.iter().fold(Rect::EMPTY, |area, dab| area.union(bounds(dab)));
            let part = around.intersect(span.rect);
            let [left, top] = [span.column * TILE, span.row * TILE];
            let rows = (part.top - top) as usize..(part.bottom - top) as usize;
            let mut marks = Touched::no_marks();
            let cells = self.coverage.tile_mut(span.column, span.row);
            widest(Print {
                dabs: &here,
                corner: [left as i32, part.top as i32],
                cells: &mut cells[rows.start * TILE as usize..rows.end * TILE as usize],
                marks: &mut marks[rows],
            });
            if marks.iter().any(|mark| *mark != 0) {
                touched.push(Touched { span, marks });
            }
        }
        touched
    }

    /// Covers a shape as well; where that has changed the coverage.
    pub fn cover(&mut self, shape: &TileGrid<u8>) -> Vec<Touched> {
        let shapes = shape.spans(Rect::of(shape.size()));
        let shapes = shapes.filter_map(|span| Some((span, shape.tile(span.column, span.row)?.pixels())));
        let touched = shapes.map(|(span, shape)| {
            for (cell, share) in self.coverage.tile_mut(span.column, span.row).iter_mut().zip(shape) {
                *cell = (*cell).max(*share);
            }
            Touched::whole(span)
        });
        touched.collect()
    }
}

/// Dabs on rows of a tile: see [`Dab::print`].
pub(super) struct Print<'a> {
    pub dabs: &'a [Dab],
    pub corner: [i32; 2],
    pub cells: &'a mut [u8],
    pub marks: &'a mut [u16],
}

impl pulp::WithSimd for Print<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        Dab::print(self.dabs, self.corner, TILE as usize, self.cells, self.marks);
    }
}
