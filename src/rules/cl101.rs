//! Neither saving nor deleting a row of a cached model drops its cache entry.
//!
//! ## What it reports
//! A model whose rows a caching manager keeps, while neither its save side nor its delete side
//! reaches an invalidation: no receiver, no override, nothing they call. Receivers that do exist but
//! never get to an invalidation are shown as evidence.
//!
//! A manager is a caching manager when the configuration names its class (`cache-managers`), or when
//! its methods store rows in a cache.
//!
//! ## Why it matters
//! Users see the old row until the entry runs out, or for ever where it has no timeout. Nothing
//! fails and nothing is logged, so it takes weeks until somebody tells.
//!
//! ## Example
//! ```python
//! class Flag(models.Model):
//!     name = models.CharField(max_length=100)
//!     objects = CacheManager()  # nobody drops what it keeps
//! ```
//!
//! ## Fix
//! ```python
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     transaction.on_commit(lambda: Flag.objects.invalidate(instance.pk))
//! ```
//!
//! ## When it stays quiet
//! - One side is covered: that is CL102.
//! - A receiver would cover it but never runs: the reason has a rule of its own (CL103, CL105,
//!   CL107, CL108).
//! - The code that writes the rows drops the entry itself.
//! - The decorator of the function lists the model, so that its library hears of it.
//! - The manager gives its entries a finite timeout and nothing in the project drops them: they are
//!   meant to run out.
//! - The key holds a hash or a time of change of the row.

use super::cached::{by_signals, keeper, missing_sides, model_finding, remedy, with_receiver};
use super::{Finding, Remedy, RowEvent, Rule, Severity};
use crate::graph::{FeedKind, ModelGraph};

/// CL101
pub static RULE: Rule = Rule {
    code: "CL101",
    name: "missing-invalidation",
    severity: Severity::Error,
    docs: include_str!("cl101.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in graph.cached.iter().filter(|cached| cached.kind == FeedKind::Own) {
        let missing = missing_sides(cached);
        if !(missing.save && missing.delete) {
            continue;
        }
        let message = format!(
            "rows of `{}` are cached by `{}`, but neither saving nor deleting one drops its entry",
            cached.class,
            keeper(&cached.entry)
        );
        let finding = model_finding(&RULE, cached, message, &missing)
            .label("a save or delete of this model reaches no invalidation")
            .help(remedy(
                &cached.entry,
                &cached.class,
                by_signals(
                    cached,
                    &format!(
                        "connect receivers for the save and the delete signal of `{}` that drop the entry",
                        cached.class
                    ),
                    "drop the entry behind each write, or in a hook that runs on saves and deletes",
                )
                .to_owned(),
            ));
        let events = &[RowEvent::Save, RowEvent::Delete];
        let manager = cached.examples.manager.clone();
        let finding = finding.remedy(manager.map(|manager| Remedy::AddRowReceiver { manager }));
        found.push(with_receiver(finding, events, &cached.recipe, &cached.entry, None));
    }
}
