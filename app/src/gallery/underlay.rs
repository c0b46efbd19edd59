//! The colour under a take's lines. Lines that lie over it hide some; that alone is kept inside the picture's file, in a chunk of our own, so that the
//! lines can be taken off again.

use std::io::{self, Cursor};

use image::{Rgb, RgbImage};

/// The chunk: other programs pass over it, and those that change pixels drop it.
pub const CHUNK: [u8; 4] = *b"shUL";

/// What the lines of `lined` hide of `plain`, which is of the same size; none where they hide nothing.
pub fn pack(lined: &RgbImage, plain: &RgbImage) -> io::Result<Option<Vec<u8>>> {
    debug_assert_eq!(lined.dimensions(), plain.dimensions());
    let mut hidden = Vec::with_capacity(lined.pixels().len() * 4);
    // Where nothing is hidden the colour before it goes on: that packs to nothing.
    let mut last = [0; 3];
    for (over, under) in lined.pixels().zip(plain.pixels()) {
        let hides = over != under;
        if hides {
            last = under.0;
        }
        hidden.extend_from_slice(&last);
        hidden.push(if hides { 255 } else { 0 });
    }
    if hidden.iter().skip(3).step_by(4).all(|alpha| *alpha == 0) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, lined.width(), lined.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::Filter::Sub);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&hidden)?;
    writer.finish()?;
    Ok(Some(bytes))
}

/// Takes the lines off a picture: what [`pack`] kept comes to lie over them.
pub fn lift(lined: &mut RgbImage, packed: &[u8]) -> io::Result<()> {
    let mut reader = png::Decoder::new(Cursor::new(packed)).read_info()?;
    let info = reader.info();
    let kind = (info.color_type, info.bit_depth, info.interlaced);
    if (info.width, info.height) != lined.dimensions() || kind != (png::ColorType::Rgba, png::BitDepth::Eight, false) {
        let words = "the colour kept under its lines is of another picture";
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    for line in lined.rows_mut() {
        let Some(hidden) = reader.next_row()? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        for (pixel, hidden) in line.zip(hidden.data().chunks_exact(4)) {
            if let [r, g, b, 255] = *hidden {
                *pixel = Rgb([r, g, b]);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::compose::multiply_lines;
    use engine::request::SketchPreprocess;
    use engine::training::scenes::example;

    #[test]
    fn lines_come_off_and_leave_the_colour_as_it_was() {
        let scene = example(5, 0, 128);
        let sketch = image::DynamicImage::from(scene.sketch).into_rgb8();
        let lined = multiply_lines(&scene.color, &sketch, SketchPreprocess::Invert);
        assert_ne!(lined, scene.color);
        let packed = pack(&lined, &scene.color).unwrap().unwrap();
        let mut lifted = lined.clone();
        lift(&mut lifted, &packed).unwrap();
        assert_eq!(lifted, scene.color);
        assert!(
            packed.len() < scene.color.as_raw().len() / 4,
            "{} bytes for a picture of {}",
            packed.len(),
            scene.color.as_raw().len()
        );
    }

    #[test]
    fn nothing_is_kept_of_what_hides_nothing_and_another_picture_is_refused() {
        let picture = RgbImage::from_pixel(4, 3, Rgb([9, 8, 7]));
        assert_eq!(pack(&picture, &picture).unwrap(), None);
        let packed = pack(&RgbImage::new(4, 3), &picture).unwrap().unwrap();
        assert!(lift(&mut RgbImage::new(3, 4), &packed).is_err());
        assert!(lift(&mut RgbImage::new(4, 3), &packed[..packed.len() / 2]).is_err());
        assert!(lift(&mut RgbImage::new(4, 3), b"no picture").is_err());
    }
}
