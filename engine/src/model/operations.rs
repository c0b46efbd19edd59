//! How much a call of the UNet computes: what its speed is held against.

use super::config::UnetConfig;

/// A call, as far as its operations depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Latents: those of all rows of guidance.
    pub rows: usize,
    /// Rows that have a context: cross-attention makes nothing for the others.
    pub seeing: usize,
    /// Height and width of the latents.
    pub size: [usize; 2],
    /// Tokens of each side of the context.
    pub tokens: usize,
    /// The context is split, and both sides have their adapters.
    pub split: bool,
    /// What depends on the context alone was computed before.
    pub kept: bool,
}

/// Multiplications and additions of all matrix products and convolutions of a call, by their definition: a device may come by the same results with fewer.
pub fn operations(config: &UnetConfig, call: Call) -> f64 {
    let mut channels = config.model_channels;
    let widths: Vec<usize> = config.channel_mult.iter().map(|factor| factor * channels).collect();
    let last = widths.len() - 1;
    let work = Work { config, call };
    let block = |inputs: usize, outputs: usize, level: usize| {
        let attends = config.attends(level);
        work.residual(inputs, outputs, level) + if attends { work.transformer(outputs, level) } else { 0 }
    };

    let mut skips = vec![channels];
    let mut products = work.time() + work.convolution(config.in_channels, channels, 0);
    for (level, &width) in widths.iter().enumerate() {
        for _ in 0..config.num_res_blocks {
            products += block(channels, width, level);
            channels = width;
            skips.push(width);
        }
        if level < last {
            products += work.convolution(width, width, level + 1);
            skips.push(width);
        }
    }
    products += 2 * work.residual(channels, channels, last) + work.transformer(channels, last);
    for (level, &width) in widths.iter().enumerate().rev() {
        for _ in 0..=config.num_res_blocks {
            let skip = skips.pop().expect("an output block for every input block");
            products += block(channels + skip, width, level);
            channels = width;
        }
        if level > 0 {
            products += work.convolution(width, width, level - 1);
        }
    }
    products += work.convolution(channels, config.out_channels, 0);
    2.0 * products as f64
}

/// Counts multiplications, each of which goes with an addition.
struct Work<'a> {
    config: &'a UnetConfig,
    call: Call,
}

impl Work<'_> {
    /// Of a latent that was halved `level` times.
    fn pixels(&self, level: usize) -> usize {
        let [height, width] = self.call.size;
        (height >> level) * (width >> level)
    }

    fn embedding(&self) -> usize {
        4 * self.config.model_channels
    }

    fn time(&self) -> usize {
        self.call.rows * (self.config.model_channels + self.embedding()) * self.embedding()
    }

    /// Of 3x3, with a result at that level.
    fn convolution(&self, inputs: usize, outputs: usize, level: usize) -> usize {
        self.call.rows * 9 * inputs * outputs * self.pixels(level)
    }

    fn residual(&self, inputs: usize, outputs: usize, level: usize) -> usize {
        let skip = match inputs == outputs {
            true => 0,
            false => inputs * outputs * self.pixels(level),
        };
        let besides = self.call.rows * (self.embedding() * outputs + skip);
        self.convolution(inputs, outputs, level) + self.convolution(outputs, outputs, level) + besides
    }

    fn transformer(&self, channels: usize, level: usize) -> usize {
        let Call {
            rows,
            seeing,
            tokens,
            split,
            kept,
            ..
        } = self.call;
        let (pixels, square) = (self.pixels(level), channels * channels);
        let sides = if split { 2 } else { 1 };
        // Into tokens and out of them; queries, keys, values and output of the self-attention; the feed-forward, four times as wide, with its gate.
        let own = (2 + 4 + 12) * square * pixels + 2 * pixels * pixels * channels;
        let crossing = sides * (square * pixels + 2 * pixels * tokens * channels) + square * pixels;
        let context = self.config.context_dim;
        let merging = if split { self.merging(channels) } else { 0 };
        let made = match kept {
            true => 0,
            false => seeing * sides * 2 * context * channels * tokens + merging,
        };
        rows * own + seeing * crossing + made
    }

    /// Adapters into the weights of queries, keys and values.
    fn merging(&self, channels: usize) -> usize {
        let (lora, context) = (&self.config.lora, self.config.context_dim);
        let of = |inputs: usize| {
            let rank = lora.foreground.of(inputs, channels) + lora.background.of(inputs, channels);
            inputs * rank * channels
        };
        of(channels) + 2 * of(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::{LoraConfig, LoraRank};

    fn tiny() -> UnetConfig {
        UnetConfig {
            in_channels: 1,
            out_channels: 1,
            model_channels: 2,
            channel_mult: vec![1, 2],
            num_res_blocks: 1,
            attention_resolutions: vec![2],
            head_channels: 2,
            context_dim: 3,
            norm_groups: 1,
            lora: LoraConfig {
                foreground: LoraRank::Fixed(1),
                background: LoraRank::Fraction(0.5),
            },
        }
    }

    #[test]
    fn a_tiny_network_is_counted_as_by_hand() {
        // Two rows of 2x4 pixels, halved once to 1x2.
        let time = 2 * (2 * 8 + 8 * 8);
        let stem = 2 * 9 * 2 * 8;
        let first = 2 * (9 * (2 * 2 + 2 * 2) * 8 + 8 * 2);
        let down = 2 * 9 * 2 * 2 * 2;
        let second = 2 * (9 * (2 * 4 + 4 * 4) * 2 + 8 * 4 + 2 * 4 * 2);
        let middle = 2 * 2 * (9 * (4 * 4 + 4 * 4) * 2 + 8 * 4);
        let coarse = 2 * (9 * (8 * 4 + 4 * 4) * 2 + 8 * 4 + 8 * 4 * 2) + 2 * (9 * (6 * 4 + 4 * 4) * 2 + 8 * 4 + 6 * 4 * 2);
        let up = 2 * 9 * 4 * 4 * 8;
        let fine = 2 * (9 * (6 * 2 + 2 * 2) * 8 + 8 * 2 + 6 * 2 * 8) + 2 * (9 * (4 * 2 + 2 * 2) * 8 + 8 * 2 + 4 * 2 * 8);
        let head = 2 * 9 * 2 * 8;
        let convolutions = time + stem + first + down + second + middle + coarse + up + fine + head;
        assert_eq!(convolutions, 15_696);

        // Four transformers 4 wide, in each row: two projections, four of the self-attention and its scores and sums, the feed-forward's two.
        let own = 2 * (2 * 16 * 2 + 4 * 16 * 2 + 2 * 2 * 2 * 4 + (32 + 16) * 4 * 2);
        // Queries, scores, sums and output, of five tokens a side.
        let (whole, split) = (16 * 2 + 2 * 2 * 5 * 4 + 16 * 2, 2 * (16 * 2 + 2 * 2 * 5 * 4) + 16 * 2);
        let keys_and_values = 2 * 3 * 4 * 5;
        // Ranks 1 and 2 of queries, 1 and 1 of keys and values.
        let adapters = 4 * 3 * 4 + 2 * 3 * 2 * 4;

        let call = Call {
            rows: 2,
            seeing: 2,
            size: [2, 4],
            tokens: 5,
            split: false,
            kept: false,
        };
        let count = |call| operations(&tiny(), call) as usize;
        assert_eq!(count(call), 2 * (convolutions + 4 * (own + 2 * whole + 2 * keys_and_values)));
        let blind = Call {
            seeing: 1,
            split: true,
            ..call
        };
        let made = 2 * keys_and_values + adapters;
        assert_eq!(count(blind), 2 * (convolutions + 4 * (own + split + made)));
        let kept = Call { kept: true, ..blind };
        assert_eq!(count(kept), 2 * (convolutions + 4 * (own + split)));
        assert_eq!(count(kept), 43_168);
    }
}
