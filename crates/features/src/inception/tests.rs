//! Against pytorch-fid itself: the same weights and pictures by a formula, `scripts/inception_fixtures.py` has the same.

use super::network::Network;
use super::resize::Bilinear;
use super::*;
use burn::tensor::{Device, TensorData};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;
use std::fs;

/// Numbers in [0, 1): a hash of the index, mixed with one of the name (FNV-1a).
fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let fnv = |hash: u64, byte: u8| ((hash ^ u64::from(byte)) * 16_777_619) & 0xffff_ffff;
    let seed = name.bytes().fold(2_166_136_261, fnv);
    (0..count as u64).map(move |index| {
        let mut bits = (index * 2_654_435_761 + seed) & 0xffff_ffff;
        for _ in 0..2 {
            bits = ((bits ^ (bits >> 16)) * 0x045d_9f3b) & 0xffff_ffff;
        }
        (bits ^ (bits >> 16)) as f64 / 4_294_967_296.0
    })
}

fn weight(name: &str, shape: &[usize]) -> Vec<f32> {
    let values = uniform(name, shape.iter().product());
    match name.rsplit('.').next().unwrap() {
        "weight" if name.ends_with(".conv.weight") => {
            let bound = (6.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
            values.map(|value| ((2.0 * value - 1.0) * bound) as f32).collect()
        }
        "weight" | "running_var" => values.map(|value| (0.5 + value) as f32).collect(),
        _ => values.map(|value| (0.4 * value - 0.2) as f32).collect(),
    }
}

/// Slopes that wrap around, in [-1, 1].
fn picture([channels, height, width]: [usize; 3]) -> Tensor<4> {
    let mut values = Vec::new();
    for channel in 0..channels {
        for row in 0..height {
            let slope = |column| (row * (3 + 2 * channel) + column * 5 + row * column / 4) % 256;
            values.extend((0..width).map(|column| slope(column) as f32 / 127.5 - 1.0));
        }
    }
    Tensor::from_data(TensorData::new(values, [1, channels, height, width]), &Device::flex())
}

/// Their means are 4.5 and 2.3, the largest are 37 and 18.
#[test]
fn features_are_those_of_pytorch_fid() {
    let network = Network::new(&mut |name, shape| Ok(weight(name, shape))).unwrap();
    let inception = Inception { file: PathBuf::new(), digest: String::new(), sha_256: String::new(), network };
    let file: Value = serde_json::from_str(include_str!("published.json")).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let shape: [usize; 3] = serde_json::from_value(case["shape"].clone()).unwrap();
        let found = inception.extract(picture(shape), Format::Image(shape)).features;
        let expected: Vec<f32> = serde_json::from_value(case["features"].clone()).unwrap();
        assert_eq!((found.width, found.values.len(), expected.len()), (WIDTH, WIDTH, 128));
        let compared = found.values.iter().step_by(16).zip(&expected);
        let worst = compared.map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-3, "{shape:?}: {worst}");
        let mean = f64::from(found.values.iter().sum::<f32>()) / WIDTH as f64;
        assert!((mean - case["mean"].as_f64().unwrap()).abs() < 1e-4, "{shape:?}: {mean}");
    }
}

/// Halves and doubles as PyTorch's documentation of `interpolate` has them: no corner is kept, none is smoothed.
#[test]
fn images_are_resized_between_two_points() {
    let device = Device::flex();
    let ramp = Tensor::from_data(TensorData::new(vec![0.0f32, 1.0], [1, 1, 1, 2]), &device);
    let found: Vec<f32> = Bilinear::new([1, 2], &device).resize(ramp).into_data().iter().collect();
    for (at, value) in found[..299].iter().enumerate() {
        let expected = ((at as f32 + 0.5) * 2.0 / 299.0 - 0.5).clamp(0.0, 1.0);
        assert!((value - expected).abs() < 1e-6, "{at}: {value} is not {expected}");
    }
    // Three times as wide: the middle one of three, and nothing of its neighbours.
    let wide: Vec<f32> = (0..3 * 299).map(|at| ((at * 7) % 11) as f32).collect();
    let image = Tensor::from_data(TensorData::new(wide.clone(), [1, 1, 1, 3 * 299]), &device);
    let found: Vec<f32> = Bilinear::new([1, 3 * 299], &device).resize(image).into_data().iter().collect();
    let middles: Vec<f32> = wide.into_iter().skip(1).step_by(3).collect();
    assert!(found[..299].iter().zip(&middles).all(|(found, middle)| (found - middle).abs() < 1e-5));
}

/// `torch.save({"a.weight": arange(6).reshape(2, 3).T / 4, "steps": tensor(7)})` by PyTorch 2.15.0, in both of its formats,
/// and the same as safetensors.
#[test]
fn files_of_both_kinds_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for name in ["tiny.pth", "tiny-legacy.pth", "tiny.safetensors"] {
        let found = file::read(&folder.join(name)).unwrap();
        let expected = (vec![3, 2], vec![0.0, 0.75, 0.25, 1.0, 0.5, 1.25]);
        assert_eq!(found.tensors, BTreeMap::from([("a.weight".to_owned(), expected)]), "{name}");
        let bytes = fs::read(folder.join(name)).unwrap();
        assert_eq!(found.digest, format!("blake3:{}", blake3::hash(&bytes).to_hex()));
        assert_eq!(found.sha_256.len(), 64);
    }
}

#[test]
fn files_without_these_weights_are_refused() {
    let check = |path: &Path, message: &str| {
        let error = Inception::open(path, None).err().unwrap().to_string();
        assert!(error.starts_with(&path.display().to_string()) && error.contains(message), "{error}");
    };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    check(&fixtures.join("missing.pth"), "No such file");
    check(&fixtures.join("tiny.pth"), "`Conv2d_1a_3x3.conv.weight` is missing");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).unwrap();
        folder.path().join(name)
    };
    check(&write("noise.pth", b"no weights at all"), "not a PyTorch file of weights");
    check(&write("noise.safetensors", b"no weights at all"), "not a safetensors file");
    let whole = fs::read(fixtures.join("tiny.pth")).unwrap();
    check(&write("half.pth", &whole[..whole.len() / 2]), "not a PyTorch file of weights");
    let tensor = TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap();
    let other = safetensors::serialize([("Conv2d_1a_3x3.conv.weight", tensor)], None).unwrap();
    check(&write("other.safetensors", &other), "`Conv2d_1a_3x3.conv.weight` is [1], not [32, 3, 3, 3]");
}

#[test]
fn images_that_have_no_colours_are_refused() {
    assert!([[1, 8, 8], [3, 64, 32]].into_iter().all(|shape| Inception::blank(Format::Image(shape)).is_ok()));
    let found = Inception::blank(Format::Points { dims: 2, extent: 1.0 }).unwrap_err().to_string();
    assert!(found.contains("`inception` features are of 1 x H x W or 3 x H x W images"), "{found}");
}
