//! Spatial entanglement, as the paper calls it (section 1): what happens on one side when the reference changes on the other. The paper shows it in
//! pictures; these measures of it are our own.

use ::image::{GrayImage, RgbImage};

use super::case::distance;
use super::palette::Palette;
use crate::image::lab::{self, Lab};

/// Pixels within this distance of the mask's edge belong to neither side.
pub const BORDER: u8 = 8;

/// The two sides of a picture, away from the edge between them: places in row order.
pub struct Sides {
    pub figure: Vec<usize>,
    pub ground: Vec<usize>,
}

impl Sides {
    /// `mask` is white where the figure is.
    pub fn new(mask: &GrayImage) -> Self {
        let size = [mask.width(), mask.height()];
        let inside = |x: u32, y: u32| mask.get_pixel(x, y)[0] >= 128;
        let from_figure = distance(size, BORDER + 1, inside);
        let from_ground = distance(size, BORDER + 1, |x, y| !inside(x, y));
        let far = |near: GrayImage| {
            let places = near.into_raw().into_iter().enumerate();
            places.filter(|(_, near)| *near > BORDER).map(|(place, _)| place).collect()
        };
        Self {
            figure: far(from_ground),
            ground: far(from_figure),
        }
    }
}

/// Mean CIEDE2000 between two pictures over `places`; 0 of no places.
pub fn change(one: &RgbImage, other: &RgbImage, places: &[usize]) -> f32 {
    let [one, other] = [one, other].map(lab::lab_pixels);
    let sum: f32 = places.iter().map(|place| lab::difference(one[*place], other[*place])).sum();
    sum / places.len().max(1) as f32
}

/// Colours of `picture` at `places`.
pub fn colors(picture: &RgbImage, places: &[usize]) -> Vec<Lab> {
    let pixels = lab::lab_pixels(picture);
    places.iter().map(|place| pixels[*place]).collect()
}

/// Share, 0..=1, of `background`'s pixels that are nearer to the palette of the reference's figure than to that of its
/// background, less the share that a figure of another picture, `control`, would have had by chance.
pub fn foreign_share(background: &[Lab], figure: &Palette, ground: &Palette, control: &Palette) -> f32 {
    let share = |other: &Palette| {
        let nearer = background
            .iter()
            .filter(|color| other.gap(**color) < ground.gap(**color))
            .count();
        nearer as f32 / background.len().max(1) as f32
    };
    share(figure) - share(control)
}

#[cfg(test)]
mod tests {
    use ::image::{Luma, Rgb};

    use super::*;

    #[test]
    fn the_rim_belongs_to_neither_side() {
        let mask = GrayImage::from_fn(60, 1, |x, _| Luma([if x < 30 { 255 } else { 0 }]));
        let Sides { figure, ground } = Sides::new(&mask);
        assert_eq!((figure.len(), *figure.last().unwrap()), (22, 21));
        assert_eq!((ground.len(), ground[0]), (22, 38));
    }

    #[test]
    fn only_what_changed_counts() {
        let one = RgbImage::from_pixel(4, 1, Rgb([90, 90, 90]));
        let mut other = one.clone();
        other.put_pixel(3, 0, Rgb([255, 0, 0]));
        assert_eq!(change(&one, &other, &[0, 1, 2]), 0.0);
        assert!(change(&one, &other, &[2, 3]) > 10.0);
        assert_eq!(change(&one, &other, &[]), 0.0);
    }

    #[test]
    fn colours_of_the_figure_in_the_background_are_foreign() {
        let flat = |l: f32| Palette::new(&[Lab::new(l, 0.0, 0.0)]);
        let background = [Lab::new(80.0, 0.0, 0.0), Lab::new(22.0, 0.0, 0.0)];
        assert_eq!(foreign_share(&background, &flat(20.0), &flat(80.0), &flat(150.0)), 0.5);
        assert_eq!(foreign_share(&background, &flat(20.0), &flat(80.0), &flat(21.0)), 0.0);
    }
}
