//! The bar at the bottom: size, zoom, layer, model, device, and the job with its time left.

use std::time::Duration;

use egui::{Align, Align2, Area, Frame, Id, Layout, Margin, Order, ProgressBar, Rect, RichText, Ui, vec2};

use super::{cells, pane};
use crate::canvas::composite::DEPTH;
use crate::canvas::view::View;
use crate::command::Command;
use crate::document::Side;
use crate::generate::jobs::{Job, Phase};
use crate::session::Session;
use crate::ui::theme::{STEP, icon_font, tokens};
use crate::ui::{command_button, icon, icon_button};

/// How long a sentence stays that only informs.
const SHOWN: Duration = Duration::from_secs(6);

pub fn show(ui: &mut Ui, session: &Session, view: &View, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let laying = session.is_laying() && !session.is_adjusting();
        let at_work = match (session.is_finding(), laying) {
            (_, true) => Some("Laying down pixels…"),
            (true, _) => Some("Looking for regions…"),
            _ => None,
        };
        if let Some(words) = at_work {
            let shown = ui.label(RichText::new(words).small());
            if laying {
                shown.on_hover_text("What you do now follows.");
            }
        }
        if session.is_coloring() {
            job(ui, session.job(), commands);
        }
        writing(ui, session);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let line = facts(session, view).join("  ·  ");
            ui.add(egui::Label::new(RichText::new(line).small().color(tokens(ui).dim)).truncate());
        });
    });
}

/// The last sentence that the program has for the person, over the lower edge of `pane`. One that only informs goes by itself.
pub fn notice(ui: &Ui, session: &mut Session, pane: Rect) {
    let Some(notice) = session.notice.clone() else { return };
    let age = notice.since.elapsed();
    if !notice.grave {
        match SHOWN.checked_sub(age) {
            Some(left) => ui.ctx().request_repaint_after(left),
            None => session.notice = None,
        }
    }
    let colors = tokens(ui);
    let (glyph, color) = match notice.grave {
        true => (icon::WARNING, colors.bad),
        false => (icon::INFO, colors.dim),
    };
    let width = (pane.width() - 8.0 * STEP).clamp(160.0, 560.0);
    let area = Area::new(Id::unique("notice")).pivot(Align2::CENTER_BOTTOM);
    let place = pane.center_bottom() - vec2(0.0, 4.0 * STEP);
    area.order(Order::Foreground).fixed_pos(place).show(ui.ctx(), |ui| {
        Frame::popup(ui.style())
            .fill(colors.surface[2])
            .inner_margin(Margin::symmetric(12, 8))
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(RichText::new(glyph).font(icon_font(16.0)).color(color));
                    ui.scope(|ui| {
                        ui.set_max_width(width - 96.0);
                        ui.add(egui::Label::new(&notice.text).wrap().selectable(true));
                    });
                    if icon_button(ui, icon::CANCEL, 16.0, false, "Dismiss", "Dismiss").clicked() {
                        session.notice = None;
                    }
                });
            });
    });
}

fn facts(session: &Session, view: &View) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(document) = session.document() {
        let [width, height] = document.canvas().size();
        facts.push(format!("{width} × {height}"));
        facts.push(turned(view));
        if let Some(layer) = session.target(Side::Canvas).and_then(|id| document.layer(id)) {
            facts.push(match session.chosen().len().saturating_sub(1) {
                0 => layer.name.clone(),
                more => format!("{} and {more} more", layer.name),
            });
        }
        if pane::is_plainer(document.canvas()) {
            let words = format!("groups deeper than {DEPTH} show without their opacity and mode; exports have them");
            facts.push(words);
        }
    }
    facts.extend(cells::facts(session));
    facts.push(session.model());
    facts.push(session.device().to_owned());
    facts
}

/// "67 %", and how the view is turned.
fn turned(view: &View) -> String {
    let mut text = format!("{:.0} %", view.zoom() * 100.0);
    let degrees = view.rotation().round();
    if degrees != 0.0 {
        text += &format!(", {degrees:.0}°");
    }
    if view.is_mirrored() {
        text += ", mirrored";
    }
    text
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

/// The takes that are being written into a folder.
pub fn writing(ui: &mut Ui, session: &Session) {
    if let Some(progress) = session.writing()
        && exporting(ui, progress)
    {
        session.cancel_writing();
    }
}

/// How many of all pictures of an export are done; whether it is to be broken off.
pub fn exporting(ui: &mut Ui, [done, of]: [usize; 2]) -> bool {
    // The thread that exports does not wake the window for every picture.
    ui.ctx().request_repaint_after(Duration::from_millis(100));
    let bar = ProgressBar::new(done as f32 / of.max(1) as f32).desired_width(120.0);
    let bar = bar.desired_height(STEP).fill(tokens(ui).accent);
    ui.name_inputs("Exporting", |ui| ui.add(bar));
    ui.label(RichText::new(format!("Exporting {done} of {of}")).small());
    let tip = "Cancel the export (Escape)";
    icon_button(ui, icon::CANCEL, 16.0, false, "Cancel the export", tip).clicked()
}

/// " · 0:07 left"; nothing while it cannot be told.
pub fn left(time: Option<Duration>) -> String {
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
