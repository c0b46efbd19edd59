//! Files come into the folder, go, and are held against what they were.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use engine::weights::inspect;

use super::error::io_error;
use super::{CONFIGURATION, Entry, Folder, FolderError, PARTIAL, beside, file_name, has_ending};
use crate::models::about::{About, read_through};
use crate::models::tag::Tag;

/// Told how many bytes of a file are done; says whether it goes on.
pub type Progress<'a> = dyn FnMut(u64) -> ControlFlow<()> + 'a;

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

impl Folder {
    /// Makes the folder, if it is not there, and clears it of what killed processes left: a model is large, and nobody sees its half.
    pub fn make(&self) -> Result<(), FolderError> {
        fs::create_dir_all(&self.path).map_err(|source| io_error("make the folder", &self.path, source))?;
        let listed = fs::read_dir(&self.path).into_iter().flatten().flatten();
        for partial in listed.map(|entry| entry.path()) {
            if partial.extension().is_some_and(|ending| ending == PARTIAL) && has_ending(&partial.with_extension("")) {
                clear(&partial);
            }
        }
        Ok(())
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
    /// many bytes are done, and says whether it goes on.
    pub fn add(
        &self,
        source: &Path,
        name: Option<&str>,
        licence: Option<String>,
        keep: bool,
        progress: &mut Progress<'_>,
    ) -> Result<Entry, FolderError> {
        inspect(source)?;
        let own = file_name(source);
        let place = self.place(name.unwrap_or(&own))?;
        let config = Some(source.with_extension(CONFIGURATION)).filter(|config| config.is_file());
        if let Some(path) = self.namesake(&place)?.filter(|_| config.is_some()) {
            return Err(FolderError::Exists { path });
        }
        self.make()?;
        let partial = beside(&place, PARTIAL);
        let unwritten = |source| io_error("write", &partial, source);
        let mut tag = match Tag::of(&partial).map_err(unwritten)? {
            Some(tag) => tag,
            None => return Err(FolderError::Busy { path: place }),
        };
        // A copy that breaks off has nothing to go on from.
        tag.done = true;
        tag.write("").map_err(unwritten)?;
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
            if let Some(config) = &config {
                let to = place.with_extension(CONFIGURATION);
                fs::copy(config, &to).map_err(|error| io_error("write", &to, error))?;
            }
            self.admit(&partial, &place, &about)
        });
        if copied.is_err() {
            // What went wrong before is what matters.
            let _ = fs::remove_file(&partial);
            if config.is_some() {
                let _ = fs::remove_file(place.with_extension(CONFIGURATION));
            }
        }
        let entry = copied?;
        if !keep {
            fs::remove_file(source).map_err(|error| io_error("remove", source, error))?;
            Self::clear_beside(source)?;
        }
        Ok(entry)
    }

    /// Removes a model file, and what was kept beside it. A configuration that another file has too stays.
    pub fn remove(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.find(name)?;
        fs::remove_file(&path).map_err(|source| io_error("remove", &path, source))?;
        Self::clear_beside(&path)?;
        Ok(path)
    }

    /// Removes what was kept beside a file that is gone.
    fn clear_beside(gone: &Path) -> Result<(), FolderError> {
        let folder = gone.parent().filter(|folder| !folder.as_os_str().is_empty());
        let config = match Folder::at(folder.unwrap_or(Path::new(".")).to_owned()).namesake(gone)? {
            Some(_) => None,
            None => Some(gone.with_extension(CONFIGURATION)),
        };
        for beside in std::iter::once(About::path(gone)).chain(config) {
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error("remove", &beside, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads a file of the folder to its end and compares it with what it was.
    pub fn verify(&self, path: &Path, progress: &mut Progress<'_>) -> Result<Verdict, FolderError> {
        inspect(path)?;
        let (size, found) = pass_on(path, "reading", progress, &mut |_| Ok(()))?;
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

/// Removes a part of a file that nothing can go on from, unless a process is at work on it.
fn clear(partial: &Path) {
    let Ok(Some(mut tag)) = Tag::of(partial) else { return };
    if !tag.locked || tag.read().is_some() {
        return;
    }
    match fs::remove_file(partial) {
        Ok(()) => tracing::info!("{} was removed: it was left by a copy that was killed", partial.display()),
        Err(error) => tracing::warn!(
            "{} is left by a copy that was killed, and cannot be removed: {error}",
            partial.display()
        ),
    }
    tag.done = true;
}

/// Copies a file, and tells its size and blake3.
fn copy(from: &Path, to: &Path, progress: &mut Progress<'_>) -> Result<(u64, String), FolderError> {
    let failed = |source| io_error("write", to, source);
    let mut file = BufWriter::new(File::create(to).map_err(failed)?);
    let facts = pass_on(from, "copying", progress, &mut |bytes| file.write_all(bytes).map_err(failed))?;
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    Ok(facts)
}

/// Reads a file to its end, in pieces that `each` is shown, and tells its size and blake3. `what` is done to it when it is cancelled.
fn pass_on(
    path: &Path,
    what: &'static str,
    progress: &mut Progress<'_>,
    each: &mut dyn FnMut(&[u8]) -> Result<(), FolderError>,
) -> Result<(u64, String), FolderError> {
    let (mut size, mut hasher) = (0, blake3::Hasher::new());
    let unread = |source| io_error("read", path, source);
    read_through(path, unread, &mut |bytes| {
        hasher.update(bytes);
        size += bytes.len() as u64;
        if progress(size).is_break() {
            let path = path.to_owned();
            return Err(FolderError::Cancelled { what, path });
        }
        each(bytes)
    })?;
    Ok((size, hasher.finalize().to_hex().to_string()))
}
