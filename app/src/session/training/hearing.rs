//! What a run tells, and what is read of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use engine::training::thread::Event;
use engine::training::{Outcome, TrainingError, Tuning};
use image::RgbImage;

use super::{Stand, TrainingRun};
use crate::files::Task;
use crate::session::answer::Answer;
use crate::session::{Notice, Session, sentence};
use crate::training::record::place_of_sheet;

impl Session {
    /// Takes in what was found in the chosen folder and what the run has told, and has the sheet read that is looked at.
    pub(in crate::session) fn tend_training(&mut self) {
        if let Some(found) = self.training.survey.as_ref().and_then(Task::answer) {
            self.training.survey = None;
            self.training.form.found = Some(found);
        }
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
                        Some(Answer::new(move |session| session.receive_sheets(&out, found)))
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
                    let picture = image::open(&path).ok()?.into_rgb8();
                    Some(Answer::new(move |session| session.receive_sheet(path, picture)))
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
            Stand::Failed(reason) => {
                let words = format!("Training \u{201c}{name}\u{201d} has ended: {reason}");
                Some(Notice::error(sentence(&words)))
            }
            _ => return,
        };
    }

    /// The sheets that lay already in the folder of the run at `out`.
    fn receive_sheets(&mut self, out: &Path, found: Vec<(usize, PathBuf)>) {
        if let Some(run) = self.training.run.as_mut().filter(|run| run.out == out) {
            run.record.add_sheets(found);
        }
    }

    fn receive_sheet(&mut self, path: PathBuf, picture: RgbImage) {
        if let Some(run) = &mut self.training.run {
            run.sheet = Some((path, Arc::new(picture)));
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

/// The sheets in a run's folder, in order.
fn sheets(out: &Path, tuning: &Tuning) -> Vec<(usize, PathBuf)> {
    let files = fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = files
        .filter_map(|path| Some((place_of_sheet(&path, tuning)?, path)))
        .collect();
    found.sort();
    found
}
