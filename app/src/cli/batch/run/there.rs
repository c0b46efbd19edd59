//! What there is for a task already: its picture, and the document with its flats beside it where that is wanted.

use std::path::PathBuf;

use engine::pipeline::working_size;
use engine::request::{Inputs, Settings};
use image::RgbImage;

use super::Batch;
use crate::cli::BadInput;
use crate::cli::batch::Task;
use crate::cli::batch::whole::{Expected, Kept, is_since};
use crate::cli::flats::{Cel, Standing};
use crate::gallery::look::Look;
use crate::generate::recipe::RecipeInputs;

/// What a document is that stays.
pub(super) const CHANGED: &str = "is not as this program left it";

/// What a picture is of which no flats can be cut.
const BARE: &str = "has lost the colour under its lines, which flats are cut from";

/// A file that stays though it was not made from what is wanted, and what it is.
pub(super) struct Foreign {
    pub file: PathBuf,
    pub reason: &'static str,
}

/// What there is for a task already.
pub(super) enum There {
    /// All that is wanted, or what is not to be touched.
    All(Option<Foreign>),
    /// The picture, whole, without its document: its colour.
    Picture(RgbImage),
    Nothing,
}

impl Batch<'_> {
    /// The picture that is there for a task and stays.
    pub fn picture(&mut self, task: &Task) -> Option<Kept> {
        let sketch = self.sketch(task).ok()?;
        let (_, inputs) = sketch.with(&self.references[task.reference]);
        let expected = self.expected(task, &inputs, sketch.picture.0.dimensions());
        expected.kept(&task.out).ok()?
    }

    pub(super) fn there_now(&mut self, task: &Task) -> anyhow::Result<There> {
        let sketch = self.sketch(task)?;
        let (inputs, recorded) = sketch.with(&self.references[task.reference]);
        Ok(self.there(task, &inputs, &recorded)?)
    }

    /// What is there for a task that may stay. Of a picture that is somebody else's nothing is cut.
    pub(super) fn there(&self, task: &Task, inputs: &Inputs, recorded: &RecipeInputs) -> Result<There, BadInput> {
        let expected = self.expected(task, recorded, inputs.sketch.dimensions());
        let kept = match (self.arguments.redo, self.begun) {
            (false, _) => expected.kept(&task.out)?,
            (true, Some(begun)) => expected.made_since(begun, &task.out),
            (true, None) => None,
        };
        let Some(kept) = kept else {
            return Ok(There::Nothing);
        };
        if let Some(reason) = kept.foreign {
            let file = task.out.clone();
            return Ok(There::All(Some(Foreign { file, reason })));
        }
        let Some(cutter) = &self.cutter else {
            return Ok(There::All(None));
        };
        let bare = Look::BARE.of(kept.picture.clone(), &task.out);
        // Lines in the flats would lie there twice. A blank drawing has none.
        let has_lines = !self.arguments.no_lines && inputs.sketch.pixels().any(|pixel| pixel != inputs.sketch.get_pixel(0, 0));
        let Some(color) = bare.ok().filter(|color| !has_lines || *color != kept.picture) else {
            let (file, reason) = (task.out.clone(), BARE);
            return Ok(There::All(Some(Foreign { file, reason })));
        };
        let cel = Cel {
            color: &color,
            sketch: &inputs.sketch,
            mask: inputs.sketch_mask.as_deref(),
        };
        let file = task.document();
        Ok(match cutter.standing(&file, &cel, self.arguments.stale_after()) {
            Standing::Whole => There::All(None),
            Standing::Others if self.begun.is_none_or(|begun| is_since(begun, &file)) => {
                There::All(Some(Foreign { file, reason: CHANGED }))
            }
            Standing::Others | Standing::Free => There::Picture(color),
        })
    }

    /// What the picture of a task must have been made from; `size` is the sketch's.
    fn expected<'a>(&'a self, task: &Task, inputs: &'a RecipeInputs, size: (u32, u32)) -> Expected<'a> {
        let settings = self.settings_of(task);
        Expected {
            // As a recipe records it.
            settings: Settings {
                size: Some(working_size(&settings, self.native_size, size.into())),
                ..settings
            },
            inputs,
            model: &self.model,
            lines: !self.arguments.no_lines,
            size,
        }
    }
}
