//! Which model makes the pictures.

use egui::{Button, ComboBox, RichText, Ui};
use engine::request::ModelRef;

use crate::command::Command;
use crate::session::{Session, name_of};
use crate::ui::row;
use crate::ui::theme::{ROW, tokens};

/// The model of the next generations.
pub fn show(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    let tip = "The network that makes the pictures: the one in the program, or one that you added";
    let mut chosen = session.settings.model.clone();
    choose(ui, session, "Model", tip, &mut chosen);
    session.settings.model = chosen;
    let tip = "Add, fetch, look through and remove models";
    if ui.add(Button::new("Models…")).on_hover_text(tip).clicked() {
        commands.push(Command::ManageModels);
    }
}

/// The model in the program and those of the folder of models. The folder is looked into when the list opens.
pub fn choose(ui: &mut Ui, session: &mut Session, name: &str, tip: &str, chosen: &mut ModelRef) {
    let list = row(ui, name, tip, |ui| {
        // As wide as the lists below it, which leave room for the arrow back to the default.
        let width = ui.available_width() - ROW - ui.spacing().item_spacing.x;
        let list = ComboBox::from_id_salt(name)
            .width(width)
            .truncate()
            .selected_text(name_of(chosen))
            .show_ui(ui, |ui| {
                for choice in session.model_choices() {
                    ui.selectable_value(chosen, choice.model, choice.name);
                }
                let hint = session.models_trouble().unwrap_or("\u{201c}Models…\u{201d} puts more here");
                ui.label(RichText::new(hint).size(11.0).color(tokens(ui).dim));
            });
        list.response
    });
    // Last: a tip on a control without a name becomes its name.
    if list.on_hover_text(tip).clicked() {
        session.look_for_models();
    }
}
