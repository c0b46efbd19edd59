//! A take as flat colours: the drawing cut along its lines, on layers. What a finishing desk works on.

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
    pub layers: FlatLayers,
}

/// What gets a layer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlatLayers {
    All,
    Color,
    Region,
}

impl FlatLayers {
    pub const ALL: [Self; 3] = [Self::All, Self::Color, Self::Region];

    /// What a person chooses by.
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "One layer",
            Self::Color => "One layer a colour",
            Self::Region => "One layer a region",
        }
    }
}

impl Default for FlatSettings {
    fn default() -> Self {
        Self {
            gap: 4,
            apart: 7.0,
            layers: FlatLayers::Color,
        }
    }
}

/// Colours at most; what is more goes to the nearest one.
const MOST: usize = 40;
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
    pub pixels: TileGrid<[u8; 4]>,
}

/// The flats of a take, the largest first and small regions last; none where it is no picture of the canvas. Takes time: not for the thread that draws.
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
    let share = |share: f64| (share * open.cells.len() as f64).ceil() as usize;
    let parts = parts(&open, settings.gap, share(SPECK));
    let medians = medians(&parts, &open, &grid.copy(Rect::of(size)));
    let (colors, of) = alike(&medians, settings.apart);
    let (names, layers) = match settings.layers {
        FlatLayers::All => (vec!["Flats".to_owned()], vec![0; of.len()]),
        FlatLayers::Color => (colors.iter().copied().map(hex).collect(), of.clone()),
        FlatLayers::Region => by_region(&medians, share(SMALL), |part| hex(colors[of[part]])),
    };
    let mut flats: Vec<Flat> = names
        .into_iter()
        .map(|name| Flat {
            name,
            pixels: TileGrid::new(size),
        })
        .collect();
    let whole = TileGrid::<u8>::new(size);
    for span in whole.spans(Rect::of(size)) {
        for y in span.rect.top..span.rect.bottom {
            let start = (y * size[0] + span.rect.left) as usize;
            let row = &parts.of[start..start + span.rect.width() as usize];
            let mut at = span.range(y).start;
            for run in row.chunk_by(|one, other| one == other) {
                if let Some(part) = run[0].checked_sub(1).map(|part| part as usize) {
                    let [r, g, b] = colors[of[part]];
                    let tile = flats[layers[part]].pixels.tile_mut(span.column, span.row);
                    tile[at..at + run.len()].fill([r, g, b, 255]);
                }
                at += run.len();
            }
        }
    }
    if parts.count == 0 { Vec::new() } else { flats }
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
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

/// Places of the parts, the largest first.
fn by_size(parts: &[([u8; 3], u32)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|part| std::cmp::Reverse(parts[*part].1));
    order
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

/// The colours, the largest first, and for each part which of them it has.
fn alike(parts: &[([u8; 3], u32)], apart: f32) -> (Vec<[u8; 3]>, Vec<usize>) {
    let (mut groups, mut labs): (Vec<[u8; 3]>, Vec<Lab>) = (Vec::new(), Vec::new());
    let mut of = vec![0; parts.len()];
    for part in by_size(parts) {
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
        let settings = FlatSettings {
            layers,
            ..FlatSettings::default()
        };
        flats(&document, take, settings)
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
        assert_eq!([&flats[0].name, &flats[1].name], [&hex([red[0], 40, 40]), "#1EA03C"]);
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
        assert!(flats(&document, reference, FlatSettings::default()).is_empty());
    }
}
