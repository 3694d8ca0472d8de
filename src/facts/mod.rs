//! What one file says, read alone: owned facts with unresolved names and spans.
//!
//! A front end lowers a syntax tree into [`FileFacts`] and drops the tree. Facts name things as the
//! file does; what a name stands for is the graph's business, so nothing here may look at another
//! file, at a framework or at the configuration.

pub mod body;
mod builder;
pub mod directive;
pub mod python;
pub mod rust;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{UnwindSafe, catch_unwind};

use rayon::prelude::*;

pub use body::*;
pub use directive::{Directive, DirectiveScope};

use crate::scan::{self, Decoded};
use crate::source::{FileId, Language, Role, SourceFile, Sources, Span};

/// Everything a run keeps of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileFacts {
    /// The identifiers and string literals of the file; [`NameId`] is the index.
    pub names: Names,
    /// Arena of expressions; [`ExprId`] is the index.
    pub exprs: Vec<Expr>,
    /// Arena of statements; [`StmtId`] is the index.
    pub stmts: Vec<Stmt>,
    /// Backing store of every [`ExprList`].
    pub expr_lists: Vec<ExprId>,
    /// Backing store of every [`Block`].
    pub stmt_lists: Vec<StmtId>,
    /// Call arguments; an [`ArgList`] is a range in here.
    pub args: Vec<Arg>,
    /// Functions, methods and lambdas, in source order; [`FunctionIx`] is the index.
    pub functions: Vec<FunctionFact>,
    /// Classes, in source order; [`ClassIx`] is the index.
    pub classes: Vec<ClassFact>,
    /// The statements of the module itself.
    pub body: Block,
    /// Suppression comments.
    pub directives: Vec<Directive>,
    /// Where the file could not be read as its language, in source order.
    pub errors: Vec<SourceError>,
    /// Whether cache-lint itself failed over the file.
    pub panicked: bool,
}

/// A part of a file that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    /// Where, in the decoded text; empty at 0 where the file as a whole is meant.
    pub span: Span,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
}

/// Reads and lowers every file, in parallel; the result is indexed by `FileId`.
///
/// Tests are not read: nothing in them writes production rows. Of Python's migrations only those are lowered
/// that hold one of `migration_writers`, and those that these say they follow: most change the schema
/// and no row. Never fails: an unreadable file yields facts that hold only [`FileFacts::errors`]. `progress` is
/// called once for each file, from any thread.
pub fn collect(
    sources: &Sources,
    migration_writers: &BTreeSet<&str>,
    progress: &(dyn Fn() + Sync),
) -> Vec<FileFacts> {
    let writes = |text: &str| {
        migration_writers
            .iter()
            .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    };
    let mut all: Vec<FileFacts> = sources
        .files
        .par_iter()
        .map(|file| {
            let facts = match (file.role, file.language) {
                (Role::Test, _) => return FileFacts::default(),
                (Role::Migration, Language::Python) => facts_of(file, writes),
                (Role::Production | Role::Migration, _) => facts_of(file, |_| true),
            };
            progress();
            facts
        })
        .collect();
    let followed: Vec<(FileId, FileFacts)> = followed_migrations(sources, &all)
        .into_par_iter()
        .map(|id| (id, facts_of(sources.file(id), |_| true)))
        .collect();
    for (id, facts) in followed {
        all[id.0 as usize] = facts;
    }
    all
}

/// Reads a file, and lowers it where its text `is_wanted`.
fn facts_of(file: &SourceFile, is_wanted: impl Fn(&str) -> bool) -> FileFacts {
    match scan::read_text(file) {
        Ok(decoded) if !is_wanted(&decoded.text) => FileFacts::default(),
        Ok(decoded) => caught(|| decoded_facts(file.language, &decoded)),
        Err(error) => failed(error.to_string()),
    }
}

/// What `lower` makes of a file; a panic is an error in it.
fn caught(lower: impl FnOnce() -> FileFacts + UnwindSafe) -> FileFacts {
    catch_unwind(lower).unwrap_or_else(|_| FileFacts::stumbled_over())
}

impl FileFacts {
    /// Those of a file that cache-lint itself failed over.
    pub fn stumbled_over() -> FileFacts {
        FileFacts { panicked: true, ..failed("an internal error of cache-lint".to_owned()) }
    }
}

/// The migrations without facts that one with facts, in the same folder, names.
fn followed_migrations(sources: &Sources, facts: &[FileFacts]) -> Vec<FileId> {
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

/// Lowers text; what decoding lost comes first among the errors, for it may be behind the others.
fn decoded_facts(language: Language, decoded: &Decoded) -> FileFacts {
    let mut facts = match language {
        Language::Python => python::lower(&decoded.text),
        Language::Rust => rust::lower(&decoded.text),
    };
    if let Some(loss) = &decoded.loss {
        let span = Span { start: loss.offset, end: loss.offset + '\u{FFFD}'.len_utf8() as u32 };
        facts.errors.insert(0, SourceError { span, message: loss.message.clone() });
    }
    facts
}

/// The facts of a file that says nothing.
fn failed(message: String) -> FileFacts {
    FileFacts {
        errors: vec![SourceError { span: Span::default(), message }],
        ..FileFacts::default()
    }
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
