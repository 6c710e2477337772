//! What tasks that translate share: the generator that makes their samples, and its random streams.

use super::Made;
use crate::layer::Chain;
use crate::{Generator, GeneratorInput};
use burn::module::Module;
use burn::tensor::Tensor;
use burn::train::InferenceStep;
use family::Problem;
use samples::Format;

/// Inputs to outputs.
#[derive(Module, Debug)]
pub struct Translator {
    generator: Generator,
}

impl Translator {
    pub(super) fn new(generator: Generator) -> Self {
        Self { generator }
    }

    pub(super) fn settle(self) -> Self {
        Self { generator: self.generator.settle() }
    }

    /// With weights as they act.
    pub(super) fn folded(self) -> Chain {
        self.generator.folded()
    }
}

impl InferenceStep for Translator {
    type Input = GeneratorInput;
    type Output = Made;

    fn step(&self, input: GeneratorInput) -> Made {
        Made(vec![("output", self.generator.translate(source(input)))])
    }
}

/// The samples to translate, `[batch, channels, height, width]`.
pub(super) fn source(input: GeneratorInput) -> Tensor<4> {
    input.source.expect("the task's check found inputs")
}

/// A generator's samples for a discriminator's update, twice: for the generator's update, on the tape in the last update of a step,
/// so that it needs no second pass, as in the authors' programs; and off the tape, for the discriminator.
pub(super) fn kept_and_judged(generator: Generator, from: Tensor<4>, is_last: bool) -> [Tensor<4>; 2] {
    let generator = if is_last { generator } else { generator.no_grad() };
    let made = generator.translate(from);
    [made.clone(), made.detach()]
}

/// Why such samples cannot be translated into such.
pub(super) fn size_problem(input: Format, output: Format) -> Option<Problem> {
    let ([_, height, width], [_, rows, columns]) = (input.shape(), output.shape());
    let sizes = format!("{height} x {width} and {rows} x {columns}");
    let message = format!("inputs and outputs have one height and width, but the data set's are {sizes}");
    Problem::unless([height, width] == [rows, columns], "", message)
}
