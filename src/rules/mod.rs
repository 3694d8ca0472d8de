//! The rules: questions asked of the graph, each reporting one kind of hole.

pub mod finding;

pub use finding::{Confidence, Evidence, Finding, Severity, WritePath};

/// A check with its identity; the docs of its file are what `explain` prints.
pub struct Rule {
    /// `CL` and three digits.
    pub code: &'static str,
    /// The kebab-case name, which is also the folder of its fixtures.
    pub name: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// The `//!` docs of the rule's file, as Markdown with fixed headings.
    pub docs: &'static str,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}
