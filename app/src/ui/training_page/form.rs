//! What is chosen for a run.

use egui::{Button, Checkbox, ComboBox, DragValue, Label, RichText, TextEdit, Ui, vec2};
use engine::training::Target;

use crate::command::Command;
use crate::session::Session;
use crate::training::words;
use crate::ui::panels::model;
use crate::ui::theme::{ROW, STEP, semibold, tokens};
use crate::ui::{dropping, row};

/// The sizes that are offered.
const SIDES: [u32; 6] = [64, 128, 192, 256, 384, 512];

pub fn show(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    pictures(ui, session, commands);
    ui.add_space(2.0 * STEP);
    let mut base = session.training_form().tuning.base.clone();
    model::choose(ui, session, "Base", "The model that is trained on", &mut base);
    session.training_form().tuning.base = base;
    target(ui, session);
    ui.add_space(2.0 * STEP);
    numbers(ui, session);
    ui.add_space(2.0 * STEP);
    start(ui, session);
}

fn pictures(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    let colors = tokens(ui);
    let form = session.training_form();
    let chosen = !form.tuning.data.as_os_str().is_empty();
    ui.horizontal(|ui| {
        let words = if chosen { "Choose others" } else { "Choose a folder" };
        let tip = "A folder with color/ and, where there are any, sketch/ and mask/ with the same names, as pictures or zip archives; or coloured pictures alone";
        if ui.add(Button::new(words).min_size(vec2(112.0, ROW))).on_hover_text(tip).clicked() {
            commands.push(Command::ChooseTrainingPictures);
        }
        dropping::invite(ui, "or drop one here");
    });
    if chosen {
        let path = form.tuning.data.display().to_string();
        ui.add(Label::new(RichText::new(&path).small()).truncate())
            .on_hover_text(path);
    }
    let say = |ui: &mut Ui, words: &str, color| ui.add(Label::new(RichText::new(words).small().color(color)).wrap());
    match session.training_found() {
        _ if !chosen => {
            let words = "Coloured pictures are enough: line art is extracted, and masks of the figures are proposed.";
            say(ui, words, colors.dim);
        }
        None => {
            say(ui, "Looking at the pictures…", colors.dim);
        }
        Some(Ok(count)) => {
            say(ui, &format!("{}.", words::counted(*count)), colors.good);
            if let Some(made) = words::made(*count) {
                say(ui, &format!("{made}."), colors.dim);
            }
        }
        Some(Err(reason)) => {
            say(ui, reason, colors.bad);
        }
    }
}

fn target(ui: &mut Ui, session: &mut Session) {
    let form = session.training_form();
    let colors = tokens(ui);
    let tip = "Figure and background have adapters of their own: small files that lean the model towards your pictures, with a strength";
    row(ui, "Learns", tip, |ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        for target in Target::ALL {
            let chosen = form.tuning.target == target;
            let (color, tip) = match target {
                Target::Foreground => (colors.foreground, "The figure's adapters"),
                Target::Background => (colors.background, "The background's adapters"),
                Target::Both => (
                    colors.text,
                    "The figure's adapters, then the background's, each for as many steps",
                ),
                Target::Base => (
                    colors.text,
                    "Everything but adapters and autoencoder: a model of its own, for many pictures and a long time",
                ),
            };
            let text = match chosen {
                true => RichText::new(words::target(target)).color(color),
                false => RichText::new(words::target(target)),
            };
            if ui.selectable_label(chosen, text).on_hover_text(tip).clicked() {
                form.set_target(target);
            }
        }
    });
}

fn numbers(ui: &mut Ui, session: &mut Session) {
    let tuning = &mut session.training_form().tuning;
    let number = |ui: &mut Ui, name: &str, tip: &str, value: &mut usize, most: usize| {
        row(ui, name, tip, |ui| {
            ui.name_inputs(name, |ui| ui.add_sized([96.0, ROW], DragValue::new(value).range(1..=most)))
                .on_hover_text(tip);
        });
    };
    number(
        ui,
        "Steps",
        "How long it learns, of each part; the more pictures, the more steps",
        &mut tuning.steps,
        1_000_000,
    );
    number(
        ui,
        "Pictures",
        "How many pictures a step looks at; fewer need less memory",
        &mut tuning.batch,
        1024,
    );
    let tip = "Side of the cuts that are learned from; smaller ones need less memory and time";
    row(ui, "Size", tip, |ui| {
        let said = |size: Option<u32>| size.map_or("The model's own".to_owned(), |side| format!("{side} × {side}"));
        ui.name_inputs("Size", |ui| {
            ComboBox::from_id_salt("training size")
                // As wide as the list of models above.
                .width(ui.available_width() - ROW - ui.spacing().item_spacing.x)
                .selected_text(said(tuning.size))
                .show_ui(ui, |ui| {
                    for size in std::iter::once(None).chain(SIDES.map(Some)) {
                        ui.selectable_value(&mut tuning.size, size, said(size));
                    }
                })
                .response
        })
        .on_hover_text(tip);
    });
    rate(ui, &mut tuning.learning_rate);
    ui.add(Checkbox::new(&mut tuning.gradient_checkpointing, "Less memory, more time"))
        .on_hover_text("Gradient checkpointing: what light operations made is made again instead of being kept");
}

pub(super) fn rate(ui: &mut Ui, rate: &mut f64) {
    let tip = "How far a step goes at the beginning; it falls to a tenth. Too much and the loss is no longer a number";
    row(ui, "Rate", tip, |ui| {
        let speed = *rate / 50.0;
        let field = DragValue::new(rate)
            .range(1e-7..=1e-1)
            .speed(speed)
            .custom_formatter(|value, _| format!("{value:.1e}"))
            .custom_parser(|text| text.trim().parse().ok());
        ui.name_inputs("Rate", |ui| ui.add_sized([96.0, ROW], field))
            .on_hover_text(tip);
    });
}

fn start(ui: &mut Ui, session: &mut Session) {
    let tip = "Of the folder that the run is kept in";
    let colors = tokens(ui);
    let form = session.training_form();
    row(ui, "Name", tip, |ui| {
        let field = TextEdit::singleline(&mut form.name).desired_width(ui.available_width());
        ui.name_inputs("Name", |ui| ui.add(field)).on_hover_text(tip);
    });
    if let Some(folder) = session.training_folder() {
        let folder = folder.display().to_string();
        let words = RichText::new(format!("Kept in {folder}")).small().color(colors.dim);
        ui.add(Label::new(words).truncate()).on_hover_text(folder);
    }
    ui.add_space(2.0 * STEP);
    let ready = matches!(session.training_found(), Some(Ok(_))) && session.training_folder().is_some();
    let text = RichText::new("Start training").font(semibold(13.0));
    let button = match ready {
        true => Button::new(text.color(colors.on_accent())).fill(colors.accent),
        false => Button::new(text),
    };
    let size = vec2(ui.available_width(), ROW + 2.0 * STEP);
    let response = ui.add_enabled_ui(ready, |ui| ui.add_sized(size, button)).inner;
    if response
        .on_disabled_hover_text("Choose a folder with pictures first")
        .clicked()
    {
        session.start_training();
    }
    if let Some(trouble) = session.training_trouble() {
        ui.add(Label::new(RichText::new(trouble).small().color(colors.bad)).wrap());
    }
}
