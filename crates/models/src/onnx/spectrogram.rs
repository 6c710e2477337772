//! Spectrograms to sounds: the iterations of Griffin and Lim, one after the other.

use super::graph::{Graph, Value, int};
use crate::layer::log_spectrogram::{
    ANALYSIS, BINS, DEVIATIONS, ITERATIONS, LogSpectrogram, MAGNITUDE_EPSILON, SYNTHESIS, WINDOW, envelope, window,
};
use burn::module::Param;

/// Constants of the iterations, by their names.
struct Waves {
    analysis: String,
    synthesis: String,
    envelope: String,
    smallest: String,
    length: usize,
}

impl Graph {
    pub(super) fn log_spectrogram(&mut self, layer: &LogSpectrogram, path: &str, x: &Value) -> Value {
        let [channels, bins, windows] = x.shape;
        // Each channel by itself, frequencies as channels.
        let target = self.integers(&[-1, bins as i64, 1, windows as i64]);
        let x = self.node("Reshape", &[&x.name, &target], &[]);
        let [deviation, mean] =
            [("deviation", &layer.deviation, DEVIATIONS), ("mean", &layer.mean, 1.0)].map(|(name, vector, scale)| {
                let vector = Param::initialized(vector.id, vector.val() * scale);
                self.of_channels(&format!("{path}.{name}"), &vector)
            });
        let x = self.node("Mul", &[&x, &deviation], &[]);
        let x = self.node("Add", &[&x, &mean], &[]);
        let magnitudes = self.node("Exp", &[&x], &[]);

        let shape = [2 * BINS, 1, 1, WINDOW];
        let waves = Waves {
            analysis: self.numbers("analysis", &shape, &ANALYSIS),
            synthesis: self.numbers("synthesis", &shape, &SYNTHESIS),
            envelope: self.numbers("envelope", &[layer.length], &envelope(layer.length)),
            smallest: self.number(MAGNITUDE_EPSILON as f32),
            length: layer.length,
        };
        let zero = self.number(0.0);
        let zeros = self.node("Mul", &[&magnitudes, &zero], &[]);
        let mut spectrum = self.node("Concat", &[&magnitudes, &zeros], &[int("axis", 1)]);
        for _ in 0..ITERATIONS {
            let sound = self.sound(&spectrum, windows, &waves);
            let transformed = self.convolved(&sound, &waves.analysis, None, window(), 2 * BINS, 1).name;
            let parts = [0, BINS].map(|first| self.slice(&transformed, 1, first, first + BINS));
            let squares = parts.clone().map(|part| self.node("Mul", &[&part, &part], &[]));
            let sum = self.node("Add", &[&squares[0], &squares[1]], &[]);
            let magnitude = self.node("Sqrt", &[&sum], &[]);
            let magnitude = self.node("Max", &[&magnitude, &waves.smallest], &[]);
            let scale = self.node("Div", &[&magnitudes, &magnitude], &[]);
            let scaled = parts.map(|part| self.node("Mul", &[&part, &scale], &[]));
            spectrum = self.node("Concat", &[&scaled[0], &scaled[1]], &[int("axis", 1)]);
        }
        let sound = self.sound(&spectrum, windows, &waves);
        self.reshape(&sound.name, [channels, 1, layer.length])
    }

    /// Of one channel, from its transform of so many windows.
    fn sound(&mut self, spectrum: &str, windows: usize, waves: &Waves) -> Value {
        let x = Value { name: spectrum.to_owned(), shape: [2 * BINS, 1, windows] };
        let window = window();
        let smallest = window.large([1, windows]).unwrap_or_default();
        let extra = [0, waves.length - smallest[1].min(waves.length)];
        let y = self.transposed(&x, &waves.synthesis, window, extra, 1, 1);
        self.image("Mul", &[&y.name, &waves.envelope], &[], [1, 1, waves.length])
    }
}
