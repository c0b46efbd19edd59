//! `shiage colorize`: one sketch, one reference, one picture.

use std::path::{Path, PathBuf};

use clap::Args;
use engine::device;
use engine::event::{Event, Take};
use engine::request::{Batch, ColorizeRequest, Mode};
use engine::service::Service;
use indicatif::{ProgressBar, ProgressStyle};
use picture::Format;

use super::inputs::{InputPaths, LoadedInputs, Origins, sample_named};
use super::settings::SettingsArguments;
use super::{BadInput, told};
use crate::document;
use crate::gallery::metadata;
use crate::generate::compose::multiply_lines;
use crate::generate::recipe::Recipe;
use crate::samples::SAMPLES;

/// What is not given is taken from the recipe or the sample, then from the defaults.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: InputPaths,
    /// Colour a sample that ships with shiage; without a name the first one.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "recipe")]
    sample: Option<String>,
    /// Repeat the take in this PNG: same inputs, same settings, and on the same device the same pixels.
    #[arg(long, value_name = "PNG")]
    recipe: Option<PathBuf>,
    /// Where the picture goes [default: NAME.png for a sample, else SKETCH-color.png]. The ending decides the format: PNG, which alone carries the
    /// recipe, JPEG, WebP or TIFF.
    #[arg(long, value_name = "PICTURE")]
    out: Option<PathBuf>,
    /// Quality of a JPEG, 1 to 100 [default: 92], or of a WebP, which has no losses without it.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: Option<u8>,
    /// Also write the preview of every step into this folder.
    #[arg(long, value_name = "DIR")]
    previews: Option<PathBuf>,
    /// Leave the sketch's lines out: the colour layer alone.
    #[arg(long)]
    no_lines: bool,
    /// Make several pictures, 1 to 8, their seeds counting up: NAME-1.png, NAME-2.png …
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(Batch::MOST)))]
    batch: u32,
    /// What samplers add on the way is the same for all pictures of a batch.
    #[arg(long)]
    batch_one_noise: bool,
    #[command(flatten)]
    settings: SettingsArguments,
}

/// Runs one job and writes its picture.
pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let recipe = match &arguments.recipe {
        Some(path) => Some((
            path.as_path(),
            metadata::read_recipe(path).map_err(|error| BadInput(error.to_string()))?,
        )),
        None => None,
    };
    let sample = match arguments.sample.as_deref() {
        None => None,
        Some("") => SAMPLES.first(),
        Some(name) => Some(sample_named(name)?),
    };
    let LoadedInputs {
        inputs,
        recipe: recorded,
    } = Origins::new(
        &arguments.inputs,
        sample,
        recipe.as_ref().map(|(path, recipe)| (*path, recipe)),
    )
    .load()?;
    let repeated = recipe.map(|(_, recipe)| recipe);
    let lines = !arguments.no_lines && repeated.as_ref().is_none_or(|recipe| recipe.lines);
    let mut settings = arguments
        .settings
        .over(repeated.map(|recipe| recipe.settings).unwrap_or_default());
    if arguments.settings.mode.is_none() && arguments.recipe.is_none() {
        settings.mode = mode_for(&inputs);
    }
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| match (sample, &arguments.inputs.sketch) {
            (Some(sample), _) => format!("{}.png", sample.name).into(),
            (None, Some(sketch)) => beside(sketch),
            (None, None) => "repeated.png".into(),
        });
    let format = picture_format(&out, arguments.quality)?;

    let sketch = inputs.sketch.clone();
    let preprocess = settings.sketch_preprocess;
    let opened = device::open(choice)?;
    let service = Service::spawn(&opened, Box::new(|| {}));
    let batch = Batch {
        count: arguments.batch,
        one_noise: arguments.batch_one_noise,
    };
    for (index, request) in batch.requests(ColorizeRequest { inputs, settings }).enumerate() {
        let number = (batch.count > 1).then_some(index + 1);
        let previews = arguments.previews.as_ref().map(|folder| match number {
            Some(number) => folder.join(number.to_string()),
            None => folder.clone(),
        });
        let out = numbered(&out, number);
        let take = colorize(&service, request, previews.as_deref())?;
        let lined = lines.then(|| multiply_lines(&take.picture, &sketch, preprocess));
        let recipe = Recipe::of(&take, opened.info.name.clone(), recorded.clone(), lines);
        let picture = lined.as_ref().unwrap_or(&take.picture);
        match format.carries_recipe() {
            true => metadata::write_take(&out, picture, lined.as_ref().map(|_| take.picture.as_ref()), &recipe)?,
            false => {
                document::save_picture(picture, format, &out)?;
                eprintln!("{} carries no recipe: --recipe needs a PNG", out.display());
            }
        }
        eprintln!(
            "{} ({:.1} s, seed {})",
            out.display(),
            take.elapsed.as_secs_f32(),
            take.settings.seed
        );
    }
    Ok(())
}

/// `name-2.png` for the second picture of a batch.
fn numbered(out: &Path, number: Option<usize>) -> PathBuf {
    let Some(number) = number else {
        return out.to_owned();
    };
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let ending = out.extension().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{stem}-{number}.{ending}"))
}

/// The best mode that the given masks allow.
fn mode_for(inputs: &engine::request::Inputs) -> Mode {
    let background = inputs.reference_mask.is_some() || inputs.background.is_some();
    if inputs.sketch_mask.is_some() && background {
        Mode::Split
    } else {
        Mode::Vanilla
    }
}

/// `dir/name-color.png` for `dir/name.jpg`.
fn beside(sketch: &Path) -> PathBuf {
    let stem = sketch.file_stem().unwrap_or_default().to_string_lossy();
    sketch.with_file_name(format!("{stem}-color.png"))
}

/// What the picture is written as. Says before the work, not after it, that it has nowhere to go.
pub(super) fn picture_format(out: &Path, quality: Option<u8>) -> Result<Format, BadInput> {
    let format = Format::of(out, quality).ok_or_else(|| {
        BadInput(format!(
            "{} ends in none of .png, .jpg, .webp and .tif; choose a PNG to keep the recipe in it",
            out.display()
        ))
    })?;
    let folder = out
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(BadInput(format!(
            "the folder {} does not exist; make it, or choose another --out",
            folder.display()
        )));
    }
    Ok(format)
}

/// Submits the job and follows it to its end, with a progress bar and, if asked for, a file a preview.
fn colorize(service: &Service, request: ColorizeRequest, previews: Option<&Path>) -> anyhow::Result<Take> {
    if let Some(folder) = previews {
        std::fs::create_dir_all(folder)
            .map_err(|error| BadInput(format!("cannot make the folder {}: {error}", folder.display())))?;
    }
    let bar = ProgressBar::new(u64::from(request.settings.steps));
    bar.set_style(
        ProgressStyle::with_template("{msg:<14} {bar:30} {pos}/{len}  {eta} left").expect("the template is a constant"),
    );
    bar.set_message("loading model");
    service.submit(request);
    let outcome = loop {
        match service.wait() {
            Event::Started { .. } => {
                bar.reset_eta();
                bar.set_message("denoising");
            }
            Event::Progress { step, steps, .. } => {
                bar.set_length(u64::from(steps));
                bar.set_position(u64::from(step));
                if let (Some(folder), Some(preview)) = (previews, service.latest_preview()) {
                    let path = folder.join(format!("step-{:03}.png", preview.step));
                    preview
                        .picture
                        .save(&path)
                        .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
                }
            }
            Event::Finished { take, .. } => break Ok(take),
            Event::Failed { error, .. } => break Err(error),
            Event::Cancelled { .. } => unreachable!("nobody else holds this service"),
        }
    };
    bar.finish_and_clear();
    outcome.map_err(|error| told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_goes_beside_the_sketch() {
        assert_eq!(beside(Path::new("shot/a.jpg")), Path::new("shot/a-color.png"));
    }

    #[test]
    fn the_pictures_of_a_batch_are_numbered() {
        assert_eq!(numbered(Path::new("a/b.png"), None), Path::new("a/b.png"));
        assert_eq!(numbered(Path::new("a/b.png"), Some(2)), Path::new("a/b-2.png"));
        assert_eq!(numbered(Path::new("a/b.TIF"), Some(1)), Path::new("a/b-1.TIF"));
    }

    #[test]
    fn an_out_that_cannot_be_written_is_named() {
        let of = |path: &str| picture_format(Path::new(path), Some(80));
        assert!(of("a.gif").unwrap_err().to_string().contains("a.gif"));
        assert_eq!(of("a.JPG").unwrap(), Format::Jpeg { quality: 80 });
        assert_eq!(of("a.webp").unwrap(), Format::WebP { quality: Some(80) });
        let lossless = picture_format(Path::new("a.webp"), None).unwrap();
        assert_eq!(lossless, Format::WebP { quality: None });
        assert!(
            of("/no/such/folder/a.png")
                .unwrap_err()
                .to_string()
                .contains("/no/such/folder")
        );
    }
}
