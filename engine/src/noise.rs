//! Seeded normal noise, made on the host: a seed means the same picture on every machine and device.
//!
//! Bits come from ChaCha12, whose output is fixed by its definition. A bit pattern becomes a normal by the inverse of the
//! cumulative distribution (Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", 1988, relative
//! error below 1e-15). Only `+ - * /` and `sqrt` are used, which IEEE 754 defines to the last bit; the logarithm that the
//! tails need is built from them here, because the one of the platform's mathematics library differs between platforms.

use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::diffusion::sampler::StepNoise;
use as241::*;

/// Standard normal numbers in row-major order of `shape`: the stream numbered `stream` of `seed`.
///
/// Streams of one seed are independent of each other. A longer shape continues a shorter one.
pub fn normal<const D: usize>(seed: u64, stream: u64, shape: [usize; D]) -> Vec<f32> {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = ChaCha12Rng::from_seed(key);
    generator.set_stream(stream);
    (0..shape.iter().product())
        .map(|_| quantile(uniform(generator.next_u64())) as f32)
        .collect()
}

/// Standard normal noise `[B, C, h, w]`: stream 0 of `seed`, where every generation takes its initial latent from.
pub fn tensor(seed: u64, shape: [usize; 4], device: &Device) -> Tensor<4> {
    of_stream(seed, 0, shape, device)
}

/// Standard normal noise `[B, C, h, w]` of a stream of `seed`.
pub fn of_stream(seed: u64, stream: u64, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(normal(seed, stream, shape), shape), device)
}

/// The first stream of what is laid over a picture that is injected into attention.
pub const INJECTION: u64 = 1 << 48;

/// The noise that stochastic samplers lay on in their steps: fresh draws, and one Wiener path over the noise levels.
///
/// The path is fixed by the seed alone, at every level: a bisection of the range whose every midpoint has a stream of its own, as in a
/// virtual Brownian tree (Li et al., arXiv 2001.01328). Another number of steps therefore walks along the same path.
pub struct Stream {
    seed: u64,
    shape: [usize; 4],
    largest: f64,
    device: Device,
    drawn: u64,
    /// The path at the levels that were asked for last.
    known: Vec<(f64, Vec<f32>)>,
}

/// Stream 0 is the initial latent; draws follow it, and the path has numbers that no job's draws reach.
const PATH: u64 = 1 << 40;
/// Halvings of the path's range: to a millionth of the largest sigma.
const HALVINGS: u32 = 20;

impl Stream {
    /// Noise for latents of `shape`, at levels from 0 to `largest`.
    pub fn new(seed: u64, shape: [usize; 4], largest: f64, device: &Device) -> Self {
        Self {
            seed,
            shape,
            largest,
            device: device.clone(),
            drawn: 0,
            known: Vec::new(),
        }
    }

    /// `W(level)`; `W(0)` is 0.
    fn path(&mut self, level: f64) -> Vec<f32> {
        if let Some((_, values)) = self.known.iter().find(|(known, _)| *known == level) {
            return values.clone();
        }
        let (mut low, mut high) = (0.0, self.largest);
        let mut values = [vec![0.0; self.shape.iter().product()], self.draw(PATH, self.largest.sqrt())];
        // Numbers of a binary tree's nodes: the children of n are 2n and 2n + 1.
        let mut node = 1;
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            // A bridge's middle: the mean of its ends, and a quarter of its length as variance.
            let mut centre = self.draw(PATH + node, ((high - low) / 4.0).sqrt());
            for (value, (left, right)) in centre.iter_mut().zip(values[0].iter().zip(&values[1])) {
                *value += (left + right) / 2.0;
            }
            let right = level > middle;
            node = 2 * node + u64::from(right);
            if right {
                (low, values[0]) = (middle, centre);
            } else {
                (high, values[1]) = (middle, centre);
            }
        }
        let share = ((level - low) / (high - low)).clamp(0.0, 1.0) as f32;
        let [below, above] = values;
        let found: Vec<f32> = below.iter().zip(&above).map(|(a, b)| a + (b - a) * share).collect();
        if self.known.len() == 2 {
            self.known.remove(0);
        }
        self.known.push((level, found.clone()));
        found
    }

    fn draw(&self, stream: u64, deviation: f64) -> Vec<f32> {
        let mut values = normal(self.seed, stream, self.shape);
        values.iter_mut().for_each(|value| *value *= deviation as f32);
        values
    }

    fn tensor(&self, values: Vec<f32>) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values, self.shape), &self.device)
    }
}

impl StepNoise for Stream {
    fn fresh(&mut self) -> Tensor<4> {
        self.drawn += 1;
        let values = self.draw(self.drawn, 1.0);
        self.tensor(values)
    }

    fn between(&mut self, from: f64, to: f64) -> Tensor<4> {
        let scale = (from - to).sqrt() as f32;
        let (above, below) = (self.path(from), self.path(to));
        let increments = above.iter().zip(&below).map(|(above, below)| (above - below) / scale);
        let values = increments.collect();
        self.tensor(values)
    }
}

/// The middle of one of 2^52 equal cells of (0, 1); exact, never 0 or 1.
fn uniform(bits: u64) -> f64 {
    const CELLS: f64 = (1_u64 << 52) as f64;
    ((bits >> 12) as f64 + 0.5) / CELLS
}

/// The value that a standard normal stays below with probability `p`, 0 < p < 1 (AS 241, routine PPND16).
fn quantile(p: f64) -> f64 {
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180625 - centred * centred;
        return centred * horner(&CENTRE_NUMERATOR, r) / horner(&CENTRE_DENOMINATOR, r);
    }
    let r = (-ln(p.min(1.0 - p))).sqrt();
    let tail = if r <= 5.0 {
        horner(&TAIL_NUMERATOR, r - 1.6) / horner(&TAIL_DENOMINATOR, r - 1.6)
    } else {
        horner(&FAR_NUMERATOR, r - 5.0) / horner(&FAR_DENOMINATOR, r - 5.0)
    };
    if centred < 0.0 { -tail } else { tail }
}

/// A polynomial's value, coefficients from the constant upwards.
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// Natural logarithm of a positive normal number by exactly defined operations, to about 1e-16 of its value.
///
/// `x = m 2^e` with `m` between `sqrt(1/2)` and `sqrt(2)`; `ln m = 2 artanh s`, `s = (m - 1) / (m + 1)`, |s| < 0.172.
fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let mut exponent = (x.to_bits() >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits((x.to_bits() & MANTISSA) | (1023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    // Twelve terms of the series: the next one is below 0.172^25 / 25.
    let series = (0..12).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    exponent as f64 * std::f64::consts::LN_2 + 2.0 * s * series
}

/// The coefficients of AS 241 with the digits that it prints, from the constant upwards.
#[expect(clippy::excessive_precision, reason = "as printed, so that they can be compared")]
mod as241 {
    pub const CENTRE_NUMERATOR: [f64; 8] = [
        3.387_132_872_796_366_608_0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ];
    pub const CENTRE_DENOMINATOR: [f64; 8] = [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ];
    pub const TAIL_NUMERATOR: [f64; 8] = [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ];
    pub const TAIL_DENOMINATOR: [f64; 8] = [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ];
    pub const FAR_NUMERATOR: [f64; 8] = [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ];
    pub const FAR_DENOMINATOR: [f64; 8] = [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, z) in [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_081_7),
            (0.975, 1.959_963_984_540_054),
            (0.999, 3.090_232_306_167_813_5),
            (1e-9, -5.997_807_015_007_686),
            (1e-15, -7.941_345_326_170_997),
        ] {
            assert!((quantile(p) - z).abs() < 1e-14 * z.abs().max(1.0), "{p}: {}", quantile(p));
        }
        assert_eq!(quantile(0.25), -quantile(0.75));
    }

    #[test]
    fn the_logarithm_is_the_logarithm() {
        for x in [1e-16, 0.001, 0.49, 0.5, 0.71, 1.0, 3.0, 1e10_f64] {
            assert!((ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs(), "{x}");
        }
    }

    #[test]
    fn uniform_stays_inside() {
        assert!(uniform(0) > 0.0 && uniform(u64::MAX) < 1.0);
        assert_eq!(uniform(1 << 63), 0.5 + 0.5 / (1_u64 << 52) as f64);
    }

    /// The values of an independent ChaCha12 and of Python's `statistics.NormalDist().inv_cdf`.
    #[test]
    fn a_seed_means_these_numbers_everywhere() {
        let bits = normal(42, 0, [2, 2]).into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits, [0xbe2f_5150, 0xbf7d_730c, 0x3ee4_49af, 0x3ef8_2b71]);
    }

    #[test]
    fn moments_are_normal() {
        let values = normal(7, 3, [100_000]);
        let moment = |power: i32| values.iter().map(|&v| f64::from(v).powi(power)).sum::<f64>() / values.len() as f64;
        assert!(moment(1).abs() < 0.01, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.015, "{}", moment(2));
        assert!(moment(3).abs() < 0.04, "{}", moment(3));
        assert!((moment(4) - 3.0).abs() < 0.12, "{}", moment(4));
    }

    #[test]
    fn seeds_and_streams_differ_and_prefixes_agree() {
        let long = normal(1, 0, [2, 8]);
        assert_eq!(long[..8], normal(1, 0, [8]));
        assert_ne!(long[..8], normal(2, 0, [8]));
        assert_ne!(long[..8], normal(1, 1, [8]));
    }

    #[test]
    fn the_path_has_normal_increments_that_overlap_as_their_intervals_do() {
        const COUNT: usize = 20_000;
        let mut stream = Stream::new(5, [COUNT, 1, 1, 1], 14.6, &Device::flex());
        let mut between = |from, to| stream.between(from, to).try_into_vec_as::<f32>().unwrap();
        let (whole, upper, lower) = (between(8.0, 2.0), between(8.0, 3.5), between(3.5, 2.0));
        let mean = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>() / COUNT as f64;
        for increments in [&whole, &upper, &lower, &between(0.031, 0.029)] {
            assert!((mean(increments, increments) - 1.0).abs() < 0.04);
        }
        assert!(mean(&upper, &lower).abs() < 0.03, "apart they are independent");
        // Of the whole's variance the upper part has 4.5 / 6.
        assert!((mean(&whole, &upper) - 0.75_f64.sqrt()).abs() < 0.03);
        assert_eq!(whole, between(8.0, 2.0), "a path is asked twice and says the same");
    }

    #[test]
    fn fresh_noise_never_comes_twice() {
        let mut stream = Stream::new(5, [1, 1, 2, 2], 14.6, &Device::flex());
        let mut fresh = || stream.fresh().try_into_vec_as::<f32>().unwrap();
        let first = fresh();
        assert_ne!(first, fresh());
        assert_ne!(first, normal(5, 0, [4]), "the initial latent is not laid on again");
    }
}
