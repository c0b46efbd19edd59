//! What stands on the board. A layout shares its pictures with its copies, so that undo can keep many.

use std::sync::Arc;

use engine::request::{ColorizeRequest, Inputs, Mode, Settings};
use image::GrayImage;

use super::card::{Known, ReferenceCard, SketchCard};
use super::colors::ColorModel;
use crate::generate::recipe::RecipeInputs;

/// Names a row as long as the board lasts, wherever it is moved; no column has the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u64);

/// As [`RowId`], of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub u64);

/// A cell.
pub type Place = (RowId, ColumnId);

/// A sketch, and all takes of it.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: RowId,
    pub sketch: Arc<SketchCard>,
}

/// A reference, and all takes from it.
#[derive(Clone, Debug)]
pub struct Column {
    pub id: ColumnId,
    pub reference: Arc<ReferenceCard>,
    /// Whether its mask is used, if it has one.
    pub masked: bool,
}

impl Row {
    /// The mode that was asked for, or the nearest that the sketch's mask allows.
    pub fn mode(&self, wanted: Mode) -> Mode {
        match wanted.needs_sketch_mask() && self.sketch.mask.is_none() {
            true => Mode::Vanilla,
            false => wanted,
        }
    }
}

impl Column {
    /// The mode that was asked for, or the nearest that the reference's mask allows, or its background in place of that.
    pub fn mode(&self, wanted: Mode) -> Mode {
        let divided = self.mask().is_some() || self.reference.background.is_some();
        match wanted.needs_reference_mask() && !divided {
            true => Mode::Foreground,
            false => wanted,
        }
    }

    /// The mask that its cells are made with.
    pub fn mask(&self) -> Option<&Known<GrayImage>> {
        self.reference.mask.as_ref().filter(|_| self.masked)
    }
}

/// Which cells start from the same noise. Those of a row always do: what differs along it is the reference alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    #[default]
    Board,
    Row,
}

/// What makes a cell's take: equal parts, equal take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parts {
    pub sketch: blake3::Hash,
    pub reference: blake3::Hash,
    pub masked: bool,
    pub settings: blake3::Hash,
    pub seed: u64,
}

/// What stands on the board, and what its cells are made with. Undo goes over copies of it.
#[derive(Clone, Debug)]
pub struct Layout {
    /// From the top down.
    pub rows: Vec<Row>,
    /// From left to right.
    pub columns: Vec<Column>,
    pub noise: Noise,
    /// That all noise comes from, in place of the settings' own.
    pub seed: u64,
    /// The one reference for all frames, once it is chosen: the other columns rest.
    pub chosen: Option<ColumnId>,
    /// What its frames keep.
    pub colors: ColorModel,
    settings: Settings,
    settings_hash: blake3::Hash,
}

impl Default for Layout {
    fn default() -> Self {
        let mut layout = Self {
            rows: Vec::new(),
            columns: Vec::new(),
            noise: Noise::default(),
            seed: 0,
            chosen: None,
            colors: ColorModel::default(),
            settings: Settings::default(),
            settings_hash: blake3::hash(b""),
        };
        layout.set_settings(Settings::default());
        layout
    }
}

impl Layout {
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All but the seed, which is the board's own.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = Settings { seed: 0, ..settings };
        self.settings_hash = blake3::hash(format!("{:?}", self.settings).as_bytes());
    }

    pub fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    pub fn column(&self, id: ColumnId) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// Every cell, row by row.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.rows
            .iter()
            .flat_map(|row| self.columns.iter().map(move |column| (row.id, column.id)))
    }

    /// The noise of a row. By the sketch's number where it has one, so that a row keeps it when it is moved.
    pub fn seed_of(&self, row: &Row) -> u64 {
        match self.noise {
            Noise::Board => self.seed,
            Noise::Row => self.seed.wrapping_add(row.sketch.frame.map_or(row.id.0, u64::from)),
        }
    }

    pub fn parts(&self, (row, column): Place) -> Option<Parts> {
        Some(self.parts_of(self.row(row)?, self.column(column)?))
    }

    /// Every cell with what makes its take, row by row.
    pub fn cells(&self) -> impl Iterator<Item = (Place, Parts)> + '_ {
        let of = move |row| {
            let columns = self.columns.iter();
            columns.map(move |column: &Column| ((row, column), self.parts_of(row, column)))
        };
        let cells = self.rows.iter().flat_map(of);
        cells.map(|((row, column), parts)| ((row.id, column.id), parts))
    }

    fn parts_of(&self, row: &Row, column: &Column) -> Parts {
        Parts {
            sketch: row.sketch.hash,
            reference: column.reference.hash,
            masked: column.mask().is_some(),
            settings: self.settings_hash,
            seed: self.seed_of(row),
        }
    }

    /// What the engine is asked for a cell.
    pub fn request(&self, (row, column): Place) -> Option<(ColorizeRequest, RecipeInputs)> {
        let (row, column) = (self.row(row)?, self.column(column)?);
        let (sketch, reference) = (&*row.sketch, &*column.reference);
        let mask = column.mask();
        let settings = Settings {
            seed: self.seed_of(row),
            mode: column.mode(row.mode(self.settings.mode)),
            ..self.settings.clone()
        };
        let inputs = Inputs {
            sketch_mask: sketch.mask.as_ref().map(|mask| mask.0.clone()),
            reference_mask: mask.map(|mask| mask.0.clone()),
            background: reference.background.as_ref().map(|background| background.0.clone()),
            ..Inputs::new(sketch.picture.0.clone(), reference.picture.0.clone())
        };
        let recorded = RecipeInputs {
            sketch_mask: sketch.mask.as_ref().map(|mask| mask.1.clone()),
            reference_mask: mask.map(|mask| mask.1.clone()),
            background: reference.background.as_ref().map(|background| background.1.clone()),
            ..RecipeInputs::new(sketch.picture.1.clone(), reference.picture.1.clone())
        };
        Some((ColorizeRequest { inputs, settings }, recorded))
    }
}
