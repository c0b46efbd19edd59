//! The vote: pictures side by side, and a button for each.

use std::sync::Arc;

use egui::{Align, Align2, Button, FontId, Layout, Rect, Ui, vec2};

use super::Blind;
use crate::command::Command;
use crate::gallery::decoding::Form;
use crate::gallery::entry::Entry;
use crate::gallery::light_table::LightTable;
use crate::gallery::look::Look;
use crate::ui::gallery_view::grid;
use crate::ui::gallery_view::panes::{draw, navigate, panes};
use crate::ui::gallery_view::pictures::Pictures;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::with_keys;

/// Height of the line of buttons under the pictures.
const BUTTONS: f32 = 44.0;

impl Blind {
    /// The pictures, and a button for each.
    pub(super) fn vote(&mut self, ui: &mut Ui, table: &LightTable, pictures: &mut Pictures, commands: &mut Vec<Command>) {
        let Some(review) = &self.review else { return };
        let Some(shown) = review.shown() else { return };
        let shown: Vec<&Arc<Entry>> = shown.into_iter().map(|entry| now(table, entry)).collect();
        let room = ui.available_rect_before_wrap();
        let (above, below) = room.split_top_bottom_at_y(room.bottom() - BUTTONS);
        let panes = panes(above, shown.len());
        // Together or not at all: who comes first would stand out.
        let known: Vec<Option<bool>> = shown.iter().map(|entry| can_show(pictures, entry)).collect();
        let decoded: Option<Vec<bool>> = known.into_iter().collect();
        self.ready = decoded.as_ref().is_some_and(|all| all.iter().all(|can_show| *can_show));
        let size = shown[0].facts.as_ref().map_or([1, 1], |facts| facts.size);
        for (number, (pane, entry)) in panes.iter().zip(&shown).enumerate() {
            let name = format!("Picture {}", number + 1);
            let (_, placement) = navigate(ui, &mut self.view, *pane, size, (review.progress()[0], number), &name);
            match decoded.as_ref().map(|all| all[number]) {
                Some(true) => draw(ui, pictures, entry, *pane, placement.rect(size), 1.0, Look::default()),
                // The reason would name the file.
                Some(false) => grid::broken(ui, *pane, "This picture cannot be shown"),
                None => {}
            }
            if shown.len() > 2 {
                badge(ui, *pane, number + 1);
            }
        }
        if decoded.is_none() {
            let font = FontId::proportional(13.0);
            ui.painter()
                .text(above.center(), Align2::CENTER_CENTER, "Decoding…", font, tokens(ui).dim);
        }
        for entry in review.upcoming().into_iter().flatten() {
            pictures.get(now(table, entry), Form::Whole(Look::default()));
        }
        let choices: Vec<(String, Command)> = match shown.len() {
            2 => [
                ("Left is better", Command::PreviousPicture),
                ("No difference", Command::PictureBelow),
                ("Right is better", Command::NextPicture),
            ]
            .map(|(words, command)| (words.to_owned(), command))
            .to_vec(),
            count => {
                let stars = [Command::RateOne, Command::RateTwo, Command::RateThree, Command::RateFour];
                let best = stars.into_iter().take(count).enumerate();
                let best = best.map(|(number, command)| (format!("{} is best", number + 1), command));
                best.chain([("No difference".to_owned(), Command::RateNone)]).collect()
            }
        };
        let passes = decoded.is_some() && !self.ready;
        if buttons(ui, below, self.ready, passes, &choices, commands) {
            self.pass();
        }
    }
}

/// Whether a picture can be shown, once that is known.
fn can_show(pictures: &mut Pictures, entry: &Entry) -> Option<bool> {
    match &entry.facts {
        Ok(_) => pictures.get(entry, Form::Whole(Look::default())).map(Result::is_ok),
        Err(_) => Some(false),
    }
}

/// A picture as it is: its file may have changed since the review began.
fn now<'a>(table: &'a LightTable, entry: &'a Arc<Entry>) -> &'a Arc<Entry> {
    table.catalogue().get(&entry.path).unwrap_or(entry)
}

/// A button for each choice, and where the pictures cannot be voted on one that passes over them; whether that was clicked.
fn buttons(
    ui: &mut Ui,
    strip: Rect,
    enabled: bool,
    passes: bool,
    choices: &[(String, Command)],
    commands: &mut Vec<Command>,
) -> bool {
    ui.painter().rect_filled(strip, 0.0, tokens(ui).surface[1]);
    let width = 132.0;
    let count = choices.len() + usize::from(passes);
    let all = count as f32 * (width + 2.0 * STEP) - 2.0 * STEP;
    let mut passed = false;
    let place = Rect::from_center_size(strip.center(), vec2(all, ROW + STEP));
    let inside = egui::UiBuilder::new()
        .max_rect(place)
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(inside, |ui| {
        for (words, command) in choices {
            let button = Button::new(words).min_size(vec2(width, ROW + STEP));
            let tip = with_keys(ui, words, &[*command]);
            if ui.add_enabled(enabled, button).on_hover_text(tip).clicked() {
                commands.push(*command);
            }
        }
        if passes {
            let button = Button::new("Pass over").min_size(vec2(width, ROW + STEP));
            passed = ui
                .add(button)
                .on_hover_text("Go on without a vote on these pictures")
                .clicked();
        }
    });
    passed
}

/// The number of a picture, in its corner.
fn badge(ui: &Ui, pane: Rect, number: usize) {
    let place = Rect::from_min_size(pane.min + vec2(2.0 * STEP, 2.0 * STEP), vec2(ROW, ROW));
    let painter = ui.painter_at(pane);
    painter.rect_filled(place, 4.0, tokens(ui).surface[0].gamma_multiply(0.85));
    painter.text(
        place.center(),
        Align2::CENTER_CENTER,
        number.to_string(),
        semibold(13.0),
        tokens(ui).text,
    );
}
