//! cache-lint finds every way a cached database row can change while its cached copy stays.

mod analysis;
mod answer;
mod cache;
mod check;
mod clean;
mod cli;
pub mod config;
mod coverage;
mod describe;
mod explain;
pub mod facts;
mod failure;
mod fix;
pub mod frameworks;
pub mod graph;
mod incomplete;
mod mend;
mod output;
mod panics;
mod project;
mod report;
pub mod rules;
pub mod scan;
mod server;
pub mod source;
mod suppress;

use std::ffi::OsString;
use std::io;
use std::num::NonZero;

use clap::Parser;
use rayon::{ThreadPool, ThreadPoolBuilder};

use check::check;
use clean::clean;
use cli::{Cli, Command, Target};
use coverage::coverage;
use describe::describe;
use explain::explain;
use failure::Failure;
use panics::Panics;
use server::server;

/// How a run ends; the number is the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing to report.
    Clean = 0,
    /// There are findings.
    Findings = 1,
    /// It could not run, or not as a whole.
    CouldNotRun = 2,
}

/// Runs a command line, the name of the program first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Status {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell where the message cannot be written.
            let _ = error.print();
            return if error.use_stderr() { Status::CouldNotRun } else { Status::Clean };
        }
    };
    let panics = Panics::watch();
    let ended = panics.catch(|| match &cli.command {
        Command::Check(options) => in_pool(&options.target, || check(options, cli.color)),
        Command::Coverage(options) => in_pool(&options.target, || coverage(options, cli.color)),
        Command::Clean { path } => clean(path.as_deref()),
        Command::Explain(options) => in_pool(&options.target, || explain(options, cli.color)),
        Command::Rule { rule, output_format, .. } => {
            describe(rule.as_deref(), *output_format, cli.color)
        }
        Command::Server => pool(None).and_then(server),
    });
    let status = ended.unwrap_or_else(|failure| {
        failure.show(cli.color);
        Status::CouldNotRun
    });
    if panics.show(cli.color) { Status::CouldNotRun } else { status }
}

/// Runs `work` among as many threads as are asked for.
fn in_pool<T: Send>(
    target: &Target,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    pool(target.threads)?.install(work)
}

/// So many threads, else one for each core, whose stacks bear deeply nested source.
fn pool(threads: Option<NonZero<u16>>) -> Result<ThreadPool, Failure> {
    const STACK: usize = 256 * 1024 * 1024;
    let threads = threads.map_or(0, |threads| threads.get().into());
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
    pool.map_err(|error| {
        Failure::usage(format!("cannot start threads: {}", io::Error::other(error)))
    })
}
