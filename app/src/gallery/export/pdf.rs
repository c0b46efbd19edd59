//! A PDF of pictures and lines of text: as little of PDF 1.4 as that takes.
//!
//! Letters are drawn from their outlines (Type 3 fonts, which hold 255 each), so that any font of the system can be used without a copy of it; each
//! says what it stands for, so that the text can be searched and copied.

use std::fmt::Write as _;
use std::io::{self, Write};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

use super::lettering::{EM, Letter, Lettering, Placed};
use super::print::Line;

/// Longer side of a page: that of A4, in points of 1/72 inch.
const LONGER: f32 = 841.89;
/// JPEG quality of the pictures.
const QUALITY: u8 = 90;
/// Letters of one font: the codes 1..=255.
const FONT: usize = 255;
/// Pairs of one section of a table from codes to text (PDF 32000-1, 9.10.3).
const SECTION: usize = 100;

const CATALOG: usize = 1;
const PAGES: usize = 2;
/// All fonts by their names.
const FONTS: usize = 3;

/// A page, measured in pixels from its top left corner.
pub struct Page {
    pub size: [u32; 2],
    /// Pictures with their top left corners.
    pub pictures: Vec<([u32; 2], RgbImage)>,
    pub lines: Vec<Line>,
}

/// Writes pages, each as large as an A4's longer side lets it be. A page that cannot be made ends it.
pub fn write<E: From<io::Error>>(file: &mut impl Write, pages: impl Iterator<Item = Result<Page, E>>) -> Result<(), E> {
    let mut out = Objects {
        file,
        place: 0,
        places: vec![0; FONTS],
    };
    out.write_all(b"%PDF-1.4\n")?;
    let mut lettering = Lettering::new();
    let mut kids = Vec::new();
    for page in pages {
        kids.push(out.page(&page?, &mut lettering)?);
    }
    let fonts = out.fonts(lettering.letters())?;
    out.object(FONTS, fonts.as_bytes())?;
    out.object(CATALOG, format!("<< /Type /Catalog /Pages {PAGES} 0 R >>").as_bytes())?;
    let count = kids.len();
    let kids: String = kids.iter().map(|kid| format!("{kid} 0 R ")).collect();
    out.object(PAGES, format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>").as_bytes())?;
    let (start, size) = (out.place, out.places.len() + 1);
    write!(out, "xref\n0 {size}\n0000000000 65535 f \n")?;
    for place in out.places.clone() {
        writeln!(out, "{place:010} 00000 n ")?;
    }
    write!(
        out,
        "trailer\n<< /Size {size} /Root {CATALOG} 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )?;
    Ok(())
}

/// Writes numbered objects, and knows where each begins: the table at the end of a PDF names their places.
struct Objects<'a, W> {
    file: &'a mut W,
    place: usize,
    /// Of the objects from number 1 on.
    places: Vec<usize>,
}

impl<W: Write> Write for Objects<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.place += written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<W: Write> Objects<'_, W> {
    fn object(&mut self, number: usize, body: &[u8]) -> io::Result<()> {
        self.places[number - 1] = self.place;
        writeln!(self, "{number} 0 obj")?;
        self.write_all(body)?;
        self.write_all(b"\nendobj\n")
    }

    /// Writes an object under the next number, which it tells.
    fn add(&mut self, body: &[u8]) -> io::Result<usize> {
        self.places.push(0);
        let number = self.places.len();
        self.object(number, body)?;
        Ok(number)
    }

    fn add_stream(&mut self, about: &str, bytes: &[u8]) -> io::Result<usize> {
        let mut body = format!("<< {about}/Length {} >>\nstream\n", bytes.len()).into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\nendstream");
        self.add(&body)
    }

    /// The number of the page's object.
    fn page(&mut self, page: &Page, lettering: &mut Lettering) -> io::Result<usize> {
        let [width, height] = page.size.map(|side| side as f32);
        let scale = LONGER / width.max(height);
        // What follows is in pixels, up from the lower left corner.
        let mut content = format!("{scale:.5} 0 0 {scale:.5} 0 0 cm\n");
        let mut names = String::new();
        for ([left, top], picture) in &page.pictures {
            let (across, down) = picture.dimensions();
            let number = self.picture(picture)?;
            let bottom = height - (top + down) as f32;
            let _ = writeln!(content, "q {across} 0 0 {down} {left} {bottom} cm /P{number} Do Q");
            let _ = write!(names, "/P{number} {number} 0 R ");
        }
        content.push_str("BT\n");
        for line in &page.lines {
            let placed = lettering.set(&line.text, line.width as f32 * EM / line.size);
            let baseline = height - line.at[1] as f32 - lettering.ascent() * line.size / EM;
            let [r, g, b] = line.color.map(|value| f32::from(value) / 255.0);
            let _ = writeln!(content, "{r:.3} {g:.3} {b:.3} rg 1 0 0 1 {} {baseline:.2} Tm", line.at[0]);
            content.push_str(&shown(&placed, lettering.letters(), line.size));
        }
        content.push_str("ET");
        let content = self.add_stream("", content.as_bytes())?;
        let (across, down) = (width * scale, height * scale);
        self.add(
            format!(
                "<< /Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 {across:.2} {down:.2}] /Contents {content} 0 R \
                 /Resources << /XObject << {names}>> /Font {FONTS} 0 R >> >>"
            )
            .as_bytes(),
        )
    }

    fn picture(&mut self, picture: &RgbImage) -> io::Result<usize> {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .encode_image(picture)
            .map_err(io::Error::other)?;
        let (width, height) = picture.dimensions();
        let about = format!(
            "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode "
        );
        self.add_stream(&about, &jpeg)
    }

    /// Writes the letters that were used as fonts; the fonts' names with their numbers.
    fn fonts(&mut self, letters: &[Letter]) -> io::Result<String> {
        let mut names = "<< ".to_owned();
        for (number, letters) in letters.chunks(FONT).enumerate() {
            let (mut procedures, mut codes, mut widths) = (String::new(), String::new(), String::new());
            for (code, letter) in (1..).zip(letters) {
                let [left, bottom, right, top] = letter.bounds;
                let width = letter.width;
                let fill = if letter.path.is_empty() { "" } else { "f" };
                let drawn = format!(
                    "{width:.0} 0 {left:.0} {bottom:.0} {right:.0} {top:.0} d1\n{}{fill}",
                    letter.path
                );
                let drawn = self.add_stream("", drawn.as_bytes())?;
                let _ = write!(procedures, "/g{code} {drawn} 0 R ");
                let _ = write!(codes, "/g{code} ");
                let _ = write!(widths, "{width:.0} ");
            }
            let table = self.add_stream("", meanings(letters).as_bytes())?;
            let font = format!(
                "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [{unit} 0 0 {unit} 0 0] /Resources << >> \
                 /CharProcs << {procedures}>> /Encoding << /Type /Encoding /Differences [1 {codes}] >> \
                 /FirstChar 1 /LastChar {last} /Widths [{widths}] /ToUnicode {table} 0 R >>",
                unit = 1.0 / EM,
                last = letters.len(),
            );
            let font = self.add(font.as_bytes())?;
            let _ = write!(names, "/F{number} {font} 0 R ");
        }
        Ok(names + ">>")
    }
}

/// The operators that show a line from where the pen stands, which moves by each letter's width.
fn shown(line: &[Placed], letters: &[Letter], size: f32) -> String {
    let mut shown = String::new();
    let (mut pen, mut now) = (0.0, None);
    for Placed { letter, at: [x, y] } in line {
        let font = letter / FONT;
        if now != Some((font, *y)) {
            let end = if now.is_some() { "] TJ\n" } else { "" };
            let _ = write!(shown, "{end}/F{font} {size} Tf {:.2} Ts [", y * size / EM);
            now = Some((font, *y));
        }
        let back = pen - x;
        if back.abs() >= 1.0 {
            let _ = write!(shown, " {back:.0} ");
        }
        let _ = write!(shown, "<{:02X}>", letter % FONT + 1);
        pen = x + letters[*letter].width.round();
    }
    match now {
        Some(_) => shown + "] TJ\n",
        None => shown,
    }
}

/// The table from a font's codes to what its letters say (a CMap).
fn meanings(letters: &[Letter]) -> String {
    let mut table = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n/CMapName /Shiage def\n\
                     1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        .to_owned();
    let said: Vec<_> = (1..).zip(letters).filter(|(_, letter)| !letter.text.is_empty()).collect();
    for section in said.chunks(SECTION) {
        let _ = writeln!(table, "{} beginbfchar", section.len());
        for (code, letter) in section {
            let text: String = letter.text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
            let _ = writeln!(table, "<{code:02X}> <{text}>");
        }
        table.push_str("endbfchar\n");
    }
    table + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            at: [10, 5],
            width: 20_000,
            size: 12.0,
            color: [0; 3],
        }
    }

    fn page(texts: &[&str]) -> Page {
        Page {
            size: [400, 200],
            pictures: vec![([8, 20], RgbImage::new(40, 20))],
            lines: texts.iter().map(|text| line(text)).collect(),
        }
    }

    fn written(pages: Vec<Page>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, pages.into_iter().map(Ok::<_, io::Error>)).unwrap();
        bytes
    }

    /// What a reader that follows codes, fonts and their tables finds on the pages.
    fn text(bytes: &[u8]) -> Vec<String> {
        let file = String::from_utf8_lossy(bytes);
        let tables: Vec<std::collections::HashMap<&str, String>> = (file.split("begincmap").skip(1))
            .map(|table| {
                let pairs = table
                    .split("endcmap")
                    .next()
                    .unwrap()
                    .lines()
                    .filter(|line| line.starts_with('<'));
                let pairs = pairs
                    .filter_map(|line| line.split_once("> <"))
                    .filter(|(code, _)| *code != "<00");
                pairs
                    .map(|(code, units)| {
                        let units = units.trim_end_matches('>');
                        let units: Vec<u16> = (0..units.len() / 4)
                            .map(|at| u16::from_str_radix(&units[4 * at..4 * at + 4], 16).unwrap())
                            .collect();
                        (&code[1..], String::from_utf16(&units).unwrap())
                    })
                    .collect()
            })
            .collect();
        let mut lines: Vec<String> = Vec::new();
        for content in file.split("BT\n").skip(1) {
            for operators in content.split("ET").next().unwrap().lines() {
                if operators.ends_with("Tm") {
                    lines.push(String::new());
                    continue;
                }
                let font: usize = operators[2..].split(' ').next().unwrap().parse().unwrap();
                let codes = operators.split('<').skip(1).map(|code| &code[..2]);
                let said: String = codes.filter_map(|code| tables[font].get(code).cloned()).collect();
                lines.last_mut().unwrap().push_str(&said);
            }
        }
        lines
    }

    #[test]
    fn the_text_can_be_found_in_every_script() {
        let many: String = ('\u{4e00}'..'\u{4f90}').collect();
        let first = ["take 12.png", "Seed 7 · 海辺.png", ""];
        let bytes = written(vec![page(&first), page(&[&many])]);
        let mut expected = first.map(str::to_owned).to_vec();
        expected.push(many);
        assert_eq!(text(&bytes), expected);
    }

    #[test]
    fn the_table_names_every_objects_place() {
        let bytes = written(vec![page(&["a"]), page(&["b"])]);
        let find = |text: &[u8], from: usize| {
            bytes[from..]
                .windows(text.len())
                .position(|window| window == text)
                .map(|at| at + from)
        };
        let start = find(b"startxref\n", 0).unwrap() + 10;
        let table: usize = std::str::from_utf8(&bytes[start..])
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let table = std::str::from_utf8(&bytes[table..]).unwrap();
        let mut lines = table.lines();
        // Catalogue, pages, fonts; picture, content and page twice; two letters, their table and their font.
        assert_eq!((lines.next(), lines.next()), (Some("xref"), Some("0 14")));
        for (number, line) in lines.skip(1).take(13).enumerate() {
            let place: usize = line[..10].parse().unwrap();
            let object = format!("{} 0 obj", number + 1);
            assert_eq!(find(object.as_bytes(), place), Some(place));
        }
    }
}
