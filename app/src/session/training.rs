//! Training on a person's own pictures: what is chosen, and the run under way.

mod hearing;
mod runs;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::device::{Kind, Opened};
use engine::training::folder::Count;
use engine::training::thread::{Job, TrainingThread};
use engine::training::tune::{Kept, survey};
use engine::training::{Hardware, Outcome, Target, Tuning};
use image::RgbImage;

use super::{Session, sentence};
use crate::files::{Task, no_thread};
use crate::training::record::Record;

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

/// Everything about training.
pub(super) struct TrainingDesk {
    /// Where runs are kept; none: where the system keeps a program's data.
    folder: Option<PathBuf>,
    hardware: Hardware,
    kind: Kind,
    form: TrainingForm,
    /// Looks at the folder that is chosen, which may be a whole disk: another choice does not wait for it.
    survey: Option<Task<Result<Count, String>>>,
    run: Option<TrainingRun>,
    kept: Vec<Kept>,
    trouble: Option<String>,
}

impl Default for TrainingDesk {
    /// On the CPU.
    fn default() -> Self {
        let cpu = engine::device::cpu();
        Self {
            folder: dirs::data_local_dir().map(|folder| folder.join("shiage").join("training")),
            hardware: Hardware::alone(cpu.device),
            kind: cpu.info.kind,
            form: TrainingForm {
                tuning: Tuning::new(PathBuf::new(), Target::default()),
                name: String::new(),
                found: None,
            },
            survey: None,
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
        self.know_device(opened);
        self.training.hardware = Hardware::alone(opened.device.clone());
        self.training.kind = opened.info.kind;
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

    /// Why the kept runs cannot be listed, or none can be begun, if so.
    pub fn training_trouble(&self) -> Option<&str> {
        self.training.trouble.as_deref()
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
        let look = move || survey(&tuning).map_err(|error| format!("{} Choose another folder.", sentence(&error)));
        // What is found in the folder that was chosen before goes with its task.
        match Task::start("shiage pictures", self.waker.clone(), look, Err) {
            Ok(survey) => self.training.survey = Some(survey),
            Err(error) => (self.training.survey, form.found) = (None, Some(Err(no_thread(&error)))),
        }
    }

    /// Begins a new run with what is chosen, in a folder of its own.
    pub fn start_training(&mut self) {
        let Some(root) = self.training.folder.clone() else { return };
        let form = &self.training.form;
        let name = runs::free_name(&form.name, &self.training.kept);
        let tuning = Tuning {
            shards: Hardware::usual_shards(self.training.kind),
            ..form.tuning.clone()
        };
        self.begin_training(root.join(name), tuning);
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
            Err(error) => (None, Stand::Failed(no_thread(&error))),
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
}
