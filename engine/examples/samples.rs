//! Draws the generated samples that ship in `assets/samples`: `cargo run --release -p engine --example samples`.

use std::path::Path;

use engine::training::scenes::{example, recoloured, scenery};

/// A seed that no training run uses.
const SEED: u64 = 77;
const SIZE: u32 = 768;

/// Name; example; the example that lends its colours to the second reference; the one that lends its background.
const SAMPLES: [(&str, u64, u64, u64); 3] = [
    ("park", 2027, 2021, 2005),
    ("seaside", 2015, 2026, 2024),
    ("town", 2028, 2018, 2027),
];

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples");
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
