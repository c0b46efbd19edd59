//! Layers that become one, and those that do not.

use super::*;
use crate::document::clipped::{BASE_APART, CLIPPED_TO_TAKE};

fn sheet() -> (Sheet, Vec<LayerId>) {
    let mut sheet = Sheet::new([2, 1]);
    for (name, pixels) in [("low", [[200, 0, 0, 255], [0; 4]]), ("high", [[0, 0, 200, 255]; 2])] {
        let grid = TileGrid::with_pixels([2, 1], [0, 0], 2, &pixels);
        sheet.push(Layer::new(Role::Paint, name, Pixels::Raster(grid)));
    }
    let ids = sheet.layers().map(|layer| layer.id).collect();
    (sheet, ids)
}

#[test]
fn merging_looks_as_before_and_leaves_one_layer() {
    for clip in [false, true] {
        let (mut sheet, ids) = sheet();
        let upper = sheet.layer_mut(ids[1]).unwrap();
        (upper.opacity, upper.blend, upper.clip) = (0.5, Blend::Screen, clip);
        let before = sheet.composite(Rect::of([2, 1]));
        assert_eq!(sheet.merge_down(ids[1]), Ok(ids[0]));
        assert_eq!(sheet.composite(Rect::of([2, 1])), before);
        assert_eq!(sheet.layers().len(), 1);
        assert!(sheet.merge_down(ids[0]).is_err(), "nothing lies below");
    }
}

#[test]
fn a_layer_without_opacity_leaves_what_is_below_as_it_is() {
    for blend in [Blend::DstIn, Blend::DstAtop, Blend::Normal] {
        let (mut sheet, ids) = sheet();
        let upper = sheet.layer_mut(ids[1]).unwrap();
        (upper.opacity, upper.blend) = (0.0, blend);
        let before = sheet.composite(Rect::of([2, 1]));
        assert_eq!(sheet.merge_down(ids[1]), Ok(ids[0]));
        assert_eq!(sheet.composite(Rect::of([2, 1])), before, "{blend:?}");
    }
}

#[test]
fn a_group_becomes_a_layer() {
    let (mut sheet, ids) = sheet();
    let group = sheet.group(ids[1]).unwrap();
    let flat = sheet.merge_down(group).unwrap();
    assert_eq!(sheet.composite(Rect::of([2, 1])).into_raw(), [0, 0, 200, 255, 0, 0, 200, 255]);
    assert_eq!(sheet.layer(flat).unwrap().name, "Group");
    assert_eq!(sheet.layers().len(), 2);
}

#[test]
fn what_is_locked_is_left_alone() {
    let (mut sheet, ids) = sheet();
    let group = sheet.group(ids[1]).unwrap();
    for locked in [group, ids[1]] {
        sheet.layer_mut(locked).unwrap().locked = true;
        assert!(sheet.merge_down(group).unwrap_err().contains("Unlock it first"));
        sheet.layer_mut(locked).unwrap().locked = false;
    }
    sheet.move_to(ids[0], Place::Into(group));
    sheet.layer_mut(group).unwrap().locked = true;
    assert!(sheet.merge_down(ids[0]).unwrap_err().contains("Unlock it first"));
}

#[test]
fn nothing_is_merged_with_what_is_hidden() {
    let (mut sheet, ids) = sheet();
    for &hidden in &ids {
        sheet.layer_mut(hidden).unwrap().visible = false;
        assert!(sheet.merge_down(ids[1]).unwrap_err().contains("Show it first"));
        sheet.layer_mut(hidden).unwrap().visible = true;
    }
    assert_eq!(sheet.layers().len(), 2);
    assert_eq!(sheet.merge_down(ids[1]), Ok(ids[0]));
}

#[test]
fn layers_of_the_sketch_are_merged_with_each_other_alone() {
    let (mut sheet, ids) = sheet();
    sheet.toggle_sketch(ids[1]).unwrap();
    assert!(sheet.merge_down(ids[1]).is_err(), "its lines would be lost in paint");
    sheet.toggle_sketch(ids[0]).unwrap();
    let lines = sheet.line_art(Rect::of([2, 1]));
    assert_eq!(sheet.merge_down(ids[1]), Ok(ids[0]));
    assert_eq!(sheet.line_art(Rect::of([2, 1])), lines);
    assert!(sheet.layer(ids[0]).is_some_and(|layer| layer.role == Role::Sketch));
}

#[test]
fn takes_are_left_alone() {
    let (mut sheet, ids) = sheet();
    sheet.layer_mut(ids[0]).unwrap().role = Role::Take;
    assert!(sheet.merge_down(ids[1]).unwrap_err().contains("never into a take"));
    assert!(sheet.merge_all(&ids).unwrap_err().contains("Choose no take"));
}

#[test]
fn a_take_without_a_row_does_not_part_two_layers() {
    let (mut sheet, ids) = sheet();
    for visible in [false, true] {
        let mut take = Layer::new(Role::Take, "Take", Pixels::Raster(TileGrid::new([2, 1])));
        take.visible = visible;
        let place = if visible { Place::Above(ids[1]) } else { Place::Above(ids[0]) };
        sheet.insert(take, place);
    }
    assert_eq!(sheet.merge_down(ids[1]), Ok(ids[0]));
}

/// Over the two layers of [`sheet`] a third one, green at the right.
fn three() -> (Sheet, Vec<LayerId>) {
    let (mut sheet, mut ids) = sheet();
    let grid = TileGrid::with_pixels([2, 1], [1, 0], 1, &[[0, 200, 0, 200]]);
    let layer = Layer::new(Role::Paint, "top", Pixels::Raster(grid));
    ids.push(layer.id);
    sheet.push(layer);
    (sheet, ids)
}

#[test]
fn several_layers_become_one_that_looks_as_they_did() {
    let (mut sheet, ids) = three();
    for (id, opacity) in ids.iter().zip([0.8, 0.5, 0.7]) {
        sheet.layer_mut(*id).unwrap().opacity = opacity;
    }
    let group = sheet.group(ids[1]).unwrap();
    sheet.layer_mut(group).unwrap().blend = Blend::Screen;
    sheet.layer_mut(ids[2]).unwrap().clip = true;
    let before = sheet.composite(Rect::of([2, 1]));
    let merged = sheet.merge_all(&[ids[2], group, ids[0], ids[1]]).unwrap();
    assert_eq!(sheet.composite(Rect::of([2, 1])), before);
    assert_eq!(sheet.layers().len(), 1);
    assert_eq!(sheet.layer(merged).unwrap().name, "low");
}

#[test]
fn what_is_clipped_together_becomes_one_that_is_clipped_in_the_topmost_place() {
    let (mut sheet, ids) = three();
    for id in &ids[1..] {
        sheet.layer_mut(*id).unwrap().clip = true;
    }
    sheet.layer_mut(ids[1]).unwrap().blend = Blend::Multiply;
    let before = sheet.composite(Rect::of([2, 1]));
    let merged = sheet.merge_all(&ids[1..]).unwrap();
    let layer = sheet.layer(merged).unwrap();
    assert!(layer.clip && layer.blend == Blend::Multiply);
    assert_eq!(layer.raster().unwrap().pixel(1, 0)[3], 255, "all of it is kept");
    assert_eq!(sheet.composite(Rect::of([2, 1])).as_raw()[..4], before.as_raw()[..4]);
    assert_eq!(sheet.layers().map(|layer| layer.id).collect::<Vec<_>>(), [ids[0], merged]);
}

#[test]
fn what_is_clipped_is_not_merged_with_what_is_not_over_it() {
    let (mut sheet, ids) = three();
    sheet.layer_mut(ids[1]).unwrap().clip = true;
    let before = sheet.composite(Rect::of([2, 1]));
    assert!(sheet.merge_all(&ids[1..]).unwrap_err().contains("release the clipped one"));
    assert_eq!(sheet.merge_down(ids[2]), Err(BASE_APART), "nor by itself");
    assert_eq!(sheet.layers().len(), 3);
    assert!(sheet.merge_all(&ids).is_ok(), "with what bears it");
    assert_eq!(sheet.composite(Rect::of([2, 1])), before);
}

#[test]
fn what_is_clipped_is_merged_with_its_own_base_alone() {
    let (mut sheet, ids) = three();
    sheet.layer_mut(ids[2]).unwrap().clip = true;
    assert_eq!(
        sheet.merge_all(&[ids[0], ids[2]]),
        Err(BASE_APART),
        "it is clipped to the one between"
    );
    // Each of the two upper ones has a base of its own.
    let second = sheet.duplicate(ids[1]).unwrap();
    sheet.layer_mut(ids[1]).unwrap().clip = true;
    assert_eq!(sheet.merge_all(&[ids[1], ids[2]]), Err(BASE_APART));
    let before = sheet.composite(Rect::of([2, 1]));
    assert!(sheet.merge_all(&[second, ids[2]]).is_ok());
    assert_eq!(sheet.composite(Rect::of([2, 1])), before);
}

#[test]
fn nothing_is_merged_past_what_is_clipped_to_a_part_of_it() {
    let (mut sheet, ids) = three();
    sheet.layer_mut(ids[1]).unwrap().clip = true;
    assert!(sheet.merge_all(&[ids[0], ids[2]]).unwrap_err().contains("lies between them"));
    assert_eq!(sheet.layers().len(), 3);
    sheet.layer_mut(ids[2]).unwrap().clip = true;
    sheet.move_to(ids[1], Place::Above(ids[2]));
    let before = sheet.composite(Rect::of([2, 1]));
    assert!(
        sheet.merge_all(&[ids[0], ids[2]]).is_ok(),
        "over all of them it is clipped to what they become"
    );
    assert_eq!(sheet.composite(Rect::of([2, 1])), before);
}

#[test]
fn what_is_clipped_to_a_take_is_released_before_it_is_merged() {
    let (mut sheet, ids) = three();
    sheet.layer_mut(ids[2]).unwrap().clip = true;
    for (shown, over) in [(true, ids[0]), (false, ids[1])] {
        let mut take = Layer::new(Role::Take, "", Pixels::Raster(TileGrid::new([2, 1])));
        take.visible = shown;
        sheet.insert(take, Place::Above(over));
    }
    assert_eq!(sheet.merge_down(ids[2]), Err(CLIPPED_TO_TAKE));
}

#[test]
fn the_lowest_of_all_bears_what_is_clipped_whatever_it_says_itself() {
    let (mut sheet, ids) = three();
    for id in &ids[..2] {
        sheet.layer_mut(*id).unwrap().clip = true;
    }
    let before = sheet.composite(Rect::of([2, 1]));
    assert_eq!(before.as_raw()[4..7], [0, 200, 0], "what is clipped does not show beside it");
    assert_eq!(sheet.merge_down(ids[1]), Ok(ids[0]));
    assert_eq!(sheet.composite(Rect::of([2, 1])), before);
    let merged = sheet.merge_all(&[ids[0], ids[2]]).unwrap();
    assert!(!sheet.layer(merged).unwrap().clip);
    assert_eq!(sheet.composite(Rect::of([2, 1])), before);
}

#[test]
fn several_layers_stay_where_one_is_locked_or_hidden_or_of_another_kind() {
    let (mut sheet, ids) = three();
    let group = sheet.group(ids[1]).unwrap();
    for locked in [ids[0], ids[1], group] {
        sheet.layer_mut(locked).unwrap().locked = true;
        assert!(sheet.merge_all(&[ids[0], group]).unwrap_err().contains("Unlock it first"));
        sheet.layer_mut(locked).unwrap().locked = false;
    }
    sheet.layer_mut(group).unwrap().visible = false;
    assert!(
        sheet.merge_all(&ids).unwrap_err().contains("Show it first"),
        "its group is hidden"
    );
    sheet.layer_mut(group).unwrap().visible = true;
    sheet.layer_mut(ids[1]).unwrap().role = Role::Sketch;
    assert!(
        sheet
            .merge_all(&ids)
            .unwrap_err()
            .contains("layers of the sketch with each other")
    );
    assert_eq!(sheet.layers().len(), 4);
    sheet.layer_mut(ids[0]).unwrap().role = Role::Sketch;
    let merged = sheet.merge_all(&[ids[0], group]).unwrap();
    assert_eq!(sheet.layer(merged).unwrap().role, Role::Sketch);
    assert!(sheet.merge_all(&[]).is_err());
}
