//! Measured numbers as people read them.

use std::ops::Range;

/// With so many decimals where its size is in `plain`, else to four digits with an exponent: `0.6724`, `4.642e-5`, `NaN`.
pub fn number(value: f64, decimals: usize, plain: Range<f64>) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !size.is_finite() => value.to_string(),
        size if plain.contains(&size) => format!("{value:.decimals$}"),
        // Through its shortest form: without zeros at the end.
        _ => format!("{value:.3e}").parse().map_or_else(|_| value.to_string(), |rounded: f64| format!("{rounded:e}")),
    }
}

/// Sizes whose numbers are read more easily without an exponent.
pub const PLAIN: Range<f64> = 1e-3..1e6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits_or_their_decimals() {
        let check = |value: f64, decimals, expected: &str| assert_eq!(number(value, decimals, PLAIN), expected);
        check(0.0, 4, "0");
        check(-0.0, 4, "0");
        check(0.67239, 4, "0.6724");
        check(-12345.6789, 2, "-12345.68");
        check(4.64159e-5, 4, "4.642e-5");
        check(1e-9, 6, "1e-9");
        check(-3.2e12, 4, "-3.2e12");
        check(f64::NAN, 4, "NaN");
        check(f64::NEG_INFINITY, 4, "-inf");
        assert_eq!(number(2e-4, 6, 5e-7..1e7), "0.000200");
    }
}
