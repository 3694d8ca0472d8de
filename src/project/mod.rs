//! The program that a command line means: its root, its configuration, and what to report of it.

mod locate;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use anstream::AutoStream;

use crate::cli::When;
use crate::config::{Config, Declaration, Selection};
use crate::facts::Directive;
use crate::failure::{Failure, say};
use crate::graph::{self, Matrix, ModelGraph};
use crate::report::color;
use crate::rules::{Confidence, Finding, Rule};
use crate::scan::{self, Overlay, ScanOptions};
use crate::source::{FileId, Language, Sources};
use crate::suppress::{Suppressed, suppress};

/// The program to analyse, and what to report of it.
pub struct Project {
    /// What its configuration says.
    pub config: Config,
    declaration: Option<Declaration>,
    root: PathBuf,
    /// The folder that the configuration's paths start at; the root or below it.
    base: PathBuf,
    working_directory: PathBuf,
    /// Only what lies under one of these is reported.
    reported: Vec<PathBuf>,
    /// The languages to look at.
    languages: Vec<Language>,
    overlay: Option<Overlay>,
    selection: Selection,
    /// What is less sure is not reported.
    pub min_confidence: Confidence,
}

impl Project {
    /// Lists the source files; what cannot be looked at is told on the standard error, if not
    /// `quiet`.
    ///
    /// # Errors
    /// Where there is no source file under any of the PATHs.
    pub fn scan(&self, quiet: bool, when: When) -> Result<Sources, Failure> {
        let scan = scan::scan(ScanOptions {
            root: &self.root,
            paths: &self.reported,
            exclude: &self.config.exclude,
            languages: &self.languages,
            overlay: self.overlay.clone(),
            working_directory: &self.working_directory,
            threads: rayon::current_num_threads(),
        });
        if !quiet {
            let stderr = io::stderr();
            let mut out = AutoStream::new(stderr.lock(), color::choice(when, &io::stderr()));
            for warning in &scan.warnings {
                // The report matters more than a warning that nobody can read.
                let _ = say(&mut out, "warning", &format!("not looked at: {warning}"), None);
            }
        }
        if scan.sources.ids().any(|id| self.is_reported(&scan.sources, id)) {
            return Ok(scan.sources);
        }
        let paths: Vec<String> =
            self.reported.iter().map(|path| format!("`{}`", path.display())).collect();
        Err(Failure::Said {
            message: format!(
                "no source found: there is no {} file in {}",
                one_of(&self.languages),
                paths.join(", ")
            ),
            help: Some(
                "hidden, ignored (`.gitignore`), vendored and excluded files are skipped".into(),
            ),
        })
    }

    /// The folder that holds the program.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that names in reports start at.
    pub fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// Whether the text of a file comes from somewhere else than the disk.
    pub fn has_overlay(&self) -> bool {
        self.overlay.is_some()
    }

    /// All that makes a difference between two runs over the same files, to be compared.
    pub fn identity(&self) -> impl fmt::Debug {
        let Project {
            config,
            declaration,
            root,
            base,
            working_directory,
            reported,
            languages,
            overlay,
            selection,
            min_confidence,
        } = self;
        let folders = (root, base, working_directory, reported);
        let said = (declaration, &config.frameworks, selection, min_confidence);
        (folders, languages, overlay, said)
    }

    /// What the graph needs to know.
    pub fn graph_options(&self) -> graph::Options {
        let prefix = self.base.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let prefix: Vec<_> = prefix.iter().map(|part| part.to_string_lossy()).collect();
        let rooted = |folder: &String| {
            let parts = prefix.iter().map(AsRef::as_ref).chain([folder.as_str()]);
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
        };
        graph::Options {
            cache_managers: self.config.cache_managers.clone(),
            invalidators: self.config.invalidators.clone(),
            source_roots: self.config.source_roots.iter().map(rooted).collect(),
            for_fixes: false,
        }
    }

    /// What is to be reported of the findings, after selection and suppression.
    pub fn judge(
        &self,
        findings: Vec<Finding>,
        directives: &[&[Directive]],
        sources: &Sources,
    ) -> Suppressed {
        let ran = |file: FileId, rule: &Rule| {
            let path = &sources.file(file).path;
            self.selection.has(rule)
                && !self.config.per_file_ignores.iter().any(|spared| {
                    spared.rules.iter().any(|selector| selector.matches(rule))
                        && spared.covers(path)
                })
        };
        let wanted = |finding: &Finding| {
            self.is_reported(sources, finding.location.file)
                && ran(finding.location.file, finding.rule)
        };
        let findings = findings.into_iter().filter(wanted).collect();
        let mut left = suppress(findings, directives, &ran, &wanted);
        left.findings
            .retain(|finding| wanted(finding) && finding.confidence >= self.min_confidence);
        left
    }

    /// The coverage of what is to be reported: the rows that name a place under one of the PATHs.
    pub fn coverage(&self, graph: &ModelGraph, sources: &Sources) -> Matrix {
        let mut matrix = Matrix::of(graph, self.min_confidence);
        matrix.rows.retain(|row| row.places().any(|place| self.is_reported(sources, place.file)));
        matrix
    }

    /// Whether a file lies under one of the PATHs.
    fn is_reported(&self, sources: &Sources, file: FileId) -> bool {
        let path = &sources.file(file).path;
        self.reported.iter().any(|reported| path.starts_with(reported))
    }
}

/// `Python or Rust`, of the languages that are looked at.
fn one_of(languages: &[Language]) -> String {
    let wanted = Language::ALL.into_iter().filter(|language| languages.contains(language));
    wanted.map(Language::name).collect::<Vec<_>>().join(" or ")
}
