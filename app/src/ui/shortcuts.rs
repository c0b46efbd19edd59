//! Keys to commands, and commands to the keys that tooltips and menus show.

use std::sync::Arc;

use egui::{Context, Event, Id, Key, Modifiers};

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

/// On Windows Shift+Delete cuts in a text field, and the window's library makes a cut of it everywhere: puts the key that was pressed in its place. `held`: the
/// modifiers before the events.
pub fn restore_delete(events: &mut [Event], mut held: Modifiers) {
    for event in events {
        match event {
            Event::ModifiersChanged(now) => held = *now,
            Event::Cut if held.shift && !held.command => {
                *event = Event::Key {
                    key: Key::Delete,
                    physical_key: Some(Key::Delete),
                    pressed: true,
                    repeat: false,
                    modifiers: held,
                };
            }
            _ => {}
        }
    }
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
    use egui::RawInput;

    #[test]
    fn a_cut_by_shift_and_delete_is_the_key_again() {
        let mut events = [
            Event::Cut,
            Event::ModifiersChanged(Modifiers::COMMAND),
            Event::Cut,
            Event::ModifiersChanged(Modifiers::NONE),
            Event::Cut,
        ];
        restore_delete(&mut events, Modifiers::SHIFT);
        let presses = events.iter().filter_map(Press::of);
        let commands = presses.map(|press| Keymap::default().pressed(Workspace::Studio, press));
        let commands: Vec<_> = commands.collect();
        assert_eq!(commands, [Some(Command::RemoveLayer), Some(Command::Cut), Some(Command::Cut)]);
    }

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
