//! The line at the bottom: the folder, how many pictures show, and what is under way.

use egui::{Label, ProgressBar, RichText, Ui};

use super::exports::Exports;
use crate::command::Command;
use crate::gallery::catalogue::Progress;
use crate::gallery::light_table::{LightTable, Magnification};
use crate::session::Session;
use crate::ui::theme::{STEP, tokens};
use crate::ui::{icon, icon_button, with_keys};

pub fn show(ui: &mut Ui, table: &LightTable, exports: &Exports, session: &mut Session) {
    ui.horizontal_centered(|ui| {
        let words = RichText::new(state(table)).small().color(tokens(ui).dim);
        ui.add(Label::new(words).truncate());
        if let Progress::Reading { read, of } = table.catalogue().progress() {
            bar(ui, "Reading", *read as f32 / (*of).max(1) as f32);
        }
        exports.show(ui);
        remakes(ui, session);
        samples(ui, session);
    });
}

/// Pictures that are made again.
fn remakes(ui: &mut Ui, session: &mut Session) {
    if !session.is_remaking() {
        return;
    }
    let (words, share) = match session.remake_job() {
        Some((path, job)) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (format!("Making {name} again"), job.progress())
        }
        None => ("Looking for the files".to_owned(), 0.0),
    };
    bar(ui, "Making again", share);
    ui.label(RichText::new(words).small());
    let words = "Cancel making again";
    let tip = with_keys(ui, words, &[Command::Cancel]);
    if icon_button(ui, icon::CANCEL, 16.0, false, words, &tip).clicked() {
        session.cancel_remakes();
    }
}

/// The sample shot while it is coloured.
fn samples(ui: &mut Ui, session: &mut Session) {
    let Some([made, all]) = session.sample_takes() else { return };
    bar(ui, "Colouring the sample shot", made as f32 / all.max(1) as f32);
    ui.label(RichText::new(format!("Colouring the sample shot: {made} of {all}")).small());
    let words = "Colour no more of the sample shot";
    let tip = with_keys(ui, words, &[Command::Cancel]);
    if icon_button(ui, icon::CANCEL, 16.0, false, words, &tip).clicked() {
        session.cancel_sample_takes();
    }
}

pub fn bar(ui: &mut Ui, name: &str, share: f32) {
    let bar = ProgressBar::new(share).desired_width(120.0).desired_height(STEP);
    let bar = bar.fill(tokens(ui).accent);
    ui.name_inputs(name, |ui| ui.add(bar));
}

fn state(table: &LightTable) -> String {
    let catalogue = table.catalogue();
    let mut words = vec![catalogue.folder().display().to_string()];
    let (shown, all) = (table.answer().entries.len(), catalogue.len());
    words.push(match shown == all {
        true => format!("{all} pictures"),
        false => format!("{shown} of {all} pictures"),
    });
    if shown > 0 && table.magnification != Magnification::Blind {
        words.push(format!("{} of {shown}", table.place() + 1));
    }
    if let Some([compared, all]) = table.left_out() {
        words.push(format!("{compared} of {all} are compared"));
    }
    let picked = table.picked_count();
    if picked > 0 {
        words.push(format!("{picked} picked"));
    }
    if table.advance {
        words.push("advancing".to_owned());
    }
    if let Progress::Failed(reason) = catalogue.progress() {
        words.push(reason.clone());
    }
    words.join("  ·  ")
}
