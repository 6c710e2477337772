//! Settings that are paths: a relative one starts at the file that it stands in, as `extends` does, or at the working
//! directory where it is set from outside of a file. `~` and variables of the environment are known.

use std::path::{Path, PathBuf};

use crate::names::quote;
use crate::node::{Data, Node};
use crate::path::Step;
use crate::source::{Origin, Span, Texts};

/// The settings that are paths, and what they are relative to.
#[derive(Clone)]
pub(crate) struct FilePaths<'a> {
    /// Dotted paths below `run`.
    settings: &'a [&'a str],
    environment: &'a [(String, String)],
    /// By text: the folder that its relative paths start at, empty for the working directory; nothing for a preset.
    starts: Vec<Option<PathBuf>>,
}

/// A path that cannot be meant.
#[derive(Debug)]
pub(crate) struct WrongPath {
    pub span: Span,
    pub message: String,
    pub label: Option<String>,
}

impl<'a> FilePaths<'a> {
    pub(crate) fn new(settings: &'a [&'a str], environment: &'a [(String, String)], texts: &Texts) -> Self {
        let start = |origin: &Origin| match origin {
            Origin::File(file) => Some(file.parent().unwrap_or(Path::new("")).to_owned()),
            Origin::Environment | Origin::CommandLine => Some(PathBuf::new()),
            Origin::Preset(_) => None,
        };
        FilePaths { settings, environment, starts: texts.origins().map(start).collect() }
    }

    /// The run with paths that are good in the working directory. What is no text is left for its type to refuse.
    ///
    /// # Errors
    /// A variable is not set, or a file is in the working directory and not beside the file that names it.
    pub(crate) fn resolve(&self, run: &Node) -> Result<Node, WrongPath> {
        let mut resolved = run.clone();
        for setting in self.settings {
            let Some((text, span)) = run.get(setting.split('.')).and_then(|node| Some((node.text()?, node.span)))
            else {
                continue;
            };
            let Some(Some(start)) = self.starts.get(span.text) else { continue };
            let path = self.path(text, start).map_err(|(message, label)| WrongPath { span, message, label })?;
            let steps: Vec<Step> = setting.split('.').map(Step::from).collect();
            if let (Some(node), Some(path)) = (resolved.at_mut(&steps), path.to_str()) {
                node.data = Data::Text(path.into());
            }
        }
        Ok(resolved)
    }

    fn path(&self, text: &str, start: &Path) -> Result<PathBuf, (String, Option<String>)> {
        // What exists by this very name is meant, whatever letters it has.
        let written = start.join(text);
        if text.is_empty() {
            return Ok(PathBuf::new());
        }
        if written.exists() {
            return Ok(written);
        }
        let expanded = self.expanded(text).map_err(|message| (message, None))?;
        let path = start.join(&expanded);
        let elsewhere = std::path::absolute(&expanded).unwrap_or_default();
        if !path.exists() && elsewhere.exists() {
            let message = format!("{} is not in {}, the folder of this file", quote(text), start.display());
            let label = format!("it is in the working directory: write `{}`", elsewhere.display());
            return Err((message, Some(label)));
        }
        Ok(path)
    }

    /// With the home folder for `~` and values for `$NAME` and `${NAME}`.
    fn expanded(&self, text: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), text);
        if let Some(below) = text.strip_prefix('~').filter(|below| below.is_empty() || below.starts_with('/')) {
            out.push_str(self.variable("HOME")?);
            rest = below;
        }
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
            let length = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, behind) = braced.unwrap_or(after.split_at(length));
            match name {
                "" => out.push('$'),
                name => out.push_str(self.variable(name)?),
            }
            rest = behind;
        }
        Ok(out + rest)
    }

    fn variable(&self, name: &str) -> Result<&'a str, String> {
        let known = self.environment.iter().find(|(known, _)| known == name);
        known.map(|(_, value)| value.as_str()).ok_or_else(|| format!("environment variable {} is not set", quote(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths<'a>(environment: &'a [(String, String)]) -> FilePaths<'a> {
        FilePaths { settings: &["data.path"], environment, starts: Vec::new() }
    }

    #[test]
    fn home_and_variables_are_replaced() {
        let environment = [("HOME", "/home/me"), ("DATA", "/data"), ("A_1", "x")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let paths = paths(&environment);
        let expanded = |text: &str| paths.expanded(text).unwrap();
        assert_eq!(expanded("~/cats"), "/home/me/cats");
        assert_eq!(expanded("~"), "/home/me");
        assert_eq!(expanded("~me/cats"), "~me/cats");
        assert_eq!(expanded("a~/b"), "a~/b");
        assert_eq!(expanded("$DATA/cats"), "/data/cats");
        assert_eq!(expanded("${DATA}set/$A_1.png"), "/dataset/x.png");
        assert_eq!(expanded("price$/$"), "price$/$");
        assert_eq!(paths.expanded("$NONE/cats").unwrap_err(), "environment variable `NONE` is not set");
        assert!(paths.expanded("${DATA").is_ok_and(|text| text == "${DATA"), "no name is meant");
    }

    #[test]
    fn a_path_starts_at_the_folder_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let environment = [("D".to_owned(), "/data".to_owned())];
        let paths = paths(&environment);
        let path = |text: &str| paths.path(text, folder.path());
        assert_eq!(path("cats").unwrap(), folder.path().join("cats"));
        assert_eq!(path("/cats").unwrap(), Path::new("/cats"));
        assert_eq!(path("$D/cats").unwrap(), Path::new("/data/cats"));
        std::fs::create_dir(folder.path().join("$D")).unwrap();
        assert_eq!(path("$D").unwrap(), folder.path().join("$D"), "it exists by this name");
        // Cargo runs tests in the folder of the crate.
        let (message, label) = path("src").unwrap_err();
        assert!(message.contains("`src` is not in") && label.unwrap().ends_with("experiment/src`"), "{message}");
        assert_eq!(paths.path("src", Path::new("")).unwrap(), Path::new("src"));
    }
}
