//! Presets of the brush: those that come with the program, then a person's own, each in a file of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use picture::numbered;

use super::answer::Answer;
use super::{Session, kept};
use crate::brush::{BrushMode, BrushSettings, Preset, PresetIcon, presets};
use crate::command::Command;
use crate::tool::ToolKind;

/// Ending of a preset's file.
const ENDING: &str = "ron";

/// Where a preset is kept: chosen when it is first written, on the thread that sees what is there.
type Place = Arc<OnceLock<PathBuf>>;

/// A person's presets, and what was in the hand before the last one was chosen.
#[derive(Default)]
pub(super) struct Brushes {
    /// Where they are kept; none: nowhere.
    folder: Option<PathBuf>,
    own: Vec<(Place, Preset)>,
    previous: Option<(ToolKind, BrushSettings)>,
}

impl Session {
    /// Keeps a person's presets in `folder` from now on, and takes over those that are there.
    pub fn remember_brushes(&mut self, folder: PathBuf) {
        self.brushes.folder = Some(folder.clone());
        self.kept.run(move || {
            let (own, troubles) = read(&folder);
            Some(Answer::new(move |session| session.receive_brushes(own, &troubles)))
        });
    }

    fn receive_brushes(&mut self, own: Vec<(PathBuf, Preset)>, troubles: &[String]) {
        let own = own.into_iter();
        self.brushes.own = own.map(|(path, preset)| (Arc::new(OnceLock::from(path)), preset)).collect();
        if !troubles.is_empty() {
            self.warn(troubles.join("\n"));
        }
    }

    /// All presets, a person's own last.
    pub fn presets(&self) -> impl Iterator<Item = &Preset> {
        presets().iter().chain(self.brushes.own.iter().map(|(_, preset)| preset))
    }

    /// The preset that the tool in the hand is set to, whatever its size.
    pub fn preset_in_use(&self) -> Option<usize> {
        let eraser = self.toolbox.selected() == ToolKind::Eraser;
        let settings = self.toolbox.settings()?;
        let is_used = |preset: &Preset| preset.eraser == eraser && preset.sized_as(settings) == *settings;
        self.presets().position(is_used)
    }

    /// What that one is called.
    pub fn preset_name(&self) -> Option<String> {
        let preset = self.presets().nth(self.preset_in_use()?)?;
        Some(preset.name.clone())
    }

    /// Takes a preset into the hand, at the size that the tool has.
    pub fn use_preset(&mut self, at: usize) {
        let Some(preset) = self.presets().nth(at).cloned() else {
            return;
        };
        let before = (self.toolbox.selected(), self.toolbox.settings().copied());
        self.toolbox
            .select(if preset.eraser { ToolKind::Eraser } else { ToolKind::Brush });
        let Some(settings) = self.toolbox.settings_mut() else { return };
        *settings = preset.sized_as(settings);
        if let (tool, Some(settings)) = before {
            self.brushes.previous = Some((tool, settings));
        }
    }

    /// The place of a person's own preset among theirs; none for one that comes with the program.
    pub fn own_preset(&self, at: usize) -> Option<usize> {
        at.checked_sub(presets().len()).filter(|own| *own < self.brushes.own.len())
    }

    /// Gives a person's preset another name; a blank one is none.
    pub fn rename_preset(&mut self, at: usize, name: &str) {
        let Some(own) = self.own_preset(at).filter(|_| !name.trim().is_empty()) else {
            return;
        };
        let (place, preset) = &mut self.brushes.own[own];
        preset.name = name.to_owned();
        let (place, preset) = (place.clone(), preset.clone());
        self.write_preset(place, preset);
    }

    /// The commands that concern presets.
    pub(super) fn preset_by(&mut self, command: Command) {
        match command {
            Command::PreviousPreset => {
                let Some((tool, settings)) = self.brushes.previous.take() else {
                    return;
                };
                let now = (self.toolbox.selected(), self.toolbox.settings().copied());
                self.toolbox.select(tool);
                if let Some(own) = self.toolbox.settings_mut() {
                    *own = settings;
                }
                self.brushes.previous = match now {
                    (tool, Some(settings)) => Some((tool, settings)),
                    _ => None,
                };
            }
            Command::SavePreset => self.save_preset(),
            Command::RemovePreset => {
                let Some(own) = self.preset_in_use().and_then(|at| self.own_preset(at)) else {
                    return;
                };
                let (place, preset) = self.brushes.own.remove(own);
                self.inform(format!("\u{201c}{}\u{201d} is removed", preset.name));
                self.kept.run(move || {
                    let path = place.get()?;
                    let error = fs::remove_file(path).err()?;
                    let path = path.display();
                    Some(Answer::Failed(format!(
                        "The preset cannot be removed from {path}: {error}. It is back when the program starts again."
                    )))
                });
            }
            _ => {}
        }
    }

    /// Whether something else was in the hand before a preset was chosen.
    pub(super) fn has_previous_preset(&self) -> bool {
        self.brushes.previous.is_some()
    }

    /// Whether the tool in the hand is set to a preset of the person's own.
    pub(super) fn uses_own_preset(&self) -> bool {
        self.preset_in_use().is_some_and(|at| self.own_preset(at).is_some())
    }

    fn save_preset(&mut self) {
        let eraser = self.toolbox.selected() == ToolKind::Eraser;
        let Some(settings) = self.toolbox.settings().copied() else {
            return;
        };
        if let Some(preset) = self.preset_in_use().and_then(|at| self.presets().nth(at)) {
            let words = format!("The brush is kept already, as \u{201c}{}\u{201d}.", preset.name);
            return self.inform(words);
        }
        let taken = |name: &str| self.presets().any(|preset| preset.name == name);
        let name = numbered("My brush", "", " ").find(|name| !taken(name)).unwrap_or_default();
        let icon = match settings.mode {
            _ if eraser => PresetIcon::Eraser,
            BrushMode::Paint => PresetIcon::Brush,
            BrushMode::Smudge => PresetIcon::Smudge,
            BrushMode::Fill => PresetIcon::Fill,
        };
        let preset = Preset {
            name,
            icon,
            eraser,
            settings,
        };
        let place = Place::default();
        self.brushes.own.push((place.clone(), preset.clone()));
        self.inform(format!("\u{201c}{}\u{201d} is kept with the presets", preset.name));
        self.write_preset(place, preset);
    }

    fn write_preset(&self, place: Place, preset: Preset) {
        let Some(folder) = self.brushes.folder.clone() else { return };
        self.kept.run(move || {
            let path = place.get_or_init(|| free(&folder, &preset.name));
            let text = preset.to_ron().map_err(std::io::Error::other);
            let error = text.and_then(|text| kept::write(path, &text)).err()?;
            let path = path.display();
            Some(Answer::Failed(format!(
                "The preset cannot be kept in {path}: {error}. It is there until the program ends."
            )))
        });
    }
}

/// A file for a new preset: its name, as far as a file may have it, and a number where that is taken, by whatever there is.
fn free(folder: &Path, name: &str) -> PathBuf {
    let stem: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let mut paths = numbered(&stem, "", "-").map(|stem| folder.join(stem).with_extension(ENDING));
    paths.find(|path| !path.exists()).expect("there is no end of numbers")
}

/// The presets of a folder in the order of their files; what is wrong with the others.
fn read(folder: &Path) -> (Vec<(PathBuf, Preset)>, Vec<String>) {
    let (mut own, mut troubles) = (Vec::new(), Vec::new());
    // Without a folder nothing was kept yet.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == ENDING));
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        match text.and_then(|text| Preset::from_ron(&text)) {
            Ok(preset) => own.push((path, preset)),
            Err(reason) => {
                let path = path.display();
                troubles.push(format!(
                    "The brush preset {path} is left out: {reason}. Mend the file or remove it."
                ));
            }
        }
    }
    (own, troubles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_preset_is_written_over_no_file_even_one_that_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let broken = folder.path().join("My-brush.ron");
        assert_eq!(free(folder.path(), "My brush"), broken);
        fs::write(&broken, "(name: \"My brush\", settings: (").unwrap();
        assert_eq!(free(folder.path(), "My brush"), folder.path().join("My-brush-2.ron"));
    }

    #[test]
    fn broken_presets_are_named_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("a.ron", "(name: \"Mine\", icon: Pencil, settings: (hardness: 0.25))");
        write("b.ron", "(name: \"Broken\", settings: (hardness: ");
        write("c.txt", "not a preset");
        let (own, troubles) = read(folder.path());
        assert_eq!(own.len(), 1);
        assert_eq!((own[0].1.name.as_str(), own[0].1.settings.hardness), ("Mine", 0.25));
        assert!(troubles.len() == 1 && troubles[0].contains("b.ron"), "{troubles:?}");
        assert!(read(&folder.path().join("nowhere")).0.is_empty());
    }
}
