//! The words all stages share for where something stands in the source.
//!
//! Nothing here knows what a language says, the graph or a report format.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A file of the run; an index into [`Sources`], in the order of the project's sorted paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A range of bytes, `start..end`, in the decoded text of a file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// Whether `offset` lies inside, the end excluded.
    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }
}

/// A range in a file of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes in its decoded text.
    pub span: Span,
}

/// What a file is for; only production code writes production rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Code that runs in production.
    Production,
    /// Tests and their support code.
    Test,
    /// A database migration.
    Migration,
}

/// The language of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// `.py`
    Python,
    /// `.rs`
    Rust,
}

impl Language {
    /// All of them, in the order that messages name them in.
    pub const ALL: [Language; 2] = [Language::Python, Language::Rust];

    /// The language that a file's name says it is in.
    pub fn of(path: &Path) -> Option<Language> {
        let extension = path.extension()?;
        Language::ALL.into_iter().find(|language| extension == language.extension())
    }

    /// What the names of its files end in, behind the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Language::Python => "py",
            Language::Rust => "rs",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Language::Python => "Python",
            Language::Rust => "Rust",
        }
    }
}

/// One source file, as the scan found it.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Where to read it.
    pub path: PathBuf,
    /// How reports name it: relative to the working directory where it lies below that, with `/`.
    pub name: String,
    /// Its path below the program's root, with `/`; what module names and fingerprints derive from.
    pub project_path: String,
    /// What it is written in.
    pub language: Language,
    /// What it is for.
    pub role: Role,
    /// Text that stands in for the file's (an editor's unsaved buffer).
    pub overlay: Option<Arc<str>>,
}

impl SourceFile {
    /// What the files of a run are sorted by.
    pub fn sort_key(&self) -> (&str, &Path) {
        (&self.project_path, &self.path)
    }
}

/// A Cargo package of the program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its folder below the program's root, with `/`; empty for the root itself.
    pub folder: String,
    /// Its name as code spells it, with `_`.
    pub name: String,
    /// The name of its library where that is another one.
    pub lib_name: Option<String>,
    /// The root file of its library where the manifest says it, below the program's root.
    pub lib_path: Option<String>,
    /// The root files of its programs where the manifest says them, below the program's root.
    pub bin_paths: Vec<String>,
}

/// Whether a path below the program's root, with `/`, is one of a file that changes the schema of a database.
pub fn is_migration(project_path: &str) -> bool {
    let folder = project_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.split('/').any(|part| part == "migrations")
}

/// A file of SQL: one that changes the schema of a database, or one that code may take a text from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schema {
    /// Its path below the program's root, with `/`.
    pub project_path: String,
    /// What it says.
    pub text: String,
}

impl Schema {
    /// Whether it changes the schema of a database.
    pub fn is_migration(&self) -> bool {
        is_migration(&self.project_path)
    }
}

/// All files of a run, sorted by [`SourceFile::sort_key`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The root of the program that is analysed.
    pub root: PathBuf,
    /// The files; [`FileId`] is the index.
    pub files: Vec<SourceFile>,
    /// The Cargo packages, sorted by their folders.
    pub packages: Vec<Package>,
    /// The SQL of packages and below folders called `migrations`, sorted by path.
    pub schemas: Vec<Schema>,
}

impl Sources {
    /// The file behind an id of this run.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The ids of all files, in order.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len() as u32).map(FileId)
    }
}
