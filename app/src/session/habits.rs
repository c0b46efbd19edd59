//! How a person likes to work, kept from one run of the program to the next: the tool in the hand and what tools are set to, the colours and the palette, how
//! masks show, how takes are cut into flats, how pictures are exported, the panel and the theme, and how much memory the history may take.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::{Export, MaskLook, Session, kept};
use crate::brush::BrushSettings;
use crate::document::DEFAULT_LIMIT;
use crate::generate::flats::FlatSettings;
use crate::tool::{FillBy, GradientSettings, RegionSettings, ToolKind, Toolbox};

/// From one writing to the next, at least, while the program runs.
const PAUSE: Duration = Duration::from_secs(5);

/// The panels that stand in one place, of which one shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SidePanel {
    #[default]
    Layers,
    Color,
    History,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Habits {
    tool: ToolKind,
    brush: BrushSettings,
    eraser: BrushSettings,
    fill: RegionSettings,
    fill_by: FillBy,
    wand: RegionSettings,
    gradient: GradientSettings,
    /// The brush's, and the other one: sRGB.
    colors: [[u8; 3]; 2],
    /// Those that were painted with lately, the latest first.
    recent_colors: Vec<[u8; 3]>,
    /// The name of the palette in use.
    palette: String,
    masks: MaskLook,
    flats: FlatSettings,
    export: Export,
    panel: SidePanel,
    /// Whether the window is dark; none: as the system is.
    dark: Option<bool>,
    /// Bytes that the history may hold in memory.
    history: usize,
}

impl Default for Habits {
    fn default() -> Self {
        let Toolbox { colors, fill, wand, .. } = Toolbox::default();
        Self {
            tool: ToolKind::default(),
            brush: BrushSettings::default(),
            eraser: BrushSettings::default(),
            fill: fill.settings,
            fill_by: fill.by,
            wand,
            gradient: GradientSettings::default(),
            colors: [colors.brush, colors.second],
            recent_colors: Vec::new(),
            palette: String::new(),
            masks: MaskLook::default(),
            flats: FlatSettings::default(),
            export: Export::default(),
            panel: SidePanel::default(),
            dark: None,
            history: DEFAULT_LIMIT,
        }
    }
}

/// What the file holds.
#[derive(Default)]
pub(super) struct HabitDesk {
    /// Where it is, once it was read; none: nothing is kept.
    file: Option<PathBuf>,
    written: Habits,
    since: Option<Instant>,
    /// Habits have come that the window has not taken up.
    news: bool,
}

impl Session {
    /// Takes over what is in `file`, and keeps there from then on how the person works.
    pub fn remember_habits(&mut self, file: PathBuf) {
        self.kept.run(move || {
            let (habits, trouble) = read(&file);
            Some(Answer::new(move |session| session.receive_habits(file, habits, trouble)))
        });
    }

    fn receive_habits(&mut self, file: PathBuf, habits: Habits, trouble: Option<String>) {
        let Habits {
            tool,
            brush,
            eraser,
            fill,
            fill_by,
            wand,
            gradient,
            colors: [first, second],
            recent_colors,
            palette,
            masks,
            flats,
            export,
            panel,
            dark,
            history,
        } = habits.clone();
        self.toolbox.select(tool);
        (self.toolbox.brush.settings, self.toolbox.eraser.settings) = (brush.clamped(), eraser.clamped());
        (self.toolbox.fill.settings, self.toolbox.wand) = (fill.clamped(), wand.clamped());
        self.toolbox.fill.by = fill_by;
        self.toolbox.gradient.settings = gradient;
        (self.toolbox.colors.brush, self.toolbox.colors.second) = (first, second);
        self.toolbox.colors.remember(recent_colors);
        self.palettes.await_use(palette);
        (self.view.mask_look, self.flats, self.outgoing.settings) = (masks.clamped(), flats.clamped(), export.clamped());
        (self.view.panel, self.view.dark) = (panel, dark);
        self.limit_history(history);
        self.habits = HabitDesk {
            file: Some(file),
            written: habits,
            since: None,
            news: true,
        };
        trouble.into_iter().for_each(|words| self.warn(words));
    }

    /// Whether the window is to take up what was kept; once.
    pub fn take_habits(&mut self) -> bool {
        std::mem::take(&mut self.habits.news)
    }

    fn habits(&self) -> Habits {
        let colors = &self.toolbox.colors;
        Habits {
            // A box around what lies on a layer is nothing to begin with.
            tool: match self.toolbox.selected() {
                ToolKind::Transform => ToolKind::default(),
                tool => tool,
            },
            brush: self.toolbox.brush.settings,
            eraser: self.toolbox.eraser.settings,
            fill: self.toolbox.fill.settings,
            fill_by: self.toolbox.fill.by,
            wand: self.toolbox.wand,
            gradient: self.toolbox.gradient.settings,
            colors: [colors.brush, colors.second],
            recent_colors: colors.recent().to_vec(),
            palette: self.palettes.name_in_use().to_owned(),
            masks: self.view.mask_look,
            flats: self.flats,
            export: self.outgoing.settings,
            panel: self.view.panel,
            dark: self.view.dark,
            history: self.past.limit,
        }
    }

    /// Writes what has changed, but not for every move of a slider.
    pub(super) fn tend_habits(&mut self) {
        let lately = self.habits.since.is_some_and(|since| since.elapsed() < PAUSE);
        if !self.hand.is_down && !lately {
            self.keep_habits();
        }
    }

    /// Writes what has changed since it was written.
    pub(super) fn keep_habits(&mut self) {
        if let Some((file, habits)) = self.changed_habits() {
            self.kept.run(move || Some(Answer::Failed(write(&file, &habits).err()?)));
        }
    }

    /// What is to be written where, if anything has changed.
    fn changed_habits(&mut self) -> Option<(PathBuf, Habits)> {
        let file = self.habits.file.clone()?;
        let habits = self.habits();
        if habits == self.habits.written {
            return None;
        }
        (self.habits.written, self.habits.since) = (habits.clone(), Some(Instant::now()));
        Some((file, habits))
    }
}

fn write(file: &Path, habits: &Habits) -> Result<(), String> {
    kept::store(file, habits).map_err(|error| {
        let file = file.display();
        format!("How you work cannot be kept in {file}: {error}. It holds until the program ends.")
    })
}

/// What a file holds; what is wrong with it is told, and the defaults hold.
fn read(file: &Path) -> (Habits, Option<String>) {
    match kept::load(file) {
        Ok(habits) => (habits.unwrap_or_default(), None),
        Err(reason) => {
            let file = file.display();
            let words = format!(
                "What was kept in {file} cannot be read: {reason}. The defaults hold; what you change writes the file anew."
            );
            (Habits::default(), Some(words))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_and_what_is_wrong_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("habits.ron");
        assert_eq!(read(&file), (Habits::default(), None));
        let habits = Habits {
            tool: ToolKind::Lasso,
            flats: FlatSettings {
                sides: false,
                ..FlatSettings::default()
            },
            dark: Some(false),
            ..Habits::default()
        };
        write(&file, &habits).unwrap();
        assert_eq!(read(&file), (habits, None));
        kept::write(&file, "(tool: Pan)").unwrap();
        assert_eq!(
            read(&file).0.tool,
            ToolKind::Pan,
            "what an older program did not keep has its default"
        );
        kept::write(&file, "(tool: Hammer)").unwrap();
        let (habits, trouble) = read(&file);
        assert_eq!(habits, Habits::default());
        assert!(trouble.unwrap().contains("habits.ron cannot be read"));
    }
}
