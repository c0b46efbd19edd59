//! What the JPEG decoder does not tell, read from the markers around the pixels.

use crate::resolution::INCH;

const JFIF: u8 = 0xE0;
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// The segments before the first scan, and that scan with all that follows it: each with its marker, from the marker on.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut at = 2;
    std::iter::from_fn(move || {
        loop {
            let Some([0xFF, marker, high, low]) = bytes.get(at..at + 4) else {
                return None;
            };
            let rest = &bytes[at..];
            match *marker {
                0xFF => at += 1,
                marker => {
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    at = if marker == START_OF_SCAN {
                        bytes.len()
                    } else {
                        at + 2 + length
                    };
                    return Some((marker, rest));
                }
            }
        }
    })
}

/// Whether the end-of-image marker follows the first scan; the decoder paints what is missing of a cut-off JPEG grey.
///
/// A thumbnail in the header has such a marker too, so segments are stepped over up to the scan. Inside a scan 0xFF is always
/// followed by 0 or a restart marker.
pub fn is_whole(bytes: &[u8]) -> bool {
    let scan = segments(bytes).find(|(marker, _)| *marker == START_OF_SCAN);
    scan.is_some_and(|(_, rest)| rest.windows(2).any(|pair| pair == [0xFF, END_OF_IMAGE]))
}

/// Pixels an inch, across, as its header has it; none where that says nothing, or proportions alone.
pub fn density(bytes: &[u8]) -> Option<f32> {
    let (_, header) = segments(bytes).find(|(marker, rest)| *marker == JFIF && rest[4..].starts_with(b"JFIF\0"))?;
    let [unit, high, low] = *header.get(11..)?.first_chunk()?;
    let density = f32::from(u16::from_be_bytes([high, low]));
    match unit {
        1 => Some(density),
        // A centimetre.
        2 => Some(density * 100.0 * INCH),
        _ => None,
    }
}

/// Whether it has four channels: inks. The decoder mixes them by a rule of thumb.
pub fn is_cmyk(bytes: &[u8]) -> bool {
    // The frame headers, without the tables that share their range.
    let is_frame = |marker: u8| (0xC0..=0xCF).contains(&marker) && ![0xC4, 0xC8, 0xCC].contains(&marker);
    let frame = segments(bytes).find(|(marker, _)| is_frame(*marker));
    frame.is_some_and(|(_, rest)| rest.get(9) == Some(&4))
}
