//! Every command by its words: type a few letters, Enter does it.

use egui::{Align2, Button, Context, Frame, Id, Key, Margin, Modal, Modifiers, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::shortcuts::keymap;
use super::theme::{ROW, STEP, tokens};
use crate::command::{Command, Keymap, Workspace};

/// The list, open or not.
#[derive(Default)]
pub struct CommandSearch {
    open: bool,
    words: String,
    /// The row that Enter takes.
    row: usize,
}

impl CommandSearch {
    pub fn open(&mut self) {
        *self = Self {
            open: true,
            ..Self::default()
        };
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the list while it is open; the command that was chosen.
    pub fn show(&mut self, context: &Context, workspace: Workspace, allows: impl Fn(Command) -> bool) -> Option<Command> {
        if !self.open {
            return None;
        }
        let frame = Frame::popup(&context.global_style()).inner_margin(Margin::same(12));
        let id = Id::unique("commands");
        // What is typed stays where it is, however short the list below it becomes.
        let below = context.content_rect().height() * 0.15;
        let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, below));
        let modal = Modal::new(id).area(area).frame(frame).show(context, |ui| {
            ui.set_width(440.0);
            self.contents(ui, workspace, allows)
        });
        if modal.inner.is_some() || modal.should_close() {
            self.open = false;
        }
        modal.inner
    }

    fn contents(&mut self, ui: &mut Ui, workspace: Workspace, allows: impl Fn(Command) -> bool) -> Option<Command> {
        let (up, down, enter) = ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
            (pressed(Key::ArrowUp), pressed(Key::ArrowDown), pressed(Key::Enter))
        });
        ui.label(RichText::new("What do you want to do?").color(tokens(ui).dim));
        let edit = TextEdit::singleline(&mut self.words).desired_width(f32::INFINITY);
        let field = ui.name_inputs("Find a command", |ui| ui.add(edit));
        field.request_focus();
        if field.changed() {
            self.row = 0;
        }
        let keymap = keymap(ui.ctx());
        let found = matching(&self.words, &keymap, |command| {
            command != Command::FindCommand && command.belongs_to(workspace)
        });
        self.row = match (up, down) {
            (true, _) => self.row.saturating_sub(1),
            (_, true) => self.row + 1,
            _ => self.row,
        }
        .min(found.len().saturating_sub(1));
        ui.add_space(STEP);
        if found.is_empty() {
            ui.label(RichText::new("No command is called that.").color(tokens(ui).dim));
        }
        let mut chosen = None;
        ScrollArea::vertical().max_height(12.0 * (ROW + STEP)).show(ui, |ui| {
            for (row, command) in found.iter().enumerate() {
                let button = Button::selectable(row == self.row, command.label())
                    .shortcut_text(keymap.words(*command))
                    .min_size(vec2(ui.available_width(), ROW));
                let response = ui.add_enabled(allows(*command), button);
                if row == self.row && (up || down) {
                    response.scroll_to_me(None);
                }
                if response.clicked() || (enter && row == self.row && response.enabled()) {
                    chosen = Some(*command);
                }
            }
        });
        chosen
    }
}

/// The commands of those wanted whose words, name in the table, menu or keys hold all that was typed; those first whose own words begin with it.
pub fn matching(typed: &str, keymap: &Keymap, wanted: impl Fn(Command) -> bool) -> Vec<Command> {
    let typed = typed.trim().to_lowercase();
    let fits = |command: &Command| {
        let (label, menu) = (command.label().to_lowercase(), command.menu().label().to_lowercase());
        let (name, keys) = (command.name().to_lowercase(), keymap.words(*command).to_lowercase());
        typed
            .split_whitespace()
            .all(|word| label.contains(word) || name.contains(word) || menu == word || keys == word)
    };
    let mut found: Vec<Command> = Command::all().filter(|command| wanted(*command)).filter(fits).collect();
    found.sort_by_key(|command| !command.label().to_lowercase().starts_with(&typed));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Chord;

    #[test]
    fn commands_are_found_by_their_words_their_menu_and_their_keys() {
        let mut keymap = Keymap::default();
        keymap.assign(Command::SelectFill, Chord::parse("Ctrl+F9"));
        let studio = |typed: &str| matching(typed, &keymap, |command| command.belongs_to(Workspace::Studio));
        assert_eq!(studio("eras")[0], Command::SelectEraser);
        assert_eq!(studio("layer dup")[..1], [Command::DuplicateLayer]);
        assert_eq!(studio("shift+enter"), [Command::Colorize]);
        assert_eq!(studio(&keymap.words(Command::SelectFill)), [Command::SelectFill]);
        // By the name that the file of keys has for it, too.
        assert_eq!(studio("sideways flip"), [Command::FlipSideways]);
        assert!(studio("layer").len() > 10 && studio("no such thing").is_empty());
        assert_eq!(studio("").len(), studio(" ").len());
        assert!(!studio("reject").contains(&Command::Reject), "that is the gallery's");
    }
}
