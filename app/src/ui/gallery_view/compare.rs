//! The loupe, and up to nine pictures against each other: side by side with one zoom, wiped, subtracted, laid over, in turns.

mod colors;
mod showing;

use std::sync::Arc;

use egui::{ComboBox, Pos2, Slider, Ui};

use crate::canvas::view::View;
use crate::command::Command;
use crate::gallery::entry::{Entry, Lines};
use crate::gallery::light_table::{LightTable, Magnification};
use crate::gallery::look::{Look, Part};
use crate::ui::theme::STEP;
use crate::ui::{VALUE, hint, icon, icon_button, percent, with_keys};

/// How pictures are set against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum How {
    #[default]
    SideBySide,
    Wipe,
    Difference,
    Onion,
    Flicker,
}

impl How {
    const ALL: [Self; 5] = [Self::SideBySide, Self::Wipe, Self::Difference, Self::Onion, Self::Flicker];

    /// What leads to it, and what it does.
    fn command(self) -> (Command, &'static str) {
        match self {
            Self::SideBySide => (Command::BesideEachOther, "All pictures with one zoom"),
            Self::Wipe => (Command::Wipe, "Drag the line between two pictures"),
            Self::Difference => (
                Command::Difference,
                "How far each colour is from the other picture's; black is the same",
            ),
            Self::Onion => (Command::Onion, "One picture through the other"),
            Self::Flicker => (Command::Flicker, "All pictures in turns, in one place"),
        }
    }

    fn of(command: Command) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.command().0 == command)
    }
}

/// What of pictures a command shows.
fn part(command: Command) -> Option<Part> {
    Some(match command {
        Command::WholePictures => Part::All,
        Command::FigureOnly => Part::Figure,
        Command::BackgroundOnly => Part::Background,
        Command::SketchOnly => Part::Sketch,
        _ => return None,
    })
}

pub struct Compare {
    view: View,
    how: How,
    look: Look,
    /// Where the wipe's line stands, 0..=1 of the picture's width.
    split: f32,
    /// The difference is multiplied by this, 1..=32.
    gain: f32,
    /// How much of the second picture shows, 0..=1.
    mix: f32,
    /// Seconds that each picture stays while they flicker.
    pace: f32,
    /// Where the pointer is, in pixels of the first picture; beside it, too.
    pointed: Option<Pos2>,
}

impl Default for Compare {
    fn default() -> Self {
        Self {
            view: View::default(),
            how: How::SideBySide,
            look: Look::default(),
            split: 0.5,
            gain: 4.0,
            mix: 0.5,
            pace: 0.5,
            pointed: None,
        }
    }
}

impl Compare {
    /// Shows whole pictures again.
    pub fn fit(&mut self) {
        self.view.fit();
    }

    /// Compares in the way that the command names, or shows the part that it names; again, and it is as before.
    pub fn run(&mut self, command: Command, table: &mut LightTable) {
        if let Some(part) = part(command) {
            let again = self.look.part == part;
            self.look.part = if again { Part::All } else { part };
        }
        let Some(how) = How::of(command) else { return };
        let again = table.magnification == Magnification::Compare && self.how == how;
        self.how = if again { How::SideBySide } else { how };
        table.magnification = Magnification::Compare;
    }

    /// Whether the command names a way to compare.
    pub fn is_way(command: Command) -> bool {
        How::of(command).is_some()
    }

    /// Whether the command names a part of pictures that can show.
    pub fn is_part(command: Command) -> bool {
        part(command).is_some()
    }

    /// What stands over the pictures: how they are compared, and the dial that belongs to it.
    pub fn bar(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        for how in How::ALL {
            let (command, does) = how.command();
            let tip = with_keys(ui, does, &[command]);
            let label = ui.selectable_label(self.how == how, command.label());
            if label.on_hover_text(tip).clicked() && self.how != how {
                commands.push(command);
            }
        }
        ui.add_space(2.0 * STEP);
        let (name, slider) = match self.how {
            How::SideBySide => return,
            How::Wipe => ("Line", percent(&mut self.split, 0.0..=1.0)),
            How::Difference => ("Gain", Slider::new(&mut self.gain, 1.0..=32.0).logarithmic(true).suffix("×")),
            How::Onion => ("Second", percent(&mut self.mix, 0.0..=1.0)),
            How::Flicker => ("Pace", Slider::new(&mut self.pace, 0.1..=2.0).suffix(" s")),
        };
        ui.label(name);
        // Its number stands beside it, in a narrow window, too.
        ui.spacing_mut().slider_width = (ui.available_width() - VALUE - 2.0 * STEP).clamp(24.0, 120.0);
        ui.name_inputs(name, |ui| ui.add(slider));
    }

    /// What of the pictures shows.
    pub fn parts(&mut self, ui: &mut Ui, table: &LightTable, commands: &mut Vec<Command>) {
        ui.name_inputs("Show", |ui| {
            let shown = ComboBox::from_id_salt("part").selected_text(self.look.part.words());
            shown.show_ui(ui, |ui| {
                for part in Part::EVERY {
                    ui.selectable_value(&mut self.look.part, part, part.words());
                }
            });
        });
        let command = Command::ToggleLines;
        let possible = self.switches_lines(table);
        ui.add_enabled_ui(possible.is_ok(), |ui| {
            let (shown, tip) = (self.shows_lines(&entries(table)), hint(ui, command));
            let response = icon_button(ui, icon::PEN, 16.0, shown, command.label(), &tip);
            if response.on_disabled_hover_text(possible.err().unwrap_or_default()).clicked() {
                commands.push(command);
            }
        });
    }

    /// Whether the sketch of any picture that shows can be laid over its colour or taken off it; or why that is not so.
    pub fn switches_lines(&self, table: &LightTable) -> Result<(), &'static str> {
        let any = |lines| entries(table).iter().any(|entry| entry.lines() == lines);
        match (table.magnification, self.look.part) {
            (Magnification::Grid | Magnification::Blind, _) => Err("Show a picture in the loupe, or compare several"),
            (_, Part::Sketch) => Err("The sketch alone shows: choose whole pictures first"),
            _ if any(Lines::Removable) || any(Lines::Absent) => Ok(()),
            _ if any(Lines::Fixed) => Err("What is under the lines was not kept when this was written: make it again"),
            _ => Err("No recipe says which lines lie over this"),
        }
    }

    /// Lays the sketch over the colour, or takes it off; and back to how the pictures were made.
    pub fn toggle_lines(&mut self, table: &LightTable) {
        self.look.lines = match self.look.lines {
            Some(_) => None,
            None => Some(!self.shows_lines(&entries(table))),
        };
    }

    fn shows_lines(&self, entries: &[Arc<Entry>]) -> bool {
        let made = || entries.iter().any(|entry| entry.lines() != Lines::Absent);
        self.look.lines.unwrap_or_else(made)
    }

    /// The picture's name, and whether it still has the lines that were to go.
    fn caption(&self, entry: &Entry) -> String {
        let keeps = self.look.lines == Some(false) && matches!(entry.lines(), Lines::Fixed | Lines::Unknown);
        match keeps && self.look.part != Part::Sketch {
            true => format!("{}  (its lines cannot be taken off)", entry.name()),
            false => entry.name().into_owned(),
        }
    }
}

/// The pictures that show while pictures are large.
fn entries(table: &LightTable) -> Vec<Arc<Entry>> {
    match table.magnification {
        Magnification::Compare | Magnification::Survey => table.compared(),
        Magnification::Grid | Magnification::Loupe | Magnification::Blind => table.active().cloned().into_iter().collect(),
    }
}
