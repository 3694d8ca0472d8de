//! From a written row to the row whose columns tell which key of an entry is meant.

use std::collections::VecDeque;
use std::sync::Arc;

use super::versions::version_of;
use super::words::{Anchor, Importable, Row, Step};
use crate::frameworks::Role;
use crate::graph::effect::Fill;
use crate::graph::entries::{Entry, Stored, filters_equal_to};
use crate::graph::ids::ClassId;
use crate::graph::interp::Interp;
use crate::graph::key::{Origin, Part};
use crate::graph::value::{FilterValue, Via};

/// How many relations away from a written row its anchor may be.
const MAX_STEPS: usize = 4;

/// An anchor, and the column of it for each hole of the key.
pub struct Found {
    /// The anchor.
    pub anchor: Anchor,
    /// As attributes of its instances.
    pub columns: Vec<String>,
}

/// What fills the holes of a key, as the code that reads says.
#[derive(Default)]
pub struct Holes {
    /// For each hole the columns that fill it.
    columns: Vec<Vec<(ClassId, Arc<str>)>>,
    /// The foreign keys by which the rows that are read lead to them.
    paths: Vec<Arc<Via>>,
}

impl Holes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}

/// For each hole of the key of an entry the columns that fill it.
pub fn holes(interp: &mut Interp<'_>, entry: &Entry) -> Holes {
    let Some(stored) = entry.fills.first() else { return Holes::default() };
    let keys = std::iter::once(&stored.fill.key).chain(&stored.fill.field);
    holes_among(interp, entry, stored, keys.flat_map(|key| &key.parts))
}

/// The same for the key of the version that is a part of it.
pub fn holes_of_version(interp: &mut Interp<'_>, entry: &Entry) -> Holes {
    let Some(stored) = entry.fills.first() else { return Holes::default() };
    let versions = version_of(stored).into_iter();
    holes_among(interp, entry, stored, versions.flat_map(|version| &version.parts))
}

fn holes_among<'k>(
    interp: &mut Interp<'_>,
    entry: &Entry,
    stored: &Stored,
    parts: impl Iterator<Item = &'k Part>,
) -> Holes {
    let mut holes = Holes::default();
    let origins: Vec<&Option<Origin>> = parts
        .filter_map(|part| match part {
            Part::Hole { origin, read_from: None, .. } => Some(origin),
            _ => None,
        })
        .collect();
    for origin in origins {
        let mut columns = match origin {
            Some(Origin::Column { model, column, .. }) => vec![(*model, column.clone())],
            Some(origin @ Origin::Param(..)) => {
                let mut columns = filters_equal_to(&stored.fill, origin);
                columns.extend(far_columns(interp, &stored.fill, origin, &mut holes.paths));
                columns
            }
            Some(Origin::Once | Origin::Setting) | None => Vec::new(),
        };
        for (model, _) in columns.clone() {
            // A caching manager of an abstract base keeps rows of the models below it.
            if let (true, Some(own)) = (interp.is_abstract(model), entry.model()) {
                for (known, _) in columns.iter_mut().filter(|(known, _)| *known == model) {
                    *known = own;
                }
            }
        }
        holes.columns.push(columns);
    }
    holes
}

/// The columns of rows further away that the rows behind a value are chosen by to equal `origin`; adds the
/// foreign keys that lead there to `paths`.
fn far_columns(
    interp: &mut Interp<'_>,
    fill: &Fill,
    origin: &Origin,
    paths: &mut Vec<Arc<Via>>,
) -> Vec<(ClassId, Arc<str>)> {
    let mut found: Vec<(ClassId, Arc<str>)> = Vec::new();
    for source in &fill.taint {
        let Some(model) = source.model else { continue };
        for filter in &source.filters {
            let FilterValue::From(other) = &filter.value else { continue };
            let Some((fields, column)) = filter.column.rsplit_once("__") else { continue };
            if !other.same_as(origin) {
                continue;
            }
            let mut at = Some(model);
            let mut path: Vec<Arc<Via>> = Vec::new();
            for field in fields.split("__") {
                at = at.and_then(|owner| {
                    let relation = interp.relation(owner, field)?;
                    let declares = interp.relation_fields(owner).iter().any(|it| **it == *field);
                    let leads_on = declares && relation.role != Role::ManyToMany;
                    path.push(Arc::new(Via {
                        owner,
                        field: field.into(),
                        role: relation.role,
                        forward: false,
                    }));
                    relation.target.filter(|_| leads_on)
                });
            }
            if let Some(model) = at {
                found.push((model, column.into()));
                paths.extend(path);
            }
        }
    }
    found
}

/// The nearest row that has a column for every hole; `via` is how rows of `written` were reached.
pub fn find(
    interp: &mut Interp<'_>,
    entry: &Entry,
    holes: &Holes,
    written: ClassId,
    via: Option<&Via>,
) -> Option<Found> {
    let mut open: VecDeque<(ClassId, Vec<Hop>)> = VecDeque::new();
    match via {
        None => open.push_back((written, Vec::new())),
        Some(via) => open.extend(hop(interp, written, via).map(|(next, hop)| (next, vec![hop]))),
    }
    let mut seen: Vec<ClassId> = Vec::new();
    while let Some((model, hops)) = open.pop_front() {
        if seen.contains(&model) || hops.len() > MAX_STEPS {
            continue;
        }
        seen.push(model);
        if let Some(found) = anchored(interp, &holes.columns, model, &hops) {
            return Some(found);
        }
        let feeds = entry.feeds.models.iter().filter_map(|feed| feed.via.clone());
        for via in feeds.chain(holes.paths.iter().cloned()).collect::<Vec<_>>() {
            if let Some((next, hop)) = hop(interp, model, &via) {
                let mut hops = hops.clone();
                hops.push(hop);
                open.push_back((next, hops));
            }
        }
    }
    None
}

/// One relation on the way from a written row.
#[derive(Clone)]
struct Hop {
    step: Step,
    /// What a query of the rows that it leads to calls the rows it comes from.
    lookup: String,
    /// The foreign key on the far side that it goes against, with its model.
    against: Option<(ClassId, Arc<str>)>,
}

/// The relation by which a value reads rows of `model`, walked the other way.
fn hop(interp: &mut Interp<'_>, model: ClassId, via: &Via) -> Option<(ClassId, Hop)> {
    let target = interp.relation(via.owner, &via.field)?.target?;
    let same = |interp: &mut Interp<'_>, other: ClassId| {
        other == model || interp.table_relatives(model).contains(&other)
    };
    let by_links = via.role == Role::ManyToMany;
    if via.forward && same(interp, target) {
        let step = Step::Many { by_links };
        let against = (!by_links).then(|| (via.owner, via.field.clone()));
        return Some((via.owner, Hop { step, lookup: via.field.to_string(), against }));
    }
    if via.forward || !same(interp, via.owner) {
        return None;
    }
    let lookup = way_back(interp, via.owner, &via.field)?;
    let step = match by_links {
        true => Step::Many { by_links },
        false => Step::One {
            field: via.field.to_string(),
            is_nullable: interp.is_nullable(via.owner, &via.field),
        },
    };
    Some((target, Hop { step, lookup, against: None }))
}

/// The anchor at the end of some hops, where the rows there have a column for every hole.
fn anchored(
    interp: &mut Interp<'_>,
    holes: &[Vec<(ClassId, Arc<str>)>],
    model: ClassId,
    hops: &[Hop],
) -> Option<Found> {
    let relatives = interp.table_relatives(model);
    let of_model = |known: ClassId| known == model || relatives.contains(&known);
    let mut columns: Vec<Arc<str>> = Vec::new();
    for hole in holes {
        let (_, column) = hole.iter().find(|(known, _)| of_model(*known))?;
        columns.push(column.clone());
    }
    // The row before the last hop, where all that is asked for is the foreign key to it.
    let keyed = |(owner, field): &(ClassId, Arc<str>)| {
        of_model(*owner) && columns.iter().all(|column| column == field)
    };
    let (hops, model, columns) = match hops.split_last() {
        Some((last, before)) if before.is_empty() && last.against.as_ref().is_some_and(keyed) => {
            let (owner, field) = last.against.clone()?;
            let target = interp.relation(owner, &field)?.target?;
            (before, target, vec!["pk".to_owned(); holes.len()])
        }
        _ => {
            let names = columns.iter().map(|column| attribute(interp, model, column));
            let names = names.collect();
            (hops, model, names)
        }
    };
    let lookup: Vec<&str> = hops.iter().rev().map(|hop| hop.lookup.as_str()).collect();
    let anchor = Anchor {
        row: row(interp, model),
        steps: hops.iter().map(|hop| hop.step.clone()).collect(),
        lookup: lookup.join("__"),
    };
    Some(Found { anchor, columns })
}

/// The attribute of an instance that holds a column by itself.
pub fn attribute(interp: &mut Interp<'_>, model: ClassId, column: &str) -> String {
    match interp.relation(model, column) {
        Some(_) => format!("{column}_id"),
        None => column.to_owned(),
    }
}

/// What queries call the rows that hold a relation, from the side it points to; `None` where that is
/// not told for sure.
pub fn way_back(interp: &mut Interp<'_>, owner: ClassId, field: &str) -> Option<String> {
    let relation = interp.relation(owner, field)?;
    let own = interp.program.class_name(owner).to_lowercase();
    if interp.has_related_query_name(owner, field) {
        return None;
    }
    match relation.related_name {
        Some(name) if name.ends_with('+') => None,
        Some(name) => Some(name.replace("%(class)s", &own)).filter(|name| !name.contains('%')),
        None => Some(own),
    }
}

/// A model as code can name it.
pub fn row(interp: &mut Interp<'_>, model: ClassId) -> Row {
    let program = interp.program;
    let managers = interp.managers(model);
    let plain = managers.is_empty() || managers.iter().any(|(name, _)| &**name == "objects");
    Row {
        class: Importable {
            location: Some(program.class_location(model)),
            module: program.modules.name(model.file).to_owned(),
            name: program.class_name(model).to_owned(),
            rest: String::new(),
        },
        label: interp.model_label(model),
        manager: match managers.first() {
            Some((first, _)) if !plain => first.to_string(),
            _ => "objects".to_owned(),
        },
    }
}
