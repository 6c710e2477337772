//! A data set. Knows nothing of files.

use std::fmt;
use std::sync::{Arc, OnceLock};

use samples::{Domain, Format};

use crate::Sizes;
use crate::fingerprint::Fingerprint;
use crate::passed_over::PassedOver;
use crate::set::{Set, Values};
use crate::sound::recordings::Recorded;

/// Which part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// What networks are trained on.
    Train,
    /// What is held out; empty for a data set that holds nothing out.
    Test,
}

/// A data set: samples of one format, in memory or on disk, optionally a label for each, optionally samples of another format that
/// they are to be generated from.
#[derive(Clone)]
pub struct Dataset {
    name: &'static str,
    output: Set,
    labels: Option<Labels>,
    input: Option<Input>,
    passed_over: PassedOver,
    sizes: Option<Sizes>,
    recorded: Option<Recorded>,
    held_out: Option<Arc<Dataset>>,
    fingerprint: OnceLock<String>,
}

/// A class for each sample, and what the classes are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Position of the sample's class among the names.
    pub of_samples: Vec<u16>,
    /// By class: its number in the data set, or the name of its folder. A split need not have a sample of each.
    pub names: Vec<String>,
}

impl Labels {
    /// Classes that are called `0`, `1` ... as their positions are.
    pub fn numbered(of_samples: Vec<u16>, classes: usize) -> Labels {
        Labels { of_samples, names: (0..classes).map(|class| class.to_string()).collect() }
    }

    /// The same classes without a sample.
    pub(crate) fn without_samples(self) -> Labels {
        Labels { of_samples: Vec::new(), ..self }
    }
}

#[derive(Clone)]
struct Input {
    samples: Set,
    paired: bool,
    /// A class for each, where they are not those of the samples.
    labels: Option<Vec<u16>>,
}

impl Dataset {
    /// `name` is the data set's in the experiment file.
    ///
    /// # Panics
    /// If `values` are not whole samples, or labels not one for each.
    pub fn new(name: &'static str, format: Format, values: Values, labels: Option<Labels>) -> Dataset {
        Dataset::of(name, Set::new(format, values), labels)
    }

    /// Of samples in memory or on disk.
    pub(crate) fn of(name: &'static str, output: Set, labels: Option<Labels>) -> Dataset {
        assert!(labels.iter().all(|labels| labels.of_samples.len() == output.len()), "a label for each sample");
        let (passed_over, fingerprint) = (PassedOver::default(), OnceLock::new());
        let (sizes, recorded, held_out) = (None, None, None);
        Dataset { name, output, labels, input: None, passed_over, sizes, recorded, held_out, fingerprint }
    }

    /// The same, whose fingerprint was made while it was read.
    pub(crate) fn with_fingerprint(self, fingerprint: String) -> Dataset {
        Dataset { fingerprint: OnceLock::from(fingerprint), ..self }
    }

    /// The same with samples to generate from: the input of sample i is `input`'s sample i where they are `paired`, else
    /// none in particular.
    ///
    /// # Panics
    /// If they are paired and not as many.
    pub fn with_input(self, input: Set, paired: bool) -> Dataset {
        assert!(!paired || input.len() == self.output.len(), "an input sample for each sample");
        let input = Input { samples: input, paired, labels: None };
        Dataset { input: Some(input), fingerprint: OnceLock::new(), ..self }
    }

    /// The same, with these classes of the input samples. No network sees them: a metric measures whether they are kept.
    ///
    /// # Panics
    /// If they are not one for each input sample, or the data set has no classes.
    pub fn with_input_labels(mut self, labels: Vec<u16>) -> Dataset {
        let (classes, input) = (self.classes().expect("classes"), self.input.as_mut().expect("input samples"));
        assert_eq!(labels.len(), input.samples.len(), "a label for each input sample");
        assert!(labels.iter().all(|label| usize::from(*label) < classes), "labels of the data set's classes");
        input.labels = Some(labels);
        Dataset { fingerprint: OnceLock::new(), ..self }
    }

    /// The same, made of files among which these were no samples.
    pub(crate) fn with_passed_over(self, passed_over: PassedOver) -> Dataset {
        Dataset { passed_over, ..self }
    }

    /// The same, made of pictures of these sizes.
    pub(crate) fn with_sizes(self, sizes: Option<Sizes>) -> Dataset {
        Dataset { sizes, ..self }
    }

    /// The same, made of such recordings.
    pub(crate) fn with_recorded(self, recorded: Option<Recorded>) -> Dataset {
        Dataset { recorded, ..self }
    }

    /// The same, whose test split was read along with it.
    pub(crate) fn with_held_out(self, held_out: Arc<Dataset>) -> Dataset {
        Dataset { held_out: Some(held_out), ..self }
    }

    /// The same, with a test split that was read from other files: its contents are part of the fingerprint.
    pub(crate) fn with_test_files(self, test: Arc<Dataset>) -> Dataset {
        let both = [self.fingerprint(), test.fingerprint()].concat();
        let fingerprint = format!("blake3:{}", blake3::hash(both.as_bytes()).to_hex());
        self.with_held_out(test).with_fingerprint(fingerprint)
    }

    /// Some of the samples, with their own input samples; with all of them where they are not paired.
    pub(crate) fn only(&self, indices: &[usize]) -> Dataset {
        let labels = self.labels.as_ref().map(|Labels { of_samples, names }| {
            let of_samples = indices.iter().map(|index| of_samples[*index]).collect();
            Labels { of_samples, names: names.clone() }
        });
        let input = self.input.as_ref().map(|input| match input.paired {
            true => Input { samples: input.samples.only(indices), paired: true, labels: None },
            false => input.clone(),
        });
        let only = Dataset::of(self.name, self.output.only(indices), labels)
            .with_passed_over(self.passed_over.clone())
            .with_sizes(self.sizes)
            .with_recorded(self.recorded.clone());
        Dataset { input, ..only }
    }

    /// Its name in the experiment file.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Of each sample.
    pub fn format(&self) -> Format {
        self.output.format()
    }

    /// What a model has to know of it.
    pub fn domain(&self) -> Domain {
        let input = self.input().map(Set::format);
        Domain { output: self.format(), input, paired: self.is_paired(), classes: self.classes() }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.output.len()
    }

    /// No samples: the test split of a data set that holds nothing out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[len]` labels, each below [`classes`](Self::classes), if the data set is labelled.
    pub fn labels(&self) -> Option<&[u16]> {
        self.labels.as_ref().map(|labels| labels.of_samples.as_slice())
    }

    /// Number of classes, if the data set is labelled.
    pub fn classes(&self) -> Option<usize> {
        self.class_names().map(<[String]>::len)
    }

    /// The class of a sample; 0 if the data set is not labelled.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub(crate) fn class(&self, index: usize) -> usize {
        self.labels().map_or(0, |labels| usize::from(labels[index]))
    }

    /// What the classes are called, if the data set is labelled.
    pub fn class_names(&self) -> Option<&[String]> {
        self.labels.as_ref().map(|labels| labels.names.as_slice())
    }

    /// As [`class_names`](Self::class_names); none if the classes are called `0`, `1` ... as their positions are.
    pub fn named_classes(&self) -> &[String] {
        let names = self.class_names().unwrap_or_default();
        let is_numbered = names.iter().enumerate().all(|(class, name)| *name == class.to_string());
        if is_numbered { &[] } else { names }
    }

    /// `[input samples]` labels, each below [`classes`](Self::classes), if they are known: those of the samples where they are
    /// paired.
    pub fn input_labels(&self) -> Option<&[u16]> {
        let input = self.input.as_ref()?;
        if input.paired { self.labels() } else { input.labels.as_deref() }
    }

    /// The samples themselves.
    pub fn output(&self) -> &Set {
        &self.output
    }

    /// Samples to generate from, if there are any.
    pub fn input(&self) -> Option<&Set> {
        self.input.as_ref().map(|input| &input.samples)
    }

    /// Whether input sample i belongs to sample i.
    pub fn is_paired(&self) -> bool {
        self.input.as_ref().is_some_and(|input| input.paired)
    }

    /// One image, `[channel][row][column]`, 0 black, 255 white.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len), or if the samples are no bytes in memory.
    pub fn image(&self, index: usize) -> &[u8] {
        self.output.bytes(index).unwrap_or_else(|| panic!("{} holds no pixels in memory", self.name))
    }

    /// Appends the samples at `indices` to `out`, as [`Set::read_into`] does.
    ///
    /// # Shapes
    /// - appends `[indices, channels, height, width]`, row-major
    ///
    /// # Panics
    /// If an index is not below [`len`](Self::len).
    pub fn read_into(&self, indices: &[usize], out: &mut Vec<f32>) {
        self.output.read_into(indices, out);
    }

    /// What else the files held that it was made of.
    pub fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }

    /// How large the pictures were that it was made of, of both splits.
    pub fn sizes(&self) -> Option<Sizes> {
        self.sizes
    }

    /// What the recordings were that it was made of, of both splits.
    pub fn recorded(&self) -> Option<&Recorded> {
        self.recorded.as_ref()
    }

    /// The test split of one's own data, if this is the training split: empty where nothing is held out.
    pub fn held_out(&self) -> Option<&Arc<Dataset>> {
        self.held_out.as_ref()
    }

    /// Of a sample's values alone.
    pub(crate) fn sample_hash(&self, index: usize) -> blake3::Hash {
        self.output.hash(index)
    }

    /// `blake3:<hex>` of shape, values, labels and input samples: the identity of the contents, whatever the data set's
    /// name, the files' names or their compression.
    pub fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| fingerprint(&self.output, self.labels.as_ref(), self.input.as_ref()))
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("name", &self.name)
            .field("format", &self.format())
            .field("len", &self.len())
            .field("classes", &self.classes())
            .field("input", &self.input().map(Set::format))
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

fn fingerprint(output: &Set, labels: Option<&Labels>, input: Option<&Input>) -> String {
    let mut fingerprint = Fingerprint::new(output.format(), output.len(), labels.is_some());
    output.each_bytes(|bytes| fingerprint.bytes(bytes));
    labels.into_iter().for_each(|labels| fingerprint.labels(labels));
    if let Some(Input { samples, paired, labels: of_input }) = input {
        fingerprint.input(samples, *paired);
        let of_input = of_input.iter().flat_map(|labels| labels.iter().flat_map(|label| label.to_le_bytes()));
        fingerprint.bytes(&Vec::from_iter(of_input));
    }
    fingerprint.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format = Format::Image([1, 1, 3]);

    fn dataset(pixels: &[u8], labels: Option<&[u16]>) -> Dataset {
        let labels = labels.map(|labels| Labels::numbered(labels.to_vec(), 10));
        Dataset::new("tiny", FORMAT, Values::Bytes(pixels.to_vec()), labels)
    }

    #[test]
    fn pixels_are_mapped_to_minus_one_and_one() {
        let dataset = dataset(&[0, 51, 255, 102, 153, 204], None);
        let mut out = vec![7.0];
        dataset.read_into(&[1, 0, 1], &mut out);
        let expected = [7.0, -0.2, 0.2, 0.6, -1.0, -0.6, 1.0, -0.2, 0.2, 0.6];
        assert_eq!(out.len(), expected.len());
        assert_eq!([out[4], out[6]], [-1.0, 1.0], "the ends are exact");
        for (out, expected) in out.iter().zip(expected) {
            assert!((out - expected).abs() < 1e-6, "{out} is not {expected}");
        }
    }

    #[test]
    fn images_are_slices_in_order() {
        let dataset = dataset(&[1, 2, 3, 4, 5, 6], Some(&[3, 9]));
        assert_eq!((dataset.len(), dataset.image(1)), (2, [4, 5, 6].as_slice()));
        assert_eq!((dataset.labels(), dataset.classes()), (Some([3, 9].as_slice()), Some(10)));
    }

    #[test]
    fn points_are_read_as_they_are_and_stand_in_the_fingerprint() {
        let points = |coordinates: [f32; 4]| {
            let labels = Labels::numbered(vec![0, 1], 2);
            let format = Format::Points { dims: 2, extent: 1.5 };
            Dataset::new("tiny", format, Values::Numbers(coordinates.to_vec()), Some(labels))
        };
        let base = points([-4.0, 0.01, 1e-7, 3.5]);
        let mut out = Vec::new();
        base.read_into(&[1, 0], &mut out);
        assert_eq!(out, [1e-7, 3.5, -4.0, 0.01]);
        assert_eq!(base.len(), 2);
        assert_eq!(base.fingerprint(), points([-4.0, 0.01, 1e-7, 3.5]).fingerprint());
        assert_ne!(base.fingerprint(), points([-4.0, 0.01, 2e-7, 3.5]).fingerprint());
    }

    #[test]
    fn fingerprint_covers_format_pixels_and_labels() {
        let base = dataset(&[1, 2, 3], Some(&[4]));
        assert_eq!(base.fingerprint(), dataset(&[1, 2, 3], Some(&[4])).fingerprint());
        let new = |format| {
            let labels = Labels::numbered(vec![4], 10);
            Dataset::new("tiny", format, Values::Bytes(vec![1, 2, 3]), Some(labels))
        };
        assert_eq!(base.fingerprint(), new(FORMAT).fingerprint());
        let others = [
            dataset(&[1, 2, 4], Some(&[4])),
            dataset(&[1, 2, 3], Some(&[5])),
            dataset(&[1, 2, 3], None),
            new(Format::Image([1, 3, 1])),
            new(Format::Audio { channels: 1, length: 3, rate: 8000 }),
            new(Format::Video { frames: 1, image: [1, 1, 3], fps: 8 }),
        ];
        for other in others {
            assert_ne!(base.fingerprint(), other.fingerprint());
        }
    }

    #[test]
    fn input_samples_stand_beside_the_samples_and_in_the_fingerprint() {
        let input =
            |values: &[f32], extent| Set::new(Format::Points { dims: 2, extent }, Values::Numbers(values.to_vec()));
        let base = dataset(&[1, 2, 3, 4, 5, 6], None);
        assert_eq!((base.input().map(Set::len), base.is_paired()), (None, false));
        let paired = base.clone().with_input(input(&[0.5, -0.5, 2.0, 3.0], 4.0), true);
        let (mut out, found) = (Vec::new(), paired.input().unwrap());
        found.read_into(&[1], &mut out);
        assert_eq!((out, paired.is_paired()), (vec![2.0, 3.0], true));
        assert_eq!((paired.len(), paired.image(1)), (2, [4, 5, 6].as_slice()));
        let unpaired = base.clone().with_input(input(&[0.5, -0.5, 2.0, 3.0, 1.0, 1.0], 4.0), false);
        assert_eq!((unpaired.input().map(Set::len), unpaired.is_paired()), (Some(3), false));
        let others = [
            base.clone(),
            base.clone().with_input(input(&[0.5, -0.5, 2.0, 3.0], 4.0), false),
            base.with_input(input(&[0.5, -0.5, 2.0, 3.5], 4.0), true),
        ];
        assert!(others.iter().all(|other| other.fingerprint() != paired.fingerprint()));
    }

    #[test]
    #[should_panic = "an input sample for each sample"]
    fn pairs_are_as_many_as_samples() {
        let points = Set::new(Format::Points { dims: 2, extent: 1.0 }, Values::Numbers(vec![0.0; 2]));
        let _ = dataset(&[1, 2, 3, 4, 5, 6], None).with_input(points, true);
    }
}
