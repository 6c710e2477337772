//! Sounds from files to what one hears: own recordings of every kind, the record, the page, TensorBoard, `sample`, `metrics`.

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use tests::{Lab, Sweep};

/// Of a WAV file: channels, samples a second, bits, bytes of samples.
#[derive(Debug, PartialEq)]
struct Header {
    channels: u16,
    rate: u32,
    bits: u16,
    bytes: usize,
}

impl Header {
    /// Of a file with the plain header of 44 bytes.
    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        assert_eq!((&bytes[..4], &bytes[8..16], &bytes[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
        assert_eq!(bytes.len(), 44 + long(40) as usize);
        Self { channels: short(22), rate: long(24), bits: short(34), bytes: bytes.len() - 44 }
    }
}

/// A tone in each channel, of `seconds`.
fn wav(Header { channels, rate, bits, .. }: Header, seconds: f64, hertz: f64, loudness: f64) -> Vec<u8> {
    let frames = (seconds * f64::from(rate)) as usize;
    let mut data: Vec<u8> = Vec::new();
    for at in 0..frames {
        let wave = loudness * (TAU * hertz * at as f64 / f64::from(rate)).sin();
        let whole = (wave * f64::from((1 << (bits - 1)) - 1)) as i32;
        (0..channels).for_each(|_| data.extend(&whole.to_le_bytes()[..usize::from(bits / 8)]));
    }
    let align = channels * bits / 8;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(align)).to_le_bytes());
    bytes.extend([align, bits].map(u16::to_le_bytes).concat());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

const PLAIN: Header = Header { channels: 1, rate: 8_000, bits: 16, bytes: 0 };
const STUDIO: Header = Header { channels: 2, rate: 44_100, bits: 24, bytes: 0 };

/// Low and high tones as they come: of one channel and two, 16 bits and 24, two rates, half as long to twice as long as a sample.
fn lab() -> Lab {
    let lab = Lab::new();
    for at in 0..20 {
        let header = || if at % 4 == 3 { STUDIO } else { PLAIN };
        let (seconds, more) = (0.064 * (1.0 + f64::from(at % 4)), f64::from(at));
        lab.write(&format!("tones/high/{at}.wav"), wav(header(), seconds, 1_500.0 + 10.0 * more, 0.5));
        lab.write(&format!("tones/low/{at}.wav"), wav(header(), seconds, 300.0 + 2.0 * more, 0.5));
    }
    lab.write(
        "heard.yaml",
        "
name: heard
run:
  data: { name: wav-folder, path: tones, rate: 8000, length: 1024, hold_out: 0.2 }
  model: { conditioning: concat, generator: { channels: 2 }, discriminator: { channels: 2 } }
  train: { steps: 2, batch_size: 4, critic_steps: 1 }
  sample: { every: 1, count: 4 }
  evaluate: { every: 0, count: 12, metrics: [kid, spectral_distance, sound_faults] }
sweep: { grid: { model.preset: [wavegan-small, specgan-small] } }
",
    );
    lab
}

fn names(folder: PathBuf) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names = Vec::from_iter(names.filter(|name| !name.starts_with('.')));
    names.sort();
    names
}

fn events_of_tensorboard(sweep: &Sweep, id: &str) -> Vec<u8> {
    let folder = sweep.path().join("tensorboard").join(id);
    let file = names(folder.clone()).into_iter().find(|name| name.contains("tfevents")).unwrap();
    fs::read(folder.join(file)).unwrap()
}

#[test]
fn what_networks_of_sounds_learn_is_heard_everywhere() {
    let lab = lab();
    lab.run("sweep heard.yaml --threads 1").exits(0);
    let sweep = lab.sweep("heard");
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(
        page.contains(r#"aria-label="Real samples of"#)
            && page.contains("Columns are classes, from the left: high, low.")
    );
    for id in sweep.ids() {
        let samples = sweep.run(&id).join("samples");
        // Four sounds of 1,024 samples of two bytes, each with a tenth of a second of silence behind it.
        for file in ["step-000001.wav", "step-000002.wav", "real.wav"] {
            assert_eq!(
                Header::read(&samples.join(file)),
                Header { bytes: 4 * (1_024 + 800) * 2, ..PLAIN },
                "{id} {file}"
            );
        }
        assert_ne!(
            fs::read(samples.join("step-000001.wav")).unwrap(),
            fs::read(samples.join("step-000002.wav")).unwrap()
        );
        let artifacts = sweep.events_of(&id, "artifact");
        let of = |file: &str| artifacts.iter().find(|artifact| artifact["file"].as_str().unwrap().ends_with(file));
        for name in ["step-000002", "real", "interpolation", "neighbours"] {
            let [sound, picture] = ["wav", "png"].map(|kind| {
                let mut named = names(samples.clone()).into_iter();
                named.rfind(|file| file.starts_with(name) && file.ends_with(kind))
            });
            let (sound, picture) = (sound.unwrap(), picture.unwrap());
            assert_eq!(of(&sound).unwrap()["media"], "audio/wav", "{id} {name}");
            // Waveforms, and below each its spectrogram.
            let reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(samples.join(&picture)).unwrap()));
            assert!(reader.read_info().unwrap().info().height > 129, "{id} {picture}");
        }
        assert!(page.contains(&format!(r#"aria-label="Samples of {id} at step 2""#)), "{id}");
        let events = events_of_tensorboard(&sweep, &id);
        assert!(
            events.windows(9).any(|bytes| bytes == b"audio/wav") && events.windows(4).any(|bytes| bytes == b"RIFF")
        );

        lab.run(&format!("sample {id} --count 6 --out {id}-made")).exits(0);
        assert_eq!(names(lab.path(format!("{id}-made"))), ["high", "low"]);
        let made = names(lab.path(format!("{id}-made/high")));
        assert_eq!(made.len(), 3, "{made:?}");
        let first = Header::read(&lab.path(format!("{id}-made/high/{}", made[0])));
        assert_eq!(first, Header { bytes: 1_024 * 2, ..PLAIN });
        lab.run(&format!("sample {id} --count 3 --interpolate 4 --out {id}.wav")).exits(0);
        assert_eq!(Header::read(&lab.path(format!("{id}.wav"))).bytes, 9 * (1_024 + 800) * 2);

        let measured = "--metrics spectral_distance,sound_faults --format json";
        let found = lab.run(&format!("metrics tones {id}-made {measured}")).exits(0).json();
        let value = |name: &str| {
            let values = found["values"].as_array().unwrap();
            values.iter().find(|value| value["name"] == name).unwrap()["value"].as_f64().unwrap()
        };
        assert!(value("log_spectral_distance") > 5.0 && value("sounds_clipped") == 0.0, "{found}");
        // What is saved of the real sounds stands for them.
        let direct = lab.run(&format!("metrics tones {id}-made --metrics kid --save-statistics real --format json"));
        let saved = lab.run(&format!("metrics real {id}-made --format json")).exits(0).json();
        assert_eq!(direct.exits(0).json()["values"], saved["values"]);
    }
}

/// Clearly told apart, so that a few batches teach it; hits that stand in the other's folder are all wrong.
#[test]
fn sounds_of_a_class_are_known_by_a_classifier_of_real_ones() {
    let lab = Lab::new();
    for at in 0..40 {
        let tone = |hertz: f64| wav(PLAIN, 0.128, hertz * (1.0 + f64::from(at) / 200.0), 0.5);
        for (folder, hertz) in [("high", 1_500.0), ("low", 300.0)] {
            lab.write(&format!("real/{folder}/{at}.wav"), tone(hertz));
        }
        for (folder, hertz) in [("high", 1_400.0), ("low", 320.0)] {
            lab.write(&format!("right/{folder}/{at}.wav"), tone(hertz));
            lab.write(&format!("wrong/{}/{at}.wav", if folder == "low" { "high" } else { "low" }), tone(hertz));
        }
    }
    let share = |folder: &str| {
        let found =
            lab.run(&format!("metrics real {folder} --metrics conditional_accuracy --format json")).exits(0).json();
        let value = &found["values"][0];
        assert_eq!(value["by_class"].as_array().unwrap().len(), 2, "{value}");
        value["value"].as_f64().unwrap()
    };
    let [right, wrong] = ["right", "wrong"].map(share);
    assert!(right > 0.95 && wrong < 0.05, "{right} {wrong}");
}

#[test]
fn sounds_of_every_kind_are_used_or_named() {
    let lab = lab();
    let show = "data show wav-folder --path tones --set rate=8000 --set length=1024";
    let shown = lab.run(&format!("{show} --format json")).exits(0).json();
    let recorded = &shown["recorded"];
    let counts = ["mixed_down", "resampled", "cut", "padded"].map(|count| recorded[count].as_u64().unwrap());
    assert_eq!(counts, [10, 10, 20, 10], "{recorded}");
    assert_eq!(recorded["rates"], serde_json::json!({ "8000": 30, "44100": 10 }));
    assert!(lab.run(show).exits(0).says("8000 Hz (30), 44100 Hz (10); mixed down: 10, resampled: 10, cut: 20"));
    let check = |bytes: &[u8], expected: &str| {
        lab.write("tones/low/odd.wav", bytes);
        for line in [show, "plan heard.yaml", "sweep heard.yaml --threads 1"] {
            let ended = lab.run(line);
            assert!(ended.code != Some(0) && ended.says("odd.wav") && ended.says(expected), "{line}: {ended:?}");
        }
        assert!(!lab.path("results/heard/runs").exists(), "nothing was trained");
    };
    let whole = wav(PLAIN, 0.128, 300.0, 0.5);
    check(b"", "the file is empty");
    check(&whole[..whole.len() / 2], "it is cut short or damaged");
    check(b"no sound", "it is no WAV");
    lab.write("tones/low/odd.wav", wav(PLAIN, 0.128, 300.0, 0.0));
    assert!(lab.run(show).exits(0).says("1 of 41 sounds are silent"));
    let lonely = Lab::new();
    lonely.write("tones/one.wav", &whole);
    assert!(lonely.run(show).exits(0).says("one sound is all that a network can learn here"));
}
