//! What a configuration must hold to, so that its networks can be built and fit together.

use std::collections::BTreeSet;

use serde_json::Value;

use super::config::{ClipTextConfig, LoraRank, ModelConfig, UnetConfig, VaeConfig, Vocabulary};
use super::vae::{GRAIN, LATENT_FACTOR};

/// No network is wider, and what is reckoned from such widths does not overflow.
const WIDEST: u64 = 1 << 24;

/// No network has more layers in a row.
const DEEPEST: usize = 256;

/// More halvings leave nothing of any picture.
const LEVELS: usize = 16;

impl ModelConfig {
    /// Fails with what is wrong, in a sentence, where the networks could not be built or would not fit together.
    pub fn check(&self) -> Result<(), String> {
        self.check_sizes()?;
        self.unet.check()?;
        self.vae.check()?;
        let (unet, sketch, clip) = (&self.unet, &self.sketch_encoder, &self.clip_vision);
        let (recovery, threshold) = (&self.recovery_transformer, &self.threshold_embedder);
        holds(
            self.vae.latent_channels == unet.in_channels && unet.in_channels == unet.out_channels,
            || "the VAE's latent and the UNet's input and output must be equally wide".to_owned(),
        )?;
        holds(
            sketch.model_channels == unet.model_channels && sketch.channel_mult == unet.channel_mult,
            || "the sketch encoder must be as wide as the UNet on every level".to_owned(),
        )?;
        holds(sketch.in_channels > 0 && !sketch.stem_channels.contains(&0), || {
            "the sketch encoder's widths must be above 0".to_owned()
        })?;
        holds(
            divides(clip.patch_size, clip.image_size) && divides(clip.head_width, clip.width),
            || "the image tower's patches must fill its picture, and its heads its width".to_owned(),
        )?;
        holds(
            [clip.output_dim, recovery.dim, threshold.out_dim] == [unet.context_dim; 3],
            || format!("all tokens must be as wide as the UNet's context, {}", unet.context_dim),
        )?;
        holds(recovery.tokens == clip.grid() * clip.grid(), || {
            "the recovery transformer must have as many tokens as the image tower has patches".to_owned()
        })?;
        holds(divides(recovery.head_width, recovery.dim), || {
            "the recovery transformer's heads must fill its width".to_owned()
        })?;
        holds(is_even(threshold.embed_dim), || {
            "the threshold's sinusoid must have an even width".to_owned()
        })?;
        if let Some(text) = &self.clip_text {
            text.check(unet.context_dim)?;
        }
        let schedule = &self.schedule;
        holds(
            schedule.timesteps > 1
                && 0.0 < schedule.linear_start
                && schedule.linear_start < schedule.linear_end
                && schedule.linear_end < 1.0,
            || "the schedule must rise between 0 and 1 in at least two steps".to_owned(),
        )?;
        holds(self.latent_scale.is_finite() && self.latent_scale > 0.0, || {
            "the latent scale must be a number above 0".to_owned()
        })?;
        holds(self.native_size > 0 && self.native_size.is_multiple_of(GRAIN), || {
            format!("the native size {} is no multiple of {GRAIN} pixels", self.native_size)
        })?;
        let fits = self
            .preview
            .as_ref()
            .is_none_or(|preview| preview.matrix.iter().all(|row| row.len() == self.vae.latent_channels));
        holds(fits, || "the preview's rows must be as long as the latent is wide".to_owned())
    }
}

impl ModelConfig {
    /// Fails where something is larger than in any network: what follows is reckoned from these numbers.
    fn check_sizes(&self) -> Result<(), String> {
        // As data, so that no field is forgotten.
        let fields = serde_json::to_value(self).map_err(|error| error.to_string())?;
        holds(largest(&fields) <= WIDEST, || {
            format!("a number is above {WIDEST}, as no network has it")
        })?;
        let text = self.clip_text.as_ref().map_or(0, |text| text.layers);
        let layers = [self.clip_vision.layers, self.recovery_transformer.layers, text];
        let blocks = [self.unet.num_res_blocks, self.vae.num_res_blocks];
        holds(layers.iter().chain(&blocks).all(|count| *count <= DEEPEST), || {
            format!("there are more than {DEEPEST} layers in a row")
        })?;
        holds(self.unet.channel_mult.len() <= LEVELS, || {
            format!("there are more than {LEVELS} levels, each of which halves the picture")
        })
    }
}

/// The largest whole number in a configuration; 0 where there is none.
fn largest(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(0),
        Value::Array(values) => values.iter().map(largest).max().unwrap_or(0),
        Value::Object(fields) => fields.values().map(largest).max().unwrap_or(0),
        _ => 0,
    }
}

impl UnetConfig {
    fn check(&self) -> Result<(), String> {
        let base = self.model_channels;
        holds(is_even(base) && divides(self.norm_groups, base), || {
            "the UNet's base width must be even, and a multiple of its norm groups".to_owned()
        })?;
        holds(
            self.channel_mult.first() == Some(&1) && !self.channel_mult.contains(&0),
            || "the UNet's first level must be as wide as its base, and none 0".to_owned(),
        )?;
        holds(
            self.num_res_blocks > 0 && self.in_channels > 0 && self.context_dim > 0,
            || "the UNet's residual blocks, input channels and context width must be above 0".to_owned(),
        )?;
        let last = self.channel_mult.len() - 1;
        let attends = |level: usize| level == last || self.attends(level);
        let narrow = (0..=last).find(|&level| attends(level) && !divides(self.head_channels, base * self.channel_mult[level]));
        holds(narrow.is_none(), || {
            format!("heads of {} do not fill the UNet's width", self.head_channels)
        })?;
        let rank = |rank: LoraRank| match rank {
            LoraRank::Fixed(rank) => rank > 0,
            LoraRank::Fraction(fraction) => fraction > 0.0 && fraction <= 1.0,
        };
        holds(rank(self.lora.foreground) && rank(self.lora.background), || {
            "an adapter's rank must be above 0, its share of a width between 0 and 1".to_owned()
        })
    }
}

impl ClipTextConfig {
    /// `context_dim`: width of the UNet's context.
    fn check(&self, context_dim: usize) -> Result<(), String> {
        holds(self.output_dim == context_dim, || {
            format!("what the text tower says must be as wide as the UNet's context, {context_dim}")
        })?;
        holds(divides(self.head_width, self.width), || {
            "the text tower's heads must fill its width".to_owned()
        })?;
        holds(self.context_length > 2, || {
            "the text tower must have places for a word between a text's start and end".to_owned()
        })?;
        match &self.vocabulary {
            Vocabulary::BytePairs(count) => holds(*count == Vocabulary::BYTE_PAIRS, || {
                format!("byte pairs are {} in number, not {count}", Vocabulary::BYTE_PAIRS)
            }),
            Vocabulary::Words(words) => {
                let mut known = BTreeSet::new();
                // The tokenizer cuts at everything else, and has no upper case.
                let spoken =
                    |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric()) && word.to_lowercase() == word;
                let wrong = words.all().find(|word| !spoken(word) || !known.insert(*word));
                holds(wrong.is_none(), || {
                    format!(
                        "\"{}\" is no lower-case word, or stands twice among the words",
                        wrong.unwrap_or_default()
                    )
                })
            }
        }
    }
}

impl VaeConfig {
    fn check(&self) -> Result<(), String> {
        holds(self.latent_channels > 0 && self.num_res_blocks > 0, || {
            "the VAE's latent channels and residual blocks must be above 0".to_owned()
        })?;
        holds(
            self.channel_mult.len() == LATENT_FACTOR.ilog2() as usize + 1 && !self.channel_mult.contains(&0),
            || format!("the VAE must have four levels, to make latents of an {LATENT_FACTOR}th of the picture's side"),
        )?;
        holds(
            self.base_channels > 0 && (self.norm_groups == 0 || divides(self.norm_groups, self.base_channels)),
            || "the VAE's base width must be a multiple of its norm groups".to_owned(),
        )
    }
}

fn holds(condition: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(otherwise()) }
}

fn divides(part: usize, whole: usize) -> bool {
    part > 0 && whole > 0 && whole.is_multiple_of(part)
}

fn is_even(width: usize) -> bool {
    width > 0 && width.is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded() -> ModelConfig {
        ron::from_str(include_str!("../../../assets/models/tiny.ron")).expect("the embedded model's configuration")
    }

    fn text(config: &mut ModelConfig) -> &mut ClipTextConfig {
        config.clip_text.as_mut().expect("it has a text tower")
    }

    fn words(config: &mut ModelConfig) -> &mut Vec<String> {
        match &mut text(config).vocabulary {
            Vocabulary::Words(words) => &mut words.others,
            Vocabulary::BytePairs(_) => panic!("it has whole words"),
        }
    }

    #[test]
    fn the_embedded_configuration_holds() {
        assert_eq!(embedded().check(), Ok(()));
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let cases: [(fn(&mut ModelConfig), &str); 16] = [
            (|config| config.clip_vision.width = usize::MAX, "above 16777216"),
            (|config| config.vae.num_res_blocks = 1 << 10, "256 layers"),
            (|config| config.unet.channel_mult = vec![1; 70], "levels"),
            (|config| config.unet.channel_mult.clear(), "first level"),
            (|config| config.unet.head_channels = 0, "heads of 0"),
            (|config| config.unet.norm_groups = 7, "norm groups"),
            (|config| config.sketch_encoder.channel_mult.push(1), "sketch encoder"),
            (|config| config.vae.channel_mult.truncate(2), "four levels"),
            (|config| config.clip_vision.patch_size = 0, "patches"),
            (|config| config.threshold_embedder.out_dim += 1, "context"),
            (|config| config.recovery_transformer.tokens = 3, "tokens"),
            (|config| text(config).layers = 1 << 10, "256 layers"),
            (|config| text(config).output_dim += 1, "text tower says"),
            (|config| text(config).vocabulary = Vocabulary::BytePairs(7), "not 7"),
            (|config| words(config).push("Hair".to_owned()), "\"Hair\""),
            (|config| words(config).push("hair".to_owned()), "twice"),
        ];
        for (spoil, expected) in cases {
            let mut config = embedded();
            spoil(&mut config);
            let reason = config.check().expect_err(expected);
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
