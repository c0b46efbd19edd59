//! What a person sets is undone like what a person paints: the parameters of the next generation, and the palettes.
//!
//! Panels set them where they stand. Once a frame they are held against what the history knows, and a change becomes an entry of it.

use std::sync::Arc;
use std::time::Instant;

use engine::request::{Batch, Settings};

use super::{LiveSettings, Session};
use crate::board::editing::PAUSE;
use crate::document::Document;
use crate::generate::settings;
use crate::palette::Palette;

/// What is undone beside the document's own parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parameters {
    settings: Settings,
    start_from_take: bool,
    inject_reference: bool,
    batch: Batch,
    live: LiveSettings,
    palettes: Vec<Palette>,
}

/// What the history knows.
#[derive(Default)]
pub(super) struct Known {
    parameters: Arc<Parameters>,
    changed: Option<Instant>,
    /// The pointer was down then.
    held: bool,
}

impl Parameters {
    /// What is another here than `before`, as the history calls it.
    fn changed(&self, before: &Self) -> &'static str {
        let alone = |change: fn(&mut Settings, &Settings)| {
            let mut other = before.settings.clone();
            change(&mut other, &self.settings);
            other == self.settings
        };
        let alike = self.settings == before.settings;
        match () {
            () if self.palettes != before.palettes => "Change the palettes",
            () if alike && self.start_from_take != before.start_from_take => "Choose the start",
            () if alike && self.batch != before.batch => "Choose how many pictures",
            () if alike && self.live != before.live => "Set live mode",
            () if alike && self.inject_reference != before.inject_reference => "Choose what to borrow",
            () if alone(|other, new| other.seed = new.seed) => "Choose the seed",
            () if alone(|other, new| other.steps = new.steps) => "Choose the steps",
            () if alone(|other, new| other.mode = new.mode) => "Choose the mode",
            () if alone(|other, new| other.foreground_strength = new.foreground_strength) => "Set the figure's strength",
            () if alone(|other, new| other.background_strength = new.background_strength) => "Set the background's strength",
            () if alone(|other, new| other.start_strength = new.start_strength) => "Set how much changes",
            () => "Change the settings",
        }
    }

    /// Lays itself beside the document, where the history finds it; the settings also into the document, where files and the journal find them.
    fn lay_beside(self: &Arc<Self>, document: &mut Document) {
        if let Err(error) = settings::keep(document, &self.settings) {
            tracing::warn!("the settings cannot be kept in the document: {error}");
        }
        document.beside = Some(self.clone());
    }
}

impl Session {
    fn parameters(&self) -> Parameters {
        Parameters {
            settings: self.settings.clone(),
            start_from_take: self.start_from_take,
            inject_reference: self.inject_reference,
            batch: self.batch,
            live: self.live.settings,
            palettes: self.palettes().to_vec(),
        }
    }

    /// Makes an entry of what was set since the last frame; of one thing that is set step by step, such as by a slider, a single one. In mid-stroke and while something
    /// moves, is transformed or is looked for it waits: that is to be undone by itself.
    pub(super) fn record_parameters(&mut self) {
        let parameters = self.parameters();
        let waits = self.toolbox.is_active() || self.is_moving() || self.is_transforming() || self.is_awaiting();
        if waits || parameters == *self.known.parameters {
            return;
        }
        let label = parameters.changed(&self.known.parameters);
        let lately = self.known.changed.is_some_and(|changed| changed.elapsed() < PAUSE);
        let lately = lately || self.known.held && self.hand.is_down;
        let parameters = Arc::new(parameters);
        if let Some(document) = &mut self.document {
            let before = document.clone();
            parameters.lay_beside(document);
            self.record(label, before, lately);
        }
        self.known = Known {
            parameters,
            changed: Some(Instant::now()),
            held: self.hand.is_down,
        };
    }

    /// What is set now is where the history begins, or nothing that a person did: there is no entry for it.
    pub(super) fn take_parameters_for_known(&mut self) {
        let parameters = Arc::new(self.parameters());
        if let Some(document) = &mut self.document {
            parameters.lay_beside(document);
        }
        self.known = Known {
            parameters,
            changed: None,
            held: false,
        };
    }

    /// Sets what was set in the state of the history that is here now.
    pub(super) fn recall_parameters(&mut self) {
        let beside = self.document.as_ref().and_then(|document| document.beside.clone());
        let Some(parameters) = beside.and_then(|beside| beside.downcast::<Parameters>().ok()) else {
            return;
        };
        let known = self.parameters();
        self.settings = parameters.settings.clone();
        self.start_from_take = parameters.start_from_take;
        self.inject_reference = parameters.inject_reference;
        self.batch = parameters.batch;
        self.live.settings = parameters.live;
        if parameters.palettes != known.palettes {
            self.set_palettes(parameters.palettes.clone());
        }
        self.known = Known {
            parameters,
            changed: None,
            held: false,
        };
    }
}
