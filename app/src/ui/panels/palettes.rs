//! The palettes in the colour panel: a choice of them, the colours of the one in use, and the name of the colour that was clicked.

use egui::{ComboBox, Popup, PopupCloseBehavior, TextEdit, Ui, vec2};

use super::color::{heading, hex, swatch_rows};
use crate::command::Command;
use crate::palette::Swatch;
use crate::session::Session;
use crate::ui::theme::{ROW, STEP};
use crate::ui::{command_button, entry, icon, icon_button, row};

/// What the button with three dots opens.
const MORE: [Command; 6] = [
    Command::OpenPalette,
    Command::SavePalette,
    Command::AddToPalette,
    Command::AddReferenceColors,
    Command::NewPalette,
    Command::RemovePalette,
];

/// The palettes' own state.
#[derive(Default)]
pub struct Palettes {
    /// The palette and the colour in it that was clicked.
    chosen: Option<(usize, usize)>,
}

impl Palettes {
    /// Shows them; the colour that was clicked.
    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) -> Option<[u8; 3]> {
        heading(ui, "Palette");
        choice(ui, session, commands);
        let (palette, at) = session.palette_in_use();
        let swatches = &palette.swatches;
        if swatches.is_empty() {
            ui.weak("Add the brush colour, or open a palette of GIMP, Krita or Adobe.");
        }
        let named = |number: usize| {
            let swatch = &swatches[number];
            (swatch.color, format!("{} {}", called(swatch), hex(swatch.color)))
        };
        let clicked = swatch_rows(ui, swatches.len(), named);
        let color = clicked.map(|number| swatches[number].color);
        let count = swatches.len();
        if let Some(number) = clicked {
            self.chosen = Some((at, number));
        }
        let chosen = self.chosen.filter(|(palette, number)| *palette == at && *number < count);
        if let Some((_, number)) = chosen {
            self.name(ui, session, number);
        }
        color
    }

    /// The name of the colour that was clicked, to be changed, and a button that takes it away.
    fn name(&mut self, ui: &mut Ui, session: &mut Session, number: usize) {
        let mut swatch = session.palette_in_use().0.swatches[number].clone();
        ui.horizontal(|ui| {
            ui.label("Name");
            let width = ui.available_width() - ROW - 2.0 * STEP;
            let edit = TextEdit::singleline(&mut swatch.name);
            let field = ui.name_inputs("Name of the colour", |ui| ui.add_sized(vec2(width, ROW), edit));
            if field.changed() {
                session.change_palette(|palette| palette.swatches[number].name = swatch.name);
            }
            let words = "Take the colour out of the palette";
            if icon_button(ui, icon::TRASH, 14.0, false, words, words).clicked() {
                session.change_palette(|palette| {
                    palette.swatches.remove(number);
                });
                self.chosen = None;
            }
        });
    }
}

/// Which palette is in use, and what is done with palettes.
fn choice(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let (palette, mut at) = session.palette_in_use();
        let list = ComboBox::from_id_salt("palette")
            .width(ui.available_width() - 2.0 * (ROW + 2.0 * STEP))
            .truncate()
            .selected_text(&palette.name);
        ui.name_inputs("Palette", |ui| {
            list.show_ui(ui, |ui| {
                for (number, palette) in session.palettes().iter().enumerate() {
                    ui.selectable_value(&mut at, number, &palette.name);
                }
            })
        });
        session.use_palette(at);
        if command_button(ui, icon::PLUS, 14.0, false, Command::AddToPalette) {
            commands.push(Command::AddToPalette);
        }
        let words = "More about palettes";
        let button = icon_button(ui, icon::MORE, 14.0, false, words, words);
        let popup = Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        popup.show(|ui| {
            ui.set_width(296.0);
            let mut name = session.palette_in_use().0.name.clone();
            let field = row(ui, "Name", "What the palette is called", |ui| {
                ui.text_edit_singleline(&mut name)
            });
            if field.changed() {
                session.change_palette(|palette| palette.name = name);
            }
            for command in MORE {
                if ui.add_enabled(session.allows(command), entry(ui, command)).clicked() {
                    commands.push(command);
                    ui.close();
                }
            }
        });
    });
}

/// A colour's name, or what it is.
fn called(swatch: &Swatch) -> &str {
    match swatch.name.is_empty() {
        true => "Colour",
        false => &swatch.name,
    }
}
