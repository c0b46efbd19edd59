//! Whether files of other programs can be dropped on the window.

use egui::{Context, Id, RichText, Ui};

use super::theme::tokens;

/// In a context's memory: they cannot.
#[derive(Clone)]
struct Forgone;

/// From now on nothing that is drawn in `context` invites to drop a file: the system tells its window of none.
pub fn forgo(context: &Context) {
    context.data_mut(|data| data.insert_temp(Id::NULL, Forgone));
}

/// Whether a file that is dropped is heard of.
pub fn is_heard(ui: &Ui) -> bool {
    ui.data(|data| data.get_temp::<Forgone>(Id::NULL)).is_none()
}

/// Invites to drop a file, where that is heard of.
pub fn invite(ui: &mut Ui, words: &str) {
    if is_heard(ui) {
        ui.label(RichText::new(words).color(tokens(ui).dim));
    }
}
