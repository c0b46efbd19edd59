//! Edges of a selection made soft, or moved.

use engine::extract::region::{Plane, grown, shrunk};

use crate::document::{Rect, TileGrid};

/// Box filters that come close to a Gaussian.
const PASSES: usize = 3;

/// `grid` blurred so that an edge is about `2 * radius` pixels broad: three box filters whose variances add up to that of a Gaussian of
/// `radius / 2`. Outside the picture it goes on as at its border.
pub fn feathered(grid: &TileGrid<u8>, radius: u32) -> TileGrid<u8> {
    let size = grid.size();
    // A box of n pixels has the variance (n² - 1) / 12.
    let deviation = f64::from(radius) / 2.0;
    let width = (12.0 * deviation * deviation / PASSES as f64 + 1.0).sqrt();
    let reach = ((width - 1.0) / 2.0).round().max(1.0) as usize;
    let all = Rect::of(size);
    let (columns, rows) = (size[0] as usize, size[1] as usize);
    let mut cells = grid.copy(all);
    for _ in 0..PASSES {
        cells = across(&cells, columns, reach);
        cells = across(&turned(&cells, columns, rows), rows, reach);
        cells = turned(&cells, rows, columns);
    }
    TileGrid::with_pixels(size, [0, 0], size[0], &cells)
}

/// `grid` with its edge so many pixels farther out, below 0 farther in. The edge is hard afterwards.
pub fn resized(grid: &TileGrid<u8>, by: i32) -> TileGrid<u8> {
    let size = grid.size();
    let plane = Plane {
        width: size[0] as usize,
        height: size[1] as usize,
        cells: grid.copy(Rect::of(size)).iter().map(|cell| u8::from(*cell >= 128)).collect(),
    };
    let sized = match by >= 0 {
        true => grown(&plane, by.unsigned_abs()),
        false => shrunk(&plane, by.unsigned_abs()),
    };
    let cells: Vec<u8> = sized.cells.iter().map(|cell| cell * 255).collect();
    TileGrid::with_pixels(size, [0, 0], size[0], &cells)
}

/// Each cell the mean of those at most `reach` away in its row.
fn across(cells: &[u8], width: usize, reach: usize) -> Vec<u8> {
    let mut blurred = vec![0; cells.len()];
    let count = 2 * reach as u32 + 1;
    for (row, out) in cells.chunks_exact(width).zip(blurred.chunks_exact_mut(width)) {
        let at = |place: isize| u32::from(row[place.clamp(0, width as isize - 1) as usize]);
        let mut sum: u32 = (-(reach as isize)..=reach as isize).map(at).sum();
        for (place, out) in out.iter_mut().enumerate() {
            *out = ((sum + count / 2) / count) as u8;
            let (next, last) = (place as isize + reach as isize + 1, place as isize - reach as isize);
            sum = sum + at(next) - at(last);
        }
    }
    blurred
}

/// Rows as columns.
fn turned(cells: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut turned = vec![0; cells.len()];
    for (y, row) in cells.chunks_exact(width).enumerate() {
        for (x, cell) in row.iter().enumerate() {
            turned[x * height + y] = *cell;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The left half of a picture.
    fn half() -> TileGrid<u8> {
        let cells: Vec<u8> = (0..100 * 40).map(|at| if at % 100 < 50 { 255 } else { 0 }).collect();
        TileGrid::with_pixels([100, 40], [0, 0], 100, &cells)
    }

    #[test]
    fn a_feathered_edge_falls_evenly_over_its_breadth_and_nowhere_else() {
        let soft = feathered(&half(), 10);
        let at = |x| soft.pixel(x, 20);
        assert_eq!([at(0), at(30), at(70), at(99)], [255, 255, 0, 0]);
        assert!(
            (40..60).all(|x| at(x) >= at(x + 1)) && at(45) > 180 && at(54) < 75,
            "{} {}",
            at(45),
            at(54)
        );
        assert!(at(49).abs_diff(255 - at(50)) <= 3);
        assert_eq!(soft.pixel(45, 0), at(45), "the border is no edge");
    }

    #[test]
    fn an_edge_is_moved_out_and_in() {
        let edge = |by| (0..100).filter(|x| resized(&half(), by).pixel(*x, 20) == 255).count();
        assert_eq!([edge(0), edge(7), edge(-7)], [50, 57, 43]);
    }
}
