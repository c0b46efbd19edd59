//! The list of a file's layers as a document.

use rayon::prelude::*;

use super::bytes::Fault;
use super::header::Header;
use super::pixels::pixels;
use super::record::{Part, Record};
use super::roles::roles;
use super::{Colors, blend};
use crate::document::arrange::MAX_DEPTH;
use crate::document::blend::Blend;
use crate::document::document::Document;
use crate::document::layer::{Layer, Pixels, Role};
use crate::document::memory::{Kept, most_together};
use crate::document::names::{deep_groups, moded, passing_groups, quoted, unknown_modes};
use crate::document::tile::TileGrid;

/// Puts the document together.
pub fn document(header: &Header, records: &[Record<'_>], colors: &Colors, notes: &mut Vec<String>) -> Result<Document, Fault> {
    let mut building = Building {
        document: Document::new(header.size).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?,
        header,
        open: Vec::new(),
        deep: Vec::new(),
        told: Told::default(),
        kept: Kept::new(),
    };
    let roles: Vec<_> = records.iter().zip(roles(records)).collect();
    let most = most_together();
    let mut rest = roles.as_slice();
    while !rest.is_empty() {
        let (batch, others) = rest.split_at(together(rest, most));
        rest = others;
        let made = batch
            .par_iter()
            .map(|(record, role)| pixels(header, record, *role, colors))
            .collect::<Result<Vec<_>, Fault>>()?;
        for ((record, role), pixels) in batch.iter().zip(made) {
            building.take(record, pixels, *role)?;
        }
    }
    let Building {
        mut document,
        mut open,
        told,
        ..
    } = building;
    // Groups whose upper ends are missing.
    while let Some(group) = open.pop() {
        document.add(group.layer);
    }
    document.ensure_sketch_mask();
    told.write(notes);
    Ok(document)
}

/// How many of the records, from the first on, are unpacked at the same time: those of at most so many pixels, and one at least.
fn together(records: &[(&Record<'_>, Role)], most: u64) -> usize {
    let mut pixels = 0;
    let fit = records.iter().take_while(|(record, _)| {
        let mask = record.mask().map_or(0, |(mask, _)| mask.area.pixels());
        pixels += record.area.pixels() + mask;
        pixels <= most
    });
    fit.count().max(1)
}

/// A document while its layers are read, from the bottom up.
struct Building<'a> {
    document: Document,
    header: &'a Header,
    /// Groups whose upper ends are yet to come, the innermost last.
    open: Vec<Group>,
    /// How many layers lay below each group that lies too deep in others, likewise: what is in it lies in the group around it.
    deep: Vec<usize>,
    told: Told,
    kept: Kept,
}

struct Group {
    layer: Layer,
    /// One of its layers mixes with what lies below in a way of its own.
    mixes: bool,
}

impl Building<'_> {
    /// Takes in the next record, and what it brings.
    fn take(&mut self, record: &Record<'_>, pixels: Option<Pixels>, role: Role) -> Result<(), Fault> {
        match record.part {
            Part::GroupEnd if self.open.len() >= MAX_DEPTH => self.deep.push(self.document.canvas().layers().len()),
            Part::GroupEnd => {
                let group = self.new_group();
                self.open.push(group);
            }
            Part::Group { folded } => match self.deep.pop() {
                Some(below) => self.close_deep(record, below),
                None => self.close(record, folded, pixels)?,
            },
            Part::Adjustment => self.told.left_out.push(record.name.clone()),
            Part::Layer => {
                let size = self.header.size;
                let pixels = pixels.unwrap_or_else(|| match role.is_mask() {
                    true => Pixels::Mask(TileGrid::new(size)),
                    false => Pixels::Raster(TileGrid::new(size)),
                });
                let mut layer = self.dressed(Layer::new(role, &record.name, pixels), record);
                if role == Role::Sketch && layer.blend == Blend::Normal {
                    // White paper must not hide the colour below it.
                    layer.blend = Blend::Multiply;
                }
                layer.parent = self.open.last().map(|group| group.layer.id);
                if record.mask().is_some() {
                    self.told.masked.push(record.name.clone());
                }
                self.keep(layer)?;
            }
        }
        if record.mixes() {
            self.open.iter_mut().for_each(|group| group.mixes = true);
        }
        Ok(())
    }

    fn keep(&mut self, layer: Layer) -> Result<(), Fault> {
        self.kept.add(&layer).map_err(|limit| {
            Fault::new(format!(
                "has layers of more than {limit} GiB of painted pixels, and this machine has no memory for more: merge some of the layers in the program \
                 that made it"
            ))
        })?;
        self.document.add(layer);
        Ok(())
    }

    fn new_group(&self) -> Group {
        let parent = self.open.last().map(|group| group.layer.id);
        Group {
            layer: Layer {
                parent,
                ..Layer::new(Role::Paint, "Group", Pixels::Group(self.header.size))
            },
            mixes: false,
        }
    }

    /// The upper end of a group: its name, how it shows, and what its mask lets through.
    fn close(&mut self, record: &Record<'_>, folded: bool, stencil: Option<Pixels>) -> Result<(), Fault> {
        // One without a lower end has nothing in it.
        let Group { layer, mixes } = self.open.pop().unwrap_or_else(|| self.new_group());
        if record.blend == *b"pass" && mixes {
            self.told.passing.push(record.name.clone());
        }
        let mut group = self.dressed(layer, record);
        (group.name, group.folded) = (record.name.clone(), folded);
        if group.blend == Blend::Normal && self.document.canvas().holds_multiplied_lines(group.id) {
            // Nor may that of lines which multiply in a group of their own.
            group.blend = Blend::Multiply;
        }
        if let Some(stencil) = stencil {
            self.keep(Layer {
                parent: Some(group.id),
                blend: Blend::DstIn,
                ..Layer::new(Role::Paint, &format!("{} mask", record.name), stencil)
            })?;
        }
        self.document.add(group);
        Ok(())
    }

    /// The upper end of a group that lies too deep in others. What a hidden one holds stays hidden.
    fn close_deep(&mut self, record: &Record<'_>, below: usize) {
        self.told.deep.push(record.name.clone());
        let held = self.document.canvas().layers().skip(below);
        let held: Vec<_> = held.filter(|_| !record.visible).map(|layer| (layer.id, false)).collect();
        self.document.canvas_mut().set_visible(held);
    }

    /// A layer or group that shows as its record says.
    fn dressed(&mut self, layer: Layer, record: &Record<'_>) -> Layer {
        let blend = blend::of_key(record.blend);
        if blend.is_none() {
            self.told.modes.push(moded(&record.name, &blend::name(record.blend)));
        }
        if record.orphan && record.visible {
            self.told.orphans.push(record.name.clone());
        }
        if record.effects {
            self.told.effects.push(record.name.clone());
        }
        if record.by_tones {
            self.told.by_tones.push(record.name.clone());
        }
        if record.mask().is_some_and(|(mask, _)| mask.feathered) {
            self.told.feathered.push(record.name.clone());
        }
        Layer {
            visible: record.visible && !record.orphan,
            locked: record.locked,
            alpha_locked: record.alpha_locked,
            clip: record.clip,
            opacity: record.opacity,
            blend: blend.unwrap_or_default(),
            ..layer
        }
    }
}

/// What a person should know of how the file was read, by the names of layers.
#[derive(Default)]
struct Told {
    left_out: Vec<String>,
    /// Clipped to what was left out.
    orphans: Vec<String>,
    /// With their blend modes: see [`moded`].
    modes: Vec<String>,
    effects: Vec<String>,
    by_tones: Vec<String>,
    masked: Vec<String>,
    feathered: Vec<String>,
    passing: Vec<String>,
    deep: Vec<String>,
}

impl Told {
    fn write(self, notes: &mut Vec<String>) {
        let mut note = |names: Vec<String>, sentence: &dyn Fn(&str) -> String| {
            if !names.is_empty() {
                notes.push(sentence(&quoted(&names)));
            }
        };
        note(self.left_out, &|names| {
            format!(
                "Left out, for there is nothing like it here: adjustments and fills ({names}). To have what they do, merge them into the layers below \
                 them in the program that made the file."
            )
        });
        note(self.orphans, &|names| {
            format!(
                "Hidden, for what they were clipped to was left out ({names}). To have them, merge them into what they are clipped to in the program \
                 that made the file."
            )
        });
        note(self.modes, &unknown_modes);
        note(self.effects, &|names| {
            format!(
                "Layer effects do not show here ({names}). To have them, rasterize these layers' styles in the program that made the file."
            )
        });
        note(self.by_tones, &|names| {
            format!(
                "Layers that blend on some tones alone (\u{201c}Blend If\u{201d}) blend on all here ({names}). To have that, merge them into the \
                 layers below them in the program that made the file."
            )
        });
        note(self.masked, &|names| {
            format!("Masks were applied to their layers ({names}). To change a mask, do so in the program that made the file.")
        });
        note(self.feathered, &|names| {
            format!(
                "Masks with a feathered edge have a hard one here ({names}). To have it soft, apply them in the program that made the file."
            )
        });
        note(self.passing, &passing_groups);
        note(self.deep, &deep_groups);
    }
}
