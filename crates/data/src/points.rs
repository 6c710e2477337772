//! Points in the plane that follow from the name of their data set, the split and their number alone.

use std::f64::consts::TAU;

use family::Problem;
use samples::Format;

use crate::dataset::Labels;
use crate::{Dataset, Entry, Split, Values};

/// The largest `count`: 8 MB.
const MAX_POINTS: usize = 1_000_000;

/// As many as PacGAN has (Lin et al. 2018).
pub(crate) fn default_count() -> usize {
    100_000
}

pub(crate) fn check(count: usize) -> Vec<Problem> {
    let message = format!("{count} points are not within 1 and {MAX_POINTS}");
    Problem::unless((1..=MAX_POINTS).contains(&count), "count", message).into_iter().collect()
}

/// What distinguishes one of these data sets.
pub(crate) struct Points {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Half the side of the square around 0 in which to draw them.
    pub(crate) extent: f32,
    /// Classes, drawn evenly: modes or arms.
    pub(crate) classes: u16,
    /// Standard deviation along each axis of the Gaussian noise.
    pub(crate) deviation: f64,
    /// Where a point of a class is without the noise; the second argument is uniform in `[0, 1)`.
    pub(crate) centre: fn(u16, f64) -> [f64; 2],
}

impl Points {
    pub(crate) fn entry(&self) -> Entry {
        Entry {
            name: self.name,
            about: self.about,
            licence: "none needed: they are computed",
            how_to_get: "nothing to do: it is made by this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    /// The same points for every `count`, fewer or more of them. A tenth of `count` is held out.
    pub(crate) fn open(&self, count: usize, split: Split) -> Dataset {
        let (purpose, count) = match split {
            Split::Train => ("train", count),
            Split::Test => ("test", count / 10),
        };
        let mut coordinates = Vec::with_capacity(2 * count);
        let mut of_samples = Vec::with_capacity(count);
        for point in 0..count {
            let (class, [x, y]) = self.draw(purpose, point);
            coordinates.extend([x as f32, y as f32]);
            of_samples.push(class);
        }
        let format = Format::Points { dims: 2, extent: self.extent };
        let labels = Labels::numbered(of_samples, self.classes.into());
        Dataset::new(self.name, format, Values::Numbers(coordinates), Some(labels))
    }

    /// Numbers come from a hash of what they are for, the noise from them by Box and Muller (1958).
    fn draw(&self, purpose: &str, point: usize) -> (u16, [f64; 2]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.name.as_bytes()).update(purpose.as_bytes()).update(&(point as u64).to_le_bytes());
        let hash = *hasher.finalize().as_bytes();
        let word = |number: usize| u64::from_le_bytes(std::array::from_fn(|byte| hash[8 * number + byte]));
        let uniform = |number| (word(number) >> 11) as f64 / (1u64 << 53) as f64;
        // Of 2^64 values the rest of the division favours none of a few classes by more than 1e-17.
        let class = (word(0) % u64::from(self.classes)) as u16;
        let radius = self.deviation * libm::sqrt(-2.0 * libm::log(1.0 - uniform(1)));
        let (sin, cos) = libm::sincos(TAU * uniform(2));
        let [x, y] = (self.centre)(class, uniform(3));
        (class, [x + radius * cos, y + radius * sin])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::grid_25;
    use crate::source::ring_8;
    use crate::source::spiral;

    fn read(dataset: &Dataset) -> Vec<f32> {
        let mut values = Vec::new();
        dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
        values
    }

    /// Every class has its share, no point leaves the square, and around each centre stands a round Gaussian. Bounds are
    /// five standard errors.
    #[test]
    fn points_are_drawn_from_their_definition() {
        for open in [ring_8::open, grid_25::open] {
            let (set, count) = (open(50_000, Split::Train), 50_000.0);
            let (values, classes) = (read(&set), set.classes().unwrap());
            let (points, _) = values.as_chunks::<2>();
            let (centres, deviation): (Vec<[f64; 2]>, f64) = match set.name() {
                "ring-8" => {
                    ((0..8).map(|mode| libm::sincos(TAU * f64::from(mode) / 8.0)).map(|(s, c)| [c, s]).collect(), 0.01)
                }
                _ => ((0..25).map(|mode| [mode / 5, mode % 5].map(|at| f64::from(2 * at - 4))).collect(), 0.05),
            };
            assert_eq!(centres.len(), classes);
            let mut shares = vec![0.0; classes];
            let mut moments = [0.0; 4];
            for (point, label) in points.iter().zip(set.labels().unwrap()) {
                shares[usize::from(*label)] += 1.0;
                let centre = centres[usize::from(*label)];
                let [x, y] = [0, 1].map(|axis| (f64::from(point[axis]) - centre[axis]) / deviation);
                [x, y, x * x, y * y].iter().zip(&mut moments).for_each(|(value, sum)| *sum += value / count);
            }
            let expected = count / classes as f64;
            assert!(shares.iter().all(|share| (share - expected).abs() < 5.0 * expected.sqrt()), "{shares:?}");
            let [x, y, xx, yy] = moments;
            assert!([x, y].iter().all(|mean| mean.abs() < 5.0 / count.sqrt()), "{moments:?}");
            assert!([xx, yy].iter().all(|square| (square - 1.0).abs() < 5.0 * (2.0 / count).sqrt()), "{moments:?}");
        }
        for open in [ring_8::open, grid_25::open, spiral::open] {
            let set = open(50_000, Split::Train);
            let Format::Points { extent, .. } = set.format() else { panic!("{:?}", set.format()) };
            assert!(read(&set).iter().all(|value| value.abs() < extent), "{}", set.name());
        }
    }

    #[test]
    fn fewer_points_are_the_first_of_more_and_none_is_held_out_twice() {
        for open in [ring_8::open, grid_25::open, spiral::open] {
            let (few, many, test) = (open(7, Split::Train), open(300, Split::Train), open(300, Split::Test));
            assert_eq!((few.len(), many.len(), test.len()), (7, 300, 30));
            assert_eq!(
                (read(&few).as_slice(), few.labels().unwrap()),
                (&read(&many)[..14], &many.labels().unwrap()[..7])
            );
            let (train, test) = (read(&many), read(&test));
            assert!(test.chunks(2).all(|point| train.chunks(2).all(|other| point != other)));
        }
    }

    /// Runs' ids hold them: another machine must not draw others.
    #[test]
    fn the_points_are_pinned() {
        let found =
            [ring_8::open, grid_25::open, spiral::open].map(|open| open(1000, Split::Train).fingerprint().to_owned());
        insta::assert_snapshot!(found.join("\n"), @r"
        blake3:e8bdd4d9955fff2c96aae913b0b5f0c8451e7daea211a94eb5a33945e470e0fd
        blake3:c98b19d8281274369c2b024d7d46232b46a70b3c0d33ad772f89a9eb9948f0e1
        blake3:c6f18e91255331155b9b66bd81b016e261291128ec29cc079872f349ccd59d5e
        ");
    }
}
