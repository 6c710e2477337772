//! Weights for other programs, and from them: safetensors files with PyTorch's names and layout.
//!
//! A network's layers are numbered as the modules of an `nn.Sequential` with the same layers are: `generator.0.weight`,
//! `average.3.main.1.bias`, `discriminator.body.0.weight`, `discriminator.head.weight`. Matrices are `[out, in]`,
//! convolutions `[out, in, kernel, kernel]`, transposed ones `[in, out, kernel, kernel]`; the weights and vectors of
//! spectral normalisation have the names of `torch.nn.utils.spectral_norm`.

use crate::fixed_input::{FixedInput, open_sources};
use crate::{DeviceError, DeviceKind, RunConfig, checkpoint};
use burn::tensor::{Device, TensorData};
use data::{DataError, Dataset, Split};
use models::layer::Chain;
use models::task::{AnyModule, AnyNetworks, AnySampler};
use models::{Domain, GeneratorInput, ModelConfig, Weights, onnx, python};
use record::RunFolder;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a file's weights cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct WeightsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, as a fragment.
    pub what: String,
}

/// Numbers in row-major order, and their shape.
pub(crate) type Numbers = (Vec<usize>, Vec<f32>);

/// The largest networks that anybody trains here have a thousandth of it.
const MAX_BYTES: u64 = 64 << 30;

/// The moving average of the networks that make samples, in files.
const AVERAGE: &str = "average";

/// Tensors as a safetensors file; the same ones give the same bytes.
fn pack(tensors: BTreeMap<String, Numbers>) -> Vec<u8> {
    let bytes = tensors.into_iter().map(|(name, (shape, values))| {
        (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
    });
    let bytes: Vec<_> = bytes.collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many bytes as numbers"))
    });
    let about = [("format".to_owned(), "pt".to_owned())].into();
    safetensors::serialize(views, Some(about)).expect("names are distinct and memory takes all bytes")
}

/// Adds a module's tensors in PyTorch's layout.
fn add<M: AnyModule + ?Sized>(tensors: &mut BTreeMap<String, Numbers>, root: Option<&'static str>, module: &M) {
    each(root, module, |name, numbers| {
        let numbers = turned(&name, numbers);
        tensors.insert(name, numbers);
    });
}

/// The networks of the run's newest sound checkpoint, or of that of a step, and the input of its sample grids
/// (`sample.latent` ...) as a safetensors file, with the checkpoint's step; `None` while there is none.
///
/// # Errors
/// The device is not there.
pub fn export_weights(
    config: &RunConfig,
    domain: Domain,
    folder: &RunFolder,
    step: Option<u64>,
    device: DeviceKind,
) -> Result<Option<(u64, Vec<u8>)>, DeviceError> {
    let device = device.open()?;
    let fresh = config.model.init(domain, config.seed, &device);
    let Some((step, networks, average)) = checkpoint::restore_networks(&*fresh, folder, step) else { return Ok(None) };
    let mut tensors = grid_input(config, domain, None, device).1;
    add(&mut tensors, None, &*networks);
    add(&mut tensors, Some(AVERAGE), &*average);
    Ok(Some((step, pack(tensors))))
}

/// A generator for PyTorch.
pub struct PythonExport {
    /// Step of the checkpoint.
    pub step: u64,
    /// `generator.py`.
    pub module: String,
    /// `generator.safetensors`: the averaged generator's weights as they act (`network...`), the input of the run's sample
    /// grids (`sample.latent` ...) and what it makes of it (`sample.output`).
    pub weights: Vec<u8>,
}

/// The averaged generator of the run's newest sound checkpoint, or of that of a step, in Python; `None` while there is none.
///
/// # Errors
/// The device is not there, or the task has no such form.
pub fn export_python(
    config: &RunConfig,
    domain: Domain,
    folder: &RunFolder,
    step: Option<u64>,
    device: DeviceKind,
) -> Result<Option<PythonExport>, GeneratorError> {
    let Some((step, average, layers)) = folded(config, domain, folder, step, device)? else { return Ok(None) };
    let translates = config.model.source(&domain).is_some();
    let sources =
        translates.then(|| open_sources(config, || config.data.open(Split::Train).map(Arc::new))).transpose()?;
    let (input, mut tensors) = grid_input(config, domain, sources, device.open()?);
    let made = average.sample(input).samples();
    let made = if domain.output.is_points() { made.flatten::<2>(1, 3).into_data() } else { made.into_data() };
    tensors.insert("sample.output".to_owned(), (made.shape().to_vec(), made.iter().collect()));
    add(&mut tensors, Some("network"), &layers);
    let title = format!("The generator of the run {} at step {step}.", folder.id());
    let module = python::module(&title, &layers, &config.model, &domain);
    Ok(Some(PythonExport { step, module, weights: pack(tensors) }))
}

/// The same generator as an ONNX model, with its step.
///
/// # Errors
/// As [`export_python`].
pub fn export_onnx(
    config: &RunConfig,
    domain: Domain,
    folder: &RunFolder,
    step: Option<u64>,
    device: DeviceKind,
) -> Result<Option<(u64, Vec<u8>)>, GeneratorError> {
    let Some((step, _, layers)) = folded(config, domain, folder, step, device)? else { return Ok(None) };
    let about = [("run", folder.id()), ("step", step.to_string())];
    Ok(Some((step, onnx::model(&about, &layers, &config.model, &domain))))
}

/// A checkpoint's step, its averaged networks that make samples, and their layers with weights as they act.
type Restored = (u64, Box<dyn AnySampler>, Chain);

fn folded(
    config: &RunConfig,
    domain: Domain,
    folder: &RunFolder,
    step: Option<u64>,
    device: DeviceKind,
) -> Result<Option<Restored>, GeneratorError> {
    let fresh = config.model.init(domain, config.seed, &device.open()?);
    let Some((step, average)) = checkpoint::restore_average(&*fresh, folder, step) else { return Ok(None) };
    let folded = average.folded().ok_or(GeneratorError::Task { task: config.model.task.name() })?;
    Ok(Some((step, average, folded)))
}

/// Why there is no generator for other programs.
#[derive(Debug, thiserror::Error)]
pub enum GeneratorError {
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The samples that it translates for the run's grids cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Its networks are not a chain of this project's layers.
    #[error("networks of the task `{task}` cannot be written for other programs: they are no chain of layers")]
    Task {
        /// Its name.
        task: &'static str,
    },
}

/// The input of the run's sample grids, and its parts by their names in files: where they are of `sources`, these alone.
fn grid_input(
    config: &RunConfig,
    domain: Domain,
    sources: Option<Arc<Dataset>>,
    device: Device,
) -> (GeneratorInput, BTreeMap<String, Numbers>) {
    let input = FixedInput { model: config.model.clone(), domain, count: config.sample.count, device, sources };
    let (input, mut parts) = (input.draw(), BTreeMap::new());
    if let Some(source) = input.source.clone() {
        parts.insert("sample.source".to_owned(), (source.dims().to_vec(), source.into_data().iter().collect()));
        return (input, parts);
    }
    input.clone().named(|name, part| {
        parts.insert(format!("sample.{name}"), (part.dims().to_vec(), part.into_data().iter().collect()));
    });
    (input, parts)
}

/// The file with its digest.
///
/// # Errors
/// It cannot be read, is not what its digest says, or does not fit the model.
pub fn check_weights(model: &ModelConfig, domain: Domain) -> Result<Option<Weights>, WeightsError> {
    let Some(weights) = &model.weights else { return Ok(None) };
    let file = std::path::absolute(&weights.file).unwrap_or_else(|_| weights.file.clone());
    let (bytes, digest) = open(weights)?;
    replace(&mut *model.init(domain, 0, &Device::flex()), &weights.file, &bytes)?;
    Ok(Some(Weights { file, digest: Some(digest) }))
}

/// Gives the networks the weights of a file, in the networks that the file has, and returns its averaged networks: the file's,
/// or the networks' own.
///
/// # Errors
/// As [`check_weights`].
pub(crate) fn load(networks: &mut dyn AnyNetworks, weights: &Weights) -> Result<Box<dyn AnySampler>, WeightsError> {
    replace(networks, &weights.file, &open(weights)?.0)
}

/// Bytes and digest.
fn open(Weights { file, digest }: &Weights) -> Result<(Vec<u8>, String), WeightsError> {
    let wrong = |what: String| WeightsError { path: file.clone(), what };
    let bytes = files::read(file, MAX_BYTES).map_err(|error| wrong(error.to_string()))?;
    let found = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    match digest {
        Some(digest) if *digest != found => Err(wrong(format!("is {found}, not {digest}"))),
        _ => Ok((bytes, found)),
    }
}

fn replace(networks: &mut dyn AnyNetworks, path: &Path, bytes: &[u8]) -> Result<Box<dyn AnySampler>, WeightsError> {
    let wrong = |what: String| WeightsError { path: path.to_owned(), what };
    let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(format!("not a safetensors file: {error}")))?;
    let names = Names::of(None, networks);
    let roots: Vec<String> = names.roots().into_iter().chain([AVERAGE.to_owned()]).collect();
    let (mut numbers, mut parts) = (BTreeMap::new(), BTreeSet::new());
    for (name, view) in file.iter() {
        if let Some(root) = roots.iter().find(|root| name.split('.').next() == Some(root)) {
            numbers.insert(name.to_owned(), read(name, &view).map_err(wrong)?);
            parts.insert(root.as_str());
        }
    }
    if parts.is_empty() {
        let [first @ .., last] = &roots[..] else { unreachable!("the average is one of them") };
        let first = first.iter().map(|root| format!("`{root}`")).collect::<Vec<_>>().join(", ");
        return Err(wrong(format!("has no tensor below {first} or `{last}`")));
    }
    let mut problems = Vec::new();
    names.replace(networks, &parts, &mut numbers, &mut problems);
    let mut average = networks.sampler();
    if parts.contains(AVERAGE) {
        Names::of(Some(AVERAGE), &*average).replace(&mut *average, &parts, &mut numbers, &mut problems);
    }
    let strangers = numbers.keys().map(|name| format!("`{name}` is no weight of this model"));
    problems.extend(strangers);
    match problems.as_slice() {
        [] => Ok(average),
        [one] => Err(wrong(one.clone())),
        [first, rest @ ..] => Err(wrong(format!("{first}, and {} more", rest.len()))),
    }
}

fn read(name: &str, view: &TensorView) -> Result<Numbers, String> {
    if view.dtype() != Dtype::F32 {
        return Err(format!("`{name}` is {:?}, not F32", view.dtype()));
    }
    let values = view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")));
    Ok((view.shape().to_vec(), values.collect()))
}

/// PyTorch's names for the paths of a module's tensors.
struct Names {
    /// In front of all paths.
    root: Option<&'static str>,
    paths: Vec<Vec<String>>,
    /// Layers with spectral normalisation, whose weights have another name.
    spectral: BTreeSet<String>,
}

impl Names {
    fn of<M: AnyModule + ?Sized>(root: Option<&'static str>, module: &M) -> Self {
        let mut names = Self { root, paths: Vec::new(), spectral: BTreeSet::new() };
        module.visit(&mut |path: &[String], _: &dyn Fn() -> TensorData| names.paths.push(path.to_vec()));
        let layers =
            names.paths.iter().filter_map(|path| names.name(path).strip_suffix(".weight_u").map(str::to_owned));
        names.spectral = layers.collect();
        names
    }

    /// First parts of the paths, in their order.
    fn roots(&self) -> Vec<String> {
        let mut roots: Vec<String> = self.paths.iter().map(|path| path[0].clone()).collect();
        roots.dedup();
        roots
    }

    fn name(&self, path: &[String]) -> String {
        // Names of types begin with a capital letter: the variants of a layer.
        let is_inner = |part: &&str| {
            ["network", "layers", "norm", "spectral"].contains(part) || part.starts_with(char::is_uppercase)
        };
        let path = path.iter().map(String::as_str).filter(|part| !is_inner(part));
        let mut parts: Vec<&str> = self.root.into_iter().chain(path).collect();
        let last = parts.pop().unwrap_or_default();
        let layer = parts.join(".");
        let last = match last {
            "gamma" | "gain" => "weight",
            "beta" | "shift" => "bias",
            "left_singular" => "weight_u",
            "right_singular" => "weight_v",
            "weight" if self.spectral.contains(&layer) => "weight_orig",
            other => other,
        };
        format!("{layer}.{last}")
    }

    /// Replaces the tensors of the parts by numbers of their names, which it takes out.
    fn replace<M: AnyModule + ?Sized>(
        &self,
        module: &mut M,
        parts: &BTreeSet<&str>,
        numbers: &mut BTreeMap<String, Numbers>,
        problems: &mut Vec<String>,
    ) {
        module.replace(&mut |path: &[String], expected: &[usize]| {
            let name = self.name(path);
            if !parts.contains(name.split('.').next().unwrap_or_default()) {
                return None;
            }
            let Some(numbers) = numbers.remove(&name) else {
                problems.push(format!("`{name}` is missing"));
                return None;
            };
            let (shape, values) = turned(&name, numbers);
            if shape != expected {
                let [found, expected] = [&shape[..], expected].map(|shape| turned(&name, (shape.to_vec(), vec![])).0);
                problems.push(format!("`{name}` is {found:?}, not {expected:?}"));
                return None;
            }
            Some(TensorData::new(values, shape))
        });
    }
}

/// Calls the function with the name and the numbers of each tensor, as Burn has them.
pub(crate) fn each<M: AnyModule + ?Sized>(
    root: Option<&'static str>,
    module: &M,
    mut each: impl FnMut(String, Numbers),
) {
    let names = Names::of(root, module);
    module.visit(&mut |path: &[String], read: &dyn Fn() -> TensorData| {
        let data = read();
        each(names.name(path), (data.shape().to_vec(), data.iter().collect()));
    });
}

/// Burn's matrices are `[in, out]`, PyTorch's `[out, in]`; the way there is the way back.
fn turned(name: &str, (shape, values): Numbers) -> Numbers {
    let ([rows, columns], true) = (&shape[..], is_matrix(name)) else { return (shape, values) };
    let turned = values
        .is_empty()
        .then(Vec::new)
        .unwrap_or_else(|| (0..rows * columns).map(|at| values[at % rows * columns + at / rows]).collect());
    (vec![*columns, *rows], turned)
}

fn is_matrix(name: &str) -> bool {
    name.ends_with(".weight") || name.ends_with(".weight_orig")
}
