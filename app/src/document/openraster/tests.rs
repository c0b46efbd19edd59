//! Files written, read, and broken.

mod foreign;
mod refused;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Opened, mark_of, open, save, save_marked};
use crate::document::arrange::MAX_DEPTH;
use crate::document::{Blend, Document, DocumentError, Layer, LayerId, Pixels, Place, Rect, Role, Sheet, Side, TileGrid};

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
            picked,
            set_aside,
            locked,
            alpha_locked,
            clip,
            folded,
            ..
        } = layer;
        let inside = document.canvas().depth(layer.id);
        format!(
            "{name} {role:?} {:?} {visible} {opacity} {blend:?} {recipe:?} {sum} {locked} {alpha_locked} {clip} {folded} {picked} {set_aside} {inside}",
            layer.size()
        )
    };
    document.sheets().flat_map(|sheet| sheet.layers()).map(line).collect()
}

#[test]
fn a_document_comes_back_as_it_was() {
    let folder = Folder::new();
    let path = folder.path("drawing.ora");
    let mut document = full_document();
    let mut dab = RgbaImage::new(300, 280);
    dab.put_pixel(40, 50, Rgba([200, 30, 40, 255]));
    document.add_hints(Some(&dab));
    document.canvas_mut().show_or_hide_sketch();
    save(&document, &path).unwrap();
    let Opened {
        document: opened, notes, ..
    } = open(&path).unwrap();
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
    let xml = String::from_utf8(entries(&path)["stack.xml"].clone()).unwrap();
    assert!(
        xml.contains(r#"composite-op="svg:src-atop""#) && xml.contains(r#"composite-op="svg:dst-in""#),
        "{xml}"
    );
    let foreign = seen_elsewhere(&folder, &path);
    assert!(foreign.canvas().layers().len() > document.canvas().layers().len());
    let area = Rect::new(0, 0, 80, 80);
    assert_eq!(foreign.composite(area), document.composite(area));
}

/// Another program knows nothing of our marks: the file's own groups must look the same without them.
fn seen_elsewhere(folder: &Folder, path: &Path) -> Document {
    let mut entries = entries(path);
    let xml = String::from_utf8(entries["stack.xml"].clone()).unwrap();
    let bare = xml.replace(" shiage=\"base\"", "").replace(" shiage=\"clip\"", "");
    entries.insert("stack.xml".to_owned(), bare.into_bytes());
    let listed: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    open(&folder.zip(&listed)).unwrap().document
}

#[test]
fn clipped_layers_that_keep_or_erase_what_is_below_look_the_same_to_others() {
    let folder = Folder::new();
    let path = folder.path("stencil.ora");
    // On what is half transparent, too, unless the mode lays its own colour there.
    for (blend, alpha) in [(Blend::DstIn, 128), (Blend::DstOut, 128), (Blend::DstAtop, 255)] {
        let mut document = layered_document();
        let base = document.canvas().layers().find(|layer| layer.name == "Base").unwrap().id;
        let pixels = TileGrid::with_pixels([300, 280], [20, 30], 40, &[[200, 0, 0, alpha]; 1600]);
        document.layer_mut(base).unwrap().pixels = Pixels::Raster(pixels);
        let shade = document.canvas().layers().find(|layer| layer.name == "Shade").unwrap().id;
        let shade = document.layer_mut(shade).unwrap();
        // Over the left half of what it is clipped to.
        let pixels = TileGrid::with_pixels([300, 280], [20, 30], 20, &[[90, 90, 200, 255]; 800]);
        (shade.blend, shade.pixels) = (blend, Pixels::Raster(pixels));
        save(&document, &path).unwrap();
        let area = Rect::new(0, 0, 80, 80);
        assert_eq!(
            seen_elsewhere(&folder, &path).composite(area),
            document.composite(area),
            "{blend:?}"
        );
    }
}

/// A layer, and over it another one, or a group, that is clipped to it; the latter, if there is room for it.
fn lay_clipped(canvas: &mut Sheet, place: Place, pixels: Pixels) -> Option<LayerId> {
    let base = Layer::new(Role::Paint, "base", Pixels::Raster(TileGrid::filled([8, 8], [90, 0, 0, 255])));
    let mut clipped = Layer::new(Role::Paint, "clipped", pixels);
    // A mode that takes a group of its own in the file.
    (clipped.clip, clipped.blend) = (true, Blend::Multiply);
    let (below, id) = (base.id, clipped.id);
    (canvas.insert(base, place) && canvas.insert(clipped, Place::Above(below))).then_some(id)
}

#[test]
fn the_deepest_groups_come_back_with_all_that_clipping_adds() {
    let folder = Folder::new();
    let path = folder.path("deep.ora");
    let mut document = Document::from_sketch(&RgbaImage::from_pixel(8, 8, Rgba([255; 4]))).unwrap();
    let canvas = document.canvas_mut();
    let mut place = Place::Below(canvas.by_role(Role::Sketch).unwrap().id);
    while let Some(group) = lay_clipped(canvas, place, Pixels::Group([8, 8])) {
        place = Place::Into(group);
    }
    let innermost = lay_clipped(canvas, place, Pixels::Raster(TileGrid::filled([8, 8], [0, 90, 0, 255]))).unwrap();
    assert_eq!(canvas.depth(innermost), MAX_DEPTH);
    save(&document, &path).unwrap();
    assert_eq!(describe(&open(&path).unwrap().document), describe(&document));
}

#[test]
fn groups_that_lie_too_deep_leave_what_they_hold_to_those_around_them() {
    let folder = Folder::new();
    let picture = png(&RgbaImage::from_pixel(1, 1, Rgba([9; 4])));
    let [open_all, close_all] = ["<stack>", "</stack>"].map(|tag| tag.repeat(MAX_DEPTH + 1));
    let groups = [("deep", "visible", "a"), ("hidden", "hidden", "b")].map(|(name, visibility, layer)| {
        format!(r#"<stack name="{name}" visibility="{visibility}"><layer name="{layer}" src="{layer}.png"/></stack>"#)
    });
    let stack = format!(r#"<image w="8" h="8">{open_all}{}{close_all}</image>"#, groups.concat());
    let entries: [(&str, &[u8]); 3] = [("stack.xml", stack.as_bytes()), ("a.png", &picture), ("b.png", &picture)];
    let path = folder.zip(&entries);
    let opened = open(&path).unwrap();
    let canvas = opened.document.canvas();
    let found = |name: &str| {
        let layer = canvas.layers().find(|layer| layer.name == name).unwrap();
        (canvas.depth(layer.id), layer.visible)
    };
    assert_eq!([found("a"), found("b")], [(MAX_DEPTH, true), (MAX_DEPTH, false)]);
    let named = "(\u{201c}hidden\u{201d}, \u{201c}deep\u{201d})";
    assert!(opened.notes.iter().any(|note| note.contains(named)), "{:?}", opened.notes);
    assert!(!opened.may_replace, "the groups would be gone from it");
    // What a crash left of a document comes back as it was, layer by layer.
    let own = super::open_own(&path).unwrap().document;
    let depths = own.canvas().layers().map(|layer| own.canvas().depth(layer.id));
    assert_eq!(depths.max(), Some(MAX_DEPTH + 1));
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
fn what_is_transparent_has_no_colour_in_the_thumbnail() {
    let folder = Folder::new();
    let path = folder.path("stripes.ora");
    let mut document = Document::new([512, 512]).unwrap();
    let white_beside_nothing: Vec<[u8; 4]> = (0..512 * 512).map(|at| if at % 2 == 0 { [255; 4] } else { [0; 4] }).collect();
    let pixels = TileGrid::with_pixels([512, 512], [0, 0], 512, &white_beside_nothing);
    document.add(Layer::new(Role::Paint, "stripes", Pixels::Raster(pixels)));
    save(&document, &path).unwrap();
    let thumbnail = image::load_from_memory(&entries(&path)["Thumbnails/thumbnail.png"]).unwrap();
    assert_eq!(thumbnail.into_rgba8().get_pixel(100, 100).0, [255, 255, 255, 127]);
}

#[test]
fn a_mark_says_that_nobody_has_saved_the_file_again() {
    let folder = Folder::new();
    let path = folder.path("frame.ora");
    save_marked(&full_document(), &path, "frame 12").unwrap();
    assert_eq!(mark_of(&path).unwrap(), "frame 12");
    let document = open(&path).unwrap().document;
    save(&document, &path).unwrap();
    assert_eq!(mark_of(&path).unwrap(), "");
    fs::write(&path, "no archive").unwrap();
    assert!(matches!(mark_of(&path), Err(DocumentError::Archive { .. })));
}
