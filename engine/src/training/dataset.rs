//! Scenes drawn ahead on other threads, and the pool that batches are drawn from.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use ::image::imageops::crop_imm;
use ::image::{GrayImage, RgbImage};
use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rayon::prelude::*;

use super::TrainingError;
use super::config::{PoolConfig, StageConfig};
use super::material::Material;
use super::scenes::Example;
use crate::image::mask;
use crate::model::config::ClipVisionConfig;
use crate::model::vae::LATENT_FACTOR;

/// Levels of the UNet at which regions are known: the latent, and three halvings.
pub const LEVELS: usize = 4;

/// Makes things in order, some ahead of their use, on rayon's threads.
#[derive(Debug)]
pub struct Feed<T> {
    receiver: Receiver<Vec<T>>,
    ready: std::vec::IntoIter<T>,
}

impl<T: Send + 'static> Feed<T> {
    /// `make(first)`, `make(first + 1)`, ... ; `chunk` of them at once, two chunks ahead. Ends with the feed.
    pub fn start(first: u64, chunk: u64, make: impl Fn(u64) -> T + Send + Sync + 'static) -> Self {
        let (sender, receiver) = sync_channel(2);
        std::thread::Builder::new()
            .name("scenes".to_owned())
            .spawn(move || {
                let mut begin = first;
                while sender
                    .send((begin..begin + chunk).into_par_iter().map(&make).collect())
                    .is_ok()
                {
                    begin += chunk;
                }
            })
            .expect("a thread can be started");
        Self {
            receiver,
            ready: Vec::new().into_iter(),
        }
    }

    pub fn take(&mut self) -> T {
        loop {
            if let Some(item) = self.ready.next() {
                return item;
            }
            self.ready = self.receiver.recv().expect("the thread ends after its feed").into_iter();
        }
    }
}

/// A generator of its own for every purpose and number: a draw depends on nothing that was drawn before it.
pub fn rng(seed: u64, purpose: u64, number: u64) -> ChaCha12Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&purpose.to_le_bytes());
    key[16..24].copy_from_slice(&number.to_le_bytes());
    ChaCha12Rng::from_seed(key)
}

/// Pictures for the autoencoder: cuts of scenes and of finished references by turns.
pub fn pictures(
    material: Arc<dyn Material>,
    seed: u64,
    first: u64,
    stage: &StageConfig,
) -> Feed<Result<Vec<RgbImage>, TrainingError>> {
    let (scene, size) = (stage.scene, stage.size);
    let cuts = if size < scene { 4 } else { 1 };
    Feed::start(first, 8, move |index| {
        let Example { color, reference, .. } = material.example(index, scene)?;
        let mut rng = rng(seed, 1, index);
        let mut cut = |picture: &RgbImage| {
            let [left, top] = corner(&mut rng, scene, size);
            crop_imm(picture, left, top, size, size).to_image()
        };
        Ok((0..cuts).flat_map(|_| [cut(&color), cut(&reference)]).collect())
    })
}

fn corner(rng: &mut impl Rng, scene: u32, size: u32) -> [u32; 2] {
    [0; 2].map(|_| rng.random_range(0..=scene - size))
}

/// An example as the denoiser learns from it, on the host.
#[derive(Clone, Debug)]
pub struct Scene {
    pub color: RgbImage,
    pub sketch: GrayImage,
    /// At the latent's size, as inference makes it.
    pub sketch_mask: TensorData,
    /// The image tower's input `[1,3,S,S]`.
    pub reference: TensorData,
    /// `S x S`, widened as inference does it.
    pub reference_mask: GrayImage,
    /// Region of every cell of the latent and of its three halvings; 0 where none fills half of the cell.
    pub cells: [Vec<u8>; LEVELS],
    /// Region of every token of the image tower.
    pub tokens: Vec<u8>,
}

impl Scene {
    /// Cut to `size` (the reference stays whole), for a tower of `tower`.
    pub fn new(example: &Example, size: u32, tower: &ClipVisionConfig, rng: &mut impl Rng) -> Self {
        let scene = example.color.width();
        let [left, top] = corner(rng, scene, size);
        let cut = |picture: &GrayImage| crop_imm(picture, left, top, size, size).to_image();
        let regions = cut(&example.sketch_regions);
        let side = tower.image_size as u32;
        // Tensors of a producer's thread live on the host, whatever the training's device.
        let host = Device::flex();
        Self {
            color: crop_imm(&example.color, left, top, size, size).to_image(),
            sketch: cut(&example.sketch),
            sketch_mask: mask::to_latent(&mask::from_bytes(&cut(&example.sketch_mask)), &host).into_data(),
            reference: crate::image::clip_input(&example.reference, tower.image_size, &host).into_data(),
            reference_mask: mask::fit(&widen(&example.reference_mask), [side, side]),
            cells: std::array::from_fn(|level| prevailing(&regions, (size / LATENT_FACTOR as u32) >> level)),
            tokens: prevailing(&example.reference_regions, tower.grid() as u32),
        }
    }
}

/// The maximum within 5 pixels of a picture of 256, in proportion for others (spec/model.md, section 3).
fn widen(mask: &GrayImage) -> GrayImage {
    let radius = (mask.width() as usize * 5 / 256).max(1);
    let wide = mask::dilate(&mask::from_bytes(mask), radius);
    GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
        ::image::Luma([(wide.get_pixel(x, y)[0] * 255.0).round() as u8])
    })
}

/// The region that fills at least half of each of `grid * grid` cells, row by row; 0 where none does.
pub fn prevailing(regions: &GrayImage, grid: u32) -> Vec<u8> {
    let span = |index: u32, side: u32| index * side / grid..(index + 1) * side / grid;
    let cell = |column: u32, row: u32| {
        let (columns, rows) = (span(column, regions.width()), span(row, regions.height()));
        let area = columns.len() * rows.len();
        let mut counts = [0_usize; 256];
        for y in rows {
            for x in columns.clone() {
                counts[regions.get_pixel(x, y)[0] as usize] += 1;
            }
        }
        let (region, count) = counts
            .iter()
            .enumerate()
            .max_by_key(|(_, count)| **count)
            .expect("256 counts");
        if 2 * count >= area { region as u8 } else { 0 }
    };
    (0..grid * grid).map(|index| cell(index % grid, index / grid)).collect()
}

/// Scenes in memory, each with its scaled latent `[1,4,h,w]`: drawn and encoded once, used several times.
#[derive(Debug)]
pub struct Pool {
    scenes: Vec<(Scene, Tensor<4>)>,
    feed: Feed<Result<Scene, TrainingError>>,
    capacity: usize,
    fresh: usize,
    oldest: usize,
}

impl Pool {
    /// `first`: the number of the first scene.
    pub fn new(
        config: &PoolConfig,
        material: Arc<dyn Material>,
        seed: u64,
        first: u64,
        stage: &StageConfig,
        tower: &ClipVisionConfig,
    ) -> Self {
        let (side, size, tower) = (stage.scene, stage.size, tower.clone());
        Self {
            scenes: Vec::new(),
            feed: Feed::start(first, 16, move |index| {
                let example = material.example(index, side)?;
                Ok(Scene::new(&example, size, &tower, &mut rng(seed, 2, index)))
            }),
            capacity: config.capacity.max(stage.batch),
            fresh: config.fresh,
            oldest: 0,
        }
    }

    /// Takes in new scenes, over the oldest once the pool is full: `fresh` of them, more while it is smaller than `batch`.
    pub fn refresh(&mut self, batch: usize, encode: impl FnOnce(&[Scene]) -> Tensor<4>) -> Result<(), TrainingError> {
        let count = self.fresh.max(batch.saturating_sub(self.scenes.len()));
        let scenes = (0..count).map(|_| self.feed.take()).collect::<Result<Vec<Scene>, _>>()?;
        let latents = encode(&scenes);
        for (index, scene) in scenes.into_iter().enumerate() {
            let entry = (scene, latents.clone().narrow(0, index, 1));
            if self.scenes.len() < self.capacity {
                self.scenes.push(entry);
            } else {
                self.scenes[self.oldest] = entry;
                self.oldest = (self.oldest + 1) % self.capacity;
            }
        }
        Ok(())
    }

    /// `batch` scenes at random, and their latents `[batch,4,h,w]`.
    pub fn draw(&self, batch: usize, rng: &mut impl Rng) -> (Vec<&Scene>, Tensor<4>) {
        let chosen: Vec<_> = (0..batch)
            .map(|_| &self.scenes[rng.random_range(0..self.scenes.len())])
            .collect();
        let latents = Tensor::cat(chosen.iter().map(|(_, latent)| latent.clone()).collect(), 0);
        (chosen.into_iter().map(|(scene, _)| scene).collect(), latents)
    }
}

/// Pictures of one size as `[B,3,H,W]` in `[-1, 1]`.
pub fn colors<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>, device: &Device) -> Tensor<4> {
    let tensors = pictures
        .into_iter()
        .map(|picture| crate::image::to_tensor(picture, device))
        .collect();
    Tensor::cat(tensors, 0)
}

/// Single-channel pictures of one size as `[B,1,H,W]` in `[0, 1]`.
pub fn greys<'a>(pictures: impl IntoIterator<Item = &'a GrayImage>, device: &Device) -> Tensor<4> {
    let mut shape = [0, 1, 0, 0];
    let mut values = Vec::new();
    for picture in pictures {
        shape = [shape[0] + 1, 1, picture.height() as usize, picture.width() as usize];
        values.extend(picture.as_raw().iter().map(|value| f32::from(*value) / 255.0));
    }
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Stored tensors `[1,...]` of one shape as one.
pub fn stacked<'a>(tensors: impl IntoIterator<Item = &'a TensorData>, device: &Device) -> Tensor<4> {
    Tensor::cat(
        tensors
            .into_iter()
            .map(|data| Tensor::from_data(data.clone(), device))
            .collect(),
        0,
    )
}

/// Region numbers as `[B,N]`.
pub fn regions<'a>(rows: impl IntoIterator<Item = &'a [u8]>, device: &Device) -> Tensor<2> {
    let mut shape = [0, 0];
    let mut values = Vec::new();
    for row in rows {
        shape = [shape[0] + 1, row.len()];
        values.extend(row.iter().map(|region| f32::from(*region)));
    }
    Tensor::from_data(TensorData::new(values, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_belongs_to_the_region_that_fills_half_of_it() {
        let mut picture = GrayImage::new(4, 2);
        // Left cell: three of four are 7; right cell: 1, 2, 3, 4.
        for (x, y, region) in [
            (0, 0, 7),
            (1, 0, 7),
            (0, 1, 7),
            (1, 1, 9),
            (2, 0, 1),
            (3, 0, 2),
            (2, 1, 3),
            (3, 1, 4),
        ] {
            picture.put_pixel(x, y, ::image::Luma([region]));
        }
        let square = ::image::imageops::crop_imm(&picture, 0, 0, 2, 2).to_image();
        assert_eq!(prevailing(&square, 1), [7]);
        let square = ::image::imageops::crop_imm(&picture, 2, 0, 2, 2).to_image();
        assert_eq!(prevailing(&square, 1), [0]);
    }

    #[test]
    fn a_feed_keeps_its_order() {
        let mut feed = Feed::start(5, 3, |index| index * 10);
        let taken: Vec<u64> = (0..7).map(|_| feed.take()).collect();
        assert_eq!(taken, [50, 60, 70, 80, 90, 100, 110]);
    }

    #[test]
    fn generators_differ_by_purpose_and_number() {
        let draw = |purpose, number| rng(1, purpose, number).random::<u64>();
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(2, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
    }
}
