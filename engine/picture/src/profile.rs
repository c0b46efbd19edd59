//! Colour profiles: what a file's numbers mean, and the same colours in sRGB.

use std::sync::{Arc, OnceLock};

use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, Transform16BitExecutor, TransformOptions};
use rayon::prelude::*;

/// Pixels that are converted at a time.
const BLOCK: usize = 1 << 14;
/// From 8 bits to 16.
const WIDEN: u16 = 257;

/// Why a profile is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("it is damaged or of a rare kind ({0})")]
    Broken(String),
    #[error("it is one for {0:?} colours")]
    Colors(DataColorSpace),
}

/// The way from the colours of a profile to sRGB.
pub struct Profile {
    /// None: its colours are those of sRGB, to a step of 8 bits.
    other: Option<Box<ColorProfile>>,
    /// Without alpha, and with it; made when they are needed, which takes longer than to convert a small picture.
    transforms: [OnceLock<Arc<Transform16BitExecutor>>; 2],
}

impl Profile {
    /// Reads an ICC profile.
    ///
    /// # Errors
    /// When it is broken, or of other colours than RGB and grey.
    pub fn read(icc: &[u8]) -> Result<Self, ProfileError> {
        Self::of(ColorProfile::new_from_slice(icc).map_err(broken)?)
    }

    /// The way from the colours of `profile`.
    ///
    /// # Errors
    /// As [`Profile::read`].
    pub(crate) fn of(mut profile: ColorProfile) -> Result<Self, ProfileError> {
        profile.rendering_intent = intent(&profile);
        let is_srgb = is_srgb(&profile, layout(&profile, false)?).map_err(broken)?;
        Ok(Self {
            other: (!is_srgb).then(|| Box::new(profile)),
            transforms: Default::default(),
        })
    }

    /// Whether nothing needs to be converted.
    pub fn is_srgb(&self) -> bool {
        self.other.is_none()
    }

    /// The picture in sRGB at 8 bits a channel of colour, converted in 16; none where it is already.
    ///
    /// # Errors
    /// When the profile is of grey and the picture is not.
    pub fn to_srgb(&self, picture: &DynamicImage) -> Result<Option<DynamicImage>, ProfileError> {
        let Some(profile) = &self.other else { return Ok(None) };
        let gray = profile.color_space == DataColorSpace::Gray;
        if gray && picture.color().has_color() {
            return Err(ProfileError::Colors(DataColorSpace::Gray));
        }
        let alpha = picture.color().has_alpha();
        let transform = self.transform(profile, alpha)?;
        let (width, height) = (picture.width(), picture.height());
        let samples = Samples::of(picture, gray);
        let channels = 3 + usize::from(alpha);
        let mut bytes = vec![0; width as usize * height as usize * channels];
        let blocks = bytes.par_chunks_mut(BLOCK * channels).enumerate();
        let converted: Result<(), CmsError> = blocks.try_for_each(|(index, bytes)| {
            let from = samples.block(index * BLOCK, bytes.len() / channels);
            let mut to = vec![0; bytes.len()];
            transform.transform(&from, &mut to)?;
            for (byte, value) in bytes.iter_mut().zip(to) {
                *byte = ((u32::from(value) * 255 + 32767) / 65535) as u8;
            }
            Ok(())
        });
        converted.map_err(broken)?;
        let whole = "one sample a channel and pixel";
        Ok(Some(match alpha {
            true => RgbaImage::from_raw(width, height, bytes).expect(whole).into(),
            false => RgbImage::from_raw(width, height, bytes).expect(whole).into(),
        }))
    }

    fn transform(&self, profile: &ColorProfile, alpha: bool) -> Result<Arc<Transform16BitExecutor>, ProfileError> {
        let place = &self.transforms[usize::from(alpha)];
        if let Some(made) = place.get() {
            return Ok(made.clone());
        }
        let options = TransformOptions {
            rendering_intent: profile.rendering_intent,
            // 13 bits are not enough for pictures of 16.
            prefer_fixed_point: false,
            ..TransformOptions::default()
        };
        let to = if alpha { Layout::Rgba } else { Layout::Rgb };
        let made = profile.create_transform_16bit(layout(profile, alpha)?, &ColorProfile::new_srgb(), to, options);
        let made = made.map_err(broken)?;
        Ok(place.get_or_init(|| made).clone())
    }
}

fn broken(error: CmsError) -> ProfileError {
    ProfileError::Broken(error.to_string())
}

/// Which of a profile's tables is read: the one that it asks for, or else one that it has.
fn intent(profile: &ColorProfile) -> RenderingIntent {
    let asked = profile.rendering_intent;
    let has = |intent: &RenderingIntent| match intent {
        RenderingIntent::Perceptual => profile.lut_a_to_b_perceptual.is_some(),
        RenderingIntent::Saturation => profile.lut_a_to_b_saturation.is_some(),
        RenderingIntent::RelativeColorimetric | RenderingIntent::AbsoluteColorimetric => {
            profile.lut_a_to_b_colorimetric.is_some()
        }
    };
    let ways = [asked, RenderingIntent::Perceptual, RenderingIntent::RelativeColorimetric];
    ways.into_iter().find(has).unwrap_or(asked)
}

/// How a profile's samples lie beside each other.
fn layout(profile: &ColorProfile, alpha: bool) -> Result<Layout, ProfileError> {
    Ok(match (profile.color_space, alpha) {
        (DataColorSpace::Rgb, false) => Layout::Rgb,
        (DataColorSpace::Rgb, true) => Layout::Rgba,
        (DataColorSpace::Gray, false) => Layout::Gray,
        (DataColorSpace::Gray, true) => Layout::GrayAlpha,
        (other, _) => return Err(ProfileError::Colors(other)),
    })
}

/// Whether colours stay as they are, to a step of 8 bits.
fn is_srgb(profile: &ColorProfile, layout: Layout) -> Result<bool, CmsError> {
    let options = TransformOptions {
        rendering_intent: profile.rendering_intent,
        ..TransformOptions::default()
    };
    let transform = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options)?;
    let levels = || (0..=16).map(|level: u16| (255 * level / 16) as u8);
    let colors: Vec<[u8; 3]> = match layout {
        Layout::Gray => (0..=255).map(|level| [level; 3]).collect(),
        _ => levels()
            .flat_map(|r| levels().map(move |g| [r, g]))
            .flat_map(|[r, g]| levels().map(move |b| [r, g, b]))
            .collect(),
    };
    let expected = colors.as_flattened();
    let from: Vec<u8> = match layout {
        Layout::Gray => colors.iter().map(|[level, ..]| *level).collect(),
        _ => expected.to_vec(),
    };
    let mut to = vec![0; expected.len()];
    transform.transform(&from, &mut to)?;
    Ok(to.iter().zip(expected).all(|(to, expected)| to.abs_diff(*expected) <= 1))
}

/// A picture's samples, at 16 bits wherever they come from.
struct Samples<'a> {
    values: Values<'a>,
    /// Of a pixel, as they are stored.
    channels: usize,
    /// Grey that is asked for as red, green and blue.
    spread: bool,
}

enum Values<'a> {
    Eight(&'a [u8]),
    Sixteen(&'a [u16]),
    Made(Vec<u16>),
}

impl<'a> Samples<'a> {
    fn of(picture: &'a DynamicImage, gray: bool) -> Self {
        let values = match picture {
            DynamicImage::ImageLuma8(picture) => Values::Eight(picture.as_raw()),
            DynamicImage::ImageLumaA8(picture) => Values::Eight(picture.as_raw()),
            DynamicImage::ImageRgb8(picture) => Values::Eight(picture.as_raw()),
            DynamicImage::ImageRgba8(picture) => Values::Eight(picture.as_raw()),
            DynamicImage::ImageLuma16(picture) => Values::Sixteen(picture.as_raw()),
            DynamicImage::ImageLumaA16(picture) => Values::Sixteen(picture.as_raw()),
            DynamicImage::ImageRgb16(picture) => Values::Sixteen(picture.as_raw()),
            DynamicImage::ImageRgba16(picture) => Values::Sixteen(picture.as_raw()),
            other if other.color().has_alpha() => Values::Made(other.to_rgba16().into_raw()),
            other => Values::Made(other.to_rgb16().into_raw()),
        };
        let channels = match &values {
            Values::Made(_) => 3 + usize::from(picture.color().has_alpha()),
            _ => usize::from(picture.color().channel_count()),
        };
        Self {
            values,
            channels,
            spread: channels < 3 && !gray,
        }
    }

    fn block(&self, pixel: usize, count: usize) -> Vec<u16> {
        let range = pixel * self.channels..(pixel + count) * self.channels;
        let stored: Vec<u16> = match &self.values {
            Values::Eight(values) => values[range].iter().map(|value| u16::from(*value) * WIDEN).collect(),
            Values::Sixteen(values) => values[range].to_vec(),
            Values::Made(values) => values[range].to_vec(),
        };
        match (self.spread, self.channels) {
            (false, _) => stored,
            (true, 1) => stored.iter().flat_map(|gray| [*gray; 3]).collect(),
            (true, _) => stored
                .as_chunks()
                .0
                .iter()
                .flat_map(|[gray, alpha]| [*gray, *gray, *gray, *alpha])
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
