//! What stands where nothing is open yet: the ways in.

use egui::{Align, Align2, Button, Layout, Rect, RichText, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use crate::command::Command;
use crate::ui::theme::{ROW, STEP, icon_font, semibold, tokens};
use crate::ui::{dropping, hint, icon};

/// Three ways in, in the middle of an empty canvas.
pub fn studio(ui: &mut Ui, opening: bool, commands: &mut Vec<Command>) {
    if opening {
        card(ui, |ui| {
            ui.add(egui::Spinner::new().size(20.0));
            ui.label("Opening…");
        });
        return;
    }
    card(ui, |ui| {
        ui.label(RichText::new("Nothing is open").font(semibold(16.0)));
        ui.add(egui::Label::new(RichText::new("A drawing and a reference are all it takes.").color(tokens(ui).dim)).wrap());
        ui.add_space(2.0 * STEP);
        for (command, words) in [(Command::OpenSample, "Open the sample"), (Command::Open, "Open a drawing")] {
            if ui
                .add(Button::new(words).min_size(vec2(200.0, ROW + 2.0 * STEP)))
                .on_hover_text(hint(ui, command))
                .clicked()
            {
                commands.push(command);
            }
        }
        ui.add_space(2.0 * STEP);
        dropping::invite(ui, "or drop a file here");
    });
}

/// What an empty workspace is for, and what can be done about it.
pub fn workspace(ui: &mut Ui, title: &str, words: &str, ways: &[(Command, &str)], commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(RichText::new(title).font(semibold(16.0)));
        ui.add_space(STEP);
        ui.add(egui::Label::new(RichText::new(words).color(tokens(ui).dim)).wrap());
        ui.add_space(2.0 * STEP);
        for (command, words) in ways {
            let button = Button::new(*words).min_size(vec2(200.0, ROW + 2.0 * STEP));
            if ui.add(button).on_hover_text(hint(ui, *command)).clicked() {
                commands.push(*command);
            }
        }
    });
}

/// The ways to fill an empty swap board.
pub fn board(ui: &mut Ui, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(RichText::new("Which reference suits the shot?").font(semibold(16.0)));
        ui.add_space(STEP);
        let words = "Sketches stand down the side, references across the top. Each pair becomes a take, all from the same noise: what differs \
                     along a row is the reference alone. A mask beside a file, NAME-mask.png, comes with it; a background, \
                     NAME-background.png, too.";
        ui.add(egui::Label::new(RichText::new(words).color(tokens(ui).dim)).wrap());
        ui.add_space(2.0 * STEP);
        for (command, words) in [
            (Command::OpenSampleShot, "Open the sample shot"),
            (Command::AddSketches, "Add sketches"),
            (Command::AddReferences, "Add references"),
        ] {
            let button = Button::new(words).min_size(vec2(200.0, ROW + 2.0 * STEP));
            if ui.add(button).on_hover_text(hint(ui, command)).clicked() {
                commands.push(command);
            }
        }
        ui.add_space(STEP);
        dropping::invite(ui, "or drop files and folders here");
    });
}

/// What a board lacks that has only one edge.
pub fn half_board(ui: &mut Ui, sketches: bool, commands: &mut Vec<Command>) {
    let (title, words, command, action) = match sketches {
        true => (
            "No sketches yet",
            "The drawings that are coloured: a frame or a whole shot.",
            Command::AddSketches,
            "Choose sketches",
        ),
        false => (
            "No references yet",
            "The pictures that the colours come from: a column for each.",
            Command::AddReferences,
            "Choose references",
        ),
    };
    workspace(ui, title, words, &[(command, action)], commands);
}

/// What stands where the reference would.
pub fn reference(ui: &mut Ui, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(RichText::new(icon::IMAGE).font(icon_font(20.0)).color(tokens(ui).dim));
        ui.label(RichText::new("No reference yet").font(semibold(13.0)));
        let words = match dropping::is_heard(ui) {
            true => "The colours come from a second picture. Open one, or drop it here.",
            false => "The colours come from a second picture. Open one.",
        };
        ui.add(egui::Label::new(RichText::new(words).color(tokens(ui).dim)).wrap());
        ui.add_space(STEP);
        let button = Button::new("Open a reference").min_size(vec2(ui.available_width().min(160.0), ROW));
        if ui.add(button).on_hover_text(hint(ui, Command::OpenReference)).clicked() {
            commands.push(Command::OpenReference);
        }
    });
}

/// Says, while a file hangs over a pane, what dropping it would do.
pub fn drop_hint(ui: &Ui, pane: Rect, words: &str) {
    let tokens = tokens(ui);
    let painter = ui.painter_at(pane);
    painter.rect_filled(pane, 0.0, tokens.surface[0].gamma_multiply(0.8));
    painter.rect_stroke(pane.shrink(8.0), 4.0, Stroke::new(2.0, tokens.accent), StrokeKind::Inside);
    painter.text(pane.center(), Align2::CENTER_CENTER, words, semibold(16.0), tokens.text);
}

/// A raised card in the middle of the room, as high as what `add` puts on it.
pub fn card(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let id = ui.make_persistent_id("card");
    let known = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or_default();
    let pane = ui.max_rect();
    let size = vec2((pane.width() - 8.0 * STEP).clamp(120.0, 320.0), known);
    let rect = Rect::from_center_size(pane.center(), size);
    tokens(ui).card(ui.painter(), rect, 1);
    let inside = UiBuilder::new()
        .max_rect(rect.shrink(4.0 * STEP))
        .layout(Layout::top_down(Align::Center));
    let height = ui.scope_builder(inside, add).response.rect.height() + 8.0 * STEP;
    if (height - known).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(id, height));
        ui.ctx().request_discard("the height of a card has changed");
    }
}
