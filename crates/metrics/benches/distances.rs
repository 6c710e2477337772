//! Seconds of the distances that an evaluation takes, at 10,000 real and 10,000 fake samples of 128 features:
//! `cargo bench -p metrics`.

use divan::{Bencher, black_box};
use metrics::{Features, Kid, frechet, kid, permutation, prdc};

const SAMPLES: usize = 10_000;
const WIDTH: usize = 128;

fn main() {
    divan::main();
}

/// Numbers without structure, of the size of an embedding's.
fn samples(seed: u64) -> Vec<f32> {
    let count = SAMPLES * WIDTH;
    permutation(count, seed).into_iter().map(|x| (x as f32 / count as f32).powi(2)).collect()
}

fn measured<T>(bencher: Bencher, metric: impl Fn(Features, Features) -> T + Sync) {
    let (real, fake) = (samples(1), samples(2));
    let (real, fake) = (Features::single(&real, WIDTH), Features::single(&fake, WIDTH));
    bencher.bench_local(|| metric(black_box(real), black_box(fake)));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn frechet_distance(bencher: Bencher) {
    measured(bencher, frechet);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn kernel_distance(bencher: Bencher) {
    measured(bencher, |real, fake| kid(real, fake, Kid::default()));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn precision_recall_density_coverage(bencher: Bencher) {
    measured(bencher, |real, fake| prdc(real, fake, 5));
}
