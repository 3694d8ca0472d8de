//! What the graph found, put into words of the source: names and places instead of ids.

mod dead;
mod describe;
mod early;
mod mismatch;
mod places;
mod recipes;
mod words;

pub use describe::describe_entry;
pub use words::{
    CachedEntry, CachedLinks, CachedModel, Connected, DeadHook, DeadReason, DroppedWrite,
    EarlyDrop, LocalCopy, Mismatch, MovedRow, OpenWrite, Place, Side, SideState, SilentCascade,
};

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::ModelGraph;
use super::coverage::{self, Asked, ByHand, CellState, Coverage, LinkCoverage};
use super::entries::{Entry, Holder};
use super::feeds::Feed;
use super::hooks::Hooks;
use super::ids::ClassId;
use super::interp::{Crew, Interp};
use super::kept;
use super::key::Template;
use super::key_faults;
use super::migrations::{self, Migrations};
use super::survey::Survey;
use super::unasked;
use super::writers::{self, Wanted, Writers};
use crate::source::Location;
use dead::{
    DeadHooks, add_dead, collect_dead, collect_dead_edits, collect_many_to_many, collect_stray,
};
use describe::{confidence, describe, describe_links};
use early::{add_early, collect_early, collect_early_edits};
use mismatch::collect_mismatches;
use places::class_place;
use recipes::add_recipes;

/// How many interpreters share the judging: what callers of writers do is found anew by each.
const JUDGES: usize = 2;

/// Examines every entry and every dead hook; `interp` and `crew` know the hooks and are after drops.
pub fn find<'a>(
    interp: &mut Interp<'a>,
    crew: &mut Crew<'a>,
    hooks: &Hooks,
    entries: &[Entry],
    survey: &Survey,
    for_fixes: bool,
) -> ModelGraph {
    let mut graph = ModelGraph::default();
    let mut dead: DeadHooks = BTreeMap::new();
    let mut kept: Vec<Examined<'_>> = Vec::new();
    let mismatches = survey.mismatches(interp.program);
    let examined = crew.each(entries, |interp, entry| {
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
    let writers = writers::find(interp, crew, hooks, wanted);
    let outliving = models_that_outlive(interp, &kept);
    let migrations = migrations::find(interp, &outliving);
    let judged = crew.share(JUDGES, &writers, kept.into_par_iter(), |interp, writers, examined| {
        let entry = examined.entry;
        let mut judged = judge(interp, hooks, examined, writers, &migrations);
        if for_fixes && !entry.is_versioned() {
            add_recipes(interp, hooks, survey, entry, &mut judged.cached, &mut judged.links);
        }
        judged
    });
    for Judged { cached, links, early_drops, dead: of_entry } in judged {
        graph.cached.extend(cached);
        graph.links.extend(links);
        for early in early_drops {
            add_early(&mut graph.early_drops, early);
        }
        for (key, hook) in of_entry {
            add_dead(&mut dead, key, hook);
        }
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
        for (feed, coverage, hands) in &examined.feeds {
            let goal = examined.entry.goal();
            match coverage.is_left_to_hooks() && goal.version_of(feed.model).is_none() {
                true => wanted.silent.push(feed.model),
                false => wanted.all.push(feed.model),
            }
            if hands.anywhere {
                wanted.deletes.extend(coverage.targets_by_hand(interp, feed));
                wanted.deletes.extend(coverage.targets_in_silence(interp, feed));
            }
            wanted.deletes.extend(coverage.targets_inside(interp, feed, &goal));
        }
        for links in &examined.links {
            let target = interp.relation(links.owner, &links.field).and_then(|it| it.target);
            let models = [Some(links.owner), links.through, target];
            wanted.all.extend(models.into_iter().flatten());
        }
    }
    wanted
}

/// The models of entries that are there after new code is deployed, and with it after migrations.
fn models_that_outlive(interp: &mut Interp<'_>, kept: &[Examined<'_>]) -> Vec<ClassId> {
    let lasting = || kept.iter().filter(|examined| !examined.entry.is_process_local());
    let fed = lasting().flat_map(|examined| &examined.feeds);
    let mut models: Vec<ClassId> = fed.map(|(feed, ..)| feed.model).collect();
    for links in lasting().flat_map(|examined| &examined.links) {
        models.extend([Some(links.owner), links.through].into_iter().flatten());
    }
    models = models
        .iter()
        .flat_map(|model| interp.table_relatives(*model))
        .chain(models.iter().copied())
        .collect();
    models.sort_unstable();
    models.dedup();
    models
}

/// An entry that is meant to stay fresh, with what hooks do for each of its feeds.
struct Examined<'a> {
    entry: &'a Entry,
    survey: &'a Survey,
    feeds: Vec<(&'a Feed, Coverage, ByHand)>,
    links: Vec<LinkCoverage>,
    described: CachedEntry,
}

impl Examined<'_> {
    /// The calls by which hooks drop the entry.
    fn hooked_drops(&self) -> impl Iterator<Item = Location> {
        self.feeds.iter().flat_map(|(_, coverage, _)| drops_of_hooks(coverage))
    }
}

/// The calls by which hooks drop an entry.
fn drops_of_hooks(coverage: &Coverage) -> impl Iterator<Item = Location> {
    coverage.cells().into_iter().filter_map(|cell| match &cell.state {
        CellState::Covered { drop, .. } => Some(*drop),
        _ => None,
    })
}

/// Follows the hooks of each model and each many-to-many field that feeds an entry; `None` where the
/// entry is not meant to stay fresh.
fn examine<'a>(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    entry: &'a Entry,
    survey: &'a Survey,
    mismatches: &BTreeMap<Location, Arc<Template>>,
    graph: &mut ModelGraph,
) -> Option<Examined<'a>> {
    let goal = entry.goal();
    // A page lives for the time that its decorator says: who empties the whole cache means other entries.
    if entry.is_of_responses() && !survey.names_key_of(interp.program, &goal) {
        return None;
    }
    // A queue is no copy of rows: who takes out what others put in does not look it up.
    if entry.only_grows() && survey.lookups_of(interp, entry).next().is_none() {
        return None;
    }
    let mut feeds: Vec<(&Feed, Coverage, ByHand)> = Vec::new();
    let is_looked_after = entry.is_read_through() || survey.drops_key_of(interp.program, &goal);
    let is_own = |site| entry.fills.iter().any(|stored| stored.site == site);
    let is_carried_on =
        !is_looked_after && !survey.is_stored_blindly(interp.program, &goal, is_own);
    let mut is_stored_by_hooks = false;
    for feed in &entry.feeds.models {
        let goal = entry.goal_for(feed);
        let mut coverage = coverage::examine(interp, hooks, entry, feed, &goal);
        is_stored_by_hooks |= coverage.has_sure_hooks();
        if is_carried_on {
            coverage.forget_stores(entry);
        }
        if coverage.leaves_deleted_rows() && unasked::is_told_by_row(interp, survey, entry, feed) {
            coverage.leave_deleted_rows();
        }
        let asked = Asked {
            who: coverage.is_opaque(),
            is_only_feed: entry.feeds.models.len() == 1,
            is_looked_after: entry.is_read_through(),
        };
        let hands = match coverage.has_holes() || entry.may_run_out() {
            true => coverage::by_hand(interp, hooks, &goal, feed, survey, asked),
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
    let is_dropped = by_feeds
        || links.iter().any(LinkCoverage::is_covered)
        || entry.is_listed()
        || entry.is_versioned()
        // Of links alone, who edits them drops it by hand.
        || (entry.feeds.models.is_empty() && survey.drops_key_of(interp.program, &goal));
    let described = describe_entry(interp, entry);
    let by_hooks: Vec<Location> =
        feeds.iter().flat_map(|(_, coverage, _)| drops_of_hooks(coverage)).collect();
    if kept::is_renewed_elsewhere(interp, hooks, survey, entry, &by_hooks) {
        return None;
    }
    if entry.is_process_local() && !entry.may_run_out() {
        graph.process_local.push(LocalCopy { entry: described.clone(), written: None });
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
                    columns: None,
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
            let is_told = survey.names_key_of(interp.program, &goal)
                || (entry.is_read_through() && survey.is_renewed(interp.program, &goal));
            let is_left_behind = entry.tells_counter() && survey.may_count(interp.program, &goal);
            if !is_left_behind && !is_told && !is_stored_by_hooks && !entry.only_grows() {
                graph.never_dropped.push(described);
            }
            return None;
        }
    }
    Some(Examined { entry, survey, feeds, links, described })
}

/// What is told of an entry.
#[derive(Default)]
struct Judged {
    cached: Vec<CachedModel>,
    links: Vec<CachedLinks>,
    early_drops: Vec<EarlyDrop>,
    dead: DeadHooks,
}

/// Judges the writes in sight of what feeds an entry, and puts everything into words.
fn judge(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    examined: Examined<'_>,
    writers: &mut Writers,
    migrations: &Migrations,
) -> Judged {
    let mut judged = Judged::default();
    let Examined { entry, survey, feeds, links, described } = examined;
    let goal = entry.goal();
    let is_renewed =
        entry.is_process_local() || migrations::drop_when_migrated(interp, hooks, &goal);
    for (feed, mut coverage, hands) in feeds {
        let goal = entry.goal_for(feed);
        if coverage.has_holes()
            && interp.is_unmanaged(feed.model)
            && !interp.is_written(feed.model)
            && writers.of(interp, feed.model).is_empty()
        {
            coverage.leave_unwritten();
        }
        coverage.judge_writes(interp, writers, feed, &goal, &hands, survey);
        if let Some(column) = entry.moving_column(interp, feed) {
            coverage.judge_moves(interp, writers, feed, &goal, &column, survey);
        }
        coverage.judge_cascades(interp, writers, feed, &goal);
        coverage.judge_deletes_inside(interp, writers, feed, &goal);
        // Whether such rows were meant to move what the key holds, only those tell that do.
        if entry.is_versioned() {
            if !coverage.is_meant() {
                continue;
            }
            coverage.leave_holes();
        }
        coverage.open_writes.sort_by_key(|open| open.site.location);
        if !is_renewed {
            coverage.judge_migrations(interp, migrations, feed, &goal);
        }
        let cached = describe(interp, hooks, entry, &described, feed, &coverage, &goal);
        collect_dead(interp, hooks, &cached, &coverage, &mut judged.dead);
        let early_drops = &mut judged.early_drops;
        collect_early(interp, hooks, &cached, &coverage, feed, &goal, early_drops);
        judged.cached.push(cached);
    }
    for mut coverage in links.into_iter().filter(|_| !entry.is_versioned()) {
        coverage.judge_writes(interp, writers, &goal);
        if !is_renewed {
            coverage.judge_migrations(interp, migrations, &goal);
        }
        let cached = describe_links(interp, hooks, entry, &described, &coverage);
        collect_dead_edits(interp, hooks, &cached, &coverage, &mut judged.dead);
        collect_early_edits(interp, hooks, &cached, &coverage, &goal, &mut judged.early_drops);
        judged.links.push(cached);
    }
    judged
}
