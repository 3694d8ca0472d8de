//! The program that a command line means: its root, its configuration, and what to report of it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anstream::AutoStream;

use crate::cli::{Check, When};
use crate::config::{self, Config, Declaration, Layer, PointedError, Selection};
use crate::facts::Directive;
use crate::failure::{Failure, say};
use crate::graph;
use crate::report::color;
use crate::rules::{self, Confidence, Finding, Rule};
use crate::scan::{self, Anchor, Overlay, ScanOptions};
use crate::source::{FileId, Sources};
use crate::suppress::{Suppressed, suppress};

/// The program to analyse, and what to report of it.
pub struct Project {
    /// What its configuration says.
    pub config: Config,
    root: PathBuf,
    /// The folder that the configuration's paths start at; the root or below it.
    base: PathBuf,
    working_directory: PathBuf,
    /// Only what lies under one of these is reported.
    reported: Vec<PathBuf>,
    overlay: Option<Overlay>,
    selection: Selection,
    min_confidence: Confidence,
}

impl Project {
    /// Finds the program that the PATHs belong to, and reads its configuration and the buffer.
    ///
    /// # Errors
    /// Where a PATH or the configuration cannot be used.
    pub fn locate(options: &Check) -> Result<Project, Failure> {
        let working_directory = std::env::current_dir()
            .and_then(|folder| folder.canonicalize())
            .map_err(|error| Failure::usage(format!("no working directory: {error}")))?;
        let buffer = options
            .stdin_filename
            .as_deref()
            .map(scan::anchor)
            .transpose()?;
        let anchors = anchors(options, buffer.as_ref())?;
        let declared = declarations(options, &anchors)?;
        let roots: Vec<(Anchor, Option<PathBuf>)> = anchors
            .iter()
            .zip(&declared.governing)
            .map(|(anchor, file)| {
                (
                    anchor.clone(),
                    file.as_deref().and_then(Path::parent).map(Path::to_owned),
                )
            })
            .collect();
        let root = scan::common_root(&roots);
        let base = match &declared.declaration {
            Some(declaration) if options.config.is_none() => {
                declaration.file.parent().unwrap_or(&root).to_owned()
            }
            _ => root.clone(),
        };
        let config = match &declared.declaration {
            Some(declaration) => config::load(declaration, &base)?,
            None => Config::default(),
        };
        let command_line = Layer {
            select: options.select.clone(),
            extend_select: options.extend_select.clone(),
            ignore: options.ignore.clone(),
        };
        let reported = match &buffer {
            Some(buffer) => vec![buffer.path.clone()],
            None => anchors.into_iter().map(|anchor| anchor.path).collect(),
        };
        Ok(Project {
            selection: Selection::resolve(&[config.rules.clone(), command_line]),
            min_confidence: options
                .min_confidence
                .or(config.min_confidence)
                .unwrap_or(Confidence::Medium),
            overlay: buffer.map(|buffer| overlay(buffer.path)).transpose()?,
            config,
            root,
            base,
            working_directory,
            reported,
        })
    }

    /// Lists the source files; what cannot be looked at is told on the standard error.
    ///
    /// # Errors
    /// Where there is no source file under any of the PATHs.
    pub fn scan(&self, options: &Check, when: When) -> Result<Sources, Failure> {
        let scan = scan::scan(ScanOptions {
            root: &self.root,
            paths: &self.reported,
            exclude: &self.config.exclude,
            overlay: self.overlay.clone(),
            working_directory: &self.working_directory,
            threads: rayon::current_num_threads(),
        });
        if !options.quiet {
            let stderr = io::stderr();
            let mut out = AutoStream::new(stderr.lock(), color::choice(when, &io::stderr()));
            for warning in &scan.warnings {
                // The report matters more than a warning that nobody can read.
                let _ = say(
                    &mut out,
                    "warning",
                    &format!("not looked at: {warning}"),
                    None,
                );
            }
        }
        if scan
            .sources
            .ids()
            .any(|id| self.is_reported(&scan.sources, id))
        {
            return Ok(scan.sources);
        }
        let paths: Vec<String> = self
            .reported
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        Err(Failure::Said {
            message: format!(
                "no source found: there is no Python file in {}",
                paths.join(", ")
            ),
            help: Some(
                "hidden, ignored (`.gitignore`), vendored and excluded files are skipped".into(),
            ),
        })
    }

    /// What the graph needs to know.
    pub fn graph_options(&self) -> graph::Options {
        let prefix = self.base.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let prefix: Vec<_> = prefix.iter().map(|part| part.to_string_lossy()).collect();
        let rooted = |folder: &String| {
            let parts = prefix.iter().map(AsRef::as_ref).chain([folder.as_str()]);
            parts
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("/")
        };
        graph::Options {
            cache_managers: self.config.cache_managers.clone(),
            invalidators: self.config.invalidators.clone(),
            source_roots: self.config.source_roots.iter().map(rooted).collect(),
        }
    }

    /// What is to be reported of the findings, after selection and suppression.
    pub fn judge(
        &self,
        findings: Vec<Finding>,
        directives: &[Vec<Directive>],
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
        let mut left = suppress(findings, directives, &ran);
        left.findings
            .retain(|finding| wanted(finding) && finding.confidence >= self.min_confidence);
        left
    }

    fn is_reported(&self, sources: &Sources, file: FileId) -> bool {
        let path = &sources.file(file).path;
        self.reported
            .iter()
            .any(|reported| path.starts_with(reported))
    }
}

/// The rule of a code, in any case, or of a name.
///
/// # Errors
/// Where there is none, with what was probably meant.
pub fn rule_named(written: &str) -> Result<&'static Rule, Failure> {
    let found = rules::all()
        .iter()
        .find(|rule| rule.code.eq_ignore_ascii_case(written) || rule.name == written);
    found
        .copied()
        .ok_or_else(|| Failure::usage(config::UnknownCode::of(written).to_string()))
}

/// The PATHs of the command line, resolved; the working directory where there are none.
fn anchors(options: &Check, buffer: Option<&Anchor>) -> Result<Vec<Anchor>, Failure> {
    let mut anchors = Vec::new();
    for path in &options.paths {
        if path != Path::new("-") {
            anchors.push(scan::resolve(path)?);
        } else if buffer.is_none() {
            return Err(Failure::Said {
                message: "`-` needs to know which file the standard input stands for".to_owned(),
                help: Some("give its path with `--stdin-filename`".to_owned()),
            });
        }
    }
    anchors.extend(buffer.cloned());
    if anchors.is_empty() {
        anchors.push(scan::resolve(Path::new("."))?);
    }
    Ok(anchors)
}

fn overlay(path: PathBuf) -> Result<Overlay, Failure> {
    if path.extension().is_none_or(|extension| extension != "py") {
        return Err(Failure::usage(format!(
            "no source found: `{}` is not the name of a Python file",
            path.display()
        )));
    }
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(scan::MAX_FILE_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("cannot read the standard input: {error}")))?;
    Ok(Overlay {
        path,
        text: scan::decode_buffer(&bytes).into(),
    })
}

/// The configuration of the run, and for each PATH the file that governs it where one was found.
struct Declared {
    declaration: Option<Declaration>,
    governing: Vec<Option<PathBuf>>,
}

fn declarations(options: &Check, anchors: &[Anchor]) -> Result<Declared, Failure> {
    let nowhere = vec![None; anchors.len()];
    if options.isolated {
        return Ok(Declared {
            declaration: None,
            governing: nowhere,
        });
    }
    if let Some(file) = &options.config {
        return Ok(Declared {
            declaration: Some(config::open(file)?),
            governing: nowhere,
        });
    }
    let found = anchors
        .iter()
        .map(governing)
        .collect::<Result<Vec<_>, PointedError>>()?;
    let mut declarations: Vec<&Declaration> = found.iter().flatten().collect();
    declarations.dedup();
    if let [first, second, ..] = declarations.as_slice() {
        return Err(Failure::Said {
            message: format!(
                "the paths belong to different programs, configured in `{}` and in `{}`",
                first.file.display(),
                second.file.display()
            ),
            help: Some(
                "check them one by one, or choose a configuration with `--config`".to_owned(),
            ),
        });
    }
    Ok(Declared {
        declaration: declarations.first().map(|first| (*first).clone()),
        governing: found
            .into_iter()
            .map(|found| found.map(|found| found.file))
            .collect(),
    })
}

/// The configuration nearest above a PATH, within its repository.
fn governing(anchor: &Anchor) -> Result<Option<Declaration>, PointedError> {
    for folder in scan::up_to_repository(&anchor.folder) {
        if let Some(declaration) = config::discover(folder)? {
            return Ok(Some(declaration));
        }
    }
    Ok(None)
}
