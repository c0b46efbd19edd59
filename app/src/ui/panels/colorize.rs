//! What is made, and how: the one primary button, mode, strengths, steps, seed, and more.

use egui::{Align, Button, Checkbox, Layout, RichText, Slider, Ui, vec2};
use engine::request::Settings;

use super::{live, mode_pictures, more};
use crate::command::Command;
use crate::session::Session;
use crate::ui::seed_field::seed_field;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::{command_button, hint, icon, percent, row, slider_row};

pub fn show(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    primary(ui, session, commands);
    ui.add_space(STEP);
    ui.horizontal(|ui| {
        live::switch(ui, session, commands);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| start(ui, session));
    });
    live::settings(ui, session, commands);
    if session.start_from_take && session.has_color() {
        let tip = "How far the take is painted over: little keeps it, 100 % leaves next to nothing of it";
        let change = percent(&mut session.settings.start_strength, Settings::START_STRENGTH);
        slider_row(ui, "Change", tip, change);
    }
    ui.add_space(2.0 * STEP);
    if let Some(mode) = mode_pictures::show(ui, session.settings.mode) {
        session.settings.mode = mode;
    }
    ui.add_space(2.0 * STEP);
    let settings = &mut session.settings;
    let colors = tokens(ui);
    ui.scope(|ui| {
        ui.visuals_mut().selection.bg_fill = colors.foreground;
        let tip = "How strongly the figure follows the reference";
        slider_row(ui, "Figure", tip, percent(&mut settings.foreground_strength, 0.0..=1.0));
        ui.visuals_mut().selection.bg_fill = colors.background;
        let tip = "How strongly the background follows the reference";
        slider_row(ui, "Background", tip, percent(&mut settings.background_strength, 0.0..=1.0));
    });
    slider_row(
        ui,
        "Steps",
        "More steps take longer and settle finer",
        Slider::new(&mut settings.steps, Settings::STEPS).logarithmic(true),
    );
    seed(ui, settings, commands);
    more::show(ui, session, commands);
}

fn primary(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let colors = tokens(ui);
    let size = vec2(ui.available_width(), ROW + 2.0 * STEP);
    if session.is_coloring() {
        if ui
            .add_sized(size, Button::new("Cancel"))
            .on_hover_text(hint(ui, Command::Cancel))
            .clicked()
        {
            commands.push(Command::Cancel);
        }
        return;
    }
    let ready = session.allows(Command::Colorize);
    let text = RichText::new("Colorize").font(semibold(13.0));
    let button = match ready {
        true => Button::new(text.color(colors.on_accent())).fill(colors.accent),
        false => Button::new(text),
    };
    let response = ui
        .add_enabled_ui(ready, |ui| ui.add_sized(size, button))
        .inner
        .on_hover_text(hint(ui, Command::Colorize));
    if response
        .on_disabled_hover_text("Open a drawing and a reference first")
        .clicked()
    {
        commands.push(Command::Colorize);
    }
}

/// Whether the colour that is there is worked over.
fn start(ui: &mut Ui, session: &mut Session) {
    let ready = session.has_color();
    let tip = "Work over the colour that shows under the lines, instead of beginning anew";
    ui.add_enabled(ready, Checkbox::new(&mut session.start_from_take, "Start from the take"))
        .on_hover_text(tip)
        .on_disabled_hover_text("Nothing is coloured yet: colorize once, or paint under the lines");
}

fn seed(ui: &mut Ui, settings: &mut Settings, commands: &mut Vec<Command>) {
    let tip = "The same seed gives the same picture";
    row(ui, "Seed", tip, |ui| {
        let width = ui.available_width() - ROW - ui.spacing().item_spacing.x;
        seed_field(ui, &mut settings.seed, [width, ROW]).on_hover_text(tip);
        if command_button(ui, icon::DICE, 16.0, false, Command::NewSeed) {
            commands.push(Command::NewSeed);
        }
    });
}
