//! What would be lost if the program ended now.

use std::time::Duration;

use super::Session;
use super::answer::Answer;

/// Time that a disk has, when the program ends, for what is kept for the next run.
const PATIENCE: Duration = Duration::from_secs(10);

/// What keeps the program from ending without a question, in the order in which it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Changes of the document that are in no file.
    Changes,
    /// Pictures that are on their way into files.
    Exports,
    /// Takes and named parts of the board that are in no folder.
    Board,
    /// What a training run has learned since its last checkpoint.
    Training,
}

impl Session {
    /// What would be lost first if the program ended now, but for what the person has let go.
    pub fn would_lose(&self) -> Option<Loss> {
        let changes = self.is_modified() && self.coming.let_go != Some(self.version());
        let board = self.board.is_unsaved() && self.coming.board_let_go != Some(self.board.stand());
        let losses = [
            (changes, Loss::Changes),
            (self.is_exporting(), Loss::Exports),
            (board, Loss::Board),
            (self.is_training(), Loss::Training),
        ];
        losses.into_iter().find_map(|(lost, loss)| lost.then_some(loss))
    }

    /// The person has said that the document's changes up to now may go, with what is still to be laid down.
    pub fn let_go(&mut self) {
        self.coming.let_go = Some(self.version());
        self.when_laid(|session| {
            let version = session.version();
            session.coming.let_go = session.coming.let_go.map(|_| version);
        });
    }

    /// The person has said that what was made on the board up to now may go.
    pub fn let_board_go(&mut self) {
        self.coming.board_let_go = Some(self.board.stand());
    }

    /// The program ends: what the person has changed of how it works is in its files then.
    pub fn finish(&mut self) {
        self.keep_habits();
        for answer in self.kept.finish(PATIENCE) {
            if let Answer::Failed(words) = answer {
                tracing::warn!("{words}");
            }
        }
    }

    /// What was let go is asked about again, and exports are waited for: the person stays, or has thought of something else since.
    pub fn hold_on(&mut self) {
        (self.coming.let_go, self.coming.board_let_go) = (None, None);
        self.outgoing.saving.await_end(true);
    }
}
