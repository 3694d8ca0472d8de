//! Rows are stored without a timeout, and nothing drops them.
//!
//! ## What it reports
//! A call that stores rows until they are dropped (`timeout=None`, or a store that keeps what has no timeout), while no
//! code of the project drops, replaces or version-bumps the entry.
//!
//! ## Why it matters
//! The first value is served for ever: until somebody clears the cache by hand, or the store runs out of memory.
//!
//! ## Example
//! ```python
//! def countries():
//!     return cache.get_or_set("countries", lambda: list(Country.objects.all()), timeout=None)
//! ```
//!
//! ## Fix
//! Give the entry a timeout, or drop it in receivers of the models that feed it.
//!
//! ## When it stays quiet
//! - Something drops the entry, anywhere: its holes are reported by the other rules.
//! - A hook on its rows stores it anew.
//! - Code only ever adds to it: a set of what was seen, a queue.
//! - Something stores it anew without looking at what is there, beside those who store it where it is missing.
//! - The key holds what a store tells, a counter or a stamp, and something may set or count that.
//! - A timeout is given, or the store's configured one applies.

use super::cached::{keeper, with_cache};
use super::{Finding, Rule, Severity};
use crate::graph::ModelGraph;

/// CL505
pub static RULE: Rule = Rule {
    code: "CL505",
    name: "never-dropped",
    severity: Severity::Warning,
    docs: include_str!("cl505.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for entry in &graph.never_dropped {
        let Some(stored) = entry.stored.first() else { continue };
        let message =
            format!("`{}` stores rows without a timeout, and nothing drops them", keeper(entry));
        let mut finding = Finding::new(&RULE, stored.location, &entry.holder.name, message)
            .label("stays until somebody clears the cache")
            .help("give a timeout, or drop the entry when its rows change");
        finding.entry = Some(entry.label.clone());
        found.push(with_cache(finding, entry));
    }
}
