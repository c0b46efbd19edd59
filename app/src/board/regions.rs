//! Areas enclosed by a sketch's lines, followed from frame to frame, and how far their colours drift.

use engine::image::lab;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::region::neighbours;

/// Longest side of the map of areas, in pixels.
const SIDE: u32 = 256;
/// What is darker, as the darkest of its pixels says, is a line: 0..=255.
const INK: u8 = 170;
/// The smallest area that counts, as a share of the picture.
const SMALLEST: f64 = 0.0015;
/// How far an area reaches under the lines around it, in pixels of the map.
const GROWN: usize = 3;
/// Two areas are the same part of the drawing if they share this much of what they cover together.
const SAME: f64 = 0.5;

/// The areas of one sketch.
#[derive(Clone, Debug)]
pub struct Regions {
    size: [u32; 2],
    /// 0 for lines and specks, else the number of the area.
    labels: Vec<u16>,
    /// In pixels of the map, by number from 1.
    areas: Vec<u32>,
}

/// How far colours are from those of the frame before, in CIEDE2000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Over all areas that were found again, weighted by their size.
    pub mean: f32,
    /// Of the area that changed most.
    pub worst: f32,
}

impl Regions {
    /// Of dark lines on light paper.
    pub fn of(sketch: &RgbImage) -> Self {
        let longest = sketch.width().max(sketch.height()).max(1);
        let scale = f64::from(longest.min(SIDE)) / f64::from(longest);
        let size = [sketch.width(), sketch.height()].map(|side| ((f64::from(side) * scale).round() as u32).max(1));
        let mut regions = Self {
            labels: vec![0; (size[0] * size[1]) as usize],
            areas: Vec::new(),
            size,
        };
        let paper = paper(sketch, size);
        for start in 0..paper.len() {
            if paper[start] && regions.labels[start] == 0 {
                regions.flood(&paper, start);
            }
        }
        let least = (SMALLEST * paper.len() as f64) as u32;
        let large: Vec<bool> = regions.areas.iter().map(|area| *area >= least).collect();
        let numbers: Vec<u16> = large
            .iter()
            .scan(0, |count, large| {
                *count += u16::from(*large);
                Some(if *large { *count } else { 0 })
            })
            .collect();
        for label in regions.labels.iter_mut().filter(|label| **label > 0) {
            *label = numbers[usize::from(*label) - 1];
        }
        regions.areas.retain(|area| *area >= least);
        regions
    }

    /// Numbers all paper that is connected with `start`.
    fn flood(&mut self, paper: &[bool], start: usize) {
        // More areas than numbers: the rest are specks of hatching.
        let Ok(number) = u16::try_from(self.areas.len() + 1) else {
            return;
        };
        let size = self.size.map(|side| side as usize);
        let (mut open, mut area) = (vec![start], 0);
        self.labels[start] = number;
        while let Some(at) = open.pop() {
            area += 1;
            for next in neighbours(size, at) {
                if paper[next] && self.labels[next] == 0 {
                    self.labels[next] = number;
                    open.push(next);
                }
            }
        }
        self.areas.push(area);
    }

    /// The mean colour of each area in a picture of the same drawing.
    pub fn means(&self, picture: &RgbImage) -> Vec<Rgb<u8>> {
        let [width, height] = self.size;
        let small = imageops::resize(picture, width, height, FilterType::Triangle);
        let mut sums = vec![[0_u64; 3]; self.areas.len()];
        for (label, Rgb(color)) in self.labels.iter().zip(small.pixels()) {
            if let Some(sum) = usize::from(*label).checked_sub(1).and_then(|at| sums.get_mut(at)) {
                (0..3).for_each(|channel| sum[channel] += u64::from(color[channel]));
            }
        }
        let mean = |(sum, area): (&[u64; 3], &u32)| Rgb(sum.map(|sum| (sum / u64::from((*area).max(1))) as u8));
        sums.iter().zip(&self.areas).map(mean).collect()
    }

    /// Which of another sketch's areas each of these was: indices of both, and the area in pixels.
    fn matches(&self, before: &Self) -> Vec<(usize, usize, u32)> {
        if self.size != before.size {
            return Vec::new();
        }
        let others = before.areas.len();
        let mut shared = vec![0_u32; self.areas.len() * others];
        for (own, other) in self.labels.iter().zip(&before.labels) {
            if *own > 0 && *other > 0 {
                shared[(usize::from(*own) - 1) * others + usize::from(*other) - 1] += 1;
            }
        }
        let mut found = Vec::new();
        for (own, area) in self.areas.iter().enumerate() {
            let row = &shared[own * others..][..others];
            let best = row.iter().enumerate().max_by_key(|(_, shared)| **shared);
            if let Some((other, shared)) = best {
                let together = area + before.areas[other] - shared;
                if f64::from(*shared) >= SAME * f64::from(together) {
                    found.push((own, other, *area));
                }
            }
        }
        found
    }

    /// The area at a place of the picture, each coordinate 0..=1. A line counts as the area nearest to it.
    pub fn at(&self, x: f32, y: f32) -> Option<usize> {
        let pixel = |share: f32, side: u32| ((share * side as f32) as u32).min(side.saturating_sub(1));
        let inside = (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y);
        let at = pixel(y, self.size[1]) * self.size[0] + pixel(x, self.size[0]);
        let label = *self.grown().get(at as usize).filter(|_| inside)?;
        usize::from(label).checked_sub(1)
    }

    /// The area here that `area` of another frame's sketch has become.
    pub fn counterpart(&self, other: &Self, area: usize) -> Option<usize> {
        let found = self.matches(other).into_iter().find(|(_, there, _)| *there == area);
        found.map(|(here, ..)| here)
    }

    /// `picture` with the colours of some areas shifted, each channel by so much. Areas reach under the lines around them.
    pub fn shifted(&self, picture: &RgbImage, shifts: &[(usize, [i16; 3])]) -> RgbImage {
        let labels = self.grown();
        let mut by_label = vec![None; self.areas.len() + 1];
        for (area, shift) in shifts {
            by_label[area + 1] = Some(*shift);
        }
        let mut made = picture.clone();
        let [width, height] = self.size;
        let (columns, rows) = (spread(picture.width(), width), spread(picture.height(), height));
        for (x, y, Rgb(color)) in made.enumerate_pixels_mut() {
            let label = labels[rows[y as usize] * width as usize + columns[x as usize]];
            if let Some(shift) = by_label[usize::from(label)] {
                *color = [0, 1, 2].map(|channel| (i16::from(color[channel]) + shift[channel]).clamp(0, 255) as u8);
            }
        }
        made
    }

    /// The labels, each grown over the lines around it.
    fn grown(&self) -> Vec<u16> {
        let size = self.size.map(|side| side as usize);
        let mut labels = self.labels.clone();
        for _ in 0..GROWN {
            let before = labels.clone();
            for at in (0..labels.len()).filter(|at| before[*at] == 0) {
                let near = neighbours(size, at).find(|near| before[*near] > 0);
                labels[at] = near.map_or(0, |near| before[near]);
            }
        }
        labels
    }

    /// How far the mean colours `own` of these areas are from those of the frame before; none if no area was found again.
    pub fn drift(&self, own: &[Rgb<u8>], before: &Self, others: &[Rgb<u8>]) -> Option<Drift> {
        let (mut sum, mut weight, mut worst) = (0.0, 0.0, 0.0_f32);
        for (here, there, area) in self.matches(before) {
            let (Some(one), Some(two)) = (own.get(here), others.get(there)) else {
                continue;
            };
            let difference = lab::difference(lab::lab(*one), lab::lab(*two));
            sum += difference * area as f32;
            weight += area as f32;
            worst = worst.max(difference);
        }
        (weight > 0.0).then(|| Drift {
            mean: sum / weight,
            worst,
        })
    }
}

/// Where a small map of the sketch is paper. A line stays a line: the darkest pixel under each of the map's decides.
fn paper(sketch: &RgbImage, [width, height]: [u32; 2]) -> Vec<bool> {
    let mut darkest = vec![255_u8; (width * height) as usize];
    let (columns, rows) = (spread(sketch.width(), width), spread(sketch.height(), height));
    for (x, y, Rgb([r, g, b])) in sketch.enumerate_pixels() {
        let light = ((u32::from(*r) * 2 + u32::from(*g) * 5 + u32::from(*b)) / 8) as u8;
        let place = &mut darkest[rows[y as usize] * width as usize + columns[x as usize]];
        *place = light.min(*place);
    }
    darkest.into_iter().map(|light| light >= INK).collect()
}

/// Which of `small` places each of `side` pixels falls into.
fn spread(side: u32, small: u32) -> Vec<usize> {
    let place = |at: u32| (u64::from(at) * u64::from(small) / u64::from(side)) as usize;
    (0..side).map(place).collect()
}

/// Which of a column's drifts stand out: far above the middle of the others, and more than can just be seen.
pub fn outliers(drifts: &[Option<Drift>]) -> Vec<bool> {
    let mut known: Vec<f32> = drifts.iter().flatten().map(|drift| drift.mean).collect();
    known.sort_by(f32::total_cmp);
    let median = known.get(known.len() / 2).copied().unwrap_or_default();
    let limit = (2.0 * median).max(3.0);
    drifts
        .iter()
        .map(|drift| known.len() >= 3 && drift.is_some_and(|drift| drift.mean > limit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two boxes side by side with a wall between them at `wall`.
    fn boxes(wall: u32) -> RgbImage {
        RgbImage::from_fn(600, 300, |x, y| {
            let inside = (6..594).contains(&x) && (6..294).contains(&y);
            let line = !inside || x.abs_diff(wall) < 4;
            Rgb([if line { 0 } else { 255 }; 3])
        })
    }

    fn painted(wall: u32, left: [u8; 3], right: [u8; 3]) -> RgbImage {
        RgbImage::from_fn(600, 300, |x, _| Rgb(if x < wall { left } else { right }))
    }

    #[test]
    fn areas_are_what_lines_enclose() {
        assert_eq!(Regions::of(&boxes(200)).areas.len(), 2);
        assert_eq!(Regions::of(&RgbImage::from_pixel(40, 30, Rgb([255; 3]))).areas.len(), 1);
        assert!(Regions::of(&RgbImage::new(0, 0)).areas.len() <= 1, "nothing panics");
    }

    #[test]
    fn a_part_that_changes_its_colour_is_found_where_it_moved_to() {
        let (before, after) = (Regions::of(&boxes(200)), Regions::of(&boxes(230)));
        let [red, blue, green] = [[200, 30, 30], [30, 30, 200], [30, 160, 30]];
        let first = before.means(&painted(200, red, blue));
        let same = after.drift(&after.means(&painted(230, red, blue)), &before, &first).unwrap();
        assert!(same.worst < 3.0, "{same:?}");
        let other = after.drift(&after.means(&painted(230, red, green)), &before, &first).unwrap();
        assert!(other.worst > 40.0 && other.mean < other.worst, "{other:?}");
    }

    #[test]
    fn an_area_is_found_under_the_pointer_followed_and_shifted_alone() {
        let (before, after) = (Regions::of(&boxes(200)), Regions::of(&boxes(230)));
        let left = before.at(0.1, 0.5).unwrap();
        assert_ne!(before.at(0.9, 0.5), Some(left));
        assert_eq!(before.at(1.1, 0.5), None);
        let moved = after.counterpart(&before, left).unwrap();
        assert_eq!(after.at(0.1, 0.5), Some(moved));
        let picture = painted(230, [200, 30, 30], [30, 30, 200]);
        let shifted = after.shifted(&picture, &[(moved, [-20, 100, 240])]);
        assert_eq!(shifted.get_pixel(60, 150).0, [180, 130, 255]);
        assert_eq!(shifted.get_pixel(500, 150).0, [30, 30, 200]);
        let means = after.means(&shifted);
        assert!(
            means[moved]
                .0
                .iter()
                .zip([180, 130, 255])
                .all(|(own, other)| own.abs_diff(other) <= 2)
        );
    }

    #[test]
    fn what_stands_out_is_marked_and_even_drift_is_not() {
        let drifts = |means: &[f32]| -> Vec<Option<Drift>> {
            means
                .iter()
                .map(|mean| {
                    Some(Drift {
                        mean: *mean,
                        worst: *mean,
                    })
                })
                .collect()
        };
        assert_eq!(outliers(&drifts(&[1.0, 1.2, 9.0, 1.1])), [false, false, true, false]);
        assert_eq!(outliers(&drifts(&[8.0, 9.0, 8.5])), [false; 3]);
        assert_eq!(outliers(&drifts(&[9.0, 1.0])), [false; 2], "two say nothing");
    }
}
