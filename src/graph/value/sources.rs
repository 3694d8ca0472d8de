//! What of the database reaches a value.

use std::sync::Arc;

use super::{Filter, Shape, Taint, Value, Via};
use crate::graph::ids::ClassId;

/// Something of the database that reaches a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowSource {
    /// The model, where it is known.
    pub model: Option<ClassId>,
    /// What of its rows.
    pub part: RowPart,
    /// Whether it is one row that was looked up and must be there.
    pub single: bool,
    /// The relation by which the rows were reached, where they are not those that were queried.
    pub via: Option<Arc<Via>>,
    /// Conditions that confine the rows by equality.
    pub filters: Vec<Filter>,
}

/// What of rows reaches a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowPart {
    /// All columns.
    Whole,
    /// What something out of sight made of whole rows; any column may matter.
    Untold,
    /// Primary keys, to be looked up again.
    Keys,
    /// One column, by its field's name.
    Column(Arc<str>),
    /// A column that decides which rows, or in which order.
    Deciding(Arc<str>),
    /// Which rows there are.
    Presence,
    /// Nothing but that their order is stated, or does not matter.
    Ordered,
    /// Which rows a many-to-many field links.
    Links(Arc<str>),
    /// Nothing that is known: what a parameter of the function that the run starts at holds.
    Given,
}

impl RowSource {
    /// What a part is of rows that are not those that were queried: `via` tells how they were reached.
    pub fn reached(model: ClassId, part: RowPart, via: Option<Arc<Via>>) -> RowSource {
        RowSource { model: Some(model), part, single: false, via, filters: Vec::new() }
    }

    /// What a parameter holds of the function that a run starts at.
    pub fn given() -> RowSource {
        RowSource {
            model: None,
            part: RowPart::Given,
            single: true,
            via: None,
            filters: Vec::new(),
        }
    }
}

impl Value {
    /// Something computed from rows; nothing is known where there are none.
    pub fn derived(taint: Taint) -> Value {
        if taint.is_empty() { Value::Unknown } else { Value::Derived(taint) }
    }

    /// What something out of sight made of values with this taint.
    pub fn made_of(taint: Taint) -> Value {
        let untold = |source: RowSource| match source.part {
            RowPart::Whole => RowSource { part: RowPart::Untold, ..source },
            _ => source,
        };
        Value::derived(taint.map(untold))
    }

    /// Adds the rows it was computed from.
    pub fn collect_taint(&self, taint: &mut Taint) {
        match self {
            Value::Derived(own) => taint.add(own),
            Value::Text(text) => taint.add(&text.taint),
            Value::Symbol(..) => {
                taint.insert(RowSource::given());
            }
            Value::Column(column) => taint.add(&column.taint),
            Value::Rows(rows) => rows.collect_taint(taint),
            Value::Object(object) => {
                taint.add(&object.query.deciding);
                taint.add(&object.query.related);
                object.query.collect_loaded(taint, |part| object.source(part));
                for (_, value) in &object.attrs {
                    value.collect_taint(taint);
                }
            }
            Value::Sequence(items) | Value::Union(items) => {
                for item in items.iter() {
                    item.collect_taint(taint);
                }
            }
            Value::Dict(dict) => {
                for (key, value) in &dict.items {
                    key.collect_taint(taint);
                    value.collect_taint(taint);
                }
            }
            Value::Each(element) => element.collect_taint(taint),
            Value::Bound(bound) => bound.receiver.collect_taint(taint),
            Value::Native(native) => native.0.collect_taint(taint),
            _ => {}
        }
    }

    /// Adds what a condition on it depends on: of rows only their keys are compared, which do not change.
    pub fn collect_compared(&self, taint: &mut Taint) {
        match self {
            Value::Object(object) => {
                let is_key = |source: &&RowSource| matches!(&source.part, RowPart::Deciding(column) if &**column == "pk");
                let deciding = object.query.deciding.iter().filter(|source| !is_key(source));
                taint.extend(deciding.cloned());
                if object.one_of_many {
                    taint.insert(object.source(RowPart::Presence));
                }
            }
            Value::Rows(rows) if rows.shape == Shape::Whole => {
                taint.add(&rows.query.deciding);
                taint.insert(rows.source(RowPart::Presence));
            }
            Value::Sequence(items) | Value::Union(items) => {
                for item in items.iter() {
                    item.collect_compared(taint);
                }
            }
            Value::Each(element) => element.collect_compared(taint),
            other => other.collect_taint(taint),
        }
    }

    /// The rows it was computed from.
    pub fn taint(&self) -> Taint {
        let mut taint = Taint::new();
        self.collect_taint(&mut taint);
        taint
    }
}
