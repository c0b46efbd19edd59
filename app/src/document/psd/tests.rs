//! Files written for the purpose, read and broken.

mod exported;
mod golden;
mod masks;
mod refused;
mod written;

use super::read;
use crate::document::{Blend, Document, Layer, Rect, Role};
use written::{File, Packing, Written, unicode};

fn opened(file: &File) -> (Document, Vec<String>) {
    let opened = read(&file.bytes()).unwrap();
    (opened.document, opened.notes)
}

fn layer<'a>(document: &'a Document, name: &str) -> &'a Layer {
    document.canvas().layers().find(|layer| layer.name == name).unwrap()
}

fn pixel(document: &Document, name: &str, x: u32, y: u32) -> [u8; 4] {
    layer(document, name).raster().unwrap().pixel(x, y)
}

/// Name, role, depth and whether it is a group, from the bottom up.
fn tree(document: &Document) -> Vec<(String, Role, usize, bool)> {
    let canvas = document.canvas();
    let line = |layer: &Layer| (layer.name.clone(), layer.role, canvas.depth(layer.id), layer.is_group());
    canvas.layers().map(line).collect()
}

#[test]
fn layers_keep_their_order_names_places_and_looks() {
    let mut shade = Written::layer("影・乗算", [4, 5, 60, 25], [0.2, 0.4, 0.6]);
    (shade.blend, shade.opacity, shade.clip, shade.flags) = (b"mul ", 128, true, 1);
    shade.blocks.push((b"iOpa", vec![128, 0, 0, 0]));
    let mut hidden = Written::layer("hidden", [-10, -10, 3, 3], [1.0, 0.0, 0.0]);
    (hidden.flags, hidden.channels[0].1) = (2, 0.5);
    hidden.blocks.push((b"lspf", vec![0, 0, 0, 2]));
    let file = File::new(vec![
        Written::layer("base", [0, 0, 40, 30], [1.0, 1.0, 1.0]),
        shade,
        hidden,
        Written::layer("Line art", [0, 0, 40, 30], [0.0; 3]),
    ]);
    let (document, notes) = opened(&file);
    assert_eq!(notes, [""; 0]);
    let names: Vec<_> = tree(&document).into_iter().map(|(name, role, ..)| (name, role)).collect();
    let expected = [
        ("base", Role::Paint),
        ("影・乗算", Role::Paint),
        ("hidden", Role::Paint),
        ("Line art", Role::Sketch),
        ("Sketch mask", Role::SketchMask),
    ];
    assert_eq!(names, expected.map(|(name, role)| (name.to_owned(), role)));
    let shade = layer(&document, "影・乗算");
    assert_eq!((shade.blend, shade.clip, shade.alpha_locked), (Blend::Multiply, true, true));
    assert!((shade.opacity - 0.252).abs() < 0.001, "opacity times fill: {}", shade.opacity);
    assert_eq!(pixel(&document, "影・乗算", 39, 24), [51, 102, 153, 255]);
    assert_eq!(pixel(&document, "影・乗算", 3, 24), [0; 4]);
    let hidden = layer(&document, "hidden");
    assert!(!hidden.visible && hidden.locked);
    assert_eq!(
        (pixel(&document, "hidden", 2, 2), pixel(&document, "hidden", 3, 2)),
        ([255, 0, 0, 128], [0; 4])
    );
    assert_eq!(
        layer(&document, "Line art").blend,
        Blend::Multiply,
        "white paper hides nothing"
    );
}

#[test]
fn every_packing_at_either_depth_in_colour_and_grey_gives_the_same_pixels() {
    for bits in [8, 16] {
        for packing in [Packing::Raw, Packing::Runs, Packing::Zip, Packing::Differences] {
            let mut file = File::new(vec![Written::layer("a", [3, 4, 13, 9], [0.2, 0.4, 0.6])]);
            (file.bits, file.packing) = (bits, packing);
            let (document, _) = opened(&file);
            assert_eq!(pixel(&document, "a", 12, 8), [51, 102, 153, 255], "{bits} {packing:?}");
            assert_eq!(pixel(&document, "a", 13, 8), [0; 4]);
            (file.mode, file.merged) = (1, vec![0.5]);
            file.layers[0].channels = vec![(-1, 0.2), (0, 0.4)];
            let (document, _) = opened(&file);
            assert_eq!(pixel(&document, "a", 12, 8), [102, 102, 102, 51], "{bits} {packing:?}");
        }
    }
}

#[test]
fn layers_that_are_too_large_to_be_unpacked_together_keep_their_order() {
    // Six of them at a time at most.
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let file = File::new(
        names
            .map(|name| Written::layer(name, [-3900, 0, 100, 4000], [0.2; 3]))
            .to_vec(),
    );
    let (document, _) = opened(&file);
    let found: Vec<_> = document.canvas().layers().map(|layer| layer.name.as_str()).collect();
    assert_eq!(found[..7], names);
    assert!(names.iter().all(|name| pixel(&document, name, 39, 29) == [51, 51, 51, 255]));
}

#[test]
fn groups_that_lie_too_deep_leave_what_they_hold_to_those_around_them() {
    let end = || Written::group("</Layer group>", 3, b"norm");
    let mut hidden = Written::group("hidden", 1, b"norm");
    hidden.flags = 2;
    let mut layers: Vec<Written> = (0..20).map(|_| end()).collect();
    for (name, group) in [("a", Written::group("deep", 1, b"norm")), ("b", hidden)] {
        layers.extend([end(), Written::layer(name, [0, 0, 8, 8], [0.5; 3]), group]);
    }
    layers.extend((0..20).map(|_| Written::group("group", 1, b"norm")));
    let (document, notes) = opened(&File::new(layers));
    let canvas = document.canvas();
    let found = ["a", "b"].map(|name| {
        let layer = layer(&document, name);
        (canvas.depth(layer.id), layer.visible)
    });
    assert_eq!(found, [(20, true), (20, false)]);
    let named = "(\u{201c}deep\u{201d}, \u{201c}hidden\u{201d})";
    assert!(notes.iter().any(|note| note.contains(named)), "{notes:?}");
}

#[test]
fn groups_lie_in_each_other() {
    let mut outer = Written::group("外", 2, b"scrn");
    outer.opacity = 51;
    let file = File::new(vec![
        Written::layer("paper", [0, 0, 40, 30], [1.0; 3]),
        Written::group("</Layer group>", 3, b"norm"),
        Written::layer("low", [0, 0, 8, 8], [0.5; 3]),
        Written::group("</Layer group>", 3, b"norm"),
        Written::layer("deep", [0, 0, 8, 8], [0.5; 3]),
        Written::group("inner", 1, b"pass"),
        outer,
        Written::layer("sketch", [0, 0, 40, 30], [0.0; 3]),
    ]);
    let (document, notes) = opened(&file);
    let expected = [
        ("paper", Role::Paint, 0, false),
        ("low", Role::Paint, 1, false),
        ("deep", Role::Paint, 2, false),
        ("inner", Role::Paint, 1, true),
        ("外", Role::Paint, 0, true),
        ("sketch", Role::Sketch, 0, false),
        ("Sketch mask", Role::SketchMask, 0, false),
    ];
    let expected = expected.map(|(name, role, depth, group)| (name.to_owned(), role, depth, group));
    assert_eq!(tree(&document), expected);
    let outer = layer(&document, "外");
    assert_eq!((outer.blend, outer.opacity, outer.folded), (Blend::Screen, 0.2, true));
    assert_eq!(
        notes, [""; 0],
        "nothing in the group that passes through mixes in a way of its own"
    );
}

#[test]
fn a_group_of_line_art_is_the_sketch_and_lets_the_colour_through() {
    let whole = [0, 0, 40, 30];
    let mut rough = Written::layer("ラフ sketch", whole, [0.0; 3]);
    rough.flags = 2;
    let file = File::new(vec![
        rough,
        Written::layer("塗り", whole, [0.2, 0.4, 0.6]),
        Written::group("</Layer group>", 3, b"norm"),
        Written::layer("顔", whole, [1.0; 3]),
        Written::layer("blank", [0; 4], [0.0; 3]),
        Written::layer("髪", whole, [1.0; 3]),
        Written::group("線画", 1, b"pass"),
    ]);
    let (document, _) = opened(&file);
    let names: Vec<_> = document.canvas().sketches().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["顔", "髪"], "the rough was put out of sight");
    let shown = document.composite(Rect::of([40, 30]));
    assert_eq!(shown.get_pixel(20, 20).0, [51, 102, 153, 255]);
}

#[test]
fn groups_without_an_end_are_whole_all_the_same() {
    let file = File::new(vec![
        Written::group("above nothing", 1, b"norm"),
        Written::group("</Layer group>", 3, b"norm"),
        Written::layer("a", [0, 0, 8, 8], [0.5; 3]),
    ]);
    let (document, _) = opened(&file);
    let names: Vec<_> = tree(&document).into_iter().map(|(name, _, depth, _)| (name, depth)).collect();
    let expected = [("above nothing", 0), ("a", 1), ("Group", 0), ("Sketch mask", 0)];
    assert_eq!(names, expected.map(|(name, depth)| (name.to_owned(), depth)));
}

#[test]
fn layers_that_blend_on_some_tones_alone_are_told() {
    let mut some = Written::layer("some", [0, 0, 8, 8], [0.5; 3]);
    some.tones = [[0, 0, 255, 255], [0, 40, 255, 255]].concat();
    let mut all = Written::layer("all", [0, 0, 8, 8], [0.5; 3]);
    all.tones = [0, 0, 255, 255].repeat(8);
    let (_, notes) = opened(&File::new(vec![some, all]));
    assert!(
        notes.len() == 1 && notes[0].contains("Blend If") && notes[0].contains("(\u{201c}some\u{201d})"),
        "{notes:?}"
    );
}

#[test]
fn what_is_clipped_to_something_left_out_is_hidden_and_told() {
    let clipped = |name| Written {
        clip: true,
        ..Written::layer(name, [0, 0, 8, 8], [0.5; 3])
    };
    let fill = |name, key| {
        let mut fill = Written::layer(name, [0; 4], [0.0; 3]);
        fill.blocks.push((key, vec![0; 8]));
        fill
    };
    let file = File::new(vec![
        Written::layer("paint", [0, 0, 8, 8], [0.5; 3]),
        Written {
            clip: true,
            ..fill("clipped fill", b"SoCo")
        },
        clipped("on paint"),
        fill("fill", b"SoCo"),
        clipped("on fill"),
        clipped("on fill too"),
        Written::group("</Layer group>", 3, b"norm"),
        clipped("on nothing"),
        Written::group("group", 1, b"norm"),
        clipped("on group"),
        Written::group("</Layer group>", 3, b"norm"),
        fill("inner fill", b"GdFl"),
        clipped("on inner fill"),
        Written {
            clip: true,
            ..Written::group("clipped group", 1, b"norm")
        },
    ]);
    let (document, notes) = opened(&file);
    let hidden: Vec<_> = (document.canvas().layers())
        .filter(|layer| !layer.visible)
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(hidden, ["on fill", "on fill too", "on inner fill"]);
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("Hidden, for what they were clipped to")
                && note.contains("(\u{201c}on fill\u{201d}, \u{201c}on fill too\u{201d}, \u{201c}on inner fill\u{201d})")),
        "{notes:?}"
    );
}

#[test]
fn a_blank_layer_is_not_the_sketch_unless_all_are() {
    let blank = |name| Written::layer(name, [0; 4], [0.0; 3]);
    let mut map = blank("Gradient Map 1");
    map.blocks.push((b"grdm", vec![0; 8]));
    let mut selective = blank("Selective Color 1");
    selective.blocks.push((b"selc", vec![0; 8]));
    let (document, notes) = opened(&File::new(vec![
        Written::layer("drawing", [0, 0, 8, 8], [0.5; 3]),
        blank("Layer 2"),
        blank("Hints"),
        map,
        selective,
    ]));
    let roles: Vec<_> = tree(&document).into_iter().map(|(name, role, ..)| (name, role)).collect();
    let expected = [
        ("drawing", Role::Sketch),
        ("Layer 2", Role::Paint),
        ("Hints", Role::Hints),
        ("Sketch mask", Role::SketchMask),
    ];
    assert_eq!(roles, expected.map(|(name, role)| (name.to_owned(), role)));
    assert!(
        notes[0].contains("(\u{201c}Gradient Map 1\u{201d}, \u{201c}Selective Color 1\u{201d})"),
        "{notes:?}"
    );
    let (document, _) = opened(&File::new(vec![blank("low"), blank("top")]));
    assert_eq!(layer(&document, "top").role, Role::Sketch);
}

#[test]
fn linear_dodge_is_a_mode_of_its_own() {
    let mut dodge = Written::layer("dodge", [0, 0, 8, 8], [0.5; 3]);
    dodge.blend = b"lddg";
    let (document, notes) = opened(&File::new(vec![Written::layer("a", [0, 0, 8, 8], [0.5; 3]), dodge]));
    assert_eq!(notes, [""; 0]);
    assert_eq!(layer(&document, "dodge").blend, Blend::LinearDodge);
}

#[test]
fn what_is_not_known_here_is_said() {
    let mut odd = Written::layer("odd", [0, 0, 8, 8], [0.5; 3]);
    odd.blend = b"vLit";
    odd.blocks.push((b"lfx2", vec![0; 8]));
    let mut curves = Written::layer("Curves 1", [0; 4], [0.0; 3]);
    curves.blocks.push((b"curv", vec![0; 8]));
    let mut multiplied = Written::layer("m", [0, 0, 8, 8], [0.5; 3]);
    multiplied.blend = b"mul ";
    let file = File::new(vec![
        odd,
        curves,
        Written::group("</Layer group>", 3, b"norm"),
        multiplied,
        Written::group("pass", 1, b"pass"),
    ]);
    let (document, notes) = opened(&file);
    assert_eq!(layer(&document, "odd").blend, Blend::Normal);
    assert!(document.canvas().layers().all(|layer| layer.name != "Curves 1"));
    let expected = [
        "Left out, for there is nothing like it here: adjustments and fills (\u{201c}Curves 1\u{201d}). To have what they do, merge them into the \
         layers below them in the program that made the file.",
        "Blend modes that are not known here show as normal (\u{201c}odd: Vivid Light\u{201d}). Choose others for these layers if they look \
         wrong.",
        "Layer effects do not show here (\u{201c}odd\u{201d}). To have them, rasterize these layers' styles in the program that made the \
         file.",
        "Groups that pass blend modes through are blended as a whole here (\u{201c}pass\u{201d}). Move the layers out of a group if they \
         look wrong.",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn without_layers_the_picture_is_the_sketch() {
    let mut file = File::new(Vec::new());
    for packing in [Packing::Raw, Packing::Runs] {
        file.packing = packing;
        let (document, _) = opened(&file);
        assert_eq!(
            document.by_role(Role::Sketch).unwrap().raster().unwrap().pixel(39, 29),
            [255, 128, 0, 255]
        );
    }
    // A selection that somebody kept.
    file.merged.push(0.2);
    let (document, _) = opened(&file);
    assert_eq!(
        document.by_role(Role::Sketch).unwrap().raster().unwrap().pixel(0, 0),
        [255, 128, 0, 255]
    );
}

#[test]
fn the_files_colours_become_srgb() {
    let mut file = File::new(vec![Written::layer(
        "a",
        [0, 0, 8, 8],
        [100.0 / 255.0, 150.0 / 255.0, 60.0 / 255.0],
    )]);
    for bits in [8, 16] {
        file.bits = bits;
        file.icc = Some(moxcms::ColorProfile::new_adobe_rgb().encode().unwrap());
        let (document, notes) = opened(&file);
        let near = pixel(&document, "a", 0, 0)
            .iter()
            .zip([66, 151, 48, 255])
            .all(|(a, b)| a.abs_diff(b) <= 1);
        assert!(near && notes.is_empty(), "{:?}", pixel(&document, "a", 0, 0));
        let of_gray = moxcms::ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
        for useless in [vec![1; 301], of_gray] {
            file.icc = Some(useless);
            let (document, notes) = opened(&file);
            assert_eq!(pixel(&document, "a", 0, 0), [100, 150, 60, 255]);
            assert!(notes[0].starts_with("The file's colour profile was ignored"), "{notes:?}");
        }
    }
}

#[test]
fn names_of_old_programs_are_read() {
    let mut plain = Written::layer("plain", [0, 0, 8, 8], [0.5; 3]);
    plain.blocks.clear();
    let mut ended = Written::layer("ended", [0, 0, 8, 8], [0.5; 3]);
    ended.blocks = vec![(b"luni", unicode("線\0"))];
    let (document, _) = opened(&File::new(vec![plain, ended]));
    let names: Vec<_> = document.canvas().layers().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["old", "線", "Sketch mask"]);
}
