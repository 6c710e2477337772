//! Sounds as spectrograms and back.

use crate::ops::{Activation, convolution, joined, planes, pointwise, reshape, transposed_convolution};
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use kernels::Window;
use std::f64::consts::TAU;
use std::sync::LazyLock;

/// Samples under a window of the short-time Fourier transform.
pub(crate) const WINDOW: usize = 256;
/// Samples from one window to the next.
pub(crate) const HOP: usize = 128;
/// Frequencies: all but half the rate, which is left out so that they are as many as a power of two.
pub(crate) const BINS: usize = WINDOW / 2;
/// Added to a magnitude before its logarithm is taken.
const LOG_EPSILON: f64 = 1e-6;
/// Standard deviations that become 1; more are cut off.
pub(crate) const DEVIATIONS: f64 = 3.0;
/// Iterations of Griffin and Lim.
pub(crate) const ITERATIONS: usize = 16;
/// Below a magnitude before something is divided by it.
pub(crate) const MAGNITUDE_EPSILON: f64 = 1e-8;
/// The smallest deviation: that of a frequency that is always silent is 0.
const LEAST_DEVIATION: f64 = 1e-3;

/// Logarithms of the magnitudes of a sound's short-time Fourier transform, normalised for each frequency by mean and deviation
/// over the data, cut off at three deviations, and divided by that (SpecGAN: Donahue et al. 2019, arXiv 1802.04208, section
/// 3.3). Back again the phase is estimated by 16 iterations of Griffin and Lim (1984).
///
/// # Shapes
/// Sounds are `[batch, channels, 1, length]`, spectrograms `[batch, channels, frequencies, windows]`, low frequencies first.
/// Window i is centred on sample 128 i; beyond its ends a sound is silent.
#[derive(Module, Debug)]
pub struct LogSpectrogram {
    /// Of each frequency, `[frequencies]`.
    pub(crate) mean: Param<Tensor<1>>,
    /// Of each frequency.
    pub(crate) deviation: Param<Tensor<1>>,
    /// Samples of a sound.
    pub(crate) length: usize,
}

impl LogSpectrogram {
    /// Of sounds of so many samples, with mean 0 and deviation 1.
    pub fn new(length: usize, device: &Device) -> Self {
        // Not `Param::from_tensor`, which would ask for gradients.
        let full = |value: f32| Param::initialized(ParamId::new(), Tensor::full([BINS], value, device));
        Self { mean: full(0.0), deviation: full(1.0), length }
    }

    /// Height and width for sounds of so many samples.
    pub fn size(length: usize) -> [usize; 2] {
        [BINS, length.div_ceil(HOP)]
    }

    /// With the statistics of these sounds, `[batch, channels, 1, length]` each; as it was, if there are none.
    pub fn fitted(self, sounds: impl Iterator<Item = Tensor<4>>) -> Self {
        let mut sums = vec![[0.0f64; 2]; BINS];
        let mut count = 0;
        for sounds in sounds {
            let logarithms = logarithms(planes(sounds));
            let [batch, _, _, windows] = logarithms.dims();
            let values: Vec<f32> = logarithms.into_data().iter().collect();
            for (at, row) in values.chunks_exact(windows).enumerate() {
                let [sum, squares] = &mut sums[at % BINS];
                for value in row {
                    *sum += f64::from(*value);
                    *squares += f64::from(*value).powi(2);
                }
            }
            count += batch * windows;
        }
        if count == 0 {
            return self;
        }
        let count = count as f64;
        let mean = |[sum, _]: &[f64; 2]| sum / count;
        let deviation = |sums: &[f64; 2]| (sums[1] / count - mean(sums).powi(2)).max(0.0).sqrt().max(LEAST_DEVIATION);
        let with = |param: Param<Tensor<1>>, values: Vec<f64>| {
            param.map(|old| {
                let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
                Tensor::from_data(TensorData::new(values, [BINS]), &old.device())
            })
        };
        Self {
            mean: with(self.mean, sums.iter().map(mean).collect()),
            deviation: with(self.deviation, sums.iter().map(deviation).collect()),
            ..self
        }
    }

    /// Sounds as spectrograms, in [-1, 1].
    pub fn of(&self, sounds: Tensor<4>) -> Tensor<4> {
        let [_, channels, ..] = sounds.dims();
        let logarithms = logarithms(planes(sounds));
        let y = pointwise([logarithms, self.mean(), self.deviation()], |[x, mean, deviation]| {
            ((x - mean) / (deviation * DEVIATIONS)).clamp(-1.0, 1.0)
        });
        let [_, _, _, windows] = y.dims();
        joined(reshape(y, [1, BINS, windows]), channels)
    }

    /// Spectrograms as sounds.
    pub fn sounds(&self, spectrograms: Tensor<4>) -> Tensor<4> {
        let [_, channels, bins, windows] = spectrograms.dims();
        let x = reshape(planes(spectrograms), [bins, 1, windows]);
        let magnitudes = pointwise([x, self.mean(), self.deviation()], |[x, mean, deviation]| {
            (x * (deviation * DEVIATIONS) + mean).exp()
        });
        joined(griffin_lim(magnitudes, self.length), channels)
    }

    fn mean(&self) -> Tensor<4> {
        self.mean.val().detach().reshape([1, BINS, 1, 1])
    }

    fn deviation(&self) -> Tensor<4> {
        self.deviation.val().detach().reshape([1, BINS, 1, 1])
    }
}

/// A sound `[batch, 1, 1, length]` whose short-time transform has nearly these magnitudes `[batch, BINS, 1, windows]`: the phases
/// of what the transform of a sound is nearest to, again and again, from phases of 0 (Griffin and Lim 1984, "Signal estimation
/// from modified short-time Fourier transform").
pub(crate) fn griffin_lim(magnitudes: Tensor<4>, length: usize) -> Tensor<4> {
    let zeros = magnitudes.zeros_like();
    let start = Tensor::cat(vec![magnitudes.clone(), zeros], 1);
    let spectrum = (0..ITERATIONS).fold(start, |spectrum, _| {
        let [real, imaginary] = parts(transform(inverse(spectrum, length)));
        let scale = pointwise([magnitudes.clone(), real.clone(), imaginary.clone()], |[wanted, real, imaginary]| {
            wanted / magnitude(real, imaginary).clamp_min(MAGNITUDE_EPSILON)
        });
        let scaled = |part| pointwise([part, scale.clone()], |[part, scale]| part * scale);
        Tensor::cat(vec![scaled(real), scaled(imaginary)], 1)
    });
    inverse(spectrum, length)
}

/// ln(magnitude + ε) of sounds `[batch, 1, 1, length]`: `[batch, BINS, 1, windows]`.
fn logarithms(sounds: Tensor<4>) -> Tensor<4> {
    let parts = parts(transform(sounds));
    pointwise(parts, |[real, imaginary]| (magnitude(real, imaginary) + LOG_EPSILON).log())
}

fn magnitude(real: Tensor<4>, imaginary: Tensor<4>) -> Tensor<4> {
    (real.square() + imaginary.square()).sqrt()
}

/// Real and imaginary part.
fn parts(spectrum: Tensor<4>) -> [Tensor<4>; 2] {
    [0, BINS].map(|first| spectrum.clone().narrow(1, first, BINS))
}

/// The short-time Fourier transform of `[batch, 1, 1, length]`: real parts of all frequencies, then imaginary ones,
/// `[batch, 2 BINS, 1, windows]`. Phases are those at a window's centre.
pub(crate) fn transform(sounds: Tensor<4>) -> Tensor<4> {
    let weight = weight(&ANALYSIS, &sounds.device());
    convolution(sounds, weight, None, window(), Activation::Identity)
}

/// The sound `[batch, 1, 1, length]` whose transform is nearest to this one `[batch, 2 BINS, 1, windows]` (Griffin and Lim 1984,
/// equation 6). Where a sound ends no second window overlaps the last one, and it fades out with that.
pub(crate) fn inverse(spectrum: Tensor<4>, length: usize) -> Tensor<4> {
    let device = spectrum.device();
    let weight = weight(&SYNTHESIS, &device);
    let x = transposed_convolution(spectrum, weight, None, window(), [1, length], Activation::Identity);
    let envelope = Tensor::from_data(TensorData::new(envelope(length), [1, 1, 1, length]), &device);
    pointwise([x, envelope], |[x, envelope]| x * envelope)
}

pub(crate) fn window() -> Window {
    Window { kernel: [1, WINDOW], stride: [1, HOP], before: [0, WINDOW / 2], behind: [0, WINDOW / 2 - 1] }
}

/// One over the sum of the squared windows that overlap at each sample, but at most 2, as between two windows.
pub(crate) fn envelope(length: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; length];
    for centre in (0..length).step_by(HOP) {
        for at in 0..WINDOW {
            let place = (centre + at).checked_sub(WINDOW / 2).filter(|place| *place < length);
            place.into_iter().for_each(|place| sums[place] += hann(at).powi(2));
        }
    }
    sums.into_iter().map(|sum| (1.0 / sum.max(0.5)) as f32).collect()
}

fn weight(numbers: &[f32], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(numbers.to_vec(), [2 * BINS, 1, 1, WINDOW]), device)
}

/// Of the transform, `[2 BINS, 1, 1, WINDOW]`.
pub(crate) static ANALYSIS: LazyLock<Vec<f32>> = LazyLock::new(|| waves(|_| 1.0));

/// Of its inverse. Each frequency but 0 stands for its conjugate as well.
pub(crate) static SYNTHESIS: LazyLock<Vec<f32>> =
    LazyLock::new(|| waves(|bin| if bin == 0 { 1.0 } else { 2.0 } / WINDOW as f64));

/// Cosines of all frequencies, then minus their sines, around the window's centre, under the window.
fn waves(scale: impl Fn(usize) -> f64) -> Vec<f32> {
    let parts: [fn(f64) -> f64; 2] = [f64::cos, |angle| -angle.sin()];
    let rows = parts.into_iter().flat_map(|part| (0..BINS).map(move |bin| (part, bin)));
    let row = |(part, bin): (fn(f64) -> f64, usize)| {
        let scale = scale(bin);
        // In whole numbers, so that large angles lose nothing.
        let angle = move |at: usize| TAU * ((bin * (at + WINDOW / 2)) % WINDOW) as f64 / WINDOW as f64;
        (0..WINDOW).map(move |at| (scale * hann(at) * part(angle(at))) as f32)
    };
    rows.flat_map(row).collect()
}

/// The periodic Hann window.
fn hann(at: usize) -> f64 {
    0.5 - 0.5 * (TAU * at as f64 / WINDOW as f64).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::fixture::common::{numbers, read};
    use crate::layer::fixture::{same, sounds, tensor};

    fn sound(name: &str, device: &Device) -> Tensor<4> {
        let (shape, values) = numbers(&sounds("spectrum")[name]);
        tensor(values, [1, 1, 1, shape[0]], device)
    }

    /// `[1, BINS, 1, windows]`.
    fn part(name: &str, device: &Device) -> Tensor<4> {
        let (shape, values) = numbers(&sounds("spectrum")[name]);
        tensor(values, [1, shape[0], 1, shape[1]], device)
    }

    #[test]
    fn transform_and_inverse_are_those_of_scipy() {
        let device = Device::flex();
        let x = sound("x", &device);
        let [_, _, _, length] = x.dims();
        let spectrum = transform(x);
        let [real, imaginary] = parts(spectrum.clone());
        same("real", part("real", &device), real);
        same("imaginary", part("imaginary", &device), imaginary);
        same("inverse", sound("inverse", &device), inverse(spectrum, length));
    }

    #[test]
    fn griffin_lim_is_that_of_numpy() {
        let device = Device::flex();
        let [real, imaginary] = ["real", "imaginary"].map(|name| part(name, &device));
        let expected = sound("griffin_lim", &device);
        let length = expected.dims()[3];
        let found = griffin_lim(magnitude(real, imaginary), length);
        let largest = |x: Tensor<4>| x.abs().max().into_scalar::<f32>();
        let distance = largest(found - expected.clone()) / largest(expected);
        assert!(distance < 1e-3, "{distance}");
    }

    /// Noise whose loudness differs from sound to sound.
    fn noise(device: &Device) -> Tensor<4> {
        let values = (0..6 * 512).map(|at: usize| {
            let random = (at * at * 31 + at * 7) % 101;
            (random as f32 / 50.0 - 1.0) * 0.1 * (1 + at / 512) as f32
        });
        tensor(values.collect(), [3, 2, 1, 512], device)
    }

    /// With three times the deviation as the unit, mean and deviation are 0 and a third, but for what is cut off.
    #[test]
    fn spectrograms_are_normalised_by_the_data() {
        let device = Device::flex();
        let x = noise(&device);
        let layer = LogSpectrogram::new(512, &device);
        let layer = layer.fitted([x.clone().narrow(0, 0, 1), x.clone().narrow(0, 1, 2)].into_iter());
        let y = layer.of(x);
        assert_eq!(y.dims(), [3, 2, BINS, 4]);
        let values = read(y);
        assert!(values.iter().all(|value| value.abs() <= 1.0));
        for bin in [0, 1, 64, 127] {
            let row = |at: usize| &values[(at * BINS + bin) * 4..][..4];
            let row: Vec<f64> = (0..6).flat_map(row).map(|value| f64::from(*value)).collect();
            let mean = row.iter().sum::<f64>() / 24.0;
            let deviation = (row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 24.0).sqrt();
            assert!(mean.abs() < 0.03 && (deviation - 1.0 / 3.0).abs() < 0.03, "{bin}: {mean} {deviation}");
        }
    }

    /// Each channel of each sound comes back as what it was, as far as magnitudes say: the spectrogram of what comes back is
    /// nearly the one that it was made of, and much nearer than that of another sound.
    #[test]
    fn a_sound_comes_back_with_nearly_its_spectrogram() {
        let device = Device::flex();
        let length = 1000;
        let tone = |sound: usize| {
            (0..length).map(move |at| {
                let phase = std::f32::consts::TAU * at as f32 * (300.0 + 250.0 * sound as f32) / 8000.0;
                0.8 * phase.sin() * (-(at as f32) / 300.0).exp()
            })
        };
        let x = tensor((0..6).flat_map(tone).collect(), [3, 2, 1, length], &device);
        let layer = LogSpectrogram::new(length, &device).fitted([x.clone()].into_iter());
        let spectrograms = layer.of(x);
        let sounds = layer.sounds(spectrograms.clone());
        assert_eq!(sounds.dims(), [3, 2, 1, length]);
        let again = layer.of(sounds);
        let distance = |a: Tensor<4>, b: Tensor<4>| (a - b).abs().mean().into_scalar::<f32>();
        let same = distance(spectrograms.clone(), again.clone());
        let other = distance(spectrograms.flip([0]), again);
        assert!(same < 0.1 && same < other / 3.0, "{same} {other}");
    }

    /// A frequency that no sound has is silence, not a division by 0.
    #[test]
    fn silence_stays_finite() {
        let device = Device::flex();
        let silence = Tensor::zeros([2, 1, 1, 300], &device);
        let layer = LogSpectrogram::new(300, &device).fitted([silence.clone()].into_iter());
        let back = read(layer.sounds(layer.of(silence)));
        assert!(back.iter().all(|value| value.is_finite() && value.abs() < 1e-4), "{back:?}");
    }
}
