//! The `cache-lint` command.

use std::process::ExitCode;

/// Parsing makes and drops millions of small nodes, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(cache_lint::run(std::env::args_os()) as u8)
}
