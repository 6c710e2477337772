//! A lab whose machine has NVIDIA GPUs on paper.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tests::{Ended, Lab, Running};

/// The stand-ins for NVIDIA's libraries: of a driver of today, and of an old one.
struct Libraries {
    folder: tempfile::TempDir,
}

static LIBRARIES: LazyLock<Libraries> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for (driver, flags) in [("new", &[][..]), ("old", &["-DOLD_DRIVER"][..])] {
        fs::create_dir(folder.path().join(driver)).unwrap();
        for (source, library) in [("cuda.c", "libcuda.so.1"), ("nvml.c", "libnvidia-ml.so.1")] {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("gpu/standin").join(source);
            let mut compiler = Command::new("cc");
            compiler.args(["-shared", "-fPIC", "-O1", "-pthread"]).args(flags).arg(&source);
            compiler.arg("-o").arg(folder.path().join(driver).join(library));
            assert!(compiler.status().expect("a C compiler, which Rust links with, is there").success(), "{source:?}");
        }
    }
    Libraries { folder }
});

/// The machine, and what its program is told.
pub(crate) struct Machine {
    pub lab: Lab,
    driver: &'static str,
    settings: Vec<(String, String)>,
    /// The folder in which `libdevice.10.bc` and `ptxas` lie.
    pub toolkit: PathBuf,
}

impl Machine {
    /// One with so many GPUs, if there is a program to try. Its numbers mean nothing, so the check of devices is off.
    pub(crate) fn with(gpus: usize) -> Option<Self> {
        let lab = Lab::of_file(crate::program_with("cuda")?);
        let toolkit = std::env::var_os("RUNNER_GPU_TOOLKIT").map(PathBuf::from);
        let toolkit = toolkit.expect("RUNNER_GPU_TOOLKIT names the folder with `nvvm/libdevice/libdevice.10.bc`");
        let machine = Self { lab, driver: "new", settings: Vec::new(), toolkit };
        let (log, state) = (machine.lab.path("driver.log"), machine.lab.path("driver.state"));
        Some(
            machine
                .set("STANDIN_DEVICES", &gpus.to_string())
                .set("STANDIN_LOG", log.to_str().unwrap())
                .set("STANDIN_STATE", state.to_str().unwrap())
                .set("RUNNER_DEVICE_CHECK", "off"),
        )
    }

    /// The same with another variable of the environment; an empty one is not set.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a driver that lacks what is new.
    pub(crate) fn with_old_driver(self) -> Self {
        Self { driver: "old", ..self }
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = self.lab.command(line);
        for name in ["CUDA_VISIBLE_DEVICES", "CUDA_HOME", "CONDA_PREFIX", "VIRTUAL_ENV", "XDG_DATA_HOME"] {
            command.env_remove(name);
        }
        command.env("HOME", self.lab.path("home")).env("CUDA_PATH", &self.toolkit);
        command.env("LD_LIBRARY_PATH", LIBRARIES.folder.path().join(self.driver));
        for (name, value) in &self.settings {
            match value.is_empty() {
                true => command.env_remove(name),
                false => command.env(name, value),
            };
        }
        command
    }

    pub(crate) fn start(&self, line: &str) -> Running {
        self.lab.start_command(line, self.command(line))
    }

    pub(crate) fn run(&self, line: &str) -> Ended {
        self.start(line).wait()
    }

    /// What the driver saw: a line each, behind the id of its process.
    pub(crate) fn log(&self) -> Vec<String> {
        fs::read_to_string(self.lab.path("driver.log")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Whether any memory of the device was taken.
    pub(crate) fn allocated_on(&self, device: usize) -> bool {
        self.log().iter().any(|line| line.contains(&format!("alloc device {device} ")))
    }
}
