//! Disks that fill up or cannot be written: runs end, not the program; with room again, the sweep goes on to the same
//! weights.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::Lab;

/// A checkpoint of these networks is some megabytes: all other files are small beside it.
const LARGE: &str = "\
name: one
run:
  model: { preset: mlp, generator: { hidden: [512] }, discriminator: { hidden: [512] } }
  train: { steps: 6, batch_size: 4 }
  sample: { every: 2, count: 4 }
  checkpoint: { every: 2, keep: 2 }
  log: { every: 1 }
";

/// A small file system; unmounted when dropped.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// `None` where mounting is not permitted.
    fn mount(path: PathBuf, size: u64) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        mount(&path, &format!("size={size}")).then_some(Self { path })
    }

    fn grow(&self, size: u64) {
        assert!(mount(&self.path, &format!("remount,size={size}")));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        is_done("umount", &["-l"], &self.path);
    }
}

/// Any user may write there.
fn mount(path: &Path, options: &str) -> bool {
    is_done("mount", &["-t", "tmpfs", "-o", &format!("{options},mode=777"), "tmpfs"], path)
}

/// Whether this user may do it, or may become root without a password to do it.
fn is_done(command: &str, arguments: &[&str], path: &Path) -> bool {
    [&[command][..], &["sudo", "-n", command]].iter().any(|words| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(arguments).arg(path).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// Bytes of the files in a folder of folders.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { size(&path) } else { path.metadata().unwrap().len() }).sum()
}

#[test]
fn a_full_disk_is_told_by_name_and_forgiven_when_there_is_room() {
    let lab = Lab::new();
    lab.write("one.yaml", LARGE);
    lab.run("sweep one.yaml --results undisturbed").exits(0);
    let undisturbed = lab.sweep_in("undisturbed/one");
    let (digests, checkpoint) =
        (undisturbed.digests(), size(&undisturbed.run(&undisturbed.ids()[0]).join("checkpoints/step-000004")));
    assert!(checkpoint > 4_000_000, "{checkpoint} bytes");

    // Full at the plan, at the first checkpoint, at the second.
    let cases = [(4096, &[3][..], None), (checkpoint / 2, &[1, 3], Some(0)), (checkpoint * 8 / 5, &[1, 3], Some(2))];
    for (size, codes, resumes_at) in cases {
        let folder = format!("disk-{size}");
        let Some(disk) = Disk::mount(lab.path(&folder), size) else {
            testing::skip("disk", "this user may not mount a file system");
            return;
        };
        let line = format!("sweep one.yaml --results {folder}");
        let full = lab.run(&line);
        assert!(full.code.is_some_and(|code| codes.contains(&code)), "{size}: {full:#?}");
        assert!(full.says("No space left"), "{size}: {full:#?}");
        assert!(full.says(&format!("{folder}/one")), "the message names the path: {full:#?}");

        let sweep = lab.sweep_in(&format!("{folder}/one"));
        disk.grow(checkpoint * 10);
        lab.run(&line).exits(0);
        assert_eq!(sweep.digests(), digests, "{size}");
        let id = &sweep.ids()[0];
        let resumed = sweep.events_of(id, "started").pop().unwrap()["step"].as_u64();
        assert!(resumes_at.is_none() || resumed == resumes_at, "{size}: went on from {resumed:?}");
    }
}

#[test]
fn a_read_only_folder_is_told_of_and_can_still_be_looked_at() {
    let lab = Lab::new();
    lab.write("one.yaml", LARGE);
    let Some(disk) = Disk::mount(lab.path("disk"), 100_000_000) else {
        testing::skip("disk", "this user may not mount a file system");
        return;
    };
    lab.run("sweep one.yaml --results disk").exits(0);
    assert!(mount(&disk.path, "remount,ro"));
    let sweep = lab.sweep_in("disk/one");
    assert_eq!(sweep.digests().len(), 1);
    lab.run("export disk/one").exits(0);
    lab.run(&format!("why {} --results disk", sweep.ids()[0])).exits(0);
    for line in ["sweep one.yaml --results disk", "sweep one.yaml --results disk/new", "report disk/one", "gc disk/one"]
    {
        let refused = lab.run(line).exits(3);
        assert!(refused.stderr.contains("Read-only file system"), "{line}: {}", refused.stderr);
        assert!(refused.stderr.contains("disk/"), "the message names the path: {}", refused.stderr);
    }
}
