//! Managers and querysets: which rows, and which parts of them.

use std::sync::Arc;

use super::{RowPart, RowSource, Taint, Value};
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, RowRef};

/// A manager or queryset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Rows {
    /// Its classes, methods being looked up in the first one first.
    pub classes: Vec<Value>,
    /// The model of the rows.
    pub model: Option<ClassId>,
    /// Which parts of the rows are taken.
    pub shape: Shape,
    /// How the rows are chosen.
    pub query: Arc<Query>,
}

impl Rows {
    /// What a part of these rows is.
    pub fn source(&self, part: RowPart) -> RowSource {
        RowSource {
            model: self.model,
            part,
            single: false,
            via: self.query.via.clone(),
            filters: self.query.filters.clone(),
        }
    }

    /// Adds what the rows are, and what decides which there are.
    pub fn collect_taint(&self, taint: &mut Taint) {
        taint.add(&self.query.deciding);
        match &self.shape {
            Shape::Whole => {
                taint.add(&self.query.related);
                self.query.collect_loaded(taint, |part| self.source(part));
            }
            Shape::Keys => {
                taint.insert(self.source(RowPart::Keys));
            }
            Shape::Columns(columns) => {
                taint.add(columns);
                taint.insert(self.source(RowPart::Presence));
            }
            Shape::Stored(column) => taint.add(&column.taint),
        }
    }
}

/// Which parts of the rows a queryset takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// Whole rows.
    #[default]
    Whole,
    /// Nothing but primary keys.
    Keys,
    /// Some columns, already as sources.
    Columns(Taint),
    /// One column of the row whose write is followed, as it stands before the write.
    Stored(Arc<Column>),
}

/// How rows are chosen, and what else is loaded with them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Query {
    /// What decides which rows there are: columns of conditions and orders, links, other rows.
    pub deciding: Taint,
    /// Conditions that confine the rows by equality.
    pub filters: Vec<Filter>,
    /// The relation by which they were reached from other rows.
    pub via: Option<Arc<Via>>,
    /// Which row it is that a foreign key of the row led to whose write is followed.
    pub beside: Option<RowRef>,
    /// Whole related rows that are loaded with each row.
    pub related: Taint,
    /// The columns that are loaded, where not all are.
    pub loaded: Option<Arc<[Arc<str>]>>,
    /// Names of computed columns.
    pub annotations: Vec<Arc<str>>,
    /// Whether the rows are the far side of a relation, so that `add()` and its kin link rows.
    pub manages: Option<Arc<Via>>,
    /// The many-to-many field whose automatic through rows these are.
    pub links_of: Option<Arc<Via>>,
    /// Whether the model is one as a migration sees it: with columns and relations, but without methods,
    /// and another class for those who wait for its signals.
    pub is_historical: bool,
    /// Whether an SQL text chooses them, in no order that it states: who takes one of them means that one.
    pub by_text: bool,
    /// Whether names alone tell the model.
    pub is_supposed: bool,
}

impl Query {
    /// All rows of a model, as a migration sees them or as the program does.
    pub fn all(is_historical: bool) -> Query {
        Query { is_historical, ..Query::default() }
    }

    /// All rows that a relation leads to from those of another query.
    pub fn beside(other: &Query) -> Query {
        Query {
            is_historical: other.is_historical,
            is_supposed: other.is_supposed,
            ..Query::default()
        }
    }

    /// Adds what a row holds that is loaded by it, besides its related rows.
    pub(super) fn collect_loaded(&self, taint: &mut Taint, source: impl Fn(RowPart) -> RowSource) {
        let Some(loaded) = &self.loaded else {
            taint.insert(source(RowPart::Whole));
            return;
        };
        let columns = loaded.iter().filter(|column| &***column != "pk");
        taint.extend(columns.cloned().map(RowPart::Column).map(&source));
        let is_key = loaded.iter().all(|column| &**column == "pk");
        taint.insert(source(if is_key { RowPart::Keys } else { RowPart::Presence }));
    }

    /// Whether the rows are confined to one primary key.
    pub fn names_key(&self) -> bool {
        let is_told = |filter: &Filter| {
            &*filter.column == "pk" && !matches!(filter.value, FilterValue::Not(_))
        };
        self.filters.iter().any(is_told)
    }

    /// Whether no row fits: none has no primary key.
    pub fn finds_nothing(&self) -> bool {
        self.filters.iter().any(Filter::is_nothing)
    }
}

/// A relation that was followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Via {
    /// The model that declares the field.
    pub owner: ClassId,
    /// The field.
    pub field: Arc<str>,
    /// Its kind.
    pub role: Role,
    /// Whether it was followed from the rows of `owner`.
    pub forward: bool,
}

/// A condition that a column equals something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Filter {
    /// The column by its field's name; `pk` for the primary key.
    pub column: Arc<str>,
    /// What it equals.
    pub value: FilterValue,
}

impl Filter {
    /// What no row fits: a primary key of `None`.
    pub fn nothing() -> Filter {
        Filter { column: "pk".into(), value: FilterValue::Known("None".into()) }
    }

    fn is_nothing(&self) -> bool {
        match &self.value {
            FilterValue::Known(value) => &*self.column == "pk" && &**value == "None",
            _ => false,
        }
    }
}

/// What a column is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilterValue {
    /// Something that is spelled out.
    Known(Arc<str>),
    /// Anything but what is spelled out.
    Not(Arc<str>),
    /// Something of which the origin is known.
    From(Origin),
    /// Anything else.
    Unknown,
}

/// A column of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Where it stands.
    pub origin: Origin,
    /// Whether it surely is neither `None` nor empty.
    pub is_set: bool,
    /// What reading it feeds.
    pub taint: Taint,
}
