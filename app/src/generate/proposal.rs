//! Masks that pictures propose by themselves, for a person to correct.

use engine::extract::reference_mask as by_colors;
use image::GrayImage;

use super::line_art::between_lines;
use super::request::picture;
use crate::document::{Document, Role, TileGrid};
use crate::region::{Plane, parts};

/// Widest gap in an outline that counts as closed, as a share of the drawing's longer side.
const GAP: f64 = 0.05;
/// Longer side, in pixels, above which the drawing is made smaller before it is cut.
const SIDE: usize = 2048;
/// Share of the drawing below which a part between lines is a speck.
const SPECK: f64 = 4e-5;
/// Share of the largest figure below which what lies by itself is none: a bird, a flower.
const ALONE: f64 = 0.1;

/// The figure of the drawing: what the picture's edge does not reach, neither from above nor from the sides, without crossing a line. From below it
/// does, as figures stand there. None where nothing is enclosed. Takes time: not for the thread that draws.
pub fn sketch_mask(document: &Document) -> Option<TileGrid<u8>> {
    let open = thinned(&between_lines(document));
    let figure = large(&enclosed(&open));
    let cells: Vec<u8> = figure.cells.iter().map(|cell| cell * 255).collect();
    let mask = GrayImage::from_raw(open.width as u32, open.height as u32, cells)?;
    proposed(&mask, document.canvas().size())
}

/// The figure of the reference, by its colours; none where it has none of its own. Takes time: not for the thread that draws.
pub fn reference_mask(document: &Document) -> Option<TileGrid<u8>> {
    let picture = picture(document.by_role(Role::Reference))?;
    proposed(&by_colors::propose(&picture), picture.dimensions().into())
}

fn proposed(mask: &GrayImage, size: [u32; 2]) -> Option<TileGrid<u8>> {
    Some(TileGrid::mask_from(mask, size)).filter(|mask| !mask.is_blank())
}

/// A plane of at most [`SIDE`] cells a side; a cell is open where all pixels in it are.
fn thinned(open: &Plane) -> Plane {
    let step = open.width.max(open.height).div_ceil(SIDE).max(1);
    let mut small = Plane {
        width: open.width.div_ceil(step),
        height: open.height.div_ceil(step),
        cells: Vec::new(),
    };
    small.cells = vec![1; small.width * small.height];
    for (y, row) in open.cells.chunks_exact(open.width).enumerate() {
        let small_row = &mut small.cells[y / step * small.width..][..small.width];
        for (x, cell) in row.iter().enumerate() {
            small_row[x / step] &= cell;
        }
    }
    small
}

/// The parts between lines that the upper edge and the sides do not touch.
fn enclosed(open: &Plane) -> Plane {
    let gap = (GAP * open.width.max(open.height) as f64).round() as u32;
    let least = (SPECK * open.cells.len() as f64).ceil() as usize;
    let parts = parts(open, gap, least);
    // Where there is no part at all, there is no figure.
    let mut outside = vec![false; parts.count as usize + 1];
    outside[0] = true;
    let sides = (0..open.height).flat_map(|y| [y * open.width, (y + 1) * open.width - 1]);
    for at in (0..open.width).chain(sides) {
        outside[parts.of[at] as usize] = true;
    }
    let inside = |part: &u32| u8::from(!outside[*part as usize]);
    Plane {
        cells: parts.of.iter().map(inside).collect(),
        ..*open
    }
}

/// What is joined, and not small beside the largest of it.
fn large(figure: &Plane) -> Plane {
    let joined = parts(figure, 0, 1);
    let mut areas = vec![0usize; joined.count as usize + 1];
    for (part, cell) in joined.of.iter().zip(&figure.cells) {
        areas[*part as usize] += usize::from(*cell);
    }
    let least = areas.iter().max().map_or(0.0, |largest| ALONE * *largest as f64);
    let stays = |(part, cell): (&u32, &u8)| cell & u8::from(areas[*part as usize] as f64 >= least);
    Plane {
        cells: joined.of.iter().zip(&figure.cells).map(stays).collect(),
        ..*figure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Rect;
    use engine::training::scenes::example;
    use image::{DynamicImage, Luma, Rgba, RgbaImage};

    /// A ring that a gap of 8 pixels breaks, and a dot far from it.
    fn ring(side: u32) -> Document {
        let middle = side as f32 / 2.0;
        let ink = |x: u32, y: u32| {
            let (dx, dy) = (x as f32 - middle, y as f32 - middle);
            let ring = (dx.hypot(dy) - 0.3 * side as f32).abs() < 2.0 && !(dx > 0.0 && dy.abs() < 4.0);
            let dot = ((x as f32 - 0.1 * side as f32).hypot(y as f32 - 0.1 * side as f32) - 6.0).abs() < 2.0;
            ring || dot
        };
        let sketch = RgbaImage::from_fn(side, side, |x, y| Rgba(if ink(x, y) { [0, 0, 0, 255] } else { [255; 4] }));
        Document::from_sketch(&sketch).unwrap()
    }

    /// Intersection over union.
    fn overlap(mask: &TileGrid<u8>, wanted: &GrayImage) -> f64 {
        let cells = mask.copy(Rect::of(mask.size()));
        let pairs = || cells.iter().zip(wanted.iter()).map(|(a, b)| (*a > 127, *b > 127));
        let both = pairs().filter(|(a, b)| *a && *b).count() as f64;
        both / pairs().filter(|(a, b)| *a || *b).count().max(1) as f64
    }

    #[test]
    fn an_outline_with_a_gap_encloses_the_figure_and_small_things_are_none() {
        for side in [256, 2304] {
            let mask = sketch_mask(&ring(side)).unwrap();
            let disc = GrayImage::from_fn(side, side, |x, y| {
                let [dx, dy] = [x, y].map(|place| place as f32 - side as f32 / 2.0);
                Luma([if dx.hypot(dy) < 0.3 * side as f32 { 255 } else { 0 }])
            });
            let found = overlap(&mask, &disc);
            assert!(found > 0.95, "{side}: {found:.3}");
            let dot = side / 10;
            assert_eq!((mask.pixel(dot, dot), mask.pixel(side / 2, side / 2)), (0, 255));
        }
    }

    #[test]
    fn where_nothing_is_enclosed_nothing_is_proposed() {
        let blank = Document::from_sketch(&RgbaImage::from_pixel(64, 64, Rgba([255; 4]))).unwrap();
        assert!(sketch_mask(&blank).is_none());
        assert!(reference_mask(&blank).is_none(), "there is no reference");
    }

    #[test]
    fn the_figure_of_drawn_scenes_is_found_better_than_by_its_usual_place() {
        const SIDE: u32 = 256;
        const SCENES: u64 = 20;
        let usual = GrayImage::from_fn(SIDE, SIDE, |x, y| {
            let [x, y] = [x, y].map(|place| place as f32 / SIDE as f32);
            let inside = ((x - 0.5) / 0.3).powi(2) + ((y - 0.55) / 0.45).powi(2) < 1.0;
            Luma([if inside { 255 } else { 0 }])
        });
        let usual = TileGrid::mask_from(&usual, [SIDE; 2]);
        let (mut found, mut guessed) = (0.0, 0.0);
        for index in 0..SCENES {
            let scene = example(91, index, SIDE);
            let sketch = DynamicImage::from(scene.sketch).to_rgba8();
            let mask = sketch_mask(&Document::from_sketch(&sketch).unwrap());
            found += mask.map_or(0.0, |mask| overlap(&mask, &scene.sketch_mask)) / SCENES as f64;
            guessed += overlap(&usual, &scene.sketch_mask) / SCENES as f64;
        }
        assert!(found > guessed + 0.1, "mean IoU {found:.3}, of the usual place {guessed:.3}");
    }
}
