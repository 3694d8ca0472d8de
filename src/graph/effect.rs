//! What running code does to caches, rows and signals, as the interpreter records it.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::hooks::HookId;
use super::ids::{ClassId, FunctionId};
use super::interp::Timing;
use super::key::{Origin, Part, Template};
use super::listing::{Listed, Listing};
use super::value::{Filter, StoreRef, Taint, Value};
use crate::source::{FileId, Location};

/// One thing that code does, and how it came to it.
#[derive(Debug, Clone)]
pub struct Effect {
    /// What.
    pub kind: EffectKind,
    /// Where it stands.
    pub site: Location,
    /// The calls that led there, the outermost first.
    pub calls: Vec<Location>,
    /// The hook it happens in, if any: the innermost one.
    pub hook: Option<HookRef>,
    /// Whether some step holds by convention only.
    pub by_convention: bool,
    /// When it happens.
    pub timing: Timing,
}

impl Effect {
    /// Where the function that the run started at does it, or calls what does.
    pub fn place_in_function(&self) -> Location {
        self.calls.get(1).copied().unwrap_or(self.site)
    }

    /// Whether it surely drops or replaces the entry of a goal, which its key can be told to mean.
    pub fn is_sure_drop(&self, goal: &Goal) -> bool {
        !self.by_convention
            && match &self.kind {
                EffectKind::Drop(Dropped { store, key, field, .. }) => match key {
                    Some(key) => is_specific(key, field.as_deref()) && goal.is_meant_by(key),
                    None => store.is_some(),
                },
                EffectKind::Fill(fill) => {
                    fill.overwrites && fill.is_specific() && goal.is_meant_by(&fill.key)
                }
                _ => false,
            }
    }

    /// Whether it drops all that a store holds.
    pub fn drops_everything(&self) -> bool {
        matches!(self.kind, EffectKind::Drop(Dropped { key: None, .. }))
    }

    /// Whether it stands in the function that the run started at, and in none that it calls.
    pub fn is_direct(&self) -> bool {
        // The first call is that of the function itself.
        self.calls.len() <= 1
    }
}

/// The calls by which code comes to what it does: the outermost first, and at last what does it.
pub type Way = Vec<Location>;

/// The ways to those of some effects that are meant, without the calls that write rows as well: by themselves,
/// or in what they lead to.
pub fn ways(effects: &[Effect], is_meant: impl Fn(&Effect) -> bool) -> Vec<Way> {
    let writes = || effects.iter().filter(|it| matches!(it.kind, EffectKind::Write(_)));
    let mut ways: Vec<Way> = Vec::new();
    for effect in effects.iter().filter(|effect| is_meant(effect)) {
        let calls = effect.calls.iter().chain([&effect.site]).copied();
        let writes_rows = |call: &Location| {
            writes().any(|write| write.site == *call || write.calls.contains(call))
        };
        let way: Way = calls.filter(|call| !writes_rows(call)).collect();
        add_ways(&mut ways, [way]);
    }
    ways
}

/// Adds the ways that are not known yet.
pub fn add_ways(known: &mut Vec<Way>, ways: impl IntoIterator<Item = Way>) {
    for way in ways {
        if !known.contains(&way) {
            known.push(way);
        }
    }
}

/// Drops that come before the transaction of their write ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Early {
    /// Where the first is done, or called in the function that writes.
    pub drop: Location,
    /// How code comes to each.
    pub ways: Vec<Way>,
}

/// A piece of code that the framework runs on a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookRef {
    /// A connected receiver.
    Receiver(HookId),
    /// A `save()` or `delete()` override, or a method that a decorator makes a hook.
    Method(FunctionId),
    /// What a library does by itself, told at the write that sets it off.
    Library(Location),
}

/// What code does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// Deletes, replaces or version-bumps what a store holds.
    Drop(Dropped),
    /// Calls something that is not in sight but says invalidation by its name.
    NamedInvalidation(Arc<str>),
    /// Stores a value.
    Fill(Fill),
    /// Looks up what a store holds.
    Read {
        /// In which store, where that is known.
        store: Option<StoreRef>,
        /// Under which key.
        key: Arc<Template>,
    },
    /// Compares something that was read from the database or a shared store with what is not known, such as
    /// an older copy.
    Check,
    /// Gives an entry a timeout.
    Expire {
        /// In which store, where that is known.
        store: Option<StoreRef>,
        /// Under which key.
        key: Arc<Template>,
        /// The timeout.
        timeout: Timeout,
    },
    /// Connects a receiver to a signal.
    Connect(Connection),
    /// Disconnects a receiver from a signal.
    Disconnect(Connection),
    /// Imports a module.
    Import(FileId),
    /// Imports modules of this name from every app.
    Autodiscover(Arc<str>),
    /// Writes rows, by a call that sends signals or not.
    Write(Write),
    /// Calls something that could not be resolved at all.
    Opaque,
    /// Does more than is followed.
    CutShort,
}

/// What is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dropped {
    /// From which store, where that is known.
    pub store: Option<StoreRef>,
    /// Under which key; everything where there is none.
    pub key: Option<Arc<Template>>,
    /// Which field of the hash that the key names; all where there is none.
    pub field: Option<Arc<Template>>,
    /// Only what lists this; whatever it lists where there is none.
    pub listed: Option<Listed>,
}

impl Dropped {
    /// Whether this may drop what is stored under `key` in `store`.
    pub fn may_hit(&self, store: Option<&StoreRef>, key: &Template) -> bool {
        let same_key = self.key.as_ref().is_none_or(|own| {
            own.can_equal(key) || key.read_from().any(|counter| own.can_equal(counter))
        });
        let same_store = || match (&self.store, store) {
            (Some(own), Some(other)) => own.may_be(other),
            (Some(own), None) => !own.is_variable(),
            _ => true,
        };
        same_key && same_store()
    }
}

/// A value going into a store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fill {
    /// Into which store, where that is known.
    pub store: Option<StoreRef>,
    /// Under which key.
    pub key: Arc<Template>,
    /// In which field of a hash that the key names, where it is one.
    pub field: Option<Arc<Template>>,
    /// The rows it was computed from.
    pub taint: Taint,
    /// How long it is kept.
    pub timeout: Timeout,
    /// Whether it replaces what is there whatever was there before.
    pub overwrites: bool,
    /// The rows and links whose writes drop it by themselves.
    pub listing: Option<Arc<Listing>>,
    /// Whether it is the whole response of a view, which a framework stores by itself.
    pub is_response: bool,
}

impl Fill {
    /// Whether its key can be told from other keys.
    pub fn is_specific(&self) -> bool {
        is_specific(&self.key, self.field.as_deref())
    }
}

/// Whether a key, or the field of the hash that it names, can be told from others.
fn is_specific(key: &Template, field: Option<&Template>) -> bool {
    key.is_specific() || field.is_some_and(Template::is_specific)
}

/// How long a store keeps a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// As configured for the store: no timeout is given.
    Default,
    /// Until it is dropped.
    Never,
    /// For some seconds; without the number where it is a setting or comes from a caller.
    Seconds(Option<i64>),
    /// For a time that is computed out of sight.
    Computed,
}

/// A receiver being connected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Connection {
    /// The signal.
    pub signal: Value,
    /// What is to be called.
    pub receiver: Value,
    /// The sender; `None` where there is none, so that any sender fits.
    pub sender: Option<Value>,
    /// Whether the signal holds the receiver weakly.
    pub weak: bool,
    /// Whether nothing but the signal refers to the receiver.
    pub temporary: bool,
    /// Whether a decorator connects it.
    pub decorated: bool,
    /// The identity under which it is registered.
    pub dispatch_uid: Option<Value>,
}

/// Rows being written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Write {
    /// The model whose table they are in, where it is known; for links the one that declares them.
    pub model: Option<ClassId>,
    /// How.
    pub kind: WriteKind,
    /// The columns that may change, where they are known.
    pub columns: Option<Arc<[Arc<str>]>>,
    /// Conditions that confine the rows by equality.
    pub filters: Vec<Filter>,
    /// Whether rows change that the call does not name: those that a relation is taken away from.
    pub sweeps: bool,
    /// Whether a migration does it by a model as it sees it.
    pub is_historical: bool,
    /// Where the function that does it keeps some of its hooks from running.
    pub muted: Option<Location>,
    /// Whether names alone tell the model.
    pub is_supposed: bool,
}

impl Write {
    /// A write of any columns of any rows.
    pub fn new(model: Option<ClassId>, kind: WriteKind) -> Write {
        Write {
            model,
            kind,
            columns: None,
            filters: Vec::new(),
            sweeps: false,
            is_historical: false,
            muted: None,
            is_supposed: false,
        }
    }
}

/// How rows are written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum WriteKind {
    /// A new row is saved.
    Create,
    /// As `save()` does.
    Save,
    /// As `delete()` of an instance does.
    Delete,
    /// As `delete()` of a queryset does: with signals, past overrides.
    QuerysetDelete,
    /// `update()`: without signals.
    Update,
    /// `bulk_create()`: without signals.
    BulkCreate,
    /// `bulk_update()`: without signals.
    BulkUpdate,
    /// A delete without signals.
    RawDelete,
    /// `add()` and its kin on the reverse side of a foreign key: without signals of the rows.
    Related,
    /// Links of a many-to-many field.
    Links {
        /// The field.
        field: Arc<str>,
    },
    /// Automatic through rows of a many-to-many field, written as rows: no signal is sent.
    LinkRows {
        /// The field.
        field: Arc<str>,
    },
    /// Rows are inserted, or changed in these columns where they are there: without signals.
    Upsert,
    /// SQL text.
    Sql(SqlVerb),
}

/// What an SQL statement does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named after SQL's statements")]
pub enum SqlVerb {
    Insert,
    Update,
    Delete,
}

impl WriteKind {
    /// Whether rows are deleted with their signals.
    pub fn deletes_with_signals(&self) -> bool {
        matches!(self, WriteKind::Delete | WriteKind::QuerysetDelete)
    }

    /// Whether hooks on saving or deleting run.
    pub fn sends_signals(&self) -> bool {
        matches!(
            self,
            WriteKind::Create | WriteKind::Save | WriteKind::Delete | WriteKind::QuerysetDelete
        )
    }
}

/// What a run is after; everything else that code does is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// What start-up code connects and imports.
    Wiring,
    /// What code does to caches and rows.
    Caching,
}

impl EffectKind {
    /// Whether a run that is after `interest` records it.
    pub fn matters_to(&self, interest: Interest) -> bool {
        let wiring = matches!(
            self,
            EffectKind::Connect(_)
                | EffectKind::Disconnect(_)
                | EffectKind::Import(_)
                | EffectKind::Autodiscover(_)
        );
        wiring == (interest == Interest::Wiring)
    }
}

impl EffectKind {
    /// Whether it drops or replaces something.
    pub fn may_drop(&self) -> bool {
        match self {
            EffectKind::Drop(_) | EffectKind::NamedInvalidation(_) => true,
            EffectKind::Fill(fill) => fill.overwrites,
            _ => false,
        }
    }

    /// The variable of a module or a class that it changes.
    pub fn variable(&self) -> Option<&StoreRef> {
        let store = match self {
            EffectKind::Drop(dropped) => dropped.store.as_ref(),
            EffectKind::Fill(fill) => fill.store.as_ref(),
            _ => None,
        };
        store.filter(|store| store.is_variable())
    }
}

/// The entry whose invalidation a run looks for.
#[derive(Debug, Clone)]
pub struct Goal {
    /// What each place that fills it stores; any drop is meant where there is none.
    pub targets: Vec<Target>,
}

/// Columns that hold the same values; any value where there are none.
pub type EqualColumns = Vec<(ClassId, Arc<str>)>;

/// What one place stores, as far as a drop must fit it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Into which store, where that is known.
    pub store: Option<StoreRef>,
    /// Under which key.
    pub key: Arc<Template>,
    /// In which field of a hash that the key names, where it is one.
    pub field: Option<Arc<Template>>,
    /// For each hole of the key, then of the field, the columns that it may equal; empty where any may
    /// fill it.
    pub bound: Vec<EqualColumns>,
    /// The rows and links whose writes drop it by themselves.
    pub listing: Option<Arc<Listing>>,
}

impl Target {
    /// Whether the key holds a column.
    fn is_keyed_by(&self, model: ClassId, column: &str) -> bool {
        let holds = |(known, name): &(ClassId, Arc<str>)| *known == model && **name == *column;
        self.bound.iter().any(|columns| columns.iter().any(holds))
    }

    /// Whether a drop may hit what is stored.
    fn is_hit_by(&self, dropped: &Dropped) -> bool {
        if let Some(listed) = &dropped.listed {
            return self.listing.as_ref().is_some_and(|listing| listing.holds(listed));
        }
        let same_field = match (&dropped.field, &self.field) {
            (Some(own), Some(other)) => own.can_equal(other),
            _ => true,
        };
        same_field && dropped.may_hit(self.store.as_ref(), &self.key) && self.fits(dropped)
    }

    /// Whether the columns that fill the holes of the dropped key may be those of the stored one.
    fn fits(&self, dropped: &Dropped) -> bool {
        let Some(key) = &dropped.key else { return true };
        if key.shape() != self.key.shape() {
            return true;
        }
        let holes = key.parts.iter().filter_map(|part| match part {
            Part::Hole { origin, .. } => Some(origin),
            _ => None,
        });
        holes.zip(&self.bound).all(|(origin, bound)| match origin {
            Some(Origin::Column { model, column, .. }) if !bound.is_empty() => {
                bound.iter().any(|(known, name)| known == model && name == column)
            }
            _ => true,
        })
    }
}

impl Goal {
    /// Whether each key of the entry holds a column.
    pub fn is_keyed_by(&self, model: ClassId, column: &str) -> bool {
        !self.targets.is_empty()
            && self.targets.iter().all(|target| target.is_keyed_by(model, column))
    }

    /// Whether an effect deletes, overwrites or version-bumps the entry.
    pub fn is_reached_by(&self, effect: &EffectKind) -> bool {
        match effect {
            EffectKind::Drop(dropped) => self.is_hit_by(dropped),
            EffectKind::NamedInvalidation(_) => true,
            EffectKind::Fill(fill) if fill.overwrites => self.is_hit_by(&Dropped {
                store: fill.store.clone(),
                key: Some(fill.key.clone()),
                field: fill.field.clone(),
                listed: None,
            }),
            _ => false,
        }
    }

    /// Whether a key is that of a counter which is part of the keys of the entry.
    pub fn counts(&self, key: &Template) -> bool {
        let mut counters = self.targets.iter().flat_map(|target| target.key.read_from());
        key.is_specific() && counters.any(|counter| counter.is_specific() && counter.can_equal(key))
    }

    /// Whether a key that may be one of the entry is meant for it.
    fn is_meant_by(&self, key: &Template) -> bool {
        self.targets.is_empty()
            || self.targets.iter().any(|target| target.key.may_mean(key))
            || self.counts(key)
    }

    /// Whether what an effect drops is the entry of one row of `model`, which a caller named by its primary
    /// key.
    pub fn is_of_one_row(&self, effect: &EffectKind, model: ClassId) -> bool {
        let EffectKind::Drop(Dropped { key: Some(key), field, .. }) = effect else { return false };
        let is_like = |target: &&Target| {
            let field_of =
                |field: &Option<Arc<Template>>| field.as_ref().map(|field| field.shape());
            target.key.shape() == key.shape() && field_of(&target.field) == field_of(field)
        };
        let is_key = |column: &(ClassId, Arc<str>)| column.0 == model && &*column.1 == "pk";
        self.targets.iter().filter(is_like).any(|target| {
            let parts = std::iter::once(key).chain(field).flat_map(|template| &template.parts);
            let origins = parts.filter_map(|part| match part {
                Part::Hole { origin, .. } => Some(origin),
                _ => None,
            });
            origins.zip(&target.bound).any(|(origin, bound)| {
                let is_named = match origin {
                    Some(Origin::Param(_, _, path)) => matches!(&**path, "" | "pk" | "id"),
                    _ => false,
                };
                is_named && bound.iter().any(is_key)
            })
        })
    }

    /// The decorator that lists what drops the entry by itself.
    pub fn listed_at(&self) -> Option<Location> {
        self.targets.iter().find_map(|target| Some(target.listing.as_ref()?.at))
    }

    /// The first of some effects that invalidates the entry.
    pub fn reached_in<'e>(&self, effects: &'e [Effect]) -> Option<&'e Effect> {
        effects.iter().find(|effect| self.is_reached_by(&effect.kind))
    }

    fn is_hit_by(&self, dropped: &Dropped) -> bool {
        if self.targets.is_empty() {
            // What is out of sight is kept in no variable that is in sight.
            return !dropped.store.as_ref().is_some_and(StoreRef::is_variable);
        }
        self.targets.iter().any(|target| target.is_hit_by(dropped))
    }
}

/// What tells one effect from another: what is done, where, in which hook, and when.
type Identity<'e> = (&'e EffectKind, Location, Option<HookRef>, Timing);

fn identity(effect: &Effect) -> Identity<'_> {
    (&effect.kind, effect.site, effect.hook, effect.timing)
}

/// Effects in the order they happened, each once.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    list: Vec<Effect>,
    seen: FxHashSet<u64>,
    /// How many of the effects are writes: what follows one is told apart from what went before.
    writes: u32,
}

impl Effects {
    /// Adds an effect unless the same thing was done at the same place in the same hook since the
    /// last write.
    pub fn push(&mut self, effect: Effect) {
        if self.is_new(identity(&effect)) {
            self.list.push(effect);
        }
    }

    /// Adds what an effect of a call becomes in its caller, at a place, in a hook, and when; `calls` are
    /// the calls that lead to it, made where it is new.
    pub fn push_from(
        &mut self,
        effect: &Effect,
        (site, hook, timing): (Location, Option<HookRef>, Timing),
        calls: impl FnOnce() -> Vec<Location>,
    ) {
        if self.is_new((&effect.kind, site, hook, timing)) {
            let (kind, by_convention) = (effect.kind.clone(), effect.by_convention);
            self.list.push(Effect { kind, site, calls: calls(), hook, by_convention, timing });
        }
    }

    /// Whether an effect is to be added; it counts as added from then on.
    fn is_new(&mut self, identity: Identity<'_>) -> bool {
        let is_write = matches!(identity.0, EffectKind::Write(_));
        let since = if is_write { 0 } else { self.writes };
        let is_new = self.seen.insert(FxBuildHasher.hash_one((identity, since)));
        self.writes += u32::from(is_new && is_write);
        is_new
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets all but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        for effect in self.list.drain(len..).rev() {
            let is_write = matches!(effect.kind, EffectKind::Write(_));
            self.writes -= u32::from(is_write);
            let since = if is_write { 0 } else { self.writes };
            self.seen.remove(&FxBuildHasher.hash_one((identity(&effect), since)));
        }
    }

    /// Marks all but the first `len` as resting on a convention.
    pub fn rest_on_convention(&mut self, len: usize) {
        for effect in &mut self.list[len..] {
            effect.by_convention = true;
        }
    }

    /// The effects in order.
    pub fn into_list(self) -> Vec<Effect> {
        self.list
    }
}
