//! Several layers arranged at once. Whatever order they are named in, they keep the one in which they lie; what lies in a group among them goes with that.

use std::sync::Arc;

use super::arrange::{MAX_DEPTH, Place, TOO_DEEP};
use super::layer::{Layer, LayerId, Pixels, Role};
use super::sheet::Sheet;

impl Sheet {
    /// Of some layers those that are here and lie in none of the others, from the bottom up.
    pub fn outermost(&self, ids: &[LayerId]) -> Vec<LayerId> {
        let is_outermost = |layer: &&Layer| {
            let within = |group: &Layer| ids.contains(&group.id);
            ids.contains(&layer.id) && !self.groups_of(layer.id).any(within)
        };
        self.layers().filter(is_outermost).map(|layer| layer.id).collect()
    }

    /// Layers, named from the bottom up, and all that lies in them, on a sheet of their own.
    pub(super) fn apart(&self, ids: &[LayerId]) -> Self {
        let mut sheet = Self::new(self.size());
        let is_part = |layer: &&Arc<Layer>| ids.iter().any(|id| layer.id == *id || self.is_inside(layer.id, *id));
        for mut layer in self.shared().iter().filter(is_part).cloned() {
            if layer.parent.is_some() && ids.contains(&layer.id) {
                Arc::make_mut(&mut layer).parent = None;
            }
            sheet.list_mut().push(layer);
        }
        sheet
    }

    /// Puts layers, and those among them that are clipped to one of them, into a new group in the place of the topmost. Where all are clipped to one layer beside
    /// them it is the group that is: in it the lowest has nothing to be clipped to.
    ///
    /// # Errors
    /// A sentence for the person, where no such layer is here, one of them would be clipped to another layer than it is, or groups would lie too deep.
    pub fn group_all(&mut self, ids: &[LayerId]) -> Result<LayerId, &'static str> {
        const GONE: &str = "There is no such layer.";
        let ids = self.with_clipped(ids);
        let top = *ids.last().ok_or(GONE)?;
        let clipped = self.are_clipped_together(&ids)?;
        let levels = ids.iter().map(|id| self.levels(*id)).max().unwrap_or_default();
        if self.depth(top) + 1 + levels > MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        let mut group = Layer::new(Role::Paint, &self.free_name("Group"), Pixels::Group(self.size()));
        group.clip = clipped;
        let group_id = group.id;
        if !self.insert(group, self.beside_takes(Place::Above(top))) {
            return Err(GONE);
        }
        for id in ids {
            self.move_to(id, Place::Into(group_id));
            if clipped && let Some(layer) = self.layer_mut(id) {
                layer.clip = false;
            }
        }
        Ok(group_id)
    }

    /// Moves layers by a row as [`Self::step`] does one. One that another of them stands before stays behind that. Whether anything changed.
    pub fn step_all(&mut self, ids: &[LayerId], up: bool) -> bool {
        let mut order = self.outermost(ids);
        // The first makes room for the next.
        if up {
            order.reverse();
        }
        let mut changed = false;
        for id in &order {
            let is_held_up = self.next_sibling(*id, up).is_some_and(|next| order.contains(&next));
            changed |= !is_held_up && self.step(*id, up);
        }
        changed
    }

    /// Moves layers together to a place; to one at a layer of their own, around that. Not into themselves, nor too deep. Whether anything changed.
    pub fn move_all(&mut self, ids: &[LayerId], place: Place) -> bool {
        let order = self.outermost(ids);
        let place = match place {
            // Masks stay on top: what goes over one goes right under it.
            Place::Above(id) if self.layer(id).is_some_and(|layer| layer.role.is_mask()) => Place::Below(id),
            place => place,
        };
        let (Place::Above(other) | Place::Below(other) | Place::Into(other)) = place;
        if order.iter().any(|id| self.is_inside(other, *id)) || self.is_too_deep(&order, place) {
            return false;
        }
        let before = self.places();
        let around = order.iter().position(|id| *id == other);
        // Each comes to lie next to `other`: what goes under it from the bottom up, what goes over it from the top down.
        let (under, over) = match around {
            Some(at) => (&order[..at], &order[at + 1..]),
            None if matches!(place, Place::Above(_)) => (&order[..0], &order[..]),
            None => (&order[..], &order[..0]),
        };
        let places = match around {
            Some(_) => [Place::Below(other), Place::Above(other)],
            None => [place; 2],
        };
        let [under_place, over_place] = places.map(|place| self.beside_takes(place));
        for id in under {
            self.move_to(*id, under_place);
        }
        for id in over.iter().rev() {
            self.move_to(*id, over_place);
        }
        before != self.places()
    }

    /// Copies of layers, with all that lies in them, over the topmost; those of takes, which would hide the rest, right over what they are copies of. What each
    /// is a copy of, and the copy, from the bottom up.
    pub fn duplicate_all(&mut self, ids: &[LayerId]) -> Vec<(LayerId, LayerId)> {
        let order = self.outermost(ids);
        let mut copies = Vec::new();
        let Some(mut below) = order.last().copied() else {
            return copies;
        };
        for id in order {
            let Some(copy) = self.duplicate(id) else { continue };
            copies.push((id, copy));
            if self.layer(copy).is_some_and(|layer| layer.role != Role::Take) {
                self.move_to(copy, self.beside_takes(Place::Above(below)));
                below = copy;
            }
        }
        copies
    }

    /// Takes layers away, with all that lies in them. The layer of the next row down that is left, or else up: what a hand expects that removes one after
    /// the other.
    pub fn remove_all(&mut self, ids: &[LayerId]) -> Option<LayerId> {
        let order = self.outermost(ids);
        let all: Vec<LayerId> = self.layers().map(|layer| layer.id).collect();
        // A take that comes to have a row in the place of one that goes was not in sight.
        let rows: Vec<LayerId> = self.listed().map(|layer| layer.id).collect();
        let place = all.iter().position(|id| order.contains(id))?;
        for id in order {
            self.remove(id);
        }
        let is_left = |id: &&LayerId| rows.contains(id) && self.layer(**id).is_some();
        let next = all[..place].iter().rev().find(is_left);
        next.or_else(|| all[place..].iter().find(is_left)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::TileGrid;

    /// Layers called a, b, c and so on, from the bottom up.
    fn sheet<const N: usize>() -> (Sheet, [LayerId; N]) {
        let mut sheet = Sheet::new([4, 4]);
        let ids = std::array::from_fn(|at| {
            let name = char::from(b'a' + at as u8).to_string();
            let layer = Layer::new(Role::Paint, &name, Pixels::Raster(TileGrid::new([4, 4])));
            let id = layer.id;
            sheet.push(layer);
            id
        });
        (sheet, ids)
    }

    /// "a G(b c)": from the bottom up.
    fn order(sheet: &Sheet) -> String {
        fn list(sheet: &Sheet, parent: Option<LayerId>) -> String {
            let name = |layer: &Layer| match layer.is_group() {
                true => format!("G({})", list(sheet, Some(layer.id))),
                false => layer.name.clone(),
            };
            sheet.children(parent).map(name).collect::<Vec<_>>().join(" ")
        }
        list(sheet, None)
    }

    #[test]
    fn layers_are_grouped_in_their_order_in_the_place_of_the_topmost() {
        let (mut sheet, [a, _, c, _]) = sheet();
        let group = sheet.group_all(&[c, a]).unwrap();
        assert_eq!(order(&sheet), "b G(a c) d");
        let outer = sheet.group_all(&[group, a]).unwrap();
        assert_eq!(order(&sheet), "b G(G(a c)) d", "a goes with its group");
        assert!(sheet.is_inside(a, outer));
        assert!(sheet.group_all(&[]).is_err());
    }

    #[test]
    fn what_is_clipped_together_stays_so_in_a_group() {
        let (mut sheet, [base, low, high, other]) = sheet();
        for id in [low, high] {
            sheet.layer_mut(id).unwrap().clip = true;
        }
        assert!(sheet.group_all(&[high, other]).is_err(), "the one would show beside its base");
        assert_eq!(order(&sheet), "a b c d");
        let whole = sheet.group_all(&[base, high]).unwrap();
        let clips = |sheet: &Sheet, ids: [LayerId; 3]| ids.map(|id| sheet.layer(id).unwrap().clip);
        assert_eq!(clips(&sheet, [whole, base, high]), [false, false, true], "with its base");
        assert_eq!(order(&sheet), "G(a b c) d", "what lies between them would show all over");
        sheet.move_all(&[base, high], Place::Below(low));
        let group = sheet.group_all(&[low, high]).unwrap();
        assert_eq!(clips(&sheet, [group, low, high]), [true, false, false]);
    }

    #[test]
    fn layers_step_together_and_stop_at_the_end_in_their_order() {
        let (mut sheet, [a, b, _, _]) = sheet();
        assert!(sheet.step_all(&[a, b], true));
        assert_eq!(order(&sheet), "c a b d");
        assert!(sheet.step_all(&[a, b], true));
        assert!(!sheet.step_all(&[a, b], true));
        assert_eq!(order(&sheet), "c d a b");
        assert!(sheet.step_all(&[b, a], false));
        assert_eq!(order(&sheet), "c a b d");
        let group = sheet.group_all(&[a, b]).unwrap();
        assert!(sheet.step_all(&[a, b], true));
        assert_eq!(order(&sheet), "c G() a b d", "out of the group in their order");
        sheet.move_all(&[a, b], Place::Into(group));
        assert!(sheet.step_all(&[a, b], false));
        assert_eq!(order(&sheet), "c a b G() d");
    }

    #[test]
    fn layers_are_laid_together_beside_another_or_around_one_of_them() {
        let (mut sheet, [a, b, c, d, e]) = sheet();
        assert!(sheet.move_all(&[a, c], Place::Above(d)));
        assert_eq!(order(&sheet), "b d a c e");
        assert!(!sheet.move_all(&[a, c], Place::Above(d)), "they are there already");
        assert!(sheet.move_all(&[c, a], Place::Below(b)));
        assert_eq!(order(&sheet), "a c b d e");
        assert!(sheet.move_all(&[a, b, e], Place::Above(b)));
        assert_eq!(order(&sheet), "c a b e d");
        let group = sheet.group(d).unwrap();
        assert!(sheet.move_all(&[c, b], Place::Into(group)));
        assert_eq!(order(&sheet), "a e G(d c b)");
        assert!(!sheet.move_all(&[a, group], Place::Above(c)), "not into themselves");
        assert_eq!(order(&sheet), "a e G(d c b)");
    }

    #[test]
    fn what_is_laid_on_a_mask_lies_under_it_in_its_order() {
        let (mut sheet, [a, b, _, mask]) = sheet();
        sheet.layer_mut(mask).unwrap().role = Role::SketchMask;
        assert!(sheet.move_all(&[a, b], Place::Above(mask)));
        assert_eq!(order(&sheet), "c a b d");
        assert!(!sheet.move_all(&[a, b], Place::Above(mask)), "they are there already");
    }

    #[test]
    fn what_is_arranged_beside_a_take_parts_no_takes() {
        let (mut sheet, [a, first, shown, last, e]) = sheet();
        for take in [first, shown, last] {
            let layer = sheet.layer_mut(take).unwrap();
            (layer.role, layer.visible) = (Role::Take, take == shown);
        }
        let arranged = |arrange: &dyn Fn(&mut Sheet)| {
            let mut sheet = sheet.clone();
            arrange(&mut sheet);
            order(&sheet)
        };
        let around = arranged(&|sheet| assert!(!sheet.move_all(&[a, shown, e], Place::Above(shown))));
        assert_eq!(around, "a b c d e", "they lie around it already");
        let grouped = arranged(&|sheet| assert!(sheet.group_all(&[a, shown]).is_ok()));
        assert_eq!(grouped, "b d G(a c) e");
        let copied = arranged(&|sheet| assert_eq!(sheet.duplicate_all(&[a, shown]).len(), 2));
        assert_eq!(copied, "a b c c 2 d a 2 e");
        let copied = arranged(&|sheet| assert_eq!(sheet.duplicate_all(&[shown, e]).len(), 2));
        assert_eq!(copied, "a b c c 2 d e e 2", "the copy of a take hides no flats");
    }

    #[test]
    fn copies_lie_over_the_topmost_in_the_same_order() {
        let (mut sheet, [a, _, c, _]) = sheet();
        let copies = sheet.duplicate_all(&[c, a]);
        assert_eq!(copies.iter().map(|(of, _)| *of).collect::<Vec<_>>(), [a, c]);
        assert_eq!(order(&sheet), "a b c a 2 c 2 d");
        assert!(copies.iter().all(|(_, copy)| sheet.layer(*copy).is_some()));
    }

    #[test]
    fn a_hand_goes_on_with_the_next_row_down_and_never_with_a_take_that_had_none() {
        let (mut sheet, [a, b, c, d, e]) = sheet();
        assert_eq!(sheet.remove_all(&[b, d]), Some(a));
        assert_eq!(order(&sheet), "a c e");
        assert_eq!(sheet.remove_all(&[a]), Some(c), "nothing lies below it");
        for take in [c, e] {
            sheet.layer_mut(take).unwrap().role = Role::Take;
        }
        sheet.layer_mut(c).unwrap().visible = false;
        let paint = Layer::new(Role::Paint, "paint", Pixels::Raster(TileGrid::new([4, 4])));
        let over = paint.id;
        sheet.push(paint);
        assert_eq!(sheet.remove_all(&[e]), Some(over));
        assert_eq!(sheet.remove_all(&[c, over]), None);
        assert_eq!(sheet.layers().len(), 0);
    }
}
