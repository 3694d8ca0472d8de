//! Reads and lowers the files of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{UnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use super::{FileFacts, SourceError, borrowed, python, rust};
use crate::scan::{self, Decoded};
use crate::source::{FileId, Language, Role, SourceFile, Sources, Span};

/// What an earlier look at a program read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Earlier<'a> {
    /// The files, sorted.
    pub files: &'a [SourceFile],
    /// Their facts.
    pub facts: &'a [Arc<FileFacts>],
}

impl Earlier<'_> {
    /// The facts of a file whose text was the same.
    fn facts_of(&self, file: &SourceFile) -> Option<Arc<FileFacts>> {
        let text = file.overlay.as_ref()?;
        let at =
            self.files.binary_search_by(|known| known.sort_key().cmp(&file.sort_key())).ok()?;
        let is_same = |known: &SourceFile| {
            known.role == file.role
                && known.overlay.as_ref().is_some_and(|known| Arc::ptr_eq(known, text))
        };
        let facts = &self.facts[at];
        // Of a migration that mattered to nobody there are none.
        // Macros of other files may have changed.
        let is_whole = !facts.body.is_empty() && !facts.macros.are_borrowed;
        (is_same(&self.files[at]) && is_whole).then(|| facts.clone())
    }
}

/// Reads and lowers every file, in parallel; the result is indexed by `FileId`.
///
/// Tests are not read: nothing in them writes production rows. Of Python's migrations only those are lowered
/// that hold one of `migration_writers`, and those that these say they follow: most change the schema
/// and no row. Files that were the same `earlier` share their facts with it. Never fails: an unreadable file
/// yields facts that hold only [`FileFacts::errors`]. `progress` is called once for each file, from any thread.
pub fn collect(
    sources: &Sources,
    earlier: Earlier<'_>,
    migration_writers: &BTreeSet<&str>,
    progress: &(dyn Fn() + Sync),
) -> Vec<Arc<FileFacts>> {
    let writes = |text: &str| {
        migration_writers
            .iter()
            .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    };
    let mut all: Vec<Arc<FileFacts>> = sources
        .files
        .par_iter()
        .map(|file| {
            let facts = match (file.role, file.language) {
                (Role::Test, _) => return Arc::default(),
                (Role::Migration, Language::Python) => facts_of(file, earlier, writes),
                (Role::Production | Role::Migration, _) => facts_of(file, earlier, |_| true),
            };
            progress();
            facts
        })
        .collect();
    let followed: Vec<(FileId, Arc<FileFacts>)> = followed_migrations(sources, &all)
        .into_par_iter()
        .map(|id| (id, facts_of(sources.file(id), earlier, |_| true)))
        .collect();
    for (id, facts) in followed {
        all[id.0 as usize] = facts;
    }
    borrowed::lend(sources, &mut all);
    all
}

/// Reads a file, and lowers it where its text `is_wanted`.
fn facts_of(
    file: &SourceFile,
    earlier: Earlier<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Arc<FileFacts> {
    let known = earlier.facts_of(file);
    let known = known.filter(|_| file.overlay.as_deref().is_some_and(&is_wanted));
    known.unwrap_or_else(|| {
        Arc::new(match scan::read_text(file) {
            Ok(decoded) if !is_wanted(&decoded.text) => FileFacts::default(),
            Ok(decoded) => caught(|| decoded_facts(file.language, &decoded)),
            Err(error) => FileFacts::failed(error.to_string()),
        })
    })
}

/// What `lower` makes of a file; a panic is an error in it.
pub(super) fn caught(lower: impl FnOnce() -> FileFacts + UnwindSafe) -> FileFacts {
    catch_unwind(lower).unwrap_or_else(|_| FileFacts::stumbled_over())
}

/// The migrations without facts that one with facts, in the same folder, names.
fn followed_migrations(sources: &Sources, facts: &[Arc<FileFacts>]) -> Vec<FileId> {
    let migrations = |id: &FileId| {
        let file = sources.file(*id);
        file.role == Role::Migration && file.language == Language::Python
    };
    let is_lowered = |id: &FileId| !facts[id.0 as usize].body.is_empty();
    let (lowered, others): (Vec<FileId>, Vec<FileId>) =
        sources.ids().filter(migrations).partition(is_lowered);
    let split = |id: FileId| {
        let path = sources.file(id).project_path.as_str();
        path.rsplit_once('/').unwrap_or(("", path))
    };
    let mut by_folder: BTreeMap<&str, Vec<FileId>> = BTreeMap::new();
    for id in lowered {
        by_folder.entry(split(id).0).or_default().push(id);
    }
    let is_followed = |id: &FileId| {
        let (folder, name) = split(*id);
        let stem = name.strip_suffix(".py").unwrap_or(name);
        let beside = by_folder.get(folder).into_iter().flatten();
        beside.into_iter().any(|other| facts[other.0 as usize].names.find(stem).is_some())
    };
    others.into_iter().filter(is_followed).collect()
}

/// What a text says in a language.
pub fn lower(language: Language, text: &str) -> FileFacts {
    match language {
        Language::Python => python::lower(text),
        Language::Rust => rust::lower(text),
    }
}

/// Lowers text; what decoding lost comes first among the errors, for it may be behind the others.
fn decoded_facts(language: Language, decoded: &Decoded) -> FileFacts {
    with_losses(lower(language, &decoded.text), decoded)
}

/// Facts with what decoding lost.
pub(super) fn with_losses(mut facts: FileFacts, decoded: &Decoded) -> FileFacts {
    if let Some(loss) = &decoded.loss {
        let span = Span { start: loss.offset, end: loss.offset + '\u{FFFD}'.len_utf8() as u32 };
        facts.errors.insert(0, SourceError { span, message: loss.message.clone() });
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_over_a_file_is_an_error_in_it() {
        let facts = caught(|| panic!("a front end that gives up"));
        assert!(facts.panicked);
        let messages: Vec<&str> = facts.errors.iter().map(|error| &*error.message).collect();
        assert_eq!(messages, ["an internal error of cache-lint"]);
        assert_eq!(caught(FileFacts::default), FileFacts::default());
    }
}
