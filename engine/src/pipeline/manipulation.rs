//! Words that change what the reference says, before the network hears it (spec/model.md, section 19).

use ::image::{GrayImage, RgbImage};
use burn::tensor::{Device, Tensor};

use super::cache::{Model, Warm, key};
use super::conditioning::{all_tokens, image_tower, patches};
use super::{check, tokenizer};
use crate::error::EngineError;
use crate::image::resample;
use crate::model::config::ClipTextConfig;
use crate::request::{ModelRef, Prompt};
use crate::weights::{self, Observer, to_the_end};

/// Whether a text tower can read what is heeded of `prompts`.
///
/// # Errors
/// A word that it does not know, a text that is too long for it.
pub fn readable(prompts: &[Prompt], config: &ClipTextConfig) -> Result<(), EngineError> {
    let mut texts = Prompt::heeded(prompts)
        .flat_map(Prompt::texts)
        .filter(|text| !text.is_empty());
    texts.try_for_each(|text| tokenizer::ids(text, config).map(drop))
}

/// A prompt whose texts are directions among the image tokens, each `[1, 1, C]` of length 1.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    pub prompt: &'a Prompt,
    pub target: Tensor<3>,
    /// None: nothing is given up for the target.
    pub anchor: Option<Tensor<3>>,
    /// None: the prompt is heeded everywhere alike.
    pub control: Option<Tensor<3>>,
    /// Whether the target is taken away from where the control is not.
    pub repels: bool,
}

/// The directions of prompts that have a target. A text tower that is not among the networks of the model is opened for texts that are new, and let go;
/// [`WeightsError::Cancelled`](weights::WeightsError) where the observer breaks that off.
pub fn words<'a>(
    model: &mut Model,
    model_ref: &ModelRef,
    prompts: impl Iterator<Item = &'a Prompt>,
    device: &Device,
    observer: &mut Observer<'_>,
) -> Result<Vec<Words<'a>>, EngineError> {
    let Model { loaded, words: kept, .. } = model;
    let repels = loaded.config.clip_text.as_ref().is_none_or(|config| config.repels);
    let mut tower = loaded.config.clip_text.clone().zip(loaded.networks.clip_text.clone());
    let mut direction = |text: &str| {
        kept.try_get(key(&[text.as_bytes()]), || {
            let (config, tower) = match &mut tower {
                Some(tower) => tower,
                none => none.insert(weights::load_text(model_ref, device, observer)?),
            };
            Ok::<_, EngineError>(tower.feature(&tokenizer::ids(text, config)?))
        })
    };
    let mut words = Vec::new();
    for prompt in prompts {
        let [target, anchor, control] = prompt.texts();
        let mut given = |text: &str| (!text.is_empty()).then(|| direction(text)).transpose();
        let (anchor, control) = (given(anchor)?, given(control)?);
        words.push(Words {
            prompt,
            target: direction(target)?,
            anchor,
            control,
            repels,
        });
    }
    Ok(words)
}

/// A picture's patch tokens `[1, N, C]` after all prompts, from all of its tokens `[1, 1 + N, C]`.
pub fn manipulated(tokens: Tensor<3>, words: &[Words<'_>]) -> Tensor<3> {
    let class = tokens.clone().narrow(1, 0, 1);
    words
        .iter()
        .fold(patches(tokens), |patches, words| local(&class, patches, words))
}

/// The patch tokens `[1, N, C]` after one prompt; `class` `[1, 1, C]` is the picture's class token, which stays as it is.
pub fn local(class: &Tensor<3>, patches: Tensor<3>, words: &Words<'_>) -> Tensor<3> {
    let Words {
        prompt,
        target,
        anchor,
        control,
        repels,
    } = words;
    let known = anchor.as_ref().filter(|_| prompt.enhance).unwrap_or(target);
    let change = correlation(class, known).neg() + prompt.scale;
    let shares = control
        .as_ref()
        .map(|control| position_shares(correlation(&patches, control), prompt.thresholds, *repels));
    let weights = match &shares {
        Some(shares) => shares.clone() * change,
        None => change,
    };
    match anchor {
        None => patches + weights * target.clone(),
        Some(anchor) => {
            let weights = match (prompt.enhance, shares) {
                (false, _) => weights,
                // What the control is not about is left alone in this too.
                (true, Some(shares)) if !repels => weights + correlation(&patches, anchor) * shares,
                (true, _) => weights + correlation(&patches, anchor),
            };
            patches + weights * (target.clone() - anchor.clone())
        }
    }
}

/// The class token `[1, 1, C]` after one prompt, for models that are told of a reference by that token alone.
pub fn global(class: Tensor<3>, words: &Words<'_>) -> Tensor<3> {
    let Words {
        prompt, target, anchor, ..
    } = words;
    let target = target.clone();
    match (anchor, prompt.enhance) {
        (None, true) => class + target * prompt.scale,
        (None, false) => {
            let change = correlation(&class, &target).neg() + prompt.scale;
            class + change * target
        }
        (Some(anchor), false) => class + (target - anchor.clone()) * prompt.scale,
        (Some(anchor), true) => {
            let share = correlation(&class, anchor);
            class - share * anchor.clone() + target * prompt.scale
        }
    }
}

/// Dot products of tokens `[1, N, C]` with a direction: `[1, N, 1]`.
pub fn correlation(tokens: &Tensor<3>, direction: &Tensor<3>) -> Tensor<3> {
    tokens.clone().matmul(direction.clone().swap_dims(1, 2))
}

/// How far a prompt is heeded at each token: from -2 where the control is least, or 0 for a model that does not repel, to 1 where it is most. `map` and
/// result `[1, N, 1]`.
pub fn position_shares(map: Tensor<3>, thresholds: [f32; 4], repels: bool) -> Tensor<3> {
    let least = map.clone().min_dim(1);
    let spread = (map.clone().max_dim(1) - least.clone()).clamp_min(f32::MIN_POSITIVE);
    let map = (map - least) / spread;
    let [foreign, related, meant, fully] = thresholds;
    let ramp = |from: f32, to: f32| (map.clone() - from) / (to - from);
    let shares = [
        (foreign, ramp(foreign, related) - 1.0),
        (related, ramp(related, meant) * 0.5),
        (meant, ramp(meant, fully) * 0.5 + 0.5),
        (fully, map.ones_like()),
    ];
    let share = shares.into_iter().fold(map.full_like(-2.0), |share, (above, value)| {
        share.mask_where(map.clone().greater_elem(above), value)
    });
    if repels { share } else { share.clamp_min(0.0) }
}

/// Where in a reference the last of the prompts is heeded, at the reference's size: 0 where its control has nothing to say, a quarter of 255 more
/// above each of its thresholds. The prompts before it have been heeded already. Its scale means nothing here.
///
/// # Errors
/// When the model cannot be opened, has no text tower, a number of a prompt is out of range, or the last prompt has no control.
pub fn heat_map(warm: &mut Warm, model: &ModelRef, reference: &RgbImage, prompts: &[Prompt]) -> Result<GrayImage, EngineError> {
    warm.guarded(|warm| mapped(warm, model, reference, prompts))
}

fn mapped(warm: &mut Warm, model: &ModelRef, reference: &RgbImage, prompts: &[Prompt]) -> Result<GrayImage, EngineError> {
    check::check_prompts(prompts)?;
    let device = warm.device().clone();
    let model_ref = model;
    let model = warm.model(model_ref, &[], &mut to_the_end)?;
    let (last, before) = prompts.split_last().ok_or(EngineError::NoControl)?;
    let read = Prompt::heeded(before).chain([last]);
    let words = words(model, model_ref, read, &device, &mut to_the_end)?;
    let (last, before) = words.split_last().ok_or(EngineError::NoControl)?;
    let control = last.control.as_ref().ok_or(EngineError::NoControl)?;
    let (networks, config) = (&model.loaded.networks, &model.loaded.config);
    let tokens = all_tokens(&image_tower(networks, &device), config, reference, &device);
    let tokens = manipulated(tokens, before);
    let map = correlation(&tokens, control).try_into_vec_as::<f32>()?;
    let grid = config.clip_vision.grid();
    let size = reference.dimensions().into();
    Ok(levels(
        &resample::plain(&map, [grid, grid], size),
        size,
        last.prompt.thresholds,
    ))
}

/// A map of correlations, spread over 0..=1, as a picture of four steps.
fn levels(map: &[f32], [width, height]: [u32; 2], thresholds: [f32; 4]) -> GrayImage {
    let least = map.iter().copied().fold(f32::INFINITY, f32::min);
    let most = map.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let spread = (most - least).max(f32::MIN_POSITIVE);
    GrayImage::from_fn(width, height, |x, y| {
        let share = (map[(y * width + x) as usize] - least) / spread;
        let passed = thresholds.iter().filter(|threshold| share > **threshold).count();
        ::image::Luma([(passed as f32 * 63.75) as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heat_map_has_a_step_for_each_threshold() {
        let map = levels(&[-1.0, 0.0, 0.2, 0.6, 1.0], [5, 1], [0.4, 0.55, 0.7, 0.9]);
        assert_eq!(map.as_raw(), &[0, 63, 127, 191, 255]);
        assert_eq!(levels(&[3.0, 3.0], [2, 1], [0.5; 4]).as_raw(), &[0, 0]);
    }

    #[test]
    fn a_model_that_does_not_repel_leaves_alone_what_the_control_is_not_about() {
        let device = Device::flex();
        let map = Tensor::<1>::from_floats([0.0, 0.4, 0.6, 0.96, 1.0], &device).reshape([1, 5, 1]);
        let shares = |repels| -> Vec<f32> {
            let shares = position_shares(map.clone(), Prompt::default().thresholds, repels);
            shares.try_into_vec_as().expect("five numbers")
        };
        let [published, small] = [true, false].map(shares);
        assert_eq!(published[..2], [-2.0; 2]);
        assert_eq!(small[..2], [0.0; 2]);
        assert_eq!(published[2..], small[2..]);
        assert_eq!(small[3..], [1.0; 2]);
    }

    #[test]
    fn as_much_more_of_the_new_comes_only_where_the_control_is() {
        let device = Device::flex();
        let direction = |numbers: [f32; 3]| Tensor::<1>::from_floats(numbers, &device).reshape([1, 1, 3]);
        let class = direction([0.0, 0.0, 1.0]);
        // The first token is what the control is about, and both have much of the anchor.
        let patches = Tensor::<2>::from_floats([[1.0, 5.0, 1.0], [1.0, 5.0, 0.0]], &device).reshape([1, 2, 3]);
        let changed = |enhance, repels| {
            let prompt = Prompt {
                enhance,
                ..Prompt::default()
            };
            let words = Words {
                prompt: &prompt,
                target: direction([1.0, 0.0, 0.0]),
                anchor: Some(direction([0.0, 1.0, 0.0])),
                control: Some(direction([0.0, 0.0, 1.0])),
                repels,
            };
            let targets = local(&class, patches.clone(), &words).narrow(2, 0, 1) - 1.0;
            targets.try_into_vec_as::<f32>().expect("two numbers")
        };
        assert_eq!(changed(false, false), [8.0, 0.0]);
        assert_eq!(changed(true, false), [13.0, 0.0]);
        assert_eq!(changed(true, true), [13.0, -11.0]);
    }

    #[test]
    fn spaces_around_words_mean_nothing() {
        let config = weights::config(&ModelRef::Embedded)
            .expect("it is in the program")
            .clip_text
            .expect("it has words");
        let prompt = |target: &str, anchor: &str, scale: f32| Prompt {
            target: target.to_owned(),
            anchor: anchor.to_owned(),
            scale,
            ..Prompt::default()
        };
        let check = |prompts: &[Prompt]| readable(prompts, &config).map_err(|error| error.to_string());
        assert_eq!(check(&[prompt(" red hair ", "  ", 8.0), prompt("  ", "snow", 8.0)]), Ok(()));
        assert!(check(&[prompt("red hair", "snow", 8.0)]).unwrap_err().contains("\"snow\""));
        assert_eq!(check(&[prompt("red snow", "", 0.0)]), Ok(()), "nothing is heeded");
        let long = "a red hair in the sky in";
        assert!(check(&[prompt(long, "", 8.0)]).unwrap_err().contains("counts for 7 words"));
        assert_eq!(check(&[prompt(long.trim_end_matches(" in"), "", 8.0)]), Ok(()));
    }

    #[test]
    fn the_model_in_the_program_knows_some_words_and_names_those_that_it_does_not_know() {
        let mut warm = Warm::new(Device::flex(), Box::new(weights::load_observed));
        let mut map = |prompts: &[Prompt]| heat_map(&mut warm, &ModelRef::Embedded, &RgbImage::new(8, 8), prompts);
        let prompt = |line: &str| line.parse::<Prompt>().expect("a prompt");
        assert_eq!(
            map(&[prompt("[target] Red hair; [control] the hair")])
                .expect("a map")
                .dimensions(),
            (8, 8)
        );
        let error = map(&[prompt("[target] red snow; [control] hair")]).unwrap_err();
        assert!(error.is_input());
        assert!(error.to_string().contains("the word \"snow\""), "{error}");
        // How much of it is wanted says nothing of where.
        let line = "[target] red hair; [control] hair";
        let [meant, unwanted] = ["", "; [scale] 0"].map(|scale| map(&[prompt(&format!("{line}{scale}"))]).expect("a map"));
        assert_eq!(meant, unwanted);
        for (number, named) in [
            ("[scale] 16", "scale of a prompt is 16"),
            ("[ts0] 0.9", "thresholds of a prompt"),
        ] {
            let error = map(&[prompt(&format!("{line}; {number}"))]).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
        for prompts in [&[][..], &[prompt("[target] red hair")]] {
            let error = map(prompts).unwrap_err();
            assert!(error.to_string().contains("[control]"), "{error}");
        }
    }
}
