//! Masks: one channel, white (255) where the figure is.

use image::imageops::{self, FilterType};
use image::{GrayImage, Rgb, RgbImage, RgbaImage};

use super::rect::Rect;
use super::tile::TileGrid;

impl TileGrid<u8> {
    /// A mask of `size` from any gray picture; one of another size is stretched to fit.
    pub fn mask_from(picture: &GrayImage, size: [u32; 2]) -> Self {
        if picture.dimensions() == (size[0], size[1]) {
            return Self::with_pixels(size, [0, 0], size[0], picture.as_raw());
        }
        let fitted = imageops::resize(picture, size[0], size[1], FilterType::Triangle);
        Self::with_pixels(size, [0, 0], size[0], fitted.as_raw())
    }

    /// `area` as a picture.
    pub fn to_gray(&self, area: Rect) -> GrayImage {
        GrayImage::from_raw(area.width(), area.height(), self.copy(area)).expect("one byte a pixel")
    }

    /// Figure becomes background and the other way round.
    pub fn inverted(&self) -> Self {
        let area = Rect::of(self.size());
        let pixels: Vec<u8> = self.copy(area).iter().map(|value| 255 - value).collect();
        Self::with_pixels(self.size(), [0, 0], area.width(), &pixels)
    }
}

impl TileGrid<[u8; 4]> {
    pub fn from_picture(picture: &RgbaImage) -> Self {
        Self::with_pixels(
            picture.dimensions().into(),
            [0, 0],
            picture.width(),
            picture.as_raw().as_chunks().0,
        )
    }

    /// The pixels of a picture that covers all.
    pub fn from_opaque(picture: &RgbImage) -> Self {
        let pixels: Vec<[u8; 4]> = picture.pixels().map(|&Rgb([r, g, b])| [r, g, b, 255]).collect();
        Self::with_pixels(picture.dimensions().into(), [0, 0], picture.width(), &pixels)
    }

    /// `area` as a picture.
    pub fn to_picture(&self, area: Rect) -> RgbaImage {
        RgbaImage::from_raw(area.width(), area.height(), self.copy(area).into_flattened()).expect("four bytes a pixel")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_of_another_size_is_stretched() {
        let picture = GrayImage::from_raw(2, 1, vec![0, 255]).unwrap();
        let mask = TileGrid::mask_from(&picture, [4, 2]);
        assert_eq!(mask.copy(Rect::new(0, 1, 4, 2)), [0, 64, 191, 255]);
    }

    #[test]
    fn inverting_swaps_figure_and_background() {
        let mask = TileGrid::with_pixels([2, 2], [0, 0], 2, &[0, 255, 100, 0]);
        assert_eq!(mask.inverted().copy(Rect::of([2, 2])), [255, 0, 155, 255]);
    }
}
