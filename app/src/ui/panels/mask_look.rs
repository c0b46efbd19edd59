//! How masks show on the canvas, behind one button.

use egui::{Popup, PopupCloseBehavior, Ui};

use super::cells;
use crate::session::{MaskLook, MaskShow, Session};
use crate::ui::theme::{STEP, tokens};
use crate::ui::{icon, icon_button, percent, row, slider_row};

/// The button, and what it opens.
pub fn button(ui: &mut Ui, session: &mut Session) {
    let words = "How masks show";
    let button = icon_button(ui, icon::SLIDERS, 16.0, false, words, words);
    Popup::from_toggle_button_response(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(240.0);
            contents(ui, session);
        });
}

fn contents(ui: &mut Ui, session: &mut Session) {
    let look = &mut session.view.mask_look;
    ui.horizontal(|ui| {
        for (show, words) in [
            (MaskShow::Tint, "Tint"),
            (MaskShow::Outline, "Outline"),
            (MaskShow::Alone, "Mask alone"),
        ] {
            if ui.selectable_label(look.show == show, words).clicked() {
                look.show = show;
                session.view.masks = true;
            }
        }
    });
    ui.add_space(STEP);
    slider_row(
        ui,
        "Strength",
        "How strongly masks tint the picture",
        percent(&mut look.strength, 0.05..=1.0),
    );
    let colors = tokens(ui);
    let own = |color: egui::Color32| [color.r(), color.g(), color.b()];
    let mut sides = look.colors.unwrap_or([own(colors.foreground), own(colors.background)]);
    let mut changed = false;
    for (side, words) in sides.iter_mut().zip(["Figure", "Background"]) {
        row(ui, words, "The colour of this side of a mask", |ui| {
            changed |= ui.color_edit_button_srgb(side).changed();
        });
    }
    if changed {
        look.colors = Some(sides);
    }
    ui.separator();
    cells::options(ui, session);
    ui.separator();
    let look = &mut session.view.mask_look;
    let default = MaskLook::default();
    if ui
        .add_enabled(*look != default, egui::Button::new("Back to the defaults"))
        .clicked()
    {
        *look = default;
    }
}
