//! Samples from a trained run.

use crate::RunConfig;
use crate::checkpoint;
use crate::device::{DeviceError, DeviceKind};
use burn::tensor::{Tensor, TensorData};
use models::{ImageShape, Stream};
use record::RunFolder;

/// Samples that pass through the generator at once.
const BATCH: usize = 256;

/// Which samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRequest {
    /// Latent vectors to draw.
    pub count: usize,
    /// Seed of their stream.
    pub seed: u64,
    /// Steps on the straight way from each latent vector to the next, instead of one sample for each.
    pub interpolate: Option<usize>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Step of the checkpoint.
    pub step: u64,
    /// `[count, channels, height, width]`.
    pub shape: [usize; 4],
    /// Pixels in `[-1, 1]` or coordinates, row major.
    pub values: Vec<f32>,
}

/// Generates samples from the averaged generator of the run's newest sound checkpoint; `None` while there is none. The
/// same request gives the same samples.
///
/// # Errors
/// The device is not there.
pub fn generate(
    config: &RunConfig,
    image: ImageShape,
    folder: &RunFolder,
    device: DeviceKind,
    request: &SampleRequest,
) -> Result<Option<Generated>, DeviceError> {
    let device = device.open()?;
    let fresh = config.model.init(image, config.seed, &device);
    let Some((step, generator)) = checkpoint::restore_average(&fresh.generator, folder) else { return Ok(None) };

    let latents = latents(config, request);
    let count = latents.len() / config.model.latent.dim;
    let mut values = Vec::new();
    for batch in latents.chunks(BATCH * config.model.latent.dim) {
        let shape = [batch.len() / config.model.latent.dim, config.model.latent.dim];
        let made = generator.forward(Tensor::from_data(TensorData::new(batch.to_vec(), shape), &device));
        values.extend(made.into_data().iter::<f32>());
    }
    let [channels, height, width] = image;
    Ok(Some(Generated { step, shape: [count, channels, height, width], values }))
}

fn latents(config: &RunConfig, request: &SampleRequest) -> Vec<f32> {
    let (latent, mut stream) = (&config.model.latent, Stream::new(request.seed, "latent/request", 0));
    let drawn = latent.numbers(request.count, &mut stream);
    let Some(steps) = request.interpolate.filter(|steps| *steps > 0 && request.count > 1) else { return drawn };
    let vectors: Vec<&[f32]> = drawn.chunks(latent.dim).collect();
    let between = |pair: &[&[f32]]| {
        let (from, to) = (pair[0].to_vec(), pair[1].to_vec());
        (0..steps).flat_map(move |step| {
            let share = step as f32 / steps as f32;
            from.iter().zip(&to).map(|(from, to)| from + share * (to - from)).collect::<Vec<_>>()
        })
    };
    let last = vectors.last().copied().unwrap_or_default();
    vectors.windows(2).flat_map(between).chain(last.iter().copied()).collect()
}
