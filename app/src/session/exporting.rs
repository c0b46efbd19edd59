//! How a picture leaves: the format is chosen first, then the place.

mod layers;

use std::path::{Path, PathBuf};

use picture::{DEFAULT_QUALITY, Format, Samples, plain_name};
use serde::{Deserialize, Serialize};

use super::Session;
use super::answer::Answer;
use super::filing::Saving;
use super::writing::Written;
use crate::command::Command;
use crate::document::{Document, Rect, Role, on_white, psd_steps, save_picture, save_psd};
use crate::files::{Exporting, Files, Meter, Waker, has_one_of};
use crate::gallery::export::ExportError;
use crate::gallery::metadata::{write_take_at, write_transparent_take};
use crate::generate::recipe::Recipe;

/// What a document leaves as. Files of settings name it by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ExportFormat {
    /// What the canvas shows.
    Picture(Format),
    /// Its layers, for Photoshop and all that reads its documents.
    Psd,
}

/// What documents of Photoshop end in.
const PSD: &str = "psd";

impl ExportFormat {
    /// What its files end in.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Picture(format) => format.ending(),
            Self::Psd => PSD,
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Picture(format) => format.name(),
            Self::Psd => "PSD",
        }
    }
}

impl From<ExportFormat> for String {
    fn from(format: ExportFormat) -> Self {
        format.ending().to_owned()
    }
}

impl TryFrom<String> for ExportFormat {
    type Error = String;

    fn try_from(ending: String) -> Result<Self, String> {
        let path = format!("picture.{ending}");
        let format = Export::default().format_of(Path::new(&path));
        format.ok_or_else(|| format!("no picture is exported as {ending:?}"))
    }
}

/// What leaves the document for files of other kinds.
pub(super) struct Outgoing {
    pub settings: Export,
    /// A person chooses how to export.
    is_asked: bool,
    /// Takes or layers are being written, into a folder or a file.
    pub under_way: Option<Exporting<Written, ExportError>>,
    /// How far it is: takes into folders, and single pictures.
    pub saving: Saving,
    /// Writes single pictures, which may take long.
    pub files: Files<Answer>,
}

impl Outgoing {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            settings: Export::default(),
            is_asked: false,
            under_way: None,
            saving: Saving::default(),
            files: Files::new("shiage exports", waker, Answer::Failed)?,
        })
    }
}

/// What a person chose, kept for the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Export {
    format: ExportFormat,
    /// Of what has losses, 1 to 100.
    pub quality: u8,
    /// A WebP has losses.
    pub lossy_webp: bool,
    /// What is transparent stays so where the format can keep it; else it becomes white.
    pub transparent: bool,
    /// The recipe of the take that shows goes along where the format can carry it.
    pub with_recipe: bool,
}

impl Default for Export {
    fn default() -> Self {
        Self {
            format: ExportFormat::Picture(Format::Png),
            quality: DEFAULT_QUALITY,
            lossy_webp: false,
            transparent: false,
            with_recipe: true,
        }
    }
}

impl Export {
    /// All formats, in the order of choice.
    pub fn formats(self) -> [ExportFormat; 5] {
        let [jpeg, webp] = [Format::Jpeg { quality: self.quality }, Format::WebP { quality: None }];
        let pictures = [Format::Png, jpeg, webp, Format::Tiff];
        let [png, jpeg, webp, tiff] = pictures.map(|format| ExportFormat::Picture(self.set(format)));
        [png, jpeg, webp, tiff, ExportFormat::Psd]
    }

    pub fn format(self) -> ExportFormat {
        match self.format {
            ExportFormat::Picture(format) => ExportFormat::Picture(self.set(format)),
            ExportFormat::Psd => ExportFormat::Psd,
        }
    }

    /// The format of a path by its ending, as it is set here.
    pub fn format_of(self, path: &Path) -> Option<ExportFormat> {
        let picture = Format::of(path, None).map(|format| ExportFormat::Picture(self.set(format)));
        picture.or_else(|| has_one_of(path, &[PSD]).then_some(ExportFormat::Psd))
    }

    /// A format with the quality that was chosen.
    fn set(self, format: Format) -> Format {
        match format {
            Format::Jpeg { .. } => Format::Jpeg { quality: self.quality },
            Format::WebP { .. } => Format::WebP {
                quality: self.lossy_webp.then_some(self.quality),
            },
            Format::Png | Format::Tiff => format,
        }
    }

    pub fn choose(&mut self, format: ExportFormat) {
        self.format = format;
    }

    /// Within its bounds: one that is kept in a file may be outside.
    pub(super) fn clamped(self) -> Self {
        Self {
            quality: self.quality.clamp(1, 100),
            ..self
        }
    }
}

impl Session {
    pub(super) fn choose_export(&mut self) {
        self.outgoing.is_asked = self.document.is_some();
    }

    /// How to export, while a person chooses.
    pub fn exporting(&mut self) -> Option<&mut Export> {
        self.outgoing.is_asked.then_some(&mut self.outgoing.settings)
    }

    /// The format is chosen, or the person does not want to.
    pub fn end_exporting(&mut self, wanted: bool) {
        self.outgoing.is_asked = false;
        if !wanted {
            return;
        }
        let kind: (&'static str, &'static [&'static str]) = match self.outgoing.settings.format {
            ExportFormat::Picture(Format::Png) => ("PNG", &["png"]),
            ExportFormat::Picture(Format::Jpeg { .. }) => ("JPEG", &["jpg", "jpeg"]),
            ExportFormat::Picture(Format::WebP { .. }) => ("WebP", &["webp"]),
            ExportFormat::Picture(Format::Tiff) => ("TIFF", &["tif", "tiff"]),
            ExportFormat::Psd => ("Photoshop", &[PSD]),
        };
        let name = format!("{}.{}", plain_name(&self.filed.title), self.outgoing.settings.format.ending());
        let folder = self.filed.path.as_deref().and_then(Path::parent).map(Path::to_owned);
        self.ask(Command::Export, "Export the picture", kind, Some(name), folder);
    }

    /// Writes what the canvas shows, without tints, or its layers. The path's ending decides the format.
    pub(super) fn export(&mut self, path: PathBuf) {
        if self.document.is_some() {
            self.outgoing.saving.begin();
            self.write_when_still(
                move |session| session.export_to(path),
                |session| session.outgoing.saving.end(true),
            );
        }
    }

    fn export_to(&mut self, path: PathBuf) {
        let Some(document) = self.document.clone() else {
            return self.outgoing.saving.end(true);
        };
        let chosen = self.outgoing.settings;
        match chosen.format_of(&path).unwrap_or_else(|| chosen.format()) {
            ExportFormat::Picture(format) => self.export_picture(document, format, path),
            ExportFormat::Psd => {
                self.export_psd(document, path);
                // From here on that counts by itself.
                self.outgoing.saving.end(false);
            }
        }
    }

    /// Where a take shows, its recipe goes along in a PNG.
    fn export_picture(&self, document: Document, format: Format, path: PathBuf) {
        let Export {
            transparent,
            with_recipe,
            ..
        } = self.outgoing.settings;
        let transparent = transparent && format.keeps_transparency();
        let to = path.clone();
        let write = move || {
            let take = document.by_role(Role::Take).filter(|take| take.visible);
            let recipe = take.and_then(|take| ron::from_str::<Recipe>(take.recipe.as_deref()?).ok());
            let left_behind = recipe.is_some() && !format.carries_recipe();
            let recipe = recipe.filter(|_| with_recipe && format.carries_recipe());
            write_picture(&document, format, transparent, recipe, &to).map(|()| left_behind)
        };
        self.outgoing
            .files
            .run_then(write, move |session, exported| session.receive_export(&path, exported));
    }

    /// A picture is in its file, whether a recipe stayed behind or not; or it is not.
    fn receive_export(&mut self, path: &Path, exported: Result<bool, String>) {
        self.outgoing.saving.end(exported.is_err());
        let path = path.display();
        match exported {
            Ok(true) => self.inform(format!(
                "Exported {path} without the take's recipe, which only a PNG carries; the document keeps it"
            )),
            Ok(false) => self.inform(format!("Exported {path}")),
            Err(reason) => self.warn_of(&reason),
        }
    }

    fn export_psd(&mut self, document: Document, path: PathBuf) {
        self.write(psd_steps(&document), move |meter| write_psd(&document, path, meter));
    }
}

pub(super) fn write_psd(document: &Document, path: PathBuf, meter: &Meter) -> Result<Written, ExportError> {
    match save_psd(document, &path, || meter.step().map_err(ExportError::from)) {
        Ok(notes) => Ok(Written::Psd { path, notes }),
        Err(ExportError::Cancelled) => Ok(Written::NoPsd),
        Err(error) => Err(error),
    }
}

fn write_picture(
    document: &Document,
    format: Format,
    transparent: bool,
    recipe: Option<Recipe>,
    path: &Path,
) -> Result<(), String> {
    let area = Rect::of(document.canvas().size());
    let shown = document.composite(area);
    let resolution = document.resolution();
    let Some(recipe) = recipe else {
        let written = match transparent {
            true => save_picture(Samples::from(&shown).at(resolution), format, path),
            false => save_picture(Samples::from(&on_white(&shown)).at(resolution), format, path),
        };
        return written.map_err(|error| error.to_string());
    };
    let bare = document.canvas().showing(|layer| layer.role != Role::Sketch).composite(area);
    // A hidden sketch lays no lines.
    let recipe = |lines| Recipe { lines, ..recipe };
    let written = match transparent {
        true => write_transparent_take(path, &shown, resolution, &recipe(shown != bare)),
        false => {
            let [picture, plain] = [shown, bare].map(|picture| on_white(&picture));
            write_take_at(path, &picture, Some(&plain), resolution, &recipe(picture != plain))
        }
    };
    written.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides_the_format_with_what_was_chosen_for_it() {
        let export = Export {
            quality: 40,
            ..Export::default()
        };
        let of = |name: &str| export.format_of(Path::new(name));
        assert_eq!(of("夏.PSD"), Some(ExportFormat::Psd));
        assert_eq!(of("a.jpg"), Some(ExportFormat::Picture(Format::Jpeg { quality: 40 })));
        assert_eq!(of("a.xcf"), None);
        for format in export.formats() {
            assert_eq!(of(&format!("a.{}", format.ending())), Some(format));
        }
    }

    #[test]
    fn a_format_is_kept_by_its_ending_and_what_is_missing_is_as_usual() {
        for format in Export::default().formats() {
            let mut export = Export::default();
            export.choose(format);
            let text = ron::to_string(&export).unwrap();
            assert!(text.contains(&format!("{:?}", format.ending())), "{text}");
            assert_eq!(ron::from_str::<Export>(&text).unwrap(), export);
        }
        let partly: Export = ron::from_str("(lossy_webp: true, quality: 0)").unwrap();
        assert!(partly.lossy_webp && partly.with_recipe);
        assert_eq!(partly.clamped().quality, 1);
        assert!(ron::from_str::<Export>("(format: \"xcf\")").is_err());
    }
}
