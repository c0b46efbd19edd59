//! Generation: the document becomes a request, events become takes, previews pass over the canvas.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Instant;

use engine::EngineError;
use engine::device::DeviceError;
use engine::event::{Event, JobId, Preview, Take};
use engine::request::{ColorizeRequest, Inputs, Settings};
use image::Rgb;
use image::imageops::{self, FilterType};

use super::answer::Answer;
use super::{Session, sentence};
use crate::command::Command;
use crate::document::{Document, LayerId, TileGrid};
use crate::generate::engine::Engine;
use crate::generate::jobs::{Job, Jobs, Outcome, Preparing};
use crate::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs, hash_gray, hash_rgb, hash_rgba};
use crate::generate::request::{Missing, build, has_color, shown_color};

/// Generations under way.
#[derive(Default)]
pub(super) struct Coloring {
    preparing: Preparing,
    /// What the jobs were given, for their takes' recipes.
    inputs: HashMap<JobId, Inputs>,
    preview: Option<Shown>,
    /// Counts previews, over all jobs.
    shown: u64,
    /// The latest take lies hidden under paint, which was said.
    covered: bool,
}

/// A preview on the canvas.
#[derive(Clone)]
pub struct Shown {
    pub preview: Preview,
    /// Names the preview: no two have the same number.
    pub number: u64,
    pub since: Instant,
    /// The one before it, which it fades in over.
    pub before: Option<(u64, Arc<image::RgbImage>)>,
    /// It came of live mode.
    pub live: bool,
}

/// What a generation looks at besides the drawing, the references and their masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    /// Starts from the colour that is shown.
    pub start: bool,
    /// Looks at the reference in self-attention too.
    pub injection: bool,
}

impl Extras {
    /// The request for the document as it is, or what it lacks.
    pub fn request(self, document: &Document, settings: &Settings) -> Result<ColorizeRequest, Unready> {
        let mut request = build(document, settings).map_err(Unready::Missing)?;
        let inputs = &mut request.inputs;
        inputs.start = self.start.then(|| shown_color(document)).flatten();
        inputs.injection = self.injection.then(|| inputs.reference.clone());
        Ok(request)
    }
}

/// Why there is no request.
pub(super) enum Unready {
    Missing(Missing),
    /// A sentence on what went wrong.
    Failed(String),
}

impl From<String> for Unready {
    fn from(words: String) -> Self {
        Self::Failed(words)
    }
}

/// A number for a new picture, short enough to be read out.
pub fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish() & 0xffff_ffff
}

impl Session {
    /// A generation is being prepared, waits or runs.
    pub fn is_coloring(&self) -> bool {
        self.coloring.preparing.is_any() || self.jobs.current().is_some()
    }

    pub(super) fn extras(&self) -> Extras {
        Extras {
            start: self.start_from_take,
            injection: self.inject_reference,
        }
    }

    /// Whether there is colour under the lines that a generation could start from.
    pub fn has_color(&self) -> bool {
        self.document.as_ref().is_some_and(has_color)
    }

    /// The generation that the canvas follows.
    pub fn job(&self) -> Option<&Job> {
        self.jobs.current()
    }

    /// The newest preview, until its take replaces it.
    pub fn preview(&self) -> Option<&Shown> {
        self.coloring.preview.as_ref()
    }

    /// Another picture than the one under way, or one more.
    pub(super) fn generate(&mut self, command: Command) {
        match command {
            Command::QueueAnother => self.queue_another(),
            _ if !self.coloring.preparing.is_any() => self.prepare(),
            _ => {}
        }
    }

    /// One more picture, after those that are under way. The same seed would give the same picture again.
    fn queue_another(&mut self) {
        self.settings.seed = random_seed();
        self.prepare();
    }

    fn prepare(&mut self) {
        let Some(document) = self.document.clone() else { return };
        self.coloring.preparing.begin();
        self.notice = None;
        // Tints would falsify the colours that are about to come.
        self.view.masks = false;
        let settings = self.settings.clone();
        let extras = self.extras();
        self.files
            .run_then(move || extras.request(&document, &settings), Self::submit);
    }

    /// The request is ready; unless it was cancelled meanwhile, it goes to the engine.
    fn submit(&mut self, request: Result<ColorizeRequest, Unready>) {
        if !self.coloring.preparing.arrives() {
            return;
        }
        match request {
            Ok(request) => {
                for request in self.batch.requests(request) {
                    let inputs = request.inputs.clone();
                    let job = self.engine.submit(request);
                    self.jobs.submitted(job);
                    self.coloring.inputs.insert(job, inputs);
                }
            }
            Err(unready) => {
                self.view.masks = true;
                match unready {
                    Unready::Missing(missing) => self.inform(sentence(&missing)),
                    Unready::Failed(words) => self.warn(words),
                }
            }
        }
    }

    /// Takes back the stroke under way, or what is still to be laid down, or else ends the generation, all of its pictures.
    pub(super) fn cancel(&mut self) {
        if self.call_back() || self.put_back() || self.give_up_transform() || self.forsake_found() {
            return;
        }
        if !self.is_coloring() {
            return self.cancel_writing();
        }
        self.call_off();
        for job in self.jobs.open() {
            self.engine.cancel(job.id);
        }
    }

    /// Ends the picture that is made, and leaves those that wait for it.
    pub(super) fn cancel_one(&mut self) {
        match self.jobs.current() {
            Some(job) => self.engine.cancel(job.id),
            None => self.call_off(),
        }
    }

    /// What is still being put together goes nowhere.
    fn call_off(&mut self) {
        self.coloring.preparing.call_off();
    }

    /// Ends every generation: their document is about to go.
    pub(super) fn cancel_all(&mut self) {
        self.call_off();
        for job in self.jobs.open() {
            self.engine.cancel(job.id);
        }
        self.coloring.inputs.clear();
        self.coloring.preview = None;
        self.coloring.covered = false;
    }

    /// Another engine computes from now on. The one before may wait for a device that never answers, so nobody waits for its end.
    pub fn change_engine(&mut self, engine: Box<dyn Engine>, device: String) {
        self.cancel_all();
        self.end_live();
        self.live.forget();
        self.board.forget_jobs();
        self.sample_takes.forget_jobs();
        self.jobs = Jobs::default();
        Self::let_go_of(std::mem::replace(&mut self.engine, engine));
        self.devices.name = device;
        self.launch_again();
    }

    /// What became of the device that computed, once, when it is lost.
    pub fn take_lost_device(&mut self) -> Option<DeviceError> {
        self.devices.lost_with.take()
    }

    /// Takes in what the engine has told.
    pub(super) fn listen(&mut self) {
        while let Some(event) = self.engine.next_event() {
            if let Event::Failed { error, .. } = &event
                && let EngineError::Device(lost) = error.as_ref()
            {
                self.devices.lost_with = Some(lost.clone());
            }
            if self.hear_live(&event) {
                continue;
            }
            if self.board.concerns(&event) {
                self.hear_board(event);
                continue;
            }
            let Some(event) = self.hear_remake(event) else { continue };
            let Some(event) = self.hear_sample_takes(event) else {
                continue;
            };
            if let Some((job, outcome)) = self.jobs.receive(event) {
                self.end(job, outcome);
            }
        }
        match self.engine.latest_preview() {
            Some(preview) if self.coloring.inputs.contains_key(&preview.job) => self.show_preview(preview, false),
            Some(preview) if self.live.is_job(preview.job) => self.show_live(preview),
            Some(preview) => self.board.preview(preview),
            None => {}
        }
    }

    pub(super) fn show_preview(&mut self, preview: Preview, live: bool) {
        self.coloring.shown += 1;
        let before = self
            .coloring
            .preview
            .take()
            .map(|shown| (shown.number, shown.preview.picture));
        self.coloring.preview = Some(Shown {
            preview,
            number: self.coloring.shown,
            since: Instant::now(),
            before,
            live,
        });
    }

    /// The document with the preview's colour at a place, in pixels of the canvas, laid as its take will be; none without a preview.
    pub(super) fn previewed(&self, [x, y]: [f32; 2]) -> Option<Document> {
        let picture = &self.preview()?.preview.picture;
        let document = self.document.as_ref()?;
        let size = document.canvas().size();
        let on_picture = |at: f32, canvas: u32, side: u32| (at / canvas as f32 * side as f32) as u32;
        let [u, v] = [
            on_picture(x, size[0], picture.width()),
            on_picture(y, size[1], picture.height()),
        ];
        let &Rgb([r, g, b]) = picture.get_pixel_checked(u, v)?;
        let pixel = TileGrid::with_pixels(size, [x as i32, y as i32], 1, &[[r, g, b, 255]]);
        Some(document.expecting(pixel).0)
    }

    pub(super) fn drop_live_preview(&mut self) {
        self.coloring.preview.take_if(|shown| shown.live);
    }

    fn end(&mut self, job: JobId, outcome: Outcome) {
        // Jobs of a document that was closed meanwhile leave nothing.
        let Some(inputs) = self.coloring.inputs.remove(&job) else {
            return;
        };
        match outcome {
            Outcome::Finished(take) => {
                self.learn_name(&take);
                self.keep(take, inputs);
            }
            Outcome::Cancelled => self.drop_preview(job),
            Outcome::Failed(error) => {
                self.drop_preview(job);
                self.warn_of(&error);
            }
        }
    }

    fn drop_preview(&mut self, job: JobId) {
        if self.coloring.preview.as_ref().is_some_and(|shown| shown.preview.job == job) {
            self.coloring.preview = None;
        }
    }

    /// Brings a take to the canvas's size and writes its recipe, away from the window.
    pub(super) fn keep(&self, take: Take, inputs: Inputs) {
        let Some(size) = self.document.as_ref().map(|document| document.canvas().size()) else {
            return;
        };
        let (opened, device) = (self.opened, self.devices.name.clone());
        self.files.run(move || {
            let recipe = recipe(&take, &inputs, device);
            let pixels = match take.picture.dimensions() == (size[0], size[1]) {
                true => TileGrid::from_opaque(&take.picture),
                false => TileGrid::from_opaque(&imageops::resize(
                    take.picture.as_ref(),
                    size[0],
                    size[1],
                    FilterType::CatmullRom,
                )),
            };
            let text = ron::to_string(&recipe).map_err(|error| format!("The take's recipe cannot be written: {error}"));
            let answer = Answer::of(text, move |session, recipe| session.place_take(pixels, recipe));
            Some(answer.only_in(opened, None).when_still())
        });
    }

    pub(super) fn place_take(&mut self, pixels: TileGrid<[u8; 4]>, recipe: String) {
        if !self.check_canvas(pixels.size()) {
            return;
        }
        if let Some(take) = self.edit("Colorize", |document| Some(document.lay_take(pixels, recipe))) {
            self.tell_of_cover(take);
        }
        if self.jobs.current().is_none() {
            self.coloring.preview = None;
        }
    }

    /// A take that paint hides seems not to have come. Of those after it nothing is said until one shows.
    fn tell_of_cover(&mut self, take: LayerId) {
        let covered = self
            .document
            .as_ref()
            .is_some_and(|document| document.canvas().is_covered(take));
        if covered && !self.coloring.covered {
            self.inform("Flats or paint lie over the new take: hide them to see it.".to_owned());
        }
        self.coloring.covered = covered;
    }
}

fn recipe(take: &Take, inputs: &Inputs, device: String) -> Recipe {
    let input = |hash| InputImage {
        origin: Origin::Document,
        hash,
    };
    let inputs = RecipeInputs {
        sketch: input(hash_rgb(&inputs.sketch)),
        reference: input(hash_rgb(&inputs.reference)),
        sketch_mask: inputs.sketch_mask.as_ref().map(|mask| input(hash_gray(mask))),
        reference_mask: inputs.reference_mask.as_ref().map(|mask| input(hash_gray(mask))),
        background: inputs.background.as_ref().map(|picture| input(hash_rgb(picture))),
        start: inputs.start.as_ref().map(|picture| input(hash_rgb(picture))),
        injection: inputs.injection.as_ref().map(|picture| input(hash_rgb(picture))),
        hints: inputs.hints.as_ref().map(|picture| input(hash_rgba(picture))),
    };
    Recipe::of(take, device, inputs, false)
}
