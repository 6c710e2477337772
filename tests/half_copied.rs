//! Folders that are damaged, half copied or being written: each command has a useful answer or one line that says why
//! not.

use serde_json::Value;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use tests::{Ended, Lab, until};

fn trained(seeds: u32) -> Lab {
    let lab = Lab::new();
    lab.tiny("two", &format!("sweep: {{ seeds: {seeds} }}"));
    lab.run("sweep two.yaml").exits(0);
    lab
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
}

type Damage = (&'static str, fn(&Path));

/// What may have become of a file or folder.
const DAMAGES: [Damage; 5] = [
    ("gone", remove),
    ("empty", |path| {
        remove(path);
        fs::write(path, "").unwrap();
    }),
    ("cut", |path| match fs::read(path) {
        Ok(bytes) => fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        Err(_) => remove(&fs::read_dir(path).unwrap().next().unwrap().unwrap().path()),
    }),
    ("foreign", |path| {
        remove(path);
        fs::write(path, b"\xff\xfe\0[1,2\n{\"event\":\"started\"}\n").unwrap();
    }),
    ("a folder", |path| {
        remove(path);
        fs::create_dir_all(path.join("x")).unwrap();
    }),
];

/// Exit code 0, or one line on standard error that names something.
fn is_clear(ended: &Ended, names: &str) -> bool {
    let errors = ended.stderr.trim_end();
    ended.code == Some(0)
        || (matches!(ended.code, Some(2 | 3))
            && errors.starts_with("error: ")
            && errors.lines().count() == 1
            && errors.contains(names))
}

#[test]
fn whatever_became_of_a_run_the_others_are_reported() {
    let lab = trained(2);
    let ids = lab.sweep("two").ids();
    let entries = fs::read_dir(lab.sweep("two").run(&ids[0])).unwrap();
    let mut parts: Vec<PathBuf> = entries.map(|entry| PathBuf::from(entry.unwrap().file_name())).collect();
    assert!(parts.len() >= 5, "{parts:?}");
    parts.push(PathBuf::new());
    fs::rename(lab.path("results"), lab.path("good")).unwrap();
    for (part, (damage, apply)) in parts.iter().flat_map(|part| DAMAGES.iter().map(move |damage| (part, damage))) {
        let case = format!("{} is {damage}", part.display());
        tests::copy_folder(&lab.path("good"), &lab.path("results"));
        let run = lab.sweep("two").run(&ids[0]);
        apply(&if part.as_os_str().is_empty() { run } else { run.join(part) });

        for line in ["status results/two --format json", "export results/two"] {
            let ended = lab.run(line).exits(0);
            assert!(ids.iter().all(|id| ended.stdout.contains(id.as_str())), "{case}: {ended:#?}");
        }
        lab.run("report results/two").exits(0);
        let page = fs::read_to_string(lab.path("results/two/report.html")).unwrap();
        assert!(ids.iter().all(|id| page.contains(id.as_str())), "{case}");
        for line in
            [format!("why {}", ids[0]), format!("compare {} {}", ids[0], ids[1]), "gc results/two --dry-run".to_owned()]
        {
            let ended = lab.run(&line);
            assert!(is_clear(&ended, &ids[0]), "{case}: {ended:#?}");
        }
        assert!(lab.run(&format!("why {}", ids[1])).exits(0).says("is done"), "{case}");
        remove(&lab.path("results"));
    }
}

#[test]
fn a_run_whose_record_cannot_be_read_is_queued_and_says_why() {
    let lab = trained(2);
    let sweep = lab.sweep("two");
    let run = sweep.run(&sweep.ids()[0]);
    remove(&run);
    fs::write(&run, "a file").unwrap();
    let status = sweep.status();
    assert_eq!((&status[0]["status"], &status[1]["status"]), (&Value::from("queued"), &Value::from("done")));
    assert!(status[0]["reason"].as_str().unwrap().contains("cannot be read"), "{:#}", status[0]);
    assert!(lab.run("report results/two").exits(0).stderr.contains("its record cannot be read"));
}

#[test]
fn foreign_files_in_a_results_folder_are_passed_over() {
    let lab = trained(1);
    let sweep = lab.sweep("two");
    let id = &sweep.ids()[0];
    lab.write("results/notes.txt", "x");
    lab.write("results/two/runs/notes.txt", "x");
    lab.write("results/two/runs/mlp-s7/config.yaml", "run: [");
    lab.write("results/two/runs/mlp-s8/checkpoints/step-x/y", "x");
    let unnamable = sweep.path().join("runs").join(std::ffi::OsStr::from_bytes(b"\xff"));
    fs::create_dir_all(unnamable.join("checkpoints/.step-000001.tmp-1-0")).unwrap();
    std::os::unix::fs::symlink("/", sweep.path().join("runs/everything")).unwrap();
    for line in
        ["status", "status results/two", "report results/two", "export results/two", "gc results/two --format json"]
    {
        lab.run(line).exits(0);
    }
    assert!(lab.run(&format!("why {id}")).exits(0).says("is done"));
    assert!(lab.run("sweep two.yaml").exits(0).says("1 done"));
    assert!(is_clear(&lab.run("why mlp-s8"), "mlp-s8"));
    lab.run("why mlp-s7").exits(2);
}

/// A reader sees the plan whole or not at all while a sweep lives; a copy may hold any part of it.
#[test]
fn a_plan_cut_anywhere_is_told_by_name() {
    let lab = trained(2);
    let path = lab.sweep("two").path().join("plan.json");
    let whole = fs::read(&path).unwrap();
    let spread = (0..24).map(|part| (whole.len() - 2) * part / 24);
    let ends = whole.len() - 8..whole.len() - 1;
    for (number, cut) in spread.chain(ends).enumerate() {
        fs::write(&path, &whole[..cut]).unwrap();
        let line = ["status results/two", "export results/two", "gc results/two", "status --watch"][number % 4];
        let ended = lab.run(line).exits(2);
        assert!(is_clear(&ended, "plan.json is damaged"), "cut at byte {cut}: {ended:#?}");
        if number % 6 == 0 {
            lab.run("sweep two.yaml").exits(0);
            assert_eq!(lab.run("status results/two").exits(0).stdout.lines().count(), 4, "cut at byte {cut}");
        }
    }
}

#[test]
fn a_live_sweep_can_be_asked_anything() {
    let lab = Lab::new();
    lab.tiny("two", "sweep: { seeds: 2 }\nexecution: { jobs: 2, threads: 1 }");
    let mut running = lab.start("sweep two.yaml --set train.steps=100000");
    let sweep = lab.sweep("two");
    until("a sweep that runs", || sweep.newest_checkpoint());
    let ids = sweep.ids();
    for _ in 0..4 {
        for line in ["status", "export results/two", "report results/two", "plan two.yaml --diff"] {
            lab.run(line).exits(0);
        }
        lab.run(&format!("why {}", ids[0])).exits(0);
        lab.run(&format!("compare {} {}", ids[0], ids[1])).exits(0);
        lab.run("gc results/two").exits(2);
    }
    assert!(running.is_running());
}

#[test]
fn one_folder_that_cannot_be_read_keeps_no_other_run_from_training() {
    let lab = Lab::new();
    lab.tiny("bad", "sweep: { seeds: 3 }");
    lab.run("sweep bad.yaml").exits(0);
    let sweep = lab.sweep("bad");
    let (ids, digests) = (sweep.ids(), sweep.digests());
    for id in &ids[..2] {
        fs::remove_dir_all(sweep.run(id)).unwrap();
    }
    fs::write(sweep.run(&ids[0]), "a file").unwrap();
    lab.run("plan bad.yaml").exits(0);
    let ended = lab.run("sweep bad.yaml").exits(1);
    assert!(ended.says("move it away to train it anew") && ended.says("2 done, 1 failed"), "{ended:#?}");
    fs::remove_file(sweep.run(&ids[0])).unwrap();
    lab.run("sweep bad.yaml").exits(0);
    assert_eq!(sweep.digests(), digests);
}
