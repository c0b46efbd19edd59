//! 3x3 convolution, its input's gradient and its weights' gradient.

mod forward;
mod gradient;
mod planes;
mod winograd;

use super::widening::Weights;
use forward::convolve;
pub use gradient::bias_gradient;
pub use planes::Geometry;
use planes::Planes;

/// Bytes that convolutions of these shapes take beside their inputs and results, one after the other: what all threads keep, and the most of what is
/// given back.
pub fn scratch(shapes: impl IntoIterator<Item = Geometry>) -> usize {
    let most = shapes
        .into_iter()
        .map(winograd::scratch)
        .fold(winograd::Scratch::default(), |most, next| winograd::Scratch {
            tiles: most.tiles.max(next.tiles),
            products: most.products.max(next.products),
            kernels: most.kernels.max(next.kernels),
        });
    size_of::<f32>() * (rayon::current_num_threads() * (most.tiles + most.products) + most.kernels)
}

/// `[batch, inputs, h, w]`, `[outputs, inputs, 3, 3]` and `[outputs]` to `[batch, outputs, h', w']`.
pub fn forward(geometry: Geometry, input: &[f32], weight: Weights<'_>, bias: Option<&[f32]>) -> Vec<f32> {
    if winograd::suits(geometry) {
        return winograd::convolve(geometry, input, weight, bias);
    }
    let planes = input_planes(geometry, input);
    convolve(
        &planes,
        geometry.grid(),
        geometry.output(),
        &geometry.taps(&planes),
        weight,
        bias,
    )
}

/// Gradients of the input and of the weights, as far as they are wanted, from the result's `gradient`.
pub fn backward(geometry: Geometry, input: &[f32], weight: &[f32], gradient: &[f32], wanted: [bool; 2]) -> [Option<Vec<f32>>; 2] {
    let grid = geometry.grid();
    let values = gradient;
    let gradient = Planes::bordered(gradient, geometry.outputs, grid);
    let of_input = || match geometry.stride {
        1 => {
            // The kernel turned by half a turn, its channels exchanged.
            let places: [usize; 9] = std::array::from_fn(|tap| 8 - tap);
            let turned = exchanged(geometry, weight, &places);
            let back = geometry.back();
            if winograd::suits(back) {
                return winograd::convolve(back, values, Weights::Full(&turned), None);
            }
            let taps = geometry.taps(&gradient);
            convolve(&gradient, grid, geometry.output(), &taps, Weights::Full(&turned), None)
        }
        _ => strided_input_gradient(geometry, &gradient, weight),
    };
    let of_weight = || {
        let planes = input_planes(geometry, input);
        gradient::weight_gradient(&gradient, &planes, grid, &geometry.taps(&planes))
    };
    [wanted[0].then(of_input), wanted[1].then(of_weight)]
}

fn input_planes(geometry: Geometry, input: &[f32]) -> Planes {
    match geometry.stride {
        1 => Planes::bordered(input, geometry.inputs, geometry.grid()),
        _ => Planes::quartered(input, geometry),
    }
}

/// Every second row and column of the input takes part through other taps: four convolutions of one, two, two and four taps.
fn strided_input_gradient(geometry: Geometry, gradient: &Planes, weight: &[f32]) -> Vec<f32> {
    let (grid, inputs) = (geometry.grid(), geometry.inputs);
    let Geometry {
        batch,
        height,
        width,
        before,
        ..
    } = geometry;
    let area = [grid.rows + 1, grid.columns + 1];
    let mut result = vec![0.0; batch * inputs * height * width];
    for phase in 0..4 {
        let (odd_y, odd_x) = (phase / 2, phase % 2);
        let places: Vec<usize> = (0..9)
            .filter(|place| place / 3 % 2 == odd_y && place % 3 % 2 == odd_x)
            .collect();
        let tap = |place: &usize| (1 - place / 6) * grid.row() + 1 - place % 3 / 2;
        let taps: Vec<usize> = places.iter().map(tap).collect();
        let exchanged = exchanged(geometry, weight, &places);
        let part = convolve(gradient, grid, area, &taps, Weights::Full(&exchanged), None);
        for (target, part) in result
            .chunks_exact_mut(height * width)
            .zip(part.chunks_exact(area[0] * area[1]))
        {
            for (r, line) in part.chunks_exact(area[1]).enumerate() {
                let Some(y) = (2 * r + odd_y).checked_sub(before).filter(|y| *y < height) else {
                    continue;
                };
                let skip = usize::from(odd_x < before);
                let first = 2 * skip + odd_x - before;
                let target = target[y * width..][..width].iter_mut().skip(first).step_by(2);
                for (target, value) in target.zip(&line[skip..]) {
                    *target = *value;
                }
            }
        }
    }
    result
}

/// The weights at `places` of the kernel with its channels exchanged, `[inputs, outputs, places]`.
fn exchanged(geometry: Geometry, weight: &[f32], places: &[usize]) -> Vec<f32> {
    let Geometry { inputs, outputs, .. } = geometry;
    let mut values = Vec::with_capacity(inputs * outputs * places.len());
    for input in 0..inputs {
        for output in 0..outputs {
            let kernel = &weight[(output * inputs + input) * 9..][..9];
            values.extend(places.iter().map(|place| kernel[*place]));
        }
    }
    values
}
