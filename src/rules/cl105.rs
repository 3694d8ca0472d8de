//! The receiver that would drop the cache entry is held weakly and collected at once.
//!
//! ## What it reports
//! A receiver that reaches an invalidation and that nothing but the signal refers to: a lambda, a
//! function defined inside another one, a `partial`, a method of an object that is not kept,
//! connected without `weak=False`.
//!
//! ## Why it matters
//! Signals hold their receivers by weak references. When the function that connects returns, the
//! receiver is garbage; it never runs, and nothing says so.
//!
//! ## Example
//! ```python
//! def ready(self):
//!     post_save.connect(lambda instance, **kwargs: drop(instance.pk), sender=Flag)
//! ```
//!
//! ## Fix
//! Define the receiver at module level, or connect it with `weak=False`.
//!
//! ## When it stays quiet
//! - `weak=False` is given.
//! - Something else keeps the receiver: it is returned, assigned to an attribute, put into a list.
//! - Another receiver that does run covers the same write.
//! - In Rust: nothing holds a receiver weakly, so the rule has no meaning there.

use super::dead::{hook_finding, receiver, signals};
use super::{EarlyDrops, Finding, Remedy, Rule, Severity};
use crate::graph::{DeadReason, ModelGraph};

/// CL105
pub static RULE: Rule = Rule {
    code: "CL105",
    name: "weak-receiver",
    severity: Severity::Warning,
    docs: include_str!("cl105.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for dead in &graph.dead_hooks {
        if dead.reason != DeadReason::Collected {
            continue;
        }
        let message = format!(
            "{} is collected at once and never runs: {} holds it by a weak reference only",
            receiver(dead),
            signals(dead)
        );
        let finding = hook_finding(&RULE, dead, message)
            .label("nothing else holds this receiver")
            .help("define the receiver at module level, or connect it with `weak=False`");
        let early = EarlyDrops::of(dead);
        found.push(dead.connections.iter().fold(finding, |finding, connected| {
            let (connected_at, early) = (connected.location, early.clone());
            finding.remedy(Remedy::HoldReceiver { connected_at, early })
        }));
    }
}
