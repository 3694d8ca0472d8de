//! Puts an entry, the models and links that feed it, and their writes into words.

use super::places::{class_place, field_place, function_place, hook_place, hook_ref_place};
use super::{
    CachedEntry, CachedLinks, CachedModel, DroppedWrite, MovedRow, OpenWrite, Place, Side,
    SideState, SilentCascade,
};
use crate::graph::coverage::{self, Cell, CellState, Coverage, LinkCoverage};
use crate::graph::effect::{Goal, HookRef, WriteKind};
use crate::graph::entries::{Entry, Holder};
use crate::graph::examples::Examples;
use crate::graph::feeds::Feed;
use crate::graph::hooks::{HookState, Hooks};
use crate::graph::interp::Interp;
use crate::graph::migrations::MigrationWrite;
use crate::graph::recipes::Recipe;
use crate::graph::writers::Site;
use crate::rules::{Confidence, WritePath};
use crate::source::Location;

/// An entry in words of the source.
pub fn describe_entry(interp: &Interp<'_>, entry: &Entry) -> CachedEntry {
    let program = interp.program;
    let (holder, attribute) = match &entry.holder {
        Holder::Manager { attribute, class, declared_at, .. } => {
            (Place { name: class.clone(), location: *declared_at }, Some(attribute.clone()))
        }
        Holder::Function(function) => (function_place(interp, *function), None),
    };
    let stored = entry.fills.iter();
    CachedEntry {
        label: entry.label(program),
        holder,
        lister: entry.goal().listed_at(),
        attribute,
        variable: entry.variable().and_then(|name| {
            let variable = program.variables.named(name)?;
            Some(Place { name: name.to_owned(), location: variable.place })
        }),
        stored: stored
            .map(|stored| Place { name: stored.fill.key.to_string(), location: stored.site })
            .collect(),
        version: entry.versions().first().map(|version| version.column.to_string()),
    }
}

pub(super) fn describe(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    entry: &Entry,
    described: &CachedEntry,
    feed: &Feed,
    coverage: &Coverage,
    goal: &Goal,
) -> CachedModel {
    let silent_cascades = match coverage.is_unwritten {
        true => Vec::new(),
        false => coverage::silent_cascades(interp, feed, goal),
    };
    let program = interp.program;
    let relation = feed.via.as_ref().map(|via| field_place(interp, via.owner, &via.field));
    let open_writes = coverage.open_writes.iter().map(|open| describe_write(interp, open));
    let by_migrations = coverage.open_migrations.iter();
    let by_migrations = by_migrations.map(|open| describe_migration(interp, open));
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
        has_signals: true,
        idle: coverage.idle.iter().map(|id| hook_place(interp, &hooks[*id])).collect(),
        refused: hooks
            .meant_for([feed.model], None)
            .into_iter()
            .map(|id| &hooks[id])
            .filter(|hook| {
                hook.state == HookState::SameUid && hook.hears(interp.program, feed.model)
            })
            .map(|hook| hook_place(interp, hook))
            .collect(),
        open_writes: open_writes.chain(by_migrations).collect(),
        dropped_write: describe_dropped(interp, coverage.dropped_write.as_ref()),
        bypassed_override: coverage
            .bypassed_override
            .map(|bypass| (function_place(interp, bypass.function), bypass.by_querysets)),
        moved: coverage.moved.as_ref().map(|moved| MovedRow {
            column: moved.column.to_string(),
            stays: moved.stays,
            field: field_place(interp, feed.model, &moved.column).location,
            hook: hook_ref_place(interp, hooks, moved.hook),
            drop: moved.drop,
        }),
        moving: coverage.moving.as_ref().map(|column| Place {
            name: column.to_string(),
            ..field_place(interp, feed.model, column)
        }),
        silent_cascades: silent_cascades
            .into_iter()
            .map(|(field, target)| SilentCascade {
                relation: field_place(interp, feed.model, &field),
                target: class_place(interp, target),
                recipe: Recipe::default(),
            })
            .collect(),
        recipe: Recipe::default(),
        examples: Examples::default(),
        relation,
    }
}

pub(super) fn describe_links(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    entry: &Entry,
    described: &CachedEntry,
    coverage: &LinkCoverage,
) -> CachedLinks {
    let open_writes = coverage.open_writes.iter().map(|open| describe_write(interp, open));
    let by_migrations = coverage.open_migrations.iter();
    let by_migrations = by_migrations.map(|open| describe_migration(interp, open));
    CachedLinks {
        open_writes: open_writes.chain(by_migrations).collect(),
        dropped_write: describe_dropped(interp, coverage.dropped_write.as_ref()),
        relation: field_place(interp, coverage.owner, &coverage.field),
        model: class_place(interp, coverage.owner),
        through: coverage.through.map(|through| class_place(interp, through)),
        entry: described.clone(),
        confidence: confidence(entry, coverage.edits.opaque || coverage.edits.is_cut),
        edits: side(interp, hooks, &coverage.edits),
        open_edits: coverage.open_edits.clone(),
        through_rows: side(interp, hooks, &coverage.through_rows),
        recipe: None,
        through_recipe: Recipe::default(),
    }
}

pub(super) fn confidence(entry: &Entry, opaque: bool) -> Confidence {
    match (opaque || entry.is_vague(), entry.is_by_convention()) {
        (true, _) => Confidence::Low,
        (false, true) => Confidence::Medium,
        (false, false) => Confidence::High,
    }
}

pub(super) fn path_of(kind: &WriteKind) -> WritePath {
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

/// How sure it can be which rows a site writes.
pub(super) fn certainty(site: &Site) -> Confidence {
    match site.write.is_supposed {
        true => Confidence::Medium,
        false => Confidence::High,
    }
}

fn describe_write(interp: &Interp<'_>, open: &coverage::OpenWrite) -> OpenWrite {
    OpenWrite {
        site: site_place(interp, &open.site),
        gap: open.gap,
        path: path_of(&open.site.write.kind),
        certainty: certainty(&open.site),
    }
}

fn describe_dropped(
    interp: &Interp<'_>,
    dropped: Option<&(Site, Location)>,
) -> Option<DroppedWrite> {
    let (site, drop) = dropped?;
    Some(DroppedWrite { site: site_place(interp, site), drop: *drop })
}

fn site_place(interp: &Interp<'_>, site: &Site) -> Place {
    Place { name: interp.program.qualified_function(site.function), location: site.location }
}

fn describe_migration(interp: &Interp<'_>, open: &MigrationWrite) -> OpenWrite {
    let name = interp.program.modules.name(open.location.file).to_owned();
    OpenWrite {
        site: Place { name, location: open.location },
        gap: coverage::Gap::Migration,
        path: WritePath::DataMigration,
        certainty: Confidence::High,
    }
}

fn side(interp: &Interp<'_>, hooks: &Hooks, cell: &Cell) -> Side {
    match &cell.state {
        CellState::Covered { hook, drop, .. } => Side {
            hook: hook
                .filter(|hook| !matches!(hook, HookRef::Library(_)))
                .map(|hook| hook_ref_place(interp, hooks, hook)),
            drop: Some(*drop),
            ..Side::of(SideState::Covered)
        },
        CellState::Dead(_) => Side::of(SideState::Dead),
        CellState::ByHand { drop, .. } => Side { drop: Some(*drop), ..Side::of(SideState::ByHand) },
        CellState::NotApplicable => Side::of(SideState::NotApplicable),
        CellState::Hole => Side::of(SideState::Hole),
    }
}
