//! Limits of a process (`ulimit`) end a command with a message that names them, not with a panic or a signal.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tests::Lab;

/// Networks of some megabytes.
const LARGE: &str = "\
name: one
run:
  model: { preset: mlp, generator: { hidden: [512] }, discriminator: { hidden: [512] } }
  train: { steps: 2, batch_size: 4 }
  sample: { every: 0 }
  checkpoint: { every: 2, keep: 2 }
";

/// The program below a shell that sets limits first.
fn limited(lab: &Lab, limits: &str, line: &str) -> Output {
    let program = lab.command(line);
    let mut shell = Command::new("bash");
    shell
        .arg("-c")
        .arg(format!("{limits}; exec \"$@\""))
        .arg("bash")
        .arg(program.get_program())
        .args(program.get_args());
    shell.current_dir(lab.path("")).output().unwrap()
}

/// A thread's stack is larger than what is left of the address space, as under a limit on processes no thread starts.
#[test]
fn threads_that_cannot_be_started_are_an_error_of_the_machine() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let limits = "ulimit -v 4000000; export RUST_MIN_STACK=8000000000";
    for line in ["plan one.yaml", "sweep one.yaml", "worker results/one --device cpu --slots 1 --threads 2"] {
        let ended = limited(&lab, limits, line);
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{line}: {stderr}");
        for words in ["cannot start the threads", "`ulimit -v` allows 3.8 GiB of memory"] {
            assert!(stderr.contains(words), "{line}: {stderr}");
        }
    }
}

#[test]
fn a_file_beyond_the_limit_of_sizes_is_named() {
    let lab = Lab::new();
    lab.write("one.yaml", LARGE);
    let ended = limited(&lab, "ulimit -f 1000", "sweep one.yaml --retries 0");
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("File too large") && stderr.contains(".bpk"), "{stderr}");
}

/// A group of processes that get one core's time, which ends with the test.
struct OneCore(PathBuf);

impl OneCore {
    /// Nothing where this user may not make one.
    fn new() -> Option<Self> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let name = format!("one-core-{}", std::process::id());
        let (folder, file, quota) = groups.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (_, controllers, own) = (parts.next()?, parts.next()?, parts.next()?.trim_start_matches('/'));
            match controllers {
                "" => Some((Path::new("/sys/fs/cgroup").join(own), "cpu.max", "100000 100000")),
                _ if controllers.split(',').any(|controller| controller == "cpu") => {
                    Some((Path::new("/sys/fs/cgroup/cpu").join(own), "cpu.cfs_quota_us", "100000"))
                }
                _ => None,
            }
        })?;
        let group = Self(folder.join(name));
        fs::create_dir(&group.0).ok()?;
        fs::write(group.0.join(file), quota).ok()?;
        Some(group)
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// A container on a large machine, allowed the time of a part of its cores.
#[test]
fn a_quota_of_time_counts_as_cores() {
    let Some(group) = OneCore::new() else {
        testing::skip("quota", "this user may not limit the time of a group of processes");
        return;
    };
    let lab = Lab::new();
    lab.tiny("one", "");
    let join = format!("echo $BASHPID > {}", group.0.join("cgroup.procs").display());
    let ended = limited(&lab, &join, "doctor --format json");
    let doctor: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(doctor["cores"], 1, "{}", String::from_utf8_lossy(&ended.stderr));
    limited(&lab, &join, "sweep one.yaml");
    let sweep = lab.sweep("one");
    let provenance = fs::read(sweep.run(&sweep.ids()[0]).join("provenance.json")).unwrap();
    let provenance: serde_json::Value = serde_json::from_slice(&provenance).unwrap();
    assert_eq!(provenance["threads"], 1, "{provenance:#}");
}
