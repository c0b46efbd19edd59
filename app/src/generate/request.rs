//! What the document holds, as a request for the engine.

use std::sync::Arc;

use engine::request::{ColorizeRequest, Inputs, Mode, Settings};
use image::{GrayImage, RgbImage};

use crate::document::{Document, Layer, Rect, Role, on_white};

/// What a document lacks for a generation, and how to come by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("There is no sketch. Open a drawing first")]
    Sketch,
    #[error("There is no reference. Open a picture to take the colours from")]
    Reference,
    #[error("The sketch mask is empty. Propose one or paint the figure white, or choose the mode \u{201c}Together\u{201d}")]
    SketchMask,
    #[error(
        "The reference mask is empty. Propose one or paint the figure white, add a background reference, or choose a mode that does without"
    )]
    ReferenceMask,
}

/// The request for the document as it is, with `settings`. Masks that the mode does not use are left out.
pub fn build(document: &Document, settings: &Settings) -> Result<ColorizeRequest, Missing> {
    let sketch = sketch(document).ok_or(Missing::Sketch)?;
    let reference = picture(document.by_role(Role::Reference)).ok_or(Missing::Reference)?;
    let background = picture(document.by_role(Role::Background));
    let mode: Mode = settings.mode;
    let needed = |needed: bool, role: Role, missing: Missing| match needed {
        true => mask(document.by_role(role)).ok_or(missing).map(Some),
        false => Ok(None),
    };
    let sketch_mask = needed(mode.needs_sketch_mask(), Role::SketchMask, Missing::SketchMask)?;
    let reference_mask = needed(
        mode.needs_reference_mask() && background.is_none(),
        Role::ReferenceMask,
        Missing::ReferenceMask,
    )?;
    Ok(ColorizeRequest {
        inputs: Inputs {
            sketch_mask,
            reference_mask,
            background,
            hints: document.canvas().hint_picture().map(Arc::new),
            ..Inputs::new(sketch, reference)
        },
        settings: settings.clone(),
    })
}

/// The colour that is shown under the lines, on white paper: takes and what was painted; None where there is none.
pub fn shown_color(document: &Document) -> Option<Arc<RgbImage>> {
    has_color(document).then(|| {
        let bare = document.canvas().showing(|layer| layer.role != Role::Sketch);
        Arc::new(on_white(&bare.composite(Rect::of(bare.size()))))
    })
}

/// Whether a take or a painted layer is shown.
pub fn has_color(document: &Document) -> bool {
    let color = |layer: &Layer| matches!(layer.role, Role::Take | Role::Paint) && layer.visible;
    document.canvas().layers().any(color)
}

/// The lines of the sketch on white paper: of its layers that are shown, or where none is of those that were hidden together.
pub fn sketch(document: &Document) -> Option<Arc<RgbImage>> {
    let canvas = document.canvas();
    canvas.line_art(Rect::of(canvas.size())).map(Arc::new)
}

/// The layer's pixels on white paper, whether it is shown or not.
pub fn picture(layer: Option<&Layer>) -> Option<Arc<RgbImage>> {
    let grid = layer?.raster()?;
    Some(Arc::new(on_white(&grid.to_picture(Rect::of(grid.size())))))
}

/// The mask's pixels, unless it is empty.
pub fn mask(layer: Option<&Layer>) -> Option<Arc<GrayImage>> {
    let grid = layer?.mask().filter(|grid| !grid.is_blank())?;
    Some(Arc::new(grid.to_gray(Rect::of(grid.size()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, Place, TileGrid};
    use image::{Luma, Rgba, RgbaImage};

    fn settings(mode: Mode) -> Settings {
        Settings {
            mode,
            seed: 7,
            ..Settings::default()
        }
    }

    fn figure(side: u32) -> GrayImage {
        GrayImage::from_pixel(side, side, Luma([255]))
    }

    #[test]
    fn what_is_missing_is_named_in_order() {
        let mut document = Document::new([8, 8]).unwrap();
        assert_eq!(build(&document, &settings(Mode::Split)).unwrap_err(), Missing::Sketch);
        document = Document::from_sketch(&RgbaImage::new(8, 8)).unwrap();
        assert_eq!(build(&document, &settings(Mode::Split)).unwrap_err(), Missing::Reference);
        document.set_reference(Some(&RgbaImage::new(4, 4))).unwrap();
        assert_eq!(build(&document, &settings(Mode::Split)).unwrap_err(), Missing::SketchMask);
        assert!(build(&document, &settings(Mode::Vanilla)).is_ok());
        document.set_mask(Role::SketchMask, &figure(8));
        assert_eq!(build(&document, &settings(Mode::Split)).unwrap_err(), Missing::ReferenceMask);
        assert!(build(&document, &settings(Mode::Foreground)).is_ok());
        document.set_background(Some(&RgbaImage::new(5, 5))).unwrap();
        let inputs = build(&document, &settings(Mode::Split)).unwrap().inputs;
        assert_eq!(inputs.background.unwrap().dimensions(), (5, 5));
        assert!(inputs.reference_mask.is_none());
    }

    #[test]
    fn the_lines_of_every_layer_of_the_sketch_are_asked_with_that_is_shown_or_of_all_where_none_is() {
        let line = |at: u32| RgbaImage::from_fn(4, 1, |x, _| Rgba(if x == at { [0, 0, 0, 255] } else { [255; 4] }));
        let mut document = Document::from_sketch(&line(0)).unwrap();
        document.set_reference(Some(&RgbaImage::new(4, 4))).unwrap();
        let asked = |document: &Document| {
            let sketch = build(document, &settings(Mode::Vanilla)).unwrap().inputs.sketch;
            [0, 1, 2, 3].map(|x| sketch.get_pixel(x, 0).0[0])
        };
        let first = document.by_role(Role::Sketch).unwrap().id;
        document.layer_mut(first).unwrap().visible = false;
        assert_eq!(asked(&document), [0, 255, 255, 255]);
        let scan = Layer::new(Role::Paint, "Hair", Pixels::Raster(TileGrid::from_picture(&line(2))));
        let second = scan.id;
        document.canvas_mut().insert(scan, Place::Above(first));
        assert_eq!(asked(&document), [0, 255, 255, 255]);
        document.canvas_mut().toggle_sketch(second).unwrap();
        assert_eq!(asked(&document), [255, 255, 0, 255]);
        document.layer_mut(second).unwrap().visible = false;
        assert_eq!(asked(&document), [0, 255, 0, 255]);
    }

    #[test]
    fn the_colour_to_start_from_is_what_shows_under_the_lines() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 255]))).unwrap();
        assert!(shown_color(&document).is_none());
        let take = document.place_take(&RgbImage::from_pixel(8, 8, image::Rgb([10, 200, 30])), String::new());
        let color = shown_color(&document).unwrap();
        assert_eq!(color.get_pixel(7, 7).0, [10, 200, 30]);
        assert!(
            document.by_role(Role::Sketch).unwrap().visible,
            "the document stays as it was"
        );
        document.layer_mut(take).unwrap().visible = false;
        assert!(shown_color(&document).is_none());
    }

    #[test]
    fn pictures_come_on_white_and_masks_at_their_own_size() {
        let mut sketch = RgbaImage::new(8, 8);
        sketch.put_pixel(1, 1, Rgba([0, 0, 0, 255]));
        let mut document = Document::from_sketch(&sketch).unwrap();
        document
            .set_reference(Some(&RgbaImage::from_pixel(4, 4, Rgba([9, 8, 7, 255]))))
            .unwrap();
        document.set_mask(Role::SketchMask, &figure(8));
        document.set_mask(Role::ReferenceMask, &figure(4));
        let ColorizeRequest { inputs, settings } = build(&document, &settings(Mode::Split)).unwrap();
        assert_eq!(
            (inputs.sketch.get_pixel(0, 0).0, inputs.sketch.get_pixel(1, 1).0),
            ([255; 3], [0; 3])
        );
        assert_eq!(inputs.reference.get_pixel(3, 3).0, [9, 8, 7]);
        assert_eq!(inputs.sketch_mask.unwrap().dimensions(), (8, 8));
        assert_eq!(inputs.reference_mask.unwrap().dimensions(), (4, 4));
        assert_eq!(settings.seed, 7);
    }
}
