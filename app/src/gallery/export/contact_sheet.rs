//! Contact sheets: small pictures with captions, on one large picture or on pages.

use std::io;
use std::path::Path;
use std::sync::Arc;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use picture::{Format, replace_file, within};
use rayon::prelude::*;

use super::print::{Line, Press};
use super::{ExportError, failed, pdf};
use crate::document::{self, on_white};
use crate::files::Meter;
use crate::gallery::decoding::fitted;
use crate::gallery::entry::Entry;
use crate::gallery::marks::Flag;
use crate::gallery::recipe_fields::{MODE, SEED};

const PAPER: Rgb<u8> = Rgb([255; 3]);
const INK: [u8; 3] = [27, 29, 32];
const DIM: [u8; 3] = [98, 102, 109];
/// No side of a sheet is longer: more cannot be opened everywhere.
const MOST: u32 = 16_384;
/// Pictures in a row and rows of a page, which gives it the proportions of A4, lying.
const PAGE: [u32; 2] = [5, 3];
/// Pictures that are in memory at once beside the sheet.
const AT_ONCE: usize = 64;

/// Lengths in pixels.
#[derive(Clone, Copy)]
struct Lengths {
    /// Side of a picture.
    cell: u32,
    gap: u32,
    /// Height of a caption of two lines, and of the title.
    caption: u32,
    name: f32,
    facts: f32,
    title: f32,
}

impl Lengths {
    /// For the screen.
    const PNG: Self = Self::times(1);
    /// For paper: about 230 pixels an inch on A4.
    const PDF: Self = Self::times(2);

    const fn times(factor: u32) -> Self {
        Self {
            cell: 256 * factor,
            gap: 16 * factor,
            caption: 36 * factor,
            name: 12.0 * factor as f32,
            facts: 11.0 * factor as f32,
            title: 16.0 * factor as f32,
        }
    }

    /// Size of a sheet with so many columns and rows; far too large rather than wrapped where they are very many.
    fn sheet(self, [columns, rows]: [u32; 2]) -> [u32; 2] {
        let along = |count: u32, side: u32| self.gap.saturating_add(count.saturating_mul(side + self.gap));
        let height = along(rows, self.cell + self.caption);
        [along(columns, self.cell), height.saturating_add(self.caption)]
    }

    /// Top left corner of a picture's square.
    fn place(self, index: usize, columns: u32) -> [u32; 2] {
        let (column, row) = (index as u32 % columns, index as u32 / columns);
        [
            self.gap + column * (self.cell + self.gap),
            self.caption + self.gap + row * (self.cell + self.caption + self.gap),
        ]
    }
}

/// Writes a sheet of `entries` under `title`: a `.png` is one picture, a `.pdf` has pages.
pub fn write(path: &Path, title: &str, entries: &[Arc<Entry>], meter: &Meter) -> Result<(), ExportError> {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ending == "png" {
        let count = entries.len() as u32;
        // A little wider than high.
        let columns = ((f64::from(count) * 1.3).sqrt().ceil() as u32).clamp(1, count.max(1));
        let grid = [columns, count.div_ceil(columns)];
        if Lengths::PNG.sheet(grid).into_iter().any(|side| side > MOST) {
            return Err(ExportError::TooMany(entries.len()));
        }
        let mut press = Press::new();
        let [width, height] = Lengths::PNG.sheet(grid);
        let mut sheet = RgbImage::from_pixel(width, height, PAPER);
        lay_out(title, entries, grid, Lengths::PNG, meter, |pictures, lines| {
            for ([left, top], picture) in pictures {
                imageops::replace(&mut sheet, &picture, i64::from(left), i64::from(top));
            }
            press.print(&mut sheet, &lines);
        })?;
        Ok(document::save_picture(&sheet, Format::Png, path)?)
    } else if ending == "pdf" {
        let per_page = (PAGE[0] * PAGE[1]) as usize;
        let count = entries.len().div_ceil(per_page);
        let pages = entries.chunks(per_page).enumerate().map(|(number, entries)| {
            let title = format!("{title}  ·  page {} of {count}", number + 1);
            page(&title, entries, meter).map_err(Broken::Page)
        });
        replace_file(path, |file| pdf::write(file, pages)).map_err(|broken| match broken {
            Broken::Page(error) => error,
            Broken::File(source) => failed(path, source),
        })
    } else {
        Err(ExportError::Ending { path: path.to_owned() })
    }
}

/// What broke a PDF off.
enum Broken {
    Page(ExportError),
    File(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

fn page(title: &str, entries: &[Arc<Entry>], meter: &Meter) -> Result<pdf::Page, ExportError> {
    let mut page = pdf::Page {
        size: Lengths::PDF.sheet(PAGE),
        pictures: Vec::new(),
        lines: Vec::new(),
    };
    lay_out(title, entries, PAGE, Lengths::PDF, meter, |pictures, lines| {
        page.pictures.extend(pictures);
        page.lines.extend(lines);
    })?;
    Ok(page)
}

/// Hands on what stands on a sheet, some pictures with their lines at a time, each picture with its top left corner.
fn lay_out(
    title: &str,
    entries: &[Arc<Entry>],
    grid: [u32; 2],
    lengths: Lengths,
    meter: &Meter,
    mut put: impl FnMut(Vec<([u32; 2], RgbImage)>, Vec<Line>),
) -> Result<(), ExportError> {
    let Lengths { cell, gap, .. } = lengths;
    let line = |text: String, at, width, size, color| Line {
        text,
        at,
        width,
        size,
        color,
    };
    let [width, _] = lengths.sheet(grid);
    let title = line(title.to_owned(), [gap, gap], width - 2 * gap, lengths.title, INK);
    put(Vec::new(), vec![title]);
    for (batch, entries) in entries.chunks(AT_ONCE).enumerate() {
        let pictures: Vec<Result<RgbImage, String>> = entries
            .par_iter()
            .map(|entry| meter.step().map(|()| small(entry, cell)))
            .collect::<Result<_, _>>()?;
        let (mut placed, mut lines) = (Vec::new(), Vec::new());
        for (index, (entry, picture)) in entries.iter().zip(pictures).enumerate() {
            let [left, top] = lengths.place(batch * AT_ONCE + index, grid[0]);
            match picture {
                Ok(picture) => {
                    let [x, y] = [(cell - picture.width()) / 2, (cell - picture.height()) / 2];
                    placed.push(([left + x, top + y], picture));
                }
                Err(reason) => lines.push(line(
                    format!("Broken: {reason}"),
                    [left, top + cell / 2],
                    cell,
                    lengths.facts,
                    DIM,
                )),
            }
            let below = |part: u32| [left, top + cell + gap / 8 + part];
            lines.push(line(entry.name().into_owned(), below(0), cell, lengths.name, INK));
            lines.push(line(caption(entry), below(gap), cell, lengths.facts, DIM));
        }
        put(placed, lines);
    }
    Ok(())
}

/// The picture in its proportions in a square of `cell` pixels, never enlarged.
fn small(entry: &Entry, cell: u32) -> Result<RgbImage, String> {
    if let Err(reason) = &entry.facts {
        return Err(reason.clone());
    }
    let picture = document::open_picture(&entry.path).map_err(|error| error.to_string())?;
    let size = within(picture.dimensions(), cell);
    // Boxes first: much faster than a filter over the whole picture, and as smooth.
    let near = fitted(on_white(&picture), 2 * cell);
    Ok(match size == near.dimensions() {
        true => near,
        false => imageops::resize(&near, size.0, size.1, FilterType::CatmullRom),
    })
}

/// What was decided, then mode and seed, then the note.
fn caption(entry: &Entry) -> String {
    let mut words = Vec::new();
    if let Some(marks) = entry.marks() {
        if marks.stars > 0 {
            words.push("★".repeat(marks.stars.into()));
        }
        if marks.flag != Flag::None {
            words.push(marks.flag.words().to_owned());
        }
        words.extend(marks.label.as_ref().map(|label| label.text().to_owned()));
        words.push(marks.note.replace('\n', " "));
    }
    words.push(entry.field(MODE).to_owned());
    words.extend(
        Some(entry.field(SEED))
            .filter(|seed| !seed.is_empty())
            .map(|seed| format!("seed {seed}")),
    );
    words.retain(|word| !word.is_empty());
    words.join("  ·  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::entry::Stamp;
    use crate::gallery::export::tests::{broken, entry};
    use image::{Rgba, RgbaImage};

    fn entries(folder: &Path, count: u8) -> Vec<Arc<Entry>> {
        (0..count)
            .map(|value| entry(&folder.join(format!("{value}.png")), value * 20, ""))
            .collect()
    }

    fn write_sheet(path: &Path, entries: &[Arc<Entry>]) -> Result<(), ExportError> {
        write(path, "Takes", entries, &Meter::default())
    }

    #[test]
    fn a_png_sheet_has_every_picture_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut entries = entries(folder.path(), 5);
        entries.push(broken(&folder.path().join("broken.png")));
        let path = folder.path().join("sheet.png");
        write_sheet(&path, &entries).unwrap();
        let sheet = image::open(&path).unwrap().to_rgb8();
        assert_eq!(<[u32; 2]>::from(sheet.dimensions()), Lengths::PNG.sheet([3, 2]));
        // The fourth picture begins the second row; small ones stay small, in the middle of their squares.
        let [left, top] = Lengths::PNG.place(3, 3);
        let middle = sheet.get_pixel(left + 128, top + 128);
        assert_eq!((middle.0, sheet.get_pixel(left + 8, top + 8).0), ([60, 0, 200], PAPER.0));
        let inked = |index| {
            let [left, top] = Lengths::PNG.place(index, 3);
            let pixels = (left..left + 256).flat_map(|x| (top + 256..top + 292).map(move |y| (x, y)));
            pixels.filter(|(x, y)| sheet.get_pixel(*x, *y).0[0] < 160).count()
        };
        assert!((0..6).all(|index| inked(index) > 40), "captions");
    }

    #[test]
    fn what_is_transparent_has_no_colour_on_a_sheet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let black_beside_nothing = |x: u32, _: u32| Rgba(if x.is_multiple_of(2) { [0, 0, 0, 255] } else { [200, 0, 0, 0] });
        RgbaImage::from_fn(1024, 8, black_beside_nothing).save(&path).unwrap();
        let entry = Entry::read(path.clone(), Stamp::of(&path).unwrap());
        let [r, g, b] = small(&entry, 256).unwrap().get_pixel(128, 1).0;
        assert!(r.abs_diff(128) <= 1 && g == r && b == r, "{r} {g} {b}");
    }

    #[test]
    fn a_pdf_sheet_has_pages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sheet.pdf");
        let one = entries(folder.path(), 1);
        for (pictures, pages) in [(12, 1), (31, 3)] {
            write_sheet(&path, &vec![one[0].clone(); pictures]).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.starts_with("%PDF-1.4") && text.trim_end().ends_with("%%EOF"));
            assert_eq!(text.matches("/Type /Page ").count(), pages);
        }
    }

    #[test]
    fn what_cannot_be_a_sheet_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let entries = entries(folder.path(), 1);
        let error = |path: &str, entries: &[Arc<Entry>]| write_sheet(&folder.path().join(path), entries).unwrap_err();
        assert!(matches!(error("a.jpg", &entries), ExportError::Ending { .. }));
        assert!(matches!(
            error("a.png", &vec![entries[0].clone(); 9000]),
            ExportError::TooMany(9000)
        ));
        assert!(matches!(error("no/such/folder/a.pdf", &entries), ExportError::Write { .. }));
        assert!(matches!(error("no/such/folder/a.png", &entries), ExportError::Picture(_)));
    }
}
