//! Which writes of a cached model reach an invalidation of its entry, and what is in the way.

use std::sync::Arc;

use super::effect::{Dropped, Effect, EffectKind, Goal, HookRef, SqlVerb, WriteKind};
use super::entries::Entry;
use super::feeds::{Feed, FeedKind};
use super::hooks::{Hook, HookId, HookState, Sender};
use super::ids::{ClassId, FunctionId};
use super::interp::{Interp, Scenario};
use super::survey::Survey;
use super::value::{Args, Value};
use super::writers::{Outcome, Site, Writers};
use crate::facts::{ArgKind, ExprKind, Scope};
use crate::frameworks::Event;
use crate::source::{FileId, Location};

/// The argument of `save()` and of its signals that tells which columns are saved.
const SAVED_COLUMNS: &str = "update_fields";

/// A write path of an entry, followed.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What follows from the write.
    pub state: CellState,
    /// Whether something was called that could not be resolved.
    pub opaque: bool,
}

/// Whether a write leaves the entry stale.
#[derive(Debug, Clone)]
pub enum CellState {
    /// It reaches an invalidation.
    Covered {
        /// The hook that does it, where it is one.
        hook: Option<HookRef>,
        /// The invalidating call.
        drop: Location,
        /// Whether that surely drops this very entry.
        is_sure: bool,
        /// Whether it waits for the commit.
        is_deferred: bool,
    },
    /// Only hooks that never run would invalidate.
    Dead(Vec<DeadHook>),
    /// No hook does; code that writes the rows drops the entry itself.
    ByHand {
        /// The call that drops it.
        drop: Location,
    },
    /// The write cannot make the entry stale.
    NotApplicable,
    /// Nothing invalidates.
    Hole,
}

impl CellState {
    fn covered_by(effect: &Effect) -> CellState {
        CellState::Covered {
            hook: effect.hook,
            drop: effect.site,
            is_sure: effect.is_sure_drop(),
            is_deferred: effect.timing.deferred,
        }
    }
}

/// A hook that would invalidate but does not run for the write.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadHook {
    /// The hook.
    pub hook: HookId,
    /// Why it does not run.
    pub reason: DeadReason,
    /// The call that would drop the entry.
    pub drop: Location,
}

/// Why a hook does not run for a write.
#[derive(Debug, Clone, PartialEq)]
pub enum DeadReason {
    /// It never runs at all.
    State(HookState),
    /// Its sender is an abstract base, which is never sent.
    AbstractSender(ClassId),
    /// Its sender is the multi-table parent of the class that is sent.
    ParentSender(ClassId),
    /// Its sender is a proxy of the class that is sent.
    ProxySender(ClassId),
    /// Its sender is the class of which the class that is sent is a proxy.
    ConcreteSender(ClassId),
}

/// The coverage of one model that feeds an entry.
#[derive(Debug)]
pub struct Coverage {
    /// Saving a new row.
    pub create: Cell,
    /// Saving a row again.
    pub update: Cell,
    /// Deleting a row.
    pub delete: Cell,
    /// Columns whose save alone is not followed by an invalidation, though that of the row is.
    pub open_columns: Vec<String>,
    /// Proxies whose writes are not covered, though those of the model are.
    pub open_proxies: Vec<(ClassId, Vec<DeadHook>)>,
    /// Live hooks of the model that never reach an invalidation.
    pub idle: Vec<HookId>,
    /// Writes in sight after which nothing drops the entry, though other code does or hooks cannot.
    pub open_writes: Vec<OpenWrite>,
    /// Writes whose own code drops the entry while it keeps a transaction open, with the drop.
    pub early_by_hand: Vec<(Site, Location)>,
    /// Deletes that go past the override which drops the entry.
    pub bypassed_override: Option<Bypass>,
    /// The column by which a row moves to another entry, and the hook that forgets the one it leaves.
    pub moved: Option<Moved>,
}

/// An override that drops the entry, and what goes past it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bypass {
    /// The override.
    pub function: FunctionId,
    /// Whether deletes by querysets do; cascades always do.
    pub by_querysets: bool,
}

/// A write in sight that leaves the entry stale.
#[derive(Debug, Clone)]
pub struct OpenWrite {
    /// The write.
    pub site: Site,
    /// What is left out.
    pub gap: Gap,
}

/// Why a write leaves an entry stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Hooks would have to drop it, and this write runs none.
    Bulk,
    /// It is an SQL text.
    Sql,
    /// Other code that writes the rows drops the entry; this one does not.
    Forgotten,
    /// An override drops it, and this write goes past overrides.
    PastOverride,
}

/// A row that changes its entry.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The column that chooses the entry.
    pub column: Arc<str>,
    /// The hook that drops the row's present entry only.
    pub hook: HookRef,
    /// The call that drops it.
    pub drop: Location,
}

/// Follows the writes of a model that feeds an entry.
pub fn examine(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    feed: &Feed,
    goal: &Goal,
) -> Coverage {
    interp.seek(Some(goal.clone()));
    let none = || Cell { state: CellState::NotApplicable, opaque: false };
    let own_rows = matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse);
    let lists_rows = own_rows && feed.lists_rows;
    let create = match own_rows {
        true => cell(interp, hooks, goal, feed.model, &Scenario::Create, lists_rows),
        false => none(),
    };
    let update = match feed.reads(None) {
        true => cell(interp, hooks, goal, feed.model, &Scenario::Update, true),
        false => none(),
    };
    let delete = match feed.kind() {
        FeedKind::Forward => none(),
        _ => cell(interp, hooks, goal, feed.model, &Scenario::Delete, true),
    };
    let open_columns = match &update.state {
        CellState::Covered { hook: Some(hook), .. }
            if may_ask_for_columns(interp, hooks, *hook) =>
        {
            open_columns(interp, feed, goal)
        }
        _ => Vec::new(),
    };
    let open_proxies = open_proxies(interp, hooks, goal, feed.model, [&create, &update, &delete]);
    let idle = idle_hooks(interp, hooks, goal, feed.model);
    let bypassed_override = bypassed_override(interp, goal, feed, &delete);
    interp.seek(None);
    let moved = moved(interp, entry, feed, goal, &update);
    Coverage {
        create,
        update,
        delete,
        open_columns,
        open_proxies,
        idle,
        open_writes: Vec::new(),
        early_by_hand: Vec::new(),
        bypassed_override,
        moved,
    }
}

fn cell(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    goal: &Goal,
    model: ClassId,
    scenario: &Scenario,
    applies: bool,
) -> Cell {
    let effects = interp.follow_write(model, scenario);
    let opaque = effects.iter().any(|effect| effect.kind == EffectKind::Opaque);
    if let Some(effect) = effects.iter().find(|effect| goal.is_reached_by(&effect.kind)) {
        let state = CellState::covered_by(effect);
        return Cell { state, opaque };
    }
    if !applies {
        return Cell { state: CellState::NotApplicable, opaque };
    }
    let dead = dead_hooks(interp, hooks, goal, model, scenario);
    let state = if dead.is_empty() { CellState::Hole } else { CellState::Dead(dead) };
    Cell { state, opaque }
}

/// The override that drops the entry of a deleted row, where a queryset or a cascade goes past it.
fn bypassed_override(
    interp: &mut Interp<'_>,
    goal: &Goal,
    feed: &Feed,
    delete: &Cell,
) -> Option<Bypass> {
    let CellState::Covered { hook: Some(HookRef::Method(function)), .. } = delete.state else {
        return None;
    };
    let program = interp.program;
    let name = program.function_name(function);
    program.frameworks.model_method(name)?;
    let reached =
        |effects: Vec<Effect>| effects.iter().any(|effect| goal.is_reached_by(&effect.kind));
    let by_querysets = !reached(interp.follow_queryset_delete(feed.model));
    let by_cascades = interp.follow_cascade(feed.model).is_some_and(|effects| !reached(effects));
    (by_querysets || by_cascades).then_some(Bypass { function, by_querysets })
}

/// Whether a hook drops only the entry that a changed row belongs to now, not the one it has left.
fn moved(
    interp: &mut Interp<'_>,
    entry: &Entry,
    feed: &Feed,
    goal: &Goal,
    update: &Cell,
) -> Option<Moved> {
    let CellState::Covered { hook: Some(hook), .. } = update.state else { return None };
    if !matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse) {
        return None;
    }
    let column = entry.moving_column(interp, feed)?;
    let effects = interp.follow_write(feed.model, &Scenario::Update);
    let drops: Vec<&Effect> =
        effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)).collect();
    let of_present = |effect: &&Effect| match &effect.kind {
        EffectKind::Drop(Dropped { key: Some(key), .. }) => key.is_filled_by(feed.model, &column),
        EffectKind::Fill(fill) => fill.key.is_filled_by(feed.model, &column),
        _ => false,
    };
    let first = drops.first()?;
    drops.iter().all(of_present).then_some(Moved { column, hook, drop: first.site })
}

/// The coverage of a many-to-many field whose links reach an entry.
#[derive(Debug)]
pub struct LinkCoverage {
    /// The model that declares the field.
    pub owner: ClassId,
    /// The field.
    pub field: Arc<str>,
    /// Its explicit through class.
    pub through: Option<ClassId>,
    /// Edits by `add()`, `remove()` and the like.
    pub edits: Cell,
    /// What edits are not covered, where some are.
    pub open_edits: Vec<String>,
    /// Rows of the explicit through class, saved and deleted.
    pub through_rows: Cell,
    /// Edits in sight after which nothing drops the entry, though other code does.
    pub open_writes: Vec<OpenWrite>,
}

/// Follows the edits of a many-to-many field.
pub fn examine_links(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    owner: ClassId,
    field: &Arc<str>,
    goal: &Goal,
) -> LinkCoverage {
    interp.seek(Some(goal.clone()));
    let mut open_edits = Vec::new();
    let mut covered: Option<CellState> = None;
    let mut opaque = false;
    for action in ["add", "remove", "clear"] {
        for reverse in [false, true] {
            let moments = [format!("pre_{action}"), format!("post_{action}")];
            let effects = interp.follow_link(owner, field, reverse, &moments);
            opaque |= effects.iter().any(|effect| effect.kind == EffectKind::Opaque);
            match effects.iter().find(|effect| goal.is_reached_by(&effect.kind)) {
                Some(effect) => {
                    covered = Some(CellState::covered_by(effect));
                }
                None if reverse => open_edits.push(format!("{action} from the other side")),
                None => open_edits.push(action.to_owned()),
            }
        }
    }
    let meant = hooks.iter().enumerate().any(|(at, hook)| {
        // A receiver for the model itself is reported by the rule about its sender.
        hook.event == Event::M2m
            && matches!(hook.sender, Sender::Class(class) if class == owner)
            && interp
                .follow_any(HookId(at as u32), hook)
                .iter()
                .any(|effect| goal.is_reached_by(&effect.kind))
    });
    let state = match covered {
        Some(state) => state,
        None if meant => CellState::Dead(Vec::new()),
        None => CellState::Hole,
    };
    let through = interp.through_of(owner, field);
    let through_rows = match through {
        Some(through) => {
            let create = cell(interp, hooks, goal, through, &Scenario::Create, true);
            let delete = cell(interp, hooks, goal, through, &Scenario::Delete, true);
            match (&create.state, &delete.state) {
                (CellState::Covered { .. }, other)
                    if !matches!(other, CellState::Covered { .. }) =>
                {
                    delete
                }
                _ => create,
            }
        }
        None => Cell { state: CellState::NotApplicable, opaque: false },
    };
    interp.seek(None);
    LinkCoverage {
        owner,
        field: field.clone(),
        through,
        edits: Cell { state, opaque },
        open_edits,
        through_rows,
        open_writes: Vec::new(),
    }
}

impl LinkCoverage {
    /// Whether some hook drops the entry.
    pub fn is_covered(&self) -> bool {
        [&self.edits, &self.through_rows].iter().any(|cell| match &cell.state {
            CellState::Covered { is_sure, .. } => *is_sure,
            CellState::Dead(_) => true,
            _ => false,
        })
    }

    /// Credits code that drops the entry next to its own edits, and finds the edits that do not.
    pub fn judge_writes(&mut self, interp: &mut Interp<'_>, writers: &mut Writers, goal: &Goal) {
        let is_edit = |site: &Site| match &site.write.kind {
            WriteKind::Links { field } | WriteKind::LinkRows { field } => *field == self.field,
            _ => false,
        };
        let edits: Vec<Site> = writers.of(interp, self.owner).into_iter().filter(is_edit).collect();
        credit_sites(interp, writers, goal, edits, &mut self.edits, &mut self.open_writes);
        if let Some(through) = self.through {
            let mut rows = writers.of(interp, through);
            rows.retain(|site| match &site.write.columns {
                Some(columns) => columns.iter().any(|column| {
                    let name = interp.column_name(through, column);
                    interp.relation(through, &name).is_some()
                }),
                None => true,
            });
            credit_sites(
                interp,
                writers,
                goal,
                rows,
                &mut self.through_rows,
                &mut self.open_writes,
            );
        }
    }
}

/// Credits a cell with the sites that drop the entry themselves; the others have forgotten it.
fn credit_sites(
    interp: &mut Interp<'_>,
    writers: &mut Writers,
    goal: &Goal,
    sites: Vec<Site>,
    cell: &mut Cell,
    open: &mut Vec<OpenWrite>,
) {
    let sends_signals = |site: &Site| {
        site.write.kind.sends_signals() || matches!(site.write.kind, WriteKind::Links { .. })
    };
    let mut forgotten = Vec::new();
    for site in sites {
        if sends_signals(&site) && !matches!(cell.state, CellState::Hole | CellState::ByHand { .. })
        {
            continue;
        }
        match writers.outcome(interp, &site, goal) {
            Outcome::ByHand { drop, .. } if sends_signals(&site) => {
                if matches!(cell.state, CellState::Hole) {
                    cell.state = CellState::ByHand { drop };
                }
            }
            Outcome::Open | Outcome::Partly { .. } if sends_signals(&site) => {
                forgotten.push(OpenWrite { site, gap: Gap::Forgotten });
            }
            Outcome::Open | Outcome::Partly { .. } => {
                open.push(OpenWrite { site, gap: Gap::Bulk });
            }
            _ => {}
        }
    }
    if matches!(cell.state, CellState::ByHand { .. }) {
        open.append(&mut forgotten);
    }
}

/// The call that drops an entry before the transaction ends, where no later one drops it again.
pub fn early_drop(
    interp: &mut Interp<'_>,
    model: ClassId,
    scenario: &Scenario,
    goal: &Goal,
) -> Option<Location> {
    let effects = interp.follow_write(model, scenario);
    let drops: Vec<&Effect> =
        effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)).collect();
    // What only its name says to invalidate, or what may drop anything, says nothing of when.
    let first = drops.iter().find(|drop| drop.is_sure_drop())?;
    drops.iter().all(|drop| !drop.timing.deferred).then_some(first.site)
}

/// The foreign keys of a feed that the delete of their target changes without a signal, where that
/// delete does not drop the entry itself: field and target.
pub fn silent_cascades(
    interp: &mut Interp<'_>,
    feed: &Feed,
    goal: &Goal,
) -> Vec<(Arc<str>, ClassId)> {
    if !matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse) {
        return Vec::new();
    }
    let mut silent = Vec::new();
    for field in interp.relation_fields(feed.model).to_vec() {
        if !feed.reads(Some(std::slice::from_ref(&field)))
            || !interp.changes_silently(feed.model, &field)
        {
            continue;
        }
        let target = interp.relation(feed.model, &field).and_then(|relation| relation.target);
        let Some(target) = target else { continue };
        let effects = interp.follow_write(target, &Scenario::Delete);
        if !effects.iter().any(|effect| goal.is_reached_by(&effect.kind)) {
            silent.push((field, target));
        }
    }
    silent
}

/// The hooks that would invalidate the entry if they ran for this write.
fn dead_hooks(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    goal: &Goal,
    model: ClassId,
    scenario: &Scenario,
) -> Vec<DeadHook> {
    let event = match scenario {
        Scenario::Delete => Event::Delete,
        _ => Event::Save,
    };
    let mut dead = Vec::new();
    for (at, hook) in hooks.iter().enumerate() {
        // A signal of the program's own may be sent on any write.
        if hook.event != event && hook.event != Event::Other {
            continue;
        }
        let Some(reason) = why_dead(interp, hook, model) else { continue };
        let mut mended = hooks.to_vec();
        mended[at].state = HookState::Live;
        mended[at].sender = Sender::Any;
        interp.set_hooks(mended.into());
        let effects = interp.follow_write(model, scenario);
        interp.set_hooks(hooks.into());
        if let Some(effect) = effects.iter().find(|effect| goal.is_reached_by(&effect.kind)) {
            dead.push(DeadHook { hook: HookId(at as u32), reason, drop: effect.site });
        }
    }
    dead
}

/// Why a hook that seems meant for writes of `model` does not run for them.
fn why_dead(interp: &mut Interp<'_>, hook: &Hook, model: ClassId) -> Option<DeadReason> {
    if !hook.is_live() {
        let meant = match &hook.sender {
            Sender::Label(label) => interp.model_label(model).eq_ignore_ascii_case(label),
            // A connection that is never made for models unknown was meant for none in particular.
            Sender::Unknown => false,
            _ => hook.hears(model),
        };
        // A receiver that was refused is told as evidence; the one that took its place is at fault.
        return (meant && hook.state != HookState::SameUid)
            .then(|| DeadReason::State(hook.state.clone()));
    }
    let Sender::Class(sender) = hook.sender else { return None };
    if sender == model {
        return None;
    }
    if interp.is_proxy(sender) && interp.concrete(sender) == model {
        return Some(DeadReason::ProxySender(sender));
    }
    let concrete = interp.concrete(model);
    if concrete != model && sender == concrete {
        return Some(DeadReason::ConcreteSender(sender));
    }
    let inherits = interp.order(model).contains(&Value::Class(sender));
    if !inherits || !interp.is_model(sender) {
        return None;
    }
    if interp.is_abstract(sender) {
        return Some(DeadReason::AbstractSender(sender));
    }
    (!interp.is_proxy(model)).then_some(DeadReason::ParentSender(sender))
}

/// Whether what a hook does may depend on which columns are saved: its file names the argument that
/// tells them, it hands on all its arguments, or a decorator makes it a hook.
fn may_ask_for_columns(interp: &Interp<'_>, hooks: &[Hook], hook: HookRef) -> bool {
    let function = match hook {
        HookRef::Receiver(id) => hooks[id.0 as usize].function(),
        HookRef::Method(function) => Some(function),
    };
    let Some(function) = function else { return true };
    let facts = interp.program.file(function.file);
    !facts.function(function.ix).decorators.is_empty() && matches!(hook, HookRef::Method(_))
        || facts.names.find(SAVED_COLUMNS).is_some()
        || facts.args.iter().any(|arg| arg.kind == ArgKind::DoubleStar)
}

/// The columns that can be saved alone, by `update_fields`, past the guard of a hook.
fn open_columns(interp: &mut Interp<'_>, feed: &Feed, goal: &Goal) -> Vec<String> {
    let mut open = Vec::new();
    for column in interp.columns(feed.model) {
        if !feed.reads(Some(&[interp.column_name(feed.model, &column)])) {
            continue;
        }
        let effects = interp.follow_write(feed.model, &Scenario::UpdateColumn(column.clone()));
        if !effects.iter().any(|effect| goal.is_reached_by(&effect.kind)) {
            open.push(column.to_string());
        }
    }
    open
}

/// Proxies through which rows are written past the hooks of the model.
fn open_proxies(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    goal: &Goal,
    model: ClassId,
    own: [&Cell; 3],
) -> Vec<(ClassId, Vec<DeadHook>)> {
    let mut open = Vec::new();
    for proxy in interp.proxies_of(model) {
        let mut dead: Vec<DeadHook> = Vec::new();
        for (scenario, own) in
            [Scenario::Create, Scenario::Update, Scenario::Delete].into_iter().zip(own)
        {
            if !matches!(own.state, CellState::Covered { .. }) {
                continue;
            }
            let effects = interp.follow_write(proxy, &scenario);
            if effects.iter().any(|effect| goal.is_reached_by(&effect.kind)) {
                continue;
            }
            for hook in dead_hooks(interp, hooks, goal, proxy, &scenario) {
                if !dead.iter().any(|known| known.hook == hook.hook) {
                    dead.push(hook);
                }
            }
        }
        if !dead.is_empty() && interp.is_written(proxy) {
            open.push((proxy, dead));
        }
    }
    open
}

/// The live hooks that run for the model and do nothing for the entry.
fn idle_hooks(interp: &mut Interp<'_>, hooks: &[Hook], goal: &Goal, model: ClassId) -> Vec<HookId> {
    let mut idle = Vec::new();
    for (at, hook) in hooks.iter().enumerate() {
        let for_model = hook.sender == Sender::Class(model);
        if !for_model || !hook.is_live() || !matches!(hook.event, Event::Save | Event::Delete) {
            continue;
        }
        let id = HookId(at as u32);
        let reaches = [Scenario::Create, Scenario::Update].iter().any(|scenario| {
            let effects = interp.follow_receiver(id, hook, model, scenario);
            effects.iter().any(|effect| goal.is_reached_by(&effect.kind))
        });
        if !reaches {
            idle.push(id);
        }
    }
    idle
}

/// Which of the cells of a feed a write belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WriteSide {
    Create,
    Update,
    Delete,
}

/// The cell of a feed that a write belongs to, where it can change what is cached.
fn side_of(interp: &mut Interp<'_>, feed: &Feed, site: &Site) -> Option<WriteSide> {
    let write = &site.write;
    let rows_matter = matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse);
    let model = write.model.unwrap_or(feed.model);
    let columns: Option<Vec<Arc<str>>> = write
        .columns
        .as_ref()
        .map(|columns| columns.iter().map(|column| interp.column_name(model, column)).collect());
    let side = match write.kind {
        WriteKind::Create | WriteKind::BulkCreate | WriteKind::Sql(SqlVerb::Insert) => {
            WriteSide::Create
        }
        WriteKind::Save
        | WriteKind::Update
        | WriteKind::BulkUpdate
        | WriteKind::Related
        | WriteKind::Sql(SqlVerb::Update) => WriteSide::Update,
        WriteKind::Delete
        | WriteKind::QuerysetDelete
        | WriteKind::RawDelete
        | WriteKind::Sql(SqlVerb::Delete) => WriteSide::Delete,
        // Where the columns are read, a row that is there matters most.
        WriteKind::Upsert if feed.reads(columns.as_deref()) => WriteSide::Update,
        WriteKind::Upsert => WriteSide::Create,
        WriteKind::Links { .. } | WriteKind::LinkRows { .. } => return None,
    };
    let matters = match side {
        WriteSide::Create => rows_matter && feed.lists_rows,
        WriteSide::Update => feed.reads(columns.as_deref()),
        WriteSide::Delete => feed.kind() != FeedKind::Forward,
    };
    let stays_outside = !feed.may_hold(&write.filters)
        && !feed.filters.iter().flatten().any(|filter| {
            columns.as_ref().is_none_or(|columns| columns.contains(&filter.column))
                && side == WriteSide::Update
        });
    (matters && !stays_outside).then_some(side)
}

impl Coverage {
    /// Whether each side is covered, or meant to be, by hooks that no write with signals goes past.
    pub fn is_left_to_hooks(&self) -> bool {
        let cells = [&self.create, &self.update, &self.delete];
        self.bypassed_override.is_none()
            && cells.iter().all(|cell| !matches!(cell.state, CellState::Hole))
    }

    /// Whether nothing in sight was meant to cover some write.
    pub fn has_holes(&self) -> bool {
        let cells = [&self.create, &self.update, &self.delete];
        cells.iter().any(|cell| matches!(cell.state, CellState::Hole))
    }

    /// Whether some hook surely invalidates this very entry, or would if it ran.
    pub fn has_sure_hooks(&self) -> bool {
        let cells = [&self.create, &self.update, &self.delete];
        cells.iter().any(|cell| match &cell.state {
            CellState::Covered { is_sure, .. } => *is_sure,
            CellState::Dead(_) => true,
            _ => false,
        })
    }

    /// Whether some hook invalidates, or would.
    pub fn has_hooks(&self) -> bool {
        let cells = [&self.create, &self.update, &self.delete];
        cells
            .iter()
            .any(|cell| matches!(cell.state, CellState::Covered { .. } | CellState::Dead(_)))
    }

    /// Whether a hook calls something that could not be resolved.
    pub fn is_opaque(&self) -> bool {
        [&self.create, &self.update, &self.delete].iter().any(|cell| cell.opaque)
    }

    /// Forgets calls that could not be resolved: nothing that they may be invalidates the entry.
    pub fn trust_unresolved(&mut self) {
        for cell in [&mut self.create, &mut self.update, &mut self.delete] {
            cell.opaque = false;
        }
    }

    /// Judges the writes in sight: those that no hook can cover, those that go past an override, and,
    /// where no hook covers a side, those that forget what other writers of that side do.
    pub fn judge_writes(
        &mut self,
        interp: &mut Interp<'_>,
        writers: &mut Writers,
        feed: &Feed,
        goal: &Goal,
    ) {
        let mut forgotten: [Vec<Site>; 3] = Default::default();
        let mut by_hand: [Option<Location>; 3] = [None, None, None];
        for site in writers.of(interp, feed.model) {
            let Some(side) = side_of(interp, feed, &site) else { continue };
            let cell = match side {
                WriteSide::Create => &self.create,
                WriteSide::Update => &self.update,
                WriteSide::Delete => &self.delete,
            };
            if matches!(cell.state, CellState::NotApplicable) && site.write.kind.sends_signals() {
                continue;
            }
            let past_override = self.bypassed_override.is_some_and(|bypass| bypass.by_querysets)
                && site.write.kind == WriteKind::QuerysetDelete;
            let by_hooks = matches!(cell.state, CellState::Covered { .. } | CellState::Dead(_));
            if site.write.kind.sends_signals() && by_hooks && !past_override {
                continue;
            }
            let outcome = writers.outcome(interp, &site, goal);
            let at = side as usize;
            match outcome {
                Outcome::Hooked => {}
                Outcome::ByHand { is_sure: false, .. } => {}
                Outcome::ByHand { drop, in_transaction, .. } => {
                    if site.write.kind.sends_signals() {
                        by_hand[at].get_or_insert(drop);
                    }
                    if in_transaction {
                        self.early_by_hand.push((site, drop));
                    }
                }
                Outcome::Partly { drop } if site.write.kind.sends_signals() => {
                    by_hand[at].get_or_insert(drop);
                    forgotten[at].push(site);
                }
                Outcome::Open | Outcome::Partly { .. } if past_override => {
                    self.open_writes.push(OpenWrite { site, gap: Gap::PastOverride });
                }
                Outcome::Open | Outcome::Partly { .. }
                    if matches!(site.write.kind, WriteKind::Sql(_)) =>
                {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Sql });
                }
                Outcome::Open | Outcome::Partly { .. } if !site.write.kind.sends_signals() => {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Bulk });
                }
                Outcome::Open | Outcome::Partly { .. } => forgotten[at].push(site),
            }
        }
        let [creates, updates, deletes] = by_hand;
        let hands = ByHand { creates, updates, deletes, ..ByHand::default() };
        self.credit(&hands);
        // Who drops the entry by hand for rows that change means new ones as well.
        let updates_by_hand =
            updates.is_some() || matches!(self.update.state, CellState::ByHand { .. });
        let meant = [creates.is_some() || updates_by_hand, updates.is_some(), deletes.is_some()];
        for (sites, is_meant) in forgotten.into_iter().zip(meant) {
            if is_meant {
                let open = |site| OpenWrite { site, gap: Gap::Forgotten };
                self.open_writes.extend(sites.into_iter().map(open));
            }
        }
        self.open_writes.sort_by_key(|open| open.site.location);
    }

    /// Credits code that drops the entry next to its own writes.
    pub fn credit(&mut self, hands: &ByHand) {
        let sides = [
            (&mut self.create, hands.creates),
            (&mut self.update, hands.updates),
            (&mut self.delete, hands.deletes),
        ];
        for (cell, drop) in sides {
            if let (CellState::Hole, Some(drop)) = (&cell.state, drop) {
                cell.state = CellState::ByHand { drop };
            }
        }
    }
}

/// Code outside hooks that drops an entry next to its own writes.
#[derive(Debug, Default)]
pub struct ByHand {
    /// A drop in a function that saves new rows, or rows of which nothing is known.
    pub creates: Option<Location>,
    /// A drop in a function that saves rows again.
    pub updates: Option<Location>,
    /// A drop in a function that deletes rows.
    pub deletes: Option<Location>,
    /// A drop anywhere, hooks and dead code included.
    pub anywhere: bool,
    /// Whether one of them surely drops this very entry.
    pub surely: bool,
    /// A drop in a function that is handed around as a value, so that a call of something unknown may
    /// be one of it.
    pub handed_around: bool,
}

/// Which of the functions that reach a cache drop this entry next to writes of a model; `asks_who`
/// where it matters whether one of them is handed around.
pub fn by_hand(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    goal: &Goal,
    model: ClassId,
    survey: &Survey,
    asks_who: bool,
) -> ByHand {
    let mut hands = ByHand::default();
    let in_order = interp.order(model);
    for dropper in survey.droppers() {
        let class = interp.program.enclosing_class(dropper.function);
        let of_model = class.is_some_and(|class| in_order.contains(&Value::Class(class)));
        let own;
        let (effects, drop) = if of_model {
            // Run on the model itself, where the key may hold its name.
            let name = interp.program.function_name(dropper.function);
            let site = interp.program.function_location(dropper.function);
            own = interp.follow_method(&Value::instance(model), name, Args::unknown(), site);
            let by_itself =
                |effect: &&Effect| effect.hook.is_none() && goal.is_reached_by(&effect.kind);
            (&own, own.iter().find(by_itself))
        } else {
            (&dropper.effects, dropper.reaches(goal))
        };
        let Some(drop) = drop else { continue };
        hands.anywhere = true;
        hands.surely |= drop.is_sure_drop();
        let is_hook = hooks.iter().any(|hook| hook.function() == Some(dropper.function));
        // An override of this model has been followed already; one of another class is not for it.
        if is_hook || (class.is_some() && is_override(interp, dropper.function)) {
            continue;
        }
        hands.handed_around |= asks_who && is_handed_around(interp, dropper.function);
        for effect in effects {
            let EffectKind::Write(write) = &effect.kind else { continue };
            if effect.hook.is_some() || write.model.is_some_and(|written| written != model) {
                continue;
            }
            match write.kind {
                WriteKind::Create => {
                    hands.creates.get_or_insert(drop.site);
                }
                WriteKind::Save => {
                    hands.updates.get_or_insert(drop.site);
                    // A row of which nothing is known may be a new one.
                    if write.model.is_none() {
                        hands.creates.get_or_insert(drop.site);
                    }
                }
                WriteKind::Delete | WriteKind::QuerysetDelete => {
                    hands.deletes.get_or_insert(drop.site);
                }
                _ => {}
            }
        }
    }
    hands
}

/// Whether a function is decorated, or used other than by calling it.
fn is_handed_around(interp: &Interp<'_>, id: FunctionId) -> bool {
    let program = interp.program;
    let name = program.function_name(id);
    let used_as_value = |file: FileId| {
        let facts = program.file(file);
        let Some(name) = facts.names.find(name) else { return false };
        let names_it = |expr: ExprKind| match expr {
            ExprKind::Name(used) | ExprKind::Attribute { attr: used, .. } => used == name,
            _ => false,
        };
        let named = facts.exprs.iter().filter(|expr| names_it(expr.kind)).count();
        let called = facts.exprs.iter().filter(|expr| match expr.kind {
            ExprKind::Call { func, .. } => names_it(facts.expr(func).kind),
            _ => false,
        });
        named > called.count()
    };
    let is_method = matches!(program.function(id).scope, Scope::Class(_));
    (!is_method && !program.function(id).decorators.is_empty())
        || program.file_ids().filter(|file| program.is_production(*file)).any(used_as_value)
}

fn is_override(interp: &Interp<'_>, function: FunctionId) -> bool {
    interp.program.frameworks.model_method(interp.program.function_name(function)).is_some()
}
