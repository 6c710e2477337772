//! A translation whose answer is known: a white shape on black becomes the same shape a quarter turn further, in the colour of its
//! kind. Everything follows from the split and a sample's number alone.

use std::f64::consts::SQRT_2;

use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DataError, Dataset, Entry, Set, Source, Split, Values};

const NAME: &str = "shapes";
const MAX_COUNT: usize = 100_000;
const SIDES: std::ops::RangeInclusive<u32> = 16..=256;
const MAX_BYTES: usize = 4 << 30;
/// Points each way that a pixel's share of the shape is counted from.
const POINTS: u32 = 4;

/// White shapes, and the same a quarter turn further and in colour.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// Images to train on, up to 100,000; a tenth as many are held out.
    #[serde(default = "default_count")]
    pub count: usize,
    /// Side of the images in pixels, 16 to 256.
    #[serde(default = "default_size")]
    pub size: u32,
    /// Whether each image to train on has its input; if not, inputs are of other shapes. The inputs that are held out belong to
    /// the images that are, in their order, either way.
    #[serde(default = "yes")]
    pub paired: bool,
    /// Whether nothing but their form tells kinds apart (`alike`), or their number, size and outline as well (`unlike`).
    #[serde(default, skip_serializing_if = "Kinds::are_alike")]
    pub kinds: Kinds,
    /// Degrees by which outputs are turned, clockwise, 0 to 359; at 0 they differ in colour alone.
    #[serde(default = "default_turn", skip_serializing_if = "is_quarter")]
    pub turn: u32,
}

/// What tells the kinds of shapes apart beside their form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kinds {
    /// Nothing. Bars, triangles and half discs are as frequent and as large as one another, and a half disc resembles a turned triangle
    /// more than a turned half disc: without pairs an exchange of kinds is as good a translation as the true one, and easier.
    #[default]
    Alike,
    /// One half are large discs with a mouth, a third are triangles, a sixth are small corners: of a translation that takes one kind
    /// for another, neither number nor size of the outputs is right. All are as wide as high, so each covers most of itself turned.
    Unlike,
}

impl Kinds {
    fn are_alike(&self) -> bool {
        *self == Self::Alike
    }

    /// The kind of a number between 0 and 5 that is drawn evenly.
    fn kind(self, number: u64) -> Kind {
        let kinds = match self {
            Self::Alike => [Kind::Bar, Kind::Triangle, Kind::HalfDisc, Kind::Bar, Kind::Triangle, Kind::HalfDisc],
            Self::Unlike => [Kind::Corner, Kind::Triangle, Kind::Triangle, Kind::Mouth, Kind::Mouth, Kind::Mouth],
        };
        kinds[(number % 6) as usize]
    }

    /// The smallest radius of a kind, and how much larger the largest one is, in parts of the image's side.
    fn radii(self, kind: Kind) -> [f64; 2] {
        match (self, kind) {
            (Self::Unlike, Kind::Corner) => [0.13, 0.04],
            (Self::Unlike, Kind::Triangle) => [0.19, 0.05],
            (Self::Unlike, Kind::Mouth) => [0.26, 0.06],
            _ => [0.16, 0.12],
        }
    }
}

fn default_count() -> usize {
    2000
}

fn default_size() -> u32 {
    32
}

fn yes() -> bool {
    true
}

fn default_turn() -> u32 {
    90
}

fn is_quarter(turn: &u32) -> bool {
    *turn == default_turn()
}

impl Settings for Shapes {
    const NAME: &'static str = NAME;
}

impl Source for Shapes {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "white shapes to translate: to the same a quarter turn further, in the colour of their kind",
            licence: "none needed: they are computed",
            how_to_get: "nothing to do: it is made by this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        let (count, size, least, most) = (self.count, self.size, SIDES.start(), SIDES.end());
        let number = format!("{count} images are not within 1 and {MAX_COUNT}");
        let side = format!("a side of {size} pixels is not within {least} and {most}");
        let bytes = count.saturating_mul(6 * (size as usize).pow(2));
        let problems = [
            Problem::unless((1..=MAX_COUNT).contains(&count), "count", number),
            Problem::unless(SIDES.contains(&size), "size", side),
            Problem::unless(bytes <= MAX_BYTES, "count", "so many images of that size take more than 4 GiB"),
            Problem::unless(self.turn < 360, "turn", format!("{} degrees are not within 0 and 359", self.turn)),
        ];
        problems.into_iter().flatten().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let (count, inputs) = match split {
            Split::Train => (self.count, if self.paired { "train" } else { "train/input" }),
            Split::Test => (self.count / 10, "test"),
        };
        let outputs = if split == Split::Train { "train" } else { "test" };
        let side = self.size as usize;
        let format = Format::Image([3, side, side]);
        let images = |purpose, draw: &dyn Fn(&Shape, &mut Vec<u8>)| {
            let mut pixels = Vec::with_capacity(count * 3 * side * side);
            (0..count).for_each(|number| draw(&Shape::of(purpose, number, self), &mut pixels));
            Values::Bytes(pixels)
        };
        let input = Set::new(format, images(inputs, &|shape, pixels| shape.draw_input(pixels, self.size)));
        let output = images(outputs, &|shape, pixels| shape.draw_output(pixels, self.size, self.turn));
        Ok(Dataset::new(NAME, format, output, None).with_input(input, self.paired || split == Split::Test))
    }
}

/// Where a shape lies, in parts of the image's side.
struct Shape {
    kind: Kind,
    centre: [f64; 2],
    radius: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Lies; turned, it stands.
    Bar,
    /// Points up; turned, to the right.
    Triangle,
    /// The upper half of a disc; turned, the right one.
    HalfDisc,
    /// A stroke down and one to the right; turned, to the left and down.
    Corner,
    /// A disc without a quarter or so, above; turned, on the right.
    Mouth,
}

impl Kind {
    /// Whether a point is inside, in parts of the radius to the right and downwards.
    fn holds(self, [x, y]: [f64; 2]) -> bool {
        match self {
            Self::Bar => x.abs() <= 1.0 && y.abs() <= 0.35,
            Self::Triangle => (-1.0..=1.0).contains(&y) && x.abs() <= (y + 1.0) / 2.0,
            Self::HalfDisc => y <= 0.0 && x * x + y * y <= 1.0,
            Self::Corner => x.abs() <= 1.0 && y.abs() <= 1.0 && (x <= -0.3 || y >= 0.3),
            Self::Mouth => x * x + y * y <= 1.0 && x.abs() >= -0.9 * y,
        }
    }

    /// Red, green, blue.
    fn colour(self) -> [u8; 3] {
        match self {
            Self::Bar | Self::Corner => [230, 60, 40],
            Self::Triangle => [40, 190, 80],
            Self::HalfDisc | Self::Mouth => [60, 100, 240],
        }
    }
}

impl Shape {
    /// From a hash of what it is for.
    fn of(purpose: &str, number: usize, settings: &Shapes) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(NAME.as_bytes()).update(purpose.as_bytes()).update(&(number as u64).to_le_bytes());
        let hash = *hasher.finalize().as_bytes();
        let word = |number: usize| u64::from_le_bytes(std::array::from_fn(|byte| hash[8 * number + byte]));
        let uniform = |number| (word(number) >> 11) as f64 / (1u64 << 53) as f64;
        let kind = settings.kinds.kind(word(0));
        let [least, more] = settings.kinds.radii(kind);
        let radius = least + more * uniform(1);
        // All of it is inside of the image, before and after: a square that is turned by less is wider.
        let room = if settings.turn.is_multiple_of(90) { radius } else { SQRT_2 * radius };
        let centre = [2, 3].map(|number| room + (1.0 - 2.0 * room) * uniform(number));
        Self { kind, centre, radius }
    }

    fn draw_input(&self, pixels: &mut Vec<u8>, side: u32) {
        self.draw(pixels, side, [255; 3], |point| point);
    }

    /// Turned by so many degrees: by 90, what lies above comes to lie on the right.
    fn draw_output(&self, pixels: &mut Vec<u8>, side: u32, turn: u32) {
        let angle = f64::from(turn).to_radians();
        let [across, along] = if is_quarter(&turn) { [0.0, 1.0] } else { [libm::cos(angle), libm::sin(angle)] };
        self.draw(pixels, side, self.kind.colour(), |[x, y]| [across * x + along * y, across * y - along * x]);
    }

    /// Appends `[channel][row][column]`. `back` is the point of the unturned shape that a point is of.
    fn draw(&self, pixels: &mut Vec<u8>, side: u32, colour: [u8; 3], back: impl Fn([f64; 2]) -> [f64; 2]) {
        let at = |place: u32, axis: usize| {
            ((f64::from(place) + 0.5) / f64::from(side * POINTS) - self.centre[axis]) / self.radius
        };
        let share = |row: u32, column: u32| {
            let points = (0..POINTS * POINTS).map(|point| (point / POINTS, point % POINTS));
            let inside = points.filter(|(down, across)| {
                self.kind.holds(back([at(column * POINTS + across, 0), at(row * POINTS + down, 1)]))
            });
            inside.count() as u32
        };
        let shares: Vec<u32> = (0..side * side).map(|pixel| share(pixel / side, pixel % side)).collect();
        for colour in colour {
            pixels.extend(shares.iter().map(|share| (u32::from(colour) * share / (POINTS * POINTS)) as u8));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(paired: bool, kinds: Kinds) -> Shapes {
        Shapes { count: 40, size: 24, paired, kinds, turn: 90 }
    }

    fn open(paired: bool, split: Split) -> Dataset {
        shapes(paired, Kinds::Alike).open(split).unwrap()
    }

    fn pixels(set: &Set, index: usize) -> Vec<f32> {
        let mut values = Vec::new();
        set.read_into(&[index], &mut values);
        values
    }

    /// Centre of what is light in a channel, and how much that is.
    fn mass(channel: &[f32], side: usize) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for (place, value) in channel.iter().enumerate() {
            let light = f64::from(value + 1.0);
            let [x, y] = [place % side, place / side].map(|at| (at as f64 + 0.5) / side as f64);
            [light, light * x, light * y].iter().zip(&mut sums).for_each(|(value, sum)| *sum += value);
        }
        [sums[0], sums[1] / sums[0], sums[2] / sums[0]]
    }

    #[test]
    fn an_output_is_its_input_turned_and_in_colour() {
        for (kinds, turn) in [(Kinds::Alike, 90), (Kinds::Unlike, 90), (Kinds::Alike, 30), (Kinds::Unlike, 0)] {
            check_outputs(&Shapes { turn, ..shapes(true, kinds) });
        }
    }

    fn check_outputs(shapes: &Shapes) {
        let set = shapes.open(Split::Train).unwrap();
        let (sine, cosine) = f64::from(shapes.turn).to_radians().sin_cos();
        for index in 0..set.len() {
            let (input, output) = (pixels(set.input().unwrap(), index), pixels(set.output(), index));
            let shape = Shape::of("train", index, shapes);
            let strongest = shape.kind.colour().iter().enumerate().max_by_key(|(_, value)| **value).unwrap().0;
            let [whole, x, y] = mass(&input[..576], 24);
            let [turned, turned_x, turned_y] = mass(&output[strongest * 576..][..576], 24);
            let level = f64::from(shape.kind.colour()[strongest]) / 255.0;
            assert!((turned / whole / level - 1.0).abs() < 0.08, "{index}: {turned} of {whole}");
            let [x, y] = [x - shape.centre[0], y - shape.centre[1]];
            let off = [
                turned_x - shape.centre[0] - (cosine * x - sine * y),
                turned_y - shape.centre[1] - (sine * x + cosine * y),
            ];
            assert!(off.iter().all(|off| off.abs() < 0.01), "{index}: {off:?}");
            assert!(input[..576] == input[576..1152], "white");
        }
    }

    #[test]
    fn inputs_without_pairs_are_of_other_shapes_and_held_out_ones_belong_together() {
        let (paired, unpaired) = (open(true, Split::Train), open(false, Split::Train));
        assert_eq!((paired.is_paired(), unpaired.is_paired()), (true, false));
        assert_eq!(pixels(paired.output(), 3), pixels(unpaired.output(), 3));
        assert_ne!(pixels(paired.input().unwrap(), 3), pixels(unpaired.input().unwrap(), 3));
        let [paired, unpaired] = [true, false].map(|paired| open(paired, Split::Test));
        assert_eq!(pixels(paired.input().unwrap(), 3), pixels(unpaired.input().unwrap(), 3));
        assert_eq!((paired.len(), unpaired.input().unwrap().len()), (4, 4));
    }

    #[test]
    fn unlike_kinds_differ_in_number_and_size() {
        let mut found = [Kind::Corner, Kind::Triangle, Kind::Mouth].map(|kind| (kind, Vec::new()));
        for number in 0..6000 {
            let shape = Shape::of("train", number, &shapes(false, Kinds::Unlike));
            let (_, radii) = found.iter_mut().find(|(kind, _)| *kind == shape.kind).unwrap();
            radii.push(shape.radius);
        }
        for ((kind, radii), expected) in found.iter().zip([1000.0, 2000.0, 3000.0]) {
            // Five standard deviations of a count.
            assert!((radii.len() as f64 - expected).abs() < 200.0, "{kind:?}: {}", radii.len());
        }
        let [corners, triangles, discs] = found.map(|(_, radii)| radii);
        let ends =
            |radii: &[f64]| [radii.iter().copied().fold(1.0, f64::min), radii.iter().copied().fold(0.0, f64::max)];
        let ([_, corners], [least, most], [discs, _]) = (ends(&corners), ends(&triangles), ends(&discs));
        assert!(corners < least && most < discs);
    }

    #[test]
    fn settings_out_of_range_are_told() {
        let check = |count, size, turn, keys: &[&str]| {
            let shapes = Shapes { count, size, turn, ..shapes(true, Kinds::Alike) };
            let found: Vec<_> = shapes.check().into_iter().map(|problem| problem.path).collect();
            assert_eq!(found, keys);
        };
        check(1, 16, 0, &[]);
        check(0, 8, 90, &["count", "size"]);
        check(100_000, 256, 360, &["count", "turn"]);
    }

    /// Runs' ids hold them: another machine must not draw others.
    #[test]
    fn the_images_are_pinned() {
        let found = [(true, Kinds::Alike), (false, Kinds::Alike), (true, Kinds::Unlike)].map(|(paired, kinds)| {
            let set = shapes(paired, kinds).open(Split::Train).unwrap();
            set.fingerprint().to_owned()
        });
        insta::assert_snapshot!(found.join("\n"), @r"
        blake3:079a3a7b2d73b5685616059d3dfc514045b2e4ae00b8d03c70a942259cf4ad5a
        blake3:1e760a3055779b4472010d0a9fe7a121a97a968c364a7f88f199d5e18eb44400
        blake3:6956716ccb4bd2e73a0442cfd3cabcc0b1535c0e60efadf836b11a752eba3482
        ");
    }
}
