//! Text drawn into pictures, in the program's own type; the system's fonts stand in where it lacks a script.

use std::sync::Arc;

use egui::epaint::text::{FontData, FontDefinitions, FontProvider, Fonts, LayoutJob, TextOptions, TextWrapping, ViewportKey};
use egui::{Color32, FontFamily, FontId};
use egui_system_font_provider::SystemFontProvider;
use image::{Rgb, RgbImage};

use crate::typeface;

/// One line of text.
pub struct Line {
    pub text: String,
    /// Its top left corner, in pixels.
    pub at: [u32; 2],
    /// Where it is wider than so many pixels, it is cut off with an ellipsis.
    pub width: u32,
    /// In pixels.
    pub size: f32,
    pub color: [u8; 3],
}

/// A type case: fonts, and the glyphs that were drawn already.
pub struct Press {
    fonts: Fonts,
}

impl Press {
    pub fn new() -> Self {
        let mut definitions = FontDefinitions::empty();
        let inter = FontData::from_static(typeface::INTER);
        definitions.font_data.insert("Inter".to_owned(), Arc::new(inter));
        for family in [FontFamily::Proportional, FontFamily::Monospace] {
            definitions.families.insert(family, vec!["Inter".to_owned()]);
        }
        let system: Arc<dyn FontProvider> = Arc::new(SystemFontProvider::new());
        Self {
            fonts: Fonts::new(TextOptions::default(), definitions).with_font_providers(vec![system]),
        }
    }

    /// Draws lines into a picture; what lies outside of it is left out.
    pub fn print(&mut self, picture: &mut RgbImage, lines: &[Line]) {
        // Makes room where the glyphs of earlier pages fill the case.
        self.fonts.begin_pass(TextOptions::default(), ViewportKey::default());
        let mut view = self.fonts.with_pixels_per_point(1.0);
        let set: Vec<_> = lines
            .iter()
            .map(|line| {
                let mut job = LayoutJob::simple_singleline(line.text.clone(), FontId::proportional(line.size), Color32::WHITE);
                job.wrap = TextWrapping::truncate_at_width(line.width as f32);
                (view.layout_job(job), line)
            })
            .collect();
        let glyphs = self.fonts.texture_atlas().image();
        for (galley, line) in set {
            for row in &galley.rows {
                for glyph in &row.row.glyphs {
                    let place = row.pos + glyph.pos.to_vec2() + glyph.uv_rect.offset;
                    let [left, top] = [line.at[0] as f32 + place.x, line.at[1] as f32 + place.y].map(|at| at.round() as i64);
                    let ([from_x, from_y], [to_x, to_y]) = (glyph.uv_rect.min, glyph.uv_rect.max);
                    for y in from_y..to_y {
                        for x in from_x..to_x {
                            let coverage = glyphs[(usize::from(x), usize::from(y))].a();
                            let at = [left + i64::from(x - from_x), top + i64::from(y - from_y)];
                            blend(picture, at, line.color, coverage);
                        }
                    }
                }
            }
        }
    }
}

fn blend(picture: &mut RgbImage, at: [i64; 2], color: [u8; 3], coverage: u8) {
    let [Ok(x), Ok(y)] = at.map(u32::try_from) else { return };
    let Some(Rgb(pixel)) = picture.get_pixel_mut_checked(x, y) else {
        return;
    };
    for (value, ink) in pixel.iter_mut().zip(color) {
        let (old, ink, share) = (u32::from(*value), u32::from(ink), u32::from(coverage));
        *value = ((old * (255 - share) + ink * share + 127) / 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_drawn_within_its_width() {
        let mut picture = RgbImage::from_pixel(200, 30, Rgb([255; 3]));
        let line = Line {
            text: "A rather long caption that does not fit".to_owned(),
            at: [20, 8],
            width: 100,
            size: 13.0,
            color: [0; 3],
        };
        Press::new().print(&mut picture, &[line]);
        let inked: Vec<(u32, u32)> = picture
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[0] < 128)
            .map(|(x, y, _)| (x, y))
            .collect();
        assert!(inked.len() > 50, "{}", inked.len());
        let right = inked.iter().map(|(x, _)| *x).max().unwrap();
        assert!((90..=121).contains(&right), "{right}");
        assert!(inked.iter().all(|(x, y)| *x >= 20 && (8..28).contains(y)));
    }
}
