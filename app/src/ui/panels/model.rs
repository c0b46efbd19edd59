//! A list of models to choose one from.

use egui::{ComboBox, RichText, Ui};
use engine::request::ModelRef;

use crate::session::{Session, name_of};
use crate::ui::row;
use crate::ui::theme::{ROW, tokens};

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
                more(ui, session);
            });
        list.response
    });
    // Last: a tip on a control without a name becomes its name.
    if list.on_hover_text(tip).clicked() {
        session.look_for_models();
    }
}

/// Below a list of models: why there may be more than it shows.
pub fn more(ui: &mut Ui, session: &Session) {
    let hint = session.models_trouble().unwrap_or("\u{201c}Models…\u{201d} puts more here");
    ui.label(RichText::new(hint).size(11.0).color(tokens(ui).dim));
}
