//! What a live picture follows from, and how the next one follows from it.

use std::hash::{DefaultHasher, Hash, Hasher};

use engine::event::Take;
use engine::request::{ColorizeRequest, Inputs, Settings};

use crate::document::{Document, Layer, Role};

/// What a picture was asked with.
#[derive(Clone)]
pub(super) struct Asked {
    pub inputs: Inputs,
    pub settings: Settings,
}

/// Lets a picture begin with the one before it, where nothing but the sketch is another. Not where that has other colours, or has them elsewhere: it would
/// keep them.
pub(super) fn go_on(request: &mut ColorizeRequest, (take, asked): &(Take, Asked), change: f32) {
    let (new, inputs) = (&request.inputs, &asked.inputs);
    let alike = new.sketch_mask == inputs.sketch_mask
        && new.hints == inputs.hints
        && new.reference == inputs.reference
        && new.reference_mask == inputs.reference_mask
        && new.background == inputs.background
        && new.injection == inputs.injection;
    let settings = Settings {
        start_strength: asked.settings.start_strength,
        ..request.settings.clone()
    };
    if alike && settings == asked.settings {
        request.inputs.start = Some(take.picture.clone());
        request.settings.start_strength = change;
    }
}

/// Names what of a document a generation follows from: equal numbers are equal pixels.
pub(super) fn fingerprint(document: &Document) -> u64 {
    let mut hasher = DefaultHasher::new();
    for role in [Role::SketchMask, Role::Reference, Role::ReferenceMask, Role::Background] {
        let layer = document.by_role(role);
        layer.map(|layer| (layer.id, layer.size(), layer.stamp())).hash(&mut hasher);
    }
    let canvas = document.canvas();
    let name = |layer: &Layer| (layer.id, layer.stamp());
    let lines = canvas.line_layers().into_iter();
    let (sketches, hints): (Vec<_>, Vec<_>) = (lines.map(name).collect(), canvas.hints().map(name).collect());
    (canvas.size(), sketches, hints).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, TileGrid};
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    #[test]
    fn a_take_changes_nothing_that_a_generation_follows_from_and_a_mask_does() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(30, 30, Rgba([255; 4]))).unwrap();
        let before = fingerprint(&document);
        document.place_take(&RgbImage::from_pixel(30, 30, Rgb([9; 3])), String::new());
        assert_eq!(fingerprint(&document), before);
        document.set_mask(Role::SketchMask, &image::GrayImage::from_pixel(30, 30, image::Luma([255])));
        assert_ne!(fingerprint(&document), before);
    }

    #[test]
    fn a_picture_goes_on_from_the_last_where_only_the_sketch_has_changed() {
        use std::sync::Arc;
        use std::time::Duration;

        let picture = |value: u8| Arc::new(RgbImage::from_pixel(8, 8, Rgb([value; 3])));
        let mask = |value: u8| Some(Arc::new(image::GrayImage::from_pixel(8, 8, image::Luma([value]))));
        let inputs = Inputs {
            sketch_mask: mask(0),
            ..Inputs::new(picture(255), picture(9))
        };
        let settings = Settings::default();
        let take = Take {
            picture: picture(7),
            settings: settings.clone(),
            model: engine::event::ModelIdentity {
                name: String::new(),
                hash: String::new(),
            },
            elapsed: Duration::ZERO,
        };
        let asked = Asked {
            inputs: inputs.clone(),
            settings: settings.clone(),
        };
        let last = (take, asked);
        let goes_on = |change: &dyn Fn(&mut Inputs)| {
            let mut inputs = inputs.clone();
            change(&mut inputs);
            let mut request = ColorizeRequest {
                inputs,
                settings: settings.clone(),
            };
            go_on(&mut request, &last, 0.5);
            request.inputs.start.is_some()
        };
        assert!(goes_on(&|_| {}));
        assert!(goes_on(&|inputs| inputs.sketch = picture(200)));
        assert!(!goes_on(&|inputs| inputs.sketch_mask = mask(255)));
        assert!(!goes_on(
            &|inputs| inputs.hints = Some(Arc::new(RgbaImage::from_pixel(8, 8, Rgba([9; 4]))))
        ));
        assert!(!goes_on(&|inputs| inputs.reference = picture(8)));
    }

    #[test]
    fn every_layer_of_the_sketch_counts_that_shows_or_all_where_none_does() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(30, 30, Rgba([255; 4]))).unwrap();
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        let second = document.canvas_mut().duplicate(sketch).unwrap();
        let one = fingerprint(&document);
        document.canvas_mut().toggle_sketch(second).unwrap();
        let both = fingerprint(&document);
        assert_ne!(both, one);
        document.layer_mut(second).unwrap().visible = false;
        assert_eq!(fingerprint(&document), one);
        let layer = document.layer_mut(sketch).unwrap();
        (layer.visible, layer.opacity) = (false, 0.1);
        assert_eq!(fingerprint(&document), both);
        let dot = TileGrid::with_pixels([30, 30], [4, 4], 1, &[[0, 0, 0, 255]]);
        document.layer_mut(second).unwrap().pixels = Pixels::Raster(dot);
        assert_ne!(fingerprint(&document), both, "it is drawn on, though nothing of it shows");
    }

    #[test]
    fn a_hint_is_a_change_and_so_is_hiding_it() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(30, 30, Rgba([255; 4]))).unwrap();
        let bare = fingerprint(&document);
        let hints = document.add_hints(Some(&RgbaImage::from_pixel(30, 30, Rgba([200, 30, 40, 255]))));
        let hinted = fingerprint(&document);
        assert_ne!(hinted, bare);
        document.layer_mut(hints).unwrap().opacity = 0.1;
        assert_eq!(fingerprint(&document), hinted, "how it shows changes no picture");
        document.layer_mut(hints).unwrap().visible = false;
        assert_eq!(fingerprint(&document), bare);
    }
}
