//! The end of a process whose device is of no use.

use crate::error::Error;
use dispatch::protocol::DEVICE_FAILED;
use std::collections::BTreeSet;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{process, thread};
use training::DeviceKind;

/// Exit status of Rust's own after a panic.
pub(crate) const PANICKED: i32 = 101;

/// How the names of the threads begin that talk to a device: Burn's, which keep their panics to themselves.
const DEVICE_THREADS: [&str; 2] = ["DSD-", "DSU-"];

/// Makes a panic on a device's thread the end of this process, with its text, and compares the devices with the CPU. Until
/// that is done no panic is the fault of a run.
pub(crate) fn check_devices(devices: &BTreeSet<DeviceKind>) {
    static CHECKED: AtomicBool = AtomicBool::new(false);
    let names = devices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let (is_checked, thread) = (CHECKED.load(Ordering::Relaxed), thread::current());
        let is_device = |name: &str| DEVICE_THREADS.iter().any(|begin| name.starts_with(begin));
        match thread.name().is_some_and(is_device) {
            true => {
                eprintln!("device {names} failed: {}", text(panic));
                process::exit(if is_checked { PANICKED } else { DEVICE_FAILED });
            }
            false if is_checked => report(panic),
            false => eprintln!("device {names} failed: {}", text(panic)),
        }
    }));
    match panic::catch_unwind(|| devices.iter().try_for_each(|device| training::check_device(*device))) {
        Ok(Ok(())) => CHECKED.store(true, Ordering::Relaxed),
        Ok(Err(error)) => {
            eprint!("{}", Error::from(error).report());
            process::exit(DEVICE_FAILED);
        }
        // The hook has said why.
        Err(_) => process::exit(DEVICE_FAILED),
    }
}

/// What a panic says, and where it comes from.
fn text(panic: &PanicHookInfo) -> String {
    let payload = panic.payload();
    let message =
        payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = panic.location().map(|place| format!(" ({place})"));
    format!("{}{}", message.unwrap_or("a panic without a text"), place.unwrap_or_default())
}
