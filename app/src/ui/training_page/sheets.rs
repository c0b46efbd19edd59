//! The sample sheets of a run, one at a time.

use std::sync::Arc;

use egui::{Align2, ColorImage, FontId, Rect, RichText, Sense, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2};
use image::RgbImage;

use crate::session::TrainingRun;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{WHOLE, icon, icon_button, title};

/// What stands in a sheet's columns; a whole model has no last one.
const COLUMNS: [&str; 7] = [
    "Sketch",
    "Mask",
    "Reference",
    "Result",
    "Original",
    "Next colours",
    "Next background",
];

/// The sheet as the window draws it.
#[derive(Default)]
pub struct Sheets {
    drawn: Option<(Arc<RgbImage>, TextureHandle)>,
}

impl Sheets {
    pub fn show(&mut self, ui: &mut Ui, run: &mut TrainingRun) {
        let shown = run.sheet().map(|(number, picture)| (number, picture.cloned()));
        self.head(ui, run, shown.as_ref().map(|(number, _)| *number));
        let Some((_, picture)) = shown else {
            let words = "Pictures that are not trained on, coloured by the model as it stands, come after the first step.";
            ui.label(RichText::new(words).color(tokens(ui).dim));
            return;
        };
        // The one before stays until the next is read.
        if let Some(picture) = picture {
            self.texture(ui, &picture);
        }
        if let Some((picture, texture)) = &self.drawn {
            let columns = if run.tuning.target.adapters().is_empty() { 6 } else { 7 };
            draw(ui, picture, texture, &COLUMNS[..columns]);
        }
    }

    fn head(&self, ui: &mut Ui, run: &mut TrainingRun, shown: Option<usize>) {
        ui.horizontal(|ui| {
            ui.set_min_height(ROW);
            title(ui, "Samples");
            let Some(number) = shown else { return };
            let (step, count) = (run.record.sheets()[number].0, run.record.sheets().len());
            ui.label(RichText::new(format!("after step {step}")).color(tokens(ui).dim));
            ui.add_enabled_ui(number > 0, |ui| {
                if icon_button(ui, icon::CARET_LEFT, 16.0, false, "Earlier samples", "Earlier samples").clicked() {
                    run.choose_sheet(number - 1);
                }
            });
            ui.add_enabled_ui(number + 1 < count, |ui| {
                if icon_button(ui, icon::CARET_RIGHT, 16.0, false, "Later samples", "Later samples").clicked() {
                    run.choose_sheet(number + 1);
                }
            });
        });
    }

    fn texture(&mut self, ui: &Ui, picture: &Arc<RgbImage>) {
        if self.drawn.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, picture)) {
            return;
        }
        let size = [picture.width() as usize, picture.height() as usize];
        let options = TextureOptions::LINEAR.with_mipmap_mode(Some(egui::TextureFilter::Linear));
        let image = ColorImage::from_rgb(size, picture);
        let texture = ui.ctx().load_texture("training sheet", image, options);
        self.drawn = Some((picture.clone(), texture));
    }
}

fn draw(ui: &mut Ui, picture: &RgbImage, texture: &TextureHandle, columns: &[&str]) {
    let room = ui.available_size() - vec2(0.0, 4.0 * STEP);
    let size = vec2(picture.width() as f32, picture.height() as f32);
    // Small pictures are not blown up beyond twice their size.
    let scale = (room.x / size.x).min(room.y / size.y).min(2.0);
    let (rect, response) = ui.allocate_exact_size(size * scale + vec2(0.0, 4.0 * STEP), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, "Sample pictures"));
    let sheet = Rect::from_min_max(pos2(rect.left(), rect.top() + 4.0 * STEP), rect.max);
    ui.painter().image(texture.id(), sheet, WHOLE, egui::Color32::WHITE);
    let column = sheet.width() / columns.len() as f32;
    for (number, words) in columns.iter().enumerate() {
        let middle = pos2(sheet.left() + column * (number as f32 + 0.5), rect.top());
        let cell = Rect::from_center_size(pos2(middle.x, rect.top() + 2.0 * STEP), vec2(column - STEP, 4.0 * STEP));
        let painter = ui.painter_at(cell);
        painter.text(middle, Align2::CENTER_TOP, words, FontId::proportional(11.0), tokens(ui).dim);
    }
}
