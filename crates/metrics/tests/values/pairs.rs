//! Translations against their targets, beside scikit-image and PyTorch: `scripts/pair_fixtures.py`.

use crate::{close, rows};
use metrics::{Features, MetricError, conditional_accuracy, label_kept, pairs, partners};
use serde_json::Value;
use std::sync::LazyLock;

static FILE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/pairs.json")).unwrap());

/// The script's targets and what was made of them, in `[-1, 1]`.
fn images([channels, height, width]: [usize; 3]) -> [Vec<f64>; 2] {
    let (mut targets, mut made) = (Vec::new(), Vec::new());
    for i in 0..3 {
        for c in 0..channels {
            for y in 0..height {
                for x in 0..width {
                    let target = (37 * i + 11 * y + 7 * x + 61 * c + x * y % 23 * 5) % 256;
                    let shift = (7 * i + 3 * y + 5 * x + 11 * c) % 41;
                    targets.push(target as f64 / 127.5 - 1.0);
                    made.push((target as f64 + shift as f64 - 20.0).clamp(0.0, 255.0) / 127.5 - 1.0);
                }
            }
        }
    }
    [targets, made]
}

#[test]
fn distances_are_those_of_scikit_image_and_pytorch() {
    for case in FILE["pairs"].as_array().unwrap() {
        let shape = [0, 1, 2].map(|at| case["shape"][at].as_u64().unwrap() as usize);
        let [targets, made] = images(shape);
        let width = shape.iter().product();
        let found = pairs(rows(&targets, width), rows(&made, width), shape).unwrap();
        for (name, value) in [("l1", found.l1), ("psnr", found.psnr), ("ssim", found.ssim), ("ms_ssim", found.ms_ssim)]
        {
            close(value, case[name].as_f64().unwrap(), 1e-9);
        }
    }
}

#[test]
fn ranks_are_those_of_pytorch() {
    let (mut truth, mut made) = (Vec::new(), Vec::new());
    for i in 0..12 {
        for j in 0..5 {
            truth.push(f64::from((i * 17 + j * j * 29) % 31));
            made.push(f64::from((i * 17 + j * j * 29) % 31) + f64::from((i * 13 + j * 7) % 19) - 9.0);
        }
    }
    let found = partners(rows(&truth, 5), rows(&made, 5)).unwrap();
    for (name, value) in [("distance", found.distance), ("rank", found.rank), ("found", found.found)] {
        close(value, FILE["partners"][name].as_f64().unwrap(), 1e-12);
    }
}

#[test]
fn equal_images_are_as_near_as_it_gets_and_the_next_one_is_not() {
    let shape = [3, 16, 16];
    let [targets, _] = images(shape);
    let all: Features = rows(&targets, 768);
    let same = pairs(all, all, shape).unwrap();
    assert_eq!((same.l1, same.ssim, same.ms_ssim), (0.0, 1.0, 1.0));
    close(same.psnr, 58.92, 1e-4);
    let found = partners(all, all).unwrap();
    assert_eq!((found.distance, found.rank, found.found), (0.0, 0.0, 1.0));
    let turned = [&targets[768..], &targets[..768]].concat();
    let found = partners(all, rows(&turned, 768)).unwrap();
    assert!(found.found == 0.0 && found.rank > 0.0 && found.distance > 1.0, "{found:?}");
    // Copies of one target: nobody's partner is nearer than another's.
    let ones = targets[..768].repeat(3);
    let found = partners(rows(&ones, 768), all).unwrap();
    assert_eq!((found.rank, found.found), (0.5, 0.0));
}

#[test]
fn what_are_no_pairs_is_refused() {
    let shape = [1, 11, 11];
    let [targets, made] = images(shape);
    let (targets, made) = (rows(&targets, 121), rows(&made, 121));
    let is_kind = |found: Option<MetricError>| assert!(matches!(found, Some(MetricError::Kind { .. })), "{found:?}");
    is_kind(pairs(targets, made.slice(0..2), shape).err());
    is_kind(partners(targets.slice(0..2), made).err());
    is_kind(label_kept(made, None).err());
    is_kind(label_kept(made.with_classes(&[0, 1, 2]), Some(&[0, 1])).err());
    let few = partners(targets.slice(0..1), made.slice(0..1));
    assert!(matches!(few, Err(MetricError::TooFew { needed: 2, found: 1, .. })));
    is_kind(conditional_accuracy(made, None).err());
    for share in [label_kept, conditional_accuracy] {
        let kept = share(made.with_classes(&[0, 2, 2]), Some(&[0, 1, 2])).unwrap();
        assert_eq!((kept.value, kept.by_class), (2.0 / 3.0, vec![Some(1.0), None, Some(0.5)]));
    }
}
