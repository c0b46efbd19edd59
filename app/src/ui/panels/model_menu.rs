//! Which model makes the pictures, at the right of the bar: its name, and the others that could.

use egui::{Button, Role, TextWrapMode, Ui, WidgetInfo};

use super::menu_bar::{Chosen, named_menu};
use super::model;
use crate::command::Command;
use crate::session::Session;
use crate::ui::entry;

/// A menu no wider than `width` points. The folder of models is looked into when it opens.
pub(super) fn show(ui: &mut Ui, session: &Session, width: f32, commands: &mut Vec<Command>) -> Option<Chosen> {
    let mut chosen = None;
    let name = session.model();
    let menu = named_menu(ui, None, &name, width, |ui| chosen = contents(ui, session, commands));
    menu.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Model: {name}")));
    if menu.clicked() {
        chosen = Some(Chosen::Models);
    }
    menu.on_hover_text("The network that makes the pictures: the one in the program, or one that you added");
    chosen
}

fn contents(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) -> Option<Chosen> {
    ui.set_min_width(240.0);
    let mut chosen = None;
    for choice in session.model_choices() {
        let is_current = session.settings.model == choice.model;
        let button = Button::selectable(is_current, choice.name.clone()).wrap_mode(TextWrapMode::Extend);
        let button = ui.add(button);
        button.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, &choice.name));
        if button.clicked() {
            chosen = Some(Chosen::Model(choice.model));
            ui.close();
        }
    }
    model::more(ui, session);
    ui.separator();
    if ui.add(entry(ui, Command::ManageModels)).clicked() {
        commands.push(Command::ManageModels);
        ui.close();
    }
    chosen
}
