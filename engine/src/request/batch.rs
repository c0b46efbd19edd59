//! Several pictures of one wish.

use super::ColorizeRequest;

/// How many pictures one wish asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// 1..=[`Self::MOST`].
    pub count: u32,
    /// What samplers lay on while they walk is the same for all: they begin apart and then meet with the same accidents ("deterministic batch
    /// seed" of the release).
    pub one_noise: bool,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            count: 1,
            one_noise: false,
        }
    }
}

impl Batch {
    pub const MOST: u32 = 8;

    /// Requests alike but for their seeds, which count up from the given one's. Each makes the picture that it would make alone.
    pub fn requests(self, request: ColorizeRequest) -> impl Iterator<Item = ColorizeRequest> {
        (0..self.count.max(1)).map(move |number| {
            let mut request = request.clone();
            let settings = &mut request.settings;
            if self.one_noise && number > 0 && settings.step_seed.is_none() {
                settings.step_seed = Some(settings.seed);
            }
            settings.seed = settings.seed.wrapping_add(u64::from(number));
            request
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::image::RgbImage;

    use super::*;
    use crate::request::{Inputs, Settings};

    #[test]
    fn a_batch_counts_its_seeds_up_and_may_share_its_noise() {
        let picture = || Arc::new(RgbImage::new(1, 1));
        let request = ColorizeRequest {
            inputs: Inputs::new(picture(), picture()),
            settings: Settings {
                seed: u64::MAX,
                ..Settings::default()
            },
        };
        let seeds = |one_noise| {
            let requests = Batch { count: 3, one_noise }.requests(request.clone());
            requests
                .map(|request| (request.settings.seed, request.settings.step_seed))
                .collect::<Vec<_>>()
        };
        assert_eq!(seeds(false), [(u64::MAX, None), (0, None), (1, None)]);
        assert_eq!(seeds(true), [(u64::MAX, None), (0, Some(u64::MAX)), (1, Some(u64::MAX))]);
    }
}
