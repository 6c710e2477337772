use super::adaptive::PROBABILITY;
use super::*;
use crate::augmentation::Operation::{Brightness, Contrast, Cutout, Flip, Saturation, Translation};
use burn::tensor::{Device, TensorData};

const SHAPE: [usize; 4] = [64, 3, 8, 16];

/// Different everywhere, never 0.
fn images(device: &Device) -> Tensor<4> {
    let count = SHAPE.iter().product::<usize>();
    let values: Vec<f32> = (1..=count).map(|at| at as f32 / count as f32).collect();
    Tensor::from_data(TensorData::new(values, SHAPE), device)
}

fn read(tensor: Tensor<4>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

fn apply(operation: Operation, images: Tensor<4>) -> Vec<Vec<f32>> {
    let values = read(operation.apply(images, &mut Stream::new(1, "test", 0)));
    values.chunks(SHAPE[1..].iter().product()).map(<[f32]>::to_vec).collect()
}

fn before() -> Vec<Vec<f32>> {
    read(images(&Device::flex())).chunks(SHAPE[1..].iter().product()).map(<[f32]>::to_vec).collect()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

#[test]
fn brightness_adds_one_number_to_an_image() {
    let mut shifts = Vec::new();
    for (before, after) in before().iter().zip(apply(Brightness, images(&Device::flex()))) {
        let shift = after[0] - before[0];
        assert!(before.iter().zip(&after).all(|(b, a)| (a - b - shift).abs() < 1e-6));
        shifts.push(shift);
    }
    assert!(shifts.iter().all(|shift| (-0.5..0.5).contains(shift)));
    assert!(shifts.iter().any(|shift| *shift < -0.3) && shifts.iter().any(|shift| *shift > 0.3));
}

#[test]
fn contrast_and_saturation_keep_means() {
    for (before, after) in before().iter().zip(apply(Contrast, images(&Device::flex()))) {
        assert!((mean(before) - mean(&after)).abs() < 1e-5);
        let factor = (after[0] - mean(&after)) / (before[0] - mean(before));
        assert!((0.499..1.501).contains(&factor), "{factor}");
    }
    let plane = SHAPE[2] * SHAPE[3];
    for (before, after) in before().iter().zip(apply(Saturation, images(&Device::flex()))) {
        for pixel in 0..plane {
            let of = |image: &[f32]| [0, 1, 2].map(|channel| image[channel * plane + pixel]);
            assert!((mean(&of(before)) - mean(&of(&after))).abs() < 1e-5);
        }
    }
    let grey = images(&Device::flex()).narrow(1, 0, 1);
    let same = Saturation.apply(grey.clone(), &mut Stream::new(1, "test", 0));
    assert_eq!(read(grey), read(same));
}

#[test]
fn a_flip_mirrors_rows_of_about_every_other_image() {
    let width = SHAPE[3];
    let mut flipped = 0;
    for (before, after) in before().iter().zip(apply(Flip, images(&Device::flex()))) {
        let mirrored: Vec<f32> = before.chunks(width).flat_map(|row| row.iter().rev()).copied().collect();
        let is_flipped = (after[0] - mirrored[0]).abs() < 1e-6;
        let expected = if is_flipped { &mirrored } else { before };
        assert!(after.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-6));
        flipped += usize::from(is_flipped);
    }
    // 64 tosses of a coin: mean 32, standard deviation 4.
    assert!((16..=48).contains(&flipped), "{flipped}");
}

#[test]
fn a_translation_moves_an_image_by_up_to_an_eighth_and_leaves_grey() {
    let [_, channels, height, width] = SHAPE;
    let mut seen = std::collections::BTreeSet::new();
    for (before, after) in before().iter().zip(apply(Translation, images(&Device::flex()))) {
        let matches = |down: isize, right: isize| {
            (0..channels * height * width).all(|at| {
                let (row, column) = ((at / width) % height, at % width);
                let from = row.checked_add_signed(-down).filter(|row| *row < height);
                let from = from.zip(column.checked_add_signed(-right).filter(|column| *column < width));
                let expected =
                    from.map_or(0.0, |(r, c)| before[at / (height * width) * height * width + r * width + c]);
                after[at] == expected
            })
        };
        let shifts = (-1..=1).flat_map(|down| (-2..=2).map(move |right| (down, right)));
        let found: Vec<_> = shifts.filter(|(down, right)| matches(*down, *right)).collect();
        assert_eq!(found.len(), 1, "no shift explains it");
        seen.insert(found[0]);
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn a_cutout_takes_a_rectangle_of_half_the_sides() {
    let [_, channels, height, width] = SHAPE;
    let (plane, mut most) = (height * width, 0);
    for (before, after) in before().iter().zip(apply(Cutout, images(&Device::flex()))) {
        let gone: Vec<usize> = (0..plane).filter(|pixel| after[*pixel] == 0.0).collect();
        for channel in 0..channels {
            for pixel in 0..plane {
                let at = channel * plane + pixel;
                assert_eq!(after[at], if gone.contains(&pixel) { 0.0 } else { before[at] });
            }
        }
        let rows = gone.iter().map(|pixel| pixel / width).collect::<std::collections::BTreeSet<_>>().len();
        let columns = gone.iter().map(|pixel| pixel % width).collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(gone.len(), rows * columns, "not a rectangle");
        assert!(rows <= height / 2 && columns <= width / 2 && !gone.is_empty());
        most = most.max(gone.len());
    }
    assert_eq!(most, plane / 4);
}

#[test]
fn the_probability_chooses_images_one_by_one() {
    let device = Device::flex();
    let adaptive = Adaptive { operations: vec![Brightness], ..Adaptive::default() };
    let changed = |probability: f32| {
        let variables = Variables::new([(PROBABILITY, probability)], &device);
        let stream = &mut Stream::new(1, "test", 0);
        let after = read(adaptive.apply(images(&device), &variables, stream));
        let size = SHAPE[1..].iter().product();
        before().iter().zip(after.chunks(size)).filter(|(before, after)| before.as_slice() != *after).count()
    };
    assert_eq!((changed(0.0), changed(1.0)), (0, 64));
    // 64 draws with probability 1/4: mean 16, standard deviation 3.5.
    assert!((4..=30).contains(&changed(0.25)), "{}", changed(0.25));
}

#[test]
fn the_generator_learns_through_the_operations() {
    let device = Device::flex().autodiff();
    let images = images(&device).require_grad();
    let augmented = DiffAugment { operations: vec![Translation, Cutout, Flip] };
    let none = Variables::new([], &device);
    let augmented = augmented.apply(images.clone(), &none, &mut Stream::new(1, "test", 0));
    let gradient = images.grad(&augmented.sum().backward()).unwrap();
    let values: Vec<f32> = gradient.into_data().iter().collect();
    let reached = values.iter().filter(|value| **value != 0.0).count() as f64 / values.len() as f64;
    // All but what was moved or cut out of the image.
    assert!((0.5..1.0).contains(&reached), "{reached}");
    assert!(values.iter().all(|value| value.is_finite()));
}

#[test]
fn the_probability_follows_the_discriminators_sureness() {
    let device = Device::flex();
    let settings = Adaptive { target: 0.6, images: 1000, ..Adaptive::default() };
    let mut variables = Variables::new(settings.variables(), &device);
    let mut check = |r: f32, expected: f32| {
        // Twenty logits whose signs have the mean r.
        let positive = (10.0 * (1.0 + r)).round() as usize;
        let logits: Vec<f32> = (0..20).map(|at| if at < positive { 1.5 } else { -0.5 }).collect();
        let adaptation = settings.adapt(&Tensor::from_data(TensorData::new(logits, [20]), &device), 100, &variables);
        variables = variables.with(adaptation.values);
        let found: Vec<f32> = variables.get(PROBABILITY).into_data().iter().collect();
        assert!((found[0] - expected).abs() < 1e-6, "{r}: {found:?}, expected {expected}");
    };
    check(0.5, 0.0); // never below 0
    check(0.9, 0.1);
    check(0.7, 0.2);
    check(0.1, 0.1);
    for step in 2..=10 {
        check(1.0, step as f32 / 10.0);
    }
    check(1.0, 1.0); // never above 1
}

#[test]
fn settings_out_of_range_are_reported() {
    let check = |json: &str, count| {
        let augmentation: AugmentationConfig = serde_json::from_str(json).unwrap();
        assert_eq!(augmentation.check().len(), count, "{json}: {:?}", augmentation.check());
    };
    check(r#"{"kind": "none"}"#, 0);
    check(r#"{"kind": "diff_augment", "operations": ["flip"]}"#, 0);
    check(r#"{"kind": "diff_augment", "operations": []}"#, 1);
    check(r#"{"kind": "adaptive", "target": 1.5, "images": 0, "operations": []}"#, 3);
}
