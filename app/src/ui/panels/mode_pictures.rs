//! The modes as pictures: how figure and background travel from the reference to the result.

use egui::{Color32, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use engine::request::Mode;

use crate::ui::theme::{STEP, Tokens, tokens};

/// A mode in a person's words.
pub struct Words {
    pub mode: Mode,
    pub name: &'static str,
    tip: &'static str,
}

/// The modes that are offered, the default first. The release's "both" is left out: it mixes what it should keep apart.
pub const MODES: [Words; 4] = [
    Words {
        mode: Mode::Split,
        name: "Apart",
        tip: "Figure from the reference's figure, background from its background. Needs both masks. (The paper's split cross-attention.)",
    },
    Words {
        mode: Mode::Background,
        name: "Background",
        tip: "The background keeps to the reference's background; the figure takes from all of it. Needs both masks. (The release's BG enhance.)",
    },
    Words {
        mode: Mode::Foreground,
        name: "Figure",
        tip: "The figure keeps close to the reference; the background takes from all of it. Needs the sketch mask. (The release's FG enhance.)",
    },
    Words {
        mode: Mode::Vanilla,
        name: "Together",
        tip: "Colours travel freely; masks are not used. (The release's vanilla mode.)",
    },
];

const HEIGHT: f32 = 60.0;

/// The four side by side; the one that was clicked.
pub fn show(ui: &mut Ui, chosen: Mode) -> Option<Mode> {
    let gap = STEP;
    let width = (ui.available_width() - 3.0 * gap) / 4.0;
    let mut clicked = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for words in &MODES {
            if button(ui, words, vec2(width.floor(), HEIGHT), words.mode == chosen).clicked() {
                clicked = Some(words.mode);
            }
        }
    });
    clicked
}

fn button(ui: &mut Ui, words: &Words, size: Vec2, chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, words.name));
    let tokens = tokens(ui);
    let visuals = ui.visuals();
    let (fill, line) = match (chosen, response.hovered()) {
        (true, _) => (visuals.selection.bg_fill, tokens.accent),
        (false, true) => (visuals.widgets.hovered.weak_bg_fill, tokens.line()),
        (false, false) => (visuals.widgets.inactive.weak_bg_fill, tokens.line()),
    };
    let line = if response.has_focus() { tokens.accent } else { line };
    ui.painter().rect(rect, 4.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let picture = Rect::from_min_size(rect.min, vec2(size.x, HEIGHT - 20.0)).shrink2(vec2(4.0, 6.0));
    travel(ui.painter(), picture, words.mode, tokens);
    let below = pos2(rect.center().x, rect.bottom() - 11.0);
    ui.painter().text(
        below,
        egui::Align2::CENTER_CENTER,
        words.name,
        egui::FontId::proportional(11.0),
        tokens.text,
    );
    response.on_hover_text(words.tip)
}

/// Reference, arrow, result.
fn travel(painter: &Painter, rect: Rect, mode: Mode, tokens: &Tokens) {
    let side = vec2(((rect.width() - 10.0) / 2.0).min(24.0), rect.height());
    let middle = rect.center();
    let card = |x: f32| Rect::from_center_size(pos2(middle.x + x * (side.x / 2.0 + 5.0), middle.y), side);
    let mixed = tokens.foreground.lerp_to_gamma(tokens.background, 0.5);
    let (figure, behind) = match mode {
        Mode::Split | Mode::Both => (tokens.foreground, tokens.background),
        Mode::Background => (mixed, tokens.background),
        Mode::Foreground => (tokens.foreground, mixed),
        Mode::Vanilla => (mixed, mixed.lerp_to_gamma(tokens.surface[0], 0.35)),
    };
    scene(painter, card(-1.0), tokens.foreground, tokens.background);
    scene(painter, card(1.0), figure, behind);
    let tip = pos2(middle.x + 2.5, middle.y);
    let stroke = Stroke::new(1.25, tokens.dim);
    painter.line_segment([tip - vec2(2.5, 3.0), tip], stroke);
    painter.line_segment([tip - vec2(2.5, -3.0), tip], stroke);
}

/// A person before a background.
fn scene(painter: &Painter, rect: Rect, figure: Color32, behind: Color32) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    painter.rect_filled(rect, 2.0, behind);
    let head = pos2(rect.center().x, rect.top() + rect.height() * 0.40);
    let radius = rect.height() * 0.19;
    painter.circle_filled(head, radius, figure);
    painter.circle_filled(pos2(head.x, rect.bottom() + radius * 0.35), radius * 1.75, figure);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::request::Missing;

    #[test]
    fn what_is_missing_is_said_in_the_words_of_the_screen() {
        let without_masks = MODES.iter().find(|words| !words.mode.needs_sketch_mask()).unwrap();
        let name = format!("\u{201c}{}\u{201d}", without_masks.name);
        assert!(Missing::SketchMask.to_string().contains(&name), "{}", Missing::SketchMask);
    }
}
