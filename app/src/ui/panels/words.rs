//! Words that change what the reference says.

use egui::{Checkbox, RichText, Slider, TextEdit, Ui};
use engine::request::{ModelRef, Prompt, Settings};

use crate::generate::words;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{decimals, icon, icon_button, row, slider_row};

/// Every prompt with its fields, and a button for one more; and what cannot be read of them.
pub fn show(ui: &mut Ui, settings: &mut Settings, unread: Option<&str>) {
    let mut removed = None;
    for (number, prompt) in settings.prompts.iter_mut().enumerate() {
        ui.push_id(("prompt", number), |ui| {
            if fields(ui, prompt) {
                removed = Some(number);
            }
        });
        ui.add_space(STEP);
    }
    if let Some(number) = removed {
        settings.prompts.remove(number);
    }
    let response = ui
        .button("Add words")
        .on_hover_text("Words that change what the reference says, such as another colour of hair; each after the ones before");
    if response.clicked() {
        settings.prompts.push(Prompt::default());
    }
    if let Some(unread) = unread {
        ui.label(RichText::new(unread).small().color(tokens(ui).warn));
    }
    // Other models know English.
    if settings.model == ModelRef::Embedded
        && !settings.prompts.is_empty()
        && let Some(known) = words::known()
    {
        let (parts, colors) = (known.parts.join(", "), known.colors.join(", "));
        let words = format!("The model in the program knows these parts: {parts}. And these colours: {colors}.");
        ui.label(RichText::new(words).small().color(tokens(ui).dim));
    }
}

/// Whether the prompt is to go.
fn fields(ui: &mut Ui, prompt: &mut Prompt) -> bool {
    let remove = row(ui, "More of", "What there should be, in English", |ui| {
        let width = ui.available_width() - ROW - ui.spacing().item_spacing.x;
        field(ui, "More of", "blonde hair", width, &mut prompt.target);
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
    let scale = decimals(Slider::new(&mut prompt.scale, Prompt::SCALE), 1);
    slider_row(ui, "How much", tip, scale);
    ui.add(Checkbox::new(&mut prompt.enhance, "As much as there was of the other"))
        .on_hover_text("Where the reference had much of what is replaced, there is as much more of the new");
    remove
}

fn text(ui: &mut Ui, name: &str, tip: &str, hint: &str, value: &mut String) {
    row(ui, name, tip, |ui| field(ui, name, hint, ui.available_width(), value));
}

fn field(ui: &mut Ui, name: &str, hint: &str, width: f32, value: &mut String) {
    let response = ui.add(TextEdit::singleline(value).desired_width(width).hint_text(hint));
    // It would be read out by its hint alone.
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
}
