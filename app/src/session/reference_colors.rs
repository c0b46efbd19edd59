//! The reference's own colours, found away from the window whenever the reference or its mask has changed.

use engine::image::palette::palette;
use image::Rgb;

use super::Session;
use crate::document::{Document, Layer, Role, TileGrid};

/// Colours of each side.
const COUNT: usize = 8;
/// Pixels of the longer side that are looked at.
const DETAIL: u32 = 256;

/// What the reference is made of, the most frequent colours first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceColors {
    /// Of the figure; empty without a mask.
    pub figure: Vec<[u8; 3]>,
    /// Of all else.
    pub background: Vec<[u8; 3]>,
}

/// The colours, and what they were extracted from.
#[derive(Default)]
pub(super) struct Extraction {
    colors: ReferenceColors,
    /// Stamps of the pictures and the mask that the colours, or those under way, are of.
    of: Vec<u64>,
    under_way: bool,
}

impl Session {
    /// The colours of the reference; for the background those of the background reference, where there is one.
    pub fn reference_colors(&self) -> &ReferenceColors {
        &self.reference_colors.colors
    }

    /// Whether those colours are looked for, so that there may be others soon.
    pub fn is_extracting_reference_colors(&self) -> bool {
        self.reference_colors.under_way
    }

    /// Looks for the colours anew if the reference is another one. One search at a time, and none in mid-stroke.
    pub(super) fn extract_reference_colors(&mut self) {
        let Some(document) = self.document.as_ref().filter(|_| !self.reference_colors.under_way) else {
            return;
        };
        if self.toolbox.is_active() {
            return;
        }
        let roles = [Role::Reference, Role::ReferenceMask, Role::Background];
        let of: Vec<u64> = roles.map(|role| document.by_role(role).map_or(0, Layer::stamp)).into();
        if of == self.reference_colors.of {
            return;
        }
        self.reference_colors.of = of;
        self.reference_colors.under_way = true;
        let document = document.clone();
        self.files
            .run_then(move || Ok(extract(&document)), Self::receive_reference_colors);
    }

    fn receive_reference_colors(&mut self, found: Result<ReferenceColors, String>) {
        self.reference_colors.under_way = false;
        match found {
            Ok(colors) => self.reference_colors.colors = colors,
            Err(words) => self.warn(words),
        }
    }
}

fn extract(document: &Document) -> ReferenceColors {
    let raster = |role| document.by_role(role).and_then(Layer::raster);
    let mask = document.by_role(Role::ReferenceMask).and_then(Layer::mask);
    let (mut figure, mut background) = (Vec::new(), Vec::new());
    for (x, y, color) in raster(Role::Reference).into_iter().flat_map(sampled) {
        match mask.is_some_and(|mask| mask.pixel(x, y) >= 128) {
            true => figure.push(color),
            false => background.push(color),
        }
    }
    if let Some(own) = raster(Role::Background) {
        background = sampled(own).map(|(.., color)| color).collect();
    }
    let colors = |pixels: &[Rgb<u8>]| palette(pixels, COUNT).into_iter().map(|swatch| swatch.color.0).collect();
    ReferenceColors {
        figure: colors(&figure),
        background: colors(&background),
    }
}

/// Pixels at even distances, where there is paint.
fn sampled(grid: &TileGrid<[u8; 4]>) -> impl Iterator<Item = (u32, u32, Rgb<u8>)> {
    let [width, height] = grid.size();
    let stride = (width.max(height) / DETAIL).max(1);
    let rows = (0..height).step_by(stride as usize);
    let all = rows.flat_map(move |y| (0..width).step_by(stride as usize).map(move |x| (x, y)));
    all.filter_map(|(x, y)| match grid.pixel(x, y) {
        [_, _, _, 0..128] => None,
        [r, g, b, _] => Some((x, y, Rgb([r, g, b]))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgba, RgbaImage};

    #[test]
    fn figure_and_background_have_colours_of_their_own() {
        let mut document = Document::from_sketch(&RgbaImage::new(8, 8)).unwrap();
        assert_eq!(extract(&document), ReferenceColors::default());
        let color = |x: u32| Rgba(if x < 300 { [200, 30, 40, 255] } else { [20, 60, 200, 255] });
        document
            .set_reference(Some(&RgbaImage::from_fn(600, 300, |x, _| color(x))))
            .unwrap();
        let whole = extract(&document);
        assert_eq!((whole.figure.len(), whole.background.len()), (0, 2));
        let mask = GrayImage::from_fn(600, 300, |x, _| Luma([if x < 300 { 255 } else { 0 }]));
        document.set_mask(Role::ReferenceMask, &mask);
        let split = extract(&document);
        assert_eq!(split.figure, [[200, 30, 40]]);
        assert_eq!(split.background, [[20, 60, 200]]);
        document
            .set_background(Some(&RgbaImage::from_pixel(9, 9, Rgba([1, 99, 1, 255]))))
            .unwrap();
        assert_eq!(extract(&document).background, [[1, 99, 1]]);
    }
}
