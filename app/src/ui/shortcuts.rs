//! Keys to commands, and commands to the keys that tooltips and menus show.

use std::sync::Arc;

use egui::{Context, Id};

use crate::command::{Command, Keymap, Press, Workspace};

/// Lets everything that is drawn in `context` know which keys there are.
pub fn provide(context: &Context, keymap: &Arc<Keymap>) {
    context.data_mut(|data| data.insert_temp(Id::NULL, keymap.clone()));
}

/// The keys that count in `context`.
pub fn keymap(context: &Context) -> Arc<Keymap> {
    let provided = context.data(|data| data.get_temp(Id::NULL));
    provided.unwrap_or_default()
}

/// The keys of a command as a person reads them; empty without keys.
pub fn keys(context: &Context, command: Command) -> String {
    keymap(context).words(command)
}

/// The commands of `workspace` whose keys were pressed in this frame, in order. While a person types, only those with Ctrl count, and of those not the ones that a text
/// field has too. Of keys that are held down only those are repeated whose command `repeats`. `had_focus`: a control had the focus in the last frame, so that Escape takes that away and does nothing else.
pub fn pressed(context: &Context, workspace: Workspace, had_focus: bool, repeats: impl Fn(Command) -> bool) -> Vec<Command> {
    let typing = context.egui_wants_keyboard_input();
    let keymap = keymap(context);
    context.input(|input| {
        let presses = input.events.iter().filter_map(Press::of);
        let free = presses.filter(|press| !(typing && press.is_for_text() || had_focus && press.is_escape()));
        let issued = free.filter_map(|press| Some((keymap.pressed(workspace, press)?, press.is_repeated())));
        let counts = |(command, repeated): (Command, bool)| (!repeated || repeats(command)).then_some(command);
        issued.filter_map(counts).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Event, Key, Modifiers, RawInput};

    #[test]
    fn of_keys_that_are_held_down_only_what_repeats_is_repeated() {
        let held = |key, repeats: fn(Command) -> bool| {
            let event = |repeat| Event::Key {
                key,
                physical_key: None,
                pressed: true,
                repeat,
                modifiers: Modifiers::COMMAND,
            };
            let context = Context::default();
            context.begin_pass(RawInput {
                events: vec![event(false), event(true), event(true)],
                ..RawInput::default()
            });
            pressed(&context, Workspace::Studio, false, repeats)
        };
        assert_eq!(held(Key::Z, Command::is_step), [Command::Undo; 3]);
        assert_eq!(held(Key::J, Command::is_step), [Command::DuplicateLayer]);
        assert_eq!(held(Key::Z, |_| false), [Command::Undo]);
    }
}
