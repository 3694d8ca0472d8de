//! What running a function does to stores and rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::tables::TableId;
use super::types::Ty;
use super::value::{Rows, Seconds, Store};
use crate::frameworks::Verb;
use crate::graph::ids::FunctionId;
use crate::graph::key::Template;
use crate::graph::sql_literals::Literals;
use crate::source::Location;

/// Something that running a function does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// What.
    pub act: Act,
    /// The call.
    pub site: Location,
    /// The function that the call stands in, closures counting for the function round them.
    pub function: FunctionId,
    /// Whether what was called was found by its name alone.
    pub is_guessed: bool,
    /// The call in the function that was run, where another one does it.
    pub called_at: Option<Location>,
    /// The function that is called there.
    pub through: Option<FunctionId>,
    /// How many calls away from the function that was run.
    pub depth: u8,
    /// Whether it is done by who receives a message, some time after it was sent.
    pub is_delivered: bool,
}

impl Effect {
    /// Where the function that was run does it.
    pub fn place(&self) -> Location {
        self.called_at.unwrap_or(self.site)
    }

    /// Whether it writes rows of a table.
    pub fn writes(&self, table: TableId) -> bool {
        matches!(&self.act, Act::Write(write) if write.table == table)
    }
}

/// What an effect is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Stores a value.
    Fill(Fill),
    /// Looks a value up.
    Read(Store, Arc<Template>),
    /// Drops or renews the entry of a key; all entries where there is none.
    Drop(Store, Option<Arc<Template>>),
    /// Says that what is dropped at the same call has this value in a field.
    Sift(Store, Arc<str>, Arc<Template>),
    /// Changes a value where it is stored.
    Patch(Patch),
    /// Calls something that says invalidation and cannot be resolved.
    Named,
    /// Writes rows.
    Write(Write),
    /// Begins a transaction.
    Begin,
    /// Ends one.
    Commit,
    /// Waits for a message of a type, as far as that is known.
    Receive(Ty),
    /// Ends what is done for a message.
    Received,
    /// Confines a query to the rows that have this value in a column.
    Confine(TableId, Arc<str>, Arc<Template>),
    /// Says that the rows of a write have this value in a column.
    Aim(TableId, Arc<str>, Arc<Template>),
    /// Makes a store whose entries live this long.
    Timeout(Store, Seconds),
}

/// A value that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// Where.
    pub store: Store,
    /// Under which key.
    pub key: Arc<Template>,
    /// The rows that it was computed from.
    pub rows: Rows,
    /// How long it stays, where the call says.
    pub timeout: Option<Seconds>,
    /// Whether it replaces an older value.
    pub overwrites: bool,
}

/// A change of a value where it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Where.
    pub store: Store,
    /// Under which key; any where there is none.
    pub key: Option<Arc<Template>>,
    /// The columns that are set in it, where it is a row of a table and no more is done to it.
    pub columns: Option<(TableId, BTreeSet<Arc<str>>)>,
}

/// A write of rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// The table.
    pub table: TableId,
    /// What it does.
    pub verb: Verb,
    /// Whether it may write many rows.
    pub many: bool,
    /// Whether it stands in an SQL text.
    pub is_sql: bool,
    /// Whether hooks run.
    pub hooks: bool,
    /// The columns that it sets, as far as known.
    pub columns: Option<BTreeSet<Arc<str>>>,
    /// What the rows have in some columns, where a text says it.
    pub having: Arc<Literals>,
}

impl Patch {
    /// Whether it changes anything, as far as can be told.
    pub fn changes(&self) -> bool {
        self.columns.as_ref().is_none_or(|(_, columns)| !columns.is_empty())
    }
}
