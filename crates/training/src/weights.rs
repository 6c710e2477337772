//! Weights for other programs, and from them: safetensors files with PyTorch's names and layout.
//!
//! A network's layers are numbered as the modules of an `nn.Sequential` with the same layers are: `generator.0.weight`,
//! `average.3.main.1.bias`, `discriminator.body.0.weight`, `discriminator.head.weight`. Matrices are `[out, in]`,
//! convolutions `[out, in, kernel, kernel]`, transposed ones `[in, out, kernel, kernel]`; the weights and vectors of
//! spectral normalisation have the names of `torch.nn.utils.spectral_norm`.

use crate::loader::FixedCodes;
use crate::{DeviceError, DeviceKind, RunConfig, checkpoint};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use models::{Domain, Gan, Generator, ModelConfig, Weights};
use record::RunFolder;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
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

/// Parts of a game in a file.
pub(crate) const GENERATOR: &str = "generator";
pub(crate) const DISCRIMINATOR: &str = "discriminator";
const AVERAGE: &str = "average";

/// The networks and further tensors as a safetensors file; the same weights give the same bytes.
fn pack(gan: &Gan, average: &Generator, mut tensors: BTreeMap<String, Numbers>) -> Vec<u8> {
    let mut take = |name: String, numbers| {
        let numbers = turned(&name, numbers);
        tensors.insert(name, numbers);
    };
    each(GENERATOR, &gan.generator, &mut take);
    each(DISCRIMINATOR, &gan.discriminator, &mut take);
    each(AVERAGE, average, &mut take);
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

/// The networks of the run's newest sound checkpoint, or of that of a step, and the codes of its sample grids
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
    let Some((step, gan, average)) = checkpoint::restore_networks(&fresh, folder, step) else { return Ok(None) };
    let codes = FixedCodes { model: config.model.clone(), domain, count: config.sample.count, device };
    let mut further = BTreeMap::new();
    codes.draw().named(|name, part| {
        further.insert(format!("sample.{name}"), (part.dims().to_vec(), part.into_data().iter().collect()));
    });
    Ok(Some((step, pack(&gan, &average, further))))
}

/// The file with its digest.
///
/// # Errors
/// It cannot be read, is not what its digest says, or does not fit the model.
pub fn check_weights(model: &ModelConfig, domain: Domain) -> Result<Option<Weights>, WeightsError> {
    let Some(weights) = &model.weights else { return Ok(None) };
    let file = std::path::absolute(&weights.file).unwrap_or_else(|_| weights.file.clone());
    let (bytes, digest) = open(weights)?;
    replace(model.init(domain, 0, &Device::flex()), &weights.file, &bytes)?;
    Ok(Some(Weights { file, digest: Some(digest) }))
}

/// The game with the weights of a file in the networks that it has, and its averaged generator: the file's, or its
/// generator.
///
/// # Errors
/// As [`check_weights`].
pub(crate) fn load(gan: Gan, weights: &Weights) -> Result<(Gan, Generator), WeightsError> {
    replace(gan, &weights.file, &open(weights)?.0)
}

/// Bytes and digest.
fn open(Weights { file, digest }: &Weights) -> Result<(Vec<u8>, String), WeightsError> {
    let wrong = |what: String| WeightsError { path: file.clone(), what };
    let bytes = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let found = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    match digest {
        Some(digest) if *digest != found => Err(wrong(format!("is {found}, not {digest}"))),
        _ => Ok((bytes, found)),
    }
}

fn replace(mut gan: Gan, path: &Path, bytes: &[u8]) -> Result<(Gan, Generator), WeightsError> {
    let wrong = |what: String| WeightsError { path: path.to_owned(), what };
    let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(format!("not a safetensors file: {error}")))?;
    let part =
        |name: &str| [GENERATOR, DISCRIMINATOR, AVERAGE].into_iter().find(|part| name.split('.').next() == Some(part));
    let (mut numbers, mut parts) = (BTreeMap::new(), BTreeSet::new());
    for (name, view) in file.iter() {
        if let Some(part) = part(name) {
            numbers.insert(name.to_owned(), read(name, &view).map_err(wrong)?);
            parts.insert(part);
        }
    }
    if parts.is_empty() {
        return Err(wrong("has no tensor below `generator`, `discriminator` or `average`".to_owned()));
    }
    let mut replace = Replace { names: Names::default(), numbers, problems: Vec::new() };
    if parts.contains(GENERATOR) {
        gan.generator = replace.part(GENERATOR, gan.generator);
    }
    if parts.contains(DISCRIMINATOR) {
        gan.discriminator = replace.part(DISCRIMINATOR, gan.discriminator);
    }
    let mut average = gan.generator.valid();
    if parts.contains(AVERAGE) {
        average = replace.part(AVERAGE, average);
    }
    let strangers = replace.numbers.keys().map(|name| format!("`{name}` is no weight of this model"));
    let problems: Vec<String> = replace.problems.into_iter().chain(strangers).collect();
    match problems.as_slice() {
        [] => Ok((gan, average)),
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

/// PyTorch's names for the paths that a walk through a module comes by.
#[derive(Default)]
struct Names {
    path: Vec<String>,
    /// Layers with spectral normalisation, whose weights have another name.
    spectral: BTreeSet<String>,
}

impl Names {
    fn name(&self) -> String {
        // Names of types begin with a capital letter: the variants of a layer.
        let is_inner = |part: &&String| {
            ["network", "layers", "norm", "spectral"].contains(&part.as_str()) || part.starts_with(char::is_uppercase)
        };
        let kept = self.path.iter().filter(|part| !is_inner(part));
        let mut parts: Vec<&str> = kept.map(String::as_str).collect();
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
}

/// Finds the layers with spectral normalisation.
struct Spectral<'a>(&'a mut Names);

impl ModuleVisitor for Spectral<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.0.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.0.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
        if let Some(layer) = self.0.name().strip_suffix(".weight_u") {
            self.0.spectral.insert(layer.to_owned());
        }
    }
}

/// Calls the function with the name and the numbers of each tensor of a network, as Burn has them.
pub(crate) fn each<M: Module>(part: &str, network: &M, each: impl FnMut(String, Numbers)) {
    let mut visit = Visit { names: Names { path: vec![part.to_owned()], ..Names::default() }, each };
    network.visit(&mut Spectral(&mut visit.names));
    network.visit(&mut visit);
}

struct Visit<F> {
    names: Names,
    each: F,
}

impl<F: FnMut(String, Numbers)> ModuleVisitor for Visit<F> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.names.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.names.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        (self.each)(self.names.name(), (data.shape().to_vec(), data.iter().collect()));
    }
}

struct Replace {
    names: Names,
    numbers: BTreeMap<String, Numbers>,
    problems: Vec<String>,
}

impl Replace {
    fn part<M: Module>(&mut self, name: &str, module: M) -> M {
        self.names.path.push(name.to_owned());
        module.visit(&mut Spectral(&mut self.names));
        let module = module.map(self);
        self.names.path.pop();
        module
    }
}

impl ModuleMapper for Replace {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.names.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.names.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.names.name();
        let Some(numbers) = self.numbers.remove(&name) else {
            self.problems.push(format!("`{name}` is missing"));
            return param;
        };
        let (shape, values) = turned(&name, numbers);
        let expected = param.val().dims();
        if shape != expected {
            let [found, expected] = [&shape[..], &expected[..]].map(|shape| turned(&name, (shape.to_vec(), vec![])).0);
            self.problems.push(format!("`{name}` is {found:?}, not {expected:?}"));
            return param;
        }
        param.map(|old| {
            let new = Tensor::from_data(TensorData::new(values, shape), &old.device());
            if old.is_require_grad() { new.require_grad() } else { new }
        })
    }
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
