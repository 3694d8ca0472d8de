//! What a memoising decorator lists: rows and links whose writes drop the results by themselves.

use std::sync::Arc;

use super::ids::ClassId;
use super::interp::Interp;
use super::value::{RowPart, RowSource, Rows, Shape, Value};
use crate::source::Location;

/// What a decorator lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// The decorator.
    pub at: Location,
    list: Vec<Listed>,
}

/// Rows or links of which a library hears.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Listed {
    /// The rows in the table of a model.
    Rows(ClassId),
    /// The links of a many-to-many field with an automatic through class.
    Links(ClassId, Arc<str>),
    /// The queries that a library caches by itself, which no decorator lists.
    Queries,
}

impl Listing {
    /// What the arguments of a decorator list; `None` where one of them may be anything.
    pub fn of(interp: &mut Interp<'_>, samples: &[Value], at: Location) -> Option<Listing> {
        let mut listing = Listing { at, list: Vec::new() };
        for sample in samples {
            listing.add_sample(interp, sample)?;
        }
        (!listing.list.is_empty()).then_some(listing)
    }

    /// Whether it has these rows or links in it.
    pub fn holds(&self, listed: &Listed) -> bool {
        self.list.contains(listed)
    }

    /// All that it has in it.
    pub fn iter(&self) -> impl Iterator<Item = &Listed> {
        self.list.iter()
    }

    fn add(&mut self, listed: Listed) {
        if !self.list.contains(&listed) {
            self.list.push(listed);
        }
    }

    fn add_sample(&mut self, interp: &mut Interp<'_>, sample: &Value) -> Option<()> {
        match sample {
            Value::Class(class) if interp.is_model(*class) => self.add_model(interp, *class),
            Value::Object(row) if interp.is_model(row.class) => self.add_model(interp, row.class),
            Value::Through(link) => self.add_link(interp, link.0, &link.1),
            Value::Rows(rows) => {
                self.add_model(interp, rows.model?);
                self.add_joins(interp, rows);
            }
            Value::Union(all) => {
                for sample in all.iter() {
                    self.add_sample(interp, sample)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn add_model(&mut self, interp: &mut Interp<'_>, model: ClassId) {
        for table in interp.with_tables(model) {
            self.add(Listed::Rows(table));
            // What the library hears of a multi-table parent is not settled; that it does is taken for granted.
            for parent in interp.table_parents(table) {
                self.add(Listed::Rows(parent));
            }
        }
    }

    fn add_link(&mut self, interp: &mut Interp<'_>, owner: ClassId, field: &Arc<str>) {
        match interp.through_of(owner, field) {
            Some(through) => self.add(Listed::Rows(through)),
            None => self.add(Listed::Links(owner, field.clone())),
        }
    }

    /// The tables that the query itself joins: for conditions, annotations and columns, not for rows that are
    /// loaded along. Orders are not told apart from these, though an order alone joins nothing that the
    /// library sees.
    fn add_joins(&mut self, interp: &mut Interp<'_>, rows: &Rows) {
        let mut joined: Vec<RowSource> = rows.query.deciding.iter().cloned().collect();
        if let Shape::Columns(columns) = &rows.shape {
            joined.extend(columns.iter().cloned());
        }
        for source in joined {
            let Some(model) = source.model else { continue };
            match &source.part {
                RowPart::Links(field) => self.add_link(interp, model, field),
                _ if source.via.is_some() => self.add_model(interp, model),
                _ => {}
            }
        }
    }
}
