//! Event files, read back record by record.

use crate::fixture::{CREATED, Sweep, planned, png, run};
use protobuf::Message;
use record::{Histogram, Role, Status};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use tensorboard_proto::api;
use tensorboard_proto::event::Event;
use tensorboard_proto::layout::Layout;
use tensorboard_proto::plugin_hparams::{HParamsPluginData, SessionStartInfo};
use tensorboard_proto::summary::Summary_Value;

/// The events of the one file in a folder; panics where a length or a checksum is wrong.
fn read(folder: &Path) -> Vec<Event> {
    let is_event_file = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("events.");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(is_event_file);
    let [file] = files.collect::<Vec<_>>().try_into().unwrap();
    events_of(&file)
}

/// The events of all files in a folder, in the order in which TensorBoard reads them.
pub(crate) fn read_all(folder: &Path) -> Vec<Event> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| events_of(file)).collect()
}

fn events_of(file: &Path) -> Vec<Event> {
    let bytes = fs::read(file).unwrap();
    let (mut rest, mut events) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        let sum = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let data = &rest[12..12 + length];
        assert_eq!((masked_crc(&rest[..8]), masked_crc(data)), (sum(8), sum(12 + length)));
        events.push(Event::parse_from_bytes(data).unwrap());
        rest = &rest[16 + length..];
    }
    events
}

/// CRC-32C, turned and shifted as TFRecord has it.
fn masked_crc(bytes: &[u8]) -> u32 {
    let crc = !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    });
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

pub(crate) fn values(events: &[Event]) -> impl Iterator<Item = (i64, &Summary_Value)> {
    events.iter().flat_map(|event| event.get_summary().get_value().iter().map(|value| (event.get_step(), value)))
}

pub(crate) fn curve(events: &[Event], tag: &str) -> Vec<(i64, f32)> {
    let of_tag = values(events).filter(|(_, value)| value.get_tag() == tag);
    of_tag.map(|(step, value)| (step, value.get_simple_value())).collect()
}

fn message(events: &[Event], tag: &str) -> Option<HParamsPluginData> {
    let (_, value) = values(events).find(|(_, value)| value.get_tag() == tag)?;
    let data = value.get_metadata().get_plugin_data();
    assert_eq!(data.get_plugin_name(), "hparams");
    Some(HParamsPluginData::parse_from_bytes(data.get_content()).unwrap())
}

fn session(sweep: &Sweep, id: &str) -> SessionStartInfo {
    let events = read(&sweep.folder.tensorboard().join(id));
    message(&events, "_hparams_/session_start_info").unwrap().take_session_start_info()
}

#[test]
fn the_checksum_is_crc32c() {
    // RFC 3720, B.4: 32 bytes of zeros.
    let unmasked = masked_crc(&[0; 32]).wrapping_sub(0xa282_ead8).rotate_left(15);
    assert_eq!(unmasked, 0x8a91_36aa);
}

#[test]
fn every_run_has_a_file_even_one_that_never_started() {
    let sweep = Sweep::mixed();
    sweep.build();
    for planned in &sweep.plan.runs {
        let events = read(&sweep.folder.tensorboard().join(&planned.id));
        assert_eq!(events[0].get_file_version(), "brain.Event:2");
        let config = values(&events).find(|(_, value)| value.get_tag() == "config").unwrap().1;
        let text = String::from_utf8(config.get_tensor().get_string_val()[0].clone()).unwrap();
        assert!(text.starts_with("```json\n{\n") && text.contains("\"steps\": 30"), "{text}");
    }
    assert_eq!(curve(&read(&sweep.folder.tensorboard().join("lr1e-2-s1")), "loss/generator"), []);
}

#[test]
fn values_of_a_step_share_an_event_with_the_time_of_the_record() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.scalars(5, &[("loss/generator", f64::NAN), ("loss/discriminator", f64::INFINITY), ("output/real", -0.5)]);
    sweep.build();
    let events = read(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    let event = events.iter().find(|event| event.get_step() == 5).unwrap();
    assert_eq!(event.get_wall_time(), CREATED + 3.0);
    let values = event.get_summary().get_value();
    assert_eq!(
        values.iter().map(Summary_Value::get_tag).collect::<Vec<_>>(),
        ["loss/discriminator", "loss/generator", "output/real"]
    );
    assert_eq!(values[0].get_simple_value(), f32::INFINITY);
    assert!(values[1].get_simple_value().is_nan());
}

#[test]
fn steps_only_grow_after_a_run_that_was_killed_and_resumed() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 20);
    sweep.attempt("lr1e-4-s0", 0, 20);
    sweep.attempt("lr1e-4-s0", 10, 30).end(Status::Done, None);
    sweep.build();
    let events = read(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    let steps: Vec<i64> = curve(&events, "loss/generator").iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [5, 10, 15, 20, 25, 30]);
    let grids: Vec<i64> = values(&events).filter(|(_, v)| v.get_tag() == "samples").map(|(step, _)| step).collect();
    assert_eq!(grids, [0, 10, 20, 30]);
    assert!(events.is_sorted_by_key(Event::get_step));
}

#[test]
fn grids_are_the_recorded_bytes_with_their_size() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.start("lr1e-4-s0", 0).sample(0, &png(9, 4, 77));
    sweep.build();
    let events = read(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    let image = values(&events).find(|(_, value)| value.get_tag() == "samples").unwrap().1.get_image();
    assert_eq!((image.get_width(), image.get_height(), image.get_colorspace()), (9, 4, 1));
    assert_eq!(image.get_encoded_image_string(), png(9, 4, 77));
}

#[test]
fn pictures_beside_the_grids_stand_at_their_steps() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.attempt("lr1e-4-s0", 0, 20);
    attempt.picture(Role::INTERPOLATION, 20, &png(9, 4, 1));
    attempt.picture(Role::REAL, 0, &png(9, 4, 2));
    sweep.build();
    let events = read(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    assert!(events.is_sorted_by_key(Event::get_step));
    for (tag, step) in [("samples/real", 0), ("samples/interpolation", 20)] {
        assert_eq!(values(&events).find(|(_, value)| value.get_tag() == tag).unwrap().0, step);
    }
}

#[test]
fn distributions_keep_their_counts_and_ends() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.attempt("lr1e-4-s0", 0, 20);
    let histogram = Histogram::of(&[-1.0, 0.25, 2.0]).unwrap();
    attempt.histograms(10, &[("logits/real", &histogram)]);
    attempt.histograms(20, &[("logits/real", &histogram)]);
    sweep.build();
    let events = read(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    assert!(events.is_sorted_by_key(Event::get_step));
    let found: Vec<_> = values(&events).filter(|(_, value)| value.get_tag() == "logits/real").collect();
    assert_eq!(found.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [10, 20]);
    let histogram = found[0].1.get_histo();
    assert_eq!(
        (histogram.get_min(), histogram.get_max(), histogram.get_num(), histogram.get_sum()),
        (-1.0, 2.0, 3.0, 1.25)
    );
    assert_eq!((histogram.get_bucket_limit(), histogram.get_bucket()), (&[0.5, 2.0][..], &[2.0, 1.0][..]));
}

#[test]
fn seeds_share_a_group_and_a_seed_is_no_hyperparameter() {
    let sweep = Sweep::mixed();
    sweep.build();
    let [a0, a1, b0] = ["lr1e-4-s0", "lr1e-4-s1", "lr1e-2-s0"].map(|id| session(&sweep, id));
    assert_eq!(a0.get_group_name(), a1.get_group_name());
    assert_ne!(a0.get_group_name(), b0.get_group_name());
    assert_eq!(a0.get_hparams().keys().collect::<Vec<_>>(), ["train.*.lr"]);
    assert_eq!(a0.get_hparams()["train.*.lr"].get_number_value(), 1e-4);

    let root = message(&read(&sweep.folder.tensorboard()), "_hparams_/experiment").unwrap();
    let [column] = root.get_experiment().get_hparam_infos() else { panic!("one column") };
    assert_eq!((column.get_name(), column.get_field_type()), ("train.*.lr", api::DataType::DATA_TYPE_FLOAT64));
    let metrics = root.get_experiment().get_metric_infos().iter().map(|metric| metric.get_name().get_tag());
    assert_eq!(metrics.collect::<Vec<_>>(), ["loss/generator", "loss/discriminator"]);
}

#[test]
fn a_column_that_mixes_numbers_and_words_is_text() {
    let penalty = [json!("none"), json!(10), json!({"kind": "r1"})];
    let runs = penalty.iter().enumerate().map(|(i, value)| run(&format!("run{i}"), 0, json!({"penalty": value})));
    let sweep = Sweep::of(runs.collect());
    sweep.build();
    let texts =
        (0..3).map(|i| session(&sweep, &format!("run{i}")).get_hparams()["penalty"].get_string_value().to_owned());
    assert_eq!(texts.collect::<Vec<_>>(), ["none", "10", "{kind: r1}"]);

    let sizes = [(1_u64 << 53) + 1, 3];
    let runs = sizes.iter().enumerate().map(|(i, size)| run(&format!("run{i}"), 0, json!({"size": size})));
    let sweep = Sweep::of(runs.collect());
    sweep.build();
    let text = (0..2).map(|i| session(&sweep, &format!("run{i}")).get_hparams()["size"].get_string_value().to_owned());
    assert_eq!(text.collect::<Vec<_>>(), ["9007199254740993", "3"], "numbers that would be rounded");
}

#[test]
fn each_split_has_its_own_floor() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.evaluation_with_floors(10, "train", &[("frechet", 5.0)], 2.5);
    attempt.evaluation_with_floors(10, "test", &[("frechet", 6.0)], 3.5);
    attempt.end(Status::Done, None);
    sweep.build();
    let root = message(&read(&sweep.folder.tensorboard()), "_hparams_/experiment").unwrap();
    let metrics = root.get_experiment().get_metric_infos().iter();
    let found: Vec<_> = metrics.map(|metric| (metric.get_name().get_tag(), metric.get_description())).collect();
    let splits = [("test/frechet", "real samples get 3.5"), ("train/frechet", "real samples get 2.5")];
    assert_eq!(found, [&[("selected/frechet", "real samples get 3.5"), ("selected/step", "")], &splits[..]].concat());
}

/// In the table of HParams, which has the last point of each tag.
#[test]
fn the_selected_step_has_tags_and_a_collapsed_run_has_none() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-4, 1)]);
    for (id, status) in [("lr1e-4-s0", Status::Done), ("lr1e-4-s1", Status::Collapsed)] {
        let mut attempt = sweep.start(id, 0);
        for (step, [train, test]) in [(10, [5.0, 7.0]), (20, [6.0, 4.0])] {
            attempt.evaluation(step, "train", &[("frechet", train)]);
            attempt.evaluation(step, "test", &[("frechet", test)]);
        }
        attempt.end(status, None);
    }
    sweep.build();
    let selected = |id: &str| {
        let events = read(&sweep.folder.tensorboard().join(id));
        assert!(events.is_sorted_by_key(Event::get_step));
        let found = values(&events).filter(|(_, value)| value.get_tag().starts_with("selected/"));
        found.map(|(step, value)| (step, value.get_tag().to_owned(), value.get_simple_value())).collect::<Vec<_>>()
    };
    let expected = [(10, "selected/frechet".to_owned(), 7.0), (10, "selected/step".to_owned(), 10.0)];
    assert_eq!(selected("lr1e-4-s0"), expected);
    assert_eq!(selected("lr1e-4-s1"), []);
}

#[test]
fn losses_of_both_networks_share_a_chart() {
    let sweep = Sweep::mixed();
    sweep.build();
    let events = read(&sweep.folder.tensorboard());
    let (_, value) = values(&events).find(|(_, value)| value.get_tag() == "custom_scalars__config__").unwrap();
    let layout = Layout::parse_from_bytes(&value.get_tensor().get_string_val()[0]).unwrap();
    let [chart] = layout.get_category()[0].get_chart() else { panic!("one chart") };
    assert_eq!(chart.get_multiline().get_tag(), ["^loss/generator$", "^loss/discriminator$"]);
}

#[test]
fn sessions_tell_how_runs_ended() {
    let sweep = Sweep::mixed();
    sweep.build();
    let status = |id: &str| {
        let end = message(&read(&sweep.folder.tensorboard().join(id)), "_hparams_/session_end_info");
        end.map(|message| message.get_session_end_info().get_status())
    };
    assert_eq!(status("lr1e-4-s0"), Some(api::Status::STATUS_SUCCESS));
    assert_eq!(status("lr1e-4-s1"), Some(api::Status::STATUS_FAILURE));
    assert_eq!(status("lr1e-2-s0"), Some(api::Status::STATUS_UNKNOWN));
    assert_eq!(status("lr1e-2-s1"), None);
}
