//! Which edits of a many-to-many field reach an invalidation of an entry that holds its links.

use std::sync::Arc;

use super::dead::dead_edits;
use super::{Cell, CellState, DeadHook, Gap, OpenWrite, cell};
use crate::frameworks::Event;
use crate::graph::effect::{Early, Effect, EffectKind, Goal, Write, WriteKind};
use crate::graph::hooks::{Hooks, Sender};
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};
use crate::graph::migrations::{MigrationWrite, Migrations};
use crate::graph::writers::{Outcome, Site, Writers};
use crate::source::Location;

/// An edit of a many-to-many field.
#[derive(Clone, Copy)]
pub(super) struct Edit {
    /// What is done, as `m2m_changed` names it without the moment.
    action: &'static str,
    /// Whether it is done from the side that does not declare the field.
    reverse: bool,
}

/// Every edit of a many-to-many field.
pub(super) const EDITS: [Edit; 6] = [
    Edit { action: "add", reverse: false },
    Edit { action: "add", reverse: true },
    Edit { action: "remove", reverse: false },
    Edit { action: "remove", reverse: true },
    Edit { action: "clear", reverse: false },
    Edit { action: "clear", reverse: true },
];

/// The edits that can be made of a many-to-many field: those from the side that does not declare it need a way back.
pub(super) fn edits_of(
    interp: &mut Interp<'_>,
    owner: ClassId,
    field: &str,
) -> impl Iterator<Item = Edit> + use<> {
    let leads_back = !interp.relation(owner, field).is_some_and(|relation| relation.is_hidden());
    EDITS.into_iter().filter(move |edit| leads_back || !edit.reverse)
}

impl Edit {
    /// What hooks do on it, before and behind it.
    pub(super) fn follow(
        self,
        interp: &mut Interp<'_>,
        owner: ClassId,
        field: &str,
    ) -> Vec<Effect> {
        let moments = [format!("pre_{}", self.action), format!("post_{}", self.action)];
        interp.follow_link(owner, field, self.reverse, &moments)
    }
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
    /// Hooks on saving rows of the explicit through class that would drop the entry, and do not run.
    pub dead_saves: Vec<DeadHook>,
    /// The same on deleting them.
    pub dead_deletes: Vec<DeadHook>,
    /// Edits in sight after which nothing drops the entry, though other code does.
    pub open_writes: Vec<OpenWrite>,
    /// A write without signals whose own code drops the entry, with the drop.
    pub dropped_write: Option<(Site, Location)>,
    /// Edits whose own code drops the entry while it keeps a transaction open, with the drop.
    pub early_by_hand: Vec<(Site, Early)>,
    /// Edits by migrations that leave the entry stale.
    pub open_migrations: Vec<MigrationWrite>,
}

/// Follows the edits of a many-to-many field.
pub fn examine_links(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    owner: ClassId,
    field: &Arc<str>,
    goal: &Goal,
) -> LinkCoverage {
    interp.seek(Some(goal.clone()));
    let through = interp.through_of(owner, field);
    let mut open_edits = Vec::new();
    let mut covered: Option<CellState> = None;
    let mut opaque = false;
    let mut is_cut = false;
    for edit in edits_of(interp, owner, field) {
        let effects = edit.follow(interp, owner, field);
        opaque |= effects.iter().any(|effect| *effect.kind == EffectKind::Opaque);
        is_cut |= super::is_cut(&effects);
        match goal.reached_in(&effects) {
            Some(effect) => {
                covered = Some(CellState::covered_by(effect, goal));
            }
            None if edit.reverse => {
                open_edits.push(format!("{} from the other side", edit.action));
            }
            None => open_edits.push(edit.action.to_owned()),
        }
    }
    // A receiver for the model itself is reported by the rule about its sender.
    let is_meant = |interp: &mut Interp<'_>| {
        hooks.meant_for([owner], None).into_iter().any(|id| {
            let hook = &hooks[id];
            hook.event == Event::M2m
                && hook.sender == Sender::Class(owner)
                && goal.reached_in(&interp.follow_any(id, hook)).is_some()
        })
    };
    let state = match covered {
        Some(state) => state,
        None => match dead_edits(interp, hooks, goal, owner, field, through) {
            dead if dead.is_empty() && !is_meant(interp) => CellState::Hole,
            dead => CellState::Dead(dead),
        },
    };
    let mut dead_saves = Vec::new();
    let mut dead_deletes = Vec::new();
    let through_rows = match through {
        Some(through) => {
            let create = cell(interp, hooks, goal, through, &Scenario::Create, true);
            let delete = cell(interp, hooks, goal, through, &Scenario::Delete, true);
            let dead = |cell: &Cell| match &cell.state {
                CellState::Dead(found) => found.clone(),
                _ => Vec::new(),
            };
            dead_saves = dead(&create);
            dead_deletes = dead(&delete);
            match (&create.state, &delete.state) {
                (CellState::Covered { .. }, other)
                    if !matches!(other, CellState::Covered { .. }) =>
                {
                    delete
                }
                _ => create,
            }
        }
        None => Cell { state: CellState::NotApplicable, opaque: false, is_cut: false },
    };
    interp.seek(None);
    LinkCoverage {
        owner,
        field: field.clone(),
        through,
        edits: Cell { state, opaque, is_cut },
        open_edits,
        through_rows,
        dead_saves,
        dead_deletes,
        open_writes: Vec::new(),
        dropped_write: None,
        early_by_hand: Vec::new(),
        open_migrations: Vec::new(),
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

    /// Judges the edits by migrations, which no hook can cover.
    pub fn judge_migrations(
        &mut self,
        interp: &mut Interp<'_>,
        migrations: &Migrations,
        goal: &Goal,
    ) {
        let mut open = migrations.open_writes(interp, self.owner, goal);
        open.retain(|open| is_edit(&open.write.kind, &self.field));
        if let Some(through) = self.through {
            let rows = migrations.open_writes(interp, through, goal);
            open.extend(rows.into_iter().filter(|open| links(interp, through, &open.write)));
        }
        self.open_migrations = open;
    }

    /// Credits code that drops the entry next to its own edits, and finds the edits that do not.
    pub fn judge_writes(&mut self, interp: &mut Interp<'_>, writers: &mut Writers, goal: &Goal) {
        let mut edits = writers.of(interp, self.owner);
        edits.retain(|site| is_edit(&site.write.kind, &self.field));
        let mut judged = credit_sites(interp, writers, goal, edits, &mut self.edits);
        if let Some(through) = self.through {
            let mut rows = writers.of(interp, through);
            rows.retain(|site| links(interp, through, &site.write));
            let of_rows = credit_sites(interp, writers, goal, rows, &mut self.through_rows);
            judged.open.extend(of_rows.open);
            judged.dropped = judged.dropped.or(of_rows.dropped);
            judged.early.extend(of_rows.early);
        }
        self.open_writes = judged.open;
        self.dropped_write = judged.dropped;
        self.early_by_hand = judged.early;
    }
}

/// Whether a write edits the links of a many-to-many field.
fn is_edit(kind: &WriteKind, field: &Arc<str>) -> bool {
    match kind {
        WriteKind::Links { field: edited } | WriteKind::LinkRows { field: edited } => {
            edited == field
        }
        _ => false,
    }
}

/// Whether a write of rows of a through class changes what they link.
fn links(interp: &mut Interp<'_>, through: ClassId, write: &Write) -> bool {
    write.columns.as_ref().is_none_or(|columns| {
        columns.iter().any(|column| {
            let name = interp.column_name(through, column);
            interp.relation(through, &name).is_some()
        })
    })
}

/// What some sites leave to be told.
#[derive(Default)]
struct Judged {
    /// Writes that leave the entry stale.
    open: Vec<OpenWrite>,
    /// A write without signals whose own code drops the entry, with the drop.
    dropped: Option<(Site, Location)>,
    /// Writes that drop it before their transaction ends, with the drops.
    early: Vec<(Site, Early)>,
}

/// Credits a cell with the sites that drop the entry themselves; the others have forgotten it.
fn credit_sites(
    interp: &mut Interp<'_>,
    writers: &mut Writers,
    goal: &Goal,
    sites: Vec<Site>,
    cell: &mut Cell,
) -> Judged {
    let sends_signals = |site: &Site| {
        site.write.kind.sends_signals() || matches!(site.write.kind, WriteKind::Links { .. })
    };
    let mut judged = Judged::default();
    let mut forgotten = Vec::new();
    for site in sites {
        let by_hooks = !matches!(cell.state, CellState::Hole | CellState::ByHand { .. });
        if sends_signals(&site) && by_hooks && site.write.muted.is_none() {
            continue;
        }
        match writers.outcome(interp, &site, goal) {
            Outcome::ByHand { drop, is_sure } | Outcome::WhereMade { drop, is_sure } => {
                if is_sure && !sends_signals(&site) {
                    judged.dropped.get_or_insert((site.clone(), drop));
                }
                let is_better = match cell.state {
                    CellState::Hole => true,
                    CellState::ByHand { is_sure: false, .. } => is_sure,
                    _ => false,
                };
                if sends_signals(&site) && is_better {
                    cell.state = CellState::ByHand { drop, is_sure };
                }
                if let Some(early) = writers.early_drop(interp, &site, goal) {
                    judged.early.push((site, early));
                }
            }
            Outcome::Open | Outcome::Partly { .. } if sends_signals(&site) && by_hooks => {
                if let Some(at) = site.write.muted
                    && writers.is_muted(interp, &site, goal)
                {
                    judged.open.push(OpenWrite { site, gap: Gap::Muted(at) });
                }
            }
            Outcome::Open | Outcome::Partly { .. } if sends_signals(&site) => {
                forgotten.push(OpenWrite { site, gap: Gap::Forgotten });
            }
            Outcome::Open | Outcome::Partly { .. } => {
                judged.open.push(OpenWrite { site, gap: Gap::Bulk });
            }
            Outcome::Hooked => {}
        }
    }
    if matches!(cell.state, CellState::ByHand { is_sure: true, .. }) {
        judged.open.append(&mut forgotten);
    }
    judged
}
