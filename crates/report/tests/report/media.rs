//! Sounds, films, and pairs of input and output: artifacts that are no single picture, in page and event files.

use crate::fixture::{Sweep, apng, planned, png, wav};
use crate::page::island;
use crate::tensorboard::{read_all, values};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::{Media, MediaType, Role, Status, tag};
use report::Options;
use serde_json::json;
use std::fs;

/// A sound at two steps with its waveform and its spectrogram, and one real sound.
fn sounds() -> Sweep {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    for step in [10, 20] {
        let mut add = |media: Media, label: Option<&str>, bytes: &[u8]| {
            let file = Role::SAMPLES.file(Some(step), label, media);
            attempt.artifact(Role::SAMPLES, media, step, &file, label, bytes);
        };
        add(Media::Wav, None, &wav(step as u8));
        add(Media::Png, Some("waveform"), &png(12, 4, step as u8));
        add(Media::Png, Some("spectrogram"), &png(12, 8, step as u8));
    }
    attempt.artifact(Role::REAL, Media::Wav, 0, "samples/real.wav", None, &wav(99));
    attempt.end(Status::Done, None);
    sweep
}

#[test]
fn a_sound_is_heard_with_its_pictures_beside_it() {
    let html = sounds().html();
    let encoded = |bytes: &[u8]| STANDARD.encode(bytes);
    let markup = html.split("<script").next().unwrap();
    for element in [
        format!(
            r#"<audio controls preload="metadata" src="data:audio/wav;base64,{}" aria-label="Samples of lr1e-4-s0 at step 20">"#,
            encoded(&wav(20))
        ),
        format!(r#"<img src="data:image/png;base64,{}" width="12" height="4""#, encoded(&png(12, 4, 20))),
        r#"alt="Samples of lr1e-4-s0 at step 20: spectrogram""#.to_owned(),
        format!(r#"src="data:audio/wav;base64,{}" aria-label="Real samples of data""#, encoded(&wav(99))),
    ] {
        assert!(markup.contains(&element), "{element}");
    }
    assert!(markup.contains("img-src data:; media-src data:;"));
    let data = island(&html);
    assert_eq!(data["media"], json!(["image/png", "audio/wav"]));
    assert_eq!(
        data["runs"][0]["shown"]["samples"],
        json!([
            [10, [
                {"media": 0, "label": "waveform", "base64": encoded(&png(12, 4, 10))},
                {"media": 0, "label": "spectrogram", "base64": encoded(&png(12, 8, 10))},
                {"media": 1, "base64": encoded(&wav(10))},
            ]],
            [20, [{"media": 0, "label": "waveform"}, {"media": 0, "label": "spectrogram"}, {"media": 1}]],
        ])
    );
}

#[test]
fn sounds_beyond_the_budget_lie_beside_the_page() {
    let sweep = sounds();
    sweep.build_with(&Options { embed_budget: 0, ..Options::default() }).unwrap();
    let html = fs::read_to_string(sweep.folder.page()).unwrap();
    assert!(html.contains("media-src data: 'self' file:;") && html.contains("7 of 7 pictures and sounds are not"));
    assert!(html.contains(r#"src="report-assets/lr1e-4-s0/step-000020.wav""#));
    assert_eq!(fs::read(sweep.folder.assets().join("lr1e-4-s0/step-000010.wav")).unwrap(), wav(10));
    assert!(!Sweep::mixed().html().contains("media-src"), "a page without sounds admits none");
}

#[test]
fn a_sound_is_one_in_tensorboard_and_its_pictures_are_images() {
    let sweep = sounds();
    sweep.build();
    let events = read_all(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    let of = |tag: &str| {
        values(&events).filter(|(_, value)| value.get_tag() == tag).map(|(step, _)| step).collect::<Vec<_>>()
    };
    assert_eq!([of("samples"), of("samples/waveform"), of("samples/spectrogram")], [[10, 20], [10, 20], [10, 20]]);
    assert_eq!(of("samples/real"), [0]);
    let audio = values(&events).find(|(step, value)| *step == 20 && value.has_audio()).unwrap().1.get_audio();
    assert_eq!((audio.get_sample_rate(), audio.get_num_channels(), audio.get_length_frames()), (8000.0, 1, 400));
    assert_eq!((audio.get_content_type(), audio.get_encoded_audio_string()), ("audio/wav", wav(20).as_slice()));
}

#[test]
fn a_film_is_an_image_that_moves() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.artifact(Role::SAMPLES, Media::Apng, 10, "samples/step-000010.apng", None, &apng(6, 4, 3));
    attempt.artifact(Role::REAL, Media::Apng, 0, "samples/real.apng", None, &apng(6, 4, 2));
    let html = sweep.html();
    let film = STANDARD.encode(apng(6, 4, 3));
    assert!(html.contains(&format!(r#"<img src="data:image/apng;base64,{film}" width="6" height="4""#)));
    assert_eq!(island(&html)["media"], json!(["image/apng"]));
    let events = read_all(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    let image = values(&events).find(|(_, value)| value.get_tag() == "samples").unwrap().1.get_image();
    assert_eq!((image.get_width(), image.get_encoded_image_string()), (6, apng(6, 4, 3).as_slice()));
}

#[test]
fn a_task_that_translates_shows_inputs_and_targets_once_and_outputs_of_each_run() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-2, 0)]);
    for (id, grey) in [("lr1e-4-s0", 10), ("lr1e-2-s0", 20)] {
        let mut attempt = sweep.start(id, 0);
        for (role, value) in [(Role::TARGET, 2), (Role::INPUT, 1), (Role::new("cycle"), 30 + grey)] {
            attempt.picture(role, 0, &png(8, 6, value));
        }
        for step in [10, 20] {
            let file = Role::OUTPUT.file(Some(step), None, Media::Png);
            attempt.artifact(Role::OUTPUT, Media::Png, step, &file, None, &png(8, 6, grey + step as u8));
        }
    }
    let html = sweep.html();
    let of = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(of("<figcaption>Input of data</figcaption>") < of("<figcaption>Target of data</figcaption>"));
    assert_eq!(html.matches(&STANDARD.encode(png(8, 6, 1))).count(), 1, "both runs have the same inputs");
    assert!(html.contains(r#"alt="Output of lr1e-4-s0 at step 20""#));
    let data = island(&html);
    let roles: Vec<_> = data["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(roles, ["output", "cycle"]);
    assert!(
        html.contains(
            r#"<select id="shown"><option value="output">output</option><option value="cycle">cycle</option>"#
        )
    );
}

#[test]
fn a_type_that_cannot_be_shown_is_a_warning() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.artifact(Role::SAMPLES, MediaType::Other("video/webm".into()), 10, "samples/step-000010.bin", None, b"x");
    let expected = "lr1e-4-s0: samples of step 10: the file has media type \"video/webm\", which is not shown";
    assert_eq!(sweep.build().warnings, [expected]);
    assert!(sweep.html().contains("No samples were recorded."));
}

/// Four networks in four phases: nothing here knows a generator and a discriminator.
#[test]
fn a_task_of_any_phases_has_its_charts() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let phases = ["generator_ab", "generator_ba", "discriminator_a", "discriminator_b"];
    let names = phases.map(|phase| [tag::loss(phase), tag::gradient(phase), tag::learning_rate(phase)]);
    let values: Vec<(&str, f64)> = names.iter().flatten().map(|name| (name.as_str(), 1.0)).collect();
    sweep.start("lr1e-4-s0", 0).scalars(5, &values);
    let data = island(&sweep.html());
    assert_eq!(data["ratio"], json!(null), "of four phases it is unknown which ones are opponents");
    let group = |at: usize| (data["groups"][at]["label"].clone(), data["groups"][at]["tags"].as_array().unwrap().len());
    assert_eq!(
        [group(0), group(1), group(2)],
        [("loss".into(), 4), ("gradient norm".into(), 4), ("learning rate".into(), 4)]
    );
    assert_eq!(data["groups"][0]["tags"][2], json!([2, "discriminator a"]));
    assert_eq!(data["tags"][0], "loss/generator_ab");

    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let two = ["loss/generator", "loss/discriminator", "learning_rate/generator", "learning_rate/discriminator"];
    sweep.start("lr1e-4-s0", 0).scalars(5, &two.map(|name| (name, 1.0)));
    let data = island(&sweep.html());
    assert_eq!(data["ratio"], json!(["loss of the discriminator ÷ loss of the generator", [1, 0]]));
}
