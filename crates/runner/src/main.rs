//! The one binary.

#[global_allocator]
static ALLOCATOR: allocator::Caching = allocator::Caching::new();

fn main() -> std::process::ExitCode {
    runner::main()
}
