//! The samples of a split that are translated for an evaluation.

use data::Dataset;
use samples::Format;

/// Samples to translate, in the order in which what is made of them is measured.
pub struct Inputs {
    /// `[count, channels, height, width]`, row-major.
    pub values: Vec<f32>,
    /// Of each.
    pub format: Format,
    /// The class of each, where they are known.
    pub classes: Option<Vec<u16>>,
    /// Input i belongs to real sample i of the split.
    pub is_paired: bool,
}

impl Inputs {
    /// The first `count` in the data set's random order, from the first again where there are fewer; `None` where there is
    /// nothing to translate.
    pub(crate) fn of(dataset: &Dataset, count: usize, order: impl Fn(usize) -> Vec<usize>) -> Option<Self> {
        let input = dataset.input().filter(|input| !input.is_empty())?;
        let chosen: Vec<usize> = order(input.len()).into_iter().cycle().take(count).collect();
        let mut values = Vec::new();
        input.read_into(&chosen, &mut values);
        let classes = dataset.input_labels().map(|labels| chosen.iter().map(|index| labels[*index]).collect());
        Some(Self { values, format: input.format(), classes, is_paired: dataset.is_paired() })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.format.values()
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
