//! Managers and querysets: what their methods make of the rows, and what they write.

use std::sync::Arc;

use super::Interp;
use super::creations::made_with;
use super::lookups::{Conditions, Part, add_reads, lookups_of};
use super::moment::Subject;
use crate::frameworks::{QuerySetMethod, Role};
use crate::graph::effect::{Write, WriteKind};
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, RowRef};
use crate::graph::value::{
    Args, Column, Dict, Filter, FilterValue, Object, Query, RowPart, RowSource, Rows, Shape, Taint,
    Value, Via,
};
use crate::source::Location;

impl Interp<'_> {
    pub(super) fn call_rows_method(
        &mut self,
        rows: &Arc<Rows>,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        if let Some(via) = rows.query.manages.clone()
            && self.program.frameworks.is_link_method(name)
        {
            self.link(rows, &via, name, &args, site);
            return Value::None;
        }
        let Some(method) = self.program.frameworks.queryset_method(name) else {
            return self.call_unknown_method(&Value::Rows(rows.clone()), name, args, site);
        };
        match method {
            QuerySetMethod::Rows => Value::Rows(rows.clone()),
            QuerySetMethod::Mapping => self.rows_by_column(rows, &args),
            QuerySetMethod::Conditions | QuerySetMethod::Exclusions => {
                let confines = method == QuerySetMethod::Conditions;
                Value::Rows(Arc::new(self.conditioned(rows, &args, confines)))
            }
            QuerySetMethod::Sql => Value::Rows(Arc::new(self.selected(rows, &args))),
            QuerySetMethod::Orders => Value::Rows(Arc::new(self.ordered(rows, &args))),
            QuerySetMethod::Related => Value::Rows(Arc::new(self.with_related(rows, &args))),
            QuerySetMethod::LoadsOnly | QuerySetMethod::LoadsAllBut => {
                let names_them = method == QuerySetMethod::LoadsOnly;
                Value::Rows(Arc::new(self.loading(rows, &args, names_them)))
            }
            QuerySetMethod::Columns => Value::Rows(Arc::new(self.columns_of(rows, &args))),
            QuerySetMethod::Figures => self.figures(rows, &args),
            QuerySetMethod::Unique => {
                let found = self.conditioned(rows, &args, true);
                self.found_row(&found, true)
            }
            QuerySetMethod::Row if rows.query.finds_nothing() => Value::None,
            // A row that is looked up by its key is not asked for before it is there.
            QuerySetMethod::Row => self.found_row(rows, rows.query.names_key()),
            QuerySetMethod::Creates | QuerySetMethod::CreatesOrUpdates => {
                self.create(rows, method, name, &args, site)
            }
            QuerySetMethod::Deletes => {
                let filters = rows.query.filters.clone();
                let write = Write { filters, ..Write::new(None, WriteKind::QuerysetDelete) };
                self.write_rows(rows, write, site);
                if let Some(model) = rows.model {
                    let row = Object::row(model, rows.query.is_historical);
                    self.run_delete_hooks(&row, site);
                }
                Value::Unknown
            }
            QuerySetMethod::RawDeletes => {
                let filters = rows.query.filters.clone();
                let write = Write { filters, ..Write::new(None, WriteKind::RawDelete) };
                self.write_rows(rows, write, site);
                Value::Unknown
            }
            QuerySetMethod::Updates => {
                let columns = self.named_columns(rows.model, &args);
                let values = match rows.model {
                    Some(model) => self.values_set(model, &args.keywords),
                    None => Vec::new(),
                };
                let filters = rows.query.filters.clone();
                let write =
                    Write { columns, values, filters, ..Write::new(None, WriteKind::Update) };
                self.write_rows(rows, write, site);
                self.run_libraries_of_rows(rows, name, site);
                Value::Unknown
            }
            QuerySetMethod::BulkCreates => {
                let filters = args.positional.first().map(made_with).unwrap_or_default();
                let (kind, columns) = match args.keyword("update_conflicts") {
                    Some(Value::Bool(true)) => {
                        let named = args.keyword("update_fields");
                        (WriteKind::Upsert, self.listed_columns(rows.model, named))
                    }
                    _ => (WriteKind::BulkCreate, None),
                };
                let write = Write { columns, filters, ..Write::new(None, kind) };
                self.write_rows(rows, write, site);
                self.run_libraries_of_rows(rows, name, site);
                args.positional.into_iter().next().unwrap_or_default()
            }
            QuerySetMethod::BulkUpdates => {
                let columns = self.listed_columns(rows.model, args.get(1, "fields"));
                let write = Write::new(None, WriteKind::BulkUpdate);
                self.write_rows(rows, Write { columns: columns.clone(), ..write }, site);
                self.update_through(rows, name, columns.as_deref(), site);
                Value::Unknown
            }
        }
    }

    /// Runs the override of `update()` that a method of the rows works through, where there is one.
    fn update_through(
        &mut self,
        rows: &Arc<Rows>,
        method: &str,
        columns: Option<&[Arc<str>]>,
        site: Location,
    ) {
        let frameworks = self.program.frameworks;
        if !frameworks.goes_through_update(method) {
            return;
        }
        let update = self.attribute(&Value::Rows(rows.clone()), frameworks.update_method());
        if matches!(update, Value::Bound(_)) {
            let columns = columns.map(|columns| columns.iter().cloned());
            let open = columns.is_none();
            let keywords = columns.into_iter().flatten().map(|name| (name, Value::Unknown));
            let args = Args { keywords: keywords.collect(), open, ..Args::default() };
            self.call(&update, args, site);
        }
    }

    /// A write of the rows of a queryset, but for their model; automatic through rows are links of their field.
    pub(super) fn write_rows(&mut self, rows: &Rows, write: Write, site: Location) {
        let is_historical = rows.query.is_historical;
        let write = match &rows.query.links_of {
            Some(via) => {
                Write::new(Some(via.owner), WriteKind::LinkRows { field: via.field.clone() })
            }
            None => Write { model: rows.model, is_supposed: rows.query.is_supposed, ..write },
        };
        self.write(Write { is_historical, ..write }, site);
    }

    /// `add()`, `set()` and their kin on the far side of a relation.
    pub(super) fn link(
        &mut self,
        rows: &Arc<Rows>,
        via: &Arc<Via>,
        name: &str,
        args: &Args,
        site: Location,
    ) {
        let is_historical = rows.query.is_historical;
        if via.role == Role::ManyToMany {
            let kind = WriteKind::Links { field: via.field.clone() };
            self.write(Write { is_historical, ..Write::new(Some(via.owner), kind) }, site);
            let actions = self.program.frameworks.link_actions(name);
            let reverse = !via.forward;
            self.run_link_hooks(via.owner, &via.field, reverse, is_historical, actions, site);
            return;
        }
        let saves = args.keyword("bulk") == Some(&Value::Bool(false));
        let column: Arc<[Arc<str>]> = [via.field.clone()].into();
        let kind = if saves { WriteKind::Save } else { WriteKind::Related };
        let columns = Some(column.clone());
        // Who hands over the rows that are to be left takes the relation from all others, through an
        // override of `update()` where there is one, which knows them.
        let frameworks = self.program.frameworks;
        let sweeps = frameworks.unlinks_rest(name) && {
            let update = self.attribute(&Value::Rows(rows.clone()), frameworks.update_method());
            !matches!(update, Value::Bound(_))
        };
        self.write(Write { columns, sweeps, is_historical, ..Write::new(rows.model, kind) }, site);
        if !saves {
            self.update_through(rows, name, Some(&column), site);
        } else if let Some(model) = rows.model {
            let object = Arc::new(Object::row(model, is_historical));
            self.run_save_hooks(&object, Value::Bool(false), Value::None, site);
        }
    }

    /// `filter(...)` where it confines, else `exclude(...)`.
    fn conditioned(&mut self, rows: &Rows, args: &Args, confines: bool) -> Rows {
        let Some(model) = rows.model else { return rows.clone() };
        // Rows that fit one of several conditions only are not excluded.
        let excludes = !confines && args.keywords.len() == 1 && args.positional.is_empty();
        if !self.tracks_rows() && !confines && !excludes {
            return rows.clone();
        }
        let mut query = (*rows.query).clone();
        for (keyword, value) in &args.keywords {
            let lookup = self.lookup_path(model, keyword);
            if self.tracks_rows() {
                add_reads(&lookup, &mut query.deciding, RowPart::Deciding, rows);
                value.collect_compared(&mut query.deciding);
            }
            if lookup.comparison.is_some() {
                continue;
            }
            let value = match (confines, filter_value(value)) {
                (true, value) => value,
                (false, FilterValue::Known(value)) if excludes => FilterValue::Not(value),
                _ => continue,
            };
            query.filters.push(Filter { column: lookup.path.join("__").into(), value });
        }
        for value in &args.positional {
            self.read_lookups(model, value, &mut query.deciding, RowPart::Deciding, rows);
            if self.tracks_rows() {
                value.collect_taint(&mut query.deciding);
            }
        }
        let mut found = Rows { query: Arc::new(query), ..rows.clone() };
        let all_hold = args.positional.iter().filter(|_| confines).filter_map(Conditions::in_value);
        for conditions in all_hold {
            let keywords = conditions.keywords();
            found = self.conditioned(&found, &Args { keywords, ..Args::default() }, true);
        }
        found
    }

    /// `raw(sql)`: the rows that the text confines to.
    fn selected(&mut self, rows: &Rows, args: &Args) -> Rows {
        let Some(model) = rows.model else { return rows.clone() };
        let keywords = self.equal_in_sql(model, args);
        let mut chosen = self.conditioned(rows, &Args { keywords, ..Args::default() }, true);
        let text = args.positional.first().and_then(Value::known_text);
        if !text.is_some_and(|text| text.to_lowercase().contains("order by")) {
            Arc::make_mut(&mut chosen.query).by_text = true;
        }
        chosen
    }

    /// `order_by(...)`, `annotate(...)` and the like: columns that decide the order, or are computed.
    fn ordered(&mut self, rows: &Rows, args: &Args) -> Rows {
        let (Some(model), true) = (rows.model, self.tracks_rows()) else { return rows.clone() };
        let mut query = (*rows.query).clone();
        for value in args.values() {
            self.read_lookups(model, value, &mut query.deciding, RowPart::Deciding, rows);
            value.collect_taint(&mut query.deciding);
        }
        if args.keywords.is_empty() {
            query.deciding.insert(rows.source(RowPart::Ordered));
        }
        query.annotations.extend(args.keywords.iter().map(|(name, _)| name.clone()));
        Rows { query: Arc::new(query), ..rows.clone() }
    }

    /// `select_related(...)` and `prefetch_related(...)`: whole rows of other models come along.
    fn with_related(&mut self, rows: &Rows, args: &Args) -> Rows {
        let (Some(model), true) = (rows.model, self.tracks_rows()) else { return rows.clone() };
        let mut query = (*rows.query).clone();
        for value in &args.positional {
            for path in lookups_of(value) {
                let mut lookup = self.lookup_path(model, &path);
                let is_link = |(_, part, _): &(_, Part, _)| matches!(part, Part::Links(_));
                let (links, columns) = lookup.reads.into_iter().partition(is_link);
                // Links do not decide which rows there are.
                lookup.reads = links;
                add_reads(&lookup, &mut query.related, RowPart::Deciding, rows);
                lookup.reads = columns;
                add_reads(&lookup, &mut query.deciding, RowPart::Deciding, rows);
                if let Some((target, via)) = lookup.target {
                    query.related.insert(RowSource::reached(target, RowPart::Whole, Some(via)));
                }
            }
        }
        Rows { query: Arc::new(query), ..rows.clone() }
    }

    /// `only(...)` where the arguments name the columns that are loaded, else `defer(...)`: nothing else is
    /// kept of a row.
    fn loading(&mut self, rows: &Rows, args: &Args, names_them: bool) -> Rows {
        let (Some(model), true) = (rows.model, self.tracks_rows()) else { return rows.clone() };
        let names: Vec<Arc<str>> = args.positional.iter().flat_map(lookups_of).collect();
        if args.open || names.is_empty() || names.len() < args.positional.len() {
            return rows.clone();
        }
        let named: Vec<Arc<str>> = names
            .iter()
            .filter(|name| !name.contains("__"))
            .map(|name| self.column_name(model, name))
            .collect();
        let loaded: Vec<Arc<str>> = match (names_them, &rows.query.loaded) {
            (true, _) => named,
            (false, Some(before)) => {
                before.iter().filter(|column| !named.contains(column)).cloned().collect()
            }
            (false, None) => {
                let all = self.columns(model);
                let all = all.iter().map(|column| self.column_name(model, column));
                all.filter(|column| !named.contains(column)).collect()
            }
        };
        let query = Query { loaded: Some(loaded.into()), ..(*rows.query).clone() };
        Rows { query: Arc::new(query), ..rows.clone() }
    }

    /// `values(...)`, `values_list(...)`
    fn columns_of(&mut self, rows: &Rows, args: &Args) -> Rows {
        let (Some(model), false) = (rows.model, args.positional.is_empty()) else {
            return rows.clone();
        };
        let mut columns = Taint::new();
        for value in args.values().filter(|value| !matches!(value, Value::Bool(_))) {
            self.read_lookups(model, value, &mut columns, RowPart::Column, rows);
        }
        if let Some(origin) = self.stored_column(rows, model, &args.positional) {
            let stored = Column { origin, is_set: false, taint: columns };
            return Rows { shape: Shape::Stored(Arc::new(stored)), ..rows.clone() };
        }
        let is_key =
            |source: &RowSource| matches!(&source.part, RowPart::Column(name) if &**name == "pk");
        let names_computed = args
            .positional
            .iter()
            .flat_map(lookups_of)
            .any(|name| rows.query.annotations.contains(&name));
        let shape = match columns.iter().all(is_key) && columns.len() == 1 && !names_computed {
            true => Shape::Keys,
            false => Shape::Columns(columns),
        };
        Rows { shape, ..rows.clone() }
    }

    /// The column that is asked for, where it is one and the rows are no other than that which is about
    /// to be saved: its own, or one of the row that a foreign key of it leads to.
    fn stored_column(&mut self, rows: &Rows, model: ClassId, names: &[Value]) -> Option<Origin> {
        let [name] = names else { return None };
        let name = name.known_text().filter(|_| self.is_stored_subject(rows))?;
        let Some((field, name)) = name.split_once("__") else {
            let column = self.column_name(model, name);
            return Some(Origin::Column { model, column, row: RowRef::Stored });
        };
        let relation = self.relation(model, field)?;
        let model = relation.target.filter(|_| relation.role == Role::ForeignKey)?;
        let column = self.column_name(model, name);
        let is_column = &*column == "pk" || self.is_column(model, name);
        is_column.then_some(Origin::Column { model, column, row: RowRef::BesideStored })
    }

    /// One of the rows, which may be that which is about to be saved as the database has it.
    fn found_row(&mut self, rows: &Rows, single: bool) -> Value {
        match one_row(rows, single) {
            Value::Object(object) if self.is_stored_subject(rows) => {
                let query = looked_up(rows);
                let stored =
                    Object { is_stored: true, one_of_many: false, query, ..(*object).clone() };
                Value::Object(Arc::new(stored))
            }
            value => value,
        }
    }

    /// Whether the rows are no other than that which is about to be saved.
    fn is_stored_subject(&mut self, rows: &Rows) -> bool {
        let is_subject = |filter: &Filter| match &filter.value {
            FilterValue::From(Origin::Column { column, row: RowRef::Subject, .. }) => {
                &*filter.column == "pk" && &**column == "pk"
            }
            _ => false,
        };
        rows.query.filters.iter().any(is_subject) && self.moment.subject() == Subject::Changing
    }

    /// `count()`, `aggregate(...)`
    fn figures(&mut self, rows: &Rows, args: &Args) -> Value {
        let mut taint: Taint = rows.query.deciding.clone();
        taint.insert(rows.source(RowPart::Presence));
        taint.insert(rows.source(RowPart::Ordered));
        if let Shape::Columns(columns) = &rows.shape {
            taint.add(columns);
        }
        if let Some(model) = rows.model {
            for value in args.values() {
                self.read_lookups(model, value, &mut taint, RowPart::Column, rows);
                value.collect_taint(&mut taint);
            }
        }
        Value::derived(taint)
    }

    /// Each row by the column that `field_name` names, or by its primary key.
    fn rows_by_column(&mut self, rows: &Rows, args: &Args) -> Value {
        let row = one_row(rows, false);
        let column = args.keyword("field_name").and_then(Value::known_text).unwrap_or("pk");
        let key = self.attribute(&row, column);
        Value::Dict(Arc::new(Dict { items: vec![(key, row)], open: true, held: None }))
    }

    /// What a relation manager or `Model.objects` is before any method was called on it.
    pub(super) fn rows_of_model(&mut self, model: Option<ClassId>, query: Query) -> Value {
        let has_methods = !query.is_historical;
        let manager = model.filter(|_| has_methods);
        let manager = manager.and_then(|model| self.managers(model).into_iter().next());
        let classes = match manager {
            Some((_, Value::Rows(rows))) => rows.classes.clone(),
            _ => Vec::new(),
        };
        Value::Rows(Arc::new(Rows { classes, model, shape: Shape::Whole, query: Arc::new(query) }))
    }
}

/// One of the rows of a queryset; the only one there is where it was looked up.
pub(super) fn one_row(rows: &Rows, single: bool) -> Value {
    match (&rows.shape, rows.model) {
        (Shape::Whole, Some(model)) => {
            let query = if single { looked_up(rows) } else { rows.query.clone() };
            Value::Object(Arc::new(Object { one_of_many: !single, query, ..Object::new(model) }))
        }
        (Shape::Stored(column), _) => Value::Column(column.clone()),
        (Shape::Whole, None) => {
            // Links of the program lead to rows of other packages, too.
            let mut taint = rows.query.deciding.clone();
            taint.insert(RowSource { single, ..rows.source(RowPart::Whole) });
            Value::derived(taint)
        }
        _ => {
            let mut taint = Taint::new();
            rows.collect_taint(&mut taint);
            if single {
                taint = taint.map(|source| RowSource { single, ..source });
            }
            Value::derived(taint)
        }
    }
}

/// A query whose conditions look up the one row there is.
fn looked_up(rows: &Rows) -> Arc<Query> {
    let query = &rows.query;
    let single = |source: &RowSource| {
        let mut source = RowSource { single: source.via.is_none(), ..source.clone() };
        if source.single && source.model == rows.model {
            source.filters = query.filters.clone();
        }
        source
    };
    let deciding = query.deciding.iter().map(single).collect();
    Arc::new(Query { deciding, ..(**query).clone() })
}

/// Where a value comes from that fills a hole of a key or confines a query.
pub(super) fn origin_of(value: &Value) -> Option<Origin> {
    match value {
        Value::Column(column) => Some(column.origin.clone()),
        Value::Symbol(function, param) => Some(Origin::Param(*function, *param, "".into())),
        Value::Object(object) if !object.is_new => Some(object.origin("pk".into())),
        Value::Native(native) => match origin_of(&native.0)? {
            Origin::Param(function, param, path) => {
                let path = if path.is_empty() {
                    native.1.clone()
                } else {
                    format!("{path}.{}", native.1).into()
                };
                Some(Origin::Param(function, param, path))
            }
            Origin::Column { .. } | Origin::Once | Origin::Setting => None,
        },
        _ => None,
    }
}

pub(super) fn filter_value(value: &Value) -> FilterValue {
    match value {
        Value::Int(number) => FilterValue::Known(number.to_string().into()),
        Value::Bool(true) => FilterValue::Known("True".into()),
        Value::Bool(false) => FilterValue::Known("False".into()),
        Value::None => FilterValue::Known("None".into()),
        other => match (other.known_text(), origin_of(other)) {
            (Some(text), _) => FilterValue::Known(text.into()),
            (None, Some(origin)) => FilterValue::From(origin),
            (None, None) => FilterValue::Unknown,
        },
    }
}
