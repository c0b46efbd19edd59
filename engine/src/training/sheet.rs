//! Pictures to judge a run by: sample sheets and the curve of the losses.

use std::ops::ControlFlow;

use ::image::{GenericImage, Rgb, RgbImage};
use burn::tensor::Tensor;
use tiny_skia::{Color, Paint, PathBuilder, Pixmap, Stroke, Transform};

use super::checkpoint::Entry;
use super::config::Part;
use super::dataset::{self, Scene, prevailing};
use super::loss;
use super::scenes::Example;
use super::stages::{Batch, Lesson, local_tokens};
use super::words::{self, PARTS};
use crate::diffusion::guidance::{Guidance, Row};
use crate::diffusion::sampler::{Walk, sample};
use crate::image::{clip_input, to_pictures};
use crate::model::vae::LATENT_FACTOR;
use crate::model::{Colorizer, Split, UnetCondition};
use crate::request::{Sampler, Schedule};

/// Words whose maps a sheet shows.
const MAPPED: [&str; 5] = ["hair", "skin", "shirt", "sky", "leaves"];

/// Sheets of one size of picture, always of the same scenes and noise.
pub struct Sheet {
    examples: Vec<Example>,
    size: u32,
}

/// A drawn sheet, and what was measured of it, in words.
#[derive(Debug)]
pub struct Drawn {
    pub picture: RgbImage,
    pub measured: String,
}

impl Sheet {
    /// `examples` of `size` pixels a side, at least one.
    pub fn new(examples: Vec<Example>, size: u32) -> Self {
        Self { examples, size }
    }

    /// Columns: scene, its reconstruction, reference, its reconstruction.
    pub fn reconstructions(&self, lesson: &Lesson<'_>, networks: &Colorizer) -> Drawn {
        let reconstruct = |pictures: Tensor<4>| read(networks.vae.decode(networks.vae.encode(pictures).mode()));
        let truths: Vec<_> = self.examples.iter().map(|example| example.color.clone()).collect();
        let references: Vec<_> = self.examples.iter().map(|example| example.reference.clone()).collect();
        let results = reconstruct(dataset::colors(&truths, lesson.device));
        let copies = reconstruct(dataset::colors(&references, lesson.device));
        self.drawn(&results, &[&truths, &results, &references, &copies])
    }

    /// Columns: sketch, sketch mask, reference, result, truth, result with the next row's reference, and for the split
    /// the result with the next row's reference for the background alone.
    pub fn results(&self, lesson: &Lesson<'_>, networks: &Colorizer, part: Part) -> Drawn {
        let tower = &lesson.model.clip_vision;
        let scenes: Vec<Scene> = self
            .examples
            .iter()
            .map(|example| Scene::new(example, self.size, tower, &mut dataset::rng(lesson.config.seed, 3, 0)))
            .collect();
        let batch = Batch::new(
            &scenes.iter().collect::<Vec<_>>(),
            lesson.config.losses.balance,
            lesson.device,
        );
        let own = Tokens::of(lesson, networks, &batch);
        let next = own.rolled();
        let colorize = |foreground: &Tensor<3>, background: &Tensor<3>| {
            let context = match part {
                part if part.splits() => Tensor::cat(vec![foreground.clone(), background.clone()], 1),
                _ => foreground.clone(),
            };
            self.colorize(lesson, networks, part, &batch, context)
        };
        let results = colorize(&own.foreground, &own.background);
        let swapped = colorize(&next.foreground, &next.background);
        let each = |view: fn(&Example) -> RgbImage| self.examples.iter().map(view).collect::<Vec<_>>();
        let sketches = each(|example| grey(&example.sketch));
        let masks = each(|example| grey(&example.sketch_mask));
        let references = each(|example| example.reference.clone());
        let truths = each(|example| example.color.clone());
        let mut columns = vec![&sketches, &masks, &references, &results, &truths, &swapped];
        let background = part.splits().then(|| colorize(&own.foreground, &next.background));
        columns.extend(&background);
        self.drawn(&results, &columns)
    }

    /// Columns: reference, then the maps of [`MAPPED`] in it, white where a word is heeded most.
    pub fn maps(&self, lesson: &Lesson<'_>, networks: &Colorizer) -> Drawn {
        let tower = &lesson.model.clip_vision;
        let grid_side = tower.grid() as u32;
        let references: Vec<RgbImage> = self.examples.iter().map(|example| example.reference.clone()).collect();
        let inputs = references
            .iter()
            .map(|picture| clip_input(picture, tower.image_size, lesson.device));
        let tokens = local_tokens(networks, Tensor::cat(inputs.collect(), 0));
        let maps = |phrases: &[&str]| {
            let phrases: Vec<String> = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
            tokens.clone().matmul(lesson.directions(networks, &phrases))
        };
        let names: Vec<&str> = PARTS.iter().map(|part| part.names[0]).collect();
        let regions = self
            .examples
            .iter()
            .map(|example| prevailing(&example.reference_regions, grid_side));
        let shares = words::shares(&regions.collect::<Vec<_>>(), lesson.device);
        let agreement: f32 = loss::agreement(maps(&names), shares).into_scalar();

        let drawn = MAPPED.map(|phrase| {
            let map = maps(&[phrase]);
            let least = map.clone().min_dim(1);
            let map = (map.clone() - least.clone()) * 255.0 / (map.max_dim(1) - least).clamp_min(1e-6);
            let map: Vec<u8> = map.into_data().iter::<f32>().map(|value| value as u8).collect();
            let cell = |row: usize, x: u32, y: u32| map[(row as u32 * grid_side * grid_side + y * grid_side + x) as usize];
            (0..self.examples.len())
                .map(|row| {
                    let at = |pixel: u32| pixel * grid_side / self.size;
                    RgbImage::from_fn(self.size, self.size, |x, y| Rgb([cell(row, at(x), at(y)); 3]))
                })
                .collect::<Vec<_>>()
        });
        let columns: Vec<&Vec<RgbImage>> = std::iter::once(&references).chain(&drawn).collect();
        Drawn {
            picture: grid(&columns, self.size),
            measured: format!("maps of words agree with their parts by {agreement:.2}"),
        }
    }

    fn colorize(
        &self,
        lesson: &Lesson<'_>,
        networks: &Colorizer,
        part: Part,
        batch: &Batch,
        context: Tensor<3>,
    ) -> Vec<RgbImage> {
        let guidance = Guidance {
            reference: lesson.config.sheet.guidance,
            sketch: 1.0,
        };
        let rows = guidance.rows();
        let contexts = rows.iter().map(|row| match row {
            Row::NoReference => context.zeros_like(),
            Row::Conditional | Row::NoSketch => context.clone(),
        });
        let maps = networks.sketch_encoder.forward(batch.sketch.clone());
        let condition = UnetCondition {
            split: part.splits().then(|| {
                Split::new(
                    batch.sketch_mask.clone().repeat_dim(0, rows.len()),
                    Tensor::from_floats([0.5], lesson.device),
                )
            }),
            ..UnetCondition::new(
                Tensor::cat(contexts.collect(), 0),
                maps.into_iter().map(|map| map.repeat_dim(0, rows.len())).collect(),
            )
        };
        let side = self.size as usize / LATENT_FACTOR;
        let count = self.examples.len();
        let shape = [count, lesson.model.vae.latent_channels, side, side];
        let noise = crate::noise::tensor(lesson.config.seed, shape, lesson.device);
        let latent = sample(
            Walk {
                sampler: Sampler::DpmPlusPlus2m,
                spacing: Schedule::Automatic,
                steps: lesson.config.sheet.steps as u32,
                schedule: lesson.schedule,
                prediction: lesson.model.prediction,
                noise,
                start: None,
                steer: None,
                // This sampler takes none.
                step_noise: &mut crate::noise::Stream::new(lesson.config.seed, shape, lesson.schedule.sigma_max(), lesson.device),
            },
            &mut |input, t| {
                let input = guidance.tile(input);
                let timesteps = Tensor::full([input.dims()[0]], t, lesson.device);
                guidance.combine(networks.unet.forward(input, timesteps, &condition))
            },
            &mut |_| ControlFlow::Continue(()),
        )
        .expect("the observer never breaks off");
        read(networks.vae.decode(latent / lesson.model.latent_scale))
    }

    fn drawn(&self, results: &[RgbImage], columns: &[&Vec<RgbImage>]) -> Drawn {
        let mut errors = [(0_u64, 0_u64); 2];
        for (result, example) in results.iter().zip(&self.examples) {
            for (x, y, pixel) in result.enumerate_pixels() {
                let truth = example.color.get_pixel(x, y);
                let (sum, count) = &mut errors[usize::from(example.sketch_mask.get_pixel(x, y)[0] < 128)];
                *sum += (0..3)
                    .map(|channel| u64::from(pixel[channel].abs_diff(truth[channel])))
                    .sum::<u64>();
                *count += 3;
            }
        }
        let [figure_error, background_error] = errors.map(|(sum, count)| sum as f32 / count.max(1) as f32);
        Drawn {
            picture: grid(columns, self.size),
            measured: format!("mean error {figure_error:.1} of 255 in figures, {background_error:.1} in backgrounds"),
        }
    }
}

/// The context's halves for a batch, as inference makes them at thresholds of one half.
struct Tokens {
    foreground: Tensor<3>,
    background: Tensor<3>,
}

impl Tokens {
    fn of(lesson: &Lesson<'_>, networks: &Colorizer, batch: &Batch) -> Self {
        let half = Tensor::from_floats([0.5], lesson.device);
        let threshold = networks.threshold_embedder.forward(half.clone());
        let count = batch.reference.dims()[0];
        let whitened = batch.whitened(half.expand([count]));
        Self {
            foreground: local_tokens(networks, batch.reference.clone()) + threshold.clone(),
            background: networks
                .recovery_transformer
                .forward(local_tokens(networks, whitened) + threshold),
        }
    }

    /// Every row's tokens are those of the row after it.
    fn rolled(&self) -> Self {
        let roll = |tokens: &Tensor<3>| {
            let rows = tokens.dims()[0];
            if rows == 1 {
                return tokens.clone();
            }
            Tensor::cat(vec![tokens.clone().narrow(0, 1, rows - 1), tokens.clone().narrow(0, 0, 1)], 0)
        };
        Self {
            foreground: roll(&self.foreground),
            background: roll(&self.background),
        }
    }
}

fn read(pictures: Tensor<4>) -> Vec<RgbImage> {
    to_pictures(pictures).expect("the device that made the pictures can be read")
}

fn grey(picture: &::image::GrayImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| Rgb([picture.get_pixel(x, y)[0]; 3]))
}

/// Pictures of `size` in columns, two pixels apart.
fn grid(columns: &[&Vec<RgbImage>], size: u32) -> RgbImage {
    let step = size + 2;
    let rows = columns.iter().map(|column| column.len()).max().unwrap_or(0) as u32;
    let mut sheet = RgbImage::from_pixel(columns.len() as u32 * step + 2, rows * step + 2, Rgb([96; 3]));
    for (x, column) in (0..).zip(columns) {
        for (y, picture) in (0..).zip(column.iter()) {
            sheet
                .copy_from(picture, x * step + 2, y * step + 2)
                .expect("the sheet has room for every picture");
        }
    }
    sheet
}

/// Curves of every term over the run's steps, on a logarithmic scale; a vertical line where a stage begins.
pub fn curve(history: &[Entry]) -> Option<RgbImage> {
    const SIZE: [u32; 2] = [960, 480];
    const COLORS: [[u8; 3]; 4] = [[31, 119, 180], [214, 39, 40], [44, 160, 44], [148, 103, 189]];
    let values = || {
        history
            .iter()
            .flat_map(|entry| entry.terms.iter().map(|term| term.1))
            .filter(|value| *value > 0.0)
    };
    let low = values().fold(f32::INFINITY, f32::min).ln();
    let high = values().fold(0.0, f32::max).ln();
    let mut pixmap = Pixmap::new(SIZE[0], SIZE[1])?;
    pixmap.fill(Color::WHITE);
    let x = |index: usize| 8.0 + (SIZE[0] as f32 - 16.0) * index as f32 / history.len().max(2) as f32;
    let y = |value: f32| SIZE[1] as f32 - 8.0 - (SIZE[1] as f32 - 16.0) * (value.max(1e-9).ln() - low) / (high - low).max(1e-3);
    let mut line = |path: Option<tiny_skia::Path>, [r, g, b]: [u8; 3], width: f32| {
        let mut paint = Paint::default();
        paint.set_color_rgba8(r, g, b, 255);
        paint.anti_alias = true;
        let stroke = Stroke {
            width,
            ..Stroke::default()
        };
        if let Some(path) = path {
            pixmap.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    };
    for index in (1..history.len()).filter(|index| history[*index].stage != history[index - 1].stage) {
        let mut path = PathBuilder::new();
        path.move_to(x(index), 0.0);
        path.line_to(x(index), SIZE[1] as f32);
        line(path.finish(), [200; 3], 1.0);
    }
    for (term, color) in COLORS.into_iter().enumerate() {
        let mut path = PathBuilder::new();
        let mut last = None;
        for (index, entry) in history.iter().enumerate() {
            let Some((_, value)) = entry.terms.get(term) else {
                continue;
            };
            // Other stages may lie between two that have the term.
            if last.replace((index + 1, entry.stage)) == Some((index, entry.stage)) {
                path.line_to(x(index), y(*value));
            } else {
                path.move_to(x(index), y(*value));
            }
        }
        line(path.finish(), color, 1.5);
    }
    RgbImage::from_raw(
        SIZE[0],
        SIZE[1],
        pixmap
            .pixels()
            .iter()
            .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
            .collect(),
    )
}
