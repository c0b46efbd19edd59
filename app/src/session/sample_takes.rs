//! The sample shot in the colours of all its references, made into a folder of the person's own: something to look through before there are takes.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use engine::event::{Event, JobId, Take};
use engine::request::{ColorizeRequest, Settings};

use super::Session;
use crate::board::index::file_name;
use crate::board::{Board, ReferenceCard, SketchCard};
use crate::command::Command;
use crate::files::make_folder;
use crate::gallery::metadata::{read_recipe, write_take};
use crate::generate::compose::multiply_lines;
use crate::generate::jobs::about;
use crate::generate::recipe::{Recipe, RecipeInputs};
use crate::samples::{SHOT_FRAMES, SHOT_REFERENCES};

/// Jobs at the engine: one that runs and one behind it, so that what a person asks for meanwhile has its turn soon.
const AHEAD: usize = 2;

/// The takes of the sample shot.
#[derive(Default)]
pub(super) struct SampleTakes {
    /// Where they are; none: nowhere.
    folder: Option<PathBuf>,
    preparing: bool,
    waiting: VecDeque<Wanted>,
    flights: HashMap<JobId, Wanted>,
    /// Being written.
    writing: usize,
    /// Takes that are there, and all.
    made: [usize; 2],
    /// One was written since this was last asked.
    news: bool,
}

/// A take that is to be made.
pub(super) struct Wanted {
    file: PathBuf,
    request: ColorizeRequest,
    inputs: RecipeInputs,
}

/// What there is of the sample shot in the folder: what is missing, and how many takes there are with it.
struct SampleShot {
    folder: PathBuf,
    missing: Vec<Wanted>,
    all: usize,
}

impl Session {
    /// From now on the sample shot's takes are made in `folder`.
    pub fn keep_sample_takes_in(&mut self, folder: PathBuf) {
        self.sample_takes.folder = Some(folder);
    }

    /// Whether there is a place for them.
    pub(super) fn has_room_for_samples(&self) -> bool {
        self.sample_takes.folder.is_some()
    }

    /// Opens the sample shot's takes in the gallery, and makes those that are missing.
    pub(super) fn review_sample_shot(&mut self) {
        let takes = &mut self.sample_takes;
        let Some(folder) = takes.folder.clone() else { return };
        if takes.preparing || takes.progress().is_some() {
            return self.open_for(Command::OpenFolder, folder);
        }
        takes.preparing = true;
        self.files.run_then(move || look(folder), Self::begin_sample_takes);
    }

    fn begin_sample_takes(&mut self, found: Result<SampleShot, String>) {
        self.sample_takes.preparing = false;
        match found {
            Ok(SampleShot { folder, missing, all }) => {
                self.sample_takes.made = [all - missing.len(), all];
                self.sample_takes.waiting = missing.into();
                self.open_for(Command::OpenFolder, folder);
            }
            Err(reason) => self.warn_of(&reason),
        }
    }

    /// Gives the engine the next takes.
    pub(super) fn tend_sample_takes(&mut self) {
        while self.sample_takes.flights.len() < AHEAD
            && let Some(wanted) = self.sample_takes.waiting.pop_front()
        {
            let job = self.engine.submit(wanted.request.clone());
            self.sample_takes.flights.insert(job, wanted);
        }
    }

    /// Takes an event in; gives it back where it is about another job.
    pub(super) fn hear_sample_takes(&mut self, event: Event) -> Option<Event> {
        let job = about(&event);
        if !self.sample_takes.flights.contains_key(&job) {
            return Some(event);
        }
        match event {
            Event::Started { .. } | Event::Progress { .. } => return None,
            Event::Finished { take, .. } => {
                let wanted = self.sample_takes.flights.remove(&job)?;
                self.learn_name(&take);
                self.sample_takes.writing += 1;
                let device = self.devices.name.clone();
                self.files
                    .run_then(move || wanted.write(take, device), Self::keep_sample_take);
            }
            Event::Cancelled { .. } => drop(self.sample_takes.flights.remove(&job)),
            Event::Failed { error, .. } => {
                self.sample_takes.flights.remove(&job);
                self.cancel_sample_takes();
                self.warn_of(&format_args!("The sample shot cannot be coloured: {error}"));
            }
        }
        None
    }

    fn keep_sample_take(&mut self, written: Result<(), String>) {
        let takes = &mut self.sample_takes;
        takes.writing -= 1;
        match written {
            Ok(()) => {
                takes.made[0] += 1;
                takes.news = true;
            }
            // The next one would fail likewise.
            Err(reason) => {
                self.cancel_sample_takes();
                self.warn_of(&reason);
            }
        }
    }

    /// How many of the sample shot's takes are there, and how many there will be; none while none is being made.
    pub fn sample_takes(&self) -> Option<[usize; 2]> {
        self.sample_takes.progress()
    }

    /// Makes no more of them.
    pub fn cancel_sample_takes(&mut self) {
        self.sample_takes.waiting.clear();
        for job in self.sample_takes.flights.keys() {
            self.engine.cancel(*job);
        }
    }

    /// Whether one was written since the last call.
    pub fn take_sample_news(&mut self) -> bool {
        std::mem::take(&mut self.sample_takes.news)
    }
}

impl SampleTakes {
    /// The engine is gone: what it was given is given to the next.
    pub fn forget_jobs(&mut self) {
        self.waiting.extend(self.flights.drain().map(|(_, wanted)| wanted));
    }

    fn progress(&self) -> Option<[usize; 2]> {
        let works = !self.waiting.is_empty() || !self.flights.is_empty() || self.writing > 0;
        works.then_some(self.made)
    }
}

/// Looks into a folder, which is made.
fn look(folder: PathBuf) -> Result<SampleShot, String> {
    make_folder(&folder)?;
    let mut board = Board::default();
    for frame in SHOT_FRAMES {
        board.add_sketch(SketchCard::sample(frame), true);
    }
    for reference in SHOT_REFERENCES {
        board.add_reference(ReferenceCard::sample(reference), true);
    }
    let layout = board.layout();
    let wanted = layout.places().filter_map(|(row, column)| {
        let name = file_name(&layout.row(row)?.sketch.name, &layout.column(column)?.reference.name);
        let (request, inputs) = layout.request((row, column))?;
        let file = folder.join(name);
        Some(Wanted { file, request, inputs })
    });
    let wanted: Vec<Wanted> = wanted.collect();
    Ok(SampleShot {
        all: wanted.len(),
        missing: wanted.into_iter().filter(|wanted| !wanted.is_there()).collect(),
        folder,
    })
}

impl Wanted {
    /// Whether this very take lies in its file, whole. Which version of the program made it is no matter: a person may have rated it since.
    fn is_there(&self) -> bool {
        let is_same = |recipe: &Recipe| {
            // The recipe says which size it came to.
            let settings = Settings {
                size: recipe.settings.size,
                ..self.request.settings.clone()
            };
            recipe.inputs == self.inputs && recipe.settings == settings
        };
        read_recipe(&self.file).is_ok_and(|recipe| is_same(&recipe)) && is_whole(&self.file)
    }

    fn write(self, take: Take, device: String) -> Result<(), String> {
        let lined = multiply_lines(&take.picture, &self.request.inputs.sketch, take.settings.sketch_preprocess);
        let recipe = Recipe::of(&take, device, self.inputs, true);
        write_take(&self.file, &lined, Some(&take.picture), &recipe).map_err(|error| error.to_string())
    }
}

fn is_whole(path: &Path) -> bool {
    engine::image::open(path).is_ok()
}

#[cfg(test)]
mod tests {
    use engine::event::ModelIdentity;
    use image::RgbImage;

    use super::*;
    use crate::generate::recipe::VERSION;

    #[test]
    fn a_take_of_an_older_program_is_not_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let found = look(folder.path().to_owned()).unwrap();
        let [first, second] = &found.missing[..2] else { panic!() };
        let write = |wanted: &Wanted, seed| {
            let recipe = Recipe {
                version: VERSION,
                program: "shiage 0.0.1".to_owned(),
                model: ModelIdentity {
                    name: String::new(),
                    hash: String::new(),
                },
                device: String::new(),
                settings: Settings {
                    size: Some([384, 384]),
                    seed,
                    ..wanted.request.settings.clone()
                },
                inputs: wanted.inputs.clone(),
                lines: true,
            };
            write_take(&wanted.file, &RgbImage::new(4, 4), None, &recipe).unwrap();
        };
        write(first, first.request.settings.seed);
        write(second, first.request.settings.seed + 1);
        let left = look(folder.path().to_owned()).unwrap().missing;
        assert_eq!(left.len() + 1, found.missing.len());
        assert_eq!(left[0].file, second.file, "another seed is another take");
    }
}
