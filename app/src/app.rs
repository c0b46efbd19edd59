//! The window: it drains what the engine and the files have told, draws, and passes commands on. While it is open it waits for no file and no engine.

mod dropping;
mod executing;
mod leaving;
mod opening;
mod renewal;

use std::path::PathBuf;
use std::time::Instant;

use egui::{Key, Theme, ThemePreference, ViewportCommand};

use crate::command::{Command, Press, Workspace};
use crate::pen::pointer::Pointer;
use crate::pen::touch;
use crate::session::Session;
use crate::ui::about_page::AboutPage;
use crate::ui::adjust_page;
use crate::ui::canvas_page::CanvasPage;
use crate::ui::command_search::CommandSearch;
use crate::ui::dialogs;
use crate::ui::export;
use crate::ui::flats_page;
use crate::ui::gallery_view::GalleryView;
use crate::ui::keys_page::KeysPage;
use crate::ui::models_page::ModelsPage;
use crate::ui::new_page::NewPage;
use crate::ui::pen_page::PenPage;
use crate::ui::selection_page::SelectionPage;
use crate::ui::studio::Studio;
use crate::ui::swap_board::SwapBoard;
use crate::ui::theme;
use crate::ui::training_page::TrainingPage;
use crate::ui::{menu_bar, pane, shortcuts};
use leaving::{Ending, Leave, Parting};
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
    canvas: CanvasPage,
    new: NewPage,
    training: TrainingPage,
    models: ModelsPage,
    about: AboutPage,
    leaving: Option<Leave>,
    /// What the person wants to do once the document is saved.
    after_saving: Option<Leave>,
    /// What earlier programs lost is offered.
    restoring: bool,
    /// What goes for good once the person has agreed.
    parting: Option<Parting>,
    /// The person has said that the changes may go.
    may_leave: bool,
    /// Once the document is open, its takes are to be looked through.
    reviews_takes: bool,
    /// The person wants to quit, and something would be lost.
    ending: Ending,
    title: String,
    /// A control had the focus in the last frame.
    had_focus: bool,
    wake: Wake,
    /// Pictures that were dropped, and what for is asked.
    dropped: Vec<PathBuf>,
    gpu_lost: Lost,
    /// Another window is to open; whether because the GPU was lost.
    renewing: Option<bool>,
}

impl App {
    /// The bar at the top and the workspace under it.
    fn show(&mut self, ui: &mut egui::Ui, commands: &mut Vec<Command>) {
        if self.workspace != Workspace::Studio || !self.studio.is_canvas_only() {
            let allows = |command| self.allows(command);
            match menu_bar::show(ui, self.workspace, &self.session, allows, commands) {
                Some(menu_bar::Chosen::File(path)) => self.leave_safely(ui.ctx(), Leave::Open(path)),
                Some(menu_bar::Chosen::Model(model)) => self.session.settings.model = model,
                Some(menu_bar::Chosen::Models) => self.session.look_for_models(),
                Some(menu_bar::Chosen::Device(choice)) => self.session.choose_device(choice),
                Some(menu_bar::Chosen::Devices) => self.session.look_for_devices(),
                None => {}
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
        self.part(context);
        if self.restoring && self.leaving.is_none() && self.parting.is_none() {
            match dialogs::lost(context, self.session.lost()) {
                Some(dialogs::Lost::Restore(index)) => {
                    self.restoring = false;
                    self.leave_safely(context, Leave::Restore(index));
                }
                Some(dialogs::Lost::Discard(index)) => self.parting = Some(Parting::Lost(index)),
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
        self.ask_about_dropped(context);
        let own = self.session.replaces_own();
        if let Some(agreed) = self.session.replacing().and_then(|path| dialogs::replace(context, path, own)) {
            self.session.end_replacing(agreed);
        }
    }

    /// Whether a page, a question or a menu stands before everything else, and has the keys to itself.
    fn has_page(&self, context: &egui::Context) -> bool {
        self.has_question(context) || egui::Popup::is_any_open(context)
    }

    /// Whether a page or a question stands before everything else.
    fn has_question(&self, context: &egui::Context) -> bool {
        let pages = [
            self.search.is_open(),
            self.keys.is_open(),
            self.pen.is_open(),
            self.selection.is_open(),
            self.canvas.is_open(),
            self.new.is_open(),
            self.training.is_open(),
            self.models.is_open(),
            self.about.is_open(),
            self.session.is_adjusting(),
            self.session.asks_about_flats(),
        ];
        let asks = context.memory(|memory| memory.top_modal_layer().is_some());
        pages.contains(&true) || asks
    }

    /// What pens did since the last frame, before anything asks how they are held.
    fn hear_pens(&mut self, context: &egui::Context) {
        let (pen, now) = (&mut self.session.pen, Instant::now());
        pen.listen(native_scale(context));
        // A source that knows pens tells more of them than the touches that the window's library makes of the same pens.
        if pen.devices().is_empty() {
            let scale = context.pixels_per_point();
            let touches = context.input(|input| touch::samples(&input.events, scale, now));
            touches.into_iter().for_each(|sample| pen.hear(sample));
        }
        if let Some(after) = pen.wake_in(now) {
            context.request_repaint_after(after);
        }
    }

    /// The window is as dark as it was in the last run, and the next will be as this one.
    fn tend_theme(&mut self, context: &egui::Context) {
        match self.session.take_habits() {
            true => self.show_theme(context),
            false => {
                self.session.view.dark = match context.options(|options| options.theme_preference) {
                    ThemePreference::Dark => Some(true),
                    ThemePreference::Light => Some(false),
                    ThemePreference::System => None,
                };
            }
        }
    }

    fn show_theme(&self, context: &egui::Context) {
        context.set_theme(match self.session.view.dark {
            Some(true) => ThemePreference::Dark,
            Some(false) => ThemePreference::Light,
            None => ThemePreference::System,
        });
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

/// Whether a control has the focus of the keys.
fn has_focus(context: &egui::Context) -> bool {
    context.memory(|memory| memory.focused().is_some())
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
        self.session.hand.is_down = context.input(|input| input.pointer.any_down());
        self.session.catch_up();
        if let Some(lost) = self.session.take_lost_device() {
            self.leave_device(&lost);
        }
        self.tend_theme(context);
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
            if std::mem::take(&mut self.reviews_takes) {
                self.review_takes();
            }
        }
        if self.workspace != Workspace::Gallery {
            self.gallery.leave_note();
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        shortcuts::provide(&context, self.session.keymap());
        pane::note_open(&context);
        let mut commands = if self.leaving.is_none() && !self.has_page(&context) {
            shortcuts::pressed(&context, self.workspace, self.had_focus, |command| self.repeats(command))
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
        if let Some(how) = self.canvas.show(&context, &self.session) {
            self.session.resize(how);
        }
        let wanted = self
            .session
            .adjustment()
            .and_then(|adjustment| adjust_page::show(&context, adjustment));
        if let Some(wanted) = wanted {
            self.session.end_adjusting(wanted);
            context.request_repaint();
        }
        if let Some(wanted) = flats_page::show(&context, &mut self.session) {
            self.session.end_asking_about_flats(wanted);
        }
        if let Some((size, resolution)) = self.new.show(&context) {
            self.leave_safely(&context, Leave::Blank(size, resolution));
        }
        self.training.show(&context, &mut self.session, &mut commands);
        self.models.show(&context, &mut self.session, &mut commands);
        self.about.show(&context, &self.session);
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
        self.had_focus = has_focus(&context);
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
        if cfg!(windows) && !context.text_edit_focused() {
            shortcuts::restore_delete(&mut input.events, held);
        }
        let walking = has_focus(context) || self.has_page(context);
        let tab = |event: &egui::Event| matches!(event, egui::Event::Key { key: Key::Tab, pressed: true, modifiers, .. } if modifiers.is_none());
        let Some(press) = input.events.iter().find(|event| tab(event)).and_then(Press::of) else {
            return;
        };
        if !walking && let Some(command) = self.session.keymap().pressed(self.workspace, press) {
            input.events.retain(|event| !tab(event));
            if !press.is_repeated() || self.repeats(command) {
                self.execute(context, command);
            }
        }
    }
}
