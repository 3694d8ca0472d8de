//! The rules: questions asked of the graph, each reporting one kind of hole.

pub mod by_code;
mod cached;
mod dead;
mod docs;
pub mod finding;
mod merging;
mod remedy;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::graph::ModelGraph;
use merging::merged;

pub use cl900::{unreadable_source, unreadable_sources};
pub use cl901::{CL901, unused_suppression};
pub use finding::{Confidence, Evidence, Finding, Severity, WritePath};
pub use remedy::{EarlyDrops, Remedy, RowEvent, Sender, Stub, StubOf};

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
    /// The question it asks the graph; `None` for the rules about files and comments.
    pub check: Option<Check>,
}

/// Asks the graph and reports what it finds.
pub type Check = fn(&ModelGraph, &mut Vec<Finding>);

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// Declares the module of each rule and puts its `RULE` into the list.
macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// Every rule, in the order of the codes.
        static ALL: &[&Rule] = &[$(&$module::RULE),*];
    };
}

rules! {
    cl101,
    cl102,
    cl103,
    cl104,
    cl105,
    cl106,
    cl107,
    cl108,
    cl201,
    cl202,
    cl203,
    cl204,
    cl205,
    cl301,
    cl302,
    cl303,
    cl304,
    cl401,
    cl501,
    cl502,
    cl503,
    cl504,
    cl505,
    cl601,
    cl900,
    cl901,
}

/// Every rule, in the order of the codes.
pub fn all() -> &'static [&'static Rule] {
    ALL
}

/// What the rules that ask the graph said.
pub struct Checked {
    /// What they found, in no order.
    pub findings: Vec<Finding>,
    /// The rules that panicked.
    pub panicked: Vec<&'static Rule>,
}

/// Runs every rule that asks the graph; a rule that panics does not stop the others.
pub fn check(graph: &ModelGraph) -> Checked {
    check_with(ALL, graph)
}

fn check_with(rules: &[&'static Rule], graph: &ModelGraph) -> Checked {
    let mut checked = Checked { findings: Vec::new(), panicked: Vec::new() };
    for rule in rules {
        let Some(check) = rule.check else { continue };
        let mut found = Vec::new();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(graph, &mut found)));
        checked.findings.append(&mut merged(found));
        if outcome.is_err() {
            checked.panicked.push(rule);
        }
    }
    checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{ModelGraph, Place};
    use crate::source::{FileId, Location};

    static GIVES_UP: Rule =
        Rule { check: Some(|_, _| panic!("a rule that gives up")), ..cl501::RULE };

    #[test]
    fn a_rule_that_panics_does_not_stop_the_others() {
        let location = Location { file: FileId(0), span: Default::default() };
        let place = Place { name: "shop.views.clear".to_owned(), location };
        let graph = ModelGraph { whole_drops: vec![place], ..ModelGraph::default() };
        let checked = check_with(&[&GIVES_UP, &cl501::RULE], &graph);
        assert_eq!(checked.findings.len(), 1);
        assert!(std::ptr::eq(checked.panicked[0], &GIVES_UP));
        assert_eq!(checked.panicked.len(), 1);
    }
}
