//! Dense layers.

use super::Activation;
use super::activation::by_burn;
use super::node::{Operation, apply, dims, has_kernels, input, rows, strided, tensor, upright, vectors};
use burn::tensor::Tensor;
use burn::tensor::module::linear;
use burn_flex::FlexTensor;
use kernels::Dense;

/// f(x W + b) on all numbers of a sample, whatever its shape: W `[in, out]`; the result is `[batch, out, 1, 1]`.
pub(crate) fn dense(x: Tensor<4>, weight: Tensor<2>, bias: Option<Tensor<1>>, activation: Activation) -> Tensor<4> {
    if has_kernels(&x) {
        return match bias {
            Some(bias) => apply(Layer { activation }, [input(x), input(weight), input(bias)]),
            None => apply(Layer { activation }, [input(x), input(weight)]),
        };
    }
    let y = linear(x.flatten::<2>(1, 3), weight, bias);
    let [batch, outputs] = y.dims();
    by_burn(y.reshape([batch, outputs, 1, 1]), activation)
}

/// x Wᵀ, `[batch, in, 1, 1]`, for W `[in, out]`.
pub(crate) fn dense_transposed(x: Tensor<4>, weight: Tensor<2>) -> Tensor<4> {
    if has_kernels(&x) {
        return apply(Transposed, [input(x), input(weight)]);
    }
    let y = x.flatten::<2>(1, 3).matmul(weight.transpose());
    let [batch, inputs] = y.dims();
    y.reshape([batch, inputs, 1, 1])
}

#[derive(Clone, Copy, Debug)]
struct Layer {
    activation: Activation,
}

#[derive(Clone, Debug)]
struct Saved {
    x: FlexTensor,
    weight: FlexTensor,
    y: FlexTensor,
}

/// The layer between such an input and such a weight.
fn between(x: &FlexTensor, weight: &FlexTensor) -> Dense {
    let ([inputs, outputs], [batch, ..]) = (dims(weight), dims::<4>(x));
    Dense { inputs, outputs, batch }
}

impl Layer {
    fn run(&self, x: FlexTensor, weight: FlexTensor, bias: Option<&FlexTensor>) -> (FlexTensor, Saved) {
        let x = upright(x);
        let shape = between(&x, &weight);
        let bias = bias.map(rows);
        let y = shape.forward(&rows(&weight), &strided(&x).vectors(), bias.as_deref(), self.activation);
        let y = vectors(y, [shape.batch, shape.outputs, 1, 1]);
        (y.clone(), Saved { x, weight, y })
    }

    fn gradients(
        self,
        Saved { x, weight, y }: Saved,
        gradient: FlexTensor,
        wanted: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let (shape, gradient) = (between(&x, &weight), upright(gradient));
        let mut d = strided(&gradient).vectors();
        if self.activation != Activation::Identity {
            d = self.activation.backward(&d, &strided(&y).vectors()).into();
        }
        [
            wanted[0].then(|| vectors(shape.by_input(&rows(&weight), &d), dims(&x))),
            wanted[1].then(|| tensor(shape.by_weight(&strided(&x).vectors(), &d), [shape.inputs, shape.outputs])),
            wanted[2].then(|| tensor(shape.by_bias(&d), [shape.outputs])),
        ]
    }
}

impl Operation<3> for Layer {
    type Saved = Saved;

    fn forward(&self, [x, weight, bias]: [FlexTensor; 3]) -> (FlexTensor, Saved) {
        self.run(x, weight, Some(&bias))
    }

    fn backward(self, saved: Saved, gradient: FlexTensor, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
        self.gradients(saved, gradient, wanted)
    }
}

impl Operation<2> for Layer {
    type Saved = Saved;

    fn forward(&self, [x, weight]: [FlexTensor; 2]) -> (FlexTensor, Saved) {
        self.run(x, weight, None)
    }

    fn backward(self, saved: Saved, gradient: FlexTensor, [x, weight]: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let [x, weight, _] = self.gradients(saved, gradient, [x, weight, false]);
        [x, weight]
    }
}

#[derive(Clone, Copy, Debug)]
struct Transposed;

impl Operation<2> for Transposed {
    type Saved = [FlexTensor; 2];

    fn forward(&self, [x, weight]: [FlexTensor; 2]) -> (FlexTensor, [FlexTensor; 2]) {
        let x = upright(x);
        let shape = between(&x, &weight);
        let y = shape.by_input(&rows(&weight), &strided(&x).vectors());
        (vectors(y, [shape.batch, shape.inputs, 1, 1]), [x, weight])
    }

    fn backward(
        self,
        [x, weight]: [FlexTensor; 2],
        gradient: FlexTensor,
        wanted: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        let (shape, gradient) = (between(&x, &weight), upright(gradient));
        let d = strided(&gradient).vectors();
        let forward = || shape.forward(&rows(&weight), &d, None, Activation::Identity);
        [
            wanted[0].then(|| vectors(forward(), dims(&x))),
            wanted[1].then(|| tensor(shape.by_weight(&d, &strided(&x).vectors()), [shape.inputs, shape.outputs])),
        ]
    }
}
