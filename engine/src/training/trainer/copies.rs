//! The networks on every device that helps: sent there once a stage, and after that only what is trained travels.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::container::TensorContainer;
use burn::tensor::{Device, GradientCheckpointingStrategy, Tensor};

use super::steps::trained;
use crate::model::Colorizer;
use crate::training::config::Part;
use crate::training::ema::trained_values;
use crate::training::hardware::Hardware;

/// As a stage began, without autodiff: for every helper.
#[derive(Debug)]
pub struct Copies {
    part: Part,
    /// Gradients take less memory and more time.
    checkpointing: bool,
    frozen: Vec<Colorizer>,
}

impl Copies {
    pub fn new(hardware: &Hardware, frozen: &Colorizer, part: Part, checkpointing: bool) -> Self {
        let sent = |device: &Device| frozen.clone().to_device(device);
        Self {
            part,
            checkpointing,
            frozen: hardware.helpers.iter().map(sent).collect(),
        }
    }

    /// The networks as the stage began, and a student with leaves of its own, so that no two shards' graphs share a node; both on `helper`, or, where
    /// that is none, on the device that takes the steps.
    pub fn pair(&self, student: &Colorizer, frozen: &Colorizer, helper: Option<usize>) -> (Colorizer, Colorizer) {
        let Some(helper) = helper else {
            return (frozen.clone(), self.student(student.valid()));
        };
        let frozen = self.frozen[helper].clone();
        let renewed = frozen.clone().map(&mut Renew {
            place: 0,
            values: trained_values(student),
        });
        let renewed = renewed.no_grad().set_require_grad_group(trained(self.part), true);
        (frozen, self.student(renewed))
    }

    /// With autodiff.
    fn student(&self, weights: Colorizer) -> Colorizer {
        let student = weights.train();
        if self.checkpointing {
            student.map(&mut Recompute)
        } else {
            student
        }
    }
}

/// Lets light operations be done again on the way back, rather than keep what they made.
struct Recompute;

impl ModuleMapper for Recompute {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|value| value.with_gradient_checkpointing_strategy(GradientCheckpointingStrategy::Balanced))
    }
}

/// Puts values in where there are any, by their place in the module.
struct Renew {
    place: usize,
    values: TensorContainer<usize>,
}

impl ModuleMapper for Renew {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let value = self.values.remove::<Tensor<D>>(&self.place);
        self.place += 1;
        match value {
            Some(value) => param.map(|old| value.to_device(&old.device())),
            None => param,
        }
    }
}
