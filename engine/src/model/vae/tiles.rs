//! Large pictures piece by piece. What lies above the latent's resolution holds nearly all of the autoencoder's memory and sees only a few
//! latent pixels far, but for its group norms, which see the whole picture. So their statistics are measured first, on patches spread evenly
//! over it, and are then the same for every tile; and each tile reads as much around it as its convolutions see. No seam is left to be
//! blended: pictures differ from those made in one piece only by what the sample of the statistics misses, and without group norms not at all.

use std::ops::{ControlFlow, Range};

use burn::module::Param;
use burn::nn::GroupNorm;
use burn::tensor::Tensor;

use crate::model::layer::normalize_silu;

/// Up to so many latent pixels, those of 768x768, a picture is made in one piece.
pub const WHOLE: usize = 96 * 96;
/// Longest side of a tile, in latent pixels; with what it reads around it, it has no more than [`WHOLE`].
const TILE: usize = 80;
/// Side of a patch that statistics are measured on, in latent pixels, and how many of those on each side are left out of it.
const PATCH: usize = 24;
const RIM: usize = 4;
/// Patches in a row, and rows of them, at the most.
const PATCHES: usize = 7;

/// Where group norms have their statistics from.
#[derive(Debug)]
pub(super) enum Norms<'a> {
    /// From their own input.
    Own,
    /// From the patches that are their input, all together and without their rims; what is measured is added to what was.
    Measured {
        rims: [usize; 2],
        /// Number of the next norm.
        next: usize,
        measured: &'a mut Vec<Statistics>,
    },
    /// As kept, in the order they run.
    Kept(std::slice::Iter<'a, GroupNorm>),
}

impl Norms<'_> {
    /// The norm, then SiLU; `[B, C, h, w] -> [B, C, h, w]`.
    pub fn normalize_silu(&mut self, norm: &GroupNorm, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Own => normalize_silu(norm, input),
            Self::Measured { rims, next, measured } => {
                let found = Statistics::of(norm, without_rims(input.clone(), *rims));
                let output = normalize_silu(&found.fixed(), input);
                match measured.get_mut(*next) {
                    Some(known) => known.add(found),
                    None => measured.push(found),
                }
                *next += 1;
                output
            }
            Self::Kept(norms) => normalize_silu(norms.next().unwrap_or(norm), input),
        }
    }
}

/// What a norm is to take for the mean and the mean square of its groups, `[1, groups, 1]` each, times the patches that they were measured on.
#[derive(Debug)]
pub(super) struct Statistics {
    norm: GroupNorm,
    sums: Option<[Tensor<3>; 2]>,
    patches: usize,
}

impl Statistics {
    /// Of patches `[B, C, h, w]`.
    fn of(norm: &GroupNorm, patches: Tensor<4>) -> Self {
        let [count, channels, height, width] = patches.dims();
        let groups = norm.num_groups;
        let sums = (groups > 0).then(|| {
            let values = patches.reshape([count, groups, channels / groups * height * width]);
            let squares = values.clone().square();
            [values, squares].map(|values| values.mean_dim(2).sum_dim(0))
        });
        Self {
            norm: norm.clone(),
            sums,
            patches: count,
        }
    }

    fn add(&mut self, more: Self) {
        self.patches += more.patches;
        self.sums = self
            .sums
            .take()
            .zip(more.sums)
            .map(|([mean, square], [more_mean, more_square])| [mean + more_mean, square + more_square]);
    }

    /// The norm with these statistics: a scale and a shift for each channel.
    fn fixed(&self) -> GroupNorm {
        let norm = &self.norm;
        let (Some([mean, square]), Some(gamma), Some(beta)) = (&self.sums, &norm.gamma, &norm.beta) else {
            return norm.clone();
        };
        let [mean, square] = [mean, square].map(|sum| sum.clone() / self.patches as f64);
        let variance = (square - mean.clone().square()).clamp_min(0.0);
        let per_channel = |value: Tensor<3>| {
            let spread = value.reshape([norm.num_groups, 1]);
            spread
                .repeat_dim(1, norm.num_channels / norm.num_groups)
                .reshape([norm.num_channels])
        };
        let scale = gamma.val() / (per_channel(variance) + norm.epsilon).sqrt();
        let shift = beta.val() - per_channel(mean) * scale.clone();
        GroupNorm {
            num_groups: 0,
            gamma: Some(Param::from_tensor(scale)),
            beta: Some(Param::from_tensor(shift)),
            ..norm.clone()
        }
    }
}

/// `[B, C, h, w]` of patches without the rims that they read in vain, given for patches of [`PATCH`] a side.
fn without_rims(input: Tensor<4>, rims: [usize; 2]) -> Tensor<4> {
    let [_, _, height, width] = input.dims();
    let [top, left] = [height * rims[0] / PATCH, width * rims[1] / PATCH];
    input.narrow(2, top, height - 2 * top).narrow(3, left, width - 2 * left)
}

/// Asked between the parts of long work whether to go on.
pub type Observer<'a, Stop> = dyn FnMut() -> ControlFlow<Stop> + 'a;

/// A part of the autoencoder above the latent's resolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiling {
    /// Levels of resolution.
    pub levels: usize,
    /// Residual blocks a level.
    pub blocks: usize,
    /// Pixels of the input, and of the output, for one of the latent, a side.
    pub input: usize,
    pub output: usize,
}

impl Tiling {
    /// `[B, C, h, w]` through `part`, at once or in tiles. Before each the `observer` is asked whether to go on.
    pub fn run<Stop>(
        &self,
        input: Tensor<4>,
        observer: &mut Observer<'_, Stop>,
        part: impl Fn(Tensor<4>, &mut Norms<'_>) -> Tensor<4>,
    ) -> ControlFlow<Stop, Tensor<4>> {
        let [batch, _, height, width] = input.dims();
        let size = [height / self.input, width / self.input];
        if size[0] * size[1] <= WHOLE {
            observer()?;
            return ControlFlow::Continue(part(input, &mut Norms::Own));
        }
        let mut pictures = Vec::with_capacity(batch);
        for row in 0..batch {
            pictures.push(self.tiled(input.clone().narrow(0, row, 1), size, observer, &part)?);
        }
        ControlFlow::Continue(Tensor::cat(pictures, 0))
    }

    fn tiled<Stop>(
        &self,
        input: Tensor<4>,
        size: [usize; 2],
        observer: &mut Observer<'_, Stop>,
        part: &impl Fn(Tensor<4>, &mut Norms<'_>) -> Tensor<4>,
    ) -> ControlFlow<Stop, Tensor<4>> {
        let norms = self.measure(&input, size, observer, part)?;
        let [rows, columns] = size.map(tiles);
        let mut lines = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut line = Vec::with_capacity(columns.len());
            for column in &columns {
                observer()?;
                let [tall, wide] = [self.with_halo(row, size[0]), self.with_halo(column, size[1])];
                let output = part(self.cut(&input, &tall, &wide), &mut Norms::Kept(norms.iter()));
                let [top, left] = [row.start - tall.start, column.start - wide.start].map(|halo| halo * self.output);
                line.push(
                    output
                        .narrow(2, top, row.len() * self.output)
                        .narrow(3, left, column.len() * self.output),
                );
            }
            lines.push(Tensor::cat(line, 3));
        }
        ControlFlow::Continue(Tensor::cat(lines, 2))
    }

    /// What the norms come to for this picture: measured on patches, no more at once than a picture in one piece has pixels, and each time on ones
    /// from all over it.
    fn measure<Stop>(
        &self,
        input: &Tensor<4>,
        size: [usize; 2],
        observer: &mut Observer<'_, Stop>,
        part: &impl Fn(Tensor<4>, &mut Norms<'_>) -> Tensor<4>,
    ) -> ControlFlow<Stop, Vec<GroupNorm>> {
        let [rows, columns] = size.map(patches);
        let places = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
        let places: Vec<_> = places.collect();
        let rounds = (places.len() * PATCH * PATCH).div_ceil(WHOLE);
        let mut measured = Vec::new();
        for round in 0..rounds {
            observer()?;
            let sample = places.iter().skip(round).step_by(rounds);
            let sample = sample.map(|(row, column)| self.cut(input, row, column)).collect();
            let mut norms = Norms::Measured {
                rims: size.map(|side| if side > PATCH { RIM } else { 0 }),
                next: 0,
                measured: &mut measured,
            };
            part(Tensor::cat(sample, 0), &mut norms);
        }
        ControlFlow::Continue(measured.iter().map(Statistics::fixed).collect())
    }

    /// The part of the input that lies at `rows` and `columns` of the latent.
    fn cut(&self, input: &Tensor<4>, rows: &Range<usize>, columns: &Range<usize>) -> Tensor<4> {
        let scale = self.input;
        let cut = input.clone().narrow(2, rows.start * scale, rows.len() * scale);
        cut.narrow(3, columns.start * scale, columns.len() * scale)
    }

    /// A tile with all that its convolutions see, as far as there is a picture. Every level has two convolutions a block and one to change the
    /// resolution, which sees at most two pixels far, and there is one more at full resolution.
    fn with_halo(&self, tile: &Range<usize>, side: usize) -> Range<usize> {
        let pixels = 1 + (2 * self.blocks + 2) * ((1 << self.levels) - 1);
        let halo = pixels.div_ceil(1 << self.levels);
        tile.start.saturating_sub(halo)..(tile.end + halo).min(side)
    }
}

/// A side cut into equal parts no longer than [`TILE`].
fn tiles(side: usize) -> Vec<Range<usize>> {
    let count = side.div_ceil(TILE);
    (0..count)
        .map(|tile| tile * side / count..(tile + 1) * side / count)
        .collect()
}

/// Stretches of [`PATCH`] spread evenly over a side, which they cover without their rims if it is not too long; the whole side where it is shorter.
fn patches(side: usize) -> Vec<Range<usize>> {
    let count = side.saturating_sub(2 * RIM).div_ceil(PATCH - 2 * RIM).clamp(1, PATCHES);
    let length = side.min(PATCH);
    let start = |patch: usize| patch * (side - length) / (count - 1).max(1);
    (0..count).map(|patch| start(patch)..start(patch) + length).collect()
}

#[cfg(test)]
mod tests;
