//! What kind of file something is: its first bytes tell, whatever its name says.

use std::io::Read;
use std::path::Path;

use super::psd;

/// Files that can be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    OpenRaster,
    Psd,
    /// A single picture, or nothing that can be opened.
    Picture,
}

impl FileKind {
    /// By its first bytes; by its name where those tell nothing, so that what is wrong with it is said in the words of its kind.
    pub fn of(path: &Path) -> Self {
        let mut start = [0; 4];
        let read = picture::open_regular(path).and_then(|(mut file, _)| file.read_exact(&mut start));
        match (read, &start) {
            (Ok(()), b"PK\x03\x04") => Self::OpenRaster,
            (Ok(()), start) if start == psd::SIGNATURE => Self::Psd,
            (Ok(()), [0x89, b'P', b'N', b'G'] | [0xFF, 0xD8, ..] | b"RIFF" | b"II*\0" | b"MM\0*") => Self::Picture,
            _ => Self::named(path),
        }
    }

    /// By the ending of its name.
    pub fn named(path: &Path) -> Self {
        let ends = |ending: &str| path.extension().is_some_and(|given| given.eq_ignore_ascii_case(ending));
        match (ends("ora"), ends("psd") || ends("psb")) {
            (true, _) => Self::OpenRaster,
            (_, true) => Self::Psd,
            _ => Self::Picture,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            FileKind::of(&path)
        };
        assert_eq!(of("a.ora", b"\x89PNG\r\n\x1a\n"), FileKind::Picture);
        assert_eq!(of("a.png", b"PK\x03\x04 and so on"), FileKind::OpenRaster);
        assert_eq!(of("a.jpg", b"8BPS and so on"), FileKind::Psd);
        assert_eq!(of("a.ORA", b"torn"), FileKind::OpenRaster);
        assert_eq!(of("a.psd", b""), FileKind::Psd);
        assert_eq!(of("a.txt", b"notes"), FileKind::Picture);
        assert_eq!(FileKind::of(&folder.path().join("gone.psd")), FileKind::Psd);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_told_by_its_name_and_nobody_waits_for_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.ora");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(FileKind::of(&pipe), FileKind::OpenRaster);
        let refusal = crate::document::open(&pipe).err().expect("it is no file").to_string();
        assert!(
            refusal.contains("pipe.ora") && refusal.contains("a pipe or a device"),
            "{refusal}"
        );
    }
}
