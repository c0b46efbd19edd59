//! Files written, read, and broken.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Opened, open, save};
use crate::document::{Blend, Document, DocumentError, Layer, Pixels, Place, Rect, Role, Sheet, Side, TileGrid};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A zip of `entries` in order.
    fn zip(&self, entries: &[(&str, &[u8])]) -> PathBuf {
        let path = self.path("made.ora");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }
}

fn entries(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn gray_dot(size: u32) -> GrayImage {
    let mut mask = GrayImage::new(size, size);
    mask.put_pixel(size - 1, 1, Luma([200]));
    mask
}

fn full_document() -> Document {
    let mut sketch = RgbaImage::from_pixel(300, 280, Rgba([255; 4]));
    sketch.put_pixel(299, 279, Rgba([0, 0, 0, 255]));
    let mut document = Document::from_sketch(&sketch).unwrap();
    document
        .set_reference(Some(&RgbaImage::from_pixel(64, 64, Rgba([7, 8, 9, 255]))))
        .unwrap();
    document
        .set_background(Some(&RgbaImage::from_pixel(20, 10, Rgba([1, 2, 3, 255]))))
        .unwrap();
    document.set_mask(Role::ReferenceMask, &gray_dot(64));
    document.place_take(&RgbImage::from_pixel(300, 280, Rgb([10, 20, 30])), "(seed: 1)".into());
    document.place_take(
        &RgbImage::from_pixel(300, 280, Rgb([200, 100, 50])),
        "(seed: 2, note: \"<&>\")".into(),
    );
    let mask = document.by_role(Role::SketchMask).unwrap().id;
    document.layer_mut(mask).unwrap().opacity = 0.5;
    document.settings = Some("(steps: 12)".into());
    document
}

/// Groups, clipped layers of two kinds, locks.
fn layered_document() -> Document {
    let mut document = full_document();
    let canvas = document.canvas_mut();
    let sketch = canvas.by_role(Role::Sketch).unwrap().id;
    for (name, value, blend) in [
        ("Base", [200, 0, 0, 255], Blend::Normal),
        ("Shade", [90, 90, 200, 255], Blend::Multiply),
        ("Light", [255, 255, 255, 128], Blend::Normal),
    ] {
        let pixels = TileGrid::with_pixels([300, 280], [20, 30], 40, &[value; 1600]);
        let mut layer = Layer::new(Role::Paint, name, Pixels::Raster(pixels));
        (layer.blend, layer.clip) = (blend, name != "Base");
        canvas.insert(layer, Place::Below(sketch));
    }
    let id = |canvas: &Sheet, name: &str| canvas.layers().find(|layer| layer.name == name).unwrap().id;
    let base = canvas.layer_mut(id(canvas, "Base")).unwrap();
    (base.opacity, base.alpha_locked, base.blend) = (0.75, true, Blend::Screen);
    let group = canvas.group(id(canvas, "Base")).unwrap();
    canvas.move_to(id(canvas, "Light"), Place::Into(group));
    canvas.move_to(id(canvas, "Shade"), Place::Into(group));
    let outer = canvas.group(group).unwrap();
    let layer = canvas.layer_mut(outer).unwrap();
    (layer.opacity, layer.folded, layer.locked, layer.name) = (0.5, true, true, "Figure <1>".into());
    document
}

fn describe(document: &Document) -> Vec<String> {
    let line = |layer: &Layer| {
        let whole = Rect::of(layer.size());
        let pixels = match &layer.pixels {
            Pixels::Raster(grid) => grid.copy(whole).into_flattened(),
            Pixels::Mask(grid) => grid.copy(whole),
            Pixels::Group(_) => Vec::new(),
        };
        let sum: u64 = pixels
            .iter()
            .enumerate()
            .map(|(index, &value)| (index as u64 % 977 + 1) * u64::from(value))
            .sum();
        let Layer {
            name,
            role,
            visible,
            opacity,
            blend,
            recipe,
            locked,
            alpha_locked,
            clip,
            folded,
            ..
        } = layer;
        let inside = document.canvas().depth(layer.id);
        format!(
            "{name} {role:?} {:?} {visible} {opacity} {blend:?} {recipe:?} {sum} {locked} {alpha_locked} {clip} {folded} {inside}",
            layer.size()
        )
    };
    document.sheets().flat_map(|sheet| sheet.layers()).map(line).collect()
}

#[test]
fn a_document_comes_back_as_it_was() {
    let folder = Folder::new();
    let path = folder.path("drawing.ora");
    let document = full_document();
    save(&document, &path).unwrap();
    let Opened { document: opened, notes } = open(&path).unwrap();
    assert_eq!(describe(&opened), describe(&document));
    assert_eq!(opened.settings, document.settings);
    assert_eq!(opened.canvas().size(), [300, 280]);
    assert_eq!(notes, [] as [String; 0]);
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1, "no temporary file is left");
    // Saved again over itself, it is the same file byte for byte.
    let first = fs::read(&path).unwrap();
    save(&opened, &path).unwrap();
    assert!(fs::read(&path).unwrap() == first);
}

#[test]
fn groups_and_clipping_come_back_and_look_the_same_to_others() {
    let folder = Folder::new();
    let path = folder.path("layers.ora");
    let document = layered_document();
    save(&document, &path).unwrap();
    let opened = open(&path).unwrap();
    assert_eq!(describe(&opened.document), describe(&document));
    assert_eq!(opened.notes, [] as [String; 0]);
    // The journal counts layers by their place in the list.
    let outline = std::io::Cursor::new(super::outline(&document, false).unwrap());
    let outlined = super::read(outline, Path::new("the journal")).unwrap().document;
    let names = |document: &Document| -> Vec<String> {
        let layers = document.sheets().flat_map(|sheet| sheet.layers());
        layers.map(|layer| layer.name.clone()).collect()
    };
    assert_eq!(names(&outlined), names(&document));
    // Another program knows nothing of our marks: the file's own groups must look the same without them.
    let mut entries = entries(&path);
    let xml = String::from_utf8(entries["stack.xml"].clone()).unwrap();
    assert!(
        xml.contains(r#"composite-op="svg:src-atop""#) && xml.contains(r#"composite-op="svg:dst-in""#),
        "{xml}"
    );
    let bare = xml.replace(" shiage=\"base\"", "").replace(" shiage=\"clip\"", "");
    entries.insert("stack.xml".to_owned(), bare.into_bytes());
    let listed: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let foreign = open(&folder.zip(&listed)).unwrap().document;
    assert!(foreign.canvas().layers().len() > document.canvas().layers().len());
    let area = Rect::new(0, 0, 80, 80);
    assert_eq!(foreign.composite(area), document.composite(area));
}

#[test]
fn the_file_is_open_raster() {
    let folder = Folder::new();
    let path = folder.path("drawing.ora");
    save(&full_document(), &path).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(
        &bytes[30..54],
        b"mimetypeimage/openraster",
        "first, stored, without extra fields"
    );
    let mut archive = ZipArchive::new(File::open(&path).unwrap()).unwrap();
    assert_eq!(archive.by_index(0).unwrap().compression(), CompressionMethod::Stored);
    let entries = entries(&path);
    let xml = std::str::from_utf8(&entries["stack.xml"]).unwrap();
    assert!(xml.contains(r#"<image version="0.0.3" w="300" h="280">"#), "{xml}");
    assert!(
        xml.contains(r#"<layer name="Sketch" src="data/shiage-001.png" x="0" y="0" opacity="1" visibility="visible" composite-op="svg:multiply"/>"#),
        "{xml}"
    );
    assert!(
        xml.contains(r#"<layer name="Sketch mask" src="data/shiage-000.png" x="0" y="0" opacity="0.5" visibility="hidden""#),
        "{xml}"
    );
    let mask = image::load_from_memory(&entries["data/shiage-004.png"]).unwrap();
    assert_eq!((mask.color(), mask.width()), (image::ColorType::L8, 64));
    let merged = image::load_from_memory(&entries["mergedimage.png"]).unwrap().into_rgba8();
    assert_eq!(
        (merged.get_pixel(0, 0).0, merged.get_pixel(299, 279).0),
        ([200, 100, 50, 255], [0, 0, 0, 255])
    );
    let thumbnail = image::load_from_memory(&entries["Thumbnails/thumbnail.png"]).unwrap();
    assert_eq!((thumbnail.width(), thumbnail.height()), (256, 238));
}

#[test]
fn entries_we_do_not_know_are_kept() {
    let folder = Folder::new();
    let picture = png(&RgbaImage::from_pixel(8, 8, Rgba([9, 9, 9, 255])));
    let stack = br#"<image w="8" h="8"><stack><layer name="ink" src="data/a.png"/></stack></image>"#;
    let made = folder.zip(&[
        ("mimetype", b"image/openraster"),
        ("stack.xml", stack),
        ("data/a.png", &picture),
        ("krita/notes.txt", "線".as_bytes()),
        ("../evil", b"x"),
        ("mergedimage.png", b"old"),
    ]);
    let Opened { document, notes } = open(&made).unwrap();
    assert_eq!(
        notes,
        ["The entry \"../evil\" points out of the file and is left out when you save."]
    );
    let path = folder.path("kept.ora");
    save(&document, &path).unwrap();
    let entries = entries(&path);
    assert_eq!(entries["krita/notes.txt"], "線".as_bytes());
    assert!(!entries.contains_key("../evil") && !entries.contains_key("data/a.png"));
    assert_ne!(entries["mergedimage.png"], b"old");
}

#[test]
fn a_file_of_another_program_is_laid_out_by_names() {
    let folder = Folder::new();
    let layer = |value| png(&RgbaImage::from_pixel(4, 4, Rgba([value, value, value, 255])));
    let stack = br#"<image w="8" h="8"><stack>
        <layer name="notes" src="data/0.png" composite-op="svg:vivid-light"/>
        <stack visibility="hidden"><layer name="Reference mask" src="data/1.png"/><layer name="Reference" src="data/2.png"/></stack>
        <layer name="My Line art" src="data/3.png" x="6" y="-1"/>
        <layer name="Take 4" src="data/4.png" opacity="0.5"/></stack></image>"#;
    let pictures: Vec<Vec<u8>> = (0..5).map(|index| layer(index * 10)).collect();
    let made = folder.zip(&[
        ("stack.xml", stack),
        ("data/0.png", &pictures[0]),
        ("data/1.png", &pictures[1]),
        ("data/2.png", &pictures[2]),
        ("data/3.png", &pictures[3]),
        ("data/4.png", &pictures[4]),
    ]);
    let Opened { mut document, notes } = open(&made).unwrap();
    let canvas: Vec<_> = document
        .canvas()
        .layers()
        .map(|layer| (layer.name.as_str(), layer.role, layer.blend))
        .collect();
    assert_eq!(
        canvas,
        [
            ("Take 4", Role::Take, Blend::Normal),
            ("My Line art", Role::Sketch, Blend::Multiply),
            ("notes", Role::Paint, Blend::Normal),
            ("Sketch mask", Role::SketchMask, Blend::Normal),
        ]
    );
    let sketch = document.by_role(Role::Sketch).unwrap().raster().unwrap();
    assert_eq!(
        (sketch.pixel(6, 0), sketch.pixel(7, 2), sketch.pixel(6, 3)),
        ([30, 30, 30, 255], [30, 30, 30, 255], [0; 4])
    );
    assert_eq!(document.sheet(Side::Reference).unwrap().size(), [4, 4]);
    let mask = document.by_role(Role::ReferenceMask).unwrap();
    assert_eq!((mask.mask().unwrap().pixel(0, 0), mask.visible), (10, true));
    assert_eq!(
        notes,
        ["The layer \"notes\" has the blend mode svg:vivid-light, which is not known here; it shows as normal."]
    );
    let take = document.place_take(&RgbImage::new(8, 8), String::new());
    assert_eq!(document.layer(take).unwrap().name, "Take 5");
}

#[test]
fn without_a_telling_name_the_topmost_visible_layer_is_the_sketch() {
    let folder = Folder::new();
    let picture = png(&RgbaImage::from_pixel(8, 8, Rgba([9, 9, 9, 255])));
    let stack = br#"<image w="8" h="8"><stack><layer name="hidden" src="a.png" visibility="hidden"/><layer name="top" src="a.png"/><layer name="low" src="a.png"/></stack></image>"#;
    let document = open(&folder.zip(&[("stack.xml", stack), ("a.png", &picture)]))
        .unwrap()
        .document;
    assert_eq!(document.by_role(Role::Sketch).map(|layer| layer.name.as_str()), Some("top"));
}

fn error(path: &Path) -> DocumentError {
    open(path).err().expect("it is broken")
}

#[test]
fn broken_files_are_refused_by_name() {
    let folder = Folder::new();
    let path = folder.path("broken.ora");
    assert!(matches!(error(&path), DocumentError::Read { .. }));
    fs::write(&path, b"this is no zip").unwrap();
    assert!(matches!(error(&path), DocumentError::Archive { .. }));
    save(&full_document(), &path).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in [0, 20, whole.len() / 2, whole.len() - 3] {
        fs::write(&path, &whole[..length]).unwrap();
        let text = error(&path).to_string();
        assert!(
            text.contains("broken.ora is damaged or is not an OpenRaster file"),
            "{length}: {text}"
        );
    }
    // A flipped byte in the pixels is found by the check sum.
    let mut flipped = whole;
    flipped[200] ^= 0xFF;
    fs::write(&path, &flipped).unwrap();
    assert!(matches!(error(&path), DocumentError::Entry { entry, .. } if entry.starts_with("data/shiage-")));
}

#[test]
fn wrong_contents_are_refused_by_entry() {
    let folder = Folder::new();
    let stack = br#"<image w="8" h="8"><stack><layer src="data/a.png"/></stack></image>"#;
    let refused = |entries: &[(&str, &[u8])]| error(&folder.zip(entries));
    let text = refused(&[("mimetype", b"application/x-krita")]).to_string();
    assert!(
        text.contains("it is of type \"application/x-krita\"; export it as OpenRaster (.ora)"),
        "{text}"
    );
    assert!(
        matches!(refused(&[("mimetype", b"image/openraster")]), DocumentError::MissingEntry { entry, .. } if entry == "stack.xml")
    );
    assert!(matches!(refused(&[("stack.xml", stack)]), DocumentError::MissingEntry { entry, .. } if entry == "data/a.png"));
    assert!(matches!(refused(&[("stack.xml", b"<image")]), DocumentError::Entry { entry, .. } if entry == "stack.xml"));
    let broken = refused(&[("stack.xml", stack), ("data/a.png", b"\x89PNG\r\n\x1a\n....")]);
    assert!(matches!(broken, DocumentError::Entry { entry, .. } if entry == "data/a.png"));
    let huge = refused(&[("stack.xml", br#"<image w="16385" h="8"><stack/></image>"#)]).to_string();
    assert!(huge.contains("made.ora") && huge.contains("16385 x 8"), "{huge}");
    let newer: [(&str, &[u8]); 2] = [
        ("stack.xml", br#"<image w="8" h="8"/>"#),
        ("shiage/document.ron", b"(version: 9, planets: 3)"),
    ];
    assert!(matches!(refused(&newer), DocumentError::Newer { version: 9, .. }));
    let sizes: [(&str, &[u8]); 2] = [
        newer[0],
        ("shiage/document.ron", b"(version: 1, reference: Some((99999, 1)))"),
    ];
    assert!(matches!(refused(&sizes), DocumentError::In { .. }));
}

#[test]
fn an_entry_that_unpacks_to_too_much_is_refused() {
    let folder = Folder::new();
    let zeros = vec![0; (64 << 20) + 1];
    let bomb = folder.zip(&[("stack.xml", &zeros)]);
    assert!(fs::metadata(&bomb).unwrap().len() < 1 << 20);
    assert!(matches!(error(&bomb), DocumentError::EntryTooLarge { entry, limit: 67_108_864, .. } if entry == "stack.xml"));
}

#[test]
fn a_failed_save_names_the_file_and_leaves_the_old_one() {
    let folder = Folder::new();
    let text = save(&full_document(), &folder.path("no/such/folder.ora"))
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("cannot write") && text.contains("no/such/folder.ora") && text.contains("Nothing was changed"),
        "{text}"
    );
}
