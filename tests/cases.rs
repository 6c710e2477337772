//! The experiment language, case by case: what `runner plan` says of each file in `cases/`.

use std::env;
use std::fs;
use tests::{Case, Lab, copy_folder};

#[test]
fn every_case_is_planned_or_refused_as_written() {
    let lab = Lab::new();
    copy_folder(&Case::folder(), &lab.path(""));
    let is_update = env::var_os("UPDATE_CASES").is_some();
    let mut wrong = Vec::new();
    for case in Case::all() {
        let (command, mut program) = (case.line(), lab.command("plan"));
        program.args(case.arguments()).envs(case.environment());
        let output = program.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let found = format!("$ {command}\n{stdout}{stderr}exit {}\n", output.status.code().unwrap());
        if is_update {
            fs::write(case.expected(), &found).unwrap();
        }
        let expected = fs::read_to_string(case.expected()).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", case.name));
        }
    }
    assert!(wrong.is_empty(), "UPDATE_CASES=1 rewrites them\n\n{}", wrong.join("\n"));
}
