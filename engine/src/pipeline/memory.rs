//! Whether there is memory enough for a picture. Running out of it would end the program, and everything that is open in it.

use burn::tensor::Device;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::canvas::GRAIN;
use crate::error::EngineError;
use crate::model::config::ModelConfig;
use crate::model::vae::WHOLE;

/// Refuses a picture of `size` pixels for which the CPU's memory will not do. `rows`: how many latents the UNet sees at once. Nobody says how much
/// memory a GPU has free, and its driver refuses by itself.
pub fn check(config: &ModelConfig, size: [u32; 2], rows: usize, device: &Device) -> Result<(), EngineError> {
    if *device != Device::flex() {
        return Ok(());
    }
    compare(config, size, rows, available())
}

fn compare(config: &ModelConfig, size: [u32; 2], rows: usize, available: u64) -> Result<(), EngineError> {
    let needed = needed(config, size, rows);
    if needed <= available {
        return Ok(());
    }
    let [width, height] = size;
    let fits = smaller(size).find(|size| self::needed(config, *size, rows) <= available);
    Err(EngineError::Memory {
        width,
        height,
        needed: needed.div_ceil(MEGABYTE),
        available: available / MEGABYTE,
        fits,
    })
}

const MEGABYTE: u64 = 1_000_000;

/// Bytes that this process may still take.
fn available() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory);
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    system.available_memory().min(limit)
}

/// Estimate of the bytes that a picture takes at its peak beyond the model, in single precision: in the UNet, the autoencoder's tiles, or the
/// sketch encoder, whichever is greatest. The factors are measured (resident memory of runs at 512 to 1536 pixels).
fn needed(config: &ModelConfig, size: [u32; 2], rows: usize) -> u64 {
    let pixels = u64::from(size[0]) * u64::from(size[1]);
    let latent = pixels / 64;
    let unet = latent * rows as u64 * config.unet.model_channels as u64 * UNET;
    let whole = latent.min(WHOLE as u64) * 64;
    let vae = whole * config.vae.base_channels as u64 * VAE;
    // Two sketches, the drawn one and the empty one, of two layers at full resolution.
    let sketch = 2 * pixels * config.sketch_encoder.stem_channels[..3].iter().sum::<usize>() as u64;
    let pictures = 16 * pixels;
    4 * (unet.max(vae).max(sketch) + pictures)
}

/// Numbers alive at once, for a channel at full width and a latent pixel.
const UNET: u64 = 24;
/// The same for the autoencoder, and a pixel.
const VAE: u64 = 6;

/// Sizes of about the same proportions, falling.
fn smaller([width, height]: [u32; 2]) -> impl Iterator<Item = [u32; 2]> {
    let longest = width.max(height) / GRAIN;
    (1..longest)
        .rev()
        .map(move |part| [width, height].map(|side| (side / GRAIN * part / longest).max(1) * GRAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_the_largest_size_that_does() {
        let config = crate::weights::load(&crate::request::ModelRef::Embedded, &Device::flex())
            .unwrap()
            .config;
        let enough = needed(&config, [1024, 1536], 2);
        assert!(compare(&config, [1024, 1536], 2, enough).is_ok());
        let refusal = compare(&config, [2048, 3072], 2, enough).unwrap_err();
        assert!(refusal.is_input());
        assert!(refusal.to_string().contains("choose a size up to 1024x1536"), "{refusal}");
        assert!(
            compare(&config, [64, 64], 1, 0)
                .unwrap_err()
                .to_string()
                .contains("a device with more")
        );
        assert!(available() > 0);
    }
}
