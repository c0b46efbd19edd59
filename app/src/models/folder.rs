//! The folder of models.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use engine::request::ModelRef;
use engine::weights::{Family, Inspection, WeightsError, inspect};

use super::about::{About, fingerprint, read_through};

/// How the names of model files end.
const EXTENSIONS: [&str; 5] = ["safetensors", "ckpt", "pth", "pt", "bin"];
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

/// What became of a file since it came into the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same to the last bit.
    Whole,
    /// Never recorded, and recorded now.
    Recorded,
    /// Another hash than the one that was recorded.
    Changed { recorded: String, found: String },
}

/// What can go wrong with the folder. The text says what, with which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("this system names no folder for a program's data: set {VARIABLE} to the folder that models are to be in")]
    NoFolder,
    #[error("cannot {what} {path}: {source}", path = path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("there is no model \"{name}\" in {folder}; {there}", folder = folder.display())]
    Unknown {
        name: String,
        folder: PathBuf,
        /// What is there instead.
        there: String,
    },
    #[error("\"{name}\" may be {names}: write the whole name")]
    Ambiguous { name: String, names: String },
    #[error("{path} is there already: remove it first, or give the new one another --name", path = path.display())]
    Exists { path: PathBuf },
    #[error("the name {name} does not end in {list}", list = EXTENSIONS.map(|ending| format!(".{ending}")).join(", "))]
    Ending { name: String },
    #[error("{path} is an {family}, not a checkpoint: name the checkpoint, and it is used with it", path = path.display())]
    NotACheckpoint { path: PathBuf, family: Family },
    #[error(transparent)]
    Weights(#[from] WeightsError),
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

    fn is(&self, family: impl Fn(Family) -> bool) -> bool {
        self.inspection.as_ref().is_ok_and(|inspection| family(inspection.family))
    }

    /// Whether pictures can be made with it.
    pub fn is_checkpoint(&self) -> bool {
        self.is(|family| matches!(family, Family::Checkpoint { .. }))
    }
}

impl Folder {
    /// The folder that this program uses. It need not exist yet.
    ///
    /// # Errors
    /// Where the system has no place for a program's data and none is given.
    pub fn standard() -> Result<Self, FolderError> {
        let given = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = given.or_else(|| Some(dirs::data_dir()?.join("shiage").join("models")));
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
                        [] => "it is empty: add or fetch one (shiage models --help)".to_owned(),
                        names => format!("there are {}", names.join(", ")),
                    },
                })
            }
        }
    }

    /// A checkpoint, as a job names it: with an image tower and an autoencoder of this folder, where it has none of its own.
    pub fn complete(&self, checkpoint: PathBuf) -> Result<ModelRef, FolderError> {
        let (needs_tower, needs_vae) = match inspect(&checkpoint)?.family {
            Family::Checkpoint { tower, vae, .. } => (!tower, !vae),
            family => {
                return Err(FolderError::NotACheckpoint {
                    path: checkpoint,
                    family,
                });
            }
        };
        let others = if needs_tower || needs_vae {
            self.entries()?
        } else {
            Vec::new()
        };
        let first = |needed: bool, wanted: Family| {
            let found = others.iter().find(|entry| needed && entry.is(|family| family == wanted));
            found.map(|entry| entry.path.clone())
        };
        Ok(ModelRef::Files {
            clip: first(needs_tower, Family::ImageTower),
            vae: first(needs_vae, Family::Autoencoder),
            checkpoint,
        })
    }

    /// The model of that name.
    pub fn model(&self, name: &str) -> Result<ModelRef, FolderError> {
        self.complete(self.find(name)?)
    }

    /// Where a file of that name would be.
    ///
    /// # Errors
    /// When the name is none for a model, or taken.
    pub fn place(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.path.join(name);
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        if !plain || !has_ending(&path) {
            return Err(FolderError::Ending { name: name.to_owned() });
        }
        match path.exists() {
            true => Err(FolderError::Exists { path }),
            false => Ok(path),
        }
    }

    /// Makes the folder, if it is not there.
    pub fn make(&self) -> Result<(), FolderError> {
        fs::create_dir_all(&self.path).map_err(|source| io_error("make the folder", &self.path, source))
    }

    /// Takes a complete file in that lies beside its place: it must be a model.
    pub fn admit(&self, partial: &Path, place: &Path, about: &About) -> Result<Entry, FolderError> {
        inspect(partial)?;
        // First what is known of it, so that the file is never there without.
        about
            .write(place)
            .map_err(|source| io_error("write", &About::path(place), source))?;
        fs::rename(partial, place).map_err(|source| io_error("write", place, source))?;
        Ok(Entry::read(place.to_owned()))
    }

    /// Copies a file into the folder, or moves it; the configuration that this program wrote beside it comes with it. `progress` is told how
    /// many bytes are done.
    pub fn add(
        &self,
        source: &Path,
        name: Option<&str>,
        licence: Option<String>,
        keep: bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Entry, FolderError> {
        inspect(source)?;
        let own = file_name(source);
        let place = self.place(name.unwrap_or(&own))?;
        self.make()?;
        let partial = beside(&place, "partial");
        let copied = copy(source, &partial, progress).and_then(|(size, blake3)| {
            let about = About {
                size,
                blake3,
                licence,
                source: fs::canonicalize(source)
                    .unwrap_or_else(|_| source.to_owned())
                    .display()
                    .to_string(),
            };
            let config = source.with_extension("ron");
            if config.is_file() {
                let to = place.with_extension("ron");
                fs::copy(&config, &to).map_err(|error| io_error("write", &to, error))?;
            }
            self.admit(&partial, &place, &about)
        });
        if copied.is_err() {
            // What went wrong before is what matters.
            let _ = fs::remove_file(&partial);
        }
        let entry = copied?;
        if !keep {
            fs::remove_file(source).map_err(|error| io_error("remove", source, error))?;
        }
        Ok(entry)
    }

    /// Removes a model file, and what was kept beside it.
    pub fn remove(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.find(name)?;
        fs::remove_file(&path).map_err(|source| io_error("remove", &path, source))?;
        for beside in [About::path(&path), path.with_extension("ron")] {
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error("remove", &beside, error)),
                _ => {}
            }
        }
        Ok(path)
    }

    /// Reads a file of the folder to its end and compares it with what it was.
    pub fn verify(&self, path: &Path, progress: &mut dyn FnMut(u64)) -> Result<Verdict, FolderError> {
        inspect(path)?;
        let (size, found) = fingerprint(path, progress).map_err(|source| io_error("read", path, source))?;
        match About::read(path) {
            Some(about) if about.blake3 == found => Ok(Verdict::Whole),
            Some(about) => Ok(Verdict::Changed {
                recorded: about.blake3,
                found,
            }),
            None => {
                let about = About {
                    size,
                    blake3: found,
                    licence: None,
                    source: "put into the folder by hand".to_owned(),
                };
                about
                    .write(path)
                    .map_err(|source| io_error("write", &About::path(path), source))?;
                Ok(Verdict::Recorded)
            }
        }
    }
}

/// `path` with one more ending.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".");
    beside.push(ending);
    beside.into()
}

/// Copies a file, and tells its size and blake3.
fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(u64)) -> Result<(u64, String), FolderError> {
    let failed = |source| io_error("write", to, source);
    let mut file = BufWriter::new(File::create(to).map_err(failed)?);
    let (mut size, mut hasher) = (0, blake3::Hasher::new());
    read_through(from, &mut |bytes| {
        hasher.update(bytes);
        size += bytes.len() as u64;
        progress(size);
        file.write_all(bytes)
    })
    .map_err(failed)?;
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    Ok((size, hasher.finalize().to_hex().to_string()))
}

fn io_error(what: &'static str, path: &Path, source: io::Error) -> FolderError {
    FolderError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}

fn has_ending(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    EXTENSIONS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The model in the program, as a file.
    const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/models/tiny.safetensors");

    fn folder() -> (tempfile::TempDir, Folder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::at(temporary.path().join("models"));
        (temporary, folder)
    }

    #[test]
    fn a_model_is_added_found_verified_and_removed() {
        let (_temporary, folder) = folder();
        assert!(folder.files().unwrap().is_empty());
        let mut seen = 0;
        let licence = Some("MIT".to_owned());
        let entry = folder
            .add(Path::new(TINY), Some("first.safetensors"), licence, true, &mut |bytes| {
                seen = bytes
            })
            .unwrap();
        let inspection = entry.inspection.as_ref().unwrap();
        assert_eq!((entry.name().as_str(), seen), ("first", inspection.size));
        assert_eq!(inspection.precision(), "F16");
        let about = entry.about.as_ref().unwrap();
        assert_eq!(about.blake3, blake3::hash(&fs::read(TINY).unwrap()).to_hex().to_string());
        assert_eq!(about.licence.as_deref(), Some("MIT"));
        assert!(entry.is_checkpoint() && folder.path().join("first.ron").exists());

        let model = folder.model("first").unwrap();
        assert_eq!(
            model,
            ModelRef::Files {
                checkpoint: entry.path.clone(),
                clip: None,
                vae: None
            }
        );
        assert!(matches!(
            folder.add(Path::new(TINY), Some("first.safetensors"), None, true, &mut |_| ()),
            Err(FolderError::Exists { .. })
        ));
        assert_eq!(folder.verify(&entry.path, &mut |_| ()).unwrap(), Verdict::Whole);
        let mut bytes = fs::read(&entry.path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&entry.path, bytes).unwrap();
        assert!(matches!(
            folder.verify(&entry.path, &mut |_| ()).unwrap(),
            Verdict::Changed { .. }
        ));

        folder.remove("first").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let error = folder.find("first").unwrap_err().to_string();
        assert!(error.contains("it is empty"), "{error}");
    }

    #[test]
    fn what_is_no_model_stays_out() {
        let (temporary, folder) = folder();
        let page = temporary.path().join("page.safetensors");
        fs::write(&page, "<html>not found</html>").unwrap();
        let error = folder.add(&page, None, None, false, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("web page"), "{error}");
        assert!(page.exists() && !folder.path().exists());
        for name in ["../up.safetensors", "model.txt", "", "sub/model.ckpt"] {
            assert!(matches!(folder.place(name), Err(FolderError::Ending { .. })), "{name}");
        }
    }

    #[test]
    fn a_name_that_two_files_have_is_not_guessed() {
        let (_temporary, folder) = folder();
        folder.make().unwrap();
        for name in ["a.ckpt", "a.safetensors", "b.pth", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(matches!(folder.find("a"), Err(FolderError::Ambiguous { .. })));
        assert_eq!(folder.find("a.ckpt").unwrap(), folder.path().join("a.ckpt"));
        assert_eq!(folder.find("b").unwrap(), folder.path().join("b.pth"));
        let error = folder.find("notes").unwrap_err().to_string();
        assert!(error.contains("there are a, a, b"), "{error}");
        assert!(folder.entries().unwrap().iter().all(|entry| entry.inspection.is_err()));
    }

    #[test]
    fn a_file_that_was_put_there_by_hand_is_recorded() {
        let (_temporary, folder) = folder();
        folder.make().unwrap();
        let path = folder.path().join("mine.safetensors");
        fs::copy(TINY, &path).unwrap();
        assert_eq!(folder.entries().unwrap()[0].about, None);
        assert_eq!(folder.verify(&path, &mut |_| ()).unwrap(), Verdict::Recorded);
        assert_eq!(folder.verify(&path, &mut |_| ()).unwrap(), Verdict::Whole);
    }
}
