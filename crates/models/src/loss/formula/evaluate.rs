//! Expressions on tensors.

use super::expression::{Logits, Node};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;

impl Node {
    /// The mean over the batch `[1]`, taken term by term: each over its own logits, and in the order of the built-in losses.
    pub(super) fn mean(&self, logits: &Logits) -> Tensor<1> {
        if let Some(number) = self.constant() {
            return Tensor::full([1], number, &logits.fake.device());
        }
        match self {
            Self::Negative(a) => a.mean(logits).neg(),
            Self::Sum(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.mean(logits) + a,
                (_, Some(b)) => a.mean(logits) + b,
                _ => a.mean(logits) + b.mean(logits),
            },
            Self::Difference(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.mean(logits).neg() + a,
                (_, Some(b)) => a.mean(logits) - b,
                _ => a.mean(logits) - b.mean(logits),
            },
            Self::Product(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.mean(logits) * a,
                (_, Some(b)) => a.mean(logits) * b,
                _ => self.values(logits).mean(),
            },
            Self::Quotient(a, b) => match b.constant() {
                Some(b) => a.mean(logits) / b,
                None => self.values(logits).mean(),
            },
            _ => self.values(logits).mean(),
        }
    }

    /// Elementwise, `[batch]`, or `[1]` where it is one number for all.
    fn values(&self, logits: &Logits) -> Tensor<1> {
        if let Some(number) = self.constant() {
            return Tensor::full([1], number, &logits.fake.device());
        }
        match self {
            Self::Real => logits.real.clone().expect("logits of real images are there for an expression that has them"),
            Self::Fake => logits.fake.clone(),
            Self::Mean(a) => a.mean(logits),
            Self::Negative(a) => a.values(logits).neg(),
            Self::Sum(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.values(logits) + a,
                (_, Some(b)) => a.values(logits) + b,
                _ => a.values(logits) + b.values(logits),
            },
            Self::Difference(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.values(logits).neg() + a,
                (_, Some(b)) => a.values(logits) - b,
                _ => a.values(logits) - b.values(logits),
            },
            Self::Product(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.values(logits) * a,
                (_, Some(b)) => a.values(logits) * b,
                _ => a.values(logits) * b.values(logits),
            },
            Self::Quotient(a, b) => match (a.constant(), b.constant()) {
                (Some(a), _) => b.values(logits).recip() * a,
                (_, Some(b)) => a.values(logits) / b,
                _ => a.values(logits) / b.values(logits),
            },
            Self::Greatest(a, b) => match (a.constant(), b.constant()) {
                (Some(bound), _) => greatest(b.values(logits), bound),
                (_, Some(bound)) => greatest(a.values(logits), bound),
                _ => {
                    let [a, b] = alike(a.values(logits), b.values(logits));
                    a.max_pair(b)
                }
            },
            Self::Least(a, b) => match (a.constant(), b.constant()) {
                (Some(bound), _) => b.values(logits).clamp_max(bound),
                (_, Some(bound)) => a.values(logits).clamp_max(bound),
                _ => {
                    let [a, b] = alike(a.values(logits), b.values(logits));
                    a.min_pair(b)
                }
            },
            Self::Power(a, exponent) if *exponent == 2.0 => a.values(logits).square(),
            Self::Power(a, exponent) => a.values(logits).powf_scalar(*exponent),
            Self::Call(function, a) => (function.of_tensor)(a.values(logits)),
            Self::Number(_) => unreachable!("a number is constant"),
        }
    }

    /// Its value, if it has no logits.
    pub(super) fn constant(&self) -> Option<f64> {
        Some(match self {
            Self::Number(number) => *number,
            Self::Real | Self::Fake | Self::Mean(_) => return None,
            Self::Negative(a) => -a.constant()?,
            Self::Sum(a, b) => a.constant()? + b.constant()?,
            Self::Difference(a, b) => a.constant()? - b.constant()?,
            Self::Product(a, b) => a.constant()? * b.constant()?,
            Self::Quotient(a, b) => a.constant()? / b.constant()?,
            Self::Least(a, b) => a.constant()?.min(b.constant()?),
            Self::Greatest(a, b) => a.constant()?.max(b.constant()?),
            Self::Power(a, exponent) => a.constant()?.powf(*exponent),
            Self::Call(function, a) => (function.of_number)(a.constant()?),
        })
    }
}

/// With the derivative of the hinge's own kink where the bound is 0.
fn greatest(values: Tensor<1>, bound: f64) -> Tensor<1> {
    if bound == 0.0 { relu(values) } else { values.clamp_min(bound) }
}

/// Both as long as the longer one.
fn alike(a: Tensor<1>, b: Tensor<1>) -> [Tensor<1>; 2] {
    match (a.dims(), b.dims()) {
        ([1], length) => [a.expand(length), b],
        (length, [1]) => [a, b.expand(length)],
        _ => [a, b],
    }
}
