//! Every command with its keys, to be changed.

use egui::{
    Align, Button, Context, EventFilter, Id, Key, Label, Layout, Modifiers, Response, RichText, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, vec2,
};

use super::command_search::matching;
use super::dialogs::{heading, modal, page_button};
use super::theme::{ROW, STEP, tokens};
use super::{icon, icon_button};
use crate::command::{Chord, Command, Held, Keymap, Press, Workspace};

const WIDTH: f32 = 560.0;
/// Width of a button with keys.
const KEYS: f32 = 148.0;
/// What is around the list.
const AROUND: f32 = 272.0;

/// The page, open or not.
#[derive(Default)]
pub struct KeysPage {
    open: bool,
    words: String,
    asking: Asking,
}

/// What the page wants to know.
#[derive(Clone, Debug, Default, PartialEq)]
enum Asking {
    #[default]
    Nothing,
    /// The new keys of a command.
    Keys(Command),
    /// Whether a command gets keys that others have.
    Taking(Command, Chord),
    /// Other keys for a command than those that do something while they are held.
    Others(Command, Chord, Held),
}

impl KeysPage {
    pub fn open(&mut self) {
        *self = Self {
            open: true,
            ..Self::default()
        };
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the page while it is open; the keys that count from now on, if they are others.
    pub fn show(&mut self, context: &Context, keymap: &Keymap) -> Option<Keymap> {
        if !self.open {
            return None;
        }
        let mut changed = keymap.clone();
        let modal = modal(context, "keys").show(context, |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 16.0 * STEP));
            self.listen(ui, &mut changed);
            self.contents(ui, &mut changed);
        });
        if modal.should_close() {
            self.open = false;
        }
        (changed != *keymap).then_some(changed)
    }

    /// Takes the keys that are asked for.
    fn listen(&mut self, ui: &Ui, keymap: &mut Keymap) {
        let pressed = ui.input(|input| {
            let fresh = |event: &&egui::Event| !matches!(event, egui::Event::Key { repeat: true, .. });
            input.events.iter().filter(fresh).find_map(Press::of)
        });
        let Some(press) = pressed else { return };
        if self.asking != Asking::Nothing && press.is_escape() {
            ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            self.asking = Asking::Nothing;
        } else if let Asking::Keys(command) = self.asking {
            self.propose(keymap, command, press.chord());
        }
    }

    /// Gives the command its keys, unless others would lose them: that is asked first.
    fn propose(&mut self, keymap: &mut Keymap, command: Command, chord: Chord) {
        self.asking = if let Some(held) = Held::of(chord, command.workspace()) {
            Asking::Others(command, chord, held)
        } else if !keymap.rivals(command, chord).is_empty() {
            Asking::Taking(command, chord)
        } else {
            keymap.assign(command, Some(chord));
            Asking::Nothing
        };
    }

    fn contents(&mut self, ui: &mut Ui, keymap: &mut Keymap) {
        ui.horizontal(|ui| {
            heading(ui, "Keys");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let all = Button::new("All back to the defaults").min_size(vec2(0.0, ROW));
                if ui.add_enabled(*keymap != Keymap::default(), all).clicked() {
                    *keymap = Keymap::default();
                    self.asking = Asking::Nothing;
                }
            });
        });
        ui.label(RichText::new("Find a command by its words, its menu or its keys.").color(tokens(ui).dim));
        let edit = TextEdit::singleline(&mut self.words).desired_width(f32::INFINITY);
        let field = ui.name_inputs("Find a command", |ui| ui.add(edit));
        if ui.memory(|memory| memory.focused().is_none()) && self.asking == Asking::Nothing {
            field.request_focus();
        }
        ui.add_space(STEP);
        let found = matching(&self.words, keymap, |_| true);
        let height = (ui.ctx().content_rect().height() - AROUND).clamp(3.0 * ROW, 480.0);
        ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
            ui.set_min_height(height);
            if found.is_empty() {
                ui.label(RichText::new("No command is called that, and none has these keys.").color(tokens(ui).dim));
            }
            ScrollArea::vertical()
                .auto_shrink(false)
                .show_rows(ui, ROW, found.len(), |ui, rows| {
                    for command in &found[rows] {
                        ui.push_id(command.name(), |ui| self.row(ui, keymap, *command));
                    }
                });
        });
        ui.add_space(2.0 * STEP);
        ui.vertical(|ui| {
            // As high as the longest question: the page stays where it is.
            ui.set_min_height(2.0 * ROW + STEP);
            self.question(ui, keymap);
        });
        ui.add_space(2.0 * STEP);
        if page_button(ui, "Close").clicked() {
            ui.close();
        }
    }

    fn row(&mut self, ui: &mut Ui, keymap: &mut Keymap, command: Command) {
        ui.set_height(ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let label = command.label().trim_end_matches('…');
            let changed = keymap.is_changed(command);
            ui.add_enabled_ui(changed, |ui| {
                let words = format!("Back to the default of {label}");
                let default = command.default_keys();
                let tip = match default {
                    Some(chord) => format!("Back to {}", chord.shown()),
                    None => "Back to no keys".to_owned(),
                };
                if changed && icon_button(ui, icon::RESET, 14.0, false, &words, &tip).clicked() {
                    match default {
                        Some(chord) => self.propose(keymap, command, chord),
                        None => keymap.assign(command, None),
                    }
                } else if !changed {
                    ui.add_space(14.0 + 2.0 * STEP);
                }
            });
            if self.keys(ui, keymap, command).clicked() {
                self.asking = Asking::Keys(command);
            }
            let place = command.workspace().map_or("Everywhere", Workspace::label);
            let place = format!("{place} · {}", command.menu().label());
            ui.allocate_ui_with_layout(vec2(144.0, ROW), Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(144.0);
                ui.label(RichText::new(place).small().color(tokens(ui).dim));
            });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(label).truncate())
            });
        });
    }

    /// The button that shows a command's keys.
    fn keys(&self, ui: &mut Ui, keymap: &Keymap, command: Command) -> Response {
        let asked = self.asking == Asking::Keys(command);
        let words = match (asked, keymap.keys(command)) {
            (true, _) => RichText::new("Press the new keys").color(tokens(ui).on_chosen()),
            (false, Some(chord)) => RichText::new(chord.shown()),
            (false, None) => RichText::new("None").color(tokens(ui).dim),
        };
        let button = Button::new(words).selected(asked).min_size(vec2(KEYS, ROW));
        let response = ui.add(button);
        let name = format!("Keys of {}", command.label().trim_end_matches('…'));
        response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, asked, &name));
        response.on_hover_text("Change the keys")
    }

    /// What is asked, and the answers to it.
    /// The ways on where a command does not get the keys that were pressed.
    fn go_on(&mut self, ui: &mut Ui, command: Command) {
        if page_button(ui, "Press others").clicked() {
            self.asking = Asking::Keys(command);
        }
        if page_button(ui, "Cancel").clicked() {
            self.asking = Asking::Nothing;
        }
    }

    fn question(&mut self, ui: &mut Ui, keymap: &mut Keymap) {
        let label = |command: Command| command.label().trim_end_matches('…');
        let say = |ui: &mut Ui, words: String, color| ui.add(Label::new(RichText::new(words).color(color)).wrap());
        match self.asking.clone() {
            Asking::Nothing => {
                let words = "Click on a command's keys to change them.".to_owned();
                say(ui, words, tokens(ui).dim);
            }
            Asking::Keys(command) => {
                let words = format!(
                    "Press the new keys of \u{201c}{}\u{201d}. Escape leaves them.",
                    label(command)
                );
                say(ui, words, tokens(ui).text);
                hold_focus(ui);
                if page_button(ui, "No keys").clicked() {
                    keymap.assign(command, None);
                    self.asking = Asking::Nothing;
                }
            }
            Asking::Taking(command, chord) => {
                let rivals = keymap.rivals(command, chord);
                let names: Vec<String> = rivals
                    .iter()
                    .map(|rival| format!("\u{201c}{}\u{201d}", label(*rival)))
                    .collect();
                let rest = if rivals.len() == 1 {
                    "It would have none."
                } else {
                    "They would have none."
                };
                let words = format!("{} is already for {}. {rest}", chord.shown(), names.join(", "));
                say(ui, words, tokens(ui).warn);
                ui.horizontal(|ui| {
                    if page_button(ui, "Take it over").clicked() {
                        keymap.assign(command, Some(chord));
                        self.asking = Asking::Nothing;
                    }
                    self.go_on(ui, command);
                });
            }
            Asking::Others(command, chord, held) => {
                let words = format!("{} {}. No command can have it.", chord.shown(), held.words());
                say(ui, words, tokens(ui).warn);
                ui.horizontal(|ui| self.go_on(ui, command));
            }
        }
    }
}

/// Keeps Tab, the arrows and Escape from walking through the controls: they may be the new keys.
fn hold_focus(ui: &mut Ui) {
    let id = Id::unique("new keys");
    let response = ui.interact(ui.min_rect(), id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, "Waiting for keys"));
    response.request_focus();
    let all = EventFilter {
        tab: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: true,
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, all));
}
