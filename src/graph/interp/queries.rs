//! Managers and querysets: what their methods make of the rows, and what they write.

use std::sync::Arc;

use super::Interp;
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

/// Where a lookup path such as `vendor__country` leads, and what of the database it reads.
#[derive(Debug, Default)]
struct Lookup {
    /// Each column and link on the way, with the relation it was reached by.
    reads: Vec<(ClassId, Part, Option<Arc<Via>>)>,
    /// The path in field names, without a comparison at its end.
    path: Vec<Arc<str>>,
    /// The comparison at its end, where it names one.
    comparison: Option<String>,
    /// The model that the path ends at, where its last step is a relation.
    target: Option<(ClassId, Arc<Via>)>,
}

/// What a step of a lookup path reads.
#[derive(Debug, Clone)]
enum Part {
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

/// What the methods that look a row up, and make it where there is none, set besides what they look it up by.
const DEFAULTS: [&str; 2] = ["defaults", "create_defaults"];

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
                self.write_rows(rows, WriteKind::QuerysetDelete, None, filters, site);
                if let Some(model) = rows.model {
                    let row = Object::row(model, rows.query.is_historical);
                    self.run_delete_hooks(&row, site);
                }
                Value::Unknown
            }
            QuerySetMethod::RawDeletes => {
                let filters = rows.query.filters.clone();
                self.write_rows(rows, WriteKind::RawDelete, None, filters, site);
                Value::Unknown
            }
            QuerySetMethod::Updates => {
                let columns = self.named_columns(rows.model, &args);
                let filters = rows.query.filters.clone();
                self.write_rows(rows, WriteKind::Update, columns, filters, site);
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
                self.write_rows(rows, kind, columns, filters, site);
                self.run_libraries_of_rows(rows, name, site);
                args.positional.into_iter().next().unwrap_or_default()
            }
            QuerySetMethod::BulkUpdates => {
                let columns = self.listed_columns(rows.model, args.get(1, "fields"));
                self.write_rows(rows, WriteKind::BulkUpdate, columns.clone(), Vec::new(), site);
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
            let args = Args { positional: Vec::new(), keywords: keywords.collect(), open };
            self.call(&update, args, site);
        }
    }

    /// A write of the rows of a queryset; automatic through rows are links of their field.
    fn write_rows(
        &mut self,
        rows: &Rows,
        kind: WriteKind,
        columns: Option<Arc<[Arc<str>]>>,
        filters: Vec<Filter>,
        site: Location,
    ) {
        let is_historical = rows.query.is_historical;
        match &rows.query.links_of {
            Some(via) => {
                let kind = WriteKind::LinkRows { field: via.field.clone() };
                self.write(Write { is_historical, ..Write::new(Some(via.owner), kind) }, site);
            }
            None => {
                let write = Write { columns, filters, ..Write::new(rows.model, kind) };
                self.write(Write { is_historical, ..write }, site);
            }
        }
    }

    fn create(
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
        self.write_rows(rows, kind, None, filters.clone(), site);
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
        match name.contains("_or_") {
            true => Value::sequence(vec![instance, Value::Unknown]),
            false => instance,
        }
    }

    /// The columns of which the values are known that a row is looked up by, or made with where there is none,
    /// and that no default changes.
    fn columns_looked_up(&mut self, model: ClassId, args: &Args) -> Vec<Filter> {
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
    fn defaults(&mut self, model: ClassId) -> Arc<[Filter]> {
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

    /// `add()`, `set()` and their kin on the far side of a relation.
    fn link(&mut self, rows: &Arc<Rows>, via: &Arc<Via>, name: &str, args: &Args, site: Location) {
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
        self.conditioned(rows, &Args { keywords, ..Args::default() }, true)
    }

    /// `order_by(...)`, `annotate(...)` and the like: columns that decide the order, or are computed.
    fn ordered(&mut self, rows: &Rows, args: &Args) -> Rows {
        let (Some(model), true) = (rows.model, self.tracks_rows()) else { return rows.clone() };
        let mut query = (*rows.query).clone();
        for value in args.values() {
            self.read_lookups(model, value, &mut query.deciding, RowPart::Deciding, rows);
            value.collect_taint(&mut query.deciding);
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
                let lookup = self.lookup_path(model, &path);
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
        if let Some(model) = rows.model {
            for value in args.values() {
                self.read_lookups(model, value, &mut taint, RowPart::Column, rows);
                value.collect_taint(&mut taint);
            }
        }
        Value::derived(taint)
    }

    fn read_lookups(
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
    fn lookup_path(&mut self, model: ClassId, path: &str) -> Lookup {
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

    /// The columns that the keywords of a call name.
    fn named_columns(&mut self, model: Option<ClassId>, args: &Args) -> Option<Arc<[Arc<str>]>> {
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

    fn column_of(&mut self, model: Option<ClassId>, name: &str) -> Arc<str> {
        model.map_or_else(|| name.into(), |model| self.column_name(model, name))
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
            Origin::Column { .. } | Origin::Once => None,
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

/// The columns that hold known values in each of some new rows.
fn made_with(rows: &Value) -> Vec<Filter> {
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

    fn keywords(&self) -> Vec<(Arc<str>, Value)> {
        let named = self.0.items.iter();
        named.filter_map(|(name, value)| Some((name.known_text()?.into(), value.clone()))).collect()
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

fn add_reads(lookup: &Lookup, taint: &mut Taint, part: fn(Arc<str>) -> RowPart, rows: &Rows) {
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
