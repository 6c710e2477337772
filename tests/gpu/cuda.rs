//! NVIDIA GPUs on paper: which are found and used, and what becomes of runs when one of them fails.

use crate::standin::Machine;
use serde_json::Value;
use tests::until;

const TWO: &str = "sweep: { seeds: 2 }";
const FOUR: &str = "sweep: { seeds: 4 }";
/// Samples on paper are all the same.
const ANY_SAMPLES: &str = "--set stop.collapsed=none";

fn json(machine: &Machine, line: &str) -> Value {
    machine.run(line).exits(0).json()
}

#[test]
fn doctor_names_each_gpu_and_what_cuda_shows_of_them() {
    let Some(machine) = Machine::with(2) else { return };
    let found = json(&machine, "doctor --format json");
    assert_eq!(found["auto"]["devices"], serde_json::json!(["cuda:0", "cuda:1"]), "{found:#}");
    assert_eq!(found["nvidia"]["cuda"], "12.9");
    assert_eq!(found["nvidia"]["gpus"][1]["uuid"], "GPU-00000000-0000-0000-0000-000000000001");
    assert_eq!(found["libdevice"], machine.toolkit.to_str().unwrap());
    let text = machine.run("doctor").exits(0).stdout;
    assert!(text.contains("Stand-in GPU, 1.0 GiB (0.0 GiB taken), compute capability 8.0"), "{text}");
    for (visible, devices) in [("1", 1), ("GPU-00000000-0000-0000-0000-000000000001,0", 2), ("7", 0), ("-1", 0)] {
        let machine = Machine::with(2).unwrap().set("CUDA_VISIBLE_DEVICES", visible);
        let found = json(&machine, "doctor --format json");
        let gpus = found["auto"]["devices"].as_array().unwrap().iter().filter(|name| *name != "cpu:flex").count();
        assert_eq!(gpus, devices, "{visible}: {found:#}");
    }
}

#[test]
fn without_driver_or_libdevice_auto_is_the_cpu_and_says_why() {
    let Some(machine) = Machine::with(2) else { return };
    let machine = machine.set("CUDA_PATH", "");
    let text = machine.run("doctor").exits(0).stdout;
    assert!(text.contains("auto means:     the CPU (flex)") && text.contains("`libdevice.10.bc` is missing"), "{text}");
    assert!(text.contains("pip install nvidia-cuda-nvcc-cu12"), "{text}");
    machine.lab.tiny("none", TWO);
    let ended = machine.run("sweep none.yaml --devices cuda").exits(3);
    assert!(ended.stderr.contains("`libdevice.10.bc` is missing"), "{}", ended.stderr);
    assert!(!machine.lab.path("results").exists());
    machine.run("sweep none.yaml").exits(0);
    let machine = Machine::with(2).unwrap().set("LD_LIBRARY_PATH", "");
    let text = machine.run("doctor").exits(0).stdout;
    assert!(text.contains("no CUDA device answers"), "{text}");
}

#[test]
fn a_device_that_does_not_exist_is_named() {
    let Some(machine) = Machine::with(2) else { return };
    machine.lab.tiny("none", TWO);
    let ended = machine.run("sweep none.yaml --devices cuda:2").exits(3);
    assert!(ended.stderr.contains("`cuda:2` is not available: 2 CUDA device(s) answer"), "{}", ended.stderr);
}

/// The stand-in computes nothing: with the check on, no run may be given to it.
#[test]
fn a_device_that_computes_nonsense_is_refused() {
    let Some(machine) = Machine::with(1) else { return };
    let machine = machine.set("RUNNER_DEVICE_CHECK", "");
    machine.lab.tiny("refused", TWO);
    let ended = machine.run("sweep refused.yaml").exits(3);
    assert!(ended.stderr.contains("device `cuda:0` computes wrong numbers"), "{}", ended.stderr);
    assert!(ended.stderr.contains("no device is left to train on"), "{}", ended.stderr);
    let sweep = machine.lab.sweep("refused");
    assert_eq!(sweep.counts(), [("queued".to_owned(), 2)].into());
}

#[test]
fn unchecked_runs_say_so() {
    let Some(machine) = Machine::with(1) else { return };
    machine.lab.tiny("off", TWO);
    machine.run("sweep off.yaml").exits(0);
    let sweep = machine.lab.sweep("off");
    for id in sweep.ids() {
        let text = std::fs::read_to_string(sweep.run(&id).join("provenance.json")).unwrap();
        let provenance: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&provenance["unchecked"], &provenance["device"]), (&true.into(), &"cuda:0".into()), "{text}");
    }
}

#[test]
fn a_precision_that_a_gpu_has_not_is_refused() {
    let Some(machine) = Machine::with(1) else { return };
    machine.lab.tiny("precise", "");
    let ended = machine.run("sweep precise.yaml --set train.precision=bf16").exits(3);
    assert!(ended.stderr.contains("`train.precision: bf16` is for CPUs with AMX: not for cuda:0"), "{}", ended.stderr);
    assert!(!machine.log().iter().any(|line| line.contains(" alloc ")));
}

/// Whether products are made of rounded factors is seen in the kernels.
#[test]
fn the_numeric_class_names_architecture_and_products() {
    for (architecture, class) in [("75", "cuda-sm75"), ("80", "cuda-sm80-tf32"), ("90", "cuda-sm90-tf32")] {
        let Some(machine) = Machine::with(1) else { return };
        let machine = machine.set("STANDIN_ARCH", architecture);
        machine.lab.tiny("class", "");
        machine.run("sweep class.yaml").exits(0);
        let sweep = machine.lab.sweep("class");
        assert_eq!(sweep.events_of(&sweep.ids()[0], "started")[0]["numerics"][0]["class"], class);
        assert_eq!(json(&machine, "doctor --format json")["numeric_class"], class);
        let rounds = machine.log().iter().any(|line| line.contains(" rounding ") && !line.contains(" rounding 0 "));
        assert_eq!(rounds, class.ends_with("tf32"), "{:#?}", machine.log());
    }
}

#[test]
fn kernels_that_cannot_be_loaded_end_the_sweep_with_their_text() {
    let Some(machine) = Machine::with(1) else { return };
    let machine = machine.set("STANDIN_PTXAS", "/bin/false");
    machine.lab.tiny("kernels", TWO);
    let ended = machine.run("sweep kernels.yaml").exits(3);
    assert!(ended.stderr.contains("CUDA_ERROR_INVALID_PTX"), "{}", ended.stderr);
    assert_eq!(machine.lab.sweep("kernels").counts(), [("queued".to_owned(), 2)].into());
}

/// A panic on a device's thread must not pass for a finished run.
#[test]
fn a_fault_in_the_middle_fails_the_run_with_its_text() {
    let Some(machine) = Machine::with(1) else { return };
    let machine = machine.set("STANDIN_FAULT_AT", "1500");
    machine.lab.long("fault", "");
    let ended = machine.run("sweep fault.yaml").exits(1);
    let run = &machine.lab.sweep("fault").status()[0];
    assert_eq!(run["status"], "failed", "{run:#}\n{}", ended.stderr);
    let reason = run["reason"].as_str().unwrap();
    assert!(reason.contains("quarantined after 2 deaths") && reason.contains("ILLEGAL_ADDRESS"), "{reason}");
}

#[test]
fn out_of_memory_is_called_that() {
    let Some(machine) = Machine::with(1) else { return };
    for (name, value) in [("STANDIN_MEMORY", "12"), ("STANDIN_OOM_AT", "6")] {
        let machine = Machine::with(1).unwrap().set(name, value);
        machine.lab.tiny("memory", "");
        machine.run("sweep memory.yaml").exits(1);
        let sweep = machine.lab.sweep("memory");
        let ends = sweep.events_of(&sweep.ids()[0], "ended");
        assert_eq!(ends.last().unwrap()["cause"], "out-of-memory", "{name}: {ends:#?}");
    }
    drop(machine);
}

#[test]
fn runs_that_crowd_a_gpu_go_on_in_half_of_its_slots() {
    let Some(machine) = Machine::with(1) else { return };
    let machine = machine.set("STANDIN_MEMORY", "40");
    machine.lab.tiny("crowd", FOUR);
    let ended = machine.run("sweep crowd.yaml --jobs 4 --slots 4").exits(0);
    assert!(ended.stderr.contains("cuda:0 was out of memory: "), "{}", ended.stderr);
    assert_eq!(machine.lab.sweep("crowd").counts(), [("done".to_owned(), 4)].into());
}

#[test]
fn each_gpu_has_a_worker_that_sees_it_alone() {
    for gpus in [1, 2, 8] {
        let Some(machine) = Machine::with(gpus) else { return };
        machine.lab.tiny("all", &format!("sweep: {{ seeds: {gpus} }}"));
        machine.run("sweep all.yaml").exits(0);
        let log = machine.log();
        let workers = log.iter().filter(|line| line.ends_with("begin sees 1")).count();
        // The sweep itself looks around, too.
        assert!(workers >= gpus, "{workers}: {log:#?}");
        for gpu in 0..gpus {
            assert!(machine.allocated_on(gpu), "nothing on {gpu} of {gpus}: {log:#?}");
        }
        let sweep = machine.lab.sweep("all");
        let mut devices: Vec<String> = sweep
            .ids()
            .iter()
            .flat_map(|id| sweep.events_of(id, "started"))
            .map(|event| event["device"].as_str().unwrap().to_owned())
            .collect();
        devices.sort();
        assert_eq!(devices, (0..gpus).map(|gpu| format!("cuda:{gpu}")).collect::<Vec<_>>());
    }
}

#[test]
fn what_a_user_hides_stays_hidden() {
    let Some(machine) = Machine::with(3) else { return };
    let machine = machine.set("CUDA_VISIBLE_DEVICES", "2,1");
    machine.lab.tiny("hidden", TWO);
    machine.run("sweep hidden.yaml").exits(0);
    assert!(machine.allocated_on(2) && machine.allocated_on(1) && !machine.allocated_on(0), "{:#?}", machine.log());
}

/// Burn loads the records of optimizers onto its default device.
#[test]
fn a_run_resumes_on_its_own_device() {
    let Some(machine) = Machine::with(2) else { return };
    machine.lab.long("resumed", "execution: { devices: cuda:1 }");
    let sweep = machine.lab.sweep("resumed");
    let mut running = machine.start(&format!("sweep resumed.yaml {ANY_SAMPLES}"));
    until("a checkpoint", || {
        assert!(running.is_running(), "{}", running.stderr());
        sweep.newest_checkpoint()
    });
    running.workers().iter().for_each(|worker| worker.signal("KILL"));
    running.wait().exits(0);
    assert_eq!(sweep.status()[0]["attempts"], 2);
    assert!(machine.allocated_on(1) && !machine.allocated_on(0), "{:#?}", machine.log());
}

/// A process that has joined sees all GPUs.
#[test]
fn a_run_that_is_taken_up_by_joining_stays_on_its_device() {
    let Some(machine) = Machine::with(2) else { return };
    machine.lab.long("joined", "execution: { devices: cuda:1 }");
    let sweep = machine.lab.sweep("joined");
    let mut running = machine.start(&format!("sweep joined.yaml {ANY_SAMPLES}"));
    until("a checkpoint", || {
        assert!(running.is_running(), "{}", running.stderr());
        sweep.newest_checkpoint()
    });
    running.kill();
    machine.run("join results/joined --devices cuda:1").exits(0);
    assert_eq!(sweep.status()[0]["attempts"], 2);
    assert_eq!(sweep.counts(), [("done".to_owned(), 1)].into());
    assert!(machine.allocated_on(1) && !machine.allocated_on(0), "{:#?}", machine.log());
}

#[test]
fn the_runs_of_a_lost_gpu_move_to_the_others() {
    let Some(machine) = Machine::with(2) else { return };
    let machine = machine.set("STANDIN_LOST", "1");
    machine.lab.tiny("lost", FOUR);
    let ended = machine.run("sweep lost.yaml").exits(0);
    assert!(ended.stderr.contains("cuda:1 failed at two starts and is used no more"), "{}", ended.stderr);
    assert_eq!(machine.lab.sweep("lost").counts(), [("done".to_owned(), 4)].into());
    assert!(!machine.allocated_on(1));
}

#[test]
fn a_driver_that_is_too_old_is_named() {
    let Some(machine) = Machine::with(1) else { return };
    let machine = machine.with_old_driver().set("STANDIN_DRIVER", "11040");
    machine.lab.tiny("old", "");
    let ended = machine.run("sweep old.yaml --devices cuda").exits(3);
    assert!(ended.stderr.contains("driver 575.0.stand-in is too old: it takes CUDA 11.4"), "{}", ended.stderr);
    assert!(machine.run("doctor").exits(0).stdout.contains("auto means:     the CPU (flex): the NVIDIA driver"));
}

#[test]
fn killed_again_and_again_every_run_is_done_once() {
    let Some(machine) = Machine::with(2) else { return };
    machine.lab.long("killed", "sweep: { seeds: 4 }\nexecution: { jobs: 4 }");
    let sweep = machine.lab.sweep("killed");
    for round in 0..4 {
        let before = sweep.newest_checkpoint();
        let mut running = machine.start(&format!("sweep killed.yaml {ANY_SAMPLES}"));
        until("a newer checkpoint", || {
            assert!(running.is_running(), "round {round}: {}", running.stderr());
            (sweep.newest_checkpoint() > before).then_some(())
        });
        let workers = running.workers();
        if round % 2 == 0 {
            running.kill();
        }
        workers.iter().for_each(|worker| worker.signal("KILL"));
        running.kill();
        until("the death of all", || workers.iter().all(|worker| !worker.lives()).then_some(()));
    }
    machine.run(&format!("sweep killed.yaml {ANY_SAMPLES}")).exits(0);
    assert_eq!(sweep.counts(), [("done".to_owned(), 4)].into());
    for id in sweep.ids() {
        let ends = sweep.events_of(&id, "ended");
        assert_eq!(ends.iter().filter(|event| event["status"] == "done").count(), 1, "{ends:#?}");
    }
}
