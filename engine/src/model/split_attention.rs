//! Cross-attention that looks at one half of the context for the figure and at the other for the rest
//! (spec/model.md, section 11; "split cross-attention" of Yan et al., 2025).

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Bool, Device, Tensor};

use super::attention::{attend, attend_observed};
use super::config::LoraConfig;
use super::injection::SelfAttention;
use super::layer::linear;
use super::lora::{Adapter, LoraLinear};
use super::resample::resize_mask;

/// Where the figure is, and how its side and the other are treated.
#[derive(Clone, Debug)]
pub struct Split {
    /// `[B, 1, h, w]` of the latent's size, soft; bicubic overshoot is left in.
    pub mask: Tensor<4>,
    /// `[1]` or `[B]`: a mask value above it is figure.
    pub threshold: Tensor<1>,
    pub foreground_adapters: bool,
    pub background_adapters: bool,
    pub foreground_scale: f32,
    pub background_scale: f32,
    /// Share of the background's output that is mixed into the figure, 0..=1.
    pub merge: f32,
    /// The mask's value is the figure's share, and the threshold counts for nothing.
    pub soft: bool,
}

/// The softmax of one cross-attention, for training that supervises it.
#[derive(Clone, Debug)]
pub struct CrossAttentionMap {
    /// Number of the cross-attention, in the order they run.
    pub block: usize,
    pub height: usize,
    pub width: usize,
    /// `[B, heads, height * width, tokens]` over the first half of the context; without a split, over the whole.
    pub foreground: Tensor<4>,
    /// The same over the second half.
    pub background: Option<Tensor<4>>,
}

/// The tokens that cross-attention reads, made once a UNet call.
#[derive(Clone, Debug)]
pub enum Context {
    /// `[B, N, C]`.
    Whole(Tensor<3>),
    Split(SplitContext),
}

/// Both halves of the tokens, and the regions that read them.
#[derive(Clone, Debug)]
pub struct SplitContext {
    /// `[B, N/2, C]`.
    foreground: Tensor<3>,
    /// `[B, N/2, C]`.
    background: Tensor<3>,
    split: Split,
    /// By level: halved each time.
    regions: Vec<Region>,
}

/// Where the figure is, `[B, h * w, 1]`.
#[derive(Clone, Debug)]
enum Region {
    /// There or not.
    Hard(Tensor<3, Bool>),
    /// How much of it, 0..=1.
    Soft(Tensor<3>),
}

impl Region {
    /// Both branches' outputs `[B, h * w, C]`, each in its place.
    fn join(&self, foreground: Tensor<3>, background: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Hard(figure) => background.mask_where(figure.clone().expand(foreground.shape()), foreground),
            Self::Soft(share) => background.clone() + (foreground - background) * share.clone(),
        }
    }
}

impl Context {
    /// `levels`: how many resolutions the mask is wanted at, each half of the one before.
    pub fn new(tokens: Tensor<3>, split: Option<Split>, levels: usize) -> Self {
        let Some(split) = split else {
            return Self::Whole(tokens);
        };
        let half = tokens.dims()[1] / 2;
        let regions = (0..levels).map(|level| region(&split, 1 << level)).collect();
        Self::Split(SplitContext {
            foreground: tokens.clone().narrow(1, 0, half),
            background: tokens.narrow(1, half, half),
            split,
            regions,
        })
    }
}

/// Strictly above the threshold is figure, or else the mask says how much of it there is.
fn region(split: &Split, divisor: usize) -> Region {
    let mask = resize_mask(split.mask.clone(), divisor);
    let [batch, _, height, width] = mask.dims();
    if split.soft {
        return Region::Soft(mask.reshape([batch, height * width, 1]).clamp(0.0, 1.0));
    }
    let thresholds = split.threshold.dims()[0];
    let threshold = split
        .threshold
        .clone()
        .reshape([thresholds, 1, 1])
        .expand([batch, height * width, 1]);
    Region::Hard(mask.reshape([batch, height * width, 1]).greater(threshold))
}

/// What the cross-attentions of one UNet call share, and which of them comes next.
#[derive(Debug)]
pub struct Crossing<'a> {
    pub context: Context,
    /// One factor a cross-attention; empty for all 1.
    pub strength: &'a [f32],
    /// Number of the next cross-attention.
    pub block: usize,
    /// Where softmax maps are kept, when they are wanted.
    pub maps: Option<&'a mut Vec<CrossAttentionMap>>,
    /// What the self-attention before each looks at.
    pub own: SelfAttention<'a>,
}

/// The `attn2` of a transformer block.
#[derive(Module, Debug)]
pub struct SplitAttention {
    pub to_q: LoraLinear,
    pub to_k: LoraLinear,
    pub to_v: LoraLinear,
    pub to_out: [Linear; 1],
    heads: usize,
}

impl SplitAttention {
    pub fn new(channels: usize, context_dim: usize, head_width: usize, lora: &LoraConfig, device: &Device) -> Self {
        Self {
            to_q: LoraLinear::new(channels, channels, lora, device),
            to_k: LoraLinear::new(context_dim, channels, lora, device),
            to_v: LoraLinear::new(context_dim, channels, lora, device),
            to_out: [linear(channels, channels, device)],
            heads: channels / head_width,
        }
    }

    /// `tokens` `[B, height * width, C]`; `level`: how often the latent was halved to get here.
    pub fn forward(&self, tokens: Tensor<3>, size: [usize; 2], level: usize, crossing: &mut Crossing<'_>) -> Tensor<3> {
        let strength = crossing.strength.get(crossing.block).copied().unwrap_or(1.0);
        let observed = crossing.maps.is_some();
        let (output, foreground, background) = match &crossing.context {
            Context::Whole(context) => {
                let (output, map) = self.branch(tokens, context.clone(), None, observed);
                (output * strength, map, None)
            }
            Context::Split(context) => {
                let split = &context.split;
                let adapter = split.background_adapters.then_some(Adapter::Background);
                let (background, background_map) = self.branch(tokens.clone(), context.background.clone(), adapter, observed);
                let adapter = split.foreground_adapters.then_some(Adapter::Foreground);
                let (foreground, foreground_map) = self.branch(tokens, context.foreground.clone(), adapter, observed);
                let background = background * (strength * split.background_scale);
                let mut foreground = foreground * (strength * split.foreground_scale);
                if split.merge != 0.0 {
                    foreground = foreground * (1.0 - split.merge) + background.clone() * split.merge;
                }
                let joined = context.regions[level].join(foreground, background);
                (joined, foreground_map, background_map)
            }
        };
        if let (Some(maps), Some(foreground)) = (crossing.maps.as_deref_mut(), foreground) {
            let (block, [height, width]) = (crossing.block, size);
            maps.push(CrossAttentionMap {
                block,
                height,
                width,
                foreground,
                background,
            });
        }
        crossing.block += 1;
        self.to_out[0].forward(output)
    }

    /// Attention of one side, and its softmax where it is wanted.
    fn branch(
        &self,
        tokens: Tensor<3>,
        context: Tensor<3>,
        adapter: Option<Adapter>,
        observed: bool,
    ) -> (Tensor<3>, Option<Tensor<4>>) {
        let query = self.to_q.forward(tokens, adapter);
        let key = self.to_k.forward(context.clone(), adapter);
        let value = self.to_v.forward(context, adapter);
        if observed {
            let (output, map) = attend_observed(query, key, value, self.heads);
            (output, Some(map))
        } else {
            (attend(query, key, value, self.heads), None)
        }
    }
}
