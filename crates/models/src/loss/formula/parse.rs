//! Text to an expression: sums of products of powers, as everywhere.

use super::expression::Node;
use super::function::{FUNCTIONS, Function, LOG, SIGMOID, SOFTPLUS, find};
use super::token::{Token, tokens};

/// Brackets within brackets.
const MAX_DEPTH: usize = 64;
/// Names that are this much alike (Jaro-Winkler) are taken for slips.
const ALIKE: f64 = 0.8;

/// Names besides those of [`FUNCTIONS`].
const REAL: &str = "real";
const FAKE: &str = "fake";
const MEAN: &str = "mean";
const MIN: &str = "min";
const MAX: &str = "max";

/// What is wrong with a formula.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {at} of the formula")]
pub struct FormulaError {
    /// The character, from 1.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

impl FormulaError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Node, FormulaError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, end: text.chars().count() + 1 };
    let root = parser.sum()?;
    match parser.peek() {
        None => Ok(root),
        Some(Token::Symbol(')')) => Err(parser.wrong("this `)` closes nothing")),
        Some(_) => Err(parser.wrong("`+`, `-`, `*`, `/` or `^` is missing")),
    }
}

struct Parser<'a> {
    tokens: Vec<(Token<'a>, usize)>,
    next: usize,
    depth: usize,
    /// The place behind the last character.
    end: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(_, at)| *at)
    }

    fn wrong(&self, message: impl Into<String>) -> FormulaError {
        FormulaError::new(self.at(), message)
    }

    /// Passes a symbol if it is the next one.
    fn takes(&mut self, symbol: char) -> bool {
        let is_there = self.peek() == Some(Token::Symbol(symbol));
        self.next += usize::from(is_there);
        is_there
    }

    fn demand(&mut self, symbol: char) -> Result<(), FormulaError> {
        if self.takes(symbol) { Ok(()) } else { Err(self.wrong(format!("`{symbol}` is missing"))) }
    }

    fn sum(&mut self) -> Result<Node, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong(format!("more than {MAX_DEPTH} brackets within one another")));
        }
        let mut sum = self.product()?;
        loop {
            if self.takes('+') {
                sum = Node::Sum(Box::new(sum), Box::new(self.product()?));
            } else if self.takes('-') {
                sum = Node::Difference(Box::new(sum), Box::new(self.product()?));
            } else {
                self.depth -= 1;
                return Ok(sum);
            }
        }
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        let mut product = self.signed()?;
        loop {
            if self.takes('*') {
                product = Node::Product(Box::new(product), Box::new(self.signed()?));
            } else if self.takes('/') {
                product = Node::Quotient(Box::new(product), Box::new(self.signed()?));
            } else {
                return Ok(product);
            }
        }
    }

    fn signed(&mut self) -> Result<Node, FormulaError> {
        let mut is_negative = false;
        loop {
            if self.takes('-') {
                is_negative = !is_negative;
            } else if !self.takes('+') {
                break;
            }
        }
        let power = self.power()?;
        Ok(if is_negative { negative(power) } else { power })
    }

    /// `-x^2` is the negative of the square, and `2^3^2` is 2 to the ninth.
    fn power(&mut self) -> Result<Node, FormulaError> {
        let base = self.atom()?;
        if !self.takes('^') {
            return Ok(base);
        }
        let at = self.at();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong(format!("more than {MAX_DEPTH} powers within one another")));
        }
        let exponent = self.signed()?.constant();
        self.depth -= 1;
        let exponent = exponent.ok_or_else(|| FormulaError::new(at, "an exponent must be a number"))?;
        Ok(Node::Power(Box::new(base), exponent))
    }

    fn atom(&mut self) -> Result<Node, FormulaError> {
        let Some(token) = self.peek() else { return Err(self.wrong("the formula ends too early")) };
        match token {
            Token::Number(number) => {
                self.next += 1;
                Ok(Node::Number(number))
            }
            Token::Name(name) => self.name(name),
            Token::Symbol('(') => {
                self.next += 1;
                let inner = self.sum()?;
                self.demand(')')?;
                Ok(inner)
            }
            Token::Symbol(symbol) => {
                Err(self.wrong(format!("there is `{symbol}` where a number, a name or `(` is expected")))
            }
        }
    }

    fn name(&mut self, name: &str) -> Result<Node, FormulaError> {
        let function = find(name);
        let is_leaf = [REAL, FAKE].contains(&name);
        if !is_leaf && function.is_none() && ![MEAN, MIN, MAX].contains(&name) {
            return Err(self.wrong(unknown(name)));
        }
        self.next += 1;
        if is_leaf {
            return Ok(if name == REAL { Node::Real } else { Node::Fake });
        }
        if !self.takes('(') {
            return Err(self.wrong(format!("`(` is missing behind `{name}`")));
        }
        let first = self.sum()?;
        let node = match function {
            Some(function) => call(function, first),
            None if name == MEAN => Node::Mean(Box::new(first)),
            None => {
                self.demand(',')?;
                let (first, second) = (Box::new(first), Box::new(self.sum()?));
                if name == MIN { Node::Least(first, second) } else { Node::Greatest(first, second) }
            }
        };
        self.demand(')')?;
        Ok(node)
    }
}

/// A function's value. The logarithm of a sigmoid, log(sigmoid(x)), is -softplus(-x).
fn call(function: &'static Function, argument: Node) -> Node {
    let inside = (function.name == LOG).then(|| inside_sigmoid(&argument)).flatten();
    match inside.zip(find(SOFTPLUS)) {
        Some((x, softplus)) => negative(Node::Call(softplus, Box::new(negative(x)))),
        None => Node::Call(function, Box::new(argument)),
    }
}

/// x of sigmoid(x), and -x of 1 - sigmoid(x).
fn inside_sigmoid(node: &Node) -> Option<Node> {
    match node {
        Node::Call(function, x) if function.name == SIGMOID => Some((**x).clone()),
        Node::Difference(one, other) if **one == Node::Number(1.0) => match &**other {
            Node::Call(function, x) if function.name == SIGMOID => Some(negative((**x).clone())),
            _ => None,
        },
        _ => None,
    }
}

fn negative(node: Node) -> Node {
    Node::Negative(Box::new(node))
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).chain([MEAN, MIN, MAX, REAL, FAKE]).collect();
    let alike = names.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    match alike.max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(alike, _)| *alike >= ALIKE) {
        Some((_, known)) => format!("there is no `{name}`: did you mean `{known}`?"),
        None => format!("there is no `{name}`; names are `{}`", names.join("`, `")),
    }
}
