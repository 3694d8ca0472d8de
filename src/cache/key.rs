//! What an answer depends on, as one number.

use std::fmt;
use std::fs;
use std::time::UNIX_EPOCH;

use blake3::Hasher;

use super::texts::Texts;
use crate::cli::Fixes;
use crate::fix;
use crate::project::Project;
use crate::source::{SourceFile, Sources};

/// Everything that an answer depends on: the program that gives it, the options, and each file.
pub struct Key(blake3::Hash);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_hex())
    }
}

impl Key {
    /// The key of a run over files that say `texts`; none where some text cannot be had as a whole, or where
    /// it is not known which build of cache-lint this is.
    pub fn of(project: &Project, sources: &Sources, texts: &Texts, fixes: Fixes) -> Option<Key> {
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
        for (file, text) in sources.files.iter().zip(texts.iter()) {
            let SourceFile { path, name, project_path, language, role, overlay: _ } = file;
            add(format!("{path:?} {name:?} {project_path:?} {language:?} {role:?}").as_bytes());
            add(text?.as_bytes());
        }
        Some(Key(hasher.finalize()))
    }
}

/// Which build of cache-lint this is: builds of one version differ while it is worked on.
pub(super) fn build() -> Option<String> {
    let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let modified = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {modified:?}", env!("CARGO_PKG_VERSION"), program.len()))
}
