//! Blind review in the window: the terms, the pictures side by side, the ranking.

mod asking;
mod voting;

use std::path::PathBuf;

use egui::{Button, Ui};

use super::pictures::Pictures;
use super::{ranking, status};
use crate::canvas::view::View;
use crate::command::Command;
use crate::files::Waker;
use crate::gallery::blind::votes::{BallotBox, Opened, Told, last_reviewer};
use crate::gallery::blind::{BlindReview, Terms};
use crate::gallery::grouping::Grouping;
use crate::gallery::light_table::LightTable;
use crate::gallery::ranking::Strength;
use crate::ui::panels::welcome::card;
use crate::ui::{command_button, icon};

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
    /// All pictures of the set have stood there: before that nobody votes on them.
    ready: bool,
    /// The ranking of the votes so far, while it is shown.
    ranking: Option<Vec<(String, Strength)>>,
    view: View,
    /// Where votes are kept; none: nowhere.
    kept_in: Option<PathBuf>,
    ballots: Option<BallotBox>,
    /// That of a review in another folder, which may still be writing: into the same file, if the next one is of the same pictures.
    before: Option<BallotBox>,
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
            ready: false,
            ranking: None,
            view: View::default(),
            kept_in,
            ballots: None,
            before: None,
            waker,
        }
    }

    /// Goes to the pictures of another folder; whoever votes stays.
    pub fn go_elsewhere(&mut self) {
        let mut before = self.ballots.take().or_else(|| self.before.take());
        before.iter_mut().for_each(BallotBox::leave);
        *self = Self {
            terms: self.terms,
            reviewer: std::mem::take(&mut self.reviewer),
            kept_in: self.kept_in.take(),
            before,
            ..Self::new(None, self.waker.clone())
        };
    }

    /// Takes in what was prepared and read; what went wrong with keeping votes, a sentence or more each.
    pub fn catch_up(&mut self) -> Vec<String> {
        let mut troubles: Vec<String> = self.before.iter().flat_map(BallotBox::troubles).collect();
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
                Told::Trouble(words) => troubles.push(words),
            }
        }
        troubles
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
            _ => self.ready && self.place(command).is_some_and(|place| place.unwrap_or_default() < shown),
        }
    }

    /// The vote that a command stands for: the place of what is preferred, or none.
    fn place(&self, command: Command) -> Option<Option<usize>> {
        // However many were asked for, there may be no more than two.
        let pairs = self.review.as_ref().and_then(BlindReview::shown)?.len() == 2;
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
        self.go_on();
    }

    /// Passes over pictures of which one cannot be shown.
    fn pass(&mut self) {
        if let Some(review) = &mut self.review {
            review.pass();
            self.go_on();
        }
    }

    /// Goes on to what is to be voted on next, or to the ranking where there is nothing left.
    fn go_on(&mut self) {
        self.view.fit();
        (self.ranking, self.ready) = (None, false);
        if self.review.as_ref().is_some_and(|review| review.shown().is_none()) {
            self.rank();
        }
    }

    /// Back to the terms. The votes so far are kept, and a review on the same terms goes on after them.
    fn leave(&mut self) {
        (self.review, self.ranking) = (None, None);
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
        let tip = "What is ranked, and who votes. The votes so far are kept.";
        if ui.button("Terms…").on_hover_text(tip).clicked() {
            self.leave();
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
                Some(ranking::Wish::Anew) => self.leave(),
                Some(ranking::Wish::Count(reviewer)) => {
                    review.count(reviewer);
                    self.rank();
                }
                None => {}
            },
            (Some(_), None) => self.vote(ui, table, pictures, commands),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::blind::votes::Wanted;
    use crate::gallery::entry::{Entry, Facts, Stamp};
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    #[test]
    fn all_that_goes_wrong_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        std::fs::write(&file, "").unwrap();
        let (wake, woken) = channel();
        let waker: Waker = Arc::new(move || {
            let _ = wake.send(());
        });
        let mut blind = Blind::new(None, waker.clone());
        let entry = |name| Arc::new(Entry::new(folder.path().join(name), Stamp::default(), Ok(Facts::default())));
        let wanted = Wanted {
            folder: folder.path().to_owned(),
            entries: ["a.png", "b.png"].map(entry).to_vec(),
            terms: blind.terms,
            reviewer: "Jo".to_owned(),
            root: Some(file.join("under a file")),
        };
        blind.ballots = BallotBox::open(None, wanted, waker).ok();
        // The review, the votes that cannot be read, and the name that cannot be kept.
        for _ in 0..3 {
            woken.recv_timeout(crate::PATIENCE).expect("all three are told");
        }
        assert_eq!(blind.catch_up().len(), 2);
    }

    #[test]
    fn nobody_votes_on_pictures_that_have_not_shown() {
        let mut blind = Blind::new(None, Arc::new(|| {}));
        let entry = |name: &str| Arc::new(Entry::new(name.into(), Stamp::default(), Ok(Facts::default())));
        let entries = ["/takes/a.png", "/takes/b.png", "/takes/c.png"].map(entry);
        blind.review = BlindReview::new("/takes".as_ref(), &entries, blind.terms).ok();
        let votes = [
            Command::PreviousPicture,
            Command::PictureBelow,
            Command::NextPicture,
            Command::RateTwo,
        ];
        let allowed = |blind: &Blind| votes.map(|vote| blind.allows(vote));
        assert_eq!(allowed(&blind), [false; 4]);
        blind.ready = true;
        assert_eq!(allowed(&blind), [true; 4]);
        blind.run(Command::NextPicture);
        assert_eq!(allowed(&blind), [false; 4], "of the next pair");
        assert!(blind.allows(Command::Undo));
    }
}
