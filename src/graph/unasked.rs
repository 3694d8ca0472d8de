//! Entries that nobody asks for any more once a row is gone: their keys are told by the row itself, loaded
//! from the database, wherever the program stores or looks them up.

use super::entries::Entry;
use super::feeds::{Feed, FeedKind};
use super::ids::ClassId;
use super::interp::Interp;
use super::key::{Origin, Part, Template};
use super::survey::Survey;
use super::value::Filter;

/// Whether each key of an entry holds the primary key of the one row of a feed that it keeps, which whoever
/// stores it or looks it up has at hand.
pub fn is_told_by_row(
    interp: &mut Interp<'_>,
    survey: &Survey,
    entry: &Entry,
    feed: &Feed,
) -> bool {
    let is_key = |filter: &Filter| &*filter.column == "pk";
    if feed.kind() != FeedKind::Own || feed.lists_rows || !feed.filters.iter().flatten().all(is_key)
    {
        return false;
    }
    let mut family: Vec<ClassId> = interp.table_relatives(feed.model);
    family.push(feed.model);
    let tells = |key: &Template| {
        key.parts.iter().any(|part| match part {
            Part::Hole { origin: Some(Origin::Column { model, column, .. }), .. } => {
                family.contains(model) && &**column == "pk"
            }
            _ => false,
        })
    };
    if entry.fills.is_empty() || !entry.fills.iter().all(|stored| tells(&stored.fill.key)) {
        return false;
    }
    survey.lookups_of(interp, entry).all(|(_, key)| tells(key))
}
