//! Classifier-free guidance by the reference, by the sketch, or by both (spec/model.md, section 14).

use burn::tensor::Tensor;

/// One part of the tiled batch: what the network is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Everything.
    Conditional,
    /// Zeros in place of the context.
    NoReference,
    /// The maps of an empty sketch.
    NoSketch,
}

/// When the reference is heeded, by the share of the way `1 - t / T` from noise (0) to picture (1) (spec/model.md, section 15).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// `[from, to]`, both included.
    pub span: [f32; 2],
    /// Where it is not heeded although it lies in the span, both ends included.
    pub pause: Option<[f32; 2]>,
    /// `T`.
    pub last_timestep: f32,
}

impl Window {
    /// The share of the way at a timestep.
    pub fn share(&self, timestep: f32) -> f32 {
        1.0 - timestep / self.last_timestep
    }

    pub fn is_open(&self, timestep: f32) -> bool {
        let share = self.share(timestep);
        let within = |[from, to]: [f32; 2]| (from..=to).contains(&share);
        within(self.span) && !self.pause.is_some_and(within)
    }
}

/// Scales of guidance. A scale guides only above 1, and then costs another row of the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guidance {
    /// The way from what the network says without the reference to what it says with it, as a multiple: 1..=15 in a request.
    pub reference: f32,
    /// As [`Self::reference`], of the sketch: 1..=5 in a request.
    pub sketch: f32,
}

impl Guidance {
    /// The parts of the tiled batch, in order.
    pub fn rows(&self) -> &'static [Row] {
        match (self.reference > 1.0, self.sketch > 1.0) {
            (false, false) => &[Row::Conditional],
            (true, false) => &[Row::Conditional, Row::NoReference],
            (false, true) => &[Row::Conditional, Row::NoSketch],
            (true, true) => &[Row::Conditional, Row::NoReference, Row::NoSketch],
        }
    }

    /// The batch `[B, C, h, w]` once for every row: `[rows * B, C, h, w]`.
    pub fn tile(&self, latent: Tensor<4>) -> Tensor<4> {
        latent.repeat_dim(0, self.rows().len())
    }

    /// The network's output for the tiled batch, `[rows * B, C, h, w]`, guided: `[B, C, h, w]`.
    ///
    /// Each unconditional row `u` with scale `s` says `u + (c - u) s`; the answer is the mean of what they say.
    pub fn combine(&self, output: Tensor<4>) -> Tensor<4> {
        let rows = self.rows();
        let unconditional = rows.len() - 1;
        if unconditional == 0 {
            return output;
        }
        let batch = output.dims()[0] / rows.len();
        let part = |row: usize| output.clone().narrow(0, row * batch, batch);
        let guided = |row: usize| {
            let scale = if rows[row] == Row::NoReference {
                self.reference
            } else {
                self.sketch
            };
            part(row) + (part(0) - part(row)) * scale
        };
        let sum = (2..rows.len()).map(guided).fold(guided(1), |sum, more| sum + more);
        sum / unconditional as f32
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn combined(reference: f32, sketch: f32, rows: Vec<f32>) -> Vec<f32> {
        let shape = [rows.len(), 1, 1, 1];
        let output = Tensor::from_data(TensorData::new(rows, shape), &Device::flex());
        Guidance { reference, sketch }
            .combine(output)
            .try_into_vec_as::<f32>()
            .unwrap()
    }

    #[test]
    fn a_window_is_open_within_its_span_but_for_the_pause() {
        let open = |span, pause, timestep: f32| {
            let last_timestep = 999.0;
            Window {
                span,
                pause,
                last_timestep,
            }
            .is_open(timestep)
        };
        assert!(open([0.0, 1.0], None, 999.0) && open([0.0, 1.0], None, 0.0));
        let shares = [751.0, 501.0, 251.0, 1.0];
        assert_eq!(shares.map(|t| open([0.4, 0.9], None, t)), [false, true, true, false]);
        assert_eq!(
            shares.map(|t| open([0.0, 1.0], Some([0.4, 0.6]), t)),
            [true, false, true, true]
        );
    }

    #[test]
    fn rows_follow_the_active_scales() {
        use Row::*;
        let rows = |reference, sketch| Guidance { reference, sketch }.rows();
        assert_eq!(rows(1.0, 1.0), [Conditional]);
        assert_eq!(rows(4.0, 1.0), [Conditional, NoReference]);
        assert_eq!(rows(1.0, 2.0), [Conditional, NoSketch]);
        assert_eq!(rows(4.0, 2.0), [Conditional, NoReference, NoSketch]);
    }

    #[test]
    fn outputs_are_combined_for_each_picture() {
        // Two pictures: conditional (3, 10), then the rows without.
        assert_eq!(combined(1.0, 0.5, vec![3.0, 10.0]), [3.0, 10.0]);
        assert_eq!(combined(4.0, 1.0, vec![3.0, 10.0, 1.0, 20.0]), [9.0, -20.0]);
        assert_eq!(combined(1.0, 2.0, vec![3.0, 10.0, 1.0, 20.0]), [5.0, 0.0]);
        assert_eq!(combined(4.0, 2.0, vec![3.0, 10.0, 1.0, 20.0, 2.0, 12.0]), [6.5, -6.0]);
    }

    #[test]
    fn tiling_repeats_the_whole_batch() {
        let latent = Tensor::from_data(TensorData::new(vec![1.0_f32, 2.0], [2, 1, 1, 1]), &Device::flex());
        let tiled = Guidance {
            reference: 2.0,
            sketch: 1.0,
        }
        .tile(latent);
        assert_eq!(tiled.try_into_vec_as::<f32>().unwrap(), [1.0, 2.0, 1.0, 2.0]);
    }
}
