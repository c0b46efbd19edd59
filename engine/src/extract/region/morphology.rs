//! Regions made larger and smaller by a disc.

use rayon::prelude::*;

use super::Plane;

/// `plane`, whose cells are 0 or not, with 1 wherever a cell that is not 0 lies within `radius` pixels (between centres), else 0.
pub fn grown(plane: &Plane, radius: u32) -> Plane {
    let (width, reach) = (plane.width.max(1), radius.min(254) as usize);
    // How far to the nearest cell of the same row; more than the reach counts as never.
    let mut across = vec![u8::MAX; plane.cells.len()];
    across
        .par_chunks_mut(width)
        .zip(plane.cells.par_chunks(width))
        .for_each(|(distances, cells)| row_distances(distances, cells));
    let mut cells = vec![0; plane.cells.len()];
    cells.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for other in y.saturating_sub(reach)..=(y + reach).min(plane.height - 1) {
            let rest = (reach * reach - y.abs_diff(other).pow(2)).isqrt() as u8;
            for (cell, distance) in row.iter_mut().zip(&across[other * width..][..width]) {
                *cell |= u8::from(*distance <= rest);
            }
        }
    });
    Plane { cells, ..*plane }
}

/// What of `plane` is farther than `radius` pixels from everything that is not in it; the picture's border is no border of a region.
pub fn shrunk(plane: &Plane, radius: u32) -> Plane {
    inverted(&grown(&inverted(plane), radius))
}

fn inverted(plane: &Plane) -> Plane {
    Plane {
        cells: plane.cells.iter().map(|cell| u8::from(*cell == 0)).collect(),
        ..*plane
    }
}

fn row_distances(distances: &mut [u8], cells: &[u8]) {
    let mut last = u8::MAX;
    let mut step = |distance: &mut u8, cell: u8| {
        last = if cell != 0 { 0 } else { last.saturating_add(1) };
        *distance = (*distance).min(last);
    };
    distances
        .iter_mut()
        .zip(cells)
        .for_each(|(distance, cell)| step(distance, *cell));
    let mut last = u8::MAX;
    for (distance, cell) in distances.iter_mut().zip(cells).rev() {
        last = if *cell != 0 { 0 } else { last.saturating_add(1) };
        *distance = (*distance).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    #[test]
    fn a_dot_grows_to_a_disc_and_shrinks_back() {
        let dot = drawn(&[".......", ".......", ".......", "...#...", ".......", ".......", "......."]);
        let disc = drawn(&[".......", "...#...", "..###..", ".#####.", "..###..", "...#...", "......."]);
        assert_eq!(grown(&dot, 2), disc);
        assert_eq!(grown(&dot, 0), dot);
        assert_eq!(shrunk(&disc, 2), dot);
        assert_eq!(shrunk(&disc, 3), Plane::new(7, 7));
    }

    #[test]
    fn the_border_of_the_picture_takes_nothing_away() {
        let half = drawn(&["##..", "##..", "##.."]);
        assert_eq!(shrunk(&half, 1), drawn(&["#...", "#...", "#..."]));
    }

    #[test]
    fn distances_beyond_a_byte_are_far() {
        let mut long = Plane::new(600, 1);
        long.cells[0] = 1;
        let grown = grown(&long, 200);
        assert_eq!(grown.cells.iter().filter(|cell| **cell != 0).count(), 201);
    }
}
