//! A line of a file's list of layers.

use std::borrow::Cow;

use super::super::blend;
use super::super::record::{ALPHA, MASK, Part};
use crate::document::blend::Blend;
use crate::document::layer::{Layer, LayerId, Pixels, Role};
use crate::document::rect::Rect;
use crate::document::sheet::Sheet;

/// The numbers of a layer's channels, in the order in which they are written. The last one is there where it has a mask.
const CHANNELS: [i16; 5] = [ALPHA, 0, 1, 2, MASK];
/// What Photoshop calls the lower end of a group.
const END: &str = "</Layer group>";
/// The key of a layer whose blend mode has none.
const NORMAL: [u8; 4] = *b"norm";

/// A layer, or an end of a group.
pub struct Line<'a> {
    pub layer: Cow<'a, Layer>,
    pub part: Part,
    clip: bool,
    /// Of a group: the layer in it that says what shows of it.
    pub mask: Option<&'a Layer>,
    /// Bytes of each channel, once it is written.
    pub lengths: [u32; CHANNELS.len()],
}

/// What is written of a sheet, from the bottom up.
pub fn lines(sheet: &Sheet) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    add(sheet, None, &mut lines);
    lines
}

/// Adds what lies in a group, or on the sheet itself, but for the layer that is the group's mask.
fn add<'a>(sheet: &'a Sheet, parent: Option<LayerId>, lines: &mut Vec<Line<'a>>) -> Option<&'a Layer> {
    let mut layers: Vec<&Layer> = sheet.children(parent).filter(|layer| !layer.role.is_remark()).collect();
    let mask = layers.pop_if(|layer| parent.is_some() && is_mask(layer));
    for (at, layer) in layers.into_iter().enumerate() {
        let (mut part, mut mask) = (Part::Layer, None);
        if layer.is_group() {
            let end = Layer::new(Role::Paint, END, Pixels::Group(sheet.size()));
            lines.push(Line {
                layer: Cow::Owned(end),
                part: Part::GroupEnd,
                clip: false,
                mask: None,
                lengths: [0; CHANNELS.len()],
            });
            mask = add(sheet, Some(layer.id), lines);
            part = Part::Group { folded: layer.folded };
        }
        lines.push(Line {
            layer: Cow::Borrowed(layer),
            part,
            // The lowest lies on nothing: it shows as it is, and bears those above it.
            clip: layer.clip && at > 0,
            mask,
            lengths: [0; CHANNELS.len()],
        });
    }
    mask
}

/// Whether a layer on top of a group does what a mask of the group does.
fn is_mask(layer: &Layer) -> bool {
    let shows = layer.visible && layer.opacity > 0.0;
    shows && layer.blend == Blend::DstIn && !layer.clip && !layer.is_group()
}

impl Line<'_> {
    /// Whether it keeps or takes away what lies below it. There it would cover that, as the mode is Normal.
    pub fn is_stencil(&self) -> bool {
        matches!(self.layer.blend, Blend::DstIn | Blend::DstOut | Blend::DstAtop)
    }

    pub fn put(&self, list: &mut Vec<u8>) {
        let layer = &*self.layer;
        put_area(list, layer.bounds());
        let channels = CHANNELS.len() - usize::from(self.mask.is_none());
        list.extend((channels as u16).to_be_bytes());
        for (number, length) in CHANNELS.iter().zip(self.lengths).take(channels) {
            list.extend(number.to_be_bytes());
            list.extend(length.to_be_bytes());
        }
        list.extend(b"8BIM");
        list.extend(self.key());
        let opacity = (layer.opacity * 255.0).round() as u8;
        list.extend([opacity, u8::from(self.clip), self.flags(), 0]);
        section(list, &self.extra());
    }

    fn key(&self) -> [u8; 4] {
        blend::key_of(self.layer.blend).unwrap_or(NORMAL)
    }

    fn flags(&self) -> u8 {
        let alpha_locked = u8::from(self.layer.alpha_locked);
        let hidden = u8::from(!self.layer.visible || self.is_stencil()) << 1;
        // That the next flag counts, which says that there are no pixels of its own.
        let pixels = if self.part == Part::Layer { 0b0_1000 } else { 0b1_1000 };
        alpha_locked | hidden | pixels
    }

    /// What is said of it beyond that: its mask, no ranges of tones, the name, and blocks.
    fn extra(&self) -> Vec<u8> {
        let layer = &*self.layer;
        let mut mask = Vec::new();
        if let Some(layer) = self.mask {
            put_area(&mut mask, layer.bounds());
            // Nothing shows outside; no flags, and two bytes that nobody uses.
            mask.extend([0; 4]);
        }
        let mut extra = Vec::new();
        section(&mut extra, &mask);
        section(&mut extra, &[]);
        // For programs that know no other letters.
        let plain = |letter: char| u8::try_from(letter).ok().filter(u8::is_ascii).unwrap_or(b'?');
        let short: Vec<u8> = layer.name.chars().take(255).map(plain).collect();
        extra.push(short.len() as u8);
        extra.extend(short);
        extra.resize(extra.len().next_multiple_of(4), 0);

        let units: Vec<u16> = layer.name.encode_utf16().collect();
        let mut name = (units.len() as u32).to_be_bytes().to_vec();
        name.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        name.resize(name.len().next_multiple_of(4), 0);
        block(&mut extra, b"luni", &name);

        let divider = match self.part {
            Part::Group { folded } => Some([[0, 0, 0, 1 + u8::from(folded)], *b"8BIM", self.key()].concat()),
            Part::GroupEnd => Some(vec![0, 0, 0, 3]),
            Part::Layer | Part::Adjustment => None,
        };
        divider.into_iter().for_each(|divider| block(&mut extra, b"lsct", &divider));

        // Transparency, and pixels with their place.
        let locks = u32::from(layer.alpha_locked) | if layer.locked { 0b110 } else { 0 };
        block(&mut extra, b"lspf", &locks.to_be_bytes());
        extra
    }
}

fn put_area(list: &mut Vec<u8>, area: Rect) {
    let sides = [area.top, area.left, area.bottom, area.right];
    list.extend(sides.map(u32::to_be_bytes).as_flattened());
}

/// A length, and so many bytes.
pub fn section(file: &mut Vec<u8>, data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(data);
}

/// A block with a name. All have lengths that programs agree on without padding: a multiple of four.
fn block(file: &mut Vec<u8>, key: &[u8; 4], data: &[u8]) {
    file.extend(b"8BIM");
    file.extend(key);
    section(file, data);
}
