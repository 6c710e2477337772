//! The arithmetic that weights were made with.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Attempts of equal numerics take a run to the same bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numerics {
    /// Backend, processor family, SIMD level, system and C library.
    pub class: String,
    /// The number of the program's arithmetic, which is raised with every change of bits.
    pub version: u32,
}

impl fmt::Display for Numerics {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} with numerics {}", self.class, self.version)
    }
}

/// `a with numerics 1, then b with numerics 1`, of a run that more than one arithmetic has trained.
pub(crate) fn mixed(numerics: &[Numerics]) -> Option<String> {
    let names: Vec<String> = numerics.iter().map(ToString::to_string).collect();
    (names.len() > 1).then(|| format!("its weights are of mixed arithmetic: {}", names.join(", then ")))
}

/// That runs with these numerics were not all trained by one arithmetic, with the number of runs of each, if it is so: then more than
/// their settings sets them apart. Runs that name none count for none.
pub fn several<'a>(runs: impl IntoIterator<Item = &'a [Numerics]>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for newest in runs.into_iter().filter_map(<[Numerics]>::last) {
        *counts.entry(newest.to_string()).or_default() += 1;
    }
    let count = |(name, runs): (&String, &usize)| format!("{runs} by {name}");
    let counts: Vec<String> = counts.iter().map(count).collect();
    (counts.len() > 1).then(|| {
        format!(
            "runs were trained by different arithmetic, which sets them apart beside their settings: {}",
            counts.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_arithmetics_are_named_and_counted() {
        let of = |class: &str| vec![Numerics { class: class.to_owned(), version: 2 }];
        let text = |runs: &[Vec<Numerics>]| several(runs.iter().map(Vec::as_slice));
        assert_eq!(text(&[of("cuda"), of("cuda"), vec![]]), None);
        assert_eq!(text(&[]), None);
        let found = text(&[of("flex"), of("cuda"), of("flex")]).unwrap();
        assert!(found.ends_with("settings: 1 by cuda with numerics 2, 2 by flex with numerics 2"), "{found}");
    }
}
