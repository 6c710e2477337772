//! The one binary.

fn main() -> std::process::ExitCode {
    runner::Program::new().run()
}
