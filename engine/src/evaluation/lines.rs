//! Do the colours' edges lie where the lines are drawn?

use ::image::{GrayImage, Luma, RgbImage};

use super::case::distance;
use crate::image::lab;

/// Standard deviation of the blur before the gradient, in pixels.
const BLUR: f32 = 1.5;
/// Smallest step that is an edge, in units of CIELAB a pixel after the blur: a difference of 10 across an edge.
const STEP: f32 = 2.0;
/// Edges and lines this far apart are the same.
const TOLERANCE: u8 = 2;
/// Darker than this is a line.
const INK: u8 = 160;

/// Places of edges, white, in a picture: local maxima of the colour gradient along its direction (Canny, 1986; the
/// gradient of a colour picture by Di Zenzo, 1986: the direction in which all channels together change most).
pub fn edges(picture: &RgbImage) -> GrayImage {
    let [width, height] = [picture.width() as usize, picture.height() as usize];
    let pixels = lab::lab_pixels(picture);
    let channels = [0, 1, 2].map(|channel| {
        let plane: Vec<f32> = pixels.iter().map(|color| [color.l, color.a, color.b][channel]).collect();
        blurred(&plane, width, height)
    });
    let at = |plane: &[f32], x: usize, y: usize| plane[y.min(height - 1) * width + x.min(width - 1)];
    // Structure tensor by central differences.
    let gradient = |x: usize, y: usize| {
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for plane in &channels {
            let dx = (at(plane, x + 1, y) - at(plane, x.saturating_sub(1), y)) / 2.0;
            let dy = (at(plane, x, y + 1) - at(plane, x, y.saturating_sub(1))) / 2.0;
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
        }
        let root = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
        (((xx + yy + root) / 2.0).sqrt(), 0.5 * (2.0 * xy).atan2(xx - yy))
    };
    let gradients: Vec<_> = (0..width * height)
        .map(|place| gradient(place % width, place / width))
        .collect();
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let (strength, angle) = gradients[y as usize * width + x as usize];
        let (dx, dy) = (angle.cos().round() as i64, angle.sin().round() as i64);
        let neighbour = |sign: i64| {
            let (x, y) = (i64::from(x) + sign * dx, i64::from(y) + sign * dy);
            let inside = (0..width as i64).contains(&x) && (0..height as i64).contains(&y);
            if inside {
                gradients[y as usize * width + x as usize].0
            } else {
                0.0
            }
        };
        let crest = strength >= STEP && strength >= neighbour(1) && strength > neighbour(-1);
        Luma([if crest { 255 } else { 0 }])
    })
}

/// Gaussian blur, mirrored by clamping at the borders.
fn blurred(plane: &[f32], width: usize, height: usize) -> Vec<f32> {
    let reach = (3.0 * BLUR).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach)
        .map(|tap| (-(tap * tap) as f32 / (2.0 * BLUR * BLUR)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    let along = |source: &[f32], dx: isize, dy: isize| -> Vec<f32> {
        let clamp = |value: isize, side: usize| value.clamp(0, side as isize - 1) as usize;
        (0..width * height)
            .map(|place| {
                let (x, y) = ((place % width) as isize, (place / width) as isize);
                let taps = weights.iter().zip(-reach..);
                taps.map(|(weight, tap)| weight * source[clamp(y + tap * dy, height) * width + clamp(x + tap * dx, width)])
                    .sum::<f32>()
                    / total
            })
            .collect()
    };
    along(&along(plane, 1, 0), 0, 1)
}

/// The lines of a sketch, dark on white, as edges: white.
pub fn ink(sketch: &GrayImage) -> GrayImage {
    GrayImage::from_fn(sketch.width(), sketch.height(), |x, y| {
        Luma([if sketch.get_pixel(x, y)[0] < INK { 255 } else { 0 }])
    })
}

/// How well edges follow lines, each 0..=1: precision and recall of boundaries within a tolerance (Martin, Fowlkes and Malik, 2004), without their matching
/// of one to one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Share of the found edges within 2 pixels of a line.
    pub precision: f32,
    /// Share of the lines within 2 pixels of an edge.
    pub recall: f32,
}

impl Match {
    /// Two edge maps of one size, white where an edge is. No edges at all are never wrong.
    pub fn new(found: &GrayImage, wanted: &GrayImage) -> Self {
        Self {
            precision: covered(found, wanted),
            recall: covered(wanted, found),
        }
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(self) -> f32 {
        2.0 * self.precision * self.recall / (self.precision + self.recall).max(1e-6)
    }
}

/// Share of `edges` within the tolerance of `others`.
fn covered(edges: &GrayImage, others: &GrayImage) -> f32 {
    let size = [edges.width(), edges.height()];
    let near = distance(size, TOLERANCE + 1, |x, y| others.get_pixel(x, y)[0] > 0);
    let on = edges.as_raw().iter().zip(near.as_raw()).filter(|(edge, _)| **edge > 0);
    let (hits, all) = on.fold((0, 0), |(hits, all), (_, near)| {
        (hits + u32::from(*near <= TOLERANCE), all + 1)
    });
    if all == 0 { 1.0 } else { hits as f32 / all as f32 }
}

/// Edges among `places` that no line within 3 pixels explains, as a share of those places (our own measure): a pixel more than for a match, so that
/// only what is clearly elsewhere counts.
pub fn unexplained(edges: &GrayImage, lines: &GrayImage, places: &[usize]) -> f32 {
    let near = distance([edges.width(), edges.height()], TOLERANCE + 2, |x, y| {
        lines.get_pixel(x, y)[0] > 0
    });
    let stray = |place: &&usize| edges.as_raw()[**place] > 0 && near.as_raw()[**place] > TOLERANCE + 1;
    places.iter().filter(stray).count() as f32 / places.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use ::image::Rgb;

    use super::*;

    fn halves(at: u32) -> RgbImage {
        RgbImage::from_fn(40, 24, |x, _| Rgb(if x < at { [220, 60, 60] } else { [60, 60, 220] }))
    }

    fn line(at: u32) -> GrayImage {
        ink(&GrayImage::from_fn(40, 24, |x, _| Luma([if x == at { 0 } else { 255 }])))
    }

    #[test]
    fn an_edge_is_one_pixel_wide_and_where_the_colours_meet() {
        let edges = edges(&halves(20));
        for y in 0..24 {
            let found: Vec<_> = (0..40).filter(|x| edges.get_pixel(*x, y)[0] > 0).collect();
            assert!(found.len() == 1 && (19..=20).contains(&found[0]), "{found:?}");
        }
    }

    #[test]
    fn flat_colour_has_no_edges() {
        let edges = edges(&RgbImage::from_pixel(20, 20, Rgb([9, 99, 199])));
        assert!(edges.pixels().all(|pixel| pixel[0] == 0));
    }

    #[test]
    fn edges_on_the_line_match_and_those_beside_it_do_not() {
        let on = Match::new(&edges(&halves(20)), &line(21));
        assert_eq!((on.precision, on.recall, on.f1()), (1.0, 1.0, 1.0));
        let off = Match::new(&edges(&halves(30)), &line(21));
        assert_eq!((off.precision, off.recall), (0.0, 0.0));
        assert_eq!(off.f1(), 0.0);
        let all: Vec<_> = (0..40 * 24).collect();
        assert_eq!(unexplained(&edges(&halves(20)), &line(21), &all), 0.0);
        assert!((unexplained(&edges(&halves(30)), &line(21), &all) - 1.0 / 40.0).abs() < 1e-6);
    }
}
