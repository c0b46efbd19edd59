//! What this program is, and whose work is in it.

use egui::{Context, Label, RichText, Ui};

use super::dialogs::{heading, modal, page_button};
use super::theme::{STEP, tokens};
use crate::session::Session;

/// The page, open or not.
#[derive(Default)]
pub struct AboutPage {
    open: bool,
}

impl AboutPage {
    pub fn open(&mut self) {
        self.open = true;
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the page while it is open.
    pub fn show(&mut self, context: &Context, session: &Session) {
        if !self.open {
            return;
        }
        let modal = modal(context, "about").show(context, |ui| {
            ui.set_width(420.0);
            heading(ui, concat!("Shiage ", env!("CARGO_PKG_VERSION")));
            say(
                ui,
                "Colours line art from a reference picture; figure and background keep apart by masks that you paint.",
            );
            ui.add_space(2.0 * STEP);
            part(ui, "Pictures by", &format!("{}, on {}", session.model(), session.device()));
            part(
                ui,
                "Method",
                "Image Referenced Sketch Colorization Based on Animation Creation Workflow, CVPR 2025: arxiv.org/abs/2502.19937",
            );
            part(
                ui,
                "Licence",
                "MIT or Apache-2.0, as you like. The model in the program is this project\u{2019}s own.",
            );
            part(ui, "Letters and icons", "Inter (SIL Open Font License), Phosphor (MIT)");
            part(
                ui,
                "The authors\u{2019} weights",
                "are not in the program. They carry a licence of their own: no commercial use.",
            );
            ui.add_space(3.0 * STEP);
            if page_button(ui, "Close").clicked() {
                ui.close();
            }
        });
        if modal.should_close() {
            self.open = false;
        }
    }
}

fn say(ui: &mut Ui, words: &str) {
    ui.add(Label::new(words).wrap());
}

fn part(ui: &mut Ui, name: &str, words: &str) {
    ui.label(RichText::new(name).small().color(tokens(ui).dim));
    say(ui, words);
    ui.add_space(STEP);
}
