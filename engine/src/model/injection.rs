//! Attention injection: self-attentions that also look at the tokens of another picture (spec/model.md, section 18).

use std::ops::Range;

use burn::tensor::Tensor;

use super::attention::Attention;

/// What the self-attentions of one UNet call look at.
#[derive(Debug)]
pub enum SelfAttention<'a> {
    /// Their own tokens.
    Own,
    /// Their own tokens, which are kept, each `[B, N, C]`, in the order they run.
    Kept(&'a mut Vec<Tensor<3>>),
    /// Their own tokens and those that were kept.
    Injected(&'a Injected),
}

/// Tokens that one call kept for another of the same shapes.
#[derive(Clone, Debug)]
pub struct Injected {
    /// `[B, N, C]` for each self-attention.
    pub tokens: Vec<Tensor<3>>,
    /// Rows of the batch that look at their own tokens too, and the share of that in what they see, 0..=1.
    pub own: Option<(Range<usize>, f32)>,
}

impl SelfAttention<'_> {
    /// The self-attention with the number `block` over its normalised input `[B, N, C]`.
    pub fn attend(&mut self, attention: &Attention, tokens: Tensor<3>, block: usize) -> Tensor<3> {
        match self {
            Self::Own => attention.forward(tokens.clone(), tokens),
            Self::Kept(kept) => {
                kept.push(tokens.clone());
                attention.forward(tokens.clone(), tokens)
            }
            Self::Injected(injected) => {
                let both = Tensor::cat(vec![tokens.clone(), injected.tokens[block].clone()], 1);
                let output = attention.forward(tokens.clone(), both);
                let Some((rows, share)) = &injected.own else { return output };
                let [_, count, channels] = output.dims();
                let own = tokens.slice([rows.clone()]);
                let mixed = attention.forward(own.clone(), own) * *share + output.clone().slice([rows.clone()]) * (1.0 - share);
                output.slice_assign([rows.clone(), 0..count, 0..channels], mixed)
            }
        }
    }
}
