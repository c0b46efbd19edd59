//! The menus, and the colours of the window itself.

use egui::{Align, Button, Layout, Theme, Ui};

use crate::command::{Command, Menu};
use crate::session::Session;
use crate::ui::{icon, icon_button};

pub fn show(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    egui::MenuBar::new().ui(ui, |ui| {
        for menu in Menu::ALL {
            ui.menu_button(menu.label(), |ui| {
                ui.set_min_width(240.0);
                for command in Command::of(menu) {
                    let button = Button::new(command.label()).shortcut_text(command.shortcut().unwrap_or_default());
                    if ui.add_enabled(session.allows(command), button).clicked() {
                        commands.push(command);
                        ui.close();
                    }
                }
            });
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (glyph, next, words) = match ui.ctx().theme() {
                Theme::Dark => (icon::SUN, Theme::Light, "Light colours"),
                Theme::Light => (icon::MOON, Theme::Dark, "Dark colours"),
            };
            if icon_button(ui, glyph, 16.0, false, words, words).clicked() {
                ui.ctx().set_theme(next);
            }
        });
    });
}
