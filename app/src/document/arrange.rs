//! The order of a sheet's layers. They lie in one list from the bottom up; the layers of a group lie together, right below the group itself.

use std::ops::Range;
use std::sync::Arc;

use super::layer::{Layer, LayerId, Role};
use super::sheet::Sheet;

/// Groups in groups, at most: a file of them, in which clipping adds some, can be read by any program.
pub(super) const MAX_DEPTH: usize = 20;
/// Why layers do not go into another group.
pub const TOO_DEEP: &str = "Groups lie at most 20 deep in each other. Take some layers out of their groups first.";

/// Where a layer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Above(LayerId),
    Below(LayerId),
    /// On top of a group's layers.
    Into(LayerId),
}

impl Sheet {
    fn index(&self, id: LayerId) -> Option<usize> {
        self.layers().position(|layer| layer.id == id)
    }

    /// The groups that a layer lies in, innermost first.
    pub fn groups_of(&self, id: LayerId) -> impl Iterator<Item = &Layer> {
        let parent = move |layer: &Layer| layer.parent.and_then(|parent| self.layer(parent));
        // A file cannot make a ring of groups, and if one did, no walk is longer than the list.
        std::iter::successors(self.layer(id).and_then(parent), move |layer| parent(layer)).take(self.layers().len())
    }

    /// Whether the layer lies in the group, or in one within it.
    pub fn is_inside(&self, id: LayerId, group: LayerId) -> bool {
        self.groups_of(id).any(|layer| layer.id == group)
    }

    /// Whether the layer or a group that it lies in is locked.
    pub fn is_locked(&self, id: LayerId) -> bool {
        self.layer(id).into_iter().chain(self.groups_of(id)).any(|layer| layer.locked)
    }

    /// Whether a layer and all groups that it lies in show.
    pub fn is_in_sight(&self, layer: &Layer) -> bool {
        layer.visible && self.groups_of(layer.id).all(|group| group.visible)
    }

    /// How many groups a layer lies in.
    pub fn depth(&self, id: LayerId) -> usize {
        self.groups_of(id).count()
    }

    /// How many groups lie in each other from a layer down; 0: it is none.
    pub(super) fn levels(&self, id: LayerId) -> usize {
        let is_group = |layer: &&Layer| layer.is_group() && (layer.id == id || self.is_inside(layer.id, id));
        let deepest = self.layers().filter(is_group).map(|group| self.depth(group.id) + 1).max();
        deepest.map_or(0, |deepest| deepest - self.depth(id))
    }

    /// Whether groups would lie too deep in each other with these layers at `place`: see [`TOO_DEEP`].
    pub fn is_too_deep(&self, ids: &[LayerId], place: Place) -> bool {
        let levels = ids.iter().map(|id| self.levels(*id)).max().unwrap_or_default();
        self.depth_at(place) + levels > MAX_DEPTH
    }

    /// How many groups a place lies in.
    fn depth_at(&self, place: Place) -> usize {
        let parent = self.resolve(place).and_then(|(_, parent)| parent);
        parent.map_or(0, |parent| self.depth(parent) + 1)
    }

    /// The layer at `index` with all that lies in it.
    fn span(&self, index: usize) -> Range<usize> {
        let group = self.shared()[index].id;
        let inside = self.shared()[..index].iter().rev();
        let count = inside.take_while(|layer| self.is_inside(layer.id, group)).count();
        index - count..index + 1
    }

    /// The layers that lie directly in `parent`, from the bottom up; none: those of the sheet itself.
    pub fn children(&self, parent: Option<LayerId>) -> impl DoubleEndedIterator<Item = &Layer> {
        self.layers().filter(move |layer| layer.parent == parent)
    }

    /// Where `place` is in the list, and in which group; none where its layer is not here or cannot hold others.
    pub(super) fn resolve(&self, place: Place) -> Option<(usize, Option<LayerId>)> {
        let (Place::Above(id) | Place::Below(id) | Place::Into(id)) = place;
        let index = self.index(id)?;
        let layer = &self.shared()[index];
        match place {
            // Masks stay on top: nothing is clipped to one.
            Place::Above(_) if !layer.role.is_mask() => Some((index + 1, layer.parent)),
            Place::Above(_) => Some((index, layer.parent)),
            Place::Below(_) => Some((self.span(index).start, layer.parent)),
            Place::Into(_) => layer.is_group().then_some((index, Some(id))),
        }
    }

    /// Lays a new layer at `place`; whether there is such a place, and no group lies too deep there.
    pub fn insert(&mut self, mut layer: Layer, place: Place) -> bool {
        let Some((index, parent)) = self.resolve(place) else {
            return false;
        };
        if self.depth_at(place) + usize::from(layer.is_group()) > MAX_DEPTH {
            return false;
        }
        layer.parent = parent;
        self.list_mut().insert(index, Arc::new(layer));
        true
    }

    /// Where a new layer goes while `target` is chosen: over it, and where that is a take over all takes; over the colour and under the lines where it is a mask
    /// or hints.
    pub fn place_of_new(&self, target: LayerId) -> Place {
        let is_remark = self.layer(target).is_some_and(|layer| layer.role.is_remark());
        // What lies over colour is looked for in the pixels.
        let lines = is_remark.then(|| self.lines_over_color().last().copied()).flatten();
        lines.map_or_else(|| self.beside_takes(Place::Above(target)), Place::Below)
    }

    /// Takes a layer away, with all that lies in it.
    pub fn remove(&mut self, id: LayerId) -> bool {
        let Some(index) = self.index(id) else { return false };
        let span = self.span(index);
        self.list_mut().drain(span);
        true
    }

    /// The layers and the groups that they lie in: two sheets of the same are arranged alike.
    pub(super) fn places(&self) -> Vec<(LayerId, Option<LayerId>)> {
        self.layers().map(|layer| (layer.id, layer.parent)).collect()
    }

    /// Moves a layer, with all that lies in it; not into itself, nor too deep. Whether anything changed.
    pub fn move_to(&mut self, id: LayerId, place: Place) -> bool {
        let (Place::Above(other) | Place::Below(other) | Place::Into(other)) = place;
        let Some(index) = self.index(id) else { return false };
        let is_possible = other != id && !self.is_inside(other, id) && self.resolve(place).is_some();
        if !is_possible || self.is_too_deep(&[id], place) {
            return false;
        }
        let before = self.places();
        let span = self.span(index);
        let moved: Vec<Arc<Layer>> = self.list_mut().drain(span).collect();
        let Some((at, parent)) = self.resolve(place) else {
            return false;
        };
        self.list_mut().splice(at..at, moved);
        if let Some(layer) = self.layer_mut(id).filter(|layer| layer.parent != parent) {
            layer.parent = parent;
        }
        before != self.places()
    }

    /// One row up or down among those that lie in the same group; past the last of them out of the group.
    pub fn step(&mut self, id: LayerId, up: bool) -> bool {
        let Some(parent) = self.layer(id).map(|layer| layer.parent) else {
            return false;
        };
        let Some(other) = self.next_sibling(id, up).or(parent) else {
            return false;
        };
        let place = if up { Place::Above(other) } else { Place::Below(other) };
        self.move_to(id, self.beside_takes(place))
    }

    /// A copy of a layer, and of all that lies in it, right above it. Of the sketch it is paint that shows as that does.
    pub fn duplicate(&mut self, id: LayerId) -> Option<LayerId> {
        let index = self.index(id)?;
        let span = self.span(index);
        let mut copies: Vec<Layer> = self.shared()[span.clone()].iter().map(|layer| layer.duplicate()).collect();
        let renamed: Vec<(LayerId, LayerId)> = self.shared()[span.clone()]
            .iter()
            .zip(&copies)
            .map(|(old, new)| (old.id, new.id))
            .collect();
        for copy in &mut copies {
            let inside = renamed.iter().find(|(old, _)| Some(*old) == copy.parent);
            copy.parent = inside.map_or(copy.parent, |(_, new)| Some(*new));
            // As a second sketch its lines would count beside the first.
            if copy.role == Role::Sketch {
                copy.role = Role::Paint;
            }
        }
        let copy = copies.last_mut()?;
        copy.name = self.free_name(&copy.name);
        let id = copy.id;
        self.list_mut().splice(span.end..span.end, copies.into_iter().map(Arc::new));
        Some(id)
    }

    /// Puts a layer into a new group in its place.
    #[cfg(test)]
    pub fn group(&mut self, id: LayerId) -> Option<LayerId> {
        self.group_all(&[id]).ok()
    }

    /// `name`, or with the first number that makes it another than those that are there.
    pub fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| self.layers().any(|layer| layer.name == name);
        if !taken(name) {
            return name.to_owned();
        }
        // The digits of "#102030" are no number of a layer.
        let numbered = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        let stem = name
            .rsplit_once(' ')
            .filter(|(_, number)| numbered(number))
            .map_or(name, |(stem, _)| stem);
        (2u32..)
            .map(|number| format!("{stem} {number}"))
            .find(|name| !taken(name))
            .unwrap_or_else(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Blend, Pixels, TileGrid};

    fn sheet(names: &[&str]) -> Sheet {
        let mut sheet = Sheet::new([4, 4]);
        for name in names {
            sheet.push(Layer::new(Role::Paint, name, Pixels::Raster(TileGrid::new([4, 4]))));
        }
        sheet
    }

    fn id(sheet: &Sheet, name: &str) -> LayerId {
        sheet.layers().find(|layer| layer.name == name).unwrap().id
    }

    /// "a (b c)": from the bottom up, groups before their layers in parentheses.
    fn order(sheet: &Sheet) -> String {
        fn list(sheet: &Sheet, parent: Option<LayerId>) -> String {
            let name = |layer: &Layer| match layer.is_group() {
                true => format!("{}({})", layer.name, list(sheet, Some(layer.id))),
                false => layer.name.clone(),
            };
            sheet.children(parent).map(name).collect::<Vec<_>>().join(" ")
        }
        list(sheet, None)
    }

    #[test]
    fn layers_move_in_and_out_of_groups() {
        let mut sheet = sheet(&["a", "b", "c"]);
        let (a, b, c) = (id(&sheet, "a"), id(&sheet, "b"), id(&sheet, "c"));
        let group = sheet.group(b).unwrap();
        assert_eq!(order(&sheet), "a Group(b) c");
        assert!(sheet.move_to(a, Place::Into(group)));
        assert_eq!(order(&sheet), "Group(b a) c");
        assert!(sheet.move_to(c, Place::Below(b)));
        assert_eq!(order(&sheet), "Group(c b a)");
        assert!(!sheet.move_to(group, Place::Into(group)) && !sheet.move_to(group, Place::Above(a)));
        assert!(!sheet.move_to(a, Place::Into(b)), "only groups hold layers");
        assert!(!sheet.move_to(a, Place::Above(b)), "it is there already");
        assert!(sheet.step(a, true));
        assert_eq!(order(&sheet), "Group(c b) a");
        assert!(!sheet.step(a, true));
        assert!(sheet.step(group, true));
        assert_eq!(order(&sheet), "a Group(c b)");
        assert!(sheet.step(c, false));
        assert_eq!(order(&sheet), "a c Group(b)");
        assert_eq!([sheet.depth(a), sheet.depth(b)], [0, 1]);
    }

    #[test]
    fn groups_lie_in_each_other_only_so_deep() {
        let mut sheet = sheet(&["a", "b", "c"]);
        let [a, b, c] = ["a", "b", "c"].map(|name| id(&sheet, name));
        let outermost = sheet.group(a).unwrap();
        for _ in 1..MAX_DEPTH {
            sheet.group(a).unwrap();
        }
        assert_eq!([sheet.depth(a), sheet.levels(outermost)], [MAX_DEPTH; 2]);
        assert_eq!(sheet.group_all(&[a]), Err(TOO_DEEP));
        assert!(TOO_DEEP.contains(&MAX_DEPTH.to_string()));
        assert_eq!(sheet.group_all(&[outermost, b]), Err(TOO_DEEP), "from outside as well");
        let innermost = sheet.groups_of(a).next().unwrap().id;
        assert!(sheet.move_to(b, Place::Into(innermost)), "a layer has room there");
        let group = sheet.group(c).unwrap();
        for place in [Place::Into(innermost), Place::Above(b)] {
            assert!(sheet.is_too_deep(&[a, group], place));
            assert!(!sheet.move_to(group, place) && !sheet.move_all(&[c, group], place));
        }
        let before = sheet.places();
        let new = Layer::new(Role::Paint, "new", Pixels::Group([4, 4]));
        assert!(!sheet.insert(new, Place::Above(a)));
        assert_eq!(sheet.places(), before);
        assert!(sheet.move_to(group, Place::Below(innermost)));
    }

    #[test]
    fn what_is_new_over_a_take_lies_over_all_takes() {
        let mut sheet = sheet(&["a", "Take 1", "Take 2", "b"]);
        let [first, second, b] = ["Take 1", "Take 2", "b"].map(|name| id(&sheet, name));
        for take in [first, second] {
            sheet.layer_mut(take).unwrap().role = Role::Take;
        }
        assert_eq!(sheet.place_of_new(first), Place::Above(second));
        assert_eq!(sheet.place_of_new(b), Place::Above(b));
    }

    #[test]
    fn groups_are_copied_and_removed_with_what_is_in_them() {
        let mut sheet = sheet(&["a", "b"]);
        let inner = sheet.group(id(&sheet, "b")).unwrap();
        let outer = sheet.group(inner).unwrap();
        assert_eq!(order(&sheet), "a Group 2(Group(b))");
        let copy = sheet.duplicate(outer).unwrap();
        assert_eq!(order(&sheet), "a Group 2(Group(b)) Group 3(Group(b))");
        assert!(sheet.remove(outer));
        assert_eq!(order(&sheet), "a Group 3(Group(b))");
        assert!(sheet.remove(copy));
        assert_eq!(order(&sheet), "a");
        assert!(!sheet.remove(copy));
    }

    #[test]
    fn a_copy_of_the_sketch_is_paint_that_multiplies() {
        let mut sheet = sheet(&["a"]);
        let sketch = Layer::new(Role::Sketch, "lines", Pixels::Raster(TileGrid::new([4, 4])));
        let lines = sketch.id;
        sheet.push(sketch);
        let group = sheet.group(lines).unwrap();
        for copied in [lines, group] {
            let copy = sheet.duplicate(copied).unwrap();
            let of_it = |layer: &&Layer| layer.id == copy || sheet.is_inside(layer.id, copy);
            let copies: Vec<&Layer> = sheet.layers().filter(of_it).filter(|layer| !layer.is_group()).collect();
            let multiplies = |layer: &&Layer| (layer.role, layer.blend) == (Role::Paint, Blend::Multiply);
            assert!(!copies.is_empty() && copies.iter().all(multiplies));
        }
        assert_eq!(sheet.sketches().map(|layer| layer.id).collect::<Vec<_>>(), [lines]);
    }

    #[test]
    fn names_are_numbered() {
        let sheet = sheet(&["Paint", "Paint 2", "#102030"]);
        assert_eq!(
            ["Paint", "Paint 2", "Shade", "#102030"].map(|name| sheet.free_name(name)),
            ["Paint 3", "Paint 3", "Shade", "#102030 2"]
        );
    }
}
