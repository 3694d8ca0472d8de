//! cache-lint finds every way a cached database row can change while its cached copy stays.

mod analysis;
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
mod mend;
mod output;
mod panics;
mod project;
mod report;
pub mod rules;
pub mod scan;
pub mod source;
mod suppress;

use std::ffi::OsString;
use std::io;
use std::time::Instant;

use clap::Parser;

use cli::{Check, Cli, Command, Fixes, Format, Target, When};
use config::Layer;
use coverage::coverage;
use describe::describe;
use explain::explain;
use failure::Failure;
use frameworks::Frameworks;
use mend::{Mender, State};
use output::Output;
use panics::Panics;
use project::Project;
use report::Report;

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
        Command::Explain(options) => in_pool(&options.target, || explain(options, cli.color)),
        Command::Rule { rule, output_format, .. } => {
            describe(rule.as_deref(), *output_format, cli.color)
        }
    });
    let status = ended.unwrap_or_else(|failure| {
        failure.show(cli.color);
        Status::CouldNotRun
    });
    if panics.show(cli.color) { Status::CouldNotRun } else { status }
}

/// The whole pipeline: scan, facts, graph, rules, fix plan, report.
fn check(options: &Check, color: When) -> Result<Status, Failure> {
    let started = Instant::now();
    let command_line = Layer {
        select: options.select.clone(),
        extend_select: options.extend_select.clone(),
        ignore: options.ignore.clone(),
    };
    let buffer = options.stdin_filename.as_deref();
    let project = Project::locate(&options.target, command_line, buffer)?;
    let frameworks = Frameworks::load(&project.config.frameworks)?;
    let quiet = options.target.quiet;
    let mut sources = project.scan(quiet, color)?;
    let fixes = options.fixes();
    if fixes > Fixes::Sketched {
        scan::pin(&mut sources);
    }
    let mut state = State::of(&project, &frameworks, sources, fixes > Fixes::None, quiet);
    let machine = options.output_format == Format::Json;
    let output = Output::open(options.output_file.as_deref(), machine, color);
    let mender = Mender::new(&project, &frameworks);
    if fixes == Fixes::Made {
        let mended = mender.mend(state, options.unsafe_fixes);
        if options.diff {
            return mended.show(&output, quiet, color);
        }
        state = mended.store(&project, &frameworks, quiet, color)?;
    }
    let offered = match (fixes, options.output_format) {
        (Fixes::None, _) => Vec::new(),
        (_, Format::Json) => mender.offers(&state),
        (..) => mender.sketches(&state),
    };
    let State { analysis, judged, panicked, .. } = state;
    let report = Report {
        sources: &analysis.sources,
        findings: &judged.findings,
        fixes: &offered,
        hidden: judged.hidden,
        summary: project.coverage(&analysis.graph, &analysis.sources).summary(&analysis.graph),
        elapsed: output.is_terminal().then(|| started.elapsed()),
        exit_zero: options.exit_zero,
        quiet,
    };
    output.write(|out| report.write(options.output_format, options.statistics, out))?;
    match (panicked.as_slice(), judged.findings.as_slice()) {
        ([], []) => Ok(Status::Clean),
        ([], _) if options.exit_zero => Ok(Status::Clean),
        ([], _) => Ok(Status::Findings),
        (panicked, _) => Err(Failure::rules_panicked(panicked)),
    }
}

/// Runs `work` among threads whose stacks bear deeply nested source.
fn in_pool<T: Send>(
    target: &Target,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    const STACK: usize = 256 * 1024 * 1024;
    let threads = target.threads.map_or(0, |threads| threads.get().into());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
    pool.map_err(|error| {
        Failure::usage(format!("cannot start threads: {}", io::Error::other(error)))
    })?
    .install(work)
}
