//! Single pictures: opened as sketch or reference, and exported.

use std::io::Write;
use std::path::Path;

use image::RgbaImage;
use picture::{Format, Picture, Samples, replace_file};

use super::error::DocumentError;

/// Opens a PNG, JPEG, WebP or TIFF picture, the way it is meant to be seen.
pub fn open_picture(path: &Path) -> Result<RgbaImage, DocumentError> {
    Ok(Picture::open(path)?.into_rgba())
}

/// Writes a picture of RGB, or of straight RGBA, which keeps what is transparent; whole or not at all. A JPEG of RGBA is an error.
pub fn save_picture<'a>(picture: impl Into<Samples<'a>>, format: Format, path: &Path) -> Result<(), DocumentError> {
    let written = picture::encode(picture, format).and_then(|bytes| replace_file(path, |file| file.write_all(&bytes)));
    written.map_err(|source| DocumentError::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    #[test]
    fn pictures_are_saved_and_opened() {
        let folder = tempfile::tempdir().unwrap();
        for format in [
            Format::Png,
            Format::WebP { quality: None },
            Format::Tiff,
            Format::Jpeg { quality: 100 },
        ] {
            let path = folder.path().join("a").with_extension(format.ending());
            save_picture(&RgbImage::from_pixel(16, 8, Rgb([10, 20, 30])), format, &path).unwrap();
            let picture = open_picture(&path).unwrap();
            let [r, g, b, a] = picture.get_pixel(15, 7).0;
            let error = r.abs_diff(10) + g.abs_diff(20) + b.abs_diff(30);
            assert!(
                picture.dimensions() == (16, 8) && error < 4 && a == 255,
                "{format:?}: {r} {g} {b}"
            );
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.png");
        assert!(open_picture(&path).unwrap_err().to_string().contains("cannot read"));
        std::fs::write(&path, "hello").unwrap();
        let text = open_picture(&path).unwrap_err().to_string();
        assert!(text.contains("notes.png is no PNG, JPEG, WebP or TIFF picture"), "{text}");
    }
}
