//! Samples from a trained run.

use crate::RunConfig;
use crate::averaged::Averaged;
use crate::device::{DeviceError, DeviceKind};
use crate::fixed_input::{in_turn, open_sources, sources};
use burn::tensor::{Device, Tensor, TensorData};
use data::{DataError, Split};
use models::{Domain, GeneratorInput, Stream, one_hot};
use record::RunFolder;
use std::sync::Arc;

/// Which samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleRequest {
    /// Latent vectors to draw.
    pub count: usize,
    /// Seed of their stream.
    pub seed: u64,
    /// Steps on the straight way from each latent vector to the next, instead of one sample for each.
    pub interpolate: Option<usize>,
    /// Class of all samples, below the number of classes; by default the classes take turns.
    pub class: Option<usize>,
    /// Of which step's checkpoint; by default the newest sound one's.
    pub step: Option<u64>,
    /// Numbers of a latent vector are drawn again until their magnitude is at most this (Brock et al. 2019,
    /// arXiv 1809.11096, section 3.1). For normal latents; at least [`LEAST_TRUNCATION`].
    pub truncation: Option<f32>,
    /// Styles at this part of their way from the mean style (Karras et al. 2019, arXiv 1812.04948, appendix B), for
    /// generators that have styles.
    pub style_truncation: Option<f64>,
}

/// Of 10,000 draws, 80 stay within it.
pub const LEAST_TRUNCATION: f32 = 0.01;

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Step of the checkpoint.
    pub step: u64,
    /// `[count, channels, height, width]`.
    pub shape: [usize; 4],
    /// Pixels in `[-1, 1]` or coordinates, row major.
    pub values: Vec<f32>,
    /// Classes that take turns in them; 0 if they do not.
    pub classes: usize,
}

/// Why nothing can be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The samples to translate cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The generator has no styles to truncate.
    #[error("the generator of `{architecture}` has no styles; that of `stylegan2` has")]
    NoStyles {
        /// Its architecture.
        architecture: &'static str,
    },
    /// The task translates samples.
    #[error("`{task}` translates samples: nothing lies between two of them")]
    Interpolation {
        /// Its name.
        task: &'static str,
    },
}

/// Generates samples from the averaged generator of the run's newest sound checkpoint, or of that of the asked step; `None`
/// while there is none. The same request gives the same samples. A task that translates samples has the first ones that are
/// held out.
///
/// # Errors
/// The device is not there, the data cannot be read, an interpolation is asked of a task that translates, or a truncation of
/// styles of a generator without any.
pub fn generate(
    config: &RunConfig,
    domain: impl Into<Domain>,
    folder: &RunFolder,
    device: DeviceKind,
    request: &SampleRequest,
) -> Result<Option<Generated>, GenerateError> {
    let Some(averaged) = Averaged::open(config, domain.into(), folder, device, request.step)? else {
        return Ok(None);
    };
    let (domain, classes) = (averaged.domain, averaged.classes());
    let mut input = input(config, &domain, request, &averaged.device);
    let [count, _] = input.latent.dims();
    if domain.input.is_some() {
        if request.interpolate.is_some() {
            return Err(GenerateError::Interpolation { task: config.model.task.name() });
        }
        let dataset = open_sources(config, || config.data.open(Split::Train).map(Arc::new))?;
        input = input.with_source(sources(&dataset, count, &averaged.device));
    }
    let averaged = averaged.truncated(request.style_truncation)?;
    let (step, values) = (averaged.step, averaged.make(&input));
    let [channels, height, width] = domain.output.shape();
    let classes = if request.class.is_none() && request.interpolate.is_none() { classes } else { 0 };
    Ok(Some(Generated { step, shape: [count, channels, height, width], values, classes }))
}

pub(crate) fn input(config: &RunConfig, domain: &Domain, request: &SampleRequest, device: &Device) -> GeneratorInput {
    let mut stream = Stream::new(request.seed, "latent/request", 0);
    let classes = config.model.conditioning.classes(domain);
    let labels = match request.class {
        Some(class) => Some(one_hot(&vec![class; request.count], classes, device)),
        None => in_turn(request.count, classes, device),
    };
    let latent = config.model.latent.draw_within(request.count, request.truncation, &mut stream, device);
    let input = config.model.generator_input_of(latent, domain.output.shape(), labels, &mut stream);
    match request.interpolate.filter(|steps| *steps > 0 && request.count > 1) {
        Some(steps) => input.map(|numbers| between(numbers, steps)),
        None => input,
    }
}

/// `[count, numbers]` to `[(count - 1) * steps + 1, numbers]`: each row, and those on the way to the next.
fn between(numbers: Tensor<2>, steps: usize) -> Tensor<2> {
    let ([_, width], device) = (numbers.dims(), numbers.device());
    let values: Vec<f32> = numbers.into_data().iter().collect();
    let rows: Vec<&[f32]> = values.chunks(width).collect();
    let way = |pair: &[&[f32]]| {
        let (from, to) = (pair[0].to_vec(), pair[1].to_vec());
        (0..steps).flat_map(move |step| {
            let share = step as f32 / steps as f32;
            from.iter().zip(&to).map(|(from, to)| from + share * (to - from)).collect::<Vec<_>>()
        })
    };
    let last = rows.last().copied().unwrap_or_default();
    let values: Vec<f32> = rows.windows(2).flat_map(way).chain(last.iter().copied()).collect();
    let shape = [values.len() / width, width];
    Tensor::from_data(TensorData::new(values, shape), &device)
}
