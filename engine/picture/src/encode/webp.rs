//! WebP. The image crate writes it without losses; with losses libwebp does, which knows no colour profiles: those stand in a container around its picture
//! (RFC 9649, "Extended File Format").

use std::io::{self, Cursor};

use image::codecs::webp::WebPEncoder;

use super::{Samples, srgb_profile, with_profile};

/// The file of a picture, without losses where there is no `quality`.
pub(super) fn encode(picture: Samples<'_>, quality: Option<u8>) -> io::Result<Vec<u8>> {
    match quality {
        None => {
            let mut bytes = Cursor::new(Vec::new());
            with_profile(WebPEncoder::new_lossless(&mut bytes), picture)?;
            Ok(bytes.into_inner())
        }
        Some(quality) => lossy(picture, f32::from(quality.clamp(1, 100))),
    }
}

/// Longest side, in pixels, of what the format holds.
const MAX_SIDE: u32 = 16383;

fn lossy(picture: Samples<'_>, quality: f32) -> io::Result<Vec<u8>> {
    let (width, height) = picture.size;
    if width.max(height) > MAX_SIDE {
        let reason = format!("a WebP has sides of {MAX_SIDE} pixels at most; choose another format");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    let encoder = match picture.alpha {
        true => webp::Encoder::from_rgba(picture.bytes, width, height),
        false => webp::Encoder::from_rgb(picture.bytes, width, height),
    };
    let encoded = encoder.encode_simple(false, quality);
    let encoded = encoded.map_err(|error| {
        io::Error::other(format!(
            "the WebP encoder gave up ({error:?}); choose another format, or no losses"
        ))
    })?;
    // "RIFF", a length, "WEBP", and the picture's own chunks.
    let mut image = encoded.get(12..).ok_or(io::ErrorKind::UnexpectedEof)?;
    // That there is a profile.
    let mut flags = 0b10_0000;
    // Where something is transparent they stand in such a container already, without a profile.
    if let Some((own, rest)) = image.strip_prefix(b"VP8X\x0A\0\0\0").and_then(|own| own.split_at_checked(10)) {
        flags |= own[0];
        image = rest;
    }
    let mut chunks = b"WEBP".to_vec();
    // With the size of the canvas less one, 24 bits a side.
    let mut header = vec![flags, 0, 0, 0];
    header.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    header.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    chunk(&mut chunks, b"VP8X", &header);
    chunk(&mut chunks, b"ICCP", &srgb_profile()?);
    chunks.extend_from_slice(image);
    let mut file = Vec::with_capacity(chunks.len() + 8);
    chunk(&mut file, b"RIFF", &chunks);
    Ok(file)
}

/// One chunk: its name, its length, and its content, filled up to an even length.
fn chunk(file: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    file.extend_from_slice(name);
    file.extend_from_slice(&(content.len() as u32).to_le_bytes());
    file.extend_from_slice(content);
    file.resize(file.len().next_multiple_of(2), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    #[test]
    fn a_picture_that_the_format_cannot_hold_is_refused() {
        let wide = RgbImage::new(MAX_SIDE + 1, 1);
        let refusal = encode((&wide).into(), Some(80)).unwrap_err().to_string();
        assert!(refusal.contains("16383"), "{refusal}");
    }
}
