//! What the hands do, on the screen and in the plan.

use egui::accesskit::Role as Widget;
use egui::{Event, Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use super::Journey;

impl Journey {
    /// Clicks a control.
    pub fn click(&mut self, name: &str) {
        let place = self.place(name);
        self.press(place.center().round());
    }

    /// Clicks beside the pages that hang from buttons, which closes them.
    pub fn close(&mut self) {
        let canvas = self.plan.harness.get_by_label("Canvas").rect();
        self.press((canvas.left_bottom() + vec2(8.0, -8.0)).round());
    }

    /// Clicks with the other button on a pixel of the canvas's picture, which shows what a painter wants most often.
    pub fn click_right(&mut self, pixel: [f32; 2]) {
        let at = self.on_screen(pixel);
        self.go_to(at);
        self.screen.run("xdotool", &["click", "3"]);
        self.screen.settle();
        self.plan.click_right_at(at);
    }

    /// While Shift is held.
    pub fn with_shift(&mut self, act: impl FnOnce(&mut Self)) {
        self.hold_shift("keydown", Modifiers::SHIFT);
        act(self);
        self.hold_shift("keyup", Modifiers::NONE);
    }

    fn hold_shift(&mut self, what: &str, held: Modifiers) {
        self.screen.run("xdotool", &[what, "shift"]);
        self.screen.settle();
        self.plan.hold_keys(held);
    }

    /// Turns the wheel away from the hand, over a pixel of the canvas's picture, by so many clicks.
    pub fn wheel(&mut self, pixel: [f32; 2], clicks: i16) {
        self.turn_wheel(self.on_screen(pixel), clicks);
    }

    /// Turns the wheel towards the hand over what is called so.
    pub fn scroll(&mut self, over: &str, clicks: i16) {
        self.turn_wheel(self.place(over).center().round(), -clicks);
    }

    fn turn_wheel(&mut self, at: Pos2, clicks: i16) {
        self.go_to(at);
        let button = if clicks > 0 { "4" } else { "5" };
        let times = clicks.unsigned_abs().to_string();
        self.screen.run("xdotool", &["click", "--repeat", &times, button]);
        // A turn is spread over frames.
        let mut before = self.screen.picture();
        self.screen.until("the end of the turn", |screen| {
            screen.settle();
            let now = screen.picture();
            let still = now == before;
            before = now;
            still.then_some(())
        });
        // Of a wheel without smooth steps, as a virtual screen has it, winit tells each click twice: when it is pressed, and when it is let go.
        self.plan.wheel_at(at, 2 * clicks);
    }

    /// Drags a slider to a share of its width.
    pub fn slide(&mut self, name: &str, share: f32) {
        let to = self.place(name).lerp_inside(vec2(share, 0.5)).round();
        self.drag(&[to - vec2(8.0, 0.0), to]);
    }

    /// Clicks the entry of a menu of the bar.
    pub fn menu(&mut self, menu: &str, entry: &str) {
        let above = self.place(menu);
        self.click(menu);
        // Its keys stand behind it.
        let named = |label: &str| label == entry || label.strip_prefix(entry).is_some_and(|rest| rest.starts_with(' '));
        let below = |place: &Rect| (place.left() - above.left()).abs() < 40.0 && place.top() > above.top();
        let place = self.button_named(named, below);
        let place = place.unwrap_or_else(|| panic!("the menu {menu} has no {entry:?}"));
        self.press(place.center().round());
    }

    /// Where a button stands whose name is so, in a place that is so.
    pub(super) fn button_named(&self, is_name: impl Fn(&str) -> bool, is_place: impl Fn(&Rect) -> bool) -> Option<Rect> {
        let entries = self.plan.harness.query_all_by_role(Widget::Button);
        let named = entries.filter(|node| node.accesskit_node().label().is_some_and(|label| is_name(&label)));
        named.map(|node| node.rect()).find(is_place)
    }

    /// Clicks the entry of a menu of the bar that changes how the canvas looks.
    pub fn look(&mut self, entry: &str) {
        let canvas = self.canvas();
        self.menu("View", entry);
        self.until_canvas(entry, &canvas);
    }

    /// Takes a brush from the list of presets.
    pub fn take_preset(&mut self, name: &str) {
        self.click("Preset");
        self.click(name);
    }

    pub(super) fn press(&mut self, at: Pos2) {
        self.go_to(at);
        self.button("click");
        // As there: press and release come within one frame.
        self.plan.quick_click_at(at);
    }

    pub(super) fn go_to(&self, at: Pos2) {
        self.screen
            .run("xdotool", &["mousemove", &at.x.to_string(), &at.y.to_string()]);
        self.screen.settle();
    }

    fn button(&self, what: &str) {
        self.screen.run("xdotool", &[what, "1"]);
        self.screen.settle();
    }

    /// Draws with the tool in the hand, or clicks, from one pixel of the canvas's picture to the next.
    pub fn draw(&mut self, way: &[[f32; 2]]) {
        let places: Vec<Pos2> = way.iter().map(|pixel| self.on_screen(*pixel)).collect();
        self.drag(&places);
    }

    /// Where a pixel of the canvas's picture is while it is fitted.
    fn on_screen(&self, pixel: [f32; 2]) -> Pos2 {
        let size = self.plan.document().canvas().size()[0] as f32;
        self.plan.on_picture(pixel.map(|at| at / size)).round()
    }

    /// Drags the layer `name` to a share of the height of another's row.
    pub fn drag_row(&mut self, name: &str, to: &str, height: f32) {
        let (from, to) = (self.place(name), self.place(to));
        let (start, end) = (from.center().round(), to.lerp_inside(vec2(0.6, height)).round());
        self.drag(&[start, start.lerp(end, 0.5).round(), end]);
    }

    /// Drags on what is called so, from one share of it to the next.
    pub fn drag_on(&mut self, name: &str, way: &[[f32; 2]]) {
        let places: Vec<Pos2> = way.iter().map(|[x, y]| self.plan.place(name, *x, *y).round()).collect();
        self.drag(&places);
    }

    /// Drags between two places of the screen.
    pub fn drag_between(&mut self, from: Pos2, to: Pos2) {
        self.drag(&[from.round(), from.lerp(to, 0.5).round(), to.round()]);
    }

    /// From one place of the screen to the next, with the button down.
    fn drag(&mut self, places: &[Pos2]) {
        let (first, rest) = (places[0], &places[1..]);
        let Some(last) = rest.last() else { return self.press(first) };
        self.go_to(first);
        self.button("mousedown");
        rest.iter().for_each(|place| self.go_to(*place));
        self.button("mouseup");
        let harness = &mut self.plan.harness;
        harness.hover_at(first);
        harness.run();
        harness.drag_at(first);
        harness.step();
        for place in rest {
            harness.hover_at(*place);
            harness.step();
        }
        harness.drop_at(*last);
        harness.run();
        self.plan.wait("what was moved", |app| !app.session.is_laying());
    }

    /// Takes the transform tool, and waits for its box.
    pub fn open_box(&mut self) {
        let canvas = self.canvas();
        self.click("Transform");
        self.plan.wait("the box", |app| app.session.transform_side().is_some());
        self.until_canvas("the box", &canvas);
    }

    /// Types into what has the keyboard.
    pub fn write(&mut self, text: &str) {
        self.type_on_screen(text);
        self.type_in_plan(text);
    }

    pub(super) fn type_on_screen(&self, text: &str) {
        self.screen.run("xdotool", &["type", "--delay", "40", text]);
        self.screen.settle();
    }

    pub(super) fn type_in_plan(&mut self, text: &str) {
        self.plan.harness.event(Event::Text(text.to_owned()));
        self.plan.harness.run();
    }

    pub fn enter(&mut self) {
        self.screen.key("Return");
        self.screen.settle();
        self.plan.press(Modifiers::NONE, Key::Enter);
    }
}
