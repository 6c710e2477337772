//! The program with a task and a data set that only tests know.

mod clouds;
mod task;

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::Program::new().data_set::<clouds::Clouds>().task::<task::Translation>().run()
}
