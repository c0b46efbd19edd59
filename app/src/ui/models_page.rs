//! The folder of models: what is in it, what comes and goes. Work goes on while the page is closed.

use std::time::Duration;

use egui::{Align, Button, Context, Label, Layout, ProgressBar, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo, vec2};

use super::dialogs::{choose, heading, modal, page_button};
use super::panels::welcome::drop_hint;
use super::theme::{ROW, STEP, tokens};
use super::title;
use crate::command::Command;
use crate::models::address::KNOWN;
use crate::session::{Session, Stored};

const WIDTH: f32 = 620.0;
/// Height of the list, where it scrolls.
const LIST: f32 = 260.0;
/// How often a bar moves.
const BEAT: Duration = Duration::from_millis(100);

/// The page, open or not.
#[derive(Default)]
pub struct ModelsPage {
    open: bool,
    /// What is to be fetched, as it is typed.
    wanted: String,
    /// The file that goes if a person says so once more.
    going: Option<Stored>,
}

impl ModelsPage {
    /// Opens the page, and looks at what there is.
    pub fn open(&mut self, session: &mut Session) {
        *self = Self {
            open: true,
            ..Self::default()
        };
        session.look_for_models();
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the page while it is open.
    pub fn show(&mut self, context: &Context, session: &mut Session, commands: &mut Vec<Command>) {
        if !self.open {
            return;
        }
        let modal = modal(context, "models").show(context, |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 16.0 * STEP));
            heading(ui, "Models");
            self.list(ui, session);
            ui.add_space(2.0 * STEP);
            let busy = session.model_desk().work().is_some();
            ui.add_enabled_ui(!busy, |ui| {
                self.bring(ui, session, commands);
                order(ui, session);
            });
            ui.add_space(2.0 * STEP);
            progress(ui, session);
            if page_button(ui, "Close").clicked() {
                ui.close();
            }
            if ui.input(|input| !input.raw.hovered_files.is_empty()) {
                drop_hint(ui, ui.min_rect(), "Drop to add to the models");
            }
        });
        if modal.should_close() {
            self.open = false;
        }
    }

    fn list(&mut self, ui: &mut Ui, session: &mut Session) {
        let stored = session.stored_models().to_vec();
        let busy = session.model_desk().work().is_some();
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            ui.set_width(ui.available_width());
            facts(ui, "Built-in model", "in the program", Some("MIT or Apache 2.0"), None);
            if session.is_looking_for_models() && stored.is_empty() {
                ui.label(RichText::new("Looking into the folder…").small().color(tokens(ui).dim));
            }
            for file in &stored {
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let button = |ui: &mut Ui, verb: &str| {
                            let response = ui.add_enabled(!busy, Button::new(verb).min_size(vec2(72.0, ROW)));
                            let name = format!("{verb} {}", file.name);
                            response.widget_info(|| WidgetInfo::labeled(Role::Button, !busy, &name));
                            response.clicked()
                        };
                        if button(ui, "Remove") {
                            self.going = Some(file.clone());
                        }
                        if button(ui, "Verify") {
                            session.verify_model(file);
                        }
                        ui.with_layout(Layout::top_down(Align::Min), |ui| {
                            let what = file.what.as_ref().unwrap_or_else(|error| error);
                            facts(ui, &file.name, what, file.licence.as_deref(), file.source.as_deref());
                        });
                    });
                });
            }
        });
        if let Some(file) = self.going.clone() {
            ui.label(format!("{} will be removed from the disk.", file.name));
            let answers = [("Remove it", true), ("Keep it", false)];
            match ui.add_enabled_ui(!busy, |ui| choose(ui, answers)).inner {
                Some(true) => {
                    session.remove_model(&file);
                    self.going = None;
                }
                Some(false) => self.going = None,
                None => {}
            }
        }
    }

    /// What brings files into the folder.
    fn bring(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        if page_button(ui, "Add a file…").clicked() {
            commands.push(Command::AddModel);
        }
        ui.add_space(2.0 * STEP);
        title(ui, "Fetch");
        let dim = tokens(ui).dim;
        let words = "OWNER/REPOSITORY/FILE of Hugging Face, or the address of a file. Its licence is shown first.";
        ui.add(Label::new(RichText::new(words).small().color(dim)).wrap());
        ui.horizontal(|ui| {
            let look = vec2(96.0, ROW);
            let width = ui.available_width() - look.x - ui.spacing().item_spacing.x;
            let field = TextEdit::singleline(&mut self.wanted);
            ui.name_inputs("What to fetch", |ui| ui.add_sized([width, ROW], field));
            let button = Button::new("Look it up").min_size(look);
            if ui.add_enabled(!self.wanted.trim().is_empty(), button).clicked() {
                session.order_model(&self.wanted);
            }
        });
        for (name, _, _, what) in KNOWN {
            ui.horizontal(|ui| {
                if ui.add(Button::new(name).min_size(vec2(144.0, ROW))).clicked() {
                    self.wanted = name.to_owned();
                    session.order_model(name);
                }
                ui.add(Label::new(RichText::new(what).small().color(dim)).truncate());
            });
        }
    }
}

fn facts(ui: &mut Ui, name: &str, what: &str, licence: Option<&str>, source: Option<&str>) {
    let title = ui.add(Label::new(RichText::new(name)).truncate());
    if let Some(source) = source {
        title.on_hover_text(source);
    }
    let licence = licence.unwrap_or("licence not stated");
    let words = RichText::new(format!("{what}; {licence}")).small().color(tokens(ui).dim);
    ui.add(Label::new(words).wrap());
}

/// What was looked up, and whether its licence is accepted.
fn order(ui: &mut Ui, session: &mut Session) {
    let Some(order) = session.model_desk().order() else { return };
    ui.add_space(2.0 * STEP);
    ui.label(format!("{} of {}", order.address.file, order.page));
    ui.label(format!("Licence: {}", order.licence()));
    if let Some(accepted) = choose(ui, [("Accept and download", true), ("Leave it", false)]) {
        session.answer_order(accepted);
    }
}

/// What is being done, or what came of it.
fn progress(ui: &mut Ui, session: &Session) {
    if let Some(trouble) = session.models_trouble() {
        ui.add(Label::new(RichText::new(trouble).color(tokens(ui).bad)).wrap());
    }
    let desk = session.model_desk();
    if let Some((words, share, can_be_cancelled)) = desk.work() {
        ui.horizontal(|ui| {
            let width = ui.available_width() - 96.0 - ui.spacing().item_spacing.x;
            let bar = match share {
                Some(share) => ProgressBar::new(share).text(format!("{words}: {:.0} %", 100.0 * share)),
                None => ProgressBar::new(0.0).text(words),
            };
            let response = ui.add(bar.desired_width(width));
            response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, words));
            if can_be_cancelled && page_button(ui, "Cancel").clicked() {
                desk.cancel();
            }
        });
        ui.ctx().request_repaint_after(BEAT);
    }
    match desk.said() {
        Some(Ok(words)) => drop(ui.add(Label::new(words).wrap())),
        Some(Err(words)) => drop(ui.add(Label::new(RichText::new(words).color(tokens(ui).bad)).wrap())),
        None => {}
    }
    ui.add_space(STEP);
}
