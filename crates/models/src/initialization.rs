//! Initial weights from a run's own streams: Burn's initialisers draw from one generator for the whole process.

use crate::Stream;
use crate::layer::spectral::LEFT;
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

/// Distribution of initial weights. Biases start at 0, normalisation scales at 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialization {
    /// Uniform in ±√(6 / (fan in + fan out)): Glorot and Bengio 2010, eq. 16; the default of Keras.
    GlorotUniform,
    /// Normal with mean 0 and the given standard deviation; Radford et al. 2016 take 0.02.
    Normal(f32),
}

impl Initialization {
    /// Redraws every weight of rank 2 and higher, and the vectors that power iterations start from (normal). The key of
    /// a weight's stream holds its path in the module, so that another layer elsewhere changes nothing here.
    pub fn apply<M: Module>(self, module: M, seed: u64, name: &str) -> M {
        module.map(&mut Redraw { distribution: self, seed, path: vec![name.to_owned()] })
    }

    fn draw(self, shape: &[usize], stream: &mut Stream) -> Vec<f32> {
        let count = shape.iter().product();
        match self {
            Self::GlorotUniform => {
                // Linear weights are [in, out], convolutions [out, in, k, k], transposed ones [in, out, k, k]:
                // the sum of the fans is the same reading of the shape for all.
                let receptive_field: usize = shape[2..].iter().product();
                let limit = libm::sqrtf(6.0 / ((shape[0] + shape[1]) * receptive_field) as f32);
                stream.uniforms(count, -limit, limit)
            }
            Self::Normal(standard_deviation) => stream.normals(count, standard_deviation),
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
