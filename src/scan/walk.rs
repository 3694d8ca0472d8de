//! Walks a program's folders in parallel and lists its source files in a stable order.

use std::collections::BTreeSet;
use std::fs::FileType;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::lists::{told, unfit_list};
use super::manifest::{self, MANIFEST};
use super::read::read_schema;
use super::role::role;
use super::skip::is_skipped;
use crate::source::{Language, Package, Role, Schema, SourceFile, Sources, is_migration};

/// How many bytes an SQL text has at the most that code may take from a file.
const MAX_TEXT: u64 = 64 * 1024;

/// What to walk, and how.
pub struct ScanOptions<'a> {
    /// The program's root, absolute and without symlinks.
    pub root: &'a Path,
    /// The PATHs of the command line below it: read even where ignored otherwise.
    pub paths: &'a [PathBuf],
    /// What the configuration leaves out.
    pub exclude: &'a Gitignore,
    /// The languages to look at.
    pub languages: &'a [Language],
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
    let Walked { mut paths, manifests, schemas, mut warnings } = walk(&options);
    if let Some(overlay) = &options.overlay {
        paths.push(overlay.path.clone());
    }
    let below_root = |path: &Path| slashed(path.strip_prefix(options.root).unwrap_or(path));
    let packages = packages(&manifests, &below_root, &mut warnings);
    let mut files: Vec<SourceFile> = paths
        .into_iter()
        .filter_map(|path| {
            let language = Language::of(&path)?;
            options.languages.contains(&language).then(|| {
                let overlay = overlay_of(options.overlay.as_ref(), &path);
                let project_path = below_root(&path);
                let role = role(language, &project_path, &packages);
                source_file(
                    path,
                    project_path,
                    (language, role),
                    options.working_directory,
                    overlay,
                )
            })
        })
        .collect();
    files.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    files.dedup_by(|a, b| a.path == b.path);
    let folders: BTreeSet<&Path> = manifests.iter().filter_map(|path| path.parent()).collect();
    // Code may take a text from a file of its package; what is large is a dump.
    let is_text = |path: &Path| {
        path.ancestors().any(|folder| folders.contains(folder))
            && path.metadata().is_ok_and(|found| found.len() <= MAX_TEXT)
    };
    let mut schemas: Vec<Schema> = schemas
        .iter()
        .filter(|path| is_migration(&below_root(path)) || is_text(path))
        .map(|path| Schema { project_path: below_root(path), text: read_schema(path) })
        .collect();
    schemas.sort();
    schemas.dedup();
    warnings.sort();
    warnings.dedup();
    Scan { sources: Sources { root: options.root.to_owned(), files, packages, schemas }, warnings }
}

/// The packages of the manifests, sorted; what cannot be read is added to the warnings.
fn packages(
    manifests: &[PathBuf],
    below_root: &impl Fn(&Path) -> String,
    warnings: &mut Vec<String>,
) -> Vec<Package> {
    let mut packages = Vec::new();
    for path in manifests {
        match manifest::read(path, below_root) {
            Ok(package) => packages.extend(package),
            Err(error) => warnings.push(format!("{}: {error}", path.display())),
        }
    }
    packages.sort();
    packages.dedup();
    packages
}

/// A file of the program, as reports from `working_directory` name it.
pub fn source_file(
    path: PathBuf,
    project_path: String,
    (language, role): (Language, Role),
    working_directory: &Path,
    overlay: Option<Arc<str>>,
) -> SourceFile {
    let name = match path.strip_prefix(working_directory) {
        Ok(below) => slashed(below),
        Err(_) => slashed(&path),
    };
    SourceFile { name, language, role, project_path, overlay, path }
}

fn overlay_of(overlay: Option<&Overlay>, path: &Path) -> Option<Arc<str>> {
    overlay.filter(|overlay| overlay.path == path).map(|overlay| overlay.text.clone())
}

/// What lies in the folders, in no order.
#[derive(Default)]
struct Walked {
    paths: Vec<PathBuf>,
    manifests: Vec<PathBuf>,
    schemas: Vec<PathBuf>,
    warnings: Vec<String>,
}

/// What a file is to the scan.
enum Found {
    Source(PathBuf),
    Manifest(PathBuf),
    Schema(PathBuf),
    Warning(String),
}

fn walk(options: &ScanOptions<'_>) -> Walked {
    let (sender, receiver) = mpsc::channel();
    let warn = |sender: &Sender<Found>, list: &Path, so: &str| {
        // The receiver outlives the walk.
        let _ = sender.send(Found::Warning(told(list, so)));
    };
    let mut builder = WalkBuilder::new(options.root);
    let paths = options.paths.iter().filter(|path| *path != options.root && path.exists());
    for path in paths.clone() {
        builder.add(path);
    }
    let mut above = paths.map(PathBuf::as_path).chain([options.root]).flat_map(Path::ancestors);
    if let Some(list) = above.find_map(unfit_list) {
        builder.git_ignore(false).git_exclude(false).ignore(false);
        warn(&sender, &list, "so no list of what to ignore is obeyed");
    }
    let exclude = options.exclude.clone();
    let of_folders = sender.clone();
    builder.require_git(false).follow_links(false).threads(options.threads).filter_entry(
        move |entry| {
            let is_wanted = is_wanted(entry, &exclude);
            match entry.file_type().is_some_and(|kind| kind.is_dir()) && is_wanted {
                true => match unfit_list(entry.path()) {
                    Some(list) if entry.depth() > 0 => {
                        warn(&of_folders, &list, "so its folder is left out");
                        false
                    }
                    _ => true,
                },
                false => is_wanted,
            }
        },
    );
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            let found = match entry {
                Ok(entry) => found(entry, options),
                Err(error) => Some(Found::Warning(error.to_string())),
            };
            if let Some(found) = found {
                // The receiver outlives the walk.
                let _ = sender.send(found);
            }
            WalkState::Continue
        })
    });
    drop((sender, builder));
    let mut walked = Walked::default();
    for found in receiver {
        match found {
            Found::Source(path) => walked.paths.push(path),
            Found::Manifest(path) => walked.manifests.push(path),
            Found::Schema(path) => walked.schemas.push(path),
            Found::Warning(warning) => walked.warnings.push(warning),
        }
    }
    walked
}

/// What an entry is, where it can be opened without waiting: no pipe, no device, and no link that
/// leads out of the program.
fn found(entry: DirEntry, options: &ScanOptions<'_>) -> Option<Found> {
    let path = entry.path();
    let reads_rust = options.languages.contains(&Language::Rust);
    let kind = if Language::of(path).is_some() {
        Found::Source
    } else if reads_rust && path.file_name().is_some_and(|name| name == MANIFEST) {
        Found::Manifest
    } else if reads_rust && path.extension().is_some_and(|extension| extension == "sql") {
        Found::Schema
    } else {
        return None;
    };
    is_readable(&entry, options.root).then(|| kind(entry.into_path()))
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

fn is_readable(entry: &DirEntry, root: &Path) -> bool {
    entry.file_type().is_some_and(|kind: FileType| {
        kind.is_file() || kind.is_symlink() && leads_to_file_below(entry.path(), root)
    })
}

fn leads_to_file_below(link: &Path, root: &Path) -> bool {
    link.canonicalize().is_ok_and(|target| target.starts_with(root) && target.is_file())
}

/// A path with `/` between its parts, on any system.
pub fn slashed(path: &Path) -> String {
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::source::Role;

    fn scanned(files: &[(&str, &str)], languages: &[Language]) -> Sources {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it is below")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let scan = scan(ScanOptions {
            root: folder.path(),
            paths: &[],
            exclude: &Gitignore::empty(),
            languages,
            overlay: None,
            working_directory: folder.path(),
            threads: 2,
        });
        assert_eq!(scan.warnings, <[String; 0]>::default());
        scan.sources
    }

    #[test]
    fn a_workspace_has_its_files_its_packages_and_its_schemas() {
        let files = [
            ("Cargo.toml", "[workspace]\n"),
            ("crates/web-api/Cargo.toml", "[package]\nname = \"web-api\"\n"),
            ("crates/web-api/src/main.rs", ""),
            ("crates/web-api/tests/web.rs", ""),
            ("crates/db/Cargo.toml", "[package]\nname = \"db\"\n"),
            ("crates/db/src/lib.rs", ""),
            ("crates/db/migrations/2024/up.sql", "CREATE TABLE a (id INT);"),
            ("crates/db/queries/a.sql", "SELECT 1;"),
            ("manage.py", ""),
        ];
        let sources = scanned(&files, &Language::ALL);
        let found = sources.files.iter().map(|file| (file.project_path.as_str(), file.role));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                ("crates/db/src/lib.rs", Role::Production),
                ("crates/web-api/src/main.rs", Role::Production),
                ("crates/web-api/tests/web.rs", Role::Test),
                ("manage.py", Role::Production),
            ]
        );
        let packages = sources.packages.iter();
        let packages = packages.map(|package| (package.folder.as_str(), package.name.as_str()));
        assert_eq!(
            packages.collect::<Vec<_>>(),
            [("crates/db", "db"), ("crates/web-api", "web_api")]
        );
        let schemas = sources.schemas.iter().map(|schema| schema.project_path.as_str());
        assert_eq!(
            schemas.collect::<Vec<_>>(),
            ["crates/db/migrations/2024/up.sql", "crates/db/queries/a.sql"]
        );
        let python = scanned(&files, &[Language::Python]);
        assert_eq!((python.files.len(), python.packages.len(), python.schemas.len()), (1, 0, 0));
    }
}
