//! The same bits for any number of threads.

use crate::{rows, samples};
use metrics::{Input, METRICS, View};
use samples::Format;

#[test]
fn no_value_depends_on_the_number_of_threads() {
    // More samples than a tile holds; images of 12 x 12 for the metric of images.
    let images = Format::Image([1, 12, 12]);
    let sounds = Format::Audio { channels: 1, length: 144, rate: 8000 };
    let videos = Format::Video { frames: 4, image: [1, 6, 6], fps: 8 };
    let (real, fake) = (samples(600, 144, 1), samples(560, 144, 2));
    let points = samples(700, 2, 3);
    let digits: Vec<f64> = (0..900).map(|index| f64::from(index * 7 % 10)).collect();
    let probabilities = [0.25, 0.75].repeat(300);
    let classes: Vec<u16> = (0..600).map(|sample| sample % 7).collect();
    let measure = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let values = |name: &str| {
            let (real, fake, format) = match name {
                "inception_score" | "confident_share" => (rows(&probabilities, 2), rows(&probabilities, 2), None),
                "modes_stacked_mnist" => (rows(&digits, 3), rows(&digits, 3), None),
                name if name.starts_with("modes") => (rows(&points, 2), rows(&points, 2), None),
                _ => {
                    let (real, fake) = (rows(&real, 144), rows(&fake, 144));
                    let format = match name {
                        "note_pitches" => sounds,
                        "video_frechet" | "moving_digits" => videos,
                        _ => images,
                    };
                    (real.with_classes(&classes), fake.with_classes(&classes[..560]), Some(format))
                }
            };
            let (metric, view) = (metrics::find(name).unwrap(), metrics::find(name).unwrap().entry().view);
            // Translations have a partner each.
            let real = if view.is_of_translations() { real.slice(0..560) } else { real };
            let judged = if view == View::Judged { fake.len() } else { real.len() };
            let predicted = Some(&classes[..judged.min(600)]);
            let input = Input { real, fake, training: real, format, predicted, seed: 4 };
            let found = metric.measure(&input).unwrap();
            found.into_iter().map(|value| value.value.to_bits()).collect::<Vec<_>>()
        };
        pool.install(|| METRICS.members().iter().map(|metric| values(metric.name())).collect::<Vec<_>>())
    };
    let one = measure(1);
    assert_eq!(one, measure(2));
    assert_eq!(one, measure(5));
    for (metric, values) in METRICS.members().iter().zip(&one) {
        assert_eq!(metric.entry().quantities.len(), values.len(), "{}", metric.name());
    }
}
