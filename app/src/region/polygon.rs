//! Polygons as coverage of pixels.

use crate::document::{Rect, TileGrid};

/// Lines of a pixel that are looked at; along a line coverage is exact.
const LINES: u32 = 4;

/// What the polygon with these corners covers of a picture of `size`, 0..=255, by the even-odd rule. Fewer than three corners cover nothing.
pub fn polygon(corners: &[[f32; 2]], size: [u32; 2]) -> TileGrid<u8> {
    let mut grid = TileGrid::new(size);
    let bound = |axis: usize, most: bool| {
        let values = corners.iter().map(|corner| corner[axis].clamp(-1.0, size[axis] as f32 + 1.0));
        match most {
            true => values.fold(-1.0, f32::max).ceil() as i32,
            false => values.fold(f32::MAX, f32::min).floor() as i32,
        }
    };
    if corners.len() < 3 {
        return grid;
    }
    let area = Rect::clipped([bound(0, false), bound(1, false), bound(0, true), bound(1, true)], size);
    let mut row = vec![0.0; area.width() as usize];
    for y in area.top..area.bottom {
        row.fill(0.0);
        for line in 0..LINES {
            let height = y as f32 + (line as f32 + 0.5) / LINES as f32;
            for span in crossings(corners, height).chunks_exact(2) {
                cover(&mut row, span[0] - area.left as f32, span[1] - area.left as f32);
            }
        }
        let line = Rect::new(area.left, y, area.right, y + 1);
        for span in grid.spans(line) {
            let from = (span.rect.left - area.left) as usize;
            let covered = &row[from..from + span.rect.width() as usize];
            if covered.iter().all(|share| *share == 0.0) {
                continue;
            }
            for (cell, share) in grid.tile_mut(span.column, span.row)[span.range(y)].iter_mut().zip(covered) {
                *cell = (share / LINES as f32 * 255.0).round() as u8;
            }
        }
    }
    grid
}

/// Where a horizontal line enters and leaves the polygon, from left to right.
fn crossings(corners: &[[f32; 2]], height: f32) -> Vec<f32> {
    let ends = corners.iter().zip(corners.iter().cycle().skip(1));
    let mut crossed: Vec<f32> = ends
        .filter(|(from, to)| (from[1] <= height) != (to[1] <= height))
        .map(|(from, to)| from[0] + (height - from[1]) / (to[1] - from[1]) * (to[0] - from[0]))
        .collect();
    crossed.sort_by(f32::total_cmp);
    crossed
}

/// Adds the share of each pixel that lies between `from` and `to`.
fn cover(row: &mut [f32], from: f32, to: f32) {
    let (from, to) = (from.clamp(0.0, row.len() as f32), to.clamp(0.0, row.len() as f32));
    let (first, last) = (from as usize, to.ceil() as usize);
    for (x, share) in row.iter_mut().enumerate().take(last).skip(first) {
        *share += to.min(x as f32 + 1.0) - from.max(x as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_covered_by_their_share() {
        let grid = polygon(&[[1.0, 1.0], [3.5, 1.0], [3.5, 2.5], [1.0, 2.5]], [5, 4]);
        let row = |y| grid.copy(Rect::new(0, y, 5, y + 1));
        assert_eq!(row(0), [0; 5]);
        assert_eq!(row(1), [0, 255, 255, 128, 0]);
        assert_eq!(row(2), [0, 128, 128, 64, 0]);
    }

    #[test]
    fn what_reaches_outside_is_cut_and_what_is_no_area_covers_nothing() {
        let all = polygon(&[[-9e9, -50.0], [1e9, -50.0], [1e9, 1e9], [-9e9, 1e9]], [300, 2]);
        assert!(all.copy(Rect::of([300, 2])).iter().all(|cell| *cell == 255));
        assert!(polygon(&[[1.0, 1.0], [9.0, 9.0]], [16, 16]).is_blank());
        assert!(polygon(&[[4.0, 4.0]; 5], [16, 16]).is_blank());
    }

    #[test]
    fn a_loop_in_a_lasso_is_a_hole() {
        let outer = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0], [0.0, 0.0]];
        let inner = [[3.0, 3.0], [6.0, 3.0], [6.0, 6.0], [3.0, 6.0], [3.0, 3.0]];
        let grid = polygon(&[outer, inner].concat(), [9, 9]);
        assert_eq!((grid.pixel(1, 1), grid.pixel(4, 4)), (255, 0));
    }
}
