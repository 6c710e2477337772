//! Folders of sounds as a data set. `sounds/` is what libsndfile writes (`scripts/sound_fixtures.py`).

use std::f32::consts::TAU;
use std::io::Cursor;

use crate::written::Folder;
use data::{Crop, DataConfig, Dataset, Description, HoldOut, OnError, Samples, Split, WavFolder};
use hound::{SampleFormat, WavSpec, WavWriter};
use samples::Format;

const FLAC: &[u8] = include_bytes!("sounds/stereo.flac");
const OGG: &[u8] = include_bytes!("sounds/stereo.ogg");
const MP3: &[u8] = include_bytes!("sounds/stereo.mp3");
const OPUS: &[u8] = include_bytes!("sounds/opus.ogg");
const AIFF: &[u8] = include_bytes!("sounds/tone.aiff");

fn spec(channels: u16, rate: u32, bits: u16) -> WavSpec {
    WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: SampleFormat::Int }
}

fn whole(spec: WavSpec, samples: impl IntoIterator<Item = i32>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    samples.into_iter().for_each(|sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// Of amplitude a half, 16 bits, one channel.
fn tone(hertz: f32, rate: u32, count: usize) -> Vec<u8> {
    let sine = |at: usize| (TAU * hertz * at as f32 / rate as f32).sin() * 16_383.5;
    whole(spec(1, rate, 16), (0..count).map(|at| sine(at).round() as i32))
}

fn config(folder: &Folder) -> WavFolder {
    WavFolder { rate: 8_000, length: 1_024, ..WavFolder::new(folder.path().to_owned()) }
}

fn read(dataset: &Dataset) -> Vec<f32> {
    let mut values = Vec::new();
    dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
    values
}

fn open(config: &WavFolder) -> Dataset {
    DataConfig::of(config.clone()).open(Split::Train).unwrap()
}

fn refused(folder: &Folder, config: &WavFolder) -> String {
    folder.text(&DataConfig::of(config.clone()).open(Split::Train).unwrap_err())
}

fn describe(config: &WavFolder) -> Description {
    DataConfig::of(config.clone()).describe().unwrap()
}

/// Tones of amplitude a half, in the middle of a sound.
#[track_caller]
fn near(found: &[f32], hertz: &[f32], most: f32) {
    for (at, found) in found.iter().enumerate().skip(200).take(500) {
        let sine = |hertz: &f32| 0.5 * (TAU * hertz * at as f32 / 8_000.0).sin();
        let expected = hertz.iter().map(sine).sum::<f32>() / hertz.len() as f32;
        assert!((found - expected).abs() < most, "{found} is not {expected} at {at}");
    }
}

#[test]
fn samples_of_sixteen_bits_are_read_as_they_were_written() {
    let folder = Folder::new();
    let sound: Vec<f32> = (0..1_024).map(|at| ((at * 37) % 2000) as f32 / 1000.0 - 1.0).collect();
    folder.write("1.wav", &samples::wav::write(&sound, 1, 8_000));
    let dataset = open(&config(&folder));
    assert_eq!(dataset.format(), Format::Audio { channels: 1, length: 1_024, rate: 8_000 });
    let written: Vec<f32> = sound.iter().map(|value| (value * 32_767.0).round() / 32_767.0).collect();
    assert_eq!(read(&dataset), written);
    let found = describe(&config(&folder));
    assert_eq!(found.passed_over.warnings.len(), 1, "{:?}", found.passed_over);
    assert!(found.passed_over.warnings[0].contains("one sound is all"));
}

#[test]
fn depths_and_channels_are_one_scale() {
    let folder = Folder::new();
    folder.write("8.wav", &whole(spec(1, 8_000, 8), [64; 1_024]));
    folder.write("24.wav", &whole(spec(1, 8_000, 24), [1 << 22; 1_024]));
    folder.write("stereo.wav", &whole(spec(2, 8_000, 16), [32_767, 1].repeat(1_024)));
    let float = WavSpec { sample_format: SampleFormat::Float, ..spec(1, 8_000, 32) };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, float).unwrap();
    (0..1_024).for_each(|_| writer.write_sample(0.5f32).unwrap());
    writer.finalize().unwrap();
    folder.write("float.wav", &bytes.into_inner());
    let values = read(&open(&config(&folder)));
    assert!(values.iter().all(|value| (value - 0.5).abs() < 1e-4), "{:?}", &values[..2]);
    let found = describe(&config(&folder)).recorded.unwrap();
    assert_eq!((found.mixed_down, found.resampled, found.cut, found.padded), (1, 0, 0, 0));
}

#[test]
fn flac_vorbis_and_mp3_are_heard_at_any_rate() {
    let folder = Folder::new();
    folder.write("a/1.flac", FLAC);
    folder.write("b/1.ogg", OGG);
    folder.write("c/1.mp3", MP3);
    let config = config(&folder);
    let (dataset, found) = (open(&config), describe(&config));
    let values = read(&dataset);
    assert_eq!((dataset.class_names().unwrap().join(" "), dataset.labels()), ("a b c".into(), Some(&[0, 1, 2][..])));
    // Lossless; then two that only sound alike. MP3 begins with the silence of its encoder, or without.
    near(&values[..1_024], &[440.0, 660.0], 2e-3);
    near(&values[1_024..2_048], &[440.0, 660.0], 0.05);
    let power = |hertz: f32| {
        let wave = |wave: fn(f32) -> f32| {
            let sound = values[2_048..].iter().enumerate();
            sound.map(|(at, value)| value * wave(TAU * hertz * at as f32 / 8_000.0)).sum::<f32>()
        };
        wave(f32::sin).hypot(wave(f32::cos)) / 1_024.0
    };
    assert!(power(440.0) > 0.1 && power(660.0) > 0.1 && power(550.0) < 0.03, "{} {}", power(440.0), power(550.0));
    let recorded = found.recorded.unwrap();
    assert_eq!(Vec::from_iter(recorded.rates.clone()), [(16_000, 1), (22_050, 1), (44_100, 1)]);
    assert_eq!((recorded.mixed_down, recorded.resampled, recorded.cut), (3, 3, 3));
    assert!((recorded.shortest - 0.25).abs() < 0.01 && recorded.longest < 0.4, "{recorded:?}");
}

/// What a lower rate cannot hold is gone, and not heard as another tone.
#[test]
fn resampling_keeps_tones_in_their_place_and_filters_the_others() {
    let folder = Folder::new();
    folder.write("low.wav", &tone(1_000.0, 44_100, 8_000));
    folder.write("up.wav", &tone(1_000.0, 6_000, 1_000));
    folder.write("too-high.wav", &tone(5_500.0, 44_100, 8_000));
    let values = read(&open(&config(&folder)));
    near(&values[..1_024], &[1_000.0], 1e-3);
    assert!(values[1_224..1_900].iter().all(|value| value.abs() < 1e-3), "5.5 kHz at a rate of 8 kHz");
    near(&values[2_048..], &[1_000.0], 1e-3);
}

#[test]
fn longer_recordings_are_cut_and_shorter_ones_end_in_silence() {
    let folder = Folder::new();
    let loud = |at: i32| if (2_000..2_400).contains(&at) { 20_000 } else { at % 7 };
    folder.write("long.wav", &whole(spec(1, 8_000, 16), (0..6_000).map(loud)));
    folder.write("short.wav", &whole(spec(1, 8_000, 16), [9_000; 300]));
    let of = |crop, pieces| open(&WavFolder { crop, pieces, ..config(&folder) });
    let first = read(&of(Crop::First, 1));
    assert_eq!((first.len(), first[8]), (2_048, 1.0 / 32_767.0));
    assert!(first[1_024..1_324].iter().all(|value| *value > 0.27) && first[1_324..].iter().all(|value| *value == 0.0));
    assert!(read(&of(Crop::Loud, 1))[..1_024].iter().filter(|value| **value > 0.5).count() == 400);
    let random = of(Crop::Random, 5);
    assert_eq!((random.len(), random.fingerprint()), (6, of(Crop::Random, 5).fingerprint()));
    let recorded = describe(&config(&folder)).recorded.unwrap();
    assert_eq!((recorded.cut, recorded.padded, recorded.shortest), (1, 1, 300.0 / 8_000.0));
}

#[test]
fn pieces_of_a_recording_are_on_one_side() {
    let folder = Folder::new();
    for recording in 0..20 {
        // Each has another number.
        folder.write(&format!("{recording}.wav"), &whole(spec(1, 8_000, 16), vec![1_000 * (recording + 1); 3_000]));
    }
    let config = WavFolder { crop: Crop::Random, pieces: 4, hold_out: HoldOut(0.3), ..config(&folder) };
    let split = |split| {
        let dataset = DataConfig::of(config.clone()).open(split).unwrap();
        read(&dataset).chunks(1_024).map(|sound| (sound[0] * 32.767).round() as u32).collect::<Vec<_>>()
    };
    let (train, test) = (split(Split::Train), split(Split::Test));
    assert_eq!(train.len() + test.len(), 80);
    assert!(!test.is_empty() && test.iter().all(|recording| !train.contains(recording)), "{train:?} {test:?}");
}

#[test]
fn a_folder_can_be_held_out() {
    let folder = Folder::new();
    for (name, number) in
        [("train/a/1", 1_000), ("train/b/1", 2_000), ("train/b/2", 3_000), ("test/a/1", 4_000), ("test/b/9", 5_000)]
    {
        folder.write(&format!("{name}.wav"), &whole(spec(1, 8_000, 16), vec![number; 1_024]));
    }
    let of = |test: &str| WavFolder {
        path: folder.path().join("train"),
        test: Some(folder.path().join(test)),
        ..config(&folder)
    };
    let config = DataConfig::of(of("test"));
    let (train, test) = (config.open(Split::Train).unwrap(), config.open(Split::Test).unwrap());
    assert_eq!((train.len(), test.len(), test.labels()), (3, 2, Some(&[0, 1][..])));
    assert_eq!(train.held_out().unwrap().fingerprint(), test.fingerprint());
    folder.write("other/a/1.wav", &tone(300.0, 8_000, 1_024));
    assert_eq!(refused(&folder, &of("other")), "DIR/other: its classes are a; those of DIR/train are a, b");
    let both = WavFolder { hold_out: HoldOut(0.1), ..of("test") };
    assert!(DataConfig::of(both).check()[0].message.starts_with("either `test` names"));
}

#[test]
fn what_is_no_whole_sound_is_named() {
    let folder = Folder::new();
    folder.write("a.wav", &tone(300.0, 8_000, 1_024));
    let check = |name: &str, bytes: &[u8], expected: &str| {
        let path = folder.write(name, bytes);
        let found = refused(&folder, &config(&folder));
        assert!(found.contains(expected), "{found}");
        std::fs::remove_file(path).unwrap();
    };
    let whole_wav = tone(300.0, 8_000, 1_024);
    check("b.wav", b"", "DIR/b.wav: the file is empty");
    check(
        "b.wav",
        b"no sound at all, whatever its name says",
        "DIR/b.wav: it is no WAV, FLAC, Ogg Vorbis or MP3 sound, or damaged",
    );
    check("b.wav", &whole(spec(1, 8_000, 16), []), "DIR/b.wav: it holds no samples");
    check("b.wav", &whole_wav[..1_044], "DIR/b.wav: it is cut short or damaged: 500 samples of 1024 are there");
    check("b.flac", &FLAC[..9_000], "DIR/b.flac: it is ");
    let mut changed = FLAC.to_vec();
    changed[12_000] ^= 0x55;
    check("b.flac", &changed, "DIR/b.flac: it is cut short or damaged");
    check("b.ogg", OPUS, "DIR/b.ogg: its sound is encoded in another way");
    let ragged = WavFolder { on_error: OnError::Skip, ..config(&folder) };
    folder.write("b.wav", b"");
    let found = describe(&ragged);
    assert_eq!((found.length, found.passed_over.counts["sounds that cannot be used"]), (1, 1));
    assert!(found.passed_over.warnings[0].contains("1 of 2 sounds cannot be used and are left out: "), "{found:?}");
}

#[test]
fn silence_and_other_formats_are_warned_of() {
    let folder = Folder::new();
    folder.write("a.wav", &tone(300.0, 8_000, 1_024));
    folder.write("b.wav", &whole(spec(1, 8_000, 16), [3, -2].repeat(700)));
    folder.write("c.aiff", AIFF);
    folder.write("notes.txt", b"no sound");
    let found = describe(&config(&folder));
    let warnings = found.passed_over.warnings.join("\n").replace(folder.path().to_str().unwrap(), "DIR");
    assert_eq!(
        warnings,
        "DIR: not read: AIFF sounds (1); WAV, FLAC, Ogg Vorbis and MP3 are\nDIR: 1 of 2 sounds are silent: DIR/b.wav"
    );
    assert_eq!(found.passed_over.counts["files that are no sounds"], 1);
    let empty = Folder::new();
    let nothing = DataConfig::of(config(&empty)).open(Split::Train).unwrap_err();
    assert!(nothing.is_missing(), "{nothing}");
    empty.write("notes.txt", b"no sound");
    assert_eq!(
        refused(&empty, &config(&empty)),
        "DIR: it holds no WAV, FLAC, Ogg Vorbis or MP3 sound; passed over: files that are no sounds (1)"
    );
}

#[test]
fn settings_out_of_range_are_reported() {
    let folder = Folder::new();
    let problems = |config: WavFolder| {
        DataConfig::of(config).check().into_iter().map(|problem| problem.message).collect::<Vec<_>>()
    };
    assert!(problems(config(&folder)).is_empty());
    assert_eq!(problems(WavFolder { rate: 10, length: 3, ..config(&folder) }).len(), 2);
    assert!(problems(WavFolder { pieces: 3, ..config(&folder) })[0].contains("need `crop: random`"));
    assert_eq!(problems(WavFolder { pieces: 0, ..config(&folder) }).len(), 2);
}

/// `metrics` reads a folder of sounds like the other set, or as the sounds are.
#[test]
fn sounds_to_be_measured_have_the_format_of_the_others() {
    let folder = Folder::new();
    folder.write("1.wav", &tone(300.0, 8_000, 1_500));
    folder.write("2.wav", &tone(300.0, 8_000, 700));
    assert!(Samples::are_sounds(folder.path()));
    let own = Samples::read_sounds(folder.path(), None).unwrap();
    assert_eq!(own.format(), Some(Format::Audio { channels: 1, length: 1_500, rate: 8_000 }));
    let like = Format::Audio { channels: 1, length: 512, rate: 4_000 };
    let cut = Samples::read_sounds(folder.path(), Some(like)).unwrap();
    assert_eq!((cut.format(), cut.len()), (Some(like), 2));
    assert_eq!(data::source_of(folder.path()).unwrap(), "wav-folder");
    folder.write("3.png", b"\x89PNG\r\n\x1a\n and so on");
    assert!(!Samples::are_sounds(folder.path()));
}
