//! Opening pictures that people have: the content decides the format, and every refusal says what to do.

use std::io::{Cursor, Read};
use std::path::Path;

use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits, Luma, Rgb, RgbImage, Rgba,
    RgbaImage,
};

use crate::error::{DecodeError, PictureError};
use crate::file::open_regular;
use crate::jpeg;
use crate::png_colors;
use crate::profile::{Profile, ProfileError};
use crate::resolution;

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
    /// Pixels an inch on paper, 1 to 10,000, where the file says so.
    pub resolution: Option<f32>,
    deep: bool,
}

impl Picture {
    /// A picture in PNG, JPEG, WebP or TIFF (its first page), whatever its name says, turned as its camera notes.
    ///
    /// # Errors
    /// When the file cannot be read, is no such picture, is damaged or cut off, in CMYK, or has a side of 0 or more than [`MAX_SIDE`].
    pub fn open(path: &Path) -> Result<Self, PictureError> {
        Self::decode(&read(path)?).map_err(|source| refused(path, source))
    }

    /// The same from a file's content.
    ///
    /// # Errors
    /// As [`Picture::open`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let format = format(bytes)?;
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
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
        let mut decoded = DynamicImage::from_decoder(decoder).map_err(DecodeError::Damaged)?;
        if format == ImageFormat::Tiff && is_multiplied(bytes) {
            divide(&mut decoded);
        }
        if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes) {
            let cut_off = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(DecodeError::Damaged(cut_off.into()));
        }
        let profile = match icc {
            Some(icc) => Profile::read(&icc).map(Some),
            None if format == ImageFormat::Png => png_colors::profile(bytes),
            None => Ok(None),
        };
        let mut picture = Self::by_profile(decoded, profile);
        picture.pixels.apply_orientation(orientation);
        picture.resolution = resolution::read(bytes, format);
        Ok(picture)
    }

    /// `pixels` whose colours are those of a profile, or of sRGB. A profile that is of no use is ignored, with a warning.
    fn by_profile(pixels: DynamicImage, profile: Result<Option<Profile>, ProfileError>) -> Self {
        let deep = is_deep(&pixels);
        match profile.and_then(|profile| profile.map_or(Ok(None), |profile| profile.to_srgb(&pixels))) {
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
            resolution: None,
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

/// What a picture is, by its first bytes.
fn format(head: &[u8]) -> Result<ImageFormat, DecodeError> {
    match image::guess_format(head) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Tiff)) => Ok(format),
        _ => Err(DecodeError::NotAPicture),
    }
}

/// A picture's content. Of a file that is none, or longer than any, no more than its first bytes are read.
fn read(path: &Path) -> Result<Vec<u8>, PictureError> {
    let unread = |source| PictureError::Read {
        path: path.to_owned(),
        source,
    };
    let (mut file, length) = open_regular(path).map_err(unread)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut bytes).map_err(unread)?;
    format(&bytes).map_err(|source| refused(path, source))?;
    if length > MAX_MEMORY {
        let megabytes = length / 1_000_000;
        return Err(refused(path, DecodeError::Long { megabytes }));
    }
    // It may grow while it is read.
    file.take(MAX_MEMORY).read_to_end(&mut bytes).map_err(unread)?;
    Ok(bytes)
}

fn refused(path: &Path, source: DecodeError) -> PictureError {
    PictureError::Decode {
        path: path.to_owned(),
        source,
    }
}

/// The decoder that knows the limits of a small TIFF's pixels finds its profile too large.
fn tiff_profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes)).ok()?;
    decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok()
}

/// Whether a TIFF's colours are multiplied by their alpha, as compositing programs write them.
fn is_multiplied(bytes: &[u8]) -> bool {
    let decoder = tiff::decoder::Decoder::new(Cursor::new(bytes));
    let extra = decoder.and_then(|mut decoder| decoder.get_tag_u16_vec(tiff::tags::Tag::ExtraSamples));
    extra.is_ok_and(|extra| extra.first() == Some(&tiff::tags::ExtraSamples::AssociatedAlpha.to_u16()))
}

/// Takes the alpha out of such colours.
fn divide(pixels: &mut DynamicImage) {
    let whole = |sample: u32, alpha: u32, most: u32| (sample * most + alpha / 2).checked_div(alpha).unwrap_or(0).min(most);
    match pixels {
        DynamicImage::ImageRgba8(picture) => {
            for Rgba([color @ .., alpha]) in picture.pixels_mut() {
                color
                    .iter_mut()
                    .for_each(|sample| *sample = whole((*sample).into(), (*alpha).into(), 255) as u8);
            }
        }
        DynamicImage::ImageRgba16(picture) => {
            for Rgba([color @ .., alpha]) in picture.pixels_mut() {
                color
                    .iter_mut()
                    .for_each(|sample| *sample = whole((*sample).into(), (*alpha).into(), 65535) as u16);
            }
        }
        DynamicImage::ImageRgba32F(picture) => {
            for Rgba([color @ .., alpha]) in picture.pixels_mut().filter(|pixel| pixel.0[3] > 0.0) {
                color.iter_mut().for_each(|sample| *sample /= *alpha);
            }
        }
        _ => {}
    }
}

/// How many pixels a picture says it has; 0 if it is none. Its first bytes are enough: those of a PNG always, of other formats where they say it early.
pub fn pixels(head: &[u8]) -> u64 {
    let size = match format(head) {
        // What stands between its size and its pixels may be long.
        Ok(ImageFormat::Png) => png_size(head),
        Ok(format) => ImageReader::with_format(Cursor::new(head), format).into_dimensions().ok(),
        Err(_) => None,
    };
    size.map_or(0, |(width, height)| u64::from(width) * u64::from(height))
}

/// What the header of a PNG says, which is its first chunk.
fn png_size(head: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(*head.get(at..)?.first_chunk()?));
    (head.get(12..16)? == b"IHDR").then_some((number(16)?, number(20)?))
}

/// `sample` with opacity `alpha` over `ground`, rounded.
fn over(sample: u8, alpha: u8, ground: u8) -> u8 {
    let [sample, alpha, ground] = [sample, alpha, ground].map(u32::from);
    ((sample * alpha + ground * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests;
