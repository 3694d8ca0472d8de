//! One file as fixes see it: its text, parsed anew, and changes to it.

use std::rc::Rc;

use ruff_python_ast::{ModModule, PySourceType, Stmt};
use ruff_python_parser::{Parsed, parse_unchecked_source};
use ruff_text_size::Ranged;

use super::style::Style;

/// A parsed file.
pub struct Page<'t> {
    /// Its text.
    pub text: &'t str,
    /// How it is written.
    pub style: Style,
    parsed: Rc<Parsed<ModModule>>,
}

/// A piece of a text that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What takes its place.
    pub content: String,
}

impl Change {
    /// New text at a place.
    pub fn insert(at: usize, content: impl Into<String>) -> Change {
        Change { start: at, end: at, content: content.into() }
    }
}

impl<'t> Page<'t> {
    /// Parses a text; `None` where it is no Python as a whole.
    pub fn parse(text: &'t str) -> Option<Page<'t>> {
        let parsed = parse_unchecked_source(text, PySourceType::Python);
        parsed.errors().is_empty().then(|| Page::of(text, Rc::new(parsed)))
    }

    /// A text with its tree.
    pub fn of(text: &'t str, parsed: Rc<Parsed<ModModule>>) -> Page<'t> {
        Page { text, style: Style::of(text), parsed }
    }

    /// Its tree.
    pub fn tree(&self) -> Rc<Parsed<ModModule>> {
        self.parsed.clone()
    }

    /// The statements of the module.
    pub fn body(&self) -> &[Stmt] {
        &self.parsed.syntax().body
    }

    /// What stands in a range.
    pub fn slice(&self, node: &impl Ranged) -> &'t str {
        &self.text[node.range().to_std_range()]
    }

    /// Where the line starts that a place is in.
    pub fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the next line starts; the end of the text where there is none.
    pub fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// The white space before a place, where nothing else stands before it on its line.
    pub fn indent_of(&self, at: usize) -> Option<&'t str> {
        let indent = &self.text[self.line_start(at)..at];
        indent.trim().is_empty().then_some(indent)
    }

    /// Whether nothing but a comment follows a place on its line.
    pub fn ends_line(&self, at: usize) -> bool {
        let rest = self.text[at..self.next_line(at)].trim();
        rest.is_empty() || rest.starts_with('#')
    }
}

/// Changes in the order of their places; `None` where two of them touch the same text.
pub fn sorted(mut changes: Vec<Change>) -> Option<Vec<Change>> {
    changes.sort_by_key(|change| (change.start, change.end));
    let is_apart = |pair: &[Change]| pair[0].end <= pair[1].start;
    changes.windows(2).all(is_apart).then_some(changes)
}

/// A text with all changes made; `None` where two of them touch the same text.
pub fn apply(text: &str, changes: Vec<Change>) -> Option<String> {
    let mut changed = String::with_capacity(text.len());
    let mut done = 0;
    for change in sorted(changes)? {
        changed.push_str(text.get(done..change.start)?);
        changed.push_str(&change.content);
        done = change.end;
    }
    changed.push_str(text.get(done..)?);
    Some(changed)
}
