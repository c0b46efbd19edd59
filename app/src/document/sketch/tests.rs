//! What is the sketch, which of its lines count, and where it lies.

use super::*;
use crate::document::{Document, Pixels, Place, TileGrid};
use image::{Rgb, Rgba, RgbaImage};

const SIZE: [u32; 2] = [4, 1];
const PAPER: [u8; 4] = [255; 4];
const INK: [u8; 4] = [0, 0, 0, 255];

/// Over paint, from the bottom up: lines at 0 and at 1 on paper of their own, at 2 on nothing. The first of them is the sketch.
fn drawing() -> (Document, [LayerId; 4]) {
    let mut document = Document::from_sketch(&scan(0)).unwrap();
    let sketch = document.by_role(Role::Sketch).unwrap().id;
    let paint = add(&mut document, "Flats", &[[200, 100, 50, 255]; 4], Place::Below(sketch));
    let second = add(&mut document, "Hair", scan(1).as_chunks().0, Place::Above(sketch));
    let third = add(
        &mut document,
        "Face",
        &[[0; 4], [0; 4], [60, 30, 0, 128], [0; 4]],
        Place::Above(second),
    );
    (document, [paint, sketch, second, third])
}

fn scan(line: u32) -> RgbaImage {
    RgbaImage::from_fn(4, 1, |x, _| Rgba(if x == line { INK } else { PAPER }))
}

fn add(document: &mut Document, name: &str, pixels: &[[u8; 4]], place: Place) -> LayerId {
    let layer = Layer::new(
        Role::Paint,
        name,
        Pixels::Raster(TileGrid::with_pixels(SIZE, [0, 0], 4, pixels)),
    );
    let id = layer.id;
    assert!(document.canvas_mut().insert(layer, place));
    id
}

fn lines(document: &Document) -> [[u8; 3]; 4] {
    let picture = document.canvas().line_art(Rect::of(SIZE)).unwrap();
    [0, 1, 2, 3].map(|x| picture.get_pixel(x, 0).0)
}

#[test]
fn the_lines_of_all_layers_count_that_show_or_of_all_where_none_does() {
    let (mut document, [_, sketch, second, third]) = drawing();
    let white = [255; 3];
    assert_eq!(lines(&document), [[0; 3], white, white, white]);
    document.canvas_mut().toggle_sketch(second).unwrap();
    document.canvas_mut().toggle_sketch(third).unwrap();
    let all = [[0; 3], [0; 3], [157, 142, 127], white];
    assert_eq!(lines(&document), all);
    document.layer_mut(second).unwrap().visible = false;
    let shown = [[0; 3], white, [157, 142, 127], white];
    assert_eq!(lines(&document), shown);
    document.layer_mut(second).unwrap().visible = true;
    let group = document.canvas_mut().group(second).unwrap();
    document.layer_mut(group).unwrap().visible = false;
    assert_eq!(lines(&document), shown, "with its group it is hidden");
    for id in [sketch, second, third] {
        let layer = document.layer_mut(id).unwrap();
        (layer.visible, layer.opacity) = (false, 0.3);
    }
    assert_eq!(lines(&document), all);
    let empty = Document::new(SIZE).unwrap();
    assert!(empty.canvas().line_art(Rect::of(SIZE)).is_none());
}

#[test]
fn a_scan_that_becomes_the_sketch_lets_the_colour_through_and_the_last_one_stays() {
    let (mut document, [paint, sketch, second, _]) = drawing();
    let seen = |document: &Document| document.composite(Rect::of(SIZE)).get_pixel(3, 0).0;
    assert_eq!(seen(&document), PAPER, "it hides what lies below");
    let canvas = document.canvas_mut();
    assert_eq!(canvas.toggle_sketch(second), Ok(true));
    assert_eq!(canvas.layer(second).unwrap().blend, Blend::Multiply);
    assert_eq!(seen(&document), [200, 100, 50, 255]);
    let canvas = document.canvas_mut();
    let taken_out = canvas.clone().toggle_sketch_all(&[sketch, second]);
    assert!(taken_out.unwrap_err().contains("needs a sketch"));
    assert_eq!(canvas.toggle_sketch(sketch), Ok(false));
    assert_eq!(canvas.sketches().map(|layer| layer.id).collect::<Vec<_>>(), [second]);
    let mut both = canvas.clone();
    assert_eq!(both.toggle_sketch_all(&[sketch, second]), Ok(false), "one is a part already");
    assert_eq!(both.sketches().count(), 2);
    assert!(canvas.toggle_sketch(second).unwrap_err().contains("needs a sketch"));
    canvas.layer_mut(paint).unwrap().blend = Blend::Darken;
    assert_eq!(canvas.toggle_sketch(paint), Ok(false), "what mixes in another way goes on so");
    let mask = canvas.by_role(Role::SketchMask).unwrap().id;
    assert!(canvas.toggle_sketch(mask).is_err());
    let take = document.place_take(&RgbImage::from_pixel(4, 1, Rgb([9; 3])), String::new());
    assert!(document.canvas_mut().toggle_sketch(take).is_err());
}

#[test]
fn a_group_is_the_sketch_with_all_that_is_painted_in_it_and_multiplies_as_a_whole() {
    let (mut document, [_, sketch, second, third]) = drawing();
    let canvas = document.canvas_mut();
    let inner = canvas.group(second).unwrap();
    let outer = canvas.group(inner).unwrap();
    canvas.move_to(third, Place::Into(outer));
    assert_eq!(canvas.toggle_sketch(outer), Ok(true));
    assert!(canvas.is_sketch(canvas.layer(outer).unwrap()));
    let blends = [inner, outer, third].map(|id| canvas.layer(id).unwrap().blend);
    assert_eq!(blends, [Blend::Multiply; 3]);
    assert_eq!(document.composite(Rect::of(SIZE)).get_pixel(3, 0).0, [200, 100, 50, 255]);
    let canvas = document.canvas_mut();
    assert_eq!(canvas.toggle_sketch(outer), Ok(false));
    assert_eq!(canvas.sketches().map(|layer| layer.id).collect::<Vec<_>>(), [sketch]);
    // A group that holds other paint, too, goes on hiding what lies below.
    let mixed = canvas.group(third).unwrap();
    canvas.move_to(sketch, Place::Into(mixed));
    canvas.layer_mut(third).unwrap().blend = Blend::Normal;
    let flats = canvas.duplicate(third).unwrap();
    assert_eq!(canvas.toggle_sketch(third), Ok(true));
    assert_eq!(canvas.layer(mixed).unwrap().blend, Blend::Normal);
    assert!(!canvas.is_sketch(canvas.layer(flats).unwrap()));
}

#[test]
fn what_does_not_show_in_a_group_of_lines_does_not_bring_its_paper_back() {
    let (mut document, [_, _, second, _]) = drawing();
    let group = document.canvas_mut().group(second).unwrap();
    add(&mut document, "Blank", &[[0; 4]; 4], Place::Into(group));
    let hidden = add(&mut document, "Old colour", &[[9, 9, 9, 255]; 4], Place::Into(group));
    document.layer_mut(hidden).unwrap().visible = false;
    let canvas = document.canvas_mut();
    assert_eq!(canvas.toggle_sketch(second), Ok(true));
    assert_eq!(canvas.layer(group).unwrap().blend, Blend::Multiply);
    assert_eq!(document.composite(Rect::of(SIZE)).get_pixel(3, 0).0, [200, 100, 50, 255]);
    document.layer_mut(hidden).unwrap().visible = true;
    assert!(!document.canvas().holds_multiplied_lines(group), "it would multiply, too");
}

#[test]
fn lines_that_lie_together_lie_over_the_colour_and_those_under_paint_do_not() {
    let (mut document, [paint, sketch, second, third]) = drawing();
    let low = add(&mut document, "Background lines", scan(3).as_chunks().0, Place::Below(paint));
    let hidden = add(&mut document, "Note", &[INK; 4], Place::Below(third));
    document.layer_mut(hidden).unwrap().visible = false;
    add(&mut document, "Blank", &[[0; 4]; 4], Place::Below(second));
    for id in [low, second, third] {
        document.canvas_mut().toggle_sketch(id).unwrap();
    }
    assert_eq!(document.canvas().lines_over_color(), [third, second, sketch]);
    let group = document.canvas_mut().group(second).unwrap();
    assert_eq!(document.canvas().lines_over_color(), [third, group, sketch]);
    document.layer_mut(group).unwrap().blend = Blend::Multiply;
    let take = document.place_take(&RgbImage::from_pixel(4, 1, Rgb([9; 3])), String::new());
    assert_eq!(
        document.composite(Rect::of(SIZE)).get_pixel(3, 0).0,
        [9, 9, 9, 255],
        "it shows"
    );
    document.canvas_mut().move_to(take, Place::Above(sketch));
    assert_eq!(document.canvas().lines_over_color(), [third, group]);
}

#[test]
fn lines_are_parted_by_what_covers_most_of_the_sheet_and_not_by_a_touch_of_paint() {
    let (mut document, [_, sketch, second, _]) = drawing();
    document.canvas_mut().toggle_sketch(second).unwrap();
    let blush = [[200, 90, 90, 255], [0; 4], [0; 4], [0; 4]];
    let touch = add(&mut document, "Blush", &blush, Place::Above(sketch));
    assert_eq!(document.canvas().lines_over_color(), [second, sketch]);
    let grid = |shade: [u8; 4]| Pixels::Raster(TileGrid::filled(SIZE, shade));
    let canvas = document.canvas_mut();
    canvas.layer_mut(touch).unwrap().pixels = grid([200, 90, 90, 255]);
    assert_eq!(canvas.lines_over_color(), [second]);
    canvas.layer_mut(touch).unwrap().blend = Blend::Multiply;
    assert_eq!(canvas.lines_over_color(), [second, sketch], "what lies below shines through");
    canvas.layer_mut(touch).unwrap().blend = Blend::Normal;
    canvas.group(touch).unwrap();
    assert_eq!(canvas.lines_over_color(), [second], "in a group as well");
    canvas.layer_mut(touch).unwrap().pixels = grid([200, 90, 90, 30]);
    assert_eq!(canvas.lines_over_color(), [second, sketch]);
}

#[test]
fn what_shows_of_the_sketch_is_hidden_together_and_comes_back_without_a_backup() {
    let (mut document, [_, sketch, second, third]) = drawing();
    let canvas = document.canvas_mut();
    for id in [second, third] {
        canvas.toggle_sketch(id).unwrap();
    }
    let backup = canvas.group(second).unwrap();
    canvas.layer_mut(backup).unwrap().visible = false;
    let shown = |canvas: &Sheet| [sketch, backup, second, third].map(|id| canvas.layer(id).unwrap().visible);
    let before = lines(&document);
    for visible in [false, true, false] {
        let canvas = document.canvas_mut();
        assert!(canvas.show_or_hide_sketch());
        assert_eq!(shown(canvas), [visible, false, true, visible]);
        assert_eq!(lines(&document), before, "the backup's lines are no part of it");
    }
    // What the person shows then is the drawing, and goes as it comes.
    document.layer_mut(third).unwrap().visible = true;
    let of_one = lines(&document);
    assert_ne!(of_one, before);
    for visible in [false, true] {
        let canvas = document.canvas_mut();
        assert!(canvas.show_or_hide_sketch());
        assert_eq!(shown(canvas), [false, false, true, visible]);
        assert_eq!(lines(&document), of_one);
    }
}

#[test]
fn lines_that_were_hidden_one_by_one_come_back_together_and_with_their_groups() {
    let (mut document, [_, sketch, second, _]) = drawing();
    let canvas = document.canvas_mut();
    canvas.toggle_sketch(second).unwrap();
    let group = canvas.group(sketch).unwrap();
    for hidden in [group, second] {
        canvas.layer_mut(hidden).unwrap().visible = false;
    }
    assert!(canvas.show_or_hide_sketch());
    assert!(canvas.sketches().all(|layer| canvas.is_in_sight(layer)));
    assert!(!Document::new(SIZE).unwrap().canvas_mut().show_or_hide_sketch());
}

#[test]
fn lines_that_are_hidden_behind_a_layer_that_shows_alone_are_those_that_showed() {
    let (mut document, [paint, sketch, second, _]) = drawing();
    document.canvas_mut().toggle_sketch(second).unwrap();
    document.layer_mut(second).unwrap().visible = false;
    let before = lines(&document);
    let canvas = document.canvas_mut();
    canvas.set_lines_aside(&canvas.line_ids());
    canvas.show_alone(paint);
    assert!(!canvas.layer(sketch).unwrap().visible);
    assert_eq!(lines(&document), before);
}

#[test]
fn lines_that_show_again_with_their_group_are_set_aside_no_longer() {
    let (mut document, [_, sketch, second, _]) = drawing();
    let canvas = document.canvas_mut();
    let group = canvas.group(sketch).unwrap();
    canvas.set_lines_aside(&[sketch]);
    for shown in [false, true] {
        canvas.set_visible([(group, shown)]);
        assert_eq!(canvas.line_ids(), [sketch]);
    }
    canvas.toggle_sketch(second).unwrap();
    canvas.set_visible([(group, false), (second, false)]);
    assert_eq!(canvas.line_ids(), [sketch, second], "it is not known which of them count");
}
