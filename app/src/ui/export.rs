//! How a picture is exported: asked before where.

use egui::{Button, Context, RichText, Slider};
use picture::Format;

use super::dialogs::{choose, heading, modal};
use super::theme::{ROW, STEP, tokens};
use crate::session::Export;

/// Lets a person choose; whether the picture is wanted, once that is clear.
pub fn show(context: &Context, export: &mut Export) -> Option<bool> {
    let modal = modal(context, "export").show(context, |ui| {
        ui.set_width(400.0);
        heading(ui, "Export the picture");
        ui.horizontal(|ui| {
            for format in export.formats() {
                let button = Button::selectable(export.format() == format, format.name()).min_size(egui::vec2(72.0, ROW));
                if ui.add(button).clicked() {
                    export.choose(format);
                }
            }
        });
        ui.add_space(STEP);
        ui.label(words(export.format()));
        if let Format::WebP { .. } = export.format() {
            ui.add_space(STEP);
            ui.checkbox(&mut export.lossy_webp, "With losses");
        }
        if let Format::Jpeg { .. } | Format::WebP { quality: Some(_) } = export.format() {
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                ui.label("Quality");
                ui.name_inputs("Quality", |ui| ui.add(Slider::new(&mut export.quality, 1..=100)));
            });
        }
        ui.add_space(STEP);
        let always = "Colours are sRGB, and the file says so. What is transparent becomes white.";
        ui.label(RichText::new(always).color(tokens(ui).dim));
        ui.add_space(3.0 * STEP);
        choose(ui, [("Choose where…", true), ("Go back", false)])
    });
    let given_up = modal.should_close().then_some(false);
    modal.inner.or(given_up)
}

fn words(format: Format) -> &'static str {
    match format {
        Format::Png => "Without losses. A take's recipe goes along, so that it can be made again.",
        Format::Jpeg { .. } => "Small, with losses. It carries no recipe: the document keeps it.",
        Format::WebP { quality: Some(_) } => "Smaller than JPEG, with losses. It carries no recipe: the document keeps it.",
        Format::WebP { quality: None } => "Without losses, smaller than PNG. It carries no recipe: the document keeps it.",
        Format::Tiff => "Without losses, for print and compositing. It carries no recipe: the document keeps it.",
    }
}
