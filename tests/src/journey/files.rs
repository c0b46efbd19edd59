//! Files: by the menus, the dialogs of the program's own, and from a file manager.

use std::path::Path;

use app::document::{self, Document};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use super::{Journey, area};
use crate::screen::accent;

impl Journey {
    /// Types where a file shall be written, which a dialog of the program's own asks for. The plan writes into a folder of its own.
    pub fn write_to(&mut self, path: &Path) {
        let planned = self.plan.folder.path().join(path.file_name().unwrap_or_default());
        self.type_path(path, &planned);
        self.click("Save here");
    }

    /// Types where the file is that shall be read.
    pub fn read_from(&mut self, path: &Path) {
        self.type_path(path, path);
        self.click("Choose this");
    }

    fn type_path(&mut self, path: &Path, planned: &Path) {
        self.plan.harness.run();
        let field = area(self.place("Path").expand(2.0));
        // It has the keyboard once it has a line around it in the accent colour.
        self.screen.until("the question for a path", |screen| {
            let picture = screen.look(field);
            (picture.pixels().filter(|pixel| accent(pixel.0)).count() > 200).then_some(())
        });
        self.screen.key("ctrl+a");
        self.type_on_screen(path.to_str().expect("temporary folders have plain names"));
        self.plan.press(Modifiers::COMMAND, Key::A);
        self.type_in_plan(&planned.to_string_lossy());
    }

    /// Opens another file by the menu.
    pub fn open(&mut self, path: &Path) {
        self.come(|journey| {
            journey.menu("File", "Open…");
            journey.read_from(path);
        });
    }

    /// Opens a file that was open before by the menu.
    pub fn open_again(&mut self, name: &str) {
        self.come(|journey| {
            journey.click("File");
            journey.click("Open recent");
            // The folder that it lies in stands behind it.
            let place = journey.button_named(|label| label.starts_with(name), |_| true);
            let place = place.unwrap_or_else(|| panic!("{name} is not among the recent files"));
            journey.press(place.center().round());
        });
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
}

fn written(file: &Path) -> Option<Document> {
    Some(document::open(file).ok()?.document)
}
