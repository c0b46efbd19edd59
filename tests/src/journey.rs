//! A person's way through the built program with the mouse. Beside it the same program is led the same way in this process: there a control is found by the
//! name that a screen reader says, and the place where it stands is the place to go to on the screen.

use std::path::{Path, PathBuf};

use app::document::{self, Document, Layer};
use egui::accesskit::Role as Widget;
use egui::{Event, Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use image::RgbImage;

use crate::desk::Desk;
use crate::screen::{Area, Running, SIZE, Screen, cut, differ};

/// What can be pressed.
const PRESSABLE: [Widget; 8] = [
    Widget::Button,
    Widget::CheckBox,
    Widget::RadioButton,
    Widget::ComboBox,
    Widget::Tab,
    Widget::TextInput,
    Widget::Slider,
    Widget::SpinButton,
];

pub struct Journey {
    pub screen: Screen,
    /// The same program, led the same way.
    pub plan: Desk,
    program: Running,
    file: PathBuf,
}

impl Journey {
    /// Opens a document, whose picture is square, in the program and in the plan.
    pub fn begin(document: &Document) -> Self {
        let screen = Screen::new();
        let mut plan = Desk::new();
        plan.harness.set_size(vec2(SIZE[0] as f32, SIZE[1] as f32));
        let file = screen.folder.path().join("drawing.ora");
        let planned = plan.folder.path().join("drawing.ora");
        for path in [&file, &planned] {
            document::save(document, path).expect("the disk has room");
        }
        plan.open(planned);
        plan.wait_for_palette();
        let program = screen.open(&[file.as_os_str()]);
        let journey = Self {
            screen,
            plan,
            program,
            file,
        };
        let canvas = journey.canvas_area();
        journey.screen.until("the picture", |screen| {
            let light = screen.look(canvas).pixels().filter(|pixel| pixel[1] > 200).count();
            (light > 1000).then_some(())
        });
        // They stand under the reference, which moves when they come.
        let palette = journey.plan.harness.state().session.palette().clone();
        if let Some([r, g, b]) = palette.background.first() {
            let name = format!("Background colour #{r:02X}{g:02X}{b:02X}");
            let place = area(journey.plan.button(&name).rect().shrink(4.0));
            journey.screen.until("the reference's colours", |screen| {
                let shown = screen.look(place);
                shown.pixels().all(|pixel| pixel.0 == [*r, *g, *b]).then_some(())
            });
        }
        journey
    }

    /// Where a control stands.
    fn place(&self, name: &str) -> Rect {
        let found = |role| self.plan.harness.query_all_by_role_and_label(role, name).next();
        let control = PRESSABLE.into_iter().find_map(found);
        control.unwrap_or_else(|| panic!("there is no {name:?} to press")).rect()
    }

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

    /// Clicks the entry of a menu of the bar that changes how the canvas looks.
    pub fn look(&mut self, entry: &str) {
        let canvas = self.canvas();
        self.menu("View", entry);
        self.until_canvas(entry, &canvas);
    }

    fn press(&mut self, at: Pos2) {
        self.go_to(at);
        self.button("click");
        // As there: press and release come within one frame.
        self.plan.quick_click_at(at);
    }

    fn go_to(&self, at: Pos2) {
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

    fn type_on_screen(&self, text: &str) {
        self.screen.run("xdotool", &["type", "--delay", "40", text]);
        self.screen.settle();
    }

    fn type_in_plan(&mut self, text: &str) {
        self.plan.harness.event(Event::Text(text.to_owned()));
        self.plan.harness.run();
    }

    pub fn enter(&mut self) {
        self.screen.key("Return");
        self.screen.settle();
        self.plan.press(Modifiers::NONE, Key::Enter);
    }

    /// The part of the screen that the picture fills.
    pub fn canvas_area(&self) -> Area {
        area(Rect::from_two_pos(
            self.plan.on_picture([0.02; 2]),
            self.plan.on_picture([0.98; 2]),
        ))
    }

    /// The part of the screen that a pane fills.
    pub fn pane(&self, name: &str) -> Area {
        area(self.plan.harness.get_by_label(name).rect())
    }

    /// What the canvas looks like.
    pub fn canvas(&self) -> RgbImage {
        self.screen.look(self.canvas_area())
    }

    /// Waits until the canvas looks otherwise.
    pub fn until_canvas(&self, what: &str, before: &RgbImage) {
        self.screen
            .until(what, |_| (differ(&self.canvas(), before) > 200).then_some(()));
    }

    /// Waits in the plan until what is looked for away from the window has changed the document, after `act`; on the screen until the canvas looks otherwise.
    pub fn find(&mut self, what: &str, act: impl FnOnce(&mut Self)) {
        let (before, state) = (self.canvas(), self.plan.state());
        act(self);
        self.plan.wait_for_change(what, state);
        self.until_canvas(what, &before);
    }

    /// Waits until a control shows where the screen was otherwise `before`.
    pub fn until_shown(&self, name: &str, before: &RgbImage) {
        let place = area(self.place(name));
        let empty = cut(before, place);
        self.screen
            .until(name, |screen| (differ(&screen.look(place), &empty) > 20).then_some(()));
    }

    /// Waits until a button can be pressed: its words are bright then.
    pub fn until_ready(&self, name: &str) {
        let place = area(self.place(name));
        let bright = |picture: RgbImage| {
            picture
                .pixels()
                .filter(|pixel| pixel.0.iter().all(|value| *value > 190))
                .count()
        };
        self.screen
            .until(name, |screen| (bright(screen.look(place)) > 30).then_some(()));
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

    /// Types where a file shall be written, which a dialog of the program's own asks for. The plan writes into a folder of its own.
    pub fn write_to(&mut self, path: &Path) {
        let planned = self.plan.folder.path().join(path.file_name().unwrap_or_default());
        self.type_path(path, &planned);
        self.click("Save here");
    }

    /// Types where the file is that shall be read.
    pub fn read_from(&mut self, path: &Path) {
        self.type_path(path, path);
        self.click("Open this");
    }

    fn type_path(&mut self, path: &Path, planned: &Path) {
        self.plan.harness.run();
        let field = area(self.place("Path").expand(2.0));
        // It has the keyboard once it has a line around it in the accent colour.
        let ready = |picture: RgbImage| picture.pixels().filter(|pixel| pixel.0 == [0xE8, 0xC1, 0x5A]).count() > 200;
        self.screen
            .until("the question for a path", |screen| ready(screen.look(field)).then_some(()));
        self.screen.key("ctrl+a");
        self.type_on_screen(path.to_str().expect("temporary folders have plain names"));
        self.plan.press(Modifiers::COMMAND, Key::A);
        self.type_in_plan(&planned.to_string_lossy());
    }

    /// Opens another file by the menu.
    pub fn open(&mut self, path: &Path) {
        self.menu("File", "Open…");
        self.come(|journey| journey.read_from(path));
    }

    /// Opens a file that was open before by the menu.
    pub fn open_again(&mut self, name: &str) {
        self.click("File");
        self.click("Open recent");
        // The folder that it lies in stands behind it.
        let place = self.button_named(|label| label.starts_with(name), |_| true);
        let place = place.unwrap_or_else(|| panic!("{name} is not among the recent files"));
        self.come(|journey| journey.press(place.center().round()));
    }

    /// Where a button stands whose name is so, in a place that is so.
    fn button_named(&self, is_name: impl Fn(&str) -> bool, is_place: impl Fn(&Rect) -> bool) -> Option<Rect> {
        let entries = self.plan.harness.query_all_by_role(Widget::Button);
        let named = entries.filter(|node| node.accesskit_node().label().is_some_and(|label| is_name(&label)));
        named.map(|node| node.rect()).find(is_place)
    }

    /// Waits for the document that comes by `act`.
    fn come(&mut self, act: impl FnOnce(&mut Self)) {
        let (canvas, before) = (self.canvas(), self.plan.harness.state().session.opened());
        act(self);
        self.plan.wait("the file", |app| app.session.opened() > before);
        self.until_canvas("the file", &canvas);
    }

    /// Lets a file fall on what is called so, as a file manager does.
    pub fn drop_on(&mut self, name: &str, file: &Path) {
        let at = self.plan.harness.get_by_label(name).rect().center().round();
        self.go_to(at);
        self.screen.drop_file(file, [at.x as u32, at.y as u32]);
        self.plan.harness.hover_at(at);
        self.plan.harness.step();
        self.plan.drop_file(file.to_owned());
    }

    /// Saves by the menu, and waits until the file is as it should be.
    pub fn save(&mut self, what: &str, is_right: impl Fn(&Document) -> bool) -> Document {
        self.menu("File", "Save");
        self.screen.until(what, |_| written(&self.file).filter(&is_right))
    }

    /// Saves under another name, by the menu.
    pub fn save_as(&mut self, name: &str) -> Document {
        let path = self.screen.folder.path().join(name);
        self.menu("File", "Save as…");
        self.write_to(&path);
        self.screen.until(name, |_| written(&path))
    }

    /// The document that the plan has come to.
    pub fn planned(&self) -> &Document {
        self.plan.document()
    }

    pub fn is_running(&mut self) -> bool {
        self.program.0.try_wait().is_ok_and(|ended| ended.is_none())
    }
}

fn written(file: &Path) -> Option<Document> {
    Some(document::open(file).ok()?.document)
}

/// What of the screen a place covers.
fn area(place: Rect) -> Area {
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(SIZE[0] as f32, SIZE[1] as f32));
    let place = place.intersect(screen).round();
    [place.left(), place.top(), place.width(), place.height()].map(|at| at as u32)
}

/// The canvas's layers from the top down, those of groups indented.
pub fn names(document: &Document) -> Vec<String> {
    let canvas = document.canvas();
    let indented = |layer: &Layer| format!("{}{}", "  ".repeat(canvas.depth(layer.id)), layer.name);
    canvas.layers().rev().map(indented).collect()
}

/// The layer of a name.
pub fn layer<'a>(document: &'a Document, name: &str) -> &'a Layer {
    let found = document.canvas().layers().find(|layer| layer.name == name);
    found.unwrap_or_else(|| panic!("no layer {name:?} in {:?}", names(document)))
}

/// A pixel of the layer of a name, which is a picture.
pub fn color(document: &Document, name: &str, [x, y]: [u32; 2]) -> [u8; 4] {
    layer(document, name).raster().expect("a picture").pixel(x, y)
}
