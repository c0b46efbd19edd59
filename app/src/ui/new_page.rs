//! How large a new drawing is to be.

use egui::{ComboBox, Context};

use super::dialogs::{agree, heading, modal};
use super::theme::STEP;
use super::{pixels, row};
use crate::document::MAX_SIDE;

/// Sizes that are asked for often: `[width, height]` in pixels, and how many of these make an inch on paper.
const PRESETS: [(&str, [u32; 2], Option<f32>); 3] = [
    ("Square, 768 × 768", [768, 768], None),
    ("Screen, 1920 × 1080", [1920, 1080], None),
    ("A4 at 300 dpi, 2480 × 3508", [2480, 3508], Some(300.0)),
];

/// The page, open or not.
pub struct NewPage {
    open: bool,
    /// What was chosen last, `[width, height]` in pixels.
    size: [u32; 2],
}

impl Default for NewPage {
    fn default() -> Self {
        Self {
            open: false,
            size: PRESETS[0].1,
        }
    }
}

impl NewPage {
    pub fn open(&mut self) {
        self.open = true;
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    fn preset(&self) -> Option<(&'static str, [u32; 2], Option<f32>)> {
        PRESETS.into_iter().find(|(_, size, _)| *size == self.size)
    }

    /// Shows the page while it is open; `[width, height]` in pixels and how many of these make an inch, once they are chosen.
    pub fn show(&mut self, context: &Context) -> Option<([u32; 2], Option<f32>)> {
        if !self.open {
            return None;
        }
        let modal = modal(context, "new").show(context, |ui| {
            ui.set_width(320.0);
            heading(ui, "New drawing");
            row(ui, "Size", "Sizes that are asked for often", |ui| {
                let chosen = self.preset();
                let list =
                    ComboBox::from_id_salt("size of a new drawing").selected_text(chosen.map_or("Another", |(name, ..)| name));
                list.width(ui.available_width()).show_ui(ui, |ui| {
                    for (name, size, _) in PRESETS {
                        ui.selectable_value(&mut self.size, size, name);
                    }
                });
            });
            for (name, side) in ["Width", "Height"].into_iter().zip(&mut self.size) {
                row(ui, name, "In pixels", |ui| ui.add(pixels(side, MAX_SIDE)));
            }
            ui.add_space(3.0 * STEP);
            agree(ui, "Create")
        });
        let resolution = self.preset().and_then(|(.., resolution)| resolution);
        let chosen = (modal.inner == Some(true)).then_some((self.size, resolution));
        if modal.inner.is_some() || modal.should_close() {
            self.open = false;
        }
        chosen
    }
}
