//! A line of a file's list of layers.

use std::borrow::Cow;

use super::super::blend;
use super::super::record::{ALPHA, Part};
use crate::document::layer::{Layer, LayerId, Pixels, Role};
use crate::document::rect::Rect;
use crate::document::sheet::Sheet;

/// The numbers of a layer's channels, in the order in which they are written.
const CHANNELS: [i16; 4] = [ALPHA, 0, 1, 2];
/// What Photoshop calls the lower end of a group.
const END: &str = "</Layer group>";
/// The key of a layer whose blend mode has none.
const NORMAL: [u8; 4] = *b"norm";

/// A layer, or an end of a group.
pub struct Line<'a> {
    pub layer: Cow<'a, Layer>,
    pub part: Part,
    clip: bool,
    /// Bytes of each channel, once it is written.
    pub lengths: [u32; CHANNELS.len()],
}

/// What is written of a sheet, from the bottom up.
pub fn lines(sheet: &Sheet) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    add(sheet, None, &mut lines);
    lines
}

fn add<'a>(sheet: &'a Sheet, parent: Option<LayerId>, lines: &mut Vec<Line<'a>>) {
    let layers = sheet.children(parent).filter(|layer| !layer.role.is_remark());
    for (at, layer) in layers.enumerate() {
        let mut part = Part::Layer;
        if layer.is_group() {
            let end = Layer::new(Role::Paint, END, Pixels::Group(sheet.size()));
            lines.push(Line {
                layer: Cow::Owned(end),
                part: Part::GroupEnd,
                clip: false,
                lengths: [0; CHANNELS.len()],
            });
            add(sheet, Some(layer.id), lines);
            part = Part::Group { folded: layer.folded };
        }
        lines.push(Line {
            layer: Cow::Borrowed(layer),
            part,
            // The lowest lies on nothing: it shows as it is, and bears those above it.
            clip: layer.clip && at > 0,
            lengths: [0; CHANNELS.len()],
        });
    }
}

impl Line<'_> {
    pub fn put(&self, list: &mut Vec<u8>) {
        let layer = &*self.layer;
        let Rect {
            left,
            top,
            right,
            bottom,
        } = layer.bounds();
        [top, left, bottom, right]
            .iter()
            .for_each(|side| list.extend(side.to_be_bytes()));
        list.extend((CHANNELS.len() as u16).to_be_bytes());
        for (number, length) in CHANNELS.iter().zip(self.lengths) {
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
        let hidden = u8::from(!self.layer.visible) << 1;
        // That the next flag counts, which says that there are no pixels of its own.
        let pixels = if self.part == Part::Layer { 0b0_1000 } else { 0b1_1000 };
        alpha_locked | hidden | pixels
    }

    /// What is said of it beyond that: no mask, no ranges of tones, the name, and blocks.
    fn extra(&self) -> Vec<u8> {
        let layer = &*self.layer;
        let mut extra = vec![0; 8];
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
