use super::*;
use crate::loss::{LOSSES, LossConfig};
use crate::{Stream, Variables};
use burn::tensor::{Device, TensorData};
use serde_json::json;

fn formula(discriminator: &str, generator: &str) -> LossConfig {
    serde_json::from_value(json!({ "discriminator": discriminator, "generator": generator })).unwrap()
}

fn error(text: &str) -> String {
    parse::parse(text).unwrap_err().to_string()
}

fn numbers(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

fn leaf(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device).require_grad()
}

/// Value, gradient at real and gradient at fake logits.
fn played(loss: impl Fn(Tensor<1>, Tensor<1>) -> Tensor<1>, real: &[f32], fake: &[f32]) -> [Vec<f32>; 3] {
    let device = Device::flex().autodiff();
    let (real, fake) = (leaf(real, &device), leaf(fake, &device));
    let value = loss(real.clone(), fake.clone());
    let gradients = value.backward();
    let [at_real, at_fake] = [real, fake].map(|logits| logits.grad(&gradients).map(numbers).unwrap_or_default());
    [numbers(value), at_real, at_fake]
}

/// The same bits as the built-in losses that are such functions, in values and gradients.
#[test]
fn written_out_losses_are_the_built_in_ones_bit_for_bit() {
    let none = Variables::new([], &Device::flex());
    for (name, discriminator, generator, in_pairs) in [
        ("minimax", "softplus(-real) + softplus(fake)", "-softplus(fake)", false),
        ("minimax", "-log(sigmoid(real)) - log(1 - sigmoid(fake))", "log(1 - sigmoid(fake))", false),
        ("non_saturating", "softplus(-real) + softplus(fake)", "softplus(-fake)", false),
        ("least_squares", "((real - 1)^2 + fake^2) / 2", "(fake - 1)^2 / 2", false),
        ("least_squares", "0.5 * (square(real - 1) + square(fake))", "square(fake - 1) * 0.5", false),
        ("wasserstein", "fake - real", "-fake", false),
        ("hinge", "max(0, 1 - real) + relu(1 + fake)", "-fake", false),
        ("relativistic", "softplus(fake - real)", "softplus(real - fake)", true),
        (
            "relativistic_average",
            "softplus(mean(fake) - real) + softplus(fake - mean(real))",
            "softplus(mean(real) - fake) + softplus(real - mean(fake))",
            false,
        ),
    ] {
        let built_in = LOSSES.find(name).and_then(|member| member.with_defaults()).unwrap();
        let written = formula(discriminator, generator);
        for (real, fake) in [(7, 7), (5, 8)] {
            if in_pairs && real != fake {
                continue;
            }
            let draw = |purpose: &str, count: usize| Stream::new(3, purpose, 0).normals(count, 20.0);
            let (real, fake) = (draw("real", real), draw("fake", fake));
            let discriminator = |loss: &LossConfig| played(|r, f| loss.discriminator(r, f, &none), &real, &fake);
            let generator = |loss: &LossConfig| played(|r, f| loss.generator(f, &|| r.clone()), &real, &fake);
            assert_eq!(discriminator(&written), discriminator(&built_in), "{name}'s discriminator");
            assert_eq!(generator(&written), generator(&built_in), "{name}'s generator");
        }
    }
}

#[test]
fn numbers_obey_the_rules_of_arithmetic() {
    let mean = |text: &str| {
        let expression: Expression = serde_json::from_value(json!(text)).unwrap();
        let logits = [[4.0f32, -1.0], [2.0, 3.0]].map(|logits| leaf(&logits, &Device::flex().autodiff()));
        let [real, fake] = logits;
        numbers(expression.mean(&Logits { real: Some(real), fake }))[0]
    };
    // Means over real = (4, -1) and fake = (2, 3), by hand.
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("8 / 2 / 2", 2.0),
        ("8 - 2 - 2", 4.0),
        ("1e-3 * 2E3", 2.0),
        ("--.5", 0.5),
        ("real", 1.5),
        ("-real^2", -8.5),
        ("real^3", 31.5),
        ("(-real)^2", 8.5),
        ("real * fake", 2.5),
        ("real / fake", 5.0 / 6.0),
        ("6 / fake", 2.5),
        ("2 - fake", -0.5),
        ("real * 2 + 1", 4.0),
        ("max(real, fake)", 3.5),
        ("min(real, fake)", 0.5),
        ("max(real, 1) + min(3, real)", 3.5),
        ("max(mean(real), fake)", 2.5),
        ("min(fake, mean(fake))", 2.25),
        ("abs(real - mean(real))", 2.5),
        ("mean(real) * mean(fake)", 3.75),
        ("exp(log(fake))", 2.5),
        ("sqrt(fake^2)", 2.5),
        ("tanh(0) + sigmoid(0) + softplus(0) + relu(-1) + real", 0.5 + std::f32::consts::LN_2 + 1.5),
    ] {
        let found = mean(text);
        assert!((found - expected).abs() < 1e-5, "{text}: {found}, expected {expected}");
    }
}

#[test]
fn no_finite_logit_overflows() {
    for text in ["softplus(-real) + softplus(fake)", "-log(sigmoid(real)) - log(1 - sigmoid(fake))"] {
        let loss = formula(text, "softplus(-fake)");
        let none = Variables::new([], &Device::flex());
        let [value, real, fake] = played(|r, f| loss.discriminator(r, f, &none), &[-1e4, 0.0], &[1e4, 0.0]);
        assert!((value[0] - (1e4 + std::f32::consts::LN_2)).abs() < 1.0, "{text}: {value:?}");
        assert_eq!((real[0], fake[0]), (-0.5, 0.5), "{text}");
    }
}

#[test]
fn slips_are_shown_with_their_place() {
    for (text, expected) in [
        ("", "the formula ends too early, at character 1 of the formula"),
        ("softplus(-real) +", "the formula ends too early, at character 18 of the formula"),
        ("softplsu(fake)", "there is no `softplsu`: did you mean `softplus`?, at character 1 of the formula"),
        ("real + faek", "there is no `faek`: did you mean `fake`?, at character 8 of the formula"),
        ("2 real", "`+`, `-`, `*`, `/` or `^` is missing, at character 3 of the formula"),
        ("(real", "`)` is missing, at character 6 of the formula"),
        ("real)", "this `)` closes nothing, at character 5 of the formula"),
        ("relu fake", "`(` is missing behind `relu`, at character 6 of the formula"),
        ("max(fake)", "`,` is missing, at character 9 of the formula"),
        ("2 ^ fake", "an exponent must be a number, at character 5 of the formula"),
        ("real * * fake", "there is `*` where a number, a name or `(` is expected, at character 8 of the formula"),
        ("réal; fake", "`;` has no meaning in a formula, at character 5 of the formula"),
        ("1.2.3", "`1.2.3` is no number, at character 1 of the formula"),
    ] {
        assert_eq!(error(text), expected);
    }
    let names = error("entropy(fake)");
    assert!(names.starts_with("there is no `entropy`; names are `softplus`, `sigmoid`"), "{names}");
    for deep in ["(".repeat(100_000), "1^".repeat(100_000)] {
        assert!(error(&deep).contains("within one another"));
    }
    assert!(parse::parse(&"-".repeat(100_000)).is_err());
}

#[test]
fn a_formula_is_read_and_written_as_it_stands() {
    let read = |json: serde_json::Value| serde_json::from_value::<LossConfig>(json);
    let loss = formula("softplus( -real )+softplus(fake)", "softplus(-fake)");
    let written = json!({
        "kind": "formula",
        "discriminator": "softplus( -real )+softplus(fake)",
        "generator": "softplus(-fake)",
    });
    assert_eq!(serde_json::to_value(&loss).unwrap(), written);
    assert_eq!(read(written).unwrap(), loss);
    assert_eq!(loss.threshold(), None);
    let hinge = json!({ "discriminator": "real - fake", "generator": "fake", "threshold": 0.5 });
    assert_eq!(read(hinge).unwrap().threshold(), Some(0.5));
    assert!(read(json!({ "kind": "formula", "discriminator": "real + fake" })).is_err());
    assert!(read(json!("formula")).is_err());
}

#[test]
fn each_network_must_be_in_its_formula() {
    let count = |discriminator: &str, generator: &str| formula(discriminator, generator).check().len();
    assert_eq!(count("real - fake", "fake"), 0);
    assert_eq!(count("real - fake", "real * fake"), 0);
    assert_eq!(count("real", "fake"), 1);
    assert_eq!(count("mean(fake)", "1"), 2);
}
