//! Some code that writes the rows drops the cache entry, and this code does not.
//!
//! ## What it reports
//! A `save()`, `delete()` or `create()` in sight after which nothing drops the entry, while other code that writes
//! the rows does drop it; a delete in sight of what such rows go with, likewise; and a queryset delete or a cascade that
//! goes past the `delete()` override which would. Also a delete inside a transaction in sight, where the hook reads
//! `instance.pk` when the transaction ends: Django has set it to `None` by then. Where the key holds a column that tells
//! the states of its row apart, such as a time of change, a save that lists other columns alone: the key stays the same.
//!
//! ## Why it matters
//! An entry that is dropped by hand is only as fresh as the most forgetful of its writers. An override looks like a
//! hook for every delete, but Django does not call it for rows that a queryset, the admin's bulk action or a
//! cascade deletes.
//!
//! ## Example
//! ```python
//! def rename(flag, name):
//!     flag.name = name
//!     flag.save()
//!     cache.delete(f"flag:{flag.pk}")
//!
//! def toggle(pk):
//!     flag = Flag.objects.get(pk=pk)
//!     flag.active = not flag.active
//!     flag.save()  # the entry stays
//! ```
//!
//! ## Fix
//! Drop the entry here, too, or drop it in receivers, which run for every writer:
//! ```python
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     key = f"flag:{instance.pk}"
//!     transaction.on_commit(lambda: cache.delete(key))
//! ```
//!
//! ## When it stays quiet
//! - A receiver drops the entry.
//! - Every caller of the function drops it behind the call.
//! - Before it is saved, the row stores what it is about to be by a method of its own.
//! - Those who drop the entry have saved rows of which nothing is known, and several models feed it.
//! - The columns that are saved do not reach the cached value.
//! - What deletes rows goes past the override, but only who has a row at hand asks for its entry, by a key that holds
//!   the row's primary key.
//! - Some code only ever stores the entry behind its own writes, such as how far a task has come; nobody makes it of rows
//!   where it is missing, and nobody takes it out.
//! - No code in sight drops the entry: that is CL101 or CL102.

use super::cached::{
    by_signals, drop_behind, entry_finding, keeper, links_finding, receiver, with_cache,
    with_links_receiver, with_receiver,
};
use super::dead::short;
use super::{Finding, Remedy, RowEvent, Rule, Severity, WritePath};
use crate::graph::{CachedModel, Gap, ModelGraph, OpenWrite, SideState};

/// CL104
pub static RULE: Rule = Rule {
    code: "CL104",
    name: "bypassed-invalidation",
    severity: Severity::Warning,
    docs: include_str!("cl104.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        for open in &cached.open_writes {
            let (who, class, keeper) =
                (short(&open.site.name), &cached.class, keeper(&cached.entry));
            let (message, path) = match open.gap {
                Gap::Forgotten => (
                    format!(
                        "`{who}` writes rows of `{class}` that `{keeper}` caches and does not drop the entry; other writers do"
                    ),
                    open.path,
                ),
                Gap::Kept => (
                    format!(
                        "`{who}` saves columns of `{class}` that `{keeper}` caches, and not `{}`, which the key holds",
                        cached.entry.version.as_deref().unwrap_or_default(),
                    ),
                    open.path,
                ),
                Gap::Cascade => (
                    format!(
                        "`{who}` deletes what rows of `{class}` go with and does not drop the entry of `{keeper}`; other code does"
                    ),
                    WritePath::Cascade,
                ),
                Gap::Late => {
                    found.push(late(cached, open));
                    continue;
                }
                _ => continue,
            };
            let mut finding =
                entry_finding(&RULE, open.site.location, &open.site.name, message, cached)
                    .label("nothing drops the entry after this")
                    .help(by_signals(
                        cached,
                        "drop the entry after this write, or in receivers that run for every write",
                        "drop the entry after this write",
                    ));
            finding.confidence = finding.confidence.min(open.certainty);
            finding.write_paths = vec![path];
            finding = finding.remedy(drop_behind(cached, open));
            let dropped = [&cached.update, &cached.create, &cached.delete];
            let by_hand = dropped.into_iter().find(|side| side.state == SideState::ByHand);
            finding = finding.remedy(drop_it_here(cached, open, path));
            finding = with_cache(finding, &cached.entry);
            if let Some(drop) = by_hand.and_then(|side| side.drop) {
                finding = finding.step(drop, "another writer drops it here");
            }
            found.push(finding);
        }
        bypassed_override(cached, found);
    }
    for links in &graph.links {
        for open in links.open_writes.iter().filter(|open| open.gap == Gap::Forgotten) {
            let message = format!(
                "`{}` edits `{}`, which `{}` caches, and does not drop the entry; other code does",
                short(&open.site.name),
                links.relation.name,
                keeper(&links.entry),
            );
            let mut finding = links_finding(&RULE, &open.site, message, links)
                .label("nothing drops the entry after this")
                .help("drop the entry after this edit, or in a receiver of `m2m_changed`");
            finding.write_paths = vec![open.path];
            let field = short(&links.relation.name);
            finding = with_links_receiver(finding, links, field);
            found.push(with_cache(finding, &links.entry));
        }
    }
}

/// A drop behind a write, or a receiver that drops the entry whoever writes the rows.
fn drop_it_here(cached: &CachedModel, open: &OpenWrite, path: WritePath) -> Option<Remedy> {
    let event = match path {
        WritePath::Create | WritePath::Update => RowEvent::Save,
        _ => RowEvent::Delete,
    };
    let receiver =
        receiver(&[event], &cached.recipe, &cached.entry, None).filter(|_| cached.has_signals);
    match open.gap {
        Gap::Forgotten if !cached.recipe.calls.is_empty() => Some(Remedy::DropAfter {
            write: open.site.location,
            path,
            recipe: Box::new(cached.recipe.clone()),
            or_receiver: receiver.map(Box::new),
        }),
        _ => receiver,
    }
}

/// A delete in a transaction at whose end the hook no longer knows which row it was.
fn late(cached: &CachedModel, open: &OpenWrite) -> Finding {
    let message = format!(
        "`{}` deletes rows in a transaction: when it ends, `{}` has lost its key, and the entry of `{}` stays",
        short(&open.site.name),
        cached.class,
        keeper(&cached.entry),
    );
    let mut finding = entry_finding(&RULE, open.site.location, &open.site.name, message, cached)
        .label("the transaction goes on after this")
        .help("let the hook read the key of the row before it waits for the commit");
    finding.confidence = finding.confidence.min(open.certainty);
    finding.write_paths = vec![open.path];
    finding = with_cache(finding, &cached.entry);
    if let Some(hook) = &cached.delete.hook {
        finding = finding.step(hook.location, "reads the key at the end of the transaction");
    }
    finding.remedy(receiver(&[RowEvent::Delete], &cached.recipe, &cached.entry, None))
}

/// Deletes that Django does without calling the override that drops the entry.
fn bypassed_override(cached: &CachedModel, found: &mut Vec<Finding>) {
    let Some((hook, by_querysets)) = &cached.bypassed_override else { return };
    let mut sites: Vec<_> = cached
        .open_writes
        .iter()
        .filter(|open| open.gap == Gap::PastOverride)
        .map(|open| &open.site)
        .collect();
    if sites.is_empty() {
        sites.push(hook);
    }
    for site in sites {
        let who = if *by_querysets { "deletes by querysets and cascades" } else { "cascades" };
        let message =
            format!("`{}.delete()` drops the cache entry, but {who} do not call it", cached.class,);
        let mut finding = entry_finding(&RULE, site.location, &site.name, message, cached)
            .label("goes past the override")
            .help("drop the entry in a receiver of `post_delete`, which runs for every row");
        finding.write_paths = vec![WritePath::Cascade];
        if *by_querysets {
            finding.write_paths.insert(0, WritePath::QuerysetDelete);
        }
        let events = &[RowEvent::Delete];
        finding = with_receiver(finding, events, &cached.recipe, &cached.entry, None);
        finding = with_cache(finding, &cached.entry);
        if site.location != hook.location {
            finding = finding.step(hook.location, "only this override drops the entry");
        }
        found.push(finding);
    }
}
