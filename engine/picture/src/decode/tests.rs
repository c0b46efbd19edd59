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
fn colours_that_a_tiff_holds_multiplied_by_their_alpha_are_made_straight() {
    use tiff::tags::ExtraSamples;
    let opened = |alpha| {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
        let mut image = encoder.new_image::<tiff::encoder::colortype::RGB8>(3, 1).unwrap();
        image.extra_samples(&[alpha]).unwrap();
        image.write_data(&[100, 50, 0, 128, 9, 8, 7, 255, 0, 0, 0, 0]).unwrap();
        Picture::decode(&bytes.into_inner()).unwrap().into_rgba().into_raw()
    };
    assert_eq!(opened(ExtraSamples::UnassociatedAlpha)[..4], [100, 50, 0, 128]);
    assert_eq!(
        opened(ExtraSamples::AssociatedAlpha),
        [199, 100, 0, 128, 9, 8, 7, 255, 0, 0, 0, 0]
    );
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
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("picture.png");
    for bytes in ["", "not a picture at all", "GIF89a and so on", "8BPS"] {
        assert!(matches!(refused(bytes.as_bytes()), DecodeError::NotAPicture));
        fs::write(&path, bytes).unwrap();
        let source = DecodeError::NotAPicture;
        assert_eq!(
            Picture::open(&path).err().unwrap().to_string(),
            super::refused(&path, source).to_string()
        );
        assert_eq!(pixels(bytes.as_bytes()), 0);
    }
}

#[test]
fn the_first_bytes_tell_how_many_pixels_there_are() {
    for format in ALL {
        assert_eq!(pixels(&encoded(gradient(40), format)), 1600, "{format:?}");
    }
    let png = encoded(gradient(40), ImageFormat::Png);
    assert_eq!([pixels(&png[..HEAD as usize]), pixels(&png[..20])], [1600, 0]);
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

/// A PNG with these chunks before its pixels.
fn with_chunks(picture: &RgbImage, chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    for (kind, data) in chunks {
        writer.write_chunk(png::chunk::ChunkType(*kind), data).unwrap();
    }
    writer.write_image_data(picture).unwrap();
    writer.finish().unwrap();
    bytes
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

#[test]
fn what_a_png_says_of_its_colours_without_a_profile_is_heeded() {
    let picture = RgbImage::from_pixel(4, 4, Rgb([100, 150, 60]));
    let opened = |chunks: &[([u8; 4], Vec<u8>)]| {
        let opened = Picture::decode(&with_chunks(&picture, chunks)).unwrap();
        assert_eq!(opened.warning, None);
        opened.into_rgb().get_pixel(1, 1).0
    };
    let near = |seen: [u8; 3], expected: [u8; 3]| {
        let close = seen.iter().zip(expected).all(|(seen, expected)| seen.abs_diff(expected) <= 1);
        assert!(close, "{seen:?}, not {expected:?}");
    };
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let expected = rgb(&with_icc(&picture, ImageFormat::Png, p3)).get_pixel(1, 1).0;
    assert_ne!(expected, [100, 150, 60]);
    near(opened(&[(*b"cICP", vec![12, 13, 0, 1])]), expected);
    // Adobe RGB, whose gamma is 563 / 256.
    let adobe = numbers(&[31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000]);
    let gamma = numbers(&[45471]);
    near(opened(&[(*b"gAMA", gamma.clone()), (*b"cHRM", adobe.clone())]), [66, 151, 48]);
    // 255 * (1.055 * (v / 255) ^ (1 / 2.4) - 0.055).
    near(opened(&[(*b"gAMA", numbers(&[100_000]))]), [168, 202, 133]);
    // As GIMP rounds them.
    let srgb = numbers(&[31270, 32900, 63999, 33001, 30000, 60000, 15000, 5999]);
    for same in [
        vec![(*b"cICP", vec![1, 13, 0, 1])],
        vec![(*b"gAMA", numbers(&[45455]))],
        vec![(*b"gAMA", numbers(&[45455])), (*b"cHRM", srgb)],
        vec![(*b"sRGB", vec![0]), (*b"gAMA", gamma), (*b"cHRM", adobe.clone())],
    ] {
        assert_eq!(opened(&same), [100, 150, 60], "{same:?}");
    }
    for useless in [
        // Unspecified, brighter than white, within the range of video.
        vec![(*b"cICP", vec![2, 2, 0, 1])],
        vec![(*b"cICP", vec![9, 16, 0, 1])],
        vec![(*b"cICP", vec![12, 13, 0, 0])],
        vec![(*b"cHRM", adobe)],
        vec![(*b"gAMA", numbers(&[45455])), (*b"cHRM", numbers(&[0; 8]))],
    ] {
        let opened = Picture::decode(&with_chunks(&picture, &useless)).unwrap();
        let warning = opened.warning.clone().unwrap_or_default();
        assert!(
            warning.starts_with("has a colour profile that was ignored"),
            "{useless:?}: {warning}"
        );
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
