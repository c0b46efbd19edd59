//! Documents written, and read again.

use std::io;
use std::path::Path;

use image::RgbImage;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::bytes::Bytes;
use super::super::header::Header;
use super::super::{channel, save, steps};
use crate::document::{Blend, Document, DocumentError, Layer, LayerId, Opened, Pixels, Rect, Role, TileGrid, on_white, open_psd};

const SIZE: [u32; 2] = [600, 300];

/// Noise on a part of a layer, with all that is transparent.
fn noise(seed: u64, at: [i32; 2], [width, height]: [u32; 2]) -> TileGrid<[u8; 4]> {
    let mut pixels = vec![[0; 4]; width as usize * height as usize];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(pixels.as_flattened_mut());
    TileGrid::with_pixels(SIZE, at, width, &pixels)
}

fn add(document: &mut Document, parent: Option<LayerId>, name: &str, grid: TileGrid<[u8; 4]>) -> LayerId {
    let layer = Layer {
        parent,
        ..Layer::new(Role::Paint, name, Pixels::Raster(grid))
    };
    let id = layer.id;
    document.add(layer);
    id
}

/// A take, paint with all that a layer can be, a group in a group, lines, hints and a mask.
fn document() -> Document {
    let mut document = Document::new(SIZE).unwrap();
    let take = RgbImage::from_fn(SIZE[0], SIZE[1], |x, y| image::Rgb([x as u8, y as u8, 90]));
    document.place_take(&take, "(seed: 1)".to_owned());
    let base = add(&mut document, None, "影 base", noise(1, [30, 20], [400, 200]));
    document.layer_mut(base).unwrap().alpha_locked = true;
    let shade = add(&mut document, None, "shade", noise(2, [0, 0], [200, 300]));
    let layer = document.layer_mut(shade).unwrap();
    (layer.clip, layer.blend, layer.opacity) = (true, Blend::Multiply, 0.6);
    let [outer, inner] = [Pixels::Group(SIZE), Pixels::Group(SIZE)].map(|pixels| Layer::new(Role::Paint, "group", pixels));
    let [outer_id, inner_id] = [outer.id, inner.id];
    add(&mut document, Some(inner_id), "deep", noise(3, [500, 250], [100, 50]));
    document.add(Layer {
        parent: Some(outer_id),
        name: "内".to_owned(),
        folded: true,
        blend: Blend::Screen,
        opacity: 0.2,
        ..inner
    });
    let hidden = add(&mut document, Some(outer_id), "hidden", noise(4, [0, 0], SIZE));
    let layer = document.layer_mut(hidden).unwrap();
    (layer.visible, layer.locked) = (false, true);
    add(&mut document, Some(outer_id), "blank", TileGrid::new(SIZE));
    document.add(Layer { clip: true, ..outer });
    let lines = Layer::new(Role::Sketch, "Sketch", Pixels::Raster(noise(5, [10, 10], [580, 280])));
    document.add(lines);
    document.add_hints(None);
    document.ensure_sketch_mask();
    document
}

fn written(document: &Document, path: &Path) -> Vec<String> {
    save::<DocumentError>(document, path, || Ok(())).unwrap()
}

/// All that a file keeps of a layer, but for its pixels.
fn look(document: &Document) -> Vec<String> {
    let canvas = document.canvas();
    let layers = canvas.layers().filter(|layer| !layer.role.is_remark());
    let line = |layer: &Layer| {
        let [visible, locked, alpha_locked] = [layer.visible, layer.locked, layer.alpha_locked];
        let group = layer.is_group().then_some(layer.folded);
        format!(
            "{} {:?} {} {visible} {locked} {alpha_locked} {} {group:?} {:?} {:.2}",
            layer.name,
            layer.role,
            canvas.depth(layer.id),
            layer.clip,
            layer.blend,
            layer.opacity
        )
    };
    layers.map(line).collect()
}

fn merged(file: &[u8]) -> RgbImage {
    let mut rest = Bytes(file);
    let header = Header::read(&mut rest).unwrap();
    for _ in 0..3 {
        rest.section().unwrap();
    }
    let picture = channel::merged(&mut rest, &header).unwrap().into_rgb8();
    assert!(rest.0.is_empty(), "{} bytes too many", rest.0.len());
    picture
}

#[test]
fn a_document_comes_back_as_it_was_but_for_what_is_of_this_program_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("絵.psd");
    let document = document();
    assert_eq!(written(&document, &path), [""; 0]);
    let opened = open_psd(&path).unwrap();
    assert_eq!(opened.notes, [""; 0]);
    assert_eq!(look(&opened.document), look(&document));
    let whole = Rect::of(SIZE);
    let rasters = |document: &Document| -> Vec<Vec<[u8; 4]>> {
        let layers = document.canvas().layers().filter(|layer| !layer.role.is_remark());
        layers.filter_map(|layer| Some(layer.raster()?.copy(whole))).collect()
    };
    assert!(
        rasters(&opened.document) == rasters(&document),
        "pixels, of what is transparent too"
    );
    let roles: Vec<Role> = opened.document.canvas().layers().map(|layer| layer.role).collect();
    assert!(roles.contains(&Role::Take) && roles.contains(&Role::Sketch) && !roles.contains(&Role::Hints));
    // Opacities have 255 steps there.
    let shown = on_white(&opened.document.composite(whole));
    let file = std::fs::read(&path).unwrap();
    assert!(merged(&file) == on_white(&document.composite(whole)));
    let apart = merged(&file).iter().zip(shown.iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(apart <= Some(2), "{apart:?}");
    let other = folder.path().join("again.psd");
    written(&document, &other);
    assert!(std::fs::read(other).unwrap() == file, "the same document gives the same file");
}

#[test]
fn the_lowest_layer_is_clipped_to_nothing_there_as_here() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clipped.psd");
    let mut document = Document::new(SIZE).unwrap();
    for name in ["low", "high"] {
        let id = add(&mut document, None, name, noise(6, [0, 0], [300, 300]));
        document.layer_mut(id).unwrap().clip = true;
    }
    document.add(Layer::new(Role::Sketch, "Sketch", Pixels::Raster(noise(7, [9, 9], [50, 50]))));
    written(&document, &path);
    let opened = open_psd(&path).unwrap().document;
    let clipped: Vec<bool> = opened.canvas().layers().map(|layer| layer.clip).collect();
    assert_eq!(clipped, [false, true, false, false], "low, high, the sketch and its mask");
    assert!(opened.composite(Rect::of(SIZE)) == document.composite(Rect::of(SIZE)));
}

#[test]
fn modes_that_photoshop_has_come_back_and_others_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("modes.psd");
    let mut document = Document::new(SIZE).unwrap();
    add(&mut document, None, "line art", TileGrid::new(SIZE));
    for blend in Blend::ALL {
        let id = add(&mut document, None, blend.label(), TileGrid::new(SIZE));
        document.layer_mut(id).unwrap().blend = blend;
    }
    let notes = written(&document, &path);
    let opened = open_psd(&path).unwrap().document;
    let changed: Vec<&str> = (document.canvas().layers().zip(opened.canvas().layers()).skip(1))
        .filter(|(before, after)| before.blend != after.blend)
        .map(|(before, _)| before.name.as_str())
        .collect();
    let strange = ["Keep below", "Erase below", "Inherit alpha", "Below inside"];
    assert_eq!(changed[1..], strange);
    assert_eq!(changed[0], "Addition", "which is the other one that adds, there");
    // As Normal these would cover what they cut.
    let hidden = opened.canvas().layers().filter(|layer| !layer.visible);
    let hidden: Vec<&str> = hidden.map(|layer| layer.name.as_str()).collect();
    assert_eq!(hidden, ["Keep below", "Erase below", "Below inside"]);
    let [normal, cutting] = &notes[..] else { panic!("{notes:?}") };
    assert!(normal.contains("(\u{201c}Inherit alpha: Inherit alpha\u{201d})"), "{normal}");
    assert!(
        hidden.iter().all(|mode| cutting.contains(&format!("{mode}: {mode}"))),
        "{cutting}"
    );
}

#[test]
fn what_keeps_a_part_of_a_group_is_its_mask_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mask.psd");
    let mut document = Document::new(SIZE).unwrap();
    let group = Layer::new(Role::Paint, "face", Pixels::Group(SIZE));
    add(
        &mut document,
        Some(group.id),
        "skin",
        TileGrid::filled(SIZE, [200, 150, 90, 255]),
    );
    let keep = add(&mut document, Some(group.id), "Keep", noise(8, [40, 30], [300, 200]));
    let layer = document.layer_mut(keep).unwrap();
    (layer.blend, layer.opacity) = (Blend::DstIn, 0.4);
    document.add(group);
    document.add(Layer::new(
        Role::Sketch,
        "Sketch",
        Pixels::Raster(noise(9, [10, 10], [500, 200])),
    ));
    assert_eq!(written(&document, &path), [""; 0]);
    let Opened {
        document: opened, notes, ..
    } = open_psd(&path).unwrap();
    assert_eq!(notes, [""; 0]);
    let names: Vec<(&str, Blend)> = opened
        .canvas()
        .layers()
        .map(|layer| (layer.name.as_str(), layer.blend))
        .collect();
    assert_eq!(
        names[..3],
        [("skin", Blend::Normal), ("face mask", Blend::DstIn), ("face", Blend::Normal)]
    );
    let whole = Rect::of(SIZE);
    assert!(opened.composite(whole) == document.composite(whole));
    // Out of sight it keeps everything, and is a layer that is hidden.
    document.layer_mut(keep).unwrap().visible = false;
    written(&document, &path);
    let opened = open_psd(&path).unwrap().document;
    assert!(opened.composite(whole) == document.composite(whole));
}

#[test]
fn how_large_a_pixel_is_on_paper_goes_along() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.psd");
    let mut document = Document::new([3, 2]).unwrap();
    for (given, expected) in [(None, 72.0), (Some(300.0), 300.0)] {
        given.into_iter().for_each(|resolution| document.set_resolution(resolution));
        written(&document, &path);
        assert_eq!(open_psd(&path).unwrap().document.resolution(), Some(expected));
    }
}

#[test]
fn an_empty_canvas_is_a_white_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.psd");
    let document = Document::new([3, 2]).unwrap();
    written(&document, &path);
    let file = std::fs::read(&path).unwrap();
    assert!(merged(&file).iter().all(|byte| *byte == 255));
    assert!(open_psd(&path).is_ok());
}

#[test]
fn each_layer_is_a_step_and_one_that_is_called_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("steps.psd");
    let document = document();
    let mut taken = 0;
    let counted = save::<DocumentError>(&document, &path, || {
        taken += 1;
        Ok(())
    });
    // Seven layers, and two bands of the merged picture.
    assert!(
        counted.is_ok() && taken == 9 && steps(&document) == 9,
        "{taken} {}",
        steps(&document)
    );
    let before = std::fs::read(&path).unwrap();
    for last in 0..taken {
        let mut left = last;
        let refused = save(&document, &path, || match left {
            0 => Err(DocumentError::TooMuch {
                path: path.clone(),
                limit: 1,
            }),
            _ => {
                left -= 1;
                Ok(())
            }
        });
        assert!(matches!(refused, Err(DocumentError::TooMuch { .. })), "{last}");
    }
    assert!(std::fs::read(&path).unwrap() == before);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file stays"
    );
}

#[test]
fn what_cannot_be_written_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |document: &Document, path: &Path| save::<DocumentError>(document, path, || Ok(())).unwrap_err();
    let nowhere = folder.path().join("no/such/folder.psd");
    let error = refused(&document(), &nowhere);
    assert!(
        matches!(&error, DocumentError::Write { source, .. } if source.kind() == io::ErrorKind::NotFound),
        "{error}"
    );
    let mut document = Document::new([4, 4]).unwrap();
    for _ in 0..=i16::MAX {
        document.add(Layer::new(Role::Paint, "", Pixels::Raster(TileGrid::new([4, 4]))));
    }
    let path = folder.path().join("many.psd");
    let error = refused(&document, &path);
    assert!(matches!(error, DocumentError::PsdLimit { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("many.psd") && text.contains("32,767 layers") && text.contains("OpenRaster"),
        "{text}"
    );
    assert!(!path.exists());
}
