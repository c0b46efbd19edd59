//! What a painter wants most often, where the pointer is: a right click on a picture shows it.

use egui::{Frame, Margin, Popup, PopupCloseBehavior, Response, Slider, Ui};

use super::color::{heading, swatches};
use crate::brush::{MAX_SIZE, MIN_SIZE};
use crate::command::Command;
use crate::session::Session;
use crate::ui::theme::STEP;
use crate::ui::{command_button, decimals, icon, percent, slider_row};

const WIDTH: f32 = 240.0;

/// Shows it after a right click on `picture`; a click elsewhere closes it.
pub fn show(picture: &Response, session: &mut Session, commands: &mut Vec<Command>) {
    let frame = Frame::popup(&picture.ctx.global_style()).inner_margin(Margin::same(12));
    Popup::context_menu(picture)
        .frame(frame)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            contents(ui, session, commands);
        });
}

fn contents(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    if let Some(settings) = session.toolbox.settings_mut() {
        let size = Slider::new(&mut settings.size, MIN_SIZE..=MAX_SIZE).logarithmic(true);
        slider_row(ui, "Size", "Diameter in canvas pixels", decimals(size, 0).suffix(" px"));
        slider_row(
            ui,
            "Opacity",
            "How much one stroke covers",
            percent(&mut settings.opacity, 0.0..=1.0),
        );
        ui.add_space(STEP);
    }
    ui.horizontal(|ui| {
        for (command, glyph) in [
            (Command::SelectBrush, icon::BRUSH),
            (Command::SelectEraser, icon::ERASER),
            (Command::SelectFill, icon::FILL),
            (Command::SwapColors, icon::SWAP),
            (Command::Undo, icon::UNDO),
            (Command::Redo, icon::REDO),
            // Without the panels this is the way back for whoever has no keys at hand.
            (Command::ToggleCanvasOnly, icon::CANVAS_ONLY),
        ] {
            ui.add_enabled_ui(session.allows(command), |ui| {
                if command_button(ui, glyph, 16.0, false, command) {
                    commands.push(command);
                    if command == Command::ToggleCanvasOnly {
                        ui.close();
                    }
                }
            });
        }
    });
    let own = session.reference_colors().clone();
    let palette = session
        .palette_in_use()
        .0
        .swatches
        .iter()
        .map(|swatch| swatch.color)
        .collect();
    let recent = session.toolbox.colors.recent().to_vec();
    for (words, name, colors) in [
        ("Used lately", "Recent colour", recent),
        ("Figure of the reference", "Figure colour", own.figure),
        ("Background of the reference", "Background colour", own.background),
        ("Palette", "Palette colour", palette),
    ] {
        if colors.is_empty() {
            continue;
        }
        heading(ui, words);
        if let Some(color) = swatches(ui, name, &colors) {
            session.toolbox.colors.brush = color;
            ui.close();
        }
    }
}
