//! What a person sees and touches. Every control says what it is by name, and issues commands.

pub mod about_page;
pub mod adjust_page;
pub mod canvas_page;
pub mod command_search;
pub mod dialogs;
pub mod dropping;
pub mod export;
pub mod flats_page;
pub mod gallery_view;
pub mod keys_page;
pub mod models_page;
mod names;
pub mod new_page;
mod panels;
pub mod pen_page;
mod seed_field;
pub mod selection_page;
pub mod shortcuts;
pub mod studio;
pub mod swap_board;
pub mod theme;
pub mod training_page;
pub use panels::{menu_bar, pane};

use std::ops::RangeInclusive;

use egui::scroll_area::ScrollBarVisibility;
use egui::{
    Align, Align2, Button, DragValue, Layout, Rect, Response, Role, ScrollArea, Sense, Slider, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use crate::command::Command;
use theme::{ROW, STEP, icon_font, tokens};

/// Glyphs of the icon font (Phosphor).
pub mod icon {
    pub const ALPHA_LOCK: &str = "\u{e8c4}";
    pub const ASCENDING: &str = "\u{e446}";
    pub const BLACK_WHITE: &str = "\u{e462}";
    pub const BRISTLES: &str = "\u{e590}";
    pub const BROKEN: &str = "\u{e7a8}";
    pub const BRUSH: &str = "\u{e6f0}";
    pub const CANCEL: &str = "\u{e4f6}";
    pub const CANVAS_ONLY: &str = "\u{e1d0}";
    pub const CARRY: &str = "\u{e0a2}";
    pub const CARET_DOWN: &str = "\u{e136}";
    pub const CARET_LEFT: &str = "\u{e138}";
    pub const CARET_RIGHT: &str = "\u{e13a}";
    pub const CHECK: &str = "\u{e182}";
    pub const CLIP: &str = "\u{e04a}";
    pub const COLUMNS: &str = "\u{e546}";
    pub const COPY: &str = "\u{e1cc}";
    pub const DESCENDING: &str = "\u{e444}";
    pub const DICE: &str = "\u{e1ee}";
    pub const ELLIPSE: &str = "\u{e602}";
    pub const ERASER: &str = "\u{e21e}";
    pub const EYE: &str = "\u{e220}";
    pub const EYE_CLOSED: &str = "\u{e224}";
    pub const FILE: &str = "\u{e236}";
    pub const EYEDROPPER: &str = "\u{e568}";
    pub const FILL: &str = "\u{e392}";
    pub const FIT: &str = "\u{e626}";
    pub const FLAG: &str = "\u{e244}";
    pub const FOLDER: &str = "\u{e256}";
    pub const GRADIENT: &str = "\u{eb42}";
    pub const GRID: &str = "\u{e464}";
    pub const GROUP: &str = "\u{e24a}";
    pub const GROUP_NEW: &str = "\u{e258}";
    pub const GROUP_OPEN: &str = "\u{e256}";
    pub const HAND: &str = "\u{e298}";
    pub const HOURGLASS: &str = "\u{e2b2}";
    pub const IMAGE: &str = "\u{e2ca}";
    pub const INFO: &str = "\u{e2ce}";
    pub const INVERT: &str = "\u{e744}";
    pub const LASSO: &str = "\u{edc6}";
    pub const LAYER: &str = "\u{ed4a}";
    pub const LAYERS: &str = "\u{e466}";
    pub const LINK: &str = "\u{e2e2}";
    pub const LOCK: &str = "\u{e308}";
    pub const LOUPE: &str = "\u{e30c}";
    pub const MARKER: &str = "\u{ec76}";
    pub const MASK: &str = "\u{e18c}";
    pub const MERGE: &str = "\u{e05c}";
    pub const METER: &str = "\u{e628}";
    pub const MORE: &str = "\u{e208}";
    pub const MIRROR_SIDEWAYS: &str = "\u{ed6a}";
    pub const MIRROR_UPRIGHT: &str = "\u{ed6c}";
    pub const MOON: &str = "\u{e330}";
    pub const MOVE: &str = "\u{e0a4}";
    pub const NIB: &str = "\u{e3ac}";
    pub const NO_STAR: &str = "\u{e3de}";
    pub const NOTE: &str = "\u{e34c}";
    pub const PALETTE: &str = "\u{e6c8}";
    pub const PAUSE: &str = "\u{e39e}";
    pub const PEN: &str = "\u{e3b2}";
    pub const PENCIL: &str = "\u{e3ae}";
    pub const PLAY: &str = "\u{e3d0}";
    pub const PLUS: &str = "\u{e3d4}";
    pub const POLYGON: &str = "\u{e6d0}";
    pub const RESET: &str = "\u{e038}";
    pub const RECIPE: &str = "\u{e3ec}";
    pub const RECTANGLE: &str = "\u{e69a}";
    pub const REDO: &str = "\u{e08c}";
    pub const REJECT: &str = "\u{e4f8}";
    pub const SIDEWAYS: &str = "\u{eb06}";
    pub const SLIDERS: &str = "\u{e432}";
    pub const SMUDGE: &str = "\u{e6de}";
    pub const SPARKLE: &str = "\u{e6a2}";
    pub const SPRAY: &str = "\u{e7e4}";
    pub const STAR: &str = "\u{e46a}";
    pub const SUN: &str = "\u{e472}";
    pub const SURVEY: &str = "\u{e296}";
    pub const SWAP: &str = "\u{e83c}";
    pub const TRANSFORM: &str = "\u{e6ce}";
    pub const TRASH: &str = "\u{e4a6}";
    pub const UNDO: &str = "\u{e08a}";
    pub const UNLINK: &str = "\u{e2e4}";
    pub const WAND: &str = "\u{e6b6}";
    pub const WARNING: &str = "\u{e4e0}";
    pub const WIPE: &str = "\u{e870}";
}

/// A command's words and keys, for a tooltip: "Brush (B)".
pub fn hint(ui: &Ui, command: Command) -> String {
    with_keys(ui, command.label().trim_end_matches('…'), &[command])
}

/// A command as menus list it, with its keys.
pub fn entry(ui: &Ui, command: Command) -> Button<'static> {
    let button = Button::new(command.label());
    match shortcuts::keys(ui.ctx(), command) {
        none if none.is_empty() => button,
        keys => button.shortcut_text(keys),
    }
}

/// Words, and after them the keys of the commands that do what they say: "Diameter ([ and ])".
pub fn with_keys(ui: &Ui, words: &str, commands: &[Command]) -> String {
    let keys: Vec<String> = commands.iter().map(|command| shortcuts::keys(ui.ctx(), *command)).collect();
    match keys.iter().any(String::is_empty) {
        true => words.to_owned(),
        false => format!("{words} ({})", keys.join(" and ")),
    }
}

/// A square button with an icon of `size` points. `name` is what it is called, `tip` what the tooltip says.
pub fn icon_button(ui: &mut Ui, glyph: &str, size: f32, selected: bool, name: &str, tip: &str) -> Response {
    let side = size + 2.0 * STEP;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), selected, name));
    if ui.is_rect_visible(rect) {
        let tokens = tokens(ui);
        let visuals = ui.style().interact(&response);
        let (fill, color) = match (selected, response.hovered() || response.has_focus()) {
            (true, _) => (Some(ui.visuals().selection.bg_fill), tokens.text),
            (false, true) => (Some(visuals.weak_bg_fill), tokens.text),
            (false, false) => (None, tokens.text.lerp_to_gamma(tokens.dim, 0.5)),
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, visuals.corner_radius, fill);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(
                rect,
                visuals.corner_radius,
                Stroke::new(1.0, tokens.accent),
                StrokeKind::Inside,
            );
        }
        let color = if ui.is_enabled() {
            color
        } else {
            tokens.dim.gamma_multiply(0.5)
        };
        ui.painter()
            .text(rect.center(), Align2::CENTER_CENTER, glyph, icon_font(size), color);
    }
    response.on_hover_text(tip)
}

/// An icon button for a command; true when it was clicked.
pub fn command_button(ui: &mut Ui, glyph: &str, size: f32, selected: bool, command: Command) -> bool {
    let tip = hint(ui, command);
    icon_button(ui, glyph, size, selected, command.label().trim_end_matches('…'), &tip).clicked()
}

/// A control with its name before it, in a row of the panel's width.
pub fn row<T>(ui: &mut Ui, name: &str, tip: &str, add: impl FnOnce(&mut Ui) -> T) -> T {
    ui.horizontal(|ui| {
        let left = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(vec2(LABEL, ROW), left, |ui| {
            ui.set_min_width(LABEL);
            ui.label(name).on_hover_text(tip);
        });
        ui.name_inputs(name, add)
    })
    .inner
}

/// A slider in such a row; its value stands in a column of its own.
pub fn slider_row(ui: &mut Ui, name: &str, tip: &str, slider: Slider<'_>) -> Response {
    let response = row(ui, name, tip, |ui| {
        ui.spacing_mut().slider_width = (ui.available_width() - VALUE - ui.spacing().item_spacing.x).max(40.0);
        ui.spacing_mut().interact_size.x = VALUE;
        ui.add(slider)
    });
    // Last: a tip on a control without a name becomes its name.
    response.on_hover_text(tip)
}

/// Width of the column of names in a panel, and of that of values.
const LABEL: f32 = 76.0;
pub const VALUE: f32 = 60.0;

/// A length from 1 to `most` pixels. A suffix of the field's own would become its name.
pub fn pixels(length: &mut u32, most: u32) -> DragValue<'_> {
    DragValue::new(length)
        .range(1..=most)
        .custom_formatter(|value, _| format!("{value:.0} px"))
        .custom_parser(|text| text.trim_end_matches(['p', 'x', ' ']).parse().ok())
}

/// 0..=1 shown as a percentage.
pub fn percent(value: &mut f32, range: RangeInclusive<f32>) -> Slider<'_> {
    Slider::new(value, range)
        .custom_formatter(|value, _| format!("{:.0} %", value * 100.0))
        .custom_parser(|text| {
            text.trim_end_matches(['%', ' '])
                .parse::<f64>()
                .ok()
                .map(|value| value / 100.0)
        })
}

/// Controls side by side in all the height there is. A narrow window shows the rest when the bar is scrolled.
pub fn tool_bar(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.style_mut().always_scroll_the_only_direction = true;
    let bar = ScrollArea::horizontal().scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden);
    bar.show(ui, |ui| ui.horizontal_centered(contents));
}

/// A slider that shows so many decimals. What it was given stays as fine as it is until a person moves it.
pub fn decimals(slider: Slider<'_>, count: usize) -> Slider<'_> {
    slider.custom_formatter(move |value, _| format!("{value:.count$}"))
}

/// The title of a panel.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    let text = egui::RichText::new(text).font(theme::semibold(13.0));
    ui.add(egui::Label::new(text).truncate())
}

/// Where a picture of `size` lies in a place of other proportions: whole, and in the middle.
pub fn fitted(size: Vec2, place: Rect) -> Rect {
    let size = size.max(Vec2::splat(1.0));
    Rect::from_center_size(place.center(), size * (place.size() / size).min_elem())
}

/// All of a picture, as a painter takes it.
pub const WHOLE: Rect = Rect {
    min: pos2(0.0, 0.0),
    max: pos2(1.0, 1.0),
};

/// Width for height of the frame that a picture of `size` is listed in: its own, but for very long ones, which are cut or stretched.
pub fn frame_aspect(size: Vec2) -> f32 {
    (size.x / size.y.max(1.0)).clamp(0.4, 2.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_fitted_whole_into_the_middle() {
        let place = Rect::from_min_max(pos2(100.0, 100.0), pos2(300.0, 200.0));
        let upright = Rect::from_min_max(pos2(175.0, 100.0), pos2(225.0, 200.0));
        assert_eq!(fitted(vec2(10.0, 20.0), place), upright);
        assert_eq!(fitted(vec2(4000.0, 2000.0), place), place);
        assert!(fitted(vec2(0.0, 0.0), place).is_finite(), "a broken one has no size");
    }
}
