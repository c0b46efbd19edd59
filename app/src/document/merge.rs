//! Layers flattened into one.

#[cfg(test)]
mod tests;

use image::RgbaImage;

use super::arrange::Place;
use super::blend::Blend;
use super::composite::{Laid, lay};
use super::flatten::laid_out;
use super::layer::{Layer, LayerId, Pixels, Role};
use super::rect::Rect;
use super::sheet::Sheet;
use super::tile::TileGrid;

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

    /// Layers become one in the place of the topmost, laid in their order. It keeps name and blend mode of the lowest, as when each is merged down, and the
    /// clipping where all are clipped to one layer beside them; a single one is merged down. The error is a sentence for the person.
    pub fn merge_all(&mut self, ids: &[LayerId]) -> Result<LayerId, &'static str> {
        let ids = self.outermost(ids);
        let (lowest, top) = match ids[..] {
            [] => return Err("There is no such layer."),
            [id] => return self.merge_down(id),
            [lowest, .., top] => (lowest, top),
        };
        let is_part = |layer: &&Layer| ids.iter().any(|id| layer.id == *id || self.is_inside(layer.id, *id));
        let (groups, pixels): (Vec<&Layer>, Vec<&Layer>) = self.layers().filter(is_part).partition(|layer| layer.is_group());
        let role = pixels.first().map_or(Role::Paint, |layer| layer.role);
        if !role.is_mergeable() && role != Role::Sketch || pixels.iter().any(|layer| layer.role != role) {
            return Err(
                "Only paint layers are merged, or layers of the sketch with each other. Choose no take, hints or mask with them.",
            );
        }
        if ids.iter().any(|id| self.is_locked(*id)) || groups.iter().chain(&pixels).any(|layer| layer.locked) {
            return Err("One of the layers is locked. Unlock it first.");
        }
        let is_hidden = |id: &LayerId| self.layer(*id).is_some_and(|layer| !self.is_in_sight(layer));
        if ids.iter().any(is_hidden) {
            return Err("One of the layers, or a group that it lies in, is hidden. Show it first.");
        }
        let clip = self.are_merged_clipped(&ids)?;
        let pixels = self.laid_together(&ids, clip);
        let lowest = self.layer(lowest).ok_or("There is no such layer.")?;
        let merged = Layer {
            role,
            opacity: 1.0,
            clip,
            pixels: Pixels::Raster(pixels),
            ..lowest.duplicate()
        };
        let id = merged.id;
        self.insert(merged, Place::Above(top));
        for id in ids {
            self.remove(id);
        }
        Ok(id)
    }

    /// Layers, named from the bottom up, laid on nothing. `released`: they are not clipped, for it is what they become that is.
    fn laid_together(&self, ids: &[LayerId], released: bool) -> TileGrid<[u8; 4]> {
        let mut sheet = self.apart(ids);
        for id in ids.iter().filter(|_| released) {
            sheet.layer_mut(*id).into_iter().for_each(|layer| layer.clip = false);
        }
        if let Some(lowest) = ids.first().and_then(|id| sheet.layer_mut(*id)) {
            lowest.blend = Blend::Normal;
        }
        laid_out(self.size(), Rect::of(self.size()), |area| sheet.composite(area))
    }

    fn flatten_group(&mut self, id: LayerId) -> Result<LayerId, &'static str> {
        let group = self.layer(id).ok_or("There is no such group.")?;
        let inside: Vec<&Layer> = self.layers().filter(|layer| self.is_inside(layer.id, id)).collect();
        if inside.iter().any(|layer| !layer.role.is_mergeable()) {
            return Err("The group holds the sketch, a take, hints or a mask, which stay layers of their own.");
        }
        if self.is_locked(id) || inside.iter().any(|layer| layer.locked) {
            return Err("The group or a layer in it is locked. Unlock it first.");
        }
        let whole = Rect::of(self.size());
        let pixels = laid_out(self.size(), whole, |area| self.picture_of(id, area));
        let flat = Layer {
            pixels: Pixels::Raster(pixels),
            ..group.duplicate()
        };
        let flat_id = flat.id;
        self.insert(flat, Place::Above(id));
        self.remove(id);
        Ok(flat_id)
    }

    fn lay_down(&mut self, id: LayerId) -> Result<LayerId, &'static str> {
        let upper = self.layer(id).ok_or("There is no such layer.")?;
        let lower = self.next_sibling(id, false).and_then(|lower| self.layer(lower));
        let lower = lower.ok_or("There is no layer below it to merge with.")?;
        let both_lines = upper.role == Role::Sketch && lower.role == Role::Sketch;
        let fits = upper.role.is_mergeable() || both_lines;
        if !fits || matches!(lower.role, Role::Take | Role::Hints) || lower.raster().is_none() {
            return Err(
                "Only paint layers are merged, or layers of the sketch with each other, and never into a take, hints, a mask or a group.",
            );
        }
        if self.is_locked(lower.id) || self.is_locked(id) {
            return Err("The layer is locked. Unlock it first.");
        }
        // What is hidden would be gone, or hide what is not.
        if !self.is_in_sight(upper) || !self.is_in_sight(lower) {
            return Err("One of the layers, or a group that it lies in, is hidden. Show it first.");
        }
        // Of a layer that is not clipped all would be gone that lies beside what bears the lower one.
        let is_clipped = self.are_merged_clipped(&[lower.id, id])?;
        let as_it_is = Laid {
            blend: Blend::Normal,
            opacity: lower.opacity,
            clip: false,
        };
        let over = Laid {
            blend: upper.blend,
            opacity: upper.opacity,
            clip: upper.clip && !is_clipped,
        };
        let grid = laid_out(self.size(), upper.bounds().union(lower.bounds()), |area| {
            let mut picture = RgbaImage::new(area.width(), area.height());
            lay(&mut picture, lower, as_it_is, area);
            // What does not show changes nothing, not even where a mode reaches beyond its paint.
            if over.opacity > 0.0 {
                lay(&mut picture, upper, over, area);
            }
            picture
        });
        let lower = lower.id;
        if let Some(layer) = self.layer_mut(lower) {
            layer.pixels = Pixels::Raster(grid);
            layer.opacity = 1.0;
        }
        self.remove(id);
        Ok(lower)
    }
}
