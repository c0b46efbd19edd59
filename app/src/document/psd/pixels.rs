//! The pixels that a layer's record brings, with its mask applied.

use image::DynamicImage;
use picture::Picture;

use super::Colors;
use super::bytes::Fault;
use super::channel;
use super::header::Header;
use super::record::{ALPHA, Area, Part, Record};
use crate::document::layer::{Pixels, Role};
use crate::document::rect::Rect;
use crate::document::tile::TileGrid;

/// The part of an area that lies on a canvas of `size`; none if none does.
fn visible(area: Area, size: [u32; 2]) -> Option<Rect> {
    let reach = |axis: usize| area.at[axis].saturating_add_unsigned(area.size[axis]);
    let part = Rect::clipped([area.at[0], area.at[1], reach(0), reach(1)], size);
    (!part.is_empty()).then_some(part)
}

/// What a record brings to the canvas: a layer's pixels, or what a group's mask lets through. None where nothing of a layer lies there, and of all others.
pub(super) fn pixels(header: &Header, record: &Record<'_>, role: Role, colors: &Colors) -> Result<Option<Pixels>, Fault> {
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
