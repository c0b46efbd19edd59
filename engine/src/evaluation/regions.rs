//! Colour error of the parts of a scene.

use std::collections::BTreeMap;

use ::image::{GrayImage, RgbImage};

use super::case::distance;
use crate::image::lab::{self, Lab};

/// Pixels within this distance of a line or of another part are not counted.
const BORDER: u8 = 2;
/// Parts with fewer pixels left than this are passed over.
const FEWEST: usize = 24;

/// Parts of a scene, by the pixels well inside them.
pub struct Parts(BTreeMap<u8, Vec<usize>>);

impl Parts {
    /// `regions` is 0 where nothing is, `lines` dark on white; both of the picture's size.
    pub fn new(regions: &GrayImage, lines: &GrayImage) -> Self {
        let size @ [width, height] = [regions.width(), regions.height()];
        let differs = |x: u32, y: u32| {
            let own = regions.get_pixel(x, y);
            (x + 1 < width && regions.get_pixel(x + 1, y) != own) || (y + 1 < height && regions.get_pixel(x, y + 1) != own)
        };
        let near = distance(size, BORDER + 1, |x, y| lines.get_pixel(x, y)[0] < 128 || differs(x, y));
        let mut parts = BTreeMap::<u8, Vec<usize>>::new();
        for (place, (region, near)) in regions.as_raw().iter().zip(near.as_raw()).enumerate() {
            if *region != 0 && *near > BORDER {
                parts.entry(*region).or_default().push(place);
            }
        }
        parts.retain(|_, places| places.len() >= FEWEST);
        Self(parts)
    }

    /// Numbers of the parts and the means of their colours in `picture`, in the order of the numbers.
    pub fn means(&self, picture: &RgbImage) -> Vec<(u8, Lab)> {
        let pixels = lab::lab_pixels(picture);
        let mean = |places: &Vec<usize>| lab::mean(places.iter().map(|place| pixels[*place])).expect("a part has pixels");
        self.0.iter().map(|(part, places)| (*part, mean(places))).collect()
    }

    /// CIEDE2000 between the mean colours of every part in the result and in the truth.
    pub fn errors(&self, result: &RgbImage, truth: &RgbImage) -> Vec<(u8, f32)> {
        let pairs = self.means(result).into_iter().zip(self.means(truth));
        pairs
            .map(|((part, result), (_, truth))| (part, lab::difference(result, truth)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use ::image::{Luma, Rgb};

    use super::*;

    #[test]
    fn a_parts_border_and_its_lines_are_not_counted() {
        let regions = GrayImage::from_fn(32, 16, |x, _| Luma([if x < 16 { 1 } else { 100 }]));
        let blank = GrayImage::from_pixel(32, 16, Luma([255]));
        let truth = RgbImage::from_pixel(32, 16, Rgb([200, 40, 40]));
        // Wrong only within two pixels of where the parts meet, and one part in another colour.
        let result = RgbImage::from_fn(32, 16, |x, _| Rgb(if x < 13 { [200, 40, 40] } else { [20, 40, 200] }));
        let errors = Parts::new(&regions, &blank).errors(&result, &truth);
        assert_eq!(errors.iter().map(|error| error.0).collect::<Vec<_>>(), [1, 100]);
        assert_eq!(errors[0].1, 0.0);
        assert!(errors[1].1 > 30.0);
        // A line over the whole of a part leaves nothing of it.
        let inked = GrayImage::from_fn(32, 16, |x, _| Luma([if x < 16 { 0 } else { 255 }]));
        assert_eq!(Parts::new(&regions, &inked).errors(&result, &truth).len(), 1);
    }
}
