//! Ranges that many settings have. Networks and optimizers compute in single precision, so a setting must be in its range
//! there: 0.99999999 is 1.

use family::Problem;

/// A number above 0.
pub fn above_zero(name: &str, value: f64) -> Option<Problem> {
    refusal("above 0", value, |value| value.is_finite() && value > 0.0).map(|refusal| Problem::at(name, refusal))
}

/// A number from 0 on.
pub fn at_least_zero(name: &str, value: f64) -> Option<Problem> {
    refusal("at least 0", value, |value| value.is_finite() && value >= 0.0).map(|refusal| Problem::at(name, refusal))
}

/// A whole number from 1 on.
pub fn at_least_one(name: &str, value: u64) -> Option<Problem> {
    Problem::unless(value >= 1, name, "must be at least 1")
}

/// `must be <needed>`, if the value does not hold or is one in single precision that does not.
pub fn refusal(needed: &str, value: f64, holds: impl Fn(f64) -> bool) -> Option<String> {
    let rounded = single(value);
    match (holds(value), holds(rounded)) {
        (true, true) => None,
        (true, false) => Some(format!("must be {needed}, and {value:?} is {rounded} in single precision")),
        (false, _) => Some(format!("must be {needed}")),
    }
}

/// The value in single precision; 0 for what has less than its 24 digits there, because processors may take it for 0.
pub fn single(value: f64) -> f64 {
    let rounded = value as f32;
    if rounded.is_subnormal() { 0.0 } else { rounded.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_in_their_range_after_rounding() {
        let check = |value: f64, expected: Option<&str>| {
            let found = above_zero("weight", value).map(|problem| problem.message);
            assert_eq!(found.as_deref(), expected, "{value:?}");
        };
        check(1e-30, None);
        check(0.0, Some("must be above 0"));
        check(1e-50, Some("must be above 0, and 1e-50 is 0 in single precision"));
        check(1e-40, Some("must be above 0, and 1e-40 is 0 in single precision"));
        check(1e39, Some("must be above 0, and 1e39 is inf in single precision"));
        let share = |value: f64| refusal("in [0, 1)", value, |value| (0.0..1.0).contains(&value));
        assert_eq!(share(0.999_999), None);
        assert_eq!(share(1e-50), None);
        assert_eq!(share(0.99999999).as_deref(), Some("must be in [0, 1), and 0.99999999 is 1 in single precision"));
        assert_eq!(share(1.0).as_deref(), Some("must be in [0, 1)"));
        assert_eq!(share(f64::NAN).as_deref(), Some("must be in [0, 1)"));
    }
}
