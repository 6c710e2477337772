//! Measured numbers as people read them: the one formatter of terminal, page and Markdown.

use std::ops::Range;

/// Four digits, or an exponent where the size is beyond [`PLAIN`]: `0.6724`, `31.50`, `4.64e-5`, `-3.3e23`, `NaN`.
pub fn short(value: f64) -> String {
    let whole_digits = value.abs().log10().floor();
    number(value, (3.0 - whole_digits).clamp(0.0, 6.0) as usize, PLAIN)
}

/// With so many decimals where its size is in `plain`, else with an exponent: three digits of a small number, two of a
/// large one.
pub fn number(value: f64, decimals: usize, plain: Range<f64>) -> String {
    let rounded = match value.abs() {
        0.0 => return "0".to_owned(),
        size if !size.is_finite() => return value.to_string(),
        size if plain.contains(&size) => return format!("{value:.decimals$}"),
        size if size < 1.0 => format!("{value:.2e}"),
        _ => format!("{value:.1e}"),
    };
    // Through its shortest form: without zeros at the end.
    let number: Option<f64> = rounded.parse().ok().filter(|number: &f64| number.is_finite());
    number.map_or(rounded, |number| format!("{number:e}"))
}

/// Sizes whose numbers are read more easily without an exponent.
pub const PLAIN: Range<f64> = 1e-3..1e6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_decimals() {
        let check = |value: f64, decimals, expected: &str| assert_eq!(number(value, decimals, PLAIN), expected);
        check(0.0, 4, "0");
        check(-0.0, 4, "0");
        check(0.67239, 4, "0.6724");
        check(-12345.6789, 2, "-12345.68");
        check(4.64159e-5, 4, "4.64e-5");
        check(1e-9, 6, "1e-9");
        check(-3.2e12, 4, "-3.2e12");
        assert_eq!(number(2e-4, 6, 5e-7..1e7), "0.000200");
    }

    #[test]
    fn numbers_of_any_size_are_short() {
        let check = |value: f64, expected: &str| assert_eq!(short(value), expected);
        check(0.0, "0");
        check(0.67239, "0.6724");
        check(0.0012345, "0.001234");
        check(12.0, "12.00");
        check(-942.25951, "-942.3");
        check(123_456.7, "123457");
        check(999_999.9, "1000000");
        check(-3.312e23, "-3.3e23");
        check(f64::MAX, "1.8e308");
        check(f64::MIN_POSITIVE, "2.23e-308");
        check(f64::NAN, "NaN");
        check(f64::NEG_INFINITY, "-inf");
    }
}
