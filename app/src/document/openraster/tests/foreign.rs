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
