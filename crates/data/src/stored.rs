//! Samples of pictures that are too many for the memory: the first of them are kept, the others are read from disk and
//! decoded whenever they are needed; a thread decodes those of the next batch ahead.

use std::collections::HashMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use rayon::prelude::*;

use crate::DataError;

/// Bytes of samples that were decoded ahead and wait to be used.
const MAX_AHEAD: usize = 128 << 20;

/// Bytes of samples that are decoded at once.
const AT_ONCE: usize = 64 << 20;

/// Samples of so many bytes that are decoded at once: at least enough for all threads.
pub(crate) fn at_once(width: usize) -> usize {
    (AT_ONCE / width).clamp(16, 2048)
}

/// Writes the sample of a picture.
pub(crate) type Decode = Box<dyn Fn(usize, &mut [u8]) -> Result<(), DataError> + Send + Sync>;

/// Some samples of a shelf.
#[derive(Clone)]
pub(crate) struct Stored {
    shelf: Arc<Shelf>,
    pictures: Arc<[u32]>,
}

/// All pictures.
struct Shelf {
    decode: Decode,
    /// Bytes of a sample.
    width: usize,
    /// The samples of the first pictures.
    kept: Vec<u8>,
    /// By picture, of the sample that it was at first.
    hashes: Vec<blake3::Hash>,
    ahead: Mutex<HashMap<u32, Vec<u8>>>,
    /// Pictures that will be needed soon; nothing where the thread cannot be started.
    soon: OnceLock<Option<SyncSender<Vec<u32>>>>,
}

impl Stored {
    /// All samples of pictures that were read once: `kept` are those of the first, `hashes` are of all.
    pub(crate) fn new(width: usize, kept: Vec<u8>, hashes: Vec<blake3::Hash>, decode: Decode) -> Stored {
        let pictures = (0..hashes.len() as u32).collect();
        let (ahead, soon) = (Mutex::default(), OnceLock::new());
        Stored { shelf: Arc::new(Shelf { decode, width, kept, hashes, ahead, soon }), pictures }
    }

    /// Number of samples.
    pub(crate) fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Some of them.
    pub(crate) fn only(&self, indices: &[usize]) -> Stored {
        let pictures = indices.iter().map(|index| self.pictures[*index]).collect();
        Stored { shelf: self.shelf.clone(), pictures }
    }

    /// Of a sample.
    pub(crate) fn hash(&self, index: usize) -> blake3::Hash {
        self.shelf.hashes[self.pictures[index] as usize]
    }

    /// Gives the samples at `indices` one after the other.
    ///
    /// # Panics
    /// If a picture cannot be read any more, or has changed: what is trained on is what was opened. A worker ends then,
    /// and the next one says what is wrong when it opens the data.
    pub(crate) fn read(&self, indices: &[usize], mut give: impl FnMut(&[u8])) {
        for indices in indices.chunks(at_once(self.shelf.width)) {
            let pictures: Vec<u32> = indices.iter().map(|index| self.pictures[*index]).collect();
            let missing: Vec<u32> = pictures.iter().copied().filter(|picture| !self.shelf.is_kept(*picture)).collect();
            let mut found = self.shelf.take(&missing);
            let rest: Vec<u32> = missing.into_iter().filter(|picture| !found.contains_key(picture)).collect();
            let decoded = rest.into_par_iter().map(|picture| (picture, self.shelf.decoded(picture)));
            let decoded: Vec<_> = decoded.collect();
            found.extend(decoded.into_iter().map(|(picture, sample)| match sample {
                Ok(sample) => (picture, sample),
                Err(reason) => panic!("the data changed while a run was trained on them: {reason}"),
            }));
            for picture in pictures {
                give(found.get(&picture).map_or_else(|| self.shelf.kept(picture), Vec::as_slice));
            }
        }
    }

    /// Decodes the samples at `indices` ahead, on another thread.
    pub(crate) fn prepare(&self, indices: &[usize]) {
        let pictures: Vec<u32> = indices.iter().map(|index| self.pictures[*index]).collect();
        let pictures = pictures.into_iter().filter(|picture| !self.shelf.is_kept(*picture)).collect::<Vec<_>>();
        let soon = self.shelf.soon.get_or_init(|| start(Arc::downgrade(&self.shelf)).ok());
        if let (Some(soon), false) = (soon, pictures.is_empty()) {
            // While it is busy, nothing is gained by asking for more.
            let _ = soon.try_send(pictures);
        }
    }
}

impl Shelf {
    fn is_kept(&self, picture: u32) -> bool {
        (picture as usize) < self.kept.len() / self.width
    }

    fn kept(&self, picture: u32) -> &[u8] {
        &self.kept[picture as usize * self.width..][..self.width]
    }

    /// Those of the samples that were decoded ahead.
    fn take(&self, pictures: &[u32]) -> HashMap<u32, Vec<u8>> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.iter().filter_map(|picture| ahead.remove_entry(picture)).collect()
    }

    fn decoded(&self, picture: u32) -> Result<Vec<u8>, String> {
        let mut sample = vec![0; self.width];
        (self.decode)(picture as usize, &mut sample).map_err(|error| error.with_cause())?;
        match blake3::hash(&sample) == self.hashes[picture as usize] {
            true => Ok(sample),
            false => Err(format!("picture {picture} is another one")),
        }
    }

    fn decode_ahead(&self, pictures: Vec<u32>) {
        for picture in pictures {
            let is_there = |ahead: &HashMap<u32, Vec<u8>>| ahead.contains_key(&picture);
            if is_there(&self.ahead.lock().unwrap_or_else(PoisonError::into_inner)) {
                continue;
            }
            // What is wrong is said where the sample is needed.
            let Ok(sample) = self.decoded(picture) else { return };
            let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            if (ahead.len() + 1) * self.width > MAX_AHEAD {
                // Nobody came for them: of a run that ended.
                ahead.clear();
            }
            ahead.insert(picture, sample);
        }
    }
}

/// Ends when the shelf is gone.
fn start(shelf: Weak<Shelf>) -> std::io::Result<SyncSender<Vec<u32>>> {
    let (sender, receiver) = sync_channel::<Vec<u32>>(1);
    std::thread::Builder::new().name("decode ahead".to_owned()).spawn(move || {
        while let Ok(pictures) = receiver.recv() {
            let Some(shelf) = shelf.upgrade() else { return };
            shelf.decode_ahead(pictures);
        }
    })?;
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Eight pictures of two bytes, of which the first three are kept; counts what is decoded.
    fn stored(decoded: Arc<AtomicUsize>, shift: fn(usize) -> u8) -> Stored {
        let sample = |picture: usize| [picture as u8, 7];
        let hashes = (0..8).map(|picture| blake3::hash(&sample(picture))).collect();
        let decode = move |picture: usize, out: &mut [u8]| {
            decoded.fetch_add(1, Ordering::SeqCst);
            out.copy_from_slice(&[picture as u8 + shift(picture), 7]);
            Ok(())
        };
        Stored::new(2, (0..3).flat_map(sample).collect(), hashes, Box::new(decode))
    }

    fn read(stored: &Stored, indices: &[usize]) -> Vec<u8> {
        let mut out = Vec::new();
        stored.read(indices, |sample| out.push(sample[0]));
        out
    }

    #[test]
    fn samples_come_from_memory_from_ahead_or_from_disk() {
        let decoded = Arc::new(AtomicUsize::new(0));
        let stored = stored(decoded.clone(), |_| 0);
        assert_eq!(read(&stored, &[2, 0, 1]), [2, 0, 1]);
        assert_eq!(decoded.load(Ordering::SeqCst), 0);
        assert_eq!(read(&stored, &[7, 1, 7, 3]), [7, 1, 7, 3]);
        let before = decoded.load(Ordering::SeqCst);
        stored.prepare(&[5, 0, 6]);
        while stored.shelf.ahead.lock().unwrap().len() < 2 {
            std::thread::yield_now();
        }
        assert_eq!(read(&stored, &[6, 5]), [6, 5]);
        assert_eq!(decoded.load(Ordering::SeqCst), before + 2, "once each");
        let some = stored.only(&[6, 2]);
        assert_eq!((read(&some, &[0, 1]), some.len(), some.hash(0)), (vec![6, 2], 2, stored.hash(6)));
    }

    #[test]
    #[should_panic = "picture 4 is another one"]
    fn what_changed_is_not_trained_on() {
        let stored = stored(Arc::default(), |picture| u8::from(picture == 4));
        read(&stored, &[3, 4]);
    }
}
