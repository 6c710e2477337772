//! Pictures beside the sample grids: real samples, ways between latents, the training images nearest to samples.
//!
//! They draw from streams of their own and read an averaged generator: a run has the weights of one without them.

use crate::fixed_input::FixedInput;
use burn::tensor::Tensor;
use data::Dataset;
use metrics::Features;
use models::GeneratorInput;
use models::task::AnySampler;
use samples::{Canvas, Format, Picture};
use std::sync::Arc;

/// Samples on a way between two latents, and the most ways: no more samples than a grid has.
const ON_A_WAY: usize = 8;
const MAX_WAYS: usize = 8;
/// In the plane samples are dots, and enough of them a curve.
const DOTS_OF_A_WAY: usize = 100;
/// Samples whose neighbours are shown.
const NEIGHBOURED: usize = 16;
const NEIGHBOURED_IN_A_ROW: usize = 8;
/// Training images whose pixels are held at once.
const CHUNK: usize = 4096;

/// Real points beneath generated ones: the first of the data set.
const REAL_POINTS: usize = 2_000;

/// What samples like a data set's are drawn on, whose classes take turns if there are any.
pub fn canvas(dataset: &Dataset, classes: usize) -> Canvas {
    let mut real = Vec::new();
    if dataset.format().is_points() {
        dataset.read_into(&Vec::from_iter(0..dataset.len().min(REAL_POINTS)), &mut real);
    }
    Canvas::new(dataset.format(), classes).over(&real)
}

/// Draws the pictures of one run.
pub(crate) struct Pictures {
    /// The training split.
    pub dataset: Arc<Dataset>,
    /// As of the grids.
    pub canvas: Canvas,
    /// Of the grids.
    pub input: FixedInput,
}

impl Pictures {
    /// As many real samples as a grid has: the first of a fixed random order, of the class that stands in their place in
    /// the grid, if classes take turns there. With their values.
    pub(crate) fn real(&self) -> (Picture, Vec<f32>) {
        let mut values = Vec::new();
        self.dataset.read_into(&self.representatives(), &mut values);
        (self.canvas.draw(&values), values)
    }

    /// The samples that are translated for the grids, if there are any.
    pub(crate) fn sources(&self) -> Option<Picture> {
        let format = self.input.sources.as_ref()?.input()?.format();
        let source: Vec<f32> = self.input.draw().source?.into_data().iter().collect();
        Some(Canvas::new(format, 0).draw(&source))
    }

    /// The fixed inputs, what was made of them and what they should have become, in rows; with `differences` of the first that was
    /// made to its target, else to its input. None where these are no images of one size.
    pub(crate) fn translations(&self, made: &[(Format, Vec<f32>)], differences: bool) -> Option<Picture> {
        let format = self.input.sources.as_ref()?.input()?.format();
        let source: Vec<f32> = self.input.draw().source?.into_data().iter().collect();
        let mut columns = vec![(format, source)];
        columns.extend(made.iter().cloned());
        columns.extend(self.input.targets());
        if differences {
            let other = if self.input.targets().is_some() { columns.last() } else { columns.first() };
            let difference = other.zip(made.first()).filter(|((one, _), (other, _))| one == other);
            let difference = difference.map(|((format, other), (_, made))| {
                // Black where they are equal, white where one is white and the other black.
                (*format, other.iter().zip(made).map(|(other, made)| (other - made).abs() - 1.0).collect())
            });
            columns.extend(difference);
        }
        samples::rows(&columns.iter().map(|(format, values)| (*format, values.as_slice())).collect::<Vec<_>>())
    }

    /// For what stands in rows: samples on a way, and samples each with its neighbour to the right.
    pub(crate) fn in_rows(&self) -> Canvas {
        self.canvas.clone().with_columns(ON_A_WAY)
    }

    fn representatives(&self) -> Vec<usize> {
        let order = metrics::permutation(self.dataset.len(), 0);
        let count = self.input.count.min(order.len());
        let classes = match self.dataset.labels() {
            Some(labels) if self.input.model.conditioning.is_by_class() => {
                let classes = self.dataset.classes().unwrap_or(0);
                let of = |class| order.iter().filter(move |index| usize::from(labels[**index]) == class).copied();
                (0..classes).map(|class| of(class).take(count).collect()).collect()
            }
            _ => vec![order.clone()],
        };
        let pick = |at: usize| {
            let own: &Vec<usize> = &classes[at % classes.len()];
            // A class may have no image at all.
            let own = if own.is_empty() { &order } else { own };
            own[at / classes.len() % own.len()]
        };
        (0..count).map(pick).collect()
    }

    /// Samples on straight ways between latent vectors, the class of each way fixed; none where samples are translated.
    /// With their values.
    pub(crate) fn interpolation(&self, sampler: &dyn AnySampler) -> Option<(Picture, Vec<f32>)> {
        if self.input.sources.is_some() {
            return None;
        }
        let samples = if self.canvas.format().is_points() { DOTS_OF_A_WAY } else { ON_A_WAY };
        let ways = (self.input.count / ON_A_WAY).clamp(1, MAX_WAYS);
        let ends = FixedInput { count: 2 * ways, ..self.input.clone() }.draw();
        let (from, to) = (ends.rows(0, ways), ends.rows(ways, ways));
        let to = to.with_labels(from.labels.clone());
        let made = sampler.sample(between(from, to, samples)).samples();
        let values: Vec<f32> = made.into_data().iter().collect();
        Some((self.canvas.clone().with_columns(samples).draw(&values), values))
    }

    /// The first samples of a grid, and under each the training image whose pixels are nearest (Goodfellow et al. 2014,
    /// figure 2); none for points, and where a sample is not finite. With the values of both, a pair after the other.
    pub(crate) fn neighbours(&self, sampler: &dyn AnySampler) -> Option<(Picture, Vec<f32>)> {
        let format = self.canvas.format();
        if format.is_points() {
            return None;
        }
        let count = self.input.count.min(NEIGHBOURED);
        let made = sampler.sample(self.input.draw().rows(0, count)).samples();
        let samples: Vec<f32> = made.into_data().iter().collect();
        let mut nearest = Vec::new();
        self.dataset.read_into(&self.nearest(&samples)?, &mut nearest);
        let columns = count.min(NEIGHBOURED_IN_A_ROW);
        let row = columns * format.values();
        let rows = samples.chunks(row).zip(nearest.chunks(row)).flat_map(|(samples, nearest)| [samples, nearest]);
        let values: Vec<f32> = rows.flatten().copied().collect();
        let picture = self.canvas.clone().with_columns(columns).draw(&values);
        let pairs = samples.chunks(format.values()).zip(nearest.chunks(format.values()));
        Some((picture, pairs.flat_map(|(sample, nearest)| [sample, nearest]).flatten().copied().collect()))
    }

    /// For each sample the training image that is nearest to it.
    fn nearest(&self, samples: &[f32]) -> Option<Vec<usize>> {
        if !samples.iter().all(|value| value.is_finite()) {
            return None;
        }
        let size = self.dataset.format().values();
        let mut nearest = vec![(0, f64::INFINITY); samples.len() / size];
        for first in (0..self.dataset.len()).step_by(CHUNK) {
            let chunk = Vec::from_iter(first..self.dataset.len().min(first + CHUNK));
            let mut images = Vec::new();
            self.dataset.read_into(&chunk, &mut images);
            let found = metrics::neighbours(Features::single(&images, size), Features::single(samples, size)).ok()?;
            for (nearest, found) in nearest.iter_mut().zip(found) {
                if found.distance < nearest.1 {
                    *nearest = (first + found.index, found.distance);
                }
            }
        }
        Some(nearest.into_iter().map(|(index, _)| index).collect())
    }
}

/// For each row of `from` as many codes on the way to that of `to`, both ends among them.
fn between(from: GeneratorInput, to: GeneratorInput, count: usize) -> GeneratorInput {
    let mut ends = Vec::new();
    to.named(|_, part| ends.push(part));
    let mut ends = ends.into_iter();
    from.map(|from| {
        let [rows, width] = from.dims();
        let to = ends.next().expect("both ends have the same parts");
        let at = |step: usize| {
            let share = step as f64 / (count - 1) as f64;
            (from.clone() * (1.0 - share) + to.clone() * share).unsqueeze_dim::<3>(1)
        };
        Tensor::cat((0..count).map(at).collect(), 1).reshape([rows * count, width])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::DataConfig;
    use models::{ConditioningConfig, GeneratorConfig, ModelConfig};

    /// Of untrained networks of the smallest sort.
    fn pictures(data: &str, conditioning: &str, count: usize) -> (Pictures, Box<dyn AnySampler>) {
        let conditioning: ConditioningConfig = serde_json::from_value(conditioning.into()).unwrap();
        let dataset = serde_json::from_str::<DataConfig>(data).unwrap().open(data::Split::Train).unwrap();
        let output = if dataset.format().is_points() { "linear" } else { "tanh" };
        let generator = format!(r#"{{"architecture": "mlp", "hidden": [8], "output": "{output}"}}"#);
        let generator: GeneratorConfig = serde_json::from_str(&generator).unwrap();
        let model = ModelConfig { generator, conditioning, ..ModelConfig::default() };
        let (domain, device) = (dataset.domain(), burn::tensor::Device::flex());
        let canvas = canvas(&dataset, model.conditioning.classes(&domain));
        let sampler = model.init(domain, 0, &device).sampler();
        let input = FixedInput { model, domain, count, device, sources: None };
        (Pictures { dataset: Arc::new(dataset), canvas, input }, sampler)
    }

    /// The tile in a place of a picture of digits.
    fn tile(image: &Picture, row: usize, column: usize) -> Vec<u8> {
        let rows = image.pixels.chunks(image.width).skip(row * 28).take(28);
        rows.flat_map(|pixels| &pixels[column * 28..(column + 1) * 28]).copied().collect()
    }

    const DIGITS: &str = r#"{"name": "mnist-10k"}"#;

    #[test]
    fn real_images_have_the_class_of_their_column() {
        let (digits, _) = pictures(DIGITS, "concat", 64);
        let (image, values) = digits.real();
        assert_eq!((image.width, image.height, values.len()), (280, 7 * 28, 64 * 784));
        let chosen = digits.representatives();
        let labels = digits.dataset.labels().unwrap();
        assert!(chosen.iter().enumerate().all(|(at, index)| usize::from(labels[*index]) == at % 10));
        assert_eq!(tile(&image, 1, 3), digits.dataset.image(chosen[13]));
        assert_eq!(chosen.iter().collect::<std::collections::BTreeSet<_>>().len(), 64);

        let (plain, _) = pictures(DIGITS, "none", 64);
        assert_eq!(plain.representatives(), metrics::permutation(plain.dataset.len(), 0)[..64]);
        let (few, _) = pictures(r#"{"name": "ring-8", "count": 10}"#, "none", 64);
        assert_eq!(few.real().1.len(), 20, "there are no more");
    }

    #[test]
    fn ways_lead_from_samples_of_the_grid_to_others_and_keep_their_class() {
        for conditioning in ["none", "concat"] {
            let (digits, sampler) = pictures(DIGITS, conditioning, 30);
            let (image, _) = digits.interpolation(&*sampler).unwrap();
            assert_eq!((image.width, image.height), (ON_A_WAY * 28, 3 * 28));
            let code = digits.input.draw();
            let labels = code.rows(0, 3).labels;
            let make = |code: GeneratorInput| {
                let values: Vec<f32> = sampler.sample(code).samples().into_data().iter().collect();
                digits.canvas.clone().with_columns(1).draw(&values)
            };
            let [starts, ends] = [code.rows(0, 3), code.rows(3, 3).with_labels(labels)].map(make);
            for row in 0..3 {
                assert_eq!(tile(&image, row, 0), tile(&starts, row, 0));
                assert_eq!(tile(&image, row, ON_A_WAY - 1), tile(&ends, row, 0));
                assert_ne!(tile(&image, row, 3), tile(&image, row, 4));
            }
        }
    }

    #[test]
    fn points_are_curves_in_the_plane_and_have_no_neighbours_to_show() {
        let (ring, sampler) = pictures(r#"{"name": "ring-8", "count": 1000}"#, "none", 16);
        let (image, _) = ring.interpolation(&*sampler).unwrap();
        assert_eq!((image.width, image.height), (ring.real().0.width, ring.real().0.height));
        assert_ne!(image, ring.canvas.draw(&[]));
        assert!(ring.neighbours(&*sampler).is_none());
    }

    #[test]
    fn a_training_image_is_nearest_to_itself_in_whichever_part_it_stands() {
        let (digits, sampler) = pictures(DIGITS, "none", 20);
        let wanted = [8999, 0, CHUNK - 1, CHUNK, 5000];
        let mut copies = Vec::new();
        digits.dataset.read_into(&wanted, &mut copies);
        assert_eq!(digits.nearest(&copies).unwrap(), wanted);
        copies[3] = f32::NAN;
        assert_eq!(digits.nearest(&copies), None);
        let (image, _) = digits.neighbours(&*sampler).unwrap();
        assert_eq!((image.width, image.height), (NEIGHBOURED_IN_A_ROW * 28, 4 * 28));
    }
}
