//! `shiage evaluate`: a model measured on held-out scenes.

use std::io::IsTerminal;
use std::ops::Range;
use std::path::PathBuf;

use clap::Args;
use engine::device;
use engine::evaluation::{Consistency, Summary, Variant, ablation, consistency, evaluate, report};
use engine::pipeline::Warm;
use engine::pipeline::cache::Loader;
use engine::request::Settings;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::outputs::{check_place, picture_format};
use super::settings::{SettingsArguments, parse_side};
use super::told;
use crate::document::save_picture;
use crate::generate::recipe::program;

/// Scenes that `--sheet` shows.
const SHOWN: usize = 8;

/// Scenes come from the generator, under seeds that no training run uses.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which held-out scenes, the last one left out.
    #[arg(long, value_name = "FIRST..LAST", default_value = "0..32", value_parser = parse_range)]
    scenes: Range<u64>,
    /// Also measure on these shots whether parts keep their colours from frame to frame, and edges under 8 references.
    #[arg(long, value_name = "FIRST..LAST", value_parser = parse_range)]
    shots: Option<Range<u64>>,
    /// Frames of a shot.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(2..=240), requires = "shots")]
    frames: u32,
    /// Side of the scenes in pixels, a multiple of 64.
    #[arg(long, value_name = "PIXELS", default_value_t = 256, value_parser = parse_side)]
    scene_size: u32,
    /// Measure the paper's ablation: without masks, with split attention, with adapters, with the background transformer.
    #[arg(long)]
    ablation: bool,
    /// Also write the figures here, as JSON.
    #[arg(long, value_name = "JSON")]
    json: Option<PathBuf>,
    /// Also write the first eight scenes here: sketch and reference with their masks, result, truth, and both swaps with their references.
    #[arg(long, value_name = "PNG")]
    sheet: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArguments,
}

fn parse_range(text: &str) -> Result<Range<u64>, String> {
    let numbers = text
        .split_once("..")
        .and_then(|(first, last)| Some(first.parse().ok()?..last.parse().ok()?));
    numbers
        .filter(|range: &Range<u64>| !range.is_empty() && range.end <= u64::from(u32::MAX))
        .ok_or_else(|| "give the first scene and the one after the last, such as 0..32".to_owned())
}

/// What `--json` writes.
#[derive(Serialize)]
struct Report {
    program: String,
    scene_size: u32,
    first_scene: u64,
    first_shot: Option<u64>,
    variants: Vec<Measured>,
}

/// The figures of one line of the table.
#[derive(Serialize)]
struct Measured {
    name: &'static str,
    /// The steps of an ablation have modes of their own.
    settings: Settings,
    #[serde(flatten)]
    scenes: Summary,
    shots: Option<Consistency>,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    if let Some(path) = &arguments.json {
        check_place(path)?;
    }
    let sheet = arguments.sheet.as_deref();
    let sheet = sheet
        .map(|path| picture_format(path, None).map(|format| (path, format)))
        .transpose()?;
    let settings = arguments.settings.over(Settings::default());
    let variants: Vec<(&str, Option<Variant>)> = if arguments.ablation {
        let names = ["vanilla", "+ split attention", "+ adapters", "+ background transformer"];
        names.into_iter().zip(Variant::ALL.map(Some)).collect()
    } else {
        vec![("as set", None)]
    };
    let opened = device::open(choice)?;
    let mut measured = Vec::new();
    println!("{}", line("", &Summary::COLUMNS));
    for (name, variant) in variants {
        let loader = variant.map_or_else(|| Box::new(engine::weights::load_observed) as Box<Loader>, Variant::loader);
        let mut warm = Warm::new(opened.device.clone(), loader);
        let (scenes, pictures) = measure_scenes(&mut warm, &settings, variant, &arguments, name)?;
        println!("{}", line(name, &scenes.row().each_ref().map(String::as_str)));
        let shots = match &arguments.shots {
            Some(range) => Some(measure_shots(&mut warm, &settings, variant, range.clone(), &arguments)?),
            None => None,
        };
        if let Some(found) = &shots {
            println!(
                "{:<26}over {} shots of {} frames: spread {:.2} ΔE00, drift {:.3} ΔE00 a frame, edges agree {:.3}",
                "", found.shots, found.frames, found.spread, found.drift, found.edge_agreement
            );
        }
        measured.push(Measured {
            name,
            settings: ablation::settings(variant, &settings),
            scenes,
            shots,
        });
        // Of an ablation, the whole method is what is shown.
        if let Some((path, format)) = sheet {
            let picture = report::sheet(&pictures).expect("a range has at least one scene");
            save_picture(&picture, format, path)?;
        }
    }
    if let Some(path) = &arguments.json {
        let report = Report {
            program: program(),
            scene_size: arguments.scene_size,
            first_scene: arguments.scenes.start,
            first_shot: arguments.shots.map(|shots| shots.start),
            variants: measured,
        };
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, text + "\n").map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

fn measure_scenes(
    warm: &mut Warm,
    settings: &Settings,
    variant: Option<Variant>,
    arguments: &Arguments,
    name: &str,
) -> anyhow::Result<(Summary, Vec<Vec<image::RgbImage>>)> {
    let Arguments { scenes, scene_size, .. } = arguments;
    let bar = bar(name, scenes.end - scenes.start, "scenes")?;
    let mut rows = Vec::new();
    let summary = evaluate(warm, settings, variant, scenes.clone(), *scene_size, &mut |case, judged| {
        bar.inc(1);
        if rows.len() < SHOWN {
            rows.push(report::pictures_of(case, judged));
        }
    });
    bar.finish_and_clear();
    Ok((summary.map_err(|error| told(&error))?, rows))
}

fn measure_shots(
    warm: &mut Warm,
    settings: &Settings,
    variant: Option<Variant>,
    shots: Range<u64>,
    arguments: &Arguments,
) -> anyhow::Result<Consistency> {
    let (frames, size) = (arguments.frames as usize, arguments.scene_size);
    let bar = bar("", shots.end - shots.start, "shots")?;
    let found = consistency(warm, settings, variant, shots, frames, size, &mut || bar.inc(1));
    bar.finish_and_clear();
    found.map_err(|error| told(&error))
}

fn bar(name: &str, length: u64, what: &str) -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new(length);
    bar.set_style(ProgressStyle::with_template(&format!(
        "{{msg}} {{bar:24}} {{pos}}/{{len}} {what}, {{eta}} left"
    ))?);
    if std::io::stderr().is_terminal() {
        bar.set_message(name.to_owned());
    }
    Ok(bar)
}

fn line(name: &str, cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>12}")).collect();
    format!("{name:<26}{cells}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_are_a_range_with_something_in_it() {
        assert_eq!(parse_range("3..7"), Ok(3..7));
        assert!(parse_range("7..3").is_err() && parse_range("3").is_err() && parse_range("3..x").is_err());
    }
}
