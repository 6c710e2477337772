//! Pictures in a column of Parquet files, as hubs of data sets ship them: `struct { bytes, path }` or bytes, and perhaps a
//! column of labels.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::DynamicImage;

use crate::album::{Album, Pictures};
use crate::classes::{Label, classes};
use crate::dataset::Labels;
use crate::file::parquet_file::{ParquetFile, Row};
use crate::file::shards::shards;
use crate::options::picture_source;
use crate::passed_over::PassedOver;
use crate::picture;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "image-parquet";

const HOW_TO_GET: &str = "set `path` to a .parquet file with a column of images, or to a folder of them";

picture_source! {
    /// Pictures from a column of Parquet files, as hubs of data sets ship them, and optionally their labels.
    uniform pub struct ImageParquet {
        /// A `.parquet` file, or a folder of such files, which are read in the order of their names.
        pub path: PathBuf,
        /// The column of the images; by default the first one of `bytes` and `path`, or else `image`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub image: Option<String>,
        /// The column of the labels, whole numbers or text; by default `label`, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
    }
}

impl Settings for ImageParquet {
    const NAME: &'static str = NAME;
}

impl Source for ImageParquet {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "images of your own in a column of Parquet files, and optionally their labels",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: absolute(&self.path), ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn check(&self) -> Vec<Problem> {
        self.options().others.check()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let mut passed_over = PassedOver::default();
        let (mut rows, mut labels, mut names) = (Rows::default(), Vec::new(), Vec::new());
        for path in shards(&self.path, &[".parquet"], NAME, HOW_TO_GET)? {
            let unusable = |reason| DataError::Unusable { path: path.clone(), reason };
            let file = ParquetFile::open(&path)?;
            let columns = file.columns(self.image.as_deref(), self.label.as_deref()).map_err(unusable)?;
            if names.is_empty() {
                names = file.class_names(&columns);
            }
            for (number, Row { image, label }) in file.rows(&columns).map_err(unusable)?.into_iter().enumerate() {
                match image {
                    Some(image) => {
                        rows.images.push((rows.files.len(), number, image));
                        labels.push(label);
                    }
                    None => passed_over.add("rows without an image"),
                }
            }
            rows.files.push(path);
        }
        let unusable = |reason| DataError::Unusable { path: self.path.clone(), reason };
        if rows.images.is_empty() {
            return Err(unusable("it holds no images".to_owned()));
        }
        let labels = of_rows(labels, names, &rows).map_err(unusable)?;
        self.options().open(Album { name: NAME, place: self.path.clone(), pictures: rows, labels, passed_over }, split)
    }
}

/// Labels of all rows or of none, by the names that the file has for them.
fn of_rows(labels: Vec<Option<Label>>, names: Vec<String>, rows: &Rows) -> Result<Option<Labels>, String> {
    let without = labels.iter().filter(|label| label.is_none()).count();
    if without == labels.len() {
        return Ok(None);
    }
    if let Some(index) = labels.iter().position(Option::is_none) {
        let place = rows.place(index);
        return Err(format!("{without} of {} images have no label, such as {}", labels.len(), place.display()));
    }
    let mut labels = classes(&labels.into_iter().flatten().collect::<Vec<_>>())?;
    for name in &mut labels.names {
        let number = name.parse().ok();
        if let Some(called) = number.and_then(|number: usize| names.get(number)) {
            name.clone_from(called);
        }
    }
    Ok(Some(labels))
}

/// Encoded images.
#[derive(Default)]
struct Rows {
    files: Vec<PathBuf>,
    /// File, row, and what stands there.
    images: Vec<(usize, usize, parquet::data_type::ByteArray)>,
}

impl Pictures for Rows {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn place(&self, index: usize) -> PathBuf {
        let (file, row, _) = &self.images[index];
        self.files[*file].join(format!("row {row}"))
    }

    fn read(&self, index: usize) -> Result<DynamicImage, DataError> {
        picture::decode(self.images[index].2.data(), Path::new(&self.place(index)))
    }
}
