//! How samples become one picture.

use crate::grid::{Image, grid, tiles};
use crate::scatter::Plane;
use data::Dataset;

/// A picture of many samples, by what they are. It depends on the data set, never on the samples, so that all pictures of
/// a run can be compared.
#[derive(Clone)]
pub enum Canvas {
    /// Images side by side.
    Tiles {
        /// Of each image.
        shape: [usize; 3],
        /// Classes that take turns in them; 0 if they do not.
        classes: usize,
    },
    /// Points in the plane.
    Plane(Plane),
}

impl Canvas {
    /// That of samples like a data set's, whose classes take turns if there are any.
    pub fn of(dataset: &Dataset, classes: usize) -> Self {
        let shape = dataset.format().shape();
        Plane::of(dataset).map_or(Self::Tiles { shape, classes }, Self::Plane)
    }

    /// The same with so many images in a row, if it shows images.
    pub(crate) fn with_columns(self, columns: usize) -> Self {
        match self {
            Self::Tiles { shape, .. } => Self::Tiles { shape, classes: columns },
            Self::Plane(plane) => Self::Plane(plane),
        }
    }

    /// Draws samples `[count, channels, height, width]`, row major.
    pub fn draw(&self, values: &[f32]) -> Image {
        match self {
            Self::Tiles { shape, classes } => grid(&tiles(values, *shape), *classes),
            Self::Plane(plane) => plane.draw(values),
        }
    }

    /// A picture of each sample; none for points, which are nothing alone.
    pub fn singles(&self, values: &[f32]) -> Option<Vec<Image>> {
        match self {
            Self::Tiles { shape, .. } => Some(tiles(values, *shape)),
            Self::Plane(_) => None,
        }
    }
}
