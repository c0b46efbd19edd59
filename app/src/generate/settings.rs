//! The settings of the next generation, as the document keeps them: RON text that the document itself does not read.

use engine::request::Settings;

use crate::document::Document;

/// The settings that the document was saved with; the defaults where it has none.
pub fn of(document: &Document) -> Result<Settings, ron::error::SpannedError> {
    document
        .settings
        .as_deref()
        .map_or_else(|| Ok(Settings::default()), ron::from_str)
}

/// Keeps the settings in the document, to be saved with it.
pub fn keep(document: &mut Document, settings: &Settings) -> Result<(), ron::Error> {
    document.settings = Some(ron::to_string(settings)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were() {
        let mut document = Document::new([8, 8]).unwrap();
        assert_eq!(of(&document).unwrap(), Settings::default());
        let chosen = Settings {
            seed: u64::MAX,
            size: Some([256, 320]),
            ..Settings::default()
        };
        keep(&mut document, &chosen).unwrap();
        assert_eq!(of(&document).unwrap(), chosen);
        document.settings = Some("(steps: many)".into());
        assert!(of(&document).is_err());
    }
}
