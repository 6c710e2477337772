//! Initial weights from a run's own streams: Burn's initialisers draw from one generator for the whole process.

use crate::Stream;
use crate::check::above_zero;
use crate::layer::spectral::LEFT;
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use family::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod orthogonal;

/// `run.model.initialization`: distribution of initial weights. Biases start at 0, normalisation gains at 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Initialization {
    /// Uniform in ±√(6 / (fan in + fan out)): Glorot and Bengio 2010, eq. 16; the default of Keras.
    // Braces make `deny_unknown_fields` hold: serde lets a unit variant of a tagged enum take any key.
    GlorotUniform {},
    /// Normal with variance 2 / fan in: He et al. 2015, arXiv 1502.01852, eq. 10. The fan in of a transposed convolution is
    /// read as PyTorch and Keras read it, outputs times the kernel's size.
    HeNormal {},
    /// Normal with mean 0.
    Normal {
        /// Standard deviation; by default the 0.02 of Radford et al. 2016.
        #[serde(default = "deviation")]
        deviation: f64,
    },
    /// The weight as a matrix, its first axis against all others, has orthonormal rows or columns, whichever are fewer:
    /// Saxe et al. 2014, arXiv 1312.6120.
    Orthogonal {},
}

fn deviation() -> f64 {
    0.02
}

/// Where the initial weights of a network come from.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a> {
    /// Instead of the distribution of the network's architecture.
    pub distribution: Option<Initialization>,
    /// Of the run.
    pub seed: u64,
    /// Where the network is.
    pub device: &'a Device,
}

impl Start<'_> {
    /// The network with its initial weights; `usual` is the distribution of its architecture.
    pub(crate) fn apply<M: Module>(self, network: M, usual: Initialization, name: &str) -> M {
        self.distribution.unwrap_or(usual).apply(network, self.seed, name)
    }
}

impl Initialization {
    /// Redraws every weight of rank 2 and higher, and the vectors that power iterations start from (normal). The key of
    /// a weight's stream holds its path in the module, so that another layer elsewhere changes nothing here.
    pub fn apply<M: Module>(self, module: M, seed: u64, name: &str) -> M {
        module.map(&mut Redraw { distribution: self, seed, path: vec![name.to_owned()] })
    }

    /// What is wrong with its values.
    pub(crate) fn check(self) -> Option<Problem> {
        match self {
            Self::Normal { deviation } => above_zero("deviation", deviation),
            _ => None,
        }
    }

    fn draw(self, shape: &[usize], stream: &mut Stream) -> Vec<f32> {
        let count = shape.iter().product();
        // Linear weights are [in, out], convolutions [out, in, k, k], transposed ones [in, out, k, k].
        let receptive_field: usize = shape[2..].iter().product();
        match self {
            Self::GlorotUniform {} => {
                // The sum of the fans is the same reading of the shape for all.
                let limit = libm::sqrtf(6.0 / ((shape[0] + shape[1]) * receptive_field) as f32);
                stream.uniforms(count, -limit, limit)
            }
            Self::HeNormal {} => {
                let fan_in = if shape.len() == 2 { shape[0] } else { shape[1] * receptive_field };
                stream.normals(count, libm::sqrtf(2.0 / fan_in as f32))
            }
            Self::Normal { deviation } => stream.normals(count, deviation as f32),
            Self::Orthogonal {} => orthogonal::draw([shape[0], count / shape[0]], stream),
        }
    }
}

struct Redraw {
    distribution: Initialization,
    seed: u64,
    path: Vec<String>,
}

impl ModuleMapper for Redraw {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let is_singular = self.path.last().is_some_and(|name| name == LEFT);
        if D < 2 && !is_singular {
            // Burn's parameters start when they are first read, and a clone that is off the tape by then would take its
            // originals off the tape, too.
            param.val();
            return param;
        }
        let mut stream = Stream::new(self.seed, &format!("initialization/{}", self.path.join("/")), 0);
        if is_singular {
            return param.map(|vector| {
                let (shape, device) = (vector.shape(), vector.device());
                let values = stream.normals(shape.num_elements(), 1.0);
                Tensor::from_data(TensorData::new(values, shape), &device)
            });
        }
        param.map(|tensor| {
            let (shape, device) = (tensor.shape(), tensor.device());
            let weights = TensorData::new(self.distribution.draw(&shape.dims::<D>(), &mut stream), shape);
            let weights = Tensor::from_data(weights, &device);
            if device.is_autodiff() { weights.require_grad() } else { weights }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard errors of the variances below: 1.4 % and less.
    #[test]
    fn variances_are_those_of_the_papers() {
        let check = |distribution: Initialization, shape: &[usize], variance: f32| {
            let weights = distribution.draw(shape, &mut Stream::new(1, "test", 0));
            assert_eq!(weights.len(), shape.iter().product::<usize>());
            let found = weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32;
            assert!((found / variance - 1.0).abs() < 0.05, "{distribution:?} {shape:?}: {found}, expected {variance}");
        };
        let normal = Initialization::Normal { deviation: 0.02 };
        // A uniform number in ±a has the variance a² / 3.
        check(Initialization::GlorotUniform {}, &[100, 200], 2.0 / 300.0);
        check(Initialization::GlorotUniform {}, &[20, 40, 5, 5], 2.0 / (60.0 * 25.0));
        check(Initialization::HeNormal {}, &[100, 200], 2.0 / 100.0);
        check(Initialization::HeNormal {}, &[20, 40, 5, 5], 2.0 / (40.0 * 25.0));
        check(normal, &[100, 200], 4e-4);
        check(normal, &[20, 40, 5, 5], 4e-4);
        // Orthonormal vectors of this length.
        check(Initialization::Orthogonal {}, &[100, 200], 1.0 / 200.0);
        check(Initialization::Orthogonal {}, &[200, 8, 5, 5], 1.0 / 200.0);
    }

    #[test]
    fn only_known_keys_are_read() {
        for (written, legal) in [
            (r#"{"kind": "orthogonal"}"#, true),
            (r#"{"kind": "normal", "deviation": 0.1}"#, true),
            (r#"{"kind": "normal"}"#, true),
            (r#"{"kind": "orthogonal", "deviation": 0.1}"#, false),
            (r#"{"kind": "uniform"}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<Initialization>(written).is_ok(), legal, "{written}");
        }
        assert!(Initialization::Normal { deviation: 0.0 }.check().is_some());
        assert!(Initialization::Normal { deviation: f64::NAN }.check().is_some());
        assert!(Initialization::Normal { deviation: 0.1 }.check().is_none());
    }
}
