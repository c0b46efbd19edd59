//! Kills at every byte, and what is left.

use super::*;
use crate::document::{Rect, Role};
use image::{Rgb, RgbImage, Rgba, RgbaImage};

fn drawing() -> Document {
    let mut document = Document::from_sketch(&RgbaImage::from_pixel(300, 270, Rgba([9, 9, 9, 255]))).unwrap();
    document
        .set_reference(Some(&RgbaImage::from_pixel(40, 30, Rgba([200, 0, 0, 255]))))
        .unwrap();
    document
}

fn dot(document: &mut Document, role: Role, value: u8) {
    let id = document.by_role(role).unwrap().id;
    if let Pixels::Mask(grid) = &mut document.layer_mut(id).unwrap().pixels {
        grid.tile_mut(0, 0)[3] = value;
    }
}

/// Everything that a person would miss.
fn describe(document: &Document) -> Vec<(String, Role, bool, Option<String>, blake3::Hash)> {
    layers(document)
        .map(|layer| {
            let area = Rect::of(layer.size());
            let pixels = match &layer.pixels {
                Pixels::Raster(grid) => blake3::hash(grid.to_picture(area).as_raw()),
                Pixels::Mask(grid) => blake3::hash(grid.to_gray(area).as_raw()),
                Pixels::Group(_) => blake3::hash(&[]),
            };
            (layer.name.clone(), layer.role, layer.visible, layer.recipe.clone(), pixels)
        })
        .collect()
}

/// A drawing, two strokes, a take, another reference, and the settings: each state after one commit.
fn history() -> Vec<Document> {
    let mut document = drawing();
    let mut states = vec![document.clone()];
    let steps: [&dyn Fn(&mut Document); 7] = [
        &|document| dot(document, Role::SketchMask, 255),
        &|document| dot(document, Role::ReferenceMask, 100),
        &|document| {
            document.place_take(&RgbImage::from_pixel(300, 270, Rgb([1, 2, 3])), "(seed: 1)".into());
        },
        &|document| {
            document
                .set_reference(Some(&RgbaImage::from_pixel(600, 20, Rgba([1; 4]))))
                .unwrap()
        },
        &|document| {
            let sketch = document.by_role(Role::Sketch).unwrap().id;
            document.canvas_mut().group(sketch).unwrap();
        },
        &|document| document.settings = Some("(seed: 9)".into()),
        &|document| dot(document, Role::SketchMask, 7),
    ];
    for step in steps {
        step(&mut document);
        states.push(document.clone());
    }
    states
}

#[test]
fn every_state_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let mut journal = Journal::create(&path).unwrap();
    assert!(replay(None, &path).unwrap().is_none());
    for (step, state) in history().iter().enumerate() {
        journal.commit(state, step > 0).unwrap();
        let document = replay(None, &path).unwrap().unwrap();
        assert_eq!(describe(&document), describe(state), "after step {step}");
        assert_eq!(document.settings, state.settings);
        assert_eq!(last_flag(&path).unwrap(), Some(step > 0));
    }
}

#[test]
fn a_stroke_costs_its_tiles_and_saving_next_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let size = || std::fs::metadata(&path).unwrap().len();
    let mut journal = Journal::create(&path).unwrap();
    let mut document = drawing();
    journal.commit(&document, false).unwrap();
    let whole = size();
    dot(&mut document, Role::SketchMask, 255);
    journal.commit(&document, true).unwrap();
    assert!(size() - whole < 2000, "a tile of one dot takes {} bytes", size() - whole);
    let stroked = size();
    journal.commit(&document, true).unwrap();
    assert_eq!(size(), stroked, "nothing has changed");
    journal.commit(&document, false).unwrap();
    assert_eq!(size() - stroked, HEAD + 5);
    assert_eq!(last_flag(&path).unwrap(), Some(false));
}

#[test]
fn a_kill_at_any_byte_loses_no_earlier_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (path, cut) = (folder.path().join("a.journal"), folder.path().join("cut.journal"));
    let mut journal = Journal::create(&path).unwrap();
    let mut ends = Vec::new();
    let states = history();
    for state in &states {
        journal.commit(state, true).unwrap();
        ends.push(journal.length);
    }
    let bytes = std::fs::read(&path).unwrap();
    // Every byte near the ends of records, and a share of those between.
    let near = |at: usize| ends.iter().any(|end| end.abs_diff(at as u64) < 24);
    for at in (0..=bytes.len()).filter(|at| near(*at) || at % 97 == 0) {
        std::fs::write(&cut, &bytes[..at]).unwrap();
        let whole = ends.iter().filter(|end| **end <= at as u64).count();
        let told = replay(None, &cut).unwrap();
        assert_eq!(
            told.as_ref().map(describe),
            whole.checked_sub(1).map(|last| describe(&states[last])),
            "cut at byte {at}"
        );
    }
}

#[test]
fn a_flipped_bit_ends_the_journal_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let mut journal = Journal::create(&path).unwrap();
    let states = history();
    journal.commit(&states[0], true).unwrap();
    let first = journal.length as usize;
    journal.commit(&states[1], true).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[first + 40] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(describe(&replay(None, &path).unwrap().unwrap()), describe(&states[0]));
}

#[test]
fn the_next_journal_goes_on_from_a_whole_copy() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, copy] = ["0.journal", "1.journal", "1.ora"].map(|name| folder.path().join(name));
    let states = history();
    let mut journal = Journal::create(&first).unwrap();
    for state in &states[..4] {
        journal.commit(state, true).unwrap();
    }
    openraster::save(journal.document().unwrap(), &copy).unwrap();
    let mut journal = journal.next(&second).unwrap();
    for state in &states[4..] {
        journal.commit(state, true).unwrap();
    }
    let last = describe(&states[states.len() - 1]);
    let copied = openraster::open(&copy).unwrap().document;
    let told = replay(Some(copied), &second).unwrap().unwrap();
    assert_eq!(describe(&told), last, "after the copy");
    let told = replay(replay(None, &first).unwrap(), &second).unwrap().unwrap();
    assert_eq!(describe(&told), last, "without it");
}

#[test]
fn pixels_that_are_as_they_came_are_known_as_such_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journal");
    let mut document = drawing();
    let sketch = document.by_role(Role::Sketch).unwrap().id;
    let layer = document.layer_mut(sketch).unwrap();
    layer.foreign = vec![("background_tile".to_owned(), "data/tile.png".to_owned())];
    layer.foreign_stamp = layer.stamp();
    let mut journal = Journal::create(&path).unwrap();
    // What is written with the sketch again.
    let mut kept = |document: &Document| {
        journal.commit(document, true).unwrap();
        let told = replay(None, &path).unwrap().unwrap();
        let outline = openraster::outline(&told, false).unwrap();
        let again = openraster::read(std::io::Cursor::new(outline), Path::new("again"))
            .unwrap()
            .document;
        again.by_role(Role::Sketch).unwrap().foreign.len()
    };
    assert_eq!(kept(&document), 1);
    dot(&mut document, Role::SketchMask, 255);
    assert_eq!(kept(&document), 1, "another layer was painted on");
    document.layer_mut(sketch).unwrap().name = "paper".to_owned();
    assert_eq!(kept(&document), 1, "it has another name");
    if let Pixels::Raster(grid) = &mut document.layer_mut(sketch).unwrap().pixels {
        grid.tile_mut(0, 0)[3] = [1, 2, 3, 255];
    }
    assert_eq!(kept(&document), 0, "it was painted on");
}
