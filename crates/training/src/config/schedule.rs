//! Learning rates over a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A factor on the learning rate. Written as a word or as `{ kind: linear, warmup: 100, to: 0.1 }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// 1 throughout.
    // Braces make `deny_unknown_fields` hold: serde lets a unit variant of a tagged enum take any key.
    Constant {},
    /// Falls along a line.
    Linear(Decay),
    /// Falls along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5).
    Cosine(Decay),
}

/// Where a falling schedule starts and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Decay {
    /// Steps that first rise in a line to 1.
    pub warmup: u64,
    /// The factor that the last step would be followed by.
    pub to: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Constant {}
    }
}

impl Schedule {
    /// Factor at step `step` (from 0) of `steps`.
    pub fn factor(self, step: u64, steps: u64) -> f64 {
        match self {
            Self::Constant {} => 1.0,
            Self::Linear(decay) => decay.factor(step, steps, |progress| 1.0 - progress),
            Self::Cosine(decay) => {
                decay.factor(step, steps, |progress| 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()))
            }
        }
    }
}

impl Decay {
    fn factor(self, step: u64, steps: u64, shape: impl Fn(f64) -> f64) -> f64 {
        if step < self.warmup {
            return (step + 1) as f64 / (self.warmup + 1) as f64;
        }
        let progress = (step - self.warmup) as f64 / steps.saturating_sub(self.warmup).max(1) as f64;
        self.to + (1.0 - self.to) * shape(progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_at_known_steps() {
        let check = |schedule: Schedule, step, expected: f64| {
            let found = schedule.factor(step, 100);
            assert!((found - expected).abs() < 1e-12, "{schedule:?} at {step}: {found}, expected {expected}");
        };
        check(Schedule::Constant {}, 99, 1.0);
        let decay = Decay { warmup: 0, to: 0.0 };
        check(Schedule::Linear(decay), 0, 1.0);
        check(Schedule::Linear(decay), 75, 0.25);
        check(Schedule::Cosine(decay), 50, 0.5);
        let decay = Decay { warmup: 20, to: 0.5 };
        check(Schedule::Linear(decay), 0, 1.0 / 21.0);
        check(Schedule::Linear(decay), 19, 20.0 / 21.0);
        check(Schedule::Linear(decay), 20, 1.0);
        check(Schedule::Linear(decay), 60, 0.75);
    }
}
