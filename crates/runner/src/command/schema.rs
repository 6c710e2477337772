//! `runner schema`.

use super::print_json;
use crate::error::Error;
use std::process::ExitCode;
use training::RunConfig;

pub(crate) fn run() -> Result<ExitCode, Error> {
    print_json(&experiment::schema::<RunConfig>())?;
    Ok(ExitCode::SUCCESS)
}
