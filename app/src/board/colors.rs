//! The colour model: parts that the artist named, whose colours all frames of the chosen reference keep.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use engine::image::lab;
use image::Rgb;

use super::editing::Change;
use super::following::{Followed, Following};
use super::grid::{Board, CellTake};
use super::layout::{ColumnId, Layout, Parts, Place, RowId};

/// A part of the drawing: hair, coat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// Areas of frames' sketches that a person has shown: where it was named, then where it was lost on the way from there.
    pub shown: Vec<Area>,
    /// Its mean colour where it was named: what it keeps.
    pub color: [u8; 3],
}

/// One of the areas of a row's sketch.
pub type Area = (RowId, usize);

impl Part {
    /// Where it was named: no other part is there.
    pub fn origin(&self) -> Option<Area> {
        self.shown.first().copied()
    }
}

/// What the frames of the chosen reference are held to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The areas of the parts, and the hash of what they were followed from.
    followed: (u64, Followed),
    /// The hash of what parts are being followed from.
    following: Option<u64>,
    /// The board's version that the rest was last looked at for.
    seen: u64,
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
    pub fn name_part(&mut self, row: RowId, at: [f32; 2]) -> bool {
        let (Some(area), Some(column)) = (self.nameless(row, at), self.layout.chosen) else {
            return false;
        };
        let color = self.made((row, column)).and_then(|take| take.means.get(area).copied());
        let Some(Rgb(color)) = color else { return false };
        let name = format!("Part {}", self.layout.colors.parts.len() + 1);
        let shown = vec![(row, area)];
        self.stand += 1;
        self.edit("Name a part", |layout| layout.colors.parts.push(Part { name, shown, color }));
        true
    }

    /// Has a part be at a place of a row's picture, too, where it was lost or is divided; false where nothing is there, or another part.
    pub fn add_to_part(&mut self, part: usize, row: RowId, at: [f32; 2]) -> bool {
        let Some(area) = self.nameless(row, at).filter(|_| part < self.layout.colors.parts.len()) else {
            return false;
        };
        self.stand += 1;
        self.edit("Add to a part", |layout| layout.colors.parts[part].shown.push((row, area)));
        true
    }

    /// The area at a place that no part was shown to be.
    fn nameless(&self, row: RowId, [x, y]: [f32; 2]) -> Option<usize> {
        let area = self.layout.row(row)?.sketch.regions.at(x, y)?;
        let mut shown = self.layout.colors.parts.iter().flat_map(|part| &part.shown);
        (!shown.any(|known| *known == (row, area))).then_some(area)
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

    /// The parts to be followed over the frames now, away from the window.
    pub fn follow(&mut self) -> Option<Following> {
        if self.tones.seen == self.version {
            return None;
        }
        let hash = self.follow_hash();
        if hash == self.tones.followed.0 || self.tones.following == Some(hash) {
            return None;
        }
        self.tones.following = Some(hash);
        Some(Following::new(hash, &self.layout))
    }

    /// The parts were followed.
    pub fn keep_followed(&mut self, hash: u64, followed: Followed) {
        self.tones.following = self.tones.following.filter(|known| *known != hash);
        self.tones.followed = (hash, followed);
        self.changed();
    }

    /// What is to be brought to the model's colours now.
    pub fn tone(&mut self) -> Vec<Toning> {
        if self.tones.seen == self.version {
            return Vec::new();
        }
        self.tones.seen = self.version;
        // Until the parts are followed again, all stays as it is.
        let made_from = self.tone_hash();
        if self.tones.made_from == made_from || self.tones.followed.0 != self.follow_hash() {
            return Vec::new();
        }
        self.tones.made_from = made_from;
        let wanted = self.shift();
        self.changed();
        self.tones.seen = self.version;
        wanted
    }

    /// Holds every frame's colours against the model's.
    fn shift(&mut self) -> Vec<Toning> {
        let tones = std::mem::take(&mut self.tones);
        let (followed, parts) = (&tones.followed.1, &self.layout.colors.parts);
        let mut drifts = vec![vec![None; self.layout.rows.len()]; parts.len()];
        let (mut all, mut wanted) = (HashMap::new(), Vec::new());
        for (at, row) in self.layout.rows.iter().enumerate() {
            let made = self.layout.chosen.and_then(|column| self.made((row.id, column)));
            let Some(take) = made.cloned() else { continue };
            let mut shifts = Shifts::new();
            for (number, part) in parts.iter().enumerate() {
                for area in followed.get(number).into_iter().flat_map(|rows| &rows[at]) {
                    let Some(own) = take.means.get(*area) else { continue };
                    let drift = lab::difference(lab::lab(*own), lab::lab(Rgb(part.color)));
                    let known = &mut drifts[number][at];
                    *known = Some(known.map_or(drift, |worse: f32| worse.max(drift)));
                    let shift = [0, 1, 2].map(|channel| i16::from(part.color[channel]) - i16::from(own[channel]));
                    if shift != [0; 3] {
                        shifts.push((*area, shift));
                    }
                }
            }
            if shifts.is_empty() {
                continue;
            }
            let tone = (take.parts, hash(&shifts));
            all.insert(take.parts, (tone.1, shifts.clone()));
            if self.layout.colors.locked && !tones.toned.contains_key(&tone) && !tones.under_way.contains(&tone) {
                wanted.push(Toning { tone, take, shifts });
            }
        }
        self.tones = Tones {
            drifts,
            shifts: all,
            ..tones
        };
        self.tones.under_way.extend(wanted.iter().map(|toning| toning.tone));
        wanted
    }

    /// Whether takes are still to be brought to the model's colours.
    pub fn is_toning(&self) -> bool {
        let waits = self.tones.seen != self.version && self.tones.made_from != self.tone_hash();
        waits || self.tones.following.is_some() || !self.tones.under_way.is_empty()
    }

    /// A take is in the model's colours.
    pub fn keep_tone(&mut self, tone: Tone, take: CellTake) {
        self.tones.under_way.remove(&tone);
        self.tones.toned.insert(tone, Arc::new(take));
        self.changed();
    }

    /// A take cannot be brought to the model's colours: it stays as it was made.
    pub fn give_up_tone(&mut self, tone: Tone) {
        self.tones.under_way.remove(&tone);
        self.changed();
    }

    /// Of all that the parts' areas follow from; 0 where there is nothing to follow.
    fn follow_hash(&self) -> u64 {
        let parts = &self.layout.colors.parts;
        if self.layout.chosen.is_none() || parts.is_empty() {
            return 0;
        }
        let shown: Vec<_> = parts.iter().map(|part| &part.shown).collect();
        let rows: Vec<_> = self.layout.rows.iter().map(|row| (row.id, row.sketch.hash)).collect();
        hash(&(shown, rows))
    }

    /// Of all that the colours of frames follow from, once the parts are followed.
    fn tone_hash(&self) -> u64 {
        let layout = &self.layout;
        let Some(column) = layout.chosen.filter(|_| !layout.colors.parts.is_empty()) else {
            return 0;
        };
        let rows = layout
            .rows
            .iter()
            .map(|row| self.made((row.id, column)).map(|take| take.parts));
        let colors: Vec<_> = layout.colors.parts.iter().map(|part| part.color).collect();
        hash(&(self.follow_hash(), colors, layout.colors.locked, rows.collect::<Vec<_>>()))
    }
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
