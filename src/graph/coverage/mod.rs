//! Which writes of a cached model reach an invalidation of its entry, and what is in the way.

mod by_hand;
mod bypass;
mod cascades;
mod dead;
mod early;
mod late;
mod left;
mod links;
mod moved;
mod partial;
mod refused;
mod writes;

pub use by_hand::{Asked, ByHand, HandDrop, by_hand};
pub use bypass::{Bypass, silent_cascades};
pub use dead::{DeadHook, DeadReason};
pub use early::{early_edit, early_hook, early_queryset_delete, early_with_targets};
pub use links::{LinkCoverage, examine_links};
pub use moved::{Moved, Stays};
pub use writes::{Gap, OpenWrite};

use std::sync::Arc;

use super::effect::{Early, Effect, EffectKind, Goal, HookRef};
use super::entries::Entry;
use super::feeds::{Feed, FeedKind};
use super::hooks::{HookId, Hooks};
use super::ids::ClassId;
use super::interp::{Interp, Scenario};
use super::migrations::MigrationWrite;
use super::writers::Site;
use crate::source::Location;
use bypass::bypassed_override;
use dead::{dead_hooks, idle_hooks};
use late::misses_inside;
use moved::{left_out_alone, moved};
use partial::{may_ask_for_columns, open_columns, open_relatives};
use refused::refuses_deletes;

/// A write path of an entry, followed.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What follows from the write.
    pub state: CellState,
    /// Whether something was called that could not be resolved.
    pub opaque: bool,
    /// Whether more follows than was looked at.
    pub is_cut: bool,
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
        /// Whether it surely drops this very entry: only then is it meant that others do as well.
        is_sure: bool,
    },
    /// The write cannot make the entry stale.
    NotApplicable,
    /// Nothing invalidates.
    Hole,
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
    /// Proxies and multi-table children whose writes are not covered, though those of the model are.
    pub open_relatives: Vec<(ClassId, Vec<DeadHook>)>,
    /// Live hooks of the model that never reach an invalidation.
    pub idle: Vec<HookId>,
    /// Writes in sight after which nothing drops the entry, though other code does or hooks cannot.
    pub open_writes: Vec<OpenWrite>,
    /// Writes whose own code drops the entry while it keeps a transaction open, with the drop.
    pub early_by_hand: Vec<(Site, Early)>,
    /// Writes of migrations that leave the entry stale.
    pub open_migrations: Vec<MigrationWrite>,
    /// Deletes that go past the override which drops the entry.
    pub bypassed_override: Option<Bypass>,
    /// Whether the hooks on deleting a row miss its entry where the transaction goes on.
    pub misses_inside: bool,
    /// A write without signals whose own code drops the entry, with the drop.
    pub dropped_write: Option<(Site, Location)>,
    /// The column by which a row moves to another entry, and what hooks drop then.
    pub moved: Option<Moved>,
    /// The column by which code in sight moves rows and drops only the entry that they come to.
    pub moving: Option<Arc<str>>,
    /// Whether nobody in sight writes the rows, whose table somebody else has made.
    pub is_unwritten: bool,
}

/// Follows the writes of a model that feeds an entry.
pub fn examine(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    entry: &Entry,
    feed: &Feed,
    goal: &Goal,
) -> Coverage {
    if let Some(version) = goal.version_of(feed.model) {
        return Coverage::of_version(version.declared_at);
    }
    interp.seek(Some(goal.clone()));
    let none = || Cell { state: CellState::NotApplicable, opaque: false, is_cut: false };
    let own_rows = matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse);
    let lists_rows = own_rows && feed.lists_rows;
    let create = match own_rows {
        true => cell(interp, hooks, goal, feed.model, &Scenario::Create, lists_rows),
        false => none(),
    };
    let mut update = match feed.reads(None) {
        true => cell(interp, hooks, goal, feed.model, &Scenario::Update, true),
        false => none(),
    };
    let delete = match feed.kind() {
        FeedKind::Forward => none(),
        _ if refuses_deletes(interp, hooks, feed.model) => none(),
        _ => cell(interp, hooks, goal, feed.model, &Scenario::Delete, true),
    };
    let mut open_columns = match &update.state {
        CellState::Covered { hook: Some(hook), .. }
            if may_ask_for_columns(interp, hooks, *hook) =>
        {
            open_columns(interp, feed, goal)
        }
        _ => Vec::new(),
    };
    let open_relatives =
        open_relatives(interp, hooks, goal, feed.model, [&create, &update, &delete]);
    let idle = idle_hooks(interp, hooks, goal, feed.model);
    let bypassed_override = bypassed_override(interp, goal, feed, &delete);
    let misses_inside = misses_inside(interp, goal, feed.model, &delete);
    interp.seek(None);
    let moved = moved(interp, entry, feed, goal, &update);
    if let Some(moved) = &moved
        && open_columns.is_empty()
        && let Some((guarded, at)) = left_out_alone(interp, feed, goal, moved)
        && let CellState::Covered { hook, drop, .. } = &mut update.state
    {
        (*hook, *drop) = (Some(guarded), at);
        open_columns.push(moved.column.to_string());
    }
    Coverage {
        open_columns,
        open_relatives,
        idle,
        bypassed_override,
        misses_inside,
        moved,
        ..Coverage::of_cells(create, update, delete)
    }
}

impl Coverage {
    fn of_cells(create: Cell, update: Cell, delete: Cell) -> Coverage {
        Coverage {
            create,
            update,
            delete,
            open_columns: Vec::new(),
            open_relatives: Vec::new(),
            idle: Vec::new(),
            open_writes: Vec::new(),
            dropped_write: None,
            early_by_hand: Vec::new(),
            open_migrations: Vec::new(),
            bypassed_override: None,
            misses_inside: false,
            moved: None,
            moving: None,
            is_unwritten: false,
        }
    }

    /// Of rows whose column is in the keys: a save moves it, and nobody asks for what a deleted row has left
    /// behind.
    fn of_version(declared_at: Location) -> Coverage {
        let cell = |state| Cell { state, opaque: false, is_cut: false };
        let by_column = CellState::Covered {
            hook: Some(HookRef::Library(declared_at)),
            drop: declared_at,
            is_sure: true,
            is_deferred: true,
        };
        let none = || cell(CellState::NotApplicable);
        Coverage::of_cells(none(), cell(by_column), none())
    }

    /// Saving a new row, saving a row again, deleting a row.
    pub fn cells(&self) -> [&Cell; 3] {
        [&self.create, &self.update, &self.delete]
    }

    fn cells_mut(&mut self) -> [&mut Cell; 3] {
        [&mut self.create, &mut self.update, &mut self.delete]
    }

    /// Whether each side is covered by hooks that no write with signals goes past.
    pub fn is_left_to_hooks(&self) -> bool {
        self.bypassed_override.is_none()
            && self
                .cells()
                .iter()
                .all(|cell| !matches!(cell.state, CellState::Hole | CellState::Dead(_)))
    }

    /// Whether the entry of a deleted row stays.
    pub fn leaves_deleted_rows(&self) -> bool {
        matches!(self.delete.state, CellState::Hole) || self.bypassed_override.is_some()
    }

    /// Takes the entry of a deleted row for one that nobody asks for.
    pub fn leave_deleted_rows(&mut self) {
        self.bypassed_override = None;
        if matches!(self.delete.state, CellState::Hole) {
            self.delete.state = CellState::NotApplicable;
        }
    }

    /// Takes what hooks store for no invalidation: they go on from what is there, such as how far a task has come.
    pub fn forget_stores(&mut self, entry: &Entry) {
        let is_store = |drop: Location| entry.fills.iter().any(|stored| stored.site == drop);
        for cell in self.cells_mut() {
            if matches!(cell.state, CellState::Covered { drop, .. } if is_store(drop)) {
                cell.state = CellState::Hole;
            }
        }
    }

    /// Takes the rows for some that nobody in sight writes.
    pub fn leave_unwritten(&mut self) {
        self.leave_holes();
        self.is_unwritten = true;
    }

    /// Takes the sides that nothing drops for not told.
    pub fn leave_holes(&mut self) {
        for cell in self.cells_mut() {
            if matches!(cell.state, CellState::Hole) {
                cell.state = CellState::NotApplicable;
            }
        }
    }

    /// Whether somebody in sight was meant to cover some write.
    pub fn is_meant(&self) -> bool {
        let is_meant =
            |cell: &&Cell| !matches!(cell.state, CellState::Hole | CellState::NotApplicable);
        self.cells().iter().any(is_meant)
    }

    /// Whether nothing in sight was meant to cover some write.
    pub fn has_holes(&self) -> bool {
        self.cells().iter().any(|cell| matches!(cell.state, CellState::Hole))
    }

    /// Whether some hook surely invalidates this very entry, or would if it ran.
    pub fn has_sure_hooks(&self) -> bool {
        self.cells().iter().any(|cell| match &cell.state {
            CellState::Covered { is_sure, .. } => *is_sure,
            CellState::Dead(_) => true,
            _ => false,
        })
    }

    /// Whether some hook invalidates, or would.
    pub fn has_hooks(&self) -> bool {
        self.cells()
            .iter()
            .any(|cell| matches!(cell.state, CellState::Covered { .. } | CellState::Dead(_)))
    }

    /// Whether a hook does something that could not be resolved, or too much to follow.
    pub fn is_opaque(&self) -> bool {
        self.cells().iter().any(|cell| cell.opaque || cell.is_cut)
    }

    /// Forgets calls that could not be resolved: nothing that they may be invalidates the entry.
    pub fn trust_unresolved(&mut self) {
        for cell in self.cells_mut() {
            cell.opaque = false;
        }
    }
}

impl CellState {
    fn covered_by(effect: &Effect, goal: &Goal) -> CellState {
        let by_library = matches!(effect.hook, Some(HookRef::Library(_)));
        let listed_at = goal.listed_at().filter(|_| by_library);
        CellState::Covered {
            hook: effect.hook,
            drop: listed_at.unwrap_or(effect.site),
            is_sure: effect.is_sure_drop(goal),
            // A column moves when its transaction ends.
            is_deferred: effect.timing.deferred || matches!(*effect.kind, EffectKind::Write(_)),
        }
    }
}

fn cell(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    goal: &Goal,
    model: ClassId,
    scenario: &Scenario,
    applies: bool,
) -> Cell {
    let effects = interp.follow_write(model, scenario);
    let opaque = effects.iter().any(|effect| *effect.kind == EffectKind::Opaque);
    let is_cut = is_cut(&effects);
    if let Some(effect) = goal.reached_in(&effects) {
        let state = CellState::covered_by(effect, goal);
        return Cell { state, opaque, is_cut: false };
    }
    if !applies {
        return Cell { state: CellState::NotApplicable, opaque, is_cut };
    }
    let dead = dead_hooks(interp, hooks, goal, model, scenario);
    let state = if dead.is_empty() { CellState::Hole } else { CellState::Dead(dead) };
    Cell { state, opaque, is_cut }
}

/// Whether a run was cut short, so that more follows than it tells.
fn is_cut(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| *effect.kind == EffectKind::CutShort)
}
