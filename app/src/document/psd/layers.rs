//! The list of a file's layers as a document.

use image::DynamicImage;
use picture::Picture;
use rayon::prelude::*;

use super::bytes::Fault;
use super::channel;
use super::header::Header;
use super::record::{ALPHA, Area, Part, Record};
use super::roles::roles;
use super::{Colors, blend};
use crate::document::arrange::MAX_DEPTH;
use crate::document::blend::Blend;
use crate::document::document::Document;
use crate::document::layer::{Layer, Pixels, Role};
use crate::document::memory::{Kept, MAX_TOGETHER};
use crate::document::names::{moded, passing_groups, quoted, unknown_modes};
use crate::document::rect::Rect;
use crate::document::tile::TileGrid;

/// Puts the document together.
pub fn document(header: &Header, records: &[Record<'_>], colors: &Colors, notes: &mut Vec<String>) -> Result<Document, Fault> {
    let mut building = Building {
        document: Document::new(header.size).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?,
        header,
        open: Vec::new(),
        told: Told::default(),
        kept: Kept::new(),
    };
    let roles: Vec<_> = records.iter().zip(roles(records)).collect();
    let mut rest = roles.as_slice();
    while !rest.is_empty() {
        let (batch, others) = rest.split_at(together(rest));
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

/// How many of the records, from the first on, are unpacked at the same time: one at least.
fn together(records: &[(&Record<'_>, Role)]) -> usize {
    let mut pixels = 0;
    let fit = records.iter().take_while(|(record, _)| {
        let mask = record.mask().map_or(0, |(mask, _)| mask.area.pixels());
        pixels += record.area.pixels() + mask;
        pixels <= MAX_TOGETHER
    });
    fit.count().max(1)
}

/// A document while its layers are read, from the bottom up.
struct Building<'a> {
    document: Document,
    header: &'a Header,
    /// Groups whose upper ends are yet to come, the innermost last.
    open: Vec<Group>,
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
            Part::GroupEnd if self.open.len() >= MAX_DEPTH => {
                return Err(Fault::new(format!(
                    "has groups more than {MAX_DEPTH} deep in each other, which is too deep for this program. Take layers out of some of them in the \
                     program that made the file"
                )));
            }
            Part::GroupEnd => {
                let group = self.new_group();
                self.open.push(group);
            }
            Part::Group { folded } => self.close(record, folded, pixels)?,
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
                "has layers of more than {limit} GiB of painted pixels, and there is no memory for more: close other programs, or merge some of the \
                 layers in the program that made it"
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

/// The part of an area that lies on a canvas of `size`; none if none does.
fn visible(area: Area, size: [u32; 2]) -> Option<Rect> {
    let reach = |axis: usize| area.at[axis].saturating_add_unsigned(area.size[axis]);
    let part = Rect::clipped([area.at[0], area.at[1], reach(0), reach(1)], size);
    (!part.is_empty()).then_some(part)
}

/// What a record brings to the canvas: a layer's pixels, or what a group's mask lets through. None where nothing of a layer lies there, and of all others.
fn pixels(header: &Header, record: &Record<'_>, role: Role, colors: &Colors) -> Result<Option<Pixels>, Fault> {
    let part = match record.part {
        Part::Layer => visible(record.area, header.size),
        Part::Group { .. } => return Ok(stencil(header, record)?.map(Pixels::Raster)),
        Part::GroupEnd | Part::Adjustment => None,
    };
    let Some(part) = part else { return Ok(None) };
    let picture = picture(header, record, part, colors)?;
    let (size, at) = (header.size, [part.left as i32, part.top as i32]);
    Ok(Some(match role.is_mask() {
        true => {
            let mask = Picture::of(picture).into_mask();
            Pixels::Mask(TileGrid::with_pixels(size, at, mask.width(), mask.as_raw()))
        }
        false => {
            let rgba = picture.into_rgba8();
            Pixels::Raster(TileGrid::with_pixels(size, at, rgba.width(), rgba.as_raw().as_chunks().0))
        }
    }))
}

/// What a group's mask lets through, in white.
fn stencil(header: &Header, record: &Record<'_>) -> Result<Option<TileGrid<[u8; 4]>>, Fault> {
    let mask = MaskPlane::read(header, record)?;
    let white = |mask: MaskPlane| {
        TileGrid::<[u8; 4]>::made(
            header.size,
            Rect::of(header.size),
            |_| true,
            |span, tile| {
                for y in span.rect.top..span.rect.bottom {
                    for (pixel, x) in tile[span.range(y)].iter_mut().zip(span.rect.left..) {
                        *pixel = [255, 255, 255, mask.at(x.into(), y.into())[0]];
                    }
                }
            },
        )
    };
    Ok(mask.map(white))
}

/// `part` of a layer's picture, in sRGB and with its mask applied.
fn picture(header: &Header, record: &Record<'_>, part: Rect, colors: &Colors) -> Result<DynamicImage, Fault> {
    let plane = |number: i16| -> Result<Option<Vec<u8>>, Fault> {
        let packed = record.channel(number);
        let plane = packed.map(|packed| channel::plane(packed, record.area.size.map(|side| side as usize), header.depth));
        Ok(plane.transpose()?.map(|plane| cut(plane, record.area, part, header.depth)))
    };
    let missing = || Fault::damaged(&format!("the layer \u{201c}{}\u{201d} lacks a colour", record.name));
    let planes = (0..header.colors() as i16).map(|number| plane(number)?.ok_or_else(missing));
    let planes: Vec<Vec<u8>> = planes.collect::<Result<_, Fault>>()?;
    let mut alpha = plane(ALPHA)?;
    if let Some(mask) = MaskPlane::read(header, record)? {
        let alpha = alpha.get_or_insert_with(|| vec![255; planes[0].len()]);
        mask.apply(alpha, part);
    }
    let planes: Vec<&[u8]> = planes.iter().map(Vec::as_slice).collect();
    let picture = channel::picture(header, [part.width(), part.height()], &planes, alpha.as_deref());
    Ok(colors.to_srgb(picture))
}

/// `part` of a plane that covers `area`.
fn cut(plane: Vec<u8>, area: Area, part: Rect, depth: usize) -> Vec<u8> {
    if [part.width(), part.height()] == area.size {
        return plane;
    }
    let row = area.size[0] as usize * depth;
    let from = |at: u32, start: i32| (i64::from(at) - i64::from(start)) as usize;
    let (left, right) = (from(part.left, area.at[0]) * depth, from(part.right, area.at[0]) * depth);
    let rows = from(part.top, area.at[1])..from(part.bottom, area.at[1]);
    rows.flat_map(|y| plane[y * row..][left..right].iter().copied()).collect()
}

/// A mask's samples, as dense as it is.
struct MaskPlane {
    area: Area,
    samples: Vec<u8>,
    /// The sample elsewhere, at 8 bits or at 16.
    outside: [u8; 2],
    depth: usize,
}

impl MaskPlane {
    fn read(header: &Header, record: &Record<'_>) -> Result<Option<Self>, Fault> {
        let Some((mask, packed)) = record.mask() else {
            return Ok(None);
        };
        let size = mask.area.size.map(|side| side as usize);
        let mut samples = match mask.area.is_empty() {
            true => Vec::new(),
            false => channel::plane(packed, size, header.depth)?,
        };
        // A high byte twice is the same value at 16 bits.
        let mut outside = [mask.outside; 2];
        thin(&mut samples, mask.density, header.depth);
        thin(&mut outside, mask.density, header.depth);
        Ok(Some(Self {
            area: mask.area,
            samples,
            outside,
            depth: header.depth,
        }))
    }

    /// The sample at a point of the canvas, high byte first.
    fn at(&self, x: i64, y: i64) -> &[u8] {
        let Area { at, size } = self.area;
        let (x, y) = (x - i64::from(at[0]), y - i64::from(at[1]));
        let inside = (0..i64::from(size[0])).contains(&x) && (0..i64::from(size[1])).contains(&y);
        match inside {
            true => &self.samples[(y as usize * size[0] as usize + x as usize) * self.depth..][..self.depth],
            false => &self.outside[..self.depth],
        }
    }

    /// Multiplies the coverage of `part` of the canvas.
    fn apply(&self, alpha: &mut [u8], part: Rect) {
        let row = part.width() as usize * self.depth;
        for (y, row) in alpha.chunks_exact_mut(row).enumerate() {
            for (x, sample) in row.chunks_exact_mut(self.depth).enumerate() {
                let mask = self.at(i64::from(part.left) + x as i64, i64::from(part.top) + y as i64);
                match (sample, mask) {
                    ([alpha], [mask]) => *alpha = ((u16::from(*alpha) * u16::from(*mask) + 127) / 255) as u8,
                    ([high, low], [mask_high, mask_low]) => {
                        let wide = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
                        let product = (u64::from(wide(*high, *low)) * u64::from(wide(*mask_high, *mask_low)) + 32767) / 65535;
                        [*high, *low] = (product as u16).to_be_bytes();
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Lets more of what a mask hides through, the less dense it is.
fn thin(samples: &mut [u8], density: u8, depth: usize) {
    let thinned = |sample: u32, most: u32| most - ((most - sample) * u32::from(density) + 127) / 255;
    match depth {
        _ if density == u8::MAX => {}
        1 => samples
            .iter_mut()
            .for_each(|sample| *sample = thinned((*sample).into(), 255) as u8),
        _ => samples.as_chunks_mut().0.iter_mut().for_each(|sample| {
            let wide = thinned(u16::from_be_bytes(*sample).into(), 65535);
            *sample = (wide as u16).to_be_bytes();
        }),
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
    }
}
