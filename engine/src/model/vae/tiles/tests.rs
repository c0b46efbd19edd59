use burn::tensor::{Device, TensorData};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use super::*;
use crate::model::config::VaeConfig;
use crate::model::test_weights::drawn;
use crate::model::vae::Vae;

#[test]
fn tiles_and_patches_cover_what_they_should() {
    assert_eq!(tiles(192), [0..64, 64..128, 128..192]);
    assert_eq!(tiles(81), [0..40, 40..81]);
    assert_eq!(patches(192)[..3], [0..24, 28..52, 56..80]);
    assert_eq!(patches(104), [0..24, 16..40, 32..56, 48..72, 64..88, 80..104]);
    assert_eq!(patches(20), std::slice::from_ref(&(0..20)));
    let tiling = Tiling {
        levels: 3,
        blocks: 3,
        input: 1,
        output: 8,
    };
    assert_eq!(tiling.with_halo(&(64..128), 192), 56..136);
    assert_eq!(tiling.with_halo(&(128..192), 192), 120..192);
    let largest = tiling.with_halo(&(100..100 + TILE), 1000).len();
    assert!(largest * largest <= WHOLE);
}

fn vae(norm_groups: usize) -> Vae {
    let config = VaeConfig {
        latent_channels: 4,
        base_channels: 8,
        channel_mult: vec![1, 1, 2],
        num_res_blocks: 1,
        norm_groups,
    };
    drawn(Vae::new(&config, &Device::flex()))
}

/// Random values for areas of `block` pixels a side, and a tenth as much for every pixel: as a picture has them.
fn picture([channels, height, width]: [usize; 3], block: usize) -> Tensor<4> {
    let coarse = [channels, height.div_ceil(block), width.div_ceil(block)];
    let mut rng = ChaCha12Rng::seed_from_u64(3);
    let mut values = |shape: [usize; 3]| -> Vec<f32> {
        let deviation = 3_f32.sqrt();
        (0..shape.iter().product())
            .map(|_| rng.random_range(-deviation..deviation))
            .collect()
    };
    let (areas, grain) = (values(coarse), values([channels, height, width]));
    let values = (0..channels * height * width).map(|at| {
        let (channel, y, x) = (at / (height * width), at / width % height, at % width);
        areas[(channel * coarse[1] + y / block) * coarse[2] + x / block] + 0.1 * grain[at]
    });
    let values = TensorData::new(values.collect::<Vec<f32>>(), [1, channels, height, width]);
    Tensor::from_data(values, &Device::flex())
}

/// Through tiles, nobody breaking off.
fn run(tiling: Tiling, input: Tensor<4>, part: impl Fn(Tensor<4>, &mut Norms<'_>) -> Tensor<4>) -> Tensor<4> {
    let ControlFlow::Continue(output) = tiling.run::<std::convert::Infallible>(input, &mut || ControlFlow::Continue(()), part);
    output
}

/// How tiles differ from one piece, as shares of the output's deviation.
#[derive(Debug)]
struct Difference {
    /// Where they differ most.
    most: f32,
    /// The change of the difference from one side of a seam to the other, where it is greatest, and likewise between neighbours elsewhere.
    seams: f32,
    elsewhere: f32,
}

impl Difference {
    /// `seams`: the first rows and columns of tiles.
    fn new(tiled: Tensor<4>, whole: Tensor<4>, seams: [&[usize]; 2]) -> Self {
        let scale = whole.clone().var(3).mean().sqrt().into_scalar::<f32>();
        let off = (tiled - whole) / scale;
        let [_, _, height, width] = off.dims();
        let jump = |axis: usize, at: usize| {
            let step = off.clone().narrow(axis, at, 1) - off.clone().narrow(axis, at - 1, 1);
            step.abs().max().into_scalar::<f32>()
        };
        let most = |at_seams: bool| {
            let places = [(2, height, seams[0]), (3, width, seams[1])];
            let places = places
                .into_iter()
                .flat_map(|(axis, side, seams)| (1..side).map(move |at| (axis, at, seams.contains(&at))));
            places
                .filter(|(.., seam)| *seam == at_seams)
                .map(|(axis, at, _)| jump(axis, at))
                .fold(0.0, f32::max)
        };
        Self {
            most: off.clone().abs().max().into_scalar(),
            seams: most(true),
            elsewhere: most(false),
        }
    }
}

/// Decoding, then encoding.
fn differences(vae: &Vae) -> [Difference; 2] {
    const SIZE: [usize; 2] = [104, 120];
    assert!(SIZE[0] * SIZE[1] > WHOLE);
    let seams = |factor: usize| SIZE.map(|side| tiles(side).iter().skip(1).map(|tile| tile.start * factor).collect::<Vec<_>>());
    let relative = |tiled: Tensor<4>, whole: Tensor<4>, factor: usize| {
        let [rows, columns] = seams(factor);
        Difference::new(tiled, whole, [&rows, &columns])
    };
    let coarsest = vae.decoder.up.len() - 1;
    let hidden = picture([16, SIZE[0], SIZE[1]], 12);
    let part = |hidden: Tensor<4>, norms: &mut Norms<'_>| {
        let coarse = vae.decoder.up[coarsest].upsample.iter();
        let hidden = coarse.fold(hidden, |hidden, layer| layer.forward(hidden));
        vae.decoder.to_picture(&vae.decoder.up[..coarsest], hidden, norms)
    };
    let tiling = Tiling {
        levels: 2,
        blocks: 2,
        input: 1,
        output: 4,
    };
    let decoded = relative(run(tiling, hidden.clone(), part), part(hidden, &mut Norms::Own), 4);

    let image = picture([3, 4 * SIZE[0], 4 * SIZE[1]], 48);
    let part = |image: Tensor<4>, norms: &mut Norms<'_>| vae.encoder.to_coarsest(&vae.encoder.down[..coarsest], image, norms);
    let tiling = Tiling {
        levels: 2,
        blocks: 1,
        input: 4,
        output: 1,
    };
    let encoded = relative(run(tiling, image.clone(), part), part(image, &mut Norms::Own), 1);
    [decoded, encoded]
}

#[test]
fn without_group_norms_tiles_make_the_same_picture() {
    for difference in differences(&vae(0)) {
        assert!(difference.most < 1e-4, "{difference:?}");
    }
}

#[test]
fn with_group_norms_tiles_differ_by_the_sampling_of_the_statistics_alone() {
    for difference in differences(&vae(4)) {
        // Of the output's deviation.
        assert!(difference.most > 0.0 && difference.most < 1.0, "{difference:?}");
        // At a seam as smoothly as everywhere: nothing shows there.
        assert!(difference.seams <= difference.elsewhere, "{difference:?}");
    }
}

#[test]
fn whoever_breaks_off_waits_for_one_tile_at_most() {
    let tiling = Tiling {
        levels: 1,
        blocks: 1,
        input: 1,
        output: 1,
    };
    let (mut asked, parts) = (0, std::cell::Cell::new(0));
    let mut observer = || {
        asked += 1;
        if asked == 5 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let part = |input: Tensor<4>, _: &mut Norms<'_>| {
        parts.set(parts.get() + 1);
        input
    };
    let output = tiling.run(Tensor::zeros([1, 1, 170, 170], &Device::flex()), &mut observer, part);
    assert!(output.is_break());
    assert_eq!(parts.get(), 4);
}

#[test]
fn whoever_breaks_off_an_encoding_waits_for_one_tile_at_most() {
    let large = picture([3, 4 * 104, 4 * 104], 48);
    let asked = |stop_at: usize| {
        let mut asked = 0;
        let posterior = vae(4).encode_observed(large.clone(), &mut || {
            asked += 1;
            match asked == stop_at {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        (posterior.is_continue(), asked)
    };
    let (whole, questions) = asked(usize::MAX);
    // Once for the patches at least, and before each of four tiles.
    assert!(whole && questions >= 5, "{questions}");
    assert_eq!(asked(3), (false, 3));
}
