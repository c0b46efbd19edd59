//! Opening pictures that people have: the content decides the format, and every refusal says what to do.

use std::io::{Cursor, Read};
use std::path::Path;

use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits, Luma, Rgb, RgbImage, RgbaImage,
};

use crate::error::{DecodeError, PictureError};
use crate::file::open_regular;
use crate::jpeg;
use crate::profile::Profile;

/// The longest side of a picture that is opened, in pixels.
pub const MAX_SIDE: u32 = 16384;

/// The most memory that a decoder may take: 16 bits of four channels at the longest sides, and half as much again.
const MAX_MEMORY: u64 = 3 << 30;

/// A picture as it is seen: upright and in sRGB.
pub struct Picture {
    /// 8 or 16 bits a channel, or floats; 8 where a profile was converted.
    pixels: DynamicImage,
    /// What was wrong with its colour profile, which was ignored; the sentence goes on from the file's name.
    pub warning: Option<String>,
    deep: bool,
}

impl Picture {
    /// A picture in PNG, JPEG, WebP or TIFF (its first page), whatever its name says, turned as its camera notes.
    ///
    /// # Errors
    /// When the file cannot be read, is no such picture, is damaged or cut off, in CMYK, or has a side of 0 or more than [`MAX_SIDE`].
    pub fn open(path: &Path) -> Result<Self, PictureError> {
        let failed = |source| PictureError::Decode {
            path: path.to_owned(),
            source,
        };
        let read = read(path).map_err(|source| PictureError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::decode(&read.map_err(failed)?).map_err(failed)
    }

    /// The same from a file's content.
    ///
    /// # Errors
    /// As [`Picture::open`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| DecodeError::NotAPicture)?;
        let Some(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Tiff)) = reader.format()
        else {
            return Err(DecodeError::NotAPicture);
        };
        // Sides have their own limit below, which can name them.
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MAX_MEMORY);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(DecodeError::Damaged)?;
        let (width, height) = decoder.dimensions();
        if width == 0 || height == 0 || width.max(height) > MAX_SIDE {
            return Err(DecodeError::Size { width, height });
        }
        let inks = matches!(
            decoder.original_color_type(),
            ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16
        );
        if inks || format == ImageFormat::Jpeg && jpeg::is_cmyk(bytes) {
            return Err(DecodeError::Cmyk);
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let icc = match format {
            ImageFormat::Tiff => tiff_profile(bytes),
            _ => decoder.icc_profile().unwrap_or_default(),
        };
        let decoded = DynamicImage::from_decoder(decoder).map_err(DecodeError::Damaged)?;
        if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes) {
            let cut_off = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(DecodeError::Damaged(cut_off.into()));
        }
        let mut picture = match icc {
            Some(icc) => Self::by_profile(decoded, &icc),
            None => Self::of(decoded),
        };
        picture.pixels.apply_orientation(orientation);
        Ok(picture)
    }

    /// `pixels` whose colours are those of an ICC profile. A profile that is of no use is ignored, with a warning.
    pub fn by_profile(pixels: DynamicImage, icc: &[u8]) -> Self {
        let deep = is_deep(&pixels);
        match Profile::read(icc).and_then(|profile| profile.to_srgb(&pixels)) {
            Ok(converted) => Self {
                deep,
                ..Self::of(converted.unwrap_or(pixels))
            },
            Err(error) => Self {
                warning: Some(format!(
                    "has a colour profile that was ignored: {error}. Its colours may look different"
                )),
                ..Self::of(pixels)
            },
        }
    }

    /// Pixels that are upright and in sRGB.
    pub fn of(pixels: DynamicImage) -> Self {
        Self {
            deep: is_deep(&pixels),
            pixels,
            warning: None,
        }
    }

    /// Whether it came with more than 8 bits a channel.
    pub fn is_deep(&self) -> bool {
        self.deep
    }

    /// `[width, height]`
    pub fn size(&self) -> [u32; 2] {
        [self.pixels.width(), self.pixels.height()]
    }

    /// Straight RGBA.
    pub fn into_rgba(self) -> RgbaImage {
        self.pixels.into_rgba8()
    }

    /// What is transparent shows white paper.
    pub fn into_rgb(self) -> RgbImage {
        if !self.pixels.color().has_alpha() {
            return self.pixels.into_rgb8();
        }
        let rgba = self.pixels.into_rgba8();
        RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
            let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
            Rgb([r, g, b].map(|sample| over(sample, alpha, 255)))
        })
    }

    /// A mask: the lightness, white for the figure; what is transparent is no figure.
    pub fn into_mask(self) -> GrayImage {
        if !self.pixels.color().has_alpha() {
            return self.pixels.into_luma8();
        }
        let luma = self.pixels.into_luma_alpha8();
        GrayImage::from_fn(luma.width(), luma.height(), |x, y| {
            let [sample, alpha] = luma.get_pixel(x, y).0;
            Luma([over(sample, alpha, 0)])
        })
    }
}

fn is_deep(pixels: &DynamicImage) -> bool {
    let color = pixels.color();
    color.bytes_per_pixel() > color.channel_count()
}

/// So many of a file's first bytes say what it is.
const HEAD: u64 = 64;

/// A picture's content. Of a file that is none, or longer than any, no more than its first bytes are read.
fn read(path: &Path) -> std::io::Result<Result<Vec<u8>, DecodeError>> {
    let (mut file, length) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut bytes)?;
    if image::guess_format(&bytes).is_err() {
        return Ok(Err(DecodeError::NotAPicture));
    }
    if length > MAX_MEMORY {
        let megabytes = length / 1_000_000;
        return Ok(Err(DecodeError::Long { megabytes }));
    }
    // It may grow while it is read.
    file.take(MAX_MEMORY).read_to_end(&mut bytes)?;
    Ok(Ok(bytes))
}

/// The decoder that knows the limits of a small TIFF's pixels finds its profile too large.
fn tiff_profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes)).ok()?;
    decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok()
}

/// How many pixels a picture in memory says it has; 0 if it is none.
pub fn pixels(bytes: &[u8]) -> u64 {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    size.map_or(0, |(width, height)| u64::from(width) * u64::from(height))
}

/// `sample` with opacity `alpha` over `ground`, rounded.
fn over(sample: u8, alpha: u8, ground: u8) -> u8 {
    let [sample, alpha, ground] = [sample, alpha, ground].map(u32::from);
    ((sample * alpha + ground * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{ImageBuffer, LumaA, Rgba};
    use moxcms::ColorProfile;
    use rand::{Rng, RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use tempfile::TempDir;

    use super::*;
    use crate::Format;

    const ALL: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Tiff];

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn rgb(bytes: &[u8]) -> RgbImage {
        Picture::decode(bytes).unwrap().into_rgb()
    }

    fn refused(bytes: &[u8]) -> DecodeError {
        Picture::decode(bytes).err().expect("it is refused")
    }

    fn gradient(side: u32) -> RgbImage {
        RgbImage::from_fn(side, side, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, ((x ^ y) * 3) as u8]))
    }

    #[test]
    fn the_content_decides_the_format() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("picture.txt");
        for format in ALL {
            fs::write(&path, encoded(gradient(40), format)).unwrap();
            let opened = Picture::open(&path).unwrap().into_rgb();
            match format {
                ImageFormat::Jpeg => assert_eq!(opened.dimensions(), (40, 40)),
                _ => assert_eq!(opened, gradient(40)),
            }
        }
        fs::write(&path, "not a picture").unwrap();
        let text = Picture::open(&path).err().unwrap().to_string();
        assert!(text.contains("picture.txt is no PNG, JPEG, WebP or TIFF picture"), "{text}");
        for path in [folder.path().join("missing.png"), folder.path().to_owned()] {
            assert!(matches!(Picture::open(&path), Err(PictureError::Read { .. })));
        }
    }

    #[test]
    fn of_a_file_that_is_too_long_or_no_picture_only_the_beginning_is_read() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("holiday");
        // Holes take no place on the disk, and zeros would fill the memory.
        for (head, words) in [
            (&b"\0\0\0\x18ftypmp42"[..], "is no PNG"),
            (&encoded(gradient(8), ImageFormat::Png), "has 50000 MB"),
        ] {
            fs::write(&path, head).unwrap();
            fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(50_000_000_000)
                .unwrap();
            let text = Picture::open(&path).err().unwrap().to_string();
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn transparency_shows_paper_and_no_figure() {
        let line = ImageBuffer::from_raw(3, 1, vec![0, 0, 0, 255, 0, 0, 0, 0, 200, 100, 0, 127]).unwrap();
        let picture: ImageBuffer<Rgba<u8>, Vec<u8>> = line;
        let bytes = encoded(picture, ImageFormat::Png);
        assert_eq!(rgb(&bytes).into_raw(), [0, 0, 0, 255, 255, 255, 228, 178, 128]);
        let mask: ImageBuffer<LumaA<u8>, Vec<u8>> = ImageBuffer::from_raw(3, 1, vec![255, 255, 255, 0, 255, 51]).unwrap();
        let mask = Picture::decode(&encoded(mask, ImageFormat::Png)).unwrap().into_mask();
        assert_eq!(mask.into_raw(), [255, 0, 51]);
    }

    #[test]
    fn deep_and_grey_pictures_open() {
        let deep: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_raw(2, 1, vec![0, 65535]).unwrap();
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let bytes = encoded(deep.clone(), format);
            assert_eq!(rgb(&bytes).into_raw(), [0, 0, 0, 255, 255, 255]);
            assert!(Picture::decode(&bytes).unwrap().is_deep());
            assert_eq!(Picture::decode(&bytes).unwrap().into_mask().into_raw(), [0, 255]);
        }
    }

    #[test]
    fn cut_off_files_are_refused() {
        for format in ALL {
            let bytes = encoded(gradient(120), format);
            for part in [bytes.len() / 2, bytes.len() * 9 / 10] {
                let error = refused(&bytes[..part]);
                assert!(matches!(error, DecodeError::Damaged(_)), "{format:?}: {error}");
                assert!(error.to_string().ends_with("save it as PNG"), "{error}");
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in ["", "not a picture at all", "GIF89a and so on", "8BPS"] {
            assert!(matches!(refused(bytes.as_bytes()), DecodeError::NotAPicture));
        }
    }

    #[test]
    fn sides_are_checked_before_decoding() {
        let mut bytes = encoded(gradient(8), ImageFormat::Png);
        // The header's width, and its checksum.
        bytes[16..20].copy_from_slice(&40_000_u32.to_be_bytes());
        bytes[29..33].copy_from_slice(&0x150D_0D1B_u32.to_be_bytes());
        let error = refused(&bytes);
        assert!(
            matches!(
                error,
                DecodeError::Size {
                    width: 40_000,
                    height: 8
                }
            ),
            "{error}"
        );
        assert!(error.to_string().contains("1 to 16384"), "{error}");
    }

    fn with_icc(picture: &RgbImage, format: ImageFormat, icc: Vec<u8>) -> Vec<u8> {
        use image::ImageEncoder;
        use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, tiff::TiffEncoder, webp::WebPEncoder};
        fn write(mut encoder: impl ImageEncoder, picture: &RgbImage, icc: Vec<u8>) {
            encoder.set_icc_profile(icc).unwrap();
            let (width, height) = picture.dimensions();
            encoder.write_image(picture, width, height, ExtendedColorType::Rgb8).unwrap();
        }
        let mut bytes = Cursor::new(Vec::new());
        match format {
            ImageFormat::Png => write(PngEncoder::new(&mut bytes), picture, icc),
            ImageFormat::Jpeg => write(JpegEncoder::new_with_quality(&mut bytes, 100), picture, icc),
            ImageFormat::WebP => write(WebPEncoder::new_lossless(&mut bytes), picture, icc),
            _ => write(TiffEncoder::new(&mut bytes), picture, icc),
        }
        bytes.into_inner()
    }

    #[test]
    fn a_profile_in_any_format_is_converted_to_srgb() {
        let icc = ColorProfile::new_adobe_rgb().encode().unwrap();
        let picture = RgbImage::from_pixel(16, 16, Rgb([100, 150, 60]));
        for format in ALL {
            let opened = Picture::decode(&with_icc(&picture, format, icc.clone())).unwrap();
            assert!(opened.warning.is_none() && !opened.is_deep());
            // By the matrices and curves of the two standards.
            let [r, g, b] = opened.into_rgb().get_pixel(8, 8).0;
            let near = [r.abs_diff(66), g.abs_diff(151), b.abs_diff(48)];
            assert!(near.iter().all(|error| *error <= 2), "{format:?}: {r} {g} {b}");
        }
    }

    #[test]
    fn a_broken_profile_is_ignored_with_a_warning() {
        let picture = RgbImage::from_pixel(16, 16, Rgb([100, 150, 60]));
        for icc in [vec![7; 200], ColorProfile::new_lab().encode().unwrap()] {
            let opened = Picture::decode(&with_icc(&picture, ImageFormat::Png, icc)).unwrap();
            let warning = opened.warning.clone().unwrap();
            assert!(warning.starts_with("has a colour profile that was ignored"), "{warning}");
            assert_eq!(opened.into_rgb(), picture);
        }
    }

    #[test]
    fn a_camera_on_its_side_gives_an_upright_picture() {
        use image::ImageEncoder;
        let picture = RgbImage::from_fn(32, 16, |x, _| Rgb([if x < 16 { 250 } else { 5 }; 3]));
        // Big-endian; one entry: orientation, a short, 6: turn it right by a quarter.
        let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
        encoder.set_exif_metadata(exif).unwrap();
        encoder.write_image(&picture, 32, 16, ExtendedColorType::Rgb8).unwrap();
        let upright = rgb(&bytes);
        assert_eq!(upright.dimensions(), (16, 32));
        assert!(upright.get_pixel(8, 2).0[0] > 240 && upright.get_pixel(8, 29).0[0] < 15);
    }

    #[test]
    fn pictures_for_a_printing_press_are_refused_with_the_cure() {
        // A JPEG of four channels: what follows its frame header is never looked at.
        let mut jpeg = encoded(gradient(16), ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        let mut header = vec![0xFF, 0xC0, 0, 20, 8, 0, 16, 0, 16, 4];
        header.extend((1..=4).flat_map(|id| [id, 0x11, 0]));
        jpeg.splice(frame..frame + 19, header);
        let mut tiff = Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut tiff).unwrap();
        encoder.write_image::<tiff::encoder::colortype::CMYK8>(2, 1, &[0; 8]).unwrap();
        for bytes in [jpeg, tiff.into_inner()] {
            let error = refused(&bytes);
            assert!(matches!(error, DecodeError::Cmyk), "{error}");
        }
    }

    /// Bytes changed, cut out, put in and cut off, by a seed: a refusal or a picture, never a panic.
    #[test]
    fn damage_of_any_kind_is_survived() {
        let icc = ColorProfile::new_display_p3().encode().unwrap();
        let mut seeds: Vec<Vec<u8>> = ALL.map(|format| with_icc(&gradient(24), format, icc.clone())).to_vec();
        let packed = [
            Format::Png,
            Format::Jpeg { quality: 50 },
            Format::WebP { quality: None },
            Format::WebP { quality: Some(50) },
            Format::Tiff,
        ];
        seeds.extend(packed.map(|format| crate::encode(&gradient(24), format).unwrap()));
        let deep: ImageBuffer<LumaA<u16>, Vec<u16>> = ImageBuffer::from_pixel(9, 9, LumaA([9000, 30000]));
        seeds.push(encoded(deep, ImageFormat::Png));
        let mut random = ChaCha8Rng::seed_from_u64(5);
        for round in 0..500 {
            let mut bytes = seeds[round % seeds.len()].clone();
            for _ in 0..random.random_range(1..6) {
                let at = random.random_range(0..bytes.len());
                match random.random_range(0..5) {
                    0 => bytes.truncate(at.max(1)),
                    1 => bytes.insert(at, random.random()),
                    2 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][random.random_range(0..5)],
                    3 => bytes[at] ^= 1 << random.random_range(0..8),
                    _ => {
                        let end = (at + 4).min(bytes.len());
                        random.fill_bytes(&mut bytes[at..end]);
                    }
                }
            }
            if let Ok(picture) = Picture::decode(&bytes) {
                assert!(picture.into_rgba().width() <= MAX_SIDE);
            }
        }
    }
}
