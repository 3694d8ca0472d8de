//! Which writes of the rows that feed an entry drop it: by a hook, or by the code that writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::channels::done_for;
use super::effect::{Act, Effect, Write};
use super::entries::Entry;
use super::hooks::Hook;
use super::other_writes::OtherWrites;
use super::program::Program;
use super::run::Outcome;
use super::strays::{Stray, strays};
use super::tables::TableId;
use super::types::Ty;
use crate::frameworks::Verb;
use crate::graph::ids::FunctionId;
use crate::graph::key::Template;
use crate::source::{Location, Role};

/// What every function of the program does.
pub struct Runs {
    pub(super) by_function: FxHashMap<FunctionId, Arc<Outcome>>,
    pub(super) callers: FxHashMap<FunctionId, Vec<FunctionId>>,
    /// The writes that functions do themselves, by table, in source order.
    writes: BTreeMap<TableId, Vec<(FunctionId, Location, Write)>>,
    /// The same of those in migrations, which run before the program that caches.
    migrations: BTreeMap<TableId, Vec<(FunctionId, Location, Write)>>,
    /// Drops of keys that nothing in sight stores or looks up.
    pub(super) strays: Vec<Stray>,
    /// The functions that say which rows they write, in source order.
    pub(super) aiming: Vec<FunctionId>,
    /// The functions that drop something, in source order.
    pub(super) dropping: Vec<FunctionId>,
}

/// A side of a table: how its rows change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Rows are inserted.
    Insert,
    /// Rows are changed.
    Update,
    /// Rows are deleted.
    Delete,
}

/// A write that no drop follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The function that writes.
    pub function: FunctionId,
    /// The call.
    pub site: Location,
    /// What it writes.
    pub write: Write,
}

/// What follows from the writes of one side.
#[derive(Debug, Default)]
pub struct Followed {
    /// The hook that drops the entry, with the drop.
    pub hook: Option<(FunctionId, Location)>,
    /// The drop behind a write, where one is.
    pub by_hand: Option<Location>,
    /// A write of many rows, or one past hooks, that a drop follows.
    pub dropped: Option<(FunctionId, Location, Location)>,
    /// The writes that none follows.
    pub open: Vec<Open>,
    /// The writes that one follows in the same function.
    pub behind: Vec<Behind>,
}

/// A drop of an entry that follows a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The function that writes.
    pub function: FunctionId,
    /// Where it writes.
    pub write: Location,
    /// Where it drops the entry.
    pub place: Location,
    /// Whether who receives a message does it.
    pub by_message: bool,
}

impl Runs {
    /// Orders what functions do by what is asked of it.
    pub fn of(program: &Program<'_>, runs: &[(FunctionId, Arc<Outcome>)], hooks: &[Hook]) -> Runs {
        let mut callers: FxHashMap<FunctionId, Vec<FunctionId>> = FxHashMap::default();
        let mut writes: BTreeMap<TableId, Vec<(FunctionId, Location, Write)>> = BTreeMap::new();
        let mut migrations = BTreeMap::new();
        for (function, outcome) in runs {
            for callee in &outcome.calls {
                callers.entry(*callee).or_default().push(*function);
            }
            if hooks.iter().any(|hook| hook.function == *function) {
                continue;
            }
            let found = match program.role(function.file) {
                Role::Migration => &mut migrations,
                Role::Production | Role::Test => &mut writes,
            };
            let mut seen: BTreeSet<(Location, Write)> = BTreeSet::new();
            for effect in outcome.effects.iter().filter(|effect| effect.function == *function) {
                if let Act::Write(write) = &effect.act
                    && seen.insert((effect.site, write.clone()))
                {
                    let all: &mut Vec<_> = found.entry(write.table).or_default();
                    all.push((*function, effect.site, write.clone()));
                }
            }
        }
        let doing = |is_it: fn(&Act) -> bool| {
            let does = |outcome: &Outcome| outcome.effects.iter().any(|it| is_it(&it.act));
            let found = runs.iter().filter(|(_, outcome)| does(outcome));
            let mut found: Vec<FunctionId> = found.map(|(function, _)| *function).collect();
            found.sort_unstable();
            found
        };
        let aiming = doing(|act| matches!(act, Act::Aim(..)));
        let dropping = doing(|act| matches!(act, Act::Drop(..) | Act::Patch(_)));
        let by_function = runs.iter().cloned().collect();
        let strays = strays(runs);
        Runs { by_function, callers, writes, migrations, strays, aiming, dropping }
    }

    /// Whether a function drops anything.
    pub fn drops(&self, function: FunctionId) -> bool {
        let outcome = self.by_function.get(&function);
        let drops = |effect: &Effect| matches!(effect.act, Act::Drop(..) | Act::Patch(_));
        outcome.is_some_and(|outcome| outcome.effects.iter().any(drops))
    }

    /// Whether anything that functions do drops an entry, storing values left out.
    pub fn is_dropped(&self, entry: &Entry) -> bool {
        let drops = |effect: &Effect| entry.is_cleared_by(&effect.act);
        self.by_function.values().any(|outcome| outcome.effects.iter().any(drops))
    }

    /// Whether a function that writes rows of an entry drops whatever it holds, not only what is old.
    pub fn is_dropped_as_a_whole(&self, entry: &Entry) -> bool {
        let whole = Template::hole("*");
        let drops = |effect: &Effect| match &effect.act {
            Act::Drop(_, Some(key)) => **key == whole && entry.is_cleared_by(&effect.act),
            act => matches!(act, Act::Drop(_, None)) && entry.is_cleared_by(act),
        };
        let feeds = |table: TableId| entry.rows.iter().any(|source| source.table == table);
        let writes = |effect: &Effect| matches!(&effect.act, Act::Write(it) if feeds(it.table));
        self.by_function
            .values()
            .any(|outcome| outcome.effects.iter().any(drops) && outcome.effects.iter().any(writes))
    }

    /// Whether a function puts a new value in the place of an entry behind its own write of the rows.
    pub fn is_renewed(&self, entry: &Entry) -> bool {
        let feeds = |write: &Write| {
            let mut of_it = entry.rows.iter().filter(|source| source.table == write.table);
            of_it.any(|source| write.verb != Verb::Insert || source.lists)
        };
        self.by_function.iter().any(|(function, outcome)| {
            let own = |effect: &Effect| {
                effect.function == *function && matches!(&effect.act, Act::Write(it) if feeds(it))
            };
            let Some(first) = outcome.effects.iter().position(own) else { return false };
            outcome.effects[first..]
                .iter()
                .any(|effect| entry.is_dropped_by(&effect.act) && !outcome.looks_up(entry, effect))
        })
    }

    /// Whether a library drops an entry by a method of its own trait, when nobody knows: one that writes no
    /// rows of the entry itself.
    pub fn is_dropped_by_library(&self, entry: &Entry, program: &Program<'_>) -> bool {
        let feeds = |table: TableId| entry.rows.iter().any(|source| source.table == table);
        let writes = |effect: &Effect| matches!(&effect.act, Act::Write(it) if feeds(it.table));
        let drops = |effect: &Effect| entry.is_cleared_by(&effect.act);
        self.by_function.iter().any(|(function, outcome)| {
            outcome.effects.iter().any(drops)
                && !outcome.effects.iter().any(writes)
                && program.is_called_by_library(*function)
        })
    }

    /// Whether an entry is dropped for messages that nothing in sight sends.
    pub fn is_dropped_from_outside(&self, entry: &Entry, sent: &FxHashSet<Ty>) -> bool {
        self.by_function.values().any(|outcome| {
            let mut heard = done_for(outcome, |ty| !sent.contains(ty));
            heard.any(|effect| entry.is_covered_by(&effect.act))
        })
    }

    /// The writes of a table that change a side of it.
    pub fn writes_of(
        &self,
        table: TableId,
        side: Side,
    ) -> impl Iterator<Item = &(FunctionId, Location, Write)> {
        self.writes
            .get(&table)
            .into_iter()
            .flatten()
            .filter(move |(_, _, write)| side == Side::of(write.verb))
    }

    /// What follows from the writes of a side of a table; `columns` are those that feed the entry.
    pub fn follow(
        &self,
        entry: &Entry,
        hooks: &[Hook],
        table: TableId,
        side: Side,
        columns: Option<&BTreeSet<Arc<str>>>,
    ) -> Followed {
        let mut followed =
            Followed { hook: covering_hook(entry, hooks, table, side), ..Followed::default() };
        for (function, site, write) in self.writes_of(table, side) {
            if !side.is_read(write, columns)
                || write.hooks && followed.hook.is_some()
                || entry.leaves_out(write)
            {
                continue;
            }
            let mut asked = BTreeSet::new();
            let changed = side.changed(write, columns);
            let call = (*site, table);
            match self.drop_behind(entry, *function, call, changed.as_ref(), &mut asked) {
                Some((dropping, effect)) => {
                    let drop = effect.site;
                    followed.by_hand.get_or_insert(drop);
                    if dropping == *function && !matches!(effect.act, Act::Patch(_)) {
                        let (function, write) = (*function, *site);
                        followed.behind.push(Behind {
                            function,
                            write,
                            place: effect.place(),
                            by_message: effect.is_delivered,
                        });
                    }
                    if write.many || followed.hook.is_some() {
                        followed.dropped.get_or_insert((*function, *site, drop));
                    }
                }
                None => {
                    let own = Open { function: *function, site: *site, write: write.clone() };
                    let (drop, open) = self.at_callers(entry, &own, changed.as_ref());
                    if let Some(drop) = drop {
                        followed.by_hand.get_or_insert(drop);
                    }
                    match open.is_empty() || side == Side::Insert {
                        true => followed.open.push(own),
                        false => followed.open.extend(open),
                    }
                }
            }
        }
        followed
    }

    /// Of a write that some callers of its function drop the entry behind and others do not: the drop, and the
    /// calls with none behind them.
    fn at_callers(
        &self,
        entry: &Entry,
        own: &Open,
        changed: Option<&Changed>,
    ) -> (Option<Location>, Vec<Open>) {
        let call = (own.site, own.write.table);
        let callers = self.callers.get(&own.function).map_or(&[][..], Vec::as_slice);
        let (mut drop, mut open) = (None, Vec::new());
        for caller in callers.iter().filter(|caller| !self.writes_other_rows(**caller, call)) {
            let mut asked = BTreeSet::from([own.function]);
            match self.drop_behind(entry, *caller, call, changed, &mut asked) {
                Some((_, effect)) => _ = drop.get_or_insert(effect.place()),
                None => {
                    let effects = self.by_function.get(caller).map_or(&[][..], |it| &it.effects);
                    let is_it = |it: &&Effect| it.site == own.site && it.writes(own.write.table);
                    let places = effects.iter().filter(is_it).map(Effect::place);
                    open.extend(places.map(|site| Open { function: *caller, site, ..own.clone() }));
                }
            }
        }
        if drop.is_none() {
            open.clear();
        }
        (drop, open)
    }

    /// The writes of a side of a table in migrations that no drop follows.
    pub fn migrated(
        &self,
        entry: &Entry,
        table: TableId,
        side: Side,
        columns: Option<&BTreeSet<Arc<str>>>,
    ) -> Vec<Open> {
        let writes = self.migrations.get(&table).into_iter().flatten();
        let open = writes.filter(|(function, site, write)| {
            side == Side::of(write.verb)
                && side.is_read(write, columns)
                && self
                    .drop_behind(
                        entry,
                        *function,
                        (*site, table),
                        side.changed(write, columns).as_ref(),
                        &mut BTreeSet::new(),
                    )
                    .is_none()
        });
        open.map(|(function, site, write)| Open {
            function: *function,
            site: *site,
            write: write.clone(),
        })
        .collect()
    }

    /// The drop of an entry that follows, or goes before, a call in a function, else in each of its
    /// callers; with the function that does both. `changed` are the columns that the call changes, as far as known.
    fn drop_behind(
        &self,
        entry: &Entry,
        function: FunctionId,
        call: (Location, TableId),
        changed: Option<&Changed>,
        asked: &mut BTreeSet<FunctionId>,
    ) -> Option<(FunctionId, &Effect)> {
        if !asked.insert(function) {
            return None;
        }
        let (site, table) = call;
        let outcome = self.by_function.get(&function)?;
        let is_it = |effect: &Effect| effect.site == site && effect.writes(table);
        let first = outcome.effects.iter().position(is_it)?;
        let last = outcome.effects.iter().rposition(is_it)?;
        let patched = changed.map(|changed| changed.left_by(entry, &outcome.effects));
        // What is changed in place is as new as what is written where all of that is changed.
        let is_whole = |act: &Act| match act {
            Act::Patch(_) => patched.as_ref().is_none_or(|left| left.is_empty()),
            _ => true,
        };
        let drops = |effect: &&Effect| {
            effect.act == Act::Named
                || entry.is_dropped_by(&effect.act)
                    && is_whole(&effect.act)
                    && !is_refill(effect, outcome, site)
                    && !outcome.looks_up(entry, effect)
                // It was meant, and is told by itself.
                || self.strays.iter().any(|stray| {
                    stray.place == effect.place() && stray.function == function && stray.store.may_be(&entry.store)
                })
        };
        let of_others = outcome.of_other_writes(entry, site);
        let later = outcome.done_for_messages();
        let is_with = |at: usize, effect: &Effect, of_others: &OtherWrites<'_>| {
            let parts = |write| outcome.forks.iter().any(|fork| fork.parts(at, write));
            let is_later = later.contains(&at) && !later.contains(&first);
            !(is_later || of_others.have(effect) || parts(first) && parts(last))
        };
        let numbered = || outcome.effects.iter().enumerate();
        let behind = numbered()
            .skip(last)
            .find(|(at, effect)| drops(effect) && is_with(*at, effect, &of_others));
        let of_others = of_others.of_any_row();
        let before = numbered().take(first).find(|(at, effect)| {
            entry.is_cleared_by(&effect.act)
                && is_whole(&effect.act)
                && is_with(*at, effect, &of_others)
                // What is stored anew before the write is as old as ever.
                && !outcome.effects[*at..first].iter().any(|it| entry.is_filled_by(&it.act))
        });
        if let Some((_, found)) = behind.or(before) {
            return Some((function, found));
        }
        let callers = self.callers.get(&function)?;
        let mut found = None;
        for caller in callers {
            if !self.writes_other_rows(*caller, call) {
                found = Some(self.drop_behind(entry, *caller, call, changed, asked)?);
            }
        }
        found
    }

    /// Whether what a call writes for a function are rows of other tables alone: what it calls is generic.
    fn writes_other_rows(&self, function: FunctionId, (site, table): (Location, TableId)) -> bool {
        let Some(outcome) = self.by_function.get(&function) else { return false };
        let at_site = outcome.effects.iter().filter(|effect| effect.site == site);
        let mut writes = at_site.filter(|it| matches!(it.act, Act::Write(_))).peekable();
        writes.peek().is_some() && !writes.any(|effect| effect.writes(table))
    }

    /// Whether a row is written along with a new row of another table, or by who drops the entry, wherever the
    /// call is made from: nobody has looked up yet what the new row is in.
    pub fn is_part_of_new(
        &self,
        entry: &Entry,
        (function, site, table): (FunctionId, Location, TableId),
        of: TableId,
        asked: &mut BTreeSet<FunctionId>,
    ) -> bool {
        if !asked.insert(function) {
            return false;
        }
        let Some(outcome) = self.by_function.get(&function) else { return false };
        let before = outcome.effects.iter().take_while(|effect| effect.site != site);
        let is_new = |effect: &Effect| matches!(&effect.act, Act::Write(it) if it.table == of && it.verb == Verb::Insert);
        if before.into_iter().any(is_new) {
            return true;
        }
        let callers = self.callers.get(&function).map_or(&[][..], Vec::as_slice);
        let is_excused = |caller: &FunctionId| {
            let drop = self.drop_behind(entry, *caller, (site, table), None, &mut BTreeSet::new());
            drop.is_some() || self.is_part_of_new(entry, (*caller, site, table), of, asked)
        };
        !callers.is_empty() && callers.iter().all(is_excused)
    }
}

/// Whether an effect stores what was read before the write.
fn is_refill(effect: &Effect, outcome: &Outcome, site: Location) -> bool {
    let Act::Fill(_) = effect.act else { return false };
    let written = outcome.effects.iter().position(|other| other.site == site);
    let stored = outcome.effects.iter().position(|other| other == effect);
    stored < written
}

/// The columns that a write changes.
struct Changed {
    table: TableId,
    columns: BTreeSet<Arc<str>>,
}

impl Changed {
    /// The columns that stay as they were in what is changed in place.
    fn left_by(&self, entry: &Entry, effects: &[Effect]) -> BTreeSet<Arc<str>> {
        let mut left = self.columns.clone();
        for effect in effects {
            let Act::Patch(patch) = &effect.act else { continue };
            if !entry.is_dropped_by(&effect.act) {
                continue;
            }
            match &patch.columns {
                Some((table, set)) if *table == self.table => left.retain(|it| !set.contains(it)),
                // Which columns its fields are made of is not known.
                _ => left.clear(),
            }
        }
        left
    }
}

impl Side {
    /// All of them.
    pub const ALL: [Side; 3] = [Side::Insert, Side::Update, Side::Delete];

    /// The side that a write changes.
    pub(super) fn of(verb: Verb) -> Side {
        match verb {
            Verb::Insert => Side::Insert,
            Verb::Update | Verb::Save => Side::Update,
            Verb::Delete => Side::Delete,
        }
    }

    /// The columns that a write of this side changes of those that are read, where it names some.
    fn changed(self, write: &Write, read: Option<&BTreeSet<Arc<str>>>) -> Option<Changed> {
        let written = write.columns.as_ref().filter(|_| self == Side::Update)?;
        let is_read = |column: &&Arc<str>| read.is_none_or(|read| read.contains(*column));
        let columns = written.iter().filter(is_read).cloned().collect();
        Some(Changed { table: write.table, columns })
    }

    /// Whether what a write of this side changes is read, where some columns are.
    pub fn is_read(self, write: &Write, columns: Option<&BTreeSet<Arc<str>>>) -> bool {
        match (&write.columns, columns, self) {
            (Some(written), Some(read), Side::Update) => !written.is_disjoint(read),
            _ => true,
        }
    }
}

/// The hook that drops an entry on a side of a table, with the drop.
pub fn covering_hook(
    entry: &Entry,
    hooks: &[Hook],
    table: TableId,
    side: Side,
) -> Option<(FunctionId, Location)> {
    hooks.iter().filter(|hook| hook.table == Some(table)).find_map(|hook| {
        let effects = &hook.on(side)?.effects;
        let drop = effects.iter().find(|effect| entry.is_covered_by(&effect.act))?;
        Some((hook.function, drop.site))
    })
}
