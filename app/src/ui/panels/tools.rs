//! The tools, and the options of the one in the hand.

use egui::{Slider, Ui};

use crate::brush::{MAX_SIZE, MIN_SIZE};
use crate::command::Command;
use crate::session::Session;
use crate::tool::ToolKind;
use crate::ui::theme::STEP;
use crate::ui::{command_button, icon, percent, title};

const TOOLS: [(ToolKind, Command, &str); 3] = [
    (ToolKind::Brush, Command::SelectBrush, icon::BRUSH),
    (ToolKind::Eraser, Command::SelectEraser, icon::ERASER),
    (ToolKind::Pan, Command::SelectPan, icon::HAND),
];

/// The rail at the left.
pub fn rail(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = STEP;
    for (kind, command, glyph) in TOOLS {
        if command_button(ui, glyph, 20.0, session.toolbox.selected() == kind, command) {
            commands.push(command);
        }
    }
    ui.add_space(STEP);
    ui.separator();
    ui.add_space(STEP);
    for (command, glyph) in [(Command::Undo, icon::UNDO), (Command::Redo, icon::REDO)] {
        ui.add_enabled_ui(session.allows(command), |ui| {
            if command_button(ui, glyph, 20.0, false, command) {
                commands.push(command);
            }
        });
    }
    ui.add_space(STEP);
    ui.separator();
    ui.add_space(STEP);
    ui.add_enabled_ui(session.document().is_some(), |ui| {
        if command_button(ui, icon::MASK, 20.0, session.masks_shown, Command::ToggleMaskOverlay) {
            commands.push(Command::ToggleMaskOverlay);
        }
        if command_button(ui, icon::FIT, 20.0, false, Command::ZoomFit) {
            commands.push(Command::ZoomFit);
        }
    });
}

/// The row under the menu.
pub fn options(ui: &mut Ui, session: &mut Session) {
    let (kind, _, _) = TOOLS
        .into_iter()
        .find(|(kind, ..)| *kind == session.toolbox.selected())
        .unwrap_or(TOOLS[0]);
    title(
        ui,
        match kind {
            ToolKind::Brush => "Brush",
            ToolKind::Eraser => "Eraser",
            ToolKind::Pan => "Pan",
        },
    );
    ui.add_space(2.0 * STEP);
    let Some(settings) = session.toolbox.settings_mut() else {
        ui.weak("Drag to move the picture. The wheel zooms.");
        return;
    };
    let option = |ui: &mut Ui, name: &str, tip: &str, slider: Slider<'_>| {
        ui.label(name).on_hover_text(tip);
        ui.spacing_mut().slider_width = 96.0;
        ui.name_inputs(name, |ui| ui.add(slider)).on_hover_text(tip);
        ui.add_space(2.0 * STEP);
    };
    let size = Slider::new(&mut settings.size, MIN_SIZE..=MAX_SIZE)
        .logarithmic(true)
        .fixed_decimals(0)
        .suffix(" px");
    option(ui, "Size", "Diameter in canvas pixels ([ and ])", size);
    option(
        ui,
        "Hardness",
        "How sharp the edge is (Shift+[ and Shift+])",
        percent(&mut settings.hardness, 0.0..=1.0),
    );
    option(
        ui,
        "Opacity",
        "How much one stroke covers (I and O)",
        percent(&mut settings.opacity, 0.0..=1.0),
    );
    option(
        ui,
        "Stabilizer",
        "How calmly the brush follows the hand",
        percent(&mut settings.stabilizer, 0.0..=1.0),
    );
}
