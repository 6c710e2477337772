//! `verify` says the same or where it first differs, and which of its two comparisons it made.

use serde_json::Value;
use std::fs;
use tests::Lab;

fn lab_with_reference() -> Lab {
    let lab = Lab::new();
    lab.tiny("exp", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] } }");
    lab.run("verify ref.json --update --experiment exp.yaml").exits(0);
    lab
}

/// Rewrites the reference.
fn edit(lab: &Lab, change: impl Fn(&mut Value)) {
    let mut reference: Value = serde_json::from_slice(&fs::read(lab.path("ref.json")).unwrap()).unwrap();
    let before = reference.clone();
    reference["runs"].as_array_mut().unwrap().iter_mut().for_each(change);
    assert_ne!(reference, before);
    lab.write("ref.json", reference.to_string());
}

fn rename_class(run: &mut Value) {
    let digests = run["digests"].as_object_mut().unwrap();
    assert_eq!(digests.len(), 1);
    let digest = std::mem::take(digests).into_iter().next().unwrap().1;
    digests.insert("of-another-machine".to_owned(), digest);
}

#[test]
fn the_same_program_on_the_same_machine_agrees_bit_for_bit() {
    let lab = lab_with_reference();
    let same = lab.run("verify ref.json").exits(0);
    assert!(same.stdout.contains("bit for bit") && same.stdout.contains("same weights"), "{}", same.stdout);
    assert!(!lab.path("results").exists(), "it trains in a temporary folder");
    let same = lab.run("verify ref.json --jobs 1 --format json").exits(0).json();
    assert_eq!((&same["same"], &same["compared"]), (&true.into(), &"digests".into()));
    assert_eq!(same["runs"].as_array().unwrap().len(), 2);
}

#[test]
fn another_epsilon_is_found_and_named() {
    let lab = lab_with_reference();
    let different = lab.run("verify ref.json --set train.generator.epsilon=1e-4").exits(4);
    assert!(different.stdout.contains("DIFFERENT"), "{}", different.stdout);
    assert!(different.stdout.contains("train.generator.epsilon"), "{}", different.stdout);
    assert!(different.stdout.contains("final weights differ"), "{}", different.stdout);
    let json = lab.run("verify ref.json --set train.generator.epsilon=1e-4 --format json").exits(4).json();
    assert_eq!(json["same"], false);
}

#[test]
fn weights_that_differ_alone_are_a_difference() {
    let lab = lab_with_reference();
    edit(&lab, |run| {
        let digests = run["digests"].as_object_mut().unwrap();
        digests.values_mut().for_each(|digest| *digest = "blake3:00".into());
    });
    let different = lab.run("verify ref.json").exits(4);
    assert!(different.stdout.contains("final weights differ"), "{}", different.stdout);
}

#[test]
fn a_misspelt_switch_is_not_taken_for_none() {
    let lab = lab_with_reference();
    let refused = lab.run_with(("RUNNER_AMX", "of"), "verify ref.json").exits(2);
    assert!(refused.stderr.contains("RUNNER_AMX is `of`"), "{}", refused.stderr);
}

#[test]
fn a_class_that_the_reference_has_not_seen_is_compared_by_losses() {
    let lab = lab_with_reference();
    edit(&lab, rename_class);
    let near = lab.run("verify ref.json").exits(0);
    assert!(near.stdout.contains("comparing losses within") && near.stdout.contains("not in the reference"));
    assert!(!near.stdout.contains("bit for bit"), "{}", near.stdout);

    edit(&lab, |run| {
        let loss = &mut run["losses"][0]["loss/generator"];
        *loss = (loss.as_f64().unwrap() + 1.0).into();
    });
    let far = lab.run("verify ref.json").exits(4);
    assert!(far.stdout.contains("loss/generator at step 2"), "{}", far.stdout);
}

#[test]
fn an_update_adds_this_class_and_keeps_the_others() {
    for line in ["verify ref.json --update", "verify ref.json --update --experiment exp.yaml"] {
        let lab = lab_with_reference();
        edit(&lab, rename_class);
        lab.run(line).exits(0);
        let same = lab.run("verify ref.json").exits(0);
        assert!(same.stdout.contains("bit for bit"), "{line}: {}", same.stdout);
        assert!(fs::read_to_string(lab.path("ref.json")).unwrap().contains("of-another-machine"), "{line}");
    }
}

#[test]
fn no_file_but_the_reference_of_the_experiment_is_updated() {
    let lab = lab_with_reference();
    lab.tiny("other", "");
    lab.write("thesis.json", "{\"my\": \"thesis\"}");
    for (file, experiment, words) in [
        ("thesis.json", "exp.yaml", "is not a reference"),
        ("exp.yaml", "exp.yaml", "is not a reference"),
        ("ref.json", "other.yaml", "is the reference of exp.yaml"),
    ] {
        let before = fs::read(lab.path(file)).unwrap();
        let refused = lab.run(&format!("verify {file} --update --experiment {experiment}")).exits(2);
        assert!(refused.stderr.contains(words), "{file}: {}", refused.stderr);
        assert_eq!(fs::read(lab.path(file)).unwrap(), before, "{file}");
    }
}

#[test]
fn a_run_more_or_less_than_the_reference_is_a_difference() {
    let lab = lab_with_reference();
    lab.tiny("exp", "sweep: { grid: { train.*.lr: [1.0e-4] } }");
    assert!(lab.run("verify ref.json").exits(4).stdout.contains("no such run"));
    lab.tiny("exp", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3, 1.0e-2] } }");
    assert!(lab.run("verify ref.json").exits(4).stdout.contains("no such run"));
}
