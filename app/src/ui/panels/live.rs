//! Live mode in the panel: its switch, and how much time each picture takes.

use egui::{Button, Slider, Ui};
use engine::request::Settings;

use crate::command::Command;
use crate::session::Session;
use crate::ui::theme::{ROW, tokens};
use crate::ui::{hint, percent, slider_row};

/// The switch, and beside it how live mode is doing.
pub fn switch(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let mut on = session.is_live();
    let switch = |ui: &mut Ui| ui.checkbox(&mut on, "Live").on_hover_text(hint(ui, Command::ToggleLive));
    if ui.add_enabled_ui(session.allows(Command::ToggleLive), switch).inner.clicked() {
        commands.push(Command::ToggleLive);
    }
    if session.is_live() {
        state(ui, session);
    }
}

/// What there is to set while it is on.
pub fn settings(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    if !session.is_live() {
        return;
    }
    let live = session.live_settings_mut();
    let tip = "Steps of a live picture: fewer come sooner";
    slider_row(ui, "Live steps", tip, Slider::new(&mut live.steps, 1..=12));
    let tip = "Begin with the last live picture, not with noise, where only the drawing has changed: what stays is steadier, and so are mistakes";
    ui.checkbox(&mut live.goes_on, "Go on from the last picture")
        .on_hover_text(tip);
    if live.goes_on {
        let tip = "How far the last picture is painted over: little keeps it, 100 % leaves next to nothing of it";
        slider_row(ui, "Live change", tip, percent(&mut live.change, Settings::START_STRENGTH));
    }
    let keep = Button::new("Keep the live picture").min_size(egui::vec2(ui.available_width(), ROW));
    let response = ui.add_enabled(session.allows(Command::KeepLive), keep);
    if response.on_hover_text(hint(ui, Command::KeepLive)).clicked() {
        commands.push(Command::KeepLive);
    }
}

/// What live mode is doing, and how fast it answered last.
fn state(ui: &mut Ui, session: &Session) {
    if let Some(unread) = session.unread_words() {
        ui.label(egui::RichText::new("waits for the words").small().color(tokens(ui).warn))
            .on_hover_text(unread);
        return;
    }
    let words = match (session.is_live_coloring(), session.live_latency()) {
        (true, _) => "colouring".to_owned(),
        (false, Some(latency)) => format!("{:.2} s", latency.as_secs_f32()),
        (false, None) => return,
    };
    let tip = "From the last change to the first picture that knew of it";
    ui.label(egui::RichText::new(words).small().color(tokens(ui).dim))
        .on_hover_text(tip);
}
