//! Regions of a sheet: what the fill tool fills, the wand selects, and strokes on masks are carried across.

mod seen;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::document::{Document, LayerId, Rect, Sheet, TileGrid};
use crate::region::{Parts, Plane, Reach, flood, grown, parts, polygon, shrunk};
use seen::Seen;

/// Coverage from which a pixel lies within a loop.
const WITHIN: u8 = 128;

/// Whose colours are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The sketch alone: colours that are there already are no borders.
    #[default]
    Lines,
    /// Everything that shows.
    All,
    /// The layer that is painted on.
    Layer,
}

/// How a region is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionSettings {
    pub source: Source,
    /// How unlike the point's colour another one may be, 0..=1.
    pub tolerance: f32,
    /// Widest gap in a border, in pixels, that the region does not run through.
    pub gap: u32,
    /// Pixels by which the region reaches further than it was found, below 0 less far.
    pub grow: i32,
    /// Only what is joined to the point.
    pub contiguous: bool,
}

impl Default for RegionSettings {
    /// As one colours under lines: small gaps are closed, and the colour reaches under them.
    fn default() -> Self {
        Self {
            source: Source::default(),
            tolerance: 0.35,
            gap: 4,
            grow: 1,
            contiguous: true,
        }
    }
}

impl RegionSettings {
    /// Pixels of the widest gap that can be closed.
    pub const MAX_GAP: u32 = 32;
    /// Pixels by which a region can reach further.
    pub const GROWTH: RangeInclusive<i32> = -16..=32;

    /// Within its bounds: settings that are kept in a file may be outside.
    pub fn clamped(self) -> Self {
        Self {
            tolerance: match self.tolerance.is_finite() {
                true => self.tolerance.clamp(0.0, 1.0),
                false => Self::default().tolerance,
            },
            gap: self.gap.min(Self::MAX_GAP),
            grow: self.grow.clamp(*Self::GROWTH.start(), *Self::GROWTH.end()),
            ..self
        }
    }
}

/// Which regions of a sheet are sought. Places are pixels of it. Where several are, those between lines are like the sketch's paper, so that no line is one.
#[derive(Clone, Debug, PartialEq)]
pub enum Sought {
    /// The one around a pixel.
    At([u32; 2]),
    /// Those that a way touches. With other borders than lines: of them those that are coloured as where it begins.
    Along(Vec<[f32; 2]>),
    /// Those that lie wholly within a loop. With other borders than lines: of them those that are coloured as most of what lies within.
    Within(Vec<[f32; 2]>),
    /// What is bare of the layer: in regions that are for the most part, and where it is no wider than a gap, as holes in paint are.
    Bare,
}

/// The pixel at a place; none left of all pixels or above them.
pub(super) fn pixel([x, y]: [f32; 2]) -> Option<[u32; 2]> {
    (x >= 0.0 && y >= 0.0).then_some([x as u32, y as u32])
}

/// The regions that are sought on the sheet of `layer`, all together. Takes time: not for the thread that draws.
pub fn find_regions(document: &Document, layer: LayerId, sought: &Sought, settings: RegionSettings) -> TileGrid<u8> {
    let Some(sheet) = document.sheets().find(|sheet| sheet.layer(layer).is_some()) else {
        return TileGrid::new([0, 0]);
    };
    let finder = Finder {
        seen: Seen::new(sheet, layer, settings.source),
        size: sheet.size(),
        settings,
    };
    let found = match sought {
        Sought::At(at) => finder.around(*at),
        Sought::Along(way) => finder.along(way),
        Sought::Within(corners) => finder.within(corners),
        Sought::Bare => finder.bare(sheet, layer),
    };
    found.unwrap_or_else(|| TileGrid::new(sheet.size()))
}

/// Looks for regions on a sheet of `size`.
struct Finder {
    seen: Seen,
    size: [u32; 2],
    settings: RegionSettings,
}

impl Finder {
    fn around(&self, at: [u32; 2]) -> Option<TileGrid<u8>> {
        let area = self.is_on_sheet(&at).then_some(Rect::of(self.size))?;
        let reach = Reach {
            contiguous: self.settings.contiguous,
            gap: self.settings.gap,
        };
        let open = self.like(area, self.seen.at(at));
        let found = flood(&open, at.map(|side| side as usize), reach);
        Some(self.laid(&self.sized(found), area))
    }

    fn along(&self, way: &[[f32; 2]]) -> Option<TileGrid<u8>> {
        let places: Vec<[u32; 2]> = steps(way).filter_map(pixel).filter(|at| self.is_on_sheet(at)).collect();
        let first = *places.first()?;
        let area = Rect::of(self.size);
        let open = self.like(area, self.seen.paper().unwrap_or_else(|| self.seen.at(first)));
        let touched: Vec<usize> = (places.iter())
            .map(|[x, y]| *y as usize * open.width + *x as usize)
            .filter(|at| open.cells[*at] != 0)
            .collect();
        if touched.is_empty() {
            return None;
        }
        if !self.settings.contiguous {
            return Some(self.laid(&self.sized(open), area));
        }
        let parts = parts(&open, self.settings.gap, 1);
        let mut kept = vec![false; parts.count as usize + 1];
        touched.into_iter().for_each(|at| kept[parts.of[at] as usize] = true);
        Some(self.laid(&self.sized(of_parts(&open, &parts, &kept)), area))
    }

    fn within(&self, corners: &[[f32; 2]]) -> Option<TileGrid<u8>> {
        let shape = polygon(corners, self.size);
        let around = shape.bounds();
        if around.is_empty() {
            return None;
        }
        // What lies farther off neither opens a gap nor is painted.
        let margin = self.settings.gap as i32 + self.settings.grow.max(0) + 1;
        let [left, top, right, bottom] = [around.left, around.top, around.right, around.bottom].map(|side| side as i32);
        let area = Rect::clipped([left - margin, top - margin, right + margin, bottom + margin], self.size);
        let cells = shape.copy(area);
        let is_within = |at: usize| cells[at] >= WITHIN;
        let most = || self.seen.prevailing(area, is_within);
        let open = self.like(area, self.seen.paper().or_else(most)?);
        let parts = parts(&open, self.settings.gap, 1);
        let mut kept = vec![true; parts.count as usize + 1];
        for (at, part) in parts.of.iter().enumerate() {
            if open.cells[at] != 0 && !is_within(at) {
                kept[*part as usize] = false;
            }
        }
        Some(self.laid(&self.sized(of_parts(&open, &parts, &kept)), area))
    }

    fn bare(&self, sheet: &Sheet, layer: LayerId) -> Option<TileGrid<u8>> {
        let (area, gap) = (Rect::of(self.size), self.settings.gap);
        // Neither colour nor coverage; of a mask, black.
        let bare = Seen::new(sheet, layer, Source::Layer).like(area, [0; 4], 0.0);
        let most = || self.seen.prevailing(area, |at| bare.cells[at] != 0);
        let open = self.like(area, self.seen.paper().or_else(most)?);
        let regions = parts(&open, gap, 1);
        // By how many of its pixels a region is bare rather than painted: paint of those beside it may reach over from under the lines.
        let mut balance = vec![0_i64; regions.count as usize + 1];
        for (at, part) in regions.of.iter().enumerate().filter(|(at, _)| open.cells[*at] != 0) {
            balance[*part as usize] += if bare.cells[at] != 0 { 1 } else { -1 };
        }
        let kept: Vec<bool> = balance.into_iter().map(|balance| balance > 0).collect();
        let mut found = self.sized(of_parts(&open, &regions, &kept));
        let rests = parts(&bare, 0, 1);
        let mut narrow = vec![true; rests.count as usize + 1];
        for (part, wide) in rests.of.iter().zip(shrunk(&bare, gap.div_ceil(2)).cells) {
            if wide != 0 {
                narrow[*part as usize] = false;
            }
        }
        let holes = of_parts(&bare, &rests, &narrow);
        for ((found, hole), bare) in found.cells.iter_mut().zip(holes.cells).zip(bare.cells) {
            *found = (*found | hole) & bare;
        }
        Some(self.laid(&found, area))
    }

    fn is_on_sheet(&self, [x, y]: &[u32; 2]) -> bool {
        *x < self.size[0] && *y < self.size[1]
    }

    /// Where an area is coloured as a region is.
    fn like(&self, area: Rect, color: [u8; 4]) -> Plane {
        self.seen.like(area, color, self.settings.tolerance)
    }

    /// So many pixels farther than it was found, or less far.
    fn sized(&self, found: Plane) -> Plane {
        match self.settings.grow {
            0 => found,
            grow if grow > 0 => grown(&found, grow.unsigned_abs()),
            grow => shrunk(&found, grow.unsigned_abs()),
        }
    }

    /// What was found in an area as a tool lays it on the sheet.
    fn laid(&self, found: &Plane, area: Rect) -> TileGrid<u8> {
        let cells: Vec<u8> = found.cells.iter().map(|cell| cell * 255).collect();
        TileGrid::with_pixels(self.size, [area.left as i32, area.top as i32], area.width(), &cells)
    }
}

/// What of `open` belongs to the parts that are `kept`, by their numbers.
fn of_parts(open: &Plane, parts: &Parts, kept: &[bool]) -> Plane {
    let cells = open.cells.iter().zip(&parts.of);
    Plane {
        cells: cells.map(|(open, part)| open & u8::from(kept[*part as usize])).collect(),
        ..*open
    }
}

/// Places on a way, no farther apart than a line is broad.
fn steps(way: &[[f32; 2]]) -> impl Iterator<Item = [f32; 2]> {
    let legs = way.windows(2).flat_map(|leg| {
        let (from, way) = (leg[0], [0, 1].map(|axis| leg[1][axis] - leg[0][axis]));
        let steps = (way[0].hypot(way[1]) / 2.0).ceil().clamp(1.0, 1e5) as usize;
        (0..steps).map(move |step| {
            let share = step as f32 / steps as f32;
            [0, 1].map(|axis| from[axis] + way[axis] * share)
        })
    });
    legs.chain(way.last().copied())
}
