//! Queries that make rows, and the columns that new rows have.

use std::sync::Arc;

use super::Interp;
use super::queries::filter_value;
use crate::frameworks::{QuerySetMethod, Role};
use crate::graph::effect::{Write, WriteKind};
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Filter, FilterValue, Object, Query, Rows, Value};
use crate::source::Location;

/// What the methods that look a row up, and make it where there is none, set besides what they look it up by.
const DEFAULTS: [&str; 2] = ["defaults", "create_defaults"];

impl Interp<'_> {
    pub(super) fn create(
        &mut self,
        rows: &Arc<Rows>,
        method: QuerySetMethod,
        name: &str,
        args: &Args,
        site: Location,
    ) -> Value {
        let kind = match method {
            QuerySetMethod::CreatesOrUpdates => WriteKind::Save,
            _ => WriteKind::Create,
        };
        let filters = match rows.model {
            Some(model) if !name.contains("_or_") => self.columns_of_new(model, args),
            Some(model) => self.columns_looked_up(model, args),
            None => Vec::new(),
        };
        match (&kind, rows.model) {
            (WriteKind::Save, Some(model)) if rows.query.links_of.is_none() => {
                let sets = self.set_by_defaults(model, args);
                let (filters, is_historical) = (filters.clone(), rows.query.is_historical);
                let write = Write { filters, is_historical, sets, ..Write::new(Some(model), kind) };
                self.write(write, site);
            }
            _ => {
                let write = Write { filters: filters.clone(), ..Write::new(None, kind) };
                self.write_rows(rows, write, site);
            }
        }
        let instance = match rows.model {
            Some(model) => {
                let mut row = Object::row(model, rows.query.is_historical);
                if name.contains("_or_") && !filters.is_empty() {
                    row.query = Arc::new(Query { filters, ..(*row.query).clone() });
                }
                Value::Object(Arc::new(row))
            }
            None => Value::Unknown,
        };
        if let Value::Object(object) = &instance {
            let save = self.attribute(&instance, self.save_method());
            if matches!(&save, Value::Bound(_)) {
                self.call(&save, Args::default(), site);
            } else {
                // Whether it writes at all is another matter; where it may change a row, those hooks count
                // that run then.
                let created = Value::Bool(method != QuerySetMethod::CreatesOrUpdates);
                self.run_save_hooks(object, created, Value::None, site);
            }
        }
        if let Some(via) = rows.query.manages.clone()
            && via.role == Role::ManyToMany
        {
            self.link(rows, &via, "add", args, site);
        }
        match (name.contains("_or_"), method) {
            (true, QuerySetMethod::CreatesOrUpdates) => {
                Value::sequence(vec![instance, Value::Made(site)])
            }
            (true, _) => Value::sequence(vec![instance, Value::Unknown]),
            (false, _) => instance,
        }
    }

    /// The columns that a row which is there is given by the method that makes one where there is none.
    fn set_by_defaults(&mut self, model: ClassId, args: &Args) -> Option<Arc<[Arc<str>]>> {
        let Some(Value::Dict(dict)) = args.keyword(DEFAULTS[0]) else { return None };
        let names = dict.items.iter().map(|(key, _)| key.known_text());
        let names: Option<Vec<&str>> = names.collect();
        let columns = names?.into_iter().map(|name| self.column_name(model, name)).collect();
        (!dict.open).then_some(columns)
    }

    /// The columns of which the values are known that a row is looked up by, or made with where there is none,
    /// and that no default changes.
    pub(super) fn columns_looked_up(&mut self, model: ClassId, args: &Args) -> Vec<Filter> {
        if !self.only_drops {
            return Vec::new();
        }
        let mut changed: Vec<Arc<str>> = Vec::new();
        for name in DEFAULTS {
            match args.keyword(name) {
                None | Some(Value::None) => {}
                Some(Value::Dict(dict)) if !dict.open => {
                    for (key, _) in &dict.items {
                        let Some(key) = key.known_text() else { return Vec::new() };
                        changed.push(self.column_name(model, key));
                    }
                }
                Some(_) => return Vec::new(),
            }
        }
        let mut columns: Vec<Filter> = Vec::new();
        for (name, value) in &args.keywords {
            if name.contains("__") || DEFAULTS.contains(&&**name) {
                continue;
            }
            let (column, value) = (self.column_name(model, name), filter_value(value));
            if matches!(value, FilterValue::Known(_)) && !changed.contains(&column) {
                columns.push(Filter { column, value });
            }
        }
        columns
    }

    /// The columns of which the values are known that a new row has, from the arguments of its constructor
    /// and from the defaults of its fields.
    pub(super) fn columns_of_new(&mut self, model: ClassId, args: &Args) -> Vec<Filter> {
        if !self.only_drops {
            return Vec::new();
        }
        let mut columns: Vec<Filter> = Vec::new();
        for (name, value) in &args.keywords {
            let column = self.column_name(model, name);
            columns.push(Filter { column, value: filter_value(value) });
        }
        if !args.open && args.positional.is_empty() {
            let defaults = self.defaults(model);
            let is_given = |column: &Arc<str>| columns.iter().any(|own| own.column == *column);
            let left: Vec<Filter> =
                defaults.iter().filter(|own| !is_given(&own.column)).cloned().collect();
            columns.extend(left);
        }
        columns.retain(|filter| matches!(filter.value, FilterValue::Known(_)));
        columns
    }

    /// The columns of a model that have a default which is spelled out.
    pub(super) fn defaults(&mut self, model: ClassId) -> Arc<[Filter]> {
        if let Some(known) = self.defaults.get(&model) {
            return known.clone();
        }
        let mut defaults = Vec::new();
        for name in self.columns(model) {
            let Some(default) = self.field_argument(model, &name, None, "default") else {
                continue;
            };
            let value = filter_value(&default);
            if matches!(value, FilterValue::Known(_)) {
                defaults.push(Filter { column: self.column_name(model, &name), value });
            }
        }
        let defaults: Arc<[Filter]> = defaults.into();
        self.defaults.insert(model, defaults.clone());
        defaults
    }
}

/// The columns that hold known values in each of some new rows.
pub(super) fn made_with(rows: &Value) -> Vec<Filter> {
    let mut rows: Vec<&Value> = match rows {
        Value::Sequence(items) | Value::Union(items) => items.iter().collect(),
        Value::Each(element) => vec![element],
        other => vec![other],
    };
    let Some(Value::Object(first)) = rows.pop() else { return Vec::new() };
    let mut common = first.columns_when_new();
    for row in rows {
        let Value::Object(row) = row else { return Vec::new() };
        let own = row.columns_when_new();
        common.retain(|filter| own.contains(filter));
    }
    common
}
