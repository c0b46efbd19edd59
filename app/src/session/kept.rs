//! Small files that are kept from one run of the program to the next: RON, as far as they have no words of their own.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use picture::replace_file;
use ron::ser::PrettyConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What [`store`] has put into a file; none where there is no such file yet. The error is a reason.
pub(super) fn load<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, String> {
    let text = read(file).map_err(|error| error.to_string())?;
    let kept = text.map(|text| ron::from_str(&text)).transpose();
    kept.map_err(|error| error.to_string())
}

/// Replaces what a file keeps, as [`write`] does.
pub(super) fn store<T: Serialize + ?Sized>(file: &Path, kept: &T) -> io::Result<()> {
    let text = ron::ser::to_string_pretty(kept, PrettyConfig::default()).map_err(io::Error::other)?;
    write(file, &text)
}

/// The text of a file; none where there is no such file yet.
pub(super) fn read(file: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        text => text.map(Some),
    }
}

/// Replaces a file by `text`, whole or not at all, and makes the folder that it lies in.
pub(super) fn write(file: &Path, text: &str) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    replace_file(file, |file| file.write_all(text.as_bytes()))
}
