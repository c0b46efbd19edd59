//! The transform tool's options: the box in numbers.

use egui::{DragValue, Ui, vec2};

use crate::command::Command;
use crate::session::Session;
use crate::tool::Pose;
use crate::ui::theme::{ROW, STEP};
use crate::ui::{command_button, icon};

pub fn options(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    if session.transform_side().is_none() {
        return;
    }
    if let Some(pose) = &mut session.toolbox.transform.pose {
        *pose = numbers(ui, *pose);
    }
    ui.spacing_mut().item_spacing.x = STEP;
    for (command, glyph) in [
        (Command::FlipSideways, icon::MIRROR_SIDEWAYS),
        (Command::FlipUpright, icon::MIRROR_UPRIGHT),
        (Command::Apply, icon::CHECK),
        (Command::Cancel, icon::CANCEL),
    ] {
        if command_button(ui, glyph, 16.0, false, command) {
            commands.push(command);
        }
    }
    ui.add_space(2.0 * STEP);
}

/// How far it has moved, its sides, its turn.
fn numbers(ui: &mut Ui, pose: Pose) -> Pose {
    let [mut x, mut y] = pose.offset();
    let moved = [
        number(ui, "X", "How far it has moved to the right", &mut x, " px"),
        number(ui, "Y", "How far it has moved down", &mut y, " px"),
    ];
    let [mut width, mut height] = pose.scale.map(|scale| scale * 100.0);
    let scaled = [
        number(ui, "Width", "Of its width as it was; below 0 it is flipped", &mut width, " %"),
        number(
            ui,
            "Height",
            "Of its height as it was; below 0 it is flipped",
            &mut height,
            " %",
        ),
    ];
    let mut angle = pose.angle.to_degrees();
    let turned = number(ui, "Turn", "How far it is turned, clockwise", &mut angle, "°");
    // Only what was changed is taken over: a field shows fewer places than a number has.
    let mut pose = pose;
    if moved.contains(&true) {
        pose = pose.with_offset([x, y]);
    }
    if scaled.contains(&true) {
        pose = pose.with_scale([width, height].map(|percent| percent / 100.0));
    }
    if turned {
        pose.angle = angle.to_radians();
    }
    pose
}

fn number(ui: &mut Ui, name: &str, tip: &str, value: &mut f32, unit: &str) -> bool {
    ui.label(name).on_hover_text(tip);
    // Far more than any canvas has, and no more than a pose can be worked out for.
    let field = DragValue::new(value).max_decimals(1).suffix(unit).range(-32768.0..=32768.0);
    // Of one width whatever it says: nothing moves beside it while the box is dragged.
    let response = ui.add_sized(vec2(72.0, ROW), field);
    // It would be called by its unit.
    let named = |node: &mut egui::accesskit::Node| node.set_label(name);
    ui.ctx().accesskit_node_builder(response.id, named);
    ui.add_space(STEP);
    response.on_hover_text(tip).changed()
}
