//! The cached value reads a related model whose changes do not drop it.
//!
//! ## What it reports
//! A model whose rows reach the cached value by a foreign key, a one-to-one field, the reverse side of one or a
//! many-to-many field, while saving or deleting a row of it reaches no invalidation of the entry.
//!
//! ## Why it matters
//! The receivers of the cached model itself look complete. The name of a brand that a product card shows is a column
//! of another table, and its change sends another sender.
//!
//! ## Example
//! ```python
//! def card(pk):
//!     product = Product.objects.get(pk=pk)
//!     return cache.get_or_set(f"card:{pk}", lambda: {"brand": product.brand.name})
//!
//! @receiver([post_save, post_delete], sender=Product)  # nothing for Brand
//! def drop_card(sender, instance, **kwargs):
//!     cache.delete(f"card:{instance.pk}")
//! ```
//!
//! ## Fix
//! ```python
//! @receiver(post_save, sender=Brand)
//! def drop_cards_of_brand(sender, instance, **kwargs):
//!     keys = [f"card:{pk}" for pk in instance.product_set.values_list("pk", flat=True)]
//!     transaction.on_commit(lambda: cache.delete_many(keys))
//! ```
//!
//! ## When it stays quiet
//! - A hook of the related model drops the entry.
//! - The columns that are read of the related model cannot change by the write in question.
//! - The code that writes the related model drops the entry itself; who drops it next to the new rows that it writes has
//!   shown what saves need.
//! - The decorator of the function lists the related model, so that its library hears of it.
//! - A receiver would do it but never runs: the reason has a rule of its own (CL103, CL105, CL107, CL108).

use super::cached::{by_signals, entry_finding, events, keeper, remedy, with_cache, with_receiver};
use super::{Finding, Rule, Severity, WritePath};
use crate::graph::{FeedKind, ModelGraph, SideState};

/// CL201
pub static RULE: Rule = Rule {
    code: "CL201",
    name: "relation-not-invalidated",
    severity: Severity::Error,
    docs: include_str!("cl201.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in graph.cached.iter().filter(|cached| cached.kind != FeedKind::Own) {
        let Some(relation) = &cached.relation else { continue };
        let open = |state| state == SideState::Hole;
        let mut paths = Vec::new();
        if open(cached.create.state) {
            paths.push(WritePath::Create);
        }
        // Who drops the entry next to the new rows that it writes has shown what this model's writes need.
        let is_by_hand = cached.create.state == SideState::ByHand;
        if (open(cached.update.state) && !is_by_hand) || !cached.open_columns.is_empty() {
            paths.push(WritePath::Update);
        }
        if open(cached.delete.state) {
            paths.extend([WritePath::Delete, WritePath::QuerysetDelete]);
        }
        if paths.is_empty() {
            continue;
        }
        let doing = match (paths.contains(&WritePath::Delete), paths.len()) {
            (true, 2) => "deleting",
            (true, _) => "saving or deleting",
            (false, _) => "saving",
        };
        let message = format!(
            "`{}` caches columns of `{}` by `{}`, but {doing} one does not drop its entry",
            keeper(&cached.entry),
            cached.class,
            relation.name,
        );
        let mut finding = entry_finding(&RULE, relation.location, &relation.name, message, cached)
            .label("the cached value reads rows by this relation")
            .help(remedy(
                &cached.entry,
                &cached.class,
                by_signals(
                    cached,
                    &format!(
                        "connect receivers for `{}` that drop the entries which its row reaches",
                        cached.class
                    ),
                    "drop the entries which the row reaches behind each write of it",
                )
                .to_owned(),
            ));
        let saves = paths.iter().any(|path| matches!(path, WritePath::Create | WritePath::Update));
        let deletes = paths.contains(&WritePath::Delete);
        let events = events(cached, saves, deletes);
        finding = with_receiver(finding, &events, &cached.recipe, &cached.entry, None);
        finding.write_paths = paths;
        finding = with_cache(finding, &cached.entry)
            .step(cached.model.location, "writes of this model leave the entry stale");
        for hook in &cached.idle {
            finding = finding.step(
                hook.location,
                format!("`{}` runs, but never reaches an invalidation of this entry", hook.name),
            );
        }
        found.push(finding);
    }
}
