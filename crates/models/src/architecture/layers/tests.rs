use super::*;
use crate::{DiscriminatorConfig, GeneratorConfig};
use serde_json::{Value, json};

const IMAGE: Format = Format::Image([1, 8, 8]);

fn generator(layers: Value) -> GeneratorConfig {
    serde_json::from_value(json!({ "layers": layers })).unwrap()
}

fn discriminator(layers: Value) -> DiscriminatorConfig {
    serde_json::from_value(json!({ "architecture": "layers", "layers": layers })).unwrap()
}

#[test]
fn layers_are_written_as_short_as_they_can_be_read() {
    for (written, short) in [
        (json!("relu"), json!("relu")),
        (json!({ "relu": null }), json!("relu")),
        (json!({ "relu": {} }), json!("relu")),
        (json!({ "dense": 5 }), json!({ "dense": 5 })),
        (json!({ "dense": { "outputs": 5, "bias": true } }), json!({ "dense": 5 })),
        (json!({ "dense": { "outputs": 5, "bias": false } }), json!({ "dense": { "outputs": 5, "bias": false } })),
        (json!({ "batch_norm": { "epsilon": 1e-5 } }), json!("batch_norm")),
        (json!({ "batch_norm": { "momentum": 0.01 } }), json!({ "batch_norm": { "momentum": 0.01 } })),
        (json!({ "leaky_relu": 0.2 }), json!("leaky_relu")),
        (json!({ "leaky_relu": 0.3 }), json!({ "leaky_relu": 0.3 })),
        (json!({ "leaky_relu": 0 }), json!({ "leaky_relu": 0.0 })),
        (json!({ "leaky_relu": { "slope": 0.3 } }), json!({ "leaky_relu": 0.3 })),
        (json!({ "leaky_relu": { "gain": 2.0 } }), json!({ "leaky_relu": { "gain": 2.0 } })),
        (
            json!({ "conv": { "channels": 4, "kernel": [1, 25], "stride": [1, 4] } }),
            json!({ "conv": { "channels": 4, "kernel": [1, 25], "stride": [1, 4] } }),
        ),
        (
            json!({ "conv_transpose": { "channels": 4, "kernel": [3, 3], "stride": 1, "padding": [1, 1], "bias": false } }),
            json!({ "conv_transpose": { "channels": 4, "kernel": 3, "padding": 1, "bias": false } }),
        ),
        (json!({ "upsample": [2, 2] }), json!({ "upsample": 2 })),
        (json!({ "minibatch_discrimination": { "kernels": 50 } }), json!("minibatch_discrimination")),
        (
            json!({ "residual": { "main": ["relu", { "residual": ["tanh"] }] } }),
            json!({ "residual": ["relu", { "residual": ["tanh"] }] }),
        ),
        (
            json!({ "residual": { "main": ["relu"], "skip": [{ "scale": 0.5 }] } }),
            json!({ "residual": { "main": ["relu"], "skip": [{ "scale": 0.5 }] } }),
        ),
        (json!({ "skip": ["sigmoid", "flatten"] }), json!({ "skip": ["sigmoid", "flatten"] })),
        (json!({ "reshape": [1, 2, 3] }), json!({ "reshape": [1, 2, 3] })),
    ] {
        let read: LayerConfig = serde_json::from_value(written.clone()).unwrap_or_else(|e| panic!("{written}: {e}"));
        assert_eq!(serde_json::to_value(&read).unwrap(), short, "{written}");
        assert_eq!(serde_json::from_value::<LayerConfig>(short).unwrap(), read, "{written}");
    }
}

/// The names that are read as keys are those of the variants.
#[test]
fn every_name_is_known() {
    let schema = schemars::schema_for!(LayerConfig);
    let maps = schema.pointer("/oneOf").and_then(Value::as_array).unwrap();
    let names: Vec<_> = maps.iter().filter_map(|map| map["required"][0].as_str()).collect();
    assert_eq!(names, layer::NAMES);
    for name in names {
        // A word, or a map whose settings are wrong: never an unknown one.
        for written in [json!(name), json!({ name: [[]] })] {
            let read = serde_json::from_value::<LayerConfig>(written).map_err(|error| error.to_string());
            assert!(
                read.as_ref().map_or_else(|error| !error.contains("unknown"), |layer| layer.name() == name),
                "{read:?}"
            );
        }
    }
}

#[test]
fn what_is_no_layer_is_refused() {
    for (written, expected) in [
        (json!("rely"), "unknown variant `rely`, expected one of `dense`, `conv`"),
        (json!({ "convolution": {} }), "unknown field `convolution`, expected one of `dense`, `conv`"),
        (json!("dense"), "invalid type: null, expected the count of outputs or a map"),
        (json!({ "dense": -1 }), "invalid value: integer `-1`, expected usize"),
        (json!({ "dense": "wide" }), "invalid type: string \"wide\", expected the count of outputs or a map"),
        (json!({ "conv": { "channels": 4 } }), "missing field `kernel`"),
        (json!({ "conv": { "channels": 4, "kernel": 3, "strid": 2 } }), "unknown field `strid`"),
        (json!({ "conv": { "channels": 4, "kernel": [3] } }), "invalid length 1"),
        (json!({ "conv": { "channels": 4, "kernel": "3" } }), "expected a whole number, or a list of two"),
        (json!({ "relu": 3 }), "invalid type"),
        (json!({ "relu": null, "tanh": null }), "an entry is one layer, but `relu` and `tanh` are two"),
        (json!(3), "invalid type: integer `3`, expected the name of a layer"),
    ] {
        let error = serde_json::from_value::<LayerConfig>(written.clone()).unwrap_err().to_string();
        assert!(error.contains(expected), "{written}: {error}");
    }
}

#[test]
fn shapes_are_those_of_each_layer() {
    for (layer, input, expected) in [
        (json!({ "dense": 5 }), [2, 3, 4], [5, 1, 1]),
        (json!({ "conv": { "channels": 8, "kernel": 4, "stride": 2 } }), [3, 28, 14], [8, 14, 7]),
        (json!({ "conv": { "channels": 8, "kernel": 4, "stride": 2 } }), [3, 7, 1], [8, 4, 1]),
        (json!({ "conv": { "channels": 8, "kernel": 2 } }), [3, 7, 9], [8, 7, 9]),
        (json!({ "conv": { "channels": 8, "kernel": 3, "padding": 0 } }), [3, 7, 9], [8, 5, 7]),
        (json!({ "conv": { "channels": 8, "kernel": [1, 25], "stride": [1, 4] } }), [1, 1, 64], [8, 1, 16]),
        (json!({ "conv_transpose": { "channels": 8, "kernel": 5, "stride": 2 } }), [3, 7, 5], [8, 14, 10]),
        (json!({ "conv_transpose": { "channels": 8, "kernel": 4, "padding": 0 } }), [3, 1, 1], [8, 4, 4]),
        (json!({ "conv_transpose": { "channels": 8, "kernel": [1, 25], "stride": [1, 4] } }), [1, 1, 16], [8, 1, 64]),
        (json!({ "upsample": [1, 3] }), [2, 3, 4], [2, 3, 12]),
        (json!({ "average_pool": [3, 2] }), [2, 3, 4], [2, 1, 2]),
        (json!({ "smooth_pool": [1, 2] }), [2, 3, 4], [2, 3, 2]),
        (json!("sum_pool"), [2, 3, 4], [2, 1, 1]),
        (json!("layer_norm"), [2, 3, 4], [2, 3, 4]),
        (json!({ "maxout": 3 }), [6, 1, 1], [2, 1, 1]),
        (json!("minibatch_deviation"), [2, 3, 4], [3, 3, 4]),
        (json!("minibatch_discrimination"), [2, 3, 4], [74, 1, 1]),
        (json!({ "phase_shuffle": 3 }), [2, 3, 4], [2, 3, 4]),
        (json!({ "dropout": 0.5 }), [2, 3, 4], [2, 3, 4]),
        (json!({ "residual": ["relu"] }), [2, 3, 4], [2, 3, 4]),
        (json!({ "skip": [{ "conv": { "channels": 5, "kernel": 3 } }] }), [2, 3, 4], [7, 3, 4]),
        (json!({ "reshape": [1, 8, 3] }), [2, 3, 4], [1, 8, 3]),
        (json!("flatten"), [2, 3, 4], [24, 1, 1]),
        (json!({ "fit": [5, 1] }), [2, 3, 4], [2, 5, 1]),
    ] {
        let config: LayerConfig = serde_json::from_value(layer.clone()).unwrap();
        assert_eq!(output(std::slice::from_ref(&config), input), Ok(expected), "{layer}");
        let device = burn::tensor::Device::flex();
        let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 };
        let chain = crate::layer::Chain::new(build(&[config], input, &make, false).0);
        let [channels, height, width] = input;
        let made = chain.forward(burn::tensor::Tensor::ones([2, channels, height, width], &device));
        assert_eq!(made.dims()[1..], expected, "{layer}");
    }
}

#[test]
fn a_layer_that_does_not_fit_is_named_with_its_place_and_the_shapes() {
    let conv = |settings: Value| json!({ "conv": settings });
    let check = |layers: Value, path: &str, message: &str| {
        let found = generator(layers.clone()).check([10, 1, 1], IMAGE);
        assert_eq!(found, Some(Problem::at(path, message)), "{layers}");
    };
    let start = || vec![json!({ "dense": 128 }), json!({ "reshape": [8, 4, 4] })];
    let after = |more: Value| {
        let mut layers = start();
        layers.push(more);
        Value::Array(layers)
    };
    check(
        after(conv(json!({ "channels": 4, "kernel": 9, "padding": 1 }))),
        "layers.2.conv.kernel",
        "needs at least 7 x 7 pixels for a kernel of 9 x 9, but [8, 4, 4] comes in (`conv`, layer 3 of 3)",
    );
    check(
        after(json!({ "conv_transpose": { "channels": 4, "kernel": 2, "stride": 3 } })),
        "layers.2.conv_transpose.kernel",
        "must be at least as large as the stride along each axis (`conv_transpose`, layer 3 of 3)",
    );
    check(
        json!([{ "dense": 128 }, { "reshape": [8, 4, 5] }]),
        "layers.1.reshape",
        "needs as many numbers as [8, 4, 5] has, but [128, 1, 1] comes in (`reshape`, layer 2 of 2)",
    );
    check(
        after(json!({ "residual": ["relu", { "maxout": 3 }] })),
        "layers.2.residual.1.maxout",
        "needs a vector whose length 3 divides, but [8, 4, 4] comes in (`maxout`, layer 2 of 2)",
    );
    check(
        after(json!({ "residual": { "main": ["relu"], "skip": [conv(json!({ "channels": 0, "kernel": 3 }))] } })),
        "layers.2.residual.skip.0.conv.channels",
        "must be within 1 and 65536 (`conv`, layer 1 of 1)",
    );
    check(
        after(json!({ "residual": [conv(json!({ "channels": 4, "kernel": 3 }))] })),
        "layers.2.residual",
        "adds branches of one shape, but these make [4, 4, 4] and [8, 4, 4] (`residual`, layer 3 of 3)",
    );
    check(
        after(json!({ "skip": [{ "average_pool": 2 }] })),
        "layers.2.skip",
        "needs a branch that keeps 4 x 4 pixels, but this one makes [8, 2, 2] (`skip`, layer 3 of 3)",
    );
    check(
        after(json!({ "phase_shuffle": 4 })),
        "layers.2.phase_shuffle",
        "needs a width of more than 4, but [8, 4, 4] comes in (`phase_shuffle`, layer 3 of 3)",
    );
    check(
        after(json!({ "skip": ["relu", { "phase_shuffle": 1 }] })),
        "layers",
        "`phase_shuffle` acts in a discriminator's passes alone: leave out `layers[2].skip[1].phase_shuffle`",
    );
    check(after(json!({ "dropout": 1 })), "layers.2.dropout", "must be in [0, 1) (`dropout`, layer 3 of 3)");
    check(
        after(json!({ "dropout": 0.5 })),
        "layers",
        "`dropout` acts in discriminators and in generators that translate images: leave out `layers[2].dropout`",
    );
    check(
        after(json!({ "upsample": 4 })),
        "layers",
        "make [8, 16, 16], but the data set's samples are [1, 8, 8]: the last layers must make 1 x 8 x 8 numbers",
    );
    check(
        json!([{ "dense": 64 }]),
        "layers",
        "make [64, 1, 1], but the data set's samples are [1, 8, 8]: add `{ reshape: [1, 8, 8] }`",
    );
    check(
        json!([{ "dense": 81 }, { "reshape": [1, 9, 9] }]),
        "layers",
        "make [1, 9, 9], but the data set's samples are [1, 8, 8]: add `{ fit: [8, 8] }`, or change what doubles",
    );
    let check = |layers: Value, path: &str| {
        let found = discriminator(layers.clone()).check(IMAGE, [1, 8, 8]);
        assert_eq!(found, Some(Problem::at(path, "a discriminator's list ends in `dense: 1`, its head")), "{layers}");
    };
    check(json!([]), "layers");
    check(json!([{ "dense": 2 }]), "layers.0.dense");
    check(json!([{ "dense": 1 }, "tanh"]), "layers.1.tanh");
    check(json!([{ "dense": { "outputs": 1, "bias": false } }]), "layers.0.dense");
    assert_eq!(discriminator(json!([{ "dense": 1 }])).check(IMAGE, [1, 8, 8]), None);
}

#[test]
fn batch_normalisation_is_found_wherever_it_is() {
    let found = |layers: Value| discriminator(layers).check_input_gradient();
    assert_eq!(found(json!(["relu", "layer_norm", { "dense": 1 }])), None);
    let nested = json!(["relu", { "residual": { "main": [], "skip": [{ "skip": ["batch_norm"] }] } }, { "dense": 1 }]);
    let message = found(nested).unwrap();
    assert!(message.contains("`model.discriminator.layers[1].residual.skip[0].skip[0].batch_norm`"), "{message}");
}
