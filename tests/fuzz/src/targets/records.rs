//! What a run and a sweep leave behind.

use super::{Target, write};
use record::{Plan, RunFolder, RunRecord, SweepFolder};
use std::fs;
use std::path::Path;

/// Events of a run, from the committed record of format 1 and in today's words.
pub(super) const EVENTS: Target = Target {
    name: "events",
    seeds: || {
        let today = br#"{"event":"format","version":2}
{"event":"started","attempt":1,"step":0,"device":"cpu:flex","threads":1,"at":1.0}
{"event":"scalars","step":10,"at":2.0,"loss/generator":0.5,"loss/discriminator":"NaN"}
{"event":"artifact","role":"samples","media":"image/png","file":"samples/step-000010.png","step":10,"at":2.5}
{"event":"ended","status":"done","step":10,"weights_digest":"blake3:00","wall_secs":1.5,"at":3.0}
"#;
        [vec![today.to_vec()], recorded("events.jsonl")].concat()
    },
    words: &["\"event\":\"evaluation\"", "1e400", "-1", "18446744073709551615", "null", "\\u0000", "\"file\":\"../x\""],
    read: |folder, bytes| {
        let run = RunFolder::new(folder.join("run"));
        fs::create_dir_all(run.path()).expect("the folder for temporary files can be written");
        write(&run.events(1), bytes);
        if let Ok(record) = RunRecord::read(run) {
            let _ = (record.status(&record::Live::default()), record.metrics());
        }
    },
};

/// The plan of a sweep.
pub(super) const PLAN: Target = Target {
    name: "plan",
    seeds: || recorded("plan.json"),
    words: &["1e400", "-1", "18446744073709551615", "null", "\"format\": 1"],
    read: |folder, bytes| {
        let sweep = SweepFolder::new(folder);
        write(&sweep.plan(), bytes);
        let _ = Plan::read(&sweep);
    },
};

/// The files of this name in the committed records.
fn recorded(name: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).expect("the fixtures are part of the repository");
        for path in entries.map(|entry| entry.expect("the fixtures can be read").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(name) {
                found.push(fs::read(path).expect("the fixtures can be read"));
            }
        }
    }
    found.sort();
    found
}
