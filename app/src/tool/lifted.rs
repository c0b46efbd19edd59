//! Pixels that are taken off a layer, to be laid down elsewhere or otherwise.

use rayon::prelude::*;

use super::transform::{Pose, Quality, resampled};
use crate::document::{Blend, Pixel, Rect, TileGrid, TileSpan, compose};

/// A pixel that is laid over others, and averaged with them.
pub trait Blendable: Pixel {
    /// With colour weighted by what it covers, channels 0..=255.
    fn parts(self) -> [f32; 4];
    fn whole(parts: [f32; 4]) -> Self;
    /// At a share of what it covers, 0..=255.
    fn at(self, share: u8) -> Self;
    fn over(self, below: Self) -> Self;
    /// Whether it covers anything; what was erased keeps its colour.
    fn covers(self) -> bool;
}

impl Blendable for u8 {
    fn parts(self) -> [f32; 4] {
        [f32::from(self), 0.0, 0.0, 0.0]
    }

    fn whole([value, ..]: [f32; 4]) -> Self {
        value.round() as u8
    }

    fn at(self, share: u8) -> Self {
        ((u32::from(self) * u32::from(share) + 127) / 255) as u8
    }

    fn over(self, below: Self) -> Self {
        self.saturating_add(below)
    }

    fn covers(self) -> bool {
        self > 0
    }
}

impl Blendable for [u8; 4] {
    fn parts(self) -> [f32; 4] {
        let [r, g, b, alpha] = self.map(f32::from);
        let share = alpha / 255.0;
        [r * share, g * share, b * share, alpha]
    }

    fn whole([r, g, b, alpha]: [f32; 4]) -> Self {
        let rounded = alpha.round() as u8;
        if rounded == 0 {
            return [0; 4];
        }
        let [r, g, b] = [r, g, b].map(|value| (value * 255.0 / alpha).round() as u8);
        [r, g, b, rounded]
    }

    fn at(self, share: u8) -> Self {
        let [r, g, b, alpha] = self;
        match alpha.at(share) {
            0 => [0; 4],
            alpha => [r, g, b, alpha],
        }
    }

    fn over(self, below: Self) -> Self {
        compose(below, self, 1.0, Blend::Normal, false)
    }

    fn covers(self) -> bool {
        self[3] > 0
    }
}

/// What is taken off a layer, apart from what stays. Tiles that are taken whole are shared with the layer.
pub(super) struct Lifted<P: Pixel> {
    stays: TileGrid<P>,
    taken: TileGrid<P>,
    /// The smallest rectangle around what was taken.
    pub area: Rect,
}

impl<P: Blendable> Lifted<P> {
    /// All of it, or what is selected.
    pub fn from(grid: &TileGrid<P>, selection: Option<&TileGrid<u8>>) -> Self {
        let (mut stays, mut taken) = (TileGrid::new(grid.size()), grid.clone());
        if let Some(selection) = selection {
            std::mem::swap(&mut stays, &mut taken);
            for TileSpan { column, row, .. } in grid.spans(grid.bounds().intersect(selection.bounds())) {
                let (Some(tile), Some(shares)) = (grid.tile(column, row), selection.tile(column, row)) else {
                    continue;
                };
                let parted = stays.tile_mut(column, row).iter_mut().zip(taken.tile_mut(column, row));
                for ((stays, taken), (pixel, share)) in parted.zip(tile.pixels().iter().zip(shares.pixels())) {
                    (*stays, *taken) = (pixel.at(255 - share), pixel.at(*share));
                }
            }
        }
        let area = tight(&taken);
        Self { stays, taken, area }
    }

    /// So many pixels to the right and down.
    pub fn moved(&self, by: [i32; 2]) -> TileGrid<P> {
        self.with(&self.float(), by)
    }

    /// Within the rectangle `about`: left and right exchanged, or above and below.
    pub fn flipped(&self, sideways: bool, about: Rect) -> TileGrid<P> {
        let area = self.area;
        let by = match sideways {
            true => [(about.left + about.right) as i32 - (area.left + area.right) as i32, 0],
            false => [0, (about.top + about.bottom) as i32 - (area.top + area.bottom) as i32],
        };
        self.with(&self.float().flipped(sideways), by)
    }

    pub fn posed(&self, pose: Pose, quality: Quality) -> TileGrid<P> {
        self.with(&resampled(&self.float(), pose, self.stays.size(), quality), [0, 0])
    }

    fn float(&self) -> Float<P> {
        Float {
            area: self.area,
            pixels: self.taken.copy(self.area),
        }
    }

    /// What stays, and over it `float`, so far from where it is.
    fn with(&self, float: &Float<P>, by: [i32; 2]) -> TileGrid<P> {
        let at = [
            (float.area.left as i32).saturating_add(by[0]),
            (float.area.top as i32).saturating_add(by[1]),
        ];
        let laid = TileGrid::with_pixels(self.stays.size(), at, float.area.width(), &float.pixels);
        if self.stays.bounds().is_empty() {
            return laid;
        }
        let mut whole = self.stays.clone();
        for span in laid.spans(laid.bounds()) {
            let Some(top) = laid.tile(span.column, span.row) else {
                continue;
            };
            for (below, top) in whole.tile_mut(span.column, span.row).iter_mut().zip(top.pixels()) {
                if top.covers() {
                    *below = top.over(*below);
                }
            }
        }
        whole
    }
}

/// Pixels of an area, row by row.
pub(super) struct Float<P> {
    pub area: Rect,
    pub pixels: Vec<P>,
}

impl<P: Pixel> Float<P> {
    /// Within its area.
    fn flipped(mut self, sideways: bool) -> Self {
        let width = self.area.width().max(1) as usize;
        if !sideways {
            self.pixels.reverse();
        }
        self.pixels.chunks_exact_mut(width).for_each(<[P]>::reverse);
        self
    }
}

/// The smallest rectangle around what is painted.
pub(super) fn tight<P: Blendable>(grid: &TileGrid<P>) -> Rect {
    let spans: Vec<TileSpan> = grid.spans(grid.bounds()).collect();
    let painted = |span: &TileSpan| {
        let Some(tile) = grid.tile(span.column, span.row) else {
            return Rect::EMPTY;
        };
        let some = |pixel: &P| pixel.covers();
        let rows = (span.rect.top..span.rect.bottom).filter_map(|y| {
            let row = &tile.pixels()[span.range(y)];
            let (first, last) = (row.iter().position(some)?, row.iter().rposition(some)?);
            Some(Rect::new(
                span.rect.left + first as u32,
                y,
                span.rect.left + last as u32 + 1,
                y + 1,
            ))
        });
        rows.fold(Rect::EMPTY, Rect::union)
    };
    spans.par_iter().map(painted).reduce(|| Rect::EMPTY, Rect::union)
}
