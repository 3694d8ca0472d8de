//! A file could not be read, decoded or parsed as a whole.
//!
//! ## What it reports
//! A source file that cannot be opened, is larger than 10 MB, holds bytes that its encoding does
//! not have, declares an encoding that does not exist, nests too deep, or has syntax errors. One
//! finding a file: it stands at the first error and counts the others.
//!
//! ## Why it matters
//! What the file holds was not seen, or not all of it. A receiver in it may be missing from the
//! picture, and then other findings are wrong; a cached model in it may be missing, and then a hole
//! goes unreported.
//!
//! ## Example
//! ```python
//! @receiver(post_save, sender=Flag
//! def drop_flag(instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## Fix
//! Mend the file. If it is not meant to be what its name says (a template, a test of a parser), leave
//! it out with `exclude` in the configuration.
//!
//! ## When it stays quiet
//! Files that are skipped (ignored by `.gitignore`, vendored, excluded) are not read at all, nor are
//! tests and migrations, which hold nothing that runs in production. A file that is readable in part
//! is used as far as it goes: of a Rust file the items that parse.

use std::sync::Arc;

use super::{Confidence, Finding, Rule, Severity};
use crate::facts::FileFacts;
use crate::source::{FileId, Location, Sources};

/// CL900, which asks the facts and not the graph.
pub static RULE: Rule = Rule {
    code: "CL900",
    name: "unreadable-source",
    severity: Severity::Warning,
    docs: include_str!("cl900.rs"),
    check: None,
};

/// One finding for each file that could not be read as a whole; `facts` is indexed by file.
pub fn unreadable_sources(sources: &Sources, facts: &[Arc<FileFacts>]) -> Vec<Finding> {
    let files = sources.ids().zip(facts);
    files.filter_map(|(file, facts)| unreadable_source(sources, file, facts)).collect()
}

/// The finding for one file, where it could not be read as a whole.
pub fn unreadable_source(sources: &Sources, file: FileId, facts: &FileFacts) -> Option<Finding> {
    let first = facts.errors.first()?;
    let whole =
        first.span.start == first.span.end && facts.functions.is_empty() && facts.stmts.is_empty();
    let seen =
        if whole { "nothing in this file was seen" } else { "this file was not seen as a whole" };
    let others = match facts.errors.len() - 1 {
        0 => String::new(),
        1 => " (and 1 more error)".to_owned(),
        count => format!(" (and {count} more errors)"),
    };
    Some(Finding {
        rule: &RULE,
        confidence: Confidence::High,
        message: format!("{seen}: {}{others}", uncapitalised(&first.message)),
        label: String::new(),
        help: Some("mend the file, or leave it out with `exclude` in the configuration".to_owned()),
        location: Location { file, span: first.span },
        model: None,
        relation: None,
        entry: None,
        write_paths: Vec::new(),
        evidence: Vec::new(),
        remedies: Vec::new(),
        stub: None,
        subject: sources.file(file).project_path.clone(),
    })
}

/// The message as it reads behind a colon.
fn uncapitalised(message: &str) -> String {
    let mut chars = message.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}
