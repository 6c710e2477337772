//! Images or points from NumPy's files.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::DynamicImage;
use samples::npy::{self, Numbers};

use crate::album::{Album, Pictures};
use crate::classes::classes;
use crate::dataset::Labels;
use crate::file::content::find;
use crate::file::points_file;
use crate::file::zip_file::ZipFile;
use crate::layout::{self, Layout};
use crate::options::picture_source;
use crate::picture::of_pixels;
use crate::pixel_range::{self, PixelRange};
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Fit, OnError, PassedOver, Source, Split};

const NAME: &str = "array";

const HOW_TO_GET: &str = "set `path` to a .npy file, or to a .npz file with `images` or `points`, and `labels`";

/// More is not read into memory.
const MAX_BYTES: u64 = 16 << 30;

/// Channels that images can have: the fourth is alpha.
const CHANNELS: [usize; 3] = [1, 3, 4];

picture_source! {
    /// Images or points, and optionally their labels, from NumPy's `.npy` and `.npz` files.
    uniform pub struct Array {
        /// A `.npy` file: images `[samples, height, width]`, `[samples, height, width, channels]` or
        /// `[samples, channels, height, width]`, or points `[samples, coordinates]`. Or a `.npz` file that calls them `images`
        /// or `points`, and their labels `labels`.
        pub path: PathBuf,
        /// A `.npy` file with a whole number for each sample of a `.npy` file; unlabelled by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub labels: Option<PathBuf>,
        /// `nhwc` or `nchw`; by default as the shape shows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub layout: Option<Layout>,
        /// From black to white, `[0, 1]`, `[-1, 1]` or `[0, 255]`; by default the narrowest that holds all pixels.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub range: Option<PixelRange>,
    }
}

impl Settings for Array {
    const NAME: &'static str = NAME;
}

impl Source for Array {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "images or points, and optionally their labels, from NumPy's .npy and .npz files of your own",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        let labels = self.labels.as_deref().map(absolute);
        Some(DataConfig::of(Self { path: absolute(&self.path), labels, ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        [&self.path].into_iter().chain(&self.labels).cloned().collect()
    }

    fn check(&self) -> Vec<Problem> {
        self.options().others.check()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let Arrays { samples, is_points, labels } = self.arrays()?;
        let unusable = |reason| DataError::Unusable { path: self.path.clone(), reason };
        let count = samples.shape.first().copied().unwrap_or_default();
        let labels = labels
            .map(|(path, labels)| of_labels(labels, count).map_err(|reason| DataError::Unusable { path, reason }));
        let labels = labels.transpose()?;
        if is_points {
            self.hold_out.split(self.points(samples, labels).map_err(unusable)?, split, &self.path)
        } else {
            let pictures = self.images(samples).map_err(unusable)?;
            let (place, passed_over) = (self.path.clone(), PassedOver::default());
            self.options().open(Album { name: NAME, place, pictures, labels, passed_over }, split)
        }
    }
}

/// What the files hold.
struct Arrays {
    samples: npy::Array,
    is_points: bool,
    /// And the file that they are from.
    labels: Option<(PathBuf, npy::Array)>,
}

impl Array {
    fn arrays(&self) -> Result<Arrays, DataError> {
        let path = &self.path;
        if find(std::slice::from_ref(path)).is_none() {
            return Err(DataError::Missing { name: NAME, looked_for: vec![path.clone()], how_to_get: HOW_TO_GET });
        }
        let start = files::start(path, 4).map_err(|source| DataError::Io { path: path.clone(), source })?;
        if ZipFile::starts(&start) {
            if let Some(labels) = &self.labels {
                let reason = "`labels` goes with a .npy file; a .npz file has its own".to_owned();
                return Err(DataError::Unusable { path: labels.clone(), reason });
            }
            return read_archive(path);
        }
        let samples = read_file(path)?;
        let labels = self.labels.as_ref().map(|path| Ok((path.clone(), read_file(path)?))).transpose()?;
        Ok(Arrays { is_points: samples.shape.len() == 2, samples, labels })
    }

    fn points(&self, array: npy::Array, labels: Option<Labels>) -> Result<Dataset, String> {
        let of_images = [
            ("layout", self.layout.is_some()),
            ("range", self.range.is_some()),
            ("size", self.size.is_some()),
            ("color", self.color.is_some()),
            ("fit", self.fit != Fit::default()),
            ("background", self.background.is_some()),
            ("on_error", self.on_error != OnError::default()),
        ];
        if let Some((key, _)) = of_images.into_iter().find(|(_, is_set)| *is_set) {
            return Err(format!("`{key}` is for images, and it holds points"));
        }
        let &[_, dims] = &array.shape[..] else {
            return Err(format!("the shape of its points is {:?}, not [samples, coordinates]", array.shape));
        };
        let values = match array.numbers {
            Numbers::Single(values) => values,
            Numbers::Double(values) => values.into_iter().map(|value| value as f32).collect(),
            Numbers::Bytes(values) => values.into_iter().map(f32::from).collect(),
            Numbers::Whole(values) => values.into_iter().map(|value| value as f32).collect(),
        };
        points_file::dataset(NAME, dims, values, labels)
    }

    fn images(&self, npy::Array { shape, numbers }: npy::Array) -> Result<Images, String> {
        let (layout, [channels, height, width]) = layout::of(&shape, self.layout, &CHANNELS)?;
        if shape.contains(&0) {
            return Err(format!("its shape {shape:?} holds no image"));
        }
        let [Ok(width), Ok(height)] = [width, height].map(u32::try_from) else {
            return Err(format!("its shape {shape:?} is none of images"));
        };
        let pixels = pixel_range::pixels(numbers, self.range)?;
        Ok(Images { path: self.path.clone(), layout, channels, height, width, pixels })
    }
}

fn read_file(path: &Path) -> Result<npy::Array, DataError> {
    let bytes = files::read(path, MAX_BYTES).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    read(&bytes, path)
}

fn read(bytes: &[u8], path: &Path) -> Result<npy::Array, DataError> {
    npy::read(bytes).map_err(|error| DataError::Unusable { path: path.to_owned(), reason: error.to_string() })
}

/// `numpy.savez` writes a `.npy` file for each array.
fn read_archive(path: &Path) -> Result<Arrays, DataError> {
    let archive = ZipFile::open(path)?;
    let array = |key: &str| {
        let index = archive.find(&format!("{key}.npy"));
        index
            .map(|index| Ok((archive.place(index), read(&archive.read_array(index)?, &archive.place(index))?)))
            .transpose()
    };
    let (images, points) = (array("images")?, array("points")?);
    let is_points = points.is_some();
    let samples = match (images, points) {
        (Some((_, samples)), None) | (None, Some((_, samples))) => samples,
        (found, _) => {
            let keys: Vec<&str> = archive.names().map(|(_, name)| name.trim_end_matches(".npy")).take(8).collect();
            let found = if found.is_some() { "both" } else { "neither" };
            let reason = format!(
                "of the keys `images` and `points` it holds {found}, and it needs one; its keys are {}",
                keys.join(", ")
            );
            return Err(DataError::Unusable { path: path.to_owned(), reason });
        }
    };
    Ok(Arrays { samples, is_points, labels: array("labels")? })
}

/// `[samples]` or `[samples, 1]` whole numbers.
fn of_labels(npy::Array { shape, numbers }: npy::Array, count: usize) -> Result<Labels, String> {
    if !matches!(shape[..], [_] | [_, 1]) {
        return Err(format!("the shape of its labels is {shape:?}, not [samples]"));
    }
    if shape[0] != count {
        return Err(format!("its {} labels are not one for each of {count} samples", shape[0]));
    }
    let whole = |value: &f64| (value.fract() == 0.0 && value.abs() < 1e15).then_some(*value as i64);
    let labels: Option<Vec<i64>> = match numbers {
        Numbers::Whole(numbers) => Some(numbers),
        Numbers::Bytes(numbers) => Some(numbers.into_iter().map(i64::from).collect()),
        Numbers::Single(numbers) => numbers.into_iter().map(|value| whole(&value.into())).collect(),
        Numbers::Double(numbers) => numbers.iter().map(whole).collect(),
    };
    classes(&labels.ok_or("its labels are no whole numbers")?)
}

/// Images of an array.
struct Images {
    path: PathBuf,
    layout: Layout,
    channels: usize,
    height: u32,
    width: u32,
    pixels: Vec<u8>,
}

impl Images {
    fn values(&self) -> usize {
        self.channels * self.height as usize * self.width as usize
    }
}

impl Pictures for Images {
    fn len(&self) -> usize {
        self.pixels.len() / self.values()
    }

    fn place(&self, index: usize) -> PathBuf {
        self.path.join(index.to_string())
    }

    fn read(&self, index: usize) -> Result<DynamicImage, DataError> {
        let image = &self.pixels[index * self.values()..(index + 1) * self.values()];
        let pixels = match self.layout {
            Layout::Nhwc => image.to_vec(),
            Layout::Nchw => {
                let plane = self.values() / self.channels;
                (0..self.values()).map(|at| image[at % self.channels * plane + at / self.channels]).collect()
            }
        };
        let image = of_pixels(self.width, self.height, self.channels, pixels);
        image.map_err(|reason| DataError::Unusable { path: self.place(index), reason })
    }
}
