//! The runs that are kept: to go on with, or to use what they made.

use egui::{Align, Button, Label, Layout, RichText, ScrollArea, Ui, WidgetInfo, vec2};
use engine::training::tune::Kept;

use super::told;
use crate::session::Session;
use crate::training::words;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::title;

/// True when what a run made is used: the page has done its work.
pub fn show(ui: &mut Ui, session: &mut Session) -> bool {
    let colors = tokens(ui);
    title(ui, "Earlier runs");
    if session.kept_runs().is_empty() {
        let words = "There are none yet. A run makes a small file of adapters, which leans the colours towards your own pictures; \
                     how far, you set for every picture. It can be paused, stopped and resumed: nothing that was learned is lost.";
        ui.add_space(STEP);
        ui.add(Label::new(RichText::new(words).color(colors.dim)).wrap());
        return false;
    }
    let (mut resumed, mut used) = (None, None);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for kept in session.kept_runs() {
            ui.push_id(&kept.out, |ui| match row(ui, kept) {
                Some(Wish::Resume) => resumed = Some(kept.clone()),
                Some(Wish::Use) => used = Some(kept.clone()),
                None => {}
            });
        }
    });
    if let Some(kept) = resumed {
        session.resume_training(&kept);
    }
    let Some((kept, outcome)) = used.and_then(|kept| Some((kept.clone(), kept.outcome?))) else {
        return false;
    };
    session.use_training(&outcome, &kept.tuning.base);
    told(session, &name(&kept), !kept.tuning.target.adapters().is_empty());
    true
}

enum Wish {
    Resume,
    Use,
}

fn name(kept: &Kept) -> String {
    kept.out.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn row(ui: &mut Ui, kept: &Kept) -> Option<Wish> {
    let (name, (done, all)) = (name(kept), kept.steps());
    ui.horizontal(|ui| {
        ui.set_min_height(ROW + STEP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (verb, wish) = match &kept.outcome {
                Some(_) => ("Use it", Wish::Use),
                None => ("Resume", Wish::Resume),
            };
            let response = ui.add(Button::new(verb).min_size(vec2(72.0, ROW)));
            let label = format!("{verb}: {name}");
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
            let target = words::target(kept.tuning.target);
            let words = RichText::new(format!("{target} · {done} of {all} steps")).small();
            ui.label(words.color(tokens(ui).dim));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(&name).truncate())
                    .on_hover_text(kept.out.display().to_string());
            });
            response.clicked().then_some(wish)
        })
        .inner
    })
    .inner
}
