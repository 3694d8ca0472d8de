//! What would help against a finding, as data: how it is written down is not known here.

use super::WritePath;
use crate::graph::{DeadHook, Example, HookBlock, LinksRecipe, Manager, Place, Recipe, WrittenRow};
use crate::source::Location;

/// What would help against a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// A receiver for writes of a model that drops the entry.
    AddReceiver {
        /// Which writes.
        events: Vec<RowEvent>,
        /// How to drop it for a row of the model.
        recipe: Box<Recipe>,
        /// What the entry is called.
        entry: String,
        /// A receiver that drops it on other writes.
        beside: Option<Location>,
    },
    /// A receiver for edits of a many-to-many field that drops the entry.
    AddLinksReceiver {
        /// The field.
        field: String,
        /// How to drop it for some of the links.
        recipe: Box<LinksRecipe>,
        /// What the entry is called.
        entry: String,
    },
    /// The import of a module when the program starts.
    ImportAtStart {
        /// A receiver in it.
        receiver: Location,
    },
    /// The same receiver for more senders.
    AddSenders {
        /// The call or decorator that connects it.
        connected_at: Location,
        /// The senders.
        senders: Vec<Sender>,
        /// Whether they take the place of the sender that is given.
        instead: bool,
        /// What it drops.
        early: EarlyDrops,
    },
    /// A connection that holds its receiver.
    HoldReceiver {
        /// The call that connects.
        connected_at: Location,
        /// What it drops.
        early: EarlyDrops,
    },
    /// A drop of the entry behind a write without signals.
    DropAfter {
        /// The write.
        write: Location,
        /// What it does.
        path: WritePath,
        /// How to drop it for a row that is written.
        recipe: Box<Recipe>,
        /// The receiver that would do it as well, where one would.
        or_receiver: Option<Box<Remedy>>,
    },
    /// Another name for a function whose name a later one takes.
    Rename {
        /// The receiver that it is.
        receiver: Location,
        /// The model whose writes it hears of, by the name of its class.
        model: String,
        /// The writes.
        events: Vec<RowEvent>,
    },
    /// A drop that waits for the end of the transaction.
    DropOnCommit {
        /// What is dropped.
        early: EarlyDrops,
    },
    /// A hook method in Rust for an event, which does what another one does.
    AddHook {
        /// The block that it goes into.
        block: HookBlock,
        /// Which writes.
        event: RowEvent,
        /// Other hook methods, to choose from.
        examples: Vec<Example>,
    },
    /// The same receiver in Rust for an event as well.
    ExtendReceiver {
        /// Which writes.
        event: RowEvent,
        /// The receivers, to choose from.
        examples: Vec<Example>,
    },
    /// A receiver in Rust that has a manager forget the row.
    AddRowReceiver {
        /// The manager.
        manager: Manager,
    },
    /// A drop of the entry behind a write in Rust, as behind another one.
    DropLike {
        /// The write.
        write: Location,
        /// Other writes with their drops, to choose from.
        examples: Vec<Example>,
    },
    /// A comment without these parts; all of it where there are none.
    RemoveComment {
        /// The comment.
        comment: Location,
        /// The codes to take out of it.
        codes: Vec<Location>,
    },
}

impl Remedy {
    /// Whether all such of a finding are made at once.
    pub fn is_made_with_others(&self) -> bool {
        matches!(
            self,
            Remedy::AddReceiver { .. }
                | Remedy::AddSenders { .. }
                | Remedy::HoldReceiver { .. }
                | Remedy::DropAfter { .. }
                | Remedy::DropOnCommit { .. }
                | Remedy::Rename { .. }
                | Remedy::DropLike { .. }
        )
    }

    /// Whether it brings a receiver to life, so that others of its file are brought to life with it: where
    /// one of them runs, nothing tells of the others any more.
    pub fn brings_to_life(&self) -> bool {
        matches!(
            self,
            Remedy::AddSenders { .. } | Remedy::HoldReceiver { .. } | Remedy::Rename { .. }
        )
    }
}

/// A place for code that somebody has to write, as nothing is known that would drop the entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stub {
    /// The writes that it is to hear of.
    pub of: StubOf,
    /// What the entry is called.
    pub entry: String,
}

/// The writes that a stub is to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StubOf {
    /// Writes of rows.
    Rows {
        /// Their model.
        row: WrittenRow,
        /// Which writes.
        events: Vec<RowEvent>,
    },
    /// Edits of a many-to-many field.
    Links {
        /// The model that declares it.
        owner: WrittenRow,
        /// The field.
        field: String,
    },
}

/// Drops of a hook that come before the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EarlyDrops {
    /// The function behind the hook.
    pub hook: Location,
    /// The calls by which it comes to each, the outermost first, the drop itself last.
    pub ways: Vec<Vec<Location>>,
}

impl EarlyDrops {
    /// Those of a hook that never runs, should it run.
    pub fn of(dead: &DeadHook) -> EarlyDrops {
        EarlyDrops { hook: dead.hook.location, ways: dead.ways.clone() }
    }
}

/// A sender of signals.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A model, by qualified name.
    Model(Place),
    /// The through class of this field of the sender that is given.
    Through(String),
}

/// A write of a row that sends a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowEvent {
    /// It is saved.
    Save,
    /// It is deleted.
    Delete,
    /// It is about to move to another entry, and leaves the one it is in.
    Move,
}
