//! The key that is dropped is not the one that is stored.
//!
//! ## What it reports
//! A drop behind a write of a cached model whose key cannot be that of anything the project stores or
//! looks up, while the entry of that model, in the same store, is dropped by nothing else.
//!
//! ## Why it matters
//! The receiver is there, runs, and deletes nothing: deleting a missing key is no error. A prefix that was
//! renamed in one place is enough.
//!
//! ## Example
//! ```python
//! cache.set(f"flag:{pk}", flag)
//!
//! @receiver(post_save, sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flags:{instance.pk}")
//! ```
//!
//! ## Fix
//! Build the key in one function, and call it in both places.
//!
//! ## When it stays quiet
//! - Some code stores or looks up a key that the dropped one can be, or looks at what a counter has come to.
//! - The key is not spelled out: most of it comes from elsewhere.

use super::cached::{keeper, with_cache};
use super::{Finding, Rule, Severity};
use crate::graph::ModelGraph;

/// CL503
pub static RULE: Rule = Rule {
    code: "CL503",
    name: "key-mismatch",
    severity: Severity::Error,
    docs: include_str!("cl503.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for mismatch in &graph.mismatches {
        let message = format!(
            "`{}` is dropped here, but `{}` stores `{}`",
            mismatch.drop.name,
            keeper(&mismatch.entry),
            mismatch.entry.label,
        );
        let location = mismatch.drop.location;
        let mut finding = Finding::new(&RULE, location, &mismatch.drop.name, message)
            .label("nothing is stored under this key")
            .help("build the key in one function, and call it in both places");
        finding.confidence = mismatch.confidence;
        finding.model = Some(mismatch.model.name.clone());
        finding.entry = Some(mismatch.entry.label.clone());
        found.push(with_cache(finding, &mismatch.entry));
    }
}
