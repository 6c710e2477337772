//! Files that were cut or changed: readable parts are read, the rest is reported, and the next sweep makes it whole.

use std::fs::{self, OpenOptions};
use std::path::Path;
use tests::Lab;

/// Takes away the line that says how the run ended: as if it had been killed after its last checkpoint.
fn forget_the_end(run: &Path) {
    let path = run.join("events.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(last.contains("\"ended\""), "{last}");
    fs::write(&path, format!("{kept}\n")).unwrap();
}

fn truncate(path: &Path, length: impl Fn(u64) -> u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    let before = file.metadata().unwrap().len();
    let after = length(before);
    assert!(after < before, "{} has {before} bytes", path.display());
    file.set_len(after).unwrap();
}

fn flip_a_bit(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_checkpoint_is_passed_over_with_a_warning() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let digests = lab.sweep("one").digests();
    let id = &lab.sweep("one").ids()[0];

    // After the last step no update follows: only the checkpoint before it has optimizers to damage.
    type Damage = fn(&Path);
    let cases: [(&str, Damage, &[u64]); 8] = [
        ("step-000006/gan.bpk", |path| truncate(path, |length| length / 2), &[3]),
        ("step-000006/gan.bpk", |path| truncate(path, |_| 0), &[3]),
        ("step-000006/average.bpk", flip_a_bit, &[3]),
        ("step-000006/manifest.json", |path| truncate(path, |length| length / 2), &[3]),
        ("step-000006/manifest.json", |path| fs::remove_file(path).unwrap(), &[3]),
        ("step-000003/gan.bpk", flip_a_bit, &[]),
        ("step-000003/generator-optimizer.bpk", |path| truncate(path, |length| length - 1), &[]),
        ("step-000003/discriminator-optimizer.bpk", |path| fs::remove_file(path).unwrap(), &[]),
    ];
    for (number, (file, damage, sound)) in cases.into_iter().enumerate() {
        let results = format!("case-{number}");
        tests::copy_folder(&lab.path("results"), &lab.path(&results));
        let sweep = lab.sweep_in(&format!("{results}/one"));
        forget_the_end(&sweep.run(id));
        let checkpoints = sweep.run(id).join("checkpoints");
        if sound.is_empty() {
            fs::remove_dir_all(checkpoints.join("step-000006")).unwrap();
        }
        damage(&checkpoints.join(file));
        let resumes_at = sound.first().copied().unwrap_or(0);

        let ended = lab.run(&format!("sweep one.yaml --results {results}")).exits(0);
        let case = format!("case {number}: {file}\n{}", ended.stderr);
        assert_eq!(sweep.digests(), digests, "{case}");
        let started = sweep.events_of(id, "started").pop().unwrap();
        assert_eq!((&started["attempt"], &started["step"]), (&2.into(), &resumes_at.into()), "{case}");
        let warnings: Vec<_> =
            sweep.events_of(id, "warning").iter().map(|event| event["message"].to_string()).collect();
        assert!(warnings.len() == 1 && warnings[0].contains(file), "{case}: {warnings:?}");
        assert!(ended.stderr.contains("warning"), "{case}");
        assert_eq!(sweep.checkpoints(id), [3, 6], "{case}");
    }
}

/// One sweep whose runs are each cut at another byte of their record.
#[test]
fn records_cut_at_any_byte_are_read_and_completed() {
    const RUNS: u64 = 40;
    let lab = Lab::new();
    lab.tiny("cut", &format!("sweep: {{ seeds: {RUNS} }}"));
    lab.run("sweep cut.yaml").exits(0);
    let sweep = lab.sweep("cut");
    let (ids, digests) = (sweep.ids(), sweep.digests());
    let mut unfinished = 0;
    for (id, part) in ids.iter().zip(0..) {
        let path = sweep.run(id).join("events.jsonl");
        // From nothing to all but the last line's end; the thirds between fall anywhere in a line.
        truncate(&path, |length| (length - 1) * part / (RUNS - 1));
        unfinished += u64::from(!fs::read_to_string(&path).unwrap().contains("weights_digest"));
    }
    assert!(unfinished >= RUNS - 5, "the cuts take the ends away: {unfinished}");

    assert_eq!(sweep.status().len(), ids.len());
    assert!(sweep.words().values().any(|word| word == "interrupted"));
    lab.run("report results/cut").exits(0);
    lab.run("plan cut.yaml").exits(0);
    lab.run("sweep cut.yaml").exits(0);
    assert_eq!(sweep.digests(), digests);
    for run in sweep.status() {
        assert_eq!(run["step"], 6, "{run:#}");
    }
}

#[test]
fn a_plan_cut_at_any_byte_is_told_of_and_made_again() {
    let lab = Lab::new();
    lab.tiny("cut", "sweep: { seeds: 2 }");
    lab.run("sweep cut.yaml").exits(0);
    let sweep = lab.sweep("cut");
    let (digests, path) = (sweep.digests(), sweep.path().join("plan.json"));
    let whole = fs::read(&path).unwrap();
    for part in 0..8 {
        let cut = (whole.len() - 2) * part / 7;
        for line in ["status results/cut", "report results/cut"] {
            fs::write(&path, &whole[..cut]).unwrap();
            let ended = lab.run(line).exits(2);
            assert!(ended.stderr.contains("plan.json"), "cut at byte {cut}: {ended:#?}");
        }
        lab.run("sweep cut.yaml").exits(0);
        assert_eq!(sweep.digests(), digests, "cut at byte {cut}");
    }
}

#[test]
fn a_plan_of_a_newer_program_is_left_alone() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let path = lab.sweep("one").path().join("plan.json");
    let newer = fs::read_to_string(&path).unwrap().replacen("\"format\": 2", "\"format\": 99", 1);
    for plan in [newer.as_str(), r#"{"format": 99, "of": "tomorrow"}"#] {
        fs::write(&path, plan).unwrap();
        for line in ["sweep one.yaml", "status results/one", "report results/one"] {
            let ended = lab.run(line).exits(2);
            assert!(
                ended.stderr.contains("plan.json has record format 99, and this version reads 1 to 2: use a later one"),
                "{ended:#?}"
            );
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), plan);
    }
}

/// What a power cut or a full disk may leave in place of any other file.
#[test]
fn other_files_that_are_empty_or_gone_are_made_again() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let (id, digests) = (&sweep.ids()[0], sweep.digests());
    for (name, left) in [
        ("report.html", None),
        ("tensorboard", None),
        (".lock", None),
        (".lock", Some("{\"pid\": 1")),
        ("plan.json", None),
        ("runs/.x.tmp-1-0", Some("torn")),
    ] {
        let path = sweep.path().join(name);
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        assert_eq!(gone.is_ok(), left != Some("torn"), "{name} is part of a results folder");
        if let Some(text) = left {
            fs::write(&path, text).unwrap();
        }
        lab.run("sweep one.yaml").exits(0);
        assert_eq!(sweep.digests(), digests, "{name}: {left:?}");
        assert!(sweep.path().join("report.html").is_file() && sweep.path().join("tensorboard").is_dir(), "{name}");
        assert_eq!(sweep.status()[0]["attempts"], 1, "{name}: {id} is not trained again");
    }
}
