//! `run.model.representation`: what the networks make and see of a sample.

use crate::layer::LogSpectrogram;
use burn::tensor::Device;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the networks make and see. Samples themselves are in the data's format wherever they are shown, measured and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Representation {
    /// The samples themselves.
    #[default]
    Samples,
    /// Logarithms of the magnitudes of a sound's spectrogram, as an image of 128 frequencies and a window for each 128 samples
    /// (SpecGAN: Donahue et al. 2019, arXiv 1802.04208, section 3.3).
    Spectrogram,
}

impl Representation {
    pub(crate) fn is_samples(&self) -> bool {
        *self == Self::Samples
    }

    /// What networks make of samples of this format.
    pub(crate) fn of(self, format: Format) -> Format {
        match (self, format) {
            (Self::Spectrogram, Format::Audio { .. }) => Format::Image(self.shape(format.shape())),
            (_, format) => format,
        }
    }

    /// The shape of that, of samples of this shape.
    pub(crate) fn shape(self, [channels, height, width]: [usize; 3]) -> [usize; 3] {
        match self {
            Self::Samples => [channels, height, width],
            Self::Spectrogram => {
                let [bins, windows] = LogSpectrogram::size(width);
                [channels, bins, windows]
            }
        }
    }

    /// From samples to what networks see and back.
    pub(crate) fn layer(self, format: Format, device: &Device) -> Option<LogSpectrogram> {
        match (self, format) {
            (Self::Spectrogram, Format::Audio { length, .. }) => Some(LogSpectrogram::new(length, device)),
            _ => None,
        }
    }

    /// Why samples of this format have none.
    pub(crate) fn check(self, format: Format) -> Option<String> {
        let is_refused = self == Self::Spectrogram && !matches!(format, Format::Audio { .. });
        is_refused.then(|| {
            let why = format!("only sounds have a spectrogram, but the data set holds {}", format.noun());
            format!("{why}: set `model.representation: samples`")
        })
    }
}
