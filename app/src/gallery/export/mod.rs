//! What leaves the gallery: contact sheets, tables of decisions, copies. Long work is done away from the window, and can be broken off.
//!
//! [`ExportError`] and [`spare_others`] serve whatever else writes pictures into a folder, too: the studio its takes and layers, the board its cells.

mod contact_sheet;
mod copies;
mod lettering;
mod pdf;
mod print;
mod table;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blind::BlindReview;
use super::entry::Entry;
use super::metadata::{MetadataError, Standing, standing};
use crate::board::index::WriteError;
use crate::document::DocumentError;
use crate::files::{Cancelled, Exporting, Meter, Waker};

/// Why nothing was exported. Nothing half-done stays.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("there is no picture to export; remove a filter, or pick pictures with P")]
    Empty,
    #[error("{path} ends neither in .png nor in .pdf; name the sheet so", path = path.display())]
    Ending { path: PathBuf },
    #[error("{0} pictures do not fit on one PNG; write a .pdf, which has pages")]
    TooMany(usize),
    #[error(transparent)]
    Picture(#[from] DocumentError),
    #[error(transparent)]
    Take(#[from] MetadataError),
    #[error(transparent)]
    Index(#[from] WriteError),
    /// In words of its own.
    #[error("{0}")]
    Folder(String),
    #[error("cannot write {path}: {source}; check that the folder exists and has room", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} is there already and is no take; choose another folder, or give the file another name", path = path.display())]
    Taken { path: PathBuf },
    #[error("{path} is there already; choose another folder, or give the file another name", path = path.display())]
    Exists { path: PathBuf },
    #[error("{path} is a take of a newer version of this program; choose another folder, or update shiage", path = path.display())]
    Newer { path: PathBuf },
    #[error("cannot copy {path}: {source}", path = path.display())]
    Copy { path: PathBuf, source: io::Error },
    #[error("the export was cancelled")]
    Cancelled,
    /// The program's own fault, in words of its own.
    #[error("{0}")]
    Failed(String),
}

impl From<Cancelled> for ExportError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Refuses to write a take over what is none, such as somebody's drawing, or over one that this program cannot read yet.
pub fn spare_others(path: &Path) -> Result<(), ExportError> {
    match standing(path) {
        Standing::Free | Standing::Take | Standing::Damaged => Ok(()),
        Standing::Newer => Err(ExportError::Newer { path: path.to_owned() }),
        Standing::Others => Err(ExportError::Taken { path: path.to_owned() }),
    }
}

/// What is made of pictures.
#[derive(Clone)]
pub enum Export {
    /// Small pictures with captions under a title; a `.png` is one picture, a `.pdf` has pages.
    Sheet { path: PathBuf, title: String },
    /// A table (CSV) of what was decided. Pictures are named as seen from `folder`.
    Decisions { path: PathBuf, folder: PathBuf },
    /// The pictures themselves, with what is decided about them.
    Copies { to: PathBuf },
    /// The ranking of a blind review as a table, and its votes beside it as `…-votes.csv`.
    Ranking { path: PathBuf, review: Box<BlindReview> },
}

impl Export {
    /// Makes it on a thread of its own.
    pub fn start(self, entries: Vec<Arc<Entry>>, waker: Waker) -> io::Result<Exporting<String, ExportError>> {
        let steps = entries.len();
        let make = move |meter: &Meter| self.run(&entries, meter);
        Exporting::start(steps, waker, make, ExportError::Failed)
    }

    /// Makes it of `entries`, in their order; says what was made. Waits until it is done.
    pub fn run(&self, entries: &[Arc<Entry>], meter: &Meter) -> Result<String, ExportError> {
        let pictures = match entries.len() {
            0 if !matches!(self, Self::Ranking { .. }) => return Err(ExportError::Empty),
            1 => "1 picture".to_owned(),
            count => format!("{count} pictures"),
        };
        Ok(match self {
            Self::Sheet { path, title } => {
                contact_sheet::write(path, title, entries, meter)?;
                format!("Contact sheet of {pictures}: {}", path.display())
            }
            Self::Decisions { path, folder } => {
                table::decisions(path, folder, entries).map_err(|source| failed(path, source))?;
                format!("Decisions about {pictures}: {}", path.display())
            }
            Self::Copies { to } => {
                copies::make(entries, to, meter)?;
                format!("Copied {pictures} to {}", to.display())
            }
            Self::Ranking { path, review } => {
                let votes = table::ranking(path, review).map_err(|source| failed(path, source))?;
                format!("Ranking: {}, and every vote: {}", path.display(), votes.display())
            }
        })
    }
}

fn failed(path: &Path, source: io::Error) -> ExportError {
    ExportError::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::gallery::entry::{Stamp, write_marks};
    use crate::gallery::marks::{Flag, Label, Marks};
    use std::thread;
    use std::time::{Duration, Instant};

    /// A rated picture of one colour.
    pub fn entry(path: &Path, value: u8, note: &str) -> Arc<Entry> {
        let picture = image::RgbImage::from_pixel(64, 32, image::Rgb([value, 0, 200]));
        picture.save(path).unwrap();
        let marks = Marks {
            stars: 3,
            flag: Flag::Pick,
            label: Some(Label::Blue),
            note: note.to_owned(),
        };
        Arc::new(write_marks(path, &marks).unwrap())
    }

    pub fn broken(path: &Path) -> Arc<Entry> {
        std::fs::write(path, "no").unwrap();
        Arc::new(Entry::read(path.to_owned(), Stamp::of(path).unwrap()))
    }

    #[test]
    fn an_export_runs_by_itself_and_tells_what_it_made() {
        let folder = tempfile::tempdir().unwrap();
        let entries = vec![entry(&folder.path().join("a.png"), 9, "")];
        let path = folder.path().join("sheet.png");
        let sheet = |path: &Path| Export::Sheet {
            path: path.to_owned(),
            title: "Takes".to_owned(),
        };
        let wait = |exporting: Exporting<String, ExportError>| {
            let start = Instant::now();
            loop {
                if let Some(outcome) = exporting.outcome() {
                    return (outcome, exporting.progress());
                }
                assert!(start.elapsed() < crate::PATIENCE);
                thread::sleep(Duration::from_millis(2));
            }
        };
        let start = |export: Export, entries| export.start(entries, Arc::new(|| {})).unwrap();
        let (outcome, progress) = wait(start(sheet(&path), entries.clone()));
        assert!(outcome.unwrap().starts_with("Contact sheet of 1 picture: "));
        assert_eq!(progress, [1, 1]);
        assert!(matches!(wait(start(sheet(&path), Vec::new())).0, Err(ExportError::Empty)));
        // Broken off before it begins, it leaves nothing.
        let (meter, other) = (Meter::default(), folder.path().join("other.png"));
        meter.cancel();
        let outcome = sheet(&other).run(&entries, &meter);
        assert!(matches!(outcome, Err(ExportError::Cancelled)) && !other.exists());
    }
}
