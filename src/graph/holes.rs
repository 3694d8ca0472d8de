//! What the graph found, put into words of the source: names and places instead of ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::coverage::{self, ByHand, Cell, CellState, Coverage, Gap, LinkCoverage};
use super::effect::{Effect, EffectKind, Goal, HookRef, WriteKind};
use super::entries::{Entry, Holder};
use super::feeds::{Feed, FeedKind};
use super::hooks::{Hook, HookId, HookState, Sender};
use super::ids::{ClassId, FunctionId};
use super::interp::{Interp, Scenario};
use super::key::Template;
use super::key_faults;
use super::survey::Survey;
use super::value::StoreRef;
use super::writers::{self, Wanted, Writers};
use super::{ModelGraph, value::Value};
use crate::frameworks::Event;
use crate::rules::{Confidence, WritePath};
use crate::source::Location;

/// How many calls away from what drops an entry a write may be.
const MAX_CALLS_TO_A_DROP: usize = 4;

/// A named thing with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name, qualified where it has one.
    pub name: String,
    /// Where it is.
    pub location: Location,
}

/// A model that feeds an entry.
#[derive(Debug, Clone)]
pub struct CachedModel {
    /// The model, by qualified name.
    pub model: Place,
    /// The name of its class alone.
    pub class: String,
    /// The entry.
    pub entry: CachedEntry,
    /// How its rows are reached.
    pub kind: FeedKind,
    /// The relation by which they are reached, as `Model.field`; rows that are queried have none.
    pub relation: Option<Place>,
    /// How sure it is that the rows are cached, and that no call out of sight invalidates.
    pub confidence: Confidence,
    /// Saving a new row.
    pub create: Side,
    /// Saving a row again.
    pub update: Side,
    /// Deleting a row.
    pub delete: Side,
    /// Columns that can be saved alone without an invalidation.
    pub open_columns: Vec<String>,
    /// Hooks of the model that run but never invalidate.
    pub idle: Vec<Place>,
    /// Hooks of the model that were refused, as their `dispatch_uid` was taken.
    pub refused: Vec<Place>,
    /// Writes in sight that leave the entry stale.
    pub open_writes: Vec<OpenWrite>,
    /// The override that cascades go past, and whether deletes by querysets do, too.
    pub bypassed_override: Option<(Place, bool)>,
    /// The column by which a row moves to another entry: its name, and the hook that forgets the old.
    pub moved: Option<MovedRow>,
    /// Foreign keys whose target can be deleted without a signal for these rows.
    pub silent_cascades: Vec<SilentCascade>,
}

/// What is cached, in words of the source.
#[derive(Debug, Clone)]
pub struct CachedEntry {
    /// The key template, or what fills it.
    pub label: String,
    /// The manager's class, or the function, that fills it.
    pub holder: Place,
    /// The attribute that holds the manager; a function has none.
    pub attribute: Option<String>,
    /// Where rows are stored: the key, and the call.
    pub stored: Vec<Place>,
}

/// A write in sight that leaves an entry stale.
#[derive(Debug, Clone)]
pub struct OpenWrite {
    /// The call, and the function it stands in.
    pub site: Place,
    /// What is left out.
    pub gap: Gap,
    /// The write path.
    pub path: WritePath,
}

/// A row that changes its entry.
#[derive(Debug, Clone)]
pub struct MovedRow {
    /// The column that chooses the entry.
    pub column: String,
    /// Where the column is declared.
    pub field: Location,
    /// The hook.
    pub hook: Place,
    /// The call that drops the present entry only.
    pub drop: Location,
}

/// A foreign key whose rows change without a signal when what they point to is deleted.
#[derive(Debug, Clone)]
pub struct SilentCascade {
    /// The foreign key, as `Model.field`.
    pub relation: Place,
    /// The model whose delete does it.
    pub target: Place,
}

/// A many-to-many field whose links reach an entry.
#[derive(Debug, Clone)]
pub struct CachedLinks {
    /// The field, as `Model.field`.
    pub relation: Place,
    /// The model that declares it.
    pub model: Place,
    /// The explicit through model, where it has one.
    pub through: Option<Place>,
    /// The entry.
    pub entry: CachedEntry,
    /// How sure it is.
    pub confidence: Confidence,
    /// Edits by `add()`, `remove()` and the like.
    pub edits: Side,
    /// What edits are not covered, where some are.
    pub open_edits: Vec<String>,
    /// Rows of an explicit through model.
    pub through_rows: Side,
    /// Edits in sight that leave the entry stale.
    pub open_writes: Vec<OpenWrite>,
}

/// A drop whose key is not the one that is stored.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// The call, and the key it drops.
    pub drop: Place,
    /// The model whose writes it is done for.
    pub model: Place,
    /// The entry that was meant.
    pub entry: CachedEntry,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A hook that drops an entry while the transaction is still open.
#[derive(Debug, Clone)]
pub struct EarlyDrop {
    /// The hook, or the function that drops in a transaction of its own.
    pub hook: Place,
    /// The call that drops.
    pub drop: Location,
    /// Whether it is the framework that runs it.
    pub is_hook: bool,
    /// The model whose write it is run for.
    pub model: Place,
    /// The entry.
    pub entry: CachedEntry,
    /// The write paths.
    pub paths: Vec<WritePath>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// One write path of a cached model.
#[derive(Debug, Clone)]
pub struct Side {
    /// What follows from the write.
    pub state: SideState,
    /// The hook that covers it, where one does.
    pub hook: Option<Place>,
    /// The call that invalidates, where there is one.
    pub drop: Option<Location>,
}

/// What follows from a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideState {
    /// A hook invalidates.
    Covered,
    /// A hook would, but does not run.
    Dead,
    /// Code that writes the rows drops the entry itself.
    ByHand,
    /// The write cannot make the entry stale.
    NotApplicable,
    /// Nothing does.
    Hole,
}

/// A hook that would invalidate but does not run.
#[derive(Debug, Clone)]
pub struct DeadHook {
    /// The receiver, by qualified name, where reports place it.
    pub hook: Place,
    /// Its signals, as the last segments of their names.
    pub signals: Vec<String>,
    /// Why it does not run.
    pub reason: DeadReason,
    /// The models whose writes it was meant for; the first one is reported.
    pub models: Vec<Place>,
    /// The entry of the first model, where one is known.
    pub entry: Option<String>,
    /// The write paths left open.
    pub write_paths: Vec<WritePath>,
    /// The call that would invalidate.
    pub drop: Location,
    /// Where it is connected.
    pub connected_at: Location,
    /// How sure the engine is.
    pub confidence: Confidence,
}

/// Why a hook does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadReason {
    /// Nothing imports its module at start-up; `later` where some function does.
    NotImported {
        /// Whether a function imports it when called.
        later: bool,
    },
    /// Only this function connects it, and nothing calls that.
    NeverConnected(Place),
    /// The app configuration that connects it is not in use.
    UnusedConfig(Place),
    /// Only the signal's weak reference holds it.
    Collected,
    /// A second function of its name took its place.
    Shadowed(Location),
    /// Its signal does not resolve string senders.
    LabelOnPlainSignal(String),
    /// Its sender is an abstract base.
    AbstractSender(Place),
    /// Its sender is the multi-table parent of the class that is sent.
    ParentSender(Place),
    /// Its sender is a proxy of the class that is sent.
    ProxySender(Place),
    /// Its sender is the class of which the class that is sent is a proxy.
    ConcreteSender(Place),
    /// Its sender is a model where `m2m_changed` sends the through class.
    ModelForThrough(Place),
}

/// Dead hooks by where reports place them and why they are dead.
type DeadHooks = BTreeMap<(Location, String), DeadHook>;

/// Examines every entry and every dead hook.
pub fn find(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entries: &[Entry],
    survey: &Survey,
) -> ModelGraph {
    let mut graph = ModelGraph::default();
    let mut dead: DeadHooks = BTreeMap::new();
    interp.seek_caching(Some(interp.program.functions_reaching_drops(MAX_CALLS_TO_A_DROP)));
    let mut kept: Vec<Examined<'_>> = Vec::new();
    let mismatches = survey.mismatches();
    let examined = interp.in_parts(entries, |interp, entry| {
        let mut found = ModelGraph::default();
        let kept = examine(interp, hooks, entry, survey, &mismatches, &mut found);
        (kept, found)
    });
    for (examined, found) in examined {
        kept.extend(examined);
        graph.process_local.extend(found.process_local);
        graph.never_dropped.extend(found.never_dropped);
        graph.mismatches.extend(found.mismatches);
    }
    let by_hooks: Vec<Location> = kept.iter().flat_map(Examined::hooked_drops).collect();
    let wanted = wanted_writes(interp, &kept);
    let mut writers = writers::find(interp, hooks, wanted);
    for examined in kept {
        judge(interp, hooks, examined, &mut writers, &mut graph, &mut dead);
    }
    graph.unscoped_keys = key_faults::unscoped_keys(interp, entries);
    graph.unversioned_keys = key_faults::unversioned_keys(interp, entries);
    graph.whole_drops = key_faults::whole_drops(interp, survey, &by_hooks);
    collect_stray(interp, hooks, entries, &mut dead);
    collect_many_to_many(interp, hooks, &mut dead);
    graph.dead_hooks = dead.into_values().collect();
    graph
}

/// The writes that must be looked at: all of them where some side is not left to hooks.
fn wanted_writes(interp: &mut Interp<'_>, kept: &[Examined<'_>]) -> Wanted {
    let mut wanted = Wanted::default();
    for examined in kept {
        for (feed, coverage, _) in &examined.feeds {
            match coverage.is_left_to_hooks() {
                true => wanted.silent.push(feed.model),
                false => wanted.all.push(feed.model),
            }
        }
        for links in &examined.links {
            let target = interp.relation(links.owner, &links.field).and_then(|it| it.target);
            let models = [Some(links.owner), links.through, target];
            wanted.all.extend(models.into_iter().flatten());
        }
    }
    wanted
}

/// An entry that is meant to stay fresh, with what hooks do for each of its feeds.
struct Examined<'a> {
    entry: &'a Entry,
    feeds: Vec<(&'a Feed, Coverage, ByHand)>,
    links: Vec<LinkCoverage>,
    described: CachedEntry,
}

impl Examined<'_> {
    /// The calls by which hooks drop the entry.
    fn hooked_drops(&self) -> impl Iterator<Item = Location> {
        let cells = self
            .feeds
            .iter()
            .flat_map(|(_, coverage, _)| [&coverage.create, &coverage.update, &coverage.delete]);
        cells.filter_map(|cell| match &cell.state {
            CellState::Covered { drop, .. } => Some(*drop),
            _ => None,
        })
    }
}

/// Follows the hooks of each model and each many-to-many field that feeds an entry; `None` where the
/// entry is not meant to stay fresh.
fn examine<'a>(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &'a Entry,
    survey: &Survey,
    mismatches: &BTreeMap<Location, Arc<Template>>,
    graph: &mut ModelGraph,
) -> Option<Examined<'a>> {
    let goal = entry.goal();
    let mut feeds: Vec<(&Feed, Coverage, ByHand)> = Vec::new();
    for feed in &entry.feeds.models {
        let mut coverage = coverage::examine(interp, hooks, entry, feed, &goal);
        let asks_who = coverage.is_opaque();
        let hands = match coverage.has_holes() || entry.may_run_out() {
            true => coverage::by_hand(interp, hooks, &goal, feed.model, survey, asks_who),
            false => ByHand::default(),
        };
        if !hands.handed_around {
            coverage.trust_unresolved();
        }
        feeds.push((feed, coverage, hands));
    }
    let links = entry.feeds.links.iter();
    let links: Vec<LinkCoverage> = links
        .map(|(owner, field)| coverage::examine_links(interp, hooks, *owner, field, &goal))
        .collect();
    let in_manager = matches!(entry.holder, Holder::Manager { .. });
    let by_feeds = feeds.iter().any(|(_, coverage, hands)| match in_manager {
        true => hands.anywhere || coverage.has_hooks(),
        // What may drop anything tells nothing of what is meant for this entry.
        false => hands.surely || coverage.has_sure_hooks(),
    });
    let is_dropped = by_feeds || links.iter().any(LinkCoverage::is_covered);
    let described = describe_entry(interp, entry);
    if entry.is_process_local() {
        graph.process_local.push(described.clone());
    }
    let mut is_missed = false;
    for (feed, coverage, _) in &feeds {
        if coverage.has_holes() && !mismatches.is_empty() {
            let missed = collect_mismatches(interp, entry, feed, survey, mismatches);
            is_missed |= !missed.is_empty();
            for (site, key) in missed {
                graph.mismatches.push(Mismatch {
                    drop: Place { name: key, location: site },
                    model: class_place(interp, feed.model),
                    entry: described.clone(),
                    confidence: confidence(entry, false),
                });
            }
        }
    }
    if !is_dropped && !is_missed {
        // An entry with a life of its own that nothing ever drops is meant to run out.
        if entry.is_process_local() || entry.may_run_out() {
            return None;
        }
        if entry.is_vague() {
            return None;
        }
        if matches!(entry.holder, Holder::Function(_)) {
            graph.never_dropped.push(described);
            return None;
        }
    }
    Some(Examined { entry, feeds, links, described })
}

/// The drops of keys that nothing stores, behind writes of a feed: the key of its entry was meant.
fn collect_mismatches(
    interp: &mut Interp<'_>,
    entry: &Entry,
    feed: &Feed,
    survey: &Survey,
    mismatches: &BTreeMap<Location, Arc<Template>>,
) -> Vec<(Location, String)> {
    let mut effects: Vec<Effect> = Vec::new();
    for scenario in [Scenario::Create, Scenario::Update, Scenario::Delete] {
        effects.extend(interp.follow_write(feed.model, &scenario));
    }
    for run in survey.droppers() {
        let writes = run.effects.iter().any(|effect| {
            matches!(&effect.kind, EffectKind::Write(write) if write.model == Some(feed.model))
        });
        if writes {
            effects.extend(run.effects.iter().cloned());
        }
    }
    let stores = |store: Option<&StoreRef>| {
        entry.fills.iter().any(|stored| match (store, &stored.fill.store) {
            (Some(one), Some(other)) => one.may_be(other),
            _ => true,
        })
    };
    let mut found: Vec<(Location, String)> = effects
        .iter()
        .filter_map(|effect| match &effect.kind {
            EffectKind::Drop(dropped) if stores(dropped.store.as_ref()) => {
                Some((effect.site, mismatches.get(&effect.site)?.to_string()))
            }
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Judges the writes in sight of what feeds an entry, and puts everything into words.
fn judge(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    examined: Examined<'_>,
    writers: &mut Writers,
    graph: &mut ModelGraph,
    dead: &mut DeadHooks,
) {
    let Examined { entry, feeds, links, described } = examined;
    let goal = entry.goal();
    for (feed, mut coverage, hands) in feeds {
        coverage.judge_writes(interp, writers, feed, &goal);
        coverage.credit(&hands);
        let cached = describe(interp, hooks, entry, &described, feed, &coverage, &goal);
        collect_dead(interp, hooks, &cached, &coverage, dead);
        collect_early(interp, hooks, &cached, &coverage, feed, &goal, graph);
        graph.cached.push(cached);
    }
    for mut coverage in links {
        coverage.judge_writes(interp, writers, &goal);
        graph.links.push(describe_links(interp, hooks, entry, &described, &coverage));
    }
}

/// An entry in words of the source.
pub fn describe_entry(interp: &Interp<'_>, entry: &Entry) -> CachedEntry {
    let program = interp.program;
    let (holder, attribute) = match &entry.holder {
        Holder::Manager { attribute, class, declared_at, .. } => {
            (Place { name: class.clone(), location: *declared_at }, Some(attribute.clone()))
        }
        Holder::Function(function) => (
            Place {
                name: program.qualified_function(*function),
                location: program.function_location(*function),
            },
            None,
        ),
    };
    let stored = entry.fills.iter();
    CachedEntry {
        label: entry.label(program),
        holder,
        attribute,
        stored: stored
            .map(|stored| Place { name: stored.fill.key.to_string(), location: stored.site })
            .collect(),
    }
}

fn confidence(entry: &Entry, opaque: bool) -> Confidence {
    match (opaque || entry.is_vague(), entry.is_by_convention()) {
        (true, _) => Confidence::Low,
        (false, true) => Confidence::Medium,
        (false, false) => Confidence::High,
    }
}

fn describe(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    described: &CachedEntry,
    feed: &Feed,
    coverage: &Coverage,
    goal: &Goal,
) -> CachedModel {
    let program = interp.program;
    let relation = feed.via.as_ref().map(|via| field_place(interp, via.owner, &via.field));
    let open_writes = coverage.open_writes.iter().map(|open| describe_write(interp, open));
    CachedModel {
        model: class_place(interp, feed.model),
        class: program.class_name(feed.model).to_owned(),
        entry: described.clone(),
        kind: feed.kind(),
        confidence: confidence(entry, coverage.is_opaque()),
        create: side(interp, hooks, &coverage.create),
        update: side(interp, hooks, &coverage.update),
        delete: side(interp, hooks, &coverage.delete),
        open_columns: coverage.open_columns.clone(),
        idle: coverage.idle.iter().map(|id| hook_place(interp, &hooks[id.0 as usize])).collect(),
        refused: hooks
            .iter()
            .filter(|hook| hook.state == HookState::SameUid && hook.hears(feed.model))
            .map(|hook| hook_place(interp, hook))
            .collect(),
        open_writes: open_writes.collect(),
        bypassed_override: coverage
            .bypassed_override
            .map(|bypass| (function_place(interp, bypass.function), bypass.by_querysets)),
        moved: coverage.moved.as_ref().map(|moved| MovedRow {
            column: moved.column.to_string(),
            field: field_place(interp, feed.model, &moved.column).location,
            hook: hook_ref_place(interp, hooks, moved.hook),
            drop: moved.drop,
        }),
        silent_cascades: coverage::silent_cascades(interp, feed, goal)
            .into_iter()
            .map(|(field, target)| SilentCascade {
                relation: field_place(interp, feed.model, &field),
                target: class_place(interp, target),
            })
            .collect(),
        relation,
    }
}

fn describe_links(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    described: &CachedEntry,
    coverage: &LinkCoverage,
) -> CachedLinks {
    let open_writes = coverage.open_writes.iter().map(|open| describe_write(interp, open));
    CachedLinks {
        open_writes: open_writes.collect(),
        relation: field_place(interp, coverage.owner, &coverage.field),
        model: class_place(interp, coverage.owner),
        through: coverage.through.map(|through| class_place(interp, through)),
        entry: described.clone(),
        confidence: confidence(entry, coverage.edits.opaque),
        edits: side(interp, hooks, &coverage.edits),
        open_edits: coverage.open_edits.clone(),
        through_rows: side(interp, hooks, &coverage.through_rows),
    }
}

fn describe_write(interp: &Interp<'_>, open: &coverage::OpenWrite) -> OpenWrite {
    let site = &open.site;
    OpenWrite {
        site: Place {
            name: interp.program.qualified_function(site.function),
            location: site.location,
        },
        gap: open.gap,
        path: path_of(&site.write.kind),
    }
}

fn path_of(kind: &WriteKind) -> WritePath {
    match kind {
        WriteKind::Create => WritePath::Create,
        WriteKind::Save => WritePath::Update,
        WriteKind::Delete => WritePath::Delete,
        WriteKind::QuerysetDelete => WritePath::QuerysetDelete,
        WriteKind::Update => WritePath::QuerysetUpdate,
        WriteKind::BulkCreate | WriteKind::Upsert => WritePath::BulkCreate,
        WriteKind::BulkUpdate => WritePath::BulkUpdate,
        WriteKind::RawDelete => WritePath::BulkDelete,
        WriteKind::Related => WritePath::RelatedManager,
        WriteKind::Links { .. } => WritePath::M2mChange,
        WriteKind::LinkRows { .. } => WritePath::ThroughWrite,
        WriteKind::Sql(_) => WritePath::RawSql,
    }
}

fn add_early(
    graph: &mut ModelGraph,
    cached: &CachedModel,
    place: Place,
    drop: Location,
    is_hook: bool,
    path: WritePath,
) {
    let known = graph.early_drops.iter_mut().find(|early| {
        early.hook == place
            && early.model == cached.model
            && early.entry.label == cached.entry.label
    });
    match known {
        Some(early) => early.paths.push(path),
        None => graph.early_drops.push(EarlyDrop {
            hook: place,
            drop,
            is_hook,
            model: cached.model.clone(),
            entry: cached.entry.clone(),
            paths: vec![path],
            confidence: cached.confidence,
        }),
    }
}

/// What drops the entry before the transaction ends: hooks, and code that writes the rows itself.
fn collect_early(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    cached: &CachedModel,
    coverage: &Coverage,
    feed: &Feed,
    goal: &Goal,
    graph: &mut ModelGraph,
) {
    let cells = [
        (&coverage.create, Scenario::Create, WritePath::Create),
        (&coverage.update, Scenario::Update, WritePath::Update),
        (&coverage.delete, Scenario::Delete, WritePath::Delete),
    ];
    for (cell, scenario, path) in cells {
        let CellState::Covered { hook: Some(hook), is_deferred: false, .. } = &cell.state else {
            continue;
        };
        let is_unsure_of_sender = match hook {
            HookRef::Receiver(id) => hooks[id.0 as usize].sender == Sender::Unknown,
            HookRef::Method(_) => false,
        };
        if is_unsure_of_sender {
            continue;
        }
        let Some(drop) = coverage::early_drop(interp, feed.model, &scenario, goal) else {
            continue;
        };
        let place = hook_ref_place(interp, hooks, *hook);
        add_early(graph, cached, place, drop, true, path);
    }
    for (site, drop) in &coverage.early_by_hand {
        let name = interp.program.qualified_function(site.function);
        let path = path_of(&site.write.kind);
        add_early(graph, cached, Place { name, location: *drop }, *drop, false, path);
    }
}

fn side(interp: &Interp<'_>, hooks: &[Hook], cell: &Cell) -> Side {
    match &cell.state {
        CellState::Covered { hook, drop, .. } => Side {
            state: SideState::Covered,
            hook: hook.map(|hook| hook_ref_place(interp, hooks, hook)),
            drop: Some(*drop),
        },
        CellState::Dead(_) => Side { state: SideState::Dead, hook: None, drop: None },
        CellState::ByHand { drop } => {
            Side { state: SideState::ByHand, hook: None, drop: Some(*drop) }
        }
        CellState::NotApplicable => {
            Side { state: SideState::NotApplicable, hook: None, drop: None }
        }
        CellState::Hole => Side { state: SideState::Hole, hook: None, drop: None },
    }
}

fn class_place(interp: &Interp<'_>, class: ClassId) -> Place {
    Place {
        name: interp.program.qualified_class(class),
        location: interp.program.class_location(class),
    }
}

fn hook_ref_place(interp: &Interp<'_>, hooks: &[Hook], hook: HookRef) -> Place {
    match hook {
        HookRef::Receiver(id) => hook_place(interp, &hooks[id.0 as usize]),
        HookRef::Method(id) => function_place(interp, id),
    }
}

fn function_place(interp: &Interp<'_>, function: FunctionId) -> Place {
    Place {
        name: interp.program.qualified_function(function),
        location: interp.program.function_location(function),
    }
}

/// A field as `Model.field`, where the class or a base declares it.
fn field_place(interp: &mut Interp<'_>, class: ClassId, field: &str) -> Place {
    let owner = interp.class_attribute(class, field).map_or(class, |(_, owner)| owner);
    let span = interp.binding_span(owner, field);
    let location = match span {
        Some(span) => Location { file: owner.file, span },
        None => interp.program.class_location(class),
    };
    Place { name: format!("{}.{field}", interp.program.class_name(class)), location }
}

fn hook_place(interp: &Interp<'_>, hook: &Hook) -> Place {
    let name = match hook.function() {
        Some(function) => interp.program.qualified_function(function),
        None => interp.program.modules.name(hook.connected_at.file).to_owned(),
    };
    Place { name, location: hook.location }
}

/// Merges the dead hooks of an entry by hook and reason.
fn collect_dead(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    cached: &CachedModel,
    coverage: &Coverage,
    dead: &mut DeadHooks,
) {
    let cells = [
        (&coverage.create, WritePath::Create),
        (&coverage.update, WritePath::Update),
        (&coverage.delete, WritePath::Delete),
    ];
    for (cell, path) in cells {
        let CellState::Dead(found) = &cell.state else { continue };
        for hook in found {
            add(
                interp,
                hooks,
                hook,
                &cached.model,
                Some(&cached.entry.label),
                &[path],
                cached.confidence,
                dead,
            );
        }
    }
    for (proxy, found) in &coverage.open_proxies {
        let place = class_place(interp, *proxy);
        for hook in found {
            let paths: &[WritePath] = match hooks[hook.hook.0 as usize].event {
                Event::Delete => &[WritePath::Delete],
                _ => &[WritePath::Create, WritePath::Update],
            };
            add(
                interp,
                hooks,
                hook,
                &place,
                Some(&cached.entry.label),
                paths,
                cached.confidence,
                dead,
            );
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "the parts of one finding")]
fn add(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    found: &coverage::DeadHook,
    model: &Place,
    entry: Option<&str>,
    paths: &[WritePath],
    confidence: Confidence,
    dead: &mut DeadHooks,
) {
    let hook = &hooks[found.hook.0 as usize];
    let reason = reason(interp, &found.reason);
    let confidence = match (&reason, confidence) {
        (DeadReason::NotImported { later: true }, Confidence::High) => Confidence::Medium,
        _ => confidence,
    };
    let key = (hook.location, format!("{reason:?}"));
    let signal = signal_name(hook);
    let known = dead.entry(key).or_insert_with(|| DeadHook {
        hook: hook_place(interp, hook),
        signals: Vec::new(),
        reason,
        models: Vec::new(),
        entry: entry.map(str::to_owned),
        write_paths: Vec::new(),
        drop: found.drop,
        connected_at: hook.connected_at,
        confidence,
    });
    if !known.signals.contains(&signal) {
        known.signals.push(signal);
    }
    if !known.models.contains(model) {
        known.models.push(model.clone());
    }
    known.write_paths.extend_from_slice(paths);
    known.write_paths.sort_unstable();
    known.write_paths.dedup();
}

fn reason(interp: &Interp<'_>, reason: &coverage::DeadReason) -> DeadReason {
    let place = |class: &ClassId| class_place(interp, *class);
    match reason {
        coverage::DeadReason::AbstractSender(class) => DeadReason::AbstractSender(place(class)),
        coverage::DeadReason::ParentSender(class) => DeadReason::ParentSender(place(class)),
        coverage::DeadReason::ProxySender(class) => DeadReason::ProxySender(place(class)),
        coverage::DeadReason::ConcreteSender(class) => DeadReason::ConcreteSender(place(class)),
        coverage::DeadReason::State(state) => match state {
            HookState::NotImported { imported_later } => {
                DeadReason::NotImported { later: *imported_later }
            }
            HookState::NeverConnected(function) => DeadReason::NeverConnected(Place {
                name: interp.program.qualified_function(*function),
                location: interp.program.function_location(*function),
            }),
            HookState::UnusedConfig(class) => DeadReason::UnusedConfig(place(class)),
            HookState::Shadowed { by } => DeadReason::Shadowed(*by),
            HookState::LabelOnPlainSignal(label) => DeadReason::LabelOnPlainSignal(label.clone()),
            HookState::Collected | HookState::Live | HookState::SameUid => DeadReason::Collected,
        },
    }
}

fn signal_name(hook: &Hook) -> String {
    match &hook.connection.signal {
        Value::External(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => "signal".to_owned(),
    }
}

/// Dead hooks of models that no caching manager keeps, where they surely drop something that no
/// live hook of the same write drops.
fn collect_stray(interp: &mut Interp<'_>, hooks: &[Hook], entries: &[Entry], dead: &mut DeadHooks) {
    let reported: Vec<Location> = dead.keys().map(|(location, _)| *location).collect();
    for (at, hook) in hooks.iter().enumerate() {
        let id = HookId(at as u32);
        if reported.contains(&hook.location) {
            continue;
        }
        let (event, paths): (_, &[WritePath]) = match hook.event {
            Event::Save => (Scenario::Update, &[WritePath::Create, WritePath::Update]),
            Event::Delete => (Scenario::Delete, &[WritePath::Delete]),
            _ => continue,
        };
        let Sender::Class(sender) = hook.sender else { continue };
        let (model, reason) = if !hook.is_live() {
            (sender, coverage::DeadReason::State(hook.state.clone()))
        } else if interp.is_model(sender) && interp.is_abstract(sender) {
            let Some(model) = interp.concrete_below(sender) else { continue };
            (model, coverage::DeadReason::AbstractSender(sender))
        } else {
            continue;
        };
        let would = interp.follow_receiver(id, hook, model, &event);
        let surely = would
            .iter()
            .find(|effect| matches!(effect.kind, EffectKind::Drop(_)) && !effect.by_convention);
        let Some(drop) = surely else { continue };
        // What belongs to the entry of another model says nothing about this one's rows.
        let of_others = entries
            .iter()
            .any(|entry| !entry.fills.is_empty() && entry.goal().is_reached_by(&drop.kind));
        if of_others {
            continue;
        }
        let done = interp.follow_write(model, &event);
        let covered = done.iter().any(|effect| match (&effect.kind, &drop.kind) {
            (EffectKind::NamedInvalidation(_), _) => true,
            (EffectKind::Drop(done), EffectKind::Drop(meant)) => match &meant.key {
                Some(key) => done.may_hit(meant.store.as_ref(), key),
                None => true,
            },
            _ => false,
        });
        if covered {
            continue;
        }
        let found = coverage::DeadHook { hook: id, reason, drop: drop.site };
        let place = class_place(interp, model);
        add(interp, hooks, &found, &place, None, paths, Confidence::Medium, dead);
    }
}

/// Hooks of `m2m_changed` whose sender is a model: the signal's sender is the through class.
fn collect_many_to_many(interp: &mut Interp<'_>, hooks: &[Hook], dead: &mut DeadHooks) {
    for (at, hook) in hooks.iter().enumerate() {
        let Sender::Class(sender) = hook.sender else { continue };
        if hook.event != Event::M2m || !hook.is_live() || !interp.is_model(sender) {
            continue;
        }
        let fields = interp.many_to_many_of(sender);
        if fields.is_empty() || interp.is_through(sender) {
            continue;
        }
        let heard = fields.iter().all(|(owner, field)| {
            let through = interp.through_of(*owner, field);
            hooks.iter().any(|other| {
                other.event == Event::M2m
                    && other.is_live()
                    && other.function() == hook.function()
                    && match (&other.sender, &through) {
                        (Sender::Any, _) => true,
                        (Sender::Class(class), Some(through)) => class == through,
                        (Sender::Through(class, name), None) => class == owner && **name == **field,
                        _ => false,
                    }
            })
        });
        if heard {
            continue;
        }
        let id = HookId(at as u32);
        let effects = interp.follow_any(id, hook);
        let drop = effects.iter().find(|effect| {
            matches!(effect.kind, EffectKind::Drop(_) | EffectKind::NamedInvalidation(_))
        });
        let Some(drop) = drop else { continue };
        let place = class_place(interp, sender);
        let hook_place = hook_place(interp, hook);
        dead.entry((hook.location, "through".to_owned())).or_insert_with(|| DeadHook {
            hook: hook_place,
            signals: vec![signal_name(hook)],
            reason: DeadReason::ModelForThrough(place.clone()),
            models: vec![place],
            entry: None,
            write_paths: vec![WritePath::M2mChange],
            drop: drop.site,
            connected_at: hook.connected_at,
            confidence: if drop.by_convention { Confidence::Medium } else { Confidence::High },
        });
    }
}
