//! What the rules about cached models share: which sides are open, and the evidence for the cache.

use super::dead::short;
use super::{Finding, Remedy, RowEvent, Rule, Stub, StubOf, WritePath};
use crate::graph::{
    CachedEntry, CachedLinks, CachedModel, Example, Examples, OpenWrite, Place, Recipe, SideState,
};
use crate::source::Location;

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
    let mut finding =
        entry_finding(rule, cached.model.location, &cached.model.name, message, cached);
    if missing.save {
        let created = cached.create.state == SideState::Hole;
        finding.write_paths.extend(created.then_some(WritePath::Create));
        finding.write_paths.push(WritePath::Update);
    }
    if missing.delete {
        finding.write_paths.extend([WritePath::Delete, WritePath::QuerysetDelete]);
    }
    finding = with_cache(finding, &cached.entry);
    let saved = cached.update.write.or(cached.create.write).filter(|_| missing.save);
    let deleted = cached.delete.write.filter(|_| missing.delete);
    for (write, done) in [(saved, "saved"), (deleted, "deleted")] {
        if let Some(write) = write {
            finding = finding
                .step(write, format!("a row is {done} here, and nothing drops the entry after it"));
        }
    }
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

/// Adds the steps that show how rows get into the cache.
pub fn with_cache(finding: Finding, entry: &CachedEntry) -> Finding {
    let said = match &entry.attribute {
        Some(attribute) => {
            format!("`{attribute}` is a `{}`, which caches rows", entry.holder.name)
        }
        None => format!("`{}` caches rows", short(&entry.holder.name)),
    };
    let mut finding = finding.step(entry.holder.location, said);
    if let Some(lister) = entry.lister {
        finding =
            finding.step(lister, "the library drops it on writes with signals of what this lists");
    }
    for stored in entry.stored.iter().filter(|stored| !stored.name.is_empty()) {
        finding = finding.step(stored.location, format!("stored here under `{}`", stored.name));
    }
    finding
}

/// What would drop an entry on writes of `listed`: naming it to the decorator that lists such, else `other`.
pub fn remedy(entry: &CachedEntry, listed: &str, other: String) -> String {
    match entry.lister {
        Some(_) => format!("list `{listed}` in the decorator of `{}` as well", keeper(entry)),
        None => other,
    }
}

/// What to do where the framework sends signals, else where the code that writes must do it.
pub fn by_signals<'w>(cached: &CachedModel, signals: &'w str, otherwise: &'w str) -> &'w str {
    if cached.has_signals { signals } else { otherwise }
}

/// What keeps the rows, as a message names it.
pub fn keeper(entry: &CachedEntry) -> &str {
    short(&entry.holder.name)
}

/// A finding at a place other than the model's class, about a model that feeds an entry.
pub fn entry_finding(
    rule: &'static Rule,
    location: Location,
    subject: &str,
    message: String,
    cached: &CachedModel,
) -> Finding {
    let mut finding = Finding::new(rule, location, subject, message);
    finding.confidence = cached.confidence;
    finding.model = Some(cached.model.name.clone());
    finding.relation = cached.relation.as_ref().map(|relation| relation.name.clone());
    finding.entry = Some(cached.entry.label.clone());
    finding
}

/// A finding about a many-to-many field whose links reach an entry.
pub fn links_finding(
    rule: &'static Rule,
    place: &Place,
    message: String,
    links: &CachedLinks,
) -> Finding {
    let mut finding = Finding::new(rule, place.location, &place.name, message);
    finding.confidence = links.confidence;
    finding.model = Some(links.model.name.clone());
    finding.relation = Some(links.relation.name.clone());
    finding.entry = Some(links.entry.label.clone());
    finding
}

/// The events for which a receiver is written against open sides. Where a model gets one for its saves, and
/// only code by hand drops the entry on deletes, it hears of these as well: rows may go with others.
pub fn events(cached: &CachedModel, saves: bool, deletes: bool) -> Vec<RowEvent> {
    let deletes = deletes || (saves && cached.delete.state == SideState::ByHand);
    let events = [saves.then_some(RowEvent::Save), deletes.then_some(RowEvent::Delete)];
    events.into_iter().flatten().collect()
}

/// A receiver for writes of a model that drops its entry, where it is known how; `beside` is one that
/// drops it on other writes.
pub fn receiver(
    events: &[RowEvent],
    recipe: &Recipe,
    entry: &CachedEntry,
    beside: Option<&Place>,
) -> Option<Remedy> {
    (!recipe.calls.is_empty() && !events.is_empty()).then(|| Remedy::AddReceiver {
        events: events.to_vec(),
        recipe: Box::new(recipe.clone()),
        entry: keeper(entry).to_owned(),
        beside: beside.map(|hook| hook.location),
    })
}

/// A place for a receiver for writes of a model, where nothing is known to drop its entry.
fn stub(events: &[RowEvent], recipe: &Recipe, entry: &CachedEntry) -> Option<Stub> {
    let is_wanted = recipe.calls.is_empty() && !events.is_empty();
    // What a decorator lists is dropped by its library.
    (is_wanted && recipe.written.class.location.is_some() && entry.lister.is_none()).then(|| Stub {
        of: StubOf::Rows { row: recipe.written.clone(), events: events.to_vec() },
        entry: keeper(entry).to_owned(),
    })
}

/// With a receiver for writes of a model that drops its entry, or a place for one.
pub fn with_receiver(
    finding: Finding,
    events: &[RowEvent],
    recipe: &Recipe,
    entry: &CachedEntry,
    beside: Option<&Place>,
) -> Finding {
    let finding = finding.remedy(receiver(events, recipe, entry, beside));
    finding.stub(stub(events, recipe, entry))
}

/// With a receiver for edits of a many-to-many field that drops an entry, or a place for one.
pub fn with_links_receiver(finding: Finding, links: &CachedLinks, field: &str) -> Finding {
    let Some(recipe) = &links.recipe else { return finding };
    let entry = keeper(&links.entry).to_owned();
    if recipe.recipe.calls.is_empty() {
        let of = StubOf::Links { owner: recipe.owner.clone(), field: field.to_owned() };
        return finding.stub(links.entry.lister.is_none().then_some(Stub { of, entry }));
    }
    finding.remedy(Remedy::AddLinksReceiver {
        field: field.to_owned(),
        recipe: Box::new(recipe.clone()),
        entry,
    })
}

/// What would help against an open side of rows that Rust code caches: what the program does on the other
/// one.
pub fn like_other_side(cached: &CachedModel, event: RowEvent) -> Vec<Remedy> {
    let examples = &cached.examples;
    let hooks = || examples.hooks.clone();
    if let (Some(block), false) = (&examples.block, examples.hooks.is_empty()) {
        return vec![Remedy::AddHook { block: block.clone(), event, examples: hooks() }];
    }
    if !examples.hooks.is_empty() {
        return vec![Remedy::ExtendReceiver { event, examples: hooks() }];
    }
    let open = match event {
        RowEvent::Save => &examples.open_saves,
        RowEvent::Delete | RowEvent::Move => &examples.open_deletes,
    };
    open.iter().filter_map(|write| drop_like(cached, *write, event)).collect()
}

/// A drop behind a write of Rust code, as the program does it elsewhere.
fn drop_like(cached: &CachedModel, write: Location, event: RowEvent) -> Option<Remedy> {
    let Examples { writers, hooks, .. } = &cached.examples;
    let fits = |example: &&Example| example.tells_of.is_none_or(|known| known == event);
    let examples: Vec<Example> = writers.iter().chain(hooks).filter(fits).cloned().collect();
    (!examples.is_empty()).then_some(Remedy::DropLike { write, examples })
}

/// The same behind one of the writes in sight.
pub fn drop_behind(cached: &CachedModel, open: &OpenWrite) -> Option<Remedy> {
    let event = match open.path {
        WritePath::Delete | WritePath::BulkDelete | WritePath::QuerysetDelete => RowEvent::Delete,
        _ => RowEvent::Save,
    };
    drop_like(cached, open.site.location, event)
}
