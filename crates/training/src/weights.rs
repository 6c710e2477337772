//! Weights for other programs, and from them: safetensors files with PyTorch's names and layout.
//!
//! A network's layers are numbered as the modules of an `nn.Sequential` with the same layers are: `generator.0.weight`,
//! `average.3.main.1.bias`, `discriminator.body.0.weight`, `discriminator.head.weight`. Matrices are `[out, in]`,
//! convolutions `[out, in, kernel, kernel]`, transposed ones `[in, out, kernel, kernel]`; the weights and vectors of
//! spectral normalisation have the names of `torch.nn.utils.spectral_norm`.

use crate::fixed_input::FixedInput;
use crate::{DeviceError, DeviceKind, RunConfig, checkpoint};
use burn::tensor::{Device, TensorData};
use models::task::{AnyModule, AnyNetworks, AnySampler};
use models::{Domain, ModelConfig, Weights};
use record::RunFolder;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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

/// The networks and further tensors as a safetensors file; the same weights give the same bytes.
fn pack(networks: &dyn AnyNetworks, average: &dyn AnySampler, mut tensors: BTreeMap<String, Numbers>) -> Vec<u8> {
    let mut take = |name: String, numbers| {
        let numbers = turned(&name, numbers);
        tensors.insert(name, numbers);
    };
    each(None, networks, &mut take);
    each(Some(AVERAGE), average, &mut take);
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
    let input = FixedInput { model: config.model.clone(), domain, count: config.sample.count, device, sources: None };
    let mut further = BTreeMap::new();
    input.draw().named(|name, part| {
        further.insert(format!("sample.{name}"), (part.dims().to_vec(), part.into_data().iter().collect()));
    });
    Ok(Some((step, pack(&*networks, &*average, further))))
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
        let mut parts: Vec<&str> =
            self.root.into_iter().chain(path.iter().map(String::as_str)).filter(|part| !is_inner(part)).collect();
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
