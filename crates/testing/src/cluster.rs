//! A cluster with Slurm on this machine, for one test: `scripts/slurm_cluster.sh`.

use crate::skip;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/slurm_cluster.sh");

/// Clusters of one process take ports one after the other.
static PORTS: AtomicU16 = AtomicU16::new(0);

/// Two of them would be too many for a machine of two cores.
static ONE: Mutex<()> = Mutex::new(());

/// Nodes that are processes of this machine, on the loopback interface. Dropped, it ends with all of its jobs.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    settings: Vec<(String, String)>,
    _one: Option<std::sync::MutexGuard<'static, ()>>,
}

impl Cluster {
    /// Two nodes with such settings of the script, `("CPUS", "4")`; `None`, and a word about it, where there is no Slurm or
    /// this user is not root.
    ///
    /// # Panics
    /// It does not start.
    pub fn start(test: &str, settings: &[(&str, &str)]) -> Option<Self> {
        let has = |program: &str| {
            Command::new("sh")
                .args(["-c", &format!("command -v {program}")])
                .output()
                .is_ok_and(|found| found.status.success())
        };
        if !["slurmctld", "slurmd", "sbatch", "munged"].into_iter().all(has) {
            skip("slurm", &format!("{test}: no Slurm on this machine; scripts/slurm_cluster.sh install"));
            return None;
        }
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
        if !is_root {
            skip("slurm", &format!("{test}: a cluster of this machine's own needs root"));
            return None;
        }
        let one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder =
            std::env::temp_dir().join(format!("slurm-{}-{}", std::process::id(), PORTS.load(Ordering::Relaxed)));
        std::fs::create_dir_all(&folder).expect("the folder for temporary files is there");
        let mut settings: Vec<(String, String)> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        settings
            .extend([("LAB".to_owned(), folder.display().to_string()), ("PORT".to_owned(), free_ports().to_string())]);
        let cluster = Self { folder, settings, _one: Some(one) };
        let output = cluster.script(&["up"]);
        assert!(output.status.success(), "{test}: {}", String::from_utf8_lossy(&output.stderr));
        Some(cluster)
    }

    /// A variable that a program needs in its environment to find the cluster.
    pub fn environment(&self) -> (&'static str, PathBuf) {
        ("SLURM_CONF", self.folder.join("slurm.conf"))
    }

    /// Breaks or mends something: `["cut", "1"]`.
    ///
    /// # Panics
    /// It fails.
    pub fn does(&self, words: &[&str]) {
        let output = self.script(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What one of Slurm's programs prints.
    pub fn asks(&self, program: &str, words: &[&str]) -> String {
        let (name, value) = self.environment();
        let output = Command::new(program).args(words).env(name, value).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    }

    /// A folder that goes with the cluster.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn script(&self, words: &[&str]) -> Output {
        let mut command = Command::new(SCRIPT);
        command.args(words).envs(self.settings.iter().map(|(name, value)| (name, value)));
        // Daemons must not hold pipes of this process.
        let file = |name: &str| std::fs::File::create(self.folder.join(name)).expect("the folder can be written");
        let status =
            command.stdin(std::process::Stdio::null()).stdout(file("script.out")).stderr(file("script.err")).status();
        let status = status.expect("the script can be started");
        let stderr = std::fs::read(self.folder.join("script.err")).unwrap_or_default();
        Output { status, stdout: Vec::new(), stderr }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.script(&["down"]);
        if std::env::var_os("KEEP_CLUSTER").is_none() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The first of three ports in a row that no one listens at.
fn free_ports() -> u16 {
    const FIRST: u16 = 21_000;
    const RANGE: u16 = 9_000;
    loop {
        let offset = PORTS.fetch_add(4, Ordering::Relaxed).wrapping_add((std::process::id() % 2000) as u16 * 4) % RANGE;
        let port = FIRST + offset;
        if (port..port + 3).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return port;
        }
    }
}
