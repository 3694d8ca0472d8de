//! What each part of the graph says of the cells of a row.
//!
//! The first evidence of a hole is where its rule reports it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Column, Fed, Row, State};
use crate::graph::{
    CachedEntry, CachedLinks, CachedModel, DeadHook, DeadReason, DroppedWrite, FeedKind, Gap,
    ModelGraph, OpenWrite, Place, Side, SideState, Stays,
};
use crate::rules::{Confidence, Evidence, WritePath};
use crate::source::Location;

/// A row's model, by its place and name, and its entry: where it is held, under which label.
type Key = (Location, String, Option<(Location, String)>);

/// Collects the rows of a matrix.
pub struct Builder<'g> {
    graph: &'g ModelGraph,
    min: Confidence,
    /// Tables that stand in one SQL text only stand at one place.
    labels: BTreeMap<(Location, &'g str), &'g str>,
    rows: BTreeMap<Key, Row>,
    /// The dead hooks that a row tells of, each with the model.
    told: BTreeSet<(Location, Location)>,
}

impl<'g> Builder<'g> {
    /// Without rows yet; what is less sure than `min` to be a hole is unknown.
    pub fn new(graph: &'g ModelGraph, min: Confidence) -> Builder<'g> {
        let labels = graph
            .models
            .iter()
            .map(|model| ((model.place.location, model.place.name.as_str()), model.label.as_str()));
        let labels = labels.collect();
        Builder { graph, min, labels, rows: BTreeMap::new(), told: BTreeSet::new() }
    }

    /// The rows, in source order.
    pub fn finish(self) -> Vec<Row> {
        self.rows.into_values().collect()
    }

    /// A model that feeds an entry: all but the links between its rows.
    pub fn add_model(&mut self, cached: &CachedModel) {
        let save = self.save(cached);
        let delete = self.delete(cached);
        let dropped = cached.dropped_write.as_ref();
        let bulk = self.bulk(&cached.open_writes, dropped, cached.confidence);
        let moved = self.moved(cached);
        let mut relations = self.cascades(cached);
        if cached.kind != FeedKind::Own {
            relations.merge(&save);
            relations.merge(&delete);
        }
        let row = self.row(&cached.model, Some(&cached.entry));
        let fed = Fed {
            kind: cached.kind,
            relation: cached.relation.clone(),
            confidence: cached.confidence,
        };
        if !row.feeds.contains(&fed) {
            row.feeds.push(fed);
        }
        for (column, cell) in [
            (Column::Save, save),
            (Column::Delete, delete),
            (Column::Relations, relations),
            (Column::Bulk, bulk),
            (Column::Moved, moved),
        ] {
            row.cell_mut(column).merge(&cell);
        }
    }

    /// The links between rows that reach an entry, and the rows of a through model that make them.
    pub fn add_links(&mut self, links: &CachedLinks) {
        let edits = self.edits(links);
        let dropped = links.dropped_write.as_ref();
        let bulk = self.bulk(&links.open_writes, dropped, links.confidence);
        let row = self.row(&links.model, Some(&links.entry));
        row.cell_mut(Column::M2m).merge(&edits);
        row.cell_mut(Column::Bulk).merge(&bulk);
        if let Some(through) = &links.through {
            let rows = self.through_rows(links);
            self.row(through, Some(&links.entry)).cell_mut(Column::M2m).merge(&rows);
        }
    }

    /// A hook that never runs, where no cell tells of it yet: for a proxy, or of an entry unknown.
    pub fn add_dead(&mut self, dead: &DeadHook) {
        let entry = dead.entry.as_ref().and_then(|label| {
            let cached = self.graph.cached.iter().find(|cached| cached.entry.label == *label)?;
            Some(&cached.entry)
        });
        for model in &dead.models {
            if self.told.contains(&(dead.hook.location, model.location)) {
                continue;
            }
            let state = self.hole(dead.confidence);
            let row = self.row(model, entry);
            for path in &dead.write_paths {
                row.cell_mut(column(*path)).add(state, [never_runs(dead)]);
            }
        }
    }

    fn row(&mut self, model: &Place, entry: Option<&CachedEntry>) -> &mut Row {
        let held = entry.map(|entry| (entry.holder.location, entry.label.clone()));
        let label = self
            .labels
            .get(&(model.location, model.name.as_str()))
            .map_or(model.name.as_str(), |label| label);
        self.rows
            .entry((model.location, model.name.clone(), held))
            .or_insert_with(|| Row::new(model, label.to_owned(), entry))
    }

    /// The state of a hole that is so sure.
    fn hole(&self, confidence: Confidence) -> State {
        if confidence >= self.min { State::Hole } else { State::Unknown }
    }

    fn save(&mut self, cached: &CachedModel) -> Cell {
        let mut cell = Cell::default();
        let (create, update) = (&cached.create, &cached.update);
        self.side(&mut cell, cached, create, WritePath::Create);
        self.side(&mut cell, cached, update, WritePath::Update);
        let hole = self.hole(cached.confidence);
        let partly = match (create.state, update.state) {
            (SideState::Covered, SideState::Hole) => Some((create, "new rows only".to_owned())),
            (SideState::Hole, SideState::Covered) => {
                Some((update, "rows that are saved again only".to_owned()))
            }
            (_, SideState::Covered) if !cached.open_columns.is_empty() => {
                let columns = cached.open_columns.join("`, `");
                Some((update, format!("all columns but `{columns}`")))
            }
            _ => None,
        };
        if let Some((side, what)) = partly {
            let hook = side.hook.as_ref().unwrap_or(&cached.model);
            cell.add(hole, [at(hook, format!("this drops the entry for {what}"))]);
            let reads = cached.relation.as_ref();
            cell.add(hole, reads.map(|relation| at(relation, READS)));
        }
        cell
    }

    fn delete(&mut self, cached: &CachedModel) -> Cell {
        let mut cell = Cell::default();
        self.side(&mut cell, cached, &cached.delete, WritePath::Delete);
        if let Some((hook, _)) = &cached.bypassed_override {
            let past = |open: &&OpenWrite| open.gap == Gap::PastOverride;
            let sites = cached.open_writes.iter().filter(past);
            let sites = sites.map(|open| at(&open.site, words(open)));
            let hook = at(hook, "deletes by querysets and cascades do not call this override");
            cell.add(self.hole(cached.confidence), sites.chain([hook]));
        }
        cell
    }

    /// What follows from one write path of a cached model.
    fn side(&mut self, cell: &mut Cell, cached: &CachedModel, side: &Side, path: WritePath) {
        match side.state {
            SideState::Covered => cell.add(State::Covered, covering(side)),
            SideState::ByHand => {
                let drop = side.drop.map(|drop| said(drop, "code that writes rows drops it here"));
                cell.add(State::Covered, drop);
            }
            SideState::NotApplicable => {}
            SideState::Dead => {
                let dead = self.dead_hooks(&cached.model, path);
                self.never(cell, dead);
            }
            SideState::Hole => {
                let doing = match path {
                    WritePath::Create => "creating a row",
                    WritePath::Update => "saving a row again",
                    _ => "deleting a row",
                };
                let open = match &cached.relation {
                    Some(relation) => at(relation, READS),
                    None => at(&cached.model, format!("{doing} does not drop the entry")),
                };
                let idle = cached.idle.iter().map(|hook| at(hook, "runs, but does not drop it"));
                let refused = cached.refused.iter();
                let refused =
                    refused.map(|hook| at(hook, "was refused: its `dispatch_uid` is taken"));
                let state = match is_told(cached, path) {
                    true => self.hole(cached.confidence),
                    false => State::Unknown,
                };
                cell.add(state, [open].into_iter().chain(idle).chain(refused));
            }
        }
    }

    /// The hooks that would run for a write path of a model.
    fn dead_hooks(&self, model: &Place, path: WritePath) -> Vec<&'g DeadHook> {
        let dead = self.graph.dead_hooks.iter();
        dead.filter(|dead| dead.models.contains(model) && dead.write_paths.contains(&path))
            .collect()
    }

    /// Only hooks that never run would drop the entry.
    fn never(&mut self, cell: &mut Cell, hooks: Vec<&DeadHook>) {
        cell.add(State::Unknown, []);
        for dead in hooks {
            cell.add(self.hole(dead.confidence), [never_runs(dead)]);
            let models = dead.models.iter().map(|model| (dead.hook.location, model.location));
            self.told.extend(models);
        }
    }

    fn bulk(
        &self,
        writes: &[OpenWrite],
        dropped: Option<&DroppedWrite>,
        confidence: Confidence,
    ) -> Cell {
        let mut cell = Cell::default();
        if let Some(DroppedWrite { site, drop }) = dropped {
            let writes = format!("`{}` writes rows without signals", site.name);
            cell.add(State::Covered, [at(site, writes), said(*drop, "drops the entry")]);
        }
        for open in writes.iter().filter(|open| open.gap != Gap::PastOverride) {
            cell.add(self.hole(confidence), [at(&open.site, words(open))]);
        }
        cell
    }

    fn moved(&self, cached: &CachedModel) -> Cell {
        let mut cell = Cell::default();
        if let Some(moved) = &cached.moved {
            let hole = self.hole(cached.confidence);
            let (state, known, only) = match moved.stays {
                Some(Stays::Left) => (hole, "present", " only"),
                Some(Stays::Reached) => (hole, "previous", " only"),
                None => (State::Covered, "previous and of the present", ""),
            };
            let drops = format!("drops the entry of the {known} `{}`{only}", moved.column);
            let chooses = said(moved.field, "this chooses the entry");
            cell.add(state, [at(&moved.hook, drops), chooses]);
        }
        cell
    }

    fn cascades(&self, cached: &CachedModel) -> Cell {
        let mut cell = Cell::default();
        for cascade in &cached.silent_cascades {
            let target = &cascade.target.name;
            let changes = format!("deleting a `{target}` changes rows without a signal");
            cell.add(self.hole(cached.confidence), [at(&cascade.relation, changes)]);
        }
        cell
    }

    fn edits(&mut self, links: &CachedLinks) -> Cell {
        let mut cell = Cell::default();
        match links.edits.state {
            SideState::Covered => {
                cell.add(State::Covered, covering(&links.edits));
                if !links.open_edits.is_empty() {
                    let open = links.open_edits.join(", ");
                    let open = at(&links.relation, format!("not for these edits: {open}"));
                    cell.add(self.hole(links.confidence), [open]);
                }
            }
            SideState::ByHand => cell.add(State::Covered, covering(&links.edits)),
            SideState::NotApplicable => {}
            SideState::Dead => {
                let mut dead = self.dead_hooks(&links.model, WritePath::M2mChange);
                dead.retain(|dead| matches!(dead.reason, DeadReason::ModelForThrough(_)));
                self.never(&mut cell, dead);
            }
            SideState::Hole => {
                let open = at(&links.relation, "edits of these links do not drop the entry");
                cell.add(self.hole(links.confidence), [open]);
            }
        }
        cell
    }

    fn through_rows(&self, links: &CachedLinks) -> Cell {
        let mut cell = Cell::default();
        match links.through_rows.state {
            SideState::Covered | SideState::ByHand => {
                cell.add(State::Covered, covering(&links.through_rows));
            }
            SideState::NotApplicable => {}
            // Of these no rule tells why they do not run.
            SideState::Dead => cell.add(State::Unknown, []),
            SideState::Hole => {
                let open = at(&links.relation, "writing a row of the link does not drop the entry");
                cell.add(self.hole(links.confidence), [open]);
            }
        }
        cell
    }
}

impl Cell {
    fn merge(&mut self, other: &Cell) {
        self.add(other.state, other.evidence.iter().cloned());
    }
}

/// What stands at a relation whose target's writes leave the entry stale.
const READS: &str =
    "the value reads rows by this relation, and writing one does not drop the entry";

fn at(place: &Place, message: impl Into<String>) -> Evidence {
    said(place.location, message)
}

fn said(location: Location, message: impl Into<String>) -> Evidence {
    Evidence { location, message: message.into() }
}

/// Whether a rule reports that nothing covers a write path. New rows that no code in sight creates,
/// while code that saves them again drops the entry, are left alone; so is the reverse.
fn is_told(cached: &CachedModel, path: WritePath) -> bool {
    let (create, update) = (cached.create.state, cached.update.state);
    let is_related = cached.kind != FeedKind::Own;
    match path {
        WritePath::Create => is_related || matches!(update, SideState::Hole | SideState::Covered),
        WritePath::Update => match create {
            SideState::ByHand => false,
            SideState::Dead => is_related,
            _ => true,
        },
        _ => true,
    }
}

/// The hook and the call that cover a write path.
fn covering(side: &Side) -> Vec<Evidence> {
    let hook = side.hook.as_ref().map(|hook| at(hook, format!("`{}` runs", hook.name)));
    let drop = side.drop.map(|drop| said(drop, "drops the entry"));
    hook.into_iter().chain(drop).collect()
}

fn never_runs(dead: &DeadHook) -> Evidence {
    at(&dead.hook, format!("`{}` would drop the entry, but never runs", dead.hook.name))
}

/// What a write in sight leaves out.
fn words(open: &OpenWrite) -> String {
    let name = &open.site.name;
    match open.gap {
        Gap::Bulk => format!("`{name}` writes rows without signals and does not drop the entry"),
        Gap::Migration => {
            format!("migration `{name}` writes rows past receivers and does not drop the entry")
        }
        Gap::Muted(_) => {
            format!("`{name}` keeps the receivers that drop the entry from running")
        }
        Gap::Sql => format!("SQL in `{name}` writes rows, and nothing drops the entry"),
        Gap::Forgotten => format!("`{name}` does not drop the entry; other writers do"),
        Gap::Kept => format!("`{name}` saves columns, and not the one that the key holds"),
        Gap::Left => format!("`{name}` moves rows and drops only the entry that they come to"),
        Gap::Cascade => {
            format!("`{name}` deletes what takes the rows with it, and does not drop the entry")
        }
        Gap::Late => {
            format!("`{name}` deletes rows in a transaction at whose end their keys are lost")
        }
        Gap::PastOverride => format!("`{name}` goes past the override that drops the entry"),
    }
}

/// The column of the write paths that hooks wait for.
fn column(path: WritePath) -> Column {
    match path {
        WritePath::Delete => Column::Delete,
        WritePath::M2mChange => Column::M2m,
        _ => Column::Save,
    }
}
