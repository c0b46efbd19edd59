//! One row of the layers' list.

use egui::{
    Align2, Color32, Key, Rect, Response, Role as Widget, Sense, Stroke, StrokeKind, TextEdit, TextureHandle, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::document::{Layer, LayerId, Role, Sheet};
use crate::ui::theme::{ROW, STEP, icon_font, tokens};
use crate::ui::{WHOLE, fitted, icon, icon_button};

/// Side of a layer's small picture in pixels: twice its points, for dense screens.
pub const THUMBNAIL: u32 = 48;
/// Points by which a row in a group stands further right.
const INDENT: f32 = 12.0;

/// Whether a row is chosen, and what for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    No,
    /// Strokes go there.
    PaintedOn,
    /// What is arranged, set and moved with that.
    Beside,
}

/// What a row shows.
pub struct Row {
    pub id: LayerId,
    pub is_group: bool,
    name: String,
    role: Role,
    visible: bool,
    /// Itself and all groups that it lies in.
    in_sight: bool,
    folded: bool,
    marks: Vec<(&'static str, &'static str)>,
    choice: Choice,
    depth: usize,
    picture: Option<TextureHandle>,
}

/// What a person did with a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    Eye,
    /// The eye, with Alt.
    Alone,
    Name,
    /// With Ctrl.
    Also,
    /// With Shift.
    Range,
    /// The small picture, with Ctrl.
    Picture,
    Fold,
    /// Wants to name it.
    Rename,
    Named,
    NotNamed,
}

/// A row after it was drawn.
pub struct ShownRow {
    pub response: Response,
    pub touched: Option<Touched>,
}

impl Row {
    pub const HEIGHT: f32 = ROW + STEP;

    pub fn of(canvas: &Sheet, layer: &Layer, choice: Choice, picture: Option<TextureHandle>) -> Self {
        let marks = [
            (layer.clip, icon::CLIP, "clipped"),
            (layer.alpha_locked, icon::ALPHA_LOCK, "alpha locked"),
            (layer.locked, icon::LOCK, "locked"),
        ];
        Self {
            id: layer.id,
            is_group: layer.is_group(),
            name: layer.name.clone(),
            role: layer.role,
            visible: layer.visible,
            in_sight: canvas.is_in_sight(layer),
            folded: layer.folded,
            marks: (marks.into_iter())
                .filter(|(on, ..)| *on)
                .map(|(_, glyph, words)| (glyph, words))
                .collect(),
            choice,
            depth: canvas.depth(layer.id),
            picture,
        }
    }

    /// Draws it; `naming`: with a field for its name.
    pub fn show(&self, ui: &mut Ui, naming: Option<&mut String>) -> ShownRow {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), Self::HEIGHT), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::selected(Widget::Button, true, self.choice != Choice::No, self.words()));
        self.ground(ui, rect, &response);
        let left = rect.left() + 32.0 + self.depth as f32 * INDENT;
        let swatch = Rect::from_center_size(pos2(left + 12.0, rect.center().y), vec2(24.0, 24.0));
        self.swatch(ui, swatch);
        let right = self.marks(ui, rect);
        let room = Rect::from_min_max(pos2(swatch.right() + 2.0 * STEP, rect.top()), pos2(right, rect.bottom()));
        let mut touched = response.clicked().then(|| self.clicked(ui, &response, swatch));
        if response.double_clicked() && touched == Some(Touched::Name) {
            touched = Some(Touched::Rename);
        }
        let mut cut = false;
        match naming {
            Some(name) => touched = self.field(ui, room, name).or(touched.filter(|what| *what != Touched::Rename)),
            None => cut = self.label(ui, room),
        }
        if self.is_group && self.fold(ui, swatch) {
            touched = Some(Touched::Fold);
        }
        if self.eye(ui, rect) {
            touched = Some(match ui.input(|input| input.modifiers.alt) {
                true => Touched::Alone,
                false => Touched::Eye,
            });
        }
        let response = if cut { response.on_hover_text(&self.name) } else { response };
        ShownRow { response, touched }
    }

    /// What a click on it means, by the keys that are held.
    fn clicked(&self, ui: &Ui, response: &Response, swatch: Rect) -> Touched {
        let held = ui.input(|input| input.modifiers);
        let on_picture = response.interact_pointer_pos().is_some_and(|at| swatch.contains(at));
        match (held.shift, held.command) {
            (true, _) => Touched::Range,
            (false, true) if on_picture && !self.is_group => Touched::Picture,
            (false, true) => Touched::Also,
            (false, false) => Touched::Name,
        }
    }

    /// "Layer Sketch, locked".
    fn words(&self) -> String {
        let kind = if self.is_group { "Group" } else { "Layer" };
        let name = if self.is_group && self.name.starts_with(kind) {
            self.name.clone()
        } else {
            format!("{kind} {}", self.name)
        };
        self.marks.iter().fold(name, |words, (_, mark)| format!("{words}, {mark}"))
    }

    fn ground(&self, ui: &Ui, rect: Rect, response: &Response) {
        let visuals = ui.visuals();
        let fill = match (self.choice, response.hovered()) {
            (Choice::PaintedOn, _) => Some(visuals.selection.bg_fill),
            (Choice::Beside, _) => Some(visuals.selection.bg_fill.gamma_multiply(0.5)),
            (Choice::No, true) => Some(visuals.widgets.hovered.weak_bg_fill),
            (Choice::No, false) => None,
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, 4.0, fill);
        }
        if response.has_focus() {
            ui.painter()
                .rect_stroke(rect, 4.0, Stroke::new(1.0, tokens(ui).accent), StrokeKind::Inside);
        }
    }

    /// The small picture, with the colour of what the layer is for.
    fn swatch(&self, ui: &Ui, rect: Rect) {
        let (tokens, painter) = (tokens(ui), ui.painter());
        let Some(picture) = &self.picture else {
            return;
        };
        let frame = Rect::from_center_size(rect.center(), vec2(22.0, 22.0));
        let size = fitted(picture.size_vec2(), frame).size();
        let inside = Rect::from_center_size(rect.center(), size.max(vec2(2.0, 2.0)));
        painter.rect_filled(inside, 0.0, Color32::WHITE);
        painter.image(picture.id(), inside, WHOLE, Color32::WHITE);
        painter.rect_stroke(inside, 0.0, Stroke::new(1.0, tokens.line()), StrokeKind::Outside);
        let badge = Rect::from_center_size(rect.right_bottom() - vec2(4.0, 4.0), vec2(12.0, 12.0));
        let dot = |color| {
            painter.circle_filled(badge.center(), 6.0, tokens.surface[1]);
            painter.circle_filled(badge.center(), 4.5, color);
        };
        match self.role {
            Role::SketchMask | Role::ReferenceMask => {
                dot(tokens.background);
                painter.circle_filled(badge.center(), 2.5, tokens.foreground);
            }
            Role::Sketch | Role::Take | Role::Hints => {
                let (glyph, color) = match self.role {
                    Role::Sketch => (icon::PEN, tokens.text),
                    Role::Hints => (icon::PALETTE, tokens.accent),
                    _ => (icon::IMAGE, tokens.accent),
                };
                painter.circle_filled(badge.center(), 7.0, tokens.surface[1]);
                painter.text(badge.center(), Align2::CENTER_CENTER, glyph, icon_font(11.0), color);
            }
            Role::Reference | Role::Background | Role::Paint => {}
        }
    }

    /// Signs of locks and clipping at the right; where they begin.
    fn marks(&self, ui: &Ui, rect: Rect) -> f32 {
        let mut right = rect.right() - STEP;
        for (glyph, _) in self.marks.iter().rev() {
            let at = pos2(right - 7.0, rect.center().y);
            ui.painter()
                .text(at, Align2::CENTER_CENTER, *glyph, icon_font(13.0), tokens(ui).dim);
            right -= 16.0;
        }
        right - STEP
    }

    /// Whether the name did not fit.
    fn label(&self, ui: &Ui, room: Rect) -> bool {
        let tokens = tokens(ui);
        let color = if self.in_sight { tokens.text } else { tokens.dim };
        let name = egui::WidgetText::from(egui::RichText::new(&self.name).color(color));
        let galley = name.into_galley(ui, Some(egui::TextWrapMode::Truncate), room.width(), egui::TextStyle::Body);
        let cut = galley.elided;
        let at = pos2(room.left(), room.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, color);
        cut
    }

    fn field(&self, ui: &mut Ui, room: Rect, name: &mut String) -> Option<Touched> {
        let mut inner = ui.new_child(UiBuilder::new().max_rect(room.shrink2(vec2(0.0, 2.0))));
        let edit = TextEdit::singleline(name).desired_width(room.width());
        let response = inner.name_inputs("Layer name", |ui| ui.add(edit));
        if response.lost_focus() {
            let escaped = ui.input(|input| input.key_pressed(Key::Escape));
            return Some(if escaped { Touched::NotNamed } else { Touched::Named });
        }
        if !response.has_focus() {
            response.request_focus();
        }
        None
    }

    fn fold(&self, ui: &mut Ui, swatch: Rect) -> bool {
        let (glyph, verb) = if self.folded {
            (icon::GROUP, "Open")
        } else {
            (icon::GROUP_OPEN, "Fold")
        };
        let words = format!("{verb} {}", self.name);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(swatch));
        icon_button(&mut inner, glyph, 16.0, false, &words, &words).clicked()
    }

    fn eye(&self, ui: &mut Ui, rect: Rect) -> bool {
        let place = Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), vec2(24.0, 24.0));
        let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
        let (glyph, verb) = if self.visible {
            (icon::EYE, "Hide")
        } else {
            (icon::EYE_CLOSED, "Show")
        };
        let words = format!("{verb} {}", self.name);
        let tip = format!("{words}. With Alt: show it alone, or what showed before.");
        icon_button(&mut inner, glyph, 16.0, false, &words, &tip).clicked()
    }

    pub fn mark_edge(&self, ui: &Ui, rect: Rect, y: f32) {
        let left = rect.left() + 32.0 + self.depth as f32 * INDENT;
        ui.painter()
            .hline(left..=rect.right(), y, Stroke::new(2.0, tokens(ui).accent));
    }

    pub fn mark_into(&self, ui: &Ui, rect: Rect) {
        ui.painter()
            .rect_stroke(rect, 4.0, Stroke::new(2.0, tokens(ui).accent), StrokeKind::Inside);
    }
}
