//! Whole rows are stored under a key without a version of the code or the schema.
//!
//! ## What it reports
//! A key of pickled or serialised rows in which no part changes with the code: no `v2`, no counter, no hash
//! of a revision.
//!
//! ## Why it matters
//! After a deployment that adds or renames a column, old copies come out of the cache as rows of the new
//! class: attributes are missing, and errors come from places that were not touched.
//!
//! ## Example
//! ```python
//! cache.set(f"flag:{pk}", flag, None)
//! ```
//!
//! ## Fix
//! ```python
//! cache.set(f"flag:v2:{pk}", flag, None)  # count up when the model changes
//! ```
//!
//! In Rust it is about stores outside of the process, such as Redis.
//!
//! ## When it stays quiet
//! - The key has a part such as `v1` or `5.0.1`, a counter that is read from the cache, or a hole that is called a
//!   version, a revision or a hash.
//! - Columns are stored, not rows.

use super::cached::{keeper, with_cache};
use super::{Finding, Rule, Severity};
use crate::graph::ModelGraph;

/// CL504
pub static RULE: Rule = Rule {
    code: "CL504",
    name: "unversioned-key",
    severity: Severity::Info,
    docs: include_str!("cl504.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for key in &graph.unversioned_keys {
        let message = format!(
            "`{}` stores whole rows under `{}`, which no change of the code changes",
            keeper(&key.entry),
            key.stored.name,
        );
        let location = key.stored.location;
        let mut finding = Finding::new(&RULE, location, &key.entry.holder.name, message)
            .label("old copies outlive a change of the model")
            .help("put a version into the key, and count it up when the model changes");
        finding.entry = Some(key.entry.label.clone());
        found.push(with_cache(finding, &key.entry));
    }
}
