//! The entry is dropped while the transaction that changes the row is still open.
//!
//! ## What it reports
//! A receiver or override that drops the entry at once, not in `transaction.on_commit`, or a function that drops it
//! before its own write. Of a row that moves, each entry counts: the one that it leaves is as stale where only the
//! other waits.
//!
//! ## Why it matters
//! Signals are sent inside the transaction. Between the drop and the commit another request can read the old row and
//! put it back into the cache, where it stays.
//!
//! ## Example
//! ```python
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## Fix
//! ```python
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     key = f"flag:{instance.pk}"
//!     transaction.on_commit(lambda: cache.delete(key))
//! ```
//!
//! ## When it stays quiet
//! - The entry is dropped in `transaction.on_commit`, there as well or there alone.
//! - The code that writes drops the entry behind its own transaction.
//! - The entry is replaced by what the rows are about to be: a reader finds that, and puts nothing back.
//! - What is taken out before the write was put there for it: a token, a challenge.
//! - What is stored is no copy of a column, but a counter that starts there and is counted up or down in the store.

use super::cached::with_cache;
use super::dead::short;
use super::{EarlyDrops, Finding, Remedy, Rule, Severity};
use crate::graph::ModelGraph;

/// CL401
pub static RULE: Rule = Rule {
    code: "CL401",
    name: "invalidates-before-commit",
    severity: Severity::Warning,
    docs: include_str!("cl401.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for early in &graph.early_drops {
        let message = format!(
            "`{}` drops the cache entry before the transaction ends: a reader can put the old `{}` back",
            short(&early.hook.name),
            short(&early.model.name),
        );
        let mut finding = Finding::new(&RULE, early.hook.location, &early.hook.name, message)
            .label("runs while the transaction is open")
            .help(match early.has_signals {
                true => "drop the entry in `transaction.on_commit`",
                false => "drop the entry behind the commit",
            });
        finding.confidence = early.confidence;
        finding.model = Some(early.model.name.clone());
        finding.entry = Some(early.entry.label.clone());
        finding.write_paths = early.paths.clone();
        let drops = EarlyDrops { hook: early.function, ways: early.ways.clone() };
        let remedy = early.has_signals.then_some(Remedy::DropOnCommit { early: drops });
        finding = finding.remedy(remedy);
        found.push(with_cache(finding, &early.entry).step(early.drop, "dropped here"));
    }
}
