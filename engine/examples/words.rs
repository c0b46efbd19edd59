//! Measures what words do in a model: `cargo run --release -p engine --example words -- [--scenes 32] [--scale 8] [--vanilla] [--sheet PNG]`.
//! First, how the maps of the parts' names agree with where the parts are in held-out references; then, how far prompts take parts to the colours
//! that they name, and how much they change the rest of the picture.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use clap::Parser;
use engine::evaluation::Case;
use engine::evaluation::report::sheet;
use engine::image::lab::{self, Lab};
use engine::pipeline::conditioning::tokens;
use engine::pipeline::{Warm, colorize, tokenizer};
use engine::request::{ColorizeRequest, Mode, ModelRef, Prompt, Settings};
use engine::training::dataset::prevailing;
use engine::training::scenes::Example;
use engine::training::words::{COLORS, Color, PARTS, Part};
use engine::weights;
use image::{Rgb, RgbImage};

/// Fewest tokens of a part whose map is measured.
const TOKENS: usize = 3;
/// Least share of picture and reference that a part has whose colour is changed.
const SHARE: f32 = 0.03;
const SIZE: u32 = 256;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 32)]
    scenes: u64,
    /// Of the prompts.
    #[arg(long, default_value_t = 8.0)]
    scale: f32,
    /// Without masks: words count for the background too.
    #[arg(long)]
    vanilla: bool,
    #[arg(long, default_value_t = 12)]
    steps: u32,
    /// The model's checkpoint [default: the model in the program].
    #[arg(long)]
    model: Option<PathBuf>,
    /// Where references, results and prompted results go.
    #[arg(long)]
    sheet: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let model = arguments
        .model
        .clone()
        .map_or(ModelRef::Embedded, |checkpoint| ModelRef::Files {
            checkpoint,
            clip: None,
            vae: None,
        });
    let cases: Vec<Case> = (0..arguments.scenes).map(|index| Case::new(index, SIZE)).collect();
    let mut warm = Warm::new(Device::flex(), Box::new(weights::load_observed));
    maps(&mut warm, &model, &cases)?;
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for (case, color) in cases.iter().zip(COLORS.iter().cycle()) {
        for part in PARTS.iter().filter(|part| part.shows(&case.scene, arguments.vanilla)) {
            let (measured, pictures) = paint(&mut warm, &model, &arguments, case, part, color)?;
            println!("scene {:2} {:>10} {:9} {measured}", case.index, color.names[0], part.names[0]);
            all.push(measured);
            rows.push(pictures);
        }
    }
    let mean = |value: fn(&Measured) -> f32| all.iter().map(value).sum::<f32>() / all.len().max(1) as f32;
    let mean = Measured {
        far: mean(|measured| measured.far),
        near: mean(|measured| measured.near),
        inside: mean(|measured| measured.inside),
        outside: mean(|measured| measured.outside),
    };
    println!("mean of {} {mean}", all.len());
    // Two prompts beside each other.
    let rows: Vec<Vec<RgbImage>> = rows.chunks(2).map(<[_]>::concat).collect();
    if let Some((path, sheet)) = arguments.sheet.zip(sheet(&rows)) {
        sheet.save(path)?;
    }
    Ok(())
}

trait Shows {
    fn shows(&self, scene: &Example, anywhere: bool) -> bool;
}

impl Shows for Part {
    /// Whether there is enough of it in the picture and in the reference; `anywhere`: in backgrounds too.
    fn shows(&self, scene: &Example, anywhere: bool) -> bool {
        let enough = [&scene.sketch_regions, &scene.reference_regions].map(|regions| {
            let count = regions.as_raw().iter().filter(|region| self.has(**region)).count();
            count as f32 >= SHARE * regions.len() as f32
        });
        enough == [true; 2] && (anywhere || self.slots.iter().all(|slot| *slot < 100))
    }
}

/// Prints for every part: in how many references it is, the mean of its name's map (0..=1) in it and elsewhere, and their correlation.
fn maps(warm: &mut Warm, model: &ModelRef, cases: &[Case]) -> anyhow::Result<()> {
    let device = warm.device().clone();
    let loaded = &warm.model(model, &[], &mut weights::to_the_end)?.loaded;
    let text = loaded.config.clip_text.as_ref().zip(loaded.networks.clip_text.as_ref());
    let (config, tower) = text.ok_or_else(|| anyhow::anyhow!("the model has no words of its own"))?;
    let mut found = BTreeMap::<usize, Vec<[f32; 3]>>::new();
    for case in cases {
        let tokens: Tensor<3> = tokens(&loaded.networks.clip_vision, &loaded.config, &case.scene.reference, &device);
        let regions = prevailing(&case.scene.reference_regions, loaded.config.clip_vision.grid() as u32);
        for (number, part) in PARTS.iter().enumerate() {
            let inside: Vec<f32> = regions.iter().map(|region| f32::from(u8::from(part.has(*region)))).collect();
            if (inside.iter().sum::<f32>() as usize) < TOKENS {
                continue;
            }
            let direction = tower.feature(&tokenizer::ids(part.names[0], config)?);
            let map: Vec<f32> = tokens
                .clone()
                .matmul(direction.swap_dims(1, 2))
                .into_data()
                .iter::<f32>()
                .collect();
            let least = map.iter().copied().fold(f32::MAX, f32::min);
            let most = map.iter().copied().fold(f32::MIN, f32::max);
            let map: Vec<f32> = map.iter().map(|value| (value - least) / (most - least)).collect();
            let mean = |wanted: f32| {
                let (sum, count) =
                    map.iter()
                        .zip(&inside)
                        .fold((0.0, 0.0), |(sum, count), (map, inside)| match *inside == wanted {
                            true => (sum + map, count + 1.0),
                            false => (sum, count),
                        });
                sum / count
            };
            found
                .entry(number)
                .or_default()
                .push([mean(1.0), mean(0.0), correlation(&map, &inside)]);
        }
    }
    let mean = |rows: &[[f32; 3]]| {
        let [inside, outside, r] = [0, 1, 2].map(|column| rows.iter().map(|row| row[column]).sum::<f32>() / rows.len() as f32);
        format!("{:3} maps: {inside:.2} inside, {outside:.2} outside, r {r:.2}", rows.len())
    };
    for (number, rows) in &found {
        println!("{:10} {}", PARTS[*number].names[0], mean(rows));
    }
    let all: Vec<[f32; 3]> = found.into_values().flatten().collect();
    let higher = all.iter().filter(|[inside, outside, _]| inside > outside).count();
    println!("{:10} {}; higher inside in {higher}", "all", mean(&all));
    Ok(())
}

fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let centered = |values: &[f32]| {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        values.iter().map(|value| value - mean).collect::<Vec<f32>>()
    };
    let (one, other) = (centered(one), centered(other));
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt().max(1e-6)
}

/// CIEDE2000: of the part's mean colour from the one that is named, before and after; the mean change of its pixels and of the others.
struct Measured {
    far: f32,
    near: f32,
    inside: f32,
    outside: f32,
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            far,
            near,
            inside,
            outside,
        } = self;
        write!(
            f,
            "from the named colour {far:.1}, then {near:.1}; changed by {inside:.1} in the part, {outside:.1} elsewhere"
        )
    }
}

fn paint(
    warm: &mut Warm,
    model: &ModelRef,
    arguments: &Arguments,
    case: &Case,
    part: &Part,
    color: &Color,
) -> anyhow::Result<(Measured, Vec<RgbImage>)> {
    let scene = &case.scene;
    let inputs = case.inputs(&scene.reference);
    let mut make = |prompts: Vec<Prompt>| -> anyhow::Result<RgbImage> {
        let settings = Settings {
            model: model.clone(),
            mode: if arguments.vanilla { Mode::Vanilla } else { Mode::Split },
            steps: arguments.steps,
            prompts,
            ..Settings::default()
        };
        let request = ColorizeRequest {
            inputs: inputs.clone(),
            settings,
        };
        let take = colorize(warm, &request, &mut |_| ControlFlow::Continue(()))?;
        Ok(take.expect("the observer never breaks off").picture.as_ref().clone())
    };
    let plain = make(Vec::new())?;
    let prompted = make(vec![Prompt {
        target: format!("{} {}", color.names[0], part.names[0]),
        control: part.names[0].to_owned(),
        scale: arguments.scale,
        ..Prompt::default()
    }])?;
    let [before, after] = [&plain, &prompted].map(lab::lab_pixels);
    let inside = |place: &usize| part.has(scene.sketch_regions.as_raw()[*place]);
    let from_named = |pixels: &[Lab]| {
        let mean = lab::mean((0..pixels.len()).filter(inside).map(|place| pixels[place]));
        lab::difference(mean.expect("the part is there"), lab::lab(Rgb(color.rgb)))
    };
    let change = |wanted: bool| {
        let places: Vec<usize> = (0..before.len()).filter(|place| inside(place) == wanted).collect();
        places
            .iter()
            .map(|place| lab::difference(before[*place], after[*place]))
            .sum::<f32>()
            / places.len() as f32
    };
    let measured = Measured {
        far: from_named(&before),
        near: from_named(&after),
        inside: change(true),
        outside: change(false),
    };
    Ok((measured, vec![scene.reference.clone(), plain, prompted]))
}
