//! Rows of a through model that links cached rows are written without dropping the entry.
//!
//! ## What it reports
//! An explicit through model whose links reach the cached value, while saving or deleting one of its rows reaches no
//! invalidation of the entry.
//!
//! ## Why it matters
//! `m2m_changed` is not sent for rows that are written through the through model itself, so a receiver of it covers
//! only half of the edits.
//!
//! ## Example
//! ```python
//! class Membership(models.Model):
//!     team = models.ForeignKey(Team, on_delete=models.CASCADE)
//!     person = models.ForeignKey(Person, on_delete=models.CASCADE)
//!
//! @receiver(m2m_changed, sender=Membership)  # not sent for Membership.objects.create(...)
//! def drop_members(sender, instance, **kwargs): ...
//! ```
//!
//! ## Fix
//! ```python
//! @receiver([post_save, post_delete], sender=Membership)
//! def drop_members(sender, instance, **kwargs):
//!     transaction.on_commit(lambda: cache.delete(f"members:{instance.team_id}"))
//! ```
//!
//! ## When it stays quiet
//! - A hook of the through model drops the entry.
//! - The field has no through model of its own.
//! - The code that writes the rows drops the entry itself.
//! - In Rust: the links are rows of a table of their own. Where the cached value reads that table, CL201 tells of its
//!   writes.

use super::cached::{keeper, links_finding, remedy, with_cache, with_receiver};
use super::dead::short;
use super::{Finding, RowEvent, Rule, Severity, WritePath};
use crate::graph::{Gap, ModelGraph, SideState};

/// CL203
pub static RULE: Rule = Rule {
    code: "CL203",
    name: "through-not-invalidated",
    severity: Severity::Error,
    docs: include_str!("cl203.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for links in &graph.links {
        let Some(through) = &links.through else { continue };
        if links.through_rows.state != SideState::Hole {
            continue;
        }
        let message = format!(
            "`{}` caches `{}`, but writing rows of `{}` does not drop the entry",
            keeper(&links.entry),
            links.relation.name,
            short(&through.name),
        );
        let mut finding = links_finding(&RULE, &links.relation, message, links)
            .label("the cached value includes these links")
            .help(remedy(
                &links.entry,
                short(&through.name),
                format!(
                    "connect receivers for the save and the delete signal of `{}`",
                    short(&through.name)
                ),
            ));
        let events = &[RowEvent::Save, RowEvent::Delete];
        finding = with_receiver(finding, events, &links.through_recipe, &links.entry, None);
        finding.model = Some(through.name.clone());
        finding.write_paths = vec![
            WritePath::Create,
            WritePath::Update,
            WritePath::Delete,
            WritePath::QuerysetDelete,
            WritePath::ThroughWrite,
        ];
        finding = with_cache(finding, &links.entry)
            .step(through.location, "writes of this model leave the entry stale");
        for open in links.open_writes.iter().filter(|open| open.gap == Gap::Bulk) {
            finding = finding.step(open.site.location, "rows are written here without signals");
        }
        found.push(finding);
    }
}
