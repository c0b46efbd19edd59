//! What is kept beside a model file, as RON in `NAME.about`: what the file itself does not say.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use picture::replace_file;
use serde::{Deserialize, Serialize};

/// Where a model came from, and what it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Bytes.
    pub size: u64,
    /// Of the whole file, in hex.
    pub blake3: String,
    /// As its publisher names it.
    pub licence: Option<String>,
    /// The address or the path that it came from.
    pub source: String,
}

impl About {
    /// Where it is kept for a model file.
    pub fn path(model: &Path) -> PathBuf {
        let mut path = model.as_os_str().to_owned();
        path.push(".about");
        path.into()
    }

    /// What is kept for a model file, if anything is and can be read.
    pub fn read(model: &Path) -> Option<Self> {
        ron::from_str(&std::fs::read_to_string(Self::path(model)).ok()?).ok()
    }

    pub fn write(&self, model: &Path) -> io::Result<()> {
        let text = ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default()).map_err(io::Error::other)?;
        replace_file(&Self::path(model), |file| file.write_all(text.as_bytes()))
    }
}

/// Reads to the end, in pieces that `each` is shown, who may break off; `unread` says that reading failed.
pub fn read_through<E>(
    path: &Path,
    unread: impl Fn(io::Error) -> E,
    each: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut file = File::open(path).map_err(&unread)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(&unread)? {
            0 => return Ok(()),
            count => each(&buffer[..count])?,
        }
    }
}
