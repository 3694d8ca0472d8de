//! Walks a program's folders in parallel and lists its source files in a stable order.

use std::fs::FileType;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, mpsc};

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::role::role;
use super::skip::is_skipped;
use crate::source::{SourceFile, Sources};

/// What to walk, and how.
pub struct ScanOptions<'a> {
    /// The program's root, absolute and without symlinks.
    pub root: &'a Path,
    /// The PATHs of the command line below it: read even where ignored otherwise.
    pub paths: &'a [PathBuf],
    /// What the configuration leaves out.
    pub exclude: &'a Gitignore,
    /// A buffer that stands in for a file.
    pub overlay: Option<Overlay>,
    /// The working directory, absolute and without symlinks; names in reports start there.
    pub working_directory: &'a Path,
    /// How many threads to walk with.
    pub threads: usize,
}

/// Text that stands in for a file, which need not exist.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// Absolute path of the file.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
}

/// What a walk found.
#[derive(Debug)]
pub struct Scan {
    /// The files, sorted.
    pub sources: Sources,
    /// What could not be looked at, sorted; one line each, not yet fit for a terminal.
    pub warnings: Vec<String>,
}

/// Lists the source files of a program.
///
/// Never fails: what cannot be looked at is a warning.
pub fn scan(options: ScanOptions<'_>) -> Scan {
    let (mut paths, mut warnings) = walk(&options);
    if let Some(overlay) = &options.overlay {
        paths.push(overlay.path.clone());
    }
    let mut files: Vec<SourceFile> = paths
        .into_iter()
        .map(|path| {
            let overlay = overlay_of(options.overlay.as_ref(), &path);
            source_file(path, options.root, options.working_directory, overlay)
        })
        .collect();
    files.sort_by(|a, b| (&a.project_path, &a.path).cmp(&(&b.project_path, &b.path)));
    files.dedup_by(|a, b| a.path == b.path);
    warnings.sort();
    warnings.dedup();
    Scan { sources: Sources { root: options.root.to_owned(), files }, warnings }
}

/// A file of the program under `root`, as reports from `working_directory` name it.
pub fn source_file(
    path: PathBuf,
    root: &Path,
    working_directory: &Path,
    overlay: Option<Arc<str>>,
) -> SourceFile {
    let project_path = slashed(path.strip_prefix(root).unwrap_or(&path));
    let name = match path.strip_prefix(working_directory) {
        Ok(below) => slashed(below),
        Err(_) => slashed(&path),
    };
    SourceFile { name, role: role(&project_path), project_path, overlay, path }
}

fn overlay_of(overlay: Option<&Overlay>, path: &Path) -> Option<Arc<str>> {
    overlay.filter(|overlay| overlay.path == path).map(|overlay| overlay.text.clone())
}

/// The paths of the source files, in no order, and what could not be looked at.
fn walk(options: &ScanOptions<'_>) -> (Vec<PathBuf>, Vec<String>) {
    let mut builder = WalkBuilder::new(options.root);
    for path in options.paths {
        if path != options.root && path.exists() {
            builder.add(path);
        }
    }
    let exclude = options.exclude.clone();
    builder
        .require_git(false)
        .follow_links(false)
        .threads(options.threads)
        .filter_entry(move |entry| is_wanted(entry, &exclude));
    let (sender, receiver) = mpsc::channel();
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            let found = match entry {
                Ok(entry) => is_source(&entry, options.root).then(|| Ok(entry.into_path())),
                Err(error) => Some(Err(error.to_string())),
            };
            if let Some(found) = found {
                // The receiver outlives the walk.
                let _ = sender.send(found);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let (mut paths, mut warnings) = (Vec::new(), Vec::new());
    for found in receiver {
        match found {
            Ok(path) => paths.push(path),
            Err(warning) => warnings.push(warning),
        }
    }
    (paths, warnings)
}

/// Whether to go into a folder or look at a file; what was asked for by name always is.
fn is_wanted(entry: &DirEntry, exclude: &Gitignore) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let excluded = entry.path().starts_with(exclude.path())
        && exclude.matched(entry.path(), is_folder).is_ignore();
    !(excluded || is_folder && is_skipped(entry.path()))
}

/// Whether an entry is a Python file that can be opened without waiting: no pipe, no device, and no
/// link that leads out of the program.
fn is_source(entry: &DirEntry, root: &Path) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "py")
        && entry.file_type().is_some_and(|kind: FileType| {
            kind.is_file() || kind.is_symlink() && leads_to_file_below(entry.path(), root)
        })
}

fn leads_to_file_below(link: &Path, root: &Path) -> bool {
    link.canonicalize().is_ok_and(|target| target.starts_with(root) && target.is_file())
}

/// A path with `/` between its parts, on any system.
fn slashed(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        if !(text.is_empty() || text.ends_with('/') || text.ends_with('\\')) {
            text.push('/');
        }
        match component {
            Component::RootDir => text.push('/'),
            other => text.push_str(&other.as_os_str().to_string_lossy()),
        }
    }
    text
}
