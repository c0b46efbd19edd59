//! Weights for tests: the same in every run, and none zero, as layers that begin as zero would hide what is tested.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// `module` with every parameter drawn anew: gains around 1, other vectors around 0, matrices and kernels so that a layer's output varies about as much as
/// its input.
pub fn drawn<M: Module>(module: M) -> M {
    module.map(&mut Draw {
        path: Vec::new(),
        rng: ChaCha12Rng::seed_from_u64(7),
    })
}

/// Deviation of a vector's numbers.
const SPREAD: f32 = 0.1;

struct Draw {
    path: Vec<String>,
    rng: ChaCha12Rng,
}

impl ModuleMapper for Draw {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape().to_vec();
        let count: usize = shape.iter().product();
        let gain = self.path.last().is_some_and(|name| name == "gamma");
        let (middle, spread) = match shape.as_slice() {
            [_] if gain => (1.0, SPREAD),
            [_] => (0.0, SPREAD),
            // A matrix has its inputs first or last, a kernel all but its first axis.
            [inputs, outputs] => (0.0, (*inputs.min(outputs) as f32).sqrt().recip()),
            axes => (0.0, (axes[1..].iter().product::<usize>() as f32).sqrt().recip()),
        };
        // Even numbers of that deviation.
        let most = 3_f32.sqrt() * spread;
        let values: Vec<f32> = (0..count).map(|_| middle + self.rng.random_range(-most..most)).collect();
        param.map(|tensor| Tensor::from_data(TensorData::new(values, shape), &tensor.device()))
    }
}
