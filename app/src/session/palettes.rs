//! A person's palettes, kept from one run of the program to the next.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::answer::Answer;
use super::{Notice, Session, kept};
use crate::command::Command;
use crate::palette::Palette;

/// At least one, and which of them is in use.
pub(super) struct Palettes {
    /// Where they are kept; none: nowhere.
    file: Option<PathBuf>,
    all: Vec<Palette>,
    at: usize,
    /// The name of the one that was in use when the program ended, until the palettes are read.
    awaited: Option<String>,
    /// Names that this window has had: a palette of another name, in the file, is another window's.
    seen: HashSet<String>,
}

impl Default for Palettes {
    fn default() -> Self {
        Self {
            file: None,
            all: vec![blank()],
            at: 0,
            awaited: None,
            seen: HashSet::new(),
        }
    }
}

fn blank() -> Palette {
    Palette {
        name: "My colours".to_owned(),
        ..Palette::default()
    }
}

impl Palettes {
    pub fn receive(&mut self, all: Vec<Palette>) {
        self.seen.extend(all.iter().map(|palette| palette.name.clone()));
        let awaited = self.awaited.take();
        if !all.is_empty() {
            let in_use = all.iter().position(|palette| Some(&palette.name) == awaited.as_ref());
            (self.all, self.at) = (all, in_use.unwrap_or(0));
        }
    }

    /// The palette of this name is in use once the palettes are read.
    pub fn await_use(&mut self, name: String) {
        self.awaited = Some(name);
    }

    /// The name of the one in use, or that will be.
    pub fn name_in_use(&self) -> &str {
        self.awaited.as_ref().unwrap_or(&self.all[self.at].name)
    }
}

impl Session {
    /// Keeps the palettes in `file` from now on, and takes over what is there.
    pub fn remember_palettes(&mut self, file: PathBuf) {
        self.palettes.file = Some(file.clone());
        self.kept.run(move || Some(Answer::of(read(&file), Self::receive_palettes)));
    }

    fn receive_palettes(&mut self, all: Vec<Palette>) {
        self.record_parameters();
        self.palettes.receive(all);
        self.take_parameters_for_known();
    }

    pub fn palettes(&self) -> &[Palette] {
        &self.palettes.all
    }

    /// The one in use, and its place among all.
    pub fn palette_in_use(&self) -> (&Palette, usize) {
        (&self.palettes.all[self.palettes.at], self.palettes.at)
    }

    /// Other palettes take the place of all: the history went back to them.
    pub(super) fn set_palettes(&mut self, all: Vec<Palette>) {
        let at = self.palettes.at;
        self.palettes.receive(all);
        self.use_palette(at);
        self.keep_palettes();
    }

    /// Uses another palette; none but those that there are.
    pub fn use_palette(&mut self, at: usize) {
        self.palettes.at = at.min(self.palettes.all.len() - 1);
        self.palettes.awaited = None;
    }

    /// Changes the palette in use.
    pub fn change_palette(&mut self, change: impl FnOnce(&mut Palette)) {
        change(&mut self.palettes.all[self.palettes.at]);
        self.keep_palettes();
    }

    /// A palette came from a file.
    fn add_palette(&mut self, palette: Palette) {
        self.inform(format!(
            "\u{201c}{}\u{201d} has {} colours",
            palette.name,
            palette.swatches.len()
        ));
        // The one that nobody has put anything into makes room.
        self.palettes.all.retain(|other| *other != blank() && *other != palette);
        self.palettes.all.push(palette);
        self.use_palette(self.palettes.all.len() - 1);
        self.keep_palettes();
    }

    /// The commands that concern palettes; those that ask for a file are the business of [`Self::file`].
    pub(super) fn palette_by(&mut self, command: Command) {
        match command {
            Command::AddToPalette => {
                let color = self.toolbox.colors.brush;
                self.change_palette(|palette| palette.add("", color));
            }
            Command::AddReferenceColors => {
                let found = self.reference_colors().clone();
                if found.figure.is_empty() && found.background.is_empty() {
                    self.notice = Some(Notice::info("There is no reference yet, so it has no colours to add."));
                    return;
                }
                self.change_palette(|palette| {
                    for (side, colors) in [("Figure", &found.figure), ("Background", &found.background)] {
                        for (color, number) in colors.iter().zip(1..) {
                            palette.add(&format!("{side} {number}"), *color);
                        }
                    }
                });
            }
            Command::NewPalette => {
                let numbers = 2..;
                let taken = |name: &str| self.palettes.all.iter().any(|palette| palette.name == name);
                let mut names = std::iter::once(blank().name).chain(numbers.map(|number| format!("{} {number}", blank().name)));
                let name = names.find(|name| !taken(name)).unwrap_or_default();
                self.palettes.all.push(Palette { name, ..blank() });
                self.use_palette(self.palettes.all.len() - 1);
                self.keep_palettes();
            }
            Command::RemovePalette => {
                self.palettes.all.remove(self.palettes.at);
                if self.palettes.all.is_empty() {
                    self.palettes.all.push(blank());
                }
                self.use_palette(self.palettes.at);
                self.keep_palettes();
            }
            _ => {}
        }
    }

    /// Opens a palette beside those that there are.
    pub(super) fn open_palette(&self, path: PathBuf) {
        self.files
            .run(move || Some(Answer::of(Palette::open(&path), Self::add_palette)));
    }

    /// Writes the palette in use; the path's ending decides the format.
    pub(super) fn save_palette(&self, path: PathBuf) {
        let palette = self.palette_in_use().0.clone();
        self.kept.run(move || {
            let saved = palette.save(&path);
            Some(Answer::of(saved, move |session, ()| {
                session.inform(format!("Saved {}", path.display()))
            }))
        });
    }

    fn keep_palettes(&mut self) {
        let Some(file) = self.palettes.file.clone() else { return };
        let mut all = self.palettes.all.clone();
        self.palettes.seen.extend(all.iter().map(|palette| palette.name.clone()));
        let seen = self.palettes.seen.clone();
        self.kept.run(move || {
            // What cannot be read is told of when the program starts.
            let there: Vec<Palette> = kept::load(&file).ok().flatten().unwrap_or_default();
            all.extend(there.into_iter().filter(|palette| !seen.contains(&palette.name)));
            let error = kept::store(&file, &all).err()?;
            let file = file.display();
            Some(Answer::Failed(format!(
                "The palettes cannot be kept in {file}: {error}. Save the palette to a file of its own."
            )))
        });
    }
}

/// The palettes of a file, or what is wrong with it.
fn read(file: &Path) -> Result<Vec<Palette>, String> {
    let palettes = kept::load(file).map(Option::unwrap_or_default);
    palettes.map_err(|reason| {
        let file = file.display();
        format!(
            "The palettes in {file} cannot be read: {reason}. Move the file away before you change a palette, or it is written anew."
        )
    })
}
