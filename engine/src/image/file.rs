//! Opening pictures that people have: the content decides the format, and every refusal says which file and what to do.

use std::io::Cursor;
use std::path::Path;

use ::image::metadata::Orientation;
use ::image::{
    DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Luma, Rgb, RgbImage, RgbaImage,
};

use crate::error::EngineError;

/// The longest side of a picture that is opened, in pixels.
pub const MAX_SIDE: u32 = 16384;

/// The most memory that a decoder may take: 16 bits of four channels at the longest sides, and half as much again.
const MAX_MEMORY: u64 = 3 << 30;

/// A picture in PNG, JPEG or WebP, whatever its name says, turned as its camera notes; transparency shows white paper.
///
/// # Errors
/// When the file cannot be read, is no such picture, is damaged or cut off, or has a side of 0 or more than [`MAX_SIDE`].
pub fn open(path: &Path) -> Result<RgbImage, EngineError> {
    from_bytes(&read(path)?, path)
}

/// The same from a file's content; `path` is what messages call it.
///
/// # Errors
/// As [`open`].
pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<RgbImage, EngineError> {
    let picture = decode(bytes, path)?;
    if !picture.color().has_alpha() {
        return Ok(picture.into_rgb8());
    }
    let rgba = picture.into_rgba8();
    Ok(RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
        Rgb([r, g, b].map(|sample| over(sample, alpha, 255)))
    }))
}

/// The same with its transparency.
///
/// # Errors
/// As [`open`].
pub fn open_rgba(path: &Path) -> Result<RgbaImage, EngineError> {
    Ok(decode(&read(path)?, path)?.into_rgba8())
}

/// A mask: the lightness of a picture, white for the figure; what is transparent is no figure.
///
/// # Errors
/// As [`open`].
pub fn open_mask(path: &Path) -> Result<GrayImage, EngineError> {
    mask_from_bytes(&read(path)?, path)
}

/// The same from a file's content; `path` is what messages call it.
///
/// # Errors
/// As [`open`].
pub fn mask_from_bytes(bytes: &[u8], path: &Path) -> Result<GrayImage, EngineError> {
    let picture = decode(bytes, path)?;
    if !picture.color().has_alpha() {
        return Ok(picture.into_luma8());
    }
    let luma = picture.into_luma_alpha8();
    Ok(GrayImage::from_fn(luma.width(), luma.height(), |x, y| {
        let [sample, alpha] = luma.get_pixel(x, y).0;
        Luma([over(sample, alpha, 0)])
    }))
}

/// `sample` with opacity `alpha` over `ground`, rounded.
fn over(sample: u8, alpha: u8, ground: u8) -> u8 {
    let [sample, alpha, ground] = [sample, alpha, ground].map(u32::from);
    ((sample * alpha + ground * (255 - alpha) + 127) / 255) as u8
}

fn read(path: &Path) -> Result<Vec<u8>, EngineError> {
    std::fs::read(path).map_err(|source| EngineError::Read {
        path: path.to_owned(),
        source,
    })
}

fn decode(bytes: &[u8], path: &Path) -> Result<DynamicImage, EngineError> {
    let unreadable = |source| EngineError::Read {
        path: path.to_owned(),
        source,
    };
    let damaged = |source: ImageError| EngineError::DamagedPicture {
        path: path.to_owned(),
        source,
    };
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(unreadable)?;
    let Some(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) = reader.format() else {
        return Err(EngineError::NotAPicture { path: path.to_owned() });
    };
    // Sides have their own limit below, which can name them.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 || width.max(height) > MAX_SIDE {
        return Err(EngineError::PictureSize {
            path: path.to_owned(),
            width,
            height,
            limit: MAX_SIDE,
        });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if format == ImageFormat::Jpeg && !is_whole_jpeg(bytes) {
        return Err(damaged(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()));
    }
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Whether the end-of-image marker follows the first scan; the decoder paints what is missing of a cut-off JPEG grey.
///
/// A thumbnail in the header has such a marker too, so segments are stepped over up to the scan. Inside a scan 0xFF is always
/// followed by 0 or a restart marker.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xDA;
    const END_OF_IMAGE: u8 = 0xD9;
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match *marker {
            0xFF => at += 1,
            START_OF_SCAN => return bytes[at..].windows(2).any(|pair| pair == [0xFF, END_OF_IMAGE]),
            _ => at += 2 + length,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use ::image::{ImageBuffer, LumaA, Rgba};
    use tempfile::TempDir;

    use super::*;

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn written(bytes: &[u8]) -> (TempDir, PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("picture.txt");
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn opened(bytes: &[u8]) -> Result<RgbImage, EngineError> {
        let (_folder, path) = written(bytes);
        open(&path)
    }

    fn gradient(side: u32) -> RgbImage {
        RgbImage::from_fn(side, side, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, ((x ^ y) * 3) as u8]))
    }

    #[test]
    fn the_content_decides_the_format() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            assert_eq!(opened(&encoded(gradient(40), format)).unwrap(), gradient(40));
        }
        assert_eq!(
            opened(&encoded(gradient(40), ImageFormat::Jpeg)).unwrap().dimensions(),
            (40, 40)
        );
    }

    #[test]
    fn transparency_shows_paper_and_no_figure() {
        let line = ImageBuffer::from_raw(3, 1, vec![0, 0, 0, 255, 0, 0, 0, 0, 200, 100, 0, 127]).unwrap();
        let picture: ImageBuffer<Rgba<u8>, Vec<u8>> = line;
        let bytes = encoded(picture, ImageFormat::Png);
        assert_eq!(opened(&bytes).unwrap().into_raw(), [0, 0, 0, 255, 255, 255, 228, 178, 128]);
        let mask: ImageBuffer<LumaA<u8>, Vec<u8>> = ImageBuffer::from_raw(3, 1, vec![255, 255, 255, 0, 255, 51]).unwrap();
        let (_folder, path) = written(&encoded(mask, ImageFormat::Png));
        assert_eq!(open_mask(&path).unwrap().into_raw(), [255, 0, 51]);
    }

    #[test]
    fn deep_and_grey_pictures_open() {
        let deep: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_raw(2, 1, vec![0, 65535]).unwrap();
        let (_folder, path) = written(&encoded(deep, ImageFormat::Png));
        assert_eq!(open(&path).unwrap().into_raw(), [0, 0, 0, 255, 255, 255]);
        assert_eq!(open_mask(&path).unwrap().into_raw(), [0, 255]);
    }

    #[test]
    fn cut_off_files_are_refused() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let bytes = encoded(gradient(120), format);
            for part in [bytes.len() / 2, bytes.len() * 9 / 10] {
                let error = opened(&bytes[..part]).unwrap_err();
                assert!(matches!(error, EngineError::DamagedPicture { .. }), "{format:?}: {error}");
                assert!(
                    error.to_string().contains("picture.txt") && error.to_string().ends_with("save it as PNG"),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_named() {
        for bytes in ["", "not a picture at all", "GIF89a and so on"] {
            let error = opened(bytes.as_bytes()).unwrap_err();
            assert!(matches!(error, EngineError::NotAPicture { .. }), "{error}");
        }
        let folder = TempDir::new().unwrap();
        for path in [folder.path().join("missing.png"), folder.path().to_owned()] {
            assert!(matches!(open(&path), Err(EngineError::Read { .. })));
        }
    }

    #[test]
    fn sides_are_checked_before_decoding() {
        let mut bytes = encoded(gradient(8), ImageFormat::Png);
        // The header's width, and its checksum.
        bytes[16..20].copy_from_slice(&40_000_u32.to_be_bytes());
        bytes[29..33].copy_from_slice(&0x150D_0D1B_u32.to_be_bytes());
        let error = opened(&bytes).unwrap_err();
        assert!(
            matches!(
                error,
                EngineError::PictureSize {
                    width: 40_000,
                    height: 8,
                    limit: 16_384,
                    ..
                }
            ),
            "{error}"
        );
    }
}
