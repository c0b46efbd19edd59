//! The adapter files over the model, each with its strength.

use egui::{Button, Label, RichText, Ui};
use engine::request::AdapterFile;

use super::more::{group, share};
use crate::command::Command;
use crate::ui::theme::STEP;
use crate::ui::{hint, icon, icon_button};

pub fn show(ui: &mut Ui, adapters: &mut Vec<AdapterFile>, commands: &mut Vec<Command>) {
    group(ui, "Adapters");
    let mut removed = None;
    for (number, adapter) in adapters.iter_mut().enumerate() {
        ui.push_id(("adapter", number), |ui| {
            let name = name(adapter);
            ui.horizontal(|ui| {
                if icon_button(ui, icon::TRASH, 16.0, false, &format!("Remove {name}"), "Remove this adapter").clicked() {
                    removed = Some(number);
                }
                let path = adapter.file.display().to_string();
                ui.add(Label::new(RichText::new(&name)).truncate()).on_hover_text(path);
            });
            let tip = "How much of what it learned counts: 0 % nothing, 100 % all, more exaggerates";
            share(ui, "Strength", tip, &mut adapter.strength, 1.0, AdapterFile::STRENGTH);
        });
        ui.add_space(STEP);
    }
    if let Some(number) = removed {
        adapters.remove(number);
    }
    let tip = "A file that was trained on pictures for the model above";
    ui.horizontal(|ui| {
        if ui.add(Button::new("Add an adapter")).on_hover_text(tip).clicked() {
            commands.push(Command::AddAdapter);
        }
        if ui
            .add(Button::new("Train one"))
            .on_hover_text(hint(ui, Command::Train))
            .clicked()
        {
            commands.push(Command::Train);
        }
    });
}

/// The run's name and the file's: many runs leave files of one name.
fn name(adapter: &AdapterFile) -> String {
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (folder, file) = (
        adapter.file.parent().and_then(|folder| folder.file_name()),
        adapter.file.file_stem(),
    );
    match folder {
        Some(folder) => format!("{} / {}", text(Some(folder)), text(file)),
        None => text(file),
    }
}
