//! Takes as documents: the sketch over the flats of its take, to go on with in the studio or in another program.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use image::{DynamicImage, GrayImage, RgbImage};

use super::BadInput;
use super::settings::keyed;
use crate::document::{self, Document, DocumentError, Role};
use crate::generate::compose::of_document;
use crate::generate::flats::{FlatColors, FlatLayers, FlatSettings, flats, lay};
use crate::generate::recipe::{Recipe, hash_gray, hash_rgb};
use crate::generate::settings;
use crate::palette::{Palette, Swatch};

/// How takes are cut into flats.
#[derive(Debug, Args)]
pub struct FlatArguments {
    /// What gets a layer of its own in the flats [default: color].
    #[arg(long, ignore_case = true, value_parser = keyed(&FlatLayers::ALL, FlatLayers::key), requires = "flats")]
    flats_layers: Option<FlatLayers>,
    /// A palette of GIMP, Krita or Adobe (.gpl, .ase): where a region is close to one of its colours it has exactly that, on a layer of its name.
    #[arg(long, value_name = "FILE", requires = "flats")]
    flats_palette: Option<PathBuf>,
}

impl FlatArguments {
    /// What cuts as they say.
    ///
    /// # Errors
    /// Where the palette cannot be read.
    pub fn cutter(&self) -> Result<Cutter, BadInput> {
        let palette = self.flats_palette.as_deref().map(Palette::open).transpose();
        let palette = palette.map_err(|error| BadInput(error.to_string()))?;
        let usual = FlatSettings::default();
        Ok(Cutter {
            settings: FlatSettings {
                layers: self.flats_layers.unwrap_or(usual.layers),
                colors: palette.as_ref().map_or(usual.colors, |_| FlatColors::Near),
                ..usual
            },
            swatches: palette.map(|palette| palette.swatches).unwrap_or_default(),
        })
    }

    /// The file that is read.
    pub fn palette(&self) -> Option<&Path> {
        self.flats_palette.as_deref()
    }
}

/// Cuts takes into flats, all in the same way.
pub struct Cutter {
    settings: FlatSettings,
    swatches: Vec<Swatch>,
}

/// What a document is made of: the colour without lines, and the drawing that it was made for.
pub struct Cel<'a> {
    pub color: &'a RgbImage,
    pub sketch: &'a RgbImage,
    pub mask: Option<&'a GrayImage>,
}

/// What stands where a document is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The same document, whole and as it was written.
    Whole,
    /// Nothing, or what this program can make again.
    Free,
    /// Somebody else's file, or one that was saved again since: nobody could make it again.
    Others,
}

/// How the mark of a document begins, that says what it was made of.
const MARK: &str = "shiage flats ";

/// What stands near the start of a document of this program.
const ENTRY: &[u8] = b"data/shiage-";

impl Cutter {
    /// What stands at `path`, where the document of `cel` is wanted. `stale_after` as for [`is_others`].
    pub fn standing(&self, path: &Path, cel: &Cel<'_>, stale_after: Duration) -> Standing {
        if is_others(path, stale_after) {
            return Standing::Others;
        }
        let is_same = document::mark_of(path).is_ok_and(|mark| mark == self.mark(cel));
        match is_same && document::open(path).is_ok() {
            true => Standing::Whole,
            false => Standing::Free,
        }
    }

    /// The sketch over the flats of a take that `recipe` made. Takes time, in which somebody may save another where it is to go.
    pub fn document(&self, cel: &Cel<'_>, recipe: &Recipe) -> anyhow::Result<Document> {
        let (lines, settings) = of_document(cel.sketch, &recipe.settings);
        let mut document = Document::from_sketch(&DynamicImage::from(lines).into_rgba8())?;
        if let Some(mask) = cel.mask {
            document.set_mask(Role::SketchMask, mask);
        }
        settings::keep(&mut document, &settings)?;
        // The lines lie on a layer of their own.
        let recipe = Recipe {
            lines: false,
            ..recipe.clone()
        };
        let take = document.place_take(cel.color, ron::to_string(&recipe)?);
        let flats = flats(&document, take, self.settings, &self.swatches);
        lay(document.canvas_mut(), take, self.settings.layers, flats);
        Ok(document)
    }

    /// Writes the document of `cel`, whole or not at all.
    pub fn save(&self, document: &Document, path: &Path, cel: &Cel<'_>) -> Result<(), DocumentError> {
        document::save_marked(document, path, &self.mark(cel))
    }

    fn mark(&self, cel: &Cel<'_>) -> String {
        let cut = ron::to_string(&(self.settings, &self.swatches)).expect("plain data can be written");
        let mask = cel.mask.map(hash_gray).unwrap_or_default();
        let mut hasher = blake3::Hasher::new();
        for part in [hash_rgb(cel.color), hash_rgb(cel.sketch), mask, cut] {
            hasher.update(part.as_bytes()).update(b"\n");
        }
        format!("{MARK}{}", hasher.finalize().to_hex())
    }
}

/// Whether a file stands at `path` that nobody could make again: somebody else's, or one that was saved again since. What does not open may be on its way
/// there, until nothing has been written to it for `stale_after`.
pub fn is_others(path: &Path, stale_after: Duration) -> bool {
    path.exists()
        && match document::mark_of(path) {
            Ok(mark) => !mark.starts_with(MARK),
            Err(_) => !is_remains(path, stale_after),
        }
}

/// Whether a file that does not open is what is left of a document of this program, which was cut off on its way.
fn is_remains(path: &Path, stale_after: Duration) -> bool {
    start_of(path).is_ok_and(|(start, written)| {
        let is_ours = start.is_empty() || start.windows(ENTRY.len()).any(|window| window == ENTRY);
        is_ours && written.elapsed().is_ok_and(|age| age >= stale_after)
    })
}

/// The first bytes of a file, and when it was written to last.
fn start_of(path: &Path) -> io::Result<(Vec<u8>, SystemTime)> {
    let (file, _) = picture::open_regular(path)?;
    let written = file.metadata()?.modified()?;
    let mut start = Vec::new();
    file.take(1024).read_to_end(&mut start)?;
    Ok((start, written))
}

#[cfg(test)]
mod tests {
    use image::{Luma, Rgb};

    use super::*;
    use crate::gallery::metadata::tests::recipe;

    #[test]
    fn a_document_is_made_again_unless_it_is_the_same_or_somebody_s() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0001.ora");
        let color = RgbImage::from_fn(64, 64, |x, _| Rgb(if x < 32 { [200, 30, 30] } else { [30, 180, 60] }));
        let sketch = RgbImage::from_fn(64, 64, |x, _| Rgb(if x == 32 { [0; 3] } else { [255; 3] }));
        let mask = GrayImage::from_fn(64, 64, |x, _| Luma([if x < 32 { 255 } else { 0 }]));
        let cel = Cel {
            color: &color,
            sketch: &sketch,
            mask: Some(&mask),
        };
        let by = |layers| Cutter {
            settings: FlatSettings {
                layers,
                ..FlatSettings::default()
            },
            swatches: Vec::new(),
        };
        let cutter = by(FlatLayers::Color);
        let now = Duration::ZERO;
        let standing = || cutter.standing(&path, &cel, now);
        assert_eq!(standing(), Standing::Free);
        let made = cutter.document(&cel, &recipe()).unwrap();
        cutter.save(&made, &path, &cel).unwrap();
        assert_eq!(standing(), Standing::Whole);
        assert_eq!(by(FlatLayers::All).standing(&path, &cel, now), Standing::Free);
        assert_eq!(cutter.standing(&path, &Cel { mask: None, ..cel }, now), Standing::Free);

        let document = document::open(&path).unwrap().document;
        let names: Vec<&str> = document.canvas().layers().map(|layer| layer.name.as_str()).collect();
        assert_eq!(
            names.join(", "),
            "Take 1, #1EB43C, Background, #C81E1E, Figure, Take 1 as flats, Sketch, Sketch mask"
        );
        let take: Recipe = ron::from_str(document.by_role(Role::Take).unwrap().recipe.as_deref().unwrap()).unwrap();
        assert!(!take.lines);

        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(standing(), Standing::Free, "it was cut off");
        let later = cutter.standing(&path, &cel, Duration::from_secs(3600));
        assert_eq!(later, Standing::Others, "somebody may be writing it");
        document::save(&document, &path).unwrap();
        assert_eq!(standing(), Standing::Others, "it was saved again");
        std::fs::write(&path, "notes").unwrap();
        assert_eq!(standing(), Standing::Others);
    }
}
