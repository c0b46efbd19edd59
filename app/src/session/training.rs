//! Training on a person's own pictures: what is chosen, the run under way, and the runs that are kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use engine::device::{Choice, Kind, Opened};
use engine::request::{AdapterFile, ModelRef};
use engine::training::folder::Count;
use engine::training::thread::{Event, Job, TrainingThread};
use engine::training::tune::{Kept, survey};
use engine::training::{Hardware, Outcome, Target, TrainingError, Tuning};
use image::RgbImage;

use super::filing::Answer;
use super::{Notice, Session};
use crate::training::record::{Record, place_of_sheet};

/// What is chosen for the next run.
#[derive(Clone, Debug)]
pub struct TrainingForm {
    pub tuning: Tuning,
    /// Of the run's folder.
    pub name: String,
    /// What the folder of pictures holds, or why it cannot be trained on; none while it is not known.
    found: Option<Result<Count, String>>,
}

/// How the run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// The model is loaded and the pictures are looked at.
    Preparing,
    Running,
    /// It holds after the step that runs.
    Pausing,
    Paused,
    /// It ends after the step that runs, with a checkpoint.
    Stopping,
    Stopped,
    Finished(Outcome),
    Failed(String),
}

/// The run that is looked at.
pub struct TrainingRun {
    pub name: String,
    pub tuning: Tuning,
    pub record: Record,
    pub stand: Stand,
    pub count: Option<Count>,
    out: PathBuf,
    /// None once it has ended.
    thread: Option<TrainingThread>,
    /// The sheet that is looked at: its number among the record's; none: the latest.
    chosen: Option<usize>,
    /// The sheet that was read last.
    sheet: Option<(PathBuf, Arc<RgbImage>)>,
    /// The one that is being read.
    reading: Option<PathBuf>,
}

/// Answers from files.
pub(super) enum Looked {
    Surveyed { data: PathBuf, found: Result<Count, String> },
    Runs(Result<Vec<Kept>, String>),
    Sheets { out: PathBuf, found: Vec<(usize, PathBuf)> },
    Sheet { path: PathBuf, picture: Option<RgbImage> },
}

/// Everything about training.
pub(super) struct TrainingDesk {
    /// Where runs are kept; none: where the system keeps a program's data.
    folder: Option<PathBuf>,
    hardware: Hardware,
    kind: Kind,
    form: TrainingForm,
    run: Option<TrainingRun>,
    kept: Vec<Kept>,
    trouble: Option<String>,
}

impl Default for TrainingDesk {
    /// On the CPU.
    fn default() -> Self {
        let opened = engine::device::open(Choice::Cpu).expect("every machine has a CPU");
        Self {
            folder: dirs::data_dir().map(|folder| folder.join("shiage").join("training")),
            hardware: Hardware::alone(opened.device),
            kind: opened.info.kind,
            form: TrainingForm {
                tuning: Tuning::new(PathBuf::new(), Target::default()),
                name: String::new(),
                found: None,
            },
            run: None,
            kept: Vec::new(),
            trouble: None,
        }
    }
}

impl TrainingForm {
    /// Another target has another usual learning rate: one that was not changed goes along.
    pub fn set_target(&mut self, target: Target) {
        let tuning = &mut self.tuning;
        if tuning.learning_rate == tuning.target.usual_learning_rate() {
            tuning.learning_rate = target.usual_learning_rate();
        }
        tuning.target = target;
    }
}

impl TrainingRun {
    /// It computes, or holds with everything in memory.
    pub fn is_open(&self) -> bool {
        self.thread.is_some()
    }

    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The sheet that is looked at, its number among the record's, and its picture once that is read.
    pub fn sheet(&self) -> Option<(usize, Option<&Arc<RgbImage>>)> {
        let last = self.record.sheets().len().checked_sub(1)?;
        let number = self.chosen.unwrap_or(last).min(last);
        let path = &self.record.sheets()[number].1;
        let read = self.sheet.as_ref().filter(|(known, _)| known == path);
        Some((number, read.map(|(_, picture)| picture)))
    }

    /// Looks at another sheet; the last one is followed as new ones come.
    pub fn choose_sheet(&mut self, number: usize) {
        let last = self.record.sheets().len().saturating_sub(1);
        self.chosen = (number < last).then_some(number);
    }
}

impl Session {
    /// Trains on this device from now on.
    pub fn train_on(&mut self, opened: &Opened) {
        self.training.hardware = Hardware::alone(opened.device.clone());
        self.training.kind = opened.info.kind;
    }

    /// Keeps runs in this folder from now on.
    pub fn keep_training_in(&mut self, folder: PathBuf) {
        self.training.folder = Some(folder);
    }

    /// Where runs are kept; none where the system has no place for a program's data.
    pub fn training_folder(&self) -> Option<&Path> {
        self.training.folder.as_deref()
    }

    pub fn training_form(&mut self) -> &mut TrainingForm {
        &mut self.training.form
    }

    /// What the chosen folder holds, or why it cannot be trained on; none while it is not known.
    pub fn training_found(&self) -> Option<&Result<Count, String>> {
        self.training.form.found.as_ref()
    }

    /// The run that is looked at, under way or not.
    pub fn training(&self) -> Option<&TrainingRun> {
        self.training.run.as_ref()
    }

    pub fn training_mut(&mut self) -> Option<&mut TrainingRun> {
        self.training.run.as_mut()
    }

    /// A run computes or holds.
    pub fn is_training(&self) -> bool {
        self.training.run.as_ref().is_some_and(TrainingRun::is_open)
    }

    /// The runs that are kept, as they were when this was last looked at.
    pub fn kept_runs(&self) -> &[Kept] {
        &self.training.kept
    }

    /// Why the kept runs cannot be listed, or none can be begun, if so.
    pub fn training_trouble(&self) -> Option<&str> {
        self.training.trouble.as_deref()
    }

    /// Looks for kept runs, away from the window.
    pub fn look_for_runs(&mut self) {
        let Some(folder) = self.training.folder.clone() else {
            self.training.trouble = Some("This system has no place for a program's data: set XDG_DATA_HOME or HOME.".to_owned());
            return;
        };
        self.files.run(move || {
            let found = Kept::find(&folder).map_err(|error| error.to_string());
            Some(Answer::Training(Looked::Runs(found)))
        });
    }

    /// Takes the pictures of this folder for the next run.
    pub fn choose_training_pictures(&mut self, data: PathBuf) {
        let form = &mut self.training.form;
        let folder_name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if form.name.is_empty() || form.name == folder_name(&form.tuning.data) {
            form.name = folder_name(&data);
        }
        form.tuning.data = data;
        form.found = None;
        let tuning = form.tuning.clone();
        self.files.run(move || {
            let found = survey(&tuning).map_err(|error| error.to_string());
            let data = tuning.data;
            Some(Answer::Training(Looked::Surveyed { data, found }))
        });
    }

    /// Begins a new run with what is chosen, in a folder of its own.
    pub fn start_training(&mut self) {
        let Some(root) = self.training.folder.clone() else { return };
        let form = &self.training.form;
        let name = free_name(&form.name, &self.training.kept);
        let tuning = Tuning {
            shards: Hardware::usual_shards(self.training.kind),
            ..form.tuning.clone()
        };
        self.begin_training(root.join(name), tuning);
    }

    /// Goes on with a kept run from its last checkpoint.
    pub fn resume_training(&mut self, kept: &Kept) {
        self.begin_training(kept.out.clone(), kept.tuning.clone());
    }

    /// Goes on with the run that is looked at: where it holds, or from its last checkpoint.
    pub fn go_on_training(&mut self) {
        let Some(run) = &mut self.training.run else { return };
        match &run.thread {
            Some(thread) => {
                thread.go_on();
                run.record.rest();
                run.stand = Stand::Running;
            }
            None => {
                let (out, tuning) = (run.out.clone(), run.tuning.clone());
                self.begin_training(out, tuning);
            }
        }
    }

    /// Holds after the step that runs.
    pub fn pause_training(&mut self) {
        self.order(Stand::Pausing, TrainingThread::hold);
    }

    /// Ends after the step that runs; the checkpoint stays.
    pub fn stop_training(&mut self) {
        self.order(Stand::Stopping, TrainingThread::end);
    }

    /// Looks at no run any more: at what is chosen for the next one. A run under way stays in sight.
    pub fn leave_training_run(&mut self) {
        self.training.run.take_if(|run| !run.is_open());
        self.look_for_runs();
    }

    /// Takes what a run has made for the next generations: adapters beside those that are chosen, or the model.
    pub fn use_training(&mut self, outcome: &Outcome, base: &ModelRef) {
        match outcome {
            Outcome::Finished { weights, .. } => {
                self.settings.model = ModelRef::Files {
                    checkpoint: weights.clone(),
                    clip: None,
                    vae: None,
                };
                // They are for another model.
                self.settings.adapters.clear();
            }
            Outcome::Adapters { file } => {
                if self.settings.model != *base {
                    self.settings.model = base.clone();
                    self.settings.adapters.clear();
                }
                self.add_adapter(file.clone());
            }
            Outcome::Stopped => {}
        }
    }

    /// Puts an adapter file into the next generations, at full strength; one that is there already is read anew.
    pub fn add_adapter(&mut self, file: PathBuf) {
        self.settings.adapters.retain(|adapter| adapter.file != file);
        self.settings.adapters.push(AdapterFile {
            file,
            strength: 1.0,
            hash: None,
        });
    }

    fn order(&mut self, stand: Stand, tell: impl FnOnce(&TrainingThread)) {
        if let Some(run) = &mut self.training.run
            && let Some(thread) = &run.thread
        {
            tell(thread);
            run.stand = stand;
        }
    }

    fn begin_training(&mut self, out: PathBuf, tuning: Tuning) {
        if self.is_training() {
            return;
        }
        let waker = self.waker.clone();
        let job = Job::Pictures(tuning.clone());
        let thread = TrainingThread::spawn(job, self.training.hardware.clone(), out.clone(), move || waker());
        let (thread, stand) = match thread {
            Ok(thread) => (Some(thread), Stand::Preparing),
            Err(error) => (
                None,
                Stand::Failed(format!("The system gives no thread to train on: {error}.")),
            ),
        };
        self.training.run = Some(TrainingRun {
            name: out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            record: Record::new(&tuning),
            tuning,
            stand,
            count: None,
            out,
            thread,
            chosen: None,
            sheet: None,
            reading: None,
        });
    }

    /// Takes in what the run has told, and has the sheet read that is looked at.
    pub(super) fn tend_training(&mut self) {
        let Some(run) = &mut self.training.run else { return };
        let events: Vec<Event> = run.thread.iter().flat_map(|thread| thread.events()).collect();
        let mut ended = false;
        for event in events {
            match event {
                Event::Began { count, state } => {
                    run.count = Some(count);
                    run.record.begin(&state);
                    let (out, tuning) = (run.out.clone(), run.tuning.clone());
                    self.files.run(move || {
                        let found = sheets(&out, &tuning);
                        Some(Answer::Training(Looked::Sheets { out, found }))
                    });
                }
                Event::Step(progress) => {
                    run.record.step(&progress, Instant::now());
                    if run.stand == Stand::Preparing {
                        run.stand = Stand::Running;
                    }
                }
                // It may have been let go on, or ended, since it was told to.
                Event::Held if run.stand == Stand::Pausing => run.stand = Stand::Paused,
                Event::Held => {}
                Event::Ended(outcome) => {
                    run.thread = None;
                    run.stand = match outcome {
                        Ok(Outcome::Stopped) => Stand::Stopped,
                        Ok(outcome) => Stand::Finished(outcome),
                        Err(error) => Stand::Failed(advised(&error)),
                    };
                    ended = true;
                }
            }
        }
        if let Some((number, None)) = run.sheet() {
            let path = run.record.sheets()[number].1.clone();
            if run.reading.as_ref() != Some(&path) {
                run.reading = Some(path.clone());
                self.files.run(move || {
                    let picture = image::open(&path).ok().map(|picture| picture.into_rgb8());
                    Some(Answer::Training(Looked::Sheet { path, picture }))
                });
            }
        }
        if ended {
            self.announce();
            self.look_for_runs();
        }
    }

    /// Tells, wherever the person is, that the run has ended by itself.
    fn announce(&mut self) {
        let Some(TrainingRun { name, stand, .. }) = &self.training.run else {
            return;
        };
        self.notice = match stand {
            Stand::Finished(_) => Some(Notice::info(format!(
                "\u{201c}{name}\u{201d} is trained: Generate, Train on your own pictures, Use it."
            ))),
            Stand::Failed(reason) => Some(Notice::error(format!("Training \u{201c}{name}\u{201d} has ended: {reason}."))),
            _ => return,
        };
    }

    pub(super) fn receive_for_training(&mut self, looked: Looked) {
        let desk = &mut self.training;
        match looked {
            Looked::Surveyed { data, found } if data == desk.form.tuning.data => desk.form.found = Some(found),
            Looked::Surveyed { .. } => {}
            Looked::Runs(Ok(kept)) => {
                desk.kept = kept;
                desk.trouble = None;
            }
            Looked::Runs(Err(error)) => desk.trouble = Some(error),
            Looked::Sheets { out, found } => {
                if let Some(run) = desk.run.as_mut().filter(|run| run.out == out) {
                    run.record.add_sheets(found);
                }
            }
            Looked::Sheet { path, picture } => {
                if let (Some(run), Some(picture)) = (&mut desk.run, picture) {
                    run.sheet = Some((path, Arc::new(picture)));
                }
            }
        }
    }
}

/// An error, and what to do where it does not say so.
fn advised(error: &TrainingError) -> String {
    let mut words = error.to_string();
    let full = match error {
        TrainingError::File { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
        TrainingError::Picture { .. } => true,
        _ => false,
    };
    if full {
        words += ". Make room on that disk and resume: the run goes on from its last checkpoint";
    }
    words
}

/// A name that no kept run has: the one that was given, or with a number.
fn free_name(wanted: &str, kept: &[Kept]) -> String {
    let wanted = match wanted.trim().replace(['/', '\\', ':'], " ") {
        empty if empty.trim_matches([' ', '.']).is_empty() => "training".to_owned(),
        name => name,
    };
    let taken = |name: &str| kept.iter().any(|run| run.out.file_name().is_some_and(|known| known == name));
    let numbered = (2..).map(|number| format!("{wanted} {number}"));
    let mut names = std::iter::once(wanted.clone()).chain(numbered);
    names.find(|name| !taken(name)).expect("there is no end of numbers")
}

/// The sheets in a run's folder, in order.
fn sheets(out: &Path, tuning: &Tuning) -> Vec<(usize, PathBuf)> {
    let files = fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = files
        .filter_map(|path| Some((place_of_sheet(&path, tuning)?, path)))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_one_that_leads_elsewhere_does_not() {
        let kept = |name: &str| Kept {
            out: Path::new("root").join(name),
            tuning: Tuning::new(PathBuf::new(), Target::Foreground),
            state: None,
            outcome: None,
        };
        let runs = [kept("mine"), kept("mine 2")];
        assert_eq!(free_name("mine", &runs), "mine 3");
        assert_eq!(free_name("yours", &runs), "yours");
        assert_eq!(free_name("../a", &runs), ".. a");
        assert_eq!(free_name(" .. ", &runs), "training");
    }
}
