//! Exponential moving average of the weights in training.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;
use burn::tensor::container::TensorContainer;

/// The average, as a module without autodiff. Only what the student trains is averaged; the rest is the student's own.
#[derive(Debug)]
pub struct Average<M: Module> {
    weights: M,
    decay: f64,
    updates: u64,
}

impl<M: Module> Average<M> {
    /// Goes on from `weights`, in which there are `updates` already: none at a stage's beginning. `decay` is that of one update, 0..1.
    pub fn new(weights: &M, decay: f64, updates: u64) -> Self {
        Self {
            weights: weights.valid(),
            decay,
            updates,
        }
    }

    pub fn weights(&self) -> &M {
        &self.weights
    }

    pub fn into_weights(self) -> M {
        self.weights
    }

    /// `average = d * average + (1 - d) * student`, where `d` begins low so that the first weights are soon forgotten.
    pub fn update(mut self, student: &M) -> Self {
        let early = (1.0 + self.updates as f64) / (10.0 + self.updates as f64);
        self.updates += 1;
        self.weights = self.weights.map(&mut Blend {
            place: 0,
            student: trained_values(student),
            keep: self.decay.min(early),
        });
        self
    }
}

/// The parameters that require gradients, without autodiff, by their place in the module.
pub(super) fn trained_values<M: Module>(student: &M) -> TensorContainer<usize> {
    let mut trained = Trained {
        place: 0,
        values: TensorContainer::new(),
    };
    student.visit(&mut trained);
    trained.values
}

/// Collects the parameters that require gradients, by their place in the module: a student and an average that were read
/// from files share no identifiers.
struct Trained {
    place: usize,
    values: TensorContainer<usize>,
}

impl ModuleVisitor for Trained {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        if value.is_require_grad() {
            self.values.register(self.place, value.without_autodiff());
        }
        self.place += 1;
    }
}

struct Blend {
    place: usize,
    student: TensorContainer<usize>,
    keep: f64,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let new = self.student.remove::<Tensor<D>>(&self.place);
        self.place += 1;
        match new {
            Some(new) => param.map(|old| old * self.keep + new * (1.0 - self.keep)),
            None => param,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    use super::*;

    fn constant(module: Linear, value: f32) -> Linear {
        struct Fill(f32);
        impl ModuleMapper for Fill {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                param.map(|tensor| {
                    let trained = tensor.is_require_grad();
                    tensor
                        .without_autodiff()
                        .mul_scalar(0.0)
                        .add_scalar(self.0)
                        .autodiff()
                        .set_require_grad(trained)
                })
            }
        }
        module.map(&mut Fill(value))
    }

    fn value(module: &Linear) -> f32 {
        module.weight.val().without_autodiff().mean().into_scalar()
    }

    #[test]
    fn the_average_follows_the_student() {
        let device = Device::flex();
        let student = LinearConfig::new(2, 3).init(&device).train();
        let student = constant(student, 1.0);
        // Another module of the same shape, as one read from a file is.
        let other = constant(LinearConfig::new(2, 3).init(&device), 1.0);
        let average = Average::new(&other, 0.5, 0);
        let student = constant(student, 3.0);
        // The first update keeps (1 + 0) / (10 + 0) of the old weights.
        let average = average.update(&student);
        assert!((value(average.weights()) - 2.8).abs() < 1e-6);
        let average = average.update(&student);
        assert!((value(average.weights()) - (2.8 * 2.0 / 11.0 + 3.0 * 9.0 / 11.0)).abs() < 1e-5);
    }

    #[test]
    fn a_resumed_average_forgets_no_more_than_an_unbroken_one() {
        let student = constant(LinearConfig::new(2, 3).init(&Device::flex()).train(), 1.0);
        let average = Average::new(&student, 0.5, 100);
        let average = average.update(&constant(student, 3.0));
        assert!((value(average.weights()) - 2.0).abs() < 1e-6);
    }

    #[test]
    fn frozen_parameters_stay() {
        let device = Device::flex();
        let student = constant(LinearConfig::new(2, 3).init(&device).train(), 1.0);
        let average = Average::new(&student, 0.5, 0);
        let student = constant(student.no_grad(), 3.0);
        assert_eq!(value(average.update(&student).weights()), 1.0);
    }
}
