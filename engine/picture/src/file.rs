//! Files that people name: what they are is looked at before they are read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Opens a file, and says how many bytes it has. A pipe would keep its reader waiting, and some devices never end.
///
/// # Errors
/// When it cannot be opened, or is a folder, a pipe or a device.
pub fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a pipe or a device, not a file",
        ));
    }
    Ok((File::open(path)?, found.len()))
}

/// What a file holds; see [`open_regular`].
///
/// # Errors
/// As there; [`io::ErrorKind::FileTooLarge`] where it has more than `most` bytes.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    open_regular(path).and_then(|(file, length)| read_at_most(file, length, most))
}

/// What a file, or an entry of an archive, holds that claims to have `length` bytes.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] where there are more than `most`, be it in truth or by the claim: they are not read.
pub fn read_at_most(file: impl Read, length: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if length <= most {
        file.take(most + 1).read_to_end(&mut bytes)?;
    }
    match length > most || bytes.len() as u64 > most {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_length_and_a_folder_is_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "twelve bytes").unwrap();
        assert_eq!(open_regular(&path).unwrap().1, 12);
        assert_eq!(open_regular(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read_regular(&path, 12).unwrap(), b"twelve bytes");
        assert_eq!(read_regular(&path, 11).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn what_is_longer_than_it_may_be_is_refused_whatever_it_claims() {
        let read = |length, most| read_at_most(&[7_u8; 100][..], length, most).map_err(|error| error.kind());
        assert_eq!(read(100, 100).unwrap(), [7; 100]);
        assert_eq!(read(10, 99), Err(io::ErrorKind::FileTooLarge));
        assert_eq!(read(101, 100), Err(io::ErrorKind::FileTooLarge));
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_pipes_are_refused_at_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let error = open_regular(path).unwrap_err();
            assert!(error.to_string().contains("not a file"), "{error}");
        }
    }
}
