//! Numbers, times and commands as people read them.

/// Decimals for the values of a column: four digits for the one in the middle.
pub(super) fn decimals(values: impl Iterator<Item = f64>) -> usize {
    let mut sizes: Vec<f64> = values.map(f64::abs).filter(|size| size.is_finite() && *size > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    let middle = sizes.get(sizes.len() / 2).copied().unwrap_or(1.0);
    (3.0 - middle.log10().floor()).clamp(0.0, 6.0) as usize
}

/// With as many decimals, unless the value would be lost or overlong so.
pub(super) fn number(value: f64, decimals: usize) -> String {
    match value.abs() {
        _ if value.is_infinite() => if value > 0.0 { "∞" } else { "−∞" }.into(),
        size @ 1e3..1e7 => format!("{}{}", if value < 0.0 { "-" } else { "" }, thousands(size.round() as u64)),
        _ => record::number(value, decimals, 0.5 * 0.1f64.powi(decimals as i32)..1e7),
    }
}

/// `12,000`
pub(super) fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 h 12 min`, `3 min 20 s`, `4.2 s`
pub(super) fn duration(secs: f64) -> String {
    // An empty sum is -0.0.
    let secs = secs.max(0.0).abs();
    let whole = secs.round() as u64;
    match whole {
        0..10 => format!("{secs:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        3600..86400 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86400, whole % 86400 / 3600),
    }
}

/// One word of a POSIX shell.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.into() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_column_have_the_same_decimals() {
        let check = |values: &[f64], expected: &[&str]| {
            let decimals = decimals(values.iter().copied());
            assert_eq!(values.iter().map(|value| number(*value, decimals)).collect::<Vec<_>>(), expected);
        };
        check(&[0.71234, 1.5, -2.3456, 3.2e12], &["0.712", "1.500", "-2.346", "3.2e12"]);
        check(&[545.6, 1883.4, -1883.4], &["546", "1,883", "-1,883"]);
        check(&[12.3456, f64::NAN, f64::NEG_INFINITY, 0.0, 1e-9], &["12.35", "NaN", "−∞", "0", "1e-9"]);
        check(&[2e-4, 1e-4], &["0.000200", "0.000100"]);
    }

    #[test]
    fn times_have_two_units() {
        let check = |secs, expected: &str| assert_eq!(duration(secs), expected);
        check(-0.0, "0.0 s");
        check(4.24, "4.2 s");
        check(71.2, "1 min 11 s");
        check(3600.0 * 1.2, "1 h 12 min");
        check(86400.0 * 2.5, "2 d 12 h");
        check(-1.0, "0.0 s");
    }

    #[test]
    fn a_word_that_the_shell_would_split_is_quoted() {
        let check = |text, expected: &str| assert_eq!(shell_word(text), expected);
        check("experiments/lr.yaml", "experiments/lr.yaml");
        check("it's; rm -rf", r"'it'\''s; rm -rf'");
        check("", "''");
    }
}
