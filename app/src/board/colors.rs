//! The colour model: parts that the artist named, whose colours all frames of the chosen reference keep.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use engine::image::lab;
use image::Rgb;

use super::editing::Change;
use super::grid::{Board, CellTake};
use super::layout::{ColumnId, Layout, Parts, Place, RowId};
use super::regions::Regions;

/// A part of the drawing: hair, coat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    pub name: String,
    /// The frame that it was named in, and which of its sketch's areas it is there.
    pub row: RowId,
    pub area: usize,
    /// Its mean colour there: what it keeps.
    pub color: [u8; 3],
}

/// What the frames of the chosen reference are held to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ColorModel {
    pub parts: Vec<Part>,
    /// Whether frames are brought to these colours, or only measured.
    pub locked: bool,
}

/// By how much each of some areas is shifted.
pub type Shifts = Vec<(usize, [i16; 3])>;
/// A take, and a hash of what it is shifted by.
pub type Tone = (Parts, u64);

/// A take that is to be brought to the model's colours, away from the window.
pub struct Toning {
    pub tone: Tone,
    pub take: Arc<CellTake>,
    pub shifts: Shifts,
}

/// What follows from the model, the frames and their takes.
#[derive(Default)]
pub struct Tones {
    /// Hash of what the rest was made from.
    made_from: u64,
    /// How far each part is from its colour in each row's take as it was made, in ΔE; none where it was not found or there is no take.
    drifts: Vec<Vec<Option<f32>>>,
    shifts: HashMap<Parts, (u64, Shifts)>,
    toned: HashMap<Tone, Arc<CellTake>>,
    under_way: HashSet<Tone>,
}

impl Tones {
    /// Takes in the model's colours.
    pub(super) fn takes(&self) -> impl Iterator<Item = &Arc<CellTake>> {
        self.toned.values()
    }

    pub(super) fn forget(&mut self, parts: Parts) {
        self.toned.retain(|(toned, _), _| *toned != parts);
        self.under_way.retain(|(toned, _)| *toned != parts);
    }
}

impl Board {
    /// Takes the part at a place of a row's picture, each coordinate 0..=1, into the model; false where there is none, or no take.
    pub fn name_part(&mut self, row: RowId, [x, y]: [f32; 2]) -> bool {
        let Some(place) = self.layout.chosen.map(|column| (row, column)) else {
            return false;
        };
        let (Some(take), Some(card)) = (self.made(place), self.layout.row(row)) else {
            return false;
        };
        let Some(area) = card.sketch.regions.at(x, y) else {
            return false;
        };
        let Some(Rgb(color)) = take.means.get(area).copied() else {
            return false;
        };
        let parts = &self.layout.colors.parts;
        if parts.iter().any(|part| part.row == row && part.area == area) {
            return false;
        }
        let name = format!("Part {}", parts.len() + 1);
        self.stand += 1;
        self.edit("Name a part", |layout| {
            layout.colors.parts.push(Part { name, row, area, color });
        });
        true
    }

    /// Gives a part another name, letter by letter.
    pub fn rename_part(&mut self, part: usize, name: String) {
        self.stand += 1;
        self.edit_on(Change::now("Rename a part", part, false), |layout| {
            layout.colors.parts[part].name = name;
        });
    }

    /// How far each part is from its colour in each row, before frames are brought to it.
    pub fn part_drifts(&self) -> &[Vec<Option<f32>>] {
        &self.tones.drifts
    }

    /// The take of a cell in the model's colours, if it is of the chosen reference and ready.
    pub(super) fn toned(&self, place: Place, parts: Parts) -> Option<&Arc<CellTake>> {
        if self.layout.chosen != Some(place.1) || !self.layout.colors.locked {
            return None;
        }
        let (hash, _) = self.tones.shifts.get(&parts)?;
        self.tones.toned.get(&(parts, *hash))
    }

    /// Follows the parts again if anything has changed; what is to be brought to the model's colours now.
    pub fn tone(&mut self) -> Vec<Toning> {
        let made_from = self.tone_hash();
        if self.tones.made_from == made_from {
            return Vec::new();
        }
        self.tones.made_from = made_from;
        self.tones.drifts.clear();
        self.tones.shifts.clear();
        let Some(column) = self.layout.chosen else { return Vec::new() };
        let followed = follow(&self.layout);
        let mut wanted = Vec::new();
        self.tones.drifts = vec![vec![None; self.layout.rows.len()]; self.layout.colors.parts.len()];
        for (at, row) in self.layout.rows.iter().enumerate() {
            let Some(take) = self.made((row.id, column)).cloned() else {
                continue;
            };
            let mut shifts = Shifts::new();
            for (number, part) in self.layout.colors.parts.iter().enumerate() {
                let Some(area) = followed[number][at] else { continue };
                let Some(own) = take.means.get(area) else { continue };
                self.tones.drifts[number][at] = Some(lab::difference(lab::lab(*own), lab::lab(Rgb(part.color))));
                let shift = [0, 1, 2].map(|channel| i16::from(part.color[channel]) - i16::from(own[channel]));
                if shift != [0; 3] {
                    shifts.push((area, shift));
                }
            }
            if shifts.is_empty() {
                continue;
            }
            let hash = hash(&shifts);
            let tone = (take.parts, hash);
            self.tones.shifts.insert(take.parts, (hash, shifts.clone()));
            let ready = self.tones.toned.contains_key(&tone) || self.tones.under_way.contains(&tone);
            if self.layout.colors.locked && !ready {
                self.tones.under_way.insert(tone);
                wanted.push(Toning { tone, take, shifts });
            }
        }
        wanted
    }

    /// Whether takes are still to be brought to the model's colours.
    pub fn is_toning(&self) -> bool {
        !self.tones.under_way.is_empty() || self.tones.made_from != self.tone_hash()
    }

    /// A take is in the model's colours.
    pub fn keep_tone(&mut self, tone: Tone, take: CellTake) {
        self.tones.under_way.remove(&tone);
        self.tones.toned.insert(tone, Arc::new(take));
    }

    /// Of all that the colours of frames follow from.
    fn tone_hash(&self) -> u64 {
        let layout = &self.layout;
        let Some(column) = layout.chosen.filter(|_| !layout.colors.parts.is_empty()) else {
            return 0;
        };
        let rows: Vec<_> = (layout.rows.iter())
            .map(|row| (row.id, self.made((row.id, column)).map(|take| take.parts)))
            .collect();
        hash(&(&layout.colors, column, rows))
    }
}

/// The area that each part is in each row; none where it was not found.
fn follow(layout: &Layout) -> Vec<Vec<Option<usize>>> {
    let rows: Vec<&Regions> = layout.rows.iter().map(|row| &row.sketch.regions).collect();
    let along = |part: &Part| {
        let mut found = vec![None; rows.len()];
        let Some(start) = layout.rows.iter().position(|row| row.id == part.row) else {
            return found;
        };
        found[start] = Some(part.area);
        // A part that is hidden for some frames is looked for where it was seen last.
        let mut seen = (start, part.area);
        let on = start + 1..rows.len();
        for at in on {
            found[at] = rows[at].counterpart(rows[seen.0], seen.1);
            seen = found[at].map_or(seen, |area| (at, area));
        }
        seen = (start, part.area);
        for at in (0..start).rev() {
            found[at] = rows[at].counterpart(rows[seen.0], seen.1);
            seen = found[at].map_or(seen, |area| (at, area));
        }
        found
    };
    layout.colors.parts.iter().map(along).collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Layout {
    /// Chooses a reference for all frames, or none. Another one brings colours of its own: the parts are named anew.
    pub fn choose(&mut self, column: Option<ColumnId>) {
        if self.chosen != column {
            self.colors = ColorModel::default();
        }
        self.chosen = column;
    }
}
