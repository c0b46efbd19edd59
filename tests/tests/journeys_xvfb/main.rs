//! Whole ways through the studio with the mouse alone, in the built program in a window of a virtual X server: what a person comes to do, from the first
//! click to the file.

#![cfg(target_os = "linux")]

mod arranging;
mod brushing;
mod coloring;
mod filing;
mod importing;
mod masking;
mod painting;
mod shaping;
mod viewing;

use app::document::{Document, Role};
use app::generate::settings;
use engine::request::Settings;
use engine::training::scenes::example;
use image::DynamicImage;
use tests::journey::{Journey, color};

/// A drawing of 256 by 256 pixels with a reference and both masks, and few steps.
fn scene() -> Document {
    let (mut document, scene) = (unmasked(), example(5, 0, 256));
    document.set_mask(Role::SketchMask, &scene.sketch_mask);
    document.set_mask(Role::ReferenceMask, &scene.reference_mask);
    document
}

/// The same with blank masks.
fn unmasked() -> Document {
    let scene = example(5, 0, 256);
    let rgba = |picture: DynamicImage| picture.into_rgba8();
    let mut document = Document::from_sketch(&rgba(scene.sketch.into())).unwrap();
    document.set_reference(Some(&rgba(scene.reference.into()))).unwrap();
    let chosen = Settings {
        steps: 4,
        size: Some([128, 128]),
        ..Settings::default()
    };
    settings::keep(&mut document, &chosen).unwrap();
    document
}

/// A way that begins on a new layer of the scene, which is called Paint.
fn with_layer() -> Journey {
    let mut journey = Journey::begin(&scene());
    journey.click("New layer");
    journey
}

/// The colour in the brush, as swatches write it.
fn brush(journey: &Journey) -> [u8; 3] {
    journey.plan.harness.state().session.toolbox.colors.brush
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Whether the file has the plan's pixel on a layer.
#[track_caller]
fn same(saved: &Document, journey: &Journey, name: &str, at: [u32; 2]) -> [u8; 4] {
    let (found, planned) = (color(saved, name, at), color(journey.planned(), name, at));
    let alike = found.iter().zip(planned).all(|(one, other)| one.abs_diff(other) <= 2);
    assert!(alike, "{name} at {at:?}: {found:?}, not {planned:?}");
    found
}
