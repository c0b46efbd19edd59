//! The engine of a test's desk, which is scripted, and what it is made to say.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::document::Role;
use app::generate::engine::Engine;
use engine::event::{Event, JobId, ModelIdentity, Preview, Take};
use engine::request::ColorizeRequest;
use image::{Rgb, RgbImage};

use super::Desk;

/// What the test and its engine share.
#[derive(Default)]
pub struct Script {
    pub submitted: Vec<ColorizeRequest>,
    pub cancelled: Vec<JobId>,
    pub events: Vec<Event>,
    pub preview: Option<Preview>,
}

/// An engine that says what the test tells it to say.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<Script>>);

impl Scripted {
    pub fn with<T>(&self, act: impl FnOnce(&mut Script) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }
}

impl Engine for Scripted {
    fn submit(&mut self, request: ColorizeRequest) -> JobId {
        self.with(|script| {
            script.submitted.push(request);
            JobId(script.submitted.len() as u64)
        })
    }

    fn submit_live(&mut self, request: ColorizeRequest) -> JobId {
        self.submit(request)
    }

    fn cancel(&mut self, job: JobId) {
        self.with(|script| {
            script.cancelled.push(job);
            script.events.push(Event::Cancelled { job });
        });
    }

    fn next_event(&mut self) -> Option<Event> {
        self.with(|script| (!script.events.is_empty()).then(|| script.events.remove(0)))
    }

    fn latest_preview(&mut self) -> Option<Preview> {
        self.with(|script| script.preview.take())
    }
}

impl Desk {
    /// Clicks Colorize and lets the engine begin.
    pub fn start(&mut self) {
        self.click("Colorize");
        let engine = self.engine.clone();
        self.wait("the request", |_| engine.with(|script| !script.submitted.is_empty()));
        self.say(Event::Started { job: JOB, steps: 12 });
    }

    pub fn say(&mut self, event: Event) {
        self.engine.with(|script| script.events.push(event));
        self.harness.run();
    }

    /// Lets the first job end with a take of one colour.
    pub fn finish(&mut self, color: [u8; 3]) {
        self.say(Event::Finished {
            job: JOB,
            take: take(color),
        });
        self.wait("the take", |app| {
            app.session.document().unwrap().by_role(Role::Take).is_some()
        });
    }

    /// A first take of one colour, from the click to the layer.
    pub fn make_take(&mut self, color: [u8; 3]) {
        self.start();
        self.finish(color);
    }

    pub fn preview(&mut self, color: [u8; 3]) {
        let picture = Arc::new(RgbImage::from_pixel(32, 32, Rgb(color)));
        self.engine.with(|script| {
            script.preview = Some(Preview {
                job: JOB,
                step: 7,
                steps: 12,
                picture,
            });
        });
        self.wait("the preview", |app| {
            app.session
                .preview()
                .is_some_and(|shown| shown.since.elapsed() > Duration::from_millis(130))
        });
    }
}

/// The first job that the window submits.
pub const JOB: JobId = JobId(1);

/// A take of one colour.
pub fn take(color: [u8; 3]) -> Take {
    Take {
        picture: Arc::new(RgbImage::from_pixel(256, 256, Rgb(color))),
        settings: Default::default(),
        model: ModelIdentity {
            name: "tiny 256".to_owned(),
            hash: "0".repeat(64),
        },
        elapsed: Duration::from_secs(12),
    }
}
