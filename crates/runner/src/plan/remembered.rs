//! Descriptions of data sets, so that planning does not read all of their files again: each data set once in a process,
//! and in no other as long as its files keep their sizes and times. What a run trains on is checked by content when it
//! starts.

use data::{DataConfig, DataError, Description, PassedOver, Recorded, Sizes};
use record::{read_own, write_derived};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// As [`data::Source::describe`].
pub(crate) fn describe(config: &DataConfig) -> Result<Description, DataError> {
    thread_local! {
        static KNOWN: RefCell<Vec<(DataConfig, Description)>> = const { RefCell::new(Vec::new()) };
    }
    // The same files whatever the working directory.
    let absolute = config.absolute();
    let config = absolute.as_ref().unwrap_or(config);
    KNOWN.with_borrow_mut(|known| {
        if let Some((_, description)) = known.iter().find(|(of, _)| of == config) {
            return Ok(description.clone());
        }
        let description = Remembered::of(config, folder().as_deref())?;
        known.push((config.clone(), description.clone()));
        Ok(description)
    })
}

/// Where descriptions lie between two processes. It may be deleted at any time.
fn folder() -> Option<PathBuf> {
    let path = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")))?;
    Some(cache.join("runner/data"))
}

/// A description on disk.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// Which program reads which data set, in which state its files were.
    key: String,
    description: Written,
}

/// [`Description`] without its name.
#[derive(Serialize, Deserialize)]
struct Written {
    length: usize,
    held_out: Option<usize>,
    domain: models::Domain,
    class_counts: Option<Vec<(String, usize, Option<usize>)>>,
    sizes: Option<Sizes>,
    recorded: Option<Recorded>,
    passed_over: PassedOver,
    fingerprint: String,
}

impl Remembered {
    fn of(config: &DataConfig, folder: Option<&Path>) -> Result<Description, DataError> {
        let place = folder.zip(key(config)).map(|(folder, (name, key))| (folder.join(name), key));
        if let Some((path, key)) = &place
            && let Some(found) = Self::read(path).filter(|found| found.key == *key)
        {
            return Ok(found.description.restored(config));
        }
        let description = config.describe()?;
        // Files that changed while they were read have another state by now.
        if let Some((path, key)) = place.filter(|(_, before)| key(config).is_some_and(|(_, now)| now == *before)) {
            let contents = Self { key, description: Written::of(&description) };
            // A folder that cannot be written costs time and nothing else.
            let _ = contents.write(&path);
        }
        Ok(description)
    }

    fn read(path: &Path) -> Option<Self> {
        let bytes = read_own(path).ok()?;
        let (seal, contents) = bytes.split_first_chunk::<32>()?;
        (blake3::hash(contents).as_bytes() == seal).then(|| serde_json::from_slice(contents).ok())?
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let contents = serde_json::to_vec(self)?;
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        write_derived(path, &[&blake3::hash(&contents).as_bytes()[..], &contents].concat())
    }
}

/// The name of the file of a data set, and what must be the same for that to hold. Nothing for data without files, and
/// while their state is not known.
fn key(config: &DataConfig) -> Option<(String, String)> {
    let files = config.files();
    let state = if files.is_empty() { None } else { data::state(&files).ok()? }?;
    let config = serde_json::to_string(config).ok()?;
    // Another build may read the same files otherwise.
    let program = std::env::current_exe().and_then(fs::metadata).ok()?;
    let program = format!("{} {} {}", env!("CARGO_PKG_VERSION"), program.len(), program.mtime_nsec());
    let name = blake3::hash(config.as_bytes()).to_hex()[..32].to_owned();
    Some((name, format!("{config}\n{program}\n{state}")))
}

impl Written {
    fn of(description: &Description) -> Self {
        let Description { length, held_out, domain, sizes, .. } = *description;
        let counts = description.class_counts.as_ref();
        let class_counts = counts
            .map(|counts| counts.iter().map(|class| (class.name.clone(), class.samples, class.held_out)).collect());
        let (recorded, passed_over) = (description.recorded.clone(), description.passed_over.clone());
        let fingerprint = description.fingerprint.clone();
        Self { length, held_out, domain, class_counts, sizes, recorded, passed_over, fingerprint }
    }

    fn restored(self, config: &DataConfig) -> Description {
        let Self { length, held_out, domain, class_counts, sizes, recorded, passed_over, fingerprint } = self;
        let class = |(name, samples, held_out)| data::ClassCount { name, samples, held_out };
        let class_counts = class_counts.map(|counts| counts.into_iter().map(class).collect());
        let name = config.name();
        Description { name, length, held_out, domain, class_counts, sizes, recorded, passed_over, fingerprint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, SystemTime};

    /// IDX images of one pixel, which the state says are as old as the hills; the change of the inode is not.
    #[test]
    fn a_data_set_is_read_again_only_if_its_files_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (images, cache) = (folder.path().join("images"), folder.path().join("cache"));
        let write = |pixel: u8| {
            let header = [0x803u32, 1, 1, 1].into_iter().flat_map(u32::to_be_bytes);
            fs::write(&images, header.chain([pixel]).collect::<Vec<_>>()).unwrap();
        };
        let config: DataConfig = serde_json::from_value(json!({ "name": "idx", "images": images })).unwrap();
        let of = || Remembered::of(&config, Some(&cache)).unwrap();
        write(1);
        let first = of();
        assert!(!cache.exists(), "it was changed just now");
        std::thread::sleep(Duration::from_millis(2100));
        assert_eq!(of(), first);
        let file = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
        let bytes = fs::read(&file).unwrap();
        // What is remembered is used: nothing else knows this number.
        let mut changed = Remembered::read(&file).unwrap();
        changed.description.length = 77;
        changed.write(&file).unwrap();
        assert_eq!(of().length, 77);
        fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(of(), first, "a damaged file is made again");
        assert_eq!(fs::read(&file).unwrap(), bytes);
        write(2);
        fs::File::options().write(true).open(&images).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_ne!(of().fingerprint, first.fingerprint);
        fs::write(folder.path().join("file"), b"").unwrap();
        assert_eq!(Remembered::of(&config, Some(&folder.path().join("file"))).unwrap().length, 1);
    }
}
