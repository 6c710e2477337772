//! The network of the Fréchet Inception Distance as pytorch-fid 0.3.0 has it: TensorFlow's Inception of 2015 (Szegedy et
//! al. 2016), whose last pooling gives 2048 features. Its weights are in a file that the user names and this project has not.

mod file;
mod layers;
mod network;
mod resize;
#[cfg(test)]
mod tests;

use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use burn::tensor::Tensor;
use models::Weights;
use network::Network;
use samples::Format;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Features of an image.
const WIDTH: usize = 2048;
/// Images that pass through the network at once: the first layers make 11 MB of each.
const BATCH: usize = 16;

/// Changes whenever the network computes something else from the same weights.
const DEFINITION: &str = "inception 1: pytorch-fid 0.3.0, bilinear 299x299, pool 3";

/// Where pytorch-fid's file is published. PyTorch puts the first digits of a file's SHA-256 into its name.
const PUBLISHED: &str = "pt_inception-2015-12-05-6726825d.pth";
const PUBLISHED_SHA_256: &str = "6726825d";

/// The network with the weights of a file.
pub struct Inception {
    file: PathBuf,
    digest: String,
    sha_256: String,
    network: Network,
}

/// Why a file's weights cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct InceptionError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, as a fragment.
    pub what: String,
}

type Found = Result<&'static Inception, InceptionError>;

/// What was found of each file: 96 MB are read once in a process, and kept to its end.
static OPENED: Mutex<BTreeMap<PathBuf, Found>> = Mutex::new(BTreeMap::new());

impl Inception {
    /// Its name in files and on the command line.
    pub const NAME: &str = "inception";

    /// Reads a PyTorch file (`.pth`) or a safetensors file with pytorch-fid's names; `digest` is what its bytes must be, if
    /// that is known.
    ///
    /// # Errors
    /// It cannot be read, is another one, or lacks a weight.
    pub fn open(file: &Path, digest: Option<&str>) -> Found {
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || Self::read(file).map(|found| &*Box::leak(Box::new(found)));
        let found = opened.entry(file.to_owned()).or_insert_with(read).clone()?;
        match digest.filter(|digest| *digest != found.digest) {
            Some(digest) => Err(wrong(file, format!("is {}, not {digest}", found.digest))),
            None => Ok(found),
        }
    }

    /// As [`open`](Self::open), without keeping it.
    ///
    /// # Errors
    /// It cannot be read, or lacks a weight.
    pub fn read(file: &Path) -> Result<Self, InceptionError> {
        let file::Weights { mut tensors, digest, sha_256 } = file::read(file)?;
        let mut take = |name: &str, shape: &[usize]| match tensors.remove(name) {
            Some((found, values)) if found == shape => Ok(values),
            Some((found, _)) => Err(format!("`{name}` is {found:?}, not {shape:?}")),
            None => Err(format!("`{name}` is missing: these are not the weights of pytorch-fid's Inception")),
        };
        let network = Network::new(&mut take).map_err(|what| wrong(file, what))?;
        Ok(Self { file: file.to_owned(), digest, sha_256, network })
    }

    /// The file, good for any working directory, with its digest.
    pub fn weights(&self) -> Weights {
        let file = std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone());
        Weights { file, digest: Some(self.digest.clone()) }
    }

    /// Why distances of these features are not those that are published as FID, if the file is another one.
    pub fn stranger(&self) -> Option<String> {
        let found = &self.sha_256[..PUBLISHED_SHA_256.len()];
        (found != PUBLISHED_SHA_256).then(|| {
            format!(
                "{} is not {PUBLISHED} of pytorch-fid (its SHA-256 begins with {found}): distances are not comparable with published FIDs",
                self.file.display()
            )
        })
    }

    /// The form of what it makes of an image, whatever the weights.
    ///
    /// # Errors
    /// Images of other than 1 or 3 channels.
    pub fn blank(format: Format) -> Result<Extracted, FeatureError> {
        let features = Rows { values: vec![0.0; WIDTH], width: WIDTH };
        match format {
            Format::Image([1 | 3, ..]) => Ok(Extracted { features, ..Extracted::default() }),
            found => {
                Err(FeatureError::Format { extractor: Self::NAME, wanted: "1 x H x W or 3 x H x W images", found })
            }
        }
    }
}

impl Extractor for Inception {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn about(&self) -> &'static str {
        "2048 features of pytorch-fid's Inception, from a file"
    }

    fn hash(&self) -> String {
        format!("blake3:{}", blake3::hash(format!("{DEFINITION}\n{}", self.digest).as_bytes()).to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        Self::blank(format).map(|blank| blank.features.width)
    }

    fn extract(&self, images: Tensor<4>, _: Format) -> Extracted {
        let [count, _, height, width] = images.dims();
        let (network, device) = (self.network.on(&images.device()), images.device());
        let resize = resize::Bilinear::new([height, width], &device);
        let of_batch = |first: usize| {
            let images = images.clone().narrow(0, first, BATCH.min(count - first));
            // Grey images become three equal channels.
            let images = resize.resize(images).expand([-1, 3, -1, -1]);
            network.features(images)
        };
        let features = Tensor::cat((0..count).step_by(BATCH).map(of_batch).collect(), 0);
        Extracted { features: Rows::of(features), ..Extracted::default() }
    }
}

fn wrong(path: &Path, what: impl Into<String>) -> InceptionError {
    InceptionError { path: path.to_owned(), what: what.into() }
}
