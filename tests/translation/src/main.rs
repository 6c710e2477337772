//! The program with a task that only tests know.

mod task;

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::Program::new().task::<task::Translation>().run()
}
