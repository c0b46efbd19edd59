//! What is in the folder of models, and what a generation may use of it: the model in the program, and the checkpoints of the folder.

use std::path::PathBuf;

use engine::event::Take;
use engine::request::ModelRef;

use super::model_desk::ModelDesk;
use super::{Session, sentence};
use crate::files::{Task, no_thread};
use crate::models::{Entry, Folder, FolderError, folder};

/// A model by the name that a person chooses it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    pub name: String,
    pub model: ModelRef,
}

impl ModelChoice {
    fn of(model: ModelRef) -> Self {
        Self {
            name: name_of(&model),
            model,
        }
    }
}

/// A file of the folder, as a person reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub path: PathBuf,
    /// What it is, and its size; or why it cannot be used.
    pub what: Result<String, String>,
    pub licence: Option<String>,
    /// Where it came from, and its hash.
    pub source: Option<String>,
}

impl Stored {
    fn of(entry: Entry) -> Self {
        let what = match &entry.inspection {
            Ok(inspection) => {
                let (family, precision) = (inspection.family, inspection.precision());
                Ok(format!("{family}, {} MB, {precision}", inspection.size.div_ceil(1_000_000)))
            }
            Err(error) => Err(error.to_string()),
        };
        Self {
            name: entry.name(),
            what,
            licence: entry.about.as_ref().and_then(|about| about.licence.clone()),
            source: entry.about.map(|about| format!("{}\nblake3 {}", about.source, about.blake3)),
            path: entry.path,
        }
    }
}

/// What is in the folder, by name.
#[derive(Default)]
struct Content {
    /// Checkpoints, each with the image tower and the autoencoder that it needs. Files that cannot be used are none.
    choices: Vec<ModelChoice>,
    /// Everything.
    stored: Vec<Stored>,
}

/// What is known of the folder.
#[derive(Default)]
pub struct Shelf {
    /// What the model in the program calls itself, once it has said so.
    pub(super) embedded: Option<String>,
    /// None: where the system keeps a program's data.
    folder: Option<Folder>,
    found: Content,
    looking: Option<Task<Result<Content, String>>>,
    /// The folder may have changed since that look began.
    look_again: bool,
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
    /// The model that the next generation uses.
    pub fn model(&self) -> String {
        match (&self.settings.model, &self.shelf.embedded) {
            (ModelRef::Embedded, Some(name)) => name.clone(),
            (model, _) => name_of(model),
        }
    }

    /// Notes what the model in the program calls itself: it says so first with a take.
    pub(super) fn learn_name(&mut self, take: &Take) {
        if take.settings.model == ModelRef::Embedded {
            self.shelf.embedded = Some(take.model.name.clone());
        }
    }

    /// Looks for models in this folder from now on.
    pub fn keep_models_in(&mut self, folder: Folder) {
        self.shelf.folder = Some(folder);
    }

    /// What can be chosen: the model in the program, what the folder had when it was last looked into, and the one that is chosen now.
    pub fn model_choices(&self) -> Vec<ModelChoice> {
        let mut choices = vec![ModelChoice::of(ModelRef::Embedded)];
        choices.extend(self.shelf.found.choices.iter().cloned());
        if choices.iter().all(|choice| choice.model != self.settings.model) {
            choices.push(ModelChoice::of(self.settings.model.clone()));
        }
        choices
    }

    /// Every file that the folder had when it was last looked into, by name.
    pub fn stored_models(&self) -> &[Stored] {
        &self.shelf.found.stored
    }

    /// Why the folder of models cannot be read, if so.
    pub fn models_trouble(&self) -> Option<&str> {
        self.shelf.trouble.as_deref()
    }

    pub fn is_looking_for_models(&self) -> bool {
        self.shelf.looking.is_some()
    }

    /// Looks into the folder, on a thread: a disk may sleep, and files are many.
    pub fn look_for_models(&mut self) {
        if self.shelf.looking.is_some() {
            self.shelf.look_again = true;
            return;
        }
        let folder = self.shelf.folder();
        let look = move || {
            let found = folder.and_then(|folder| content(&folder));
            found.map_err(|error| sentence(&error))
        };
        match Task::start("shiage models", self.waker.clone(), look, Err) {
            Ok(looking) => self.shelf.looking = Some(looking),
            Err(error) => self.shelf.trouble = Some(no_thread(&error)),
        }
    }

    /// Takes in what the threads found and did.
    pub(super) fn receive_models(&mut self) {
        self.tend_model_desk();
        let shelf = &mut self.shelf;
        let Some(found) = shelf.looking.as_ref().and_then(Task::answer) else {
            return;
        };
        shelf.looking = None;
        match found {
            Ok(found) => {
                shelf.found = found;
                shelf.trouble = None;
            }
            Err(words) => shelf.trouble = Some(words),
        }
        if std::mem::take(&mut shelf.look_again) {
            self.look_for_models();
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

fn content(folder: &Folder) -> Result<Content, FolderError> {
    let entries = folder.entries()?;
    Ok(Content {
        choices: folder::models(&entries).map(ModelChoice::of).collect(),
        stored: entries.into_iter().map(Stored::of).collect(),
    })
}
