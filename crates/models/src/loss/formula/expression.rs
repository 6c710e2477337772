//! A function of logits, as it is written and as a tree.

use super::function::Function;
use super::parse::{FormulaError, parse};
use burn::tensor::Tensor;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A function of the logits `real` and `fake`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression {
    text: String,
    root: Node,
}

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Real,
    Fake,
    Mean(Box<Node>),
    Negative(Box<Node>),
    Sum(Box<Node>, Box<Node>),
    Difference(Box<Node>, Box<Node>),
    Product(Box<Node>, Box<Node>),
    Quotient(Box<Node>, Box<Node>),
    Least(Box<Node>, Box<Node>),
    Greatest(Box<Node>, Box<Node>),
    Power(Box<Node>, f64),
    Call(&'static Function, Box<Node>),
}

/// Logits `[batch]`; those of real images only where the expression has them.
pub(super) struct Logits {
    pub real: Option<Tensor<1>>,
    pub fake: Tensor<1>,
}

impl Expression {
    /// Whether it has the logits of real images.
    pub(super) fn has_real(&self) -> bool {
        self.root.has(&Node::Real)
    }

    /// Whether it has the logits of generated images.
    pub(super) fn has_fake(&self) -> bool {
        self.root.has(&Node::Fake)
    }

    /// The means of its terms over the batch, added up: a scalar `[1]`.
    pub(super) fn mean(&self, logits: &Logits) -> Tensor<1> {
        self.root.mean(logits)
    }
}

impl Node {
    fn has(&self, leaf: &Self) -> bool {
        self == leaf || self.parts().into_iter().any(|part| part.has(leaf))
    }

    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Real | Self::Fake => Vec::new(),
            Self::Mean(a) | Self::Negative(a) | Self::Power(a, _) | Self::Call(_, a) => vec![a],
            Self::Sum(a, b)
            | Self::Difference(a, b)
            | Self::Product(a, b)
            | Self::Quotient(a, b)
            | Self::Least(a, b)
            | Self::Greatest(a, b) => vec![a, b],
        }
    }
}

impl TryFrom<String> for Expression {
    type Error = FormulaError;

    fn try_from(text: String) -> Result<Self, FormulaError> {
        let root = parse(&text)?;
        Ok(Self { text, root })
    }
}

/// As it was written.
impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

impl JsonSchema for Expression {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
