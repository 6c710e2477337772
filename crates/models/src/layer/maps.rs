//! Maps that a network which translates makes of an image on its way down.

use super::{Chain, Layer};
use burn::tensor::Tensor;

impl Chain {
    /// `x`; what each convolution with a stride makes of it; what the first and the middle one of residual blocks make of it.
    /// Layers from the first on that makes maps larger have no part in it: these are the layers of Park et al. 2020 (arXiv
    /// 2007.15651, section 4).
    pub(crate) fn maps(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let mut maps = vec![x.clone()];
        self.go_down(x, &mut maps);
        maps
    }

    fn go_down(&self, mut x: Tensor<4>, maps: &mut Vec<Tensor<4>>) {
        let end = self.layers.iter().position(Layer::ends_the_way_down).unwrap_or(self.layers.len());
        let down = &self.layers[..end];
        let blocks: Vec<usize> = (0..end).filter(|at| matches!(down[*at], Layer::Residual(_))).collect();
        let middle = blocks.len().saturating_sub(1) / 2;
        let is_shown = |at: usize| match &down[at] {
            Layer::Convolution(layer) => layer.window.stride != [1; 2],
            Layer::Residual(_) => at == blocks[0] || at == blocks[middle],
            Layer::Skip(_) => true,
            _ => false,
        };
        let Some(last) = (0..end).rev().find(|at| is_shown(*at)) else { return };
        for (at, layer) in down[..=last].iter().enumerate() {
            if let Layer::Skip(skip) = layer {
                return skip.branch.go_down(x, maps);
            }
            x = layer.forward(x);
            if is_shown(at) {
                maps.push(x.clone());
            }
        }
    }
}

impl Layer {
    fn ends_the_way_down(&self) -> bool {
        matches!(self, Self::TransposedConvolution(_) | Self::Resample(_) | Self::Dense(_) | Self::View(_))
    }
}
