//! The sketch: the layers whose lines the program works with, one or several.

#[cfg(test)]
mod tests;

use image::RgbImage;

use super::blend::Blend;
use super::composite::{Laid, Step, flatten, on_white};
use super::layer::{Layer, LayerId, Role};
use super::rect::Rect;
use super::sheet::Sheet;

impl Sheet {
    /// The layers of the sketch, from the bottom up, whether they show or not.
    pub fn sketches(&self) -> impl Iterator<Item = &Layer> {
        self.layers().filter(|layer| layer.role == Role::Sketch)
    }

    /// The layers of the sketch whose lines count, from the bottom up: those that show. One that is hidden beside others is out of the drawing, as a backup is;
    /// those that showed are hidden together to look at the colour, which goes on keeping to them. All, where it is not known which these are.
    pub fn line_layers(&self) -> Vec<&Layer> {
        let (shown, hidden): (Vec<&Layer>, Vec<&Layer>) = self.sketches().partition(|layer| self.is_in_sight(layer));
        if !shown.is_empty() {
            return shown;
        }
        let (aside, others): (Vec<&Layer>, Vec<&Layer>) = hidden.into_iter().partition(|layer| layer.set_aside);
        if aside.is_empty() { others } else { aside }
    }

    /// See [`Self::line_layers`].
    pub fn line_ids(&self) -> Vec<LayerId> {
        self.line_layers().into_iter().map(|layer| layer.id).collect()
    }

    /// Keeps in mind which layers of the sketch count while none of it shows: see [`Self::line_layers`].
    pub fn set_lines_aside(&mut self, lines: &[LayerId]) {
        let changes = |layer: &&Layer| layer.set_aside != lines.contains(&layer.id);
        let changed: Vec<LayerId> = self.sketches().filter(changes).map(|layer| layer.id).collect();
        for id in changed {
            self.layer_mut(id).into_iter().for_each(|layer| layer.set_aside ^= true);
        }
    }

    /// `area` of the sketch on white paper: the lines of its layers that count, which multiply, whatever their opacity; none where there is no sketch.
    pub fn line_art(&self, area: Rect) -> Option<RgbImage> {
        let laid = |blend| Laid {
            blend,
            opacity: 1.0,
            clip: false,
        };
        // On nothing the first one looks alike in either mode.
        let blends = std::iter::once(Blend::Normal).chain(std::iter::repeat(Blend::Multiply));
        let steps: Vec<Step<'_>> = (self.line_layers().into_iter().zip(blends))
            .map(|(layer, blend)| Step::Lay(layer, laid(blend)))
            .collect();
        (!steps.is_empty()).then(|| on_white(&flatten(&steps, area)))
    }

    /// Whether a layer is a part of the sketch; a group, whether something lies in it, and nothing else.
    pub fn is_sketch(&self, layer: &Layer) -> bool {
        if !layer.is_group() {
            return layer.role == Role::Sketch;
        }
        let mut inside = self.children(Some(layer.id)).peekable();
        inside.peek().is_some() && inside.all(|layer| self.is_sketch(layer))
    }

    /// Whether a group holds layers of the sketch that multiply, and nothing else that shows: then it is to multiply as well, for in it they have nothing to
    /// lie on.
    pub(super) fn holds_multiplied_lines(&self, group: LayerId) -> bool {
        let are_lines = |layer: &Layer| self.is_sketch(layer) || self.holds_multiplied_lines(layer.id);
        let multiplied = |layer: &&Layer| layer.blend == Blend::Multiply && are_lines(layer);
        let (lines, others): (Vec<&Layer>, Vec<&Layer>) = self.children(Some(group)).partition(multiplied);
        !lines.is_empty() && !others.into_iter().any(|layer| self.lays_paint(layer))
    }

    /// Whether anything shows of a layer, or of what lies in a group, while what lies around it does.
    fn lays_paint(&self, layer: &Layer) -> bool {
        let paints = match layer.is_group() {
            true => self.children(Some(layer.id)).any(|inside| self.lays_paint(inside)),
            false => !layer.bounds().is_empty(),
        };
        paints && layer.visible && !layer.role.is_remark()
    }

    /// The layers of the sketch, or the outermost groups that hold some, that lie together over the colour, from the top down. A take parts them, and what
    /// covers most of what lies below it. Lines below that are none of these: what lies under them would be hidden by it.
    pub fn lines_over_color(&self) -> Vec<LayerId> {
        let outermost = |layer: &Layer| self.groups_of(layer.id).last().map_or(layer.id, |group| group.id);
        // From the bottom up; the layers of a group lie together.
        let mut left: Vec<LayerId> = self.sketches().map(outermost).collect();
        left.dedup();
        let parts = |layer: &Layer| {
            let lies_between = layer.visible && !layer.clip && !layer.role.is_remark();
            layer.role == Role::Take || lies_between && self.covers(layer)
        };
        let mut lines = Vec::new();
        for layer in self.children(None).rev() {
            if left.last() == Some(&layer.id) {
                lines.extend(left.pop());
            } else if left.is_empty() || !lines.is_empty() && parts(layer) {
                break;
            }
        }
        lines
    }

    /// Makes layers, and all paint that lies in groups among them, a part of the sketch; where all are parts already, no longer. New parts that are Normal are
    /// set to multiply, and with them groups that hold nothing else: their paper would hide the colour below. Whether any were.
    ///
    /// # Errors
    /// A sentence for the person, where there is no such layer, or no sketch would be left.
    pub fn toggle_sketch_all(&mut self, ids: &[LayerId]) -> Result<bool, &'static str> {
        let mut old = Vec::new();
        let mut new = Vec::new();
        let is_one = |layer: &Layer| ids.iter().any(|id| layer.id == *id || self.is_inside(layer.id, *id));
        let meant = |layer: &Layer| !layer.is_group() && is_one(layer);
        for layer in self.layers().filter(|layer| meant(layer)) {
            match layer.role {
                Role::Sketch => old.push(layer.id),
                Role::Paint => new.push(layer.id),
                _ => {}
            }
        }
        if old.is_empty() && new.is_empty() {
            return Err("Only a paint layer, or a group that holds some, can be the sketch.");
        }
        if new.is_empty() {
            if old.len() == self.sketches().count() {
                return Err("A drawing needs a sketch. Use another layer as the sketch first.");
            }
            for id in old {
                self.layer_mut(id).into_iter().for_each(|layer| layer.role = Role::Paint);
            }
            return Ok(false);
        }
        let mut multiplied = false;
        for id in &new {
            if let Some(layer) = self.layer_mut(*id) {
                (layer.role, layer.set_aside) = (Role::Sketch, false);
                multiplied |= multiply(layer);
            }
        }
        let around = |group: &Layer| group.is_group() && new.iter().any(|id| self.is_inside(*id, group.id));
        // In the list inner groups lie before those around them.
        let groups: Vec<LayerId> = (self.layers().filter(|layer| around(layer))).map(|group| group.id).collect();
        for group in groups {
            if self.holds_multiplied_lines(group)
                && let Some(group) = self.layer_mut(group)
            {
                multiplied |= multiply(group);
            }
        }
        Ok(multiplied)
    }

    /// Makes a single layer a part of the sketch, or no longer.
    #[cfg(test)]
    pub fn toggle_sketch(&mut self, id: LayerId) -> Result<bool, &'static str> {
        self.toggle_sketch_all(&[id])
    }

    /// Hides what shows of the sketch, or else shows the layers again whose lines count; whether there is one.
    pub fn show_or_hide_sketch(&mut self) -> bool {
        self.set_lines_aside(&self.line_ids());
        let lines = self.line_layers();
        let shown = lines.iter().any(|layer| self.is_in_sight(layer));
        let mut changed: Vec<LayerId> = lines.iter().map(|layer| layer.id).collect();
        if !shown {
            // Shown in a hidden group they would be seen as little as before.
            changed.extend(lines.iter().flat_map(|layer| self.groups_of(layer.id)).map(|group| group.id));
        }
        let is_one = !changed.is_empty();
        self.set_visible(changed.into_iter().map(|id| (id, !shown)));
        is_one
    }
}

/// Sets what is Normal to multiply; whether it was.
fn multiply(layer: &mut Layer) -> bool {
    let normal = layer.blend == Blend::Normal;
    if normal {
        layer.blend = Blend::Multiply;
    }
    normal
}
