//! Stacked MNIST (Metz et al. 2017, section 3.3.1; PacGAN, Lin et al. 2018): three digits in the three channels of an
//! image, so that there are 1,000 modes to count. Made from `mnist-10k`'s splits.

use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::source::mnist_10k;
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "stacked-mnist";

/// The largest `count`: 2.4 GB.
const MAX_IMAGES: usize = 1_000_000;

const CHANNELS: usize = 3;
const CLASSES: usize = 1_000;

/// Three digits in the channels of an image (Metz et al. 2017): 1,000 modes, made of `mnist-10k`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackedMnist {
    /// Images to train on, up to a million; a tenth as many are held out.
    #[serde(default = "default_count")]
    pub count: usize,
}

impl Settings for StackedMnist {
    const NAME: &'static str = NAME;
}

impl Source for StackedMnist {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "three digits of mnist-10k in the channels of an image, 28 x 28, 1,000 classes: to count lost modes",
            licence: "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher J. C. Burges)",
            how_to_get: "nothing to do: it is made by this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        let message = format!("{} images are not within 1 and {MAX_IMAGES}", self.count);
        Problem::unless((1..=MAX_IMAGES).contains(&self.count), "count", message).into_iter().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        open(self.count, split)
    }
}

/// Each image has three digits drawn evenly and independently; the same ones for every `count`. The class of digits
/// `a`, `b`, `c` is `100 a + 10 b + c`. A tenth of `count` is held out, made of held-out digits.
pub(crate) fn open(count: usize, split: Split) -> Result<Dataset, DataError> {
    let digits = mnist_10k::open(split)?;
    let classes = digits.labels().expect("digits are labelled");
    let (purpose, count) = match split {
        Split::Train => ("train", count),
        Split::Test => ("test", count / 10),
    };
    let [_, height, width] = digits.format().shape();
    let format = Format::Image([CHANNELS, height, width]);
    let mut pixels = Vec::with_capacity(count * format.values());
    let mut of_samples = Vec::with_capacity(count);
    for image in 0..count {
        let drawn = draw(purpose, image, digits.len());
        drawn.iter().for_each(|digit| pixels.extend_from_slice(digits.image(*digit)));
        of_samples.push(drawn.iter().fold(0, |class, digit| 10 * class + classes[*digit]));
    }
    Ok(Dataset::new(NAME, format, Values::Bytes(pixels), Some(Labels::numbered(of_samples, CLASSES))))
}

/// As many as PacGAN has (Lin et al. 2018).
fn default_count() -> usize {
    128_000
}

/// Three numbers below `bound`, from a hash of what they are for.
fn draw(purpose: &str, image: usize, bound: usize) -> [usize; CHANNELS] {
    let mut bytes = [0; 8 * CHANNELS];
    let mut hasher = blake3::Hasher::new();
    hasher.update(NAME.as_bytes()).update(purpose.as_bytes()).update(&(image as u64).to_le_bytes());
    hasher.finalize_xof().fill(&mut bytes);
    let word = |channel: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * channel + byte]));
    // Of 2^64 values the rest of the division favours none of a few thousand by more than 1e-15.
    std::array::from_fn(|channel| (word(channel) % bound as u64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_the_digits_of_the_class() {
        let digits = mnist_10k::open(Split::Train).unwrap();
        let stacked = open(50, Split::Train).unwrap();
        assert_eq!((stacked.len(), stacked.classes(), stacked.format()), (50, Some(1000), Format::Image([3, 28, 28])));
        for image in 0..50 {
            let class = stacked.labels().unwrap()[image];
            for (channel, pixels) in stacked.image(image).chunks(28 * 28).enumerate() {
                let digit = (0..digits.len()).find(|digit| digits.image(*digit) == pixels).unwrap();
                assert_eq!(digits.labels().unwrap()[digit], class / [100, 10, 1][channel] % 10);
            }
        }
    }

    #[test]
    fn every_mode_has_its_share_and_fewer_images_are_the_first_of_more() {
        let count = 20_000;
        let stacked = open(count, Split::Train).unwrap();
        let mut shares = vec![0; CLASSES];
        stacked.labels().unwrap().iter().for_each(|class| shares[usize::from(*class)] += 1);
        // Poisson of mean 20; the rarest digits make modes of half of it.
        assert!(shares.iter().all(|share| (2..60).contains(share)), "{shares:?}");
        let few = open(7, Split::Train).unwrap();
        assert!((0..7).all(|image| few.image(image) == stacked.image(image)));
    }

    #[test]
    fn held_out_images_are_made_of_held_out_digits() {
        let (train, test) = (mnist_10k::open(Split::Train).unwrap(), open(100, Split::Test).unwrap());
        assert_eq!(test.len(), 10);
        let held_out = |pixels: &[u8]| (0..train.len()).all(|digit| train.image(digit) != pixels);
        assert!((0..10).all(|image| test.image(image).chunks(28 * 28).all(held_out)));
    }
}
