//! `fuzz [--seed N] [--inputs N] [TARGET ...]`, or `fuzz TARGET FILE` for one input, such as a kept one.

use fuzz::session::Session;
use fuzz::targets::{self, Target};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Address space of the process, bytes. Readers of small files that need more do not bound their memory.
const MEMORY: u64 = 6 << 30;

fn main() -> ExitCode {
    let mut session = Session { seed: 1, inputs: 10_000 };
    let mut words = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse().ok());
        match argument.as_str() {
            "--seed" => session.seed = number().unwrap_or(session.seed),
            "--inputs" => session.inputs = number().unwrap_or(session.inputs),
            _ => words.push(argument),
        }
    }
    let limit = Rlimit { current: Some(MEMORY), ..getrlimit(Resource::As) };
    if let Err(error) = setrlimit(Resource::As, limit) {
        eprintln!("the memory is not bounded: {error}");
    }
    if let [name, file] = &words[..]
        && targets::find(file).is_none()
    {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => return fail(&format!("{file}: {error}")),
        };
        fuzz::run(name, &bytes);
        return ExitCode::SUCCESS;
    }
    let chosen: Option<Vec<&Target>> = match words.is_empty() {
        true => Some(targets::ALL.iter().collect()),
        false => words.iter().map(|name| targets::find(name)).collect(),
    };
    let Some(chosen) = chosen else { return fail(&format!("targets: {}", targets::names())) };
    for target in chosen {
        let started = Instant::now();
        if let Err(broken) = session.run(target, Path::new("fuzz-findings")) {
            return fail(&format!("{} {}\n{}", target.name, broken.what, broken.input.display()));
        }
        println!(
            "{}: {} inputs, seed {}, {} s",
            target.name,
            session.inputs,
            session.seed,
            started.elapsed().as_secs()
        );
    }
    ExitCode::SUCCESS
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
