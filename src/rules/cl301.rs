//! A write without signals changes cached rows, and nothing drops the entry after it.
//!
//! ## What it reports
//! `QuerySet.update()`, `bulk_create()`, `bulk_update()`, `_raw_delete()` and the editing methods of a reverse foreign key
//! on a model that feeds an entry, where neither the function nor each of its callers drops the entry behind it.
//!
//! ## Why it matters
//! These methods send no signals and call no `save()`: receivers and overrides do not run, however complete they are.
//!
//! ## Example
//! ```python
//! def close_all(team):
//!     Flag.objects.filter(team=team).update(active=False)  # flags stay cached as active
//! ```
//!
//! ## Fix
//! ```python
//! def close_all(team):
//!     Flag.objects.filter(team=team).update(active=False)
//!     transaction.on_commit(lambda: cache.delete(f"flags:{team.pk}"))
//! ```
//!
//! ## When it stays quiet
//! - The entry is dropped after the write: in the function, in a helper it calls, or behind every call of it.
//! - None of the columns that are written reaches the cached value, its key, or the choice of rows.
//! - The rows that are written cannot be among the cached ones: both are confined by different values of one column.
//! - The queryset's class overrides the method and drops the entry there, or a library does.

use super::cached::{by_signals, drop_behind, entry_finding, keeper, links_finding, with_cache};
use super::dead::short;
use super::{Finding, Remedy, Rule, Severity, WritePath};
use crate::graph::{Gap, ModelGraph};

/// CL301
pub static RULE: Rule = Rule {
    code: "CL301",
    name: "bulk-write-bypass",
    severity: Severity::Error,
    docs: include_str!("cl301.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        for open in cached.open_writes.iter().filter(|open| open.gap == Gap::Bulk) {
            let what = match open.path {
                _ if !cached.has_signals => "a write",
                WritePath::QuerysetUpdate => "`update()`",
                WritePath::BulkCreate => "`bulk_create()`",
                WritePath::BulkUpdate => "`bulk_update()`",
                WritePath::RelatedManager => "the relation's manager",
                _ => "a delete",
            };
            let message = format!(
                "{what} in `{}` {} rows of `{}`{}, and the entry of `{}` stays",
                short(&open.site.name),
                by_signals(cached, "writes", "changes"),
                cached.class,
                by_signals(cached, " without signals", ""),
                keeper(&cached.entry),
            );
            let mut finding =
                entry_finding(&RULE, open.site.location, &open.site.name, message, cached)
                    .label(by_signals(
                        cached,
                        "sends no signals, and nothing drops the entry after it",
                        "nothing drops the entry after it",
                    ))
                    .help("drop the entry after this write");
            finding.write_paths = vec![open.path];
            let remedy = (!cached.recipe.calls.is_empty()).then(|| Remedy::DropAfter {
                write: open.site.location,
                path: open.path,
                recipe: Box::new(cached.recipe.clone()),
                or_receiver: None,
            });
            finding = finding.remedy(remedy).remedy(drop_behind(cached, open));
            found.push(with_cache(finding, &cached.entry));
        }
    }
    for links in &graph.links {
        for open in links.open_writes.iter().filter(|open| open.gap == Gap::Bulk) {
            let message = format!(
                "`{}` writes links of `{}` as rows without signals, and the entry of `{}` stays",
                short(&open.site.name),
                links.relation.name,
                keeper(&links.entry),
            );
            let mut finding = links_finding(&RULE, &open.site, message, links)
                .label("sends no signals, and nothing drops the entry after it")
                .help("drop the entry after this write");
            finding.write_paths = vec![open.path];
            let recipe = &links.through_recipe;
            let remedy = (!recipe.calls.is_empty()).then(|| Remedy::DropAfter {
                write: open.site.location,
                path: open.path,
                recipe: Box::new(recipe.clone()),
                or_receiver: None,
            });
            finding = finding.remedy(remedy);
            found.push(with_cache(finding, &links.entry));
        }
    }
}
