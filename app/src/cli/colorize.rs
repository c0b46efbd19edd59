//! `shiage colorize`: one sketch, one reference, one picture.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use engine::device;
use engine::event::{Event, Take};
use engine::request::{Batch, ColorizeRequest, Inputs, ModelRef, Settings};
use engine::service::Service;
use indicatif::{ProgressBar, ProgressStyle};

use super::batch::STALE_AFTER;
use super::flats::{Cel, Cutter, FlatArguments, is_others};
use super::inputs::{InputPaths, LoadedInputs, Origins, sample_named};
use super::masks::{self, Given};
use super::outputs::{apart, check_place, picture_format, spare};
use super::settings::{InputSettingsArguments, SettingsArguments};
use super::{BadInput, told};
use crate::document;
use crate::files::has_one_of;
use crate::gallery::metadata;
use crate::generate::compose::multiply_lines;
use crate::generate::pictures::COLOR;
use crate::generate::recipe::{Recipe, RecipeInputs};
use crate::samples::{SAMPLES, Sample};

/// What is not given is taken from the recipe or the sample, then from the defaults.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: InputPaths,
    /// Colour a sample that ships with shiage; without a name the first one.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "recipe")]
    sample: Option<String>,
    /// Repeat the take in this PNG: same inputs, same settings, and on the same CPU the same pixels (a GPU's may differ in the last
    /// digits from one start to the next).
    #[arg(long, value_name = "PNG")]
    recipe: Option<PathBuf>,
    /// Where the picture goes [default: NAME.png for a sample, repeated.png for a recipe, else SKETCH-color.png]. The ending decides the
    /// format: PNG, which alone carries the recipe, JPEG, WebP or TIFF.
    #[arg(long, value_name = "PICTURE")]
    out: Option<PathBuf>,
    /// Quality of a JPEG, 1 to 100 [default: 92], or of a WebP, which has no losses without it. Other formats have no losses.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: Option<u8>,
    /// Also write the preview of every step into this folder.
    #[arg(long, value_name = "DIR")]
    previews: Option<PathBuf>,
    /// Also write this OpenRaster document: the sketch over the picture's flats, figure and background apart by the sketch mask. One that somebody has
    /// saved since is not written over.
    #[arg(long, value_name = "FILE.ora")]
    flats: Option<PathBuf>,
    #[command(flatten)]
    flat_settings: FlatArguments,
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
    input_settings: InputSettingsArguments,
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
    arguments.inputs.check(&inputs)?;
    arguments.input_settings.check(&inputs)?;
    let batch = Batch {
        count: arguments.batch,
        one_noise: arguments.batch_one_noise,
    };
    let out = arguments.out_or_default(sample);
    let format = picture_format(&out, arguments.quality)?;
    let cutter = arguments.cutter()?;
    let outs: Vec<Out> = (1..=batch.count)
        .map(|number| arguments.out(&out, (batch.count > 1).then_some(number)))
        .collect();
    arguments.spare_inputs(&outs, &recorded)?;
    let mut documents = outs.iter().filter_map(|out| out.flats.as_deref());
    documents.try_for_each(spare_document)?;

    let repeated = recipe.map(|(_, recipe)| recipe);
    let lines = !arguments.no_lines && repeated.as_ref().is_none_or(|recipe| recipe.lines);
    let settings = arguments.settings_over(repeated.as_ref(), &inputs);
    masks::warn_of_sketch_mask("the sketch mask", inputs.sketch_mask.as_deref(), &settings);
    masks::warn_of_reference_mask("the reference mask", inputs.reference_mask.as_deref(), &settings);

    let (sketch, mask) = (inputs.sketch.clone(), inputs.sketch_mask.clone());
    let preprocess = settings.sketch_preprocess;
    let opened = device::open(choice)?;
    if let Some(recipe) = &repeated {
        let model = arguments
            .settings
            .keeps_model()
            .then(|| engine::weights::hash(&settings.model));
        let model = model.transpose().map_err(|error| BadInput(error.to_string()))?;
        for words in differences(recipe, &settings.model, model.as_deref(), &opened.info.name) {
            eprintln!("{words}");
        }
    }
    let service = Service::spawn(&opened, Box::new(|| {}));
    for (request, wanted) in batch.requests(ColorizeRequest { inputs, settings }).zip(outs) {
        let Out {
            file: out,
            previews,
            flats,
        } = wanted;
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
        if let Some((cutter, file)) = cutter.as_ref().zip(flats) {
            let cel = Cel {
                color: &take.picture,
                sketch: &sketch,
                mask: mask.as_deref(),
            };
            let document = cutter.document(&cel, &recipe)?;
            // Somebody may have saved another meanwhile.
            spare_document(&file)?;
            cutter.save(&document, &file, &cel)?;
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

/// Where a picture goes, and its previews, if they are wanted.
struct Out {
    file: PathBuf,
    previews: Option<PathBuf>,
    flats: Option<PathBuf>,
}

impl Arguments {
    /// What cuts the pictures into flats, if that is wanted and there is a place for them.
    fn cutter(&self) -> Result<Option<Cutter>, BadInput> {
        let Some(file) = &self.flats else { return Ok(None) };
        if !has_one_of(file, &["ora"]) {
            return Err(BadInput(format!(
                "{} does not end in .ora: flats are written as an OpenRaster document",
                file.display()
            )));
        }
        check_place(file)?;
        self.flat_settings.cutter().map(Some)
    }

    fn out_or_default(&self, sample: Option<&Sample>) -> PathBuf {
        self.out.clone().unwrap_or_else(|| match (sample, &self.inputs.sketch) {
            (Some(sample), _) => format!("{}.png", sample.name).into(),
            (None, Some(sketch)) => beside(sketch),
            (None, None) => "repeated.png".into(),
        })
    }

    /// `number`: of a picture that is one of several.
    fn out(&self, file: &Path, number: Option<u32>) -> Out {
        let folder = self.previews.as_ref();
        Out {
            file: numbered(file, number),
            previews: folder.map(|folder| number.map_or(folder.clone(), |number| folder.join(number.to_string()))),
            flats: self.flats.as_ref().map(|file| numbered(file, number)),
        }
    }

    /// Refuses to write over what is read.
    fn spare_inputs(&self, outs: &[Out], recorded: &RecipeInputs) -> Result<(), BadInput> {
        let others = self.recipe.as_deref().into_iter().chain(self.flat_settings.palette());
        let inputs: Vec<&Path> = recorded.files().chain(others).collect();
        let files = outs.iter().flat_map(|out| [Some(&out.file), out.flats.as_ref()]);
        spare(files.flatten().map(PathBuf::as_path), inputs.iter().copied())?;
        let is_preview = |input: &&Path| {
            input
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(PREVIEW))
        };
        outs.iter()
            .filter_map(|out| out.previews.as_deref())
            .try_for_each(|folder| apart(folder, inputs.iter().copied().filter(is_preview)))
    }

    /// What was typed over the recipe's settings or the defaults. Where nothing says how figure and background travel, the masks do.
    fn settings_over(&self, recipe: Option<&Recipe>, inputs: &Inputs) -> Settings {
        let base = recipe.map(|recipe| recipe.settings.clone()).unwrap_or_default();
        let settings = self.input_settings.over(self.settings.over(base));
        if self.settings.mode.is_some() || recipe.is_some() {
            return settings;
        }
        let given = Given::of(inputs);
        if let Some(words) = given.unused(&settings) {
            eprintln!("{words}");
        }
        Settings {
            mode: given.mode(),
            ..settings
        }
    }
}

/// Why a repeated take will not be what it was: another model (`hash` of `model`, where that is to be the recipe's), another device.
fn differences(recipe: &Recipe, model: &ModelRef, hash: Option<&str>, device: &str) -> Vec<String> {
    let model = hash.filter(|hash| *hash != recipe.model.hash).map(|_| {
        let name = match model {
            ModelRef::Embedded => "the model in the program".to_owned(),
            ModelRef::Files { checkpoint, clip, vae } => {
                let files = [Some(checkpoint), clip.as_ref(), vae.as_ref()].into_iter().flatten();
                files
                    .map(|file| file.display().to_string())
                    .collect::<Vec<_>>()
                    .join(" with ")
            }
        };
        format!("{name} is not what the recipe was made with: the picture will differ")
    });
    let device = (recipe.device != device).then(|| {
        format!(
            "the recipe was made on {}, this is {device}: the picture may differ",
            recipe.device
        )
    });
    model.into_iter().chain(device).collect()
}

/// Refuses to write over a document that somebody has worked on.
fn spare_document(file: &Path) -> Result<(), BadInput> {
    match is_others(file, Duration::from_secs(STALE_AFTER)) {
        true => Err(BadInput(format!(
            "{} is not as this program left it; move it away, or give --flats another name",
            file.display()
        ))),
        false => Ok(()),
    }
}

/// `name-2.png` for the second picture of a batch.
fn numbered(out: &Path, number: Option<u32>) -> PathBuf {
    let Some(number) = number else {
        return out.to_owned();
    };
    let mut name = out.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}."));
    name.push(out.extension().unwrap_or_default());
    out.with_file_name(name)
}

/// `dir/name-color.png` for `dir/name.jpg`.
fn beside(sketch: &Path) -> PathBuf {
    let mut name = sketch.file_stem().unwrap_or_default().to_owned();
    name.push(format!("{COLOR}.png"));
    sketch.with_file_name(name)
}

/// How the name of a preview begins.
const PREVIEW: &str = "step-";

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
            Event::Progress {
                step, steps, preview, ..
            } => {
                bar.set_length(u64::from(steps));
                bar.set_position(u64::from(step));
                if let Some(folder) = previews {
                    let path = folder.join(format!("{PREVIEW}{step:03}.png"));
                    preview
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

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let path = |name: &'static [u8]| Path::new(std::ffi::OsStr::from_bytes(name));
        assert_eq!(beside(path(b"a\x90.png")), path(b"a\x90-color.png"));
        assert_eq!(numbered(path(b"a\x91.png"), Some(2)), path(b"a\x91-2.png"));
    }

    #[test]
    fn the_pictures_of_a_batch_are_numbered() {
        assert_eq!(numbered(Path::new("a/b.png"), None), Path::new("a/b.png"));
        assert_eq!(numbered(Path::new("a/b.png"), Some(2)), Path::new("a/b-2.png"));
        assert_eq!(numbered(Path::new("a/b.TIF"), Some(1)), Path::new("a/b-1.TIF"));
    }

    #[test]
    fn what_will_make_a_repeated_take_differ_is_said() {
        let recipe = metadata::tests::recipe();
        let said = |model: &ModelRef, hash, device| differences(&recipe, model, hash, device).join("; ");
        let same = recipe.model.hash.as_str();
        assert_eq!(said(&ModelRef::Embedded, Some(same), "CPU"), "");
        assert_eq!(said(&ModelRef::Embedded, None, "CPU"), "", "another model was asked for");
        let files = ModelRef::Files {
            checkpoint: "a.ckpt".into(),
            clip: Some("b.bin".into()),
            vae: None,
        };
        assert!(said(&files, Some("ff"), "CPU").starts_with("a.ckpt with b.bin is not what the recipe"));
        assert_eq!(
            said(&ModelRef::Embedded, Some(same), "gpu"),
            "the recipe was made on CPU, this is gpu: the picture may differ"
        );
    }
}
