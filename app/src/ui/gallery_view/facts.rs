//! The active picture: what was decided about it, and its recipe; beside another one, where their recipes differ.

use egui::{Align, Button, Grid, Layout, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::filters::swatch;
use crate::command::Command;
use crate::gallery::entry::{Entry, RecipeKind};
use crate::gallery::light_table::{LightTable, Magnification};
use crate::gallery::marks::{Decision, Flag, Label};
use crate::gallery::recipe_fields;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{hint, icon, icon_button, title};

/// A note that is being typed, and whose it is.
#[derive(Default)]
pub struct Note {
    path: std::path::PathBuf,
    text: String,
    changed: bool,
}

const STARS: [Command; 5] = [
    Command::RateOne,
    Command::RateTwo,
    Command::RateThree,
    Command::RateFour,
    Command::RateFive,
];

pub fn panel(ui: &mut Ui, table: &mut LightTable, note: &mut Note, commands: &mut Vec<Command>) {
    let Some(entry) = table.active().cloned() else {
        note.keep(table);
        ui.weak("Nothing is chosen");
        return;
    };
    ScrollArea::vertical().show(ui, |ui| {
        // Beside the bar that scrolls.
        ui.set_width(ui.available_width() - 2.0 * STEP);
        title(ui, &entry.name()).on_hover_text(entry.path.display().to_string());
        let facts = match &entry.facts {
            Ok(facts) => facts,
            Err(reason) => {
                note.keep(table);
                ui.colored_label(tokens(ui).bad, format!("This picture is broken: {reason}."));
                ui.weak("Restore it from a copy, or make it again.");
                return;
            }
        };
        ui.weak(format!("{} × {}  ·  {}", facts.size[0], facts.size[1], entry.day()));
        ui.add_space(2.0 * STEP);
        decisions(ui, &entry, table.chosen_count(), commands);
        ui.add_space(STEP);
        note.show(ui, table, &entry);
        ui.add_space(2.0 * STEP);
        ui.separator();
        recipe(ui, table, &entry, commands);
    });
}

/// Stars, flags, labels. They reach all chosen pictures, as the keys do.
fn decisions(ui: &mut Ui, entry: &Entry, count: usize, commands: &mut Vec<Command>) {
    let Some(marks) = entry.marks() else { return };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (star, command) in (1..).zip(STARS) {
            // The last star again takes them all away.
            let command = if marks.stars == star { Command::RateNone } else { command };
            let tip = hint(ui, command);
            if icon_button(ui, icon::STAR, 16.0, star <= marks.stars, command.label(), &tip).clicked() {
                commands.push(command);
            }
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        for (flag, glyph, command) in [
            (Flag::Pick, icon::CHECK, Command::Pick),
            (Flag::None, icon::FLAG, Command::Unflag),
            (Flag::Reject, icon::REJECT, Command::Reject),
        ] {
            let tip = hint(ui, command);
            if icon_button(ui, glyph, 16.0, marks.flag == flag, command.label(), &tip).clicked() {
                commands.push(command);
            }
        }
        ui.add_space(STEP);
        for (label, command) in Label::ALL.into_iter().zip(LABELS) {
            if swatch(ui, Some(&label), marks.label.as_ref() == Some(&label), command.label()) {
                commands.push(command);
            }
        }
    });
    if count > 1 {
        ui.weak(format!("Decisions reach all {count} chosen pictures."));
    }
}

const LABELS: [Command; 4] = [
    Command::LabelRed,
    Command::LabelYellow,
    Command::LabelGreen,
    Command::LabelBlue,
];

impl Note {
    /// The field, which keeps what is typed when it is left.
    fn show(&mut self, ui: &mut Ui, table: &mut LightTable, entry: &Entry) {
        if self.path != entry.path {
            self.keep(table);
            self.path.clone_from(&entry.path);
        }
        if !self.changed {
            self.text = entry.marks().map_or(String::new(), |marks| marks.note.clone());
        }
        let field = TextEdit::multiline(&mut self.text)
            .hint_text("Why? A note for the artist")
            .desired_rows(2)
            .desired_width(f32::INFINITY);
        let field = ui.name_inputs("Note", |ui| ui.add(field));
        self.changed |= field.changed();
        if field.lost_focus() {
            self.keep(table);
        }
    }

    /// Decides what was typed.
    pub fn keep(&mut self, table: &mut LightTable) {
        if std::mem::take(&mut self.changed) {
            table.decide_on(&self.path, &Decision::Note(self.text.trim().to_owned()));
        }
    }
}

fn recipe(ui: &mut Ui, table: &LightTable, entry: &Entry, commands: &mut Vec<Command>) {
    let Ok(facts) = &entry.facts else { return };
    let beside = match table.magnification {
        Magnification::Compare | Magnification::Survey => table.compared(),
        _ if table.selection_count() == 2 => table.selection(),
        _ => Vec::new(),
    };
    let other = beside.into_iter().find(|other| other.path != entry.path);
    if let Some(other) = other {
        title(ui, "Differences");
        ui.weak(format!("to {}", other.name()));
        let fields = other.facts.as_ref().map(|facts| facts.fields.as_slice()).unwrap_or_default();
        let differences = recipe_fields::difference(&facts.fields, fields);
        if differences.is_empty() {
            ui.label("Their recipes are the same.");
        }
        // All three within the panel, however narrow.
        let column = (ui.available_width() - 4.0 * STEP) / 3.0;
        let grid = Grid::new("differences")
            .num_columns(3)
            .striped(true)
            .spacing(vec2(2.0 * STEP, STEP));
        grid.min_col_width(column).max_col_width(column).show(ui, |ui| {
            for (name, here, there) in differences {
                let (here, there) = (or_none(here), or_none(there));
                let cells = [
                    (RichText::new(name).small().color(tokens(ui).dim), name),
                    (RichText::new(recipe_fields::plain(here)), here),
                    (RichText::new(recipe_fields::plain(there)).color(tokens(ui).dim), there),
                ];
                for (shown, whole) in cells {
                    ui.add(egui::Label::new(shown).truncate()).on_hover_text(whole);
                }
                ui.end_row();
            }
        });
        ui.add_space(2.0 * STEP);
    }
    title(ui, "Recipe");
    match facts.recipe {
        RecipeKind::None => drop(ui.weak("This picture carries no recipe: another program made it, or it was edited.")),
        RecipeKind::Foreign => drop(ui.weak("Another program made this picture.")),
        RecipeKind::Own => remakes(ui, commands),
    }
    let widths = [NAMES, ui.available_width() - NAMES - 2.0 * STEP];
    let grid = Grid::new("recipe")
        .num_columns(2)
        .striped(true)
        .spacing(vec2(2.0 * STEP, STEP));
    grid.show(ui, |ui| {
        for (name, value) in &facts.fields {
            let cells = [
                (RichText::new(name).color(tokens(ui).dim), name),
                (RichText::new(recipe_fields::plain(value)), value),
            ];
            for (width, (shown, whole)) in widths.into_iter().zip(cells) {
                let left = Layout::left_to_right(Align::Center);
                ui.allocate_ui_with_layout(vec2(width, ROW), left, |ui| {
                    ui.set_width(width);
                    let label = egui::Label::new(shown).selectable(true).truncate();
                    ui.add(label).on_hover_text(whole);
                });
            }
            ui.end_row();
        }
    });
}

/// Width of the names in a recipe.
const NAMES: f32 = 132.0;

/// What can be done with a recipe of ours.
fn remakes(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.add_space(STEP);
    let width = ui.available_width();
    for command in [Command::MakeAgain, Command::AnotherSeed, Command::OpenInStudio] {
        let button = ui.add_sized(vec2(width, ROW), Button::new(command.label()));
        if button.on_hover_text(hint(ui, command)).clicked() {
            commands.push(command);
        }
    }
    ui.add_space(STEP);
}

fn or_none(value: &str) -> &str {
    if value.is_empty() { "none" } else { value }
}
