//! A hook drops the entry of one parent only of a row that moves, the new one or the old one.
//!
//! ## What it reports
//! A save hook that builds the key from the row's present parent, or only from the one that the database still has,
//! where the entry lists the rows of one parent and the foreign key may change. So does code that sets the foreign key
//! and drops the entry of what it has set alone.
//!
//! ## Why it matters
//! When a row moves to another parent, the new parent's entry is dropped and the old parent still lists the row; or the
//! old one is dropped and the new one lacks the row.
//!
//! ## Example
//! ```python
//! def flags_of(team_id):
//!     return cache.get_or_set(f"flags:{team_id}", lambda: list(Flag.objects.filter(team_id=team_id)))
//!
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flags(sender, instance, **kwargs):
//!     cache.delete(f"flags:{instance.team_id}")  # the new team; the old one keeps the flag
//! ```
//!
//! ## Fix
//! Remember the parent that was loaded and drop both entries:
//! ```python
//! @receiver(post_init, sender=Flag)
//! def remember_team(sender, instance, **kwargs):
//!     instance.loaded_team_id = instance.team_id
//! ```
//!
//! ## When it stays quiet
//! - The hook drops more than the present parent's entry: all entries, or one for each of several parents.
//! - The hole of the key is filled by a value that does not come from the row.
//!
//! In Rust it is told of code that sets the column by which an entry's rows are chosen, and drops the one key that a
//! parameter, or the row behind the write, gives.

use super::cached::{entry_finding, keeper, receiver, with_cache};
use super::dead::short;
use super::{Confidence, Finding, RowEvent, Rule, Severity, WritePath};
use crate::graph::{CachedModel, Gap, ModelGraph, Stays};

/// CL204
pub static RULE: Rule = Rule {
    code: "CL204",
    name: "moved-row",
    severity: Severity::Warning,
    docs: include_str!("cl204.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        found.extend(left_by_hand(cached));
        let Some(moved) = &cached.moved else { continue };
        let Some(stays) = moved.stays else { continue };
        let (known, forgotten, stays, forgets) = match stays {
            Stays::Left => (
                "present",
                "previous",
                "stays in the entry it leaves",
                "forgets the entry that a moved row has left",
            ),
            Stays::Reached => (
                "previous",
                "present",
                "is missing from the entry it comes to",
                "forgets the entry that a moved row comes to",
            ),
        };
        let message = format!(
            "`{}` drops the entry of the {known} `{}` only: a `{}` that moves {stays}",
            short(&moved.hook.name),
            moved.column,
            cached.class,
        );
        let mut finding =
            entry_finding(&RULE, moved.hook.location, &moved.hook.name, message, cached)
                .label(forgets)
                .help(format!("drop the entry of the {forgotten} `{}` as well", moved.column));
        let event = match moved.stays {
            Some(Stays::Left) => RowEvent::Move,
            _ => RowEvent::Save,
        };
        finding = finding.remedy(receiver(&[event], &cached.recipe, &cached.entry, None));
        finding.relation = Some(format!("{}.{}", cached.class, moved.column));
        finding.write_paths = vec![WritePath::Move];
        finding = with_cache(finding, &cached.entry)
            .step(
                moved.field,
                format!("`{}` chooses the entry of `{}`", moved.column, keeper(&cached.entry)),
            )
            .step(moved.drop, "dropped here");
        found.push(finding);
    }
}

/// The code that moves rows by itself, and drops the entry that they come to alone.
fn left_by_hand(cached: &CachedModel) -> impl Iterator<Item = Finding> {
    let left = cached.open_writes.iter().filter(|open| open.gap == Gap::Left);
    left.filter_map(|open| {
        let column = cached.moving.as_ref()?;
        let message = format!(
            "`{}` drops the entry of the new `{}` only: a `{}` that it moves stays in the entry it leaves",
            short(&open.site.name),
            column.name,
            cached.class,
        );
        let mut finding =
            entry_finding(&RULE, open.site.location, &open.site.name, message, cached)
                .label("the entry that the row has left is not dropped")
                .help(format!("drop the entry of the previous `{}` as well", column.name));
        finding.confidence = finding.confidence.min(Confidence::Medium);
        finding.relation = Some(format!("{}.{}", cached.class, column.name));
        finding.write_paths = vec![WritePath::Move];
        let chooses = format!("`{}` chooses the entry of `{}`", column.name, keeper(&cached.entry));
        Some(with_cache(finding, &cached.entry).step(column.location, chooses))
    })
}
