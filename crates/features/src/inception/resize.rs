//! Images of 299 x 299, as PyTorch's `interpolate(mode="bilinear", align_corners=False)` makes them: two points of a line
//! for each new one, however many lie between, without smoothing.

use burn::tensor::{Device, Tensor, TensorData};

const SIDE: usize = 299;

/// Products with two sparse matrices, one for the rows and one for the columns.
pub(super) struct Bilinear {
    /// `[1, 299, height]`.
    rows: Tensor<3>,
    /// `[1, width, 299]`.
    columns: Tensor<3>,
}

impl Bilinear {
    pub(crate) fn new([height, width]: [usize; 2], device: &Device) -> Self {
        let matrix = |from: usize| Tensor::from_data(TensorData::new(matrix(from), [1, SIDE, from]), device);
        Self { rows: matrix(height), columns: matrix(width).swap_dims(1, 2) }
    }

    /// `[count, channels, height, width]` to `[count, channels, 299, 299]`.
    pub(crate) fn resize(&self, images: Tensor<4>) -> Tensor<4> {
        let [count, channels, height, width] = images.dims();
        let planes = images.reshape([count * channels, height, width]);
        let wide = planes.matmul(self.columns.clone().expand([count * channels, width, SIDE]));
        let square = self.rows.clone().expand([count * channels, SIDE, height]).matmul(wide);
        square.reshape([count, channels, SIDE, SIDE])
    }
}

/// `[299, from]`, row-major: the share of each old point in each new one.
fn matrix(from: usize) -> Vec<f32> {
    let mut shares = vec![0.0; SIDE * from];
    for to in 0..SIDE {
        // Pixels are squares: the middle of the first is at one half. Beyond the outer middles, images go on as they end.
        let place = ((to as f64 + 0.5) * from as f64 / SIDE as f64 - 0.5).max(0.0);
        let (first, share) = (place as usize, place.fract());
        let second = (first + 1).min(from - 1);
        shares[to * from + first] += (1.0 - share) as f32;
        shares[to * from + second] += share as f32;
    }
    shares
}
