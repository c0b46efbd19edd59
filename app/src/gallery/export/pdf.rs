//! A PDF of pictures, one a page: as little of PDF 1.4 as that takes.

use std::io::{self, Write};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

/// Longer side of a page: that of A4, in points of 1/72 inch.
const LONGER: f32 = 841.89;
/// JPEG quality of the pages; captions stay sharp.
const QUALITY: u8 = 90;

/// Writes pages in the proportions of their pictures. A page that cannot be made ends it.
pub fn write<E: From<io::Error>>(file: &mut impl Write, pages: impl Iterator<Item = Result<RgbImage, E>>) -> Result<(), E> {
    let mut out = Counted { file, place: 0 };
    let mut places = Vec::new();
    out.write_all(b"%PDF-1.4\n")?;
    let mut kids = String::new();
    // Objects 1 and 2 are the catalogue and the list of pages; each page has three more.
    for (index, page) in pages.enumerate() {
        let page = page?;
        let first = 3 + 3 * index;
        let (width, height) = page.dimensions();
        let scale = LONGER / width.max(height) as f32;
        let (across, down) = (width as f32 * scale, height as f32 * scale);
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .encode_image(&page)
            .map_err(io::Error::other)?;
        let head = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across:.2} {down:.2}] /Contents {} 0 R /Resources << /XObject << /P {} 0 R >> >> >>",
            first + 1,
            first + 2
        );
        out.object(&mut places, first, head.as_bytes())?;
        out.stream(
            &mut places,
            first + 1,
            "",
            format!("{across:.2} 0 0 {down:.2} 0 0 cm /P Do").as_bytes(),
        )?;
        let about = format!(
            "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode "
        );
        out.stream(&mut places, first + 2, &about, &jpeg)?;
        kids += &format!("{first} 0 R ");
    }
    let count = places.len() / 3;
    out.object(&mut places, 1, b"<< /Type /Catalog /Pages 2 0 R >>")?;
    out.object(
        &mut places,
        2,
        format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>").as_bytes(),
    )?;
    places.sort_unstable();
    let start = out.place;
    let size = places.len() + 1;
    write!(out, "xref\n0 {size}\n0000000000 65535 f \n")?;
    for (_, place) in &places {
        writeln!(out, "{place:010} 00000 n ")?;
    }
    write!(out, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n")?;
    Ok(())
}

/// Knows how far it has written: the table at the end of a PDF names every object's place.
struct Counted<'a, W> {
    file: &'a mut W,
    place: usize,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.place += written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<W: Write> Counted<'_, W> {
    fn object(&mut self, places: &mut Vec<(usize, usize)>, number: usize, body: &[u8]) -> io::Result<()> {
        places.push((number, self.place));
        writeln!(self, "{number} 0 obj")?;
        self.write_all(body)?;
        self.write_all(b"\nendobj\n")
    }

    fn stream(&mut self, places: &mut Vec<(usize, usize)>, number: usize, about: &str, bytes: &[u8]) -> io::Result<()> {
        let mut body = format!("<< {about}/Length {} >>\nstream\n", bytes.len()).into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\nendstream");
        self.object(places, number, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_objects_place() {
        let mut bytes = Vec::new();
        let pages = [RgbImage::new(40, 20), RgbImage::new(20, 40)].map(Ok::<_, io::Error>);
        write(&mut bytes, pages.into_iter()).unwrap();
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
        assert_eq!((lines.next(), lines.next()), (Some("xref"), Some("0 9")));
        for (number, line) in lines.skip(1).take(8).enumerate() {
            let place: usize = line[..10].parse().unwrap();
            let object = format!("{} 0 obj", number + 1);
            assert_eq!(find(object.as_bytes(), place), Some(place));
        }
    }
}
