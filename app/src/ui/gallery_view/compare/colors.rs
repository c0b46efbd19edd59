//! The colour under the pointer, in numbers.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Id, Pos2, Rect, Role as Widget, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use engine::image::lab::{self, Lab};

use super::Compare;
use crate::gallery::decoding::Form;
use crate::gallery::entry::Entry;
use crate::ui::fitted;
use crate::ui::gallery_view::pictures::Pictures;
use crate::ui::theme::{STEP, tokens};

/// Side of the square that stands for a colour.
const SWATCH: f32 = 12.0;

impl Compare {
    /// The colour under the pointer in all pictures, and how far each is from the first.
    pub(super) fn colors(&self, ui: &Ui, pictures: &mut Pictures, entries: &[Arc<Entry>], room: Rect, size: [u32; 2]) {
        let Some(at) = self.pointed else { return };
        let mut first: Option<Lab> = None;
        let (mut lines, mut spoken) = (Vec::new(), Vec::new());
        for entry in entries.iter().filter(|entry| entry.facts.is_ok()) {
            let whole = pictures
                .get(entry, Form::Whole(self.look))
                .and_then(|decoded| decoded.as_ref().ok());
            let Some(pixels) = whole.and_then(|picture| picture.pixels.as_ref()) else {
                continue;
            };
            let Some([x, y]) = pixel_at(at, size, pixels.dimensions().into()) else {
                continue;
            };
            let pixel = *pixels.get_pixel(x, y);
            let color = lab::lab(pixel);
            let apart = first
                .map(|first| format!("   ΔE {:.1}", lab::difference(first, color)))
                .unwrap_or_default();
            first.get_or_insert(color);
            let [r, g, b] = pixel.0;
            spoken.push(format!("{} #{r:02X}{g:02X}{b:02X}{apart}", entry.name()));
            lines.push((pixel.0, format!("#{r:02X}{g:02X}{b:02X}{apart}")));
        }
        if lines.is_empty() {
            return;
        }
        let colors = tokens(ui);
        let height = lines.len() as f32 * 18.0 + 2.0 * STEP;
        let card = Rect::from_min_size(room.left_top() + Vec2::splat(2.0 * STEP), vec2(156.0, height));
        let words = format!("Under the pointer: {}", spoken.join(", "));
        let response = ui.interact(card, Id::unique("colours under the pointer"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Widget::Label, true, &words));
        ui.painter().rect_filled(card, 4.0, colors.surface[0].gamma_multiply(0.9));
        for (line, ([r, g, b], words)) in lines.into_iter().enumerate() {
            let y = card.top() + STEP + 9.0 + line as f32 * 18.0;
            let swatch = Rect::from_center_size(pos2(card.left() + 14.0, y), Vec2::splat(SWATCH));
            ui.painter().rect_filled(swatch, 2.0, Color32::from_rgb(r, g, b));
            ui.painter().text(
                pos2(card.left() + 28.0, y),
                Align2::LEFT_CENTER,
                words,
                FontId::proportional(11.0),
                colors.text,
            );
        }
    }
}

/// The pixel of a picture of `own` size that is drawn at a point given in pixels of the first picture: one of other proportions lies in the middle of that
/// one's place, whole. None beside it.
fn pixel_at(at: Pos2, first: [u32; 2], own: [u32; 2]) -> Option<[u32; 2]> {
    let size = |[width, height]: [u32; 2]| vec2(width as f32, height as f32);
    let place = fitted(size(own), Rect::from_min_size(Pos2::ZERO, size(first)));
    let inside = (at - place.min) / place.size() * size(own);
    let within = inside.x >= 0.0 && inside.y >= 0.0 && inside.x < own[0] as f32 && inside.y < own[1] as f32;
    within.then_some([inside.x as u32, inside.y as u32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_where_pictures_of_other_proportions_are_drawn() {
        // Of the same proportions, at half the size.
        assert_eq!(pixel_at(pos2(100.5, 40.5), [200, 100], [100, 50]), Some([50, 20]));
        // A square in the middle of a place twice as wide.
        assert_eq!(pixel_at(pos2(100.0, 50.0), [200, 100], [10, 10]), Some([5, 5]));
        assert_eq!(pixel_at(pos2(50.0, 0.0), [200, 100], [10, 10]), Some([0, 0]));
        assert_eq!(pixel_at(pos2(149.9, 99.9), [200, 100], [10, 10]), Some([9, 9]));
        for beside in [pos2(49.0, 50.0), pos2(151.0, 50.0), pos2(100.0, -1.0), pos2(100.0, 100.0)] {
            assert_eq!(pixel_at(beside, [200, 100], [10, 10]), None, "{beside}");
        }
        // A tall one above a square one reaches from edge to edge.
        assert_eq!(pixel_at(pos2(50.0, 99.0), [100, 100], [100, 400]), Some([50, 396]));
        assert_eq!(pixel_at(pos2(10.0, 50.0), [100, 100], [100, 400]), None);
    }
}
