//! What was trained, in the next generations.

use std::path::PathBuf;

use engine::request::{AdapterFile, ModelRef};
use engine::training::Outcome;

use super::Session;

impl Session {
    /// Takes what a run has made for the next generations: adapters beside those that are chosen, or the model.
    pub fn use_training(&mut self, outcome: &Outcome, base: &ModelRef) {
        match outcome {
            Outcome::Finished { weights, .. } => {
                self.settings.model = ModelRef::Files {
                    checkpoint: weights.clone(),
                    clip: None,
                    vae: None,
                };
                // They are for another model.
                self.settings.adapters.clear();
            }
            Outcome::Adapters { file } => {
                if self.settings.model != *base {
                    self.settings.model = base.clone();
                    self.settings.adapters.clear();
                }
                self.add_adapter(file.clone());
            }
            Outcome::Stopped => {}
        }
    }

    /// Puts an adapter file into the next generations, at full strength; one that is there already is read anew.
    pub fn add_adapter(&mut self, file: PathBuf) {
        self.settings.adapters.retain(|adapter| adapter.file != file);
        self.settings.adapters.push(AdapterFile {
            file,
            strength: 1.0,
            hash: None,
        });
    }
}
