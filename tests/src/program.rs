//! The programs under test, each built once in a process.

use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The workspace.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The binary of a package of the workspace, of the profile and in the target folder of the test that asks.
pub(crate) fn program(package: &str) -> PathBuf {
    static PROGRAMS: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    programs.entry(package.to_owned()).or_insert_with(|| build(package)).clone()
}

fn build(package: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(ROOT).args(["build", "--quiet", "--package", package, "--bin", package]);
    command.arg("--message-format=json-render-diagnostics").args(like_this_test());
    // What cargo tells this test about its own package is no setting: a build script that reads it would run again, and all that
    // depends on it be built again, now and when cargo is started by hand.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_package(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let output = command.stderr(Stdio::inherit()).output().expect("cargo can be started");
    assert!(output.status.success(), "`{package}` cannot be built: {:?}", output.status);
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_program = message["reason"] == "compiler-artifact" && message["target"]["name"] == package;
        message["executable"].as_str().filter(|_| is_program).map(PathBuf::from)
    });
    executables.next().expect("cargo names the executable that it built")
}

fn is_of_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
        .iter()
        .any(|beginning| variable.starts_with(beginning))
}

/// Cargo's arguments for what this test was built with: it lies in `<target folder>/[<triple>/]<profile>/deps`, other programs
/// one folder above.
fn like_this_test() -> Vec<String> {
    let test = env::current_exe().expect("a test knows its own path");
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_test = test.parent().is_some_and(|folder| name(folder) == "deps");
    let folder = |levels| test.ancestors().nth(levels - usize::from(!is_test)).expect("it lies in cargo's folders");
    let profile = match name(folder(2)).as_str() {
        "debug" => "dev".to_owned(),
        other => other.to_owned(),
    };
    let above = folder(3);
    let has_triple = !above.join("CACHEDIR.TAG").exists() && name(above).contains('-');
    let target_folder = if has_triple { folder(4) } else { above };
    let mut arguments = vec!["--profile".to_owned(), profile];
    arguments.extend(["--target-dir".to_owned(), target_folder.display().to_string()]);
    if has_triple {
        arguments.extend(["--target".to_owned(), name(above)]);
    }
    arguments
}
