//! One layer that shows without the others. Masks are no part of it: they are tints over all layers.

use super::layer::{Layer, LayerId};
use super::sheet::Sheet;

impl Sheet {
    /// Whether a layer shows, and none beside it and what it lies in.
    pub fn shows_alone(&self, id: LayerId) -> bool {
        let mut own = self.layer(id).into_iter().chain(self.groups_of(id)).peekable();
        own.peek().is_some() && own.all(|layer| layer.visible) && !self.beside(id).any(|layer| layer.visible)
    }

    /// Shows a layer, and hides all beside it and the groups that it lies in. What lies in a group shows or not as it did.
    pub fn show_alone(&mut self, id: LayerId) {
        let own: Vec<LayerId> = self.groups_of(id).map(|group| group.id).chain([id]).collect();
        let others: Vec<LayerId> = self.beside(id).map(|layer| layer.id).collect();
        let shown = own.into_iter().map(|id| (id, true));
        self.set_visible(shown.chain(others.into_iter().map(|id| (id, false))));
    }

    /// Layers beside one and the groups that it lies in, masks aside; of a group it alone, and not what lies in it.
    fn beside(&self, id: LayerId) -> impl Iterator<Item = &Layer> {
        self.layers().filter(move |layer| {
            let holds = self.is_inside(id, layer.id);
            let is_within_reach = layer.parent.is_none_or(|parent| self.is_inside(id, parent));
            layer.id != id && !holds && is_within_reach && !layer.role.is_mask()
        })
    }

    /// Shows and hides layers, those that are here. Whether that changed any.
    pub fn set_visible(&mut self, layers: impl IntoIterator<Item = (LayerId, bool)>) -> bool {
        let mut changed = false;
        for (id, visible) in layers {
            let is_other = self.layer(id).is_some_and(|layer| layer.visible != visible);
            if let Some(layer) = self.layer_mut(id).filter(|_| is_other) {
                layer.visible = visible;
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, Place, Role, TileGrid};

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
}
