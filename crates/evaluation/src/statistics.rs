//! Saved statistics: what an extractor makes of a set of real samples, in a file, so that generated samples can be measured
//! without the real ones. Fréchet distance and the like then have the values that the samples would give.

use crate::cache::{opened, read_extracted, sealed, write_extracted};
use burn::tensor::Device;
use data::Samples;
use features::{Extracted, Extractor, FeatureError, Rows, extract};
use metrics::{MetricConfig, View};
use samples::Format;
use serde::{Deserialize, Serialize};

/// The first line of the file, with the number of its format.
const MARK: &[u8] = b"runner statistics 1\n";

/// Sides of images that anyone measures, in pixels.
const LARGEST: usize = 1 << 14;
/// Numbers of a sound that anyone measures.
const LONGEST: usize = 1 << 25;

/// What is known of the samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsHeader {
    /// What the samples were called.
    pub source: String,
    /// `blake3:<hex>` of the samples.
    pub fingerprint: String,
    /// How many there were.
    pub count: usize,
    /// Channels, height and width.
    pub shape: [usize; 3],
    /// Of sounds, whose width is their length: samples a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// The extractor, and `blake3:<hex>` of its definition and weights.
    pub extractor: String,
    /// The same for its hash.
    pub extractor_hash: String,
    /// The metrics that the statistics are for.
    pub metrics: Vec<String>,
}

/// Statistics of a set of images or sounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// What is known of the samples.
    pub header: StatisticsHeader,
    /// In the order of the samples.
    extracted: Extracted,
}

/// Why bytes hold no statistics. The texts are sentences without a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatisticsError {
    /// Another version wrote them.
    #[error("it holds statistics of another format than this program's, which is `runner statistics 1`")]
    Version,
    /// They were cut short or changed.
    #[error("its statistics are damaged")]
    Damaged,
}

/// Why no statistics are made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoStatistics {
    /// They are features already.
    #[error("statistics are of images and sounds, not of features")]
    Features,
    /// A metric needs the samples themselves.
    #[error("`{0}` sees the samples themselves, so no statistics replace them")]
    Metric(&'static str),
    /// The extractor takes no such samples.
    #[error(transparent)]
    Extractor(#[from] FeatureError),
}

impl Statistics {
    /// Of all samples, for these metrics.
    ///
    /// # Errors
    /// The samples are no images or sounds that the extractor takes, or a metric needs more than what it makes of them.
    pub fn of(
        source: &str,
        samples: &Samples,
        extractor: &dyn Extractor,
        metrics: &[MetricConfig],
    ) -> Result<Self, NoStatistics> {
        let (format, rate) = match samples.format() {
            Some(format @ Format::Image(_)) => (format, None),
            Some(format @ Format::Audio { rate, .. }) => (format, Some(rate)),
            _ => return Err(NoStatistics::Features),
        };
        let needs_samples = |metric: &&MetricConfig| {
            let view = metric.entry().view;
            view == View::Samples || view.is_of_classes()
        };
        if let Some(metric) = metrics.iter().find(needs_samples) {
            return Err(NoStatistics::Metric(metric.name()));
        }
        let extracted = extract(extractor, samples.values(), format, &Device::flex())?;
        let header = StatisticsHeader {
            source: source.to_owned(),
            fingerprint: samples.fingerprint(),
            count: samples.len(),
            shape: format.shape(),
            rate,
            extractor: extractor.name().to_owned(),
            extractor_hash: extractor.hash(),
            metrics: metrics.iter().map(|metric| metric.name().to_owned()).collect(),
        };
        Ok(Self { header, extracted })
    }

    /// Whether a file that begins so holds statistics of any version.
    pub fn begins(start: &[u8]) -> bool {
        start.starts_with(b"runner statistics ")
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let header = serde_json::to_vec(&self.header).expect("a header is JSON");
        let contents = [&header[..], b"\n", &write_extracted(&self.extracted)].concat();
        [MARK, &sealed(&contents)].concat()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is of another version, or is not what was written.
    pub fn read(bytes: &[u8]) -> Result<Self, StatisticsError> {
        let contents = bytes.strip_prefix(MARK).ok_or(StatisticsError::Version)?;
        let read = || {
            let contents = opened(contents)?;
            let end = contents.iter().position(|byte| *byte == b'\n')?;
            let header: StatisticsHeader = serde_json::from_slice(&contents[..end]).ok()?;
            let extracted = read_extracted(&contents[end + 1..])?;
            let parts = [Some(&extracted.features), extracted.probabilities.as_ref(), extracted.classes.as_ref()];
            let is_whole =
                |rows: &Rows| rows.width > 0 && header.count.checked_mul(rows.width) == Some(rows.values.len());
            let [channels, height, width] = header.shape;
            let is_possible = match header.rate {
                None => [1, 3].contains(&channels) && [height, width].iter().all(|side| (1..=LARGEST).contains(side)),
                Some(rate) => rate > 0 && (channels, height) == (1, 1) && (1..=LONGEST).contains(&width),
            };
            (is_possible && header.count > 0 && parts.into_iter().flatten().all(is_whole))
                .then_some(Self { header, extracted })
        };
        read().ok_or(StatisticsError::Damaged)
    }

    /// Features of a sample.
    pub fn width(&self) -> usize {
        self.extracted.features.width
    }

    /// Of the samples.
    pub fn format(&self) -> Format {
        let shape @ [channels, _, length] = self.header.shape;
        match self.header.rate {
            Some(rate) => Format::Audio { channels, length, rate },
            None => Format::Image(shape),
        }
    }

    /// What was made of the samples at these places, in their order.
    pub(crate) fn at(&self, places: &[usize]) -> Extracted {
        let chosen = |rows: &Rows| {
            let row = |place: &usize| &rows.values[place * rows.width..(place + 1) * rows.width];
            Rows { values: places.iter().flat_map(row).copied().collect(), width: rows.width }
        };
        let Extracted { features, probabilities, classes } = &self.extracted;
        Extracted {
            features: chosen(features),
            probabilities: probabilities.as_ref().map(chosen),
            classes: classes.as_ref().map(chosen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics() -> Statistics {
        let header = StatisticsHeader {
            source: "real".to_owned(),
            fingerprint: "blake3:0".to_owned(),
            count: 3,
            shape: [1, 2, 2],
            rate: None,
            extractor: "pixels".to_owned(),
            extractor_hash: "blake3:1".to_owned(),
            metrics: vec!["frechet".to_owned()],
        };
        let features = Rows { values: vec![0.5, 1.0, 2.0, -1.0, 3.0, 4.0], width: 2 };
        Statistics { header, extracted: Extracted { features, probabilities: None, classes: None } }
    }

    #[test]
    fn what_is_written_is_read_and_a_changed_byte_is_noticed() {
        let bytes = statistics().write();
        assert!(Statistics::begins(&bytes));
        assert_eq!(Statistics::read(&bytes).unwrap(), statistics());
        for at in [MARK.len(), MARK.len() + 40, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Statistics::read(&changed), Err(StatisticsError::Damaged), "{at}");
            assert_eq!(Statistics::read(&bytes[..at]), Err(StatisticsError::Damaged), "{at}");
        }
        assert_eq!(Statistics::read(b"runner statistics 2\nx"), Err(StatisticsError::Version));
        let mut sounds = statistics();
        sounds.header = StatisticsHeader { shape: [1, 1, 4], rate: Some(8_000), ..sounds.header };
        assert_eq!(Statistics::read(&sounds.write()).unwrap().format().noun(), "sounds");
        let mut lacking = statistics();
        lacking.header.count = 4;
        assert_eq!(Statistics::read(&lacking.write()), Err(StatisticsError::Damaged), "a row is missing");
    }

    #[test]
    fn rows_are_chosen_by_place() {
        assert_eq!(statistics().at(&[2, 0]).features.values, [3.0, 4.0, 0.5, 1.0]);
    }
}
