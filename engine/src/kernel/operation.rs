//! Operations of our own on the CPU device, with gradients of their own, as burn's tensors know them.

use std::fmt::Debug;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::{FlexTensor, Layout};
use burn::backend::{Autodiff, AutodiffBackend, BackendTensor, DispatchKindConversion, Flex};
use burn::backend::{DispatchAutodiffContext, DispatchTensor};
use burn::tensor::{Bytes, DType, Device, Shape, Tensor};

/// A function of `N` contiguous tensors of 32-bit numbers; weights may be in half precision where the operation says so.
pub trait Operation<const N: usize>: Clone + Debug + Send + 'static {
    /// What the gradient needs beside the inputs.
    type Kept: Clone + Debug + Send + 'static;

    fn forward(&self, inputs: [&FlexTensor; N]) -> (FlexTensor, Self::Kept);

    /// Gradients of the inputs that are `wanted`, from the result's.
    fn backward(
        &self,
        inputs: [&FlexTensor; N],
        kept: Self::Kept,
        gradient: &FlexTensor,
        wanted: [bool; N],
    ) -> [Option<FlexTensor>; N];
}

/// Whether operations of ours take a tensor: it is on the CPU device, in 32-bit numbers.
pub fn takes<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && tensor.device().without_autodiff() == Device::flex()
}

/// Applies `operation`, and records it where an input has autodiff.
///
/// # Panics
/// When an input is not one that [`takes`] says yes to, or its device recomputes instead of keeping (gradient checkpointing).
pub fn apply<const N: usize>(operation: impl Operation<N>, inputs: [DispatchTensor; N]) -> DispatchTensor {
    let constant = |tensor: &DispatchTensor| tensor.autodiff == DispatchAutodiffContext::Disabled;
    if inputs.iter().all(constant) {
        let inputs = inputs.map(|input| contiguous(plain(input)));
        let (output, _) = operation.forward(inputs.each_ref());
        return wrapped(output);
    }
    let (inputs, nodes): (Vec<_>, Vec<_>) = inputs
        .into_iter()
        .map(|input| match constant(&input) {
            true => Autodiff::<Flex>::from_inner(plain(input)),
            false => backend::<Autodiff<Flex>>(input).float(),
        })
        .map(|input| input.into_parts())
        .unzip();
    let Ok(nodes) = nodes.try_into() else {
        unreachable!("as many nodes as inputs")
    };
    let inputs: Vec<_> = inputs.into_iter().map(contiguous).collect();
    let Ok(inputs): Result<[_; N], _> = inputs.try_into() else {
        unreachable!("as many inputs as before")
    };
    let (output, kept) = operation.forward(inputs.each_ref());
    let preparation = Recorded(operation)
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound()
        .stateful();
    let output = match preparation {
        OpsKind::Tracked(preparation) => preparation.finish((inputs, kept), output),
        OpsKind::UnTracked(preparation) => preparation.finish(output),
    };
    DispatchTensor::from_backend(BackendTensor::<Autodiff<Flex>>::Float(output))
}

/// A tensor of the CPU device from its numbers.
pub fn tensor(values: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(values), Layout::contiguous(shape), DType::F32)
}

/// The numbers of a contiguous tensor.
pub fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("inputs are made contiguous")
}

/// A tensor of the CPU device without autodiff, as the device has it.
///
/// # Panics
/// When it is another one.
pub fn plain(tensor: DispatchTensor) -> FlexTensor {
    backend::<Flex>(tensor).float()
}

/// What [`plain`] undoes.
pub fn wrapped(tensor: FlexTensor) -> DispatchTensor {
    DispatchTensor::from_backend(BackendTensor::<Flex>::Float(tensor))
}

fn backend<B: burn::backend::Backend>(tensor: DispatchTensor) -> BackendTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    DispatchTensor::try_into_backend(tensor).expect("a tensor of the CPU device")
}

/// The same numbers row by row.
pub fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

#[derive(Debug)]
struct Recorded<O>(O);

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Recorded<O> {
    type State = ([FlexTensor; N], O::Kept);

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(gradients.consume::<Flex>(&ops.node));
        let (inputs, kept) = ops.state;
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = self.0.backward(inputs.each_ref(), kept, &gradient, wanted);
        for (parent, found) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(found)) = (parent, found) {
                gradients.register::<Flex>(parent.id, found);
            }
        }
    }
}
