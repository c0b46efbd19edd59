//! The bar at the bottom: size, zoom, layer, model, device, and the job with its time left.

use std::time::Duration;

use egui::{Align, Layout, ProgressBar, RichText, Ui};

use crate::command::Command;
use crate::document::Side;
use crate::generate::jobs::{Job, Phase};
use crate::session::Session;
use crate::ui::theme::{STEP, tokens};
use crate::ui::{command_button, icon, icon_button};

pub fn show(ui: &mut Ui, session: &Session, zoom: f32, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if session.is_coloring() {
            job(ui, session.job(), commands);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let line = facts(session, zoom).join("  ·  ");
            ui.add(egui::Label::new(RichText::new(line).small().color(tokens(ui).dim)).truncate());
        });
    });
}

/// The last sentence that the program has for the person, over the status bar.
pub fn notice(ui: &mut Ui, session: &mut Session) {
    let Some(notice) = session.notice.clone() else { return };
    let colors = tokens(ui);
    let (glyph, color) = if notice.grave {
        (icon::WARNING, colors.bad)
    } else {
        (icon::INFO, colors.dim)
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(glyph).font(crate::ui::theme::icon_font(16.0)).color(color));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, icon::CANCEL, 16.0, false, "Dismiss", "Dismiss").clicked() {
                session.notice = None;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(&notice.text).wrap().selectable(true))
            });
        });
    });
}

fn facts(session: &Session, zoom: f32) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(document) = session.document() {
        let [width, height] = document.canvas().size();
        facts.push(format!("{width} × {height}"));
        facts.push(format!("{:.0} %", zoom * 100.0));
        if let Some(layer) = session.target(Side::Canvas).and_then(|id| document.layer(id)) {
            facts.push(layer.name.clone());
        }
    }
    facts.push(session.model().to_owned());
    facts.push(session.device().to_owned());
    facts
}

fn job(ui: &mut Ui, job: Option<&Job>, commands: &mut Vec<Command>) {
    if command_button(ui, icon::CANCEL, 16.0, false, Command::Cancel) {
        commands.push(Command::Cancel);
    }
    let colors = tokens(ui);
    let (words, share) = match job.map(|job| (job, job.phase)) {
        Some((job, Phase::Running { step, steps, .. })) => (format!("{step}/{steps}{}", left(job.remaining())), job.progress()),
        _ => ("Preparing".to_owned(), 0.0),
    };
    let bar = ProgressBar::new(share)
        .desired_width(120.0)
        .desired_height(STEP)
        .fill(colors.accent);
    ui.name_inputs("Progress", |ui| ui.add(bar));
    ui.label(RichText::new(words).small());
    ui.add_space(2.0 * STEP);
}

/// " · 0:07 left"; nothing while it cannot be told.
fn left(time: Option<Duration>) -> String {
    time.map_or_else(String::new, |time| {
        let seconds = time.as_secs_f64().ceil() as u64;
        format!("  ·  {}:{:02} left", seconds / 60, seconds % 60)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_rounded_up() {
        assert_eq!(left(Some(Duration::from_millis(61_200))), "  ·  1:02 left");
        assert_eq!(left(Some(Duration::ZERO)), "  ·  0:00 left");
        assert_eq!(left(None), "");
    }
}
