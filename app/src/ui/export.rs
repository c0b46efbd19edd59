//! How a picture is exported: asked before where.

use egui::{Button, Context, RichText, Slider};
use picture::Format;

use super::dialogs::{choose, heading, modal};
use super::theme::{ROW, STEP, tokens};
use crate::session::{Export, ExportFormat};

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
        ui.label(words(*export));
        if let ExportFormat::Picture(Format::WebP { .. }) = export.format() {
            ui.add_space(STEP);
            ui.checkbox(&mut export.lossy_webp, "Lossy");
        }
        if let ExportFormat::Picture(Format::Jpeg { .. } | Format::WebP { quality: Some(_) }) = export.format() {
            ui.add_space(STEP);
            ui.horizontal(|ui| {
                ui.label("Quality");
                ui.name_inputs("Quality", |ui| ui.add(Slider::new(&mut export.quality, 1..=100)));
            });
        }
        if let ExportFormat::Picture(format) = export.format() {
            if format.keeps_transparency() {
                ui.add_space(STEP);
                ui.checkbox(&mut export.transparent, "Keep what is transparent");
            }
            if format.carries_recipe() {
                ui.add_space(STEP);
                ui.checkbox(&mut export.with_recipe, "With the recipe");
            }
        }
        ui.add_space(STEP);
        let always = format!("Colours are sRGB, and the file says so. {}", ground(*export));
        ui.label(RichText::new(always).color(tokens(ui).dim));
        ui.add_space(3.0 * STEP);
        choose(ui, [("Choose where…", true), ("Cancel", false)])
    });
    let given_up = modal.should_close().then_some(false);
    modal.inner.or(given_up)
}

fn words(export: Export) -> &'static str {
    let format = match export.format() {
        ExportFormat::Picture(format) => format,
        ExportFormat::Psd => {
            return "Photoshop document, with layers: groups, names, opacities and blend modes go along. Masks, hints and the reference side stay in \
                    the document.";
        }
    };
    match format {
        Format::Png if export.with_recipe => "Without losses. A take's recipe goes along, so that it can be made again.",
        Format::Png => "Without losses. A take's recipe stays in the document.",
        Format::Jpeg { .. } => "Small, with losses. It carries no recipe: the document keeps it.",
        Format::WebP { quality: Some(_) } => "Smaller than JPEG, with losses. It carries no recipe: the document keeps it.",
        Format::WebP { quality: None } => "Without losses, smaller than PNG. It carries no recipe: the document keeps it.",
        Format::Tiff => "Without losses, for print and compositing. It carries no recipe: the document keeps it.",
    }
}

/// What becomes of what is transparent.
fn ground(export: Export) -> &'static str {
    match export.format() {
        ExportFormat::Picture(format) if export.transparent && format.keeps_transparency() => "What is transparent stays so.",
        ExportFormat::Picture(_) => "What is transparent becomes white.",
        ExportFormat::Psd => "What is transparent stays so in the layers, and becomes white in the merged picture.",
    }
}
