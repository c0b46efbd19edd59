//! Recipes written, read, and kept by other programs.

use super::*;
use crate::generate::recipe::{InputImage, Origin, RecipeInputs};
use engine::event::ModelIdentity;
use engine::request::Settings;

pub fn recipe() -> Recipe {
    let input = |name: &str| InputImage {
        origin: Origin::File(name.into()),
        hash: "00".into(),
    };
    Recipe {
        version: VERSION,
        program: "shiage 0.1.0".into(),
        model: ModelIdentity {
            name: "tiny".into(),
            hash: "0123456789abcdef".into(),
        },
        device: "CPU".into(),
        settings: Settings {
            seed: 7,
            ..Settings::default()
        },
        inputs: RecipeInputs::new(input("線画.png"), input("r.png")),
        lines: true,
    }
}

/// A picture of one pixel, saved by an editor that moves the recipe to text of this kind.
pub fn write_moved(path: &Path, kind: [u8; 4]) {
    let mut text = ron::ser::to_string(&recipe()).unwrap().into_bytes();
    if &kind == b"zTXt" {
        let mut packed = flate2::write::ZlibEncoder::new(vec![0], flate2::Compression::fast());
        packed.write_all(&text).unwrap();
        text = packed.finish().unwrap();
    }
    let data = [RECIPE_KEYWORD.as_bytes(), &[0][..], &text[..]].concat();
    let mut writer = png::Encoder::new(File::create(path).unwrap(), 1, 1).write_header().unwrap();
    writer.write_chunk(png::chunk::ChunkType(kind), &data).unwrap();
    writer.write_image_data(&[0]).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_recipe_survives_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.png");
    write_take(&path, &RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3])), None, &recipe()).unwrap();
    assert_eq!(read_recipe(&path).unwrap(), recipe());
    assert_eq!(image::open(&path).unwrap().to_rgb8().get_pixel(2, 1).0, [1, 2, 3]);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file stays"
    );
}

#[test]
fn a_take_keeps_what_is_transparent_with_its_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.png");
    let faded = RgbaImage::from_fn(9, 5, |x, y| image::Rgba([10, 20, 30, (x * y * 6) as u8]));
    write_transparent_take(&path, &faded, Some(300.0), &recipe()).unwrap();
    assert_eq!(read_recipe(&path).unwrap(), recipe());
    let opened = picture::Picture::open(&path).unwrap();
    assert_eq!(opened.resolution, Some(300.0));
    assert_eq!(opened.into_rgba(), faded);
    assert_eq!(standing(&path), Standing::Take);
}

#[test]
fn takes_and_what_is_left_of_them_are_told_from_the_files_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let picture = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x * 7, y * 13, x * y].map(|value| value as u8)));
    write_take(&at("take"), &picture, None, &recipe()).unwrap();
    let take = std::fs::read(at("take")).unwrap();
    std::fs::write(at("cut off"), &take[..take.len() / 2]).unwrap();
    std::fs::write(at("begun"), &take[..5]).unwrap();
    std::fs::write(at("empty"), "").unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    let newer = Recipe {
        version: VERSION + 1,
        ..recipe()
    };
    write_take(&at("newer"), &picture, None, &newer).unwrap();
    std::fs::copy(at("take"), at("spoilt")).unwrap();
    chunks::replace_text(&at("spoilt"), RECIPE_KEYWORD, "(version: 1, seed").unwrap();
    picture.save_with_format(at("painted"), image::ImageFormat::Png).unwrap();
    let painted = std::fs::read(at("painted")).unwrap();
    std::fs::write(at("half painted"), &painted[..painted.len() / 2]).unwrap();
    picture.save_with_format(at("photo"), image::ImageFormat::Jpeg).unwrap();
    std::fs::write(at("notes"), "no picture").unwrap();
    for (name, wanted) in [
        ("none", Standing::Free),
        ("folder", Standing::Free),
        ("take", Standing::Take),
        ("cut off", Standing::Damaged),
        ("begun", Standing::Damaged),
        ("empty", Standing::Damaged),
        ("spoilt", Standing::Damaged),
        ("newer", Standing::Newer),
        ("painted", Standing::Others),
        ("half painted", Standing::Others),
        ("photo", Standing::Others),
        ("notes", Standing::Others),
    ] {
        assert_eq!(standing(&at(name)), wanted, "{name}");
    }
}

#[test]
fn what_was_decided_about_a_take_outlives_its_file() {
    use crate::gallery::entry::{Entry, Stamp, write_marks};
    use crate::gallery::marks::Marks;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.png");
    let entry = || Entry::read(path.clone(), Stamp::of(&path).unwrap());
    let keep = |picture: &RgbImage, recipe: &Recipe| keep_take(&path, picture, None, recipe).unwrap();
    keep(&RgbImage::new(3, 2), &recipe());
    // It was made a day ago.
    let file = File::options().append(true).open(&path).unwrap();
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    file.set_modified(std::time::SystemTime::now() - day).unwrap();
    let marks = Marks {
        stars: 4,
        note: "線".to_owned(),
        ..Marks::default()
    };
    let rated = write_marks(&path, &marks).unwrap();
    keep(&RgbImage::new(3, 2), &recipe());
    assert_eq!(entry(), rated);
    keep(&RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3])), &recipe());
    assert_eq!(entry().marks(), Some(&marks));
    let created = |entry: &Entry| entry.facts.as_ref().unwrap().created.clone();
    assert!(created(&entry()) > created(&rated), "it was made now");
    assert_eq!(read_recipe(&path).unwrap(), recipe());
    std::fs::write(&path, "no picture").unwrap();
    keep(&RgbImage::new(3, 2), &recipe());
    assert_eq!(entry().marks(), Some(&Marks::default()));
}

#[test]
fn a_recipe_that_unfolds_without_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.png");
    let mut info = png::Info::with_size(1, 1);
    info.color_type = png::ColorType::Rgb;
    let most = chunks::MAX_TEXT;
    let mut text = png::text_metadata::ITXtChunk::new(RECIPE_KEYWORD, " ".repeat(2 * most as usize));
    text.compressed = true;
    text.compress_text().unwrap();
    info.utf8_text.push(text);
    let mut writer = png::Encoder::with_info(File::create(&path).unwrap(), info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(&[0; 3]).unwrap();
    writer.finish().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < most);
    let error = read_recipe(&path).unwrap_err();
    assert!(matches!(error, MetadataError::BadRecipe { .. }), "{error}");
}

#[test]
fn a_recipe_that_an_editor_moved_to_another_kind_of_text_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moved.png");
    for kind in [*b"tEXt", *b"zTXt"] {
        write_moved(&path, kind);
        assert_eq!(read_recipe(&path).unwrap(), recipe());
        assert_eq!(standing(&path), Standing::Others, "its pixels may be a person's");
    }
}

#[test]
fn the_parameters_are_in_the_words_of_other_programs() {
    assert_eq!(
        recipe().parameters(),
        "Steps: 12, Sampler: DPM++ 2M, Schedule type: Automatic, CFG scale: 1.5, Seed: 7, Model hash: 0123456789, Model: tiny, Mode: Split, Version: shiage 0.1.0"
    );
}

#[test]
fn a_picture_without_a_recipe_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.png");
    RgbImage::new(1, 1).save(&path).unwrap();
    assert!(matches!(read_recipe(&path), Err(MetadataError::NoRecipe { .. })));
    std::fs::write(&path, b"not a png").unwrap();
    assert!(matches!(read_recipe(&path), Err(MetadataError::NotPng { .. })));
    assert!(matches!(
        write_take(
            &folder.path().join("no/such/folder.png"),
            &RgbImage::new(1, 1),
            None,
            &recipe()
        ),
        Err(MetadataError::Write { .. })
    ));
}
