//! Which layers are clipped to which. Whatever new lies between them, or is put together of them, leaves what shows as it is.

use super::arrange::Place;
use super::layer::{Layer, LayerId, Role};
use super::sheet::Sheet;

/// Why layers are not put together.
pub(super) const BASE_APART: &str =
    "One of the layers is clipped to a layer that is not among them. Choose that one as well, or release the clipped one first.";

/// Why they are not, where another one would lose what it is clipped to.
const CLIPPED_BETWEEN: &str = "A layer that lies between them is clipped to one of them. Choose it as well, or release it first.";
/// Why layers are not merged, where what one is clipped to cannot be chosen with it.
pub(super) const CLIPPED_TO_TAKE: &str = "One of the layers is clipped to a take, which is never merged. Release it first.";

impl Sheet {
    /// What a clipped layer is clipped to; none where it is not clipped, or nothing lies below it: then it shows as it is, and bears those above it.
    pub(super) fn base_of(&self, id: LayerId) -> Option<&Layer> {
        let layer = self.layer(id).filter(|layer| layer.clip && !layer.role.is_remark())?;
        let below = self.children(layer.parent).take_while(|sibling| sibling.id != id);
        let below = below.filter(|sibling| !sibling.role.is_remark());
        below.reduce(|base, next| if next.clip { base } else { next })
    }

    /// Whether a new layer at `place` comes between layers that show and are clipped, and what they are clipped to. It is to be clipped as they are: else they
    /// would be to it alone.
    pub fn is_within_clipping(&self, place: Place) -> bool {
        let Some((index, parent)) = self.resolve(place) else {
            return false;
        };
        let mut above = self.shared()[index..].iter().filter(|layer| layer.parent == parent);
        let next = above.find(|layer| !layer.role.is_remark());
        next.and_then(|next| self.base_of(next.id)).is_some_and(|base| base.visible)
    }

    /// What a layer is clipped to; takes that lie together count as the one that has a row.
    fn base_row(&self, id: LayerId) -> Option<LayerId> {
        let base = self.base_of(id)?;
        let row = self.layer(self.row_of(base.id)?)?;
        Some(if row.parent == base.parent { row.id } else { base.id })
    }

    /// Rows beside some layers, named from the bottom up, that are clipped to one of them and do not lie over the topmost, in the place of which what they
    /// become will bear those that do.
    fn clipped_between(&self, ids: &[LayerId]) -> Vec<LayerId> {
        let Some(top) = ids.last().and_then(|top| self.layer(*top)) else {
            return Vec::new();
        };
        let over = self.children(top.parent).skip_while(|layer| layer.id != top.id);
        let over: Vec<LayerId> = over.map(|layer| layer.id).collect();
        let is_row = |layer: &Layer| self.row_of(layer.id) == Some(layer.id);
        let is_clipped = |layer: &Layer| self.base_row(layer.id).is_some_and(|base| ids.contains(&base));
        let layers = self
            .layers()
            .filter(|layer| !ids.contains(&layer.id) && !over.contains(&layer.id));
        let between = layers.filter(|layer| is_row(layer) && is_clipped(layer));
        between.map(|layer| layer.id).collect()
    }

    /// Layers that are to be grouped, from the bottom up, and those among them that are clipped to one of them.
    pub(super) fn with_clipped(&self, ids: &[LayerId]) -> Vec<LayerId> {
        let mut ids = self.outermost(ids);
        loop {
            let between = self.clipped_between(&ids);
            if between.is_empty() {
                return ids;
            }
            ids.extend(between);
            ids = self.outermost(&ids);
        }
    }

    /// As [`Self::are_clipped_together`], for layers that become one.
    ///
    /// # Errors
    /// A sentence for the person, where one of them, or one that lies between them, would be clipped to another than it is, or to none.
    pub(super) fn are_merged_clipped(&self, ids: &[LayerId]) -> Result<bool, &'static str> {
        if !self.clipped_between(ids).is_empty() {
            return Err(CLIPPED_BETWEEN);
        }
        let is_on_take = |id: &LayerId| self.base_of(*id).is_some_and(|base| base.role == Role::Take);
        self.are_clipped_together(ids)
            .map_err(|words| match ids.iter().any(is_on_take) {
                true => CLIPPED_TO_TAKE,
                false => words,
            })
    }

    /// Whether layers, named from the bottom up, which are to be put together, are all clipped to one that is not among them: then so is what they become.
    ///
    /// # Errors
    /// A sentence for the person, where one of them would be clipped to another than it is, or to none.
    pub(super) fn are_clipped_together(&self, ids: &[LayerId]) -> Result<bool, &'static str> {
        let base = |sheet: &Self, id: &LayerId| sheet.base_row(*id);
        // What the lowest is clipped to lies below them all.
        let beside = ids.first().and_then(|lowest| base(self, lowest));
        if beside.is_some() && ids.iter().all(|id| base(self, id) == beside) {
            return Ok(true);
        }
        let apart = self.apart(ids);
        match ids.iter().all(|id| base(&apart, id) == base(self, id)) {
            true => Ok(false),
            false => Err(BASE_APART),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, TileGrid};

    /// Layers from the bottom up, which are clipped as is said.
    fn sheet<const N: usize>(clipped: [bool; N]) -> (Sheet, [LayerId; N]) {
        let mut sheet = Sheet::new([4, 4]);
        let ids = clipped.map(|clip| {
            let mut layer = Layer::new(Role::Paint, "", Pixels::Raster(TileGrid::new([4, 4])));
            layer.clip = clip;
            let id = layer.id;
            sheet.push(layer);
            id
        });
        (sheet, ids)
    }

    #[test]
    fn a_layer_is_clipped_to_the_nearest_that_is_not_and_the_lowest_to_none() {
        let (mut sheet, ids @ [low, bears, first, hints, second, plain]) = sheet([true, false, true, true, true, false]);
        sheet.layer_mut(hints).unwrap().role = Role::Hints;
        let bases = |sheet: &Sheet| ids.map(|id| sheet.base_of(id).map(|base| base.id));
        assert_eq!(bases(&sheet), [None, None, Some(bears), None, Some(bears), None]);
        sheet.layer_mut(bears).unwrap().clip = true;
        assert_eq!(bases(&sheet), [None, Some(low), Some(low), None, Some(low), None]);
        let group = sheet.group(plain).unwrap();
        sheet.move_to(second, Place::Into(group));
        sheet.move_to(plain, Place::Above(second));
        assert_eq!(
            sheet.base_of(second).map(|base| base.id),
            None,
            "nothing lies below it in its group"
        );
        assert_eq!(sheet.base_of(first).map(|base| base.id), Some(low));
    }

    #[test]
    fn what_comes_between_a_layer_and_those_that_are_clipped_to_it_is_to_be_clipped_too() {
        let (mut sheet, [low, base, hints, clipped, top]) = sheet([false, false, false, true, false]);
        sheet.layer_mut(hints).unwrap().role = Role::Hints;
        let places = [
            (Place::Above(low), false),
            (Place::Above(base), true),
            (Place::Above(hints), true),
            (Place::Below(clipped), true),
            (Place::Above(clipped), false),
            (Place::Below(top), false),
            (Place::Above(top), false),
        ];
        for (place, within) in places {
            assert_eq!(sheet.is_within_clipping(place), within, "{place:?}");
        }
        sheet.layer_mut(base).unwrap().visible = false;
        assert!(
            !sheet.is_within_clipping(Place::Above(base)),
            "nothing would be seen of what is clipped to it"
        );
    }

    #[test]
    fn layers_are_put_together_that_stay_clipped_to_what_they_are() {
        let (sheet, [low, first, second, other, third]) = sheet([false, true, true, false, true]);
        for together in [vec![first], vec![first, second]] {
            assert_eq!(sheet.are_clipped_together(&together), Ok(true), "to one beside them");
        }
        for whole in [vec![low], vec![low, other], vec![low, second], vec![low, first, other, third]] {
            assert_eq!(sheet.are_clipped_together(&whole), Ok(false));
        }
        for apart in [
            vec![first, other],
            vec![second, third],
            vec![low, third],
            vec![low, first, third],
        ] {
            assert!(sheet.are_clipped_together(&apart).is_err());
        }
    }

    #[test]
    fn what_is_grouped_takes_along_what_would_lose_its_base_and_no_more() {
        let (mut sheet, ids @ [low, first, other, second, top]) = sheet([false, true, false, true, true]);
        assert_eq!(sheet.with_clipped(&[low, other]), [low, first, other]);
        assert_eq!(
            sheet.with_clipped(&[other, second]),
            [other, second],
            "the topmost is clipped to their group"
        );
        assert_eq!(sheet.with_clipped(&[top, other, low]), ids);
        // Now it is the group around it that is clipped.
        let group = sheet.group(first).unwrap();
        assert_eq!(sheet.with_clipped(&[low, first]), [low, group]);
    }

    #[test]
    fn takes_count_as_one_that_others_are_clipped_to() {
        let (mut sheet, [shown, hidden, clipped, top]) = sheet([false, false, true, false]);
        for take in [shown, hidden] {
            let layer = sheet.layer_mut(take).unwrap();
            (layer.role, layer.visible) = (Role::Take, take == shown);
        }
        assert_eq!(sheet.are_clipped_together(&[shown, clipped]), Ok(false));
        assert_eq!(sheet.with_clipped(&[shown, top]), [shown, clipped, top]);
        sheet.layer_mut(hidden).unwrap().clip = true;
        sheet.layer_mut(clipped).unwrap().clip = false;
        assert_eq!(sheet.with_clipped(&[shown, top]), [shown, top], "it has no row of its own");
    }
}
