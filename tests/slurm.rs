//! Sweeps on a cluster with Slurm: the real controller and the real daemons, two nodes of this machine, broken in every way
//! that was seen. Whatever happens, each run is done once, with the weights that workers of this machine give it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use testing::Cluster;
use tests::{Ended, Lab, Running, Sweep, until};

const RUNS: &str = "sweep: { seeds: 6 }";

/// Long enough to be broken in the middle.
const SLOW: &str = "--set train.steps=1500 --set checkpoint.every=50 --set log.every=50 --set sample.every=500";

static UNDISTURBED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| undisturbed(""));
static UNDISTURBED_SLOW: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| undisturbed(SLOW));

fn undisturbed(settings: &str) -> BTreeMap<String, String> {
    let lab = Lab::new();
    lab.long("long", RUNS);
    lab.run(&format!("sweep long.yaml {settings}")).exits(0);
    lab.sweep("long").digests()
}

/// A lab whose commands see the cluster.
struct Site {
    lab: Lab,
    cluster: Cluster,
    /// In front of the path that programs are found by.
    shims: Option<PathBuf>,
}

impl Site {
    fn new(test: &str) -> Option<Self> {
        Self::with(test, &[])
    }

    fn with(test: &str, settings: &[(&str, &str)]) -> Option<Self> {
        let cluster = Cluster::start(test, settings)?;
        let lab = Lab::new();
        lab.long("long", &format!("{RUNS}\nexecution: {{ slurm: {{ runs_per_task: 1 }} }}"));
        Some(Self { lab, cluster, shims: None })
    }

    fn start(&self, line: &str) -> Running {
        let mut command = self.lab.command(line);
        let (name, value) = self.cluster.environment();
        command.env(name, value);
        if let Some(shims) = &self.shims {
            let path = std::env::var("PATH").unwrap_or_default();
            command.env("PATH", format!("{}:{path}", shims.display()));
        }
        self.lab.start_command(line, command)
    }

    fn run(&self, line: &str) -> Ended {
        self.start(line).wait()
    }

    /// From now on the commands find this script in place of a program of Slurm's.
    fn shim(&mut self, program: &str, script: &str) {
        let name = format!("shims/{program}");
        self.lab.write(&name, format!("#!/bin/sh\n{script}\nexec /usr/bin/{program} \"$@\"\n"));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(self.lab.path(name), mode).unwrap();
        self.shims = Some(self.lab.path("shims"));
    }

    fn sweep(&self) -> Sweep<'_> {
        self.lab.sweep("long")
    }

    fn slow(&self) -> String {
        format!("sweep long.yaml --launcher slurm {SLOW}")
    }

    /// Names of the sweep's jobs and of the nodes they run on.
    fn running(&self) -> Vec<(String, String)> {
        let text = self.cluster.asks("squeue", &["-h", "-r", "-t", "R", "-o", "%i %N"]);
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, node)| (id.to_owned(), node.to_owned()))
            .collect()
    }

    /// Job arrays and tasks that were submitted so far, without canaries.
    fn tasks(&self) -> usize {
        let folders = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
        folders(self.sweep().path().join(".tasks"))
            .flat_map(folders)
            .filter(|path| path.join("orders").exists() || path.join("orders.closed").exists())
            .count()
    }

    fn wait_for_checkpoints(&self, runs: usize) {
        let sweep = self.sweep();
        until("checkpoints", || {
            let ids = sweep.path().join("plan.json").is_file().then(|| sweep.ids())?;
            (ids.iter().filter(|id| !sweep.checkpoints(id).is_empty()).count() >= runs).then_some(())
        });
    }

    /// Each run is done once, by its newest attempt.
    fn finish(&self, expected: &BTreeMap<String, String>) {
        let sweep = self.sweep();
        assert_eq!(sweep.digests(), *expected);
        for id in sweep.ids() {
            let ends = sweep.events_of(&id, "ended");
            let done = ends.iter().filter(|end| end["status"] == "done").count();
            assert_eq!(done, 1, "{id}: {ends:#?}");
        }
        assert!(sweep.path().join("report.html").is_file());
    }

    fn attempts(&self) -> u64 {
        self.sweep().status().iter().map(|run| run["attempts"].as_u64().unwrap()).sum()
    }
}

#[test]
fn a_sweep_gives_the_weights_that_workers_of_this_machine_give() {
    let Some(site) = Site::new("a_sweep_gives") else { return };
    let ended = site.run("sweep long.yaml --launcher slurm").exits(0);
    assert!(ended.stderr.contains("submitting 6 runs in 6 tasks"), "{}", ended.stderr);
    site.finish(&UNDISTURBED);
    assert_eq!(site.attempts(), 6);
    // Again: nothing is submitted.
    let tasks = site.tasks();
    let again = site.run("sweep long.yaml --launcher slurm").exits(0);
    assert!(again.stderr.contains("6 finished before, 0 to train"), "{}", again.stderr);
    assert_eq!(site.tasks(), tasks);
}

#[test]
fn each_task_has_its_own_gpu_and_names_are_arguments() {
    let Some(site) = Site::new("each_task_has") else { return };
    let results = "my results $HOME it's 50%";
    let mut command =
        site.lab.command("sweep long.yaml --launcher slurm --devices cpu --set execution.slurm.gpus=1 --results");
    command.arg(results);
    let setup = "printf '%s %s %s\\n' \"$SLURMD_NODENAME\" \"$CUDA_VISIBLE_DEVICES\" \"$(date +%s%N)\" >>gpus.txt";
    command.args(["--set", &format!("execution.slurm.setup=[{}]", serde_json::to_string(setup).unwrap())]);
    let (name, value) = site.cluster.environment();
    command.env(name, value);
    site.lab.start_command("sweep", command).wait().exits(0);
    let sweep = site.lab.sweep_in(&format!("{results}/long"));
    // The lab's lines are split at spaces.
    assert!(sweep.path().join("report.html").is_file());
    let runs = std::fs::read_dir(sweep.path().join("runs")).unwrap().flatten();
    let done = runs.filter(|run| {
        std::fs::read_to_string(run.path().join("events.jsonl")).unwrap().contains("\"status\":\"done\"")
    });
    assert_eq!(done.count(), 6);
    let text = std::fs::read_to_string(site.lab.path("gpus.txt")).unwrap();
    let gpus: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
    for run in std::fs::read_dir(sweep.path().join("runs")).unwrap().flatten() {
        let provenance = std::fs::read(run.path().join("provenance.json")).unwrap();
        let provenance: Value = serde_json::from_slice(&provenance).unwrap();
        assert!(
            provenance["visible_devices"].as_str().is_some_and(|given| ["0", "1"].contains(&given)),
            "{provenance:#}"
        );
    }
    // The canary and six tasks.
    assert_eq!(gpus.len(), 7, "{text}");
    assert!(gpus.iter().all(|line| ["0", "1"].contains(&line[1])), "{text}");
    let used: BTreeSet<_> = gpus.iter().map(|line| (line[0], line[1])).collect();
    assert!(used.len() >= 3, "tasks at once have GPUs of their own: {text}");
}

/// Nodes of two GPUs, each shared in two parts.
#[test]
fn tasks_share_gpus_by_parts() {
    let Some(site) = Site::with("by_parts", &[("SHARDS", "4")]) else { return };
    let setup = "echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES $(date +%s%3N) >>gpus.txt; sleep 2";
    let slurm = format!("slurm: {{ shards: 1, runs_per_task: 1, setup: ['{setup}'] }}");
    site.lab.tiny("short", &format!("sweep: {{ seeds: 10 }}\nexecution: {{ devices: cpu, {slurm} }}"));
    site.run("sweep short.yaml --launcher slurm").exits(0);
    assert_eq!(site.lab.sweep("short").counts(), [("done".to_owned(), 10)].into());
    let text = std::fs::read_to_string(site.lab.path("gpus.txt")).unwrap();
    let mut begins: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
    for line in text.lines() {
        let [node, gpu, began] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
        begins.entry((node, gpu)).or_default().push(began.parse().unwrap());
    }
    assert_eq!(
        begins.values().map(Vec::len).sum::<usize>(),
        11,
        "a task for each run, and one that tries a node: {text}"
    );
    assert!(begins.keys().all(|(_, gpu)| ["0", "1"].contains(gpu)), "{text}");
    let most = |begins: &Vec<u64>| {
        let at_once = |begin: &u64| begins.iter().filter(|other| (*begin..begin + 2000).contains(other)).count();
        begins.iter().map(at_once).max()
    };
    assert_eq!(begins.values().map(most).max(), Some(Some(2)), "tasks of one GPU at once: {text}");
}

/// The speed that is promised: see `docs/scale.md`.
#[test]
fn a_hundred_short_runs_are_packed_ten_to_a_task() {
    let Some(site) = Site::new("a_hundred") else { return };
    site.lab.tiny("short", "sweep: { seeds: 100 }\nexecution: { slurm: { runs_per_task: 10 } }");
    let began = Instant::now();
    let ended = site.run("sweep short.yaml --launcher slurm --set train.steps=1").exits(0);
    let took = began.elapsed();
    assert!(ended.stderr.contains("100 runs in 10 tasks"), "{}", ended.stderr);
    assert_eq!(site.lab.sweep("short").counts(), [("done".to_owned(), 100)].into());
    println!("100 one-step runs, ten to a task: {:.1} s", took.as_secs_f64());
}

#[test]
fn auto_packs_by_the_time_that_a_run_takes() {
    let Some(site) = Site::new("auto_packs") else { return };
    site.lab.tiny("short", "sweep: { seeds: 30 }");
    let ended = site.run("sweep short.yaml --launcher slurm").exits(0);
    assert!(ended.stderr.contains("submitting 30 runs in 1 task "), "{}", ended.stderr);
    assert_eq!(site.lab.sweep("short").counts(), [("done".to_owned(), 30)].into());
}

#[test]
fn a_driver_that_leaves_cancels_nothing_and_the_next_one_follows_its_tasks() {
    let Some(site) = Site::new("a_driver") else { return };
    let mut driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    driver.kill();
    let tasks = site.tasks();
    let next = site.start(&site.slow());
    until("its tasks", || next.stderr().contains("following").then_some(()));
    site.wait_for_checkpoints(3);
    next.signal("INT");
    let left = next.wait().exits(75);
    assert!(left.stderr.contains("nothing is cancelled"), "{}", left.stderr);
    assert!(!site.running().is_empty());
    site.run(&site.slow()).exits(0);
    assert_eq!(site.tasks(), tasks, "nothing was submitted twice");
    site.finish(&UNDISTURBED_SLOW);
    assert_eq!(site.attempts(), 6);
}

#[test]
fn detached_it_is_trained_and_reported_without_a_driver() {
    let Some(site) = Site::new("detached") else { return };
    let line = "sweep long.yaml --launcher slurm --set execution.slurm.at_once=3";
    let ended = site.run(&format!("{line} --detach")).exits(0);
    assert!(ended.stderr.contains("nothing is cancelled"), "{}", ended.stderr);
    let sweep = site.sweep();
    let last = sweep.ids().pop().unwrap();
    let cancelled = site.run(&format!("cancel {last}")).exits(0);
    assert!(cancelled.stdout.contains("not trained any more by its task"), "{}", cancelled.stdout);
    let page = sweep.path().join("report.html");
    until("the report", || page.is_file().then_some(()));
    assert_eq!(sweep.words()[&last], "interrupted");
    assert!(!site.run("status results/long").exits(0).stdout.contains("no task has"));
    site.run(line).exits(0);
    site.finish(&UNDISTURBED);
}

/// No command is there that could submit them again.
#[test]
fn status_says_that_tasks_of_a_detached_sweep_are_gone() {
    let Some(site) = Site::new("tasks_are_gone") else { return };
    site.run(&format!("{} --detach", site.slow())).exits(0);
    assert!(!site.run("status results/long").exits(0).stdout.contains("no task has"));
    site.cluster.asks("scancel", &["--user=root"]);
    until("the end of all tasks", || site.cluster.asks("squeue", &["-h"]).is_empty().then_some(()));
    let status = site.run("status results/long").exits(0).stdout;
    assert!(status.contains("no task has 6 pending runs") && status.contains("--launcher slurm"), "{status}");
    assert_eq!(site.run("status results/long --format json").exits(0).json()["tasks"]["without_task"], 6);
}

#[test]
fn what_a_stranger_cancels_and_what_must_make_room_goes_on() {
    let Some(site) = Site::new("a_stranger") else { return };
    let driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    let (id, _) = site.running().remove(0);
    site.cluster.asks("scancel", &[&id]);
    until("a task less", || (!site.running().iter().any(|(other, _)| *other == id)).then_some(()));
    // All cores of both nodes, for a while.
    let urgent = ["--partition=urgent", "--nodes=2", "--exclusive", "--wrap=sleep 3", "--output=/dev/null"];
    site.cluster.asks("sbatch", &urgent);
    driver.wait().exits(0);
    site.finish(&UNDISTURBED_SLOW);
    assert!(site.attempts() > 6);
}

#[test]
fn a_run_and_a_sweep_are_cancelled_by_name() {
    let Some(site) = Site::new("by_name") else { return };
    site.cluster.asks("sbatch", &["--wrap=sleep 100", "--output=/dev/null", "--job-name=other"]);
    let driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    let run = until("a run under way", || {
        site.sweep().words().into_iter().find(|(_, word)| word == "running").map(|(id, _)| id)
    });
    site.run(&format!("cancel {run}")).exits(0);
    until("its end", || (site.sweep().words()[&run] == "interrupted").then_some(()));
    driver.signal("INT");
    driver.wait().exits(75);
    // Two arrays at once, as after a retry.
    let prefix = std::fs::read_to_string(site.sweep().path().join(".tasks/name")).unwrap();
    let another = format!("--job-name={}9", prefix.trim());
    site.cluster.asks("sbatch", &["--wrap=sleep 100", "--output=/dev/null", "--hold", &another]);
    let cancelled = site.run("cancel results/long").exits(0);
    assert!(cancelled.stdout.contains("cancelled"), "{}", cancelled.stdout);
    until("only the other job", || {
        let names = site.cluster.asks("squeue", &["-h", "-o", "%j"]);
        (names == "other\n").then_some(())
    });
    assert!(!site.sweep().counts().contains_key("running"));
    site.run(&site.slow()).exits(0);
    site.finish(&UNDISTURBED_SLOW);
}

#[test]
fn a_warning_of_the_time_limit_is_a_checkpoint_and_the_run_goes_on() {
    let Some(site) = Site::new("a_warning") else { return };
    let driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    for (id, _) in site.running() {
        site.cluster.asks("scancel", &["--signal=USR1", "--batch", &id]);
    }
    driver.wait().exits(0);
    site.finish(&UNDISTURBED_SLOW);
    let sweep = site.sweep();
    let ends: Vec<Value> = sweep.ids().iter().flat_map(|id| sweep.events_of(id, "ended")).collect();
    let stopped: Vec<_> = ends.iter().filter(|end| end["status"] == "interrupted").collect();
    assert!(!stopped.is_empty() && stopped.iter().all(|end| end["reason"] == "stopped by a signal"), "{stopped:#?}");
}

#[test]
fn a_failure_that_stays_is_not_tried_again() {
    let Some(site) = Site::new("a_failure") else { return };
    site.lab
        .write("data/cat/a.png", std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/digits.png")).unwrap());
    site.lab.write(
        "own.yaml",
        "name: own\nrun:\n  data: { name: image-folder, path: data, size: 8 }\n  model: { preset: mlp }\n  \
         train: { steps: 4, batch_size: 1 }\n  sample: { count: 1 }\nsweep: { seeds: 2 }\n\
         execution: { slurm: { runs_per_task: 1, setup: ['rm -rf data/cat'] } }\n",
    );
    let ended = site.run("sweep own.yaml --launcher slurm").exits(1);
    let sweep = site.lab.sweep("own");
    assert_eq!(sweep.counts(), [("failed".to_owned(), 2)].into(), "{ended:#?}");
    assert!(sweep.status().iter().all(|run| run["attempts"] == 1), "{:#?}", sweep.status());
    assert!(sweep.path().join("report.html").is_file());
}

/// Node 2 is of another class.
#[test]
fn a_run_goes_on_in_its_numeric_class_or_not_at_all() {
    let Some(site) = Site::new("numeric_class") else { return };
    let preload = format!("export LD_PRELOAD={}", site.lab.other_class().display());
    let setup = serde_json::to_string(&format!("if [ $SLURMD_NODENAME = n2 ]; then {preload}; fi")).unwrap();
    let settings = format!("{RUNS}\nexecution: {{ slurm: {{ runs_per_task: 1, setup: [{setup}] }} }}");
    site.lab.long("long", &settings);
    let node = |name: &str, state: &str| {
        let words = ["update", &format!("NodeName={name}"), &format!("State={state}"), "Reason=test"];
        site.cluster.asks("scontrol", &words);
    };
    let line = format!("{} --limit 2", site.slow());
    node("n2", "DRAIN");
    let mut driver = site.start(&line);
    site.wait_for_checkpoints(2);
    driver.kill();
    site.run("cancel results/long").exits(0);
    until("the end of all tasks", || site.cluster.asks("squeue", &["-h"]).is_empty().then_some(()));

    // Only a node of another class is free: they wait for one of theirs.
    node("n1", "DRAIN");
    node("n2", "RESUME");
    let driver = site.start(&line);
    until("moves", || (driver.stderr().matches("moves to another node").count() == 2).then_some(()));
    until("tasks that wait", || {
        let waiting = site.cluster.asks("squeue", &["-h", "-r", "-t", "PD", "-o", "%i"]);
        (waiting.lines().count() == 2).then_some(())
    });
    driver.signal("INT");
    driver.wait().exits(75);
    site.run("cancel results/long").exits(0);

    // There is none of their class: neither node may be used.
    let none = site.run(&format!("{line} --set execution.slurm.extra=[--exclude=n1]")).exits(1);
    assert!(none.says("there is no node of its numeric class") && none.says("--mix"), "{none:#?}");
    let failed = site.sweep().status().into_iter().filter(|run| run["status"] == "failed");
    assert_eq!(failed.count(), 2);

    node("n1", "RESUME");
    site.run(&line).exits(0);
    let sweep = site.sweep();
    for run in sweep.status().iter().filter(|run| run["status"] == "done") {
        let id = run["id"].as_str().unwrap();
        assert_eq!(run["weights_digest"], UNDISTURBED_SLOW[id], "{run:#}");
        assert_eq!(run["numerics"].as_array().unwrap().len(), 1);
    }
    assert_eq!(sweep.counts()["done"], 2);
}

#[test]
fn a_queue_that_does_not_answer_is_no_reason_to_submit_again() {
    let Some(mut site) = Site::new("a_queue") else { return };
    let words = "slurm_load_jobs error: Unable to contact slurm controller";
    site.shim("squeue", &format!("[ ! -e broken ] || {{ echo '{words}'; exit $(cat broken); }}"));
    let mut driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    let tasks = site.tasks();
    for code in ["1", "0"] {
        site.lab.write("broken", code);
        std::thread::sleep(Duration::from_secs(4));
        assert!(driver.is_running(), "{}", driver.stderr());
    }
    std::fs::remove_file(site.lab.path("broken")).unwrap();
    driver.wait().exits(0);
    assert_eq!(site.tasks(), tasks);
    site.finish(&UNDISTURBED_SLOW);
    assert_eq!(site.attempts(), 6);
}

#[test]
fn a_controller_that_dies_right_after_a_submission_loses_no_run() {
    let Some(site) = Site::new("a_controller") else { return };
    let driver = site.start(&site.slow());
    until("the array", || site.tasks().checked_sub(6));
    site.cluster.does(&["kill-controller"]);
    std::thread::sleep(Duration::from_secs(1));
    site.cluster.does(&["controller"]);
    driver.wait().exits(0);
    site.finish(&UNDISTURBED_SLOW);
}

#[test]
fn a_torn_checkpoint_is_passed_over() {
    let Some(site) = Site::new("a_torn") else { return };
    let mut driver = site.start(&site.slow());
    site.wait_for_checkpoints(1);
    let sweep = site.sweep();
    until("two checkpoints", || sweep.ids().into_iter().find(|id| sweep.checkpoints(id).len() > 1));
    driver.kill();
    site.run("cancel results/long").exits(0);
    // A task that is being ended may still write a checkpoint, or end its run.
    until("the end of all tasks", || site.cluster.asks("squeue", &["-h"]).is_empty().then_some(()));
    let begun = sweep.words().into_iter().filter(|(_, word)| word != "done").map(|(id, _)| id);
    let id =
        begun.into_iter().find(|id| sweep.checkpoints(id).len() > 1).expect("a run with two checkpoints, not done");
    let newest = sweep.checkpoints(&id).pop().unwrap();
    let file = sweep.run(&id).join(format!("checkpoints/step-{newest:06}/networks.bpk"));
    let file =
        if file.exists() { file } else { largest(&sweep.run(&id).join(format!("checkpoints/step-{newest:06}"))) };
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    site.run(&site.slow()).exits(0);
    site.finish(&UNDISTURBED_SLOW);
    assert!(!sweep.events_of(&id, "warning").is_empty());
}

fn largest(folder: &std::path::Path) -> PathBuf {
    let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    files.max_by_key(|path| path.metadata().unwrap().len()).unwrap()
}

#[test]
fn what_cannot_work_is_said_before_anything_is_submitted() {
    let Some(site) = Site::new("what_cannot") else { return };
    let refused = |line: &str, code: i32, words: &str| {
        let ended = site.run(&format!("sweep long.yaml --launcher slurm {line}")).exits(code);
        assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
        assert_eq!(site.tasks(), 0, "{line}");
    };
    refused("--set execution.slurm.partition=nowhere", 2, "invalid partition");
    refused("--set execution.slurm.time=30s", 2, "minutes");
    refused("--set execution.slurm.cpus=1000", 3, "will never start");
    refused("--set execution.slurm.setup=[\"exec</nowhere\"]", 3, "/nowhere: No such file");
    // Slurm keeps a job of this one.
    refused("--set execution.slurm.constraint=a100", 2, "Invalid feature specification");
    refused("--program /bin/false", 3, "exit code 1): it wrote nothing into");
    refused("--set execution.slurm.gpus=1", 3, "asks for a GPU, and this node has the CPU");
    let missing = site.lab.command("sweep long.yaml --launcher slurm");
    let mut missing = missing;
    missing.env("PATH", "/nowhere");
    let ended = site.lab.start_command("sweep", missing).wait().exits(3);
    assert!(ended.stderr.contains("is this a login node"), "{}", ended.stderr);
}

/// The first task is taken, and what comes after it is not.
#[test]
fn what_slurm_refuses_for_good_fails_once_and_what_it_refuses_now_is_tried_again() {
    let Some(mut site) = Site::new("what_slurm_refuses") else { return };
    site.shim("sbatch", "case \"$*\" in *--array=*) echo . >>arrays; set -- --partition=nowhere \"$@\" ;; esac");
    site.lab.tiny("short", &format!("{RUNS}\nexecution: {{ retries: 2, slurm: {{ runs_per_task: 1 }} }}"));
    let line = "sweep short.yaml --launcher slurm";
    let never = site.run(line).exits(1);
    assert!(never.says("invalid partition specified: nowhere"), "{never:#?}");
    assert_eq!(site.lab.sweep("short").counts(), [("failed".to_owned(), 6)].into());
    let arrays = std::fs::read_to_string(site.lab.path("arrays")).unwrap();
    assert_eq!(arrays.lines().count(), 1, "{never:#?}");
    site.run(&format!("{line} --detach")).exits(1);

    let state = |state: &str| format!("scontrol update PartitionName=main State={state}");
    let (closed, open) = (state("INACTIVE"), state("UP"));
    let closes = format!("[ -e closed ] || {{ touch closed; {closed}; (sleep 2; {open}) >opened 2>&1 & }}");
    site.shim("sbatch", &format!("case \"$*\" in *--array=*) {closes} ;; esac"));
    let now = site.run(line).exits(0);
    assert_eq!(now.stderr.matches("Required partition not available").count(), 1, "{now:#?}");
    assert_eq!(site.lab.sweep("short").counts(), [("done".to_owned(), 6)].into());

    // A command that leaves cannot try again, and one that begins can.
    site.shim("sbatch", &format!("case \"$*\" in *--array=*) {closed} ;; esac"));
    let longer = format!("{line} --set train.steps=7");
    let left = site.run(&format!("{longer} --detach")).exits(75);
    assert!(
        left.stderr.contains("6 tasks are not submitted") && left.stderr.contains("no task will write"),
        "{left:#?}"
    );
    site.shims = None;
    let waiting = site.start(&longer);
    until("a refusal", || waiting.stderr().contains("tried again until it is taken").then_some(()));
    site.cluster.asks("scontrol", &["update", "PartitionName=main", "State=UP"]);
    waiting.wait().exits(0);
}

/// Nodes that do not answer are taken for dead soon.
const IMPATIENT: [(&str, &str); 1] = [("PATIENCE", "3")];

#[test]
fn the_runs_of_a_node_without_power_go_on_elsewhere() {
    let Some(site) = Site::with("without_power", &IMPATIENT) else { return };
    let driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    let (_, node) = site.running().remove(0);
    site.cluster.does(&["cut", &node[1..]]);
    driver.wait().exits(0);
    site.finish(&UNDISTURBED_SLOW);
    assert!(site.attempts() > 6);
}

/// A node that hangs is taken for dead; then its jobs live on beside the copies that Slurm has started elsewhere.
#[test]
fn of_two_live_copies_of_a_run_one_publishes() {
    let Some(site) = Site::with("two_copies", &IMPATIENT) else { return };
    let driver = site.start(&site.slow());
    site.wait_for_checkpoints(2);
    let (_, node) = site.running().remove(0);
    ["freeze", "stop"].iter().for_each(|word| site.cluster.does(&[word, &node[1..]]));
    let sweep = site.sweep();
    until("a second copy", || sweep.ids().into_iter().find(|id| sweep.run(id).join("events.2.jsonl").exists()));
    site.cluster.does(&["thaw", &node[1..]]);
    until("the end of the first copy", || {
        let ends = sweep.ids().into_iter().flat_map(|id| sweep.events_of(&id, "ended"));
        let superseded = |end: &Value| end["reason"].as_str().is_some_and(|reason| reason.contains("superseded"));
        ends.into_iter().find(superseded)
    });
    site.cluster.does(&["continue", &node[1..]]);
    driver.wait().exits(0);
    site.finish(&UNDISTURBED_SLOW);
}

/// Slurm looks at time limits every 30 s, and a run is not so long: it stands still meanwhile.
#[test]
fn a_task_at_its_time_limit_is_followed_by_another() {
    let Some(site) = Site::new("time_limit") else { return };
    let driver = site.start(&format!("{} --set execution.slurm.time=1m", site.slow()));
    site.wait_for_checkpoints(2);
    let (_, node) = site.running().remove(0);
    site.cluster.does(&["freeze", &node[1..]]);
    std::thread::sleep(Duration::from_secs(35));
    site.cluster.does(&["thaw", &node[1..]]);
    driver.wait().exits(0);
    site.finish(&UNDISTURBED_SLOW);
    assert!(site.attempts() > 6);
}
