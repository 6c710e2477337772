//! The commands that only tell: each as text and as JSON.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::Stdio;
use tests::Lab;

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

/// The JSON of a command; its text form must work, too, and say the words.
fn check(line: &str, words: &[&str]) -> Value {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    let text = lab.run(line).exits(0);
    for word in words {
        assert!(text.stdout.contains(word), "`{line}` does not say {word:?}: {}", text.stdout);
    }
    assert!(serde_json::from_str::<Value>(&text.stdout).is_err(), "text is for people");
    let json = lab.run(&format!("{line} --format json")).exits(0);
    assert_eq!(json.stderr, "", "`{line}`");
    json.json()
}

#[test]
fn plan() {
    let plan = check("plan one.yaml", &["mlp-s0-", "mlp-s1-", "queued", "2 runs"]);
    assert_eq!(plan["sweep"], "one");
    let runs = plan["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    for (seed, run) in runs.iter().enumerate() {
        assert_eq!((&run["seed"], &run["steps"], &run["status"]), (&seed.into(), &6.into(), &"queued".into()));
        assert_eq!(run["config"]["train"]["batch_size"], 4);
    }
}

#[test]
fn models() {
    let models = check("models", &["guide", "dcgan", "mlp", "non_saturating"]);
    let families: [(&str, &[&str]); 4] = [
        ("presets", &["guide", "dcgan", "mlp", "gan", "wgan-gp", "sngan", "sagan", "lucic-wgan"]),
        ("losses", &["minimax", "non_saturating", "least_squares", "wasserstein", "hinge", "relativistic", "softmax"]),
        ("penalties", &["gradient_norm", "r1", "r2", "dragan", "orthogonal", "clip"]),
        ("architectures", &["guide", "dcgan", "resnet", "infogan", "stacked", "mlp", "maxout"]),
    ];
    for (family, expected) in families {
        let found = names(&models[family]);
        assert!(expected.iter().all(|name| found.contains(name)), "{family}: {found:?}");
    }
    for preset in models["presets"].as_array().unwrap() {
        assert!(preset["paper"].is_string() && preset["settings"]["model"].is_object(), "{preset:#}");
    }
    let of = |family: &str| models[family].as_array().unwrap().clone();
    for entry in [of("losses"), of("penalties")].concat() {
        assert!(entry["paper"].is_string(), "{entry:#}");
    }
}

/// A preset that is added is tried.
#[test]
fn the_smoke_experiment_has_every_preset() {
    let models = check("models", &[]);
    let lab = Lab::new();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../experiments/smoke.yaml");
    let plan = lab.run(&format!("plan {file} --format json")).exits(0).json();
    let runs = plan["runs"].as_array().unwrap().iter();
    let tried: BTreeSet<_> = runs.map(|run| run["config"]["model"]["preset"].as_str().unwrap().to_owned()).collect();
    let all: BTreeSet<_> = names(&models["presets"]).into_iter().map(str::to_owned).collect();
    assert_eq!(tried, all);
}

#[test]
fn data() {
    let list = check("data list", &["mnist-10k", "idx"]);
    assert_eq!(
        names(&list),
        [
            "mnist-10k",
            "stacked-mnist",
            "fashion-mnist",
            "cifar-10",
            "emoji-pairs",
            "two-hands",
            "image-folder",
            "image-zip",
            "webdataset",
            "image-parquet",
            "array",
            "idx",
            "paired-folder",
            "unpaired-folder",
            "points",
            "ring-8",
            "grid-25",
            "spiral",
            "shapes",
            "drums",
            "notes",
            "wav-folder",
            "moving-digits",
            "frames-folder"
        ]
    );
    assert_eq!(list[0]["available"], true, "the digits are part of the program");
    let digits = check("data show mnist-10k", &["9000", "28 x 28"]);
    assert_eq!((&digits["length"], &digits["classes"]), (&9000.into(), &10.into()));
    let ring = check("data show ring-8", &["points:", "100000"]);
    assert_eq!((&ring["length"], &ring["classes"]), (&100_000.into(), &8.into()));
    assert!(digits["fingerprint"].as_str().unwrap().starts_with("blake3:"), "{digits:#}");
}

#[test]
fn data_import() {
    let lab = Lab::new();
    lab.run("data import mnist-10k digits.zip --test").exits(0).says("digits.zip: 1000 images of 28 x 28, 10 classes");
    let shown = lab.run("data show digits.zip --format json").exits(0).json();
    assert_eq!((&shown["name"], &shown["length"], &shown["classes"]), (&"image-zip".into(), &1000.into(), &10.into()));
    let before = fs::read(lab.path("digits.zip")).unwrap();
    assert!(lab.run("data import mnist-10k digits.zip").exits(2).stderr.contains("`--force` replaces it"));
    lab.run("data import ring-8 points.zip").exits(2);
    assert_eq!(fs::read(lab.path("digits.zip")).unwrap(), before);
    assert_eq!(
        fs::read_dir(lab.path("")).unwrap().filter(|entry| entry.as_ref().unwrap().file_name() != "digits.zip").count(),
        0
    );
}

#[test]
fn doctor() {
    let doctor = check("doctor", &["cuda", "numeric class", "mnist-10k"]);
    assert!(!doctor["auto"]["devices"].as_array().unwrap().is_empty(), "{doctor:#}");
    assert!(doctor["auto"]["because"].is_string() && doctor["numeric_class"].is_string(), "{doctor:#}");
    assert!(doctor["cores"].as_u64().unwrap() > 0 && doctor["results"]["free_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn report() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    for made in ["report.html", "tensorboard"] {
        let path = lab.sweep("one").path().join(made);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    let report = lab.run("report results/one --format json").exits(0).json();
    assert_eq!((&report["runs"], &report["warnings"]), (&1.into(), &Value::Array(Vec::new())));
    for made in ["report", "tensorboard"] {
        assert!(lab.path(report[made].as_str().unwrap()).exists(), "{made}");
    }
}

#[test]
fn report_of_several_sweeps() {
    let lab = Lab::new();
    for name in ["one", "two"] {
        lab.tiny(name, "");
        lab.run(&format!("sweep {name}.yaml")).exits(0);
    }
    let refused = lab.run("report results/one results/two").exits(2);
    assert!(refused.stderr.contains("--out"), "{}", refused.stderr);
    let report = lab.run("report results/one results/two --out both --format json").exits(0).json();
    assert_eq!((&report["runs"], report["report"].as_str()), (&2.into(), Some("both/report.html")));
    for name in ["one", "two"] {
        assert!(lab.path("both/tensorboard").join(name).is_dir());
    }
    let table = lab.run("report results/one --format md").exits(0).stdout;
    assert!(table.starts_with("### one\n") && table.contains("| configuration |"), "{table}");
}

#[test]
fn help_names_every_command_but_the_worker() {
    let lab = Lab::new();
    let help = lab.run("--help").exits(0).stdout;
    let commands = [
        "sweep",
        "plan",
        "status",
        "why",
        "report",
        "compare",
        "export",
        "sample",
        "gc",
        "verify",
        "models",
        "data",
        "schema",
        "doctor",
        "completions",
    ];
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        lab.run(&format!("{command} --help")).exits(0);
    }
    assert!(!help.contains("worker "), "{help}");
    assert!(lab.run("--version").exits(0).stdout.starts_with("runner "));
}

#[test]
fn completions_for_each_shell_offer_every_command_but_the_worker() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = lab.run(&format!("completions {shell}")).exits(0).stdout;
        for word in ["sweep", "compare", "completions", "interval", "dry-run"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        assert!(!script.contains("time-limit"), "{shell} offers what only a launcher uses");
    }
    lab.write("completions.bash", lab.run("completions bash").exits(0).stdout);
    let shell = std::process::Command::new("bash").arg("-n").arg(lab.path("completions.bash")).output();
    assert!(shell.map_or(true, |checked| checked.status.success()), "not a script");

    lab.write("results/one/runs/mlp-s0-1111/config.yaml", "");
    lab.write("results/two/runs/guide-s0-2222/config.yaml", "");
    let completed = "source completions.bash; COMP_WORDS=(runner why ml); COMP_CWORD=2; _runner_with_runs runner ml why; \
        echo \"${COMPREPLY[@]}\"";
    let shell = std::process::Command::new("bash").args(["-c", completed]).current_dir(lab.path("")).output();
    let words = shell.map(|ended| String::from_utf8(ended.stdout).unwrap());
    assert!(words.as_ref().map_or(true, |words| words == "mlp-s0-1111\n"), "{words:?}");
    lab.write("completions.fish", lab.run("completions fish").exits(0).stdout);
    let completed = "source completions.fish; complete -C 'runner why ml'";
    let shell = std::process::Command::new("fish").args(["-c", completed]).current_dir(lab.path("")).output();
    let words = shell.map(|ended| String::from_utf8(ended.stdout).unwrap());
    assert!(words.as_ref().map_or(true, |words| words.contains("mlp-s0-1111")), "{words:?}");
    lab.write("completions.zsh", lab.run("completions zsh").exits(0).stdout);
    let shell = std::process::Command::new("zsh").arg("-n").arg(lab.path("completions.zsh")).output();
    assert!(shell.map_or(true, |checked| checked.status.success()), "not a script");
    lab.run("completions nothing").exits(2);
}

/// As in `runner status | head`, and with a full disk behind `>`.
#[test]
fn an_output_that_cannot_be_written_is_no_panic() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let lines = [
        "status",
        "status --format json",
        "status --watch",
        "models",
        "plan one.yaml",
        "plan one.yaml --diff",
        "why mlp-s0",
        "export results/one",
        "compare mlp-s0 mlp-s0",
        "gc results/one",
        "completions bash",
        "data list",
        "doctor --format json",
    ];
    for line in lines {
        for (name, stdout) in [("closed", closed()), ("full", full())] {
            let output = lab.command(line).stdout(stdout).stderr(Stdio::piped()).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(!errors.contains("panicked") && output.status.code() != Some(101), "`{line}`, {name}: {errors}");
        }
    }
}

/// The page's command trains the same runs again, not those of the bare file.
#[test]
fn the_page_tells_the_whole_command() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let line = "sweep one.yaml --set train.steps=2 --results elsewhere";
    lab.run_with(("RUNNER_TRAIN__BATCH_SIZE", "3"), line).exits(0);
    let page = fs::read_to_string(lab.path("elsewhere/one/report.html")).unwrap();
    let command = "RUNNER_TRAIN__BATCH_SIZE=3 runner sweep one.yaml --set train.steps=2 --results elsewhere";
    assert!(page.contains(command), "{page}");
}
