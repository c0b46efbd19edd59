//! Single pictures: opened as sketch, reference or mask, and exported.

use std::io::{self, Cursor};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageReader, Limits, RgbaImage};

use super::atomic::replace_file;
use super::document::check_size;
use super::error::DocumentError;
use super::tile::MAX_SIDE;

/// Memory that one picture may take while it is decoded: 16384 x 16384 at four bytes a pixel, and as much again for the decoder.
const MAX_BYTES: u64 = 2 << 30;

/// Opens a PNG, JPEG or WebP picture, turned the way it is meant to be seen.
pub fn open_picture(path: &Path) -> Result<RgbaImage, DocumentError> {
    Ok(open(path)?.into_rgba8())
}

/// Opens a picture as a mask: its brightness, black where it is transparent.
pub fn open_mask(path: &Path) -> Result<GrayImage, DocumentError> {
    Ok(to_mask(open(path)?))
}

fn open(path: &Path) -> Result<DynamicImage, DocumentError> {
    let bytes = std::fs::read(path).map_err(|source| DocumentError::Read {
        path: path.to_owned(),
        source,
    })?;
    let picture = decode(&bytes).map_err(|source| DocumentError::Picture {
        path: path.to_owned(),
        source,
    })?;
    check_size([picture.width(), picture.height()]).map_err(|error| error.in_file(path))?;
    Ok(picture)
}

/// How many pixels a picture in memory says it has; 0 if it is none.
pub(super) fn pixels(bytes: &[u8]) -> u64 {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    size.map_or(0, |(width, height)| u64::from(width) * u64::from(height))
}

/// Decodes a picture in memory. Its format is told from its first bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<DynamicImage, ImageError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Brightness times alpha.
pub(super) fn to_mask(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let mut mask = GrayImage::new(picture.width(), picture.height());
    for (to, from) in mask.pixels_mut().zip(picture.into_luma_alpha8().pixels()) {
        let [value, alpha] = from.0.map(u16::from);
        to.0 = [((value * alpha + 127) / 255) as u8];
    }
    mask
}

/// Writes a picture as PNG, whole or not at all.
pub fn save_png(picture: &DynamicImage, path: &Path) -> Result<(), DocumentError> {
    let written = replace_file(path, |file| {
        let mut bytes = Cursor::new(Vec::new());
        picture
            .write_to(&mut bytes, image::ImageFormat::Png)
            .map_err(io::Error::other)?;
        io::Write::write_all(file, bytes.get_ref())
    });
    written.map_err(|source| DocumentError::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{LumaA, Rgb, RgbImage};

    #[test]
    fn pictures_are_saved_and_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        save_png(&RgbImage::from_pixel(3, 2, Rgb([1, 2, 3])).into(), &path).unwrap();
        let picture = open_picture(&path).unwrap();
        assert_eq!((picture.dimensions(), picture.get_pixel(2, 1).0), ((3, 2), [1, 2, 3, 255]));
    }

    #[test]
    fn a_transparent_mask_is_background() {
        let mut picture = image::ImageBuffer::new(3, 1);
        for (x, pixel) in [[255, 255], [255, 128], [255, 0]].into_iter().enumerate() {
            picture.put_pixel(x as u32, 0, LumaA::<u8>(pixel));
        }
        assert_eq!(to_mask(picture.into()).into_raw(), [255, 128, 0]);
    }

    #[test]
    fn what_is_no_picture_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.png");
        assert!(matches!(open_picture(&path), Err(DocumentError::Read { .. })));
        std::fs::write(&path, "hello").unwrap();
        let text = open_mask(&path).unwrap_err().to_string();
        assert!(text.contains("notes.png is not a picture"), "{text}");
    }
}
