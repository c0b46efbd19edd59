//! Where a convolution's numbers lie: planes with a border of zeros, in which every tap of the kernel is one constant offset.

use rayon::prelude::*;

use super::super::simd::MAX_LANES;

/// A 3x3 convolution of `[batch, inputs, height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
    /// 1 or 2.
    pub stride: usize,
    /// Rows and columns of zeros before the picture, 0 or 1; always 1 at stride 1. Behind it there is always one.
    pub before: usize,
}

impl Geometry {
    /// Height and width of the result.
    pub fn output(&self) -> [usize; 2] {
        [self.height, self.width].map(|side| (side + self.before - 2) / self.stride + 1)
    }

    /// That of the convolution from the result's gradient to the input's, where the stride is 1.
    pub fn back(self) -> Self {
        Self {
            inputs: self.outputs,
            outputs: self.inputs,
            ..self
        }
    }

    pub fn grid(&self) -> Grid {
        let [rows, columns] = self.output();
        // Small pictures lie in one plane, so that vectors run across them.
        let together = rows * columns <= SMALL;
        Grid {
            images: if together { self.batch } else { 1 },
            groups: if together { 1 } else { self.batch },
            rows,
            columns,
        }
    }

    /// The offsets of the kernel's nine places in [`Planes`] of the input.
    pub fn taps(&self, planes: &Planes) -> [usize; 9] {
        let row = self.grid().row();
        std::array::from_fn(|place| {
            let (y, x) = (place / 3, place % 3);
            match self.stride {
                1 => y * row + x,
                _ => (y % 2 * 2 + x % 2) * planes.plane + y / 2 * row + x / 2,
            }
        })
    }
}

/// Pictures of at most so many pixels lie together in a plane.
const SMALL: usize = 200;

/// The results' places, numbered row by row through all pictures of a group. Each row has one more place than columns, and each picture one more
/// row than results: they fall on the zeros between pictures, and what is computed there is thrown away.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    /// Pictures of a group.
    pub images: usize,
    pub groups: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Grid {
    /// Places of a row.
    pub fn row(&self) -> usize {
        self.columns + 1
    }

    /// Places of a picture.
    pub fn image(&self) -> usize {
        (self.rows + 1) * self.row()
    }

    /// From a place to the same place in planes with a border of one zero.
    pub fn center(&self) -> usize {
        self.row() + 1
    }
}

/// Planes with their border, `[groups, channels, channel]`.
#[derive(Debug)]
pub struct Planes {
    pub values: Vec<f32>,
    pub channels: usize,
    /// Length of a channel: one plane, or four with every second row and column each.
    pub channel: usize,
    pub plane: usize,
}

impl Planes {
    /// `values [batch, channels, rows * columns]` of `grid`, one zero around.
    pub fn bordered(values: &[f32], channels: usize, grid: Grid) -> Self {
        let (row, pixels) = (grid.row(), grid.rows * grid.columns);
        Self::fill(channels, grid, 1, |group, channel, plane| {
            for image in 0..grid.images {
                let picture = &values[((group * grid.images + image) * channels + channel) * pixels..][..pixels];
                for (y, line) in picture.chunks_exact(grid.columns).enumerate() {
                    let start = image * grid.image() + (y + 1) * row + 1;
                    plane[start..start + grid.columns].copy_from_slice(line);
                }
            }
        })
    }

    /// The input of a convolution of stride 2: four planes a channel, even rows and even columns first.
    pub fn quartered(values: &[f32], geometry: Geometry) -> Self {
        let (grid, channels) = (geometry.grid(), geometry.inputs);
        let Geometry {
            height, width, before, ..
        } = geometry;
        Self::fill(channels, grid, 4, |group, channel, planes| {
            let plane = planes.len() / 4;
            for (phase, plane) in planes.chunks_exact_mut(plane).enumerate() {
                for image in 0..grid.images {
                    let picture = &values[((group * grid.images + image) * channels + channel) * height * width..];
                    let target = &mut plane[image * grid.image()..][..grid.image()];
                    for (r, line) in target.chunks_exact_mut(grid.row()).enumerate() {
                        let Some(y) = (2 * r + phase / 2).checked_sub(before).filter(|y| *y < height) else {
                            continue;
                        };
                        let source = &picture[y * width..][..width];
                        // The first column is the one zero before the picture where there is nothing to the left.
                        let skip = usize::from(phase % 2 < before);
                        let from = 2 * skip + phase % 2 - before;
                        for (value, from) in line[skip..].iter_mut().zip(source.iter().skip(from).step_by(2)) {
                            *value = *from;
                        }
                    }
                }
            }
        })
    }

    fn fill(channels: usize, grid: Grid, planes: usize, write: impl Fn(usize, usize, &mut [f32]) + Sync) -> Self {
        let plane = grid.images * grid.image() + 2 * grid.row() + 2 + MAX_LANES;
        let channel = planes * plane;
        let mut values = vec![0.0; grid.groups * channels * channel];
        values.par_chunks_mut(channel).enumerate().for_each(|(index, target)| {
            write(index / channels, index % channels, target);
        });
        Self {
            values,
            channels,
            channel,
            plane,
        }
    }

    /// The planes of one group, `[channels, channel]`.
    pub fn group(&self, group: usize) -> &[f32] {
        let length = self.channels * self.channel;
        &self.values[group * length..][..length]
    }
}
