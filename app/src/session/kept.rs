//! Small texts that are kept from one run of the program to the next.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::document::replace_file;

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
