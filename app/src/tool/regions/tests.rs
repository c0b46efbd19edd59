//! Which pixels belong to the regions that are sought.

use image::{Pixel, Rgb, RgbImage, RgbaImage};

use super::*;
use crate::document::{Layer, Pixels, Place, Role};

/// Two squares of paper in a black frame, with a gap of two pixels between them.
fn squares(paper: impl Fn(u32, u32) -> [u8; 3]) -> Document {
    let line = |x: u32, y: u32| x == 0 || y == 0 || x == 39 || y == 19 || (x == 20 && !(9..11).contains(&y));
    let color = |x, y| if line(x, y) { [0; 3] } else { paper(x, y) };
    let sketch = RgbaImage::from_fn(40, 20, |x, y| Rgb(color(x, y)).to_rgba());
    Document::from_sketch(&sketch).unwrap()
}

/// The squares, and a take whose colours change in the left one.
fn drawing() -> Document {
    let mut document = squares(|_, _| [255; 3]);
    let take = RgbImage::from_fn(40, 20, |x, _| Rgb(if x < 10 { [200, 20, 20] } else { [20, 200, 20] }));
    document.place_take(&take, String::new());
    document
}

fn mask(document: &Document) -> LayerId {
    document.by_role(Role::SketchMask).unwrap().id
}

fn area(document: &Document, at: [u32; 2], settings: RegionSettings) -> usize {
    let found = find_regions(document, mask(document), &Sought::At(at), settings);
    let cells = found.copy(Rect::of(found.size()));
    cells.iter().filter(|cell| **cell != 0).count()
}

/// How much is found left of the line between the squares, and right of it.
fn sides(document: &Document, layer: LayerId, sought: &Sought, settings: RegionSettings) -> [usize; 2] {
    let found = find_regions(document, layer, sought, settings);
    [Rect::new(0, 0, 20, 20), Rect::new(21, 0, 40, 20)].map(|side| found.copy(side).into_iter().filter(|cell| *cell != 0).count())
}

const PLAIN: RegionSettings = RegionSettings {
    source: Source::Lines,
    tolerance: 0.3,
    gap: 0,
    grow: 0,
    contiguous: true,
};

const CLOSED: RegionSettings = RegionSettings { gap: 3, ..PLAIN };

const ALL: RegionSettings = RegionSettings {
    source: Source::All,
    ..PLAIN
};

#[test]
fn lines_alone_are_borders_unless_all_is_looked_at() {
    let document = drawing();
    assert_eq!(area(&document, [30, 5], PLAIN), 19 * 18 + 18 * 18 + 2);
    assert_eq!(area(&document, [5, 5], ALL), 9 * 18);
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
    assert_eq!(area(&document, [30, 5], ALL), 30 * 20, "what shows is the take");
}

#[test]
fn gaps_are_closed_and_the_region_reaches_under_the_lines() {
    let document = drawing();
    let found = area(&document, [30, 5], CLOSED);
    assert!((18 * 18..=18 * 18 + 2).contains(&found), "{found}");
    let under = RegionSettings { grow: 1, ..CLOSED };
    assert!(area(&document, [30, 5], under) > found + 60);
    let less = RegionSettings { grow: -2, ..CLOSED };
    assert!(area(&document, [30, 5], less) < found - 60);
}

#[test]
fn outside_there_is_no_region() {
    assert_eq!(area(&drawing(), [40, 5], PLAIN), 0);
}

#[test]
fn a_way_takes_every_region_that_it_touches_and_no_line() {
    let document = drawing();
    let along = |way: &[[f32; 2]], settings| sides(&document, mask(&document), &Sought::Along(way.to_vec()), settings);
    let right = along(&[[30.0, 5.0], [32.0, 5.0]], CLOSED);
    assert!(right[0] <= 2 && right[1] >= 18 * 18, "{right:?}");
    let both = along(&[[5.0, 5.0], [35.0, 5.0]], CLOSED);
    assert!(both[0] >= 18 * 18 && both[1] >= 18 * 18, "{both:?}");
    let from_the_line = along(&[[20.5, 5.0], [35.0, 5.0]], CLOSED);
    assert_eq!(from_the_line, right, "whoever begins on a line means no line");
    let under = RegionSettings { grow: 1, ..CLOSED };
    assert!(along(&[[30.0, 5.0], [32.0, 5.0]], under)[1] > right[1] + 50);
    assert_eq!(along(&[[20.5, 2.0], [20.5, 6.0]], CLOSED), [0, 0]);
    assert_eq!(along(&[], CLOSED), [0, 0]);
    assert_eq!(along(&[[-5.0, 5.0], [f32::NAN, 5.0]], CLOSED), [0, 0]);
}

#[test]
fn where_all_is_looked_at_a_way_takes_what_is_coloured_as_where_it_begins() {
    let document = drawing();
    let along = |way: [[f32; 2]; 2], settings| sides(&document, mask(&document), &Sought::Along(way.to_vec()), settings);
    assert_eq!(along([[5.0, 5.0], [35.0, 5.0]], ALL), [9 * 18, 0], "red");
    assert_eq!(along([[35.0, 5.0], [5.0, 5.0]], ALL), [10 * 18, 18 * 18], "green");
    let closed = RegionSettings { gap: 3, ..ALL };
    let anywhere = RegionSettings {
        contiguous: false,
        ..closed
    };
    assert!(along([[35.0, 5.0], [34.0, 5.0]], closed)[0] <= 2);
    assert_eq!(along([[35.0, 5.0], [34.0, 5.0]], anywhere), [10 * 18, 18 * 18]);
}

#[test]
fn a_loop_takes_the_regions_that_lie_wholly_within_it() {
    let document = drawing();
    let within = |left: f32, right: f32, settings| {
        let corners = vec![[left, -3.0], [right, -3.0], [right, 30.0], [left, 30.0]];
        sides(&document, mask(&document), &Sought::Within(corners), settings)
    };
    let left = within(-5.0, 25.0, CLOSED);
    assert!(left[0] == 19 * 18 && left[1] <= 2, "{left:?}");
    let both = within(-5.0, 45.0, CLOSED);
    assert_eq!(both, [19 * 18, 18 * 18]);
    assert_eq!(within(-5.0, 25.0, PLAIN), [0, 0], "it runs out through the gap");
    assert_eq!(within(-5.0, 15.0, CLOSED), [0, 0]);
    assert_eq!(within(3.0, 3.0, CLOSED), [0, 0]);
    let under = RegionSettings { grow: 2, ..CLOSED };
    assert_eq!(within(-5.0, 45.0, under), [20 * 20, 19 * 20]);
    assert_eq!(within(-5.0, 12.0, ALL), [9 * 18, 0], "most of it is red");
}

#[test]
fn noise_makes_no_paper_of_the_ink() {
    // Every channel up to 3 levels off, around the edge of a bin: no colour of the paper is as frequent as black.
    let noisy = |color: [u8; 3]| {
        move |x: u32, y: u32| {
            let mut bits = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b);
            bits = (bits ^ (bits >> 15)).wrapping_mul(0x2c1b_3c6d);
            bits ^= bits >> 12;
            [0, 1, 2].map(|channel| color[channel] - 3 + ((bits >> (8 * channel)) % 7) as u8)
        }
    };
    let around = Sought::Within(vec![[-5.0, -3.0], [45.0, -3.0], [45.0, 30.0], [-5.0, 30.0]]);
    let both = [19 * 18, 18 * 18];
    let scan = squares(noisy([240; 3]));
    assert_eq!(sides(&scan, mask(&scan), &around, CLOSED), both);
    let along = Sought::Along(vec![[5.0, 5.0], [35.0, 5.0]]);
    let touched = sides(&scan, mask(&scan), &along, CLOSED);
    assert!(touched[0] >= 18 * 18 && touched[1] >= 18 * 18, "{touched:?}");
    let mottled = squares(noisy([144, 112, 160]));
    let closed = RegionSettings { gap: 3, ..ALL };
    assert_eq!(sides(&mottled, mask(&mottled), &around, closed), both);
    assert_eq!(sides(&mottled, mask(&mottled), &Sought::Bare, closed), both);
}

#[test]
fn what_is_bare_is_found_in_regions_that_are_for_the_most_part_and_in_small_holes() {
    let mut document = drawing();
    let sketch = document.by_role(Role::Sketch).unwrap().id;
    // Paint up to a column, with a hole of 2 by 2 pixels and one of 8 by 8.
    let paint = |painted: u32| {
        let hole = |x: u32, y: u32| x.max(y) < 5 && x.min(y) > 2 || (8..16).contains(&x) && (8..16).contains(&y);
        let pixel = |at: u32| match at % 40 < painted && !hole(at % 40, at / 40) {
            true => [9, 9, 9, 30],
            false => [0; 4],
        };
        let pixels: Vec<[u8; 4]> = (0..800).map(pixel).collect();
        Pixels::Raster(TileGrid::with_pixels([40, 20], [0, 0], 40, &pixels))
    };
    let layer = Layer::new(Role::Paint, "Paint", paint(21));
    let id = layer.id;
    assert!(document.canvas_mut().insert(layer, Place::Below(sketch)));
    let bare = |document: &Document, settings| sides(document, id, &Sought::Bare, settings);
    assert_eq!(bare(&document, CLOSED), [4, 18 * 18]);
    let under = RegionSettings { grow: 1, ..CLOSED };
    assert_eq!(
        bare(&document, under),
        [4, 19 * 20 - 2],
        "under the lines, but not over paint"
    );
    let joined = [4 + 64, 18 * 18];
    assert_eq!(bare(&document, PLAIN), joined, "through the gap all is one, most of it bare");
    // Paint of the left square that reaches out from under the line, and paint on half of the right one.
    document.layer_mut(id).unwrap().pixels = paint(22);
    assert_eq!(bare(&document, CLOSED), [4, 17 * 18]);
    document.layer_mut(id).unwrap().pixels = paint(30);
    assert_eq!(bare(&document, CLOSED), [4, 0]);
    let all = sides(&document, mask(&document), &Sought::Bare, CLOSED);
    assert_eq!(all, [19 * 18, 18 * 18], "a mask is bare where it is black");
}
