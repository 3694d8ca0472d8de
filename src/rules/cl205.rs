//! Deleting the target of a foreign key changes cached rows without a signal.
//!
//! ## What it reports
//! A foreign key of a cached model with `SET_NULL`, `SET_DEFAULT`, `SET(...)`, `DO_NOTHING` or a cascade of the
//! database, where the delete of its target drops no entry.
//!
//! In Rust it is a foreign key whose `on_delete`, or whose `ON DELETE` in the SQL below `migrations`, deletes or
//! changes the rows, where code that deletes the target drops no entry.
//!
//! ## Why it matters
//! Django updates or leaves the rows in SQL: no `post_save` and no `post_delete` is sent for them, so the receivers of
//! the cached model do not run.
//!
//! ## Example
//! ```python
//! class Flag(models.Model):
//!     owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
//!     objects = CacheManager()  # deleting a user changes cached flags
//! ```
//!
//! ## Fix
//! ```python
//! @receiver(pre_delete, sender=User)
//! def drop_flags_of_user(sender, instance, **kwargs):
//!     keys = [f"flag:{pk}" for pk in instance.flag_set.values_list("pk", flat=True)]
//!     transaction.on_commit(lambda: cache.delete_many(keys))
//! ```
//!
//! ## When it stays quiet
//! - A delete hook of the target drops the entry.
//! - The cached value does not read the foreign key.
//! - The foreign key cascades by Django, which sends `post_delete` for each row.

use super::cached::{by_signals, entry_finding, keeper, with_cache, with_receiver};
use super::dead::short;
use super::{Finding, RowEvent, Rule, Severity, WritePath};
use crate::graph::ModelGraph;

/// CL205
pub static RULE: Rule = Rule {
    code: "CL205",
    name: "silent-cascade",
    severity: Severity::Warning,
    docs: include_str!("cl205.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        for cascade in &cached.silent_cascades {
            let target = short(&cascade.target.name);
            let message = format!(
                "deleting a `{target}` changes rows of `{}` that `{}` caches, without a signal",
                cached.class,
                keeper(&cached.entry),
            );
            let relation = &cascade.relation;
            let mut finding = entry_finding(
                &RULE,
                relation.location,
                &relation.name,
                message,
                cached,
            )
            .label("changed in the database when its target is deleted")
            .help(by_signals(
                cached,
                &format!(
                    "drop the entries of the rows in a receiver of `pre_delete` for `{target}`"
                ),
                &format!("drop the entries of the rows where a `{target}` is deleted"),
            ));
            let events = &[RowEvent::Delete];
            finding = with_receiver(finding, events, &cascade.recipe, &cached.entry, None);
            finding.model = Some(cascade.target.name.clone());
            finding.relation = Some(relation.name.clone());
            finding.write_paths = vec![WritePath::SetNullCascade];
            found.push(with_cache(finding, &cached.entry));
        }
    }
}
