//! What queries name: columns and relations by lookup paths, and conditions on them.

use std::sync::Arc;

use super::Interp;
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Dict, RowPart, RowSource, Rows, Taint, Value, Via};

/// Where a lookup path such as `vendor__country` leads, and what of the database it reads.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    /// Each column and link on the way, with the relation it was reached by.
    pub(super) reads: Vec<(ClassId, Part, Option<Arc<Via>>)>,
    /// The path in field names, without a comparison at its end.
    pub(super) path: Vec<Arc<str>>,
    /// The comparison at its end, where it names one.
    pub(super) comparison: Option<String>,
    /// The model that the path ends at, where its last step is a relation.
    pub(super) target: Option<(ClassId, Arc<Via>)>,
}

/// What a step of a lookup path reads.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Column(Arc<str>),
    Links(Arc<str>),
}

impl Part {
    /// What following a relation field reads.
    fn of(role: Role, field: &Arc<str>) -> Part {
        match role {
            Role::ManyToMany => Part::Links(field.clone()),
            _ => Part::Column(field.clone()),
        }
    }
}

/// What `Q(...)` compares where all of it must hold.
pub(super) struct Conditions(Arc<Dict>);

impl Conditions {
    /// Those that a value is made of, where it is made of such.
    pub(super) fn in_value(value: &Value) -> Option<Conditions> {
        match value {
            Value::Sequence(items) => match items.as_slice() {
                [Value::Lookups(_), _, Value::Dict(dict)] => Some(Conditions(dict.clone())),
                _ => None,
            },
            _ => None,
        }
    }

    /// Those that a call names.
    pub(super) fn of(args: &Args) -> Option<Conditions> {
        let mut dict = Dict::default();
        for value in &args.positional {
            dict.items.extend(Conditions::in_value(value)?.0.items.iter().cloned());
        }
        let named = args.keywords.iter();
        dict.items.extend(named.map(|(name, value)| (Value::text(name), value.clone())));
        (!args.open && !dict.items.is_empty()).then(|| Conditions(Arc::new(dict)))
    }

    /// An expression of a query with what it compares.
    pub(super) fn beside(self, expression: Value) -> Value {
        match expression {
            Value::Sequence(items) => {
                let mut parts = items.to_vec();
                parts.truncate(2);
                parts.push(Value::Dict(self.0));
                Value::sequence(parts)
            }
            lookups => Value::sequence(vec![lookups, Value::Unknown, Value::Dict(self.0)]),
        }
    }

    /// Both.
    pub(super) fn and(self, other: Conditions) -> Conditions {
        let items = self.0.items.iter().chain(&other.0.items).cloned().collect();
        Conditions(Arc::new(Dict { items, ..Dict::default() }))
    }

    pub(super) fn keywords(&self) -> Vec<(Arc<str>, Value)> {
        let named = self.0.items.iter();
        named.filter_map(|(name, value)| Some((name.known_text()?.into(), value.clone()))).collect()
    }
}

impl Interp<'_> {
    pub(super) fn read_lookups(
        &mut self,
        model: ClassId,
        value: &Value,
        taint: &mut Taint,
        part: fn(Arc<str>) -> RowPart,
        rows: &Rows,
    ) {
        if !self.tracks_rows() {
            return;
        }
        for path in lookups_of(value) {
            let lookup = self.lookup_path(model, path.trim_start_matches('-'));
            add_reads(&lookup, taint, part, rows);
        }
    }

    /// Follows a lookup path from a model.
    pub(super) fn lookup_path(&mut self, model: ClassId, path: &str) -> Lookup {
        let mut lookup = Lookup::default();
        let mut model = model;
        let mut via: Option<Arc<Via>> = None;
        let mut segments = path.split("__").peekable();
        while let Some(segment) = segments.next() {
            let field = self.column_name(model, segment);
            if let Some(relation) = self.relation(model, &field) {
                lookup.reads.push((model, Part::of(relation.role, &field), via.clone()));
                lookup.path.push(field.clone());
                let Some(target) = relation.target else { break };
                let step = Via { owner: model, field, role: relation.role, forward: true };
                via = Some(Arc::new(step));
                model = target;
                lookup.target = via.clone().map(|via| (model, via));
            } else if &*field == "pk" || self.class_attribute(model, &field).is_some() {
                // `team__id` is what the column of `team` holds.
                let of_relation = &*field == "pk" && lookup.target.is_some();
                if !of_relation {
                    lookup.reads.push((model, Part::Column(field.clone()), via.clone()));
                    lookup.path.push(field);
                }
                lookup.target = None;
            } else if let Some((owner, field, role)) = self.reverse_of(model, segment) {
                let part = Part::of(role, &field);
                let step = Arc::new(Via { owner, field, role, forward: false });
                lookup.reads.push((owner, part, Some(step.clone())));
                lookup.path.push(segment.into());
                model = owner;
                lookup.target = Some((model, step.clone()));
                via = Some(step);
            } else {
                let rest: Vec<&str> = std::iter::once(segment).chain(segments).collect();
                lookup.comparison = (rest != ["exact"]).then(|| rest.join("__"));
                break;
            }
        }
        lookup
    }

    /// The column that a lookup path leads to, and the model that has it.
    pub fn column_behind(&mut self, model: ClassId, path: &str) -> Option<(ClassId, Arc<str>)> {
        let lookup = self.lookup_path(model, path);
        match lookup.reads.into_iter().next_back()? {
            (owner, Part::Column(column), _) if lookup.comparison.is_none() => {
                Some((owner, column))
            }
            _ => None,
        }
    }

    /// The columns that the keywords of a call name.
    pub(super) fn named_columns(
        &mut self,
        model: Option<ClassId>,
        args: &Args,
    ) -> Option<Arc<[Arc<str>]>> {
        if args.open || args.keywords.is_empty() {
            return None;
        }
        let names = args.keywords.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        Some(names.into_iter().map(|name| self.column_of(model, &name)).collect())
    }

    /// The columns that a list of names means.
    pub(super) fn listed_columns(
        &mut self,
        model: Option<ClassId>,
        names: Option<&Value>,
    ) -> Option<Arc<[Arc<str>]>> {
        let names = self.elements(names?)?;
        names
            .iter()
            .map(|name| name.known_text().map(|name| self.column_of(model, name)))
            .collect::<Option<Vec<_>>>()
            .map(Into::into)
    }

    pub(super) fn column_of(&mut self, model: Option<ClassId>, name: &str) -> Arc<str> {
        model.map_or_else(|| name.into(), |model| self.column_name(model, name))
    }
}

/// The lookup paths that an argument of a query names.
pub(super) fn lookups_of(value: &Value) -> Vec<Arc<str>> {
    match value {
        Value::Text(text) => text.known().map(Into::into).into_iter().collect(),
        Value::Lookups(paths) => paths.to_vec(),
        Value::Sequence(items) | Value::Union(items) => items.iter().flat_map(lookups_of).collect(),
        _ => Vec::new(),
    }
}

/// An expression of a query that names columns, with what else it reads: a subquery does.
pub(super) fn expression(paths: Vec<Arc<str>>, taint: Taint) -> Value {
    let lookups = Value::Lookups(Arc::new(paths));
    match taint.is_empty() {
        true => lookups,
        false => Value::sequence(vec![lookups, Value::derived(taint)]),
    }
}

/// Whether a value is an expression of a query that names columns.
pub(super) fn names_lookups(value: &Value) -> bool {
    match value {
        Value::Lookups(_) => true,
        Value::Sequence(items) => matches!(items.first(), Some(Value::Lookups(_))),
        _ => false,
    }
}

pub(super) fn add_reads(
    lookup: &Lookup,
    taint: &mut Taint,
    part: fn(Arc<str>) -> RowPart,
    rows: &Rows,
) {
    for (model, read, via) in &lookup.reads {
        let part = match read {
            Part::Column(name) => part(name.clone()),
            Part::Links(name) => RowPart::Links(name.clone()),
        };
        taint.insert(match via {
            None => RowSource { model: Some(*model), ..rows.source(part) },
            Some(_) => RowSource::reached(*model, part, via.clone()),
        });
    }
}
