//! A proposal for the reference mask: colours that the picture's edge has are background, and a least cut finds the outline (Rother et al., "GrabCut",
//! SIGGRAPH 2004, with flat colours in place of Gaussian mixtures).

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma, RgbImage};

use super::cut::Grid;

/// Longer side of the picture that is cut.
const SIDE: u32 = 192;
/// Colours of each side.
const COLOURS: usize = 8;
/// Times that colours are learned and the cut is made.
const ROUNDS: usize = 4;
/// What it costs to part two pixels of one colour, beside a colour that is a standard deviation off.
const JOIN: f32 = 12.0;
/// Share of the picture's longer side that counts as its edge.
const EDGE: f32 = 0.04;

/// The figure of a picture: 255 where it is taken to be.
pub fn propose(picture: &RgbImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let scale = (SIDE as f32 / width.max(height).max(1) as f32).min(1.0);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let small = imageops::resize(picture, side(width), side(height), FilterType::Triangle);
    let figure = segment(&small);
    let mask = GrayImage::from_fn(small.width(), small.height(), |x, y| {
        Luma([if figure[(y * small.width() + x) as usize] { 255 } else { 0 }])
    });
    let mut mask = imageops::resize(&mask, width, height, FilterType::Triangle);
    for pixel in mask.pixels_mut() {
        pixel.0[0] = if pixel.0[0] > 127 { 255 } else { 0 };
    }
    mask
}

type Colour = [f32; 3];

fn segment(picture: &RgbImage) -> Vec<bool> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let colours: Vec<Colour> = picture.pixels().map(|pixel| pixel.0.map(f32::from)).collect();
    let edge = ((width.max(height) as f32 * EDGE).round() as usize).max(1);
    let at_edge = |at: usize| {
        let (x, y) = (at % width, at / width);
        // The figure often stands on the lower edge.
        x < edge || x + edge >= width || y < edge
    };
    // An ellipse in the middle is where figures are.
    let prior: Vec<f32> = (0..colours.len())
        .map(|at| {
            let x = (at % width) as f32 / width as f32 - 0.5;
            let y = (at / width) as f32 / height as f32 - 0.55;
            1.0 - (x / 0.42).powi(2) - (y / 0.55).powi(2)
        })
        .collect();
    let mut figure: Vec<bool> = prior.iter().map(|prior| *prior > 0.3).collect();
    let contrast = contrast(&colours, width);
    for _ in 0..ROUNDS {
        let of = |wanted: bool| -> Vec<Colour> {
            let part = (0..colours.len()).filter(|at| (figure[*at] && !at_edge(*at)) == wanted);
            part.map(|at| colours[at]).collect()
        };
        let (inside, outside) = (Palette::of(&of(true)), Palette::of(&of(false)));
        let balance = (0..colours.len())
            .map(|at| {
                let sure = if at_edge(at) { -8.0 } else { 0.0 };
                (outside.cost(colours[at]) - inside.cost(colours[at])).clamp(-12.0, 12.0) + 2.0 * prior[at].max(-2.0) + sure
            })
            .collect();
        let mut grid = Grid::new(width, height, balance);
        for at in 0..colours.len() {
            if at % width + 1 < width {
                grid.join(at, false, JOIN * alike(colours[at], colours[at + 1], contrast));
            }
            if at + width < colours.len() {
                grid.join(at, true, JOIN * alike(colours[at], colours[at + width], contrast));
            }
        }
        figure = grid.cut();
    }
    figure
}

fn off(a: Colour, b: Colour) -> f32 {
    (0..3).map(|channel| (a[channel] - b[channel]).powi(2)).sum()
}

/// Mean square difference of neighbours.
fn contrast(colours: &[Colour], width: usize) -> f32 {
    let sum: f32 = colours.windows(2).map(|pair| off(pair[0], pair[1])).sum();
    let below: f32 = colours.iter().zip(colours.iter().skip(width)).map(|(a, b)| off(*a, *b)).sum();
    ((sum + below) / (2 * colours.len().max(1)) as f32).max(1.0)
}

/// 1 for one colour, towards 0 across an edge.
fn alike(a: Colour, b: Colour, contrast: f32) -> f32 {
    0.05 + 0.95 * (-off(a, b) / (2.0 * contrast)).exp()
}

/// The few colours that a part of the picture is painted in.
struct Palette(Vec<(Colour, f32)>);

impl Palette {
    /// k-means; the first centres lie as far from each other as the colours allow.
    fn of(colours: &[Colour]) -> Self {
        let Some(first) = colours.first() else {
            return Self(Vec::new());
        };
        let step = (colours.len() / 4000).max(1);
        let sample: Vec<Colour> = colours.iter().copied().step_by(step).collect();
        let mut centres = vec![*first];
        while centres.len() < COLOURS {
            let near = |colour: &Colour| centres.iter().map(|centre| off(*centre, *colour)).fold(f32::MAX, f32::min);
            let Some(farthest) = sample.iter().max_by(|a, b| near(a).total_cmp(&near(b))) else {
                break;
            };
            centres.push(*farthest);
        }
        let mut counts = vec![0.0; centres.len()];
        for _ in 0..6 {
            let mut sums = vec![([0.0; 3], 0.0); centres.len()];
            for colour in &sample {
                let nearest = (0..centres.len()).min_by(|a, b| off(centres[*a], *colour).total_cmp(&off(centres[*b], *colour)));
                let (sum, count) = &mut sums[nearest.unwrap_or(0)];
                (0..3).for_each(|channel| sum[channel] += colour[channel]);
                *count += 1.0;
            }
            for (at, (sum, count)) in sums.into_iter().enumerate() {
                if count > 0.0 {
                    centres[at] = sum.map(|value| value / count);
                }
                counts[at] = count / sample.len() as f32;
            }
        }
        Self(centres.into_iter().zip(counts).collect())
    }

    /// Minus the logarithm of how well a colour fits here: a mixture of balls of a standard deviation of 16.
    fn cost(&self, colour: Colour) -> f32 {
        let likely: f32 = self
            .0
            .iter()
            .map(|(centre, share)| share * (-off(*centre, colour) / (2.0 * 256.0)).exp())
            .sum();
        -(likely + 1e-6).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::scenes::example;

    /// Intersection over union.
    fn overlap(a: &GrayImage, b: &GrayImage) -> f64 {
        let pairs = || a.iter().zip(b.iter()).map(|(a, b)| (*a > 127, *b > 127));
        let both = pairs().filter(|(a, b)| *a && *b).count() as f64;
        both / pairs().filter(|(a, b)| *a || *b).count().max(1) as f64
    }

    #[test]
    fn the_figure_of_painted_scenes_is_found_better_than_by_its_usual_place() {
        const SIDE: u32 = 192;
        const SCENES: u64 = 20;
        let usual = GrayImage::from_fn(SIDE, SIDE, |x, y| {
            let [x, y] = [x, y].map(|place| place as f32 / SIDE as f32);
            Luma([if ((x - 0.5) / 0.3).powi(2) + ((y - 0.55) / 0.45).powi(2) < 1.0 {
                255
            } else {
                0
            }])
        });
        let (mut found, mut guessed) = (0.0, 0.0);
        for index in 0..SCENES {
            let scene = example(91, index, SIDE);
            found += overlap(&propose(&scene.reference), &scene.reference_mask) / SCENES as f64;
            guessed += overlap(&usual, &scene.reference_mask) / SCENES as f64;
        }
        assert!(found > guessed + 0.03, "mean IoU {found:.3}, of the usual place {guessed:.3}");
    }

    #[test]
    fn a_disc_on_another_colour_is_cut_out() {
        let disc = |x: u32, y: u32| (x as f32 - 50.0).hypot(y as f32 - 55.0) < 25.0;
        let picture = RgbImage::from_fn(100, 100, |x, y| {
            image::Rgb(if disc(x, y) { [200, 60, 40] } else { [90, 150, 220] })
        });
        let mask = propose(&picture);
        let wrong = mask
            .enumerate_pixels()
            .filter(|(x, y, pixel)| disc(*x, *y) != (pixel.0[0] == 255))
            .count();
        assert!(wrong < 60, "{wrong} pixels are wrong");
    }
}
