//! Which writes of a cached model reach an invalidation of its entry, and what is in the way.

use super::effect::{Effect, EffectKind, HookRef, WriteKind};
use super::entries::Entry;
use super::hooks::{Hook, HookId, HookState, Sender};
use super::ids::{ClassId, FunctionId};
use super::interp::{Interp, Scenario};
use super::value::{Args, Value};
use crate::facts::{ExprKind, Scope};
use crate::frameworks::Event;
use crate::source::{FileId, Location};

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

/// The coverage of one entry.
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
}

/// Follows the writes of an entry's model.
pub fn examine(interp: &mut Interp<'_>, hooks: &[Hook], entry: &Entry) -> Coverage {
    interp.seek(Some(entry.goal()));
    let create = cell(interp, hooks, entry, entry.model, &Scenario::Create);
    let update = cell(interp, hooks, entry, entry.model, &Scenario::Update);
    let delete = cell(interp, hooks, entry, entry.model, &Scenario::Delete);
    let open_columns = match &update.state {
        CellState::Covered { .. } => open_columns(interp, entry),
        _ => Vec::new(),
    };
    let open_proxies = open_proxies(interp, hooks, entry, [&create, &update, &delete]);
    let idle = idle_hooks(interp, hooks, entry);
    interp.seek(None);
    Coverage { create, update, delete, open_columns, open_proxies, idle }
}

fn cell(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    model: ClassId,
    scenario: &Scenario,
) -> Cell {
    let goal = entry.goal();
    let effects = interp.follow_write(model, scenario);
    let opaque = effects.iter().any(|effect| effect.kind == EffectKind::Opaque);
    if let Some(effect) = effects.iter().find(|effect| goal.is_reached_by(&effect.kind)) {
        let state = CellState::Covered { hook: effect.hook, drop: effect.site };
        return Cell { state, opaque };
    }
    if *scenario == Scenario::Create && !entry.lists_rows() {
        return Cell { state: CellState::NotApplicable, opaque };
    }
    let dead = dead_hooks(interp, hooks, entry, model, scenario);
    let state = if dead.is_empty() { CellState::Hole } else { CellState::Dead(dead) };
    Cell { state, opaque }
}

/// The hooks that would invalidate the entry if they ran for this write.
fn dead_hooks(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    model: ClassId,
    scenario: &Scenario,
) -> Vec<DeadHook> {
    let goal = entry.goal();
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

/// The columns that can be saved alone, by `update_fields`, past the guard of a hook.
fn open_columns(interp: &mut Interp<'_>, entry: &Entry) -> Vec<String> {
    let goal = entry.goal();
    let mut open = Vec::new();
    for column in interp.columns(entry.model) {
        let effects = interp.follow_write(entry.model, &Scenario::UpdateColumn(column.clone()));
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
    entry: &Entry,
    own: [&Cell; 3],
) -> Vec<(ClassId, Vec<DeadHook>)> {
    let goal = entry.goal();
    let mut open = Vec::new();
    for proxy in interp.proxies_of(entry.model) {
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
            for hook in dead_hooks(interp, hooks, entry, proxy, &scenario) {
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
fn idle_hooks(interp: &mut Interp<'_>, hooks: &[Hook], entry: &Entry) -> Vec<HookId> {
    let goal = entry.goal();
    let mut idle = Vec::new();
    for (at, hook) in hooks.iter().enumerate() {
        let for_model = hook.sender == Sender::Class(entry.model);
        if !for_model || !hook.is_live() || !matches!(hook.event, Event::Save | Event::Delete) {
            continue;
        }
        let id = HookId(at as u32);
        let reaches = [Scenario::Create, Scenario::Update].iter().any(|scenario| {
            let effects = interp.follow_receiver(id, hook, entry.model, scenario);
            effects.iter().any(|effect| goal.is_reached_by(&effect.kind))
        });
        if !reaches {
            idle.push(id);
        }
    }
    idle
}

impl Coverage {
    /// Whether nothing in sight was meant to cover some write.
    pub fn has_holes(&self) -> bool {
        let cells = [&self.create, &self.update, &self.delete];
        cells.iter().any(|cell| matches!(cell.state, CellState::Hole))
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

    /// Credits code that drops the entry next to its own writes.
    pub fn credit(&mut self, hands: &ByHand) {
        let sides = [
            (&mut self.create, hands.saves),
            (&mut self.update, hands.saves),
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
    /// A drop in a function that saves rows.
    pub saves: Option<Location>,
    /// A drop in a function that deletes rows.
    pub deletes: Option<Location>,
    /// A drop anywhere, hooks and dead code included.
    pub anywhere: bool,
    /// A drop in a function that is handed around as a value, so that a call of something unknown may
    /// be one of it.
    pub handed_around: bool,
}

/// A function that drops something, with all that it does when it is run by itself.
pub struct Dropper {
    function: FunctionId,
    effects: Vec<Effect>,
}

/// The functions that drop entries directly or through up to three more calls.
///
/// Found by name from the calls of stores upwards, then confirmed by running each.
pub fn droppers(interp: &mut Interp<'_>, hooks: &[Hook]) -> Vec<Dropper> {
    let program = interp.program;
    // What a hook drops is not dropped by hand.
    interp.set_hooks([].into());
    let mut found: Vec<Dropper> = Vec::new();
    let mut open: Vec<FunctionId> = program.functions_that_drop();
    let mut seen: std::collections::BTreeSet<FunctionId> = open.iter().copied().collect();
    for _ in 0..4 {
        let mut callers: Vec<FunctionId> = Vec::new();
        for function in std::mem::take(&mut open) {
            let effects = interp.follow_function(function, Args::unknown());
            let drops = effects.iter().any(|effect| {
                matches!(effect.kind, EffectKind::Drop(_) | EffectKind::NamedInvalidation(_))
            });
            if drops {
                let name = program.function_name(function);
                callers.extend_from_slice(program.functions_mentioning(name));
                found.push(Dropper { function, effects });
            }
        }
        callers.retain(|caller| seen.insert(*caller));
        callers.sort_unstable();
        open = callers;
    }
    interp.set_hooks(hooks.into());
    found
}

/// Which of the droppers drop this entry next to writes of its model; `asks_who` where it matters
/// whether one of them is handed around.
pub fn by_hand(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    droppers: &[Dropper],
    asks_who: bool,
) -> ByHand {
    let goal = entry.goal();
    let mut hands = ByHand::default();
    let in_order = interp.order(entry.model);
    for dropper in droppers {
        let class = interp.program.enclosing_class(dropper.function);
        let of_model = class.is_some_and(|class| in_order.contains(&Value::Class(class)));
        let own;
        let effects = if of_model {
            // Run on the model itself, where the key may hold its name.
            let name = interp.program.function_name(dropper.function);
            let site = interp.program.function_location(dropper.function);
            own = interp.follow_method(&Value::instance(entry.model), name, Args::unknown(), site);
            &own
        } else {
            &dropper.effects
        };
        let by_itself =
            |effect: &&Effect| effect.hook.is_none() && goal.is_reached_by(&effect.kind);
        let Some(drop) = effects.iter().find(by_itself) else { continue };
        hands.anywhere = true;
        let is_hook = hooks.iter().any(|hook| hook.function() == Some(dropper.function));
        // An override of this model has been followed already; one of another class is not for it.
        if is_hook || (class.is_some() && is_override(interp, dropper.function)) {
            continue;
        }
        hands.handed_around |= asks_who && is_handed_around(interp, dropper.function);
        for effect in effects {
            let EffectKind::Write(write) = &effect.kind else { continue };
            if effect.hook.is_some() || write.model.is_some_and(|model| model != entry.model) {
                continue;
            }
            let side = match write.kind {
                WriteKind::Create | WriteKind::Save => &mut hands.saves,
                WriteKind::Delete | WriteKind::QuerysetDelete => &mut hands.deletes,
                _ => continue,
            };
            side.get_or_insert(drop.site);
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
