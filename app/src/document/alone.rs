//! One layer that shows without the others. Masks are no part of it: they are tints over all layers.

use super::layer::{Layer, LayerId, Role};
use super::sheet::Sheet;

impl Sheet {
    /// Whether a layer shows with what it needs, and none beside that.
    pub fn shows_alone(&self, id: LayerId) -> bool {
        let needed = self.needed(id);
        !needed.is_empty() && needed.iter().all(|layer| layer.visible) && !self.beside(id).any(|layer| layer.visible)
    }

    /// Shows a layer with what it needs, and hides all beside that. What lies in a group shows or not as it did.
    pub fn show_alone(&mut self, id: LayerId) {
        let needed = self.needed(id).into_iter().map(|layer| (layer.id, true));
        let others = self.beside(id).map(|layer| (layer.id, false));
        let changed: Vec<(LayerId, bool)> = needed.chain(others).collect();
        self.set_visible(changed);
    }

    /// A layer, the groups that it lies in, and what these are clipped to: without any of them it does not show. Of takes the one that shows already: which one
    /// does is chosen elsewhere.
    fn needed(&self, id: LayerId) -> Vec<&Layer> {
        let around = self.layer(id).into_iter().chain(self.groups_of(id));
        let base = |layer: &Layer| {
            let base = self.base_of(layer.id)?;
            let shown_take = || {
                self.by_role(Role::Take)
                    .filter(|take| take.visible && take.parent == base.parent)
            };
            if base.role == Role::Take { shown_take() } else { Some(base) }
        };
        around.flat_map(|layer| std::iter::once(layer).chain(base(layer))).collect()
    }

    /// Layers beside one and what it needs, masks aside; of a group it alone, and not what lies in it.
    fn beside(&self, id: LayerId) -> impl Iterator<Item = &Layer> {
        let needed: Vec<LayerId> = self.needed(id).into_iter().map(|layer| layer.id).collect();
        self.layers().filter(move |layer| {
            let is_within_reach = layer.parent.is_none_or(|parent| self.is_inside(id, parent));
            !needed.contains(&layer.id) && is_within_reach && !layer.role.is_mask()
        })
    }

    /// Shows and hides layers, those that are here. Lines that were set aside and show again are the sketch with what shows beside them: then none is set aside
    /// any longer. Whether that changed any.
    pub fn set_visible(&mut self, layers: impl IntoIterator<Item = (LayerId, bool)>) -> bool {
        let mut changed = false;
        for (id, visible) in layers {
            let is_other = self.layer(id).is_some_and(|layer| layer.visible != visible);
            if let Some(layer) = self.layer_mut(id).filter(|_| is_other) {
                layer.visible = visible;
                changed = true;
            }
        }
        if self.sketches().any(|layer| layer.set_aside && self.is_in_sight(layer)) {
            self.set_lines_aside(&[]);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, Place, TileGrid};

    #[test]
    fn a_layer_shows_alone_with_the_groups_that_hold_it_and_what_it_holds() {
        let mut sheet = Sheet::new([4, 4]);
        for (name, role) in [
            ("low", Role::Paint),
            ("a", Role::Paint),
            ("b", Role::Paint),
            ("hints", Role::Hints),
            ("mask", Role::SketchMask),
        ] {
            sheet.push(Layer::new(role, name, Pixels::Raster(TileGrid::new([4, 4]))));
        }
        let id = |sheet: &Sheet, name: &str| sheet.layers().find(|layer| layer.name == name).unwrap().id;
        let [a, b] = ["a", "b"].map(|name| id(&sheet, name));
        let group = sheet.group(a).unwrap();
        sheet.move_to(b, Place::Into(group));
        sheet.layer_mut(group).unwrap().visible = false;
        let shown = |sheet: &Sheet| -> Vec<String> {
            let shown = sheet.layers().filter(|layer| layer.visible);
            shown.map(|layer| layer.name.clone()).collect()
        };
        assert!(!sheet.shows_alone(a));
        sheet.show_alone(a);
        assert_eq!(shown(&sheet), ["a", "Group", "mask"]);
        assert!(sheet.shows_alone(a) && sheet.shows_alone(group));
        sheet.show_alone(b);
        assert_eq!(shown(&sheet), ["b", "Group", "mask"]);
        sheet.show_alone(id(&sheet, "low"));
        assert_eq!(
            shown(&sheet),
            ["low", "b", "mask"],
            "what lies in a hidden group is left alone"
        );
        assert!(!sheet.shows_alone(b));
        assert!(sheet.set_visible([(a, true)]) && !sheet.set_visible([(a, true)]));
    }

    #[test]
    fn what_is_clipped_shows_with_what_it_is_clipped_to_and_so_does_its_group() {
        let mut sheet = Sheet::new([4, 4]);
        let [base, shade, other, inner] = [false, true, true, false].map(|clip| {
            let mut layer = Layer::new(Role::Paint, "", Pixels::Raster(TileGrid::new([4, 4])));
            layer.clip = clip;
            let id = layer.id;
            sheet.push(layer);
            id
        });
        let group = sheet.group(inner).unwrap();
        sheet.layer_mut(group).unwrap().clip = true;
        sheet.layer_mut(base).unwrap().visible = false;
        let all = [base, shade, other, group, inner];
        let shown = |sheet: &Sheet| all.map(|id| sheet.layer(id).unwrap().visible);
        sheet.show_alone(shade);
        assert_eq!(shown(&sheet), [true, true, false, false, true]);
        assert!(sheet.shows_alone(shade) && !sheet.shows_alone(base));
        sheet.show_alone(inner);
        assert_eq!(shown(&sheet), [true, false, false, true, true]);
        assert!(sheet.shows_alone(inner) && !sheet.shows_alone(shade));
    }

    #[test]
    fn what_is_clipped_to_takes_shows_with_the_one_that_shows_already() {
        let mut sheet = Sheet::new([4, 4]);
        let ids @ [paint, low, high, shade] = [Role::Paint, Role::Take, Role::Take, Role::Paint].map(|role| {
            let layer = Layer::new(role, "", Pixels::Raster(TileGrid::new([4, 4])));
            let id = layer.id;
            sheet.push(layer);
            id
        });
        sheet.layer_mut(shade).unwrap().clip = true;
        let shown = |sheet: &Sheet| ids.map(|id| sheet.layer(id).unwrap().visible);
        for (shows, alone) in [(true, [false, true, false, true]), (false, [false, false, false, true])] {
            sheet.set_visible([(paint, true), (low, shows), (high, false)]);
            sheet.show_alone(shade);
            assert_eq!(shown(&sheet), alone);
            assert!(sheet.shows_alone(shade));
        }
    }
}
