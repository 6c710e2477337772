//! What a metric must reach for a command to succeed, such as `frechet<300`: a gate for CI.

use crate::text::number;
use record::Status;
use report::Row;
use std::fmt::{self, Display};
use std::str::FromStr;

/// A metric, a comparison and a limit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Requirement {
    /// An evaluated quantity.
    pub quantity: String,
    sign: Sign,
    limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// In the order in which they are looked for: the longer ones first.
const SIGNS: [(&str, Sign); 4] = [("<=", Sign::AtMost), (">=", Sign::AtLeast), ("<", Sign::Below), (">", Sign::Above)];

/// A value that a requirement is about.
pub(crate) struct Candidate {
    /// `mlp-s0 at step 600`
    pub name: String,
    /// The value, or why there is none.
    pub value: Result<f64, String>,
}

impl Requirement {
    /// What keeps the requirement from being met, a line for each candidate: all of them must meet it. No candidate at all
    /// is a failure, too.
    pub(crate) fn unmet(&self, candidates: &[Candidate]) -> Vec<String> {
        if candidates.is_empty() {
            return vec![format!("{self} is not met: there is no value of {}", self.quantity)];
        }
        let line = |Candidate { name, value }: &Candidate| match value {
            Ok(value) if self.holds(*value) => None,
            Ok(value) => Some(format!("{self} is not met: {name} has {}", number(*value))),
            Err(reason) => Some(format!("{self} is not met: {name} has no value: {reason}")),
        };
        candidates.iter().filter_map(line).collect()
    }

    /// As [`unmet`](Self::unmet), of runs at their selected steps. A run that diverged or collapsed has no value.
    pub(crate) fn unmet_by_runs<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Vec<String> {
        let candidate = |row: &Row| {
            let step = row.selection.as_ref().map(|selection| format!(" at step {}", selection.step));
            match row.selected(&self.quantity) {
                Some(value) if !row.status.is_degenerate() => {
                    Candidate { name: row.id.clone() + &step.unwrap_or_default(), value: Ok(value) }
                }
                _ if row.status == Status::Done => {
                    Candidate { name: row.id.clone(), value: Err(format!("{} was not measured", self.quantity)) }
                }
                _ => Candidate { name: row.id.clone(), value: Err(format!("it is {}", row.status)) },
            }
        };
        self.unmet(&rows.map(candidate).collect::<Vec<_>>())
    }

    fn holds(&self, value: f64) -> bool {
        match self.sign {
            Sign::Below => value < self.limit,
            Sign::AtMost => value <= self.limit,
            Sign::Above => value > self.limit,
            Sign::AtLeast => value >= self.limit,
        }
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "write a metric, one of < <= > >=, and a number, in quotes for the shell: --require 'frechet<300'"
                .to_owned()
        };
        let found = SIGNS.iter().find_map(|(word, sign)| Some((text.split_once(word)?, *sign)));
        let ((quantity, limit), sign) = found.ok_or_else(wrong)?;
        let (quantity, limit) = (quantity.trim(), limit.trim().parse::<f64>());
        let limit = limit.ok().filter(|limit| limit.is_finite()).ok_or_else(wrong)?;
        let mut known: Vec<&str> = metrics::quantities().map(|quantity| quantity.name).collect();
        if !known.contains(&quantity) {
            known.sort_unstable();
            return Err(format!("there is no metric `{quantity}`; there are {}", known.join(", ")));
        }
        Ok(Self { quantity: quantity.to_owned(), sign, limit })
    }
}

impl Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (word, _) = SIGNS.iter().find(|(_, sign)| *sign == self.sign).expect("all signs are listed");
        write!(f, "{}{word}{}", self.quantity, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmet(text: &str, values: &[Result<f64, String>]) -> Vec<String> {
        let candidate = |(index, value): (usize, &Result<f64, String>)| Candidate {
            name: format!("mlp-s{index} at step 6"),
            value: value.clone(),
        };
        text.parse::<Requirement>().unwrap().unmet(&values.iter().enumerate().map(candidate).collect::<Vec<_>>())
    }

    #[test]
    fn every_value_must_be_on_the_right_side_of_the_limit() {
        let holds = |text: &str, value: f64, expected| {
            assert_eq!(unmet(text, &[Ok(value)]).is_empty(), expected, "{text} {value}")
        };
        holds("frechet<300", 299.9, true);
        holds("frechet<300", 300.0, false);
        holds("frechet <= 300", 300.0, true);
        holds("recall>0.5", 0.5, false);
        holds("recall>=5e-1", 0.5, true);
        holds("kid>-1", -2.0, false);
        holds("frechet<300", f64::NAN, false);
        assert_eq!(
            unmet("frechet<300", &[Ok(1.0), Ok(412.25)]),
            ["frechet<300 is not met: mlp-s1 at step 6 has 412.2"]
        );
    }

    #[test]
    fn no_value_at_all_is_a_failure() {
        assert_eq!(unmet("frechet<300", &[]), ["frechet<300 is not met: there is no value of frechet"]);
        let found = unmet("frechet<300", &[Err("it is diverged".to_owned())]);
        assert_eq!(found, ["frechet<300 is not met: mlp-s0 at step 6 has no value: it is diverged"]);
    }

    #[test]
    fn what_is_no_requirement_is_refused_with_what_there_is() {
        for text in ["", "frechet", "frechet=3", "frechet<", "frechet<x", "frechet<inf", "frechet<nan", "<3<4"] {
            let error = text.parse::<Requirement>().unwrap_err();
            assert!(error.contains("frechet<300") || error.contains("there is no metric"), "{text}: {error}");
        }
        let error = "fid<3".parse::<Requirement>().unwrap_err();
        assert!(error.starts_with("there is no metric `fid`; there are ") && error.contains("frechet, "), "{error}");
    }
}
