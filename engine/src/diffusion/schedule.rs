//! Noise levels: the table that a model was trained on, and the lists of sigmas that samplers walk down.

use crate::model::config::ScheduleConfig;

/// The noise levels of training, one a timestep (spec/model.md, section 16).
#[derive(Clone, Debug)]
pub struct NoiseSchedule {
    alphas_cumprod: Vec<f64>,
    sigmas: Vec<f64>,
    log_sigmas: Vec<f64>,
}

impl NoiseSchedule {
    /// "Scaled linear": betas are the squares of a linear ramp between the square roots of the ends.
    ///
    /// The cumulative products are rounded to f32, as checkpoints store them; everything after that is f64. A table has at least
    /// two entries, whatever a configuration says, so that there is something to interpolate between.
    pub fn new(config: &ScheduleConfig) -> Self {
        let (start, end) = (config.linear_start.sqrt(), config.linear_end.sqrt());
        let mut product = 1.0;
        let alphas_cumprod: Vec<f64> = linspace(start, end, config.timesteps.max(2))
            .map(|root| {
                product *= 1.0 - root * root;
                f64::from(product as f32)
            })
            .collect();
        let sigmas: Vec<f64> = alphas_cumprod.iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect();
        let log_sigmas = sigmas.iter().map(|sigma| sigma.ln()).collect();
        Self {
            alphas_cumprod,
            sigmas,
            log_sigmas,
        }
    }

    /// The lower part of the table, `share` (0..=1) of its timesteps: where a walk runs that starts from a picture and not from noise alone.
    /// Every list of sigmas then begins at that part's top.
    pub fn below(mut self, share: f32) -> Self {
        let timesteps = (self.sigmas.len() as f32 * share).round() as usize;
        let kept = timesteps.clamp(2, self.sigmas.len());
        for table in [&mut self.alphas_cumprod, &mut self.sigmas, &mut self.log_sigmas] {
            table.truncate(kept);
        }
        self
    }

    /// The share of the picture's variance that is left at each timestep: falling, in (0, 1).
    pub fn alphas_cumprod(&self) -> &[f64] {
        &self.alphas_cumprod
    }

    /// `sqrt((1 - a) / a)` at each timestep: rising.
    pub fn sigmas(&self) -> &[f64] {
        &self.sigmas
    }

    /// The first, smallest sigma of the table.
    pub fn sigma_min(&self) -> f64 {
        self.sigmas[0]
    }

    /// The last, largest sigma of the table.
    pub fn sigma_max(&self) -> f64 {
        self.sigmas[self.sigmas.len() - 1]
    }

    /// The fractional timestep of a sigma: linear in log sigma between the table's entries, clamped to its ends.
    pub fn sigma_to_t(&self, sigma: f64) -> f64 {
        let log_sigma = sigma.ln();
        let above = self
            .log_sigmas
            .partition_point(|entry| *entry <= log_sigma)
            .clamp(1, self.log_sigmas.len() - 1);
        let (low, high) = (self.log_sigmas[above - 1], self.log_sigmas[above]);
        (above - 1) as f64 + ((log_sigma - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// The sigma of a fractional timestep, which is clamped to the table.
    pub fn t_to_sigma(&self, t: f64) -> f64 {
        let t = t.clamp(0.0, (self.sigmas.len() - 1) as f64);
        let (low, high) = (t.floor() as usize, t.ceil() as usize);
        let fraction = t - t.floor();
        ((1.0 - fraction) * self.log_sigmas[low] + fraction * self.log_sigmas[high]).exp()
    }

    /// `n` sigmas at timesteps evenly spaced from the last to the first.
    pub fn uniform(&self, n: usize) -> Vec<f64> {
        linspace(self.last_t(), 0.0, n).map(|t| self.t_to_sigma(t)).collect()
    }

    /// `n` sigmas at timesteps evenly spaced from the last, stopping one space before the first ("SGM Uniform").
    pub fn sgm_uniform(&self, n: usize) -> Vec<f64> {
        linspace(self.last_t(), 0.0, n + 1)
            .take(n)
            .map(|t| self.t_to_sigma(t))
            .collect()
    }

    /// `n` sigmas evenly spaced in `sigma^(1/7)` (Karras et al., arXiv 2206.00364, equation 5).
    pub fn karras(&self, n: usize) -> Vec<f64> {
        karras(self.sigma_max(), self.sigma_min(), n)
    }

    /// `n` sigmas evenly spaced in log sigma.
    pub fn exponential(&self, n: usize) -> Vec<f64> {
        linspace(self.sigma_max().ln(), self.sigma_min().ln(), n)
            .map(f64::exp)
            .collect()
    }

    /// diffusers' "leading" spacing with offset 1: the table's sigmas at timesteps `k * floor(T / divisions) + 1`,
    /// k falling through `ks`. What a short table has no timesteps for is left out.
    pub fn leading(&self, divisions: usize, ks: std::ops::Range<usize>) -> Vec<f64> {
        let stride = (self.sigmas.len() / divisions).max(1);
        let last = self.sigmas.len() - 1;
        let mut timesteps: Vec<usize> = ks.rev().map(|k| (k * stride + 1).min(last)).collect();
        timesteps.dedup();
        timesteps.into_iter().map(|t| self.sigmas[t]).collect()
    }

    fn last_t(&self) -> f64 {
        (self.sigmas.len() - 1) as f64
    }
}

/// `n` sigmas from `first` to `last`, evenly spaced in `sigma^(1/7)`.
pub fn karras(first: f64, last: f64, n: usize) -> Vec<f64> {
    const RHO: f64 = 7.0;
    linspace(first.powf(1.0 / RHO), last.powf(1.0 / RHO), n)
        .map(|root| root.powf(RHO))
        .collect()
}

/// `n` numbers evenly spaced from `start` to `end`, both included; one number is `start`.
fn linspace(start: f64, end: f64, n: usize) -> impl Iterator<Item = f64> {
    let intervals = n.saturating_sub(1).max(1) as f64;
    (0..n).map(move |i| start + (end - start) * (i as f64 / intervals))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The schedule of Stable Diffusion.
    pub fn published() -> NoiseSchedule {
        NoiseSchedule::new(&ScheduleConfig {
            linear_start: 0.00085,
            linear_end: 0.012,
            timesteps: 1000,
        })
    }

    fn assert_close(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!(
                (actual - expected).abs() <= 2e-6 * expected.abs().max(1e-3),
                "{actual} is not {expected}"
            );
        }
    }

    #[test]
    fn the_table_has_the_published_ends() {
        let schedule = published();
        assert_eq!(schedule.alphas_cumprod().len(), 1000);
        assert_eq!(schedule.alphas_cumprod()[0], f64::from(0.99915_f32));
        assert_close(&[schedule.sigma_min(), schedule.sigma_max()], &[0.029_167_535, 14.614_643]);
    }

    #[test]
    fn sigmas_and_timesteps_are_inverse_and_clamped() {
        let schedule = published();
        assert_close(
            &[0.02, 0.03, 0.1, 1.0, 2.7, 20.0].map(|sigma| schedule.sigma_to_t(sigma)),
            &[0.0, 0.080_829, 10.382_192, 353.890_38, 645.531_56, 999.0],
        );
        assert_close(
            &[0.0, 0.25, 10.5, 333.3, 999.0, 5000.0].map(|t| schedule.t_to_sigma(t)),
            &[0.029_167_537, 0.031_820_01, 0.100_532_73, 0.933_302_4, 14.614_643, 14.614_643],
        );
    }

    #[test]
    fn spacings_of_five() {
        let schedule = published();
        assert_close(
            &schedule.uniform(5),
            &[14.614_643, 4.086_081, 1.615_580_3, 0.695_149_6, 0.029_167_537],
        );
        assert_close(
            &schedule.sgm_uniform(5),
            &[14.614_643, 5.092_407_7, 2.279_730_6, 1.162_864_6, 0.571_188_93],
        );
        assert_close(
            &schedule.karras(5),
            &[14.614_643, 4.796_544, 1.274_105, 0.247_951_75, 0.029_167_54],
        );
        assert_close(
            &schedule.exponential(5),
            &[14.614_643, 3.088_987, 0.652_896, 0.137_997_7, 0.029_167_537],
        );
    }

    #[test]
    fn leading_takes_whole_timesteps() {
        let schedule = published();
        let t: Vec<f64> = schedule
            .leading(8, 0..8)
            .iter()
            .map(|sigma| schedule.sigma_to_t(*sigma).round())
            .collect();
        assert_eq!(t, [876.0, 751.0, 626.0, 501.0, 376.0, 251.0, 126.0, 1.0]);
        assert_eq!(schedule.leading(1000, 999..1000), [schedule.sigma_max()]);
    }

    #[test]
    fn a_part_of_the_table_has_the_same_levels_and_a_lower_top() {
        let (whole, half) = (published(), published().below(0.5));
        assert_eq!(half.sigma_max(), whole.sigmas()[499]);
        assert_eq!(half.sigma_min(), whole.sigma_min());
        assert!((half.sigma_to_t(half.sigma_max()) - 499.0).abs() < 1e-9);
        assert_close(&half.karras(5)[..1], &[half.sigma_max()]);
        assert_eq!(whole.clone().below(1.0).sigmas(), whole.sigmas());
        // Twenty timesteps are fewer than a hundred steps.
        let few = whole.below(0.02).leading(100, 0..100);
        assert!(few.len() == 19 && few.windows(2).all(|pair| pair[0] > pair[1]), "{few:?}");
    }

    #[test]
    fn a_single_step_starts_at_the_top() {
        let schedule = published();
        for sigmas in [
            schedule.uniform(1),
            schedule.sgm_uniform(1),
            schedule.karras(1),
            schedule.exponential(1),
        ] {
            assert_close(&sigmas, &[14.614_643]);
        }
    }
}
