//! One place where rows go into a store.

use crate::graph::effect::Fill;
use crate::graph::ids::ClassId;
use crate::graph::interp::Interp;
use crate::graph::key::{Origin, Part};
use crate::graph::value::{Filter, FilterValue, RowSource, Via};
use crate::source::Location;

/// One place where rows go into a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// What is stored.
    pub fill: Fill,
    /// Where.
    pub site: Location,
    /// Whether only a name says that it is a store.
    pub by_convention: bool,
}

impl Stored {
    /// Whether a condition says that a column equals what fills a hole of the key, or is the key of the
    /// row that was looked up by that.
    pub(super) fn is_chosen_by(&self, filter: &Filter, hole: &Origin) -> bool {
        let FilterValue::From(value) = &filter.value else { return false };
        let is_looked_up = |source: &RowSource, row: ClassId| {
            source.model == Some(row)
                && source.single
                && source.filters.iter().any(|filter| match &filter.value {
                    FilterValue::From(value) => value.same_as(hole),
                    _ => false,
                })
        };
        value.same_as(hole)
            || match value {
                Origin::Column { model, column, .. } if &**column == "pk" => {
                    self.fill.taint.iter().any(|source| is_looked_up(source, *model))
                }
                _ => false,
            }
    }

    /// Whether the key holds the primary key of the row that a foreign key leads to, by which that row was
    /// looked up.
    pub(super) fn is_of_row_behind(&self, interp: &mut Interp<'_>, via: &Via) -> bool {
        let target = interp.relation(via.owner, &via.field).and_then(|relation| relation.target);
        let of_target = self.fill.taint.iter().filter(|source| {
            source.model.is_some() && source.model == target && source.via.is_none()
        });
        let filters: Vec<&Filter> = of_target
            .flat_map(|source| &source.filters)
            .filter(|filter| &*filter.column == "pk")
            .collect();
        let keys = std::iter::once(&self.fill.key).chain(&self.fill.field);
        keys.flat_map(|key| &key.parts).any(|part| match part {
            Part::Hole { origin: Some(origin), .. } => {
                filters.iter().any(|filter| self.is_chosen_by(filter, origin))
            }
            _ => false,
        })
    }
}
