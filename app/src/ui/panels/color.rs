//! The colours to paint with: wheel, sliders and numbers, what was used lately, and what the reference is made of.

use egui::{
    Align, Color32, CursorIcon, Layout, Rect, Response, RichText, Role as Widget, ScrollArea, Sense, Slider, Stroke, StrokeKind,
    TextEdit, Ui, Vec2, WidgetInfo, vec2,
};

use super::color_wheel::wheel;
use super::hsv::Hsv;
use super::palettes::Palettes;
use crate::command::Command;
use crate::session::Session;
use crate::tool::Colors;
use crate::ui::theme::{STEP, tokens};
use crate::ui::{command_button, hint, icon, slider_row};

const WHEEL: f32 = 172.0;
/// Side of a colour in a row of them.
const SWATCH: f32 = 20.0;
const SWATCH_GAP: f32 = 2.0;
/// Of more rows of colours one scrolls.
const MOST_ROWS: f32 = 12.0;

/// The panel's own state.
#[derive(Default)]
pub struct ColorPanel {
    /// The brush's colour, with a hue even where it is grey.
    hsv: Hsv,
    /// What is being typed.
    hex: Option<String>,
    palettes: Palettes,
}

impl ColorPanel {
    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let colors = &mut session.toolbox.colors;
        if <[u8; 3]>::from(self.hsv) != colors.brush {
            self.hsv = Hsv::from(colors.brush).keeping(self.hsv);
        }
        let before = self.hsv;
        let mut hsv = before;
        ui.horizontal(|ui| {
            wheel(ui, WHEEL, &mut hsv);
            ui.add_space(STEP);
            ui.with_layout(Layout::top_down(Align::Min), |ui| self.pair(ui, colors, commands));
        });
        ui.add_space(STEP);
        sliders(ui, &mut hsv);
        if hsv != before {
            self.hsv = hsv;
            colors.brush = hsv.into();
        }
        let recent = colors.recent().to_vec();
        let mut chosen = row_of(ui, "Used lately", "Recent colour", &recent);
        if recent.is_empty() {
            heading(ui, "Used lately");
            ui.weak("Colours that you paint with are kept here.");
        }
        let own = session.reference_colors().clone();
        chosen = row_of(ui, "Figure of the reference", "Figure colour", &own.figure).or(chosen);
        let words = if own.figure.is_empty() {
            "Reference"
        } else {
            "Background of the reference"
        };
        chosen = row_of(ui, words, "Background colour", &own.background).or(chosen);
        chosen = self.palettes.show(ui, session, commands).or(chosen);
        if let Some(color) = chosen {
            session.toolbox.colors.brush = color;
        }
    }

    /// Both colours, and what is done with the two.
    fn pair(&mut self, ui: &mut Ui, colors: &mut Colors, commands: &mut Vec<Command>) {
        both(ui, colors, 36.0, "Brush colour");
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = STEP;
            for (command, glyph) in [(Command::SwapColors, icon::SWAP), (Command::ResetColors, icon::BLACK_WHITE)] {
                if command_button(ui, glyph, 16.0, false, command) {
                    commands.push(command);
                }
            }
        });
        ui.add_space(STEP);
        ui.label(RichText::new("Hex").small().color(tokens(ui).dim));
        let mut text = self.hex.clone().unwrap_or_else(|| hex(colors.brush));
        let edit = TextEdit::singleline(&mut text).desired_width(76.0);
        let response = ui.name_inputs("Hex", |ui| ui.add(edit));
        if response.changed() {
            if let Some(color) = parse(&text) {
                colors.brush = color;
                self.hsv = Hsv::from(color).keeping(self.hsv);
            }
            self.hex = Some(text);
        }
        if !response.has_focus() {
            self.hex = None;
        }
    }
}

fn sliders(ui: &mut Ui, hsv: &mut Hsv) {
    // A slider that is given a finer number than it shows would change it.
    let mut shares = [hsv.hue * 360.0, hsv.saturation * 100.0, hsv.value * 100.0].map(f32::round);
    let [hue, saturation, value] = &mut shares;
    let whole = |value, most: f32, unit| Slider::new(value, 0.0..=most).fixed_decimals(0).suffix(unit);
    let moved = [
        slider_row(ui, "Hue", "Which colour", whole(hue, 360.0, "°")).changed(),
        slider_row(ui, "Saturation", "How colourful", whole(saturation, 100.0, " %")).changed(),
        slider_row(ui, "Brightness", "How light", whole(value, 100.0, " %")).changed(),
    ];
    // Only what was moved is taken over: a slider shows whole numbers, a colour has finer ones.
    let parts = [
        (&mut hsv.hue, shares[0] / 360.0),
        (&mut hsv.saturation, shares[1] / 100.0),
        (&mut hsv.value, shares[2] / 100.0),
    ];
    for ((part, value), moved) in parts.into_iter().zip(moved) {
        if moved {
            *part = value;
        }
    }
}

/// A row of colours under a title; which one was clicked. Nothing where there are none.
fn row_of(ui: &mut Ui, words: &str, name: &str, colors: &[[u8; 3]]) -> Option<[u8; 3]> {
    if colors.is_empty() {
        return None;
    }
    heading(ui, words);
    swatches(ui, name, colors)
}

pub(super) fn heading(ui: &mut Ui, words: &str) {
    ui.add_space(STEP);
    ui.label(RichText::new(words).small().color(tokens(ui).dim));
}

/// Colours to click, side by side; which one was.
pub fn swatches(ui: &mut Ui, name: &str, colors: &[[u8; 3]]) -> Option<[u8; 3]> {
    let named = |number: usize| (colors[number], format!("{name} {}", hex(colors[number])));
    swatch_rows(ui, colors.len(), named).map(|number| colors[number])
}

/// So many colours side by side, each with what it is called; the number of the one that was clicked. Many are scrolled.
pub(super) fn swatch_rows(ui: &mut Ui, count: usize, named: impl Fn(usize) -> ([u8; 3], String)) -> Option<usize> {
    let mut chosen = None;
    let across = (((ui.available_width() + SWATCH_GAP) / (SWATCH + SWATCH_GAP)) as usize).max(1);
    let id = ui.next_auto_id();
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(SWATCH_GAP);
        // A row would be as high as a button.
        ui.spacing_mut().interact_size.y = SWATCH;
        ScrollArea::vertical()
            .id_salt(id)
            .max_height(MOST_ROWS * (SWATCH + SWATCH_GAP))
            .show_rows(ui, SWATCH, count.div_ceil(across), |ui, rows| {
                for row in rows {
                    ui.horizontal(|ui| {
                        for number in row * across..count.min((row + 1) * across) {
                            let (color, words) = named(number);
                            if swatch(ui, color, words).clicked() {
                                chosen = Some(number);
                            }
                        }
                    });
                }
            });
    });
    chosen
}

fn swatch(ui: &mut Ui, color: [u8; 3], words: String) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(SWATCH), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Widget::Button, true, &words));
    square(ui, rect, color, response.hovered() || response.has_focus());
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(words)
}

fn square(ui: &Ui, rect: Rect, [r, g, b]: [u8; 3], lit: bool) {
    let colors = tokens(ui);
    let line = if lit {
        Stroke::new(2.0, colors.accent)
    } else {
        Stroke::new(1.0, colors.line())
    };
    ui.painter().rect_filled(rect, 2.0, Color32::from_rgb(r, g, b));
    ui.painter().rect_stroke(rect, 2.0, line, StrokeKind::Inside);
}

/// The brush's colour over the second one. Says whether the brush's colour was clicked; a click on the second one swaps them.
pub fn both(ui: &mut Ui, colors: &mut Colors, side: f32, name: &str) -> bool {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    let large = vec2(side, side) * 0.68;
    let front = Rect::from_min_size(rect.min, large);
    let back = Rect::from_min_size(rect.max - large, large);
    let button = |rect: Rect, color: [u8; 3], words: String, tip: String| {
        let response = ui.interact(rect, ui.scope_id().with(&words), Sense::click());
        let words = format!("{words} {}", hex(color));
        response.widget_info(|| WidgetInfo::labeled(Widget::Button, true, &words));
        square(ui, rect, color, response.hovered() || response.has_focus());
        response.on_hover_text(tip).clicked()
    };
    // The one in front is interacted with last, so that the corner where both lie is its own.
    let swap = hint(ui, Command::SwapColors);
    if button(back, colors.second, "Second colour".to_owned(), swap) {
        colors.swap();
    }
    let tip = format!("{name} {}", hex(colors.brush));
    button(front, colors.brush, name.to_owned(), tip)
}

/// "#RRGGBB".
pub fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Reads "#RRGGBB", "RRGGBB" and "RGB".
fn parse(text: &str) -> Option<[u8; 3]> {
    let digits: Vec<u8> = text
        .trim()
        .trim_start_matches('#')
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    match *digits.as_slice() {
        [r, g, b] => Some([r, g, b].map(|digit| digit * 17)),
        [a, b, c, d, e, f] => Some([16 * a + b, 16 * c + d, 16 * e + f]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_written_and_read() {
        assert_eq!(hex([255, 9, 160]), "#FF09A0");
        for text in ["#FF09A0", " ff09a0 "] {
            assert_eq!(parse(text), Some([255, 9, 160]));
        }
        assert_eq!(parse("#f0a"), Some([255, 0, 170]));
        for text in ["", "#ff09a", "red", "#ff09a0ff", "日本色"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
