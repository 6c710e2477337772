//! WebDataset's archives: in a tar file, files of one name and different endings make a sample.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::DynamicImage;

use crate::album::{Album, Pictures};
use crate::classes::{Label, classes};
use crate::dataset::Labels;
use crate::file::shards::shards;
use crate::file::tar_file::TarFile;
use crate::options::picture_source;
use crate::passed_over::PassedOver;
use crate::picture::{self, Kind};
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "webdataset";

const HOW_TO_GET: &str =
    "set `path` to a .tar file with an image for each key (key.png, key.cls, key.json), or to a folder of them";

/// Bytes of a label.
const MAX_LABEL: u64 = 1 << 20;

picture_source! {
    /// Pictures from WebDataset's `.tar` files: `key.png` (or another format) with `key.cls` or `key.json`.
    uniform pub struct WebDataset {
        /// A `.tar` file, or a folder of such files, which are read in the order of their names.
        pub path: PathBuf,
        /// The key of the label in `key.json`, where there is no `key.cls`; by default `label`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
    }
}

impl Settings for WebDataset {
    const NAME: &'static str = NAME;
}

impl Source for WebDataset {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "images of your own in WebDataset's .tar files, and optionally their labels",
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
        let unusable = |reason| DataError::Unusable { path: self.path.clone(), reason };
        let shards = shards(&self.path, &[".tar", ".tar.gz", ".tgz"], NAME, HOW_TO_GET)?
            .iter()
            .map(|path| TarFile::open(path))
            .collect::<Result<Vec<_>, _>>()?;
        let mut passed_over = PassedOver::default();
        let (mut members, mut labels) = (Vec::new(), Vec::new());
        for (shard, archive) in shards.iter().enumerate() {
            for sample in samples(archive, &mut passed_over) {
                match sample.image(archive)? {
                    Some(index) => {
                        members.push((shard, index));
                        labels.push(sample.label(archive, self.label.as_deref().unwrap_or("label"))?);
                    }
                    None => passed_over.add("samples without an image"),
                }
            }
        }
        if members.is_empty() {
            let others = passed_over.summary().map_or(String::new(), |summary| format!("; passed over: {summary}"));
            return Err(unusable(format!("it holds no sample with an image{others}")));
        }
        let pictures = Members { shards, members };
        let labels = of_samples(labels, &pictures).map_err(unusable)?;
        self.options().open(Album { name: NAME, place: self.path.clone(), pictures, labels, passed_over }, split)
    }
}

/// Labels of all samples or of none.
fn of_samples(labels: Vec<Option<Label>>, pictures: &Members) -> Result<Option<Labels>, String> {
    let without = labels.iter().filter(|label| label.is_none()).count();
    if without == labels.len() {
        return Ok(None);
    }
    if let Some(index) = labels.iter().position(Option::is_none) {
        let place = pictures.place(index);
        return Err(format!("{without} of {} samples have no label, such as {}", labels.len(), place.display()));
    }
    classes(&labels.into_iter().flatten().collect::<Vec<_>>()).map(Some)
}

/// Files of one key that lie together.
struct Sample {
    /// With their endings.
    files: Vec<(String, usize)>,
}

/// The samples of an archive in their order.
fn samples(archive: &TarFile, passed_over: &mut PassedOver) -> Vec<Sample> {
    let mut samples: Vec<(String, Sample)> = Vec::new();
    for index in 0..archive.len() {
        let name = archive.name(index);
        let base = name.rfind('/').map_or(0, |slash| slash + 1);
        // What stands before the first dot is the key, with the folders.
        let Some(dot) = name[base..].find('.').filter(|dot| *dot > 0) else {
            passed_over.add("files without a key and an ending");
            continue;
        };
        let (key, ending) = (&name[..base + dot], name[base + dot + 1..].to_lowercase());
        match samples.last_mut() {
            Some((own, sample)) if own == key => sample.files.push((ending, index)),
            _ => samples.push((key.to_owned(), Sample { files: vec![(ending, index)] })),
        }
    }
    samples.into_iter().map(|(_, sample)| sample).collect()
}

impl Sample {
    /// The first file that is an image, or is called one.
    fn image(&self, archive: &TarFile) -> Result<Option<usize>, DataError> {
        for (_, index) in &self.files {
            let path = Path::new(archive.name(*index));
            let kind = picture::kind(&archive.start(*index, picture::START)?, path);
            if matches!(kind, Some(Kind::Read(_))) || picture::has_name(path) {
                return Ok(Some(*index));
            }
        }
        Ok(None)
    }

    fn label(&self, archive: &TarFile, key: &str) -> Result<Option<Label>, DataError> {
        let file = |ending: &str| self.files.iter().find(|(own, _)| own == ending).map(|(_, index)| *index);
        let unusable = |index, reason: String| DataError::Unusable { path: archive.place(index), reason };
        if let Some(index) = file("cls") {
            let bytes = archive.read(index, MAX_LABEL)?;
            let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
            return match text {
                "" => Err(unusable(index, "it is no label: no text".to_owned())),
                text => Ok(Some(Label::of_text(text))),
            };
        }
        let Some(index) = file("json") else { return Ok(None) };
        let json: serde_json::Value = serde_json::from_slice(&archive.read(index, MAX_LABEL)?)
            .map_err(|error| unusable(index, format!("it is no JSON: {error}")))?;
        match json.get(key) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(value) => {
                let label = Label::of_json(value);
                label.map(Some).ok_or_else(|| {
                    unusable(index, format!("its `{key}` is {value}; text and whole numbers are labels"))
                })
            }
        }
    }
}

/// Files of archives.
struct Members {
    shards: Vec<TarFile>,
    members: Vec<(usize, usize)>,
}

impl Pictures for Members {
    fn len(&self) -> usize {
        self.members.len()
    }

    fn place(&self, index: usize) -> PathBuf {
        let (shard, member) = self.members[index];
        self.shards[shard].place(member)
    }

    fn read(&self, index: usize) -> Result<DynamicImage, DataError> {
        let (shard, member) = self.members[index];
        picture::decode(&self.shards[shard].read(member, picture::MAX_BYTES)?, &self.place(index))
    }
}
