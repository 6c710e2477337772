//! The launcher for Slurm, on a cluster that only this test uses.

use super::script;
use dispatch::launcher::slurm::{Resources, Setting, TaskFolder};
use dispatch::{Slurm, WorkerCommand};
use record::SweepFolder;
use std::path::Path;
use std::process::Command;
use testing::Cluster;

/// The launcher where the environment names a cluster; where it does not, the test of this thread is run again in a
/// process whose environment does, and there is no launcher here.
///
/// Its workers get their orders through `relay.sh`; a worker of the program itself reads the channel.
pub(crate) fn on_cluster(command: WorkerCommand, folder: &Path) -> Option<Slurm> {
    if std::env::var_os("SLURM_CONF").is_none() {
        again();
        return None;
    }
    let relay = script("relay.sh");
    let arguments = [relay.arguments, vec![command.program.into_os_string()], command.arguments].concat();
    Some(Slurm::new(Setting {
        command: WorkerCommand { program: relay.program, arguments },
        resources: Resources::default(),
        tasks: TaskFolder::of(&SweepFolder::new(folder)).unwrap(),
        slots: None,
        plan: None,
        after: None,
    }))
}

fn again() {
    let thread = std::thread::current();
    let test = thread.name().unwrap();
    // Processes of nodes have the ids that the test sees.
    let Some(cluster) = Cluster::start(test, &[("CPUS", "16"), ("GPUS", "0"), ("NAMESPACES", "0")]) else { return };
    let (name, value) = cluster.environment();
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args([test, "--exact", "--nocapture"]).env(name, value).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
