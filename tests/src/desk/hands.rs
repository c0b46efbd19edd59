//! Pointer and keys on a test's desk.

use egui::accesskit::Role as Widget;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase, vec2};
use egui_kittest::kittest::Queryable;

use super::Desk;

impl Desk {
    /// Where a share of a pane lies on the screen.
    pub fn place(&self, pane: &str, x: f32, y: f32) -> Pos2 {
        let rect: Rect = self.harness.get_by_label(pane).rect();
        rect.lerp_inside(vec2(x, y))
    }

    /// A stroke through the middle of a pane.
    pub fn stroke(&mut self, pane: &str) {
        self.wait_for_palette();
        self.drag_between(self.place(pane, 0.4, 0.5), self.place(pane, 0.6, 0.5));
    }

    /// Presses at one point and holds at another.
    pub fn hold(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.step();
        self.harness.drag_at(from);
        self.harness.step();
        self.harness.hover_at(to);
        self.harness.step();
    }

    /// Presses at one point and lets go at another: a click, where they are the same.
    pub fn drag_between(&mut self, from: Pos2, to: Pos2) {
        self.carry_between(from, to);
        self.harness.drop_at(to);
        self.harness.run();
    }

    /// Presses at one point and goes to another, and does not let go.
    pub fn carry_between(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.run();
        self.harness.drag_at(from);
        self.harness.step();
        for share in [0.25, 0.5, 0.75, 1.0] {
            self.harness.hover_at(from.lerp(to, share));
            self.harness.step();
        }
    }

    /// Drags from one share of the canvas's picture to another.
    pub fn drag(&mut self, from: [f32; 2], to: [f32; 2]) {
        self.drag_between(self.on_picture(from), self.on_picture(to));
    }

    /// Where a share of the canvas's picture lies, which is square and fitted.
    pub fn on_picture(&self, [x, y]: [f32; 2]) -> Pos2 {
        let pane = self.harness.get_by_label("Canvas").rect();
        pane.center() + vec2(x - 0.5, y - 0.5) * (pane.size().min_elem() - 48.0)
    }

    /// A click with modifier keys.
    pub fn click_at(&mut self, pos: Pos2, modifiers: Modifiers) {
        self.click_button_at(pos, PointerButton::Primary, modifiers);
    }

    /// A click with the other button.
    pub fn click_right_at(&mut self, pos: Pos2) {
        self.click_button_at(pos, PointerButton::Secondary, Modifiers::NONE);
    }

    fn click_button_at(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.harness.hover_at(pos);
        self.harness.run();
        for pressed in [true, false] {
            self.button_at(pos, button, pressed, modifiers);
        }
        self.harness.run();
    }

    /// A button goes down or up, in a frame of its own.
    pub fn button_at(&mut self, pos: Pos2, button: PointerButton, pressed: bool, modifiers: Modifiers) {
        self.harness.event(Event::PointerButton {
            pos,
            button,
            pressed,
            modifiers,
        });
        self.harness.step();
    }

    /// Turns the wheel away from the hand by so many clicks; below 0 towards it.
    pub fn wheel_at(&mut self, pos: Pos2, clicks: i16) {
        self.harness.hover_at(pos);
        self.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, f32::from(clicks)),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        self.harness.run();
    }

    /// A click within one frame.
    pub fn quick_click_at(&mut self, pos: Pos2) {
        self.harness.hover_at(pos);
        self.harness.run();
        self.click_together(pos, 1);
    }

    /// Two clicks within one frame: the harness's own frames are too far apart.
    pub fn double_click_at(&mut self, pos: Pos2) {
        self.harness.hover_at(pos);
        self.harness.run();
        self.click_together(pos, 2);
    }

    /// Goes there and clicks so many times, all of it within one frame.
    pub(super) fn click_together(&mut self, pos: Pos2, times: usize) {
        let held = self.harness.ctx.input(|input| input.modifiers);
        let events = &mut self.harness.input_mut().events;
        events.push(Event::PointerMoved(pos));
        for pressed in [true, false].repeat(times) {
            events.push(Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed,
                modifiers: held,
            });
        }
        self.harness.step();
        self.harness.run();
    }

    /// Holds modifier keys, or lets go of them.
    pub fn hold_keys(&mut self, held: Modifiers) {
        self.harness.event(Event::ModifiersChanged(held));
        self.harness.run();
    }

    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
    }

    /// Types into a field that is being edited.
    pub fn type_into(&mut self, field: Widget, name: &str, text: &str) {
        self.harness.get_by_role_and_label(field, name).type_text(text);
        self.harness.run();
    }

    /// Finds a command by its words and does it.
    pub fn find_command(&mut self, words: &str) {
        self.press(Modifiers::COMMAND, Key::K);
        self.type_into(Widget::TextInput, "Find a command", words);
        self.press(Modifiers::NONE, Key::Enter);
    }
}
