//! A take as flat colours: the drawing cut along its lines, one layer a colour. What a finishing desk works on.

use engine::image::lab::{Lab, difference, lab};
use image::Rgb;

use super::line_art::between_lines;
use crate::document::{Document, LayerId, Rect, TileGrid};
use crate::region::{Parts, Plane, parts};

/// How a take is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlatSettings {
    /// Widest gap in the lines, in pixels, that does not join two parts.
    pub gap: u32,
    /// CIEDE2000 below which parts have the same colour.
    pub apart: f32,
}

impl Default for FlatSettings {
    fn default() -> Self {
        Self { gap: 4, apart: 7.0 }
    }
}

/// Layers at most; what is more goes to the nearest colour.
const MOST: usize = 40;
/// Share of the picture below which a part is a speck.
const SPECK: f64 = 4e-5;

/// All parts of one colour.
pub struct Flat {
    pub color: [u8; 3],
    pub pixels: TileGrid<[u8; 4]>,
}

/// The flats of a take, the largest first; none where it is no picture of the canvas. Takes time: not for the thread that draws.
pub fn flats(document: &Document, take: LayerId, settings: FlatSettings) -> Vec<Flat> {
    let size = document.canvas().size();
    let Some(grid) = document
        .layer(take)
        .and_then(|layer| layer.raster())
        .filter(|grid| grid.size() == size)
    else {
        return Vec::new();
    };
    let open = between_lines(document);
    let least = (SPECK * open.cells.len() as f64).ceil() as usize;
    let parts = parts(&open, settings.gap, least);
    let colors = grid.copy(Rect::of(size));
    let medians = medians(&parts, &open, &colors);
    let (groups, of) = alike(&medians, settings.apart);
    groups
        .iter()
        .enumerate()
        .map(|(group, &color)| {
            let [r, g, b] = color;
            let pixel = |part: &u32| match part.checked_sub(1).map(|part| of[part as usize]) {
                Some(own) if own == group => [r, g, b, 255],
                _ => [0; 4],
            };
            let pixels: Vec<[u8; 4]> = parts.of.iter().map(pixel).collect();
            Flat {
                color,
                pixels: TileGrid::with_pixels(size, [0, 0], size[0], &pixels),
            }
        })
        .collect()
}

/// Colour and pixels of each part: the median of each channel between the lines, which mottled colours do not move.
fn medians(parts: &Parts, open: &Plane, colors: &[[u8; 4]]) -> Vec<([u8; 3], u32)> {
    let mut counts = vec![[[0u32; 256]; 3]; parts.count as usize];
    for ((part, open), color) in parts.of.iter().zip(&open.cells).zip(colors) {
        if let Some(part) = part.checked_sub(1).filter(|_| *open != 0) {
            for channel in 0..3 {
                counts[part as usize][channel][usize::from(color[channel])] += 1;
            }
        }
    }
    let median = |counts: &[u32; 256]| {
        let half = counts.iter().sum::<u32>().div_ceil(2);
        let mut sum = 0;
        let reached = counts.iter().position(|count| {
            sum += count;
            sum >= half
        });
        reached.unwrap_or_default() as u8
    };
    let summed = |counts: &[[u32; 256]; 3]| (counts.each_ref().map(median), counts[0].iter().sum());
    counts.iter().map(summed).collect()
}

/// The colours of the layers, the largest first, and for each part which of them it has.
fn alike(parts: &[([u8; 3], u32)], apart: f32) -> (Vec<[u8; 3]>, Vec<usize>) {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|part| std::cmp::Reverse(parts[*part].1));
    let (mut groups, mut labs): (Vec<[u8; 3]>, Vec<Lab>) = (Vec::new(), Vec::new());
    let mut of = vec![0; parts.len()];
    for part in order {
        let color = lab(Rgb(parts[part].0));
        let distances = labs.iter().map(|group| difference(*group, color)).enumerate();
        let nearest = distances.min_by(|a, b| a.1.total_cmp(&b.1));
        of[part] = match nearest {
            Some((group, distance)) if distance < apart || groups.len() >= MOST => group,
            _ => {
                groups.push(parts[part].0);
                labs.push(color);
                groups.len() - 1
            }
        };
    }
    (groups, of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Role;
    use image::{RgbImage, Rgba, RgbaImage};

    #[test]
    fn a_mottled_take_becomes_one_layer_a_colour_cut_along_the_lines() {
        // Three fields; the take paints the outer ones the same mottled red, over the lines, and the middle one green.
        let line = |x: u32| x == 30 || x == 60;
        let sketch = RgbaImage::from_fn(90, 40, |x, _| {
            Rgba(if line(x) { [20, 20, 20, 255] } else { [250, 250, 245, 255] })
        });
        let mut document = Document::from_sketch(&sketch).unwrap();
        let color = |x: u32, y: u32| match x {
            33..57 => [30, 160, 60],
            _ => [(190 + (x * 7 + y * 3) % 20) as u8, 40, 40],
        };
        let take = document.place_take(&RgbImage::from_fn(90, 40, |x, y| Rgb(color(x, y))), String::new());
        let flats = flats(&document, take, FlatSettings::default());
        assert_eq!(flats.len(), 2);
        let [r, g, b] = flats[0].color;
        assert!((195..205).contains(&r) && (g, b) == (40, 40));
        assert_eq!(flats[1].color, [30, 160, 60]);
        assert_eq!(flats[0].pixels.pixel(5, 5), [r, 40, 40, 255]);
        assert_eq!(
            (flats[0].pixels.pixel(45, 5), flats[0].pixels.pixel(85, 39)[3]),
            ([0; 4], 255)
        );
        // Every pixel is in one layer and no other, lines included.
        for (x, y) in [(30, 7), (31, 7), (60, 39), (59, 0), (0, 0)] {
            let covered = flats.iter().filter(|flat| flat.pixels.pixel(x, y)[3] == 255).count();
            assert_eq!(covered, 1, "{x} {y}");
        }
    }

    #[test]
    fn what_is_no_take_has_no_flats() {
        let mut document = Document::from_sketch(&RgbaImage::new(8, 8)).unwrap();
        document.set_reference(Some(&RgbaImage::new(4, 4))).unwrap();
        let reference = document.by_role(Role::Reference).unwrap().id;
        assert!(flats(&document, reference, FlatSettings::default()).is_empty());
    }
}
