//! A write drops a whole store, and with it entries that have nothing to do with it.
//!
//! ## What it reports
//! `cache.clear()`, `flushdb()` or `delete_pattern("*")` in a hook of a cached model, or behind a write in the
//! same function.
//!
//! ## Why it matters
//! Each save of one row sends the next requests for everything else to the database at once. Sessions, locks
//! and rate limits that live in the same store go, too.
//!
//! ## Example
//! ```python
//! @receiver(post_save, sender=Flag)
//! def drop_flags(sender, instance, **kwargs):
//!     transaction.on_commit(cache.clear)
//! ```
//!
//! ## Fix
//! Drop the keys that hold the row, or put a version into the keys and bump it.
//!
//! ## When it stays quiet
//! - The call is no answer to a write: a command that empties the cache on purpose.
//! - A memoised function forgets its own results.
//! - What is written behind it is no row of a model.
//! - It is given a key: `cache.clear("flags")`.
//! - It is a cache of its own, set up beside the default one: `caches["flags"].clear()`.
//! - In Rust: the store holds nothing else in sight, or the other rows belong to those that are written; or it is what
//!   `main` calls.

use super::dead::short;
use super::{Finding, Rule, Severity};
use crate::graph::ModelGraph;

/// CL501
pub static RULE: Rule = Rule {
    code: "CL501",
    name: "untargeted-invalidation",
    severity: Severity::Warning,
    docs: include_str!("cl501.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for drop in &graph.whole_drops {
        let message = format!(
            "`{}` drops everything that the store holds when one row changes",
            short(&drop.name)
        );
        found.push(
            Finding::new(&RULE, drop.location, &drop.name, message)
                .label("drops entries that have nothing to do with the change")
                .help("drop the keys that hold the row, or bump a version that the keys contain"),
        );
    }
}
