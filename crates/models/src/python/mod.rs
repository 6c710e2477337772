//! A generator as a Python module that needs PyTorch and safetensors and nothing of this project.
//!
//! The files here are in a module as they are, `generator.py` in that of a generator that starts from numbers and `translator.py`
//! in that of one that translates; between them stand the sizes and the layers of one generator. Weights are written as they act: divided by their largest singular value, times their scale.

mod layer;

use crate::latent::Distribution;
use crate::layer::Chain;
use crate::{Domain, ModelConfig};
use samples::Format;

/// The text of `generator.py`, which begins with the title; `layers` are those of a generator with weights as they act.
pub fn module(title: &str, layers: &Chain, model: &ModelConfig, domain: &Domain) -> String {
    let points = if domain.output.is_points() { "True" } else { "False" };
    let (usage, sizes, generator) = match model.source(domain) {
        Some(source) => of_samples(source),
        None => of_numbers(model, domain),
    };
    format!(
        r#"'''{title}

    from generator import Generator
    {usage}

Needs torch and safetensors. Run as a program, it compares its samples with those of the run.
'''

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

{sizes}
POINTS = {points}


{definitions}

def network():
    return {network}


{loading}

{generator}

{check}"#,
        network = layer::expression(layers, 1),
        definitions = include_str!("layers.py"),
        loading = include_str!("network.py"),
        check = include_str!("check.py"),
    )
}

/// How a generator that starts from numbers is used, the constants of its input, and its class.
fn of_numbers(model: &ModelConfig, domain: &Domain) -> (&'static str, String, &'static str) {
    let distribution = match model.latent.distribution {
        Distribution::Normal => "normal",
        Distribution::Uniform => "uniform",
    };
    let (latent, classes) = (model.latent.dim, model.conditioning.classes(domain));
    let (factors, noise) = (model.conditioning.factors(), model.generator.noise(model.made(domain).shape()));
    let sizes = format!(
        r#"# Numbers of a latent vector, of which distribution; further input, 0 where there is none.
LATENT, DISTRIBUTION = {latent}, "{distribution}"
CLASSES, FACTORS, NOISE = {classes}, {factors}, {noise}"#
    );
    ("images = Generator().sample(16, seed=1)", sizes, include_str!("generator.py"))
}

/// The same of one that translates samples.
fn of_samples(source: Format) -> (&'static str, String, &'static str) {
    let [channels, height, width] = source.shape();
    let sizes = format!("# Channels, height and width of what is translated.\nSOURCE = {channels}, {height}, {width}");
    ("images = Generator()(sources)", sizes, include_str!("translator.py"))
}
