//! The folder of models.

mod changes;
mod error;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use engine::request::ModelRef;
use engine::weights::{Family, Inspection, WeightsError, inspect};

pub use changes::Verdict;
pub use error::FolderError;
use error::io_error;

use super::about::About;

/// How the names of model files end.
pub const EXTENSIONS: [&str; 5] = ["safetensors", "ckpt", "pth", "pt", "bin"];
/// How the name of the configuration ends that this program writes beside a model.
const CONFIGURATION: &str = "ron";
/// What is added to the name of a model file while it comes.
pub const PARTIAL: &str = "partial";
/// Where the folder is, instead of where the system keeps a program's data.
const VARIABLE: &str = "SHIAGE_MODELS";

/// A folder of model files, with what is known of each beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// A file of the folder.
#[derive(Debug)]
pub struct Entry {
    pub path: PathBuf,
    pub inspection: Result<Inspection, WeightsError>,
    /// None for a file that was put there by hand.
    pub about: Option<About>,
}

impl Entry {
    fn read(path: PathBuf) -> Self {
        Self {
            inspection: inspect(&path),
            about: About::read(&path),
            path,
        }
    }

    /// What a person types: the file's name without its ending.
    pub fn name(&self) -> String {
        stem(&self.path)
    }

    fn family(&self) -> Option<Family> {
        self.inspection.as_ref().ok().map(|inspection| inspection.family)
    }
}

impl Folder {
    /// The folder that this program uses. It need not exist yet.
    ///
    /// # Errors
    /// Where the system has no place for a program's data and none is given.
    pub fn standard() -> Result<Self, FolderError> {
        let given = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = given.or_else(|| Some(dirs::data_local_dir()?.join("shiage").join("models")));
        path.map(Self::at).ok_or(FolderError::NoFolder)
    }

    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The model files, by name; none where there is no folder yet.
    pub fn files(&self) -> Result<Vec<PathBuf>, FolderError> {
        let listed = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed.and_then(|listed| listed.collect::<io::Result<Vec<_>>>()),
        };
        let listed = listed.map_err(|source| io_error("read the folder", &self.path, source))?;
        let mut files: Vec<PathBuf> = listed
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| has_ending(path) && path.is_file())
            .collect();
        files.sort();
        Ok(files)
    }

    /// The model files, and what each is.
    pub fn entries(&self) -> Result<Vec<Entry>, FolderError> {
        Ok(self.files()?.into_iter().map(Entry::read).collect())
    }

    /// The file of that name, with or without its ending.
    pub fn find(&self, name: &str) -> Result<PathBuf, FolderError> {
        let files = self.files()?;
        if let Some(exact) = files
            .iter()
            .find(|path| path.file_name().is_some_and(|file| file.to_string_lossy() == name))
        {
            return Ok(exact.clone());
        }
        let mut found = files.iter().filter(|path| stem(path) == name);
        match (found.next(), found.next()) {
            (Some(path), None) => Ok(path.clone()),
            (Some(first), Some(second)) => Err(FolderError::Ambiguous {
                name: name.to_owned(),
                names: [first, second].map(|path| file_name(path)).join(" or "),
            }),
            (None, _) => {
                let names: Vec<String> = files.iter().map(|path| stem(path)).collect();
                Err(FolderError::Unknown {
                    name: name.to_owned(),
                    folder: self.path.clone(),
                    there: match names.as_slice() {
                        [] => "it is empty: add a model to it, or fetch one".to_owned(),
                        names => format!("there are {}", names.join(", ")),
                    },
                })
            }
        }
    }

    /// A checkpoint, as a job names it: with an image tower and an autoencoder of this folder, where it has none of its own.
    pub fn complete(&self, checkpoint: PathBuf) -> Result<ModelRef, FolderError> {
        let family = inspect(&checkpoint)?.family;
        let others = match family {
            Family::Checkpoint {
                tower: true, vae: true, ..
            } => Vec::new(),
            _ => self.entries()?,
        };
        match assembled(&checkpoint, family, &others) {
            Some(model) => Ok(model),
            None => Err(FolderError::NotACheckpoint {
                path: checkpoint,
                family,
            }),
        }
    }

    /// The model with an image tower and an autoencoder of this folder where it lacks one; as it is, where its checkpoint cannot be read.
    pub fn completed(&self, model: ModelRef) -> ModelRef {
        match model {
            ModelRef::Embedded => ModelRef::Embedded,
            ModelRef::Files { checkpoint, clip, vae } => match self.complete(checkpoint.clone()) {
                Ok(complete) => complete.with_parts(clip, vae),
                Err(_) => ModelRef::Files { checkpoint, clip, vae },
            },
        }
    }

    /// The model of that name.
    pub fn model(&self, name: &str) -> Result<ModelRef, FolderError> {
        self.complete(self.find(name)?)
    }

    /// Where a file of that name would be.
    ///
    /// # Errors
    /// When the name is none for a model, or taken; or a configuration lies there, which would be taken for this one's.
    pub fn place(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.path.join(name);
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        if !plain || !has_ending(&path) {
            return Err(FolderError::Ending { name: name.to_owned() });
        }
        let taken = [path.clone(), path.with_extension(CONFIGURATION)]
            .into_iter()
            .find(|taken| taken.exists());
        match taken {
            Some(path) => Err(FolderError::Exists { path }),
            None => Ok(path),
        }
    }

    /// Another file of the same name but for its ending: the two would share a configuration.
    fn namesake(&self, path: &Path) -> Result<Option<PathBuf>, FolderError> {
        let files = self.files()?;
        Ok(files.into_iter().find(|other| other != path && stem(other) == stem(path)))
    }
}

/// The models that a folder's entries make, by name.
pub fn models(entries: &[Entry]) -> impl Iterator<Item = ModelRef> {
    entries
        .iter()
        .filter_map(|entry| assembled(&entry.path, entry.family()?, entries))
}

/// A checkpoint with the first image tower and autoencoder of `others`, where it has none of its own; none for a file that is no checkpoint.
fn assembled(checkpoint: &Path, family: Family, others: &[Entry]) -> Option<ModelRef> {
    let Family::Checkpoint { tower, vae, .. } = family else {
        return None;
    };
    let first = |needed: bool, wanted: Family| {
        let found = others.iter().find(|entry| needed && entry.family() == Some(wanted));
        found.map(|entry| entry.path.clone())
    };
    Some(ModelRef::Files {
        checkpoint: checkpoint.to_owned(),
        clip: first(!tower, Family::ImageTower),
        vae: first(!vae, Family::Autoencoder),
    })
}

/// `path` with one more ending.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".");
    beside.push(ending);
    beside.into()
}

fn has_ending(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    EXTENSIONS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of a file as it is told.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
