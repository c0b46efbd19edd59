//! The coverage of a stroke: what all its dabs have printed.

use crate::brush::{BLOCK, Dab, Print, widest};
use crate::document::{Rect, TILE, TileGrid, TileSpan};
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

    /// Prints dabs; around them, and where they have changed the coverage.
    pub fn print(&mut self, dabs: &[Dab]) -> (Rect, Vec<Touched>) {
        let size = self.coverage.size();
        let bounds: Vec<Rect> = dabs.iter().map(|dab| Rect::clipped(dab.bounds(), size)).collect();
        let area = bounds.iter().fold(Rect::EMPTY, |area, bounds| area.union(*bounds));
        let mut touched = Vec::new();
        let mut here = Vec::with_capacity(dabs.len());
        for span in self.coverage.spans(area) {
            here.clear();
            let mut part = Rect::EMPTY;
            for (dab, bounds) in dabs.iter().zip(&bounds) {
                let met = bounds.intersect(span.rect);
                if !met.is_empty() {
                    here.push(*dab);
                    part = part.union(met);
                }
            }
            if here.is_empty() {
                continue;
            }
            let [left, top] = [span.column * TILE, span.row * TILE];
            let rows = (part.top - top) as usize..(part.bottom - top) as usize;
            let mut marks = Touched::NO_MARKS;
            let cells = self.coverage.tile_mut(span.column, span.row);
            widest(Print {
                dabs: &here,
                corner: [left as i32, part.top as i32],
                width: TILE as usize,
                rows: &mut cells[rows.start * TILE as usize..rows.end * TILE as usize],
                marks: &mut marks[rows],
            });
            if marks.iter().any(|mark| *mark != 0) {
                touched.push(Touched {
                    span: in_blocks(span, part, size),
                    marks,
                });
            }
        }
        (area, touched)
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

/// Where a part of a span lies, out to the edges of its blocks: what lies beside it in them is laid once more, as it is.
fn in_blocks(span: TileSpan, part: Rect, size: [u32; 2]) -> TileSpan {
    let block = BLOCK as u32;
    let rect = Rect {
        left: part.left / block * block,
        right: part.right.next_multiple_of(block).min(size[0]),
        ..part
    };
    TileSpan { rect, ..span }
}
