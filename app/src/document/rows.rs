//! The layers as a list shows them. Of the takes, which have a strip of their own, it has one alone: the one that lies on the canvas.

use super::arrange::Place;
use super::layer::{Layer, LayerId, Role};
use super::sheet::Sheet;

impl Sheet {
    /// The layers that have a row, from the bottom up. What a folded group holds is not in sight.
    pub fn listed(&self) -> impl DoubleEndedIterator<Item = &Layer> {
        self.layers()
            .filter(move |layer| self.has_row(layer) && !self.groups_of(layer.id).any(|group| group.folded))
    }

    /// Whether a layer has a row where all groups are open.
    fn has_row(&self, layer: &Layer) -> bool {
        layer.role != Role::Take || self.by_role(Role::Take).is_some_and(|take| take.id == layer.id)
    }

    /// The layer whose row stands for this one: of a take without a row, the take that has one. None where there is no such layer.
    pub fn row_of(&self, id: LayerId) -> Option<LayerId> {
        match self.layer(id)?.role {
            Role::Take => self.by_role(Role::Take).map(|take| take.id),
            _ => Some(id),
        }
    }

    /// The layer of the row above, or below; from a layer without a row, of the nearest one.
    pub fn next_row(&self, id: LayerId, up: bool) -> Option<LayerId> {
        let rows: Vec<LayerId> = self.listed().map(|layer| layer.id).collect();
        let ids: Vec<LayerId> = self.layers().map(|layer| layer.id).collect();
        let at = ids.iter().position(|other| *other == id)?;
        let is_row = |id: &&LayerId| rows.contains(id);
        let next = match up {
            true => ids[at + 1..].iter().find(is_row),
            false => ids[..at].iter().rev().find(is_row),
        };
        next.copied()
    }

    /// The next layer up, or down, of those that lie in the same group and have a row.
    pub(super) fn next_sibling(&self, id: LayerId, up: bool) -> Option<LayerId> {
        let parent = self.layer(id)?.parent;
        let siblings: Vec<LayerId> = self
            .children(parent)
            .filter(|layer| layer.id == id || self.has_row(layer))
            .map(|layer| layer.id)
            .collect();
        let at = siblings.iter().position(|sibling| *sibling == id)?;
        let next = at.checked_add_signed(if up { 1 } else { -1 })?;
        siblings.get(next).copied()
    }

    /// A place over a take, or under it, is over or under all takes that lie together there: another of them may show next.
    pub fn beside_takes(&self, place: Place) -> Place {
        let (Place::Above(id) | Place::Below(id)) = place else {
            return place;
        };
        let Some(take) = self.layer(id).filter(|layer| layer.role == Role::Take) else {
            return place;
        };
        let siblings: Vec<&Layer> = self.children(take.parent).collect();
        let at = siblings.iter().position(|layer| layer.id == id).unwrap_or_default();
        let is_take = |layer: &&&Layer| layer.role == Role::Take;
        let outermost = match place {
            Place::Above(_) => siblings[at..].iter().take_while(is_take).last(),
            _ => siblings[..=at].iter().rev().take_while(is_take).last(),
        };
        let id = outermost.map_or(id, |layer| layer.id);
        match place {
            Place::Above(_) => Place::Above(id),
            _ => Place::Below(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, TileGrid};

    /// From the bottom up: paint, three takes of which the second shows, two layers of paint.
    fn sheet() -> (Sheet, [LayerId; 6]) {
        let mut sheet = Sheet::new([4, 4]);
        let ids = [Role::Paint, Role::Take, Role::Take, Role::Take, Role::Paint, Role::Paint].map(|role| {
            let layer = Layer::new(role, "", Pixels::Raster(TileGrid::new([4, 4])));
            let id = layer.id;
            sheet.push(layer);
            id
        });
        for hidden in [ids[1], ids[3]] {
            sheet.layer_mut(hidden).unwrap().visible = false;
        }
        (sheet, ids)
    }

    fn order(sheet: &Sheet) -> Vec<LayerId> {
        sheet.layers().map(|layer| layer.id).collect()
    }

    #[test]
    fn one_take_has_a_row_and_what_a_folded_group_holds_has_none() {
        let (mut sheet, [base, first, shown, last, paint, top]) = sheet();
        let rows = |sheet: &Sheet| sheet.listed().map(|layer| layer.id).collect::<Vec<_>>();
        assert_eq!(rows(&sheet), [base, shown, paint, top]);
        assert_eq!(
            [first, last, paint].map(|id| sheet.row_of(id)),
            [Some(shown), Some(shown), Some(paint)]
        );
        assert_eq!(
            [
                sheet.next_row(paint, false),
                sheet.next_row(shown, false),
                sheet.next_row(base, false)
            ],
            [Some(shown), Some(base), None]
        );
        let group = sheet.group(paint).unwrap();
        assert_eq!(rows(&sheet), [base, shown, paint, group, top]);
        sheet.layer_mut(group).unwrap().folded = true;
        assert_eq!(rows(&sheet), [base, shown, group, top]);
        assert_eq!(
            [sheet.next_row(paint, true), sheet.next_row(paint, false)],
            [Some(group), Some(shown)],
            "from a layer that is not in sight"
        );
    }

    #[test]
    fn a_step_leads_past_all_takes_and_is_one_row() {
        let (mut sheet, [base, first, shown, last, paint, top]) = sheet();
        assert!(sheet.step(paint, false));
        assert_eq!(order(&sheet), [base, paint, first, shown, last, top]);
        assert!(sheet.step(paint, false));
        assert_eq!(order(&sheet), [paint, base, first, shown, last, top]);
        assert!(!sheet.step(paint, false));
        assert!(sheet.step(base, true));
        assert_eq!(order(&sheet), [paint, first, shown, last, base, top]);
    }
}
