//! A generator as a Python module that needs PyTorch and safetensors and nothing of this project.
//!
//! `layers.py` and `generator.py` are in every module as they are; between them stand the sizes and the layers of one
//! generator. Weights are written as they act: divided by their largest singular value, times their scale.

mod layer;

use crate::ModelConfig;
use crate::latent::Distribution;
use crate::{Domain, Generator};

pub(crate) use layer::expression;

/// A generator's layers in Python, and the same layers with weights as they act.
pub struct PythonNetwork<S> {
    /// An expression: `nn.Sequential(...)`.
    pub expression: String,
    /// The tensors to write.
    pub weights: S,
}

impl PythonNetwork<Generator> {
    pub(crate) fn of(generator: &Generator) -> Self {
        let weights = generator.clone().folded();
        Self { expression: weights.expression(), weights }
    }
}

/// The text of `generator.py`, which begins with what it is of.
pub fn module(title: &str, network: &str, model: &ModelConfig, domain: &Domain) -> String {
    let distribution = match model.latent.distribution {
        Distribution::Normal => "normal",
        Distribution::Uniform => "uniform",
    };
    let points = if domain.output.is_points() { "True" } else { "False" };
    let (latent, classes) = (model.latent.dim, model.conditioning.classes(domain));
    let (factors, noise) = (model.conditioning.factors(), model.generator.noise(domain.output.shape()));
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


{layers}

def network():
    return {network}


{generator}"#,
        layers = include_str!("layers.py"),
        generator = include_str!("generator.py"),
    )
}
