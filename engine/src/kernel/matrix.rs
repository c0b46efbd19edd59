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

/// `left [M, K]` by `right [K, N]` to `result [M, N]`, whose rows and columns are `strides` apart. What lies between its numbers stays as it is.
///
/// # Panics
/// When a matrix does not fit its slice, or two numbers of the result have the same place.
pub fn multiply(
    [m, n, k]: [usize; 3],
    result: &mut [f32],
    strides: [usize; 2],
    left: Matrix<'_>,
    right: Matrix<'_>,
    parallelism: Parallelism,
) {
    if m == 0 || n == 0 {
        return;
    }
    assert!(fits([m, n], strides, result.len()), "the result has its place");
    assert!(
        fits([m, k], left.strides, left.values.len()) && fits([k, n], right.strides, right.values.len()),
        "both sides are whole"
    );
    assert!(
        is_injective([m, n], strides),
        "every number of the result has a place of its own"
    );
    let signed = |strides: [usize; 2]| strides.map(|stride| isize::try_from(stride).expect("strides within memory"));
    let [row, column] = signed(strides);
    let [left_row, left_column] = signed(left.strides);
    let [right_row, right_column] = signed(right.strides);
    let (result, left, right) = (result.as_mut_ptr(), left.values.as_ptr(), right.values.as_ptr());
    // Unsafe because the library has no entry that takes slices.
    // SAFETY: it reads and writes what sizes and strides name and nothing else. All of that lies within the three slices; the result's is borrowed by nobody
    // else, and no two of its numbers share a place, so that the library's threads never write to the same one. All of it was just asserted.
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

/// Whether a matrix lies within so many numbers.
fn fits([rows, columns]: [usize; 2], [row, column]: [usize; 2], length: usize) -> bool {
    let last = |count: usize, stride: usize| (count - 1).checked_mul(stride);
    rows == 0
        || columns == 0
        || last(rows, row)
            .zip(last(columns, column))
            .and_then(|(down, across)| down.checked_add(across))
            .is_some_and(|last| last < length)
}

/// Whether the numbers of a matrix that is not empty have a place each: one row ends before the next begins, or one column does.
fn is_injective([rows, columns]: [usize; 2], [row, column]: [usize; 2]) -> bool {
    let apart = |count: usize, inner: usize, outer: usize| inner > 0 && outer > (count - 1).saturating_mul(inner);
    apart(columns, column, row) || apart(rows, row, column)
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

    /// `[2, K]` by `[K, 3]`, all ones, to a result of eight numbers.
    fn ones(inner: usize, strides: [usize; 2]) -> [f32; 8] {
        let (left, right) = (vec![1.0; 2 * inner], vec![1.0; 3 * inner]);
        let left = Matrix {
            values: &left,
            strides: [inner, 1],
        };
        let right = Matrix {
            values: &right,
            strides: [3, 1],
        };
        let mut result = [7.0; 8];
        multiply([2, 3, inner], &mut result, strides, left, right, Parallelism::None);
        result
    }

    #[test]
    fn a_product_is_written_to_its_own_places_alone() {
        assert_eq!(ones(5, [4, 1]), [5.0, 5.0, 5.0, 7.0, 5.0, 5.0, 5.0, 7.0]);
        assert_eq!(ones(5, [1, 3]), [5.0, 5.0, 7.0, 5.0, 5.0, 7.0, 5.0, 5.0]);
        assert_eq!(ones(0, [4, 1]), [0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 7.0]);
    }

    #[test]
    #[should_panic(expected = "a place of its own")]
    fn results_in_one_place_are_refused() {
        ones(5, [0, 0]);
    }

    #[test]
    fn places_are_told_by_their_strides() {
        assert!(is_injective([2, 3], [3, 1]) && is_injective([2, 3], [1, 2]));
        for strides in [[2, 1], [1, 1], [3, 0], [0, 2]] {
            assert!(!is_injective([2, 3], strides), "{strides:?}");
        }
        assert!(fits([2, 3], [4, 1], 7) && !fits([2, 3], [4, 1], 6));
        assert!(!fits([2, 3], [usize::MAX, 1], 7), "an end that wraps around");
        assert!(fits([0, 3], [4, 1], 0));
    }

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
