//! How large a pixel is on paper.

use std::sync::Arc;

use super::document::Document;

/// OpenRaster's attributes of the whole picture that say it, across and down.
const ATTRIBUTES: [&str; 2] = ["xres", "yres"];

impl Document {
    /// Pixels an inch on paper, 1 to 10,000, where it is said.
    pub fn resolution(&self) -> Option<f32> {
        let (_, text) = self.foreign_attributes.iter().find(|(name, _)| name == ATTRIBUTES[0])?;
        let resolution = text.trim().parse().ok();
        resolution.filter(|resolution| (1.0..=10_000.0).contains(resolution))
    }

    /// Says so, in whole pixels, as the format has it; what cannot be is not said.
    pub fn set_resolution(&mut self, resolution: f32) {
        let attributes = Arc::make_mut(&mut self.foreign_attributes);
        attributes.retain(|(name, _)| !ATTRIBUTES.contains(&name.as_str()));
        if (1.0..=10_000.0).contains(&resolution) {
            let text = resolution.round().to_string();
            attributes.extend(ATTRIBUTES.map(|name| (name.to_owned(), text.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{open, save};

    #[test]
    fn it_goes_into_the_file_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ora");
        let mut document = Document::blank([8, 8]).unwrap();
        assert_eq!(document.resolution(), None);
        for (given, expected) in [(300.0, Some(300.0)), (72.4, Some(72.0)), (0.0, None), (f32::NAN, None)] {
            document.set_resolution(given);
            save(&document, &path).unwrap();
            let opened = open(&path).unwrap();
            assert_eq!(opened.document.resolution(), expected);
            assert_eq!(opened.notes, [""; 0]);
        }
    }
}
