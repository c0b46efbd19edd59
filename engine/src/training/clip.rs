//! Clipping of all gradients together, by their common norm.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorReadError};

/// `gradients` of `module`, shortened so that the norm of all of them together is at most `limit`.
///
/// # Errors
/// When the device fails.
pub fn clip_gradients<M: Module>(gradients: GradientsParams, module: &M, limit: f64) -> Result<GradientsParams, TensorReadError> {
    let mut norm = Norm {
        gradients: &gradients,
        squares: Vec::new(),
    };
    module.visit(&mut norm);
    if norm.squares.is_empty() {
        return Ok(gradients);
    }
    let total: f32 = Tensor::cat(norm.squares, 0).sum().sqrt().try_into_scalar()?;
    if f64::from(total) <= limit {
        return Ok(gradients);
    }
    let mut scale = Scale {
        from: gradients,
        to: GradientsParams::new(),
        factor: limit / f64::from(total),
    };
    module.visit(&mut scale);
    Ok(scale.to)
}

struct Norm<'a> {
    gradients: &'a GradientsParams,
    squares: Vec<Tensor<1>>,
}

impl ModuleVisitor for Norm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.squares
            .extend(self.gradients.get::<D>(param.id).map(|gradient| gradient.square().sum()));
    }
}

struct Scale {
    from: GradientsParams,
    to: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.from.remove::<D>(param.id) {
            self.to.register(param.id, gradient * self.factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn long_gradients_are_shortened_together_and_short_ones_kept() {
        let device = Device::flex().autodiff();
        let layer = LinearConfig::new(1, 1).init(&device);
        let input = Tensor::<2>::from_floats([[3.0]], &device);
        let clipped = |limit| {
            // d/dw = 3 * 4 = 12, d/db = 4: the norm is sqrt(160).
            let loss = layer.forward(input.clone()).sum() * 4.0;
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            let gradients = clip_gradients(gradients, &layer, limit).unwrap();
            let weight: f32 = gradients.get::<2>(layer.weight.id).unwrap().sum().into_scalar();
            let bias: f32 = gradients
                .get::<1>(layer.bias.as_ref().unwrap().id)
                .unwrap()
                .sum()
                .into_scalar();
            (weight, bias)
        };
        assert_eq!(clipped(100.0), (12.0, 4.0));
        let (weight, bias) = clipped(160_f64.sqrt() / 2.0);
        assert!((weight - 6.0).abs() < 1e-5 && (bias - 2.0).abs() < 1e-5);
    }
}
