//! The cached value includes a many-to-many relation whose edits do not drop it.
//!
//! ## What it reports
//! A many-to-many field whose links reach the cached value, while no receiver of `m2m_changed` for its through class
//! drops the entry, or not for every action and side.
//!
//! ## Why it matters
//! `add()`, `remove()`, `set()` and `clear()` save neither of the two rows: `post_save` is not sent. The tags of a post
//! change and the cached page shows the old ones.
//!
//! ## Example
//! ```python
//! def tags_of(post):
//!     key = f"tags:{post.pk}"
//!     tags = cache.get(key)
//!     if tags is None:
//!         tags = list(post.tags.values_list("name", flat=True))
//!         cache.set(key, tags, None)
//!     return tags  # and receivers for Post only
//! ```
//!
//! ## Fix
//! ```python
//! @receiver(m2m_changed, sender=Post.tags.through)
//! def drop_tags(sender, instance, action, reverse, pk_set, **kwargs):
//!     ...
//! ```
//!
//! ## When it stays quiet
//! - A receiver without a sender, or with the through class, drops the entry.
//! - The code that edits the relation drops the entry itself.
//! - The decorator of the function lists the through class, so that its library hears of it.
//! - A receiver names the model instead of the through class: that is CL107.
//! - In Rust: the links are rows of a table of their own. Where the cached value reads that table, CL201 tells of its
//!   writes.

use super::cached::{keeper, links_finding, remedy, with_cache, with_links_receiver};
use super::{Finding, Rule, Severity, WritePath};
use crate::graph::{ModelGraph, SideState};

/// CL202
pub static RULE: Rule = Rule {
    code: "CL202",
    name: "m2m-not-invalidated",
    severity: Severity::Error,
    docs: include_str!("cl202.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for links in &graph.links {
        let gap = match links.edits.state {
            SideState::Hole => "no edit of it drops the entry".to_owned(),
            SideState::Covered if !links.open_edits.is_empty() => {
                format!("these edits do not drop the entry: {}", links.open_edits.join(", "))
            }
            _ => continue,
        };
        let message =
            format!("`{}` caches `{}`, but {gap}", keeper(&links.entry), links.relation.name);
        let mut finding = links_finding(&RULE, &links.relation, message, links)
            .label("the cached value includes these links")
            .help(remedy(
                &links.entry,
                &format!("{}.through", links.relation.name),
                format!(
                    "connect a receiver of `m2m_changed` with `{}.through` as the sender",
                    links.relation.name
                ),
            ));
        let field = links.relation.name.rsplit('.').next().unwrap_or_default();
        finding = with_links_receiver(finding, links, field);
        finding.write_paths = vec![WritePath::M2mChange];
        finding = with_cache(finding, &links.entry);
        if let Some(hook) = &links.edits.hook {
            finding = finding.step(hook.location, "this receiver covers the other edits");
        }
        found.push(finding);
    }
}
