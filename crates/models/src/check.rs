//! Ranges that many settings have.

use family::Problem;

/// A number above 0.
pub fn above_zero(name: &str, value: f64) -> Option<Problem> {
    Problem::unless(value.is_finite() && value > 0.0, name, format!("`{name}` must be above 0"))
}

/// A number from 0 on.
pub fn at_least_zero(name: &str, value: f64) -> Option<Problem> {
    Problem::unless(value.is_finite() && value >= 0.0, name, format!("`{name}` must be at least 0"))
}

/// A whole number from 1 on.
pub fn at_least_one(name: &str, value: u64) -> Option<Problem> {
    Problem::unless(value >= 1, name, format!("`{name}` must be at least 1"))
}
