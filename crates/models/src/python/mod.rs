//! A generator as a Python module that needs PyTorch and safetensors and nothing of this project.
//!
//! `layers.py` and `generator.py` are in every module as they are; between them stand the sizes and the layers of one
//! generator. Weights are written as they act: divided by their largest singular value, times their scale.

mod layer;

use crate::latent::Distribution;
use crate::layer::Chain;
use crate::{Domain, ModelConfig};

/// The text of `generator.py`, which begins with the title; `layers` are those of a generator with weights as they act.
pub fn module(title: &str, layers: &Chain, model: &ModelConfig, domain: &Domain) -> String {
    let distribution = match model.latent.distribution {
        Distribution::Normal => "normal",
        Distribution::Uniform => "uniform",
    };
    let points = if domain.output.is_points() { "True" } else { "False" };
    let (latent, classes) = (model.latent.dim, model.conditioning.classes(domain));
    let (factors, noise) = (model.conditioning.factors(), model.generator.noise(model.made(domain).shape()));
    format!(
        r#"'''{title}

    from generator import Generator
    images = Generator().sample(16, seed=1)

Needs torch and safetensors. Run as a program, it compares its samples with those of the run.
'''

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

# Numbers of a latent vector, of which distribution; further input, 0 where there is none.
LATENT, DISTRIBUTION = {latent}, "{distribution}"
CLASSES, FACTORS, NOISE = {classes}, {factors}, {noise}
POINTS = {points}


{definitions}

def network():
    return {network}


{generator}"#,
        network = layer::expression(layers, 1),
        definitions = include_str!("layers.py"),
        generator = include_str!("generator.py"),
    )
}
