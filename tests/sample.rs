//! `sample`: pictures from a checkpoint, the same for the same seed.

use std::fs;
use tests::Lab;

fn trained() -> Lab {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    lab.run("sweep one.yaml").exits(0);
    lab
}

/// Header and values of NumPy's format 1.0, see `numpy.lib.format`.
fn read_npy(bytes: &[u8]) -> (String, Vec<f32>) {
    assert_eq!(bytes[..8], *b"\x93NUMPY\x01\x00");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!((10 + length) % 64, 0, "data is aligned");
    let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
    assert!(header.ends_with('\n'));
    let values = bytes[10 + length..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    (header.to_owned(), values.collect())
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let lab = trained();
    for name in ["x.png", "x.npy"] {
        let sample = |seed: u64, out: &str| {
            lab.run(&format!("sample mlp-s0 --count 5 --seed {seed} --out {out}-{name}")).exits(0);
            fs::read(lab.path(format!("{out}-{name}"))).unwrap()
        };
        let first = sample(1, "a");
        assert_eq!(first, sample(1, "b"), "{name}");
        assert_ne!(first, sample(2, "c"), "{name}");
    }
    assert!(fs::read(lab.path("a-x.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn an_array_has_its_shape_in_its_header_and_pixels_in_range() {
    let lab = trained();
    for (arguments, count) in [("--count 5", 5), ("--count 300", 300), ("--count 3 --interpolate 4", 9)] {
        lab.run(&format!("sample mlp-s1 {arguments} --out x.npy")).exits(0);
        let (header, values) = read_npy(&fs::read(lab.path("x.npy")).unwrap());
        assert!(header.contains(&format!("'shape': ({count}, 1, 28, 28)")), "{arguments}: {header}");
        assert!(header.contains("'descr': '<f4'") && header.contains("'fortran_order': False"), "{header}");
        assert_eq!(values.len(), count * 28 * 28);
        assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)));
        assert_ne!(values[..28 * 28], values[28 * 28..2 * 28 * 28], "two images");
    }
}

#[test]
fn a_folder_gets_one_picture_each() {
    let lab = trained();
    lab.run("sample mlp-s0 --count 3 --out pictures").exits(0);
    let mut names: Vec<_> = fs::read_dir(lab.path("pictures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with("png"))
        .collect();
    names.sort();
    assert_eq!(names, ["000000.png", "000001.png", "000002.png"]);
    let read = |name| fs::read(lab.path("pictures").join(name)).unwrap();
    assert!(read("000000.png").starts_with(b"\x89PNG"));
    assert_ne!(read("000000.png"), read("000001.png"));
}

#[test]
fn a_run_is_found_by_its_folder_or_the_beginning_of_its_id() {
    let lab = trained();
    let id = &lab.sweep("one").ids()[0];
    for (run, out) in
        [(format!("results/one/runs/{id}"), "a.png"), (id.clone(), "b.png"), (id[..7].to_owned(), "c.png")]
    {
        let sample = lab.run(&format!("sample {run} --count 4 --out {out} --format json")).exits(0).json();
        assert_eq!((&sample["run"], &sample["step"], &sample["count"]), (&id.as_str().into(), &6.into(), &4.into()));
        assert_eq!(fs::read(lab.path(out)).unwrap(), fs::read(lab.path("a.png")).unwrap(), "{run}");
    }
    for (run, words) in [("mlp-s9", "begins with `mlp-s9`"), ("mlp", "could be any of")] {
        let ended = lab.run(&format!("sample {run} --out no.png")).exits(2);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
        assert!(!lab.path("no.png").exists());
    }
}

#[test]
fn a_run_without_a_sound_checkpoint_has_no_pictures() {
    let lab = trained();
    let id = &lab.sweep("one").ids()[0];
    for step in ["step-000003", "step-000006"] {
        lab.write(&format!("results/one/runs/{id}/checkpoints/{step}/average.bpk"), "torn");
    }
    let ended = lab.run("sample mlp-s0 --out no.png").exits(2);
    assert!(ended.stderr.contains("checkpoint"), "{}", ended.stderr);
}

#[test]
fn no_pictures_at_all_are_a_wrong_command_line() {
    let lab = trained();
    lab.run("sample mlp-s0 --count 0 --out no.png").exits(2);
    assert!(!lab.path("no.png").exists());
}

/// Its folder is kept and holds all that it takes.
#[test]
fn a_run_that_is_no_longer_planned_can_be_sampled() {
    let lab = trained();
    lab.run("sample mlp-s1 --count 4 --out planned.png").exits(0);
    lab.tiny("one", "sweep: { seeds: [0] }");
    lab.run("sweep one.yaml").exits(0);
    lab.run("sample mlp-s1 --count 4 --out x.png").exits(0);
    assert_eq!(fs::read(lab.path("x.png")).unwrap(), fs::read(lab.path("planned.png")).unwrap());
}

#[test]
fn more_images_than_memory_holds_are_refused() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let id = lab.sweep("one").ids().remove(0);
    for request in ["--count 100001", "--interpolate 100000000000", "--count 2 --interpolate 5000000"] {
        let refused = lab.run(&format!("sample {id} --out x.png {request}")).exits(2);
        assert!(refused.stderr.contains("more than 100000 samples"), "{}", refused.stderr);
    }
}

#[test]
fn a_class_is_had_from_generators_that_know_classes() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml --set model.conditioning=concat --set model.latent.distribution=uniform").exits(0);
    let id = lab.sweep("one").ids().remove(0);
    let sample = |arguments: &str| lab.run(&format!("sample {id} --count 20 --out x.npy {arguments}"));
    let images = |arguments: &str| {
        sample(arguments).exits(0);
        read_npy(&fs::read(lab.path("x.npy")).unwrap()).1.chunks(784).map(<[f32]>::to_vec).collect::<Vec<_>>()
    };
    for out in ["singles", "singles --class 7"] {
        lab.run(&format!("sample {id} --count 20 --out {out}")).exits(0);
        let folders = fs::read_dir(lab.path("singles")).unwrap().map(|entry| entry.unwrap().file_name());
        let mut folders: Vec<_> = folders.filter(|name| name != ".made-by-runner").collect();
        folders.sort();
        let expected =
            if out.ends_with('7') { vec!["7"] } else { ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].to_vec() };
        assert_eq!(folders, expected);
    }
    lab.write("singles/mine.txt", "mine");
    assert!(lab.run(&format!("sample {id} --out singles")).exits(2).says("mine.txt is no sample"));
    lab.run(&format!("sample {id} --count 2 --out singles --force")).exits(0);
    let (in_turn, of_class) = (images(""), images("--class 7"));
    let same: Vec<usize> = (0..20).filter(|at| in_turn[*at] == of_class[*at]).collect();
    assert_eq!(same, [7, 17]);
    for (arguments, words) in [("--class 10", "classes 0 to 9"), ("--truncation 1", "uniform")] {
        let refused = sample(arguments).exits(2);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    let lab = trained();
    for (arguments, words) in [
        ("--class 1", "model.conditioning"),
        ("--truncation 0", "at least 0.01"),
        ("--style-truncation 2", "in [0, 1]"),
        ("--style-truncation 0.5", "no styles"),
    ] {
        let refused = lab.run(&format!("sample mlp-s0 --out no.png {arguments}")).exits(2);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    lab.run("sample mlp-s0 --truncation 0.5 --out x.png").exits(0);
}

#[test]
fn a_run_is_sampled_where_its_data_set_is_not() {
    let lab = Lab::new();
    let header: Vec<u8> = [0x803_u32, 8, 8, 8].iter().flat_map(|word| word.to_be_bytes()).collect();
    lab.write("images", [header, (0..=255).cycle().take(512).collect()].concat());
    lab.write("labels", [0, 0, 8, 1, 0, 0, 0, 8, 0, 1, 2, 9, 9, 2, 1, 0]);
    lab.tiny("one", "");
    let data = "--set data.name=idx --set data.images=images --set data.labels=labels";
    lab.run(&format!("sweep one.yaml {data} --set model.conditioning=concat")).exits(0);
    fs::remove_file(lab.path("images")).unwrap();
    let id = lab.sweep("one").ids().remove(0);
    lab.run(&format!("sample {id} --count 2 --out x.png")).exits(0);
    lab.run(&format!("sample {id} --count 2 --class 9 --out x.png")).exits(0);
    let refused = lab.run(&format!("sample {id} --count 2 --class 3 --out x.png")).exits(2);
    assert!(
        refused.stderr.contains("--class 3: the run's generator knows the classes 0, 1, 2, 9"),
        "{}",
        refused.stderr
    );
}

/// As `runner metrics` reads them: features, two each.
#[test]
fn points_are_a_picture_of_the_plane_or_an_array() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let points = "--set data.name=ring-8 --set data.count=300 --set model.generator.output=linear";
    lab.run(&format!("sweep one.yaml {points}")).exits(0);
    let id = lab.sweep("one").ids().remove(0);
    let dimensions = |bytes: &[u8]| [16, 20].map(|at| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()));
    for step in ["step-000003", "step-000006"] {
        let picture = fs::read(lab.path(format!("results/one/runs/{id}/samples/{step}.png"))).unwrap();
        assert_eq!(dimensions(&picture), [256, 256], "{step}");
    }
    lab.run(&format!("sample {id} --count 5 --out x.png")).exits(0);
    assert_eq!(dimensions(&fs::read(lab.path("x.png")).unwrap()), [256, 256]);
    let stdout = lab.run(&format!("sample {id} --count 5 --out x.npy")).exits(0).stdout;
    assert!(stdout.starts_with("5 points of"), "{stdout}");
    let (header, values) = read_npy(&fs::read(lab.path("x.npy")).unwrap());
    assert!(header.contains("'shape': (5, 2), "), "{header}");
    assert_eq!(values.len(), 10);
    lab.run("metrics ring-8:test x.npy --metrics modes_ring_8").exits(0);
    let refused = lab.run(&format!("sample {id} --count 5 --out singles")).exits(2);
    assert!(refused.stderr.contains("--out can be a .png or a .npy"), "{}", refused.stderr);
    assert!(!lab.path("singles").exists());
}
