//! A case of the experiment language: a file in `cases/` with the layers that its first lines name.

use crate::program::ROOT;
use std::fs;
use std::path::PathBuf;

/// One file.
#[derive(Debug)]
pub struct Case {
    /// Without `.yaml`.
    pub name: String,
    /// The whole file.
    pub text: String,
}

impl Case {
    /// Where they lie.
    pub fn folder() -> PathBuf {
        PathBuf::from(ROOT).join("tests/cases")
    }

    /// Every case, by name.
    pub fn all() -> Vec<Self> {
        let entries = fs::read_dir(Self::folder()).expect("the cases are in the repository");
        let files = entries.map(|entry| entry.expect("a folder can be listed").path());
        let mut cases: Vec<Self> = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .map(|path| Self {
                name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                text: fs::read_to_string(&path).expect("a case is text"),
            })
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(!cases.is_empty(), "there are cases");
        cases
    }

    /// The file with what the program is expected to say.
    pub fn expected(&self) -> PathBuf {
        Self::folder().join(format!("{}.out", self.name))
    }

    /// Whether the program is expected to take it.
    pub fn is_valid(&self) -> bool {
        fs::read_to_string(self.expected()).is_ok_and(|text| text.ends_with("exit 0\n"))
    }

    /// What follows `runner plan`.
    pub fn arguments(&self) -> Vec<String> {
        let sets = self.layers().filter_map(|layer| layer.strip_prefix("--set "));
        let sets = sets.flat_map(|set| ["--set".to_owned(), set.to_owned()]);
        [format!("{}.yaml", self.name)].into_iter().chain(sets).collect()
    }

    /// The environment's settings.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        self.layers().filter(|layer| layer.starts_with("RUNNER_")).filter_map(|layer| layer.split_once('=')).collect()
    }

    /// The command as one types it.
    pub fn line(&self) -> String {
        let environment = self.environment().into_iter().map(|(name, value)| format!("{name}={value} "));
        let sets = self.layers().filter_map(|layer| layer.strip_prefix("--set "));
        let sets = sets.map(|set| format!(" --set '{set}'"));
        let (environment, sets) = (environment.collect::<String>(), sets.collect::<String>());
        format!("{environment}runner plan {}.yaml{sets}", self.name)
    }

    fn layers(&self) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().map_while(|line| line.strip_prefix("# "));
        lines.filter(|line| line.starts_with("--set ") || line.starts_with("RUNNER_"))
    }
}
