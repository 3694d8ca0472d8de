//! Finds the program that a command line means: from PATHs to root, configuration and buffer.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Project;
use crate::cli::Target;
use crate::config::{self, Config, Declaration, Layer, PointedError, Selection};
use crate::failure::Failure;
use crate::rules::Confidence;
use crate::scan::{self, Anchor, Overlay};
use crate::source::Language;

impl Project {
    /// Finds the program that the PATHs belong to, and reads its configuration and the buffer that
    /// stands in for the file `buffer`; `command_line` says what it says about rules.
    ///
    /// # Errors
    /// Where a PATH or the configuration cannot be used.
    pub fn locate(
        target: &Target,
        command_line: Layer,
        buffer: Option<&Path>,
    ) -> Result<Project, Failure> {
        let working_directory = std::env::current_dir()
            .and_then(|folder| folder.canonicalize())
            .map_err(|error| Failure::usage(format!("no working directory: {error}")))?;
        let buffer = buffer.map(scan::anchor).transpose()?;
        let anchors = anchors(target, buffer.as_ref())?;
        let declared = declarations(target, &anchors)?;
        let roots: Vec<(Anchor, Option<PathBuf>)> = anchors
            .iter()
            .zip(&declared.governing)
            .map(|(anchor, file)| {
                (anchor.clone(), file.as_deref().and_then(Path::parent).map(Path::to_owned))
            })
            .collect();
        let root = scan::common_root(&roots);
        let base = match &declared.declaration {
            Some(declaration) if target.config.is_none() => {
                declaration.file.parent().unwrap_or(&root).to_owned()
            }
            _ => root.clone(),
        };
        let config = match &declared.declaration {
            Some(declaration) => config::load(declaration, &base)?,
            None => Config::default(),
        };
        let reported = match &buffer {
            Some(buffer) => vec![buffer.path.clone()],
            None => anchors.into_iter().map(|anchor| anchor.path).collect(),
        };
        let languages = match target.language.as_slice() {
            [] => Language::ALL.to_vec(),
            some => some.to_vec(),
        };
        Ok(Project {
            selection: Selection::resolve(&[config.rules.clone(), command_line]),
            min_confidence: target
                .min_confidence
                .or(config.min_confidence)
                .unwrap_or(Confidence::Medium),
            overlay: buffer.map(|buffer| overlay(buffer.path, &languages)).transpose()?,
            config,
            declaration: declared.declaration,
            root,
            base,
            working_directory,
            reported,
            languages,
        })
    }
}

/// The PATHs of the command line, resolved; the working directory where there are none.
fn anchors(target: &Target, buffer: Option<&Anchor>) -> Result<Vec<Anchor>, Failure> {
    let mut anchors = Vec::new();
    for path in &target.paths {
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

fn overlay(path: PathBuf, languages: &[Language]) -> Result<Overlay, Failure> {
    if Language::of(&path).is_none_or(|language| !languages.contains(&language)) {
        return Err(Failure::usage(format!(
            "no source found: `{}` is not the name of a {} file",
            path.display(),
            super::one_of(languages)
        )));
    }
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(scan::MAX_FILE_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("cannot read the standard input: {error}")))?;
    Ok(Overlay { path, text: scan::decode_buffer(&bytes).into() })
}

/// The configuration of the run, and for each PATH the file that governs it where one was found.
struct Declared {
    declaration: Option<Declaration>,
    governing: Vec<Option<PathBuf>>,
}

fn declarations(target: &Target, anchors: &[Anchor]) -> Result<Declared, Failure> {
    let nowhere = vec![None; anchors.len()];
    if target.isolated {
        return Ok(Declared { declaration: None, governing: nowhere });
    }
    if let Some(file) = &target.config {
        return Ok(Declared { declaration: Some(config::open(file)?), governing: nowhere });
    }
    let found = anchors.iter().map(governing).collect::<Result<Vec<_>, PointedError>>()?;
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
        governing: found.into_iter().map(|found| found.map(|found| found.file)).collect(),
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
