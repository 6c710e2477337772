//! A zip archive of pictures of any size: StyleGAN's, whose `dataset.json` has their labels, or a zipped folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::DynamicImage;
use serde::Deserialize;

use crate::album::{Album, Pictures};
use crate::classes::classes;
use crate::dataset::Labels;
use crate::file::content::find;
use crate::file::zip_file::ZipFile;
use crate::options::picture_source;
use crate::passed_over::PassedOver;
use crate::picture::{self, Kind};
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "image-zip";

const HOW_TO_GET: &str =
    "set `path` to a zip archive of images, such as `runner data import` or StyleGAN's `dataset_tool.py` write";

/// Where StyleGAN has the labels.
pub(crate) const LABELS: &str = "dataset.json";

/// What is read of the labels.
const MAX_LABELS: u64 = 256 << 20;

picture_source! {
    /// A zip archive of pictures. Classes are those of StyleGAN's `dataset.json`; without it, subfolders.
    uniform pub struct ImageZip {
        /// The archive.
        pub path: PathBuf,
    }
}

impl Settings for ImageZip {
    const NAME: &'static str = NAME;
}

impl Source for ImageZip {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "images of your own in a zip archive; classes from StyleGAN's dataset.json or from folders",
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
        let path = &self.path;
        if find(std::slice::from_ref(path)).is_none() {
            return Err(DataError::Missing { name: NAME, looked_for: vec![path.clone()], how_to_get: HOW_TO_GET });
        }
        let archive = ZipFile::open(path)?;
        let (members, mut passed_over) = list(&archive)?;
        let names: Vec<&str> = members.iter().map(|index| archive.name(*index)).collect();
        let labels = match archive.find(LABELS) {
            Some(index) => {
                let json = archive.read(index, MAX_LABELS)?;
                let labels = of_json(&json, &names, &mut passed_over);
                labels.map_err(|reason| DataError::Unusable { path: archive.place(index), reason })?
            }
            None => of_folders(&names).map_err(|reason| DataError::Unusable { path: path.clone(), reason })?,
        };
        let pictures = Members { archive, members };
        self.options().open(Album { name: NAME, place: path.clone(), pictures, labels, passed_over }, split)
    }
}

/// The images of an archive in the order of their names: at least one.
fn list(archive: &ZipFile) -> Result<(Vec<usize>, PassedOver), DataError> {
    let (mut members, mut passed_over) = (Vec::new(), PassedOver::default());
    let mut unread = BTreeMap::<String, usize>::new();
    for (index, name) in archive.names().filter(|(_, name)| *name != LABELS) {
        if name.split('/').any(|part| part.starts_with('.') && ![".", ".."].contains(&part) || part == "__MACOSX") {
            passed_over.add("hidden files");
            continue;
        }
        let (path, start) = (Path::new(name), archive.start(index, picture::START));
        match start.as_ref().map(|start| picture::kind(start, path)) {
            Ok(Some(Kind::Read(_))) => members.push(index),
            Ok(Some(Kind::Unread(format))) => *unread.entry(format!("{format} images")).or_default() += 1,
            // Reading it says what is wrong.
            _ if picture::has_name(path) => members.push(index),
            _ => passed_over.add("files that are no images"),
        }
    }
    passed_over.counts.extend(unread);
    members.sort_by_key(|index| archive.name(*index));
    if members.is_empty() {
        let others = passed_over.summary().map_or(String::new(), |summary| format!("; passed over: {summary}"));
        let reason = format!("it holds no {} image{others}", picture::READ);
        return Err(DataError::Unusable { path: archive.path().to_owned(), reason });
    }
    Ok((members, passed_over))
}

/// `dataset.json`.
#[derive(Deserialize)]
#[serde(expecting = "an object with `labels`")]
struct Json {
    /// File names with a class each.
    labels: Option<Vec<(String, serde_json::Value)>>,
    /// By class; what `runner data import` adds.
    #[serde(default)]
    class_names: Vec<String>,
}

fn of_json(json: &[u8], names: &[&str], passed_over: &mut PassedOver) -> Result<Option<Labels>, String> {
    let Json { labels, class_names } =
        serde_json::from_slice(json).map_err(|error| format!("it is not StyleGAN's: {error}"))?;
    let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { return Ok(None) };
    let mut by_name = BTreeMap::new();
    for (name, label) in &labels {
        let number =
            label.as_i64().ok_or_else(|| format!("the label of `{name}` is {label}; whole numbers are read"))?;
        by_name.insert(name.as_str(), number);
    }
    let of_samples: Result<Vec<i64>, &str> = names.iter().map(|name| by_name.remove(name).ok_or(*name)).collect();
    let of_samples = of_samples.map_err(|name| format!("it has no label for `{name}`"))?;
    if let Some(name) = by_name.keys().next() {
        let count = by_name.len();
        passed_over
            .warnings
            .push(format!("{LABELS} has labels for {count} files that are not images here, such as `{name}`"));
    }
    let mut labels = classes(&of_samples)?;
    for name in &mut labels.names {
        let number = name.parse().ok();
        if let Some(called) = number.and_then(|number: usize| class_names.get(number)) {
            name.clone_from(called);
        }
    }
    Ok(Some(labels))
}

/// As a folder of images has them; a folder that all images lie in is the folder itself.
fn of_folders(names: &[&str]) -> Result<Option<Labels>, String> {
    let mut names = names.to_vec();
    loop {
        let folders: Option<Vec<&str>> = names.iter().map(|name| Some(name.split_once('/')?.0)).collect();
        let Some(folders) = folders else { return Ok(None) };
        if folders.iter().any(|folder| *folder != folders[0]) {
            let folders: Vec<String> = folders.into_iter().map(str::to_owned).collect();
            return classes(&folders).map(Some);
        }
        names = names.into_iter().filter_map(|name| Some(name.split_once('/')?.1)).collect();
    }
}

/// Files of an archive.
struct Members {
    archive: ZipFile,
    members: Vec<usize>,
}

impl Pictures for Members {
    fn len(&self) -> usize {
        self.members.len()
    }

    fn place(&self, index: usize) -> PathBuf {
        self.archive.place(self.members[index])
    }

    fn read(&self, index: usize) -> Result<DynamicImage, DataError> {
        let bytes = self.archive.read(self.members[index], picture::MAX_BYTES)?;
        picture::decode(&bytes, &self.place(index))
    }
}
