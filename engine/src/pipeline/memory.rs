//! Whether there is memory enough for a picture. Running out of it would end the program, and everything that is open in it.

use burn::tensor::Device;

use super::hints;
use crate::error::EngineError;
use crate::image::LONGEST;
use crate::kernel::{self, Geometry};
use crate::model::config::ModelConfig;
use crate::model::vae::{GRAIN, LATENT_FACTOR, WHOLE};
use crate::request::{ColorizeRequest, SketchPreprocess};
use crate::weights::room_on;

/// Whether the UNet sees all rows of guidance in one call. One after the other they take less memory and, of small pictures, longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    Together,
    InTurn,
}

/// What the memory that a picture takes depends on.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    pub config: &'a ModelConfig,
    pub request: &'a ColorizeRequest,
    /// Of the canvas, in pixels.
    pub size: [u32; 2],
    /// How many latents guidance asks the UNet for at once.
    pub rows: usize,
}

/// How there is memory enough for a picture, as far as anybody knows.
///
/// # Errors
/// When there is not enough either way.
pub fn check(work: Work<'_>, device: &Device) -> Result<Rows, EngineError> {
    match room_on(device) {
        Some(free) => compare(work, free),
        None => Ok(unmeasured(work)),
    }
}

/// Pixels of a picture for one of its latent.
const CELL: u64 = LATENT_FACTOR.pow(2) as u64;
/// Latent pixels of the other rows of guidance, those of one of 1024x1024, above which the rows go in turn: a GPU is busy with one by then (down to a quarter
/// of the resolution its matrix products have more tiles of 64 by 64 numbers than the largest cards have processors, and what is coarser takes little of the
/// time), and others beside it would only take memory, half a gigabyte for so many pixels of the published size.
const FILLING: u64 = 128 * 128;

/// Where nobody says how much memory is free.
fn unmeasured(work: Work<'_>) -> Rows {
    let others = (work.rows as u64).saturating_sub(1);
    match area(work.size) / CELL * others > FILLING {
        true => Rows::InTurn,
        false => Rows::Together,
    }
}

fn compare(work: Work<'_>, free: u64) -> Result<Rows, EngineError> {
    if needed(work) <= free {
        return Ok(Rows::Together);
    }
    let in_turn = Work { rows: 1, ..work };
    if needed(in_turn) <= free {
        return Ok(Rows::InTurn);
    }
    let [width, height] = work.size;
    let fits = smaller(work.size).find(|size| needed(Work { size: *size, ..in_turn }) <= free);
    Err(EngineError::Memory {
        width,
        height,
        needed: needed(in_turn).div_ceil(MEGABYTE),
        available: free / MEGABYTE,
        fits,
    })
}

const MEGABYTE: u64 = 1_000_000;
/// Bytes of a number.
const NUMBER: u64 = 4;

/// Estimate of the bytes that a picture takes at its peak beyond the model and the pictures that it is made of: in the UNet, the autoencoder's tiles,
/// the sketch encoder, or where pictures are read and written, whichever is greatest, and what is kept meanwhile. The factors are measured
/// (resident memory of runs at 512 to 1536 pixels).
fn needed(work: Work<'_>) -> u64 {
    let Work {
        config,
        request,
        size,
        rows,
    } = work;
    let pixels = area(size);
    let latent = pixels / CELL;
    let unet = latent * rows as u64 * config.unet.model_channels as u64 * UNET;
    let bank = match request.inputs.injection {
        Some(_) => injected(config, latent) * rows as u64,
        None => 0,
    };
    let vae = latent.min(WHOLE as u64) * CELL * config.vae.base_channels as u64 * VAE;
    // Two sketches, the drawn one and the empty one, of two layers at full resolution.
    let sketch = 2 * pixels * config.sketch_encoder.stem_channels[..3].iter().sum::<usize>() as u64;
    let hints = match request.inputs.hints {
        Some(_) => 3 * latent * hints::MOST as u64,
        None => 0,
    };
    let passing = (unet + bank).max(vae).max(sketch).max(pictures(work));
    let kept = merged(config, request, rows) + hints + PIXEL * pixels;
    NUMBER * (passing + kept) + (kernel::convolution_scratch(convolutions(config, size, rows)) + kernel::PRODUCT_SCRATCH) as u64
}

/// Numbers for a pixel of the canvas: the picture as it was read, put together from tiles, and written.
const PIXEL: u64 = 24;
/// Numbers alive at once, for a channel at full width and a latent pixel.
const UNET: u64 = 24;
/// The same for the autoencoder, and a pixel.
const VAE: u64 = 6;

fn area([width, height]: [u32; 2]) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Width of each of the UNet's cross-attentions in the order they run, and how often the latent was halved before it.
fn attentions(config: &ModelConfig) -> impl Iterator<Item = (u64, usize)> {
    let unet = &config.unet;
    let last = unet.channel_mult.len().saturating_sub(1);
    let levels = unet
        .attended()
        .flat_map(|level| std::iter::repeat_n(level, 2 * unet.num_res_blocks + 1));
    levels.chain([last]).map(|level| {
        let factor = unet.channel_mult.get(level).copied().unwrap_or(1);
        ((factor * unet.model_channels) as u64, level)
    })
}

/// The tokens that self-attentions see of an injected picture, and what each of them makes of those: keys and values.
fn injected(config: &ModelConfig, latent: u64) -> u64 {
    let tokens: u64 = attentions(config).map(|(width, level)| width * (latent >> (2 * level))).sum();
    tokens + 2 * latent * config.unet.model_channels as u64
}

/// What cross-attentions make of the reference only once: matrices for their queries with either adapter in them, keys and values.
fn merged(config: &ModelConfig, request: &ColorizeRequest, rows: usize) -> u64 {
    let grid = config.clip_vision.grid() as u64;
    let mode = request.settings.mode;
    let sides = u64::from(mode.foreground_adapters()) + u64::from(mode.background_adapters());
    attentions(config)
        .map(|(width, _)| sides * width * width + rows as u64 * 2 * width * 2 * grid * grid)
        .sum()
}

/// What reading the pictures of a job and writing its result takes, in numbers: pictures are read row by row, their columns brought to the canvas's first.
/// A mask that is widened is five numbers a pixel, with its picture.
fn pictures(work: Work<'_>) -> u64 {
    let Work { request, size, .. } = work;
    let inputs = &request.inputs;
    let [width, height] = size.map(u64::from);
    let sketch = [inputs.sketch.width(), inputs.sketch.height()];
    let bounded = |picture: [u32; 2]| area(picture.map(|side| side.min(LONGEST)));
    let placed = 3 * width * u64::from(sketch[1]) + 6 * area(size);
    let lines = match request.settings.sketch_preprocess {
        SketchPreprocess::LineArt => 6 * bounded(sketch),
        _ => 0,
    };
    let padding = f64::from(request.settings.reference_padding);
    let padded = |area: u64| if padding > 1.0 { (area as f64 * padding) as u64 } else { 0 };
    let reference: [u32; 2] = inputs.reference.dimensions().into();
    let mask = match (&inputs.background, &inputs.reference_mask) {
        _ if !request.settings.mode.needs_reference_mask() => 0,
        (Some(picture), _) if request.settings.background_alone => 5 * bounded(picture.dimensions().into()),
        (None, Some(_)) => 5 * bounded(reference).max(padded(bounded(reference))),
        _ => 0,
    };
    let mask = mask.max(padded(area(reference)) * 3 / 4);
    // The take is at the sketch's size: four numbers a pixel of the canvas's columns, then three bytes.
    let take = 4 * width.min(u64::from(sketch[0])) * u64::from(sketch[1]).max(height) + area(sketch);
    (placed + lines).max(mask).max(take)
}

/// The 3x3 convolutions of stride 1 that take most, of each part and resolution.
fn convolutions(config: &ModelConfig, size: [u32; 2], rows: usize) -> Vec<Geometry> {
    let [width, height] = size.map(|side| side as usize);
    let geometry = |batch: usize, inputs: usize, outputs: usize, [height, width]: [usize; 2]| Geometry {
        batch,
        inputs,
        outputs,
        height: height.max(1),
        width: width.max(1),
        stride: 1,
        before: 1,
    };
    let halved = |[height, width]: [usize; 2], level: usize| [height >> level, width >> level];
    let latent = [height, width].map(|side| side / LATENT_FACTOR);

    let mult = &config.unet.channel_mult;
    let unet = (0..mult.len()).map(|level| {
        let own = mult[level] * config.unet.model_channels;
        let below = mult.get(level + 1).unwrap_or(&mult[level]) * config.unet.model_channels;
        geometry(rows, own + below, own, halved(latent, level))
    });
    let seen = match latent[0] * latent[1] <= WHOLE {
        true => latent,
        // A tile with what it reads around it.
        false => [WHOLE.isqrt(); 2],
    };
    let mult = &config.vae.channel_mult;
    let vae = (0..mult.len()).map(|level| {
        let above = mult.get(level + 1).unwrap_or(&mult[level]) * config.vae.base_channels;
        geometry(1, above, above, halved(seen.map(|side| side * LATENT_FACTOR), level))
    });
    let stem = &config.sketch_encoder.stem_channels;
    let stages = stem.chunks(2).enumerate();
    let sketch = stages.map(|(level, pair)| geometry(2, pair[0], pair[pair.len() - 1], halved([height, width], level)));
    unet.chain(vae).chain(sketch).collect()
}

/// Sizes of about the same proportions, falling.
fn smaller([width, height]: [u32; 2]) -> impl Iterator<Item = [u32; 2]> {
    let longest = width.max(height) / GRAIN;
    (1..longest)
        .rev()
        .map(move |part| [width, height].map(|side| (side / GRAIN * part / longest).max(1) * GRAIN))
}

#[cfg(test)]
mod tests;
