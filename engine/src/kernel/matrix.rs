//! Matrices that lie in slices. Their products are made by the library that burn's CPU backend uses. Burn's own product makes a tensor: it cannot write a part of a
//! result's columns, nor to memory that is used again.

pub use gemm::Parallelism;
use rayon::prelude::*;

/// A matrix in memory: its numbers from the first on, and how far the next row and the next column are.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    pub values: &'a [f32],
    pub strides: [usize; 2],
}

/// `left [M, K]` by `right [K, N]` to `result [M, N]`, whose rows and columns are `strides` apart.
///
/// # Panics
/// When a matrix does not fit its slice.
pub fn multiply(
    [m, n, k]: [usize; 3],
    result: &mut [f32],
    strides: [usize; 2],
    left: Matrix<'_>,
    right: Matrix<'_>,
    parallelism: Parallelism,
) {
    if m == 0 || n == 0 || k == 0 {
        result.fill(0.0);
        return;
    }
    let reach = |rows: usize, columns: usize, strides: [usize; 2]| (rows - 1) * strides[0] + (columns - 1) * strides[1];
    assert!(reach(m, n, strides) < result.len(), "the result has its place");
    assert!(
        reach(m, k, left.strides) < left.values.len() && reach(k, n, right.strides) < right.values.len(),
        "both sides are whole"
    );
    let [row, column] = strides.map(|stride| stride as isize);
    let [left_row, left_column] = left.strides.map(|stride| stride as isize);
    let [right_row, right_column] = right.strides.map(|stride| stride as isize);
    let (result, left, right) = (result.as_mut_ptr(), left.values.as_ptr(), right.values.as_ptr());
    // SAFETY: all three matrices lie within their slices, which was just asserted, and the result's is borrowed by nobody else.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            result,
            column,
            row,
            false,
            left,
            left_column,
            left_row,
            right,
            right_column,
            right_row,
            0.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// A row-major `rows x columns` matrix with its axes swapped.
pub fn transpose<T: Copy + Default + Send + Sync>(values: &[T], rows: usize, columns: usize) -> Vec<T> {
    // Tiles keep both sides in the cache.
    const TILE: usize = 16;
    let mut swapped = vec![T::default(); values.len()];
    let bands = swapped.par_chunks_mut(TILE * rows.max(1)).enumerate();
    bands.for_each(|(band, swapped)| {
        let left = band * TILE;
        for top in (0..rows).step_by(TILE) {
            for column in left..columns.min(left + TILE) {
                for row in top..rows.min(top + TILE) {
                    swapped[(column - left) * rows + row] = values[row * columns + column];
                }
            }
        }
    });
    swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_transposed_across_tile_borders() {
        let (rows, columns) = (19, 33);
        let values: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
        let swapped = transpose(&values, rows, columns);
        assert_eq!(swapped[1], 33.0);
        assert_eq!(swapped[32 * rows + 18], (18 * columns + 32) as f32);
        assert_eq!(transpose(&swapped, columns, rows), values);
    }
}
