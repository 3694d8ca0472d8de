//! The command `check`: the whole pipeline from the files to the report.

use std::time::Instant;

use crate::Status;
use crate::answer::Answer;
use crate::cache::{Cache, Key};
use crate::cli::{Check, Fixes, Format, When};
use crate::config::Layer;
use crate::failure::Failure;
use crate::frameworks::Frameworks;
use crate::incomplete::Incomplete;
use crate::mend::{Mender, State};
use crate::output::Output;
use crate::project::Project;
use crate::report::Report;
use crate::scan;
use crate::source::Sources;

/// Scans a project, looks at it or takes the answer of an earlier run, mends what is to be mended, and
/// reports.
///
/// # Errors
/// Where the project cannot be analysed, something was given up, or the report cannot be written.
pub fn check(options: &Check, color: When) -> Result<Status, Failure> {
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
    let machine = options.output_format == Format::Json;
    let output = Output::open(options.output_file.as_deref(), machine, color);
    let look = Look { options, project: &project, frameworks: &frameworks };
    let said = if options.fixes() == Fixes::Made {
        scan::pin(&mut sources);
        let mended = look.mender().mend(look.at(sources), options.unsafe_fixes);
        if options.diff {
            return mended.show(&output, quiet, color);
        }
        look.said(mended.store(&project, &frameworks, quiet, color)?)
    } else {
        look.said_before(sources)
    };
    let Said { sources, answer, incomplete } = said;
    let report = Report {
        sources: &sources,
        findings: &answer.findings,
        fixes: &answer.fixes,
        hidden: answer.hidden,
        summary: answer.summary,
        elapsed: output.is_terminal().then(|| started.elapsed()),
        exit_zero: options.exit_zero,
        quiet,
    };
    output.write(|out| report.write(options.output_format, options.statistics, out))?;
    incomplete.told(&sources)?;
    let is_clean = answer.findings.is_empty() || options.exit_zero;
    Ok(if is_clean { Status::Clean } else { Status::Findings })
}

/// What there is to say, with the files that it is about.
struct Said {
    sources: Sources,
    answer: Answer,
    /// What could not be looked at.
    incomplete: Incomplete,
}

/// How a project is looked at.
struct Look<'a> {
    options: &'a Check,
    project: &'a Project,
    frameworks: &'a Frameworks,
}

impl Look<'_> {
    fn mender(&self) -> Mender<'_> {
        Mender::new(self.project, self.frameworks)
    }

    fn at(&self, sources: Sources) -> State {
        let for_fixes = self.options.fixes() > Fixes::None;
        let quiet = self.options.target.quiet;
        State::of(self.project, self.frameworks, sources, None, for_fixes, quiet)
    }

    /// What an earlier run said about the same files, else what is to be said now, which is kept.
    fn said_before(&self, mut sources: Sources) -> Said {
        let fixes = self.options.fixes();
        // An editor asks about each text once.
        let may_keep = !self.options.no_cache && !self.project.has_overlay();
        if !may_keep {
            if fixes > Fixes::None {
                scan::pin(&mut sources);
            }
            return self.said(self.at(sources));
        }
        let cache = Cache::of(self.project.root());
        let mut texts = cache.texts(&mut sources);
        let key = Key::of(self.project, &sources, &texts, fixes);
        if let Some(answer) = key.and_then(|key| cache.recall(&key, &mut sources, &mut texts)) {
            return Said { sources, answer, incomplete: Incomplete::default() };
        }
        texts.pin_rest(&mut sources);
        let key = Key::of(self.project, &sources, &texts, fixes);
        let said = self.said(self.at(sources));
        if let Some(key) = key.filter(|_| said.incomplete.is_nothing()) {
            cache.keep(&key, &said.answer);
        }
        said
    }

    fn said(&self, state: State) -> Said {
        let fixes = match (self.options.fixes(), self.options.output_format) {
            (Fixes::None, _) => Vec::new(),
            (_, Format::Json) => self.mender().offers(&state),
            (..) => self.mender().sketches(&state),
        };
        let State { analysis, judged, incomplete, .. } = state;
        let matrix = self.project.coverage(&analysis.graph, &analysis.sources);
        let answer = Answer {
            findings: judged.findings,
            fixes,
            hidden: judged.hidden,
            summary: matrix.summary(&analysis.graph),
        };
        Said { sources: analysis.sources, answer, incomplete }
    }
}
