//! Layers of the presets guide, dcgan and mlp at batch 64, of those that translate at batch 4 and 8, forward and backward, on one
//! thread: `cargo bench -p kernels`.

use divan::Bencher;
use divan::counter::ItemsCount;
use kernels::{Activation, BatchNorm, Dense, Geometry, Way, Window};

const BATCH: usize = 64;
const LEAKY: Activation = Activation::LeakyRelu { slope: 0.2, gain: 1.0 };

struct Case {
    name: &'static str,
    geometry: Geometry,
    /// Small, large.
    channels: [usize; 2],
    batch: usize,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn convolutions() -> Vec<Case> {
    let convolution = |name, small: usize, large: usize, kernel: usize, stride, padding, channels| Case {
        name,
        geometry: Geometry {
            window: Window::padded([kernel; 2], [stride; 2], [padding; 2]),
            small: [small; 2],
            large: [large; 2],
        },
        channels,
        batch: BATCH,
    };
    let few = |name, small, large, kernel, stride, padding, channels, batch| Case {
        batch,
        ..convolution(name, small, large, kernel, stride, padding, channels)
    };
    let line = |name, small: usize, channels| Case {
        name,
        geometry: Geometry { window: Window::same([1, 25], [1, 4]), small: [1, small], large: [1, 4 * small] },
        channels,
        batch: BATCH,
    };
    vec![
        line("wavegan 16 to 1, 2048 to 8192", 2048, [16, 1]),
        line("wavegan 32 to 16, 512 to 2048", 512, [32, 16]),
        line("wavegan 256 to 128, 8 to 32", 8, [256, 128]),
        convolution("guide 256 to 128, 7 to 7", 7, 7, 5, 1, 2, [256, 128]),
        convolution("guide 128 to 64, 7 to 14", 7, 14, 5, 2, 2, [128, 64]),
        convolution("guide 64 to 1, 14 to 28", 14, 28, 5, 2, 2, [64, 1]),
        convolution("dcgan 128 to 64, 7 to 14", 7, 14, 4, 2, 1, [128, 64]),
        convolution("dcgan 64 to 1, 14 to 28", 14, 28, 4, 2, 1, [64, 1]),
        convolution("resnet 128 to 128, 8 to 8", 8, 8, 3, 1, 1, [128, 128]),
        convolution("resnet 128 to 3, 32 to 32", 32, 32, 3, 1, 1, [3, 128]),
        few("residual 3 to 16, 70 to 64, 4 samples", 64, 70, 7, 1, 0, [16, 3], 4),
        few("residual 16 to 3, 70 to 64, 4 samples", 64, 70, 7, 1, 0, [3, 16], 4),
        few("residual 64 to 64, 18 to 16, 4 samples", 16, 18, 3, 1, 0, [64, 64], 4),
        few("residual 32 to 16, 32 to 64, 4 samples", 32, 64, 3, 2, 1, [32, 16], 4),
        few("unet 32 to 16, 16 to 32, 8 samples", 16, 32, 4, 2, 1, [32, 16], 8),
        few("unet 128 to 128, 2 to 4, 8 samples", 2, 4, 4, 2, 1, [128, 128], 8),
        few("unet 128 to 128, 1 to 2, 8 samples", 1, 2, 4, 2, 1, [128, 128], 8),
    ]
}

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i % 1013) as f32 / 1013.0 - 0.5).collect()
}

/// Of products that land inside of the image.
fn work(layer: &Case) -> ItemsCount {
    ItemsCount::new(2 * layer.channels[0] * layer.channels[1] * layer.geometry.links() * layer.batch)
}

fn images(layer: &Case) -> [Vec<f32>; 2] {
    let [small, large] = layer.channels;
    [
        numbers(layer.geometry.small_pixels() * small * layer.batch),
        numbers(layer.geometry.large_pixels() * large * layer.batch),
    ]
}

fn convolution(case: &Case, way: Way) -> kernels::Convolution {
    let weight = numbers(case.channels[0] * case.channels[1] * case.geometry.window.taps());
    kernels::Convolution::new(way, case.geometry, case.channels, case.batch, &weight)
}

/// The weights as the kernels need them.
#[divan::bench(args = convolutions())]
fn weights(bencher: Bencher, case: &Case) {
    bencher.bench(|| convolution(case, Way::Up));
}

#[divan::bench(args = convolutions())]
fn up(bencher: Bencher, case: &Case) {
    let (convolution, [small, _]) = (convolution(case, Way::Up), images(case));
    bencher.counter(work(case)).bench(|| convolution.forward(&small, None, LEAKY));
}

#[divan::bench(args = convolutions())]
fn down(bencher: Bencher, case: &Case) {
    let (convolution, [_, large]) = (convolution(case, Way::Down), images(case));
    bencher.counter(work(case)).bench(|| convolution.forward(&large, None, LEAKY));
}

#[divan::bench(args = convolutions())]
fn up_backward(bencher: Bencher, case: &Case) {
    let (convolution, [small, large]) = (convolution(case, Way::Up), images(case));
    bencher.counter(work(case)).bench(|| convolution.backward(&small, &large, [true; 2]));
}

const DENSE: [[usize; 2]; 5] = [[100, 12544], [784, 4096], [64, 256], [256, 784], [6272, 1]];

#[divan::bench(args = DENSE)]
fn dense_forward(bencher: Bencher, [inputs, outputs]: [usize; 2]) {
    let (dense, weight, x) =
        (Dense { inputs, outputs, batch: BATCH }, numbers(inputs * outputs), numbers(inputs * BATCH));
    let work = ItemsCount::new(2 * inputs * outputs * BATCH);
    bencher.counter(work).bench(|| dense.forward(&weight, &x, None, LEAKY));
}

#[divan::bench(args = DENSE)]
fn dense_by_input(bencher: Bencher, [inputs, outputs]: [usize; 2]) {
    let (dense, weight, d) =
        (Dense { inputs, outputs, batch: BATCH }, numbers(inputs * outputs), numbers(outputs * BATCH));
    let work = ItemsCount::new(2 * inputs * outputs * BATCH);
    bencher.counter(work).bench(|| dense.by_input(&weight, &d));
}

#[divan::bench(args = DENSE)]
fn dense_by_weight(bencher: Bencher, [inputs, outputs]: [usize; 2]) {
    let (dense, x, d) = (Dense { inputs, outputs, batch: BATCH }, numbers(inputs * BATCH), numbers(outputs * BATCH));
    let work = ItemsCount::new(2 * inputs * outputs * BATCH);
    bencher.counter(work).bench(|| dense.by_weight(&x, &d));
}

/// Channels and pixels.
const NORMS: [[usize; 2]; 2] = [[128, 49], [64, 196]];

#[divan::bench(args = NORMS)]
fn batch_norm(bencher: Bencher, [channels, pixels]: [usize; 2]) {
    let (norm, x, vector) =
        (BatchNorm { channels, batch: BATCH, epsilon: 1e-5 }, numbers(channels * pixels * BATCH), numbers(channels));
    bencher.bench(|| {
        let statistics = norm.statistics(&x);
        let y = norm.forward(&x, &statistics, [&vector, &vector], LEAKY);
        norm.backward(&x, &statistics, &vector, &y, &y, LEAKY)
    });
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    pool.install(divan::main);
}
