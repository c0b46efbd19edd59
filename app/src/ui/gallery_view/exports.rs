//! Exports from the window: where they go is asked, how far they are is shown, and each can be broken off.

use std::path::PathBuf;

use egui::Ui;

use crate::command::Command;
use crate::files::{Waker, with_ending};
use crate::gallery::blind::BlindReview;
use crate::gallery::export::{Export, ExportError, Exporting};
use crate::gallery::light_table::LightTable;
use crate::session::{FOLDERS, Notice, Session};
use crate::ui::panels::status::exporting;

const SHEETS: (&str, &[&str]) = ("PNG or PDF", &["png", "pdf"]);
const TABLES: (&str, &[&str]) = ("Table", &["csv"]);

/// One export at a time.
#[derive(Default)]
pub struct Exports {
    running: Option<Exporting>,
}

impl Exports {
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub fn cancel(&self) {
        self.running.iter().for_each(Exporting::cancel);
    }

    /// Asks where the export shall go.
    pub fn ask(command: Command, table: &LightTable, session: &mut Session) {
        let folder = table.catalogue().folder();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let (title, kind, proposed) = match command {
            Command::ExportSheet => ("Export a contact sheet", SHEETS, Some(format!("{name} sheet.pdf"))),
            Command::ExportDecisions => ("Export the decisions", TABLES, Some(format!("{name} decisions.csv"))),
            Command::ExportRanking => ("Export the ranking", TABLES, Some(format!("{name} ranking.csv"))),
            Command::ExportPicked => ("Copy the picked pictures to a folder", FOLDERS, None),
            _ => return,
        };
        // Beside the folder: a sheet inside it would be one of its pictures.
        let beside = folder.parent().unwrap_or(folder).to_owned();
        session.ask(command, title, kind, proposed, Some(beside));
    }

    /// Begins the export that `command` names.
    pub fn begin(
        &mut self,
        command: Command,
        path: PathBuf,
        table: &LightTable,
        review: Option<&BlindReview>,
        waker: &Waker,
    ) -> std::io::Result<()> {
        let folder = table.catalogue().folder().to_owned();
        let (export, entries) = match (command, review) {
            (Command::ExportRanking, Some(review)) => {
                let (path, review) = (with_ending(path, "csv"), Box::new(review.clone()));
                (Export::Ranking { path, review }, Vec::new())
            }
            (Command::ExportSheet, _) => {
                let is_pdf = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
                let path = if is_pdf { path } else { with_ending(path, "png") };
                let title = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (Export::Sheet { path, title }, table.batch())
            }
            (Command::ExportDecisions, _) => {
                let path = with_ending(path, "csv");
                (Export::Decisions { path, folder }, table.batch())
            }
            _ => (Export::Copies { to: path }, table.picked()),
        };
        self.running = Some(export.start(entries, waker.clone())?);
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

fn sentence(error: &ExportError) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
