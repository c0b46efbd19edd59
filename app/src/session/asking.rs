//! Asking for paths: by the system's dialogs, or typed where it has none; and what is done with the path of each command.

use std::path::{Path, PathBuf};

use picture::plain_name;

use super::Session;
use super::answer::Answer;
use super::filing::{NOT_TAKEN_IN, OVERTAKEN};
use crate::board::Place;
use crate::command::{Command, Workspace};
use crate::document::Role;
use crate::files::{Ask, Reply, with_ending, with_one_of};
use crate::models::folder::EXTENSIONS;
use crate::palette::ENDINGS;

/// What can be worked on.
pub const DRAWINGS: (&str, &[&str]) = ("Drawings", &["ora", "psd", "png", "jpg", "jpeg", "webp", "tif", "tiff"]);
/// Single pictures.
pub const PICTURES: (&str, &[&str]) = ("Pictures", &picture::ENDINGS);
const DOCUMENTS: (&str, &[&str]) = ("OpenRaster", &["ora"]);
const PALETTES: (&str, &[&str]) = ("Palettes", ENDINGS);
const ADAPTERS: (&str, &[&str]) = ("Adapters", &["safetensors"]);
const MODELS: (&str, &[&str]) = ("Model files", &EXTENSIONS);
/// Not a file but a folder.
pub const FOLDERS: (&str, &[&str]) = ("Folders", &[]);

/// A path that a person types, where the system has no dialog for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub command: Command,
    pub title: &'static str,
    /// For writing; else for reading.
    pub save: bool,
    pub path: String,
    /// The board's cell that was active when it was asked for: another one may be by now.
    pub cell: Option<Place>,
    /// Which of the documents that were opened it was asked for, likewise.
    opened: u64,
}

/// A path that was chosen for a command, and which of the documents that were opened it was asked for.
pub(super) struct Chosen {
    pub command: Command,
    pub path: PathBuf,
    pub opened: u64,
}

/// What a person is asked for: where to read from, and where to write to.
pub(super) struct Asking {
    /// In dialogs of the system; else in the window.
    system_dialogs: bool,
    pub typed: Option<Typed>,
    /// A file that a person has not agreed to lose, and what would write over it.
    replacing: Option<Chosen>,
    /// Chosen for the gallery, which takes them.
    gallery_paths: Vec<(Command, PathBuf)>,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            system_dialogs: true,
            typed: None,
            replacing: None,
            gallery_paths: Vec::new(),
        }
    }
}

impl Typed {
    fn chosen(&self, path: PathBuf) -> Chosen {
        Chosen {
            command: self.command,
            path,
            opened: self.opened,
        }
    }
}

impl Session {
    /// Takes `path` for what `command` asks a file for.
    pub fn open_for(&mut self, command: Command, path: PathBuf) {
        let opened = self.opened;
        self.path_chosen(Chosen { command, path, opened }, false);
    }

    /// Opens a folder in the gallery; any other file stands for the folder that it lies in.
    pub fn look_through(&mut self, path: PathBuf) {
        self.files.run(move || {
            let folder = match path.is_dir() {
                true => Some(path),
                false => path.parent().map(Path::to_owned),
            };
            folder.map(|folder| Answer::new(move |session| session.open_for(Command::OpenFolder, folder)))
        });
    }

    /// The paths that were chosen for the gallery's commands since the last call.
    pub fn take_gallery_paths(&mut self) -> Vec<(Command, PathBuf)> {
        std::mem::take(&mut self.asking.gallery_paths)
    }

    /// The path that a person types.
    pub fn typed(&mut self) -> Option<&mut Typed> {
        self.asking.typed.as_mut()
    }

    /// The path is typed, or the person does not want to.
    pub fn end_typing(&mut self, wanted: bool) {
        let Some(typed) = self.asking.typed.take() else { return };
        if !wanted || typed.path.trim().is_empty() {
            return self.give_up_asking();
        }
        let path = PathBuf::from(typed.path.trim());
        match typed.command.workspace() {
            Some(Workspace::SwapBoard) => self.chosen_for_board(typed.command, typed.cell, vec![path]),
            _ => self.path_chosen(typed.chosen(path), false),
        }
    }

    fn give_up_asking(&mut self) {
        self.filed.saving.call_off();
        self.outgoing.saving.call_off();
    }

    /// The commands that concern files.
    pub fn file(&mut self, command: Command) {
        let folder = self.filed.path.as_deref().and_then(Path::parent).map(Path::to_owned);
        let (title, kind, save_as) = match command {
            Command::OpenSample => return self.open_sample(),
            Command::Export => return self.choose_export(),
            Command::Save if self.filed.path.is_some() => {
                return self.filed.path.clone().into_iter().for_each(|path| self.save_again(path));
            }
            Command::Save | Command::SaveAs => ("Save the document", DOCUMENTS, Some("ora")),
            Command::Open => ("Open", DRAWINGS, None),
            Command::NewFromSketch => ("New from a drawing", PICTURES, None),
            Command::OpenReference => ("Open a reference", PICTURES, None),
            Command::OpenBackground => ("Open a background reference", PICTURES, None),
            Command::ImportSketchMask => ("Import a sketch mask", PICTURES, None),
            Command::ImportReferenceMask => ("Import a reference mask", PICTURES, None),
            Command::ImportLayer => ("Import as a layer", DRAWINGS, None),
            Command::OpenPalette => ("Open a palette", PALETTES, None),
            Command::SavePalette => return self.ask_for_palette(folder),
            Command::OpenFolder => ("Open a folder in the gallery", FOLDERS, None),
            Command::AddAdapter => ("Add an adapter", ADAPTERS, None),
            Command::AddModel => ("Add a model file", MODELS, None),
            Command::ChooseTrainingPictures => ("Choose the pictures to train on", FOLDERS, None),
            Command::AddSketches => ("Add sketches", PICTURES, None),
            Command::AddSketchFolder => ("Add a folder of sketches", FOLDERS, None),
            Command::AddSequence => ("Choose any frame of the sequence", PICTURES, None),
            Command::AddReferences => ("Add references", PICTURES, None),
            Command::AddReferenceFolder => ("Add a folder of references", FOLDERS, None),
            Command::ReplaceReference => ("Replace the reference", PICTURES, None),
            Command::PairBackground => ("Add a background to the reference", PICTURES, None),
            Command::MaskReference => ("Add a mask to the reference", PICTURES, None),
            Command::MaskSketch => ("Add a mask to the sketch", PICTURES, None),
            Command::ExportBoard => ("Save the board into a folder", FOLDERS, None),
            Command::ExportFrames => ("Save the chosen frames into a folder", FOLDERS, None),
            Command::ReviewTakes => ("Save the takes into a folder to look through", FOLDERS, None),
            Command::ExportLayers => ("Save the layers into a folder", FOLDERS, None),
            Command::ReviewBoard => ("Save the takes into a folder to look through", FOLDERS, None),
            _ => return,
        };
        let save_as = save_as.map(|ending| format!("{}.{ending}", plain_name(&self.filed.title)));
        if matches!(command, Command::Save | Command::SaveAs) {
            self.filed.saving.ask();
        }
        if matches!(
            command,
            Command::ExportBoard | Command::ExportFrames | Command::ReviewBoard | Command::ReviewTakes | Command::ExportLayers
        ) {
            self.outgoing.saving.ask();
        }
        self.ask(command, title, kind, save_as, folder);
    }

    fn ask_for_palette(&mut self, folder: Option<PathBuf>) {
        let name = plain_name(&self.palette_in_use().0.name);
        self.ask(
            Command::SavePalette,
            "Save the palette",
            PALETTES,
            Some(with_ending(name.into(), "gpl").to_string_lossy().into_owned()),
            folder,
        );
    }

    /// Asks where `command` reads or writes. `save_as`: the name that is proposed for writing; none: for reading.
    pub fn ask(
        &mut self,
        command: Command,
        title: &'static str,
        kind: (&'static str, &'static [&'static str]),
        save_as: Option<String>,
        folder: Option<PathBuf>,
    ) {
        let proposed = folder.clone().unwrap_or_default().join(save_as.clone().unwrap_or_default());
        let typed = Typed {
            command,
            title,
            save: save_as.is_some(),
            path: proposed.to_string_lossy().into_owned(),
            cell: self.board.active(),
            opened: self.opened,
        };
        if !self.asking.system_dialogs {
            self.asking.typed = Some(typed);
            return;
        }
        self.files.ask(
            Ask {
                title,
                kind,
                several: matches!(command, Command::AddSketches | Command::AddReferences | Command::ImportLayer),
                save_as,
                folder,
            },
            move |reply| Answer::new(move |session| session.asked(typed, reply)),
        );
    }

    /// From now on paths are typed: the system has no dialogs for them.
    pub fn do_without_dialogs(&mut self) {
        self.asking.system_dialogs = false;
    }

    pub(super) fn asked(&mut self, typed: Typed, reply: Reply) {
        match reply {
            Reply::Paths(paths) if typed.command.workspace() == Some(Workspace::SwapBoard) => {
                self.chosen_for_board(typed.command, typed.cell, paths);
            }
            Reply::Paths(paths) if typed.command == Command::ImportLayer => match typed.opened == self.opened {
                true => self.import_layers(paths),
                false => self.warn(NOT_TAKEN_IN.to_owned()),
            },
            Reply::Paths(paths) => paths
                .into_iter()
                .take(1)
                .for_each(|path| self.path_chosen(typed.chosen(path), true)),
            Reply::Cancelled => self.give_up_asking(),
            Reply::NoDialog => {
                self.do_without_dialogs();
                self.asking.typed = Some(typed);
            }
        }
    }

    /// `agreed`: the system's dialog has asked whether a file of that very name may go.
    fn path_chosen(&mut self, chosen: Chosen, agreed: bool) {
        let file = self.file_for(chosen.command, chosen.path.clone());
        match file {
            Some(path) if !agreed || path != chosen.path => {
                let chosen = Chosen { path, ..chosen };
                // Not behind a file that is being opened: whoever saves waits for nothing else.
                self.filed.saves.run(move || {
                    let taken = chosen.path.exists();
                    Some(Answer::new(move |session| session.receive_place(chosen, taken)))
                });
            }
            _ => self.use_path(chosen),
        }
    }

    /// The file that `command` writes where `path` was chosen; none for one that reads, or writes into a folder.
    fn file_for(&self, command: Command, path: PathBuf) -> Option<PathBuf> {
        Some(match command {
            Command::Save | Command::SaveAs => with_ending(path, "ora"),
            Command::SavePalette => with_one_of(path, PALETTES.1),
            Command::Export if self.outgoing.settings.format_of(&path).is_some() => path,
            Command::Export => with_ending(path, self.outgoing.settings.format().ending()),
            Command::ExportSheet => with_one_of(path, &["png", "pdf"]),
            Command::ExportDecisions | Command::ExportRanking => with_ending(path, "csv"),
            _ => return None,
        })
    }

    /// What is at a path is known. `taken`: a file that a person has not agreed to lose.
    pub(super) fn receive_place(&mut self, chosen: Chosen, taken: bool) {
        match taken && self.overtaken(&chosen).is_none() {
            true => self.asking.replacing = Some(chosen),
            false => self.use_path(chosen),
        }
    }

    /// What is said where it is for a document that is open no longer.
    fn overtaken(&self, chosen: &Chosen) -> Option<&'static str> {
        let words = match chosen.command {
            Command::Save | Command::SaveAs | Command::Export | Command::ExportLayers | Command::ReviewTakes => OVERTAKEN,
            Command::OpenReference
            | Command::OpenBackground
            | Command::ImportSketchMask
            | Command::ImportReferenceMask
            | Command::ImportLayer => NOT_TAKEN_IN,
            _ => return None,
        };
        (chosen.opened != self.opened).then_some(words)
    }

    /// The file that would be written over.
    pub fn replacing(&self) -> Option<&Path> {
        self.asking.replacing.as_ref().map(|chosen| chosen.path.as_path())
    }

    /// Whether that is the document's own file, which another program or window has written since.
    pub fn replaces_own(&self) -> bool {
        // By another command a person has named it.
        let is_own = |chosen: &Chosen| chosen.command == Command::Save && self.filed.path.as_ref() == Some(&chosen.path);
        self.asking.replacing.as_ref().is_some_and(is_own)
    }

    /// The file may be written over, or not.
    pub fn end_replacing(&mut self, agreed: bool) {
        match self.asking.replacing.take() {
            Some(chosen) if agreed => self.use_path(chosen),
            _ => self.filed.saving.call_off(),
        }
    }

    fn use_path(&mut self, chosen: Chosen) {
        if let Some(words) = self.overtaken(&chosen) {
            // A file to be read is no answer to where to save, which may be asked for beside it.
            if words == OVERTAKEN {
                self.give_up_asking();
            }
            return self.warn(words.to_owned());
        }
        let Chosen { command, path, .. } = chosen;
        match command {
            Command::Open | Command::NewFromSketch => self.open(path),
            Command::Save | Command::SaveAs => self.save(path),
            Command::OpenPalette => self.open_palette(path),
            Command::SavePalette => self.save_palette(path),
            Command::Export => self.export(path),
            Command::ReviewTakes => self.write_takes(path),
            Command::ExportLayers => self.write_layers(path),
            Command::AddAdapter => self.add_adapter(path),
            Command::AddModel => self.add_models(vec![path]),
            Command::ChooseTrainingPictures => self.choose_training_pictures(path),
            Command::OpenFolder
            | Command::ExportSheet
            | Command::ExportPicked
            | Command::ExportDecisions
            | Command::ExportRanking => self.asking.gallery_paths.push((command, path)),
            _ if command.workspace() == Some(Workspace::SwapBoard) => {
                self.chosen_for_board(command, self.board.active(), vec![path])
            }
            Command::ImportLayer => self.import_layers(vec![path]),
            Command::ImportSketchMask => self.open_mask(Role::SketchMask, path),
            Command::ImportReferenceMask => self.open_mask(Role::ReferenceMask, path),
            _ => self.open_picture(command, path),
        }
    }
}
