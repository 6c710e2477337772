//! Every preset on an NVIDIA GPU on paper: whether its kernels are ones that NVIDIA's assembler takes, and what a step asks of the
//! driver.

use crate::standin::Machine;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// Where the counts stand for readers.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
/// How the head of their table begins.
const HEAD: &str = "| preset | launches | waits | uploads | read-backs |";
/// Lengths of two runs that differ by two rounds of the penalties that are due in every sixteenth step.
const STEPS: [u64; 2] = [2, 34];

/// Puts the experiment with all presets into the machine.
fn put(machine: &Machine) {
    let smoke = Path::new(env!("CARGO_MANIFEST_DIR")).join("../experiments/smoke.yaml");
    machine.lab.write("smoke.yaml", fs::read_to_string(smoke).unwrap());
}

/// Their names, in its order.
fn presets(machine: &Machine) -> Vec<String> {
    put(machine);
    let plan = machine.run("plan smoke.yaml --format json").exits(0).json();
    let runs = plan["runs"].as_array().unwrap();
    runs.iter().map(|run| run["overrides"]["model.preset"].as_str().unwrap().to_owned()).collect()
}

/// What NVIDIA's assembler took before, of other presets.
static PASSED: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// So many steps of a preset, whose kernels the assembler must take.
fn train(preset: &str, steps: u64, architecture: &str) -> Machine {
    let machine = Machine::with(1).unwrap();
    let ptxas = machine.toolkit.join("bin/ptxas");
    let machine = machine.set("STANDIN_ARCH", architecture).set("STANDIN_PTXAS", ptxas.to_str().unwrap());
    let machine = machine.set("STANDIN_PASSED", PASSED.path().to_str().unwrap());
    put(&machine);
    let settings = format!("--set train.steps={steps} --set log.every=1000");
    let ended = machine.run(&format!("sweep smoke.yaml --jobs 1 --only model.preset={preset} {settings}"));
    assert_eq!(ended.code, Some(0), "{preset}, sm_{architecture}: {}", ended.stderr);
    machine
}

/// Code for the architectures from 9.0 on is assembled as `sm_90a`, which has more instructions: in the other test.
#[test]
fn the_assembler_takes_the_kernels_of_every_preset() {
    let Some(machine) = Machine::with(1) else { return };
    let presets = presets(&machine);
    let took = |machine: Machine| machine.log().iter().filter(|line| line.ends_with("ptxas takes")).count();
    let kernels: usize = presets.iter().map(|preset| took(train(preset, 2, "80"))).sum();
    assert!(kernels > 500, "{kernels}");
    println!("sm_80: {kernels} kernels");
}

/// Kernels launched, waits of the host, copies to the device and copies back.
type Counts = [f64; 4];

fn counts(machine: &Machine) -> Counts {
    let ends = machine.log().into_iter().filter(|line| line.contains(" end allocations "));
    let number = |line: &str, name: &str| {
        let mut words = line.split(' ').skip_while(|word| *word != name);
        words.nth(1).unwrap().parse::<f64>().unwrap()
    };
    ends.fold([0.0; 4], |mut sums, line| {
        for (sum, name) in sums.iter_mut().zip(["launches", "waits", "uploads", "downloads"]) {
            *sum += number(&line, name);
        }
        sums
    })
}

/// What a step of the preset comes to.
fn step(preset: &str) -> Counts {
    let [short, long] = STEPS.map(|steps| counts(&train(preset, steps, "90")));
    std::array::from_fn(|at| (long[at] - short[at]) / (STEPS[1] - STEPS[0]) as f64)
}

#[test]
fn the_book_says_what_a_step_asks_of_the_driver() {
    let Some(machine) = Machine::with(1) else { return };
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(HEAD).expect("the page has the table");
    let found: Vec<(String, Counts)> = presets(&machine).into_iter().map(|name| (name.clone(), step(&name))).collect();
    if std::env::var_os("UPDATE_CASES").is_some() {
        let line = |(name, [launches, waits, uploads, downloads]): &(String, Counts)| {
            format!("| `{name}` | {launches:.0} | {waits:.1} | {uploads:.0} | {downloads:.1} |\n")
        };
        let lines: String = found.iter().map(line).collect();
        let after = rest.split_once("\n\n").map_or(String::new(), |(_, after)| format!("\n{after}"));
        return fs::write(PAGE, format!("{before}{HEAD}\n|---|---|---|---|---|\n{lines}{after}")).unwrap();
    }
    let told: BTreeMap<&str, Vec<f64>> = rest
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            (cells.next().unwrap().trim_matches('`'), cells.map(|cell| cell.parse().unwrap()).collect())
        })
        .collect();
    // Memory that is given back in between makes a launch or two.
    let is_told = |(name, counts): &&(String, Counts)| {
        let told = told.get(name.as_str());
        told.is_some_and(|told| told.iter().zip(counts).all(|(told, found)| (told - found).abs() < 0.5 + 0.01 * found))
    };
    let differs: Vec<_> = found.iter().filter(|found| !is_told(found)).collect();
    assert!(differs.is_empty(), "docs/performance.md says something else; UPDATE_CASES=1 rewrites it: {differs:?}");
}
