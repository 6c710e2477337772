//! StyleGAN2's layers (Karras et al. 2020, arXiv 1912.04958) as operators.

use super::graph::{Graph, Value, int, ints};
use crate::layer::{MAPPING, ModulatedConvolution, STYLE_EPSILON, STYLED, StyleNetwork, StyledConvolution};
use kernels::Window;

impl Graph {
    /// A latent vector and noise to an image.
    pub(super) fn style(&mut self, network: &StyleNetwork, path: &str, x: &Value) -> Value {
        let numbers = self.flat(x);
        let latent = self.slice(&numbers, 1, 0, network.inputs);
        let latent = self.unit_variance(&latent, network.inputs);
        let style = self.chain(&network.mapping, &format!("{path}.{MAPPING}"), latent);
        let [channels, height, width] = network.constant.dims();
        let constant = network.constant.val().reshape([1, channels, height, width]);
        let name = self.tensor(&format!("{path}.constant"), constant);
        // The first convolution's factors make a batch of it.
        let mut x = Value { name, shape: [channels, height, width] };
        let (mut image, mut used): (Option<Value>, _) = (None, network.inputs);
        for (at, block) in network.blocks.iter().enumerate() {
            let below = network.blocks[at.saturating_sub(1)].size;
            let factors = [0, 1].map(|axis| block.size[axis] / below[axis]);
            let path = format!("{path}.blocks.{at}");
            if at > 0 {
                x = self.doubled_smoothly(&x, factors);
            }
            let [height, width] = block.size;
            for (at, convolution) in block.convolutions.iter().enumerate() {
                let noise = self.slice(&numbers, 1, used, used + height * width);
                let noise = self.reshape(&noise, [1, height, width]);
                used += height * width;
                x = self.styled(convolution, &format!("{path}.convolutions.{at}"), &x, &style, &noise);
            }
            let (of_image, path) = (&block.image.convolution, format!("{path}.image.convolution"));
            let here = self.modulated(of_image, &path, &x, &style, false);
            let bias = self.of_channels(&format!("{path}.bias"), &of_image.bias);
            let here = self.plus(here, Some(bias));
            image = Some(match image {
                Some(smaller) => {
                    let larger = self.doubled_smoothly(&smaller, factors);
                    self.image("Add", &[&larger.name, &here.name], &[], here.shape)
                }
                None => here,
            });
        }
        image.unwrap_or(x)
    }

    /// Vectors with mean square 1.
    fn unit_variance(&mut self, latent: &str, numbers: usize) -> Value {
        let square = self.node("Mul", &[latent, latent], &[]);
        let mean = self.node("ReduceMean", &[&square], &[ints("axes", [1]), int("keepdims", 1)]);
        let root = self.root(&mean, STYLE_EPSILON);
        let latent = self.node("Div", &[latent, &root], &[]);
        self.reshape(&latent, [numbers, 1, 1])
    }

    fn styled(&mut self, layer: &StyledConvolution, path: &str, x: &Value, style: &Value, noise: &Value) -> Value {
        let convolution = &layer.convolution;
        let y = self.modulated(convolution, &format!("{path}.convolution"), x, style, true);
        let strength = self.tensor(&format!("{path}.noise"), layer.noise.val());
        let noise = self.node("Mul", &[&noise.name, &strength], &[]);
        let y = self.image("Add", &[&y.name, &noise], &[], y.shape);
        let bias = self.of_channels(&format!("{path}.convolution.bias"), &convolution.bias);
        let y = self.plus(y, Some(bias));
        self.activation(STYLED, y)
    }

    /// Equations 1 and 3, without weights for each sample; no bias.
    fn modulated(
        &mut self,
        layer: &ModulatedConvolution,
        path: &str,
        x: &Value,
        style: &Value,
        demodulate: bool,
    ) -> Value {
        let factors = self.dense(&layer.affine, &format!("{path}.affine"), style);
        let x = self.image("Mul", &[&x.name, &factors.name], &[], x.shape);
        let (weight, [outputs, inputs, height, width]) = (layer.weight.val(), layer.weight.dims());
        let window = Window::same([height, width], [1; 2]);
        let name = self.tensor(&format!("{path}.weight"), weight.clone());
        let y = self.convolved(&x, &name, None, window, outputs, 1);
        if !demodulate {
            return y;
        }
        let squares = weight.square().reshape([outputs, inputs, height * width]).sum_dim(2).reshape([outputs, inputs]);
        let squares = self.tensor(&format!("{path}.squares"), squares.transpose());
        let factors = self.flat(&factors);
        let factors = self.node("Mul", &[&factors, &factors], &[]);
        let sums = self.node("MatMul", &[&factors, &squares], &[]);
        let root = self.root(&sums, STYLE_EPSILON);
        let root = self.reshape(&root, [outputs, 1, 1]);
        self.image("Div", &[&y.name, &root.name], &[], y.shape)
    }
}
