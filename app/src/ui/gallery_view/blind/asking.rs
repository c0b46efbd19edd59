//! What is asked before a blind review: the terms, and what becomes of earlier votes.

use egui::{Button, ComboBox, DragValue, RichText, TextEdit, Ui, vec2};

use super::Blind;
use crate::files::no_thread;
use crate::gallery::blind::MOST_SHOWN;
use crate::gallery::blind::votes::{BallotBox, Opened, Wanted};
use crate::gallery::grouping::Grouping;
use crate::gallery::light_table::LightTable;
use crate::ui::panels::welcome::card;
use crate::ui::row;
use crate::ui::theme::{ROW, STEP, semibold, tokens};

/// What can be ranked, in the words for it.
const COMPETITORS: [(Grouping, &str); 5] = [
    (Grouping::None, "Pictures"),
    (Grouping::Mode, "Modes"),
    (Grouping::Model, "Models"),
    (Grouping::Reference, "References"),
    (Grouping::Shot, "Folders"),
];

/// What becomes of a review in which a person has voted before.
#[derive(Clone, Copy)]
enum Earlier {
    GoOn,
    BeginAnew,
    /// Nothing: the terms shall be others, such as whose votes they are.
    Back,
}

impl Blind {
    /// Asks what shall be ranked.
    pub(super) fn terms(&mut self, ui: &mut Ui, table: &LightTable) {
        card(ui, |ui| {
            ui.label(RichText::new("Blind review").font(semibold(16.0)));
            ui.add_space(STEP);
            let words = format!(
                "Pictures side by side without names or settings, left and right by chance. Your votes rank {} with intervals.",
                match table.batch_count() {
                    1 => "the picture that shows".to_owned(),
                    count => format!("these {count} pictures"),
                }
            );
            ui.add(egui::Label::new(RichText::new(words).color(tokens(ui).dim)).wrap());
            ui.add_space(2.0 * STEP);
            row(
                ui,
                "Rank",
                "What competes: pictures, or what groups of them have in common",
                |ui| {
                    let shown = COMPETITORS
                        .iter()
                        .find(|(by, _)| *by == self.terms.by)
                        .map_or("", |(_, words)| words);
                    ComboBox::from_id_salt("rank").selected_text(shown).show_ui(ui, |ui| {
                        for (by, words) in COMPETITORS {
                            ui.selectable_value(&mut self.terms.by, by, words);
                        }
                    });
                },
            );
            row(
                ui,
                "Reviewer",
                "Your name, where several people vote: everybody's votes are kept apart, and ranked together",
                |ui| ui.add(TextEdit::singleline(&mut self.reviewer)),
            );
            row(ui, "At once", "How many pictures stand side by side", |ui| {
                for shown in 2..=MOST_SHOWN {
                    ui.selectable_value(&mut self.terms.shown, shown, shown.to_string());
                }
            });
            row(ui, "Votes", "How many you want to give at the most", |ui| {
                ui.add(DragValue::new(&mut self.terms.votes).range(1..=1000));
            });
            ui.add_space(2.0 * STEP);
            let begin = RichText::new("Begin").color(tokens(ui).on_accent());
            let begin = Button::new(begin)
                .fill(tokens(ui).accent)
                .min_size(vec2(200.0, ROW + 2.0 * STEP));
            if ui.add(begin).clicked() {
                self.begin(table);
            }
            if let Some(refused) = &self.refused {
                ui.add(egui::Label::new(RichText::new(refused).color(tokens(ui).warn)).wrap());
            }
        });
    }

    /// Begins a review, once it is prepared and it is known which votes were cast in it before.
    fn begin(&mut self, table: &LightTable) {
        self.view.fit();
        (self.ranking, self.refused, self.ready) = (None, None, false);
        let wanted = Wanted {
            folder: table.catalogue().folder().to_owned(),
            entries: table.batch(),
            terms: self.terms,
            reviewer: self.reviewer.trim().to_owned(),
            root: self.kept_in.clone(),
        };
        match BallotBox::open(self.ballots.take().or(self.before.take()), wanted, self.waker.clone()) {
            Ok(ballots) => (self.ballots, self.opening) = (Some(ballots), true),
            Err(error) => self.refused = Some(format!("The votes cannot be kept. {}", no_thread(&error))),
        }
    }

    /// Asks what becomes of votes that were cast before.
    pub(super) fn earlier(&mut self, ui: &mut Ui) {
        let Some(Opened { found, .. }) = self.found.as_deref() else {
            return;
        };
        let votes = match found.len() {
            1 => "1 vote".to_owned(),
            count => format!("{count} votes"),
        };
        let mut chosen = None;
        card(ui, |ui| {
            ui.label(RichText::new("You were here before").font(semibold(16.0)));
            ui.add_space(STEP);
            let whose = match self.reviewer.trim() {
                "" => "of yours",
                name => &format!("of {name}"),
            };
            let words = format!("{votes} {whose} on these pictures are kept. Begin anew puts them aside; nothing is deleted.");
            ui.add(egui::Label::new(RichText::new(words).color(tokens(ui).dim)).wrap());
            ui.add_space(2.0 * STEP);
            let size = vec2(200.0, ROW + 2.0 * STEP);
            let text = RichText::new(format!("Go on after {votes}")).color(tokens(ui).on_accent());
            let go_on = Button::new(text).fill(tokens(ui).accent);
            for (button, choice) in [
                (go_on, Earlier::GoOn),
                (Button::new("Begin anew"), Earlier::BeginAnew),
                (Button::new("Back"), Earlier::Back),
            ] {
                if ui.add(button.min_size(size)).clicked() {
                    chosen = Some(choice);
                }
            }
        });
        let Some((choice, opened)) = chosen.zip(self.found.take_if(|_| chosen.is_some())) else {
            return;
        };
        let Opened { mut review, found } = *opened;
        match choice {
            Earlier::GoOn => review.resume(&found),
            Earlier::BeginAnew => self.ballots.iter().for_each(BallotBox::begin_anew),
            Earlier::Back => return,
        }
        let over = review.shown().is_none();
        self.review = Some(review);
        if over {
            self.rank();
        }
    }
}
