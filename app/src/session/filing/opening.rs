//! Opening: a document is read away from the window, and takes the place of the one that is open once nothing is lost by that.

use std::path::PathBuf;

use crate::document::{About, DocumentError, Lost, Role, Side};
use crate::generate::settings;
use crate::session::Session;
use crate::session::opened::Opened;

impl Session {
    /// Opens a document, or a picture as a new one.
    pub fn open(&mut self, path: PathBuf) {
        self.open_by(move || Opened::read(&path));
    }

    /// As [`Self::open`], with a layer over it for each of the others.
    pub fn open_with(&mut self, path: PathBuf, others: Vec<PathBuf>) {
        self.open_by(move || {
            let mut opened = Opened::read(&path)?;
            opened.add_layers(&others);
            Ok(opened)
        });
    }

    /// Opens a new document of `size` `[width, height]` to draw on; `resolution`: pixels an inch, where that is known.
    pub fn open_blank(&mut self, size: [u32; 2], resolution: Option<f32>) {
        self.open_by(move || Opened::blank(size, resolution));
    }

    pub fn open_sample(&mut self) {
        self.open_by(Opened::sample);
    }

    /// Puts together what an earlier program lost. Where that fails it is offered again.
    pub(in crate::session) fn open_lost(&mut self, lost: Lost) {
        self.coming.reading = true;
        let restore = move || {
            let restored = lost.recover();
            Ok::<_, String>((lost, restored))
        };
        self.files.run_then(restore, |session, restored| match restored {
            Ok((lost, Ok(document))) => {
                let About { title, path, stamp } = lost.about.clone();
                let note = format!("Restored \u{201c}{title}\u{201d} with every finished stroke. It is not saved yet.");
                session.hold_opened(Box::new(Opened {
                    notes: vec![note],
                    lost: Some(lost),
                    stamp,
                    ..Opened::new(document, path, title)
                }));
            }
            Ok((lost, Err(error))) => {
                session.safe.lost.push(lost);
                session.receive_opened(Err(error.to_string()));
            }
            Err(reason) => session.receive_opened(Err(reason)),
        });
    }

    pub(in crate::session) fn open_by(&mut self, read: impl FnOnce() -> Result<Opened, DocumentError> + Send + 'static) {
        self.coming.reading = true;
        let read = move || read().map(Box::new).map_err(|error| error.to_string());
        self.files.run_then(read, Self::receive_opened);
    }

    /// A document was read; or it was not, and what there was stays.
    pub(in crate::session) fn receive_opened(&mut self, opened: Result<Box<Opened>, String>) {
        match opened {
            Ok(opened) => self.hold_opened(opened),
            Err(reason) => {
                (self.coming.reading, self.coming.let_go) = (false, None);
                self.warn_of(&reason);
            }
        }
    }

    /// A document has come. Where nothing is lost by that it takes its place in this frame, or once the stroke under way has ended; else it waits for the
    /// person's answer.
    pub(in crate::session) fn hold_opened(&mut self, opened: Box<Opened>) {
        self.coming.reading = false;
        self.drop_opened();
        self.coming.held = Some(opened);
    }

    /// A document has come, and no stroke is under way that it would end.
    pub fn holds_opened(&self) -> bool {
        self.coming.held.is_some() && !self.hand.is_down
    }

    /// Puts what was opened in the place of what is there, in its turn.
    pub fn begin_opened(&mut self) {
        if let Some(opened) = self.coming.held.take() {
            self.alter(move |session| session.begin(*opened));
        }
    }

    /// What was opened is not wanted any more.
    pub fn drop_opened(&mut self) {
        // What an earlier program lost is offered again.
        self.safe.lost.extend(self.coming.held.take().and_then(|opened| opened.lost));
    }

    /// Begins with what was opened unless changes would be lost; in mid-stroke it waits.
    pub(in crate::session) fn tend_opened(&mut self) {
        let may_go = self.coming.let_go == Some(self.version());
        if self.holds_opened() && self.is_settled() && (may_go || !self.is_modified()) {
            self.begin_opened();
        }
    }

    pub(in crate::session) fn begin(&mut self, opened: Opened) {
        self.take_back_stroke();
        self.cancel_all();
        self.end_live();
        self.live.forget();
        self.coming.let_go = None;
        self.notice = None;
        self.history = self.new_history();
        self.past.bound_for = None;
        if let Some(source) = &opened.source {
            self.remember(source);
        }
        if opened.lost.is_some() {
            self.history.mark_unsaved();
        }
        self.safe.recovered = opened.lost;
        self.choice.layers = opened.chosen.into_iter().collect();
        self.side = Side::Canvas;
        // A tint over takes falsifies their colours, and over a blank page the paper's.
        self.view.masks = opened.document.by_role(Role::Take).is_none() && opened.chosen.is_none();
        (self.filed.path, self.filed.stamp) = (opened.path, opened.stamp);
        self.filed.title = opened.title;
        self.opened += 1;
        if !opened.notes.is_empty() {
            self.inform(opened.notes.join(" "));
        }
        match settings::of(&opened.document) {
            Ok(settings) => self.settings = settings,
            Err(error) => self.warn_of(&format_args!(
                "The document's settings cannot be read, the defaults are used: {error}"
            )),
        }
        self.document = Some(opened.document);
        self.take_parameters_for_known();
    }
}
