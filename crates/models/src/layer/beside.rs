//! Chains beside each other, whose numbers follow one another.

use super::spectral::PowerIteration;
use super::{Chain, Draws, Layer, Trace, view};
use crate::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// A vector of what each chain makes, the first chain's numbers first. Each chain sees the whole input, or each another part of a vector.
#[derive(Module, Debug)]
pub struct Beside {
    branches: Vec<Branch>,
}

#[derive(Module, Debug)]
struct Branch {
    chain: Chain,
    /// Numbers that it sees of a vector; 0 for the whole input.
    inputs: usize,
    /// Numbers that it makes of a sample.
    outputs: usize,
}

/// What each chain makes of the input, with how many numbers that are.
pub fn side_by_side(chains: Vec<(Vec<Layer>, usize)>) -> Layer {
    of_parts(chains.into_iter().map(|(layers, outputs)| (0, layers, outputs)).collect())
}

/// What each chain makes of its part of a vector: how many numbers it sees, its layers, and how many it makes.
pub fn of_parts(chains: Vec<(usize, Vec<Layer>, usize)>) -> Layer {
    let branch = |(inputs, mut layers, outputs): (usize, Vec<Layer>, usize)| {
        layers.push(view([outputs, 1, 1]));
        Branch { chain: Chain::new(layers), inputs, outputs }
    };
    Layer::Beside(Beside { branches: chains.into_iter().map(branch).collect() })
}

impl Beside {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        joined(self.seen(&x).map(|(branch, x)| branch.chain.forward(x)))
    }

    pub fn trace(&self, x: Tensor<4>) -> (Tensor<4>, Vec<Vec<Trace>>) {
        let (made, traces): (Vec<_>, Vec<_>) = self.seen(&x).map(|(branch, x)| branch.chain.trace(x)).unzip();
        (joined(made.into_iter()), traces)
    }

    pub fn pullback(&self, inner: Vec<Vec<Trace>>, gradient: Tensor<4>) -> Tensor<4> {
        let mut first = 0;
        let own = self.branches.iter().zip(inner).map(|(branch, trace)| {
            let of_output = gradient.clone().narrow(1, first, branch.outputs);
            first += branch.outputs;
            branch.chain.pullback(trace, of_output)
        });
        let own = own.collect::<Vec<_>>().into_iter();
        let has_parts = self.branches.iter().any(|branch| branch.inputs > 0);
        if has_parts { joined(own) } else { own.reduce(ops::add).expect("there are branches") }
    }

    pub fn mixes_samples(&self) -> bool {
        self.branches.iter().any(|branch| branch.chain.mixes_samples())
    }

    /// With weights as they act.
    pub(crate) fn folded(self) -> Self {
        self.each(|chain| chain.folded())
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        self.each(|chain| chain.follow(power))
    }

    pub fn drawing(self, draws: &Draws, number: &mut usize) -> Self {
        self.each(|chain| chain.drawing_from(draws, number))
    }

    fn each(self, mut of: impl FnMut(Chain) -> Chain) -> Self {
        let branches = self.branches.into_iter().map(|branch| Branch { chain: of(branch.chain), ..branch });
        Self { branches: branches.collect() }
    }

    /// Each branch with what it sees.
    fn seen(&self, x: &Tensor<4>) -> impl Iterator<Item = (&Branch, Tensor<4>)> {
        let mut first = 0;
        self.branches.iter().map(move |branch| {
            let seen = match branch.inputs {
                0 => x.clone(),
                inputs => x.clone().narrow(1, first, inputs),
            };
            first += branch.inputs;
            (branch, seen)
        })
    }
}

fn joined(vectors: impl Iterator<Item = Tensor<4>>) -> Tensor<4> {
    vectors.reduce(ops::beside).expect("there are branches")
}
