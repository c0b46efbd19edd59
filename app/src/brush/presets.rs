//! Brushes with names: those that come with the program, and a person's own.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::BrushSettings;

/// What a preset looks like in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PresetIcon {
    #[default]
    Brush,
    Bristles,
    Ink,
    Pencil,
    Airbrush,
    Marker,
    Fill,
    Smudge,
    Eraser,
}

/// A brush, or an eraser, with a name. In RON: `(name: "Ink", icon: Ink, settings: (hardness: 1.0))`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    pub name: String,
    #[serde(default)]
    pub icon: PresetIcon,
    /// It takes paint away.
    #[serde(default)]
    pub eraser: bool,
    pub settings: BrushSettings,
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

    /// Reads the text of a preset's file; an error says where it is wrong.
    pub fn from_ron(text: &str) -> Result<Self, String> {
        let preset: Self = ron::from_str(text).map_err(|error| error.to_string())?;
        match preset.name.trim() {
            "" => Err("it has no name".to_owned()),
            name => Ok(Self {
                name: name.to_owned(),
                settings: preset.settings.clamped(),
                ..preset
            }),
        }
    }

    pub fn to_ron(&self) -> Result<String, ron::Error> {
        ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default())
    }
}

/// All that come with the program, the plain one first.
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
        let sized = |preset: &Preset| (preset.eraser, preset.sized_as(&before));
        let all: Vec<_> = presets().iter().map(sized).collect();
        assert_eq!(all[0], (false, before), "the first is the default");
        for (index, (eraser, settings)) in all.iter().enumerate() {
            assert_eq!(settings.size, 77.0);
            assert_eq!(*settings, settings.clamped());
            assert!(!all[..index].contains(&(*eraser, *settings)), "{}", presets()[index].name);
        }
    }

    #[test]
    fn a_preset_comes_back_from_its_file_and_a_broken_one_says_where() {
        for preset in presets() {
            let text = preset.to_ron().unwrap();
            assert_eq!(Preset::from_ron(&text).unwrap(), *preset);
        }
        let plain = Preset::from_ron("(name: \" Mine \", settings: (size: 1e9))").unwrap();
        assert_eq!((plain.name.as_str(), plain.settings.size), ("Mine", 1000.0));
        assert!(Preset::from_ron("(name: \"\", settings: ())").is_err());
        assert!(
            Preset::from_ron("(name: \"A\",\n settings: (size: soft))")
                .unwrap_err()
                .starts_with("2:")
        );
    }
}
