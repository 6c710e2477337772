//! Layers against PyTorch in float64, forward and backward, and chains of them under penalties against its double backward.
//! Tolerance: 1e-4 of the largest magnitude of a tensor.

use super::fixture::common::{Numbers, gradients, load, numbers, read, transposed, weights};
use super::fixture::{check, common, same, tensor, value};
use super::*;
use crate::PenaltyConfig;
use burn::optim::GradientsParams;
use serde_json::{Value, json};

fn device() -> Device {
    Device::flex().autodiff()
}

fn cases(text: &str, list: &str) -> Value {
    let mut fixture: Value = serde_json::from_str(text).unwrap();
    fixture[list].take()
}

#[test]
fn layers_are_those_of_pytorch() {
    let device = device();
    let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 };
    let down = [("weight", "Convolution/weight"), ("bias", "Convolution/bias")];
    let up = [("weight", "TransposedConvolution/weight"), ("bias", "TransposedConvolution/bias")];
    check("conv2d_k4s2p1", make.convolution([2, 3], [4; 2], [2; 2]), &down);
    check("conv2d_k3s1p1", make.convolution([2, 3], [3; 2], [1; 2]), &down);
    check("conv_transpose2d_k5s1p2", make.transposed([2, 3], [5; 2], [1; 2]), &up);
    check("conv_transpose2d_k5s2p2op1", make.transposed([2, 3], [5; 2], [2; 2]), &up);
    check("conv_transpose2d_k4s2p1", make.transposed([3, 2], [4; 2], [2; 2]), &up);
    check("conv_transpose2d_k3s2p1op1", make.transposed([2, 3], [3; 2], [2; 2]), &up);
    check("upsample_nearest_x2", repeat([2; 2]), &[]);
    check("layer_norm_last", make.layer_norm(6), &[("weight", "LayerNorm/gain"), ("bias", "LayerNorm/shift")]);
    let convolutions = [("f", "key"), ("g", "query"), ("h", "value"), ("v", "output")];
    let convolutions = convolutions.map(|(theirs, ours)| {
        ["weight", "bias"].map(|part| (format!("{theirs}.{part}"), format!("SelfAttention/{ours}/{part}")))
    });
    let mut paths: Vec<_> = convolutions.iter().flatten().map(|(t, o)| (t.as_str(), o.as_str())).collect();
    paths.push(("gamma", "SelfAttention/share"));
    check("self_attention_sagan", Layer::SelfAttention(SelfAttention::new(8, [2, 4], &make)), &paths);
}

/// PyTorch's gain has an element for each number: what is normalised is seen through it.
#[test]
fn layer_normalisation_of_maps_is_that_of_pytorch() {
    let device = device();
    let case = &cases(include_str!("../../tests/fixtures/layers.json"), "cases")["layer_norm_chw"];
    let [gain, shift] = ["weight", "bias"].map(|name| {
        let (_, values) = numbers(&case["params"][name]);
        tensor(values, [1, 3, 3, 4], &device)
    });
    let chain =
        Chain::new(vec![Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 }.layer_norm(3)]);
    let (y, traces) = chain.trace(value(case, "x", &device));
    same("y", value(case, "y", &device), y * gain.clone() + shift);
    let gradient = value(case, "grad_output", &device) * gain;
    same("pullback", value(case, "grad_x", &device), chain.pullback(traces, gradient));
}

/// Burn's running variance is that of the batch itself, PyTorch's the estimate from it: n / (n - 1) times as large.
#[test]
fn batch_normalisation_is_that_of_pytorch() {
    let device = device();
    let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 };
    let cases = cases(include_str!("../../tests/fixtures/layers.json"), "cases");
    for (rank, channels) in [("1d", 3), ("2d", 2)] {
        let mut chain = Chain::new(vec![make.batch_norm(channels)]);
        for batch in ["train_batch1", "train_batch2"] {
            let what = format!("batch_norm{rank}_{batch}");
            let case = &cases[&what];
            let values = |name: &str| numbers(&case[name]);
            let new = [
                ("gamma", numbers(&case["params"]["weight"])),
                ("beta", numbers(&case["params"]["bias"])),
                ("running_mean", values("running_mean_before")),
                ("running_var", values("running_var_before")),
            ];
            chain = load(chain, new.map(|(name, numbers)| (format!("layers/0/BatchNorm/norm/{name}"), numbers)).into());
            let (x, gradient) = (value(case, "x", &device).require_grad(), value(case, "grad_output", &device));
            let y = chain.forward(x.clone());
            same(&what, value(case, "y", &device), y.clone());
            let gradients = (y * gradient).sum().backward();
            same(&what, value(case, "grad_x", &device), Tensor::from_inner(x.grad(&gradients).unwrap()));
            let found = common::gradients(&chain, &GradientsParams::from_grads(gradients, &chain));
            for (theirs, ours) in [("weight", "gamma"), ("bias", "beta")] {
                let expected = numbers(&case["grad_params"][theirs]).1;
                common::check(
                    &format!("{what}: {theirs}"),
                    &expected,
                    &found[&format!("layers/0/BatchNorm/norm/{ours}")],
                );
            }
            let [samples, _, height, width] = x.dims();
            let count = (samples * height * width) as f32;
            let after = weights(&chain.valid());
            let mean = values("running_mean_after").1;
            common::check(&format!("{what}: mean"), &mean, &after["layers/0/BatchNorm/norm/running_mean"].1);
            let variances = values("running_var_before").1.into_iter().zip(values("running_var_after").1);
            let expected: Vec<f32> = variances
                .map(|(before, after)| 0.9 * before + (after - 0.9 * before) * (count - 1.0) / count)
                .collect();
            common::check(&format!("{what}: variance"), &expected, &after["layers/0/BatchNorm/norm/running_var"].1);
        }
        let case = &cases[format!("batch_norm{rank}_eval")];
        let new = [
            ("gamma", numbers(&case["params"]["weight"])),
            ("beta", numbers(&case["params"]["bias"])),
            ("running_mean", numbers(&case["running_mean"])),
            ("running_var", numbers(&case["running_var"])),
        ];
        let chain = load(chain, new.map(|(name, numbers)| (format!("layers/0/BatchNorm/norm/{name}"), numbers)).into());
        let plain = Device::flex();
        same("eval", value(case, "y", &plain), chain.valid().forward(value(case, "x", &plain)));
    }
}

/// The critic of a fixture, and the path of each of its weights.
fn critic(name: &str, case: &Value) -> (Chain, Vec<(String, String)>) {
    let device = device();
    let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 };
    let conv = |from| make.convolution([from, 3], [3; 2], [1; 2]);
    let (chain, theirs) = match name {
        "resblock" => {
            let main = vec![RELU, conv(3), RELU, conv(3)];
            let block = residual(main, vec![]);
            (vec![conv(1), block, average([2; 2]), RELU, make.dense(48, 1)], vec!["conv_in", "conv1", "conv2", "fc"])
        }
        "mlp_layernorm" => (
            vec![
                make.dense(6, 8),
                make.layer_norm(8),
                LEAKY_RELU,
                make.dense(8, 8),
                make.layer_norm(8),
                LEAKY_RELU,
                make.dense(8, 1),
            ],
            vec!["fc1", "fc2", "fc3"],
        ),
        _ => panic!("{name}"),
    };
    let chain = Chain::new(chain);
    let all = weights(&chain);
    let ours = |end: &str| all.keys().filter(|path| path.ends_with(end)).cloned().collect::<Vec<_>>();
    let pair = |theirs: &[&str], part: &str, end: &str| {
        let theirs = theirs.iter().map(|theirs| format!("{theirs}.{part}"));
        theirs.zip(ours(end)).collect::<Vec<_>>()
    };
    let mut paths = [pair(&theirs, "weight", "/weight"), pair(&theirs, "bias", "/bias")].concat();
    if name == "mlp_layernorm" {
        paths.extend(pair(&["ln1", "ln2"], "weight", "/gain"));
        paths.extend(pair(&["ln1", "ln2"], "bias", "/shift"));
    }
    assert_eq!(paths.len(), case["params"].as_object().unwrap().len());
    let new = paths.iter().map(|(theirs, ours)| (ours.clone(), burns(numbers(&case["params"][theirs]))));
    (load(chain, new.collect()), paths)
}

/// PyTorch's dense weights are the other way round.
fn burns(numbers: Numbers) -> Numbers {
    if numbers.0.len() == 2 { transposed(numbers) } else { numbers }
}

#[test]
fn penalties_on_chains_are_those_of_double_backward() {
    for (name, case) in cases(include_str!("../../tests/fixtures/critics.json"), "critics").as_object().unwrap() {
        let (chain, paths) = critic(name, case);
        let gradient = |point: &str| {
            let (y, traces) = chain.trace(value(&case["points"], point, &device()));
            common::check(&format!("{name} at {point}"), &numbers(&case["d"][point]).1, &read(y.clone()));
            chain.pullback(traces, y.ones_like())
        };
        for point in ["x_real", "x_fake", "x_hat", "x_dragan"] {
            let expected = numbers(&case["input_grad"][point]).1;
            common::check(&format!("{name}'s gradient at {point}"), &expected, &read(gradient(point)));
        }
        for (kind, expected) in case["penalties"].as_object().unwrap() {
            let one_sided = kind.strip_suffix("_one_sided");
            let penalty: PenaltyConfig = serde_json::from_value(match one_sided {
                Some(kind) => json!({"kind": kind, "one_sided": true}),
                None => json!({"kind": kind}),
            })
            .unwrap();
            let value = penalty.on_gradient().unwrap().value(gradient(expected["point"].as_str().unwrap()));
            let what = format!("{kind} of {name}");
            common::check(&what, &[expected["value"].as_f64().unwrap() as f32], &read(value.clone()));
            let found = gradients(&chain, &GradientsParams::from_grads(value.backward(), &chain));
            for (theirs, ours) in &paths {
                let expected = burns(numbers(&expected["param_grads"][theirs])).1;
                common::check(&format!("{what}, {theirs}"), &expected, &found[ours]);
            }
        }
    }
}

/// Layers of which PyTorch's double backward has no case: their pullback is the gradient that autodiff gives.
#[test]
fn pullbacks_are_gradients() {
    let device = device();
    let wave = |shape: [usize; 4], pace: f32| {
        let values = (0..shape.iter().product()).map(|at: usize| (at as f32 * pace).sin()).collect();
        tensor(values, shape, &device)
    };
    for (name, layers) in [
        ("instance_norm", vec![INSTANCE_NORM]),
        ("reflect", vec![reflect([2, 1])]),
        ("both", vec![reflect([1, 2]), INSTANCE_NORM, LEAKY_RELU, reflect([0, 1])]),
    ] {
        let chain = Chain::new(layers);
        let x = wave([3, 2, 4, 5], 0.7).require_grad();
        let (y, traces) = chain.trace(x.clone());
        let gradient = wave(y.dims(), 1.9);
        let expected = x.grad(&(chain.forward(x.clone()) * gradient.clone()).sum().backward()).unwrap();
        common::check(name, &read(expected), &read(chain.pullback(traces, gradient)));
    }
}

/// The largest of each three, and the gradient to where it stood.
#[test]
fn maxout_takes_the_largest_and_sends_the_gradient_back_there() {
    let row = |values: &[f32]| tensor(values.to_vec(), [2, values.len() / 2, 1, 1], &device());
    let x = row(&[1.0, 3.0, 2.0, -1.0, -5.0, -3.0, 0.5, 0.25, 0.75, 9.0, 8.0, 7.0]);
    let chain = Chain::new(vec![maxout(3)]);
    let (y, traces) = chain.trace(x);
    assert_eq!(read(y), [3.0, -1.0, 0.75, 9.0]);
    let gradient = read(chain.pullback(traces, row(&[10.0, 20.0, 30.0, 40.0])));
    assert_eq!(gradient, [0.0, 10.0, 0.0, 20.0, 0.0, 0.0, 0.0, 0.0, 30.0, 40.0, 0.0, 0.0]);
}
