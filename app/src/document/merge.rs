//! Layers flattened into one.

use super::blend::Blend;
use super::composite::{Laid, lay};
use super::layer::{Layer, LayerId, Pixels, Role};
use super::sheet::Sheet;
use super::tile::{Rect, TileGrid};

impl Sheet {
    /// A group becomes one layer; any other layer is laid into the one right below it, which keeps its name, role and blend mode. The error is a
    /// sentence for the person.
    pub fn merge_down(&mut self, id: LayerId) -> Result<LayerId, &'static str> {
        let layer = self.layer(id).ok_or("There is no such layer.")?;
        match &layer.pixels {
            Pixels::Group(_) => self.flatten_group(id),
            Pixels::Mask(_) => Err("A mask is not merged into a picture."),
            Pixels::Raster(_) => self.lay_down(id),
        }
    }

    fn flatten_group(&mut self, id: LayerId) -> Result<LayerId, &'static str> {
        let group = self.layer(id).ok_or("There is no such group.")?;
        if self
            .layers()
            .any(|layer| is_kept(layer) && self.groups_of(layer.id).any(|outer| outer.id == id))
        {
            return Err("The group holds the sketch, a take, hints or a mask, which stay layers of their own.");
        }
        let picture = self.picture_of(id, Rect::of(self.size()));
        let flat = Layer {
            pixels: Pixels::Raster(TileGrid::from_picture(&picture)),
            ..group.duplicate()
        };
        let flat_id = flat.id;
        self.insert(flat, super::arrange::Place::Above(id));
        self.remove(id);
        Ok(flat_id)
    }

    fn lay_down(&mut self, id: LayerId) -> Result<LayerId, &'static str> {
        let upper = self.layer(id).ok_or("There is no such layer.")?;
        let siblings: Vec<&Layer> = self.children(upper.parent).collect();
        let place = siblings.iter().position(|layer| layer.id == id);
        let lower = place.and_then(|place| siblings[..place].last());
        let lower = *lower.ok_or("There is no layer below it to merge with.")?;
        if is_kept(upper) || matches!(lower.role, Role::Take | Role::Hints) || lower.raster().is_none() {
            return Err("Only paint layers are merged, and never into a take, hints, a mask or a group.");
        }
        if lower.locked || upper.locked {
            return Err("The layer is locked. Unlock it first.");
        }
        let area = upper.bounds().union(lower.bounds());
        let mut picture = image::RgbaImage::new(area.width(), area.height());
        let as_it_is = Laid {
            blend: Blend::Normal,
            opacity: lower.opacity,
            clip: false,
        };
        let over = Laid {
            blend: upper.blend,
            opacity: if upper.visible { upper.opacity } else { 0.0 },
            clip: upper.clip && !lower.clip,
        };
        lay(&mut picture, lower, as_it_is, area);
        lay(&mut picture, upper, over, area);
        let (size, lower) = (self.size(), lower.id);
        let pixels = picture.as_raw().as_chunks().0;
        let grid = TileGrid::with_pixels(size, [area.left as i32, area.top as i32], area.width(), pixels);
        if let Some(layer) = self.layer_mut(lower) {
            layer.pixels = Pixels::Raster(grid);
            layer.opacity = 1.0;
        }
        self.remove(id);
        Ok(lower)
    }
}

/// Layers that the program needs by their role.
fn is_kept(layer: &Layer) -> bool {
    matches!(layer.role, Role::Sketch | Role::Take) || layer.role.is_remark()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_group_becomes_a_layer() {
        let (mut sheet, ids) = sheet();
        let group = sheet.group(ids[1]).unwrap();
        let flat = sheet.merge_down(group).unwrap();
        assert_eq!(sheet.composite(Rect::of([2, 1])).into_raw(), [0, 0, 200, 255, 0, 0, 200, 255]);
        assert_eq!(sheet.layer(flat).unwrap().name, "Group");
        assert_eq!(sheet.layers().len(), 2);
    }

    #[test]
    fn takes_are_left_alone() {
        let (mut sheet, ids) = sheet();
        sheet.layer_mut(ids[0]).unwrap().role = Role::Take;
        assert!(sheet.merge_down(ids[1]).unwrap_err().contains("never into a take"));
    }
}
