//! The brushes that come with the program.

use std::sync::LazyLock;

use serde::Deserialize;

use super::BrushSettings;

/// A brush with a name.
#[derive(Clone, Debug, Deserialize)]
pub struct Preset {
    pub name: String,
    settings: BrushSettings,
}

impl Preset {
    /// The preset at the size of `before`.
    pub fn sized_as(&self, before: &BrushSettings) -> BrushSettings {
        BrushSettings {
            size: before.size,
            ..self.settings
        }
        .clamped()
    }
}

/// All of them, the plain one first.
pub fn presets() -> &'static [Preset] {
    static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
        let text = include_str!("../../../assets/brushes/presets.ron");
        ron::from_str(text).expect("a test reads the presets that are built in")
    });
    &PRESETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_are_read_and_differ() {
        let before = BrushSettings {
            size: 77.0,
            ..BrushSettings::default()
        };
        let all: Vec<BrushSettings> = presets().iter().map(|preset| preset.sized_as(&before)).collect();
        assert_eq!(all[0], before, "the first is the default");
        for (index, settings) in all.iter().enumerate() {
            assert_eq!(settings.size, 77.0);
            assert_eq!(*settings, settings.clamped());
            assert!(!all[..index].contains(settings), "{}", presets()[index].name);
        }
    }
}
