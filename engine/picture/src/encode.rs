//! Writing pictures, tagged as sRGB so that every program shows the same colours.

mod webp;

use std::io::{self, Cursor};
use std::path::Path;

use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::{ExtendedColorType, ImageEncoder, RgbImage, RgbaImage};
use moxcms::{ColorDateTime, ColorProfile};
use tiff::encoder::{Compression, DeflateLevel, Predictor, Rational, TiffEncoder, colortype};
use tiff::tags::{ExtraSamples, ResolutionUnit, Tag};

use crate::resolution::INCH;

/// Endings of the pictures that can be opened.
pub const ENDINGS: [&str; 6] = ["png", "jpg", "jpeg", "webp", "tif", "tiff"];

/// The quality of what has losses that shows no blocks; a JPEG of it is a tenth of the PNG.
pub const DEFAULT_QUALITY: u8 = 92;

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lossless; the one that carries a recipe.
    Png,
    /// Smaller, with losses; 1 to 100.
    Jpeg { quality: u8 },
    /// With losses of such a quality, 1 to 100, smaller than a JPEG; without one lossless, smaller than PNG.
    WebP { quality: Option<u8> },
    /// Lossless, for print and compositing.
    Tiff,
}

impl Format {
    /// By a file's ending; none where it is of no picture. Without a quality a JPEG has the default one, and a WebP no losses.
    pub fn of(path: &Path, quality: Option<u8>) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ending.as_str() {
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg {
                quality: quality.unwrap_or(DEFAULT_QUALITY),
            },
            "webp" => Self::WebP { quality },
            "tif" | "tiff" => Self::Tiff,
            _ => return None,
        })
    }

    /// What its files end in.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg { .. } => "jpg",
            Self::WebP { .. } => "webp",
            Self::Tiff => "tif",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg { .. } => "JPEG",
            Self::WebP { .. } => "WebP",
            Self::Tiff => "TIFF",
        }
    }

    /// Whether it holds a recipe.
    pub const fn carries_recipe(self) -> bool {
        matches!(self, Self::Png)
    }

    /// Whether it can keep what is transparent.
    pub const fn keeps_transparency(self) -> bool {
        !matches!(self, Self::Jpeg { .. })
    }
}

/// The samples of a picture in sRGB: of RGB, or of straight RGBA, of which what is transparent is kept.
#[derive(Clone, Copy)]
pub struct Samples<'a> {
    bytes: &'a [u8],
    /// Width and height.
    size: (u32, u32),
    alpha: bool,
    /// Pixels an inch on paper.
    resolution: Option<f32>,
}

impl<'a> Samples<'a> {
    /// The same, of which so many pixels make an inch on paper, where the format has a place for it (not WebP).
    pub fn at(self, resolution: Option<f32>) -> Self {
        Self { resolution, ..self }
    }

    /// Row by row.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> From<&'a RgbImage> for Samples<'a> {
    fn from(picture: &'a RgbImage) -> Self {
        Self {
            bytes: picture.as_raw(),
            size: picture.dimensions(),
            alpha: false,
            resolution: None,
        }
    }
}

impl<'a> From<&'a RgbaImage> for Samples<'a> {
    fn from(picture: &'a RgbaImage) -> Self {
        Self {
            bytes: picture.as_raw(),
            size: picture.dimensions(),
            alpha: true,
            resolution: None,
        }
    }
}

/// The file of a picture in sRGB.
///
/// # Errors
/// When a format cannot hold a picture of that size, or what is transparent: see [`Format::keeps_transparency`].
pub fn encode<'a>(picture: impl Into<Samples<'a>>, format: Format) -> io::Result<Vec<u8>> {
    let picture = picture.into();
    let mut bytes = Cursor::new(Vec::new());
    match format {
        Format::Png => {
            let mut writer = png_encoder(&mut bytes, picture).write_header()?;
            writer.write_image_data(picture.bytes)?;
            writer.finish()?;
        }
        Format::Jpeg { .. } if picture.alpha => {
            let reason = "a JPEG keeps nothing transparent; choose another format";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        Format::Jpeg { quality } => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
            if let Some(resolution) = picture.resolution {
                encoder.set_pixel_density(PixelDensity::dpi(resolution.round() as u16));
            }
            with_profile(encoder, picture)?;
        }
        Format::WebP { quality } => return webp::encode(picture, quality),
        Format::Tiff => write_tiff(&mut bytes, picture).map_err(io::Error::other)?,
    }
    Ok(bytes.into_inner())
}

/// What writes such a PNG in sRGB, before its header: for those who have more to say in it.
pub fn png_encoder<W: io::Write>(file: W, picture: Samples<'_>) -> png::Encoder<'static, W> {
    let (width, height) = picture.size;
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(match picture.alpha {
        true => png::ColorType::Rgba,
        false => png::ColorType::Rgb,
    });
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let a_metre = picture.resolution.map(|resolution| (resolution / INCH).round() as u32);
    encoder.set_pixel_dims(a_metre.map(|pixels| png::PixelDimensions {
        xppu: pixels,
        yppu: pixels,
        unit: png::Unit::Meter,
    }));
    encoder
}

fn with_profile(mut encoder: impl ImageEncoder, picture: Samples<'_>) -> io::Result<()> {
    encoder.set_icc_profile(srgb_profile()?).map_err(io::Error::other)?;
    let (width, height) = picture.size;
    let color = match picture.alpha {
        true => ExtendedColorType::Rgba8,
        false => ExtendedColorType::Rgb8,
    };
    encoder
        .write_image(picture.bytes, width, height, color)
        .map_err(io::Error::other)
}

/// The image crate writes its TIFFs unpacked.
fn write_tiff(bytes: &mut Cursor<Vec<u8>>, picture: Samples<'_>) -> tiff::TiffResult<()> {
    let mut encoder = TiffEncoder::new(bytes)?
        .with_compression(Compression::Deflate(DeflateLevel::Balanced))
        .with_predictor(Predictor::Horizontal);
    let (width, height) = picture.size;
    let profile = srgb_profile()?;
    let an_inch = picture.resolution.map(|resolution| Rational {
        n: (resolution * 100.0).round() as u32,
        d: 100,
    });
    if picture.alpha {
        let mut image = encoder.new_image::<colortype::RGBA8>(width, height)?;
        an_inch
            .into_iter()
            .for_each(|pixels| image.resolution(ResolutionUnit::Inch, pixels));
        image.encoder().write_tag(Tag::IccProfile, profile.as_slice())?;
        // Colours are not multiplied by it.
        image
            .encoder()
            .write_tag(Tag::ExtraSamples, [ExtraSamples::UnassociatedAlpha])?;
        return image.write_data(picture.bytes);
    }
    let mut image = encoder.new_image::<colortype::RGB8>(width, height)?;
    an_inch
        .into_iter()
        .for_each(|pixels| image.resolution(ResolutionUnit::Inch, pixels));
    image.encoder().write_tag(Tag::IccProfile, profile.as_slice())?;
    image.write_data(picture.bytes)
}

/// The ICC profile of sRGB. It bears no date, so that the same picture gives the same file.
///
/// # Errors
/// When it cannot be put into bytes, which nobody has met yet.
pub fn srgb_profile() -> io::Result<Vec<u8>> {
    let mut profile = ColorProfile::new_srgb();
    profile.creation_date_time = ColorDateTime {
        year: 2000,
        month: 1,
        day_of_the_month: 1,
        hours: 0,
        minutes: 0,
        seconds: 0,
    };
    profile.encode().map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use image::{ImageDecoder, ImageReader, Rgb, Rgba};

    use super::*;
    use crate::{Picture, Profile};

    const ALL: [Format; 5] = [
        Format::Png,
        Format::Jpeg { quality: 95 },
        Format::WebP { quality: None },
        Format::WebP { quality: Some(95) },
        Format::Tiff,
    ];

    fn gradient() -> RgbImage {
        RgbImage::from_fn(250, 160, |x, y| Rgb([x as u8, y as u8, 90]))
    }

    #[test]
    fn what_is_written_is_read_and_says_that_it_is_srgb() {
        for format in ALL {
            let bytes = encode(&gradient(), format).unwrap();
            assert_eq!(bytes, encode(&gradient(), format).unwrap(), "the same file every time");
            let opened = Picture::decode(&bytes).unwrap();
            assert_eq!(opened.warning, None);
            let opened = opened.into_rgb();
            match format {
                Format::Jpeg { .. } | Format::WebP { quality: Some(_) } => {
                    let error: u32 = opened
                        .iter()
                        .zip(gradient().iter())
                        .map(|(a, b)| u32::from(a.abs_diff(*b)))
                        .sum();
                    assert!(error / (250 * 160 * 3) < 3, "{error}");
                }
                _ => assert_eq!(opened, gradient(), "{format:?}"),
            }
            says_srgb(&bytes, format);
        }
    }

    /// By its profile, or a PNG by the chunk that says so.
    fn says_srgb(bytes: &[u8], format: Format) {
        if format == Format::Png {
            return assert!(bytes.windows(4).any(|chunk| chunk == b"sRGB"));
        }
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
        let icc = reader
            .into_decoder()
            .unwrap()
            .icc_profile()
            .unwrap()
            .unwrap_or_else(|| panic!("{format:?} has no profile"));
        assert!(Profile::read(&icc).unwrap().is_srgb(), "{format:?}");
    }

    #[test]
    fn what_is_transparent_stays_so_where_the_format_can_keep_it() {
        let faded = RgbaImage::from_fn(250, 160, |x, y| Rgba([x as u8, y as u8, 90, (x * y % 251) as u8]));
        for format in ALL {
            let bytes = match encode(&faded, format) {
                Ok(bytes) => bytes,
                Err(error) => {
                    assert!(!format.keeps_transparency() && error.to_string().contains("JPEG"), "{error}");
                    continue;
                }
            };
            assert!(format.keeps_transparency(), "{format:?}");
            says_srgb(&bytes, format);
            let opened = Picture::decode(&bytes).unwrap();
            assert_eq!(opened.warning, None);
            let opened = opened.into_rgba();
            let alphas = |picture: &RgbaImage| picture.pixels().map(|pixel| pixel.0[3]).collect::<Vec<u8>>();
            assert_eq!(alphas(&opened), alphas(&faded), "{format:?}");
            if format != (Format::WebP { quality: Some(95) }) {
                assert_eq!(opened, faded, "{format:?}");
            }
        }
        // Nothing of this one is transparent, and libwebp leaves its alpha out.
        let whole = RgbaImage::from_pixel(9, 7, Rgba([200, 100, 50, 255]));
        let bytes = encode(&whole, Format::WebP { quality: Some(95) }).unwrap();
        let opened = Picture::decode(&bytes).unwrap().into_rgba();
        assert!(opened.dimensions() == (9, 7) && opened.pixels().all(|pixel| pixel.0[3] == 255));
    }

    #[test]
    fn quality_decides_how_large_a_picture_with_losses_is() {
        let size = |format| encode(&gradient(), format).unwrap().len();
        let jpeg = |quality| size(Format::Jpeg { quality });
        assert!(jpeg(0) < jpeg(60) && jpeg(60) < jpeg(255));
        let webp = |quality| size(Format::WebP { quality: Some(quality) });
        assert!(webp(0) < webp(60) && webp(60) < webp(255));
        let noise = RgbImage::from_fn(256, 256, |x, y| Rgb([(x * y * 7919 % 251) as u8; 3]));
        let packed = encode(&noise, Format::Tiff).unwrap().len();
        assert!(packed < 256 * 256 * 3, "a TIFF is packed: {packed}");
    }

    #[test]
    fn the_ending_decides_the_format() {
        let of = |name: &str| Format::of(Path::new(name), Some(80));
        assert_eq!(of("a/夏.PNG"), Some(Format::Png));
        assert_eq!(of("a.jpeg"), Some(Format::Jpeg { quality: 80 }));
        assert_eq!(of("a.tiff"), Some(Format::Tiff));
        let default = Format::of(Path::new("a.jpg"), None);
        assert_eq!(
            default,
            Some(Format::Jpeg {
                quality: DEFAULT_QUALITY
            })
        );
        assert_eq!(Format::of(Path::new("a.webp"), None), Some(Format::WebP { quality: None }));
        assert_eq!(of("a.gif"), None);
        assert_eq!(of("png"), None);
        for format in ALL {
            assert!(ENDINGS.contains(&format.ending()));
            assert_eq!(of(&format!("a.{}", format.ending())).map(Format::name), Some(format.name()));
        }
    }
}
