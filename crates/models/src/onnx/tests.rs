use super::proto::FLOAT;
use super::*;
use crate::layer::{
    Layer, Layers, MINIBATCH_DEVIATION, RELU, SUM, average, fit, half_smooth, leaky_with_gain, maxout, per_frame,
    repeat, residual, skip, view,
};
use crate::preset;
use burn::tensor::{Device, Tensor};
use kernels::Window;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn read(bytes: &[u8]) -> Model {
    Model::decode(bytes).unwrap()
}

/// `[name, sizes...]` of each, 0 for a free one.
fn shapes(values: &[ValueInfo]) -> Vec<(&str, Vec<i64>)> {
    let sizes = |value: &ValueInfo| {
        let tensor = value.of.as_ref().and_then(|of| of.tensor.as_ref()).unwrap();
        assert_eq!(tensor.kind, FLOAT);
        let dims = &tensor.shape.as_ref().unwrap().dims;
        assert_eq!(dims[0].name.as_deref(), Some("batch"));
        dims.iter().map(|dim| dim.number.unwrap_or_default()).collect()
    };
    values.iter().map(|value| (value.name.as_str(), sizes(value))).collect()
}

/// Whether each node takes what is there before it, and each tensor has as many bytes as its shape says.
fn check_graph(graph: &proto::GraphProto) {
    let mut known: BTreeSet<&str> = graph.inputs.iter().map(|input| input.name.as_str()).collect();
    for tensor in &graph.initializers {
        let numbers: i64 = tensor.dims.iter().product();
        let size = if tensor.kind == FLOAT { 4 } else { 8 };
        assert_eq!(tensor.data.len() as i64, numbers * size, "{}", tensor.name);
        assert!(known.insert(&tensor.name), "{} is there twice", tensor.name);
    }
    for node in &graph.nodes {
        for input in node.inputs.iter().filter(|input| !input.is_empty()) {
            assert!(known.contains(input.as_str()), "{} takes {input}, which comes later", node.name);
        }
        assert!(known.insert(&node.outputs[0]), "{} is there twice", node.outputs[0]);
    }
    for output in &graph.outputs {
        assert!(known.contains(output.name.as_str()), "no node makes {}", output.name);
    }
}

fn of_preset(name: &str, more: Json, domain: Domain) -> Model {
    let mut settings = preset::find(name).unwrap().settings()["model"].clone();
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config: ModelConfig = serde_json::from_value(settings).unwrap();
    let generator = config.init_generator(domain, 1, &Device::flex());
    let about = [("run", "one".to_owned())];
    read(&model(&about, &generator.folded(), &config, &domain))
}

#[test]
fn a_model_says_what_its_inputs_are_and_has_a_free_batch() {
    let images = Domain::images([1, 28, 28], Some(10));
    for (preset, inputs) in [
        ("dcgan", vec![("latent", vec![0, 100])]),
        ("sagan", vec![("latent", vec![0, 128])]),
        ("cgan", vec![("latent", vec![0, 100]), ("labels", vec![0, 10])]),
        ("infogan", vec![("latent", vec![0, 62]), ("labels", vec![0, 10]), ("factors", vec![0, 2])]),
    ] {
        let model = of_preset(preset, json!({}), images);
        assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
        let graph = model.graph.unwrap();
        check_graph(&graph);
        assert_eq!(shapes(&graph.inputs), inputs, "{preset}");
        assert_eq!(shapes(&graph.outputs), [("samples", vec![0, 1, 28, 28])], "{preset}");
        let about: Vec<&str> = model.metadata.iter().map(|text| text.key.as_str()).collect();
        let names = inputs.iter().map(|(name, _)| *name);
        assert_eq!(about, ["run"].into_iter().chain(names).chain(["samples"]).collect::<Vec<_>>());
        assert!(graph.inputs[0].doc.contains("distribution") || graph.inputs[0].doc.contains("uniform"));
    }
}

/// Each weight of the layers is a constant of the graph, with what acts of it.
#[test]
fn weights_are_those_that_act() {
    let device = Device::flex();
    let make = Layers { device: &device, spectral_norm: false, equalized: true, frames: 1 };
    let mut layer = match make.dense_at_rate(4, 2, 0.5) {
        Layer::Dense(layer) => layer,
        _ => unreachable!("a dense layer"),
    };
    layer.weight = layer.weight.map(|weight| weight + 3.0);
    layer.bias = layer.bias.map(|bias| bias.map(|bias| bias + 5.0));
    let mut graph = Graph::default();
    let chain = Chain::new(vec![Layer::Dense(layer)]).folded();
    let x = Value { name: "x".to_owned(), shape: [4, 1, 1] };
    let made = graph.chain(&chain, "network", x);
    assert_eq!(made.shape, [2, 1, 1]);
    let graph = graph.finish("test", Vec::new(), Vec::new());
    let numbers = |name: &str| {
        let tensor = graph.initializers.iter().find(|tensor| tensor.name == name).unwrap();
        tensor.data.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect::<Vec<_>>()
    };
    // Weights of 3 with four inputs, at half the rate; biases of 5 at half the rate.
    assert_eq!(numbers("network.0.weight"), [0.75; 8]);
    assert_eq!(numbers("network.0.bias"), [2.5; 2]);
}

/// onnxruntime runs layers of all kinds in `scripts/check_onnx.py`; here the shapes that reshaping relies on are compared.
#[test]
fn every_layer_makes_the_shape_that_it_makes_here() {
    let device = Device::flex();
    let make = Layers { device: &device, spectral_norm: true, equalized: false, frames: 1 };
    let layers = vec![
        make.dense(8, 64),
        maxout(2),
        view([2, 4, 4]),
        make.layer_norm(2),
        make.transposed_through([2, 4], Window::padded([3, 2], [2, 1], [1, 0]), [1, 0], true),
        make.batch_norm(4),
        leaky_with_gain(0.1, 2.0),
        fit([10, 4]),
        per_frame(2, vec![make.convolution([4, 4], [3, 3], [1, 1]), RELU]),
        residual(vec![make.convolution([4, 4], [3, 3], [1, 1])], vec![RELU]),
        skip(vec![make.convolution([4, 3], [5, 5], [1, 1])]),
        repeat([1, 2]),
        average([2, 1]),
        half_smooth([1, 2]),
        make.self_attention(7),
        MINIBATCH_DEVIATION,
        make.convolution_through([8, 2], Window::padded([3, 3], [2, 2], [1, 1]), false),
        SUM,
        make.minibatch_discrimination(2, 3, 2),
        view([1, 1, 5]),
        make.recurrent(1, 3),
    ];
    let chain = Chain::new(layers);
    let (mut graph, mut value) = (Graph::default(), Value { name: "x".to_owned(), shape: [8, 1, 1] });
    let mut x = Tensor::<4>::zeros([4, 8, 1, 1], &device);
    for (at, layer) in chain.layers.into_iter().enumerate() {
        let chain = Chain::new(vec![layer]);
        value = graph.chain(&chain, &format!("network.{at}"), value);
        x = chain.forward(x);
        let [_, shape @ ..] = x.dims();
        assert_eq!(value.shape, shape, "layer {at}");
    }
    check_graph(&graph.finish("test", vec![ValueInfo::batch("x", &[8, 1, 1], String::new())], Vec::new()));
}
