//! A worker before it is started: its device, its slots, and the command line that every launcher executes.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// The name of a device, such as `cuda:0`, as it stands on a worker's command line. Only the worker knows its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device(String);

/// Not a name that can stand on a command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name of a device: a letter, then letters, digits and any of `:._-`")]
pub struct DeviceNameError(String);

impl TryFrom<String> for Device {
    type Error = DeviceNameError;

    fn try_from(name: String) -> Result<Self, DeviceNameError> {
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ":._-".contains(c);
        if begins && name.chars().all(is_plain) { Ok(Self(name)) } else { Err(DeviceNameError(name)) }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One worker: where it trains, and how much at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSpec {
    /// Its device.
    pub device: Device,
    /// Runs that it trains at once, or can.
    pub slots: usize,
    /// Whether it begins with one run and finds out how many at once pay.
    pub packs: bool,
    /// CPU threads of each of them.
    pub threads: usize,
    /// Environment variables that it needs.
    pub environment: Vec<(String, String)>,
}

/// The program that is a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The executable file.
    pub program: PathBuf,
    /// Its arguments before those of a worker's [`WorkerSpec`].
    pub arguments: Vec<OsString>,
}

impl WorkerCommand {
    /// All arguments of a worker: `<arguments> --device cpu:flex --slots 1 --threads 2`.
    pub fn arguments(&self, spec: &WorkerSpec) -> Vec<OsString> {
        let WorkerSpec { device, slots, threads, .. } = spec;
        let options =
            [("--device", device.to_string()), ("--slots", slots.to_string()), ("--threads", threads.to_string())];
        let options = options.into_iter().flat_map(|(name, value)| [OsString::from(name), value.into()]);
        self.arguments.iter().cloned().chain(options).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_safe_on_a_command_line() {
        for name in ["cpu", "cpu:flex", "cuda:12", "wgpu:0.1-x_y"] {
            assert_eq!(Device::try_from(name.to_owned()).unwrap().to_string(), name);
        }
        for name in ["", "-x", ":0", "cpu; rm", "a b", "cuda:0\n", "$X", "gerät"] {
            assert!(Device::try_from(name.to_owned()).is_err(), "{name}");
        }
    }

    #[test]
    fn the_command_line_names_device_slots_and_threads() {
        let command = WorkerCommand { program: "runner".into(), arguments: vec!["worker".into(), "a b".into()] };
        let device = Device::try_from("cuda:0".to_owned()).unwrap();
        let spec = WorkerSpec { device, slots: 3, packs: false, threads: 2, environment: Vec::new() };
        let expected = ["worker", "a b", "--device", "cuda:0", "--slots", "3", "--threads", "2"];
        assert_eq!(command.arguments(&spec), expected);
    }
}
