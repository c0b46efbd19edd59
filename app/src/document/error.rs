//! What can go wrong with a document's file, said so that a person can act on it.

use std::path::PathBuf;

use super::tile::MAX_SIDE;

/// Every failure of a document. The text says what happened, to which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("cannot read {path}: {source}. Check that the file is there and that you may read it", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write {path}: {source}. Nothing was changed; check the folder and the free space, or save under another name", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Picture(#[from] picture::PictureError),
    /// `fault` goes on from the file's name.
    #[error("{path} {fault}", path = path.display())]
    Psd { path: PathBuf, fault: String },
    /// `limit`: what the document would have more of than the format has room for.
    #[error("{path} was not written: no PSD has more than {limit}. Merge some layers first, or save the document as OpenRaster", path = path.display())]
    PsdLimit { path: PathBuf, limit: &'static str },
    #[error("{path} is damaged or is not an OpenRaster file: {detail}. Open a copy or the last saved version", path = path.display())]
    Archive { path: PathBuf, detail: String },
    #[error("{path} lacks {entry}: it is no OpenRaster document, or was cut off. Save it again in the program that made it", path = path.display())]
    MissingEntry { path: PathBuf, entry: String },
    #[error("{entry} in {path} cannot be read: {detail}. Open a copy or the last saved version", path = path.display())]
    Entry { path: PathBuf, entry: String, detail: String },
    #[error("{entry} in {path} would unpack to more than {limit} bytes: it is damaged or made to do harm", path = path.display())]
    EntryTooLarge { path: PathBuf, entry: String, limit: u64 },
    /// `limit`: in gibibytes.
    #[error(
        "the layers of {path} have more than {limit} GiB of painted pixels, and this machine has no memory for more. Merge some of the layers where they \
         were made",
        path = path.display()
    )]
    TooMuch { path: PathBuf, limit: u64 },
    #[error("{path} was written by a newer Shiage (document version {version}). Update the program to open it", path = path.display())]
    Newer { path: PathBuf, version: u32 },
    #[error("a picture of {width} x {height} pixels cannot be worked on: sides go from 1 to {MAX_SIDE}. Scale it first")]
    Size { width: u32, height: u32 },
    #[error("{path}: {source}", path = path.display())]
    In { path: PathBuf, source: Box<DocumentError> },
}

impl DocumentError {
    /// Says in which file it happened, where the error does not know.
    pub(super) fn in_file(self, path: &std::path::Path) -> Self {
        match self {
            Self::Size { .. } => Self::In {
                path: path.to_owned(),
                source: Box::new(self),
            },
            other => other,
        }
    }
}
