//! What a person does with the takes: look through them, go back to what made one, write them into a folder.

use std::io;
use std::path::{Path, PathBuf};

use engine::request::SketchPreprocess;
use picture::{Format, Picture, distinct};

use super::writing::Written;
use super::{Notice, Session, sentence};
use crate::command::Command;
use crate::document::{Document, LayerId, Role, save_picture};
use crate::files::{Meter, make_folder};
use crate::gallery::entry::{Entry, Stamp, change_marks};
use crate::gallery::export::{ExportError, spare_others};
use crate::gallery::marks::Flag;
use crate::gallery::metadata::keep_take;
use crate::generate::compose::multiply_lines;
use crate::generate::recipe::Recipe;
use crate::generate::{request, settings};

impl Session {
    /// Picks a take, or picks it no longer: it goes into the gallery as picked.
    pub fn pick_take(&mut self, take: LayerId) {
        self.change_layer(take, "Pick a take", |layer| layer.picked = !layer.picked);
    }

    /// All takes, oldest first.
    pub fn takes(&self) -> Vec<LayerId> {
        let Some(document) = &self.document else { return Vec::new() };
        let takes = document.canvas().layers().filter(|layer| layer.role == Role::Take);
        takes.map(|take| take.id).collect()
    }

    /// The take that shows.
    pub fn shown_take(&self) -> Option<LayerId> {
        let take = self.document.as_ref()?.canvas().by_role(Role::Take)?;
        take.visible.then_some(take.id)
    }

    /// Shows one take, or none.
    pub fn show_take(&mut self, take: Option<LayerId>) {
        self.alter(move |session| {
            let there = |take| {
                session
                    .document
                    .as_ref()
                    .is_some_and(|document| document.layer(take).is_some())
            };
            if take.is_none_or(there) {
                session.edit("Choose a take", |document| document.show_take(take));
            }
        });
    }

    /// The commands that concern takes.
    pub(super) fn with_take(&mut self, command: Command) {
        match command {
            Command::PreviousTake => self.step_take(-1),
            Command::NextTake => self.step_take(1),
            Command::PickTake => self.shown_take().into_iter().for_each(|take| self.pick_take(take)),
            Command::UseRecipe => self.shown_take().into_iter().for_each(|take| self.use_recipe(take)),
            Command::SendAsFlats => self.shown_take().into_iter().for_each(|take| self.ask_about_flats(take)),
            Command::TakeToLayer => self.shown_take().into_iter().for_each(|take| self.copy_to_layers(vec![take])),
            _ => {}
        }
    }

    /// To the neighbour of the take that shows; from none to the newest or the oldest. At the ends it stays.
    fn step_take(&mut self, step: isize) {
        let takes = self.takes();
        let shown = self
            .shown_take()
            .and_then(|shown| takes.iter().position(|take| *take == shown));
        let next = match shown {
            Some(place) => place.checked_add_signed(step).and_then(|place| takes.get(place)),
            None if step < 0 => takes.last(),
            None => takes.first(),
        };
        if let Some(take) = next.copied() {
            self.show_take(Some(take));
        }
    }

    /// Brings back the settings that a take was made with.
    pub fn use_recipe(&mut self, take: LayerId) {
        let Some(document) = &self.document else { return };
        let Some(layer) = document.layer(take) else { return };
        let (name, canvas) = (layer.name.clone(), document.canvas().size());
        let recipe = layer.recipe.as_deref().map(ron::from_str::<Recipe>);
        self.notice = Some(match recipe {
            Some(Ok(mut recipe)) => {
                let seed = recipe.settings.seed;
                // The canvas may have been cropped since.
                recipe.settings.size = recipe.settings.size.map(|made| settings::size_again(canvas, made));
                self.set_again(recipe);
                Notice::info(format!("The settings of {name} are back, with its seed {seed}."))
            }
            Some(Err(error)) => {
                let words = format!("The recipe of {name} cannot be read: {error}");
                Notice::error(sentence(&words))
            }
            None => Notice::info(format!("{name} came without a recipe.")),
        });
    }

    /// Everything that a recipe says of how a picture is made.
    pub(super) fn set_again(&mut self, recipe: Recipe) {
        self.inject_reference = recipe.inputs.injection.is_some();
        self.start_from_take = recipe.inputs.start.is_some();
        self.settings = recipe.settings;
    }

    /// Writes every take under the sketch's lines into a folder, to be looked through in the gallery. One that is there already keeps what was decided
    /// about it.
    pub(super) fn write_takes(&mut self, folder: PathBuf) {
        self.write_when_still(
            move |session| session.write_takes_to(folder),
            |session| session.outgoing.saving.call_off(),
        );
    }

    fn write_takes_to(&mut self, folder: PathBuf) {
        let Some(document) = self.document.clone() else { return };
        let title = self.filed.title.clone();
        self.write(self.takes().len(), move |meter| {
            let count = write_all(&document, &title, &folder, meter)?;
            Ok(Written::Takes { count, folder })
        });
    }
}

/// Picks what nothing is decided about yet.
fn pick(path: &Path) -> io::Result<()> {
    let entry = Entry::read(path.to_owned(), Stamp::of(path)?);
    if entry.marks().is_some_and(|marks| marks.flag == Flag::None) {
        change_marks(path, |marks| marks.flag = Flag::Pick)?;
    }
    Ok(())
}

/// How many there are.
fn write_all(document: &Document, title: &str, folder: &Path, meter: &Meter) -> Result<usize, ExportError> {
    make_folder(folder).map_err(ExportError::Folder)?;
    let sketch = request::sketch(document);
    let takes: Vec<_> = (document.canvas().layers())
        .filter(|layer| layer.role == Role::Take)
        .filter_map(|layer| Some((format!("{title} {}", layer.name), layer, request::picture(Some(layer))?)))
        .collect();
    let names = distinct(takes.iter().map(|(name, ..)| name.as_str()));
    for (name, (_, layer, color)) in names.iter().zip(&takes) {
        let path = folder.join(format!("{name}.png"));
        // Lines of a document are dark on white, whatever was made of them for the model.
        let lined = sketch
            .as_ref()
            .map(|sketch| multiply_lines(color, sketch, SketchPreprocess::Invert));
        let picture = lined.as_ref().unwrap_or(color);
        let recipe = layer.recipe.as_deref().and_then(|text| ron::from_str::<Recipe>(text).ok());
        match recipe {
            Some(recipe) => {
                spare_others(&path)?;
                let recipe = Recipe {
                    lines: lined.is_some(),
                    ..recipe
                };
                keep_take(&path, picture, Some(color), &recipe)?;
            }
            // Without a recipe a take is known by its pixels alone.
            None if Picture::open(&path).is_ok_and(|there| there.into_rgb() == *picture) => {}
            None => {
                spare_others(&path)?;
                save_picture(picture, Format::Png, &path)?;
            }
        }
        if layer.picked {
            pick(&path).map_err(|source| ExportError::Write { path, source })?;
        }
        meter.step()?;
    }
    Ok(takes.len())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, RgbaImage};

    use super::*;

    #[test]
    fn a_take_without_a_recipe_is_written_once_and_over_nothing() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(64, 64, image::Rgba([255; 4]))).unwrap();
        document.place_take(&RgbImage::from_pixel(64, 64, Rgb([200, 30, 30])), String::new());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("girl Take 1.png");
        let write = || write_all(&document, "girl", folder.path(), &Meter::default());
        let drawing = RgbImage::from_pixel(8, 8, Rgb([1, 2, 3]));
        save_picture(&drawing, Format::Png, &path).unwrap();
        assert!(matches!(write(), Err(ExportError::Taken { path: taken }) if taken == path));
        assert_eq!(Picture::open(&path).unwrap().into_rgb(), drawing);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(write().unwrap(), 1);
        assert_eq!(write().unwrap(), 1, "what is there is the same picture");
        assert_eq!(Picture::open(&path).unwrap().into_rgb().get_pixel(9, 9), &Rgb([200, 30, 30]));
    }
}
