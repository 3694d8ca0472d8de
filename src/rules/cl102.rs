//! Only one side of a cached model, saving or deleting, drops its cache entry.
//!
//! ## What it reports
//! A model whose rows a caching manager keeps, where saving a row reaches an invalidation and
//! deleting one does not, or the other way round.
//!
//! ## Why it matters
//! The half that is there makes the cache look looked after. Deleted rows stay visible, or edits do
//! not show. A soft delete does not excuse a missing delete side: the admin, a cascade or a clean-up
//! job still deletes.
//!
//! ## Example
//! ```python
//! class Flag(models.Model):
//!     objects = CacheManager()
//!
//! @receiver(post_save, sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## Fix
//! ```python
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## When it stays quiet
//! - Both sides are open: that is CL101.
//! - A receiver for the open side exists but never runs: the reason has a rule of its own (CL103,
//!   CL105, CL107, CL108).
//! - The code that writes on that side drops the entry itself.
//! - Some code only ever stores the entry behind its own writes, such as how far a task has come; nobody makes it of rows
//!   where it is missing, and nobody takes it out.
//! - What it stores behind a save is not made of the columns that are saved.
//! - A receiver of `pre_delete` for this model raises whatever row it is given: no row is ever deleted.

use super::cached::{
    by_signals, events, keeper, like_other_side, missing_sides, model_finding, with_receiver,
};
use super::{Finding, RowEvent, Rule, Severity};
use crate::graph::{FeedKind, ModelGraph, SideState};

/// CL102
pub static RULE: Rule = Rule {
    code: "CL102",
    name: "one-sided-invalidation",
    severity: Severity::Error,
    docs: include_str!("cl102.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in graph.cached.iter().filter(|cached| cached.kind == FeedKind::Own) {
        let missing = missing_sides(cached);
        let (open, open_noun, closed) = match (missing.save, missing.delete) {
            (true, false) => ("saving", "save", &cached.delete),
            (false, true) => ("deleting", "delete", &cached.update),
            _ => continue,
        };
        let closed_verb = if missing.save { "deleting" } else { "saving" };
        let drops = |state| matches!(state, SideState::Covered | SideState::ByHand);
        let is_dropped = match missing.save {
            true => drops(cached.delete.state),
            false => drops(cached.update.state) || drops(cached.create.state),
        };
        let how = match is_dropped {
            true => format!("{closed_verb} one drops its entry, {open} one does not"),
            // Nothing in sight does that.
            false => format!("{open} one does not drop its entry"),
        };
        let (class, keeper) = (&cached.class, keeper(&cached.entry));
        let message = format!("rows of `{class}` are cached by `{keeper}`: {how}");
        let mut finding = model_finding(&RULE, cached, message, &missing)
            .label(format!("a {open_noun} of this model reaches no invalidation"))
            .help(by_signals(
                cached,
                &format!(
                    "connect a receiver for the {open_noun} signal of `{}` that drops the entry",
                    cached.class
                ),
                &format!("drop the entry behind each {open_noun}, or in a hook that runs on it"),
            ));
        let event = if missing.save { RowEvent::Save } else { RowEvent::Delete };
        let events = events(cached, missing.save, missing.delete);
        let beside = closed.hook.as_ref();
        finding = with_receiver(finding, &events, &cached.recipe, &cached.entry, beside)
            .remedies(like_other_side(cached, event));
        if let Some(hook) = &closed.hook {
            finding =
                finding.step(hook.location, format!("{closed_verb} is covered by `{}`", hook.name));
        }
        found.push(finding);
    }
}
