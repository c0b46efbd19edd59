use super::super::planes::Geometry;
use super::*;

/// Numbers of all digits, the same ones each time.
fn numbers(count: usize, step: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * step) % 1009) as f32 / 997.0 - 0.5).collect()
}

#[test]
fn vectors_of_every_length_come_to_the_same_bits() {
    // Blocks that are full and not, one picture and several in a plane, channels that are summed in two parts.
    for [batch, inputs, outputs, height, width] in [[1, 3, 13, 9, 17], [2, 70, 8, 5, 6], [1, 5, 3, 16, 16], [3, 4, 64, 7, 24]] {
        let geometry = Geometry {
            batch,
            inputs,
            outputs,
            height,
            width,
            stride: 1,
            before: 1,
        };
        let (grid, area) = (geometry.grid(), geometry.output());
        let planes = Planes::bordered(&numbers(batch * inputs * height * width, 7919), inputs, grid);
        let (weights, bias) = (numbers(outputs * inputs * 9, 104_729), numbers(outputs, 31));
        let by = |run: fn(Task<'_>)| {
            let weights = Weights::Full(&weights);
            convolve_by(&planes, grid, area, &geometry.taps(&planes), weights, Some(&bias), run)
        };
        let widest = by(|task| vectorized(task));
        assert_eq!(by(|task| task.with_simd(pulp::Scalar)), widest, "one number at a time");
        #[cfg(target_arch = "x86_64")]
        if pulp::x86::V3::is_available() {
            let narrow = by(|task| Simd::vectorize(pulp::x86::V3::try_new().unwrap(), task));
            assert_eq!(narrow, widest, "eight at a time");
        }
    }
}
