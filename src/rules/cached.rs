//! What the rules about cached models share: which sides are open, and the evidence for the cache.

use super::{Finding, Rule, WritePath};
use crate::graph::{CachedModel, SideState};

/// The sides of a cached model that nothing covers.
pub struct MissingSides {
    /// Neither creating nor updating a row is covered.
    pub save: bool,
    /// Deleting a row is not covered.
    pub delete: bool,
}

/// Which sides are open with nothing in sight that was meant to cover them.
pub fn missing_sides(cached: &CachedModel) -> MissingSides {
    let open = |state| matches!(state, SideState::Hole | SideState::NotApplicable);
    MissingSides {
        save: cached.update.state == SideState::Hole && open(cached.create.state),
        delete: cached.delete.state == SideState::Hole,
    }
}

/// A finding about a cached model, with the steps that show how its rows get into the cache.
pub fn model_finding(
    rule: &'static Rule,
    cached: &CachedModel,
    message: String,
    missing: &MissingSides,
) -> Finding {
    let mut finding = Finding::new(rule, cached.model.location, &cached.model.name, message);
    finding.confidence = cached.confidence;
    finding.model = Some(cached.model.name.clone());
    finding.entry = Some(cached.entry.clone());
    if missing.save {
        let created = cached.create.state == SideState::Hole;
        finding.write_paths.extend(created.then_some(WritePath::Create));
        finding.write_paths.push(WritePath::Update);
    }
    if missing.delete {
        finding.write_paths.extend([WritePath::Delete, WritePath::QuerysetDelete]);
    }
    finding = with_cache(finding, cached);
    for hook in &cached.idle {
        finding = finding.step(
            hook.location,
            format!("`{}` runs, but never reaches an invalidation of this entry", hook.name),
        );
    }
    for hook in &cached.refused {
        finding = finding.step(
            hook.location,
            format!("`{}` was refused: its `dispatch_uid` is taken", hook.name),
        );
    }
    finding
}

/// Adds the steps that show how the rows of a model get into the cache.
pub fn with_cache(finding: Finding, cached: &CachedModel) -> Finding {
    let mut finding = finding.step(
        cached.manager.location,
        format!("`{}` is a `{}`, which caches rows", cached.attribute, cached.manager.name),
    );
    for stored in &cached.stored {
        finding = finding.step(stored.location, format!("stored here under `{}`", stored.name));
    }
    finding
}
