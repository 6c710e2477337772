//! An expression's text in parts.

use super::parse::FormulaError;
use crate::check::single;

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    Name(&'a str),
    /// One of `+ - * / ^ ( ) ,`.
    Symbol(char),
}

/// The parts, each with the number of its first character, from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, usize)>, FormulaError> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if first.is_whitespace() => first.len_utf8(),
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' => {
                tokens.push((Token::Symbol(first), at));
                1
            }
            '0'..='9' | '.' => {
                let number = &rest[..number_length(rest)];
                let value: f64 =
                    number.parse().map_err(|_| FormulaError::new(at, format!("`{number}` is no number")))?;
                let rounded = single(value);
                if rounded.is_infinite() || value != 0.0 && rounded == 0.0 {
                    return Err(FormulaError::new(at, format!("`{number}` is {rounded} in single precision")));
                }
                tokens.push((Token::Number(value), at));
                number.len()
            }
            _ if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                tokens.push((Token::Name(&rest[..end]), at));
                end
            }
            _ => return Err(FormulaError::new(at, format!("`{first}` has no meaning in a formula"))),
        };
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// Bytes of the number that the text begins with: digits, a point, an exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| from + text[from..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let mantissa = digits(0);
    let exponent = text[mantissa..].strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    match exponent {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => digits(text.len() - rest.len()),
        _ => mantissa,
    }
}
