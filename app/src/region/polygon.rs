//! Polygons as coverage of pixels.

use crate::document::{Rect, TILE, TileGrid};

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
    let edges = edges_by_row(corners, area);
    let mut whole = None;
    let mut steps = Vec::new();
    let mut rows = (area.top..area.bottom).zip(&edges).peekable();
    while let Some((top, _)) = rows.peek() {
        let band = top / TILE;
        // What is covered of a row of tiles: in which row of pixels, from where to where, how much.
        let mut runs = Vec::new();
        // In how many rows a tile is covered whole.
        let mut full = vec![0; grid.columns() as usize];
        while let Some((y, edges)) = rows.next_if(|(y, _)| y / TILE == band) {
            steps.clear();
            for line in 0..LINES {
                let height = y as f32 + (line as f32 + 0.5) / LINES as f32;
                for span in crossings(edges, height).chunks_exact(2) {
                    cover(&mut steps, size[0] as f32, span[0], span[1]);
                }
            }
            steps.sort_unstable_by_key(|(x, _)| *x);
            let mut share = 0.0;
            for (at, &(x, step)) in steps.iter().enumerate() {
                share += step;
                let next = steps.get(at + 1).map_or(x, |(x, _)| *x);
                let value = (share / LINES as f32 * 255.0).round() as u8;
                if value == 0 || next == x {
                    continue;
                }
                runs.push((y, x..next, value));
                if value == 255 {
                    (x.div_ceil(TILE)..next / TILE).for_each(|column| full[column as usize] += 1);
                }
            }
        }
        for column in (0..grid.columns()).filter(|column| full[*column as usize] == TILE) {
            grid.share_tile(whole.get_or_insert_with(|| TileGrid::filled(size, 255)), column, band);
        }
        for (y, run, value) in runs {
            for span in grid.spans(Rect::new(run.start, y, run.end, y + 1)) {
                if full[span.column as usize] < TILE {
                    grid.tile_mut(span.column, span.row)[span.range(y)].fill(value);
                }
            }
        }
    }
    grid
}

type Edge = [[f32; 2]; 2];

/// The edges that may cross each row of `area`, from its top down.
fn edges_by_row(corners: &[[f32; 2]], area: Rect) -> Vec<Vec<Edge>> {
    let mut rows = vec![Vec::new(); area.height() as usize];
    for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        let row = |y: f32| ((y - area.top as f32).floor().max(0.0) as usize).min(rows.len());
        let (first, last) = (row(from[1].min(to[1])), row(from[1].max(to[1]) + 1.0));
        rows[first..last].iter_mut().for_each(|row| row.push([*from, *to]));
    }
    rows
}

/// Where a horizontal line enters and leaves the polygon, from left to right.
fn crossings(edges: &[Edge], height: f32) -> Vec<f32> {
    let mut crossed: Vec<f32> = edges
        .iter()
        .filter(|[from, to]| (from[1] <= height) != (to[1] <= height))
        .map(|[from, to]| from[0] + (height - from[1]) / (to[1] - from[1]) * (to[0] - from[0]))
        .collect();
    crossed.sort_by(f32::total_cmp);
    crossed
}

/// Adds to `steps`, from which pixel on by how much more is covered, what lies between `from` and `to` of a row of `width` pixels.
fn cover(steps: &mut Vec<(u32, f32)>, width: f32, from: f32, to: f32) {
    for (at, sign) in [(from, 1.0), (to, -1.0)] {
        let at = at.clamp(0.0, width);
        let (pixel, part) = (at.floor() as u32, at.fract());
        // Of the pixel in which it begins, or ends, a part is covered.
        steps.extend([(pixel, sign * (1.0 - part)), (pixel + 1, sign * part)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Tile;

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
        let square = polygon(&[[10.0, 0.0], [900.0, 0.0], [900.0, 600.0], [10.0, 600.0]], [1000, 700]);
        let shared = [(1, 0), (2, 0), (1, 1), (2, 1)].map(|(column, row)| square.tile(column, row).map(Tile::revision));
        assert!(
            shared[0].is_some() && shared.iter().all(|revision| *revision == shared[0]),
            "tiles that are covered whole are one"
        );
        assert_eq!([9, 10, 899, 900].map(|x| square.pixel(x, 599)), [0, 255, 255, 0]);
        assert_eq!([599, 600].map(|y| square.pixel(500, y)), [255, 0]);
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

    #[test]
    fn slanted_edges_shade_their_pixels_and_leave_whole_ones_whole() {
        let grid = polygon(&[[2.0, 0.0], [600.0, 0.0], [596.0, 4.0], [6.0, 4.0]], [700, 4]);
        let row = grid.copy(Rect::new(0, 1, 700, 2));
        assert_eq!(row[1..6], [0, 0, 128, 255, 255], "from 3.5 on, at the middle of the row");
        assert!(row[5..597].iter().all(|cell| *cell == 255));
        assert_eq!(row[597..600], [255, 128, 0]);
    }
}
