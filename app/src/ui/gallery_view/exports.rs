//! Exports from the window: where they go is asked, how far they are is shown, and each can be broken off.

use std::path::PathBuf;

use egui::Ui;

use crate::command::Command;
use crate::files::{Exporting, Waker, no_thread, with_ending};
use crate::gallery::blind::BlindReview;
use crate::gallery::export::{Export, ExportError};
use crate::gallery::light_table::LightTable;
use crate::gallery::listing;
use crate::session::{FOLDERS, Notice, Session, sentence};
use crate::ui::panels::status::exporting;

const SHEETS: (&str, &[&str]) = ("PNG or PDF", &["png", "pdf"]);
const TABLES: (&str, &[&str]) = ("Table", &["csv"]);

/// One export at a time.
#[derive(Default)]
pub struct Exports {
    running: Option<Exporting<String, ExportError>>,
    /// What is to be ranked where that was asked for: behind the question, which may stand for long, another review may begin.
    review: Option<BlindReview>,
}

/// Why an export did not begin.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("{path} was not written: another export is under way. Wait for it or cancel it, and export again", path = path.display())]
    Busy { path: PathBuf },
    #[error("{path} was not written: there is no ranking. Begin a blind review, vote, and export again", path = path.display())]
    NoRanking { path: PathBuf },
    #[error(
        "{path} was not written: it would be one of the pictures of the gallery. Choose a place outside of its folder, or a name that ends in .pdf",
        path = path.display()
    )]
    Listed { path: PathBuf },
    #[error("{path} was not written. {why}", path = path.display(), why = no_thread(source))]
    NoThread { path: PathBuf, source: std::io::Error },
}

impl Exports {
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub fn cancel(&self) {
        self.running.iter().for_each(Exporting::cancel);
    }

    /// Asks where the export shall go. `review`: the one that can be ranked.
    pub fn ask(&mut self, command: Command, table: &LightTable, review: Option<&BlindReview>, session: &mut Session) {
        let folder = table.catalogue().folder();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let (title, kind, proposed) = match command {
            Command::ExportSheet => ("Export a contact sheet", SHEETS, Some(format!("{name} sheet.pdf"))),
            Command::ExportDecisions => ("Export the decisions", TABLES, Some(format!("{name} decisions.csv"))),
            Command::ExportRanking => {
                self.review = review.cloned();
                ("Export the ranking", TABLES, Some(format!("{name} ranking.csv")))
            }
            Command::ExportPicked => ("Copy the picked pictures to a folder", FOLDERS, None),
            _ => return,
        };
        // Beside the folder: a sheet inside it would be one of its pictures.
        let beside = folder.parent().unwrap_or(folder).to_owned();
        session.ask(command, title, kind, proposed, Some(beside));
    }

    /// Begins the export that `command` names, at the place that was chosen for it.
    pub fn begin(&mut self, command: Command, path: PathBuf, table: &LightTable, waker: &Waker) -> Result<(), Refused> {
        if self.is_running() {
            return Err(Refused::Busy { path });
        }
        let (folder, place) = (table.catalogue().folder().to_owned(), path.clone());
        let (export, entries) = match command {
            Command::ExportRanking => {
                let Some(review) = self.review.clone().map(Box::new) else {
                    return Err(Refused::NoRanking { path });
                };
                let path = with_ending(path, "csv");
                (Export::Ranking { path, review }, Vec::new())
            }
            Command::ExportSheet => {
                let is_pdf = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
                let path = if is_pdf { path } else { with_ending(path, "png") };
                if listing::would_list(&folder, &path) {
                    return Err(Refused::Listed { path });
                }
                let title = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (Export::Sheet { path, title }, table.batch())
            }
            Command::ExportDecisions => {
                let path = with_ending(path, "csv");
                (Export::Decisions { path, folder }, table.batch())
            }
            Command::ExportPicked => (Export::Copies { to: path }, table.picked()),
            _ => return Ok(()),
        };
        let begun = export.start(entries, waker.clone());
        self.running = Some(begun.map_err(|source| Refused::NoThread { path: place, source })?);
        Ok(())
    }

    /// Says what came of the export, once it is done.
    pub fn catch_up(&mut self, session: &mut Session) {
        let Some(outcome) = self.running.as_ref().and_then(Exporting::outcome) else {
            return;
        };
        self.running = None;
        session.notice = Some(match outcome {
            Ok(words) => Notice::info(words),
            Err(error @ ExportError::Cancelled) => Notice::info(sentence(&error)),
            Err(error) => {
                session.miss_export();
                Notice::error(sentence(&error))
            }
        });
    }

    /// How far the export is.
    pub fn show(&self, ui: &mut Ui) {
        let Some(running) = &self.running else { return };
        if exporting(ui, running.progress()) {
            running.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn an_export_is_what_was_asked_for_and_no_other_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let waker: Waker = Arc::new(|| {});
        let table = LightTable::open(folder.path(), None, &waker).unwrap();
        let place = folder.path().join("takes ranking.csv");
        let mut exports = Exports::default();
        let mut begin = |command| exports.begin(command, place.clone(), &table, &waker);
        assert!(matches!(begin(Command::ExportRanking), Err(Refused::NoRanking { .. })));
        assert!(matches!(begin(Command::ExportSheet), Err(Refused::Listed { .. })));
        assert!(begin(Command::ExportDecisions).is_ok());
        // Until somebody has heard of its end.
        assert!(matches!(begin(Command::ExportPicked), Err(Refused::Busy { .. })));
        assert!(!place.exists());
    }
}
