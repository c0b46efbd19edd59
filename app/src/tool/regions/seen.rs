//! The colours that regions are looked for in.

use std::collections::HashMap;

use image::{Rgb, RgbImage};
use rayon::prelude::*;

use super::Source;
use crate::document::{LayerId, Pixels, Rect, Sheet, TILE, on_white};
use crate::region::Plane;

/// What a source shows.
pub(super) enum Seen {
    /// Those of the sketch, though all of it be hidden.
    Lines(Sheet),
    Layers(Sheet),
    Layer(Pixels),
}

impl Seen {
    pub fn new(sheet: &Sheet, layer: LayerId, source: Source) -> Self {
        match (source, sheet.layer(layer)) {
            (Source::Layer, Some(layer)) => Self::Layer(layer.pixels.clone()),
            (Source::Lines, _) if sheet.sketches().next().is_some() => Self::Lines(sheet.clone()),
            _ => Self::Layers(sheet.clone()),
        }
    }

    /// The colours of `area`, on white paper; of a layer itself with its alpha, of a mask as grey.
    fn colors(&self, area: Rect) -> Vec<[u8; 4]> {
        let opaque = |picture: RgbImage| -> Vec<[u8; 4]> { picture.pixels().map(|&Rgb([r, g, b])| [r, g, b, 255]).collect() };
        match self {
            Self::Lines(sheet) => sheet.line_art(area).map(opaque).unwrap_or_default(),
            Self::Layers(sheet) => opaque(on_white(&sheet.composite(area))),
            Self::Layer(Pixels::Raster(grid)) => {
                let straight = grid.copy(area).into_iter();
                straight
                    .map(|[r, g, b, a]| if a == 0 { [0; 4] } else { [r, g, b, a] })
                    .collect()
            }
            Self::Layer(Pixels::Mask(grid)) => grid.copy(area).into_iter().map(|value| [value; 4]).collect(),
            Self::Layer(Pixels::Group(_)) => Vec::new(),
        }
    }

    /// The colour of a pixel of the sheet.
    pub fn at(&self, [x, y]: [u32; 2]) -> [u8; 4] {
        let colors = self.colors(Rect::new(x, y, x + 1, y + 1));
        colors.first().copied().unwrap_or_default()
    }

    /// The sketch's paper: what there is most of; none where other things than lines are looked at.
    pub fn paper(&self) -> Option<[u8; 4]> {
        match self {
            Self::Lines(sheet) => self.prevailing(Rect::of(sheet.size()), |_| true),
            Self::Layers(_) | Self::Layer(_) => None,
        }
    }

    /// The colour that most of those pixels of `area` have that count, by their place in its rows; of what is mottled or noisy the mean. None where no pixel
    /// counts.
    pub fn prevailing(&self, area: Rect, counts: impl Fn(usize) -> bool + Sync) -> Option<[u8; 4]> {
        let tallies = (0..area.height().div_ceil(TILE)).into_par_iter().map(|number| {
            let start = (number * TILE * area.width()) as usize;
            let colors = self.colors(band(area, number)).into_iter().enumerate();
            let counted: Vec<[u8; 4]> = colors.filter(|(at, _)| counts(start + at)).map(|(_, color)| color).collect();
            let mut tally = HashMap::<[u8; 4], usize>::new();
            for run in counted.chunk_by(|one, other| one == other) {
                *tally.entry(run[0]).or_default() += run.len();
            }
            tally
        });
        let tally = tallies.reduce(HashMap::new, |mut tally, other| {
            for (color, count) in other {
                *tally.entry(color).or_default() += count;
            }
            tally
        });
        self.most_of(&tally)
    }

    /// The colour that there is most of, where as many pixels have each: in the fullest bin, and the next ones up, for noise may lie around a bin's edge.
    fn most_of(&self, tally: &HashMap<[u8; 4], usize>) -> Option<[u8; 4]> {
        let mut bins = HashMap::<[u8; 4], usize>::new();
        for (color, count) in tally {
            *bins.entry(self.bin(*color)).or_default() += count;
        }
        let with_next = |low: [u8; 4]| -> usize {
            let all = (0..16_u8).map(|next| [0, 1, 2, 3].map(|channel| low[channel] + ((next >> channel) & 1)));
            all.filter_map(|bin| bins.get(&bin)).sum()
        };
        let fullest = bins.keys().copied().max_by_key(|bin| (with_next(*bin), *bin))?;
        let is_near = |color: &[u8; 4]| {
            let mut bins = self.bin(*color).into_iter().zip(fullest);
            bins.all(|(bin, low)| bin == low || bin == low + 1)
        };
        let near = || tally.iter().filter(|(color, _)| is_near(color));
        let (most, count) = near().max_by_key(|(color, count)| (**count, **color))?;
        let all: usize = near().map(|(_, count)| count).sum();
        if 2 * count > all {
            return Some(*most);
        }
        Some([0, 1, 2, 3].map(|channel| {
            let sum: usize = near().map(|(color, count)| usize::from(color[channel]) * count).sum();
            ((sum + all / 2) / all) as u8
        }))
    }

    /// Where a colour is counted: of lines by its lightness alone, as [`Plane::between_lines`] does it.
    fn bin(&self, color: [u8; 4]) -> [u8; 4] {
        match self {
            Self::Lines(_) => {
                let sum: u16 = color[..3].iter().map(|channel| u16::from(*channel)).sum();
                [(sum / 3) as u8 >> 4; 4]
            }
            Self::Layers(_) | Self::Layer(_) => color.map(|channel| channel >> 4),
        }
    }

    /// 1 where `area`, which is not empty, is coloured like `wanted`, else 0. `tolerance`: how unlike it may be, 0..=1.
    pub fn like(&self, area: Rect, wanted: [u8; 4], tolerance: f32) -> Plane {
        let most = (tolerance.clamp(0.0, 1.0) * 255.0).round() as u8;
        let mut plane = Plane::new(area.width() as usize, area.height() as usize);
        let bands = plane.cells.par_chunks_mut((area.width() * TILE) as usize).enumerate();
        bands.for_each(|(number, cells)| {
            for (cell, color) in cells.iter_mut().zip(self.colors(band(area, number as u32))) {
                let apart = (0..4).map(|channel| color[channel].abs_diff(wanted[channel])).max();
                *cell = u8::from(apart.is_some_and(|apart| apart <= most));
            }
        });
        plane
    }
}

/// The rows of an area that are looked at together, as many as a tile has.
fn band(area: Rect, number: u32) -> Rect {
    let top = area.top + number * TILE;
    Rect::new(area.left, top, area.right, (top + TILE).min(area.bottom))
}
