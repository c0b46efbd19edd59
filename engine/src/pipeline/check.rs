//! What a request must be.

use std::ops::RangeInclusive;

use crate::error::EngineError;
use crate::model::vae::GRAIN;
use crate::request::{AdapterFile, ColorizeRequest, InjectionSettings, Mode, Prompt, Settings};
use crate::weights::Loaded;

/// Refuses what cannot be carried out: a setting out of its range, a picture without pixels, a mode without its mask.
pub fn check(request: &ColorizeRequest) -> Result<(), EngineError> {
    let settings = &request.settings;
    let levels = settings.level_strengths;
    let steps = *Settings::STEPS.start() as f32..=*Settings::STEPS.end() as f32;
    let numbers: [Number; 21] = [
        ("steps", settings.steps as f32, steps),
        (
            "reference guidance",
            settings.reference_guidance,
            Settings::REFERENCE_GUIDANCE,
        ),
        ("sketch guidance", settings.sketch_guidance, Settings::SKETCH_GUIDANCE),
        ("reference strength", settings.reference_strength, 0.0..=1.0),
        ("foreground strength", settings.foreground_strength, 0.0..=1.0),
        ("background strength", settings.background_strength, 0.0..=1.0),
        ("merge", settings.merge, 0.0..=1.0),
        ("sketch strength", settings.sketch_strength, Settings::SKETCH_STRENGTH),
        ("sketch mask threshold", settings.sketch_mask_threshold, 0.0..=1.0),
        ("reference mask threshold", settings.reference_mask_threshold, 0.0..=1.0),
        ("reference padding", settings.reference_padding, Settings::REFERENCE_PADDING),
        ("start strength", settings.start_strength, Settings::START_STRENGTH),
        (
            "injection's reference fidelity",
            settings.injection.reference_fidelity,
            0.0..=1.0,
        ),
        (
            "injection's sketch fidelity",
            settings.injection.sketch_fidelity,
            InjectionSettings::SKETCH_FIDELITY,
        ),
        ("injection's start", settings.injection.start, 0.0..=1.0),
        ("hint strength", settings.hints.strength, 0.0..=1.0),
        ("encoder strength", levels.encoder, 0.0..=1.0),
        ("color strength", levels.color, 0.0..=1.0),
        ("semantics strength", levels.semantics, 0.0..=1.0),
        ("reference window's start", settings.reference_window[0], 0.0..=1.0),
        ("reference window's end", settings.reference_window[1], 0.0..=1.0),
    ];
    let blocks = settings.block_strengths.iter();
    let blocks = blocks.map(|strength| ("strength of a cross-attention", *strength, 0.0..=1.0));
    let adapters = settings
        .adapters
        .iter()
        .map(|adapter| ("strength of an adapter", adapter.strength, AdapterFile::STRENGTH));
    let pause = settings.reference_pause.into_iter().flatten();
    let pause = pause.map(|end| ("pause of the reference", end, 0.0..=1.0));
    let numbers = numbers.into_iter().chain(blocks).chain(adapters).chain(pause);
    check_numbers(numbers)?;
    check_prompts(&settings.prompts)?;
    let pause = settings.reference_pause.unwrap_or_default();
    for (name, window) in [
        ("reference window", settings.reference_window),
        ("pause of the reference", pause),
    ] {
        if window[0] > window[1] {
            return Err(EngineError::Setting {
                name,
                value: format!("{}..{}", window[0], window[1]),
                allowed: format!("one that rises, such as {}..{}", window[1], window[0]),
            });
        }
    }
    if let Some([width, height]) = settings.size
        && !(Settings::allows_side(width) && Settings::allows_side(height))
    {
        let [from, to] = [*Settings::SIDE.start(), *Settings::SIDE.end()];
        return Err(EngineError::Setting {
            name: "size",
            value: format!("{width}x{height}"),
            allowed: format!("multiples of {GRAIN} from {from} to {to}"),
        });
    }
    check_inputs(request)
}

/// A number's name, itself, and the range that it must lie in.
type Number = (&'static str, f32, RangeInclusive<f32>);

fn check_numbers(numbers: impl IntoIterator<Item = Number>) -> Result<(), EngineError> {
    let outside = numbers.into_iter().find(|(_, value, range)| !range.contains(value));
    outside.map_or(Ok(()), |(name, value, range)| {
        let [from, to] = [range.start(), range.end()];
        Err(EngineError::Setting {
            name,
            value: value.to_string(),
            allowed: format!("{from} to {to}"),
        })
    })
}

/// Refuses prompts with a number out of its range.
pub fn check_prompts(prompts: &[Prompt]) -> Result<(), EngineError> {
    check_numbers(prompts.iter().flat_map(|prompt| {
        let thresholds = prompt.thresholds.into_iter();
        let thresholds = thresholds.map(|threshold| ("threshold of a prompt", threshold, 0.0..=1.0));
        thresholds.chain([("scale of a prompt", prompt.scale, Prompt::SCALE)])
    }))?;
    match prompts.iter().find(|prompt| !prompt.thresholds.is_sorted()) {
        Some(prompt) => Err(EngineError::Setting {
            name: "thresholds of a prompt",
            value: format!("{:?}", prompt.thresholds),
            allowed: "four that rise, such as 0.5, 0.55, 0.65 and 0.95".to_owned(),
        }),
        None => Ok(()),
    }
}

/// Refuses what a model has no place for: strengths of more cross-attentions than it has, a mode whose adapters it lacks.
pub fn check_model(settings: &Settings, loaded: &Loaded) -> Result<(), EngineError> {
    let mode = settings.mode;
    if mode != Mode::Vanilla && !loaded.regions {
        return Err(EngineError::NoRegions { mode });
    }
    let (given, most) = (settings.block_strengths.len(), loaded.config.unet.cross_attentions());
    if given > most {
        return Err(EngineError::Setting {
            name: "number of strengths of cross-attentions",
            value: given.to_string(),
            allowed: format!("at most {most}, as many as this model has"),
        });
    }
    Ok(())
}

fn check_inputs(request: &ColorizeRequest) -> Result<(), EngineError> {
    let (inputs, mode) = (&request.inputs, request.settings.mode);
    let sizes = [
        ("sketch", Some(inputs.sketch.dimensions())),
        ("reference", Some(inputs.reference.dimensions())),
        ("sketch mask", inputs.sketch_mask.as_ref().map(|mask| mask.dimensions())),
        ("reference mask", inputs.reference_mask.as_ref().map(|mask| mask.dimensions())),
        ("background", inputs.background.as_ref().map(|picture| picture.dimensions())),
        (
            "picture to start from",
            inputs.start.as_ref().map(|picture| picture.dimensions()),
        ),
        (
            "picture to inject",
            inputs.injection.as_ref().map(|picture| picture.dimensions()),
        ),
        ("colour hints", inputs.hints.as_ref().map(|picture| picture.dimensions())),
    ];
    for (name, size) in sizes {
        if let Some((0, _) | (_, 0)) = size {
            return Err(EngineError::Empty { name });
        }
    }
    let (missing, instead) = if mode.needs_sketch_mask() && inputs.sketch_mask.is_none() {
        ("sketch mask", Mode::Vanilla)
    } else if mode.needs_reference_mask() && inputs.reference_mask.is_none() && inputs.background.is_none() {
        ("reference mask or a background picture", Mode::Foreground)
    } else {
        return Ok(());
    };
    Err(EngineError::MissingMask { mode, missing, instead })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::image::{GrayImage, RgbImage};

    use super::*;
    use crate::request::Inputs;

    fn request(mode: Mode) -> ColorizeRequest {
        ColorizeRequest {
            inputs: Inputs::new(Arc::new(RgbImage::new(2, 2)), Arc::new(RgbImage::new(2, 2))),
            settings: Settings {
                mode,
                ..Settings::default()
            },
        }
    }

    fn refusal(change: impl FnOnce(&mut ColorizeRequest)) -> String {
        let mut request = request(Mode::Vanilla);
        change(&mut request);
        check(&request).unwrap_err().to_string()
    }

    #[test]
    fn each_mode_asks_for_its_masks_by_name() {
        assert!(check(&request(Mode::Vanilla)).is_ok());
        for mode in [Mode::Split, Mode::Background, Mode::Foreground, Mode::Both] {
            let mut request = request(mode);
            let message = check(&request).unwrap_err().to_string();
            let wanted = format!(
                "the mode {} needs a sketch mask: give it one, or choose the mode vanilla",
                mode.key()
            );
            assert_eq!(message, wanted);
            request.inputs.sketch_mask = Some(Arc::new(GrayImage::new(2, 2)));
            assert_eq!(check(&request).is_ok(), mode == Mode::Foreground);
            request.inputs.background = Some(Arc::new(RgbImage::new(1, 1)));
            assert!(check(&request).is_ok());
        }
    }

    #[test]
    fn settings_out_of_range_are_named() {
        assert!(refusal(|request| request.settings.steps = 0).contains("steps is 0"));
        assert!(refusal(|request| request.settings.block_strengths = vec![1.0, 1.1]).contains("cross-attention is 1.1"));
        assert!(refusal(|request| request.settings.reference_pause = Some([0.5, 7.0])).contains("pause of the reference is 7"));
        assert!(refusal(|request| request.settings.reference_window = [0.8, 0.2]).contains("0.8..0.2: choose one that rises"));
        assert!(
            refusal(|request| request.settings.reference_pause = Some([0.6, 0.5])).contains("0.6..0.5: choose one that rises")
        );
        assert!(refusal(|request| request.settings.merge = f32::NAN).contains("merge is NaN"));
        assert!(refusal(|request| request.settings.reference_guidance = 15.5).contains("1 to 15"));
        assert!(refusal(|request| request.settings.reference_padding = 2.5).contains("reference padding is 2.5: choose 1 to 2"));
        assert!(refusal(|request| request.settings.size = Some([256, 250])).contains("256x250"));
        assert!(refusal(|request| request.settings.size = Some([0, 64])).contains("multiples of 64"));
    }

    #[test]
    fn a_picture_without_pixels_is_named() {
        assert!(refusal(|request| request.inputs.reference = Arc::new(RgbImage::new(0, 3))).contains("reference"));
    }
}
