//! The gallery: takes are looked through, compared, rated. Grid, loupe, compare, survey and blind review are one view at several magnifications.

mod blind;
mod compare;
mod exports;
mod facts;
mod filters;
mod grid;
mod layout;
pub(super) mod panes;
mod pictures;
mod ranking;
mod status;
mod strips;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Ui;

use crate::command::Command;
use crate::files::{Waker, no_thread};
use crate::gallery::entry::{Entry, Facts, RecipeKind};
use crate::gallery::filter::Bound;
use crate::gallery::light_table::{LightTable, Magnification};
use crate::gallery::listing::cache_folder;
use crate::gallery::marks::{Decision, Flag, Label};
use crate::session::{Notice, Session, random_seed, sentence};
use blind::Blind;
use compare::Compare;
use exports::Exports;
use facts::Note;
use pictures::Pictures;

/// The gallery's own state.
pub struct GalleryView {
    waker: Waker,
    /// Where what was read of folders is kept; none: nowhere.
    caches: Option<PathBuf>,
    table: Option<LightTable>,
    pictures: Pictures,
    compare: Compare,
    blind: Blind,
    note: Note,
    exports: Exports,
    search: String,
    /// How the stars of the filters are meant.
    bound: Bound,
    tile: f32,
    /// The active picture has changed by a key: it is brought into sight.
    follow: bool,
    /// A picture that was just made, behind the one that it was made again from: it is chosen once it is read.
    awaited: Option<(PathBuf, PathBuf)>,
}

impl GalleryView {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            pictures: Pictures::new(&waker)?,
            blind: Blind::new(None, waker.clone()),
            waker,
            caches: cache_folder(),
            table: None,
            compare: Compare::default(),
            note: Note::default(),
            exports: Exports::default(),
            search: String::new(),
            bound: Bound::default(),
            tile: 168.0,
            follow: false,
            awaited: None,
        })
    }

    /// From now on nothing is kept of what folders hold.
    pub fn do_without_cache(&mut self) {
        self.caches = None;
    }

    /// From now on the votes of blind reviews are kept in `folder` as they are cast.
    pub fn keep_votes_in(&mut self, folder: PathBuf) {
        self.blind = Blind::new(Some(folder), self.waker.clone());
    }

    /// Lays out the pictures of a folder.
    pub fn open(&mut self, folder: &Path) -> std::io::Result<()> {
        // Where it cannot be laid out, what shows stays.
        let table = LightTable::open(folder, self.caches.clone(), &self.waker)?;
        self.leave_note();
        self.blind.go_elsewhere();
        let rest = self.table.take().map(|before| table.follow(before));
        self.table = Some(table);
        // Where the system lends no thread for it, it takes its moment here.
        let _ = std::thread::Builder::new()
            .name("shiage old gallery".to_owned())
            .spawn(move || drop(rest));
        self.search.clear();
        self.compare = Compare::default();
        Ok(())
    }

    /// The window that it was drawn in is gone, and so is what was on that one's GPU: it is made anew where it is looked at.
    pub fn forget_textures(&mut self) {
        self.pictures.forget_textures();
    }

    /// A blind review shows, or what is asked before it.
    pub fn is_blind(&self) -> bool {
        let table = self.table.as_ref();
        table.is_some_and(|table| table.magnification == Magnification::Blind)
    }

    /// What lies on the table.
    pub fn table(&self) -> Option<&LightTable> {
        self.table.as_ref()
    }

    /// Pictures of the last frame, with those that come into sight next: how many are there, and how many are being decoded.
    pub fn pictures(&self) -> [usize; 2] {
        self.pictures.asked()
    }

    /// Votes of an earlier time that a blind review which is about to begin could go on after.
    pub fn votes_found(&self) -> usize {
        self.blind.found()
    }

    /// Pictures or tables are on their way into files.
    pub fn is_exporting(&self) -> bool {
        self.exports.is_running()
    }

    /// Writes no more of them.
    pub fn cancel_export(&self) {
        self.exports.cancel();
    }

    /// Takes in what happened since the last frame; whether a folder was opened.
    pub fn catch_up(&mut self, session: &mut Session) -> bool {
        let mut opened = false;
        for (command, path) in session.take_gallery_paths() {
            let refused = match (command, &self.table) {
                (Command::OpenFolder, _) => {
                    opened = true;
                    let error = self.open(&path).err();
                    error.map(|error| format!("{} was not opened. {}", path.display(), no_thread(&error)))
                }
                (_, Some(table)) => {
                    let refused = self.exports.begin(command, path, table, &self.waker).err();
                    if refused.is_some() {
                        session.miss_export();
                    }
                    refused.map(|refused| sentence(&refused))
                }
                (_, None) => None,
            };
            if let Some(words) = refused {
                session.notice = Some(Notice::error(words));
            }
        }
        self.exports.catch_up(session);
        let troubles = self.blind.catch_up();
        if !troubles.is_empty() {
            session.notice = Some(Notice::error(troubles.join(" ")));
        }
        if session.take_sample_news()
            && let Some(table) = &self.table
        {
            table.catalogue().look();
        }
        let remade = session.take_remade().pop();
        if let Some(table) = &mut self.table {
            if remade.is_some() {
                self.awaited = remade;
                table.catalogue().look();
            }
            table.catch_up();
            // Who has gone on meanwhile, or compares several, is not taken away from there: the notice names the file.
            if let Some((source, path)) = self.awaited.take_if(|(_, path)| table.answer().place(path).is_some())
                && table.is_active(&source)
                && table.selection_count() < 2
            {
                table.choose(&path, false, false);
                self.follow = true;
            }
            if let Some(problem) = table.problem.take() {
                session.notice = Some(Notice::error(problem));
            }
        }
        opened
    }

    /// Whether the command can do anything now.
    pub fn allows(&self, command: Command, session: &Session) -> bool {
        let Some(table) = &self.table else { return false };
        if table.magnification == Magnification::Blind && !leads_on(command) {
            return self.blind.allows(command) && !(command == Command::ExportRanking && self.exports.is_running());
        }
        match command {
            Command::ExportRanking => false,
            Command::Undo => table.can_undo(),
            Command::Redo => table.can_redo(),
            Command::Cancel => {
                let is_making = session.is_remaking() || session.sample_takes().is_some();
                table.magnification != Magnification::Grid || self.exports.is_running() || is_making
            }
            Command::MakeAgain | Command::AnotherSeed | Command::OpenInStudio => self.remakable().is_some(),
            Command::ExportSheet | Command::ExportDecisions => !self.exports.is_running() && !table.answer().entries.is_empty(),
            Command::ExportPicked => !self.exports.is_running() && table.picked_count() > 0,
            Command::SelectPicked => table.picked_count() > 0,
            Command::LetGo | Command::SelectThisAlone => table.selection_count() > 1,
            Command::PicturesPageDown | Command::PicturesPageUp => table.magnification == Magnification::Grid,
            _ if Compare::is_part(command) => table.magnification != Magnification::Grid,
            _ if Compare::is_way(command) => table.answer().entries.len() > 1,
            Command::ToggleLines => self.compare.switches_lines(table).is_ok(),
            Command::ClearFilters => !table.query().filters.is_empty(),
            Command::Compare | Command::Survey | Command::BlindReview => table.answer().entries.len() > 1,
            _ => !table.answer().entries.is_empty(),
        }
    }

    pub fn run(&mut self, command: Command, session: &mut Session) {
        if !self.allows(command, session) {
            return;
        }
        self.leave_note();
        let Some(table) = &mut self.table else { return };
        let exports = matches!(
            command,
            Command::ExportSheet | Command::ExportDecisions | Command::ExportPicked | Command::ExportRanking
        );
        match command {
            _ if exports => return self.exports.ask(command, table, self.blind.review(), session),
            Command::Cancel if self.exports.is_running() => return self.exports.cancel(),
            Command::Cancel if session.is_remaking() => return session.cancel_remakes(),
            // It goes on for long while one looks: what leads back to the grid does not end it.
            Command::Cancel if table.magnification == Magnification::Grid => return session.cancel_sample_takes(),
            _ if table.magnification == Magnification::Blind && !leads_on(command) => return self.blind.run(command),
            _ => {}
        }
        if let Some(decision) = decision(command) {
            table.decide(&decision);
            self.follow = table.advance;
            return;
        }
        let inform = |words: String| Some(Notice::info(words));
        let before = table.magnification;
        let row = table.columns as isize;
        match command {
            Command::Undo => {
                session.notice = table
                    .undo()
                    .and_then(|words| inform(format!("Undone: {}", words.to_lowercase())))
            }
            Command::Redo => {
                session.notice = table
                    .redo()
                    .and_then(|words| inform(format!("Done again: {}", words.to_lowercase())))
            }
            Command::ShowGrid | Command::Cancel => table.magnification = Magnification::Grid,
            Command::ShowLoupe => table.magnification = Magnification::Loupe,
            Command::Compare => table.magnification = Magnification::Compare,
            Command::Survey => table.magnification = Magnification::Survey,
            Command::BlindReview => table.magnification = Magnification::Blind,
            Command::MakeAgain | Command::AnotherSeed => {
                let seed = (command == Command::AnotherSeed).then(random_seed);
                if let Some(entry) = table.active() {
                    session.remake(entry.path.clone(), seed);
                }
            }
            Command::ToggleLines => self.compare.toggle_lines(table),
            Command::NextPicture => table.step(1),
            Command::PreviousPicture => table.step(-1),
            Command::PictureBelow => table.step(row),
            Command::PictureAbove => table.step(-row),
            Command::PicturesPageDown => table.step(row * table.rows as isize),
            Command::PicturesPageUp => table.step(-row * table.rows as isize),
            Command::FirstPicture => table.step_to_end(false),
            Command::LastPicture => table.step_to_end(true),
            Command::SelectOnRight => table.select_on(1),
            Command::SelectOnLeft => table.select_on(-1),
            Command::SelectOnBelow => table.select_on(row),
            Command::SelectOnAbove => table.select_on(-row),
            Command::SelectToFirst => table.select_on(isize::MIN),
            Command::SelectToLast => table.select_on(isize::MAX),
            Command::SelectPicked => table.choose_picked(),
            Command::SelectThisAlone => table.choose_alone(),
            Command::LetGo => table.let_go(),
            Command::SelectAllPictures => table.choose_all(),
            Command::ClearFilters => {
                table.ask(|query| query.filters.clear());
                self.search.clear();
            }
            Command::ToggleAdvance => {
                table.advance = !table.advance;
                session.notice = inform(match table.advance {
                    true => "Each decision goes on to the next picture.".to_owned(),
                    false => "Decisions stay on the picture.".to_owned(),
                });
            }
            other => self.compare.run(other, table),
        }
        if table.magnification != before {
            self.compare.fit();
        }
        self.follow = true;
    }

    /// The active picture, if it carries a recipe of ours.
    pub fn remakable(&self) -> Option<&Arc<Entry>> {
        let entry = self.table.as_ref()?.active()?;
        let own = |facts: &Facts| facts.recipe == RecipeKind::Own;
        entry.facts.as_ref().is_ok_and(own).then_some(entry)
    }

    /// Keeps the note that is being typed. Its field does so when it is left, but whoever goes elsewhere by keys, or closes the window, leaves no field.
    pub fn leave_note(&mut self) {
        if let Some(table) = &mut self.table {
            self.note.keep(table);
        }
    }

    /// The folder or picture that was dropped in this frame.
    pub fn dropped(&self, ui: &Ui) -> Option<PathBuf> {
        ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()))
    }
}

fn decision(command: Command) -> Option<Decision> {
    Some(match command {
        Command::RateNone => Decision::Stars(0),
        Command::RateOne => Decision::Stars(1),
        Command::RateTwo => Decision::Stars(2),
        Command::RateThree => Decision::Stars(3),
        Command::RateFour => Decision::Stars(4),
        Command::RateFive => Decision::Stars(5),
        Command::Pick => Decision::Flag(Flag::Pick),
        Command::Reject => Decision::Flag(Flag::Reject),
        Command::Unflag => Decision::Flag(Flag::None),
        Command::LabelRed => Decision::Label(Label::Red),
        Command::LabelYellow => Decision::Label(Label::Yellow),
        Command::LabelGreen => Decision::Label(Label::Green),
        Command::LabelBlue => Decision::Label(Label::Blue),
        _ => return None,
    })
}

/// Whether the command leads to another magnification.
fn leads_on(command: Command) -> bool {
    matches!(
        command,
        Command::ShowGrid | Command::ShowLoupe | Command::Compare | Command::Survey | Command::BlindReview | Command::Cancel
    )
}
