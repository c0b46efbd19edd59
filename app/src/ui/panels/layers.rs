//! The layers of the canvas, topmost first.

use egui::{Align, Layout, Rect, Role as Widget, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::command::Command;
use crate::document::{Layer, LayerId, Role, Side};
use crate::session::Session;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{icon, icon_button, percent, slider_row, title};

pub fn show(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        title(ui, "Layers");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mask = session.document().is_some();
            ui.add_enabled_ui(mask, |ui| {
                for (command, glyph) in [(Command::ClearMask, icon::TRASH), (Command::InvertMask, icon::INVERT)] {
                    if crate::ui::command_button(ui, glyph, 16.0, false, command) {
                        commands.push(command);
                    }
                }
            });
        });
    });
    let Some(document) = session.document() else {
        ui.weak("Nothing is open.");
        return;
    };
    let target = session.target(Side::Canvas);
    // Of the takes, the strip below shows all; here stands the one that lies on the canvas.
    let take = document.canvas().by_role(Role::Take).map(|take| take.id);
    let rows: Vec<Row> = (document.canvas().layers().rev())
        .filter(|layer| layer.role != Role::Take || Some(layer.id) == take)
        .map(|layer| Row::of(layer, target))
        .collect();
    for row in rows {
        match row.show(ui) {
            Some(Touched::Eye) => session.toggle(Some(row.id)),
            Some(Touched::Name) => session.select(row.id),
            None => {}
        }
    }
    if let Some((id, mut opacity)) = session
        .target(Side::Canvas)
        .and_then(|id| Some((id, session.document()?.layer(id)?.opacity)))
    {
        ui.add_space(STEP);
        if slider_row(ui, "Opacity", "Opacity of the chosen layer", percent(&mut opacity, 0.0..=1.0)).changed() {
            session.set_opacity(id, opacity);
        }
    }
}

struct Row {
    id: LayerId,
    name: String,
    role: Role,
    visible: bool,
    chosen: bool,
}

enum Touched {
    Eye,
    Name,
}

impl Row {
    fn of(layer: &Layer, target: Option<LayerId>) -> Self {
        Self {
            id: layer.id,
            name: layer.name.clone(),
            role: layer.role,
            visible: layer.visible,
            chosen: Some(layer.id) == target,
        }
    }

    fn show(&self, ui: &mut Ui) -> Option<Touched> {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW + STEP), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Widget::Button, true, self.chosen, format!("Layer {}", self.name)));
        let (tokens, visuals) = (tokens(ui), ui.visuals());
        let fill = match (self.chosen, response.hovered()) {
            (true, _) => Some(visuals.selection.bg_fill),
            (false, true) => Some(visuals.widgets.hovered.weak_bg_fill),
            (false, false) => None,
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, 4.0, fill);
        }
        if response.has_focus() {
            ui.painter()
                .rect_stroke(rect, 4.0, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
        }
        let swatch = Rect::from_center_size(pos2(rect.left() + 44.0, rect.center().y), vec2(16.0, 16.0));
        self.swatch(ui, swatch);
        let color = if self.visible { tokens.text } else { tokens.dim };
        let room = rect.right() - swatch.right() - 4.0 * STEP;
        let name = egui::WidgetText::from(egui::RichText::new(&self.name).color(color));
        let galley = name.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, egui::TextStyle::Body);
        let cut = galley.elided;
        ui.painter().galley(
            pos2(swatch.right() + 2.0 * STEP, rect.center().y - galley.size().y / 2.0),
            galley,
            color,
        );
        let mut eye = ui.new_child(egui::UiBuilder::new().max_rect(Rect::from_center_size(
            pos2(rect.left() + 16.0, rect.center().y),
            vec2(24.0, 24.0),
        )));
        let (glyph, verb) = if self.visible {
            (icon::EYE, "Hide")
        } else {
            (icon::EYE_CLOSED, "Show")
        };
        let words = format!("{verb} {}", self.name);
        let eye = icon_button(&mut eye, glyph, 16.0, false, &words, &words);
        let response = if cut { response.on_hover_text(&self.name) } else { response };
        match (eye.clicked(), response.clicked()) {
            (true, _) => Some(Touched::Eye),
            (false, true) => Some(Touched::Name),
            (false, false) => None,
        }
    }

    /// What kind of layer it is, at a glance.
    fn swatch(&self, ui: &Ui, rect: Rect) {
        let tokens = tokens(ui);
        let painter = ui.painter();
        let fill = |rect, color| painter.rect_filled(rect, 2.0, color);
        match self.role {
            Role::SketchMask | Role::ReferenceMask => {
                fill(rect, tokens.background);
                painter.circle_filled(rect.center(), 5.0, tokens.foreground);
            }
            _ => {
                let glyph = if self.role == Role::Sketch { icon::PEN } else { icon::IMAGE };
                painter.text(
                    rect.center(),
                    egui::Align2::CENTER_CENTER,
                    glyph,
                    crate::ui::theme::icon_font(16.0),
                    tokens.dim,
                );
            }
        }
    }
}
