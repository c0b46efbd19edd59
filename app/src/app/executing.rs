//! What commands do: some are the window's own, others the workspace's that shows.

use egui::ViewportCommand;

use super::App;
use super::leaving::{Leave, Parting};
use crate::command::{Command, Workspace};
use crate::gallery::recipe_fields;
use crate::session::Notice;
use crate::ui::shortcuts;

impl App {
    pub(super) fn execute(&mut self, context: &egui::Context, command: Command) {
        match command {
            Command::Quit => context.send_viewport_cmd(ViewportCommand::Close),
            Command::RenewWindow => self.leave_window(context, false),
            Command::RestoreWork => self.restoring = true,
            Command::RemovePreset => self.parting = self.allows(command).then_some(Parting::Preset),
            Command::FindCommand => self.search.open(),
            Command::ChangeKeys => self.keys.open(),
            Command::PenSettings => self.pen.open(),
            Command::About => self.about.open(),
            Command::New => self.new.open(),
            Command::FeatherSelection | Command::GrowSelection | Command::ShrinkSelection => {
                if self.allows(command) {
                    self.selection.open(command);
                }
            }
            Command::CanvasSize | Command::ScalePicture => self.canvas.open(command, &self.session),
            Command::ToggleFullScreen => {
                let full = context.input(|input| input.viewport().fullscreen.unwrap_or(false));
                context.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            Command::Train => self.training.open(&mut self.session),
            Command::ManageModels => self.models.open(&mut self.session),
            Command::AddModel => {
                if !self.models.is_open() {
                    self.models.open(&mut self.session);
                }
                self.session.run(command);
            }
            Command::ChooseTrainingPictures => {
                self.training.open(&mut self.session);
                self.session.run(command);
            }
            Command::Open | Command::OpenSample | Command::NewFromSketch | Command::PasteNew | Command::OpenCell
                if self.session.is_modified() =>
            {
                self.leave_safely(context, Leave::Run(command));
            }
            Command::OpenInStudio => self.open_in_studio(context),
            Command::ShowStudio => self.workspace = Workspace::Studio,
            Command::ShowSwapBoard => self.workspace = Workspace::SwapBoard,
            Command::ShowGallery => self.workspace = Workspace::Gallery,
            // What these are about differs from workspace to workspace.
            Command::Undo | Command::Redo | Command::Cancel if self.workspace == Workspace::SwapBoard => {
                self.swap_board.run(command, &mut self.session);
            }
            _ if self.is_of_gallery(command) => self.gallery.run(command, &mut self.session),
            _ => {
                self.session.run(command);
                match command.workspace() {
                    Some(Workspace::SwapBoard) => self.swap_board.run(command, &mut self.session),
                    _ => self.studio.run(command, &mut self.session),
                }
                if command == Command::ToggleCanvasOnly && self.studio.is_canvas_only() {
                    let keys = shortcuts::keys(context, command);
                    self.session.notice = Some(Notice::info(format!(
                        "{keys}, or the button on a right click, brings the panels back."
                    )));
                }
            }
        }
    }

    /// From now on the next document that opens shows its takes in the gallery.
    pub fn review_takes_of_next(&mut self) {
        self.reviews_takes = true;
    }

    /// Asks where the takes shall go, to be looked through.
    pub(super) fn review_takes(&mut self) {
        match self.session.allows(Command::ReviewTakes) {
            true => self.session.run(Command::ReviewTakes),
            false => self.session.notice = Some(Notice::info("This document has no takes yet: Colorize makes one.")),
        }
    }

    /// A picture that was made in a document leads back to that, if it is open; every other one to a new document.
    fn open_in_studio(&mut self, context: &egui::Context) {
        let allowed = self.gallery.allows(Command::OpenInStudio, &self.session);
        let Some(entry) = self.gallery.remakable().filter(|_| allowed) else {
            return;
        };
        let replaces = !recipe_fields::is_of_document(entry);
        let path = entry.path.clone();
        match replaces {
            true => self.leave_safely(context, Leave::OpenTake(path)),
            false => self.session.open_take(path),
        }
    }

    /// Whether the command is for the gallery, which shows.
    fn is_of_gallery(&self, command: Command) -> bool {
        let shared = matches!(command, Command::Undo | Command::Redo | Command::Cancel);
        self.workspace == Workspace::Gallery && (shared || !command.belongs_to(Workspace::Studio))
    }

    /// Whether a command is issued again and again while its keys are held down. Steps are; in a blind review they are votes, each about other pictures.
    pub(super) fn repeats(&self, command: Command) -> bool {
        let votes = self.workspace == Workspace::Gallery && self.gallery.is_blind();
        command.is_step() && !votes
    }

    pub(super) fn allows(&self, command: Command) -> bool {
        match (self.workspace, command) {
            (Workspace::SwapBoard, _) => self.swap_board.allows(command, &self.session),
            _ if self.is_of_gallery(command) => self.gallery.allows(command, &self.session),
            _ => self.session.allows(command),
        }
    }
}
