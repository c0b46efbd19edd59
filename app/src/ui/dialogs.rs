//! Questions that stand in the middle of the window until they are answered.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use egui::{Align, Button, Context, Frame, Id, Key, Label, Layout, Margin, Modal, Response, RichText, TextEdit, Ui, vec2};

use super::theme::{ROW, STEP, semibold, tokens};
use crate::document;
use crate::session::Typed;

/// What a person says when asked whether changes may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Save,
    Discard,
    Stay,
}

/// What pictures are for that were dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dropped {
    Layers,
    Reference,
    Open,
    Nothing,
}

/// Asks what pictures are for that were dropped where no system tells.
pub fn dropped(context: &Context, paths: &[PathBuf]) -> Option<Dropped> {
    let name = paths
        .first()
        .and_then(|path| path.file_name())
        .unwrap_or_default()
        .to_string_lossy();
    let (title, layers, open) = match paths.len() {
        1 => (format!("What is \u{201c}{name}\u{201d} for?"), "As a layer", "Open it"),
        count => (format!("What are the {count} pictures for?"), "As layers", "Open them"),
    };
    let choices = [
        (layers, Dropped::Layers),
        ("As the reference", Dropped::Reference),
        (open, Dropped::Open),
        ("Cancel", Dropped::Nothing),
    ];
    let words = "Your system does not report where in the window the files were dropped.";
    question(context, "dropped", &title, words, choices, Dropped::Nothing)
}

/// Asks whether changes may be lost.
pub fn unsaved(context: &Context, title: &str) -> Option<Answer> {
    let words = format!("\u{201c}{title}\u{201d} has changes that are in no file yet.");
    let choices = [("Save", Answer::Save), ("Discard", Answer::Discard), ("Cancel", Answer::Stay)];
    question(context, "leave", "Changes are not saved", &words, choices, Answer::Stay)
}

/// Asks whether what was made on the board may go, which is in no folder of the person's. `has_takes`: there is something that a folder can keep.
pub fn board(context: &Context, has_takes: bool) -> Option<Answer> {
    let words = match has_takes {
        true => {
            "Some takes or named parts have not been saved and are lost when the program ends. Saving to a folder keeps the takes as they look now, but not the named parts."
        }
        false => {
            "The board's takes are lost when the program ends. They belong to an earlier state of the board: cancel and undo, or fill the board again, to save them to a folder."
        }
    };
    let save = has_takes.then_some(("Save into a folder", Answer::Save));
    let choices = [("Discard", Answer::Discard), ("Cancel", Answer::Stay)];
    let choices = save.into_iter().chain(choices);
    question(
        context,
        "leave the board",
        "The board is not saved",
        words,
        choices,
        Answer::Stay,
    )
}

/// Tells that pictures are waited for; whether the rest of them may be left out, once that is clear.
pub fn exporting(context: &Context) -> Option<bool> {
    let words = "The program ends once they are in their files. Without the rest, those that are written stay.";
    let choices = [("Quit without the rest", true), ("Cancel", false)];
    question(context, "leave exports", "Pictures are being written", words, choices, false)
}

/// What a person wants of what was lost: by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Restore(usize),
    Discard(usize),
    Later,
}

/// Offers what earlier programs lost; nothing while there is nothing.
pub fn lost(context: &Context, lost: &[document::Lost]) -> Option<Lost> {
    if lost.is_empty() {
        return None;
    }
    let modal = modal(context, "restore").show(context, |ui| {
        ui.set_width(400.0);
        heading(ui, "Unsaved work was found");
        ui.label("The program ended before this was saved. Every finished stroke is there.");
        ui.add_space(2.0 * STEP);
        let mut answer = None;
        for (index, lost) in lost.iter().enumerate() {
            ui.horizontal(|ui| {
                let (title, age) = (&lost.about.title, age(lost.changed));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let button = |ui: &mut Ui, verb: &str| {
                        let response = ui.add(Button::new(verb).min_size(vec2(72.0, ROW)));
                        let name = format!("{verb} {title}");
                        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                        response.clicked()
                    };
                    if button(ui, "Discard") {
                        answer = Some(Lost::Discard(index));
                    }
                    if button(ui, "Restore") {
                        answer = Some(Lost::Restore(index));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(Label::new(title).truncate());
                        ui.label(RichText::new(age).small().color(tokens(ui).dim));
                    });
                });
            });
        }
        ui.add_space(2.0 * STEP);
        if page_button(ui, "Later").clicked() {
            answer = Some(Lost::Later);
        }
        answer
    });
    let later = modal.should_close().then_some(Lost::Later);
    modal.inner.or(later)
}

/// Asks whether a training run may be ended; once it is, tells what is waited for. Whether it may, once that is clear.
pub fn training(context: &Context, waiting: bool) -> Option<bool> {
    let modal = modal(context, "end training").show(context, |ui| {
        ui.set_width(360.0);
        heading(ui, "A training run is under way");
        if waiting {
            ui.label("It ends after this step and leaves a checkpoint…");
            return None;
        }
        let words = "It would end after this step, with a checkpoint. When the program is open again, Resume goes on from there.";
        ui.add(Label::new(words).wrap());
        ui.add_space(3.0 * STEP);
        choose(ui, [("Stop and quit", true), ("Cancel", false)])
    });
    let stay = (!waiting && modal.should_close()).then_some(false);
    modal.inner.or(stay)
}

/// Lets a person type a path; whether it is wanted, once that is clear.
pub fn path(context: &Context, typed: &mut Typed) -> Option<bool> {
    let modal = modal(context, "path").show(context, |ui| {
        ui.set_width(480.0);
        heading(ui, typed.title);
        let words = "This system offers no file dialog. Type the file's path.";
        ui.label(RichText::new(words).color(tokens(ui).dim));
        ui.add_space(STEP);
        let field = TextEdit::singleline(&mut typed.path).desired_width(f32::INFINITY);
        let field = ui.name_inputs("Path", |ui| ui.add(field));
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        ui.add_space(3.0 * STEP);
        let verb = if typed.save { "Save here" } else { "Choose this" };
        choose(ui, [(verb, true), ("Cancel", false)]).or(entered.then_some(true))
    });
    let given_up = modal.should_close().then_some(false);
    modal.inner.or(given_up)
}

/// Asks whether a file may be written over; whether it may, once that is clear. `own`: it is the document's own, and another has written it since.
pub fn replace(context: &Context, path: &Path, own: bool) -> Option<bool> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let place = folder.map_or_else(|| "this folder".to_owned(), |folder| folder.display().to_string());
    let (title, words) = match own {
        true => (
            "The file has changed",
            format!(
                "Another program or window has written \u{201c}{name}\u{201d} in {place} since. What it wrote would be lost."
            ),
        ),
        false => (
            "A file of this name exists",
            format!("\u{201c}{name}\u{201d} is in {place} already. What is in it would be lost."),
        ),
    };
    confirm(context, "replace", title, &words, "Replace")
}

/// Asks for consent to what cannot be undone; whether it is given, once that is clear. `verb`: what is done.
pub fn confirm(context: &Context, id: &str, title: &str, words: &str, verb: &str) -> Option<bool> {
    question(context, id, title, words, [(verb, true), ("Cancel", false)], false)
}

/// A question, and its answers as buttons. Escape and a click beside it say `back`.
fn question<'a, T>(
    context: &Context,
    id: &str,
    title: &str,
    words: &str,
    choices: impl IntoIterator<Item = (&'a str, T)>,
    back: T,
) -> Option<T> {
    let modal = modal(context, id).show(context, |ui| {
        ui.set_width(360.0);
        heading(ui, title);
        ui.add(Label::new(words).wrap());
        ui.add_space(3.0 * STEP);
        choose(ui, choices)
    });
    let back = modal.should_close().then_some(back);
    modal.inner.or(back)
}

pub(super) fn modal(context: &Context, id: &str) -> Modal {
    let frame = Frame::popup(&context.global_style()).inner_margin(Margin::same(16));
    Modal::new(Id::unique(id)).frame(frame)
}

pub(super) fn heading(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).font(semibold(16.0)));
    ui.add_space(STEP);
}

/// A button of a page. In a row of its own where it stands below others: a column would push its words to the left.
pub(super) fn page_button(ui: &mut Ui, words: &str) -> Response {
    ui.horizontal(|ui| ui.add(Button::new(words).min_size(vec2(96.0, ROW)))).inner
}

pub(super) fn choose<'a, T>(ui: &mut Ui, choices: impl IntoIterator<Item = (&'a str, T)>) -> Option<T> {
    ui.horizontal(|ui| {
        let mut chosen = None;
        for (words, value) in choices {
            if page_button(ui, words).clicked() {
                chosen = Some(value);
            }
        }
        chosen
    })
    .inner
}

/// The end of a page: whether it shall do what `verb` says, once that is clear. Enter says so too, unless a field has it.
pub(super) fn agree(ui: &mut Ui, verb: &str) -> Option<bool> {
    let entered = ui.input(|input| input.key_pressed(Key::Enter)) && ui.memory(|memory| memory.focused().is_none());
    choose(ui, [(verb, true), ("Cancel", false)]).or(entered.then_some(true))
}

/// How long ago something was, as people say it.
fn age(then: SystemTime) -> String {
    let age = SystemTime::now().duration_since(then).unwrap_or(Duration::ZERO);
    let minutes = age.as_secs() / 60;
    match (minutes, minutes / 60, minutes / 60 / 24) {
        (0, ..) => "just now".to_owned(),
        (1, ..) => "a minute ago".to_owned(),
        (minutes, 0, _) => format!("{minutes} minutes ago"),
        (_, 1, _) => "an hour ago".to_owned(),
        (_, hours, 0) => format!("{hours} hours ago"),
        (_, _, 1) => "a day ago".to_owned(),
        (_, _, days) => format!("{days} days ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_the_largest_whole_unit() {
        let said = |seconds: u64| age(SystemTime::now() - Duration::from_secs(seconds));
        assert_eq!(
            [0, 61, 125, 3599, 3601, 7300, 90_000, 200_000].map(said),
            [
                "just now",
                "a minute ago",
                "2 minutes ago",
                "59 minutes ago",
                "an hour ago",
                "2 hours ago",
                "a day ago",
                "2 days ago"
            ]
        );
    }
}
