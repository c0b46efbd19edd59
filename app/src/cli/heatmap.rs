//! `shiage heatmap`: where in a reference a prompt is heeded.

use std::path::PathBuf;

use clap::Args;
use engine::device;
use engine::pipeline::{Warm, heat_map};
use engine::request::{ModelRef, Prompt};
use engine::weights;
use image::{Rgb, RgbImage};

use super::models::{find_file, find_model};
use super::outputs::{picture_format, spare};
use super::told;
use crate::document::save_picture;

/// The reference in grey, and in warm colour over it, in four steps, where the last prompt's control is found.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The picture that is looked into.
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// What is looked for: "[target] blonde hair; [control] hair". Given several times, the last one's control is shown, after the others
    /// have been heeded.
    #[arg(long = "prompt", value_name = "LINE", required = true)]
    prompts: Vec<Prompt>,
    /// A checkpoint: a file, or a name that `shiage models list` shows.
    #[arg(long, value_name = "MODEL", value_parser = find_model)]
    model: Option<ModelRef>,
    /// The OpenCLIP model with its text tower, where the checkpoint has none [default: the one in the folder of models].
    #[arg(long, value_name = "FILE", requires = "model", value_parser = find_file)]
    clip: Option<PathBuf>,
    /// Where the picture goes.
    #[arg(long, value_name = "PICTURE", default_value = "heatmap.png")]
    out: PathBuf,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let Arguments {
        reference,
        prompts,
        model,
        clip,
        out,
    } = arguments;
    let format = picture_format(&out, None)?;
    spare([out.as_path()], [reference.as_path()])?;
    let reference = engine::image::open(&reference).map_err(|error| told(&error))?;
    let opened = device::open(choice)?;
    let mut warm = Warm::new(opened.device, Box::new(weights::load_observed));
    let model = model.unwrap_or_default().with_parts(clip, None);
    let map = heat_map(&mut warm, &model, &reference, &prompts).map_err(|error| told(&error))?;
    let picture = RgbImage::from_fn(reference.width(), reference.height(), |x, y| {
        over(*reference.get_pixel(x, y), map.get_pixel(x, y).0[0])
    });
    save_picture(&picture, format, &out)?;
    eprintln!("{}", out.display());
    Ok(())
}

/// The interface's colour for the figure, over a dimmed grey.
fn over(Rgb([r, g, b]): Rgb<u8>, heat: u8) -> Rgb<u8> {
    const WARM: [f32; 3] = [255.0, 138.0, 91.0];
    let grey = 0.5 * (0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b));
    let share = f32::from(heat) / 255.0;
    Rgb(WARM.map(|warm| (grey + (warm - grey) * share) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_covers_the_grey_picture() {
        assert_eq!(over(Rgb([200, 100, 40]), 255), Rgb([255, 138, 91]));
        let Rgb([r, g, b]) = over(Rgb([200, 100, 40]), 0);
        assert!(r == g && g == b && r < 80);
    }
}
