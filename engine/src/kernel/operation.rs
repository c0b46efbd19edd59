//! Operations of our own on the CPU device, with gradients of their own, as burn's tensors know them.

use std::fmt::Debug;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::retro_forward::RetroForward;
use burn::backend::autodiff::checkpoint::state::BackwardStates;
use burn::backend::autodiff::checkpoint::strategy::{BalancedCheckpointing, CheckpointStrategy, NoCheckpointing};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::{FlexTensor, Layout};
use burn::backend::{Autodiff, AutodiffBackend, BackendTensor, DispatchKindConversion, Flex};
use burn::backend::{DispatchAutodiffContext, DispatchTensor};
use burn::tensor::{Bytes, DType, Device, GradientCheckpointingStrategy, Shape, Tensor};

/// A function of `N` contiguous tensors of 32-bit numbers; weights may be in half precision where the operation says so.
pub trait Operation<const N: usize>: Clone + Debug + Send + 'static {
    /// What the gradient needs beside the inputs: little, where the operation is light.
    type Kept: Clone + Debug + Send + 'static;

    /// Whether the result is made again rather than kept, where gradients shall take little memory.
    const LIGHT: bool;

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
/// When an input is not one that [`takes`] says yes to, or two inputs differ in whether they recompute instead of keeping (gradient checkpointing).
pub fn apply<const N: usize>(operation: impl Operation<N>, inputs: [DispatchTensor; N]) -> DispatchTensor {
    let context = inputs.iter().fold(DispatchAutodiffContext::Disabled, |context, input| {
        context.merge(input.autodiff)
    });
    match context {
        DispatchAutodiffContext::Disabled => {
            let inputs = inputs.map(|input| contiguous(plain(input)));
            let (output, _) = operation.forward(inputs.each_ref());
            wrapped(output)
        }
        DispatchAutodiffContext::Enabled(GradientCheckpointingStrategy::Disabled) => keep(operation, inputs),
        DispatchAutodiffContext::Enabled(GradientCheckpointingStrategy::Balanced) => checkpoint(operation, inputs),
    }
}

/// Records `operation` with everything that its gradient needs.
fn keep<O: Operation<N>, const N: usize>(operation: O, inputs: [DispatchTensor; N]) -> DispatchTensor {
    let (inputs, nodes): (Vec<_>, Vec<_>) = inputs
        .into_iter()
        .map(|input| tracked::<NoCheckpointing>(input).into_parts())
        .unzip();
    let Ok(nodes) = nodes.try_into() else {
        unreachable!("as many nodes as inputs")
    };
    let inputs: [_; N] = all(inputs.into_iter().map(contiguous));
    let (output, kept) = operation.forward(inputs.each_ref());
    let state = State {
        inputs: inputs.map(Held::Value),
        kept,
    };
    let preparation = Recorded(operation)
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound()
        .stateful();
    let output = match preparation {
        OpsKind::Tracked(preparation) => preparation.finish(state, output),
        OpsKind::UnTracked(preparation) => preparation.finish(output),
    };
    DispatchTensor::from_backend(BackendTensor::<Autodiff<Flex>>::Float(output))
}

/// Records `operation` with as little as its gradient can do with: inputs that have gradients themselves are asked of the graph, which may compute them
/// again, and what is light is computed again. burn's own operations keep everything as soon as one input has no gradient, as frozen weights have none;
/// here such an input is held by its value.
fn checkpoint<O: Operation<N>, const N: usize>(operation: O, inputs: [DispatchTensor; N]) -> DispatchTensor {
    let inputs: [_; N] = all(inputs.into_iter().map(tracked::<BalancedCheckpointing>));
    let nodes = inputs.each_ref().map(|input| input.node());
    let values = inputs.each_ref().map(|input| contiguous(input.primitive().clone()));
    let (output, kept) = operation.forward(values.each_ref());
    let held: [_; N] = all(inputs.iter().zip(values).map(|(input, value)| match input.is_tracked() {
        true => Held::Node(input.id()),
        false => Held::Value(value),
    }));
    let asked = || inputs.iter().filter(|input| input.is_tracked());
    let again = Again {
        operation: operation.clone(),
        inputs: held.clone(),
    };
    let preparation = Recorded(operation).prepare::<BalancedCheckpointing>(nodes);
    let preparation = match O::LIGHT && asked().next().is_some() {
        true => preparation.memory_bound().retro_forward(again).parents::<Flex, _>(asked()),
        false => preparation.compute_bound(),
    };
    let output = match preparation.stateful() {
        OpsKind::Tracked(mut preparation) => {
            for input in asked() {
                preparation.checkpoint(input);
            }
            preparation.finish(State { inputs: held, kept }, output)
        }
        OpsKind::UnTracked(preparation) => preparation.finish(output),
    };
    DispatchTensor::from_backend(BackendTensor::<Autodiff<Flex, BalancedCheckpointing>>::Float(output))
}

type Tracked = <Autodiff<Flex> as burn::backend::BackendTypes>::FloatTensorPrimitive;

/// As the autodiff backend has it; a constant where the tensor has no autodiff.
fn tracked<C: CheckpointStrategy>(input: DispatchTensor) -> Tracked
where
    DispatchTensor: DispatchKindConversion<Autodiff<Flex, C>>,
    Autodiff<Flex, C>: burn::backend::BackendTypes<FloatTensorPrimitive = Tracked>,
{
    match input.autodiff == DispatchAutodiffContext::Disabled {
        true => Autodiff::<Flex>::from_inner(plain(input)),
        false => backend::<Autodiff<Flex, C>>(input).float(),
    }
}

fn all<T, const N: usize>(parts: impl Iterator<Item = T>) -> [T; N] {
    let parts: Vec<T> = parts.collect();
    let Ok(parts) = parts.try_into() else {
        unreachable!("as many as before")
    };
    parts
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

/// An input of a recorded operation.
#[derive(Clone, Debug)]
enum Held {
    Value(FlexTensor),
    /// The graph has it, or computes it again.
    Node(NodeId),
}

/// What a recorded operation holds until its gradient is asked for.
#[derive(Clone, Debug)]
struct State<K, const N: usize> {
    inputs: [Held; N],
    kept: K,
}

#[derive(Debug)]
struct Recorded<O>(O);

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Recorded<O> {
    type State = State<O::Kept, N>;

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, checkpointer: &mut Checkpointer) {
        let gradient = contiguous(gradients.consume::<Flex>(&ops.node));
        let State { inputs, kept } = ops.state;
        let inputs = inputs.map(|input| match input {
            Held::Value(value) => value,
            Held::Node(node) => contiguous(checkpointer.retrieve_node_output(node)),
        });
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = self.0.backward(inputs.each_ref(), kept, &gradient, wanted);
        for (parent, found) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(found)) = (parent, found) {
                gradients.register::<Flex>(parent.id, found);
            }
        }
    }
}

/// An operation that is computed again on the way back.
#[derive(Debug)]
struct Again<O, const N: usize> {
    operation: O,
    inputs: [Held; N],
}

impl<O: Operation<N>, const N: usize> RetroForward for Again<O, N> {
    fn forward(&self, states: &mut BackwardStates, node: NodeId) {
        let inputs = self.inputs.each_ref().map(|input| match input {
            Held::Value(value) => value.clone(),
            Held::Node(node) => contiguous(states.get_state(node)),
        });
        states.save(node, self.operation.forward(inputs.each_ref()).0);
    }
}
