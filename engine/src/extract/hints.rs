//! Colour hints: dabs of paint that say what colour a part of a drawing shall have, spread to the lines around them.

use std::collections::{HashSet, VecDeque};

use image::{GrayImage, RgbImage, Rgba, RgbaImage, imageops};
use picture::within;

use super::region::{Parts, Plane, room};

/// Longest side, in pixels, at which hints are spread; larger sketches are made smaller first.
const SIDE: u32 = 1024;
/// Widest gap in the lines that a hint does not run through, of the picture's longer side.
const GAP: f32 = 1.0 / 64.0;
/// Opacity from which on paint is a hint and no soft edge of one.
const FAINT: u8 = 64;
/// How far two neighbours may be apart in a channel and still be of one stroke.
const ALIKE: u8 = 24;

/// The colours that a drawing shall have.
pub struct Hinted {
    /// Of the sketch's proportions, a smaller picture where the sketch is large. Opacity says how surely the colour is wanted; where it is 0 that of
    /// the nearest hint stands.
    pub colors: RgbaImage,
    /// At every pixel, row by row, the number of the joined area of about one colour that it is in, from 1; 0 where no colour is wanted.
    pub areas: Vec<u32>,
}

/// What `hints` say of a sketch; None if nothing is painted. `hints` and `mask` are stretched to the sketch.
///
/// `spread`: each stroke is the colour of all that the lines enclose around it, up to the edge of the mask's figure; with several strokes in one
/// part each pixel has the colour of the nearest. A part counts if the middle of a stroke goes through it: what spills over a line does not. Else
/// hints hold exactly where they are painted.
pub fn hinted(hints: &RgbaImage, sketch: &RgbImage, mask: Option<&GrayImage>, spread: bool) -> Option<Hinted> {
    let size = within(sketch.dimensions(), SIDE);
    let painted = shrunk_to(hints, size);
    let mut colors = match spread {
        true => spread_to_lines(&painted, &imageops::thumbnail(sketch, size.0, size.1), mask),
        false => painted,
    };
    let areas = Strokes::new(&colors).of;
    bleed(&mut colors).then_some(Hinted { colors, areas })
}

/// The most opaque pixel of all that each pixel of the new size stands for: no thin stroke is lost.
fn shrunk_to(hints: &RgbaImage, (width, height): (u32, u32)) -> RgbaImage {
    let (from_width, from_height) = hints.dimensions();
    if from_width == 0 || from_height == 0 {
        return RgbaImage::new(width, height);
    }
    let span = |at: u32, length: u32, from: u32| {
        let begin = (u64::from(at) * u64::from(from) / u64::from(length)) as u32;
        let end = (u64::from(at + 1) * u64::from(from) / u64::from(length)) as u32;
        begin..end.max(begin + 1)
    };
    RgbaImage::from_fn(width, height, |x, y| {
        let rows = span(y, height, from_height);
        let pixels = rows.flat_map(|y| span(x, width, from_width).map(move |x| *hints.get_pixel(x, y)));
        pixels.max_by_key(|pixel| pixel.0[3]).unwrap_or(Rgba([0; 4]))
    })
}

/// What is painted, stroke by stroke: neighbours of about one colour.
struct Strokes {
    /// Numbers from 1 at every pixel; 0 where there is no stroke.
    of: Vec<u32>,
    /// Pixels from the stroke's edge, 1 at the edge.
    depth: Vec<u32>,
    /// Of each stroke, and its opacity where it is most opaque.
    deepest: Vec<(u32, u8)>,
}

impl Strokes {
    fn new(painted: &RgbaImage) -> Self {
        let plane = Plane::new(painted.width() as usize, painted.height() as usize);
        let pixels: Vec<[u8; 4]> = painted.pixels().map(|pixel| pixel.0).collect();
        let alike = |a: usize, b: usize| {
            let apart = pixels[a][..3].iter().zip(&pixels[b][..3]).map(|(a, b)| a.abs_diff(*b));
            pixels[b][3] >= FAINT && apart.max() <= Some(ALIKE)
        };
        let mut strokes = Self {
            of: vec![0; pixels.len()],
            depth: vec![0; pixels.len()],
            deepest: Vec::new(),
        };
        let mut queue = VecDeque::new();
        for seed in 0..pixels.len() {
            if pixels[seed][3] < FAINT || strokes.of[seed] != 0 {
                continue;
            }
            strokes.deepest.push((0, 0));
            let number = strokes.deepest.len() as u32;
            strokes.of[seed] = number;
            queue.push_back(seed);
            while let Some(index) = queue.pop_front() {
                let most = &mut strokes.deepest[number as usize - 1].1;
                *most = pixels[index][3].max(*most);
                for next in plane.neighbours(index).filter(|next| alike(index, *next)) {
                    if strokes.of[next] == 0 {
                        strokes.of[next] = number;
                        queue.push_back(next);
                    }
                }
            }
        }
        // From the edges inwards; the picture's own edge is none.
        for index in 0..pixels.len() {
            let own = strokes.of[index];
            if own != 0 && plane.neighbours(index).any(|next| strokes.of[next] != own) {
                strokes.depth[index] = 1;
                queue.push_back(index);
            }
        }
        while let Some(index) = queue.pop_front() {
            let (own, depth) = (strokes.of[index], strokes.depth[index]);
            let deepest = &mut strokes.deepest[own as usize - 1].0;
            *deepest = depth.max(*deepest);
            for next in plane.neighbours(index) {
                if strokes.of[next] == own && strokes.depth[next] == 0 {
                    strokes.depth[next] = depth + 1;
                    queue.push_back(next);
                }
            }
        }
        strokes
    }

    /// Whether a pixel is of the inner half of its stroke.
    fn is_middle(&self, index: usize) -> bool {
        let own = self.of[index];
        own != 0 && 2 * self.depth[index] >= self.deepest[own as usize - 1].0
    }
}

fn spread_to_lines(painted: &RgbaImage, sketch: &RgbImage, mask: Option<&GrayImage>) -> RgbaImage {
    let (width, height) = sketch.dimensions();
    let strokes = Strokes::new(painted);
    let mut open = Plane::between_lines(sketch);
    let mask = mask.filter(|mask| mask.width() > 0 && mask.height() > 0);
    let mask = mask.map(|mask| imageops::resize(mask, width, height, imageops::FilterType::Nearest));
    let side = |index: usize| u32::from(mask.as_ref().is_some_and(|mask| mask.as_raw()[index] > 127));
    let claims = claims(&open, &strokes, side);

    // A stroke colours the rooms that its middle goes through.
    let chosen: HashSet<(u32, u32)> = (0..claims.len())
        .filter(|index| claims[*index] != 0 && strokes.is_middle(*index))
        .map(|index| (strokes.of[index], claims[index]))
        .collect();
    let mut nearest: Vec<Option<usize>> = (0..claims.len())
        .map(|index| chosen.contains(&(strokes.of[index], claims[index])).then_some(index))
        .collect();
    let mut queue: VecDeque<usize> = (0..claims.len()).filter(|index| nearest[*index].is_some()).collect();
    while let Some(index) = queue.pop_front() {
        for next in open.neighbours(index) {
            if nearest[next].is_none() && claims[next] == claims[index] {
                nearest[next] = nearest[index];
                queue.push_back(next);
            }
        }
    }
    // Lines belong to what is next to them.
    queue.extend((0..claims.len()).filter(|index| open.cells[*index] != 0));
    while let Some(index) = queue.pop_front() {
        for next in open.neighbours(index) {
            if std::mem::replace(&mut open.cells[next], 1) == 0 {
                nearest[next] = nearest[index];
                queue.push_back(next);
            }
        }
    }
    // What lies on lines alone stays as it is.
    let spread: HashSet<u32> = chosen.iter().map(|(stroke, _)| *stroke).collect();
    let pixels: Vec<Rgba<u8>> = painted.pixels().copied().collect();
    RgbaImage::from_fn(width, height, |x, y| {
        let index = (y * width + x) as usize;
        match nearest[index] {
            Some(from) => {
                let [r, g, b, _] = pixels[from].0;
                Rgba([r, g, b, strokes.deepest[strokes.of[from] as usize - 1].1])
            }
            None if strokes.of[index] != 0 && !spread.contains(&strokes.of[index]) => pixels[index],
            None => Rgba([0; 4]),
        }
    })
}

/// The room that each pixel belongs to, if the middle of a stroke lies in it, else 0. A room is what a disc as wide as the gap runs through from the
/// stroke, or a narrower one where the stroke lies in a narrow part, and what is nearest to that; on one `side` of the mask.
fn claims(open: &Plane, strokes: &Strokes, side: impl Fn(usize) -> u32) -> Vec<u32> {
    let mut claims = vec![0; open.cells.len()];
    let mut numbers = 0;
    let mut radius = ((open.width.max(open.height) as f32 * GAP) as u32).div_ceil(2);
    loop {
        let seeds = (0..claims.len()).filter(|index| claims[*index] == 0 && open.cells[*index] != 0 && strokes.is_middle(*index));
        let seeds: Vec<usize> = seeds.collect();
        if seeds.is_empty() {
            return claims;
        }
        let core = room(open, radius);
        let rooms = Parts::of_rooms(open, &core);
        let place = |index: usize| 2 * rooms.of[index] + side(index);
        let wanted: HashSet<u32> = seeds.into_iter().filter(|index| core.cells[*index] != 0).map(place).collect();
        for (index, claim) in claims.iter_mut().enumerate() {
            if *claim == 0 && open.cells[index] != 0 && wanted.contains(&place(index)) {
                *claim = numbers + place(index);
            }
        }
        if radius == 0 {
            return claims;
        }
        numbers += 2 * (rooms.count + 1);
        radius /= 2;
    }
}

/// Gives every transparent pixel the colour of the nearest one that is not, its opacity kept; false if all are.
fn bleed(colors: &mut RgbaImage) -> bool {
    let plane = Plane::new(colors.width() as usize, colors.height() as usize);
    let mut known: Vec<bool> = colors.pixels().map(|pixel| pixel.0[3] != 0).collect();
    let mut queue: VecDeque<usize> = (0..known.len()).filter(|index| known[*index]).collect();
    if queue.is_empty() {
        return false;
    }
    let width = colors.width();
    let place = |index: usize| (index as u32 % width, index as u32 / width);
    while let Some(index) = queue.pop_front() {
        let (x, y) = place(index);
        let [r, g, b, _] = colors.get_pixel(x, y).0;
        for next in plane.neighbours(index) {
            if !std::mem::replace(&mut known[next], true) {
                let (x, y) = place(next);
                colors.put_pixel(x, y, Rgba([r, g, b, 0]));
                queue.push_back(next);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use image::{Luma, Rgb};

    use super::*;

    const RED: [u8; 3] = [200, 30, 40];
    const BLUE: [u8; 3] = [40, 80, 200];

    /// Two rooms of 59 by 60 pixels, and a wall of 2 between them in which `gap` pixels are open.
    fn rooms(gap: u32) -> RgbImage {
        RgbImage::from_fn(120, 60, |x, y| {
            let wall = (59..61).contains(&x) && !(30..30 + gap).contains(&y);
            Rgb([if wall { 20 } else { 250 }; 3])
        })
    }

    fn dabs(dabs: &[([i32; 2], i32, [u8; 3])]) -> RgbaImage {
        let mut hints = RgbaImage::new(120, 60);
        for ([x, y], radius, [r, g, b]) in dabs {
            for (px, py, pixel) in hints.enumerate_pixels_mut() {
                if (px as i32 - x).pow(2) + (py as i32 - y).pow(2) <= radius * radius {
                    *pixel = Rgba([*r, *g, *b, 255]);
                }
            }
        }
        hints
    }

    /// Wanted colours at places; None where none is wanted.
    fn wanted<const N: usize>(hinted: &Hinted, places: [[u32; 2]; N]) -> [Option<[u8; 3]>; N] {
        places.map(|[x, y]| {
            let [r, g, b, a] = hinted.colors.get_pixel(x, y).0;
            assert_eq!(
                a != 0,
                hinted.areas[(y * hinted.colors.width() + x) as usize] != 0,
                "an area is where a colour is wanted"
            );
            (a == 255).then_some([r, g, b])
        })
    }

    #[test]
    fn a_dab_fills_what_the_lines_enclose_and_does_not_run_through_a_small_gap() {
        for gap in [0, 2] {
            let hinted = hinted(&dabs(&[([20, 20], 4, RED)]), &rooms(gap), None, true).unwrap();
            let found = wanted(&hinted, [[0, 0], [57, 59], [20, 20], [63, 20], [119, 59]]);
            assert_eq!(found, [Some(RED), Some(RED), Some(RED), None, None], "gap {gap}");
        }
        let hinted = hinted(&dabs(&[([20, 20], 4, RED)]), &rooms(12), None, true).unwrap();
        assert_eq!(wanted(&hinted, [[119, 59]]), [Some(RED)], "through a wide gap it runs");
    }

    #[test]
    fn what_spills_over_a_line_colours_nothing_there() {
        let spilt = hinted(&dabs(&[([52, 30], 10, RED)]), &rooms(0), None, true).unwrap();
        assert_eq!(wanted(&spilt, [[5, 5], [61, 30], [100, 30]]), [Some(RED), None, None]);
        // A stroke that goes on behind the line is meant for both.
        let crossing = hinted(&dabs(&[([60, 30], 10, RED)]), &rooms(0), None, true).unwrap();
        assert_eq!(wanted(&crossing, [[5, 5], [100, 30]]), [Some(RED), Some(RED)]);
    }

    #[test]
    fn several_dabs_in_one_part_share_it_and_each_part_has_its_own() {
        let two = dabs(&[([10, 30], 4, RED), ([50, 30], 4, BLUE), ([90, 30], 4, RED)]);
        let hinted = hinted(&two, &rooms(0), None, true).unwrap();
        assert_eq!(
            wanted(&hinted, [[2, 2], [57, 2], [118, 58]]),
            [Some(RED), Some(BLUE), Some(RED)]
        );
        let areas: HashSet<u32> = hinted.areas.iter().copied().collect();
        assert_eq!(areas.len(), 3);
    }

    #[test]
    fn a_hint_stays_on_its_side_of_the_mask() {
        let figure = GrayImage::from_fn(60, 30, |_, y| Luma([if y < 15 { 255 } else { 0 }]));
        let hinted = hinted(&dabs(&[([20, 10], 4, RED)]), &rooms(0), Some(&figure), true).unwrap();
        assert_eq!(wanted(&hinted, [[5, 25], [5, 35]]), [Some(RED), None]);
    }

    #[test]
    fn an_exact_hint_holds_where_it_is_painted() {
        let hints = dabs(&[([20, 20], 4, RED)]);
        let hinted = hinted(&hints, &rooms(0), None, false).unwrap();
        assert_eq!(wanted(&hinted, [[20, 20], [24, 20], [26, 20]]), [Some(RED), Some(RED), None]);
        assert_eq!(
            hinted.colors.get_pixel(119, 59).0,
            [RED[0], RED[1], RED[2], 0],
            "its colour goes on"
        );
    }

    #[test]
    fn light_lines_enclose_as_dark_ones_do_and_a_dab_on_a_line_alone_stays() {
        let mut dark = rooms(0);
        image::imageops::invert(&mut dark);
        let red = hinted(&dabs(&[([20, 20], 4, RED)]), &dark, None, true).unwrap();
        assert_eq!(wanted(&red, [[5, 5], [100, 5]]), [Some(RED), None]);
        let on_line = hinted(&dabs(&[([60, 30], 0, RED)]), &rooms(0), None, true).unwrap();
        assert_eq!(wanted(&on_line, [[60, 30], [30, 30]]), [Some(RED), None]);
    }

    #[test]
    fn large_sketches_are_made_smaller_and_thin_strokes_survive_it() {
        let sketch = RgbImage::from_pixel(3000, 1500, Rgb([255; 3]));
        let mut hints = RgbaImage::new(3000, 1500);
        hints.put_pixel(1501, 700, Rgba([200, 30, 40, 255]));
        let hinted = hinted(&hints, &sketch, None, true).unwrap();
        assert_eq!(hinted.colors.dimensions(), (1024, 512));
        assert_eq!(wanted(&hinted, [[0, 0], [1023, 511]]), [Some(RED), Some(RED)]);
    }

    #[test]
    fn where_nothing_is_painted_nothing_is_wanted() {
        assert!(hinted(&RgbaImage::new(120, 60), &rooms(0), None, true).is_none());
        assert!(hinted(&RgbaImage::new(0, 0), &rooms(0), None, false).is_none());
        assert!(hinted(&RgbaImage::new(4, 4), &RgbImage::new(0, 0), None, true).is_none());
    }
}
