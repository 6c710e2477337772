//! `model.initialization` draws the weights of both networks, whatever their architecture would have.

use crate::common::{Numbers, weights};
use burn::tensor::Device;
use models::ModelConfig;
use models::task::Gan;
use serde_json::{Value, json};

fn gan(initialization: Option<Value>) -> Gan {
    let mut model = json!({
        "generator": {"architecture": "dcgan", "channels": 2, "spectral_norm": true},
        "discriminator": {"architecture": "infogan", "channels": 2, "norm": "none", "spectral_norm": true},
    });
    if let Some(initialization) = initialization {
        model["initialization"] = initialization;
    }
    let config: ModelConfig = serde_json::from_value(model).unwrap();
    assert_eq!(config.check([1, 16, 16]), []);
    Gan::new(&config, [1, 16, 16], 3, &Device::flex())
}

/// Weights of rank 2 and higher, by path.
fn matrices(gan: &Gan) -> Vec<(String, Numbers)> {
    let all = weights(&gan.generator).into_iter().chain(weights(&gan.discriminator));
    all.filter(|(_, (shape, _))| shape.len() > 1).collect()
}

#[test]
fn a_word_or_a_map_stands_for_both_networks() {
    let plain = matrices(&gan(None));
    for (initialization, changes) in [
        (json!("orthogonal"), true),
        (json!("glorot_uniform"), true),
        (json!({"kind": "he_normal"}), true),
        // That of both architectures.
        (json!("normal"), false),
        (json!({"kind": "normal", "deviation": 0.02}), false),
        (json!({"kind": "normal", "deviation": 0.03}), true),
    ] {
        for (before, after) in plain.iter().zip(matrices(&gan(Some(initialization.clone())))) {
            assert_eq!(before.0, after.0);
            assert_eq!(before.1 != after.1, changes, "{initialization}: {}", before.0);
        }
    }
}

#[test]
fn orthogonal_weights_have_singular_values_of_1() {
    let gan = gan(Some(json!("orthogonal")));
    let all = weights(&gan.generator).into_iter().chain(weights(&gan.discriminator)).collect::<Vec<_>>();
    for (path, (shape, values)) in all.iter().filter(|(_, (shape, _))| shape.len() > 1) {
        // The squares of all singular values, as many as the shorter side has, come to its length.
        let shorter = shape[0].min(values.len() / shape[0]) as f32;
        let squares: f32 = values.iter().map(|w| w * w).sum();
        assert!((squares - shorter).abs() < 1e-4 * shorter, "{path}: {squares}, expected {shorter}");
    }
}

#[test]
fn a_deviation_that_is_none_is_reported() {
    let model = json!({"initialization": {"kind": "normal", "deviation": -1.0}});
    let config: ModelConfig = serde_json::from_value(model).unwrap();
    assert_eq!(config.check([1, 16, 16])[0].to_string(), "initialization.deviation: must be above 0");
    // The default is not in the configuration that is hashed.
    let written = serde_json::to_value(ModelConfig::default()).unwrap();
    assert!(written.get("initialization").is_none(), "{written}");
}
