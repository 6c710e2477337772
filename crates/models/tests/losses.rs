//! Losses and their gradients against PyTorch's in float64. Tolerance: 1e-4 of the largest magnitude of the tensor.

use burn::tensor::{Device, Tensor, TensorData};
use models::loss::{BoundaryEquilibrium, LOSSES, pulling_away};
use models::task::{Gan, Networks, StepOutput};
use models::{LossConfig, ModelConfig, Variables};
use serde_json::{Value, json};
use std::cell::Cell;

fn numbers(tensor: &Value) -> Vec<f32> {
    tensor["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn leaf(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device).require_grad()
}

fn check(what: &str, expected: &[f32], found: &[f32]) {
    assert_eq!(expected.len(), found.len(), "{what}");
    let largest = expected.iter().fold(1e-3f32, |a, x| a.max(x.abs()));
    for (e, f) in expected.iter().zip(found) {
        assert!((e - f).abs() <= 1e-4 * largest, "{what}: expected {expected:?}, found {found:?}");
    }
}

fn read(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/losses.json")).unwrap();
    let device = Device::flex().autodiff();
    for (case, data) in fixtures["cases"].as_object().unwrap() {
        let (real_values, fake_values) = (numbers(&data["real"]), numbers(&data["fake"]));
        for loss in LOSSES.defaults() {
            let name = loss.name();
            let golden = &data["losses"][name];
            if ["energy", "boundary_equilibrium"].contains(&name) {
                continue; // On energies, below.
            }
            if golden.is_null() {
                assert_eq!((name, case.as_str()), ("relativistic", "unequal")); // It compares in pairs.
                continue;
            }
            let what = |part| format!("{name} {part}, {case}");
            let golden_value = |key: &str| vec![golden[key].as_f64().unwrap() as f32];

            let (real, fake) = (leaf(&real_values, &device), leaf(&fake_values, &device));
            let value = loss.discriminator(real.clone(), fake.clone(), &none());
            check(&what("discriminator"), &golden_value("d_loss"), &read(value.clone()));
            let gradients = value.backward();
            check(&what("gradient at real"), &numbers(&golden["d_grad_real"]), &read(real.grad(&gradients).unwrap()));
            check(&what("gradient at fake"), &numbers(&golden["d_grad_fake"]), &read(fake.grad(&gradients).unwrap()));

            let (real, fake) = (leaf(&real_values, &device), leaf(&fake_values, &device));
            let value = loss.generator(fake.clone(), &|| real.clone());
            check(&what("generator"), &golden_value("g_loss"), &read(value.clone()));
            let gradients = value.backward();
            check(&what("gradient"), &numbers(&golden["g_grad_fake"]), &read(fake.grad(&gradients).unwrap()));
            let at_real = real.grad(&gradients).map_or_else(|| vec![0.0; real_values.len()], read);
            check(&what("generator's gradient at real"), &numbers(&golden["g_grad_real"]), &at_real);
        }
    }
}

/// Turns of the losses that were there before must cost no more than they did.
#[test]
fn only_losses_that_compare_ask_for_real_logits() {
    let device = Device::flex();
    let asks = |loss: &LossConfig| {
        let asked = Cell::new(false);
        loss.generator(Tensor::ones([2], &device), &|| {
            asked.set(true);
            Tensor::zeros([2], &device)
        });
        asked.get()
    };
    let compare: Vec<_> = LOSSES.defaults().filter(asks).map(|loss| loss.name()).collect();
    assert_eq!(compare, ["relativistic", "relativistic_average", "softmax"]);
}

/// Of a loss without any.
fn none() -> Variables {
    Variables::new([], &Device::flex())
}

fn loss(settings: Value) -> LossConfig {
    serde_json::from_value::<ModelConfig>(json!({ "loss": settings })).unwrap().loss
}

fn negative(values: &[f32]) -> Vec<f32> {
    values.iter().map(|value| -value).collect()
}

/// The fixture has energies, the loss their negatives.
#[test]
fn energy_and_its_pulling_away_term_are_those_of_pytorch() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/losses.json")).unwrap();
    let (golden, device) = (&fixtures["ebgan"], Device::flex().autodiff());
    let loss = loss(json!({"kind": "energy", "margin": golden["margin"]}));
    let value_of = |key: &str| [golden[key].as_f64().unwrap() as f32];
    let logits = |key: &str| leaf(&negative(&numbers(&golden[key])), &device);
    let at = |key: &str| negative(&numbers(&golden[key]));

    let (real, fake) = (logits("real_energy"), logits("fake_energy"));
    let value = loss.discriminator(real.clone(), fake.clone(), &none());
    check("discriminator", &value_of("d_loss"), &read(value.clone()));
    let gradients = value.backward();
    check("gradient at real", &at("d_grad_real"), &read(real.grad(&gradients).unwrap()));
    check("gradient at fake", &at("d_grad_fake"), &read(fake.grad(&gradients).unwrap()));

    let fake = logits("fake_energy");
    let value = loss.generator(fake.clone(), &|| panic!("real logits"));
    check("generator", &value_of("g_loss"), &read(value.clone()));
    check("gradient", &at("g_grad_fake"), &read(fake.grad(&value.backward()).unwrap()));

    let features = TensorData::new(numbers(&golden["features"]), [8, 5]);
    let features = Tensor::<2>::from_data(features, &device).require_grad();
    let value = pulling_away(features.clone());
    check("pulling away", &value_of("pt"), &read(value.clone()));
    let gradient = features.grad(&value.backward()).unwrap().flatten::<1>(0, 1);
    check("its gradient", &numbers(&golden["pt_grad_features"]), &read(gradient));
}

/// Each turn's k follows from the turn before, clipped to [0, 1].
#[test]
fn the_boundary_equilibrium_is_that_of_pytorch() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/losses.json")).unwrap();
    let device = Device::flex().autodiff();
    let turn = |what: &str, golden: &Value, variables: &Variables| {
        let number = |key: &str| golden[key].as_f64().unwrap();
        let settings = BoundaryEquilibrium { gamma: number("gamma"), rate: number("lambda") };
        let loss = LossConfig::of(settings);
        check(what, &[number("k") as f32], &read(variables.get("k")));
        let logits = |key: &str| leaf(&negative(&numbers(&golden[key])), &device);
        let (real, fake) = (logits("real_energy"), logits("fake_energy"));
        let value = loss.discriminator(real.clone(), fake.clone(), variables);
        check(what, &[number("d_loss") as f32], &read(value.clone()));
        let gradients = value.backward();
        if !golden["d_grad_real"].is_null() {
            let at = |key: &str| negative(&numbers(&golden[key]));
            check(what, &at("d_grad_real"), &read(real.grad(&gradients).unwrap()));
            check(what, &at("d_grad_fake"), &read(fake.grad(&gradients).unwrap()));
        }
        check(what, &[number("g_loss") as f32], &read(loss.generator(fake.clone(), &|| panic!("real logits"))));
        let adaptation = loss.adapt(&real, &fake, variables);
        let [_, (_, convergence)] = &adaptation.scalars[..] else { panic!("{:?}", adaptation.scalars) };
        check(what, &[number("convergence") as f32], &read(convergence.clone()));
        let next = variables.with(adaptation.values);
        check(what, &[number("k_next") as f32], &read(next.get("k")));
        next
    };
    for (case, golden) in fixtures["began"]["single"].as_object().unwrap() {
        turn(case, golden, &Variables::new([("k", golden["k"].as_f64().unwrap() as f32)], &device));
    }
    let mut variables = Variables::new(LossConfig::of(BoundaryEquilibrium::default()).variables(), &device);
    for (at, golden) in fixtures["began"]["chain"].as_array().unwrap().iter().enumerate() {
        variables = turn(&format!("turn {at}"), golden, &variables);
    }
}

/// Words are what they were in every configuration's hash.
#[test]
fn words_and_maps_read_and_write() {
    for each in LOSSES.defaults() {
        let name = each.name();
        assert_eq!(loss(json!(name)), each);
        assert_eq!(loss(json!({ "kind": name })), each);
        let written =
            serde_json::to_value(ModelConfig { loss: each.clone(), ..ModelConfig::default() }).unwrap()["loss"].clone();
        assert_eq!(loss(written.clone()), each);
        match name {
            "energy" => assert_eq!(written, json!({"kind": name, "margin": 1.0, "pulling_away": 0.1})),
            "boundary_equilibrium" => assert_eq!(written, json!({"kind": name, "gamma": 0.5, "rate": 0.001})),
            _ => assert_eq!(written, json!(name)),
        }
    }
    for wrong in [json!({"kind": "hinge", "margin": 1}), json!({"kind": "energy", "gamma": 1}), json!("hing")] {
        assert!(serde_json::from_value::<ModelConfig>(json!({ "loss": wrong })).is_err(), "{wrong}");
    }
}

/// Adaptive augmentation counts the real images that look real, above the loss's threshold, and needs one.
#[test]
fn adaptive_augmentation_follows_the_threshold() {
    let device = Device::flex();
    let mut refused = Vec::new();
    for loss in LOSSES.defaults() {
        let name = loss.name();
        let config = ModelConfig { loss, ..serde_json::from_value(json!({"augmentation": "adaptive"})).unwrap() };
        let problems = config.check(models::Domain::images([1, 8, 8], None));
        if problems.iter().any(|problem| problem.path == "augmentation") {
            refused.push(name);
            continue;
        }
        let threshold = config.loss.threshold().unwrap();
        let gan = Gan::new(&config, [1, 8, 8], 0, &device);
        // Three of four look real.
        let real = Tensor::<1>::from_floats([0.1, 0.2, 0.3, -0.1], &device) + threshold;
        let logits = vec![("real", real), ("fake", Tensor::zeros([4], &device))];
        let mut output = StepOutput { logits, ..StepOutput::default() };
        let _ = gan.remember(Gan::DISCRIMINATOR, &mut output);
        let (_, sureness) = output.scalars.into_iter().find(|(name, _)| *name == "augmentation/sureness").unwrap();
        assert_eq!(sureness.into_scalar::<f32>(), 0.5, "{name}");
    }
    assert_eq!(
        refused,
        ["wasserstein", "relativistic", "relativistic_average", "softmax", "energy", "boundary_equilibrium"]
    );
    let check = |model: Value, remedy: Option<&str>| {
        let config: ModelConfig = serde_json::from_value(model).unwrap();
        let found = config.check(models::Domain::images([1, 28, 28], None));
        let found: Vec<_> = found.iter().filter(|problem| problem.path == "augmentation").collect();
        assert_eq!(found.len(), usize::from(remedy.is_some()), "{found:?}");
        assert!(found.iter().all(|problem| problem.message.ends_with(remedy.unwrap())), "{found:?}");
    };
    let formula = json!({"discriminator": "real * real + fake * fake", "generator": "fake * fake"});
    let of_formula = |threshold: Value| {
        let mut loss = formula.clone();
        loss["threshold"] = threshold;
        json!({"augmentation": "adaptive", "loss": loss})
    };
    check(json!({"augmentation": "adaptive", "loss": formula}), Some("or the loss's `threshold`"));
    check(of_formula(json!(0.25)), None);
    // Energies have no zero, whatever the loss.
    let autoencoder = json!({"architecture": "autoencoder"});
    let energies = json!({"augmentation": "adaptive", "loss": "hinge", "discriminator": autoencoder});
    check(energies, Some("or another discriminator"));
}

#[test]
fn losses_on_energies_want_an_autoencoder() {
    let check = |model: Value, key: Option<&str>| {
        let config: ModelConfig = serde_json::from_value(model.clone()).unwrap();
        let found = config.check(models::Domain::images([1, 28, 28], Some(10)));
        let keys: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(keys, Vec::from_iter(key), "{model}: {found:?}");
    };
    let autoencoder = json!({"architecture": "autoencoder"});
    for each in LOSSES.defaults() {
        let name = each.name();
        let is_of_energies = ["energy", "boundary_equilibrium"].contains(&name);
        check(json!({"loss": name}), is_of_energies.then_some("loss"));
        check(json!({"loss": name, "discriminator": autoencoder, "penalty": {"kind": "r1"}}), None);
    }
    for (loss, setting) in [("energy", "margin"), ("energy", "pulling_away"), ("boundary_equilibrium", "gamma")] {
        let loss = json!({"kind": loss, (setting): -1.0});
        check(json!({"loss": loss, "discriminator": autoencoder}), Some(&format!("loss.{setting}")));
    }
    check(json!({"discriminator": autoencoder, "conditioning": "projection"}), Some("conditioning"));
    check(json!({"discriminator": autoencoder, "conditioning": "concat"}), None);
    check(json!({"discriminator": autoencoder, "minibatch": "standard_deviation"}), Some("minibatch"));
}
