//! A second function of the same name takes the receiver's place.
//!
//! ## What it reports
//! A receiver that reaches an invalidation, followed in the same module by another function of the
//! same name. Signals hold receivers by weak references; when the name is bound anew, nothing holds
//! the first function any more and it never runs.
//!
//! ## Why it matters
//! It is the classic result of copying a receiver and changing only its signal. Both decorators are
//! there, the review passes, and one of them does nothing.
//!
//! ## Example
//! ```python
//! @receiver(post_save, sender=Flag)
//! def drop_flag(sender, instance, **kwargs):  # gone
//!     cache.delete(f"flag:{instance.pk}")
//!
//! @receiver(post_delete, sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## Fix
//! Give each receiver a name of its own, or connect one function to both signals:
//! `@receiver([post_save, post_delete], sender=Flag)`.
//!
//! ## When it stays quiet
//! - `weak=False` is given, or something else keeps the first function.
//! - The two definitions stand in different branches of an `if` or `try`.
//! - Another receiver that does run covers the same write.
//! - In Rust: two functions of one name in a module do not compile, so the rule has no meaning there.

use super::dead::{hook_finding, receiver, short};
use super::{Finding, Remedy, RowEvent, Rule, Severity, WritePath};
use crate::graph::{DeadHook, DeadReason, ModelGraph};

/// CL108
pub static RULE: Rule = Rule {
    code: "CL108",
    name: "shadowed-receiver",
    severity: Severity::Error,
    docs: include_str!("cl108.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for dead in &graph.dead_hooks {
        let DeadReason::Shadowed(by) = &dead.reason else { continue };
        let message = format!(
            "{} never runs: a later function of the same name took its place",
            receiver(dead)
        );
        let finding = hook_finding(&RULE, dead, message)
            .label("this receiver is gone")
            .help("give each receiver a name of its own")
            .remedy(other_name(dead))
            .step(*by, "the name is bound again here");
        found.push(finding);
    }
}

/// A name for the receiver that tells what it hears of.
fn other_name(dead: &DeadHook) -> Option<Remedy> {
    let model = dead.models.first()?;
    let deletes = dead.write_paths.contains(&WritePath::Delete);
    let saves = dead.write_paths.iter().any(|path| *path != WritePath::Delete);
    let events = [saves.then_some(RowEvent::Save), deletes.then_some(RowEvent::Delete)];
    Some(Remedy::Rename {
        receiver: dead.hook.location,
        model: short(&model.name).to_owned(),
        events: events.into_iter().flatten().collect(),
    })
}
