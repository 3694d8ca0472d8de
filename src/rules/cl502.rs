//! A value that was chosen by a parameter is stored under a key that does not tell it.
//!
//! ## What it reports
//! A function that stores rows confined by one of its parameters (a tenant, an owner, a row) under a key
//! in which that parameter has no part.
//!
//! ## Why it matters
//! The first caller fills the entry, and every other one gets the first one's rows: those of another
//! tenant.
//!
//! ## Example
//! ```python
//! def flags_of(team):
//!     return cache.get_or_set("flags", lambda: list(Flag.objects.filter(team=team)))
//! ```
//!
//! ## Fix
//! ```python
//! def flags_of(team):
//!     return cache.get_or_set(f"flags:{team.pk}", lambda: list(Flag.objects.filter(team=team)))
//! ```
//!
//! ## When it stays quiet
//! - A hole of the key is filled by the parameter, or by something of which the origin is not known.
//! - The parameter only leaves rows out, or orders them.
//! - The results of a memoised function: its arguments are the key.
//! - In Rust: the parameter is used for anything else as well, or the cache is given to the function.

use super::cached::{keeper, with_cache};
use super::{Finding, Rule, Severity};
use crate::graph::ModelGraph;

/// CL502
pub static RULE: Rule = Rule {
    code: "CL502",
    name: "unscoped-key",
    severity: Severity::Warning,
    docs: include_str!("cl502.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for key in &graph.unscoped_keys {
        let message = format!(
            "`{}` stores rows of one `{}` under `{}`, which is the same for all",
            keeper(&key.entry),
            key.column,
            key.stored.name,
        );
        let location = key.stored.location;
        let mut finding = Finding::new(&RULE, location, &key.entry.holder.name, message)
            .label(format!("the key does not tell the `{}`", key.column))
            .help("make what the rows are chosen by a part of the key");
        finding.entry = Some(key.entry.label.clone());
        found.push(with_cache(finding, &key.entry));
    }
}
