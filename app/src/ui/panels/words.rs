//! Words that change what the reference says.

use egui::{Button, Checkbox, Slider, TextEdit, Ui};
use engine::request::{ModelRef, Prompt, Settings};

use crate::ui::theme::{ROW, STEP};
use crate::ui::{icon, icon_button, row, slider_row};

/// Every prompt with its fields, and a button for one more.
pub fn show(ui: &mut Ui, settings: &mut Settings) {
    let understood = settings.model != ModelRef::Embedded;
    let mut removed = None;
    ui.add_enabled_ui(understood, |ui| {
        for (number, prompt) in settings.prompts.iter_mut().enumerate() {
            ui.push_id(("prompt", number), |ui| {
                if fields(ui, prompt) {
                    removed = Some(number);
                }
            });
            ui.add_space(STEP);
        }
    });
    if let Some(number) = removed {
        settings.prompts.remove(number);
    }
    let response = ui
        .add_enabled(understood, Button::new("Add words"))
        .on_hover_text("Words that change what the reference says, such as another colour of hair; each after the ones before");
    let response = response.on_disabled_hover_text(
        "The model in the program understands no words: choose a published one, with OpenCLIP ViT-H-14 as its image tower",
    );
    if response.clicked() {
        settings.prompts.push(Prompt::default());
    }
}

/// Whether the prompt is to go.
fn fields(ui: &mut Ui, prompt: &mut Prompt) -> bool {
    let remove = row(ui, "More of", "What there should be, in English", |ui| {
        let width = ui.available_width() - ROW - ui.spacing().item_spacing.x;
        ui.add(
            TextEdit::singleline(&mut prompt.target)
                .desired_width(width)
                .hint_text("blonde hair"),
        );
        icon_button(ui, icon::TRASH, 16.0, false, "Remove these words", "Remove these words").clicked()
    });
    text(
        ui,
        "Instead of",
        "What it takes the place of; may stay empty",
        "black hair",
        &mut prompt.anchor,
    );
    text(
        ui,
        "Where",
        "What in the reference is meant; empty for all of it",
        "hair",
        &mut prompt.control,
    );
    let tip = "How much of it there should be";
    slider_row(
        ui,
        "How much",
        tip,
        Slider::new(&mut prompt.scale, 0.0..=15.0).fixed_decimals(1),
    );
    ui.add(Checkbox::new(&mut prompt.enhance, "As much as there was of the other"))
        .on_hover_text("Where the reference had much of what is replaced, there is as much more of the new");
    remove
}

fn text(ui: &mut Ui, name: &str, tip: &str, hint: &str, value: &mut String) {
    row(ui, name, tip, |ui| {
        let field = TextEdit::singleline(value)
            .desired_width(ui.available_width())
            .hint_text(hint);
        ui.name_inputs(name, |ui| ui.add(field)).on_hover_text(tip)
    });
}
