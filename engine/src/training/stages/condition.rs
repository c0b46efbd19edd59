//! What the denoiser is given beside the latents: the tokens of the reference, the maps of the sketch, and how they are split.

use burn::tensor::Tensor;
use rand::Rng;

use super::{Batch, FIRST_BACKGROUND_REGION, Lesson};
use crate::model::{Colorizer, Split, UnetCondition};
use crate::training::loss;

/// A condition and what its tokens show.
pub struct Conditioned {
    pub condition: UnetCondition,
    /// Regions `[B,N]` of the first half of the context, or of the whole.
    pub tokens: Tensor<2>,
    /// Regions of the second half.
    pub background_tokens: Option<Tensor<2>>,
    pub recovery: Option<Tensor<1>>,
}

impl Lesson<'_> {
    pub fn base_condition(
        &self,
        student: &Colorizer,
        batch: &Batch,
        sketch: Tensor<4>,
        keep: &Tensor<4>,
        rng: &mut impl Rng,
    ) -> Conditioned {
        let size = sketch.dims()[0];
        // A threshold that no mask reaches leaves the reference whole.
        let chance = self.config.augmentation.whiten_reference;
        let whiten = self.keep(size, chance, rng).reshape([size]);
        let reference = batch.whitened(whiten.clone() * 1.5 + 0.5);
        let context = local_tokens(student, reference) * keep.clone().reshape([size, 1, 1]);
        let background = background_regions(batch);
        let whole = whiten.reshape([size, 1]);
        Conditioned {
            condition: UnetCondition::new(context, student.sketch_encoder.forward(sketch)),
            tokens: batch.tokens.clone() * whole.clone() + background * (whole.neg() + 1.0),
            background_tokens: None,
            recovery: None,
        }
    }

    pub fn switch_condition(
        &self,
        student: &Colorizer,
        frozen: &Colorizer,
        batch: &Batch,
        sketch: Tensor<4>,
        keep: &Tensor<4>,
        rng: &mut impl Rng,
    ) -> Conditioned {
        let size = sketch.dims()[0];
        let (sketch_threshold, reference_threshold) = (self.thresholds(size, rng), self.thresholds(size, rng));
        let direct = 1.0 - self.config.augmentation.direct_background;
        let recovers = self.keep(size, direct, rng).neg() + 1.0;
        let recovers = recovers.reshape([size, 1, 1]);

        let whitened = batch.whitened(reference_threshold.clone());
        let tokens = local_tokens(frozen, Tensor::cat(vec![batch.reference.clone(), whitened], 0));
        let foreground = tokens.clone().narrow(0, 0, size);
        let embedder = &student.threshold_embedder;
        let foreground = foreground + embedder.forward(sketch_threshold.clone());
        let Recovered {
            entered,
            left: recovered,
            loss: recovery,
        } = recover(student, tokens.narrow(0, size, size), reference_threshold, batch);
        let background = recovered * recovers.clone() + entered * (recovers.neg() + 1.0);
        let context = Tensor::cat(vec![foreground, background], 1) * keep.clone().reshape([size, 1, 1]);
        let maps = frozen.sketch_encoder.forward(sketch);
        Conditioned {
            condition: UnetCondition {
                split: Some(Split::new(batch.sketch_mask.clone(), sketch_threshold)),
                ..UnetCondition::new(context, maps)
            },
            tokens: batch.tokens.clone(),
            background_tokens: Some(background_regions(batch)),
            recovery: Some(recovery),
        }
    }
}

/// Background tokens before and after the recovery transformer, `[B,N,C]`.
pub struct Recovered {
    /// The whitened reference's own, with the threshold's vector.
    entered: Tensor<3>,
    left: Tensor<3>,
    /// How far they are from the whitened reference's own where those show background.
    pub loss: Tensor<1>,
}

pub fn recover(student: &Colorizer, bare: Tensor<3>, threshold: Tensor<1>, batch: &Batch) -> Recovered {
    let entered = bare.clone() + student.threshold_embedder.forward(threshold);
    let left = student.recovery_transformer.forward(entered.clone());
    let known = background_regions(batch).greater_elem(0.0).float();
    Recovered {
        loss: loss::recovery(left.clone(), bare, known),
        entered,
        left,
    }
}
/// The image tower's tokens `[B,N,C]` for its input `[B,3,S,S]`, without the class token.
pub fn local_tokens(networks: &Colorizer, input: Tensor<4>) -> Tensor<3> {
    let tokens = networks.clip_vision.forward(input);
    let count = tokens.dims()[1] - 1;
    tokens.narrow(1, 1, count)
}

/// The tokens' regions where they are background's, 0 elsewhere: `[B,N]`.
fn background_regions(batch: &Batch) -> Tensor<2> {
    let background = batch.tokens.clone().greater_equal_elem(FIRST_BACKGROUND_REGION).float();
    batch.tokens.clone() * background
}
