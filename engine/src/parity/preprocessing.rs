//! Pictures and masks on their way in and out.

use ::image::{Rgb, RgbImage};
use burn::tensor::{Tensor, s};

use super::fixture::Array;
use super::{Checks, ParityError, Tolerance};
use crate::image::mask::Mask;
use crate::image::{self, Placement};
use crate::model::resize_mask;
use crate::request::SketchPreprocess;

pub fn check(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    clip_input(checks)?;
    masks(checks)?;
    sketches(checks)?;
    pictures(checks)
}

fn clip_input(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    for (case, result, stride) in [("a", "out", 1), ("b", "out_every2", 2), ("c", "out_every4", 4)] {
        let name = format!("clip_pre.{case}");
        checks.group(&name, Tolerance::Loose, |checks| {
            let picture = checks.fixture.picture(&format!("{name}.image_u8"))?;
            let size = checks.model.config.clip_vision.image_size;
            let input = image::clip_input(&picture, size, checks.device);
            let sample = every(every(input, 2, stride), 3, stride);
            Ok(vec![(format!("{name}.{result}"), Array::from_tensor(sample)?)])
        })?;
    }
    Ok(())
}

fn masks(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("mask.full_to_latent", Tolerance::Stage, |checks| {
        let mask = mask(checks, "mask.full_to_latent.in")?;
        let latent = image::mask::to_latent(&mask, checks.device);
        Ok(vec![("mask.sq.latent", Array::from_tensor(latent)?)])
    })?;
    for case in ["sq", "ns", "const_half"] {
        checks.group(&format!("mask.{case}"), Tolerance::Stage, |checks| {
            // The constant mask has no other recording than itself at its own size.
            let source = if case == "const_half" { "x1.0" } else { "latent" };
            let mask = checks.tensor::<4>(&format!("mask.{case}.{source}"))?;
            [("1.0", 1), ("0.5", 2), ("0.25", 4), ("0.125", 8)]
                .into_iter()
                .map(|(factor, divisor)| {
                    let small = resize_mask(mask.clone(), divisor);
                    Ok((format!("mask.{case}.x{factor}"), Array::from_tensor(small)?))
                })
                .collect()
        })?;
    }
    Ok(())
}

fn sketches(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    let cases = [
        ("sketch", "invert_128x192", SketchPreprocess::Invert, [192, 128]),
        ("sketch2", "none_128x128", SketchPreprocess::None, [128, 128]),
    ];
    for (case, result, preprocess, canvas) in cases {
        let place = |checks: &Checks<'_>| -> Result<(Tensor<4>, Placement), ParityError> {
            let sketch = checks.fixture.picture(&format!("pre.{case}_u8"))?;
            let placement = Placement::new(sketch.dimensions().into(), canvas);
            let placed = image::place_sketch(&sketch, preprocess, placement, canvas, checks.device);
            Ok((placed, placement))
        };
        checks.group(&format!("pre.{case}_{result}"), Tolerance::Loose, |checks| {
            let (sketch, _) = place(checks)?;
            let channel = Array::from_tensor(sketch.narrow(1, 0, 1))?;
            Ok(vec![(format!("pre.{case}_{result}"), channel)])
        })?;
        let name = format!("pre.{case}_original_shape_ltwh");
        checks.group(&name, Tolerance::Exact, |checks| {
            let (
                _,
                Placement {
                    left,
                    top,
                    width,
                    height,
                },
            ) = place(checks)?;
            Ok(vec![(
                &name,
                Array::flat([left, top, width, height].map(|side| side as f32).to_vec()),
            )])
        })?;
    }
    Ok(())
}

fn pictures(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("pre.margin_1.5_u8", Tolerance::Exact, |checks| {
        let picture = checks.fixture.picture("pre.margin_in_u8")?;
        Ok(vec![(
            "pre.margin_1.5_u8",
            bytes(&image::pad_margin(&picture, 1.5, Rgb([255; 3]))),
        )])
    })?;
    checks.group("post.out_u8", Tolerance::Exact, |checks| {
        let pictures = image::to_pictures(checks.tensor("post.in")?)?;
        Ok(pictures.iter().map(|picture| ("post.out_u8", bytes(picture))).collect())
    })
}

fn bytes(picture: &RgbImage) -> Array {
    Array {
        shape: vec![picture.height() as usize, picture.width() as usize, 3],
        values: picture.as_raw().iter().map(|byte| f32::from(*byte)).collect(),
    }
}

/// A recorded full-size mask, `[1, 1, height, width]`.
pub fn mask(checks: &Checks<'_>, name: &str) -> Result<Mask, ParityError> {
    let Array { shape, values } = checks.fixture.array(name)?;
    match shape.as_slice() {
        [1, 1, height, width] => Mask::from_raw(*width as u32, *height as u32, values.clone()),
        _ => None,
    }
    .ok_or_else(|| checks.fixture.error(format!("{name} of shape {shape:?} is no mask")))
}

/// Every `stride`-th element of an axis, from the first on.
pub fn every<const D: usize>(tensor: Tensor<D>, axis: usize, stride: isize) -> Tensor<D> {
    tensor.slice_dim(axis, s![0..;stride])
}
