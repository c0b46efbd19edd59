//! `shiage sequence`: the frames of a shot against one reference, made for render farms.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use engine::device;

use super::BadInput;
use super::batch::frames::Frames;
use super::batch::{Batch, BatchArguments, Reference, Task, apart_from, bad};
use super::flats::FlatArguments;
use super::outputs::spare;
use crate::generate::pictures::{self, PictureFile};

/// Every process that is given the same folder takes the frames that nobody has taken yet; a frame that is whole and made from the same files and
/// settings is left alone, and so is a picture that this program did not make. A frame number without a drawing is a held drawing: nothing is made for it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The drawings: files, a folder, or a pattern in quotes such as 'shot/*.png' or 'shot.####.png'; in brackets `*`, `?`, `#`, `%` and `[` stand for themselves.
    /// The frame is the last number in the name; `NAME-mask.png` beside a drawing is its mask, and `NAME-color.png` and `NAME-color-2.png`, as
    /// `shiage colorize` writes them there, are no drawings.
    #[arg(long, value_name = "FILES|DIR", num_args = 1.., required = true)]
    sketches: Vec<PathBuf>,
    /// Masks of the drawings, in a folder of their own, under the drawings' names.
    #[arg(long, value_name = "DIR")]
    sketch_masks: Option<PathBuf>,
    /// The picture that the colours come from; `NAME-mask.png` beside it is its mask, `NAME-background.png` a background of its own.
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// White where the reference's figure is.
    #[arg(long, value_name = "FILE")]
    reference_mask: Option<PathBuf>,
    /// A second reference, for the background alone.
    #[arg(long, value_name = "FILE")]
    background: Option<PathBuf>,
    /// Which frames: 7, 1-120, 1-99x2 (every second), several with commas [default: all].
    #[arg(long, value_name = "RANGE")]
    frames: Option<Frames>,
    /// Where the coloured frames go, under the drawings' names, as PNG.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write NAME.ora beside each frame as well: the drawing over the frame's flats, figure and background apart by the drawing's mask. It is made and left
    /// alone as the frame is: what somebody has saved since stays (unless --redo is given), and a frame that is left alone gets none.
    #[arg(long)]
    flats: bool,
    #[command(flatten)]
    flat_settings: FlatArguments,
    #[command(flatten)]
    batch: BatchArguments,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let cutter = arguments.flats.then(|| arguments.flat_settings.cutter()).transpose()?;
    let drawings = pictures::drawings(&arguments.sketches, arguments.sketch_masks.as_deref()).map_err(bad)?;
    let frames = chosen(&drawings, arguments.frames.as_ref())?;
    let beside = PictureFile::new(arguments.reference.clone(), None);
    let reference = PictureFile {
        mask: arguments.reference_mask.clone().or(beside.mask),
        background: arguments.background.clone().or(beside.background),
        picture: beside.picture,
    };
    apart_from(&arguments.out, &drawings)?;
    let outs: Vec<PathBuf> = frames
        .iter()
        .map(|sketch| arguments.out.join(format!("{}.png", sketch.name())))
        .collect();
    spare(outs.iter().map(PathBuf::as_path), reference.files())?;
    let references = [Reference::open(&reference)?];
    let settings = arguments.batch.settings(&drawings, &references)?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| BadInput(format!("cannot make the folder {}: {error}", arguments.out.display())))?;
    let seed = settings.seed;
    let tasks: Vec<Task> = frames
        .into_iter()
        .zip(outs)
        .map(|(sketch, out)| Task {
            out,
            name: sketch.name(),
            reference: 0,
            seed,
            sketch,
        })
        .collect();
    let batch = Batch::new(&arguments.batch, settings, &references, choice, tasks.len())?;
    let mut batch = batch.with_flats(cutter);
    batch.run(&tasks)?.conclude(&arguments.out)
}

/// The drawings of the frames that were asked for, each frame and each name once.
fn chosen(drawings: &[PictureFile], frames: Option<&Frames>) -> Result<Vec<PictureFile>, BadInput> {
    let numbers: Vec<u32> = drawings.iter().filter_map(PictureFile::frame).collect();
    let (first, last) = (numbers.iter().min().copied(), numbers.iter().max().copied());
    let mut names: HashMap<String, PathBuf> = HashMap::new();
    let mut found = Vec::new();
    for drawing in drawings {
        let wanted = frames.is_none_or(|frames| drawing.frame().is_some_and(|frame| frames.contains(frame)));
        if !wanted {
            continue;
        }
        if let Some(other) = names.insert(drawing.name(), drawing.picture.clone()) {
            return Err(BadInput(format!(
                "{} and {} would both become {}.png; give them to two runs with an --out each",
                other.display(),
                drawing.picture.display(),
                drawing.name()
            )));
        }
        found.push(drawing.clone());
    }
    match (frames, first, last) {
        (Some(_), None, _) => Err(BadInput(
            "no drawing has a number in its name, so --frames finds none; leave it out, or number the drawings".to_owned(),
        )),
        // Inside the sequence such frames are held drawings; outside they are a mistake.
        (Some(frames), Some(first), Some(last)) if frames.last() < first || frames.first() > last => Err(BadInput(format!(
            "the drawings are frames {first} to {last}; --frames asks for {} to {}",
            frames.first(),
            frames.last()
        ))),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawings(names: &[&str]) -> Vec<PictureFile> {
        names.iter().map(|name| PictureFile::new(name.into(), None)).collect()
    }

    fn frames(names: &[&str], range: &str) -> Result<Vec<String>, String> {
        let found = chosen(&drawings(names), Some(&range.parse().unwrap()));
        found
            .map(|found| found.iter().map(PictureFile::name).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_range_takes_its_frames_and_holds_are_no_mistake() {
        let names = ["s.0001.png", "s.0003.png", "s.0005.png"];
        assert_eq!(frames(&names, "1-3").unwrap(), ["s.0001", "s.0003"]);
        assert!(frames(&names, "4").unwrap().is_empty(), "3 is held");
        assert!(frames(&names, "6-9").unwrap_err().contains("1 to 5"));
        assert!(frames(&["a.png"], "1").unwrap_err().contains("number"));
    }

    #[test]
    fn two_drawings_of_one_name_are_not_written_over_each_other() {
        let error = frames(&["a/1.png", "b/1.png"], "1").unwrap_err();
        assert!(error.contains("a/1.png") && error.contains("b/1.png"), "{error}");
    }
}
