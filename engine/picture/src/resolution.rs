//! How many pixels of a picture make an inch on paper, as its file says.

use std::io::Cursor;

use image::ImageFormat;
use tiff::tags::{ResolutionUnit, Tag};

use crate::jpeg;

/// Metres of an inch.
pub const INCH: f32 = 0.0254;

/// Pixels an inch, across; none where the file says nothing of it, or nothing that can be.
pub fn read(bytes: &[u8], format: ImageFormat) -> Option<f32> {
    let found = match format {
        ImageFormat::Png => of_png(bytes),
        ImageFormat::Jpeg => jpeg::density(bytes),
        ImageFormat::Tiff => of_tiff(bytes),
        _ => None,
    };
    // In whole pixels a metre it comes a little beside what was meant.
    let found = found.map(|resolution| (resolution * 10.0).round() / 10.0);
    found.filter(|resolution| (1.0..=10_000.0).contains(resolution))
}

fn of_png(bytes: &[u8]) -> Option<f32> {
    let reader = png::Decoder::new(Cursor::new(bytes)).read_info().ok()?;
    let dimensions = reader.info().pixel_dims?;
    (dimensions.unit == png::Unit::Meter).then_some(dimensions.xppu as f32 * INCH)
}

fn of_tiff(bytes: &[u8]) -> Option<f32> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes)).ok()?;
    let [pixels, units]: [u32; 2] = decoder.get_tag_u32_vec(Tag::XResolution).ok()?.try_into().ok()?;
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok()?;
    let unit = unit.map_or(Some(ResolutionUnit::Inch), ResolutionUnit::from_u16)?;
    let inches = match unit {
        ResolutionUnit::Inch => 1.0,
        ResolutionUnit::Centimeter => 100.0 * INCH,
        _ => return None,
    };
    (units > 0).then_some(pixels as f32 / units as f32 * inches)
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};
    use image::{ExtendedColorType, ImageEncoder, RgbImage};
    use tiff::encoder::{Rational, TiffEncoder, colortype};

    use super::*;
    use crate::{Format, Picture, Samples, encode};

    #[test]
    fn what_is_written_is_read_where_the_format_has_a_place_for_it() {
        let picture = RgbImage::new(3, 2);
        let faded = image::RgbaImage::new(3, 2);
        for resolution in [Some(72.0), Some(300.0), Some(350.5), None] {
            for format in [
                Format::Png,
                Format::Tiff,
                Format::Jpeg { quality: 90 },
                Format::WebP { quality: None },
            ] {
                let expected = match format {
                    Format::WebP { .. } => None,
                    // Whole numbers alone.
                    Format::Jpeg { .. } => resolution.map(f32::round),
                    _ => resolution,
                };
                let bytes = encode(Samples::from(&picture).at(resolution), format).unwrap();
                assert_eq!(Picture::decode(&bytes).unwrap().resolution, expected, "{format:?}");
                if format.keeps_transparency() {
                    let bytes = encode(Samples::from(&faded).at(resolution), format).unwrap();
                    assert_eq!(Picture::decode(&bytes).unwrap().resolution, expected, "{format:?}");
                }
            }
        }
    }

    #[test]
    fn centimetres_are_known_and_proportions_are_none() {
        let jpeg = |unit| {
            let mut bytes = Vec::new();
            let mut encoder = JpegEncoder::new(&mut bytes);
            encoder.set_pixel_density(PixelDensity {
                density: (118, 118),
                unit,
            });
            encoder.write_image(&[0; 3], 1, 1, ExtendedColorType::Rgb8).unwrap();
            read(&bytes, ImageFormat::Jpeg)
        };
        assert_eq!(jpeg(PixelDensityUnit::Centimeters), Some(299.7));
        assert_eq!(jpeg(PixelDensityUnit::PixelAspectRatio), None);
        let tiff = |unit, n, d| {
            let mut bytes = Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
            let mut image = encoder.new_image::<colortype::RGB8>(1, 1).unwrap();
            image.resolution(unit, Rational { n, d });
            image.write_data(&[0; 3]).unwrap();
            read(bytes.get_ref(), ImageFormat::Tiff)
        };
        assert_eq!(tiff(ResolutionUnit::Centimeter, 236, 2), Some(299.7));
        assert_eq!(tiff(ResolutionUnit::None, 300, 1), None);
        assert_eq!(
            [tiff(ResolutionUnit::Inch, 300, 0), tiff(ResolutionUnit::Inch, 0, 1)],
            [None; 2]
        );
    }
}
