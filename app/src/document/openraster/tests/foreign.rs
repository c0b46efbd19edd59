//! Files of other programs, and what of theirs is kept.

use super::*;

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
    let Opened { document, notes, .. } = open(&made).unwrap();
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
        <layer name="Hints 2" src="data/0.png"/>
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
    let Opened { mut document, notes, .. } = open(&made).unwrap();
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
            ("Hints 2", Role::Hints, Blend::Normal),
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
        [
            "Blend modes that are not known here show as normal (\u{201c}notes: svg:vivid-light\u{201d}). Choose others for these layers if they look \
             wrong.",
            "What lies outside the canvas is left out when you save (a part of \u{201c}My Line art\u{201d}). To keep it, enlarge the canvas in the \
             program that made the file, or save under another name.",
        ]
    );
    let take = document.place_take(&RgbImage::new(8, 8), String::new());
    assert_eq!(document.layer(take).unwrap().name, "Take 5");
}

#[test]
fn line_art_on_several_layers_and_in_a_group_lets_the_colour_through() {
    let folder = Folder::new();
    let mut scan = RgbaImage::from_pixel(8, 8, Rgba([255; 4]));
    scan.put_pixel(0, 0, Rgba([0, 0, 0, 255]));
    let stack = r#"<image w="8" h="8"><stack>
        <stack name="線画"><layer name="髪" src="lines.png"/><layer name="顔" src="lines.png"/></stack>
        <layer name="主線" src="lines.png"/><layer name="塗り" src="colour.png"/></stack></image>"#;
    let made = folder.zip(&[
        ("stack.xml", stack.as_bytes()),
        ("lines.png", &png(&scan)),
        ("colour.png", &png(&RgbaImage::from_pixel(8, 8, Rgba([200, 100, 50, 255])))),
    ]);
    let document = open(&made).unwrap().document;
    let names: Vec<&str> = document.canvas().sketches().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["主線", "顔", "髪"]);
    let shown = document.composite(Rect::of([8, 8]));
    assert_eq!(
        [(0, 0), (7, 7)].map(|(x, y)| shown.get_pixel(x, y).0),
        [[0, 0, 0, 255], [200, 100, 50, 255]]
    );
    // In a file of ours it is as it was left.
    let path = folder.path("ours.ora");
    save(&document, &path).unwrap();
    assert_eq!(describe(&open(&path).unwrap().document), describe(&document));
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

/// The list of layers as Krita 5 writes it.
const KRITA: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>
<image name="Unnamed" w="8" h="8" version="0.0.1" xres="300" yres="300">
 <stack>
  <stack name="Group 1" isolation="isolate" opacity="1" visibility="visible" composite-op="svg:src-over" x="0" y="0">
   <layer name="Shade" src="data/layer1.png" x="0" y="0" opacity="0.501960784313725" visibility="visible" composite-op="svg:multiply" selected="true"/>
   <layer name="Glow" src="data/layer2.png" x="2" y="3" opacity="1" visibility="hidden" composite-op="krita:linear light" edit-locked="true"/>
  </stack>
  <filter type="applications:krita:levels" name="Levels" filter="data/filter1"/>
  <layer name="Background" src="data/layer3.png" x="0" y="0" opacity="1" visibility="visible" composite-op="svg:src-over" edit-locked="true"/>
 </stack>
</image>"#;

/// As GIMP and MyPaint do: groups that pass through, namespaces of their own, entries that an attribute names.
const OTHERS: &[u8] = br#"<image xmlns:mypaint="http://mypaint.org/ns/openraster" w="8" h="8" xres="72" yres="72" version="0.0.5" mypaint:frame-active="false">
 <stack opacity="1"><stack name="pass" isolation="auto" composite-op="svg:src-over">
   <layer name="a &lt;b&gt;" src="data/layer1.png" composite-op="svg:dst-over" mypaint:background-tile="data/tile.png" initial-selected="true"/>
 </stack></stack></image>"#;

fn of_others(folder: &Folder, stack: &[u8]) -> PathBuf {
    let picture = png(&RgbaImage::from_pixel(4, 4, Rgba([90, 9, 9, 255])));
    folder.zip(&[
        ("mimetype", b"image/openraster"),
        ("stack.xml", stack),
        ("data/layer1.png", &picture),
        ("data/layer2.png", &picture),
        ("data/layer3.png", &picture),
        ("data/filter1", b"<levels/>"),
        ("data/tile.png", &picture),
        ("mergedimage.png", &picture),
        ("Thumbnails/thumbnail.png", &picture),
    ])
}

#[test]
fn a_file_of_krita_comes_back_with_what_is_kritas() {
    let folder = Folder::new();
    let Opened { mut document, notes, .. } = open(&of_others(&folder, KRITA)).unwrap();
    assert_eq!(
        notes,
        [
            "Blend modes that are not known here show as normal (\u{201c}Glow: krita:linear light\u{201d}). Choose others for these layers if they look \
             wrong.",
            "Not known here and left out when you save: filter of the file's list of layers.",
        ]
    );
    let looks: Vec<_> = document
        .canvas()
        .layers()
        .map(|layer| {
            (
                layer.name.as_str(),
                layer.visible,
                layer.locked,
                document.canvas().depth(layer.id),
            )
        })
        .collect();
    let expected = [
        ("Background", true, true, 0),
        ("Glow", false, true, 1),
        ("Shade", true, false, 1),
        ("Group 1", true, false, 0),
        ("Sketch mask", true, false, 0),
    ];
    assert_eq!(looks, expected);
    let path = folder.path("kept.ora");
    save(&document, &path).unwrap();
    let xml = |path: &Path| String::from_utf8(entries(path)["stack.xml"].clone()).unwrap();
    let written = xml(&path);
    for kept in [
        r#"name="Unnamed" xres="300" yres="300""#,
        r#"composite-op="krita:linear light" edit-locked="true""#,
        r#"selected="true""#,
        r#"isolation="isolate""#,
    ] {
        assert!(written.contains(kept), "{kept}: {written}");
    }
    assert_eq!(entries(&path)["data/filter1"], b"<levels/>");
    // What a person chooses goes before what the other program knows.
    let glow = document.canvas().layers().find(|layer| layer.name == "Glow").unwrap().id;
    document.layer_mut(glow).unwrap().blend = Blend::Screen;
    save(&document, &path).unwrap();
    assert!(
        xml(&path).contains("svg:screen") && !xml(&path).contains("krita:"),
        "{}",
        xml(&path)
    );
}

#[test]
fn attributes_of_other_programs_come_back_through_two_rounds() {
    let folder = Folder::new();
    let mut path = of_others(&folder, OTHERS);
    for round in ["once.ora", "twice.ora"] {
        let Opened { document, notes, .. } = open(&path).unwrap();
        let told = |note: &String| note.starts_with("Groups that pass blend modes through") && note.contains("pass");
        assert!(notes.iter().any(told), "{notes:?}");
        path = folder.path(round);
        save(&document, &path).unwrap();
        let written = String::from_utf8(entries(&path)["stack.xml"].clone()).unwrap();
        for kept in [
            r#"xmlns:mypaint="http://mypaint.org/ns/openraster""#,
            r#"mypaint:frame-active="false""#,
            r#"isolation="auto""#,
            r#"composite-op="svg:dst-over""#,
            r#"mypaint:background-tile="data/tile.png" initial-selected="true""#,
        ] {
            assert_eq!(written.matches(kept).count(), 1, "{kept}: {written}");
        }
        assert!(entries(&path).contains_key("data/tile.png"));
    }
    // A crash keeps them as well.
    let document = open(&path).unwrap().document;
    let outline = std::io::Cursor::new(super::super::outline(&document, false).unwrap());
    let outlined = super::super::read(outline, Path::new("the journal")).unwrap().document;
    assert_eq!(outlined.foreign_attributes, document.foreign_attributes);
    assert_eq!(
        outlined.canvas().layers().next().unwrap().foreign,
        document.canvas().layers().next().unwrap().foreign
    );
}

#[test]
fn a_group_that_says_nothing_of_it_lets_blend_modes_through() {
    let folder = Folder::new();
    let layer = r#"<layer name="shade" src="data/layer1.png" composite-op="svg:multiply"/>"#;
    let stack = format!(
        r#"<image w="8" h="8"><stack><layer name="line art" src="data/layer2.png"/><stack name="silent">{layer}</stack><stack name="faint" opacity="0.5">{layer}</stack>
        <stack name="whole" isolation="isolate">{layer}</stack></stack></image>"#
    );
    let mut path = of_others(&folder, stack.as_bytes());
    for round in ["once.ora", "twice.ora"] {
        let Opened { document, notes, .. } = open(&path).unwrap();
        assert!(
            notes.len() == 1 && notes[0].starts_with("Groups that pass") && notes[0].contains("(\u{201c}silent\u{201d})"),
            "{notes:?}"
        );
        path = folder.path(round);
        save(&document, &path).unwrap();
        let written = String::from_utf8(entries(&path)["stack.xml"].clone()).unwrap();
        let counted = |isolation: &str| written.matches(&format!("isolation=\"{isolation}\"")).count();
        assert_eq!((counted("auto"), counted("isolate")), (2, 1), "{written}");
    }
}

#[test]
fn a_layer_that_is_not_of_pixels_is_left_out_and_told() {
    let folder = Folder::new();
    let picture = png(&RgbaImage::from_pixel(8, 8, Rgba([9, 9, 9, 255])));
    let stack =
        br#"<image w="8" h="8"><stack><layer name="Logo" src="data/a.svg"/><layer name="ink" src="data/b.png"/></stack></image>"#;
    let Opened {
        document,
        notes,
        may_replace,
    } = open(&folder.zip(&[
        ("stack.xml", stack),
        ("data/a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("data/b.png", &picture),
    ]))
    .unwrap();
    assert!(
        notes.len() == 1 && notes[0].starts_with("Left out") && notes[0].contains("(\u{201c}Logo\u{201d})"),
        "{notes:?}"
    );
    assert!(
        !may_replace && notes[0].ends_with("save under another name."),
        "the logo would be lost"
    );
    let names: Vec<_> = document.canvas().layers().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["ink", "Sketch mask"]);
    assert_eq!(document.by_role(Role::Sketch).map(|layer| layer.name.as_str()), Some("ink"));
    // What should be of pixels and is not is damaged.
    let torn = folder.zip(&[("stack.xml", stack), ("data/a.svg", b"<svg/>"), ("data/b.png", b"no picture")]);
    let error = open(&torn).err().unwrap();
    assert!(
        matches!(&error, DocumentError::Entry { entry, .. } if entry == "data/b.png"),
        "{error}"
    );
}

#[test]
fn a_background_that_was_painted_on_is_no_longer_an_endless_tile() {
    let folder = Folder::new();
    for attribute in ["mypaint:background-tile", "background_tile"] {
        let stack = String::from_utf8_lossy(OTHERS).replace("mypaint:background-tile", attribute);
        let mut document = open(&of_others(&folder, stack.as_bytes())).unwrap().document;
        let path = folder.path("kept.ora");
        let written = |document: &Document| {
            save(document, &path).unwrap();
            String::from_utf8(entries(&path)["stack.xml"].clone()).unwrap()
        };
        let id = document.canvas().layers().next().unwrap().id;
        document.layer_mut(id).unwrap().opacity = 0.5;
        assert!(written(&document).contains(attribute));
        document.layer_mut(id).unwrap().pixels = Pixels::Raster(TileGrid::filled([8, 8], [1, 2, 3, 255]));
        let xml = written(&document);
        assert!(
            !xml.contains(attribute) && xml.contains(r#"initial-selected="true""#),
            "{xml}"
        );
    }
}

#[test]
fn what_is_lost_of_deep_pictures_and_outside_the_canvas_is_said() {
    let folder = Folder::new();
    let deep = image::ImageBuffer::from_pixel(8, 8, Rgba([9_u16, 9, 9, 65535]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(deep)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    // Beside the canvas it is transparent.
    let wide = RgbaImage::from_fn(12, 8, |x, _| Rgba([1, 2, 3, if x < 8 { 255 } else { 0 }]));
    let stack = br#"<image w="8" h="8"><stack><layer name="ink" src="deep.png"/><layer name="wide" src="wide.png"/>
        <layer name="moved" src="wide.png" x="-2"/></stack></image>"#;
    let made = folder.zip(&[("stack.xml", stack), ("deep.png", bytes.get_ref()), ("wide.png", &png(&wide))]);
    assert_eq!(
        open(&made).unwrap().notes,
        [
            "What lies outside the canvas is left out when you save (a part of \u{201c}moved\u{201d}). To keep it, enlarge the canvas in the program \
             that made the file, or save under another name.",
            "Reduced to 8 bits a channel (\u{201c}ink\u{201d}). To keep the rest, save under another name.",
        ]
    );
}

/// Other programs keep entries that they do not know, and number the layers' anew.
#[test]
fn roles_come_of_names_where_our_entry_speaks_of_other_layers() {
    let folder = Folder::new();
    let saved = folder.path("ours.ora");
    let before = full_document();
    save(&before, &saved).unwrap();
    let renamed: Vec<(String, Vec<u8>)> = entries(&saved)
        .into_iter()
        .map(|(name, bytes)| {
            let bytes = match name.as_str() {
                "stack.xml" => String::from_utf8(bytes)
                    .unwrap()
                    .replace("data/shiage-", "data/layer")
                    .into_bytes(),
                _ => bytes,
            };
            (name.replace("data/shiage-", "data/layer"), bytes)
        })
        .collect();
    let renamed: Vec<(&str, &[u8])> = renamed
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let after = open(&folder.zip(&renamed)).unwrap().document;
    let roles = |document: &Document| -> Vec<(String, Role)> {
        let layers = document.sheets().flat_map(Sheet::layers);
        layers.map(|layer| (layer.name.clone(), layer.role)).collect()
    };
    assert_eq!(roles(&after), roles(&before));
    assert_eq!(after.by_role(Role::Sketch).unwrap().blend, Blend::Multiply);
}
