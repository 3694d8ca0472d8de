//! A planned fix: which files it changes, and how.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use similar::{DiffOp, TextDiff};

use crate::source::Span;

/// Whether a fix may be made without a look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// It cannot change what the program does, but for dropping an entry more often.
    Safe,
    /// It puts new code on a write path, or guesses.
    Unsafe,
}

/// What can be done about a finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fix {
    /// Whether it may be made without a look at it.
    pub applicability: Applicability,
    /// What it does, as a phrase without a full stop: "adds a receiver ..."
    pub message: String,
    /// The files that it changes, by path.
    pub files: Vec<FileChange>,
    /// Whether it only makes a place for code that somebody has to write, so that the finding stays.
    pub is_stub: bool,
}

/// A file before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Where it is.
    pub path: PathBuf,
    /// How reports name it.
    pub name: String,
    /// Its text before; `None` where it is new.
    pub old: Option<Arc<str>>,
    /// Its text after.
    pub new: Arc<str>,
}

/// A range of bytes of the old text, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// The new text.
    pub content: String,
}

impl Fix {
    /// This one, and then another that was planned on what it leads to.
    #[must_use]
    pub fn then(&self, next: &Fix) -> Fix {
        let mut whole = self.clone();
        whole.applicability = whole.applicability.max(next.applicability);
        whole.message = format!("{}; {}", whole.message, next.message);
        for change in &next.files {
            match whole.files.iter_mut().find(|known| known.path == change.path) {
                Some(known) => known.new = change.new.clone(),
                None => whole.files.push(change.clone()),
            }
        }
        whole.files.sort_by(|a, b| a.path.cmp(&b.path));
        whole
    }
}

impl FileChange {
    /// The edits that lead from the old text to the new one, by whole lines, in order.
    pub fn edits(&self) -> Vec<Edit> {
        let old = self.old.as_deref().unwrap_or_default();
        let diff = TextDiff::from_lines(old, &*self.new);
        let starts = |count: usize, line: &dyn Fn(usize) -> usize| {
            let mut starts = vec![0];
            for at in 0..count {
                starts.push(starts[at] + line(at));
            }
            starts
        };
        let old_line = |at: usize| diff.old_slice(at).map_or(0, str::len);
        let new_line = |at: usize| diff.new_slice(at).map_or(0, str::len);
        let old_starts = starts(diff.old_len(), &old_line);
        let new_starts = starts(diff.new_len(), &new_line);
        let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        changed
            .map(|op| {
                let (old, new) = (op.old_range(), op.new_range());
                Edit {
                    span: Span {
                        start: old_starts[old.start] as u32,
                        end: old_starts[old.end] as u32,
                    },
                    content: self.new[new_starts[new.start]..new_starts[new.end]].to_owned(),
                }
            })
            .collect()
    }

    /// Writes a unified diff.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_diff(&self, out: &mut dyn Write) -> io::Result<()> {
        let old = self.old.as_deref().unwrap_or_default();
        let diff = TextDiff::from_lines(old, &*self.new);
        let before = if self.old.is_some() { self.name.as_str() } else { "/dev/null" };
        let mut unified = diff.unified_diff();
        write!(out, "{}", unified.context_radius(3).header(before, &self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(old: &str, new: &str) -> FileChange {
        let (old, new) = (Some(old.into()), new.into());
        FileChange { path: PathBuf::new(), name: "a.py".to_owned(), old, new }
    }

    #[test]
    fn edits_lead_from_the_old_text_to_the_new_one() {
        let change = change("a\nb\nc\nd", "a\nB\nc\nd\ne\n");
        let mut text = change.old.as_deref().expect("a text").to_owned();
        for edit in change.edits().into_iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.content);
        }
        assert_eq!(text, &*change.new);
        assert_eq!(change.edits().len(), 2);
    }
}
