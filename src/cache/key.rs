//! What an answer depends on, as one number.

use std::fmt;
use std::fs;
use std::time::UNIX_EPOCH;

use blake3::Hasher;
use rayon::prelude::*;

use crate::cli::Fixes;
use crate::fix;
use crate::project::Project;
use crate::source::{Role, SourceFile, Sources};

/// Everything that an answer depends on: the program that gives it, the options, and each file.
pub struct Key(blake3::Hash);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_hex())
    }
}

impl Key {
    /// The key of a run over files whose texts are at hand; none where some text cannot be had as a whole,
    /// or where it is not known which build of cache-lint this is.
    pub fn of(project: &Project, sources: &Sources, fixes: Fixes) -> Option<Key> {
        let mut hasher = Hasher::new();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(build()?.as_bytes());
        let line_length = (fixes > Fixes::None).then(|| fix::line_length(project.root()));
        add(format!("{:?} {fixes:?} {line_length:?}", project.identity()).as_bytes());
        add(format!("{:?} {:?}", sources.root, sources.packages).as_bytes());
        for schema in &sources.schemas {
            add(schema.project_path.as_bytes());
            add(schema.text.as_bytes());
        }
        let texts: Vec<Option<blake3::Hash>> = sources.files.par_iter().map(text).collect();
        for (file, text) in sources.files.iter().zip(texts) {
            let SourceFile { path, name, project_path, language, role, overlay: _ } = file;
            add(format!("{path:?} {name:?} {project_path:?} {language:?} {role:?}").as_bytes());
            add(text?.as_bytes());
        }
        Some(Key(hasher.finalize()))
    }
}

/// The text of a file in short; tests are not read.
fn text(file: &SourceFile) -> Option<blake3::Hash> {
    match (&file.overlay, file.role) {
        (Some(text), _) => Some(blake3::hash(text.as_bytes())),
        (None, Role::Test) => Some(blake3::hash(b"")),
        (None, Role::Production | Role::Migration) => None,
    }
}

/// Which build of cache-lint this is: builds of one version differ while it is worked on.
fn build() -> Option<String> {
    let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let modified = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {modified:?}", env!("CARGO_PKG_VERSION"), program.len()))
}
