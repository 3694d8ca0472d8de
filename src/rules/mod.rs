//! The rules: questions asked of the graph, each reporting one kind of hole.

mod cl900;
mod cl901;
mod docs;
pub mod finding;

use crate::graph::ModelGraph;

pub use cl900::unreadable_sources;
pub use cl901::{CL901, unused_suppression};
pub use finding::{Confidence, Evidence, Finding, Severity, WritePath};

/// A check with its identity; the docs of its file are what `explain` prints.
pub struct Rule {
    /// `CL` and three digits.
    pub code: &'static str,
    /// The kebab-case name, which is also the folder of its fixtures.
    pub name: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// The source of the rule's own file (`include_str!`), whose leading `//!` lines are its docs.
    pub docs: &'static str,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// Every rule, in the order of the codes.
static ALL: [&Rule; 2] = [&cl900::RULE, &cl901::RULE];

/// Every rule, in the order of the codes.
pub fn all() -> &'static [&'static Rule] {
    &ALL
}

/// What the rules that ask the graph said.
pub struct Checked {
    /// What they found, in no order.
    pub findings: Vec<Finding>,
    /// The rules that panicked.
    pub panicked: Vec<&'static Rule>,
}

/// Stand-in.
pub fn check(_: &ModelGraph) -> Checked {
    Checked { findings: Vec::new(), panicked: Vec::new() }
}
