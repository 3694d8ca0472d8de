//! Instances, rows among them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Filter, Query, RowPart, RowSource, Value};
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, RowRef};

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its class.
    pub class: ClassId,
    /// Attributes that differ from those of the class, sorted by name.
    pub attrs: Vec<(Arc<str>, Value)>,
    /// Whether it is the row whose write is being followed.
    pub is_subject: bool,
    /// Whether it is that row as the database has it before the write.
    pub is_stored: bool,
    /// Whether it was taken from several rows, so that which rows there are matters.
    pub one_of_many: bool,
    /// Whether it was made by its constructor and not loaded.
    pub is_new: bool,
    /// The query it was loaded by, where that is known.
    pub query: Arc<Query>,
}

impl Object {
    /// The columns that hold known values in a new row: those that it was made with and that were not
    /// assigned since.
    pub fn columns_when_new(&self) -> Vec<Filter> {
        let is_assigned = |column: &str| {
            let names = self.attrs.iter().map(|(name, _)| &**name);
            names.into_iter().any(|name| name == column || name.strip_suffix("_id") == Some(column))
        };
        let filters = self.query.filters.iter();
        filters.filter(|own| self.is_new && !is_assigned(&own.column)).cloned().collect()
    }

    /// A plain instance of a class.
    pub fn new(class: ClassId) -> Object {
        Object {
            class,
            attrs: Vec::new(),
            is_subject: false,
            is_stored: false,
            one_of_many: false,
            is_new: false,
            query: Arc::default(),
        }
    }

    /// A row of a model that names alone tell.
    pub fn supposed(model: ClassId) -> Object {
        let query = Query { is_supposed: true, ..Query::default() };
        Object { query: Arc::new(query), ..Object::new(model) }
    }

    /// A row of a model, as a migration sees it or as the program does.
    pub fn row(model: ClassId, is_historical: bool) -> Object {
        Object { query: Arc::new(Query::all(is_historical)), ..Object::new(model) }
    }

    /// The instance that two are, where they differ in no more than their attributes.
    pub(super) fn merged(&self, other: &Object) -> Option<Object> {
        let bare = |object: &Object| Object { attrs: Vec::new(), ..object.clone() };
        if bare(self) != bare(other) {
            return None;
        }
        let mut attrs: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (name, value) in self.attrs.iter().chain(&other.attrs) {
            let has = |object: &Object| object.attrs.iter().any(|(known, _)| known == name);
            let value = match attrs.remove(name) {
                Some(earlier) => earlier.either(value.clone()),
                None if has(self) && has(other) => value.clone(),
                None => value.clone().either(Value::Unknown),
            };
            attrs.insert(name.clone(), value);
        }
        Some(Object { attrs: attrs.into_iter().collect(), ..bare(self) })
    }

    /// The row of a model whose write is being followed.
    pub fn subject(model: ClassId) -> Object {
        Object { is_subject: true, ..Object::new(model) }
    }

    /// A column of this row, by its field's name or `pk`, as where something comes from.
    pub fn origin(&self, column: Arc<str>) -> Origin {
        Origin::Column { model: self.class, column, row: self.row_ref() }
    }

    /// Which row it is to the one whose write is followed.
    pub fn row_ref(&self) -> RowRef {
        match (self.is_subject, self.is_stored) {
            (true, _) => RowRef::Subject,
            (_, true) => RowRef::Stored,
            _ => self.query.beside.unwrap_or(RowRef::Other),
        }
    }

    /// What a part of this row is.
    pub fn source(&self, part: RowPart) -> RowSource {
        RowSource {
            model: Some(self.class),
            part,
            single: !self.one_of_many,
            via: self.query.via.clone(),
            filters: self.query.filters.clone(),
        }
    }
}

/// Where an attribute stands among some that are sorted by name, else where it would.
pub fn place_of_attribute(attrs: &[(Arc<str>, Value)], name: &str) -> Result<usize, usize> {
    attrs.binary_search_by(|(known, _)| (**known).cmp(name))
}
