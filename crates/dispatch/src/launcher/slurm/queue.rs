//! What Slurm says: one `squeue` for all jobs of a user, whose names decide which of them are meant.

use super::super::exit::{Exit, LastLines};
use record::Cause;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Output};

/// Fields of a line, in this order. Text and not JSON, whose form changes between versions of Slurm.
const FIELDS: &str = "ArrayJobID:|,ArrayTaskID:|,Name:|,State:|,Reason:|,NodeList:|,exit_code:|,RestartCnt:|";

/// A job that Slurm knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its id, as `scancel` takes it. Never a key: ids are given out again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its number in its array; `None` for a job that is none.
    pub index: Option<u32>,
    /// How it stands.
    pub state: State,
    /// Times that Slurm has started it again.
    pub restarts: u32,
}

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits, for this reason, in words.
    Waiting(String),
    /// It runs on these nodes.
    Running(String),
    /// It has ended.
    Ended(Ended),
    /// Of a kind that this program does not know; it may live.
    Unknown(String),
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Slurm's word.
    pub word: String,
    /// As `waitpid` has it.
    pub status: i32,
}

/// Why Slurm cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The program cannot be started.
    #[error("cannot start `{program}`: is this a login node of a cluster with Slurm?")]
    Missing {
        /// Which.
        program: &'static str,
        /// Why.
        source: io::Error,
    },
    /// It refused.
    #[error("`{program}` failed: {message}")]
    Refused {
        /// Which.
        program: &'static str,
        /// What it said.
        message: String,
    },
}

/// What a refusal says about the same question, asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No answer came, or one that this program does not know: it may have been taken.
    Unanswered,
    /// It may be taken later: the user has as many jobs as the site allows, or the partition is closed.
    Now,
    /// It would be refused again.
    ForGood,
}

impl QueueError {
    /// By the words of Slurm. Only what is surely for good counts as that: connections end in more ways than there are words
    /// for here.
    pub(super) fn refusal(&self) -> Refusal {
        // Munge proves to Slurm who a user is; it may be started again.
        const UNANSWERED: [&str; 2] = ["Munge", "authentication"];
        const NOW: [&str; 4] = ["SubmitJob", "temporarily", "try again", "partition not available"];
        const FOR_GOOD: [&str; 11] = [
            "nvalid",
            "not available",
            "unrecognized",
            "permitted",
            "denied",
            "not be satisfied",
            "too long",
            "too large",
            "violates accounting",
            "dependency problem",
            "Unspecified error",
        ];
        let Self::Refused { message, .. } = self else { return Refusal::ForGood };
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        // Which limit it is, stands in front, where the version of Slurm says it.
        let names_limit = || {
            let mut words = message.split(|c: char| !c.is_ascii_alphanumeric());
            words.any(|word| word.len() > 5 && (word.starts_with("QOS") || word.starts_with("Assoc")))
        };
        match () {
            () if says(&UNANSWERED) => Refusal::Unanswered,
            () if says(&NOW) || says(&["violates accounting"]) && !names_limit() => Refusal::Now,
            () if says(&FOR_GOOD) => Refusal::ForGood,
            () => Refusal::Unanswered,
        }
    }

    /// Whether the same question may be answered later.
    pub fn is_transient(&self) -> bool {
        self.refusal() != Refusal::ForGood
    }

    /// Whether Slurm takes nothing now, and may later.
    pub fn is_for_now(&self) -> bool {
        self.refusal() == Refusal::Now
    }

    /// Whether the site has no node with what was asked for.
    pub(super) fn is_without_nodes(&self) -> bool {
        matches!(self, Self::Refused { message, .. } if message.contains("node configuration is not available"))
    }
}

/// Runs one of Slurm's programs and returns its output.
pub(super) fn call(program: &'static str, arguments: &[String]) -> Result<String, QueueError> {
    let output = Command::new(program).args(arguments).output();
    let Output { status, stdout, stderr } = output.map_err(|source| QueueError::Missing { program, source })?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&stderr);
    let message = message.replace(&format!("{program}: error: "), "").replace(&format!("{program}: "), "");
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    Err(QueueError::Refused { program, message: lines.join("; ") })
}

/// The user's jobs whose names begin so, ended ones too as far as Slurm remembers them.
///
/// # Errors
/// Slurm does not answer, or not in a form that is known: then nothing is known of any job.
pub(super) fn queue(prefix: &str) -> Result<Vec<Queued>, QueueError> {
    let arguments = ["-h", "-r", "-t", "all", "--me", "-O", FIELDS].map(str::to_owned);
    parse(&call("squeue", &arguments)?, prefix)
}

fn parse(text: &str, prefix: &str) -> Result<Vec<Queued>, QueueError> {
    let mut jobs = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [job, index, name, state, reason, nodes, exit, restarts, ..] = fields[..] else {
            let message = format!("it answered in an unknown form: {}", line.chars().take(200).collect::<String>());
            return Err(QueueError::Refused { program: "squeue", message });
        };
        if !name.starts_with(prefix) {
            continue;
        }
        let index = index.parse().ok();
        let id = index.map_or_else(|| job.to_owned(), |index: u32| format!("{job}_{index}"));
        let state = State::of(state, reason, nodes, exit);
        jobs.push(Queued { id, name: name.to_owned(), index, state, restarts: restarts.parse().unwrap_or(0) });
    }
    Ok(jobs)
}

impl State {
    fn of(state: &str, reason: &str, nodes: &str, exit: &str) -> Self {
        match state {
            "PENDING" | "CONFIGURING" | "REQUEUED" | "REQUEUE_FED" | "REQUEUE_HOLD" | "SPECIAL_EXIT"
            | "RESV_DEL_HOLD" | "SUSPENDED" | "RESIZING" | "POWER_UP_NODE" => {
                Self::Waiting(if state == "SUSPENDED" { "is suspended".to_owned() } else { words(reason) })
            }
            "RUNNING" | "COMPLETING" | "STOPPED" | "SIGNALING" | "STAGE_OUT" | "EXPEDITING" => {
                Self::Running(nodes.to_owned())
            }
            "COMPLETED" | "CANCELLED" | "FAILED" | "TIMEOUT" | "NODE_FAIL" | "PREEMPTED" | "BOOT_FAIL" | "DEADLINE"
            | "OUT_OF_MEMORY" | "REVOKED" | "LAUNCH_FAILED" | "RECONFIG_FAIL" => {
                Self::Ended(Ended { word: state.to_owned(), status: raw_status(exit) })
            }
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Why it will never start, if that is certain.
    pub(super) fn hopeless(&self) -> Option<&str> {
        match self {
            Self::Waiting(reason) if reason.starts_with("will never start") => Some(reason),
            _ => None,
        }
    }

    /// Whether the job may live.
    pub fn is_alive(&self) -> bool {
        !matches!(self, Self::Ended(_))
    }
}

/// As a number of `waitpid`, or as `code:signal`.
fn raw_status(text: &str) -> i32 {
    match text.split_once(':') {
        Some((code, signal)) => code.parse().unwrap_or(0) << 8 | signal.parse().unwrap_or(0),
        None => text.parse().unwrap_or(0),
    }
}

/// Slurm's reason for a wait, in words.
fn words(reason: &str) -> String {
    let words = match reason {
        "Resources" => "waits for free nodes",
        "Priority" => "waits for jobs of higher priority",
        "JobArrayTaskLimit" => "waits for other tasks of the sweep: no more run at once than was asked for",
        "Dependency" => "waits for the first task, which tries the nodes",
        "DependencyNeverSatisfied" => "will never start: the first task, which tries the nodes, has failed",
        "BeginTime" => "was put back into the queue and waits a moment",
        "JobHeldUser" => "is held by the user: `scontrol release` lets it go",
        "JobHeldAdmin" => "is held by an administrator",
        "PartitionDown" | "PartitionInactive" => "waits: its partition is down",
        "PartitionTimeLimit" => "will never start: it asks for more time than its partition gives",
        "PartitionNodeLimit" => "will never start: it asks for more nodes than its partition has",
        "PartitionConfig" => "will never start: its partition has no node of that size",
        "BadConstraints" => "will never start: no node has what it asks for",
        reason if reason.starts_with("ReqNodeNotAvail") => "waits: the nodes that it needs are down or reserved",
        "Reservation" => "waits for a reservation",
        "Licenses" => "waits for a licence",
        "InvalidAccount" => "waits: its account is not valid",
        "InvalidQOS" => "waits: its quality of service is not valid",
        "None" | "" => "waits to be looked at",
        reason if reason.contains("MaxJobs") => "waits: the user has as many jobs running as the site allows",
        reason if reason.contains("Max") || reason.contains("Grp") => {
            return format!("waits at a limit of the site ({reason})");
        }
        reason => return format!("waits ({reason})"),
    };
    words.to_owned()
}

impl Ended {
    /// How the task ended, for the scheduler; `limit` is its time limit, for people, and `lines` what it wrote last.
    ///
    /// Ends that the cluster caused are no failure of a run: exit code 75, a node that failed, a job that was preempted or that
    /// someone cancelled. A time limit that cuts a task off says that it could not write a checkpoint in time.
    pub(super) fn exit(&self, limit: Option<&str>, lines: &LastLines) -> Exit {
        const TEMPORARY: i32 = 75;
        const TERMINATED: [i32; 5] = [1, 2, 10, 12, 15];
        let status = ExitStatus::from_raw(self.status);
        let exit = Exit::of(status, lines);
        let blameless = |reason: String| Exit { cause: Cause::LostWorker, reason, is_blameless: true };
        match self.word.as_str() {
            "TIMEOUT" | "DEADLINE" => {
                let limit = limit.map_or_else(String::new, |limit| format!(" of {limit}"));
                let reason = format!(
                    "its task ran into its time limit{limit} before it could write a checkpoint: raise \
                     `execution.slurm.time`"
                );
                Exit { cause: Cause::Timeout, reason, is_blameless: false }
            }
            "OUT_OF_MEMORY" => Exit { cause: Cause::OutOfMemory, ..exit },
            "NODE_FAIL" | "BOOT_FAIL" => blameless("its node failed".to_owned()),
            "PREEMPTED" => blameless("its task was preempted".to_owned()),
            "CANCELLED" | "REVOKED" => blameless("its task was cancelled".to_owned()),
            "LAUNCH_FAILED" | "RECONFIG_FAIL" => blameless("its task could not be launched".to_owned()),
            _ if status.code() == Some(TEMPORARY) => blameless("its task was stopped with a checkpoint".to_owned()),
            _ if status.signal().is_some_and(|signal| TERMINATED.contains(&signal)) => {
                blameless(format!("its task was ended: {}", exit.reason))
            }
            _ => exit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_known_by_their_names_and_states_have_words() {
        let text = "\
12|0|lr-3fa9-1|RUNNING|None|n1|0|0|
12|1|lr-3fa9-1|PENDING|QOSMaxJobsPerUserLimit||0|2|
12|2|lr-3fa9-1|FAILED|NonZeroExitCode|n2|19200|0|
13|N/A|lr-3fa9-canary-1|COMPLETED|None|n1|0|0|
14|7|lr-3fa9-2|TELEPORTING|None|n1|0|0|
15|N/A|somebody's|RUNNING|None|n1|0|0|

";
        let jobs = parse(text, "lr-3fa9-").unwrap();
        let seen: Vec<_> = jobs.iter().map(|job| (job.id.as_str(), job.index, job.restarts)).collect();
        assert_eq!(
            seen,
            [("12_0", Some(0), 0), ("12_1", Some(1), 2), ("12_2", Some(2), 0), ("13", None, 0), ("14_7", Some(7), 0)]
        );
        assert_eq!(jobs[0].state, State::Running("n1".to_owned()));
        let waits = "waits: the user has as many jobs running as the site allows";
        assert_eq!(jobs[1].state, State::Waiting(waits.to_owned()));
        assert_eq!(jobs[4].state, State::Unknown("TELEPORTING".to_owned()));
        assert_eq!(jobs[1].state.hopeless(), None);
        let hopeless = State::of("PENDING", "PartitionConfig", "", "0");
        assert!(hopeless.is_alive() && hopeless.hopeless().is_some());
        let alive: Vec<bool> = jobs.iter().map(|job| job.state.is_alive()).collect();
        assert_eq!(alive, [true, true, false, false, true]);
    }

    #[test]
    fn an_answer_in_an_unknown_form_says_nothing_of_any_job() {
        assert!(parse("slurm_load_jobs error: Unable to contact slurm controller\n", "x").is_err());
        assert_eq!(parse("", "x").unwrap(), []);
    }

    /// The words of Slurm 22.05 and 23.11.
    #[test]
    fn a_refusal_is_for_good_or_for_now() {
        let refusal = |words: &str| QueueError::Refused { program: "sbatch", message: words.to_owned() }.refusal();
        let policy = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
        for words in [
            "invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified",
            "Invalid account or account/partition combination specified",
            "Batch job submission failed: Invalid feature specification",
            "Memory specification can not be satisfied; Requested node configuration is not available",
            "Requested time limit is invalid (missing or exceeds some limit)",
            "unrecognized option '--bogus'; Try \"sbatch --help\" for more information",
            &format!("QOSMaxWallDurationPerJobLimit; {policy}"),
            &format!("AssocMaxCpuPerJobLimit; {policy}"),
        ] {
            assert_eq!(refusal(words), Refusal::ForGood, "{words}");
        }
        for words in [
            &format!("QOSMaxSubmitJobPerUserLimit; {policy}"),
            &format!("AssocGrpSubmitJobsLimit; {policy}"),
            policy,
            "Required partition not available (inactive or drain)",
            "Slurm temporarily unable to accept job, sleeping and retrying; Resource temporarily unavailable",
        ] {
            assert_eq!(refusal(words), Refusal::Now, "{words}");
        }
        for words in [
            "Unable to contact slurm controller (connect failure)",
            "Socket timed out on send/recv operation",
            "Zero Bytes were transmitted or received",
            // Of a controller that was killed while it was asked.
            "slurm_msg_sendto: address:port=127.0.0.1:19817 msg_type=4003: Unexpected missing socket error",
            "Transport endpoint is not connected",
            "Munge encode failed: Failed to connect to \"/run/munge\"; Protocol authentication error",
        ] {
            assert_eq!(refusal(words), Refusal::Unanswered, "{words}");
        }
    }

    #[test]
    fn ends_are_the_clusters_or_the_runs() {
        let exit = |word: &str, status: &str| {
            let ended = Ended { word: word.to_owned(), status: raw_status(status) };
            let exit = ended.exit(Some("2m"), &LastLines::default());
            (exit.cause, exit.is_blameless)
        };
        assert_eq!(exit("FAILED", "19200"), (Cause::LostWorker, true));
        assert_eq!(exit("COMPLETED", "75:0"), (Cause::LostWorker, true));
        assert_eq!(exit("FAILED", "0:15"), (Cause::LostWorker, true));
        assert_eq!(exit("FAILED", "9"), (Cause::Signal, false));
        assert_eq!(exit("FAILED", "101:0"), (Cause::LostWorker, false));
        assert_eq!(exit("OUT_OF_MEMORY", "0:125"), (Cause::OutOfMemory, false));
        assert_eq!(exit("TIMEOUT", "0:15"), (Cause::Timeout, false));
        for word in ["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "CANCELLED"] {
            assert!(exit(word, "0").1, "{word}");
        }
    }
}
