//! Names of files and folders that are not complete yet: `.<target>.tmp-<process>-<token>-<count>`, beside their target.
//!
//! What a killed writer left is known by exactly this form and by its process, which is dead. Anything else with such
//! letters in its name is a person's file.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const MARK: &str = ".tmp-";

/// A name beside `path` that no other writer uses, on other machines neither.
pub fn temporary_sibling(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!("{MARK}{}-{}-{count}", std::process::id(), token()));
    path.with_file_name(name)
}

/// Distinguishes this process from those that have its id on other machines or in other containers, or had it before.
fn token() -> u32 {
    static TOKEN: OnceLock<u32> = OnceLock::new();
    *TOKEN.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.subsec_nanos()))
}

/// What killed writers left in `folder`, for any target.
pub fn stale(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_stale = |name: &OsStr| target_of_dead(name).is_some();
    entries.filter(|entry| is_stale(&entry.file_name())).map(|entry| entry.path()).collect()
}

/// Deletes what killed writers left in a folder of this program.
pub fn remove_stale(folder: &Path) {
    stale(folder).iter().for_each(|path| remove(path));
}

/// Deletes what killed writers of `target` left beside it. The rest of the folder is not this program's.
pub fn remove_stale_of(target: &Path) {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_of_target =
        |path: &&PathBuf| path.file_name().and_then(target_of_dead).map(OsStr::new) == target.file_name();
    stale(folder).iter().filter(is_of_target).for_each(|path| remove(path));
}

/// Deletes a folder of this program. It loses its name at once, and what a kill leaves of it is [`stale`].
///
/// # Errors
/// It cannot be renamed or deleted.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    let gone = temporary_sibling(folder);
    fs::rename(folder, &gone)?;
    fs::remove_dir_all(gone)
}

fn remove(path: &Path) {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let _ = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

/// The target of a temporary name whose process is dead.
fn target_of_dead(name: &OsStr) -> Option<&str> {
    let (target, numbers) = name.to_str()?.strip_prefix('.')?.rsplit_once(MARK)?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
    let numbers: Option<Vec<u32>> = numbers.split('-').map(number).collect();
    let [process, of, _] = numbers?[..] else { return None };
    let is_dead = match process {
        own if own == std::process::id() => of != token(),
        // A process of another user is alive as well, and may not be signalled.
        other => match i32::try_from(other).ok().and_then(Pid::from_raw) {
            Some(process) => test_kill_process(process) == Err(Errno::SRCH),
            None => true,
        },
    };
    (is_dead && !target.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// The id of a process that has ended.
    fn dead() -> u32 {
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        child.id()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_the_exact_form_of_a_dead_process_is_stale() {
        let (dead, own) = (dead(), std::process::id());
        let folder = tempfile::tempdir().unwrap();
        let left = [
            format!(".plan.json.tmp-{dead}-123456789-0"),
            format!(".x.tmp-1.tmp-{dead}-0-7"),
            format!(".container.tmp-{own}-{}-3", token().wrapping_add(1)),
        ];
        let kept = [
            "notes.tmp-2024".to_owned(),
            "my.tmp-file".to_owned(),
            ".cache.tmp-1-2".to_owned(),
            format!("plan.json.tmp-{dead}-1-0"),
            format!(".plan.json.tmp-{dead}-1-0.bak"),
            format!(".plan.json.tmp-{dead}-+1-0"),
            format!(".plan.json.tmp-{dead}--0"),
            format!(".tmp-{dead}-1-0"),
            ".plan.json.tmp-1-123456789-0".to_owned(),
            format!(".own.tmp-{own}-{}-0", token()),
        ];
        for name in left.iter().chain(&kept) {
            fs::write(folder.path().join(name), "12345").unwrap();
        }
        remove_stale(folder.path());
        let mut expected = kept.to_vec();
        expected.sort();
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn of_a_target_only_its_own_leftovers_go_and_no_link_is_followed() {
        let dead = dead();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("mine")).unwrap();
        fs::write(path("mine/inside"), "1").unwrap();
        fs::create_dir_all(path(&format!(".a.tmp-{dead}-1-0/deep"))).unwrap();
        std::os::unix::fs::symlink(path("mine"), path(&format!(".a.tmp-{dead}-1-1"))).unwrap();
        fs::write(path(&format!(".b.tmp-{dead}-1-2")), "1").unwrap();
        remove_stale_of(&path("a"));
        assert_eq!(names(folder.path()), [format!(".b.tmp-{dead}-1-2"), "mine".into()]);
        assert!(path("mine/inside").is_file());
    }

    #[test]
    fn what_this_process_writes_is_not_stale() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = temporary_sibling(&folder.path().join("step-000100"));
        fs::create_dir(&temporary).unwrap();
        assert_eq!(stale(folder.path()), [""; 0].map(PathBuf::from));
        assert_ne!(temporary, temporary_sibling(&folder.path().join("step-000100")));
    }
}
