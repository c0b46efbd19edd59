//! The sketch mask as the model sees it, made anew away from the window whenever the mask, the model or a setting that counts has changed.

use std::sync::Arc;

use engine::model::config::ModelConfig;
use engine::pipeline::{Cells, cells, levels};
use engine::request::{ModelRef, Settings};
use engine::weights;

use super::Session;
use crate::document::{Layer, Rect, Role};
use crate::files::Task;

/// Whether and how finely one looks.
#[derive(Default)]
pub(super) struct CellDesk {
    shown: bool,
    level: usize,
    /// Of the model that was asked last.
    config: Option<(ModelRef, Arc<ModelConfig>)>,
    /// The model whose configuration is being read, or could not be.
    reading: Option<(ModelRef, Option<Reading>)>,
    seen: Option<(u64, Cells)>,
    /// Counts the answers.
    number: u64,
    /// What the answer at hand, or the one under way, is of.
    of: Option<Wanted>,
    under_way: bool,
}

/// All that the cells depend on.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    mask: u64,
    canvas: [u32; 2],
    size: Option<[u32; 2]>,
    threshold: f32,
    soft: bool,
    model: ModelRef,
    level: usize,
}

type Reading = Task<Result<ModelConfig, String>>;

/// What came of looking.
type Looked = Result<(ModelRef, Arc<ModelConfig>, Option<Cells>), String>;

impl Session {
    /// Whether the sketch mask shows as the model sees it.
    pub fn shows_cells(&self) -> bool {
        self.cells.shown
    }

    pub fn show_cells(&mut self, shown: bool) {
        self.cells.shown = shown;
        if shown {
            // Nothing that was wrong before keeps it from being tried again.
            self.cells.of = None;
        }
    }

    /// Which of the model's levels is looked at: 0 has cells of 8 pixels, and each further one has them twice as large.
    pub fn cell_level(&self) -> usize {
        self.cells.level
    }

    /// The configuration of the model that is chosen. None until a thread has read it, and where it cannot be read: a generation says why.
    pub fn model_config(&mut self) -> Option<Arc<ModelConfig>> {
        if let Some((model, task)) = &mut self.cells.reading
            && let Some(read) = task.as_ref().and_then(Task::answer)
        {
            *task = None;
            if let Ok(config) = read {
                self.cells.config = Some((model.clone(), Arc::new(config)));
            }
        }
        let model = &self.settings.model;
        if let Some((known, config)) = &self.cells.config
            && known == model
        {
            return Some(config.clone());
        }
        if self.cells.reading.as_ref().is_none_or(|(read, _)| read != model) {
            let asked = model.clone();
            let read = move || weights::config(&asked).map_err(|error| error.to_string());
            let task = Task::start("shiage model", self.waker.clone(), read, Err);
            self.cells.reading = Some((model.clone(), task.ok()));
        }
        None
    }

    /// How many levels the model has, as far as that is known.
    pub fn cell_levels(&self) -> usize {
        self.cells.config.as_ref().map_or(4, |(_, config)| levels(config))
    }

    pub fn look_at_level(&mut self, level: usize) {
        self.cells.level = level;
        self.cells.shown = true;
    }

    /// The cells, while they show, and the number of their state: equal numbers are equal cells.
    pub fn cells(&self) -> Option<(u64, &Cells)> {
        let (number, cells) = self.cells.seen.as_ref().filter(|_| self.cells.shown)?;
        Some((*number, cells))
    }

    /// Looks anew if what is seen is of another mask, model or setting. One look at a time; the latest wins.
    pub(super) fn look_at_cells(&mut self) {
        if !self.cells.shown || self.cells.under_way {
            return;
        }
        let Some(document) = &self.document else {
            self.cells.seen = None;
            return;
        };
        let Settings {
            size,
            sketch_mask_threshold,
            soft_mask,
            ref model,
            ..
        } = self.settings;
        let wanted = Wanted {
            mask: document.by_role(Role::SketchMask).map_or(0, Layer::stamp),
            canvas: document.canvas().size(),
            size,
            threshold: sketch_mask_threshold,
            soft: soft_mask,
            model: model.clone(),
            level: self.cells.level,
        };
        if self.cells.of.as_ref() == Some(&wanted) {
            return;
        }
        let known = self.cells.config.clone().filter(|(model, _)| *model == wanted.model);
        let (document, settings, level) = (document.clone(), self.settings.clone(), wanted.level);
        self.cells.of = Some(wanted);
        self.cells.under_way = true;
        let look = move || {
            let config = known.map_or_else(|| weights::config(&settings.model).map(Arc::new), |(_, config)| Ok(config));
            config.map_err(|error| error.to_string()).map(|config| {
                // A mask of nothing shows too: all of it is background.
                let mask = document.by_role(Role::SketchMask).and_then(Layer::mask);
                let mask = mask.map(|mask| mask.to_gray(Rect::of(mask.size())));
                let seen = mask.and_then(|mask| cells(&mask, &settings, &config, level.min(levels(&config) - 1)));
                (settings.model, config, seen)
            })
        };
        self.files.run_then(look, Self::receive_cells);
    }

    fn receive_cells(&mut self, looked: Looked) {
        self.cells.under_way = false;
        match looked {
            Ok((model, config, seen)) => {
                self.cells.number += 1;
                self.cells.level = self.cells.level.min(levels(&config) - 1);
                self.cells.config = Some((model, config));
                self.cells.seen = seen.map(|cells| (self.cells.number, cells));
            }
            Err(reason) => {
                self.cells.seen = None;
                self.warn_of(&format_args!("The model cannot be asked how it sees the mask: {reason}"));
            }
        }
    }
}
