//! Adobe's swatch exchange files: blocks of big-endian numbers and UTF-16.

use super::{Fault, Palette, Swatch};

pub(super) const MAGIC: &[u8] = b"ASEF";

const COLOR: u16 = 0x0001;
const GROUP: u16 = 0xC001;
/// A colour that is no spot colour and does not follow others.
const NORMAL: u16 = 2;

/// Reads the bytes of a file or of a block from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn short(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn long(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn numbers<const N: usize>(&mut self) -> Option<[f32; N]> {
        let mut numbers = [0.0; N];
        for number in &mut numbers {
            *number = f32::from_be_bytes(self.array()?);
        }
        Some(numbers)
    }

    /// Its kind, its length in bytes, and what it holds.
    fn block(&mut self) -> Option<(u16, Self)> {
        let kind = self.short()?;
        let length = self.long()? as usize;
        Some((kind, Self(self.take(length)?)))
    }

    /// The length in units with the zero at the end, and the units.
    fn name(&mut self) -> Option<String> {
        let length = usize::from(self.short()?);
        let bytes = self.take(length * 2)?;
        let units: Vec<u16> = bytes.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
        Some(String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned())
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Palette, Fault> {
    let mut palette = Palette::default();
    let mut file = Reader(bytes);
    // The version is the same in all files that there are.
    let head = file.take(MAGIC.len() + 4).and_then(|_| file.long());
    let count = head.ok_or(Fault::Cut(1))?;
    for _ in 0..count {
        let number = palette.swatches.len() + 1;
        let (kind, mut block) = file.block().ok_or(Fault::Cut(number))?;
        match kind {
            COLOR => palette.swatches.push(swatch(&mut block, number)?),
            // The first group's name serves for all.
            GROUP if palette.name.is_empty() => palette.name = block.name().unwrap_or_default(),
            _ => {}
        }
    }
    Ok(palette)
}

fn swatch(block: &mut Reader<'_>, number: usize) -> Result<Swatch, Fault> {
    let cut = || Fault::Cut(number);
    let name = block.name().ok_or_else(cut)?;
    let model = block.array::<4>().ok_or_else(cut)?;
    let rgb = match &model {
        b"RGB " => block.numbers().ok_or_else(cut)?,
        b"Gray" => block.numbers::<1>().map(|[gray]| [gray; 3]).ok_or_else(cut)?,
        b"CMYK" => {
            let [c, m, y, k] = block.numbers().ok_or_else(cut)?;
            [c, m, y].map(|ink| (1.0 - ink) * (1.0 - k))
        }
        b"LAB " => from_lab(block.numbers().ok_or_else(cut)?),
        other => return Err(Fault::Model(number, String::from_utf8_lossy(other).trim().to_owned())),
    };
    // What is no number becomes 0.
    let color = rgb.map(|share| (share * 255.0).round() as u8);
    Ok(Swatch { name, color })
}

/// CIE Lab (lightness 0..=1, white point D50) as sRGB shares; the matrix takes D50 to sRGB's D65 by Bradford (B. Lindbloom).
fn from_lab([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (lightness * 100.0 + 16.0) / 116.0;
    let linear = |f: f32| {
        if f > 6.0 / 29.0 {
            f * f * f
        } else {
            (f - 4.0 / 29.0) * 3.0 * (6.0f32 / 29.0).powi(2)
        }
    };
    let [x, y, z] = [0.964_22 * linear(y + a / 500.0), linear(y), 0.825_21 * linear(y - b / 200.0)];
    let rgb = [
        3.133_856 * x - 1.616_866_7 * y - 0.490_614_6 * z,
        -0.978_768_4 * x + 1.916_141_5 * y + 0.033_454 * z,
        0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z,
    ];
    rgb.map(|value| match value <= 0.003_130_8 {
        true => 12.92 * value.max(0.0),
        false => 1.055 * value.powf(1.0 / 2.4) - 0.055,
    })
}

/// All colours in one group of the palette's name.
pub(super) fn write(palette: &Palette) -> Vec<u8> {
    const GROUP_END: u16 = 0xC002;
    let mut file = Vec::from(MAGIC);
    file.extend([0, 1, 0, 0]);
    file.extend((palette.swatches.len() as u32 + 2).to_be_bytes());
    let mut block = |kind: u16, contents: Vec<u8>| {
        file.extend(kind.to_be_bytes());
        file.extend((contents.len() as u32).to_be_bytes());
        file.extend(contents);
    };
    block(GROUP, name(&palette.name));
    for swatch in &palette.swatches {
        let mut contents = name(&swatch.name);
        contents.extend(b"RGB ");
        for share in swatch.color {
            contents.extend((f32::from(share) / 255.0).to_be_bytes());
        }
        contents.extend(NORMAL.to_be_bytes());
        block(COLOR, contents);
    }
    block(GROUP_END, Vec::new());
    file
}

/// As [`Reader::name`] reads it, cut to what its length can say.
fn name(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(usize::from(u16::MAX) - 1).chain([0]).collect();
    let mut bytes = Vec::from((units.len() as u16).to_be_bytes());
    bytes.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one colour.
    fn file(model: &[u8; 4], numbers: &[f32]) -> Vec<u8> {
        let mut contents = name("a");
        contents.extend(model);
        contents.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        contents.extend(NORMAL.to_be_bytes());
        let mut file = Vec::from(*b"ASEF\0\x01\0\0\0\0\0\x01\0\x01");
        file.extend((contents.len() as u32).to_be_bytes());
        file.extend(contents);
        file
    }

    #[test]
    fn colours_come_in_four_ways() {
        let read = |model, numbers: &[f32]| parse(&file(model, numbers)).unwrap().swatches[0].color;
        assert_eq!(read(b"RGB ", &[1.0, 0.5, 0.0]), [255, 128, 0]);
        assert_eq!(read(b"Gray", &[0.2]), [51; 3]);
        assert_eq!(read(b"CMYK", &[0.0, 0.5, 1.0, 0.5]), [128, 64, 0]);
        // sRGB's red and a middle grey, as a D50 conversion gives them.
        let near = |a: [u8; 3], b: [u8; 3]| (0..3).all(|i| a[i].abs_diff(b[i]) <= 1);
        let red = read(b"LAB ", &[0.542_9, 80.8, 69.9]);
        assert!(near(red, [255, 0, 0]), "{red:?}");
        let grey = read(b"LAB ", &[0.535_9, 0.0, 0.0]);
        assert!(near(grey, [128; 3]), "{grey:?}");
        assert_eq!(read(b"RGB ", &[f32::NAN, -3.0, 9.0]), [0, 0, 255]);
    }

    #[test]
    fn broken_files_are_told_apart() {
        let whole = file(b"RGB ", &[1.0, 0.5, 0.0]);
        for length in 4..whole.len() - 2 {
            assert_eq!(parse(&whole[..length]), Err(Fault::Cut(1)), "{length}");
        }
        assert_eq!(
            parse(&file(b"HSB ", &[1.0, 0.5, 0.0])),
            Err(Fault::Model(1, "HSB".to_owned()))
        );
    }
}
