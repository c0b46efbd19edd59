//! A take as flat colours: the drawing cut along its lines, on layers. What a finishing desk works on.

mod colors;
mod laying;
mod settings;

use super::line_art::between_lines;
use crate::document::{Document, LayerId, Rect, Role, TileGrid};
use crate::palette::Swatch;
use crate::region::{Parts, Plane, parts};
use colors::{alike, by_size};
pub use laying::lay;
pub use settings::{FlatColors, FlatLayers, FlatSettings};

/// Regions with a layer of their own at most.
const MOST_REGIONS: usize = 99;
/// Share of the picture below which a part is a speck.
const SPECK: f64 = 4e-5;
/// Share of the picture below which a region shares a layer with others: the strands and highlights that nobody wants to look for in a list.
const SMALL: f64 = 4e-4;

/// Parts on one layer.
pub struct Flat {
    /// What the layer is to be called.
    pub name: String,
    /// The group that it is to lie in, beside others.
    pub group: Option<&'static str>,
    pub pixels: TileGrid<[u8; 4]>,
}

/// The flats of a take, those of a group together, the largest first in it and small regions last; none where it is no picture of the canvas. `swatches`: the
/// palette's. Takes time: not for the thread that draws.
pub fn flats(document: &Document, take: LayerId, settings: FlatSettings, swatches: &[Swatch]) -> Vec<Flat> {
    let size = document.canvas().size();
    let Some(grid) = document
        .layer(take)
        .and_then(|layer| layer.raster())
        .filter(|grid| grid.size() == size)
    else {
        return Vec::new();
    };
    let open = between_lines(document);
    let share = |share: f64| (share * open.cells.len() as f64).ceil() as usize;
    let parts = parts(&open, settings.gap_on(size), share(SPECK));
    let medians = medians(&parts, &open, &grid.copy(Rect::of(size)));
    let mut flats: Vec<Flat> = Vec::new();
    // The layer and the colour of each part.
    let mut paint = vec![(0, [0; 3]); medians.len()];
    for (side, of_side) in sides(document, &parts, settings.sides) {
        let medians: Vec<_> = of_side.iter().map(|part| medians[*part]).collect();
        let (colors, of) = alike(&medians, settings, swatches);
        let (names, layers) = match settings.layers {
            FlatLayers::All => (vec![side.unwrap_or("Flats").to_owned()], vec![0; of.len()]),
            FlatLayers::Color => (colors.iter().map(|color| color.name.clone()).collect(), of.clone()),
            FlatLayers::Region => by_region(&medians, share(SMALL), |part| colors[of[part]].name.clone()),
        };
        for ((part, color), layer) in of_side.into_iter().zip(of).zip(layers) {
            paint[part] = (flats.len() + layer, colors[color].color);
        }
        flats.extend(names.into_iter().map(|name| Flat {
            name,
            group: side.filter(|_| settings.layers != FlatLayers::All),
            pixels: TileGrid::new(size),
        }));
    }
    let whole = TileGrid::<u8>::new(size);
    for span in whole.spans(Rect::of(size)) {
        for y in span.rect.top..span.rect.bottom {
            let start = (y * size[0] + span.rect.left) as usize;
            let row = &parts.of[start..start + span.rect.width() as usize];
            let mut at = span.range(y).start;
            for run in row.chunk_by(|one, other| one == other) {
                if let Some(part) = run[0].checked_sub(1) {
                    let (layer, [r, g, b]) = paint[part as usize];
                    let tile = flats[layer].pixels.tile_mut(span.column, span.row);
                    tile[at..at + run.len()].fill([r, g, b, 255]);
                }
                at += run.len();
            }
        }
    }
    flats
}

/// The parts that share colours and layers, with the name of their side: background and figure where the sketch mask has both and they are to be `apart`, else
/// all of them without one. None where there are no parts.
fn sides(document: &Document, parts: &Parts, apart: bool) -> Vec<(Option<&'static str>, Vec<usize>)> {
    let figure = if apart { figure(document, parts) } else { Vec::new() };
    let is_figure = |part: &usize| figure.get(*part).is_some_and(|votes| *votes > 0);
    let (figures, rest): (Vec<usize>, Vec<usize>) = (0..parts.count as usize).partition(is_figure);
    match (figures.is_empty(), rest.is_empty()) {
        (true, true) => Vec::new(),
        (false, false) => vec![(Some("Background"), rest), (Some("Figure"), figures)],
        _ => vec![(None, (0..parts.count as usize).collect())],
    }
}

/// By how many of its pixels each part is figure rather than background; empty without a sketch mask.
fn figure(document: &Document, parts: &Parts) -> Vec<i64> {
    let canvas = document.canvas();
    let Some(mask) = canvas.by_role(Role::SketchMask).and_then(|layer| layer.mask()) else {
        return Vec::new();
    };
    let mut votes = vec![0; parts.count as usize];
    for (part, white) in parts.of.iter().zip(mask.copy(Rect::of(canvas.size()))) {
        if let Some(part) = part.checked_sub(1) {
            votes[part as usize] += if white >= 128 { 1 } else { -1 };
        }
    }
    votes
}

/// The names of layers with one region each, the largest first, and for each part which of them it is on. Regions of fewer than `small` pixels, and what
/// is beyond the most layers, are on the last one together.
fn by_region(parts: &[([u8; 3], u32)], small: usize, color: impl Fn(usize) -> String) -> (Vec<String>, Vec<usize>) {
    let order = by_size(parts);
    let own = order
        .iter()
        .take(MOST_REGIONS)
        .take_while(|part| parts[**part].1 as usize >= small);
    let mut names: Vec<String> = own
        .enumerate()
        .map(|(at, part)| format!("Region {} {}", at + 1, color(*part)))
        .collect();
    let alone = names.len();
    if alone < order.len() {
        names.push("Small regions".to_owned());
    }
    let mut of = vec![alone; parts.len()];
    for (at, part) in order[..alone].iter().enumerate() {
        of[*part] = at;
    }
    (names, of)
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

    /// Three fields with lines between them; the take paints the outer ones the same mottled red, over the lines, and the middle one green.
    fn fields() -> (Document, LayerId) {
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
        (document, take)
    }

    fn cut(layers: FlatLayers) -> Vec<Flat> {
        let (document, take) = fields();
        flats(&document, take, by(layers), &[])
    }

    fn by(layers: FlatLayers) -> FlatSettings {
        FlatSettings {
            layers,
            ..FlatSettings::default()
        }
    }

    /// The groups and names of layers.
    fn names(flats: &[Flat]) -> Vec<(Option<&str>, &str)> {
        flats.iter().map(|flat| (flat.group, flat.name.as_str())).collect()
    }

    /// How many layers cover a pixel, which is in one and no other, lines included.
    fn assert_once(flats: &[Flat]) {
        for (x, y) in [(30, 7), (31, 7), (60, 39), (59, 0), (0, 0), (89, 20)] {
            let covered = flats.iter().filter(|flat| flat.pixels.pixel(x, y)[3] == 255).count();
            assert_eq!(covered, 1, "{x} {y}");
        }
    }

    #[test]
    fn a_mottled_take_becomes_one_layer_a_colour_cut_along_the_lines() {
        let flats = cut(FlatLayers::Color);
        assert_eq!(flats.len(), 2);
        let red = flats[0].pixels.pixel(5, 5);
        assert!((195..205).contains(&red[0]) && red[1..] == [40, 40, 255]);
        let hex = format!("#{:02X}2828", red[0]);
        assert_eq!(names(&flats), [(None, hex.as_str()), (None, "#1EA03C")]);
        assert_eq!(flats[1].pixels.pixel(45, 5), [30, 160, 60, 255]);
        assert_eq!((flats[0].pixels.pixel(45, 5), flats[0].pixels.pixel(85, 39)), ([0; 4], red));
        assert_once(&flats);
    }

    #[test]
    fn parts_of_one_colour_are_regions_of_their_own_or_all_on_one_layer() {
        let regions = cut(FlatLayers::Region);
        assert_eq!(regions.len(), 3);
        let at = |x| regions.iter().position(|flat| flat.pixels.pixel(x, 5)[3] > 0).unwrap();
        assert!(at(5) != at(85), "as red as each other, and apart");
        assert_eq!(regions[at(5)].pixels.pixel(5, 5), regions[at(85)].pixels.pixel(85, 5));
        assert_eq!(regions[at(45)].name, format!("Region {} #1EA03C", at(45) + 1));
        assert_once(&regions);
        let all = cut(FlatLayers::All);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].pixels.pixel(45, 5), [30, 160, 60, 255]);
        assert_once(&all);
    }

    #[test]
    fn small_regions_and_those_beyond_the_most_share_a_layer() {
        let name = |part: usize| part.to_string();
        let (names, of) = by_region(&[([0; 3], 5), ([0; 3], 900), ([0; 3], 9), ([0; 3], 400)], 10, name);
        assert_eq!(names, ["Region 1 1", "Region 2 3", "Small regions"]);
        assert_eq!(of, [2, 0, 2, 1]);
        let (names, of) = by_region(&[([0; 3], 50); 300], 10, name);
        assert_eq!((names.len(), of.iter().max()), (MOST_REGIONS + 1, Some(&MOST_REGIONS)));
        assert_eq!(by_region(&[([0; 3], 50); 2], 10, name).0, ["Region 1 0", "Region 2 1"]);
    }

    #[test]
    fn what_is_no_take_has_no_flats() {
        let mut document = Document::from_sketch(&RgbaImage::new(8, 8)).unwrap();
        document.set_reference(Some(&RgbaImage::new(4, 4))).unwrap();
        let reference = document.by_role(Role::Reference).unwrap().id;
        assert!(flats(&document, reference, FlatSettings::default(), &[]).is_empty());
    }

    #[test]
    fn a_hole_in_the_lines_is_as_wide_as_the_canvas_makes_it() {
        // A wall with a hole of three pixels, on a canvas of the widths that are asked for.
        let regions = |width: u32| {
            let wall = |x: u32, y: u32| x == width / 2 && !(20..23).contains(&y);
            let sketch = RgbaImage::from_fn(width, 48, |x, y| Rgba(if wall(x, y) { [0, 0, 0, 255] } else { [255; 4] }));
            let mut document = Document::from_sketch(&sketch).unwrap();
            let take = document.place_take(&RgbImage::from_pixel(width, 48, Rgb([200, 40, 40])), String::new());
            flats(&document, take, by(FlatLayers::Region), &[]).len()
        };
        assert_eq!([1024, 256].map(regions), [2, 1]);
    }

    #[test]
    fn figure_and_background_of_one_colour_lie_apart_by_what_most_of_a_region_is() {
        let (mut document, take) = fields();
        // Most of the red field on the right, and a little of the green one.
        let mask = GrayImage::from_fn(90, 40, |x, _| Luma([if x > 70 || (40..45).contains(&x) { 255 } else { 0 }]));
        document.set_mask(Role::SketchMask, &mask);
        let cut = |settings| flats(&document, take, settings, &[]);
        let apart = cut(by(FlatLayers::Color));
        let sides: Vec<_> = apart.iter().map(|flat| flat.group).collect();
        assert_eq!(sides, [Some("Background"), Some("Background"), Some("Figure")]);
        let figure = &apart[2].pixels;
        assert_eq!([85, 62, 5, 42].map(|x| figure.pixel(x, 5)[3]), [255, 255, 0, 0]);
        assert_once(&apart);
        assert_eq!(names(&cut(by(FlatLayers::All))), [(None, "Background"), (None, "Figure")]);
        let together = FlatSettings {
            sides: false,
            ..by(FlatLayers::Color)
        };
        assert_eq!(cut(together).len(), 2);
        document.set_mask(Role::SketchMask, &GrayImage::from_pixel(90, 40, Luma([255])));
        let all_figure = flats(&document, take, by(FlatLayers::Color), &[]);
        assert!(all_figure.iter().all(|flat| flat.group.is_none()), "there is no background");
    }

    #[test]
    fn a_palette_gives_its_colours_and_names() {
        let (document, take) = fields();
        let coat = Swatch {
            name: "Coat".to_owned(),
            color: [198, 44, 38],
        };
        let settings = FlatSettings {
            colors: FlatColors::Near,
            ..by(FlatLayers::Color)
        };
        let flats = flats(&document, take, settings, &[coat]);
        assert_eq!(names(&flats), [(None, "Coat"), (None, "#1EA03C")]);
        assert_eq!(flats[0].pixels.pixel(5, 5), [198, 44, 38, 255]);
    }
}
