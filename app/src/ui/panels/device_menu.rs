//! What computes, at the right of the bar: its name, and the others that could.

use egui::{Button, RichText, Role, TextWrapMode, Ui, WidgetInfo};
use engine::device::{Info, Kind};

use super::menu_bar::{Chosen, named_menu};
use crate::session::Session;
use crate::ui::theme::tokens;

/// A menu no wider than `width` points.
pub(super) fn show(ui: &mut Ui, session: &Session, width: f32) -> Option<Chosen> {
    let mut chosen = None;
    let dot = RichText::new("\u{25cf}").color(tokens(ui).good);
    let menu = named_menu(ui, Some(dot), session.device(), width, |ui| chosen = contents(ui, session));
    menu.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Device: {}", session.device())));
    if menu.clicked() {
        chosen = Some(Chosen::Devices);
    }
    menu.on_hover_text("What computes");
    chosen
}

fn contents(ui: &mut Ui, session: &Session) -> Option<Chosen> {
    ui.set_min_width(320.0);
    let mut chosen = None;
    for info in session.devices() {
        let is_current = session.current_device().is_some_and(|current| current.choice == info.choice);
        let detail = match session.is_lost(info) {
            true => "gone until the program starts again".to_owned(),
            false => detail(info),
        };
        let button = Button::selectable(is_current, info.name.clone()).shortcut_text(detail);
        let button = button.wrap_mode(TextWrapMode::Extend);
        let may_be_chosen = is_current || session.may_change_device() && !session.is_lost(info);
        let button = ui.add_enabled(may_be_chosen, button);
        button.widget_info(|| WidgetInfo::selected(Role::Button, may_be_chosen, is_current, &info.name));
        if button.clicked() {
            chosen = (!is_current).then(|| Chosen::Device(info.choice.clone()));
            ui.close();
        }
    }
    let hint = match () {
        () if session.is_changing_device() => "The other device takes over once it is open, and nothing is being made.",
        () if session.devices().is_empty() => "Looking for devices\u{2026}",
        () if !session.may_change_device() => "Pictures are being made: wait for them, or cancel them, to choose another.",
        () => "For as long as the program runs; --device chooses at its start.",
    };
    ui.label(RichText::new(hint).size(11.0).color(tokens(ui).dim));
    chosen
}

fn detail(info: &Info) -> String {
    match info.kind {
        Kind::Software => format!("{}, software: slow", info.backend),
        _ => info.backend.clone(),
    }
}
