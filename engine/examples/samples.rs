//! Draws the generated samples that ship in `assets/samples`: `cargo run --release -p engine --example samples`.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use image::DynamicImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use engine::training::scenes::{Shot, example, recoloured, scenery};

/// A seed that no training run uses.
const SEED: u64 = 77;
const SIZE: u32 = 768;

/// Name; example; the example that lends its colours to the second reference; the one that lends its background.
const SAMPLES: [(&str, u64, u64, u64); 3] = [
    ("park", 2027, 2021, 2005),
    ("seaside", 2015, 2026, 2024),
    ("town", 2028, 2018, 2027),
];

/// The shot: which one of the series, its number of frames, and its side in pixels, small because it ships.
const SHOT: (u64, u32, u32) = (1, 8, 384);
/// Colour designs of the shot: name; number; the shot that lends its background.
const DESIGNS: [(&str, u64, Option<u64>); 4] = [
    ("morning", 1, None),
    ("noon", 2, None),
    ("dusk", 3, None),
    ("seaside", 4, Some(13)),
];

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples");
    shot(&folder.join("shot"))?;
    for (name, index, colours, place) in SAMPLES {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let drawn = example(SEED, index, SIZE);
        drawn.sketch.save(folder.join("sketch.png"))?;
        drawn.sketch_mask.save(folder.join("sketch-mask.png"))?;
        drawn.reference.save(folder.join("reference.png"))?;
        drawn.reference_mask.save(folder.join("reference-mask.png"))?;
        let other = recoloured(SEED, index, colours, SIZE);
        other.reference.save(folder.join("reference-2.png"))?;
        other.reference_mask.save(folder.join("reference-2-mask.png"))?;
        scenery(SEED, place, SIZE).save(folder.join("background.png"))?;
    }
    Ok(())
}

fn shot(folder: &Path) -> anyhow::Result<()> {
    let (frames, references) = (folder.join("frames"), folder.join("references"));
    let (index, count, size) = SHOT;
    let shot = Shot::new(SEED, index);
    for number in 0..count {
        let frame = shot.frame(number as f32 / count as f32, size);
        write(frame.sketch, &frames.join(format!("{:04}.png", number + 1)))?;
        write(frame.sketch_mask, &frames.join(format!("{:04}-mask.png", number + 1)))?;
    }
    for (name, design, elsewhere) in DESIGNS {
        let (picture, mask) = shot.reference(design, elsewhere, size);
        write(picture, &references.join(format!("{name}.png")))?;
        write(mask, &references.join(format!("{name}-mask.png")))?;
    }
    Ok(())
}

/// As small as PNG gets it: flat areas do best without a filter.
fn write(picture: impl Into<DynamicImage>, path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    let file = BufWriter::new(File::create(path)?);
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter);
    Ok(picture.into().write_with_encoder(encoder)?)
}
