//! The board as one picture: references across the top, sketches down the side, a take for each pair.

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::generate::compose::SURROUND;

/// Between pictures, in pixels.
const GAP: u32 = 8;

/// A sheet that is filled picture by picture, so that a large board need not be in memory as a whole.
pub struct Sheet {
    picture: RgbImage,
    side: u32,
}

impl Sheet {
    /// For `rows` sketches and `columns` references, each picture fitted into a square of `side` pixels. The side shrinks where the sheet would
    /// pass 16384 pixels.
    pub fn new(rows: usize, columns: usize, side: u32) -> Self {
        let places = rows.max(columns) as u32 + 1;
        let side = side.min((16_384 / places).saturating_sub(GAP)).max(8);
        let length = |places: usize| (places as u32 + 1) * (side + GAP) + GAP;
        Self {
            picture: RgbImage::from_pixel(length(columns), length(rows), SURROUND),
            side,
        }
    }

    /// The sketch at the head of a row.
    pub fn sketch(&mut self, row: usize, picture: &RgbImage) {
        self.place(row + 1, 0, picture);
    }

    /// The reference at the head of a column.
    pub fn reference(&mut self, column: usize, picture: &RgbImage) {
        self.place(0, column + 1, picture);
    }

    pub fn take(&mut self, row: usize, column: usize, picture: &RgbImage) {
        self.place(row + 1, column + 1, picture);
    }

    pub fn into_picture(self) -> RgbImage {
        self.picture
    }

    fn place(&mut self, row: usize, column: usize, picture: &RgbImage) {
        let scale = f64::from(self.side) / f64::from(picture.width().max(picture.height()).max(1));
        let [width, height] = [picture.width(), picture.height()].map(|side| ((f64::from(side) * scale).round() as u32).max(1));
        let small = imageops::resize(picture, width, height, FilterType::Triangle);
        let corner = |place: usize, length: u32| i64::from(GAP + place as u32 * (self.side + GAP) + (self.side - length) / 2);
        imageops::replace(&mut self.picture, &small, corner(column, width), corner(row, height));
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn every_picture_has_its_place() {
        let mut sheet = Sheet::new(2, 3, 16);
        sheet.reference(2, &RgbImage::from_pixel(4, 4, Rgb([255, 0, 0])));
        sheet.sketch(1, &RgbImage::from_pixel(4, 4, Rgb([0, 255, 0])));
        sheet.take(1, 2, &RgbImage::from_pixel(8, 4, Rgb([0, 0, 255])));
        let picture = sheet.into_picture();
        assert_eq!(picture.dimensions(), (4 * 24 + 8, 3 * 24 + 8));
        let middle = |column: u32, row: u32| picture.get_pixel(16 + 24 * column, 16 + 24 * row).0;
        assert_eq!(
            (middle(3, 0), middle(0, 2), middle(3, 2)),
            ([255, 0, 0], [0, 255, 0], [0, 0, 255])
        );
        assert_eq!(
            picture.get_pixel(16 + 24 * 3, 8 + 24 * 2 + 1).0,
            SURROUND.0,
            "a wide picture is not stretched"
        );
        assert_eq!(middle(0, 0), SURROUND.0);
    }

    #[test]
    fn a_large_board_gets_small_pictures() {
        let picture = Sheet::new(400, 2, 256).into_picture();
        assert!(picture.height() <= 16_384, "{}", picture.height());
    }
}
