//! What each update rule remembers of a weight, and under which names.

use kernels::{Adam, AdamW, RmsProp, Sgd};

/// An update rule on plain slices.
pub(super) trait Rule: Clone + Send + Sync + 'static {
    /// Names of the number of updates done, where it is remembered, and of each tensor that may be, as Burn's own optimizer
    /// has them in its records.
    const TIME: Option<&'static str>;
    /// See [`Rule::TIME`].
    const MOMENTS: &'static [&'static [&'static str]];

    /// How many of [`Rule::MOMENTS`] it needs, from the first.
    fn moments(&self) -> usize;

    /// Update number `time`, from 1.
    fn update(&self, lr: f64, time: usize, weight: &mut [f32], gradient: &[f32], moments: &mut [&mut [f32]]);
}

impl Rule for Adam {
    const TIME: Option<&'static str> = Some("momentum.time");
    const MOMENTS: &'static [&'static [&'static str]] = &[&["momentum.moment_1"], &["momentum.moment_2"]];

    fn moments(&self) -> usize {
        2
    }

    fn update(&self, lr: f64, time: usize, weight: &mut [f32], gradient: &[f32], moments: &mut [&mut [f32]]) {
        let [mean, square] = moments else { unreachable!("it needs two") };
        self.update(lr, time as i32, weight, gradient, mean, square);
    }
}

impl Rule for AdamW {
    const TIME: Option<&'static str> = Adam::TIME;
    const MOMENTS: &'static [&'static [&'static str]] = Adam::MOMENTS;

    fn moments(&self) -> usize {
        2
    }

    fn update(&self, lr: f64, time: usize, weight: &mut [f32], gradient: &[f32], moments: &mut [&mut [f32]]) {
        let [mean, square] = moments else { unreachable!("it needs two") };
        self.update(lr, time as i32, weight, gradient, mean, square);
    }
}

impl Rule for RmsProp {
    const TIME: Option<&'static str> = None;
    // What Burn centres by is, where it does not, the mean of squares once more.
    const MOMENTS: &'static [&'static [&'static str]] =
        &[&["square_avg.square_avg", "centered.avg"], &["momentum.buf"]];

    fn moments(&self) -> usize {
        if self.momentum > 0.0 { 2 } else { 1 }
    }

    fn update(&self, lr: f64, _time: usize, weight: &mut [f32], gradient: &[f32], moments: &mut [&mut [f32]]) {
        let [square, last @ ..] = moments else { unreachable!("it needs one") };
        self.update(lr, weight, gradient, square, last.first_mut().map(|last| &mut **last));
    }
}

impl Rule for Sgd {
    const TIME: Option<&'static str> = None;
    const MOMENTS: &'static [&'static [&'static str]] = &[&["momentum.velocity"]];

    fn moments(&self) -> usize {
        usize::from(self.momentum > 0.0)
    }

    fn update(&self, lr: f64, _time: usize, weight: &mut [f32], gradient: &[f32], moments: &mut [&mut [f32]]) {
        self.update(lr, weight, gradient, moments.first_mut().map(|last| &mut **last));
    }
}
