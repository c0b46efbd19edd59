//! What is made, and how: the one primary button, mode, strengths, steps, seed, and more.

use egui::{Button, ComboBox, DragValue, RichText, Slider, Ui, vec2};
use engine::request::{Sampler, Schedule, Settings};

use super::{live, mode_pictures};
use crate::command::Command;
use crate::session::Session;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::{command_button, hint, icon, percent, row, slider_row};

pub fn show(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    primary(ui, session, commands);
    live::show(ui, session, commands);
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
        Slider::new(&mut settings.steps, 1..=100).logarithmic(true),
    );
    seed(ui, settings, commands);
    more(ui, settings);
}

fn primary(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let colors = tokens(ui);
    let size = vec2(ui.available_width(), ROW + 2.0 * STEP);
    if session.is_coloring() {
        if ui
            .add_sized(size, Button::new("Cancel"))
            .on_hover_text(hint(Command::Cancel))
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
        .on_hover_text(hint(Command::Colorize));
    if response
        .on_disabled_hover_text("Open a drawing and a reference first")
        .clicked()
    {
        commands.push(Command::Colorize);
    }
}

fn seed(ui: &mut Ui, settings: &mut Settings, commands: &mut Vec<Command>) {
    let tip = "The same seed gives the same picture";
    row(ui, "Seed", tip, |ui| {
        let width = ui.available_width() - ROW - ui.spacing().item_spacing.x;
        ui.add_sized([width, ROW], DragValue::new(&mut settings.seed).speed(1.0))
            .on_hover_text(tip);
        if command_button(ui, icon::DICE, 16.0, false, Command::NewSeed) {
            commands.push(Command::NewSeed);
        }
    });
}

/// What few people touch, each with its default one click away.
fn more(ui: &mut Ui, settings: &mut Settings) {
    egui::CollapsingHeader::new("More")
        .id_salt("more settings")
        .show_unindented(ui, |ui| {
            let default = Settings::default();
            let combo = |ui: &mut Ui, name: &str, tip: &str, text: &str, body: &mut dyn FnMut(&mut Ui)| {
                row(ui, name, tip, |ui| {
                    ComboBox::from_id_salt(name)
                        .width(ui.available_width())
                        .selected_text(text)
                        .show_ui(ui, |ui| body(ui));
                });
            };
            let mark = |name: &'static str, is_default: bool| {
                if is_default {
                    format!("{name} (default)")
                } else {
                    name.to_owned()
                }
            };
            combo(
                ui,
                "Sampler",
                "How noise is taken away, step by step",
                sampler(settings.sampler),
                &mut |ui| {
                    for choice in Sampler::ALL {
                        ui.selectable_value(
                            &mut settings.sampler,
                            choice,
                            mark(sampler(choice), choice == default.sampler),
                        );
                    }
                },
            );
            combo(
                ui,
                "Schedule",
                "How the steps are spread over the noise",
                schedule(settings.schedule),
                &mut |ui| {
                    for choice in Schedule::ALL {
                        ui.selectable_value(
                            &mut settings.schedule,
                            choice,
                            mark(schedule(choice), choice == default.schedule),
                        );
                    }
                },
            );
            let tip = "How far the result is pushed towards the reference; 1 is off and twice as fast";
            slider_row(
                ui,
                "Guidance",
                tip,
                Slider::new(&mut settings.reference_guidance, 1.0..=15.0).fixed_decimals(1),
            );
            let tip = "How strictly the drawing is followed";
            slider_row(
                ui,
                "Sketch",
                tip,
                Slider::new(&mut settings.sketch_strength, 0.0..=3.0).fixed_decimals(2),
            );
            let tip = "How much of the background's colours may enter the figure";
            slider_row(ui, "Merge", tip, percent(&mut settings.merge, 0.0..=1.0));
            let kept = Settings {
                model: settings.model.clone(),
                mode: settings.mode,
                seed: settings.seed,
                size: settings.size,
                ..default
            };
            if ui
                .add_enabled(*settings != kept, Button::new("Back to the defaults"))
                .clicked()
            {
                *settings = kept;
            }
        });
}

fn sampler(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::DpmPlusPlus2m => "DPM++ 2M",
        Sampler::Euler => "Euler",
        Sampler::Ddim => "DDIM",
        Sampler::DiffusersDpm => "DPM (diffusers)",
    }
}

fn schedule(schedule: Schedule) -> &'static str {
    match schedule {
        Schedule::Automatic => "Automatic",
        Schedule::Uniform => "Uniform",
        Schedule::Karras => "Karras",
        Schedule::Exponential => "Exponential",
        Schedule::SgmUniform => "SGM uniform",
    }
}
