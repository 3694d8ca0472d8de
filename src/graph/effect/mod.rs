//! What running code does to caches, rows and signals, as the interpreter records it.

mod calls;
mod goal;
mod list;
mod version;
mod ways;
mod write;

pub use calls::Calls;
pub use goal::{EqualColumns, Goal, Shapes, Target};
pub use list::Effects;
pub use version::RowVersion;
pub use ways::{Way, add_ways, ways};
pub use write::{SqlVerb, Write, WriteKind};

use std::sync::Arc;

use super::hooks::HookId;
use super::ids::FunctionId;
use super::interp::Timing;
use super::key::Template;
use super::listing::{Listed, Listing};
use super::shared::Shared;
use super::value::{StoreRef, Taint, Value};
use crate::source::{FileId, Location};

/// One thing that code does, and how it came to it.
#[derive(Debug, Clone)]
pub struct Effect {
    /// What.
    pub kind: Shared<EffectKind>,
    /// Where it stands.
    pub site: Location,
    /// The calls that led there, the outermost first.
    pub calls: Calls,
    /// The hook it happens in, if any: the innermost one.
    pub hook: Option<HookRef>,
    /// Whether some step holds by convention only.
    pub by_convention: bool,
    /// When it happens.
    pub timing: Timing,
    /// How many arms of conditions with drops had ended before, of one that may drop something.
    pub arm: u32,
}

impl Effect {
    /// Where the function that the run started at does it, or calls what does.
    pub fn place_in_function(&self) -> Location {
        self.calls.second().unwrap_or(self.site)
    }

    /// Whether it surely drops or replaces the entry of a goal, which its key can be told to mean.
    pub fn is_sure_drop(&self, goal: &Goal) -> bool {
        !self.by_convention && goal.is_surely_reached_by(&self.kind)
    }

    /// Whether it drops all that a store holds.
    pub fn drops_everything(&self) -> bool {
        matches!(*self.kind, EffectKind::Drop(Dropped { key: None, .. }))
    }

    /// Whether it stands in the function that the run started at, and in none that it calls.
    pub fn is_direct(&self) -> bool {
        // The first call is that of the function itself.
        self.calls.len() <= 1
    }
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
    /// Calls what a container holds, such as a list of handlers, and does not show.
    Dispatched,
    /// Does more than is followed.
    CutShort,
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

    /// What it drops or replaces, where it is known to do either.
    pub fn hit(&self) -> Option<Hit<'_>> {
        match self {
            EffectKind::Drop(dropped) => Some(dropped.hit()),
            EffectKind::Fill(fill) if fill.overwrites => Some(Hit {
                store: fill.store.as_ref(),
                key: Some(&fill.key),
                field: fill.field.as_deref(),
                listed: None,
            }),
            _ => None,
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

/// What is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dropped {
    /// From which store, where that is known.
    pub store: Option<StoreRef>,
    /// Under which key; everything where there is none.
    pub key: Option<Arc<Template>>,
    /// Which field of the hash that the key names; all where there is none.
    pub field: Option<Arc<Template>>,
    /// Whether it is counted up or down, and not dropped.
    pub counts: bool,
    /// Only what lists this; whatever it lists where there is none.
    pub listed: Option<Listed>,
}

impl Dropped {
    /// What is dropped, wherever that is told.
    pub fn hit(&self) -> Hit<'_> {
        Hit {
            store: self.store.as_ref(),
            key: self.key.as_deref(),
            field: self.field.as_deref(),
            listed: self.listed.as_ref(),
        }
    }
}

/// What an effect drops or replaces; as in [`Dropped`].
#[derive(Debug, Clone, Copy)]
pub struct Hit<'e> {
    /// From which store, where that is known.
    pub store: Option<&'e StoreRef>,
    /// Under which key; everything where there is none.
    pub key: Option<&'e Template>,
    /// Which field of the hash that the key names; all where there is none.
    pub field: Option<&'e Template>,
    /// Only what lists this; whatever it lists where there is none.
    pub listed: Option<&'e Listed>,
}

impl Hit<'_> {
    /// Whether this may drop what is stored under `key` in `store`.
    pub fn may_hit(&self, store: Option<&StoreRef>, key: &Template) -> bool {
        let same_key = self.key.is_none_or(|own| {
            own.can_equal(key) || key.read_from().any(|counter| own.can_equal(counter))
        });
        let same_store = || match (self.store, store) {
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
    /// Whether it adds to what is there, which stays.
    pub adds: bool,
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

    /// Whether it may be in a store; `None` where it is not known which.
    pub fn may_be_in(&self, store: Option<&StoreRef>) -> bool {
        match (store, &self.store) {
            (Some(one), Some(other)) => one.may_be(other),
            _ => true,
        }
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

/// What a run is after; everything else that code does is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// What start-up code connects and imports.
    Wiring,
    /// What code does to caches and rows.
    Caching,
}
