//! Palettes: named colours, as GIMP, Krita (GPL) and Adobe's programs (ASE) write them. Pure: no window.

mod ase;
mod gpl;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use picture::replace_file;
use serde::{Deserialize, Serialize};

/// The endings of the files, without the dot.
pub const ENDINGS: &[&str] = &["gpl", "ase"];

/// Bytes of the largest file that is read.
const MAX_BYTES: u64 = 8 << 20;

/// Colours of the largest palette: more than that nobody finds anything in.
const MOST: usize = 4096;

/// A colour with a name, which may be empty: sRGB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swatch {
    pub name: String,
    pub color: [u8; 3],
}

/// Colours in the order in which they were put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Palette {
    pub name: String,
    pub swatches: Vec<Swatch>,
}

/// Why a file is no palette.
#[derive(Debug, thiserror::Error)]
pub enum PaletteError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is no palette: {fault}. GIMP palettes (.gpl) and Adobe swatch exchange files (.ase) can be opened", path.display())]
    Format { path: PathBuf, fault: Fault },
}

/// What is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it begins neither as a GIMP palette nor as an Adobe one")]
    Kind,
    #[error("it is larger than any palette")]
    Size,
    #[error("line {0} holds no colour (three numbers from 0 to 255)")]
    Line(usize),
    #[error("it ends in the middle of colour {0}")]
    Cut(usize),
    #[error("colour {0} is given in a way that is not known ({1})")]
    Model(usize, String),
    #[error("it holds {0} colours, and {MOST} are the most")]
    Many(usize),
    #[error("it holds no colours")]
    Empty,
}

impl Palette {
    /// Reads a file, whatever its ending.
    pub fn open(path: &Path) -> Result<Self, PaletteError> {
        let palette = match picture::read_regular(path, MAX_BYTES) {
            Ok(bytes) => Self::parse(&bytes),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(Fault::Size),
            Err(source) => {
                return Err(PaletteError::Read {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let mut palette = palette.map_err(|fault| PaletteError::Format {
            path: path.to_owned(),
            fault,
        })?;
        if palette.name.is_empty() {
            palette.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        }
        Ok(palette)
    }

    /// What a file holds; its kind is told from its first bytes.
    fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let palette = match bytes.starts_with(ase::MAGIC) {
            true => ase::parse(bytes)?,
            false => gpl::parse(&String::from_utf8_lossy(bytes))?,
        };
        match palette.swatches.len() {
            0 => Err(Fault::Empty),
            count if count > MOST => Err(Fault::Many(count)),
            _ => Ok(palette),
        }
    }

    /// Writes a file, whole or not at all: Adobe's where the path ends in `.ase`, else GIMP's.
    pub fn save(&self, path: &Path) -> Result<(), PaletteError> {
        let adobe = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ase"));
        let bytes = if adobe {
            ase::write(self)
        } else {
            gpl::write(self).into_bytes()
        };
        replace_file(path, |file| file.write_all(&bytes)).map_err(|source| PaletteError::Write {
            path: path.to_owned(),
            source,
        })
    }

    /// Adds a colour under a name, unless it is there.
    pub fn add(&mut self, name: &str, color: [u8; 3]) {
        if self.swatches.iter().all(|swatch| swatch.color != color) {
            self.swatches.push(Swatch {
                name: name.to_owned(),
                color,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette() -> Palette {
        let mut palette = Palette {
            name: "髪 hair".to_owned(),
            swatches: Vec::new(),
        };
        palette.add("Light", [250, 230, 1]);
        palette.add("影 shade", [0, 128, 255]);
        palette.add("", [7, 7, 7]);
        palette.add("again", [7, 7, 7]);
        palette
    }

    #[test]
    fn both_kinds_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["hair.gpl", "hair.ASE"] {
            let path = folder.path().join(name);
            palette().save(&path).unwrap();
            let read = Palette::open(&path).unwrap();
            assert_eq!(read, palette(), "{name}");
            assert_eq!(read.swatches.len(), 3);
        }
    }

    #[test]
    fn a_palette_without_a_name_is_called_like_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sky.gpl");
        std::fs::write(&path, "GIMP Palette\n1 2 3\n").unwrap();
        assert_eq!(Palette::open(&path).unwrap().name, "sky");
    }

    #[test]
    fn what_is_no_palette_is_refused_by_name_with_the_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.gpl");
        assert!(matches!(Palette::open(&path), Err(PaletteError::Read { .. })));
        for (text, fault) in [
            ("hello", "begins neither"),
            ("", "begins neither"),
            ("GIMP Palette\nName: a\n#\n", "holds no colours"),
            ("GIMP Palette\n1 2 3\n1 2 300 red\n", "line 3"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Palette::open(&path).unwrap_err().to_string();
            assert!(error.contains("notes.gpl") && error.contains(fault), "{error}");
        }
    }
}
