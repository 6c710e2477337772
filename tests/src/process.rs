//! The program while it runs, and after.

use crate::wait::until;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A started program. Dropped, it and its workers are killed.
#[derive(Debug)]
pub struct Running {
    line: String,
    child: Child,
    stdout: File,
    stderr: File,
}

/// What a program came to.
#[derive(Debug)]
pub struct Ended {
    /// The command line, for messages.
    pub line: String,
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// All that it wrote to standard output.
    pub stdout: String,
    /// All that it wrote to standard error.
    pub stderr: String,
}

/// A process that someone else started, not confused with a later one of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// Clock ticks after boot.
    started: u64,
}

impl Running {
    /// Starts the command. Its output goes to files: a pipe that no one reads would stop it.
    pub(crate) fn start(line: String, mut command: Command) -> Self {
        let file = || tempfile::tempfile().expect("the folder for temporary files is there");
        let (stdout, stderr) = (file(), file());
        let sink = |file: &File| Stdio::from(file.try_clone().expect("a file can be opened twice"));
        command.stdin(Stdio::null()).stdout(sink(&stdout)).stderr(sink(&stderr));
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start `{line}`: {error}"));
        Self { line, child, stdout, stderr }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The worker processes that it has now.
    pub fn workers(&self) -> Vec<Process> {
        let is_worker = |id| {
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).nth(1) == Some(b"worker")
        };
        let ids = fs::read_dir("/proc").expect("processes are found through /proc").flatten();
        let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let stats = ids.filter_map(|id| Some((id, Stat::of(id)?)));
        let mine = stats.filter(|(id, stat)| stat.parent == self.id() && stat.lives && is_worker(*id));
        mine.map(|(id, stat)| Process { id, started: stat.started }).collect()
    }

    /// The program's own process.
    pub fn process(&self) -> Process {
        let id = self.id();
        Process { id, started: Stat::of(id).expect("it has not been waited for").started }
    }

    /// Sends it a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Ends it with SIGKILL, and waits for its death. Its workers are not touched.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// It does not end, or something in it panicked.
    pub fn wait(mut self) -> Ended {
        let line = self.line.clone();
        let status = until(&format!("the end of `{line}`"), || {
            let ended = self.child.try_wait().expect("a child can be waited for");
            ended.map(|status: ExitStatus| status.code())
        });
        let ended = Ended { line, code: status, stdout: text(&self.stdout), stderr: text(&self.stderr) };
        assert!(!ended.says("panicked at"), "a panic: {ended:#?}");
        ended
    }

    /// All that it has written to standard output so far.
    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// All that it has written to standard error so far.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            for worker in self.workers() {
                worker.signal("KILL");
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Ended {
    /// Insists on an exit code.
    ///
    /// # Panics
    /// It is another.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "`{}`\n{}\n{}", self.line, self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// It is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("`{}`: {error}: {}", self.line, self.stdout))
    }

    /// Whether the words are anywhere in the output.
    pub fn says(&self, words: &str) -> bool {
        self.stdout.contains(words) || self.stderr.contains(words)
    }
}

impl Process {
    /// Whether it runs still. One that is dead and not yet waited for does not.
    pub fn lives(&self) -> bool {
        Stat::of(self.id).is_some_and(|stat| stat.lives && stat.started == self.started)
    }

    /// Whether a signal such as SIGSTOP has stopped it.
    pub fn is_stopped(&self) -> bool {
        Stat::of(self.id).is_some_and(|stat| stat.stopped && stat.started == self.started)
    }

    /// Sends it a signal, such as `KILL`.
    pub fn signal(&self, name: &str) {
        signal(self.id, name);
    }
}

/// Sends a process a signal, such as `STOP`; one that is gone by now is fine. The shell's own `kill` is in every system.
///
/// # Panics
/// There is no shell.
pub fn signal(id: u32, name: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("kill -{name} {id}")]).stderr(Stdio::null());
    shell.status().expect("there is a shell");
}

/// A line of `/proc/<id>/stat`, see proc(5).
struct Stat {
    parent: u32,
    lives: bool,
    stopped: bool,
    started: u64,
}

impl Stat {
    fn of(id: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The second field is a name in brackets that may hold anything; the third stands after it.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            parent: field(4)?.parse().ok()?,
            lives: !matches!(field(3)?, "Z" | "X"),
            stopped: field(3)? == "T",
            started: field(22)?.parse().ok()?,
        })
    }
}

/// The handle shares its position with the writer's: the file is read through a separate one.
fn text(file: &File) -> String {
    use std::os::fd::AsRawFd;
    let mut own = File::open(format!("/proc/self/fd/{}", file.as_raw_fd())).expect("an open file can be opened again");
    let mut bytes = Vec::new();
    own.rewind().and_then(|()| own.read_to_end(&mut bytes)).expect("a file that was written can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}
