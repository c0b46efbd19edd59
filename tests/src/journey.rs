//! A person's way through the built program with the mouse. Beside it the same program is led the same way in this process: there a control is found by the
//! name that a screen reader says, and the place where it stands is the place to go to on the screen.

mod files;
mod hands;

use std::path::PathBuf;

use app::document::{self, Document, Layer};
use egui::accesskit::Role as Widget;
use egui::{Pos2, Rect, vec2};
use egui_kittest::kittest::Queryable;
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
        let colors = journey.plan.harness.state().session.reference_colors().clone();
        if let Some(color) = colors.background.first() {
            journey.until_swatch("Background colour", *color);
        }
        journey
    }

    /// Waits until a colour to click shows on the screen.
    pub fn until_swatch(&self, name: &str, [r, g, b]: [u8; 3]) {
        let name = format!("{name} #{r:02X}{g:02X}{b:02X}");
        let place = area(self.plan.button(&name).rect().shrink(4.0));
        self.screen.until(&name, |screen| {
            let shown = screen.look(place);
            shown.pixels().all(|pixel| pixel.0 == [r, g, b]).then_some(())
        });
    }

    /// Where a control stands.
    fn place(&self, name: &str) -> Rect {
        let found = |role| self.plan.harness.query_all_by_role_and_label(role, name).next();
        let control = PRESSABLE.into_iter().find_map(found);
        control.unwrap_or_else(|| panic!("there is no {name:?} to press")).rect()
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

    /// The document that the plan has come to.
    pub fn planned(&self) -> &Document {
        self.plan.document()
    }

    pub fn is_running(&mut self) -> bool {
        self.program.0.try_wait().is_ok_and(|ended| ended.is_none())
    }
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

/// Whether there is a layer of a name, a picture, with anything painted at a pixel.
pub fn is_painted(document: &Document, name: &str, at: [u32; 2]) -> bool {
    document.canvas().layers().any(|layer| layer.name == name) && color(document, name, at)[3] > 0
}
