//! The `cache-lint` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cache_lint::run(std::env::args_os()) as u8)
}
