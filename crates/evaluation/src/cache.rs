//! What real samples come to, kept on disk for all runs: complete or absent, and checked when it is read. Two who compute
//! the same at once write the same.

use features::{Extracted, Rows};
use std::fs;
use std::path::PathBuf;

/// Bytes of the digest before the contents.
const SEAL: usize = 32;

/// A folder that may be deleted at any time.
#[derive(Clone, Debug)]
pub struct Cache(pub PathBuf);

impl Cache {
    /// The value of a key, from disk or made now. A folder that cannot be written costs time and nothing else.
    pub(crate) fn get<T>(
        &self,
        key: &[&str],
        make: impl FnOnce() -> T,
        write: fn(&T) -> Vec<u8>,
        read: fn(&[u8]) -> Option<T>,
    ) -> T {
        let mut hasher = blake3::Hasher::new();
        key.iter().for_each(|part| {
            hasher.update(part.as_bytes()).update(b"\n");
        });
        let path = self.0.join(&hasher.finalize().to_hex()[..32]);
        if let Some(found) = record::read_own(&path).ok().and_then(|bytes| read(opened(&bytes)?)) {
            return found;
        }
        let made = make();
        let contents = write(&made);
        let _ = fs::create_dir_all(&self.0).and_then(|()| record::write_derived(&path, &sealed(&contents)));
        made
    }
}

/// The contents behind their digest.
pub(crate) fn sealed(contents: &[u8]) -> Vec<u8> {
    [&blake3::hash(contents).as_bytes()[..], contents].concat()
}

/// The contents, if they are what was written.
pub(crate) fn opened(bytes: &[u8]) -> Option<&[u8]> {
    let (seal, contents) = bytes.split_at_checked(SEAL)?;
    (blake3::hash(contents).as_bytes()[..] == *seal).then_some(contents)
}

/// For each part, its width and length, then its numbers; a part that is not there has the width 0.
pub(crate) fn write_extracted(extracted: &Extracted) -> Vec<u8> {
    let mut bytes = Vec::new();
    for rows in [Some(&extracted.features), extracted.probabilities.as_ref(), extracted.classes.as_ref()] {
        let (width, values) = rows.map_or((0, &[][..]), |rows| (rows.width, &rows.values[..]));
        bytes.extend((width as u64).to_le_bytes());
        bytes.extend((values.len() as u64).to_le_bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

pub(crate) fn read_extracted(mut bytes: &[u8]) -> Option<Extracted> {
    let mut part = || {
        let (width, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let width = u64::from_le_bytes(*width) as usize;
        let (own, rest) = rest.split_at_checked((u64::from_le_bytes(*length) as usize).checked_mul(4)?)?;
        bytes = rest;
        let values = own.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Some(Rows { values, width })
    };
    let [features, probabilities, classes] = [part()?, part()?, part()?];
    let some = |rows: Rows| (rows.width > 0).then_some(rows);
    Some(Extracted { features, probabilities: some(probabilities), classes: some(classes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extracted() -> Extracted {
        let rows = |values: &[f32], width| Rows { values: values.to_vec(), width };
        let classes = Some(rows(&[9.0, 0.0], 1));
        Extracted { features: rows(&[0.1, -2.0, f32::MIN, 4.0], 2), probabilities: None, classes }
    }

    fn get(cache: &Cache, key: &str, make: impl FnOnce() -> Extracted) -> Extracted {
        cache.get(&[key, "x"], make, write_extracted, read_extracted)
    }

    #[test]
    fn what_was_made_once_is_read_and_what_is_damaged_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache(folder.path().join("deep/down"));
        assert_eq!(get(&cache, "a", extracted), extracted());
        assert_eq!(get(&cache, "a", || panic!("it is there")), extracted());
        assert_eq!(get(&cache, "b", Extracted::default), Extracted::default());
        assert_eq!(get(&cache, "a", || panic!("it is there")), extracted());
        for entry in fs::read_dir(&cache.0).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for damaged in [&bytes[..bytes.len() - 1], &bytes[..7], &[]] {
                fs::write(&path, damaged).unwrap();
                get(&cache, "a", extracted);
                assert_eq!(get(&cache, "a", || panic!("it is there")), extracted());
            }
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_done_without() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), b"").unwrap();
        let cache = Cache(folder.path().join("file/below"));
        assert_eq!(get(&cache, "a", extracted), extracted());
    }
}
