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
mod tests {
    use image::{GrayImage, ImageBuffer, LumaA, Rgb};

    use super::*;

    fn read(profile: &ColorProfile) -> Profile {
        Profile::read(&profile.encode().unwrap()).unwrap()
    }

    fn convert(profile: &Profile, picture: impl Into<DynamicImage>) -> DynamicImage {
        profile.to_srgb(&picture.into()).unwrap().expect("it is not sRGB")
    }

    /// The sRGB of Display P3, by the matrices of the two standards and their common curve.
    fn from_p3(color: [u8; 3]) -> [u8; 3] {
        let linear = color.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        let matrix = [
            [1.224_940_18, -0.224_940_18, 0.0],
            [-0.042_056_95, 1.042_056_95, 0.0],
            [-0.019_637_55, -0.078_636_05, 1.098_273_6],
        ];
        matrix.map(|row| {
            let value: f64 = row.iter().zip(linear).map(|(a, b)| a * b).sum();
            let value = value.clamp(0.0, 1.0);
            let curved = if value <= 0.003_130_8 {
                value * 12.92
            } else {
                1.055 * value.powf(1.0 / 2.4) - 0.055
            };
            (curved * 255.0).round() as u8
        })
    }

    #[test]
    fn display_p3_becomes_srgb_and_alpha_stays() {
        let colors: Vec<[u8; 4]> = (0..64)
            .map(|i| [(i % 4) * 60 + 40, (i / 4 % 4) * 60 + 40, (i / 16) * 60 + 40, i * 4])
            .collect();
        let picture = RgbaImage::from_raw(64, 1, colors.concat()).unwrap();
        let converted = convert(&read(&ColorProfile::new_display_p3()), picture).into_rgba8();
        for (from, to) in colors.iter().zip(converted.pixels()) {
            let expected = from_p3([from[0], from[1], from[2]]);
            let near = (0..3).all(|channel| to.0[channel].abs_diff(expected[channel]) <= 1);
            assert!(near && to.0[3] == from[3], "{from:?}: {to:?}, not {expected:?}");
        }
    }

    /// Two values that are one at 8 bits are told apart by a steep curve, so they must not be rounded before it.
    #[test]
    fn sixteen_bits_are_converted_in_sixteen() {
        let mut linear = ColorProfile::new_srgb();
        let straight = moxcms::ToneReprCurve::Parametric(vec![1.0]);
        (linear.red_trc, linear.green_trc, linear.blue_trc) = (Some(straight.clone()), Some(straight.clone()), Some(straight));
        linear.cicp = None;
        let picture: ImageBuffer<Rgb<u16>, Vec<u16>> = ImageBuffer::from_raw(2, 1, vec![20, 20, 20, 130, 130, 130]).unwrap();
        let converted = convert(&read(&linear), picture).into_rgb8();
        // 255 * 12.92 * v / 65535.
        assert_eq!((converted.get_pixel(0, 0).0, converted.get_pixel(1, 0).0), ([1; 3], [7; 3]));
    }

    #[test]
    fn what_is_srgb_stays_as_it_is() {
        let same = read(&ColorProfile::new_srgb());
        assert!(same.is_srgb() && !read(&ColorProfile::new_adobe_rgb()).is_srgb());
        assert!(same.to_srgb(&RgbImage::new(1, 1).into()).unwrap().is_none());
        let mut gamma = ColorProfile::new_srgb();
        let curve = moxcms::ToneReprCurve::Parametric(vec![2.2]);
        (gamma.red_trc, gamma.green_trc, gamma.blue_trc, gamma.cicp) =
            (Some(curve.clone()), Some(curve.clone()), Some(curve), None);
        assert!(!read(&gamma).is_srgb(), "its darkest tones differ");
    }

    #[test]
    fn grey_is_converted_by_either_kind_of_profile() {
        let gray = GrayImage::from_raw(3, 1, vec![0, 128, 255]).unwrap();
        let gamma = read(&ColorProfile::new_gray_with_gamma(1.0));
        let converted = convert(&gamma, gray.clone()).into_rgb8();
        // 255 * (1.055 * (128 / 255) ^ (1 / 2.4) - 0.055) = 188.
        assert_eq!([0, 1, 2].map(|x| converted.get_pixel(x, 0).0), [[0; 3], [188; 3], [255; 3]]);
        let adobe = convert(&read(&ColorProfile::new_adobe_rgb()), gray);
        let [r, g, b] = adobe.into_rgb8().get_pixel(1, 0).0;
        assert!(r.abs_diff(128) <= 2 && r == g && g == b, "{r} {g} {b}");
        let deep: ImageBuffer<LumaA<u16>, Vec<u16>> = ImageBuffer::from_raw(1, 1, vec![0x8080, 0x4000]).unwrap();
        assert_eq!(convert(&gamma, deep).into_rgba8().get_pixel(0, 0).0, [188, 188, 188, 64]);
        let colored = RgbImage::new(1, 1);
        assert!(matches!(
            gamma.to_srgb(&colored.into()),
            Err(ProfileError::Colors(DataColorSpace::Gray))
        ));
    }

    /// A profile whose tables make every colour a middle grey, for one way of reading it alone, and which asks for another.
    #[test]
    fn tables_are_read_that_are_there() {
        use moxcms::{LutDataType, LutStore, LutType, LutWarehouse, Matrix3d};
        let straight = || LutStore::Store16([0, 65535].repeat(3));
        let gray = LutWarehouse::Lut(LutDataType {
            num_input_channels: 3,
            num_output_channels: 3,
            num_clut_grid_points: 2,
            matrix: Matrix3d::IDENTITY,
            num_input_table_entries: 2,
            num_output_table_entries: 2,
            input_table: straight(),
            // In L*a*b*.
            clut_table: LutStore::Store16([32768, 32896, 32896].repeat(8)),
            output_table: straight(),
            lut_type: LutType::Lut16,
        });
        let asked = [
            RenderingIntent::Perceptual,
            RenderingIntent::RelativeColorimetric,
            RenderingIntent::Saturation,
            RenderingIntent::AbsoluteColorimetric,
        ];
        for (intent, colorimetric) in asked.into_iter().flat_map(|intent| [(intent, false), (intent, true)]) {
            let mut profile = ColorProfile::new_srgb();
            (profile.pcs, profile.rendering_intent, profile.cicp) = (DataColorSpace::Lab, intent, None);
            (profile.red_trc, profile.green_trc, profile.blue_trc) = (None, None, None);
            match colorimetric {
                true => profile.lut_a_to_b_colorimetric = Some(gray.clone()),
                false => profile.lut_a_to_b_perceptual = Some(gray.clone()),
            }
            let converted = convert(&read(&profile), RgbImage::from_pixel(1, 1, Rgb([10, 200, 30])));
            let [r, g, b] = converted.into_rgb8().get_pixel(0, 0).0;
            // L* = 50 is 118.9.
            let near = [r, g, b].iter().all(|value| value.abs_diff(119) <= 3);
            assert!(near, "{intent:?}, {colorimetric}: {r} {g} {b}");
        }
    }

    #[test]
    fn broken_profiles_and_other_colours_are_refused() {
        assert!(matches!(Profile::read(b""), Err(ProfileError::Broken(_))));
        assert!(matches!(Profile::read(&[0; 4000]), Err(ProfileError::Broken(_))));
        assert!(matches!(
            Profile::read(&ColorProfile::new_lab().encode().unwrap()),
            Err(ProfileError::Colors(_))
        ));
        let whole = ColorProfile::new_display_p3().encode().unwrap();
        for length in 0..whole.len() {
            let _ = Profile::read(&whole[..length]);
        }
    }

    /// Bytes changed by a seed: a refusal or colours, never a panic.
    #[test]
    fn damaged_profiles_are_survived() {
        use rand::{Rng, RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(23);
        let mut tables = ColorProfile::new_srgb();
        let curve = moxcms::ToneReprCurve::Lut((0..256).map(|level| level * 200).collect());
        (tables.red_trc, tables.green_trc, tables.blue_trc) = (Some(curve.clone()), Some(curve.clone()), Some(curve));
        let gray = ColorProfile::new_gray_with_gamma(1.8);
        let seeds = [ColorProfile::new_display_p3(), tables, gray].map(|profile| profile.encode().unwrap());
        let picture = DynamicImage::from(GrayImage::from_raw(2, 1, vec![10, 200]).unwrap());
        let mut read = 0;
        for round in 0..900 {
            let mut icc = seeds[round % seeds.len()].clone();
            for _ in 0..random.random_range(1..5) {
                let at = random.random_range(0..icc.len());
                let end = (at + random.random_range(1..5)).min(icc.len());
                match random.random_range(0..3) {
                    0 => icc[at] = [0, 1, 0x7F, 0x80, 0xFF][random.random_range(0..5)],
                    1 => icc[at] ^= 1 << random.random_range(0..8),
                    _ => random.fill_bytes(&mut icc[at..end]),
                }
            }
            if let Ok(profile) = Profile::read(&icc) {
                read += 1;
                let _ = profile.to_srgb(&picture);
            }
        }
        assert!(read > 90, "most of a profile is text and numbers: {read}");
    }
}
