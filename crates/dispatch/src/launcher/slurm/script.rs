//! What is submitted: the arguments of `sbatch`, and the batch script, in which everything that a person named stays one
//! argument.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// Time before the limit of a task at which it is asked to write a checkpoint. Slurm looks at limits every 30 s, and may
/// signal a minute early.
const WARNING: Duration = Duration::from_secs(120);

/// What a task asks the cluster for. What is absent is left to the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Partition.
    pub partition: Option<String>,
    /// Account that pays.
    pub account: Option<String>,
    /// Quality of service.
    pub qos: Option<String>,
    /// Time limit of a task.
    pub time: Option<Duration>,
    /// CPU cores of a task.
    pub cpus: Option<usize>,
    /// GPUs of a task.
    pub gpus: Option<usize>,
    /// Parts of a GPU, where the site shares them.
    pub shards: Option<usize>,
    /// Memory of a task, such as `8G`.
    pub memory: Option<String>,
    /// Features that its node must have.
    pub constraint: Option<String>,
    /// Tasks that run at once at most.
    pub at_once: Option<usize>,
    /// Lines of a shell before the program, such as `module load cuda`.
    pub setup: Vec<String>,
    /// Further arguments of `sbatch`.
    pub extra: Vec<String>,
}

impl Resources {
    /// The arguments of `sbatch` before the script's path; `tasks` is the size of the array, `None` for a single job.
    pub(super) fn arguments(&self, name: &str, tasks: Option<usize>, log: &Path, after: Option<&str>) -> Vec<String> {
        let mut arguments = vec![
            "--parsable".to_owned(),
            format!("--job-name={name}"),
            "--nodes=1".to_owned(),
            "--ntasks=1".to_owned(),
            format!("--output={}", log.display()),
            "--open-mode=append".to_owned(),
        ];
        if let Some(tasks) = tasks {
            let at_once = self.at_once.map_or_else(String::new, |at_once| format!("%{at_once}"));
            let warning = self.time.map_or(WARNING, |time| WARNING.min(time / 2)).as_secs();
            arguments.push(format!("--array=0-{}{at_once}", tasks.saturating_sub(1)));
            arguments.push("--requeue".to_owned());
            arguments.push(format!("--signal=B:USR1@{warning}"));
        } else {
            arguments.push("--no-requeue".to_owned());
        }
        if let Some(job) = after {
            arguments.push(format!("--dependency=afterok:{job}"));
            arguments.push("--kill-on-invalid-dep=yes".to_owned());
        }
        let minutes = self.time.map(|time| time.as_secs().div_ceil(60).to_string());
        let options = [
            ("partition", self.partition.clone()),
            ("account", self.account.clone()),
            ("qos", self.qos.clone()),
            ("time", minutes),
            ("cpus-per-task", self.cpus.map(|cpus| cpus.to_string())),
            ("gpus", self.gpus.map(|gpus| gpus.to_string())),
            ("gres", self.shards.map(|shards| format!("shard:{shards}"))),
            ("mem", self.memory.clone()),
            ("constraint", self.constraint.clone()),
        ];
        arguments.extend(options.into_iter().filter_map(|(name, value)| Some(format!("--{name}={}", value?))));
        arguments.extend(self.extra.iter().cloned());
        arguments
    }

    /// The same on no node of these, nor on those that a person has excluded; a second `--exclude` would replace the first.
    pub(super) fn excluding(&self, nodes: &BTreeSet<&str>) -> Self {
        let mut resources = self.clone();
        if !nodes.is_empty() {
            let nodes = nodes.iter().copied().collect::<Vec<_>>().join(",");
            let extra = &mut resources.extra;
            // `-x n1`, `-xn1`, `--exclude n1` or `--exclude=n1`; the last one counts.
            let is_exclude = |argument: &String| {
                argument.starts_with("-x") || argument == "--exclude" || argument.starts_with("--exclude=")
            };
            let list = match extra.iter().rposition(is_exclude) {
                Some(place) if ["-x", "--exclude"].contains(&extra[place].as_str()) => Some(place + 1),
                place => place,
            };
            match list.and_then(|place| extra.get_mut(place)) {
                Some(argument) => argument.extend([",", nodes.as_str()]),
                None => extra.push(format!("--exclude={nodes}")),
            }
        }
        resources
    }

    /// The time limit, for people.
    pub(super) fn limit(&self) -> Option<String> {
        self.time.map(|time| format!("{} min", time.as_secs().div_ceil(60)))
    }
}

/// The batch script: set-up, environment, and the program in place of the shell, so that signals reach it. `last` is the part of
/// the last argument that the shell is to fill in, after a quoted beginning.
pub(super) fn script(
    setup: &[String],
    environment: &[(String, String)],
    program: &Path,
    arguments: &[OsString],
    last: Option<(&Path, &str)>,
) -> Vec<u8> {
    let mut text = String::from("#!/bin/bash\n# Written by `runner sweep --launcher slurm`.\nset -e\n");
    for line in setup {
        let _ = writeln!(text, "{line}");
    }
    for (name, value) in environment {
        let _ = writeln!(text, "export {name}='{}'", value.replace('\'', "'\\''"));
    }
    let mut script = text.into_bytes();
    script.extend(b"exec ");
    script.extend(quoted(program.as_os_str()));
    for argument in arguments {
        script.push(b' ');
        script.extend(quoted(argument));
    }
    if let Some((beginning, variable)) = last {
        script.push(b' ');
        script.extend(quoted(beginning.join("").as_os_str()));
        script.extend(format!("\"${variable}\"").bytes());
    }
    script.push(b'\n');
    script
}

/// One word for the shell, whatever is in it.
fn quoted(word: &OsStr) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in word.as_bytes() {
        match byte {
            b'\'' => quoted.extend(b"'\\''"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// The path of a log for `sbatch`, to which `%` is a sign.
pub(super) fn pattern(folder: &Path, name: &str) -> std::path::PathBuf {
    let escaped = folder.display().to_string().replace('%', "%%");
    Path::new(&escaped).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn whatever_is_asked_for_is_one_argument() {
        let resources = Resources {
            partition: Some("gpu".to_owned()),
            account: Some("lab 7".to_owned()),
            qos: Some("$(rm -rf .)".to_owned()),
            time: Some(Duration::from_secs(3601)),
            cpus: Some(4),
            gpus: Some(1),
            memory: Some("8G".to_owned()),
            constraint: Some("a100|h100".to_owned()),
            at_once: Some(50),
            extra: vec!["--exclude=n[1-3]".to_owned()],
            ..Resources::default()
        };
        let log = pattern(Path::new("/results/50%"), "%a/log.txt");
        let expected = "\
--parsable
--job-name=lr-3fa9c21b-1
--nodes=1
--ntasks=1
--output=/results/50%%/%a/log.txt
--open-mode=append
--array=0-99%50
--requeue
--signal=B:USR1@120
--dependency=afterok:17
--kill-on-invalid-dep=yes
--partition=gpu
--account=lab 7
--qos=$(rm -rf .)
--time=61
--cpus-per-task=4
--gpus=1
--mem=8G
--constraint=a100|h100
--exclude=n[1-3]";
        assert_eq!(resources.arguments("lr-3fa9c21b-1", Some(100), &log, Some("17")).join("\n"), expected);
        let excluding =
            |resources: &Resources, nodes: &[&str]| resources.excluding(&nodes.iter().copied().collect()).extra;
        assert_eq!(excluding(&resources, &["n7", "n5"]), ["--exclude=n[1-3],n5,n7"]);
        assert_eq!(excluding(&Resources::default(), &["n7"]), ["--exclude=n7"]);
        let given =
            |words: &[&str]| Resources { extra: words.iter().map(ToString::to_string).collect(), ..resources.clone() };
        assert_eq!(excluding(&given(&["-x", "n1", "--nice"]), &["n7"]), ["-x", "n1,n7", "--nice"]);
        assert_eq!(excluding(&given(&["--exclude", "n1"]), &["n7"]), ["--exclude", "n1,n7"]);
        assert_eq!(excluding(&given(&["-xn1", "--exclusive"]), &["n7"]), ["-xn1,n7", "--exclusive"]);
        assert_eq!(excluding(&given(&["--exclusive"]), &["n7"]), ["--exclusive", "--exclude=n7"]);
        assert_eq!(resources.excluding(&BTreeSet::new()), resources);
        let short = Resources { time: Some(Duration::from_secs(60)), shards: Some(2), ..Resources::default() };
        let arguments = short.arguments("x", Some(1), Path::new("l"), None);
        assert!(
            arguments.contains(&"--signal=B:USR1@30".to_owned()) && arguments.contains(&"--gres=shard:2".to_owned())
        );
    }

    #[test]
    fn the_script_is_as_it_was() {
        let setup = ["module load cuda/12".to_owned()];
        let environment = [("TEST_SETTING".to_owned(), "it's".to_owned())];
        let arguments = ["join", "/a b/it's $HOME", "--devices", "auto", "--task"].map(OsString::from);
        let last = Some((Path::new("/a b/it's $HOME/.tasks/1"), "SLURM_ARRAY_TASK_ID"));
        let text = script(&setup, &environment, Path::new("/opt/my runner"), &arguments, last);
        let expected = r#"#!/bin/bash
# Written by `runner sweep --launcher slurm`.
set -e
module load cuda/12
export TEST_SETTING='it'\''s'
exec '/opt/my runner' 'join' '/a b/it'\''s $HOME' '--devices' 'auto' '--task' '/a b/it'\''s $HOME/.tasks/1/'"$SLURM_ARRAY_TASK_ID"
"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn names_with_quotes_spaces_and_dollar_signs_stay_arguments() {
        let words = ["a b", "it's", "$HOME", "`id`", "\"q\"", "", "\\", "x\ny", "*", "é"].map(OsString::from);
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("script.sh");
        let arguments: Vec<OsString> = [OsString::from("%s\\0")].into_iter().chain(words.clone()).collect();
        std::fs::write(&path, script(&[], &[], Path::new("/usr/bin/printf"), &arguments, None)).unwrap();
        let output = Command::new("/bin/bash").arg(&path).output().unwrap().stdout;
        let found: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
        let expected: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        assert_eq!(found[..words.len()], expected);
    }
}
