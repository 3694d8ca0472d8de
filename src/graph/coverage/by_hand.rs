//! Code outside hooks that drops an entry next to its own writes.

use rustc_hash::FxHashMap;

use super::{Cell, CellState, Coverage};
use crate::facts::{ExprKind, Scope};
use crate::graph::effect::{Dropped, Early, Effect, EffectKind, Goal, Target, WriteKind};
use crate::graph::feeds::Feed;
use crate::graph::hooks::Hooks;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::interp::Interp;
use crate::graph::key::{Origin, Part};
use crate::graph::program::Program;
use crate::graph::survey::Survey;
use crate::graph::value::{Args, Value};
use crate::graph::writers::{self, Site};
use crate::source::{FileId, Location};

/// Code outside hooks that drops an entry next to its own writes.
#[derive(Debug, Default)]
pub struct ByHand {
    /// A drop in a function that saves new rows, or rows of which nothing is known.
    pub creates: Option<HandDrop>,
    /// A drop in a function that saves rows again.
    pub updates: Option<HandDrop>,
    /// A drop in a function that deletes rows.
    pub deletes: Option<HandDrop>,
    /// Writes of rows of which nothing is known, and the drops behind each, in a transaction that goes on.
    pub early: Vec<(Site, Early)>,
    /// A drop anywhere, hooks and dead code included.
    pub anywhere: bool,
    /// Whether one of them surely drops this very entry.
    pub surely: bool,
    /// A drop in a function that is handed around as a value, so that a call of something unknown may
    /// be one of it.
    pub handed_around: bool,
}

/// A drop next to a write.
#[derive(Debug, Clone, Copy)]
pub struct HandDrop {
    /// The call that drops the entry.
    pub drop: Location,
    /// Whether it surely drops this very entry. One that may excuses its own write, and tells nothing of
    /// what other writes are meant to do.
    pub is_sure: bool,
}

impl HandDrop {
    /// Keeps the first that is sure, or the first.
    pub fn keep_best(self, known: &mut Option<HandDrop>) {
        if known.is_none_or(|known| self.is_sure && !known.is_sure) {
            *known = Some(self);
        }
    }
}

/// What is asked of code outside hooks.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Whether it matters whether it is handed around.
    pub who: bool,
    /// Whether the model is the only one that feeds the entry: rows of which nothing is known are meant to be
    /// of it.
    pub is_only_feed: bool,
    /// Whether somebody makes the entry of rows where it is missing, or takes it out. One that is only ever put
    /// there, such as how far a task has come, is no copy that must be as fresh as its rows.
    pub is_looked_after: bool,
}

/// Which of the functions that reach a cache drop this entry next to writes of a model.
pub fn by_hand(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    goal: &Goal,
    feed: &Feed,
    survey: &Survey,
    asked: Asked,
) -> ByHand {
    let model = feed.model;
    let mut hands = ByHand::default();
    let in_order = interp.order(model);
    let own = in_order.iter().filter_map(Value::as_class);
    for dropper in survey.droppers_of(interp.program, goal, own) {
        if !interp.program.processes.share(dropper.function.file, model.file) {
            continue;
        }
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
        let behind = effects.iter().skip_while(|effect| !std::ptr::eq(*effect, drop));
        let mut reaching = behind
            .filter(|effect| effect.hook.is_none() && goal.is_reached_by(&effect.kind))
            .filter(|effect| asked.is_looked_after || !is_put(effect, goal))
            .filter(|effect| !is_by_the_way(interp, effect, effects, feed, goal));
        let Some(drop) = reaching.next() else { continue };
        if is_taken(drop, effects, goal) {
            continue;
        }
        hands.anywhere = true;
        let is_sure = drop.is_sure_drop(goal)
            && (drop.drops_everything() || !goal.is_bare())
            && (of_model || !is_put(drop, goal) || is_made_of_something(drop));
        hands.surely |= is_sure && !drop.drops_everything();
        let is_hook = hooks.hold(dropper.function);
        // An override of this model has been followed already; one of another class is not for it.
        if is_hook || (class.is_some() && is_override(interp, dropper.function)) {
            continue;
        }
        let mut named_by_other =
            |target: &Target| is_named_by_other_rows(interp, drop, target, model);
        let unknown_rows_fit =
            goal.targets.is_empty() || !goal.targets.iter().all(&mut named_by_other);
        hands.handed_around |= asked.who && is_handed_around(interp, dropper.function);
        // Of when it is dropped, only what surely drops it tells.
        let tells_when = effects
            .iter()
            .any(|effect| effect.is_sure_drop(goal) && goal.is_reached_by(&effect.kind));
        for effect in effects {
            let EffectKind::Write(write) = &*effect.kind else { continue };
            if effect.hook.is_some() || write.model.is_some_and(|written| written != model) {
                continue;
            }
            if write.model.is_none() && !unknown_rows_fit {
                continue;
            }
            // The override of a queryset drops what is written through it, and nothing else.
            if drop.place_in_function() == effect.site {
                continue;
            }
            // Who empties the store means this entry where it writes its rows.
            hands.surely |= is_sure && write.model.is_some();
            if write.model.is_none() && tells_when {
                let (location, function) = (effect.site, dropper.function);
                let site = Site { location, function, write: write.clone() };
                let early = writers::early(effects, &site, goal);
                hands.early.extend(early.map(|early| (site, early)));
            }
            let is_told = write.model.is_some() || asked.is_only_feed;
            let by_hand = HandDrop { drop: drop.site, is_sure: is_sure && is_told };
            match write.kind {
                WriteKind::Create => by_hand.keep_best(&mut hands.creates),
                WriteKind::Save => {
                    by_hand.keep_best(&mut hands.updates);
                    // A row of which nothing is known may be a new one.
                    if write.model.is_none() {
                        by_hand.keep_best(&mut hands.creates);
                    }
                }
                WriteKind::Delete | WriteKind::QuerysetDelete => {
                    by_hand.keep_best(&mut hands.deletes);
                }
                _ => {}
            }
        }
    }
    hands.early = nearest(std::mem::take(&mut hands.early));
    hands
}

/// Whether a run stores the entry, or empties the store, behind no write that changes what of the feed the entry
/// holds: it does so whatever was written.
fn is_by_the_way(
    interp: &mut Interp<'_>,
    drop: &Effect,
    effects: &[Effect],
    feed: &Feed,
    goal: &Goal,
) -> bool {
    if !is_put(drop, goal) && !drop.drops_everything() {
        return false;
    }
    let before = effects.iter().take_while(|effect| !std::ptr::eq(*effect, drop));
    let writes = before.filter_map(|effect| match &*effect.kind {
        EffectKind::Write(write) => Some(write),
        _ => None,
    });
    let mut writes = writes.peekable();
    writes.peek().is_some()
        && writes.all(|write| write.kind == WriteKind::Save && !feed.is_changed_by(interp, write))
}

/// Whether it stores what was made of rows or of what the function was given, and not what a user has typed or a
/// service has answered.
fn is_made_of_something(put: &Effect) -> bool {
    matches!(&*put.kind, EffectKind::Fill(fill) if fill.taint.iter().next().is_some())
}

/// Whether it stores the entry itself, and not a version that is part of its key.
fn is_put(drop: &Effect, goal: &Goal) -> bool {
    matches!(&*drop.kind, EffectKind::Fill(fill) if !goal.counts(&fill.key))
}

/// Whether a run takes out what somebody else has put there, for what it writes afterwards: a token, a challenge,
/// a parked form.
fn is_taken(drop: &Effect, effects: &[Effect], goal: &Goal) -> bool {
    let EffectKind::Drop(Dropped { key: Some(key), .. }) = &*drop.kind else { return false };
    let Some(at) = effects.iter().position(|effect| std::ptr::eq(effect, drop)) else {
        return false;
    };
    let looks = |effect: &Effect| match &*effect.kind {
        EffectKind::Read { key: read, .. } => read.shape() == key.shape(),
        _ => false,
    };
    let (before, behind) = effects.split_at(at);
    let writes = |effect: &Effect| matches!(*effect.kind, EffectKind::Write(_));
    let stores = |effect: &Effect| matches!(*effect.kind, EffectKind::Fill(_));
    before.iter().any(looks)
        && !before.iter().any(writes)
        && behind.iter().any(writes)
        && !effects.iter().any(|effect| stores(effect) && goal.is_reached_by(&effect.kind))
        && !behind[1..].iter().any(|effect| goal.is_reached_by(&effect.kind))
}

/// Of the functions that come to the same write and the same drop, the one that is nearest to them.
fn nearest(early: Vec<(Site, Early)>) -> Vec<(Site, Early)> {
    let mut found: Vec<(Site, Early)> = Vec::new();
    let mut known: FxHashMap<(Location, Option<Location>), usize> = FxHashMap::default();
    for (site, early) in early {
        let drop = early.ways.first().and_then(|way| way.last().copied());
        let at = *known.entry((site.location, drop)).or_insert(found.len());
        let steps = |early: &Early| early.ways.first().map_or(0, Vec::len);
        match found.get_mut(at) {
            Some(other) if steps(&early) < steps(&other.1) => *other = (site, early),
            Some(_) => {}
            None => found.push((site, early)),
        }
    }
    found
}

impl Coverage {
    /// Takes over what `hands` drop too early after a write of rows of which nothing is known, where no hook
    /// covers these rows.
    pub fn take_early(&mut self, hands: &ByHand) {
        for (site, early) in &hands.early {
            let cell = match site.write.kind {
                WriteKind::Save => &self.update,
                WriteKind::Delete => &self.delete,
                _ => continue,
            };
            let is_known = self.early_by_hand.iter().any(|(_, known)| known.drop == early.drop);
            let by_hooks =
                matches!(cell.state, CellState::Covered { .. } | CellState::NotApplicable);
            if !by_hooks && !is_known {
                self.early_by_hand.push((site.clone(), early.clone()));
            }
        }
    }

    /// Credits code that drops the entry next to its own writes.
    pub fn credit(&mut self, hands: &ByHand) {
        let sides = [
            (&mut self.create, hands.creates),
            (&mut self.update, hands.updates),
            (&mut self.delete, hands.deletes),
        ];
        for (cell, by_hand) in sides {
            let Some(HandDrop { drop, is_sure }) = by_hand else { continue };
            if matches!(cell.state, CellState::Hole) {
                cell.state = CellState::ByHand { drop, is_sure };
            }
        }
    }

    /// Credits code that drops the entry next to writes without signals, `in_bulk` by what it does to rows, where no
    /// side is left that nobody takes care of.
    pub fn credit_bulk(&mut self, in_bulk: [Option<HandDrop>; 3]) {
        let is_hole = |cell: &Cell| matches!(cell.state, CellState::Hole);
        let [creates, updates, deletes] = in_bulk;
        let saves_are_open = [&self.create, &self.update]
            .iter()
            .all(|cell| matches!(cell.state, CellState::Hole | CellState::NotApplicable));
        let saves = !saves_are_open || creates.or(updates).is_some();
        if saves && (!is_hole(&self.delete) || deletes.is_some()) {
            self.credit(&ByHand { creates, updates, deletes, ..ByHand::default() });
        }
    }

    /// Takes the sides that nothing drops for not told, where all that is known of the others is code that may drop
    /// something else.
    pub fn leave_open_what_may_drop(&mut self) {
        let may_drop =
            |cell: &&Cell| matches!(cell.state, CellState::ByHand { is_sure: false, .. });
        let is_told = |cell: &&Cell| {
            matches!(
                cell.state,
                CellState::Covered { .. }
                    | CellState::Dead(_)
                    | CellState::ByHand { is_sure: true, .. }
            )
        };
        let cells = self.cells();
        if cells.iter().any(may_drop) && !cells.iter().any(is_told) {
            self.leave_holes();
        }
    }
}

/// Whether a drop takes the key from a column of something, `row.pk`, that is no column of `model` which
/// names what is stored: the row that it is of is one of another model.
fn is_named_by_other_rows(
    interp: &mut Interp<'_>,
    drop: &Effect,
    target: &Target,
    model: ClassId,
) -> bool {
    let EffectKind::Drop(Dropped { key: Some(key), .. }) = &*drop.kind else { return false };
    if key.shape() != target.key.shape() {
        return false;
    }
    let holes = key.parts.iter().filter_map(|part| match part {
        Part::Hole { origin, .. } => Some(origin),
        _ => None,
    });
    holes.zip(&target.bound).any(|(origin, bound)| match origin {
        Some(Origin::Param(_, _, path)) if !path.is_empty() && !bound.is_empty() => {
            let column = interp.column_name(model, path);
            !bound.iter().any(|(known, name)| *known == model && *name == column)
        }
        _ => false,
    })
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
    let mut naming = program.vocabulary.files_naming(name).iter().copied();
    (!is_method && !program.function(id).decorators.is_empty())
        || naming.any(|file| program.is_production(file) && used_as_value(file))
}

/// Whether code that takes a relation away from rows which it does not name drops the entry of one row
/// only, the one that a caller named.
pub(super) fn forgets_swept(
    program: &Program<'_>,
    survey: &Survey,
    site: &Site,
    goal: &Goal,
) -> bool {
    let Some(model) = site.write.model.filter(|_| site.write.sweeps) else { return false };
    let mut drops = survey
        .droppers_in(program, site.function)
        .flat_map(|run| &run.effects)
        .filter(|effect| goal.is_reached_by(&effect.kind))
        .peekable();
    drops.peek().is_some() && drops.all(|drop| goal.is_of_one_row(&drop.kind, model))
}

fn is_override(interp: &Interp<'_>, function: FunctionId) -> bool {
    interp.program.frameworks.model_method(interp.program.function_name(function)).is_some()
}
