//! How the run stands, and what can be done about it.

use egui::{Button, Label, ProgressBar, RichText, Ui, vec2};

use super::{form, told};
use crate::session::{Session, Stand, TrainingRun, name_of, sentence};
use crate::training::words;
use crate::ui::panels::status::left;
use crate::ui::theme::{ROW, STEP, semibold, tokens};

/// What a person wants done with a run.
#[derive(Clone, Copy, PartialEq)]
enum Wish {
    Pause,
    GoOn,
    Stop,
    Use,
    Leave,
}

/// True when what was made is used: the page has done its work.
pub fn show(ui: &mut Ui, session: &mut Session) -> bool {
    let Some(run) = session.training() else { return false };
    facts(ui, run);
    ui.add_space(2.0 * STEP);
    let wish = buttons(ui, run);
    trouble(ui, run);
    if matches!(run.stand, Stand::Stopped | Stand::Failed(_))
        && let Some(run) = session.training_mut()
    {
        ui.add_space(STEP);
        // A run whose loss was no longer a number goes on with a lower one.
        form::rate(ui, &mut run.tuning.learning_rate);
    }
    match wish {
        Some(Wish::Pause) => session.pause_training(),
        Some(Wish::GoOn) => session.go_on_training(),
        Some(Wish::Stop) => session.stop_training(),
        Some(Wish::Leave) => session.leave_training_run(),
        Some(Wish::Use) => take(session),
        None => {}
    }
    wish == Some(Wish::Use)
}

fn facts(ui: &mut Ui, run: &TrainingRun) {
    let colors = tokens(ui);
    let dim = |ui: &mut Ui, words: String| ui.add(Label::new(RichText::new(words).small().color(colors.dim)).wrap());
    ui.add(Label::new(RichText::new(&run.name).font(semibold(13.0))).truncate());
    let tuning = &run.tuning;
    let model = name_of(&tuning.base);
    let batch = tuning.batch;
    dim(
        ui,
        format!("{} · {model} · {batch} pictures a step", words::target(tuning.target)),
    );
    ui.add_space(2.0 * STEP);
    let record = &run.record;
    ui.label(format!("Step {} of {}{}", record.done(), record.all(), stands(run)));
    let bar = ProgressBar::new(record.share()).desired_height(STEP).fill(colors.accent);
    ui.name_inputs("Progress of the training", |ui| ui.add(bar));
    ui.add_space(STEP);
    if let Some(speed) = record.speed().filter(|_| run.stand == Stand::Running) {
        dim(ui, format!("{speed:.1} pictures a second"));
    }
    if let Some(count) = run.count {
        dim(ui, words::counted(count));
        if let Some(made) = words::made(count) {
            let extracted = run.out().join("extracted");
            let words = format!("{made}: look at them, and put better ones beside the pictures");
            dim(ui, words).on_hover_text(extracted.display().to_string());
        }
    }
}

/// What the run does, after how far it is.
fn stands(run: &TrainingRun) -> String {
    match &run.stand {
        Stand::Preparing => "  ·  looking at model and pictures".to_owned(),
        Stand::Running => left(run.record.left()),
        Stand::Pausing => "  ·  pausing after this step".to_owned(),
        Stand::Paused => "  ·  paused".to_owned(),
        Stand::Stopping => "  ·  stopping after this step".to_owned(),
        Stand::Stopped => "  ·  stopped".to_owned(),
        Stand::Finished(_) => "  ·  done".to_owned(),
        Stand::Failed(_) => "  ·  ended early".to_owned(),
    }
}

fn buttons(ui: &mut Ui, run: &TrainingRun) -> Option<Wish> {
    let colors = tokens(ui);
    let (first, second) = match &run.stand {
        Stand::Preparing | Stand::Running => (Some((Wish::Pause, "Pause")), Some((Wish::Stop, "Stop"))),
        Stand::Pausing | Stand::Paused => (Some((Wish::GoOn, "Resume")), Some((Wish::Stop, "Stop"))),
        Stand::Stopping => (None, None),
        Stand::Stopped | Stand::Failed(_) => (Some((Wish::GoOn, "Resume")), Some((Wish::Leave, "Back to the choices"))),
        Stand::Finished(_) => (Some((Wish::Use, "Use it")), Some((Wish::Leave, "Back to the choices"))),
    };
    ui.horizontal(|ui| {
        let mut wish = None;
        for (primary, button) in [(true, first), (false, second)] {
            let Some((meant, words)) = button else { continue };
            let tip = match meant {
                Wish::Pause => "Holds after this step, with everything in memory",
                Wish::GoOn => "Goes on where it stands; after a stop, from the last checkpoint",
                Wish::Stop => "Ends after this step. A checkpoint stays, and the run can be resumed, tomorrow too",
                Wish::Use => "The next pictures are made with it",
                Wish::Leave => "The run stays where it is kept",
            };
            let lit = primary && meant != Wish::Pause;
            let text = match lit {
                true => RichText::new(words).font(semibold(13.0)).color(colors.on_accent()),
                false => RichText::new(words),
            };
            let button = Button::new(text).min_size(vec2(96.0, ROW));
            let button = if lit { button.fill(colors.accent) } else { button };
            if ui.add(button).on_hover_text(tip).clicked() {
                wish = Some(meant);
            }
        }
        wish
    })
    .inner
}

fn trouble(ui: &mut Ui, run: &TrainingRun) {
    let colors = tokens(ui);
    ui.add_space(STEP);
    if let Stand::Failed(reason) = &run.stand {
        ui.add(
            Label::new(RichText::new(sentence(reason)).color(colors.bad))
                .wrap()
                .selectable(true),
        );
    }
    if let Some(words) = run.record.trouble() {
        ui.add(
            Label::new(RichText::new(words).small().color(colors.warn))
                .wrap()
                .selectable(true),
        );
    }
}

fn take(session: &mut Session) {
    let Some(run) = session.training() else { return };
    let Stand::Finished(outcome) = run.stand.clone() else { return };
    let (name, base) = (run.name.clone(), run.tuning.base.clone());
    let adapters = !run.tuning.target.adapters().is_empty();
    session.use_training(&outcome, &base);
    told(session, &name, adapters);
}
