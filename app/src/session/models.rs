//! The models that a generation may use: the one in the program, and the checkpoints of the folder of models.

use engine::event::Take;
use engine::request::ModelRef;

use super::Session;
use super::model_desk::ModelDesk;
use crate::files::Task;
use crate::models::{Folder, FolderError};

/// A model by the name that a person chooses it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    pub name: String,
    pub model: ModelRef,
}

/// What is known of the folder.
#[derive(Default)]
pub struct Shelf {
    /// None: where the system keeps a program's data.
    folder: Option<Folder>,
    found: Vec<ModelChoice>,
    looking: Option<Task<Result<Vec<ModelChoice>, String>>>,
    /// What stood in the way, the last time.
    trouble: Option<String>,
    pub(super) desk: ModelDesk,
}

impl Shelf {
    pub(super) fn folder(&self) -> Result<Folder, FolderError> {
        self.folder.clone().map_or_else(Folder::standard, Ok)
    }
}

impl Session {
    /// Notes what the model in the program calls itself: it says so first with a take.
    pub(super) fn learn_name(&mut self, take: &Take) {
        if take.settings.model == ModelRef::Embedded {
            self.model = Some(take.model.name.clone());
        }
    }

    /// Looks for models in this folder from now on.
    pub fn keep_models_in(&mut self, folder: Folder) {
        self.shelf.folder = Some(folder);
    }

    /// What can be chosen: the model in the program, what the folder had when it was last looked into, and the one that is chosen now.
    pub fn model_choices(&self) -> Vec<ModelChoice> {
        let embedded = ModelChoice {
            name: name_of(&ModelRef::Embedded),
            model: ModelRef::Embedded,
        };
        let mut choices = vec![embedded];
        choices.extend(self.shelf.found.iter().cloned());
        if choices.iter().all(|choice| choice.model != self.settings.model) {
            choices.push(ModelChoice {
                name: name_of(&self.settings.model),
                model: self.settings.model.clone(),
            });
        }
        choices
    }

    /// Why the folder of models cannot be read, if so.
    pub fn models_trouble(&self) -> Option<&str> {
        self.shelf.trouble.as_deref()
    }

    /// Looks into the folder, on a thread: a disk may sleep, and files are many.
    pub fn look_for_models(&mut self) {
        if self.shelf.looking.is_some() {
            return;
        }
        let folder = self.shelf.folder();
        let look = move || {
            let found = folder.and_then(|folder| checkpoints(&folder));
            found.map_err(|error| error.to_string())
        };
        match Task::start("shiage models", self.waker.clone(), look, Err) {
            Ok(looking) => self.shelf.looking = Some(looking),
            Err(error) => self.shelf.trouble = Some(error.to_string()),
        }
    }

    /// Takes in what the thread found.
    pub(super) fn receive_models(&mut self) {
        self.tend_model_desk();
        let Some(answer) = self.shelf.looking.as_ref().and_then(Task::answer) else {
            return;
        };
        self.shelf.looking = None;
        match answer {
            Ok(found) => {
                self.shelf.found = found;
                self.shelf.trouble = None;
            }
            Err(reason) => self.shelf.trouble = Some(reason),
        }
    }
}

/// What a model is called in the window.
pub fn name_of(model: &ModelRef) -> String {
    match model {
        ModelRef::Embedded => "Built-in model".to_owned(),
        ModelRef::Files { checkpoint, .. } => checkpoint.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// The checkpoints of a folder, each with the image tower and the autoencoder that it needs. Files that cannot be used are left out here; the page of
/// models says what is wrong with them.
fn checkpoints(folder: &Folder) -> Result<Vec<ModelChoice>, FolderError> {
    let entries = folder.entries()?.into_iter().filter(|entry| entry.is_checkpoint());
    let complete = entries.filter_map(|entry| {
        let model = folder.complete(entry.path.clone()).ok()?;
        Some(ModelChoice {
            name: name_of(&model),
            model,
        })
    });
    Ok(complete.collect())
}
