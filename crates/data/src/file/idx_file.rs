//! The IDX format of the MNIST family: a big-endian header (magic, then one 32-bit size per dimension) and 8-bit values.
//! Knows no data set.

use std::path::Path;

use samples::Format;

use crate::file::content::Content;

type Result<T> = std::result::Result<T, crate::DataError>;

pub(crate) const IMAGES_MAGIC: u32 = 0x0000_0803;
pub(crate) const LABELS_MAGIC: u32 = 0x0000_0801;

/// Bytes before the first size.
const MAGIC_BYTES: u64 = 4;

/// More pixels than this (16 GiB) is taken for a damaged header, not for a data set to hold in memory.
const MAX_PIXELS: u64 = 1 << 34;

/// Memory to set aside before the file has shown that it is as long as its header says.
const TRUSTED_BYTES: u64 = 16 << 20;

/// All images of a file, `[image][row][column]`.
pub(crate) struct Images {
    pub(crate) count: usize,
    pub(crate) format: Format,
    pub(crate) pixels: Vec<u8>,
}

/// Reads a file of at least one grey image.
pub(crate) fn read_images(mut content: Content<'_>) -> Result<Images> {
    let sizes: [u32; 3] = read_header(&mut content, IMAGES_MAGIC)?;
    for (dimension, (size, unit)) in sizes.into_iter().zip(["image", "row", "column"]).enumerate() {
        if size == 0 {
            let offset = MAGIC_BYTES + 4 * dimension as u64;
            return Err(content.malformed(offset, format!("at least one {unit}"), "0"));
        }
    }
    let [count, height, width] = sizes;
    let described = format!("{count} images of {height} x {width}");
    let total = sizes.into_iter().map(u64::from).try_fold(1, u64::checked_mul);
    let Some(total) = total.filter(|&total| total <= MAX_PIXELS) else {
        return Err(content.malformed(MAGIC_BYTES, format!("at most {MAX_PIXELS} pixels"), described));
    };
    let most = content.most_bytes();
    if total > most {
        let expected = format!("at most {most} pixels in a gzip file of this length");
        return Err(content.malformed(MAGIC_BYTES, expected, described));
    }
    let pixels = read_body(&mut content, total, &described)?;
    let format = Format::Image([1, height as usize, width as usize]);
    Ok(Images { count: count as usize, format, pixels })
}

/// Reads the labels of `images`, one for each, all below `classes` if given.
pub(crate) fn read_labels(
    mut content: Content<'_>,
    images: &Images,
    images_path: &Path,
    classes: Option<usize>,
) -> Result<Vec<u16>> {
    let [count] = read_header(&mut content, LABELS_MAGIC)?;
    if count as usize != images.count {
        let expected = format!("{} labels, one for each image of {}", images.count, images_path.display());
        return Err(content.malformed(MAGIC_BYTES, expected, format!("{count} labels")));
    }
    let start = content.offset();
    let labels = read_body(&mut content, u64::from(count), &format!("{count} labels"))?;
    let limit = classes.unwrap_or(usize::MAX);
    if let Some(at) = labels.iter().position(|&label| usize::from(label) >= limit) {
        return Err(content.malformed(start + at as u64, format!("a label below {limit}"), labels[at].to_string()));
    }
    Ok(labels.into_iter().map(u16::from).collect())
}

fn read_header<const DIMENSIONS: usize>(content: &mut Content<'_>, magic: u32) -> Result<[u32; DIMENSIONS]> {
    let name = format!("the magic {magic:#010x} of {}", describe_magic(magic));
    let [found] = read_words(content, &name)?;
    if found != magic {
        let hint = if [IMAGES_MAGIC, LABELS_MAGIC].contains(&found) { "; are the two files swapped?" } else { "" };
        return Err(content.malformed(0, name, format!("{found:#010x} ({}){hint}", describe_magic(found))));
    }
    read_words(content, &format!("a header of {} bytes", MAGIC_BYTES + 4 * DIMENSIONS as u64))
}

fn describe_magic(magic: u32) -> &'static str {
    match magic {
        IMAGES_MAGIC => "8-bit IDX images",
        LABELS_MAGIC => "8-bit IDX labels",
        _ if magic >> 16 == 0 && (0x08..=0x0e).contains(&(magic >> 8)) => "IDX of another type or dimension",
        _ => "not IDX",
    }
}

fn read_words<const WORDS: usize>(content: &mut Content<'_>, expected: &str) -> Result<[u32; WORDS]> {
    let mut bytes = Vec::with_capacity(4 * WORDS);
    content.read(4 * WORDS as u64, &mut bytes)?;
    if bytes.len() < 4 * WORDS {
        return Err(content.malformed(content.offset(), expected, "the end of the file"));
    }
    Ok(std::array::from_fn(|word| u32::from_be_bytes(std::array::from_fn(|byte| bytes[4 * word + byte]))))
}

/// The rest of the file, which must be exactly `count` bytes. Of what follows them at most one byte is read: a small
/// gzip file may unpack to more than fits in memory.
fn read_body(content: &mut Content<'_>, count: u64, described: &str) -> Result<Vec<u8>> {
    let end = content.offset() + count;
    let mut bytes = Vec::with_capacity(count.min(TRUSTED_BYTES) as usize);
    content.read(count, &mut bytes)?;
    if content.offset() < end {
        let expected = format!("{end} bytes ({described})");
        return Err(content.malformed(content.offset(), expected, "the end of the file"));
    }
    // Also makes the decompressor compare the checksum, which stands at the end.
    let mut after = Vec::new();
    content.read(1, &mut after)?;
    if !after.is_empty() {
        let expected = format!("the end of the file after {end} bytes ({described})");
        return Err(content.malformed(end, expected, "more bytes"));
    }
    Ok(bytes)
}
