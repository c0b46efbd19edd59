//! Text in outlines, for PDF: set in the program's own type, by the system's fonts where that lacks a script. What each outline says is kept with
//! it, so that the text can be searched and copied.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use egui::FontFamily;
use egui::epaint::text::{FallbackRequest, FontData, FontProvider};
use egui_system_font_provider::SystemFontProvider;
use harfrust::{ShapeOptions, ShaperData, UnicodeBuffer};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use crate::typeface;

/// Units of an em in which letters are drawn.
pub const EM: f32 = 1000.0;

/// The program's own type, the first of the fonts.
const OWN: usize = 0;

/// The shape of a piece of text.
pub struct Letter {
    /// Operators of PDF that draw its path, in units of [`EM`], y up from the baseline; empty for a space.
    pub path: String,
    /// Left, bottom, right, top.
    pub bounds: [f32; 4],
    pub width: f32,
    /// What it says; empty where the letter before it says it all.
    pub text: String,
}

/// A letter on a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Which of [`Lettering::letters`].
    pub letter: usize,
    /// From the line's start and from its baseline up, in units of [`EM`].
    pub at: [f32; 2],
}

struct Font {
    data: FontData,
    shaper: ShaperData,
}

impl Font {
    /// None: the file is broken.
    fn new(data: FontData) -> Option<Self> {
        let shaper = ShaperData::new(&reference(&data)?);
        Some(Self { data, shaper })
    }

    fn has(&self, letter: char) -> bool {
        let glyph = reference(&self.data).and_then(|font| font.charmap().map(letter));
        glyph.is_some_and(|glyph| glyph != GlyphId::NOTDEF)
    }
}

fn reference(data: &FontData) -> Option<FontRef<'_>> {
    FontRef::from_index((*data.font).as_ref(), data.index).ok()
}

/// Fonts, and the letters that were used.
pub struct Lettering {
    fonts: Vec<Font>,
    system: SystemFontProvider,
    /// The font of characters that the program's own lacks.
    other: HashMap<char, usize>,
    known: HashMap<(usize, u32, String), usize>,
    letters: Vec<Letter>,
}

impl Lettering {
    pub fn new() -> Self {
        Self {
            fonts: Font::new(FontData::from_static(typeface::INTER)).into_iter().collect(),
            system: SystemFontProvider::new(),
            other: HashMap::new(),
            known: HashMap::new(),
            letters: Vec::new(),
        }
    }

    /// All that were used, in the order of their numbers.
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// From a line's top to its baseline, in units of [`EM`].
    pub fn ascent(&self) -> f32 {
        let own = self.fonts.first().and_then(|font| reference(&font.data));
        own.map_or(EM, |font| {
            let metrics = font.metrics(Size::unscaled(), LocationRef::default());
            metrics.ascent * EM / f32::from(metrics.units_per_em)
        })
    }

    /// Sets a line; where it is wider than `width`, in units of [`EM`], it is cut off with an ellipsis.
    pub fn set(&mut self, text: &str, width: f32) -> Vec<Placed> {
        let (mut line, length) = self.shape(text);
        if length <= width {
            return line;
        }
        let (ellipsis, wide) = self.shape("…");
        let fits = |placed: &Placed| placed.at[0] + self.letters[placed.letter].width + wide <= width;
        line.truncate(line.iter().position(|placed| !fits(placed)).unwrap_or(line.len()));
        let end = line.last().map_or(0.0, |last| last.at[0] + self.letters[last.letter].width);
        line.extend(ellipsis.into_iter().map(|placed| Placed {
            at: [placed.at[0] + end, placed.at[1]],
            ..placed
        }));
        line
    }

    /// The letters of a text, and how wide it is.
    fn shape(&mut self, text: &str) -> (Vec<Placed>, f32) {
        let (mut line, mut pen) = (Vec::new(), 0.0);
        for (font, range) in self.runs(text) {
            let run = &text[range];
            let mut buffer = UnicodeBuffer::new();
            buffer.push_str(run);
            buffer.guess_segment_properties();
            let Some(reference) = self.fonts.get(font).and_then(|font| reference(&font.data)) else {
                continue;
            };
            let scale = EM / f32::from(reference.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
            let shaper = self.fonts[font].shaper.shaper(&reference).build();
            let shaped = shaper.shape(buffer, ShapeOptions::new());
            let clusters: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
            let placed: Vec<_> = (shaped.glyph_infos().iter().zip(shaped.glyph_positions()))
                .map(|(info, position)| (info.glyph_id, [position.x_offset, position.y_offset, position.x_advance]))
                .collect();
            for (number, (glyph, moves)) in placed.into_iter().enumerate() {
                let start = clusters[number];
                // Several letters may stand for one piece of text: the first says it.
                let said = match number.checked_sub(1).map(|before| clusters[before]) == Some(start) {
                    true => "",
                    false => {
                        let end = clusters.iter().copied().filter(|end| *end > start).min().unwrap_or(run.len());
                        &run[start..end]
                    }
                };
                let [right, up, advance] = moves.map(|length| length as f32 * scale);
                let letter = self.letter(font, glyph, said);
                line.push(Placed {
                    letter,
                    at: [pen + right, up],
                });
                pen += advance;
            }
        }
        (line, pen)
    }

    /// Pieces of a text that one font can set.
    fn runs(&mut self, text: &str) -> Vec<(usize, Range<usize>)> {
        let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
        for (at, letter) in text.char_indices() {
            let end = at + letter.len_utf8();
            let before = runs.last().map(|(font, _)| *font);
            // Spaces and marks stay with their words, or right-to-left words would change places.
            let stays =
                before.filter(|font| !letter.is_alphanumeric() && self.fonts.get(*font).is_some_and(|font| font.has(letter)));
            let font = stays.unwrap_or_else(|| self.font_of(letter));
            match runs.last_mut() {
                Some((last, range)) if *last == font => range.end = end,
                _ => runs.push((font, at..end)),
            }
        }
        runs
    }

    fn font_of(&mut self, letter: char) -> usize {
        if self.fonts.get(OWN).is_some_and(|own| own.has(letter)) {
            return OWN;
        }
        if let Some(known) = self.other.get(&letter) {
            return *known;
        }
        let found = self.fonts.iter().position(|font| font.has(letter)).or_else(|| {
            let found = self.system.font_for(&FallbackRequest {
                cluster: letter.encode_utf8(&mut [0; 4]),
                family: &FontFamily::Proportional,
            })?;
            self.fonts.push(Font::new(found.data)?);
            Some(self.fonts.len() - 1)
        });
        // No font of the system has it: its place stays marked, and what it says is still told.
        let font = found.unwrap_or(OWN);
        self.other.insert(letter, font);
        font
    }

    fn letter(&mut self, font: usize, glyph: u32, text: &str) -> usize {
        let key = (font, glyph, text.to_owned());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut pen = Pen::default();
        let mut width = 0.0;
        if let Some(font) = reference(&self.fonts[font].data) {
            let id = GlyphId::new(glyph);
            let units = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
            pen.scale = EM / units;
            let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
            width = metrics.advance_width(id).unwrap_or_default() * pen.scale;
            let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
            if let Some(Err(error)) = font.outline_glyphs().get(id).map(|outline| outline.draw(settings, &mut pen)) {
                tracing::debug!("glyph {glyph} cannot be drawn: {error}");
            }
        }
        self.letters.push(Letter {
            path: pen.path,
            bounds: pen.bounds.unwrap_or_default(),
            width,
            text: text.to_owned(),
        });
        self.known.insert(key, self.letters.len() - 1);
        self.letters.len() - 1
    }
}

/// Writes outlines down as operators of PDF, which knows cubic curves alone.
#[derive(Default)]
struct Pen {
    path: String,
    scale: f32,
    at: [f32; 2],
    bounds: Option<[f32; 4]>,
}

impl Pen {
    fn draw<const N: usize>(&mut self, points: [[f32; 2]; N], operator: char) {
        for [x, y] in points {
            let [x, y] = [x * self.scale, y * self.scale];
            let [left, bottom, right, top] = self.bounds.unwrap_or([x, y, x, y]);
            self.bounds = Some([left.min(x), bottom.min(y), right.max(x), top.max(y)]);
            // Writing to a text cannot fail.
            let _ = write!(self.path, "{x:.0} {y:.0} ");
        }
        self.at = points[N - 1];
        self.path.push(operator);
        self.path.push('\n');
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.draw([[x, y]], 'm');
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.draw([[x, y]], 'l');
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let third = |from: f32, control: f32| from + (control - from) * 2.0 / 3.0;
        let [from_x, from_y] = self.at;
        let controls = [[third(from_x, cx), third(from_y, cy)], [third(x, cx), third(y, cy)]];
        self.draw([controls[0], controls[1], [x, y]], 'c');
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.draw([[cx0, cy0], [cx1, cy1], [x, y]], 'c');
    }

    fn close(&mut self) {
        self.path.push_str("h\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lettering: &Lettering, line: &[Placed]) -> String {
        let texts = line.iter().map(|placed| lettering.letters()[placed.letter].text.as_str());
        texts.collect()
    }

    #[test]
    fn a_line_says_what_it_was_set_from_in_every_script() {
        let mut lettering = Lettering::new();
        for text in ["take 12 · seed 7", "海辺 0012.png", "Ångström e\u{301}", ""] {
            let line = lettering.set(text, 1e6);
            assert_eq!(said(&lettering, &line), text);
        }
        let letters = lettering.letters();
        let t = letters.iter().find(|letter| letter.text == "t").unwrap();
        assert!(t.path.contains(" m\n") && t.path.ends_with("h\n"), "{}", t.path);
        assert!(t.bounds[3] > 500.0 && t.bounds[3] < 1000.0 && t.width > 200.0 && t.width < 500.0);
        assert!(letters.iter().find(|letter| letter.text == " ").unwrap().path.is_empty());
        assert!((800.0..1200.0).contains(&lettering.ascent()));
    }

    #[test]
    fn letters_stand_after_each_other_and_are_drawn_once() {
        let mut lettering = Lettering::new();
        let line = lettering.set("nn", 1e6);
        assert_eq!(line[0].letter, line[1].letter);
        assert!(line[0].at == [0.0; 2] && line[1].at[0] > 300.0, "{line:?}");
        let kerned = lettering.set("AV", 1e6);
        assert!(kerned[1].at[0] < lettering.letters()[kerned[0].letter].width, "{kerned:?}");
    }

    #[test]
    fn what_is_too_wide_ends_with_an_ellipsis() {
        let mut lettering = Lettering::new();
        let line = lettering.set("a rather long caption", 5000.0);
        let text = said(&lettering, &line);
        assert!(text.starts_with("a rather") && text.ends_with('…'), "{text}");
        let last = line.last().unwrap();
        assert!(last.at[0] + lettering.letters()[last.letter].width <= 5000.0);
        let short = lettering.set("short", 5000.0);
        assert_eq!(said(&lettering, &short), "short");
    }
}
