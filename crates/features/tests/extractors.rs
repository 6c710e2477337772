//! What every extractor promises, and what the embedded weights know.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

use burn::tensor::Device;
use data::{DataConfig, Dataset, Drums, FashionMnist, Mnist10k, Split};
use features::{ALL, CasClassifier, Course, FeatureError, Rows, Views, extract, find, usual};
use metrics::{Features, View};
use samples::Format;

const DIGITS: Format = Format::Image([1, 28, 28]);

fn images(dataset: &Dataset, count: usize) -> Vec<f32> {
    let mut pixels = Vec::new();
    dataset.read_into(&Vec::from_iter(0..count), &mut pixels);
    pixels
}

fn digits() -> Dataset {
    DataConfig::of(Mnist10k::default()).open(Split::Test).unwrap()
}

/// Other weights or another network make other numbers of every metric.
#[test]
fn the_hashes_are_pinned() {
    let check = |name: &str, hash: &str| assert_eq!(find(name).unwrap().hash(), format!("blake3:{hash}"), "{name}");
    check("digits", "93a62c4ddbceb6ce1c6ac9cf498d91ff435cc702cadd02a81d0a9c61ed42f45a");
    check("fashion", "524b7ecc643f9a4a6379f696de933f50e555e940db24f061a1e704dec036a2f7");
    check("drums", "e448a1cf6e322f3cccd002a4737d40215dee82986f6f3c4c89b81316558c7c5a");
    check("words", "5e8971a26de91e66e9279e21f4eccc113ae7285a1f0669555a363f7772742741");
    let mut hashes: Vec<String> = ALL.iter().map(|extractor| extractor.hash()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), ALL.len());
}

#[test]
fn digits_that_were_held_out_are_told_right() {
    let dataset = digits();
    let found = extract(usual("mnist-10k"), &images(&dataset, 1000), DIGITS, &Device::flex()).unwrap();
    let classes = found.classes.unwrap().values;
    let right = classes.iter().zip(dataset.labels().unwrap()).filter(|(found, class)| **found == f32::from(**class));
    assert!(right.count() >= 985);
    let probabilities = found.probabilities.unwrap();
    assert_eq!((probabilities.width, probabilities.values.len()), (10, 10_000));
    assert!(probabilities.values.chunks(10).all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-5));
}

/// The table in `weights/README.md`, where Fashion-MNIST is installed.
#[test]
fn clothes_that_were_held_out_are_told_right() {
    let Ok(dataset) = DataConfig::of(FashionMnist { path: None }).open(Split::Test) else { return };
    let found = extract(usual("fashion-mnist"), &images(&dataset, 10_000), DIGITS, &Device::flex()).unwrap();
    let classes = found.classes.unwrap().values;
    let right = classes.iter().zip(dataset.labels().unwrap()).filter(|(found, class)| **found == f32::from(**class));
    assert!(right.count() >= 9000);
}

const HITS: Drums = Drums { rate: 8_000, length: 4_096 };

/// The table in `weights/README.md`; and cut or followed by silence, a hit is the same.
#[test]
fn drums_that_were_held_out_are_told_right() {
    let dataset = DataConfig::of(HITS).open(Split::Test).unwrap();
    let (sounds, format) = (images(&dataset, 44), dataset.format());
    let found = extract(find("drums").unwrap(), &sounds, format, &Device::flex()).unwrap();
    assert_eq!((found.features.width, found.probabilities.unwrap().width), (64, 6));
    let right = |classes: &[f32]| {
        let pairs = classes.iter().zip(dataset.labels().unwrap());
        pairs.filter(|(found, class)| **found == f32::from(**class)).count()
    };
    assert_eq!(right(&found.classes.unwrap().values), 42);
    let longer = DataConfig::of(Drums { length: 5_000, ..HITS }).open(Split::Test).unwrap();
    let again = extract(find("drums").unwrap(), &images(&longer, 44), longer.format(), &Device::flex()).unwrap();
    assert_eq!(again.features, found.features);
    let faster = Format::Audio { channels: 1, length: 4_096, rate: 16_000 };
    let refused = find("drums").unwrap().width(faster).unwrap_err().to_string();
    assert!(refused.ends_with("not of sounds of 1 x 4096 samples (channels, length) at 16000 Hz"), "{refused}");
}

/// A sixth is chance.
#[test]
fn drums_teach_drums() {
    let [training, test] = [Split::Train, Split::Test].map(|split| DataConfig::of(HITS).open(split).unwrap());
    let sounds = images(&training, training.len());
    let lesson = Features::single(&sounds, HITS.length).with_classes(training.labels().unwrap());
    let judge = CasClassifier::on_cpu(lesson, training.format()).unwrap();
    let again = CasClassifier::read(&judge.write(), 6, training.format(), &Device::flex()).unwrap();
    let found = again.classify(Features::single(&images(&test, 44), HITS.length));
    let right = found.iter().zip(test.labels().unwrap()).filter(|(found, class)| found == class).count();
    assert!(right >= 35, "{right} of 44");
}

/// An image's features depend on no other image beside it, and three digits are seen one by one.
#[test]
fn images_are_seen_alone() {
    let (pixels, device, digits) = (images(&digits(), 300), Device::flex(), find("digits").unwrap());
    let all = extract(digits, &pixels, DIGITS, &device).unwrap();
    let last = extract(digits, &pixels[299 * 784..], DIGITS, &device).unwrap();
    // Products of matrices of other sizes are rounded elsewhere.
    let close = |(left, right): (&f32, &f32)| (left - right).abs() < 1e-4;
    assert!(all.features.values[299 * 64..].iter().zip(&last.features.values).all(close));
    let stacked = extract(digits, &pixels, Format::Image([3, 28, 28]), &device).unwrap();
    assert_eq!(stacked.features.width, 192);
    assert!(all.features.values.iter().zip(&stacked.features.values).all(close));
    let classes = stacked.classes.unwrap();
    assert_eq!((classes.width, classes.values), (3, all.classes.unwrap().values));
    assert_eq!(stacked.probabilities, None);
}

/// Digits teach digits, for any number of threads the same; digits whose classes are mixed up teach nothing.
#[test]
fn a_classifier_knows_what_it_was_trained_on() {
    let (dataset, training) = (digits(), DataConfig::of(Mnist10k::default()).open(Split::Train).unwrap());
    let (asked, lesson) = (images(&dataset, 500), images(&training, 320));
    let answers = |classes: &[u16], threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let lesson = Features::single(&lesson[..classes.len() * 784], 784).with_classes(classes);
        let classifier = pool.install(|| CasClassifier::of(lesson, DIGITS, &Device::flex()));
        classifier.map(|classifier| classifier.classify(Features::single(&asked, 784)))
    };
    let right = |answers: &[u16]| answers.iter().zip(dataset.labels().unwrap()).filter(|(a, b)| a == b).count();
    let classes = training.labels().unwrap();
    let found = right(&answers(&classes[..320], 2).unwrap());
    assert!(found > 350, "{found}");
    let few = answers(&classes[..128], 1).unwrap();
    assert_eq!(Some(&few), answers(&classes[..128], 3).as_ref());
    let mixed: Vec<u16> = (0..128).map(|image| image % 10).collect();
    assert!(right(&answers(&mixed, 2).unwrap()) + 50 < right(&few));
    assert_eq!(answers(&classes[..63], 1), None);
}

/// A course of as many updates is the same training; several sets share its batches, and fewer images than a batch teach, too.
#[test]
fn a_course_says_how_a_classifier_learns() {
    let (dataset, training) = (digits(), DataConfig::of(Mnist10k::default()).open(Split::Train).unwrap());
    let (asked, lesson, classes) = (images(&dataset, 500), images(&training, 94), training.labels().unwrap());
    let set =
        |from: usize, to: usize, classes| Features::single(&lesson[from * 784..to * 784], 784).with_classes(classes);
    let (all, few) = (set(0, 64, &classes[..64]), set(64, 94, &classes[64..94]));
    let taught = |sets: &[Features], course| CasClassifier::taught(sets, DIGITS, course).unwrap();
    let whole = Course { updates: 20, seed: 0, shift: 2 };
    assert_eq!(taught(&[all], whole).write(), CasClassifier::on_cpu(all, DIGITS).unwrap().write());
    let short = Course { updates: 1, ..whole };
    let usual = taught(&[all], short).write();
    for other in [Course { seed: 1, ..short }, Course { shift: 0, ..short }, Course { updates: 2, ..short }] {
        assert_ne!(taught(&[all], other).write(), usual, "{other:?}");
    }
    let right = |sets: &[Features]| {
        let found = taught(sets, Course { updates: 60, ..whole }).classify(Features::single(&asked, 784));
        found.iter().zip(dataset.labels().unwrap()).filter(|(found, class)| found == class).count()
    };
    let of_few = right(&[few]);
    assert!(of_few > 125, "{of_few} of 500 after 30 digits; by chance 50");
    // Half of each batch teaches what is wrong.
    let mixed: Vec<u16> = (0..64).map(|image| image % 10).collect();
    let spoilt = right(&[few, set(0, 64, &mixed)]);
    assert!(spoilt + 25 < of_few, "{spoilt} and {of_few} of 500");
    assert!(CasClassifier::taught(&[], DIGITS, short).is_none());
    assert!(CasClassifier::taught(&[Features::single(&[], 784).with_classes(&[])], DIGITS, short).is_none());
}

#[test]
fn images_of_another_shape_are_refused() {
    let check = |name: &str, shape, expected: &str| {
        let found: FeatureError = find(name).unwrap().width(Format::Image(shape)).unwrap_err();
        assert_eq!(found.to_string(), expected);
    };
    let words = "images, not of images of";
    check(
        "digits",
        [1, 32, 32],
        &format!("`digits` features are of 1 x 28 x 28 or 3 x 28 x 28 {words} 1 x 32 x 32 (channels, height, width)"),
    );
    check(
        "digits",
        [2, 28, 28],
        &format!("`digits` features are of 1 x 28 x 28 or 3 x 28 x 28 {words} 2 x 28 x 28 (channels, height, width)"),
    );
    check(
        "fashion",
        [3, 28, 28],
        &format!("`fashion` features are of 1 x 28 x 28 {words} 3 x 28 x 28 (channels, height, width)"),
    );
    assert_eq!(find("pixels").unwrap().width(Format::Image([3, 8, 4])), Ok(96));
}

#[test]
fn each_metric_sees_its_side_of_the_samples() {
    let check = |extractor: &str, format: Format, expected: [Option<usize>; 5]| {
        let images = vec![-1.0; 2 * format.values()];
        let views = Views::of_images(find(extractor).unwrap(), images, format, &Device::flex()).unwrap();
        let all = [View::Features, View::Training, View::Samples, View::Probabilities, View::Classes];
        let of_classes = |views: &Views| [View::LabelledSamples, View::Trainable].map(|view| views.see(view).is_some());
        assert_eq!(of_classes(&views), [false, false]);
        assert_eq!(of_classes(&views.clone().with_classes(Some(vec![0, 1]))), [true, !format.is_points()], "{format}");
        assert_eq!(all.map(|view| views.see(view).map(|rows| rows.width())), expected, "{extractor} of {format}");
    };
    let (stacked, point) = (Format::Image([3, 28, 28]), Format::Points { dims: 2, extent: 1.0 });
    check("pixels", DIGITS, [Some(784), Some(784), Some(784), None, None]);
    check("digits", DIGITS, [Some(64), Some(64), Some(784), Some(10), Some(1)]);
    check("digits", stacked, [Some(192), Some(192), Some(2352), None, Some(3)]);
    check("pixels", point, [Some(2), Some(2), Some(2), None, None]);
}

#[test]
fn each_metric_sees_samples_of_its_formats_alone() {
    let views = |format: Format| {
        let images = vec![-1.0; format.values()];
        Views::of_images(find("pixels").unwrap(), images, format, &Device::flex()).unwrap()
    };
    let rows = |width| Views::given(Rows { values: vec![0.25; width], width });
    let point = Format::Points { dims: 2, extent: 1.0 };
    let samples = [views(DIGITS), views(Format::Image([1, 10, 28])), views(point), rows(2), rows(5)];
    let check = |metric: &str, expected: [bool; 5]| {
        let metric = metrics::find(metric).unwrap();
        assert_eq!(samples.each_ref().map(|views| views.seen_by(&metric).is_some()), expected, "{metric:?}");
    };
    check("frechet", [true; 5]);
    check("ms_ssim", [true, false, false, false, false]);
    check("modes_ring_8", [false, false, true, true, false]);
    check("inception_score", [false, false, false, true, true]);
}
