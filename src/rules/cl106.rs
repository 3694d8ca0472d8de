//! A save hook drops the cache entry for some saves of a row and lets others through.
//!
//! ## What it reports
//! A receiver or `save()` override that invalidates only when a row is created, only when it is saved
//! again, or behind a guard on `update_fields` that lets columns through. A column that moves the row from
//! one entry to another must get both of them dropped.
//!
//! ## Why it matters
//! The hook is there and works in the first test that somebody writes. The saves it skips leave the
//! entry stale. `update_or_create` and instances loaded with `only()` carry `update_fields`, too, so a
//! guard on it skips more than the calls that spell it.
//!
//! ## Example
//! ```python
//! @receiver(post_save, sender=Flag)
//! def drop_flag(sender, instance, created, **kwargs):
//!     if created:
//!         return
//!     cache.delete("flags:all")  # a new flag is missing from the list
//! ```
//!
//! ## Fix
//! Drop the entry on every save. Where a column really is not in the cache, compare the names:
//! ```python
//! if update_fields is not None and not {"name", "active"} & set(update_fields):
//!     return
//! ```
//!
//! ## When it stays quiet
//! - A guard on `raw`: fixtures are loaded before anything is cached.
//! - Another hook covers the saves that this one skips.
//! - New rows are skipped, but every entry holds one row that is looked up by `get()`: nothing can be
//!   cached of a row that was not there.

use super::cached::{receiver, with_cache};
use super::{Finding, RowEvent, Rule, Severity, WritePath};
use crate::graph::{CachedModel, FeedKind, ModelGraph, SideState};

/// CL106
pub static RULE: Rule = Rule {
    code: "CL106",
    name: "partial-save-invalidation",
    severity: Severity::Error,
    docs: include_str!("cl106.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        let (side, what, paths) = match (cached.create.state, cached.update.state) {
            (SideState::Covered, SideState::Hole) => {
                (&cached.create, "only when a row is created".to_owned(), vec![WritePath::Update])
            }
            (SideState::Hole, SideState::Covered) if cached.kind == FeedKind::Own => (
                &cached.update,
                "only when a row is saved again".to_owned(),
                vec![WritePath::Create],
            ),
            (_, SideState::Covered) if !cached.open_columns.is_empty() => {
                (&cached.update, guarded(cached), vec![WritePath::Update])
            }
            _ => continue,
        };
        let (name, location) = match &side.hook {
            Some(hook) => (hook.name.as_str(), hook.location),
            None => (cached.class.as_str(), cached.model.location),
        };
        let short = name.rsplit('.').next().unwrap_or(name);
        let message = format!("`{short}` drops the cache entry of `{}` {what}", cached.class);
        let mut finding = Finding::new(&RULE, location, name, message)
            .label("invalidates for some saves only")
            .help("drop the entry on every save that can change what is cached");
        finding.confidence = cached.confidence;
        finding.model = Some(cached.model.name.clone());
        finding.entry = Some(cached.entry.label.clone());
        finding.write_paths = paths;
        finding = with_cache(finding, &cached.entry);
        let events = &[RowEvent::Save];
        finding = finding.remedy(receiver(events, &cached.recipe, &cached.entry, None));
        if let Some(drop) = side.drop {
            finding = finding.step(drop, "dropped here");
        }
        found.push(finding);
    }
}

/// Which columns slip through the guard.
fn guarded(cached: &CachedModel) -> String {
    let columns: Vec<String> =
        cached.open_columns.iter().map(|column| format!("`{column}`")).collect();
    match columns.as_slice() {
        [] => String::new(),
        [one] => format!("but not for `update_fields` of {one}"),
        [first, second, third] => {
            format!("but not for `update_fields` of {first}, {second} or {third}")
        }
        [first, .., last] if columns.len() == 2 => {
            format!("but not for `update_fields` of {first} or {last}")
        }
        [first, second, ..] => format!(
            "but not for `update_fields` of {first}, {second} and {} more columns",
            columns.len() - 2
        ),
    }
}
