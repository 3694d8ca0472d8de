//! Finds the root of the program that a PATH of the command line belongs to.
//!
//! Knows nothing of configuration files; the caller says where one was found.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::source::Language;

/// A PATH of the command line that cannot be used.
#[derive(Debug)]
pub struct RootError {
    /// As the user wrote it.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: RootProblem,
}

/// What is wrong with a PATH.
#[derive(Debug)]
pub enum RootProblem {
    /// The operating system says so.
    Io(io::Error),
    /// It is a pipe, a socket or a device.
    NotAFile,
}

impl fmt::Display for RootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            RootProblem::Io(error) => write!(f, "cannot read `{path}`: {error}"),
            RootProblem::NotAFile => write!(f, "`{path}` is neither a file nor a folder"),
        }
    }
}

/// An absolute path without symlinks, and the folder that the search for its program starts at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The path itself.
    pub path: PathBuf,
    /// The path where it is a folder, else the folder it lies in.
    pub folder: PathBuf,
}

/// Resolves a PATH that must exist.
///
/// # Errors
/// Where it does not exist, cannot be looked at, or is neither a file nor a folder.
pub fn resolve(path: &Path) -> Result<Anchor, RootError> {
    let error = |problem| RootError { path: path.to_owned(), problem };
    let absolute = path.canonicalize().map_err(|e| error(RootProblem::Io(e)))?;
    let metadata = absolute.metadata().map_err(|e| error(RootProblem::Io(e)))?;
    if metadata.is_dir() {
        Ok(Anchor { folder: absolute.clone(), path: absolute })
    } else if metadata.is_file() {
        Ok(Anchor { folder: parent(&absolute), path: absolute })
    } else {
        Err(error(RootProblem::NotAFile))
    }
}

/// Resolves the path of a buffer, whose file and folders need not exist yet.
///
/// # Errors
/// Where the path is empty or the working directory is gone.
pub fn anchor(path: &Path) -> Result<Anchor, RootError> {
    let error = |problem| RootError { path: path.to_owned(), problem: RootProblem::Io(problem) };
    let absolute = std::path::absolute(path).map_err(error)?;
    let existing = absolute.ancestors().skip(1).find(|folder| folder.is_dir());
    let existing = existing.unwrap_or(&absolute);
    let rest = absolute.strip_prefix(existing).unwrap_or(&absolute).to_owned();
    let folder = existing.canonicalize().map_err(error)?;
    let path = folder.join(rest);
    let folder = parent(&path);
    Ok(Anchor { path, folder })
}

/// The root of the program that a path belongs to where no configuration says so.
///
/// A folder is its own program, unless it lies inside a Python package: then the program starts
/// above the outermost package, at the nearest `manage.py`. A file belongs to the nearest folder
/// with a `manage.py`, `pyproject.toml` or `.git`; one of Rust to the outermost package or workspace of
/// its repository.
fn program_of(anchor: &Anchor) -> PathBuf {
    let folder = anchor.folder.as_path();
    let outside = folder
        .ancestors()
        .find(|ancestor| !ancestor.join("__init__.py").exists())
        .unwrap_or(folder);
    if outside != folder {
        let managed = up_to_repository(outside).find(|ancestor| has(ancestor, "manage.py"));
        return managed.unwrap_or(outside).to_owned();
    }
    if anchor.path == anchor.folder {
        return folder.to_owned();
    }
    if Language::of(&anchor.path) == Some(Language::Rust) {
        let manifests = up_to_repository(folder).filter(|ancestor| has(ancestor, "Cargo.toml"));
        if let Some(outermost) = manifests.last() {
            return outermost.to_owned();
        }
    }
    let marks = ["manage.py", "pyproject.toml", ".git"];
    folder
        .ancestors()
        .find(|ancestor| marks.iter().any(|mark| has(ancestor, mark)))
        .unwrap_or(folder)
        .to_owned()
}

/// The deepest folder that holds the programs of all paths.
///
/// `configured` says, for each path, the folder of the configuration that governs it, if any: that
/// folder is then the root of the path's program.
pub fn common_root(anchors: &[(Anchor, Option<PathBuf>)]) -> PathBuf {
    let mut roots = anchors
        .iter()
        .map(|(anchor, configured)| configured.clone().unwrap_or_else(|| program_of(anchor)));
    let first = roots.next().unwrap_or_default();
    roots.fold(first, |common, root| {
        let shared = common.ancestors().find(|ancestor| root.starts_with(ancestor));
        shared.map_or_else(|| common.clone(), Path::to_owned)
    })
}

/// A folder and those above it, up to the one that holds `.git`.
pub fn up_to_repository(folder: &Path) -> impl Iterator<Item = &Path> {
    let mut inside = true;
    folder.ancestors().take_while(move |ancestor| {
        let keep = inside;
        inside &= !has(ancestor, ".git");
        keep
    })
}

fn has(folder: &Path, name: &str) -> bool {
    folder.join(name).exists()
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_owned()
}
