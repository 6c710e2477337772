//! A generator as an ONNX model, in the standard operators of opset 17.
//!
//! Weights are written as they act: divided by their largest singular value, times their scale. The inputs are those of
//! `generator.py` (see [`python`](crate::python)), and each says in its `doc_string` how its numbers are drawn.

mod graph;
mod layer;
mod minibatch;
mod proto;
mod spectrogram;
mod style;
mod video;

use crate::layer::Chain;
use crate::{Distribution, Domain, ModelConfig};
use graph::{Graph, Value};
use prost::Message;
use proto::{Model, Opset, Text, ValueInfo};

/// The operators' version. Later ones only add to what is used here.
const OPSET: i64 = 17;

/// The file format that came with that opset.
const IR_VERSION: i64 = 8;

/// The file's bytes. `about` goes into its metadata, beside the inputs; `layers` are those of a generator with weights as they act.
pub fn model(about: &[(&str, String)], layers: &Chain, model: &ModelConfig, domain: &Domain) -> Vec<u8> {
    let inputs = inputs(model, domain);
    let mut graph = Graph::default();
    let from = match model.source(domain) {
        Some(source) => Value { name: SOURCE.to_owned(), shape: source.shape() },
        None => numbers(&inputs, &mut graph),
    };
    let made = graph.chain(layers, "network", from);
    let samples = samples(made, domain, &mut graph);

    let text = |key: &str, value: &str| Text { key: key.to_owned(), value: value.to_owned() };
    let about = about.iter().map(|(key, value)| text(key, value));
    let drawn = inputs.iter().map(|input| text(input.name, &input.drawn()));
    let metadata = about.chain(drawn).chain([text(SAMPLES, &samples.doc)]).collect();
    let inputs = inputs.iter().map(|input| ValueInfo::batch(input.name, &input.shape, input.drawn())).collect();
    let graph = graph.finish("generator", inputs, vec![samples]);
    Model {
        ir_version: IR_VERSION,
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        opset_import: vec![Opset { domain: String::new(), version: OPSET }],
        graph: Some(graph),
        metadata,
    }
    .encode_to_vec()
}

/// All inputs of a generator that starts from numbers, one after the other.
fn numbers(inputs: &[Input], graph: &mut Graph) -> Value {
    let names: Vec<&str> = inputs.iter().map(|input| input.name).collect();
    let numbers = match names[..] {
        [latent] => latent.to_owned(),
        _ => graph.node("Concat", &names, &[graph::int("axis", 1)]),
    };
    let count = inputs.iter().flat_map(|input| &input.shape).sum();
    graph.reshape(&numbers, [count, 1, 1])
}

/// The name of what is translated, and that of the output.
const SOURCE: &str = "source";
const SAMPLES: &str = "samples";

/// One of the model's inputs, `[batch, ...shape]`.
struct Input {
    name: &'static str,
    shape: Vec<usize>,
    /// How to draw it, as a sentence.
    drawn: &'static str,
}

impl Input {
    fn drawn(&self) -> String {
        let shape: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        format!("float32 [batch, {}]: {}", shape.join(", "), self.drawn)
    }
}

const NORMAL: &str = "independent numbers of the standard normal distribution";
const UNIFORM: &str = "independent numbers, uniform from -1 to 1";

/// Those that the generator has.
fn inputs(model: &ModelConfig, domain: &Domain) -> Vec<Input> {
    if let Some(source) = model.source(domain) {
        let drawn = "samples to translate, pixels from -1 to 1";
        return vec![Input { name: SOURCE, shape: source.shape().to_vec(), drawn }];
    }
    let latent = match model.latent.distribution {
        Distribution::Normal => NORMAL,
        Distribution::Uniform => UNIFORM,
    };
    let numbers = |name, numbers, drawn| (numbers > 0).then(|| Input { name, shape: vec![numbers], drawn });
    let one_hot = "one-hot, 1 for the class of the sample and 0 for the others";
    let all = [
        numbers("latent", model.latent.dim, latent),
        numbers("labels", model.conditioning.classes(domain), one_hot),
        numbers("factors", model.conditioning.factors(), UNIFORM),
        numbers("noise", model.generator.noise(model.made(domain).shape()), NORMAL),
    ];
    all.into_iter().flatten().collect()
}

/// Names what the layers make.
fn samples(made: Value, domain: &Domain, graph: &mut Graph) -> ValueInfo {
    let [channels, height, width] = made.shape;
    if domain.output.is_points() {
        let flat = graph.flat(&made);
        graph.rename(flat, SAMPLES);
        return ValueInfo::batch(SAMPLES, &[channels], format!("float32 [batch, {channels}]: points"));
    }
    graph.rename(made.name, SAMPLES);
    let doc = format!("float32 [batch, {channels}, {height}, {width}]: samples, from -1 to 1");
    ValueInfo::batch(SAMPLES, &made.shape, doc)
}

#[cfg(test)]
mod tests;
