//! The key that is dropped is not the one that is stored.
//!
//! ## What it reports
//! A drop behind a write of a cached model whose key cannot be that of anything the project stores or
//! looks up, while the entry of that model, in the same store, is dropped by nothing else. In Rust also one whose key
//! is that of another row: its value is what the write compares with another column than the one that the key has
//! the value of where the rows are stored.
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
//! - The value is also compared with the column that the key has the value of, or the right key is dropped beside it.

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
        let (dropped, keeper) = (&mismatch.drop.name, keeper(&mismatch.entry));
        let (message, label, help) = match &mismatch.columns {
            None => (
                format!(
                    "`{dropped}` is dropped here, but `{keeper}` stores `{}`",
                    mismatch.entry.label,
                ),
                "nothing is stored under this key".to_owned(),
                "build the key in one function, and call it in both places",
            ),
            Some((given, wanted)) => (
                format!(
                    "the key that is dropped here has the value of `{given}`, but `{keeper}` stores by `{wanted}`"
                ),
                format!("the entry of the row that is written has the key of its `{wanted}`"),
                "drop the key of the row that is written",
            ),
        };
        let location = mismatch.drop.location;
        let mut finding = Finding::new(&RULE, location, dropped, message).label(label).help(help);
        finding.confidence = mismatch.confidence;
        finding.model = Some(mismatch.model.name.clone());
        finding.entry = Some(mismatch.entry.label.clone());
        found.push(with_cache(finding, &mismatch.entry));
    }
}
