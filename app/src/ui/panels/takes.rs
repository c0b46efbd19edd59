//! The takes so far, oldest first; a click shows one on the canvas.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{
    ColorImage, Rect, Role as Widget, ScrollArea, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2,
    vec2,
};
use image::RgbImage;

use crate::document::{LayerId, Role};
use crate::session::Session;
use crate::ui::theme::{STEP, tokens};

/// Height of the pictures in points.
const HEIGHT: f32 = 56.0;
/// Height of the strip that they stand in, with its margins.
pub const STRIP: f32 = HEIGHT + 6.0 * STEP;

/// The small pictures of takes, as the window draws them.
#[derive(Default)]
pub struct Pictures {
    known: HashMap<LayerId, (Arc<RgbImage>, TextureHandle)>,
}

impl Pictures {
    fn of(&mut self, ui: &Ui, id: LayerId, picture: &Arc<RgbImage>) -> TextureHandle {
        if let Some((_, texture)) = self.known.get(&id).filter(|(known, _)| Arc::ptr_eq(known, picture)) {
            return texture.clone();
        }
        let size = [picture.width() as usize, picture.height() as usize];
        let texture = ui
            .ctx()
            .load_texture("take", ColorImage::from_rgb(size, picture), TextureOptions::LINEAR);
        self.known.insert(id, (picture.clone(), texture.clone()));
        texture
    }
}

pub fn show(ui: &mut Ui, session: &mut Session, pictures: &mut Pictures) {
    let Some(document) = session.document() else { return };
    let takes: Vec<(LayerId, String, bool)> = (document.canvas().layers())
        .filter(|layer| layer.role == Role::Take)
        .map(|take| (take.id, take.name.clone(), take.visible))
        .collect();
    if takes.is_empty() {
        ui.centered_and_justified(|ui| ui.weak("No takes yet: Colorize makes the first"));
        return;
    }
    let mut wanted = None;
    ScrollArea::horizontal().stick_to_right(true).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * STEP;
            for (id, name, visible) in takes {
                let Some(picture) = session.thumbnail(id) else { continue };
                let aspect = (picture.width() as f32 / picture.height() as f32).clamp(0.4, 2.5);
                let (rect, response) = ui.allocate_exact_size(vec2((HEIGHT * aspect).round(), HEIGHT), Sense::click());
                response.widget_info(|| WidgetInfo::selected(Widget::Button, true, visible, &name));
                let texture = pictures.of(ui, id, picture);
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter().image(texture.id(), rect, whole, egui::Color32::WHITE);
                let tokens = tokens(ui);
                let (width, color) = match (visible, response.hovered() || response.has_focus()) {
                    (true, _) => (2.0, tokens.accent),
                    (false, true) => (1.0, tokens.text),
                    (false, false) => (1.0, tokens.line()),
                };
                ui.painter()
                    .rect_stroke(rect, 0.0, Stroke::new(width, color), StrokeKind::Inside);
                if response
                    .on_hover_text(format!("{name}: click to {}", if visible { "hide" } else { "show" }))
                    .clicked()
                {
                    wanted = Some((!visible).then_some(id));
                }
            }
        });
    });
    if let Some(take) = wanted {
        session.show_take(take);
    }
}
