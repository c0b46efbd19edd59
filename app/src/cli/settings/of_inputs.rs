//! Settings that count only with a picture of their own: one to start from, one to inject, hints.

use clap::Args;
use engine::request::{HintSettings, InjectionSettings, Inputs, Settings};

use super::in_range;
use crate::cli::BadInput;

/// How the pictures beside sketch and reference count; each option left out keeps its value.
#[derive(Debug, Args)]
pub struct InputSettingsArguments {
    /// How far --start's picture is painted over, 0.02 to 1: little keeps it, 1 leaves next to nothing of it [default: 0.6].
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(Settings::START_STRENGTH))]
    strength: Option<f32>,
    /// How far guidance leads to --injection's picture, 0 to 1 [default: 0.5].
    #[arg(long, value_name = "SHARE", value_parser = in_range(0.0..=1.0))]
    injection_fidelity: Option<f32>,
    /// How strongly the shapes in --injection's picture count, 0 to 2 [default: 0].
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(InjectionSettings::SKETCH_FIDELITY))]
    injection_sketch: Option<f32>,
    /// From where on, between noise (0) and picture (1), --injection's picture is looked at [default: 0].
    #[arg(long, value_name = "SHARE", value_parser = in_range(0.0..=1.0))]
    injection_start: Option<f32>,
    /// How surely --hints are followed, 0 to 1 [default: 1].
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    hint_strength: Option<f32>,
    /// --hints hold exactly where they are painted, instead of up to the lines around them.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    hint_exact: Option<bool>,
}

impl InputSettingsArguments {
    /// Refuses what was typed for a picture that there is none of, neither typed nor in the recipe.
    pub fn check(&self, inputs: &Inputs) -> Result<(), BadInput> {
        let (start, injection, hints) = (inputs.start.is_some(), inputs.injection.is_some(), inputs.hints.is_some());
        let needs = [
            ("strength", self.strength.is_some(), "start", start),
            (
                "injection-fidelity",
                self.injection_fidelity.is_some(),
                "injection",
                injection,
            ),
            ("injection-sketch", self.injection_sketch.is_some(), "injection", injection),
            ("injection-start", self.injection_start.is_some(), "injection", injection),
            ("hint-strength", self.hint_strength.is_some(), "hints", hints),
            ("hint-exact", self.hint_exact.is_some(), "hints", hints),
        ];
        match needs.into_iter().find(|(_, typed, _, given)| *typed && !given) {
            None => Ok(()),
            Some((option, _, input, _)) => Err(BadInput(format!(
                "--{option} goes with --{input}, and there is none: give --{input} FILE, or leave --{option} out"
            ))),
        }
    }

    /// What was typed over `base`.
    pub fn over(&self, base: Settings) -> Settings {
        let (injection, hints) = (base.injection, base.hints);
        Settings {
            start_strength: self.strength.unwrap_or(base.start_strength),
            injection: InjectionSettings {
                reference_fidelity: self.injection_fidelity.unwrap_or(injection.reference_fidelity),
                sketch_fidelity: self.injection_sketch.unwrap_or(injection.sketch_fidelity),
                start: self.injection_start.unwrap_or(injection.start),
            },
            hints: HintSettings {
                strength: self.hint_strength.unwrap_or(hints.strength),
                spread: self.hint_exact.map_or(hints.spread, |exact| !exact),
            },
            ..base
        }
    }
}
