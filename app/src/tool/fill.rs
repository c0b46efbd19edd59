//! The region around a point: what the fill tool fills and the wand selects.

use image::{Rgb, RgbImage};
use rayon::prelude::*;

use crate::document::{Document, LayerId, Pixels, Rect, Sheet, TILE, TileGrid, on_white};
use crate::region::{Plane, Reach, flood, grown, shrunk};

/// Whose colours are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq)]
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

/// The region around `at`, a pixel of the sheet that `layer` lies on. Takes time: not for the thread that draws.
pub fn region(document: &Document, layer: LayerId, at: [u32; 2], settings: RegionSettings) -> TileGrid<u8> {
    let Some(sheet) = document.sheets().find(|sheet| sheet.layer(layer).is_some()) else {
        return TileGrid::new([0, 0]);
    };
    let size = sheet.size();
    if at[0] >= size[0] || at[1] >= size[1] {
        return TileGrid::new(size);
    }
    let reach = Reach {
        contiguous: settings.contiguous,
        gap: settings.gap,
    };
    let found = flood(&open(sheet, layer, at, settings), at.map(|side| side as usize), reach);
    laid_out(found, size, settings.grow)
}

/// The regions between lines that a way over the sheet of `layer` touches, all together; what lies on a line touches none. `way`: pixels of the sheet.
/// Takes time: not for the thread that draws.
pub fn regions_along(document: &Document, layer: LayerId, way: &[[f32; 2]], settings: RegionSettings) -> TileGrid<u8> {
    let Some(sheet) = document.sheets().find(|sheet| sheet.layer(layer).is_some()) else {
        return TileGrid::new([0, 0]);
    };
    let size = sheet.size();
    let within = |[x, y]: [f32; 2]| {
        let inside = x >= 0.0 && y >= 0.0 && x < size[0] as f32 && y < size[1] as f32;
        inside.then_some([x as u32, y as u32])
    };
    let places: Vec<[u32; 2]> = along(way).filter_map(within).collect();
    let seen = Seen::new(sheet, layer, settings.source);
    let light = |[x, y]: &[u32; 2]| {
        let colors = seen.colors(Rect::new(*x, *y, x + 1, y + 1));
        colors
            .first()
            .map_or(0, |[r, g, b, _]| u32::from(*r) + u32::from(*g) + u32::from(*b))
    };
    // Paper is the lightest that there is.
    let Some(paper) = places.iter().copied().max_by_key(light) else {
        return TileGrid::new(size);
    };
    let open = open(sheet, layer, paper, settings);
    let reach = Reach {
        contiguous: true,
        gap: settings.gap,
    };
    let mut all = Plane::new(open.width, open.height);
    for place in places {
        let [x, y] = place.map(|side| side as usize);
        let at = y * open.width + x;
        if open.cells[at] != 0 && all.cells[at] == 0 {
            let found = flood(&open, [x, y], reach);
            all.cells.iter_mut().zip(&found.cells).for_each(|(all, found)| *all |= found);
        }
    }
    laid_out(all, size, settings.grow)
}

/// Places on a way, no farther apart than a line is broad.
fn along(way: &[[f32; 2]]) -> impl Iterator<Item = [f32; 2]> {
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

/// A region as a tool lays it, so many pixels farther than it was found, or less far.
fn laid_out(found: Plane, size: [u32; 2], grow: i32) -> TileGrid<u8> {
    let sized = match grow {
        0 => found,
        grow if grow > 0 => grown(&found, grow.unsigned_abs()),
        grow => shrunk(&found, grow.unsigned_abs()),
    };
    let cells: Vec<u8> = sized.cells.iter().map(|cell| cell * 255).collect();
    TileGrid::with_pixels(size, [0, 0], size[0], &cells)
}

/// Where the colour is like that of the point.
fn open(sheet: &Sheet, layer: LayerId, [x, y]: [u32; 2], settings: RegionSettings) -> Plane {
    let [width, height] = sheet.size();
    let seen = Seen::new(sheet, layer, settings.source);
    let Some(&wanted) = seen.colors(Rect::new(x, y, x + 1, y + 1)).first() else {
        return Plane::new(0, 0);
    };
    let most = (settings.tolerance.clamp(0.0, 1.0) * 255.0).round() as u8;
    let mut plane = Plane::new(width as usize, height as usize);
    let bands = plane.cells.par_chunks_mut((width * TILE) as usize).enumerate();
    bands.for_each(|(band, cells)| {
        let top = band as u32 * TILE;
        let colors = seen.colors(Rect::new(0, top, width, (top + TILE).min(height)));
        for (cell, color) in cells.iter_mut().zip(colors) {
            let apart = (0..4).map(|channel| color[channel].abs_diff(wanted[channel])).max();
            *cell = u8::from(apart.is_some_and(|apart| apart <= most));
        }
    });
    plane
}

/// What a source shows.
enum Seen {
    /// Those of the sketch, whether it shows or not.
    Lines(Sheet),
    Layers(Sheet),
    Layer(Pixels),
}

impl Seen {
    fn new(sheet: &Sheet, layer: LayerId, source: Source) -> Self {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Role;
    use image::{Rgba, RgbaImage};

    /// Two squares of paper in a black frame, with a gap of two pixels between them; a take whose colours change in the left one.
    fn drawing() -> Document {
        let line = |x: u32, y: u32| x == 0 || y == 0 || x == 39 || y == 19 || (x == 20 && !(9..11).contains(&y));
        let sketch = RgbaImage::from_fn(40, 20, |x, y| Rgba(if line(x, y) { [0, 0, 0, 255] } else { [255; 4] }));
        let mut document = Document::from_sketch(&sketch).unwrap();
        let take = RgbImage::from_fn(40, 20, |x, _| Rgb(if x < 10 { [200, 20, 20] } else { [20, 200, 20] }));
        document.place_take(&take, String::new());
        document
    }

    fn area(document: &Document, at: [u32; 2], settings: RegionSettings) -> usize {
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        let found = region(document, layer, at, settings);
        let cells = found.copy(Rect::of(found.size()));
        cells.iter().filter(|cell| **cell != 0).count()
    }

    const PLAIN: RegionSettings = RegionSettings {
        source: Source::Lines,
        tolerance: 0.3,
        gap: 0,
        grow: 0,
        contiguous: true,
    };

    #[test]
    fn lines_alone_are_borders_unless_all_is_looked_at() {
        let document = drawing();
        assert_eq!(area(&document, [30, 5], PLAIN), 19 * 18 + 18 * 18 + 2);
        let all = RegionSettings {
            source: Source::All,
            ..PLAIN
        };
        assert_eq!(area(&document, [5, 5], all), 9 * 18);
        let blank = RegionSettings {
            source: Source::Layer,
            ..PLAIN
        };
        assert_eq!(area(&document, [5, 5], blank), 40 * 20, "the mask itself has no lines");
    }

    #[test]
    fn a_hidden_or_faint_sketch_is_a_border_all_the_same() {
        let mut document = drawing();
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        let shown = area(&document, [30, 5], PLAIN);
        document.layer_mut(sketch).unwrap().opacity = 0.1;
        assert_eq!(area(&document, [30, 5], PLAIN), shown);
        document.layer_mut(sketch).unwrap().visible = false;
        assert_eq!(area(&document, [30, 5], PLAIN), shown);
        let all = RegionSettings {
            source: Source::All,
            ..PLAIN
        };
        assert_eq!(area(&document, [30, 5], all), 30 * 20, "what shows is the take");
    }

    #[test]
    fn gaps_are_closed_and_the_region_reaches_under_the_lines() {
        let document = drawing();
        let closed = RegionSettings { gap: 3, ..PLAIN };
        let found = area(&document, [30, 5], closed);
        assert!((18 * 18..=18 * 18 + 2).contains(&found), "{found}");
        let under = RegionSettings { grow: 1, ..closed };
        assert!(area(&document, [30, 5], under) > found + 60);
        let less = RegionSettings { grow: -2, ..closed };
        assert!(area(&document, [30, 5], less) < found - 60);
    }

    #[test]
    fn a_way_takes_every_region_that_it_touches_and_no_line() {
        let document = drawing();
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        let area = |way: &[[f32; 2]]| {
            let found = regions_along(&document, layer, way, RegionSettings { gap: 3, ..PLAIN });
            let cells = found.copy(Rect::of([40, 20]));
            let count = |from: usize, to: usize| {
                let inside = |at: usize| (from..to).contains(&(at % 40));
                cells
                    .iter()
                    .enumerate()
                    .filter(|(at, cell)| **cell != 0 && inside(*at))
                    .count()
            };
            [count(0, 20), count(21, 40)]
        };
        let right = area(&[[30.0, 5.0], [32.0, 5.0]]);
        assert!(right[0] <= 2 && right[1] >= 18 * 18, "{right:?}");
        let both = area(&[[5.0, 5.0], [35.0, 5.0]]);
        assert!(both[0] >= 18 * 18 && both[1] >= 18 * 18, "{both:?}");
        assert_eq!(area(&[]), [0, 0]);
        assert_eq!(area(&[[-5.0, 5.0], [f32::NAN, 5.0]]), [0, 0]);
    }

    #[test]
    fn outside_there_is_no_region() {
        assert_eq!(area(&drawing(), [40, 5], PLAIN), 0);
    }
}
