//! Another size of the canvas, with all that lies on it: more or less paper around it, or the picture itself larger or smaller.

use super::lifted::tight;
use super::transform::{Quality, scaled};
use crate::document::{DocumentError, Sheet};

/// What becomes of a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resize {
    /// `[width, height]` in pixels. What is on it keeps its size and stays at one side, for each axis -1, left or above, to 1; what reaches outside is cut off.
    Canvas { size: [u32; 2], anchor: [i32; 2] },
    /// Cut to the smallest rectangle around what is selected.
    Crop,
    /// All that is on it is scaled to `[width, height]` in pixels.
    Scale([u32; 2]),
}

impl Resize {
    /// What the history calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Canvas { .. } => "Change the canvas size",
            Self::Crop => "Crop to the selection",
            Self::Scale(_) => "Scale the picture",
        }
    }

    /// The canvas as it becomes; none where it stays as it is. Takes time: not for the thread that draws.
    pub fn of(self, canvas: &Sheet) -> Result<Option<Sheet>, DocumentError> {
        let old = canvas.size();
        let (size, at) = match self {
            Self::Scale(size) if size == old => return Ok(None),
            Self::Scale(size) => {
                let fine = Quality::Fine;
                let canvas = canvas.resized(size, |grid| scaled(grid, size, fine), |mask| scaled(mask, size, fine));
                return canvas.map(Some);
            }
            Self::Canvas { size, anchor } => {
                let more = [0, 1].map(|axis| size[axis] as i32 - old[axis] as i32);
                (size, [0, 1].map(|axis| more[axis] * (1 + anchor[axis]) / 2))
            }
            Self::Crop => {
                let Some(area) = canvas.selection().map(tight) else {
                    return Ok(None);
                };
                ([area.width(), area.height()], [-(area.left as i32), -(area.top as i32)])
            }
        };
        if size == old {
            return Ok(None);
        }
        let canvas = canvas.resized(size, |grid| grid.placed(size, at), |mask| mask.placed(size, at));
        canvas.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Combine, Document, History, Layer, MAX_SIDE, Role, Side, TileGrid};
    use image::{Rgba, RgbaImage};

    const DOT: [u8; 4] = [200, 0, 0, 255];

    /// White paper of 40 by 30 pixels with a red one at 10, 20.
    fn document() -> Document {
        let mut picture = RgbaImage::from_pixel(40, 30, Rgba([255; 4]));
        picture.put_pixel(10, 20, Rgba(DOT));
        Document::from_sketch(&picture).unwrap()
    }

    fn resized(document: &Document, how: Resize) -> Sheet {
        how.of(document.canvas()).unwrap().unwrap()
    }

    fn sketch(canvas: &Sheet, [x, y]: [u32; 2]) -> [u8; 4] {
        canvas.by_role(Role::Sketch).and_then(Layer::raster).unwrap().pixel(x, y)
    }

    #[test]
    fn what_is_there_stays_at_the_side_that_is_chosen() {
        let document = document();
        for (size, anchor, dot) in [
            ([60, 50], [-1, -1], [10, 20]),
            ([60, 50], [0, 0], [20, 30]),
            ([60, 50], [1, 1], [30, 40]),
            ([60, 20], [1, 1], [30, 10]),
            ([20, 24], [0, 0], [0, 17]),
        ] {
            let canvas = resized(&document, Resize::Canvas { size, anchor });
            assert_eq!((canvas.size(), sketch(&canvas, dot)), (size, DOT), "{size:?} {anchor:?}");
        }
        let larger = Resize::Canvas {
            size: [60, 50],
            anchor: [0, 0],
        };
        assert_eq!(
            sketch(&resized(&document, larger), [0, 0]),
            [0; 4],
            "what is new is transparent"
        );
    }

    #[test]
    fn a_canvas_is_cut_to_what_is_selected() {
        let mut document = document();
        assert!(Resize::Crop.of(document.canvas()).unwrap().is_none(), "nothing is selected");
        let shape = TileGrid::with_pixels([40, 30], [9, 18], 4, &[255, 0, 0, 0, 0, 0, 0, 1]);
        document.select(Side::Canvas, &shape, Combine::Replace);
        let canvas = resized(&document, Resize::Crop);
        assert_eq!(canvas.size(), [4, 2]);
        document.select_all(Side::Canvas);
        assert!(Resize::Crop.of(document.canvas()).unwrap().is_none(), "nothing is cut off");
    }

    #[test]
    fn a_picture_is_scaled_with_its_mask_and_selection() {
        let mut document = document();
        document.select_all(Side::Canvas);
        let canvas = resized(&document, Resize::Scale([80, 90]));
        assert!(canvas.layers().all(|layer| layer.size() == [80, 90]));
        let [r, g, ..] = sketch(&canvas, [20, 61]);
        assert!(r > 200 && g < 60, "{r} {g}");
        assert_eq!(sketch(&canvas, [79, 89]), [255; 4]);
        assert_eq!(canvas.selection().map(|selection| selection.pixel(79, 89)), Some(255));
        assert!(Resize::Scale([40, 30]).of(document.canvas()).unwrap().is_none());
        assert!(Resize::Scale([40, MAX_SIDE + 1]).of(document.canvas()).is_err());
    }

    #[test]
    fn the_history_goes_from_one_size_to_the_other() {
        let (mut document, mut history) = (document(), History::default());
        let cut = Resize::Canvas {
            size: [20, 30],
            anchor: [1, 0],
        };
        for how in [cut, Resize::Scale([50, 50])] {
            let canvas = resized(&document, how);
            history.edit(&mut document, how.label(), |document| *document.canvas_mut() = canvas);
        }
        let mut sizes = vec![document.canvas().size()];
        while history.undo(&mut document).is_some() {
            sizes.push(document.canvas().size());
        }
        assert_eq!(sizes, [[50, 50], [20, 30], [40, 30]]);
        assert_eq!(sketch(document.canvas(), [10, 20]), DOT, "what was cut off is back");
        assert_eq!(history.redo(&mut document), Some("Change the canvas size"));
        assert_eq!(document.canvas().size(), [20, 30]);
    }
}
