//! Recipes and marks of strangers, damaged by a seed: an entry that says what is wrong, never a panic.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use image::RgbImage;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::chunks::{self, copy_with_text};
use super::entry::{Entry, Stamp, write_marks};
use super::marks::Marks;
use super::metadata::tests::recipe;
use super::metadata::{PARAMETERS_KEYWORD, RECIPE_KEYWORD, read_recipe, write_take};
use super::{recipe_fields, xmp};

const KEYWORDS: [&str; 3] = [RECIPE_KEYWORD, PARAMETERS_KEYWORD, xmp::KEYWORD];

fn damage(bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..bytes.len().max(1));
        let end = (at + random.random_range(0..9)).min(bytes.len());
        match random.random_range(0..5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => bytes.splice(at.min(end)..end, *b"((((0:\"<&\\u{}-1e999").for_each(drop),
            3 => {
                let again = bytes[at.min(end)..end].repeat(30);
                bytes.splice(at.min(end)..at.min(end), again).for_each(drop);
            }
            _ => random.fill_bytes(&mut bytes[at.min(end)..end]),
        }
        if bytes.is_empty() {
            return;
        }
    }
}

/// All that is read of a picture in the gallery and for `--recipe`.
fn read_all(path: &Path) {
    let entry = Entry::read(path.to_owned(), Stamp::of(path).unwrap());
    if let Ok(facts) = &entry.facts {
        assert!(facts.size.iter().all(|side| *side > 0));
    }
    if let Err(error) = read_recipe(path) {
        assert!(error.to_string().contains("take.png"), "{error}");
    }
}

#[test]
fn damaged_takes_are_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.png");
    write_take(&whole, &RgbImage::new(3, 2), None, &recipe()).unwrap();
    write_marks(&whole, &Marks::default()).unwrap();
    let texts: Vec<String> = {
        let found = chunks::read(&whole).unwrap();
        KEYWORDS.map(|keyword| found.text(keyword).unwrap().to_owned()).to_vec()
    };
    let bytes = fs::read(&whole).unwrap();
    let path = folder.path().join("take.png");
    let mut random = ChaCha8Rng::seed_from_u64(17);
    for round in 0..1500 {
        if round % 2 == 0 {
            let mut damaged = bytes.clone();
            damage(&mut damaged, &mut random);
            fs::write(&path, damaged).unwrap();
        } else {
            // A whole file around a damaged text: check sums hide nothing.
            let which = random.random_range(0..KEYWORDS.len());
            let mut text = texts[which].clone().into_bytes();
            damage(&mut text, &mut random);
            let text = String::from_utf8_lossy(&text);
            let mut source = BufReader::new(File::open(&whole).unwrap());
            copy_with_text(&mut source, &mut File::create(&path).unwrap(), KEYWORDS[which], &text).unwrap();
            recipe_fields::of_parameters(&text);
        }
        read_all(&path);
        if round % 50 == 1 {
            let _ = write_marks(&path, &Marks::default());
            read_all(&path);
        }
    }
}

#[test]
fn texts_that_lie_deep_in_themselves_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.png");
    write_take(&whole, &RgbImage::new(3, 2), None, &recipe()).unwrap();
    let path = folder.path().join("take.png");
    for (keyword, part) in [
        (RECIPE_KEYWORD, "(version:"),
        (RECIPE_KEYWORD, "["),
        (xmp::KEYWORD, "<a>"),
        (PARAMETERS_KEYWORD, "a: \n"),
    ] {
        let mut source = BufReader::new(File::open(&whole).unwrap());
        copy_with_text(&mut source, &mut File::create(&path).unwrap(), keyword, &part.repeat(100_000)).unwrap();
        read_all(&path);
    }
}
