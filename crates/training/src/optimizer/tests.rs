use super::*;
use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use serde_json::{Value, json};

#[derive(Module, Debug)]
struct Point {
    position: Param<Tensor<1>>,
}

/// The devices that say who updates; all tensors of these tests are on flex.
const OURS: DeviceKind = DeviceKind::Flex;
const BURNS: DeviceKind = DeviceKind::Ndarray;

fn tensor(values: Vec<f32>) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), &Device::flex().autodiff())
}

fn point(values: Vec<f32>) -> Point {
    Point { position: Param::from_tensor(tensor(values)) }
}

fn values(point: &Point) -> Vec<f32> {
    point.position.val().into_data().iter().collect()
}

fn step(optimizer: &mut ModuleOptimizer, lr: f64, point: Point, gradient: Vec<f32>) -> Point {
    let loss = (point.position.val() * tensor(gradient)).sum();
    let gradients = GradientsParams::from_grads(loss.backward(), &point);
    optimizer.step(lr, point, gradients)
}

fn config(settings: Value) -> OptimizerConfig {
    let config: OptimizerConfig = serde_json::from_value(settings).unwrap();
    assert_eq!(config.check(), []);
    config
}

/// Five steps of each rule by PyTorch in float64; the gradients are given.
#[test]
fn steps_are_those_of_pytorch() {
    let numbers = |tensor: &Value| -> Vec<f32> {
        tensor["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    };
    let fixture: Value = serde_json::from_str(include_str!("../../tests/fixtures/optim.json")).unwrap();
    let mut kinds = Vec::new();
    for (name, case) in fixture["optimizers"].as_object().unwrap() {
        let mut settings = case["hyper"].clone();
        for (theirs, ours) in [("eps", "epsilon"), ("alpha", "decay")] {
            if let Some(value) = settings.as_object_mut().unwrap().remove(theirs) {
                settings[ours] = value;
            }
        }
        settings["optimizer"] = case["kind"].clone();
        let config = config(settings);
        kinds.push(std::mem::discriminant(&config.rule));
        for device in [OURS, BURNS] {
            let mut optimizer = init(&config, device);
            let mut point = point(numbers(&fixture["p0"]));
            for update in case["steps"].as_array().unwrap() {
                point = step(&mut optimizer, config.lr, point, numbers(&update["grad"]));
                for (expected, found) in numbers(&update["params"]).into_iter().zip(values(&point)) {
                    assert!((expected - found).abs() < 1e-5, "{name}: {found}, expected {expected}");
                }
            }
        }
    }
    kinds.dedup();
    assert_eq!(kinds.len(), 4);
}

/// Each rule with and without what it may leave out.
fn rules() -> Vec<OptimizerConfig> {
    let rules = [
        json!({"optimizer": "adam"}),
        json!({"optimizer": "adamw", "weight_decay": 0.1}),
        json!({"optimizer": "rmsprop"}),
        json!({"optimizer": "rmsprop", "momentum": 0.9}),
        json!({"optimizer": "sgd"}),
        json!({"optimizer": "sgd", "momentum": 0.9}),
    ];
    rules.into_iter().map(config).collect()
}

/// Longer than one task's share, and no multiple of anything that a processor has lanes of.
const LENGTH: usize = 200_003;

/// Numbers of many sizes, some of them 0.
fn wave(phase: usize) -> Vec<f32> {
    let number = |index: usize| ((index + phase * 7) as f32 * 0.37).sin().powi(1 + (index % 11) as i32);
    (0..LENGTH).map(|index| if index % 13 == phase { 0.0 } else { number(index) }).collect()
}

/// So it is on any device, and for any number of threads.
#[test]
fn bits_and_records_are_those_of_burn() {
    for config in rules() {
        let run = |before: DeviceKind, after: DeviceKind, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut optimizer = init(&config, before);
                let start = (0..2).fold(point(wave(0)), |point, at| step(&mut optimizer, 0.01, point, wave(at)));
                let record = optimizer.into_bytes().unwrap();
                let mut resumed = init(&config, after).from_bytes(record).unwrap();
                let end = (2..4).fold(start, |point, at| step(&mut resumed, 0.02, point, wave(at)));
                values(&end)
            })
        };
        let expected = run(BURNS, BURNS, 1);
        assert_ne!(expected, wave(0), "{config:?}");
        for (before, after, threads) in
            [(OURS, OURS, 1), (OURS, OURS, 2), (OURS, OURS, 4), (OURS, BURNS, 2), (BURNS, OURS, 2)]
        {
            let found = run(before, after, threads);
            let differs = expected.iter().zip(&found).position(|(expected, found)| expected != found);
            assert_eq!(differs, None, "{config:?}, {before} then {after}, {threads} threads");
        }
    }
}

#[test]
fn weights_that_nothing_else_holds_are_changed_in_place() {
    let address = |point: &Point| {
        let buffer = models::flex::buffer(point.position.val().inner()).unwrap();
        buffer.storage::<f32>().as_ptr()
    };
    for config in rules() {
        let mut optimizer = init(&config, OURS);
        let mut point = point(wave(0));
        let (begin, held) = (address(&point), point.clone());
        point = step(&mut optimizer, 0.01, point, wave(1));
        assert_ne!(address(&point), begin, "{config:?}: another holds them");
        assert_eq!(values(&held), wave(0), "{config:?}");
        let begin = address(&point);
        point = step(&mut optimizer, 0.01, point, wave(2));
        assert_eq!(address(&point), begin, "{config:?}");
    }
}

#[test]
fn a_record_without_what_the_rule_remembers_is_none() {
    // As Burn's own: such a weight starts anew.
    let [adam, sgd] = ["adam", "sgd"].map(|name| config(json!({"optimizer": name})));
    let mut of_sgd = init(&sgd, OURS);
    step(&mut of_sgd, 0.01, point(wave(0)), wave(1));
    let resumed = init(&adam, OURS).from_bytes(of_sgd.into_bytes().unwrap()).unwrap();
    assert!(resumed.to_record().is_empty());
}
