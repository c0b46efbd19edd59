//! The tools, and the options of the one in the hand.

use egui::scroll_area::ScrollBarVisibility;
use egui::{ComboBox, ScrollArea, Slider, Ui};

use super::{brush, color, transform};
use crate::command::Command;
use crate::session::Session;
use crate::tool::{FillBy, FillTool, GradientEnd, GradientSettings, GradientShape, RegionSettings, Source, ToolKind};
use crate::ui::theme::{STEP, tokens};
use crate::ui::{command_button, icon, percent, title};

const TOOLS: [(ToolKind, Command, &str); 13] = [
    (ToolKind::Brush, Command::SelectBrush, icon::BRUSH),
    (ToolKind::Eraser, Command::SelectEraser, icon::ERASER),
    (ToolKind::Fill, Command::SelectFill, icon::FILL),
    (ToolKind::Gradient, Command::SelectGradient, icon::GRADIENT),
    (ToolKind::Rectangle, Command::SelectRectangle, icon::RECTANGLE),
    (ToolKind::Ellipse, Command::SelectEllipse, icon::ELLIPSE),
    (ToolKind::Lasso, Command::SelectLasso, icon::LASSO),
    (ToolKind::Polygon, Command::SelectPolygon, icon::POLYGON),
    (ToolKind::Wand, Command::SelectWand, icon::WAND),
    (ToolKind::Move, Command::SelectMove, icon::MOVE),
    (ToolKind::Transform, Command::SelectTransform, icon::TRANSFORM),
    (ToolKind::Picker, Command::SelectPicker, icon::EYEDROPPER),
    (ToolKind::Pan, Command::SelectPan, icon::HAND),
];

/// Height from which the rail has gaps between its buttons.
const ROOMY: f32 = 642.0;

/// The rail at the left.
pub fn rail(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    // In a low window all of it stands closer; in one that is lower still the rest shows when the rail is scrolled.
    ui.spacing_mut().item_spacing.y = if ui.available_height() < ROOMY { 0.0 } else { STEP };
    let hidden = ScrollBarVisibility::AlwaysHidden;
    ScrollArea::vertical()
        .scroll_bar_visibility(hidden)
        .show(ui, |ui| all_tools(ui, session, commands));
}

fn all_tools(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    for (kind, command, glyph) in TOOLS {
        if command_button(ui, glyph, 20.0, session.toolbox.selected() == kind, command) {
            commands.push(command);
        }
    }
    gap(ui);
    if color::both(ui, &mut session.toolbox.colors, 28.0, "Show the brush colour") {
        commands.push(Command::ShowColor);
    }
    gap(ui);
    for (command, glyph) in [(Command::Undo, icon::UNDO), (Command::Redo, icon::REDO)] {
        ui.add_enabled_ui(session.allows(command), |ui| {
            if command_button(ui, glyph, 20.0, false, command) {
                commands.push(command);
            }
        });
    }
    gap(ui);
    ui.add_enabled_ui(session.document().is_some(), |ui| {
        if command_button(ui, icon::MASK, 20.0, session.view.masks, Command::ToggleMaskOverlay) {
            commands.push(Command::ToggleMaskOverlay);
        }
        if command_button(ui, icon::FIT, 20.0, false, Command::ZoomFit) {
            commands.push(Command::ZoomFit);
        }
    });
}

/// As wide as there is room for: see [`rail`].
fn gap(ui: &mut Ui) {
    let space = ui.spacing().item_spacing.y;
    ui.add_space(space);
    ui.separator();
    ui.add_space(space);
}

/// The row under the menu.
pub fn options(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    let kind = session.toolbox.selected();
    title(
        ui,
        match kind {
            ToolKind::Brush => "Brush",
            ToolKind::Eraser => "Eraser",
            ToolKind::Fill => "Fill",
            ToolKind::Gradient => "Gradient",
            ToolKind::Rectangle => "Rectangle",
            ToolKind::Ellipse => "Ellipse",
            ToolKind::Lasso => "Lasso",
            ToolKind::Polygon => "Polygon",
            ToolKind::Wand => "Region",
            ToolKind::Move => "Move",
            ToolKind::Transform => "Transform",
            ToolKind::Picker => "Colour picker",
            ToolKind::Pan => "Pan",
        },
    );
    ui.add_space(2.0 * STEP);
    if session.toolbox.settings().is_some() {
        brush::options(ui, session, commands);
        brush::mirrors(ui, session, commands);
        let carries = session.toolbox.carries;
        if session.paints_mask() && command_button(ui, icon::CARRY, 16.0, carries, Command::ToggleCarry) {
            commands.push(Command::ToggleCarry);
        }
    } else if kind == ToolKind::Fill {
        fill(ui, &mut session.toolbox.fill);
    } else if kind == ToolKind::Wand {
        region(ui, &mut session.toolbox.wand, kind);
        joined(ui, &mut session.toolbox.wand);
    } else if kind == ToolKind::Gradient {
        gradient(ui, &mut session.toolbox.gradient.settings);
    } else if kind == ToolKind::Transform {
        transform::options(ui, session, commands);
    }
    let words = match kind {
        ToolKind::Brush | ToolKind::Eraser => return,
        ToolKind::Fill => match session.toolbox.fill.by {
            FillBy::Touch => "A drag fills all regions that it touches. Alt takes away.",
            FillBy::Enclose => "Draw around regions to fill all that lie wholly within. Alt takes away.",
        },
        ToolKind::Gradient => {
            "Drag from the first colour to where it ends. Shift keeps to 45°. A mask goes from figure to background."
        }
        ToolKind::Rectangle | ToolKind::Ellipse | ToolKind::Lasso => {
            "Drag to select. Shift adds, Alt takes away, both keep what is in both. A click selects nothing."
        }
        ToolKind::Polygon => {
            "Click corner by corner. A double click, Enter or a click on the first corner closes it. Shift adds, Alt takes away."
        }
        ToolKind::Wand => "Shift adds, Alt takes away.",
        ToolKind::Move => "Drag to move the layer, or what is selected of it. Shift keeps it in line.",
        ToolKind::Transform if session.transform_side().is_none() => session.transform_trouble(),
        ToolKind::Transform => {
            "Drag inside to move, a handle to scale, outside to turn. Shift keeps proportions, and turns by 15°."
        }
        ToolKind::Picker => "Click on a picture to paint with its colour.",
        ToolKind::Pan => "Drag to move the picture. The wheel zooms.",
    };
    ui.add(egui::Label::new(egui::RichText::new(words).color(tokens(ui).dim)).truncate());
}

/// A slider with its name before it.
pub(super) fn option(ui: &mut Ui, name: &str, tip: &str, width: f32, slider: Slider<'_>) {
    ui.label(name).on_hover_text(tip);
    ui.spacing_mut().slider_width = width;
    ui.name_inputs(name, |ui| ui.add(slider)).on_hover_text(tip);
    ui.add_space(2.0 * STEP);
}

/// Which way a gradient goes, and into what.
fn gradient(ui: &mut Ui, settings: &mut GradientSettings) {
    for (shape, words) in [(GradientShape::Linear, "Linear"), (GradientShape::Radial, "Radial")] {
        ui.selectable_value(&mut settings.shape, shape, words);
    }
    ui.add_space(2.0 * STEP);
    for (end, words) in [
        (GradientEnd::Second, "To the second colour"),
        (GradientEnd::Nothing, "To nothing"),
    ] {
        ui.selectable_value(&mut settings.end, end, words);
    }
    ui.add_space(2.0 * STEP);
    ui.checkbox(&mut settings.reverse, "Reverse")
        .on_hover_text("From the end to the start");
    ui.add_space(2.0 * STEP);
}

/// What a drag fills, and how regions are found.
fn fill(ui: &mut Ui, tool: &mut FillTool) {
    for (by, words, tip) in [
        (FillBy::Touch, "Touch", "Drag over regions to fill them"),
        (
            FillBy::Enclose,
            "Enclose",
            "Draw a loop to fill the regions that lie wholly within it",
        ),
    ] {
        ui.selectable_value(&mut tool.by, by, words).on_hover_text(tip);
    }
    ui.add_space(2.0 * STEP);
    region(ui, &mut tool.settings, ToolKind::Fill);
    joined(ui, &mut tool.settings);
}

/// How a region is found.
fn region(ui: &mut Ui, settings: &mut RegionSettings, kind: ToolKind) {
    let tip = "Whose colours bound the region";
    ui.label("Borders").on_hover_text(tip);
    let word = |source| match source {
        Source::Lines => "Lines",
        Source::All => "All layers",
        Source::Layer => "This layer",
    };
    ui.name_inputs("Borders", |ui| {
        ComboBox::from_id_salt("region source")
            .width(88.0)
            .selected_text(word(settings.source))
            .show_ui(ui, |ui| {
                for source in [Source::Lines, Source::All, Source::Layer] {
                    ui.selectable_value(&mut settings.source, source, word(source));
                }
            });
    });
    ui.add_space(2.0 * STEP);
    let width = ((ui.available_width() - 620.0) / 3.0).clamp(40.0, 96.0);
    let tip = "How unlike the colour under the pointer another may be";
    option(ui, "Tolerance", tip, width, percent(&mut settings.tolerance, 0.0..=1.0));
    let tip = "Widest gap in the lines that the region does not run through";
    option(
        ui,
        "Close gaps",
        tip,
        width,
        Slider::new(&mut settings.gap, 0..=RegionSettings::MAX_GAP).suffix(" px"),
    );
    let tip = match kind {
        ToolKind::Fill => "How far the fill reaches under the lines; below 0 it stays away from them",
        _ => "How far the selection reaches beyond the region; below 0 it stays inside",
    };
    option(
        ui,
        "Grow",
        tip,
        width,
        Slider::new(&mut settings.grow, RegionSettings::GROWTH).suffix(" px"),
    );
}

/// Whether a region is only what is joined to the point that it is found from.
fn joined(ui: &mut Ui, settings: &mut RegionSettings) {
    let tip = "Only what is joined to the point; else everything of that colour";
    ui.checkbox(&mut settings.contiguous, "Joined").on_hover_text(tip);
    ui.add_space(2.0 * STEP);
}
