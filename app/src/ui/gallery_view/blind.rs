//! Blind review in the window: the terms, the pictures side by side, the ranking.

use std::path::PathBuf;

use egui::{Align, Align2, Button, ComboBox, DragValue, FontId, Layout, Rect, RichText, TextEdit, Ui, vec2};

use super::panes::{draw, navigate, panes};
use super::pictures::Pictures;
use super::{ranking, status};
use crate::canvas::view::View;
use crate::command::Command;
use crate::files::Waker;
use crate::gallery::blind::votes::{BallotBox, Opened, Told, Wanted, last_reviewer};
use crate::gallery::blind::{BlindReview, MOST_SHOWN, Terms};
use crate::gallery::decoding::Form;
use crate::gallery::grouping::Grouping;
use crate::gallery::light_table::LightTable;
use crate::gallery::look::Look;
use crate::gallery::ranking::Strength;
use crate::ui::panels::welcome::card;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::{command_button, icon, row, with_keys};

/// What can be ranked, in the words for it.
const COMPETITORS: [(Grouping, &str); 5] = [
    (Grouping::None, "Pictures"),
    (Grouping::Mode, "Modes"),
    (Grouping::Model, "Models"),
    (Grouping::Reference, "References"),
    (Grouping::Shot, "Folders"),
];
/// Height of the line of buttons under the pictures.
const BUTTONS: f32 = 44.0;

/// A review, from its terms to its ranking.
pub struct Blind {
    terms: Terms,
    /// Who votes, as it is typed.
    reviewer: String,
    /// Why a review on these terms could not begin.
    refused: Option<String>,
    /// A review is being prepared.
    opening: bool,
    /// It is prepared, and there are votes that the reviewer cast in it before.
    found: Option<Box<Opened>>,
    review: Option<BlindReview>,
    /// The ranking of the votes so far, while it is shown.
    ranking: Option<Vec<(String, Strength)>>,
    view: View,
    /// Where votes are kept; none: nowhere.
    kept_in: Option<PathBuf>,
    ballots: Option<BallotBox>,
    waker: Waker,
}

impl Blind {
    /// `kept_in` is the folder for the votes of all reviews; none: they are not kept.
    pub fn new(kept_in: Option<PathBuf>, waker: Waker) -> Self {
        Self {
            terms: Terms {
                by: Grouping::None,
                shown: 2,
                votes: 40,
            },
            reviewer: kept_in.as_deref().map(last_reviewer).unwrap_or_default(),
            refused: None,
            opening: false,
            found: None,
            review: None,
            ranking: None,
            view: View::default(),
            kept_in,
            ballots: None,
            waker,
        }
    }

    /// For the pictures of another folder; whoever votes stays.
    pub fn elsewhere(&self) -> Self {
        Self {
            terms: self.terms,
            reviewer: self.reviewer.clone(),
            kept_in: self.kept_in.clone(),
            ..Self::new(None, self.waker.clone())
        }
    }

    /// Takes in what was prepared and read; what went wrong with keeping votes.
    pub fn catch_up(&mut self) -> Option<String> {
        let mut trouble = None;
        let told: Vec<Told> = self.ballots.iter().flat_map(BallotBox::told).collect();
        for told in told {
            match told {
                Told::Opened(opened) => {
                    self.opening = false;
                    match opened {
                        Ok(opened) if opened.found.is_empty() => self.review = Some(opened.review),
                        Ok(opened) => self.found = Some(opened),
                        Err(unfit) => self.refused = Some(unfit.to_string()),
                    }
                }
                Told::Trouble(words) => trouble = Some(words),
            }
        }
        trouble
    }

    /// Votes of an earlier time that the review which is about to begin could go on after.
    pub fn found(&self) -> usize {
        self.found.as_ref().map_or(0, |opened| opened.found.len())
    }

    pub fn review(&self) -> Option<&BlindReview> {
        self.review.as_ref()
    }

    /// Whether the command does something in a blind review. What would show or change the pictures' marks does not.
    pub fn allows(&self, command: Command) -> bool {
        let review = self.review.as_ref();
        let set = review.filter(|_| self.ranking.is_none()).and_then(BlindReview::shown);
        let shown = set.map_or(0, |set| set.len());
        match command {
            Command::Undo => review.is_some_and(BlindReview::can_undo),
            Command::Redo => review.is_some_and(BlindReview::can_redo),
            Command::ExportRanking => review.is_some_and(|review| review.votes().next().is_some()),
            _ => self.place(command).is_some_and(|place| place.unwrap_or_default() < shown),
        }
    }

    /// The vote that a command stands for: the place of what is preferred, or none.
    fn place(&self, command: Command) -> Option<Option<usize>> {
        let pairs = self.terms.shown == 2;
        match command {
            Command::PreviousPicture if pairs => Some(Some(0)),
            Command::NextPicture if pairs => Some(Some(1)),
            Command::PictureBelow | Command::RateNone => Some(None),
            Command::RateOne => Some(Some(0)),
            Command::RateTwo => Some(Some(1)),
            Command::RateThree => Some(Some(2)),
            Command::RateFour => Some(Some(3)),
            _ => None,
        }
    }

    pub fn run(&mut self, command: Command) {
        let place = self.place(command);
        let Some(review) = &mut self.review else { return };
        let [before, _] = review.progress();
        match (command, place) {
            (Command::Undo, _) => review.undo(),
            (Command::Redo, _) => review.redo(),
            (_, Some(place)) => review.vote(place),
            _ => return,
        }
        let [votes, _] = review.progress();
        match (&self.ballots, review.last()) {
            (Some(ballots), Some(cast)) if votes > before => ballots.cast(cast),
            (Some(ballots), _) if votes < before => ballots.take_back(),
            _ => {}
        }
        self.view.fit();
        self.ranking = None;
        if review.shown().is_none() {
            self.rank();
        }
    }

    fn rank(&mut self) {
        let ranking = self.review.as_ref().map(BlindReview::ranking).unwrap_or_default();
        let owned = ranking.into_iter().map(|(name, strength)| (name.to_owned(), strength));
        self.ranking = Some(owned.collect());
    }

    /// What stands over the pictures.
    pub fn bar(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(review) = &self.review else {
            ui.weak("Names and settings stay hidden until you have voted.");
            return;
        };
        let [votes, of] = review.progress();
        status::bar(ui, "Votes", votes as f32 / of.max(1) as f32);
        ui.label(format!("{votes} of {of}"));
        if let [reviewer, ..] = review.reviewers()[..]
            && !reviewer.is_empty()
        {
            ui.weak(reviewer);
        }
        let can_undo = review.can_undo();
        ui.add_enabled_ui(can_undo, |ui| {
            if command_button(ui, icon::UNDO, 16.0, false, Command::Undo) {
                commands.push(Command::Undo);
            }
        });
        let any = review.votes().next().is_some();
        if self.ranking.is_none() && ui.add_enabled(any, Button::new("Show the ranking")).clicked() {
            self.rank();
        }
    }

    pub fn show(&mut self, ui: &mut Ui, table: &LightTable, pictures: &mut Pictures, commands: &mut Vec<Command>) {
        match (&mut self.review, &self.ranking) {
            (None, _) if self.opening => card(ui, |ui| drop(ui.label("Looking for earlier votes…"))),
            (None, _) if self.found.is_some() => self.earlier(ui),
            (None, _) => self.terms(ui, table),
            (Some(review), Some(ranked)) => match ranking::show(ui, ranked, review) {
                Some(ranking::Wish::Export) => commands.push(Command::ExportRanking),
                Some(ranking::Wish::VoteOn) => self.ranking = None,
                Some(ranking::Wish::Anew) => (self.review, self.ranking) = (None, None),
                Some(ranking::Wish::Count(reviewer)) => {
                    review.count(reviewer);
                    self.rank();
                }
                None => {}
            },
            (Some(_), None) => self.vote(ui, pictures, commands),
        }
    }

    /// Asks what shall be ranked.
    fn terms(&mut self, ui: &mut Ui, table: &LightTable) {
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
        (self.ranking, self.refused) = (None, None);
        let wanted = Wanted {
            folder: table.catalogue().folder().to_owned(),
            entries: table.batch(),
            terms: self.terms,
            reviewer: self.reviewer.trim().to_owned(),
            root: self.kept_in.clone(),
        };
        match BallotBox::open(self.ballots.take(), wanted, self.waker.clone()) {
            Ok(ballots) => (self.ballots, self.opening) = (Some(ballots), true),
            Err(error) => self.refused = Some(format!("The system lends no thread to keep the votes: {error}.")),
        }
    }

    /// Asks what becomes of votes that were cast before.
    fn earlier(&mut self, ui: &mut Ui) {
        let Some(Opened { found, .. }) = self.found.as_deref() else {
            return;
        };
        let votes = match found.len() {
            1 => "1 vote".to_owned(),
            count => format!("{count} votes"),
        };
        let mut go_on = None;
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
            if ui.add(Button::new(text).fill(tokens(ui).accent).min_size(size)).clicked() {
                go_on = Some(true);
            }
            if ui.add(Button::new("Begin anew").min_size(size)).clicked() {
                go_on = Some(false);
            }
        });
        let Some((go_on, opened)) = go_on.zip(self.found.take_if(|_| go_on.is_some())) else {
            return;
        };
        let Opened { mut review, found } = *opened;
        match (go_on, &self.ballots) {
            (true, _) => review.resume(&found),
            (false, ballots) => ballots.iter().for_each(BallotBox::begin_anew),
        }
        let over = review.shown().is_none();
        self.review = Some(review);
        if over {
            self.rank();
        }
    }

    /// The pictures, and a button for each.
    fn vote(&mut self, ui: &mut Ui, pictures: &mut Pictures, commands: &mut Vec<Command>) {
        let Some(review) = &self.review else { return };
        let Some(shown) = review.shown() else { return };
        let room = ui.available_rect_before_wrap();
        let (above, below) = room.split_top_bottom_at_y(room.bottom() - BUTTONS);
        let panes = panes(above, shown.len());
        // Together or not at all: who comes first would stand out.
        let decoded = shown
            .iter()
            .filter(|entry| pictures.get(entry, Form::Whole(Look::default())).is_some())
            .count();
        let ready = decoded == shown.len();
        let size = shown[0].facts.as_ref().map_or([1, 1], |facts| facts.size);
        for (number, (pane, entry)) in panes.iter().zip(&shown).enumerate() {
            let name = format!("Picture {}", number + 1);
            let (_, placement) = navigate(ui, &mut self.view, *pane, size, (review.progress()[0], number), &name);
            if ready {
                draw(ui, pictures, entry, *pane, placement.rect(size), 1.0, Look::default());
            }
            if shown.len() > 2 {
                badge(ui, *pane, number + 1);
            }
        }
        if !ready {
            let font = FontId::proportional(13.0);
            ui.painter()
                .text(above.center(), Align2::CENTER_CENTER, "Decoding…", font, tokens(ui).dim);
        }
        for entry in review.upcoming().into_iter().flatten() {
            pictures.get(entry, Form::Whole(Look::default()));
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
        buttons(ui, below, &choices, commands);
    }
}

fn buttons(ui: &mut Ui, strip: Rect, choices: &[(String, Command)], commands: &mut Vec<Command>) {
    ui.painter().rect_filled(strip, 0.0, tokens(ui).surface[1]);
    let width = 132.0;
    let all = choices.len() as f32 * (width + 2.0 * STEP) - 2.0 * STEP;
    let place = Rect::from_center_size(strip.center(), vec2(all, ROW + STEP));
    let inside = egui::UiBuilder::new()
        .max_rect(place)
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(inside, |ui| {
        for (words, command) in choices {
            let button = Button::new(words).min_size(vec2(width, ROW + STEP));
            let tip = with_keys(ui, words, &[*command]);
            if ui.add(button).on_hover_text(tip).clicked() {
                commands.push(*command);
            }
        }
    });
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
