//! The window: it drains what the engine and the files have told, draws, and passes commands on. It waits for nothing.

mod leaving;
mod renewal;

use std::path::PathBuf;
use std::time::Instant;

use egui::{Key, Theme, ViewportCommand};
use engine::device::Opened;

use crate::canvas::context::Context;
use crate::command::{Command, Press, Workspace};
use crate::document::Side;
use crate::gallery::recipe_fields;
use crate::generate::engine::Engine;
use crate::pen::pointer::Pointer;
use crate::pen::{self, touch};
use crate::session::{COPY_EVERY, Edge, Notice, Session, state_folder};
use crate::ui::command_search::CommandSearch;
use crate::ui::dialogs;
use crate::ui::export;
use crate::ui::gallery_view::GalleryView;
use crate::ui::keys_page::KeysPage;
use crate::ui::models_page::ModelsPage;
use crate::ui::pen_page::PenPage;
use crate::ui::selection_page::SelectionPage;
use crate::ui::studio::Studio;
use crate::ui::swap_board::SwapBoard;
use crate::ui::theme;
use crate::ui::training_page::TrainingPage;
use crate::ui::{menu_bar, shortcuts};
use crate::window::{BoardFiles, WindowOptions};
use leaving::{Ending, Leave};
pub use renewal::Lost;
use renewal::Wake;

/// The program's window.
pub struct App {
    pub session: Session,
    workspace: Workspace,
    studio: Studio,
    pub swap_board: SwapBoard,
    pub gallery: GalleryView,
    /// Counts what came into the studio: a new document or reference brings it to the front.
    opened: u64,
    search: CommandSearch,
    keys: KeysPage,
    pen: PenPage,
    pen_pointer: Pointer,
    selection: SelectionPage,
    training: TrainingPage,
    models: ModelsPage,
    leaving: Option<Leave>,
    /// What the person wants to do once the document is saved.
    after_saving: Option<Leave>,
    /// What earlier programs lost is offered.
    restoring: bool,
    /// The person has said that the changes may go.
    may_leave: bool,
    /// The person wants to quit, and a run is under way.
    ending: Ending,
    title: String,
    wake: Wake,
    /// The window is drawn on the engine's device.
    shares_gpu: bool,
    gpu_lost: Lost,
    /// Another window is to open; whether because the GPU was lost.
    renewing: Option<bool>,
}

impl App {
    /// A window on an engine of its own, with what was asked for open.
    pub fn with_service(
        creation: &eframe::CreationContext<'_>,
        opened: Opened,
        options: WindowOptions,
        lost: Lost,
    ) -> std::io::Result<Self> {
        let wake = Wake::new(&creation.egui_ctx);
        let (device, waker) = (opened.info.name.clone(), wake.waker());
        let service = engine::service::Service::spawn(&opened, Box::new(move || waker()));
        let mut app = Self::woken(creation, Box::new(service), device, wake)?;
        app.session.train_on(&opened);
        app.shares_gpu = opened.setup.is_some();
        app.watch_gpu(creation, lost);
        app.hear_of_pens(creation);
        if let Some(folder) = state_folder() {
            app.session.remember_files(folder.with_file_name("recent.ron"));
            app.session.remember_keys(folder.with_file_name("keys.ron"));
            app.session.remember_pen(folder.with_file_name("pen.ron"));
            app.session.remember_palettes(folder.with_file_name("palettes.ron"));
            app.gallery.keep_votes_in(folder.with_file_name("reviews"));
            app.session.keep_safe(folder, COPY_EVERY)?;
        }
        if let Some(folder) = dirs::config_dir() {
            app.session.remember_brushes(folder.join("shiage").join("brushes"));
        }
        if let Some(folder) = dirs::cache_dir() {
            app.session.keep_history_in(folder.join("shiage").join("history"));
            app.session.board.keep_takes_in(folder.join("shiage").join("board"));
        }
        if let Some(folder) = dirs::data_local_dir() {
            app.session.keep_sample_takes_in(folder.join("shiage").join("sample shot"));
        }
        let WindowOptions {
            file, gallery, board, ..
        } = options;
        match (file, gallery, board) {
            (_, Some(folder), _) => app.session.open_for(Command::OpenFolder, folder),
            (_, _, Some(board)) => app.open_board(board),
            (Some(path), ..) => app.session.open(path),
            _ => app.session.open_sample(),
        }
        Ok(app)
    }

    /// A window on `engine` with nothing open.
    pub fn new(creation: &eframe::CreationContext<'_>, engine: Box<dyn Engine>, device: String) -> std::io::Result<Self> {
        Self::woken(creation, engine, device, Wake::new(&creation.egui_ctx))
    }

    fn woken(
        creation: &eframe::CreationContext<'_>,
        engine: Box<dyn Engine>,
        device: String,
        wake: Wake,
    ) -> std::io::Result<Self> {
        theme::install(&creation.egui_ctx);
        let waker = wake.waker();
        let gpu = creation.wgpu_render_state.as_ref();
        let gpu = gpu.map(|state| Context::new(&state.device, &state.queue, state.target_format));
        Ok(Self {
            session: Session::new(engine, device, waker.clone())?,
            workspace: Workspace::default(),
            studio: Studio::new(gpu),
            swap_board: SwapBoard::default(),
            gallery: GalleryView::new(waker)?,
            opened: 0,
            search: CommandSearch::default(),
            keys: KeysPage::default(),
            pen: PenPage::default(),
            pen_pointer: Pointer::default(),
            selection: SelectionPage::default(),
            training: TrainingPage::default(),
            models: ModelsPage::default(),
            leaving: None,
            after_saving: None,
            restoring: true,
            may_leave: false,
            ending: Ending::No,
            title: String::new(),
            wake,
            shares_gpu: false,
            gpu_lost: Lost::default(),
            renewing: None,
        })
    }

    /// Listens to what pens do over the window.
    fn hear_of_pens(&mut self, creation: &eframe::CreationContext<'_>) {
        // Safety: the source is let go of before the window goes, and the connection to the system lasts as long as the program.
        #[allow(unsafe_code)] // eframe lends the window's handle and shares no ownership of it.
        let pens = unsafe { pen::open(creation, self.wake.waker()) };
        pens.into_iter().for_each(|pens| self.session.pen.set_source(pens));
    }

    fn open_board(&mut self, files: BoardFiles) {
        self.workspace = Workspace::SwapBoard;
        if files.sketches.is_empty() && files.references.is_empty() {
            self.session.open_sample_shot();
        }
        for (edge, paths) in [(Edge::Sketches, files.sketches), (Edge::References, files.references)] {
            if !paths.is_empty() {
                self.session.add_to_board(edge, paths);
            }
        }
    }

    fn execute(&mut self, context: &egui::Context, command: Command) {
        match command {
            Command::Quit => context.send_viewport_cmd(ViewportCommand::Close),
            Command::RenewWindow => self.leave_window(context, false),
            Command::RestoreWork => self.restoring = true,
            Command::FindCommand => self.search.open(),
            Command::ChangeKeys => self.keys.open(),
            Command::PenSettings => self.pen.open(),
            Command::FeatherSelection | Command::GrowSelection | Command::ShrinkSelection => {
                if self.allows(command) {
                    self.selection.open(command);
                }
            }
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
                self.leaving = Some(Leave::Run(command));
            }
            Command::OpenInStudio => self.open_in_studio(),
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
                    self.session.notice = Some(Notice::info(format!("{keys} brings the panels back.")));
                }
            }
        }
    }

    /// A picture that was made in a document leads back to that, if it is open; every other one to a new document.
    fn open_in_studio(&mut self) {
        let allowed = self.gallery.allows(Command::OpenInStudio);
        let Some(entry) = self.gallery.remakable().filter(|_| allowed) else {
            return;
        };
        let replaces = !recipe_fields::is_of_document(entry);
        let path = entry.path.clone();
        match replaces && self.session.is_modified() {
            true => self.leaving = Some(Leave::OpenTake(path)),
            false => self.session.open_take(path),
        }
    }

    /// Whether the command is for the gallery, which shows.
    fn is_of_gallery(&self, command: Command) -> bool {
        let shared = matches!(command, Command::Undo | Command::Redo | Command::Cancel);
        self.workspace == Workspace::Gallery && (shared || !command.belongs_to(Workspace::Studio))
    }

    fn allows(&self, command: Command) -> bool {
        match (self.workspace, command) {
            (Workspace::SwapBoard, _) => self.swap_board.allows(command, &self.session),
            _ if self.is_of_gallery(command) => self.gallery.allows(command),
            _ => self.session.allows(command),
        }
    }

    /// The bar at the top and the workspace under it.
    fn show(&mut self, ui: &mut egui::Ui, commands: &mut Vec<Command>) {
        if self.workspace != Workspace::Studio || !self.studio.is_canvas_only() {
            let allows = |command| self.allows(command);
            if let Some(path) = menu_bar::show(ui, self.workspace, &self.session, allows, commands) {
                self.open(path);
            }
        }
        match self.workspace {
            Workspace::Studio => self.studio.show(ui, &mut self.session, commands),
            Workspace::SwapBoard => self.swap_board.show(ui, &mut self.session, commands),
            Workspace::Gallery => self.gallery.show(ui, &mut self.session, commands),
        }
    }

    /// Offers what earlier programs lost, and asks for paths where the system has no dialog.
    fn offer(&mut self, context: &egui::Context) {
        if self.restoring && self.leaving.is_none() {
            match dialogs::lost(context, self.session.lost()) {
                Some(dialogs::Lost::Restore(index)) => {
                    self.restoring = false;
                    match self.session.is_modified() {
                        true => self.leaving = Some(Leave::Restore(index)),
                        false => self.session.recover(index),
                    }
                }
                Some(dialogs::Lost::Discard(index)) => self.session.discard_lost(index),
                Some(dialogs::Lost::Later) => self.restoring = false,
                None => {}
            }
        }
        if let Some(wanted) = self.session.exporting().and_then(|export| export::show(context, export)) {
            self.session.end_exporting(wanted);
        }
        if let Some(wanted) = self.session.typed().and_then(|typed| dialogs::path(context, typed)) {
            self.session.end_typing(wanted);
        }
    }

    /// Whether a page stands before everything else, and has the keys to itself.
    fn has_page(&self) -> bool {
        self.search.is_open()
            || self.keys.is_open()
            || self.pen.is_open()
            || self.selection.is_open()
            || self.training.is_open()
            || self.models.is_open()
    }

    /// What pens did since the last frame, before anything asks how they are held.
    fn hear_pens(&mut self, context: &egui::Context) {
        self.session.pen.listen(native_scale(context));
        let scale = context.pixels_per_point();
        let touches = context.input(|input| touch::samples(&input.events, scale, Instant::now()));
        touches.into_iter().for_each(|sample| self.session.pen.hear(sample));
    }

    /// Files that were dropped go to the page that is open, or to the workspace.
    fn take_dropped(&mut self, ui: &egui::Ui) {
        if self.training.is_open() {
            if let Some(folder) = self.training.dropped(ui).filter(|_| self.session.training().is_none()) {
                self.session.choose_training_pictures(folder);
            }
            return;
        }
        match self.workspace {
            Workspace::Studio => {
                if let Some((side, path)) = self.studio.dropped(ui) {
                    self.take_in(side, path);
                }
            }
            Workspace::Gallery => {
                if let Some(folder) = self.gallery.dropped(ui) {
                    self.session.open_for(Command::OpenFolder, folder);
                }
            }
            Workspace::SwapBoard => {
                if let Some((edge, paths)) = self.swap_board.dropped(ui, &self.session) {
                    self.session.add_to_board(edge, paths);
                }
            }
        }
    }

    fn take_in(&mut self, side: Side, path: PathBuf) {
        if self.session.takes_as_reference(side, &path) {
            self.session.open_for(Command::OpenReference, path);
        } else {
            self.open(path);
        }
    }

    fn open(&mut self, path: PathBuf) {
        match self.session.is_modified() {
            true => self.leaving = Some(Leave::Open(path)),
            false => self.session.open(path),
        }
    }

    fn show_title(&mut self, context: &egui::Context) {
        let mark = if self.session.is_modified() { "• " } else { "" };
        let title = match self.session.title() {
            "" => "Shiage".to_owned(),
            name => format!("{mark}{name} – Shiage"),
        };
        if title != self.title {
            context.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

/// Physical pixels of the screen in a unit of the system's.
fn native_scale(context: &egui::Context) -> f32 {
    context.native_pixels_per_point().unwrap_or(1.0)
}

impl eframe::App for App {
    fn logic(&mut self, context: &egui::Context, _: &mut eframe::Frame) {
        if self.has_lost_gpu() && !self.wants_window() {
            self.leave_window(context, true);
        }
        self.hear_pens(context);
        self.session.pointer_held = context.input(|input| input.pointer.any_down());
        self.session.catch_up();
        if let Some(after) = self.session.wake_in() {
            context.request_repaint_after(after);
        }
        if self.gallery.catch_up(&mut self.session) {
            self.workspace = Workspace::Gallery;
        }
        let opened = self.session.opened() + self.session.carried();
        if self.opened != opened || self.session.take_studio_wish() {
            self.opened = opened;
            self.workspace = Workspace::Studio;
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        shortcuts::provide(&context, self.session.keymap());
        let mut commands = if self.leaving.is_none() && !self.has_page() {
            shortcuts::pressed(&context, self.workspace)
        } else {
            Vec::new()
        };
        self.show(ui, &mut commands);
        let mut search = std::mem::take(&mut self.search);
        commands.extend(search.show(&context, self.workspace, |command| self.allows(command)));
        self.search = search;
        if let Some(keymap) = self.keys.show(&context, self.session.keymap()) {
            self.session.set_keymap(keymap);
        }
        if let Some(curve) = self.pen.show(&context, &mut self.session.pen) {
            self.session.set_pressure_curve(curve);
        }
        if let Some((command, pixels)) = self.selection.show(&context) {
            self.session.change_selection(command, pixels);
        }
        self.training.show(&context, &mut self.session, &mut commands);
        self.models.show(&context, &mut self.session, &mut commands);
        // What a command changed may have been drawn before it.
        if !commands.is_empty() {
            context.request_repaint();
        }
        for command in commands {
            self.execute(&context, command);
        }
        self.take_dropped(ui);
        self.ask(ui);
        self.offer(&context);
        self.show_title(&context);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        let theme = if visuals.dark_mode { Theme::Dark } else { Theme::Light };
        theme::Tokens::of(theme).surface[0].to_normalized_gamma_f32()
    }

    /// Pens that are no pointers move one, and Tab is a command's, if one has it, while no control has the focus: it would otherwise start a walk through all of them.
    fn raw_input_hook(&mut self, context: &egui::Context, input: &mut egui::RawInput) {
        let told = self.session.pen.listen_as_pointer(native_scale(context));
        let held = context.input(|input| input.modifiers);
        let moved = self.pen_pointer.events(&told, context.pixels_per_point(), held);
        input.events.extend(moved);
        let walking = context.memory(|memory| memory.focused().is_some()) || self.has_page();
        let tab = |event: &egui::Event| matches!(event, egui::Event::Key { key: Key::Tab, pressed: true, modifiers, .. } if modifiers.is_none());
        let Some(press) = input.events.iter().find(|event| tab(event)).and_then(Press::of) else {
            return;
        };
        if !walking && let Some(command) = self.session.keymap().pressed(self.workspace, press) {
            input.events.retain(|event| !tab(event));
            self.execute(context, command);
        }
    }
}
