//! Pixels that are taken off a layer, to be laid down elsewhere or otherwise.

use crate::document::{Blend, Pixel, Pixels, Rect, TileGrid, compose};

/// Pixels apart from those that stay.
pub(super) enum Lifted {
    Raster {
        stays: TileGrid<[u8; 4]>,
        float: Float<[u8; 4]>,
    },
    Mask {
        stays: TileGrid<u8>,
        float: Float<u8>,
    },
    Nothing(Pixels),
}

/// Pixels of an area, row by row.
pub(super) struct Float<P> {
    pub area: Rect,
    pub pixels: Vec<P>,
}

impl Lifted {
    pub fn from(pixels: &Pixels, selection: Option<&TileGrid<u8>>) -> Self {
        let share = |value: u8, share: u8| ((u32::from(value) * u32::from(share) + 127) / 255) as u8;
        match pixels {
            Pixels::Raster(grid) => {
                let part = |[r, g, b, alpha]: [u8; 4], part| match share(alpha, part) {
                    0 => [0; 4],
                    alpha => [r, g, b, alpha],
                };
                let (stays, float) = lift(grid, selection, part);
                Self::Raster { stays, float }
            }
            Pixels::Mask(grid) => {
                let (stays, float) = lift(grid, selection, share);
                Self::Mask { stays, float }
            }
            Pixels::Group(_) => Self::Nothing(pixels.clone()),
        }
    }

    pub fn laid(&self, by: [i32; 2]) -> Pixels {
        match self {
            Self::Raster { stays, float } => {
                let over = |below, [r, g, b, alpha]: [u8; 4]| compose(below, [r, g, b, alpha], 1.0, Blend::Normal, false);
                Pixels::Raster(float.laid_on(stays, by, over))
            }
            Self::Mask { stays, float } => Pixels::Mask(float.laid_on(stays, by, u8::saturating_add)),
            Self::Nothing(pixels) => pixels.clone(),
        }
    }

    /// Around what was lifted.
    pub fn area(&self) -> Rect {
        match self {
            Self::Raster { float, .. } => float.area,
            Self::Mask { float, .. } => float.area,
            Self::Nothing(_) => Rect::EMPTY,
        }
    }

    pub fn flip(&mut self, sideways: bool) {
        match self {
            Self::Raster { float, .. } => float.flip(sideways),
            Self::Mask { float, .. } => float.flip(sideways),
            Self::Nothing(_) => {}
        }
    }
}

/// What stays, and what is selected. `part`: a pixel at a share of its coverage.
fn lift<P: Pixel>(grid: &TileGrid<P>, selection: Option<&TileGrid<u8>>, part: impl Fn(P, u8) -> P) -> (TileGrid<P>, Float<P>) {
    let Some(selection) = selection else {
        let area = grid.bounds();
        let pixels = grid.copy(area);
        return (TileGrid::new(grid.size()), Float::tight(area, &pixels));
    };
    let area = grid.bounds().intersect(selection.bounds());
    let (mut pixels, shares) = (grid.copy(area), selection.copy(area));
    let mut stays = grid.clone();
    for span in grid.spans(area) {
        if grid.tile(span.column, span.row).is_none() {
            continue;
        }
        let tile = stays.tile_mut(span.column, span.row);
        for y in span.rect.top..span.rect.bottom {
            let row = (y - area.top) as usize * area.width() as usize + (span.rect.left - area.left) as usize;
            for (pixel, share) in tile[span.range(y)].iter_mut().zip(&shares[row..]) {
                *pixel = part(*pixel, 255 - share);
            }
        }
    }
    pixels
        .iter_mut()
        .zip(shares)
        .for_each(|(pixel, share)| *pixel = part(*pixel, share));
    (stays, Float::tight(area, &pixels))
}

impl<P: Pixel> Float<P> {
    /// The part of `pixels`, which are those of `area`, in which there is something.
    pub fn tight(area: Rect, pixels: &[P]) -> Self {
        let rows = pixels.chunks_exact(area.width().max(1) as usize);
        let some = |pixel: &P| *pixel != P::default();
        let filled = || rows.clone().enumerate().filter(|(_, row)| row.iter().any(some));
        let (Some((top, _)), Some((bottom, _))) = (filled().next(), filled().last()) else {
            return Self {
                area: Rect::EMPTY,
                pixels: Vec::new(),
            };
        };
        let left = filled().filter_map(|(_, row)| row.iter().position(some)).min().unwrap_or(0);
        let right = filled().filter_map(|(_, row)| row.iter().rposition(some)).max().unwrap_or(0) + 1;
        let within = rows.clone().skip(top).take(bottom + 1 - top);
        Self {
            pixels: within.flat_map(|row| row[left..right].iter().copied()).collect(),
            area: Rect::new(
                area.left + left as u32,
                area.top + top as u32,
                area.left + right as u32,
                area.top + bottom as u32 + 1,
            ),
        }
    }

    pub fn laid_on(&self, stays: &TileGrid<P>, by: [i32; 2], over: impl Fn(P, P) -> P) -> TileGrid<P> {
        let at = [
            (self.area.left as i32).saturating_add(by[0]),
            (self.area.top as i32).saturating_add(by[1]),
        ];
        let moved = TileGrid::with_pixels(stays.size(), at, self.area.width(), &self.pixels);
        let mut laid = stays.clone();
        for span in moved.spans(moved.bounds()) {
            let Some(top) = moved.tile(span.column, span.row) else {
                continue;
            };
            for (below, top) in laid.tile_mut(span.column, span.row).iter_mut().zip(top.pixels()) {
                if *top != P::default() {
                    *below = over(*below, *top);
                }
            }
        }
        laid
    }

    fn flip(&mut self, sideways: bool) {
        let width = self.area.width().max(1) as usize;
        match sideways {
            true => self.pixels.chunks_exact_mut(width).for_each(<[P]>::reverse),
            false => {
                self.pixels.reverse();
                self.pixels.chunks_exact_mut(width).for_each(<[P]>::reverse);
            }
        }
    }
}

pub(super) fn shifted(grid: &TileGrid<u8>, by: [i32; 2]) -> TileGrid<u8> {
    let area = grid.bounds();
    let at = [
        (area.left as i32).saturating_add(by[0]),
        (area.top as i32).saturating_add(by[1]),
    ];
    TileGrid::with_pixels(grid.size(), at, area.width(), &grid.copy(area))
}

/// A selection flipped about the middle of `area`.
pub(super) fn mirrored(grid: &TileGrid<u8>, area: Rect, sideways: bool) -> TileGrid<u8> {
    let bounds = grid.bounds();
    let mut float = Float {
        area: bounds,
        pixels: grid.copy(bounds),
    };
    float.flip(sideways);
    let at = match sideways {
        true => [(area.left + area.right) as i32 - bounds.right as i32, bounds.top as i32],
        false => [bounds.left as i32, (area.top + area.bottom) as i32 - bounds.bottom as i32],
    };
    TileGrid::with_pixels(grid.size(), at, bounds.width(), &float.pixels)
}
