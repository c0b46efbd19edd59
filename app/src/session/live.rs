//! Live mode: the picture colours itself while one paints. What it shows is no take until it is kept.

mod asked;

use std::time::{Duration, Instant};

use engine::event::{Event, JobId, Preview, Take};
use engine::request::{ColorizeRequest, Settings};

use asked::{Asked, fingerprint, go_on};

use super::answer::Version;
use super::coloring::{Extras, Unready};
use super::{Session, sentence};
use crate::generate::jobs;
use crate::generate::live::{Live, Moment};
use crate::generate::words;

/// How a live generation differs from one that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiveSettings {
    /// 1..=100.
    pub steps: u32,
    /// Whether a picture begins with the one before it, where only the drawing has changed since.
    pub goes_on: bool,
    /// How far that one is painted over, 0.02..=1.
    pub change: f32,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            steps: 4,
            // Not steadier: with one seed, noise leads to nearly the same picture again after every stroke. Away from the stroke it moved by 0.1 to 1.0 of 255 (the
            // embedded model, the sample "park", 4 steps, six strokes); going on from the last it moved by 15 at first and 0.5 in the end, and had strayed by 23
            // from what noise gives.
            goes_on: false,
            change: 0.6,
        }
    }
}

/// Live mode at work.
pub(super) struct LiveDesk {
    schedule: Live,
    pub settings: LiveSettings,
    clock: Instant,
    /// What the picture followed from when this was looked at last.
    seen: Option<(Version, Settings, LiveSettings, Extras)>,
    /// What the document's part of that is made of.
    print: u64,
    job: Option<(JobId, Asked)>,
    /// The newest picture, for it to be kept and gone on from.
    result: Option<(Take, Asked)>,
    /// What came in mid-stroke.
    held: Option<Preview>,
    /// When the change came that the next preview answers.
    asked: Option<Instant>,
    answered: Option<Duration>,
    /// What the engine could not read of the prompts.
    unread: Option<String>,
    /// Counts what was ended or forgotten: a request with an earlier number comes too late.
    number: u64,
}

impl Default for LiveDesk {
    fn default() -> Self {
        Self {
            schedule: Live::default(),
            settings: LiveSettings::default(),
            clock: Instant::now(),
            seen: None,
            print: 0,
            job: None,
            result: None,
            held: None,
            asked: None,
            answered: None,
            unread: None,
            number: 0,
        }
    }
}

impl LiveDesk {
    /// What belongs to the document that was open; the mode stays as it is.
    pub fn forget(&mut self) {
        let on = self.schedule.is_on();
        *self = Self {
            settings: self.settings,
            number: self.number + 1,
            ..Self::default()
        };
        self.schedule.turn(on, Duration::ZERO);
    }

    pub fn is_job(&self, job: JobId) -> bool {
        self.job.as_ref().is_some_and(|(id, _)| *id == job)
    }
}

impl Session {
    pub fn is_live(&self) -> bool {
        self.live.schedule.is_on()
    }

    /// A live generation is under way.
    pub fn is_live_coloring(&self) -> bool {
        self.live.schedule.in_flight()
    }

    pub fn live_settings_mut(&mut self) -> &mut LiveSettings {
        &mut self.live.settings
    }

    /// There is a live picture that is no take yet.
    pub fn has_live_picture(&self) -> bool {
        self.live.result.is_some()
    }

    /// From the latest change to the first preview that knew of it.
    pub fn live_latency(&self) -> Option<Duration> {
        self.live.answered
    }

    /// A sentence on what cannot be read of the prompts: live mode waits until it can. Half a word is no failure.
    pub fn unread_words(&self) -> Option<String> {
        words::unread(&self.settings).or_else(|| self.live.unread.clone())
    }

    /// When the schedule wants to be asked again.
    pub fn wake_in(&self) -> Option<Duration> {
        if !self.is_live() {
            return None;
        }
        let moment = self.moment();
        Some(self.live.schedule.due(moment)?.saturating_sub(moment.now))
    }

    /// Whether masks show as tints now, which falsify colours: not while colours are adjusted, and while the picture colours itself only in mid-stroke.
    pub fn shows_masks(&self) -> bool {
        let live = self.is_live() && self.preview().is_some();
        self.view.masks && !self.is_adjusting() && (!live || self.toolbox.is_active())
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.live.clock.elapsed(),
            // What the page of adjusted colours shows is no change yet.
            painting: self.toolbox.is_active() || self.is_adjusting(),
            busy: self.is_coloring() || self.coming.reading || words::unread(&self.settings).is_some(),
        }
    }

    pub(super) fn toggle_live(&mut self) {
        let on = !self.is_live();
        self.end_live();
        self.live.schedule.turn(on, self.live.clock.elapsed());
        self.live.seen = None;
        if on {
            self.live.asked = Some(Instant::now());
        }
    }

    /// Ends what is under way and takes its picture off the canvas.
    pub(super) fn end_live(&mut self) {
        if let Some((job, _)) = self.live.job.take() {
            self.engine.cancel(job);
        }
        self.live.number += 1;
        self.live.result = None;
        self.live.held = None;
        self.live.unread = None;
        self.drop_live_preview();
    }

    /// Makes a take of the live picture.
    pub(super) fn keep_live(&mut self) {
        if let Some((take, asked)) = self.live.result.clone() {
            self.keep(take, asked.inputs);
        }
    }

    /// Looks for changes, and begins a generation when it is time.
    pub(super) fn follow(&mut self) {
        if !self.is_live() {
            return;
        }
        let Some(document) = &self.document else { return };
        let extras = self.extras();
        let now = (self.version(), self.settings.clone(), self.live.settings, extras);
        if self.live.seen.as_ref() != Some(&now) {
            // Of the colour that is shown, any edit may be a change.
            let print = if extras.start { now.0.state } else { fingerprint(document) };
            let same = self.live.print == print
                && self
                    .live
                    .seen
                    .as_ref()
                    .is_some_and(|known| (&known.1, known.2, known.3) == (&now.1, now.2, now.3));
            self.live.seen = Some(now);
            self.live.print = print;
            if !same {
                self.live.schedule.changed(self.live.clock.elapsed());
                self.live.asked = Some(Instant::now());
            }
        }
        if !self.toolbox.is_active()
            && let Some(held) = self.live.held.take()
        {
            self.show_preview(held, true);
        }
        if self.live.schedule.begins(self.moment()) {
            self.begin_live();
        }
    }

    fn begin_live(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let settings = Settings {
            steps: self.live.settings.steps,
            ..self.settings.clone()
        };
        let extras = self.extras();
        let LiveSettings { goes_on, change, .. } = self.live.settings;
        let last = self.live.result.clone().filter(|_| goes_on && !extras.start);
        let number = self.live.number;
        let ask = move || {
            extras.request(&document, &settings).map(|mut request| {
                if let Some(last) = last {
                    go_on(&mut request, &last, change);
                }
                request
            })
        };
        self.files
            .run_then(ask, move |session, request| session.submit_live(number, request));
    }

    /// The request is ready; unless live mode was left, or begun anew, meanwhile, it goes to the engine.
    fn submit_live(&mut self, number: u64, request: Result<ColorizeRequest, Unready>) {
        if number != self.live.number || !self.is_live() {
            return;
        }
        match request {
            Ok(request) => {
                let ColorizeRequest { inputs, settings } = request.clone();
                self.live.job = Some((self.engine.submit_live(request), Asked { inputs, settings }));
            }
            Err(unready) => {
                self.live.schedule.ended();
                match unready {
                    Unready::Missing(missing) => self.inform(sentence(&format_args!("Live mode waits. {missing}"))),
                    Unready::Failed(words) => self.warn(words),
                }
            }
        }
    }

    /// Takes in an event of the live generation; whether it was one.
    pub(super) fn hear_live(&mut self, event: &Event) -> bool {
        let job = jobs::about(event);
        if !self.live.is_job(job) {
            return false;
        }
        match event {
            Event::Started { .. } | Event::Progress { .. } => {
                self.live.unread = None;
                return true;
            }
            Event::Finished { take, .. } => {
                self.learn_name(take);
                let preview = Preview {
                    job,
                    step: take.settings.steps,
                    steps: take.settings.steps,
                    picture: take.picture.clone(),
                };
                self.show_live(preview);
                self.live.result = self.live.job.take().map(|(_, asked)| (take.clone(), asked));
            }
            Event::Failed { error, .. } if error.is_about_words() => self.live.unread = Some(words::told(error)),
            Event::Failed { error, .. } => self.warn_of(error),
            Event::Cancelled { .. } => {}
        }
        self.live.job = None;
        self.live.schedule.ended();
        true
    }

    /// Shows a live picture, but not in mid-stroke: nothing may flicker under the pen.
    pub(super) fn show_live(&mut self, preview: Preview) {
        self.live.schedule.shown();
        if let Some(asked) = self.live.asked.take() {
            self.live.answered = Some(asked.elapsed());
            tracing::debug!(elapsed = ?asked.elapsed(), "first preview after a change");
        }
        match self.toolbox.is_active() {
            true => self.live.held = Some(preview),
            false => self.show_preview(preview, true),
        }
    }
}
