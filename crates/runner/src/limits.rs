//! Limits of this process that keep it from starting threads and processes.

use crate::text;
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};
use std::error::Error;
use std::fs;
use std::io;

/// Which limits may be the cause, if one of these errors is that of a limit: `; ulimit -v allows 2.0 GiB of memory`.
pub(crate) fn hint(error: &(dyn Error + 'static)) -> String {
    if !is_of_limit(error) {
        return String::new();
    }
    let memory =
        getrlimit(Resource::As).current.map(|limit| format!("`ulimit -v` allows {} of memory", text::bytes(limit)));
    let threads = |limit: u64| format!("{limit} processes and threads");
    let user =
        getrlimit(Resource::Nproc).current.map(|limit| format!("`ulimit -u` allows this user {}", threads(limit)));
    let group = group_limit().map(|limit| format!("its control group (`pids.max`) allows {}", threads(limit)));
    let limits: Vec<String> = [user, memory, group].into_iter().flatten().collect();
    if limits.is_empty() { String::new() } else { format!("; {}", limits.join(", ")) }
}

/// Whether it is, or is caused by, the system's answer to a thread or process too many, or to one without memory.
fn is_of_limit(error: &(dyn Error + 'static)) -> bool {
    let code = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    code == Some(Errno::AGAIN.raw_os_error()) || error.source().is_some_and(is_of_limit)
}

/// `pids.max` of the control group of this process, if it is a number.
fn group_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    fs::read_to_string(format!("/sys/fs/cgroup{group}/pids.max")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_limits_are_explained() {
        let of = |code: i32| hint(&io::Error::from_raw_os_error(code));
        assert_eq!(of(Errno::NOENT.raw_os_error()), "");
        let limits = of(Errno::AGAIN.raw_os_error());
        assert!(limits.is_empty() || limits.contains(" allows "), "{limits}");
    }
}
