//! Weights for other programs and from them: `export --weights` and `model.weights`.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use tests::Lab;

/// Shapes and numbers of a safetensors file: eight bytes of length, a JSON header, the data.
fn read(bytes: &[u8]) -> BTreeMap<String, (Vec<u64>, Vec<f32>)> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let data = &bytes[8 + length..];
    let tensors = header.as_object().unwrap().iter().filter(|(name, _)| *name != "__metadata__");
    let tensor = |(name, tensor): (&String, &Value)| {
        assert_eq!(tensor["dtype"], "F32", "{name}");
        let list = |key: &str| tensor[key].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect::<Vec<_>>();
        let offsets = list("data_offsets");
        let bytes = data[offsets[0] as usize..offsets[1] as usize].chunks_exact(4);
        let values = bytes.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
        (name.clone(), (list("shape"), values))
    };
    tensors.map(tensor).collect()
}

/// The mlp generator in PyTorch's layout: y = W x + b, LeakyReLU between, tanh last.
fn forward(weights: &BTreeMap<String, (Vec<u64>, Vec<f32>)>, root: &str, latent: &[f32]) -> Vec<f32> {
    let layers = [0, 2].map(|at| [&weights[&format!("{root}.{at}.weight")], &weights[&format!("{root}.{at}.bias")]]);
    let mut x = latent.to_vec();
    for (at, [(shape, weight), (_, bias)]) in layers.into_iter().enumerate() {
        assert_eq!(shape[1] as usize, x.len());
        let rows = weight.chunks_exact(x.len()).zip(bias);
        let y = rows.map(|(row, bias)| row.iter().zip(&x).map(|(w, x)| w * x).sum::<f32>() + bias);
        x = y.map(|y| if at == 1 { y.tanh() } else { y.max(0.2 * y) }).collect();
    }
    x
}

/// PyTorch runs `generator.py` of every preset in `scripts/check_python.py`.
#[test]
fn a_python_module_has_the_weights_of_its_layers_and_what_they_make() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    assert!(lab.run("export mlp-s0 --python out/of").exits(0).says("generator of mlp-s0"));
    let module = fs::read_to_string(lab.path("out/of/generator.py")).unwrap();
    let network = "nn.Sequential(\n        Dense(100, 8),\n        nn.LeakyReLU(0.2),\n        Dense(8, 784),\n        nn.Tanh(),\n";
    for part in
        [network, "LATENT, DISTRIBUTION = 100, \"normal\"", "CLASSES, FACTORS, NOISE = 0, 0, 0", "POINTS = False"]
    {
        assert!(module.contains(part), "{part}: {module}");
    }
    let weights = read(&fs::read(lab.path("out/of/generator.safetensors")).unwrap());
    let [latent, output] = ["latent", "output"].map(|name| &weights[&format!("sample.{name}")].1);
    assert_eq!(output.len(), 4 * 784);
    for (latent, output) in latent.chunks_exact(100).zip(output.chunks_exact(784)) {
        let found = forward(&weights, "network", latent);
        assert!(found.iter().zip(output).all(|(found, output)| (found - output).abs() < 1e-5));
    }
    lab.run("export mlp-s0 --python out/of").exits(0);
    for other in ["--weights y.safetensors", "--onnx y.onnx"] {
        lab.run(&format!("export mlp-s0 --python x {other}")).exits(2);
    }
}

/// onnxruntime runs the models of every preset in `scripts/check_onnx.py`.
#[test]
fn an_onnx_model_holds_the_weights_and_says_what_it_is_of() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    assert!(lab.run("export mlp-s0 --onnx one.onnx").exits(0).says("generator of mlp-s0"));
    lab.run("export mlp-s0 --python module").exits(0);
    let (model, id) = (fs::read(lab.path("one.onnx")).unwrap(), lab.sweep("one").ids().remove(0));
    let holds = |bytes: &[u8]| model.windows(bytes.len()).any(|window| window == bytes);
    for text in ["latent", "samples", "batch", "network.0.weight", "standard normal distribution", &id] {
        assert!(holds(text.as_bytes()), "{text}");
    }
    let weights = read(&fs::read(lab.path("module/generator.safetensors")).unwrap());
    for name in ["network.0.bias", "network.2.bias"] {
        let bytes: Vec<u8> = weights[name].1.iter().flat_map(|number| number.to_le_bytes()).collect();
        assert!(holds(&bytes), "{name}");
    }
}

#[test]
fn another_program_makes_the_images_of_the_sample_grid() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    assert!(lab.run("export mlp-s0 --weights w.safetensors").exits(0).says("at step 6"));
    let bytes = fs::read(lab.path("w.safetensors")).unwrap();
    lab.run("export mlp-s0 --weights again.safetensors").exits(0);
    assert_eq!(bytes, fs::read(lab.path("again.safetensors")).unwrap());

    let weights = read(&bytes);
    assert_eq!(weights["generator.0.weight"].0, [8, 100]);
    assert_eq!(weights["discriminator.body.0.weight"].0, [8, 784]);
    assert_eq!(weights["discriminator.head.weight"].0, [1, 8]);
    let (shape, latents) = &weights["sample.latent"];
    assert_eq!(shape[1], 100);
    // The last grid's first image.
    let sweep = lab.sweep("one");
    let run = sweep.run(&sweep.ids()[0]);
    let grid = fs::read(run.join("samples/step-000006.png")).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(grid)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let width = reader.next_frame(&mut pixels).unwrap().width as usize;
    for (at, value) in forward(&weights, "average", &latents[..100]).into_iter().enumerate() {
        let pixel = f32::from(pixels[at / 28 * width + at % 28]);
        assert!((pixel - (value + 1.0) * 127.5).abs() < 0.51, "pixel {at}: {pixel}, {value}");
    }
}

#[test]
fn a_run_starts_from_a_file_and_its_id_follows_the_contents() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    lab.run("export mlp-s0 --weights w.safetensors").exits(0);
    // With a learning rate of next to nothing the run ends with what it began with.
    lab.tiny("two", "");
    let from = |command: &str, file: &str| {
        let settings = "--set train.steps=1 --set train.*.lr=1e-30";
        lab.run(&format!("{command} two.yaml {settings} --set model.weights={file} --format json")).exits(0).json()
    };
    let id = |file: &str| from("plan", file)["runs"][0]["id"].clone();
    let first = id("w.safetensors");
    fs::copy(lab.path("w.safetensors"), lab.path("copy.safetensors")).unwrap();
    assert_eq!(first, id("copy.safetensors"), "the file's name is not its contents");
    from("sweep", "w.safetensors");
    lab.run(&format!("export {} --weights after.safetensors", first.as_str().unwrap())).exits(0);
    let [before, after] = ["w.safetensors", "after.safetensors"].map(|file| read(&fs::read(lab.path(file)).unwrap()));
    for name in before.keys().filter(|name| name.starts_with("generator") || name.starts_with("discriminator")) {
        assert_eq!(before[name], after[name], "{name}");
    }
}

#[test]
fn files_that_do_not_fit_are_told_before_anything_starts() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    lab.run("export mlp-s0 --weights w.safetensors").exits(0);
    fs::write(lab.path("broken.safetensors"), "nothing of the kind").unwrap();
    for (model, message) in [
        ("{preset: mlp, weights: nowhere.safetensors}", "nowhere.safetensors: No such file"),
        ("{preset: mlp, weights: broken.safetensors}", "not a safetensors file"),
        ("{preset: mlp, weights: w.safetensors}", "`generator.0.weight` is [8, 100], not [256, 100]"),
        ("{preset: mlp, latent: {dim: 99}, weights: w.safetensors}", "`generator.0.weight` is [8, 100], not [256, 99]"),
        ("{preset: mlp, weights: {file: w.safetensors, digest: 'blake3:0'}}", ", not blake3:0"),
    ] {
        lab.write("two.yaml", format!("name: two\nrun:\n  model: {model}\n"));
        let ended = lab.run("plan two.yaml").exits(2);
        assert!(ended.says(message) && ended.says("model.weights"), "{}", ended.stderr);
    }
    lab.run("export mlp-s0 --weights w.safetensors --format json").exits(2);
    lab.run("export absent --weights w.safetensors").exits(2);
    for (option, file, hint) in [
        ("weights", "w.onnx", "--onnx writes the generator"),
        ("weights", "w.pt", "name a .safetensors file"),
        ("weights", "w.npz", "name a .safetensors file"),
        ("onnx", "w.safetensors", "name an .onnx file"),
        ("onnx", "w.pb", "name an .onnx file"),
    ] {
        let refused = lab.run(&format!("export mlp-s0 --{option} {file}")).exits(2);
        assert!(refused.says(hint), "{}", refused.stderr);
    }
    assert!(!lab.path("w.onnx").exists() && !lab.path("w.pb").exists());
}
