//! Profiles of every kind, whole and damaged.

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
    (gamma.red_trc, gamma.green_trc, gamma.blue_trc, gamma.cicp) = (Some(curve.clone()), Some(curve.clone()), Some(curve), None);
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
