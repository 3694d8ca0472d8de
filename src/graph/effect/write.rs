//! Writes of rows.

use std::sync::Arc;

use crate::graph::ids::ClassId;
use crate::graph::value::Filter;
use crate::source::Location;

/// Rows being written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Write {
    /// The model whose table they are in, where it is known; for links the one that declares them.
    pub model: Option<ClassId>,
    /// How.
    pub kind: WriteKind,
    /// The columns that may change, where they are known.
    pub columns: Option<Arc<[Arc<str>]>>,
    /// Whether the call lists the columns, so that no other one is written.
    pub lists_columns: bool,
    /// What columns are set to, where that is known.
    pub values: Vec<Filter>,
    /// The columns that a row gets which is there already, where they are known and others are made anew.
    pub sets: Option<Arc<[Arc<str>]>>,
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
            lists_columns: false,
            values: Vec::new(),
            sets: None,
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

/// What an SQL statement does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named after SQL's statements")]
pub enum SqlVerb {
    Insert,
    Update,
    Delete,
}
