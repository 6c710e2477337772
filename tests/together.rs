//! One sweep at a time works in a folder.

use tests::{Lab, until};

#[test]
fn the_second_sweep_is_told_who_the_first_is_and_a_dead_one_blocks_no_one() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    lab.run("sweep one.yaml --results undisturbed --set train.steps=400").exits(0);

    let line = "sweep one.yaml --set train.steps=400";
    let sweep = lab.sweep("one");
    let mut first = lab.start(line);
    until("the first sweep's work", || sweep.newest_checkpoint());
    for second in [line.to_owned(), format!("{line} --fresh")] {
        let refused = lab.run(&second).exits(2);
        assert!(refused.stderr.contains(&format!("process {}", first.id())), "{}", refused.stderr);
        assert!(refused.stderr.contains("results/one"), "{}", refused.stderr);
        assert!(first.is_running(), "the first was done before the second came");
    }
    assert!(sweep.words().values().any(|word| word == "running"), "status reads beside a sweep");
    lab.run("report results/one").exits(0);
    assert!(first.is_running(), "the first was done before status and report");

    first.kill();
    lab.run(line).exits(0);
    assert_eq!(sweep.digests(), lab.sweep_in("undisturbed/one").digests());
}

#[test]
fn sweeps_of_two_names_run_side_by_side() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.tiny("two", "");
    let (one, two) = (lab.start("sweep one.yaml"), lab.start("sweep two.yaml"));
    one.wait().exits(0);
    two.wait().exits(0);
    assert_eq!(lab.sweep("one").digests(), lab.sweep("two").digests());
}
