//! Columns of rows that keys hold, so that a row whose column moves leaves its entry behind.

use std::sync::Arc;

use super::{SqlVerb, Write, WriteKind};
use crate::graph::ids::ClassId;
use crate::source::Location;

/// A column that a key holds and that tells one state of its row from another: a time of change, a counter.
#[derive(Debug, Clone)]
pub struct RowVersion {
    /// The models whose rows are in its table.
    pub models: Vec<ClassId>,
    /// The column.
    pub column: Arc<str>,
    /// Where it is declared.
    pub declared_at: Location,
}

impl RowVersion {
    /// Whether the rows that a write changes get another version, or are gone. What a save changes that lists no
    /// columns cannot be told; a field may well move by itself.
    pub fn is_moved_by(&self, write: &Write) -> bool {
        let names_it = || match &write.columns {
            Some(columns) => columns.contains(&self.column),
            None => true,
        };
        self.is_of(write)
            && match write.kind {
                WriteKind::Create
                | WriteKind::BulkCreate
                | WriteKind::Delete
                | WriteKind::QuerysetDelete
                | WriteKind::RawDelete
                | WriteKind::Sql(SqlVerb::Insert | SqlVerb::Delete) => true,
                WriteKind::Save => !write.lists_columns || names_it(),
                WriteKind::Update
                | WriteKind::BulkUpdate
                | WriteKind::Upsert
                | WriteKind::Related
                | WriteKind::Sql(SqlVerb::Update) => names_it(),
                WriteKind::Links { .. } | WriteKind::LinkRows { .. } => false,
            }
    }

    /// Whether the rows that a write changes keep their version.
    pub fn is_left_by(&self, write: &Write) -> bool {
        self.is_of(write) && !self.is_moved_by(write)
    }

    fn is_of(&self, write: &Write) -> bool {
        write.model.is_some_and(|model| self.models.contains(&model))
    }
}
