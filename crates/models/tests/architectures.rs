//! Every architecture makes and reads images of every size that it promises.

use burn::tensor::Device;
use models::task::Gan;
use models::{ModelConfig, Stream, architecture};
use samples::Format;
use serde_json::{Value, json};

/// The narrowest networks of an architecture.
fn narrow(architecture: &str) -> (Value, Value) {
    let both = |settings: Value| (settings.clone(), settings);
    if architecture == "stylegan2" {
        return (json!({"channels": 1, "style": 4, "mapping": 1}), json!({"channels": 1}));
    }
    both(match architecture {
        "mlp" => json!({"hidden": [4]}),
        "maxout" => json!({"hidden": [4]}),
        "resnet" => json!({"channels": 2, "attention": true, "spectral_norm": true}),
        "guide" => json!({}),
        _ => json!({"channels": 1}),
    })
}

fn model((mut generator, mut discriminator): (Value, Value), architecture: &str) -> ModelConfig {
    for network in [&mut generator, &mut discriminator] {
        network["architecture"] = architecture.into();
    }
    let latent = json!({"dim": 2});
    serde_json::from_value(json!({"generator": generator, "discriminator": discriminator, "latent": latent})).unwrap()
}

/// All but lists of layers, which are for the samples that they were written for, networks for sounds alone, those for videos
/// (`videos.rs`), and those that translate (`translating.rs`).
fn of_any_size() -> impl Iterator<Item = architecture::Entry> {
    architecture::entries()
        .into_iter()
        .filter(|entry| !["layers", "wavegan", "tgan", "unet", "residual", "patchgan"].contains(&entry.name))
}

fn check(config: &ModelConfig, format: Format) {
    assert_eq!(config.check(format), [], "{config:?} {format}");
    let (device, shape) = (Device::flex(), format.shape());
    let gan = Gan::new(config, format, 1, &device);
    let code = config.generator_input(shape, 2, None, &mut Stream::new(1, "test", 0), &device);
    let images = gan.generator.forward(code);
    let [channels, height, width] = shape;
    assert_eq!(images.dims(), [2, channels, height, width], "{config:?}");
    let logits = gan.discriminator.forward(images.clone());
    assert_eq!(logits.dims(), [2], "{config:?}");
    let finite = |values: Vec<f32>| values.into_iter().all(f32::is_finite);
    assert!(finite(logits.into_data().iter().collect()), "{config:?} {format}");
    assert!(finite(images.into_data().iter().collect()), "{config:?} {format}");
}

#[test]
fn images_of_16_to_128_pixels_in_one_and_three_channels() {
    for entry in of_any_size() {
        let config = model(narrow(entry.name), entry.name);
        for [height, width] in [[16, 16], [17, 23], [28, 28], [31, 45], [64, 64], [97, 128], [128, 128]] {
            // Its dense layer of 4096 has a weight for each pixel.
            if entry.name == "guide" && height > 28 {
                continue;
            }
            for channels in [1, 3] {
                check(&config, Format::Image([channels, height, width]));
            }
        }
    }
}

/// Sounds have one row; the axis of length 1 is never halved.
#[test]
fn samples_of_one_axis_and_flat_images() {
    for entry in of_any_size() {
        let config = model(narrow(entry.name), entry.name);
        let sound = |channels, length| Format::Audio { channels, length, rate: 8000 };
        for format in [sound(1, 64), sound(2, 50), Format::Image([1, 30, 1]), Format::Image([3, 4, 64])] {
            check(&config, format);
        }
    }
    let two_kernels = json!({"channels": 1, "kernel": 5, "halvings": 4});
    check(&model((two_kernels.clone(), two_kernels), "dcgan"), Format::Audio { channels: 1, length: 64, rate: 8000 });
}

#[test]
fn dcgan_of_other_kernels_and_depths() {
    for kernel in 3..=7 {
        for halvings in [1, 3, 5] {
            let settings = json!({"channels": 1, "kernel": kernel, "halvings": halvings});
            for side in [16, 28, 37] {
                check(&model((settings.clone(), settings.clone()), "dcgan"), Format::Image([3, side, side]));
            }
        }
    }
}

#[test]
fn wavegan_makes_sounds_of_any_length() {
    for length in [4, 16, 17, 64, 100, 1000, 1024, 4097] {
        for (channels, kernel) in [(1, 25), (2, 4), (1, 7)] {
            let settings = json!({"channels": 1, "kernel": kernel});
            let format = Format::Audio { channels, length, rate: 8000 };
            check(&model((settings.clone(), settings), "wavegan"), format);
        }
    }
}

#[test]
fn maxout_makes_points() {
    check(&model(narrow("maxout"), "maxout"), Format::Points { dims: 2, extent: 1.5 });
}

#[test]
fn settings_that_no_network_has_are_refused_where_they_are() {
    let check = |architecture: &str, settings: Value, shape, setting: &str, expected: &str| {
        let problems = model((settings.clone(), settings), architecture).check(shape);
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["generator", "discriminator"].map(|network| format!("{network}{setting}")), "{problems:?}");
        assert!(problems.iter().all(|problem| problem.message.contains(expected)), "{problems:?}");
    };
    let image = Format::Image([1, 28, 28]);
    check("dcgan", json!({"kernel": 2}), image, ".kernel", "must be within 3 and 7");
    check("dcgan", json!({"halvings": 8}), image, ".halvings", "must be within 1 and 7");
    check("dcgan", json!({"halvings": 7, "channels": 1000}), image, ".channels", "must be within 1 and 512");
    check("infogan", json!({"channels": 5000}), image, ".channels", "must be within 1 and 4096");
    check("infogan", json!({}), Format::Image([1, 3, 28]), "", "at least 4 x 4");
    check("infogan", json!({}), Format::Audio { channels: 1, length: 3, rate: 8000 }, "", "at least 4 x 4");
    let sound = Format::Audio { channels: 1, length: 4096, rate: 8000 };
    check("wavegan", json!({"kernel": 65}), sound, ".kernel", "must be within 4 and 64");
    check("wavegan", json!({"channels": 5000}), sound, ".channels", "must be within 1 and 4096");
    check("wavegan", json!({}), image, "", "is for sounds, but the data set holds images");
    check("stacked", json!({"channels": 0}), image, ".channels", "must be within 1 and 8192");
    check("maxout", json!({"hidden": [4, 0]}), image, ".hidden", "width 0");
    check("resnet", json!({"attention": true}), Format::Image([1, 8, 200]), ".attention", "finds no maps");
}
