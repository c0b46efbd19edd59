//! How a picture leaves: the format is chosen first, then the place.

use std::path::Path;

use picture::{DEFAULT_QUALITY, Format};

use super::Session;
use crate::command::Command;

/// What a person chose, kept for the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    format: Format,
    /// Of what has losses, 1 to 100.
    pub quality: u8,
    /// A WebP has losses.
    pub lossy_webp: bool,
}

impl Default for Export {
    fn default() -> Self {
        Self {
            format: Format::Png,
            quality: DEFAULT_QUALITY,
            lossy_webp: false,
        }
    }
}

impl Export {
    /// All formats, in the order of choice.
    pub fn formats(self) -> [Format; 4] {
        let [jpeg, webp] = [Format::Jpeg { quality: self.quality }, Format::WebP { quality: None }];
        [Format::Png, jpeg, webp, Format::Tiff].map(|format| self.set(format))
    }

    pub fn format(self) -> Format {
        self.set(self.format)
    }

    /// The format of a path by its ending, as it is set here.
    pub fn format_of(self, path: &Path) -> Option<Format> {
        Format::of(path, None).map(|format| self.set(format))
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

    pub fn choose(&mut self, format: Format) {
        self.format = format;
    }
}

impl Session {
    pub(super) fn choose_export(&mut self) {
        self.exporting = self.document.is_some();
    }

    /// How to export, while a person chooses.
    pub fn exporting(&mut self) -> Option<&mut Export> {
        self.exporting.then_some(&mut self.export)
    }

    /// The format is chosen, or the person does not want to.
    pub fn end_exporting(&mut self, wanted: bool) {
        self.exporting = false;
        if !wanted {
            return;
        }
        let kind: (&'static str, &'static [&'static str]) = match self.export.format {
            Format::Png => ("PNG", &["png"]),
            Format::Jpeg { .. } => ("JPEG", &["jpg", "jpeg"]),
            Format::WebP { .. } => ("WebP", &["webp"]),
            Format::Tiff => ("TIFF", &["tif", "tiff"]),
        };
        let name = format!("{}.{}", self.title.replace(['/', ':'], " "), self.export.format.ending());
        let folder = self.path.as_deref().and_then(Path::parent).map(Path::to_owned);
        self.ask(Command::Export, "Export the picture", kind, Some(name), folder);
    }
}
