//! Nodes of the tape whose arithmetic is ours.

use burn::backend::{Autodiff, Flex, tensor::FloatTensor};
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::NoCheckpointing;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_flex::FlexTensor;
use kernels::Strided;
use std::borrow::Cow;
use std::fmt::Debug;

/// An operation on so many tensors.
pub(super) trait Operation<const INPUTS: usize>: Clone + Debug + Send + 'static {
    /// What the backward pass needs.
    type Saved: Clone + Debug + Send + 'static;

    /// The result.
    fn forward(&self, inputs: [FlexTensor; INPUTS]) -> (FlexTensor, Self::Saved);

    /// The gradients at those inputs that are wanted, from the one at the result.
    fn backward(self, saved: Self::Saved, gradient: FlexTensor, wanted: [bool; INPUTS])
    -> [Option<FlexTensor>; INPUTS];
}

#[derive(Debug)]
struct Node<O>(O);

impl<const INPUTS: usize, O: Operation<INPUTS>> Backward<Flex, INPUTS> for Node<O> {
    type State = O::Saved;

    fn backward(self, ops: Ops<O::Saved, INPUTS>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = self.0.backward(ops.state, gradient, wanted);
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                gradients.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

/// A tensor of any rank.
pub(super) enum Input {
    Plain(FlexTensor),
    OnTape(FloatTensor<Autodiff<Flex>>),
}

/// Whether the kernels can take what is like this tensor.
pub(super) fn has_kernels<const D: usize>(x: &Tensor<D>) -> bool {
    x.device() == Device::flex() && x.dtype() == DType::F32
}

/// # Panics
/// The tensor is not on the device of the kernels.
pub(super) fn input<const D: usize>(x: Tensor<D>) -> Input {
    const ON_FLEX: &str = "a tensor on the CPU";
    if x.is_autodiff() {
        Input::OnTape(x.try_into_primitive::<Autodiff<Flex>>().expect(ON_FLEX))
    } else {
        Input::Plain(x.try_into_primitive::<Flex>().expect(ON_FLEX))
    }
}

/// The result of an operation; on the tape if one of its inputs is.
pub(super) fn apply<const INPUTS: usize, const D: usize, O: Operation<INPUTS>>(
    operation: O,
    inputs: [Input; INPUTS],
) -> Tensor<D> {
    if inputs.iter().all(|input| matches!(input, Input::Plain(_))) {
        let (result, _) = operation.forward(inputs.map(plain));
        return Tensor::from_primitive::<Flex>(result);
    }
    let inputs = inputs.map(on_tape);
    let (result, saved) = operation.forward(inputs.each_ref().map(|input| input.primitive().clone()));
    let nodes = inputs.each_ref().map(|input| input.node());
    let result = match Node(operation).prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(tracked) => tracked.finish(saved, result),
        OpsKind::UnTracked(untracked) => untracked.finish(result),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(result)
}

fn plain(input: Input) -> FlexTensor {
    match input {
        Input::Plain(tensor) => tensor,
        Input::OnTape(tensor) => tensor.into_primitive(),
    }
}

fn on_tape(input: Input) -> FloatTensor<Autodiff<Flex>> {
    match input {
        // The rank is the type's alone.
        Input::Plain(tensor) => {
            let tensor = Tensor::<1>::from_primitive::<Flex>(tensor).autodiff();
            tensor.try_into_primitive::<Autodiff<Flex>>().expect("a tensor that was just put on the tape")
        }
        Input::OnTape(tensor) => tensor,
    }
}

/// Samples `[batch, channels, height, width]` as they lie in memory.
pub(super) fn strided(x: &FlexTensor) -> Strided<'_> {
    let layout = x.layout();
    let [batch, channels, height, width] = dims(x);
    let strides = layout.strides();
    Strided {
        numbers: &x.storage::<f32>()[layout.start_offset()..],
        shape: [batch, channels, height, width],
        strides: [0, 1, 2, 3].map(|axis| strides[axis].unsigned_abs()),
    }
}

/// With strides that are not negative.
pub(super) fn upright(x: FlexTensor) -> FlexTensor {
    if x.layout().strides().iter().any(|stride| *stride < 0) { x.to_contiguous() } else { x }
}

/// Numbers of a weight or a bias, row after row.
pub(super) fn rows(x: &FlexTensor) -> Cow<'_, [f32]> {
    match x.as_slice::<f32>() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(x.to_contiguous().storage::<f32>().to_vec()),
    }
}

/// Numbers row after row as a tensor.
pub(super) fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

/// Pixel-major numbers as a tensor `[batch, channels, height, width]`.
pub(super) fn pixels(numbers: Vec<f32>, [batch, channels, height, width]: [usize; 4]) -> FlexTensor {
    tensor(numbers, [height, width, channels, batch]).permute(&[3, 2, 0, 1])
}

/// Vectors `[length][batch]` as a tensor of the shape `[batch, channels, height, width]`, whose samples are as long.
pub(super) fn vectors(numbers: Vec<f32>, [batch, channels, height, width]: [usize; 4]) -> FlexTensor {
    tensor(numbers, [channels, height, width, batch]).permute(&[3, 0, 1, 2])
}

pub(super) fn dims<const D: usize>(x: &FlexTensor) -> [usize; D] {
    std::array::from_fn(|axis| x.layout().shape()[axis])
}
