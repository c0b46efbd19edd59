//! Channels: planes of samples, packed in one of four ways.

use std::io::Read;

use flate2::read::ZlibDecoder;
use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};

use super::bytes::{Bytes, Fault};
use super::header::Header;

/// How samples are packed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    Raw,
    /// Runs, row by row; a table of the rows' lengths comes first.
    Runs,
    Zip,
    /// Differences along each row, in a zip.
    Differences,
}

impl Packing {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, Fault> {
        Ok(match bytes.u16()? {
            0 => Self::Raw,
            1 => Self::Runs,
            2 => Self::Zip,
            3 => Self::Differences,
            _ => return Err(Fault::damaged("a channel is packed in no known way")),
        })
    }
}

/// A plane of `[width, height]` samples, `depth` bytes each, high byte first, from a layer's channel.
pub fn plane(mut packed: Bytes<'_>, [width, height]: [usize; 2], depth: usize) -> Result<Vec<u8>, Fault> {
    let row = width * depth;
    match Packing::read(&mut packed)? {
        Packing::Raw => Ok(packed.take(row * height)?.0.to_vec()),
        Packing::Runs => {
            let lengths = packed.take(2 * height)?;
            runs(&mut packed, lengths, row)
        }
        Packing::Zip => inflate(packed, row * height),
        Packing::Differences => {
            let mut samples = inflate(packed, row * height)?;
            samples.chunks_exact_mut(row.max(1)).for_each(|row| sum_up(row, depth));
            Ok(samples)
        }
    }
}

/// Rows of `row` bytes, packed in as many bytes as `lengths` says of each.
fn runs(packed: &mut Bytes<'_>, lengths: Bytes<'_>, row: usize) -> Result<Vec<u8>, Fault> {
    let lengths = lengths
        .0
        .as_chunks()
        .0
        .iter()
        .map(|length| usize::from(u16::from_be_bytes(*length)));
    // Two bytes give 128 at most: what is too short is known before memory is taken for it.
    let least = row.div_ceil(128) * 2;
    if lengths.clone().any(|length| length < least) || lengths.clone().sum::<usize>() > packed.0.len() {
        return Err(Fault::cut_off());
    }
    let mut samples = Vec::with_capacity(lengths.len() * row);
    for length in lengths {
        let end = samples.len() + row;
        unpack(packed.take(length)?, end, &mut samples)?;
    }
    Ok(samples)
}

/// PackBits, up to a length of `end`; what a row holds beyond it is padding.
fn unpack(mut packed: Bytes<'_>, end: usize, samples: &mut Vec<u8>) -> Result<(), Fault> {
    while samples.len() < end {
        let room = end - samples.len();
        match packed.u8()? {
            count @ 0..=127 => {
                let literal = packed.take(usize::from(count) + 1)?;
                samples.extend_from_slice(&literal.0[..literal.0.len().min(room)]);
            }
            128 => {}
            count => {
                let value = packed.u8()?;
                samples.resize(samples.len() + (257 - usize::from(count)).min(room), value);
            }
        }
    }
    Ok(())
}

fn inflate(packed: Bytes<'_>, length: usize) -> Result<Vec<u8>, Fault> {
    // Deflate packs a thousand and some bytes in one at most.
    if packed.0.len().saturating_mul(1040) < length {
        return Err(Fault::cut_off());
    }
    let mut samples = Vec::with_capacity(length);
    let read = ZlibDecoder::new(packed.0).take(length as u64).read_to_end(&mut samples);
    match read {
        Ok(read) if read == length => Ok(samples),
        Ok(_) => Err(Fault::cut_off()),
        Err(error) => Err(Fault::damaged(&format!("a channel cannot be unpacked ({error})"))),
    }
}

/// Samples from the differences between neighbours.
fn sum_up(row: &mut [u8], depth: usize) {
    if depth == 1 {
        let mut sum = 0_u8;
        row.iter_mut().for_each(|sample| {
            sum = sum.wrapping_add(*sample);
            *sample = sum;
        });
    } else {
        let mut sum = 0_u16;
        row.as_chunks_mut().0.iter_mut().for_each(|sample| {
            sum = sum.wrapping_add(u16::from_be_bytes(*sample));
            *sample = sum.to_be_bytes();
        });
    }
}

/// The merged picture at the end of the file. Channels behind its colours are selections that somebody kept.
pub fn merged(file: &mut Bytes<'_>, header: &Header) -> Result<DynamicImage, Fault> {
    let [width, height] = header.size.map(|side| side as usize);
    let row = width * header.depth;
    let wanted = header.colors();
    let planes = match Packing::read(file)? {
        Packing::Raw => file.take(row * height * wanted)?.0.to_vec(),
        Packing::Runs => {
            let mut lengths = file.take(2 * height * usize::from(header.channels))?;
            runs(file, lengths.take(2 * height * wanted)?, row)?
        }
        // Nobody is known to write these here.
        Packing::Zip | Packing::Differences => return Err(Fault::damaged("its merged picture is packed in no known way")),
    };
    let planes: Vec<&[u8]> = planes.chunks_exact(row * height).collect();
    Ok(picture(header, header.size, &planes, None))
}

/// Planes of one size `[width, height]` put together.
pub fn picture(header: &Header, size: [u32; 2], colors: &[&[u8]], alpha: Option<&[u8]>) -> DynamicImage {
    let planes: Vec<&[u8]> = colors.iter().copied().chain(alpha).collect();
    let [width, height] = size;
    let sized = "as many samples as its size says";
    if header.depth == 1 {
        let samples = interleaved(&planes, |plane, at| plane[at], planes[0].len());
        match planes.len() {
            1 => ImageBuffer::<Luma<u8>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
            2 => ImageBuffer::<LumaA<u8>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
            3 => ImageBuffer::<Rgb<u8>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
            _ => ImageBuffer::<Rgba<u8>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
        }
    } else {
        let sample = |plane: &[u8], at: usize| u16::from_be_bytes([plane[2 * at], plane[2 * at + 1]]);
        let samples = interleaved(&planes, sample, planes[0].len() / 2);
        match planes.len() {
            1 => ImageBuffer::<Luma<u16>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
            2 => ImageBuffer::<LumaA<u16>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
            3 => ImageBuffer::<Rgb<u16>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
            _ => ImageBuffer::<Rgba<u16>, _>::from_raw(width, height, samples)
                .expect(sized)
                .into(),
        }
    }
}

fn interleaved<T>(planes: &[&[u8]], sample: impl Fn(&[u8], usize) -> T, count: usize) -> Vec<T> {
    (0..count)
        .flat_map(|at| planes.iter().map(move |plane| (plane, at)))
        .map(|(plane, at)| sample(plane, at))
        .collect()
}
