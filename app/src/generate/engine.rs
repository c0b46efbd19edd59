//! What the window needs of the engine. Tests put a scripted one in its place.

use engine::event::{Event, JobId, Preview};
use engine::request::ColorizeRequest;

/// Takes jobs and tells of them. No call waits.
pub trait Engine: Send {
    fn submit(&mut self, request: ColorizeRequest) -> JobId;
    /// In place of the live job before, which is cancelled if it has not ended.
    fn submit_live(&mut self, request: ColorizeRequest) -> JobId;
    fn cancel(&mut self, job: JobId);
    /// The next event that has not been told yet.
    fn next_event(&mut self) -> Option<Event>;
    /// The newest preview, once.
    fn latest_preview(&mut self) -> Option<Preview>;
}

/// An engine that nobody asks for anything: for tests and benchmarks of what is around it.
pub struct Idle;

impl Engine for Idle {
    fn submit(&mut self, _: ColorizeRequest) -> JobId {
        JobId(0)
    }

    fn submit_live(&mut self, request: ColorizeRequest) -> JobId {
        self.submit(request)
    }

    fn cancel(&mut self, _: JobId) {}

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn latest_preview(&mut self) -> Option<Preview> {
        None
    }
}

impl Engine for engine::service::Service {
    fn submit(&mut self, request: ColorizeRequest) -> JobId {
        Self::submit(self, request)
    }

    fn submit_live(&mut self, request: ColorizeRequest) -> JobId {
        Self::submit_live(self, request)
    }

    fn cancel(&mut self, job: JobId) {
        Self::cancel(self, job);
    }

    fn next_event(&mut self) -> Option<Event> {
        self.events().next()
    }

    fn latest_preview(&mut self) -> Option<Preview> {
        Self::latest_preview(self)
    }
}
