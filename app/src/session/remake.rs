//! Pictures of the gallery made again, or opened in the studio, from what their recipes say.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use engine::event::{Event, JobId, Take};
use engine::request::{ColorizeRequest, Inputs, Settings};
use image::RgbImage;
use picture::numbered;

use super::opened::Opened;
use super::{Notice, Session};
use crate::document::{Document, LayerId, Role, on_white, open_picture};
use crate::gallery::metadata::{read_recipe, write_take};
use crate::generate::compose::multiply_lines;
use crate::generate::jobs::{self, Job, Jobs, Outcome, Preparing};
use crate::generate::recall::{self, RecallError};
use crate::generate::recipe::{Origin, Recipe};
use crate::generate::request::{build, shown_color};

/// Pictures that are made again.
#[derive(Default)]
pub(super) struct Remaking {
    /// Their images are being looked for.
    preparing: Preparing,
    jobs: Jobs,
    /// At the engine.
    flights: HashMap<JobId, Flight>,
    /// Those whose server is lost: the next engine makes them.
    stranded: Vec<Flight>,
    /// Written since they were last asked for, each behind what it was made again from.
    written: Vec<(PathBuf, PathBuf)>,
}

/// A picture that is to be made again.
struct Flight {
    source: PathBuf,
    recipe: Recipe,
    request: ColorizeRequest,
    /// It has a seed of its own.
    varied: bool,
}

/// A picture that was made again, and what is to be said of it.
struct Remade {
    source: PathBuf,
    path: PathBuf,
    words: String,
}

/// What a picture of the gallery leads to in the studio.
enum Reopened {
    /// The document that it was made in, which is open.
    Here(Box<Recipe>),
    /// A document of the files that it was made from.
    Files(Box<Opened>),
}

impl Session {
    /// Makes the picture at `path` again from its recipe, beside it, with `seed` or its own.
    pub fn remake(&mut self, path: PathBuf, seed: Option<u64>) {
        self.remaking.preparing.begin();
        let document = self.document.clone();
        let prepare = move || {
            let recalled = recalled(&path, document.as_ref());
            recalled.map(|(recipe, inputs)| Flight::new(path, recipe, inputs, seed))
        };
        self.files.run_then(prepare, Self::submit_remake);
    }

    /// A picture's images are found; unless it was cancelled meanwhile, it goes to the engine.
    fn submit_remake(&mut self, found: Result<Flight, String>) {
        if !self.remaking.preparing.arrives() {
            return;
        }
        match found {
            Ok(flight) => self.launch(flight),
            Err(reason) => self.warn_of(&reason),
        }
    }

    fn launch(&mut self, flight: Flight) {
        let job = self.engine.submit(flight.request.clone());
        self.remaking.jobs.submitted(job);
        self.remaking.flights.insert(job, flight);
    }

    /// Another engine computes: it makes what the one before has not.
    pub(super) fn launch_again(&mut self) {
        let remaking = &mut self.remaking;
        remaking.jobs = Jobs::default();
        let mut flights: Vec<_> = remaking.flights.drain().collect();
        flights.sort_by_key(|(job, _)| *job);
        let stranded = std::mem::take(&mut remaking.stranded);
        for flight in stranded.into_iter().chain(flights.into_iter().map(|(_, flight)| flight)) {
            self.launch(flight);
        }
    }

    /// Takes an event in; gives it back where it is about another job.
    pub(super) fn hear_remake(&mut self, event: Event) -> Option<Event> {
        if !self.remaking.flights.contains_key(&jobs::about(&event)) {
            return Some(event);
        }
        let (job, outcome) = self.remaking.jobs.receive(event)?;
        let flight = self.remaking.flights.remove(&job)?;
        match outcome {
            Outcome::Finished(take) => {
                self.learn_name(&take);
                let device = self.devices.name.clone();
                self.files.run_then(move || flight.write(&take, device), Self::keep_remade);
            }
            Outcome::Cancelled => {}
            Outcome::Failed(_) if self.devices.lost_with.is_some() => self.remaking.stranded.push(flight),
            Outcome::Failed(error) => self.warn_of(&format_args!("{} cannot be made again: {error}", flight.source.display())),
        }
        None
    }

    fn keep_remade(&mut self, remade: Result<Remade, String>) {
        match remade {
            Ok(Remade { source, path, words }) => {
                self.notice = Some(Notice::info(words));
                self.remaking.written.push((source, path));
            }
            Err(reason) => self.warn_of(&reason),
        }
    }

    /// Whether pictures are being made again.
    pub fn is_remaking(&self) -> bool {
        self.remaking.preparing.is_any() || !self.remaking.flights.is_empty()
    }

    /// The picture that is being made again: its file, and how far it is.
    pub fn remake_job(&self) -> Option<(&Path, &Job)> {
        let job = self.remaking.jobs.current()?;
        Some((&self.remaking.flights.get(&job.id)?.source, job))
    }

    /// Ends everything that is being made again, or is to be. Nobody waits for the engine's answer: it may have none.
    pub fn cancel_remakes(&mut self) {
        let remaking = &mut self.remaking;
        remaking.preparing.call_off();
        for (job, _) in remaking.flights.drain() {
            self.engine.cancel(job);
        }
        remaking.stranded.clear();
        remaking.jobs = Jobs::default();
    }

    /// What was made again since the last call, each behind what it was made from.
    pub fn take_remade(&mut self) -> Vec<(PathBuf, PathBuf)> {
        std::mem::take(&mut self.remaking.written)
    }

    /// Opens what the picture at `path` was made from: the open document where it was made in that, else a new one of its files.
    pub fn open_take(&mut self, path: PathBuf) {
        let document = self.document.clone();
        self.coming.reading = true;
        let look = move || -> Result<Reopened, String> {
            let (recipe, inputs) = recalled(&path, document.as_ref())?;
            if recipe.inputs.sketch.origin == Origin::Document {
                return Ok(Reopened::Here(Box::new(recipe)));
            }
            Ok(Reopened::Files(Box::new(Opened::of_take(&path, &recipe, &inputs)?)))
        };
        self.files.run_then(look, Self::receive_reopened);
    }

    fn receive_reopened(&mut self, reopened: Result<Reopened, String>) {
        match reopened {
            Err(reason) => self.receive_opened(Err(reason)),
            Ok(Reopened::Files(opened)) => self.receive_opened(Ok(opened)),
            Ok(Reopened::Here(recipe)) => {
                self.coming.reading = false;
                self.wants_studio = true;
                let same = self.document.as_ref().and_then(|document| take_of(document, &recipe));
                if let Some(take) = same {
                    self.show_take(Some(take));
                }
                self.set_again(*recipe);
                self.notice = Some(Notice::info(
                    "This document is what it was made in; its settings are set again.",
                ));
            }
        }
    }

    /// Whether the studio shall come to the front; once.
    pub fn take_studio_wish(&mut self) -> bool {
        std::mem::take(&mut self.wants_studio)
    }
}

/// The recipe of a picture, and its images: files, samples, and what is painted in the open document.
fn recalled(path: &Path, document: Option<&Document>) -> Result<(Recipe, Inputs), String> {
    let recipe = read_recipe(path).map_err(|error| error.to_string())?;
    let open = document.and_then(|document| {
        let inputs = build(document, &recipe.settings).ok()?.inputs;
        // What a document gives for them, whether they were asked for or not: the hashes tell.
        let (start, injection) = (shown_color(document), Some(inputs.reference.clone()));
        Some(Inputs {
            start,
            injection,
            ..inputs
        })
    });
    match recall::all(&recipe.inputs, path, open.as_ref()) {
        Ok(inputs) => Ok((recipe, inputs)),
        Err(RecallError::Painted { what }) => Err(format!(
            "{} was made from a studio document, and its {what} was never saved as a file of its own. Open that document in the state it was in then, and try again.",
            path.display()
        )),
        Err(error) => Err(format!("{} cannot be made again: {error}", path.display())),
    }
}

/// The take of a document that has this recipe.
fn take_of(document: &Document, recipe: &Recipe) -> Option<LayerId> {
    let takes = document.canvas().layers().filter(|layer| layer.role == Role::Take);
    let same = |text: &String| {
        let own = ron::from_str::<Recipe>(text);
        own.is_ok_and(|own| own.settings == recipe.settings && own.inputs == recipe.inputs)
    };
    let mut same = takes.filter(|take| take.recipe.as_ref().is_some_and(same));
    same.next().map(|take| take.id)
}

impl Flight {
    /// `seed`: in place of the recipe's own.
    fn new(source: PathBuf, recipe: Recipe, inputs: Inputs, seed: Option<u64>) -> Self {
        let settings = Settings {
            seed: seed.unwrap_or(recipe.settings.seed),
            ..recipe.settings.clone()
        };
        Self {
            source,
            recipe,
            request: ColorizeRequest { inputs, settings },
            varied: seed.is_some(),
        }
    }

    /// Writes the take beside the picture that it was made from.
    fn write(self, take: &Take, device: String) -> Result<Remade, String> {
        let Self {
            source, recipe, request, ..
        } = self;
        let sketch = &request.inputs.sketch;
        let lined = recipe
            .lines
            .then(|| multiply_lines(&take.picture, sketch, take.settings.sketch_preprocess));
        let picture = lined.as_ref().unwrap_or(&take.picture);
        let seed = take.settings.seed;
        let path = free(
            &source,
            &if self.varied {
                format!("seed {seed}")
            } else {
                "again".to_owned()
            },
        );
        let other_model = take.model.hash != recipe.model.hash;
        let before = recipe.clone();
        let made = Recipe::of(take, device, recipe.inputs, recipe.lines);
        write_take(&path, picture, lined.is_some().then_some(&*take.picture), &made).map_err(|error| error.to_string())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut words = match (self.varied, share_that_differs(&source, picture)) {
            (true, _) => format!("{name} is the same with seed {seed}."),
            (false, Some(0.0)) => format!("{name} is the same, pixel for pixel."),
            (false, Some(share)) => format!(
                "{name} differs in {:.1} % of its pixels: {}.",
                share * 100.0,
                why(&before, &made)
            ),
            (false, None) => format!("{name} has another size than the first."),
        };
        if other_model {
            words += " The model has changed since.";
        }
        Ok(Remade { source, path, words })
    }
}

/// Why the picture of one recipe is not that of the other, which was made from it.
fn why(before: &Recipe, made: &Recipe) -> String {
    let mut reasons = Vec::new();
    if before.program != made.program {
        reasons.push(format!("made by {}", before.program));
    }
    if before.device != made.device {
        reasons.push(format!("made on {}", before.device));
    }
    match reasons.is_empty() {
        // The model is told by itself.
        true if before.model.hash != made.model.hash => "the first was made with another model".to_owned(),
        true => "the first was changed after it was made".to_owned(),
        false => format!("the first was {}", reasons.join(" and ")),
    }
}

/// How many of the pixels are not those of the picture in a file, 0..=1; none where the size is another.
fn share_that_differs(path: &Path, picture: &RgbImage) -> Option<f64> {
    let before = on_white(&open_picture(path).ok()?);
    (before.dimensions() == picture.dimensions()).then(|| {
        let differ = before.pixels().zip(picture.pixels()).filter(|(a, b)| a != b).count();
        differ as f64 / f64::from(picture.width() * picture.height())
    })
}

/// `dir/name word.png` for `dir/name.png`, numbered where that is taken.
fn free(source: &Path, word: &str) -> PathBuf {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let rest = format!(" {word}");
    let mut paths = numbered(&stem, &rest, " ").map(|name| source.with_file_name(name + ".png"));
    paths.find(|path| !path.exists()).expect("there is no end of numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_there_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("take 3.png");
        let first = free(&source, "again");
        assert_eq!(first, folder.path().join("take 3 again.png"));
        std::fs::write(&first, "").unwrap();
        assert_eq!(free(&source, "again"), folder.path().join("take 3 again 2.png"));
        // Eighty letters are as many bytes as a name may nearly have.
        let long = free(&folder.path().join("線".repeat(80) + ".png"), "seed 3735928559");
        std::fs::write(&long, "").unwrap();
        assert!(long.to_str().unwrap().ends_with(" seed 3735928559.png"), "{long:?}");
    }

    #[test]
    fn the_reason_for_another_picture_is_the_true_one() {
        let made = crate::gallery::metadata::tests::recipe();
        let told = |change: fn(&mut Recipe)| {
            let mut before = made.clone();
            change(&mut before);
            why(&before, &made)
        };
        assert_eq!(told(|_| ()), "the first was changed after it was made");
        assert_eq!(
            told(|recipe| recipe.device = "a GPU".to_owned()),
            "the first was made on a GPU"
        );
        // As a board writes it where colours are locked.
        let locked = told(|recipe| recipe.program += ", parts brought to the board's colour model");
        assert!(
            locked.ends_with(", parts brought to the board's colour model") && !locked.contains(" on "),
            "{locked}"
        );
    }

    #[test]
    fn pixels_that_differ_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let mut picture = RgbImage::new(4, 4);
        picture.save(&path).unwrap();
        assert_eq!(share_that_differs(&path, &picture), Some(0.0));
        picture.put_pixel(1, 1, image::Rgb([1, 0, 0]));
        assert_eq!(share_that_differs(&path, &picture), Some(1.0 / 16.0));
        assert_eq!(share_that_differs(&path, &RgbImage::new(2, 2)), None);
    }
}
