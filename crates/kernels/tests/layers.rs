//! Convolutions and dense layers against sums written out in double precision.

use kernels::{Activation, Convolution, Dense, Geometry, Way, Window};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Numbers in (-1, 1) that look random, away from 0.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let value = (state >> 40) as f32 / (1 << 23) as f32 - 1.0;
        value + 0.01f32.copysign(value)
    };
    (0..count).map(|_| next()).collect()
}

/// As far apart as roundings of so many terms of size 1 leave them.
fn close(what: &str, expected: &[f64], found: &[f32]) {
    close_to(what, 1e-6, expected, found);
}

/// The same, with sums of terms of at least this size, which may cancel.
fn close_to(what: &str, size: f64, expected: &[f64], found: &[f32]) {
    assert_eq!(expected.len(), found.len(), "{what}");
    let size = expected.iter().fold(size, |size: f64, x| size.max(x.abs()));
    for (place, (e, f)) in expected.iter().zip(found).enumerate() {
        assert!((e - f64::from(*f)).abs() <= 2e-6 * size, "{what} at {place}: expected {e}, found {f}");
    }
}

/// Every product of a geometry, one after another.
fn each(geometry: &Geometry, mut visit: impl FnMut(usize, usize, usize)) {
    let Geometry { window, small, large } = geometry;
    for y in 0..small[0] {
        for x in 0..small[1] {
            for u in 0..window.kernel[0] {
                for v in 0..window.kernel[1] {
                    let row = (y * window.stride[0] + u) as isize - window.before[0] as isize;
                    let column = (x * window.stride[1] + v) as isize - window.before[1] as isize;
                    if (0..large[0] as isize).contains(&row) && (0..large[1] as isize).contains(&column) {
                        visit(y * small[1] + x, row as usize * large[1] + column as usize, u * window.kernel[1] + v);
                    }
                }
            }
        }
    }
}

fn check(geometry: Geometry, [a, b]: [usize; 2], batch: usize) {
    let what = format!("{geometry:?} {a} {b} {batch}");
    let (smalls, larges, taps) = (geometry.small_pixels(), geometry.large_pixels(), geometry.window.taps());
    let weight = numbers(a * b * taps, 1);
    let [small, large] = [numbers(smalls * a * batch, 2), numbers(larges * b * batch, 3)];
    let mut down = vec![0.0; small.len()];
    let mut up = vec![0.0; large.len()];
    let mut gradient = vec![0.0; weight.len()];
    each(&geometry, |p, q, tap| {
        for i in 0..a {
            for j in 0..b {
                let w = (i * b + j) * taps + tap;
                for n in 0..batch {
                    let (s, l) = ((p * a + i) * batch + n, (q * b + j) * batch + n);
                    down[s] += f64::from(weight[w]) * f64::from(large[l]);
                    up[l] += f64::from(weight[w]) * f64::from(small[s]);
                    gradient[w] += f64::from(small[s]) * f64::from(large[l]);
                }
            }
        }
    });
    let convolution = |way| Convolution::new(way, geometry, [a, b], batch, &weight);
    let (convolve, transposed) = (convolution(Way::Down), convolution(Way::Up));
    close(&format!("down {what}"), &down, &convolve.forward(&large, None, Activation::Identity));
    close(&format!("up {what}"), &up, &transposed.forward(&small, None, Activation::Identity));
    for (convolution, x, d, by_x) in [(&convolve, &large, &small, &up), (&transposed, &small, &large, &down)] {
        let [of_x, of_weight] = convolution.backward(x, d, [true, true]).map(Option::unwrap);
        close(&format!("by x {what}"), by_x, &of_x);
        close(&format!("by weight {what}"), &gradient, &of_weight);
        assert_eq!(convolution.backward(x, d, [false, true]), [None, Some(of_weight)]);
    }

    let bias = numbers(a, 4);
    let biased: Vec<f64> = down
        .chunks(batch)
        .enumerate()
        .flat_map(|(row, sums)| sums.iter().map(|sum| (sum + f64::from(bias[row % a])).max(0.0)).collect::<Vec<_>>())
        .collect();
    close(&format!("bias {what}"), &biased, &convolve.forward(&large, Some(&bias), Activation::Relu));
    let mut sums = vec![0.0; a];
    small.chunks(batch).enumerate().for_each(|(row, x)| sums[row % a] += x.iter().map(|x| f64::from(*x)).sum::<f64>());
    close_to(&format!("bias gradient {what}"), 1.0, &sums, &convolve.by_bias(&small));
}

fn square(small: [usize; 2], large: [usize; 2], kernel: usize, stride: usize, padding: usize) -> Geometry {
    Geometry { window: Window::padded([kernel; 2], [stride; 2], [padding; 2]), small, large }
}

/// A window that divides a large image by its stride.
fn dividing(large: [usize; 2], kernel: [usize; 2], stride: [usize; 2]) -> Geometry {
    let window = Window::same(kernel, stride);
    let small = window.small(large).expect("the cases have windows that fit");
    Geometry { window, small, large }
}

#[test]
fn convolutions_of_every_kind() {
    let geometries = [
        square([1, 1], [1, 1], 1, 1, 0),
        square([7, 7], [7, 7], 5, 1, 2),
        square([7, 7], [14, 14], 5, 2, 2),
        square([7, 7], [14, 14], 4, 2, 1),
        square([3, 5], [6, 9], 3, 2, 1),
        square([4, 3], [9, 7], 3, 2, 0),
        square([2, 2], [8, 8], 5, 3, 0),
        square([3, 3], [3, 3], 3, 1, 1),
        square([1, 1], [4, 4], 4, 1, 0),
        square([2, 3], [5, 6], 2, 2, 0),
        // With many channels, like the second one: by Fourier transform, on circles of 10 x 8 and 9 x 10.
        square([8, 6], [8, 6], 5, 1, 2),
        square([8, 9], [8, 9], 3, 1, 1),
        // Sounds, and other windows with axes of their own.
        dividing([1, 64], [1, 25], [1, 4]),
        dividing([1, 30], [1, 25], [1, 4]),
        dividing([1, 21], [1, 5], [1, 1]),
        dividing([1, 10], [1, 2], [1, 5]),
        Geometry { window: Window::padded([1, 6], [1, 3], [0, 7]), small: [1, 8], large: [1, 13] },
        Geometry { window: Window::padded([1, 4], [1, 2], [0, 0]), small: [1, 3], large: [1, 15] },
        dividing([9, 1], [3, 1], [1, 1]),
        dividing([8, 12], [3, 1], [1, 1]),
        dividing([5, 7], [2, 4], [1, 1]),
        dividing([6, 9], [2, 5], [3, 1]),
        dividing([7, 8], [1, 2], [2, 3]),
        // With many channels, by Fourier transform, on circles of 8 x 13 and 1 x 15.
        dividing([6, 12], [5, 3], [1, 1]),
        dividing([1, 12], [1, 7], [1, 1]),
    ];
    for geometry in geometries {
        for channels in [[1, 1], [9, 1], [1, 9], [3, 8], [8, 3], [12, 10], [70, 17], [40, 33], [6, 70]] {
            for batch in [1, 5, 16] {
                check(geometry, channels, batch);
            }
        }
    }
}

prop_compose! {
    /// Any window: each axis has its sizes, its stride and its padding, whether the last taps are inside of the image or not.
    fn any_geometry()(kernel in prop::array::uniform2(1usize..6), stride in prop::array::uniform2(1usize..4),
                      before in prop::array::uniform2(0usize..3), behind in prop::array::uniform2(0usize..3))
        (small in prop::array::uniform2(1usize..7), cut in [0..kernel[0], 0..kernel[1]],
         window in Just(Window { kernel, stride, before, behind })) -> Geometry {
        let reach = |axis: usize| (small[axis] - 1) * window.stride[axis] + window.kernel[axis];
        let large = [0, 1].map(|axis| reach(axis).saturating_sub(window.before[axis] + cut[axis]).max(1));
        Geometry { window, small, large }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(testing::seed()), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_of_any_shape(geometry in any_geometry(), channels in prop::array::uniform2(1usize..40), batch in 1usize..40) {
        check(geometry, channels, batch);
    }

    #[test]
    fn dense_layers_of_any_size(inputs in 1usize..150, outputs in 1usize..150, batch in 1usize..70) {
        check_dense(inputs, outputs, batch);
    }
}

#[test]
fn dense_layers_of_every_size() {
    for (inputs, outputs, batch) in
        [(1, 1, 1), (3, 5, 2), (100, 130, 33), (64, 64, 16), (200, 1, 64), (17, 1040, 16), (1040, 70, 20)]
    {
        check_dense(inputs, outputs, batch);
    }
}

fn check_dense(inputs: usize, outputs: usize, batch: usize) {
    let (dense, what) = (Dense { inputs, outputs, batch }, format!("{inputs} {outputs} {batch}"));
    let (weight, bias) = (numbers(inputs * outputs, 1), numbers(outputs, 2));
    let (x, gradient) = (numbers(inputs * batch, 3), numbers(outputs * batch, 4));
    let mut y: Vec<f64> = bias.iter().flat_map(|bias| vec![f64::from(*bias); batch]).collect();
    let (mut of_input, mut of_weight) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
    for i in 0..inputs {
        for o in 0..outputs {
            for n in 0..batch {
                let (w, at, behind) = (i * outputs + o, i * batch + n, o * batch + n);
                y[behind] += f64::from(weight[w]) * f64::from(x[at]);
                of_input[at] += f64::from(weight[w]) * f64::from(gradient[behind]);
                of_weight[w] += f64::from(x[at]) * f64::from(gradient[behind]);
            }
        }
    }
    close(&what, &y, &dense.forward(&weight, &x, Some(&bias), Activation::Identity));
    close(&what, &of_input, &dense.by_input(&weight, &gradient));
    close(&what, &of_weight, &dense.by_weight(&x, &gradient));
    let sums: Vec<f64> = gradient.chunks(batch).map(|row| row.iter().map(|x| f64::from(*x)).sum()).collect();
    close(&what, &sums, &dense.by_bias(&gradient));
}
