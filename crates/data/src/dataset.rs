//! A data set in memory. Knows nothing of files and formats.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Which part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// What networks are trained on.
    Train,
    /// What is held out; empty for a data set that holds nothing out.
    Test,
}

/// Size of one image, or [`Shape::POINT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// 1 for grey, 3 for red, green, blue, 2 for the coordinates of a point.
    pub channels: usize,
    /// Rows, in pixels.
    pub height: usize,
    /// Columns, in pixels.
    pub width: usize,
}

impl Shape {
    /// A point in the plane: no image has two channels.
    pub const POINT: Shape = Shape { channels: 2, height: 1, width: 1 };

    /// Whether the samples are points in the plane instead of images.
    pub fn is_point(self) -> bool {
        self == Shape::POINT
    }

    /// Values of one sample: `channels * height * width`.
    pub fn values(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Where a sample's values are among those of all.
    fn range(self, index: usize) -> Range<usize> {
        index * self.values()..(index + 1) * self.values()
    }
}

/// A data set in memory: images or points in the plane, and optionally a label for each.
#[derive(Clone)]
pub struct Dataset {
    name: &'static str,
    shape: Shape,
    values: Values,
    labels: Option<Labels>,
    fingerprint: String,
}

/// All samples, one after the other.
#[derive(Clone)]
enum Values {
    /// 8-bit pixels in `[image][channel][row][column]` order, 0 black, 255 white.
    Pixels(Vec<u8>),
    /// `[point][coordinate]`, and half the side of the square around 0 in which to draw them.
    Points { coordinates: Vec<f32>, extent: f32 },
}

/// A class `0..classes` for each sample.
#[derive(Clone)]
pub(crate) struct Labels {
    pub(crate) of_samples: Vec<u16>,
    pub(crate) classes: usize,
}

impl Dataset {
    /// The readers have checked that `pixels` are whole images, one for each label.
    pub(crate) fn new(name: &'static str, shape: Shape, pixels: Vec<u8>, labels: Option<Labels>) -> Dataset {
        Dataset::of(name, shape, Values::Pixels(pixels), labels)
    }

    /// `coordinates` are whole points, one for each label.
    pub(crate) fn points(name: &'static str, coordinates: Vec<f32>, extent: f32, labels: Labels) -> Dataset {
        Dataset::of(name, Shape::POINT, Values::Points { coordinates, extent }, Some(labels))
    }

    fn of(name: &'static str, shape: Shape, values: Values, labels: Option<Labels>) -> Dataset {
        debug_assert_eq!(values.len() % shape.values(), 0);
        debug_assert!(labels.iter().all(|labels| labels.of_samples.len() == values.len() / shape.values()));
        let fingerprint = fingerprint(shape, &values, labels.as_ref());
        Dataset { name, shape, values, labels, fingerprint }
    }

    /// Its name in the experiment file.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Size of each image, or that of a point.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Half the side of the square around 0 in which to draw points; none for images.
    pub fn extent(&self) -> Option<f32> {
        match self.values {
            Values::Points { extent, .. } => Some(extent),
            Values::Pixels(_) => None,
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len() / self.shape.values()
    }

    /// No samples: the test split of a data set that holds nothing out.
    pub fn is_empty(&self) -> bool {
        self.values.len() == 0
    }

    /// `[len]` labels, each below [`classes`](Self::classes), if the data set is labelled.
    pub fn labels(&self) -> Option<&[u16]> {
        self.labels.as_ref().map(|labels| labels.of_samples.as_slice())
    }

    /// Number of classes, if the data set is labelled. Not every class need occur.
    pub fn classes(&self) -> Option<usize> {
        self.labels.as_ref().map(|labels| labels.classes)
    }

    /// One image, `[channel][row][column]`.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len), or if the samples are points, which have no 8-bit pixels.
    pub fn image(&self, index: usize) -> &[u8] {
        match &self.values {
            Values::Pixels(pixels) => &pixels[self.shape.range(index)],
            Values::Points { .. } => panic!("{} holds points, not images", self.name),
        }
    }

    /// Appends the samples at `indices` to `out`: points as they are, pixels mapped to `[-1, 1]`, where 0 becomes -1 and
    /// 255 becomes 1.
    ///
    /// # Shapes
    /// - appends `[indices, channels, height, width]`, row-major
    ///
    /// # Panics
    /// If an index is not below [`len`](Self::len).
    pub fn read_into(&self, indices: &[usize], out: &mut Vec<f32>) {
        out.reserve(indices.len() * self.shape.values());
        for range in indices.iter().map(|index| self.shape.range(*index)) {
            match &self.values {
                Values::Pixels(pixels) => out.extend(pixels[range].iter().map(|pixel| SCALED[usize::from(*pixel)])),
                Values::Points { coordinates, .. } => out.extend_from_slice(&coordinates[range]),
            }
        }
    }

    /// `blake3:<hex>` of shape, values and labels: the identity of the contents, whatever the data set's name, the
    /// files' names or their compression.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Pixels(pixels) => pixels.len(),
            Values::Points { coordinates, .. } => coordinates.len(),
        }
    }
}

/// An 8-bit pixel in `[-1, 1]`.
pub(crate) const fn scaled(pixel: u8) -> f32 {
    pixel as f32 / 127.5 - 1.0
}

/// All 256 of them: to look one up takes less than to divide.
static SCALED: [f32; 256] = {
    let mut scaled_pixels = [0.0; 256];
    let mut pixel = 0;
    while pixel < 256 {
        scaled_pixels[pixel] = scaled(pixel as u8);
        pixel += 1;
    }
    scaled_pixels
};

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("name", &self.name)
            .field("shape", &self.shape)
            .field("len", &self.len())
            .field("classes", &self.classes())
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// The sizes go first, so that no two data sets feed the same bytes to the hash: those of points are no image's. The number of classes follows from the
/// labels or from the data set's definition and is left out.
fn fingerprint(shape: Shape, values: &Values, labels: Option<&Labels>) -> String {
    let mut hasher = blake3::Hasher::new();
    for size in [shape.channels, shape.height, shape.width, values.len()] {
        hasher.update(&(size as u64).to_le_bytes());
    }
    hasher.update(&[u8::from(labels.is_some())]);
    match values {
        Values::Pixels(pixels) => {
            hasher.update(pixels);
        }
        Values::Points { coordinates, .. } => coordinates.iter().for_each(|coordinate| {
            hasher.update(&coordinate.to_le_bytes());
        }),
    }
    for label in labels.iter().flat_map(|labels| &labels.of_samples) {
        // A byte where it will do, as it stands in IDX files.
        match u8::try_from(*label) {
            Ok(label) if labels.is_some_and(|labels| labels.classes <= 256) => hasher.update(&[label]),
            _ => hasher.update(&label.to_le_bytes()),
        };
    }
    format!("blake3:{}", hasher.finalize().to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { channels: 1, height: 1, width: 3 };

    fn dataset(pixels: &[u8], labels: Option<&[u16]>) -> Dataset {
        let labels = labels.map(|labels| Labels { of_samples: labels.to_vec(), classes: 10 });
        Dataset::new("tiny", SHAPE, pixels.to_vec(), labels)
    }

    #[test]
    fn pixels_are_mapped_to_minus_one_and_one() {
        let dataset = dataset(&[0, 51, 255, 102, 153, 204], None);
        let mut out = vec![7.0];
        dataset.read_into(&[1, 0, 1], &mut out);
        let expected = [7.0, -0.2, 0.2, 0.6, -1.0, -0.6, 1.0, -0.2, 0.2, 0.6];
        assert_eq!(out.len(), expected.len());
        assert_eq!([out[4], out[6]], [-1.0, 1.0], "the ends are exact");
        for (out, expected) in out.iter().zip(expected) {
            assert!((out - expected).abs() < 1e-6, "{out} is not {expected}");
        }
    }

    #[test]
    fn images_are_slices_in_order() {
        let dataset = dataset(&[1, 2, 3, 4, 5, 6], Some(&[3, 9]));
        assert_eq!((dataset.len(), dataset.image(1)), (2, [4, 5, 6].as_slice()));
        assert_eq!((dataset.labels(), dataset.classes()), (Some([3, 9].as_slice()), Some(10)));
    }

    #[test]
    fn points_are_read_as_they_are_and_stand_in_the_fingerprint() {
        let points = |coordinates: [f32; 4]| {
            let labels = Labels { of_samples: vec![0, 1], classes: 2 };
            Dataset::points("tiny", coordinates.to_vec(), 1.5, labels)
        };
        let base = points([-4.0, 0.01, 1e-7, 3.5]);
        let mut out = Vec::new();
        base.read_into(&[1, 0], &mut out);
        assert_eq!(out, [1e-7, 3.5, -4.0, 0.01]);
        assert_eq!((base.len(), base.shape().is_point(), base.extent()), (2, true, Some(1.5)));
        assert_eq!(base.fingerprint(), points([-4.0, 0.01, 1e-7, 3.5]).fingerprint());
        assert_ne!(base.fingerprint(), points([-4.0, 0.01, 2e-7, 3.5]).fingerprint());
        let images = dataset(&[1, 2, 3], None);
        assert_eq!((images.shape().is_point(), images.extent()), (false, None));
    }

    #[test]
    fn fingerprint_covers_shape_pixels_and_labels() {
        let base = dataset(&[1, 2, 3], Some(&[4]));
        assert_eq!(base.fingerprint(), dataset(&[1, 2, 3], Some(&[4])).fingerprint());
        let tall = Shape { channels: 1, height: 3, width: 1 };
        let others = [
            dataset(&[1, 2, 4], Some(&[4])),
            dataset(&[1, 2, 3], Some(&[5])),
            dataset(&[1, 2, 3], None),
            Dataset::new("tiny", tall, vec![1, 2, 3], Some(Labels { of_samples: vec![4], classes: 10 })),
        ];
        for other in others {
            assert_ne!(base.fingerprint(), other.fingerprint());
        }
    }
}
