//! What a job's pictures come to before the first step, as far as it is not kept from an earlier job.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::ControlFlow;

use ::image::{Luma, Rgb, RgbImage};
use burn::tensor::{Device, Tensor};

use super::cache::{Model, key};
use super::conditioning::{Background, Features, SketchMaps, all_tokens, background_tokens, image_tower, patches, sketch_maps};
use super::hints::Hints;
use super::manipulation::{Words, manipulated};
use crate::extract::hints::hinted;
use crate::extract::reference_mask;
use crate::image::{self, Placement, mask};
use crate::model::vae::Observer;
use crate::request::{HintSettings, Inputs, Settings};

/// The release widens a reference's mask by this many pixels on every side, so that no rim of the figure is taken for background.
pub const DILATION: usize = 5;
/// Where a proposed mask is above this is figure: what a person chooses for their own masks says nothing of it.
pub const PROPOSED: f32 = 0.5;

/// The scaled latent of the picture that a job starts from, if there is one, laid where the sketch lies.
pub fn start_latent(
    model: &mut Model,
    inputs: &Inputs,
    placement: Placement,
    size: [u32; 2],
    device: &Device,
    observer: &mut Observer<'_, ()>,
) -> ControlFlow<(), Option<Tensor<4>>> {
    let Some(picture) = &inputs.start else {
        return ControlFlow::Continue(None);
    };
    let Model { loaded, starts, .. } = model;
    let facts = format!("{:?} {placement:?} {size:?}", picture.dimensions());
    let latent = starts.get_observed(key(&[facts.as_bytes(), picture.as_raw()]), || {
        let placed = image::place_picture(picture, placement, size, device);
        let posterior = loaded.networks.vae.encode_observed(placed, observer)?;
        ControlFlow::Continue(posterior.mode() * loaded.config.latent_scale)
    })?;
    ControlFlow::Continue(Some(latent))
}

/// The hints of a job, if there are any that count.
pub fn hints(
    model: &mut Model,
    inputs: &Inputs,
    HintSettings { strength, spread }: HintSettings,
    placement: Placement,
    size: [u32; 2],
    device: &Device,
    observer: &mut Observer<'_, ()>,
) -> ControlFlow<(), Option<Hints>> {
    let Some(painted) = inputs.hints.as_ref().filter(|_| strength > 0.0) else {
        return ControlFlow::Continue(None);
    };
    let Model { loaded, hints, .. } = model;
    let mask = inputs.sketch_mask.as_deref();
    let facts = format!(
        "{:?} {:?} {:?} {spread} {placement:?} {size:?}",
        painted.dimensions(),
        inputs.sketch.dimensions(),
        mask.map(|mask| mask.dimensions()),
    );
    let mask_bytes = mask.map_or(&[][..], |mask| &mask.as_raw()[..]);
    let key = key(&[facts.as_bytes(), painted.as_raw(), inputs.sketch.as_raw(), mask_bytes]);
    hints.get_observed(key, || {
        let Some(hinted) = hinted(painted, &inputs.sketch, mask, spread) else {
            return ControlFlow::Continue(None);
        };
        let (vae, config) = (&loaded.networks.vae, &loaded.config);
        let hints = Hints::new(vae, config, &hinted, placement, size, device, observer)?;
        ControlFlow::Continue(Some(hints))
    })
}

/// A background picture without the figure that it is proposed to have.
fn without_figure(picture: &RgbImage) -> RgbImage {
    let picture = image::bounded(picture);
    let figure = mask::from_bytes(&reference_mask::propose(&picture));
    mask::whiten(&picture, &mask::dilate(&figure, DILATION), PROPOSED)
}

/// What the networks make of the pictures, and where the sketch lies.
pub fn features(
    model: &mut Model,
    inputs: &Inputs,
    settings: &Settings,
    words: &[Words<'_>],
    size: [u32; 2],
    device: &Device,
) -> (Features, Placement) {
    let Model {
        loaded,
        tokens: kept,
        sketches,
        ..
    } = model;
    let (networks, config) = (&loaded.networks, &loaded.config);
    let mode = settings.mode;

    let placement = Placement::new(inputs.sketch.dimensions().into(), size);
    let facts = format!("{:?} {size:?} {:?}", inputs.sketch.dimensions(), settings.sketch_preprocess);
    let sketch: SketchMaps = sketches.get(key(&[facts.as_bytes(), inputs.sketch.as_raw()]), || {
        let sketch = image::place_sketch(&inputs.sketch, settings.sketch_preprocess, placement, size, device);
        sketch_maps(networks, sketch)
    });

    // Brought over at most once, and not at all where its tokens are kept.
    let tower = LazyCell::new(|| image_tower(networks, device));
    let padding = settings.reference_padding;
    let facts = format!("{:?} {padding}", inputs.reference.dimensions());
    let reference = kept.get(key(&[facts.as_bytes(), inputs.reference.as_raw()]), || {
        let padded = image::pad_margin(&*inputs.reference, padding, Rgb([255; 3]));
        all_tokens(&tower, config, &padded, device)
    });
    let reference = match words {
        [] => patches(reference),
        words => manipulated(reference, words),
    };

    let threshold = settings.reference_mask_threshold;
    let background = match (&inputs.background, &inputs.reference_mask) {
        _ if !mode.needs_reference_mask() => None,
        (Some(picture), _) => {
            let alone = settings.background_alone;
            let facts = format!("background {:?} {threshold} {alone}", picture.dimensions());
            Some(kept.get(key(&[facts.as_bytes(), picture.as_raw()]), || {
                let picture = if alone {
                    Cow::Owned(without_figure(picture))
                } else {
                    Cow::Borrowed(&**picture)
                };
                background_tokens(networks, &tower, config, Background::Picture(&picture), threshold, device)
            }))
        }
        (None, Some(painted)) => {
            let facts = format!(
                "masked {:?} {:?} {threshold} {padding}",
                inputs.reference.dimensions(),
                painted.dimensions()
            );
            Some(
                kept.get(key(&[facts.as_bytes(), inputs.reference.as_raw(), painted.as_raw()]), || {
                    let picture = image::bounded(&*inputs.reference);
                    let fitted = mask::fit(&image::bounded(&**painted), picture.dimensions().into());
                    let picture = &image::pad_margin(&picture, padding, Rgb([255; 3]));
                    let fitted = image::pad_margin(&fitted, padding, Luma([0]));
                    let mask = &mask::dilate(&mask::from_bytes(&fitted), DILATION);
                    let from = Background::Reference { picture, mask };
                    background_tokens(networks, &tower, config, from, threshold, device)
                }),
            )
        }
        (None, None) => None,
    };
    let mask = inputs.sketch_mask.as_ref().filter(|_| mode.needs_sketch_mask());
    let mask = mask.map(|painted| mask::to_latent(&mask::place(painted, placement, size), device));
    (
        Features {
            reference: Some(reference),
            background,
            mask,
            sketch,
        },
        placement,
    )
}
