//! The document that a file's layers become.

use std::collections::HashMap;

use picture::Picture;

use super::ahead::{Ahead, is_of_pixels};
use super::stack::{Content, ISOLATION, NORMAL, Node, Stack};
use super::{Ours, shows_elsewhere};
use crate::document::blend::Blend;
use crate::document::document::{Document, Side};
use crate::document::layer::{Layer, Pixels, Role};
use crate::document::memory::Kept;
use crate::document::names::{deep_groups, moded, passing_groups, quoted, unknown_modes};
use crate::document::roles::{Named, by_names, is_line_art};
use crate::document::sheet::Sheet;
use crate::document::tile::TileGrid;

/// A document while its layers are read.
pub(super) struct Building<'a> {
    pub document: &'a mut Document,
    roles: HashMap<(String, String), Role>,
    ours: Option<&'a Ours>,
    pub notes: &'a mut Vec<String>,
    pub kept: Kept,
    /// Layers of blend modes that are not known here: see [`moded`].
    modes: Vec<String>,
    /// Groups that let the layers below them through.
    passing: Vec<String>,
    /// Names of layers that are not of pixels.
    pub left_out: Vec<String>,
    /// Names of groups that lie deeper in each other than they can here.
    pub deep_groups: Vec<String>,
    /// Names of layers that lose what lies outside the canvas.
    cut: Vec<String>,
    /// Names of layers that had more than 8 bits a channel.
    deep: Vec<String>,
    pub ahead: Ahead,
}

impl<'a> Building<'a> {
    pub fn new(
        stack: &Stack,
        ours: Option<&'a Ours>,
        kept: Kept,
        document: &'a mut Document,
        notes: &'a mut Vec<String>,
    ) -> Self {
        Self {
            roles: roles(stack, ours),
            ours,
            document,
            notes,
            kept,
            modes: Vec::new(),
            passing: Vec::new(),
            left_out: Vec::new(),
            deep_groups: Vec::new(),
            cut: Vec::new(),
            deep: Vec::new(),
            ahead: Ahead::of(stack),
        }
    }

    /// Notes what was lost, once all layers are there.
    pub fn tell(self) {
        let mut note = |names: &[String], sentence: &dyn Fn(&str) -> String| {
            if !names.is_empty() {
                self.notes.push(sentence(&quoted(names)));
            }
        };
        note(&self.left_out, &|names| {
            format!(
                "Left out, for they are not of pixels ({names}). To have these layers, make them pixels (\u{201c}rasterize\u{201d}) in the program that \
                 made the file. To keep the file as it is, save under another name."
            )
        });
        note(&self.modes, &unknown_modes);
        note(&self.passing, &passing_groups);
        note(&self.deep_groups, &deep_groups);
        note(&self.cut, &|names| {
            format!(
                "What lies outside the canvas is left out when you save (a part of {names}). To keep it, enlarge the canvas in the program that made \
                 the file, or save under another name."
            )
        });
        note(&self.deep, &|names| {
            format!("Reduced to 8 bits a channel ({names}). To keep the rest, save under another name.")
        });
    }

    /// A layer of the document from one of the stack. The document holds the layers below it.
    pub fn layer(&mut self, from: &Node, src: &str, at: [i32; 2], picture: Picture) -> Layer {
        let role = self
            .roles
            .get(&(src.to_owned(), from.name.clone()))
            .copied()
            .unwrap_or(Role::Paint);
        let ours = self.ours;
        let saved_size = |size: fn(&Ours) -> Option<[u32; 2]>| ours.and_then(size).unwrap_or(picture.size());
        let sheet_size = |side| self.document.sheet(side).map(Sheet::size);
        let size = match role {
            Role::Reference | Role::ReferenceMask => {
                sheet_size(Side::Reference).unwrap_or_else(|| saved_size(|ours| ours.reference))
            }
            Role::Background => sheet_size(Side::Background).unwrap_or_else(|| saved_size(|ours| ours.background)),
            _ => self.document.canvas().size(),
        };
        let [width, _] = picture.size();
        self.deep.extend(picture.is_deep().then(|| from.name.clone()));
        let (pixels, cut) = match role.is_mask() {
            true => {
                let mask = picture.into_mask();
                let cut = is_cut(size, at, width, mask.as_raw(), |value| *value > 0);
                (Pixels::Mask(TileGrid::with_pixels(size, at, width, mask.as_raw())), cut)
            }
            false => {
                let rgba = picture.into_rgba();
                let rgba = rgba.as_raw().as_chunks().0;
                let cut = is_cut(size, at, width, rgba, |pixel: &[u8; 4]| pixel[3] > 0);
                (Pixels::Raster(TileGrid::with_pixels(size, at, width, rgba)), cut)
            }
        };
        self.cut.extend(cut.then(|| from.name.clone()));
        let saved = ours.and_then(|ours| ours.layers.get(src));
        Layer {
            visible: if shows_elsewhere(role) {
                from.visible
            } else {
                saved.is_none_or(|saved| saved.visible)
            },
            alpha_locked: saved.is_some_and(|saved| saved.alpha_locked),
            recipe: saved.and_then(|saved| saved.recipe.clone()),
            picked: saved.is_some_and(|saved| saved.picked),
            set_aside: saved.is_some_and(|saved| saved.set_aside),
            ..Layer::new(role, &from.name, pixels)
        }
    }

    /// Whether another program laid out the layers.
    fn is_foreign(&self) -> bool {
        self.ours.is_none_or(|ours| ours.layers.is_empty())
    }

    /// Notes a group that another program's layers below it shine through, and that would look otherwise if they did not.
    pub fn note_passing(&mut self, group: &mut Node) {
        // A group that says nothing of it is one, as the format has it.
        if self.is_foreign() && !group.foreign.iter().any(|(name, _)| name == ISOLATION) {
            group.foreign.push((ISOLATION.to_owned(), "auto".to_owned()));
        }
        let (Content::Group(inner), NORMAL) = (&group.content, group.operator.as_str()) else {
            return;
        };
        let passes = group.foreign.iter().any(|(name, value)| name == ISOLATION && value == "auto");
        if passes && group.opacity >= 1.0 && inner.iter().any(|node| node.operator != NORMAL) {
            self.passing.push(group.name.clone());
        }
    }

    /// Whether a layer, or all that lies in a group, is of the sketch. The document holds what lies in it.
    fn is_line_art(&self, layer: &Layer) -> bool {
        layer.role == Role::Sketch || self.document.canvas().holds_multiplied_lines(layer.id)
    }

    pub fn blend(&mut self, from: &Node, layer: &Layer) -> Blend {
        match Blend::of_operator(&from.operator) {
            // Line art of another program: white paper must not hide the colour below it, nor may a group of it.
            Some(Blend::Normal) if self.is_foreign() && self.is_line_art(layer) => Blend::Multiply,
            Some(blend) => blend,
            None => {
                self.modes.push(moded(&from.name, &from.operator));
                Blend::Normal
            }
        }
    }
}

/// Whether something of a picture lies outside a canvas of `size`. `pixels`: rows of `width`, the first of them at `at`.
fn is_cut<P>(size: [u32; 2], at: [i32; 2], width: u32, pixels: &[P], painted: impl Fn(&P) -> bool) -> bool {
    let inside = |axis: usize, place: usize| (0..i64::from(size[axis])).contains(&(i64::from(at[axis]) + place as i64));
    let width = width.max(1) as usize;
    let all = |axis, length: usize| inside(axis, 0) && inside(axis, length.saturating_sub(1));
    if all(0, width) && all(1, pixels.len() / width) {
        return false;
    }
    let mut rows = pixels.chunks(width).enumerate();
    rows.any(|(y, row)| {
        let kept = inside(1, y);
        row.iter()
            .enumerate()
            .any(|(x, pixel)| !(kept && inside(0, x)) && painted(pixel))
    })
}

/// A role for each layer of the stack, by entry and name: ours where we wrote it, or else by the name.
fn roles(stack: &Stack, ours: Option<&Ours>) -> HashMap<(String, String), Role> {
    let mut layers: Vec<(&Node, &str, Named<'_>)> = Vec::new();
    stack.each_layer(&mut |node, src, groups| {
        if !is_of_pixels(src) {
            return;
        }
        let named = Named {
            name: &node.name,
            shown: node.visible && groups.iter().all(|group| group.visible),
            in_line_art: groups.iter().any(|group| is_line_art(&group.name)),
        };
        layers.push((node, src, named));
    });
    let roles: Vec<Role> = match ours.filter(|ours| !ours.layers.is_empty()) {
        Some(ours) => layers
            .iter()
            .map(|(_, src, _)| ours.layers.get(*src).map_or(Role::Paint, |ours| ours.role))
            .collect(),
        None => by_names(&layers.iter().map(|(_, _, named)| *named).collect::<Vec<_>>()),
    };
    let names = layers.iter().map(|(node, src, _)| ((*src).to_owned(), node.name.clone()));
    names.zip(roles).collect()
}
