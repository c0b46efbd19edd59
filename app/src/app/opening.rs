//! How the program begins: a window with an engine, and what was asked for open in it.

use engine::device::Opened;

use super::App;
use super::dropping::note_dropping;
use super::leaving::Ending;
use super::renewal::{Lost, Wake};
use crate::canvas::context::Context;
use crate::command::{Command, Workspace};
use crate::generate::engine::Engine;
use crate::pen;
use crate::pen::pointer::Pointer;
use crate::session::{COPY_EVERY, Edge, Session, state_folder};
use crate::ui::about_page::AboutPage;
use crate::ui::canvas_page::CanvasPage;
use crate::ui::command_search::CommandSearch;
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
use crate::window::{BoardFiles, WindowOptions};

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
        app.watch_gpu(creation, lost);
        app.hear_of_pens(creation);
        note_dropping(creation);
        if let Some(folder) = state_folder() {
            app.session.remember_files(folder.with_file_name("recent.ron"));
            app.session.remember_keys(folder.with_file_name("keys.ron"));
            app.session.remember_pen(folder.with_file_name("pen.ron"));
            app.session.remember_habits(folder.with_file_name("habits.ron"));
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
            file,
            reviews_takes,
            gallery,
            board,
            ..
        } = options;
        if reviews_takes {
            app.review_takes_of_next();
        }
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
            canvas: CanvasPage::default(),
            new: NewPage::default(),
            training: TrainingPage::default(),
            models: ModelsPage::default(),
            about: AboutPage::default(),
            leaving: None,
            after_saving: None,
            restoring: true,
            parting: None,
            may_leave: false,
            reviews_takes: false,
            ending: Ending::No,
            title: String::new(),
            had_focus: false,
            wake,
            dropped: Vec::new(),
            gpu_lost: Lost::default(),
            renewing: None,
        })
    }

    /// Listens to what pens do over the window.
    pub(super) fn hear_of_pens(&mut self, creation: &eframe::CreationContext<'_>) {
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
}
