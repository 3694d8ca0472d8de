//! Reads and writes of rows: by an ORM's methods, by builders and by SQL texts.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::conditions::{changed_on_conflict, columns_in, equalities, selected_by};
use super::effect::{Act, Write};
use super::given::Given;
use super::run::Runner;
use super::tables::{TableId, is_called_like_columns};
use super::types::{Head, Ty};
use super::value::{Active, Build, Into, Query, RETURNED, Rows, Source, Value, What};
use crate::facts::ExprId;
use crate::frameworks::{Part, Receiver, Selection, Verb};
use crate::graph::key::Template;
use crate::source::FileId;

impl Runner<'_, '_> {
    /// A table itself, from which queries start.
    pub(super) fn table_value(&self, table: TableId) -> Value {
        let what = What::Query(Arc::new(Query::of(table)));
        Value { what, ..Value::of(Ty::of_part(table, Part::Entity)) }
    }

    /// An associated function of what a derive makes.
    pub(super) fn call_part(
        &mut self,
        table: TableId,
        part: Part,
        name: &str,
        given: Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        if part == Part::Active {
            // One of which nothing is set, or that is made of something out of sight.
            let ty = Ty::of_part(table, Part::Active);
            let columns = self.program.frameworks.makes_empty(name).then(BTreeSet::new);
            let active = Active { table, columns };
            return Value { what: What::Active(Arc::new(active)), ..Value::of(ty) };
        }
        let on = self.table_value(table);
        self.query_method(&on, name, &given, file, expr).unwrap_or_default()
    }

    /// A function that starts a write of the table it is given.
    pub(super) fn start_write(&mut self, verb: Verb, given: Given) -> Value {
        let Some(target) = given.values.first() else { return Value::default() };
        let (table, is_unique) = match (&target.what, self.table_of(&target.ty)) {
            (What::Query(query), _) => (query.table, query.is_unique),
            // A row that was read stands for itself.
            (_, Some(table)) => (table, true),
            _ => return Value::default(),
        };
        let many = !is_unique && verb != Verb::Insert;
        let columns = (verb == Verb::Update).then(BTreeSet::new);
        let build = Build { verb, many, columns };
        let aims = match &target.what {
            What::Query(query) => query.aims.clone(),
            _ => Vec::new(),
        };
        let query = Query { is_unique, aims, writes: Some(build), ..Query::of(table) };
        Value { what: What::Query(Arc::new(query)), ..Value::default() }
    }

    /// The table whose rows a type is.
    pub(super) fn table_of(&self, ty: &Ty) -> Option<TableId> {
        match &ty.peeled(self.program).0.head {
            Head::Class(class) => self.program.table_of_class.get(class).copied(),
            Head::Part(table, _) => Some(*table),
            _ => None,
        }
    }

    /// A method of a table, of a query, of a row, or of one about to be written.
    pub(super) fn query_method(
        &mut self,
        on: &Value,
        name: &str,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let frameworks = self.program.frameworks;
        match &on.what {
            What::Query(query) => return self.of_query(query, on, name, given, file, expr),
            What::Active(active) => {
                let write = frameworks.write_method(Receiver::Active, name)?;
                let columns = match write.writes {
                    Verb::Insert | Verb::Delete => None,
                    Verb::Update | Verb::Save => self.changed_columns(active),
                };
                let write = Write {
                    table: active.table,
                    verb: write.writes,
                    many: write.many,
                    is_sql: false,
                    hooks: write.hooks,
                    columns,
                    having: Arc::default(),
                };
                let (table, verb) = (active.table, write.verb);
                self.emit(Act::Write(write), file, expr);
                let loaded = self.loaded(table, false);
                let text = (verb != Verb::Delete).then(|| Arc::new(Template::hole(RETURNED)));
                return Some(Value { text, ..loaded });
            }
            _ => {}
        }
        let table = self.table_of(&on.ty)?;
        if let Some(write) = frameworks.write_method(Receiver::Row, name) {
            let links = match write.links {
                true => self.program.table(table).links.as_slice(),
                false => &[],
            };
            let own = (table, write.writes, write.many, write.hooks);
            let links = links.iter().map(|link| (link.by, Verb::Delete, true, false));
            for (table, verb, many, hooks) in links.chain([own]) {
                let having = Arc::default();
                let write =
                    Write { table, verb, many, is_sql: false, hooks, columns: None, having };
                self.emit(Act::Write(write), file, expr);
            }
            return Some(Value::default());
        }
        let is_row = matches!(on.ty.peeled(self.program).0.head, Head::Class(_));
        // `into()` makes other things of a value that is only called like a row.
        let is_plain = frameworks.is_transparent_method(name) && on.rows.is_empty();
        if frameworks.makes_active(name) && is_row && !is_plain {
            return Some(self.to_active(table, on));
        }
        if frameworks.starts_query(name) {
            // `row.find_related(Other)` reads rows of the other.
            let other = given.values.iter().find_map(|value| match &value.what {
                What::Query(query) => Some(query.table),
                _ => None,
            })?;
            let linked = self.linking(table, other).collect();
            let what = What::Query(Arc::new(Query { linked, ..Query::of(other) }));
            return Some(Value { what, ..Value::default() });
        }
        None
    }

    /// The tables whose rows say which rows of two tables belong together.
    fn linking(&self, table: TableId, other: TableId) -> impl Iterator<Item = TableId> {
        let links = self.program.table(table).links.iter();
        links.filter(move |link| link.to == other).map(|link| link.by)
    }

    /// A row that was read, as one about to be written: no column is set yet.
    pub(super) fn to_active(&self, table: TableId, on: &Value) -> Value {
        let active = Active { table, columns: Some(BTreeSet::new()) };
        let ty = Ty::of_part(table, Part::Active);
        let what = What::Active(Arc::new(active));
        Value { ty, what, rows: on.rows.clone(), text: on.text.clone(), ..Value::default() }
    }

    fn of_query(
        &mut self,
        query: &Arc<Query>,
        on: &Value,
        name: &str,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let frameworks = self.program.frameworks;
        if let Some(build) = &query.writes {
            if frameworks.runs_write(name) {
                let table = query.table;
                let write = Write {
                    table,
                    verb: build.verb,
                    many: build.many,
                    is_sql: false,
                    hooks: false,
                    columns: build.columns.clone().filter(|columns| !columns.is_empty()),
                    having: Arc::default(),
                };
                self.emit(Act::Write(write), file, expr);
                for (column, to) in &query.aims {
                    self.emit(Act::Aim(table, column.clone(), to.clone()), file, expr);
                }
                let text = Some(Arc::new(Template::hole(RETURNED)));
                return Some(Value { text, ..self.loaded_into(query, false) });
            }
            let mut next = (**query).clone();
            next.aims.extend(self.aims_of(query.table, name, given));
            // `update(..).returning(User::as_returning())`
            if let Some(class) = given.values.iter().find_map(|value| value.ty.class())
                && self.program.table_of_class.get(&class) == Some(&query.table)
                && given
                    .values
                    .iter()
                    .all(|value| value.rows.is_empty() && value.what == What::Plain)
                && is_called_like_columns(self.program, class)
            {
                next.into = Some(Into::Struct(class));
            }
            if let Some(build) = &mut next.writes {
                if frameworks.names_columns(name) {
                    let set = columns_in(given);
                    match (&mut build.columns, set) {
                        (Some(columns), Some(set)) => columns.extend(set),
                        (columns, None) => *columns = None,
                        (None, Some(set)) => build.columns = Some(set),
                    }
                }
                if build.verb == Verb::Insert && frameworks.upserts(name) {
                    build.verb = Verb::Save;
                    build.columns = None;
                }
                if build.verb == Verb::Insert
                    && frameworks.is_told_conflict(name)
                    && let Some(changed) = changed_on_conflict(given)
                {
                    build.verb = Verb::Save;
                    build.columns = Some(changed);
                }
                if self.is_of_one(query.table, name, given) {
                    build.many = false;
                }
            }
            return Some(Value { what: What::Query(Arc::new(next)), ..on.clone() });
        }
        if let Some(write) = frameworks.write_method(Receiver::Entity, name)
            && on.ty.head == Head::Part(query.table, Part::Entity)
        {
            let columns = match write.writes {
                Verb::Update => given.values.iter().find_map(|value| match &value.what {
                    What::Active(active) => Some(self.changed_columns(active)),
                    _ => None,
                }),
                _ => None,
            };
            let columns = match (columns, write.writes) {
                (Some(columns), _) => columns,
                (None, Verb::Update) => Some(BTreeSet::new()),
                _ => None,
            };
            let build = Build { verb: write.writes, many: write.many, columns };
            let next = Query { writes: Some(build), ..(**query).clone() };
            return Some(Value { what: What::Query(Arc::new(next)), ..Value::default() });
        }
        let counts = frameworks.counts(name);
        let is_all = frameworks.runs_for_all(name) || counts;
        if is_all || frameworks.runs_for_one(name) {
            let lists = (is_all || query.aggregates) && !query.is_unique;
            let mut loaded = self.loaded_into(query, lists);
            let choosing = query.chosen_by.iter().cloned();
            loaded.rows.extend(choosing.map(|(of, it)| Source::of(of, false).only(it)));
            if !query.having.is_empty() {
                let having = |source| Source { having: query.having.clone(), ..source };
                loaded.rows = loaded.rows.into_iter().map(having).collect();
            }
            for table in &query.joined {
                // Nothing points yet to a new row of what the rows point to.
                let references = &self.program.table(query.table).references;
                let is_target = references.iter().any(|reference| reference.target == *table);
                let into = query.read_of.get(table).cloned().map(Into::Columns);
                loaded.rows.insert(Source { into, ..Source::of(*table, lists && !is_target) });
            }
            if let Some(selected) = query.selected.as_ref().filter(|it| !it.is_empty()) {
                loaded = self.only(loaded, selected);
            } else if counts {
                loaded = self.only(loaded, &BTreeSet::new());
            }
            for table in &query.linked {
                let source = Source::of(*table, true);
                loaded.rows.insert(self.that_it_is_there(source));
            }
            loaded.rows.extend(on.rows.iter().cloned());
            if !query.beside.is_empty() {
                let parts = [query.table].into_iter().chain(query.beside.iter().copied());
                let args = parts.map(|table| self.row_type(table)).collect();
                loaded.ty = Ty { head: Head::Tuple, args };
            } else if let Some(named) = given.generics.last()
                && matches!(named.head, Head::Tuple | Head::Class(_))
            {
                loaded.ty = named.clone();
            }
            return Some(loaded);
        }
        if frameworks.binds_parameter(name) {
            if let Some(to) = given.values.first() {
                self.confined(query, query.bound, to, file, expr);
            }
            let next = Query { bound: query.bound + 1, ..(**query).clone() };
            return Some(Value { what: What::Query(Arc::new(next)), ..on.clone() });
        }
        let mut next = (**query).clone();
        next.aims.extend(self.aims_of(query.table, name, given));
        next.is_unique |= self.is_of_one(query.table, name, given);
        if frameworks.joins(name) {
            let tables = given.values.iter().filter_map(|value| match &value.what {
                What::Query(joined) => Some(joined.table),
                _ => None,
            });
            let tables: Vec<TableId> = tables.collect();
            if frameworks.joins_beside(name) {
                next.beside.extend(&tables);
            }
            for other in tables {
                next.joined.push(other);
                next.linked.extend(self.linking(query.table, other));
            }
        }
        let into = match frameworks.reads_into(name) {
            true => given.generics.last().and_then(Ty::class),
            // What a struct of the program selects.
            false if frameworks.selection(name) == Some(Selection::All) => {
                given.values.iter().find_map(|value| value.ty.class())
            }
            false => None,
        };
        if let Some(class) = into {
            let is_told = is_called_like_columns(self.program, class);
            next.into = is_told.then_some(Into::Struct(class));
            return Some(Value { what: What::Query(Arc::new(next)), ..on.clone() });
        }
        if let Some(selection) = frameworks.selection(name) {
            next.selected = match (selection, selected_by(given), next.selected) {
                (Selection::Nothing, ..) => Some(BTreeSet::new()),
                (Selection::All, selected, _) => selected,
                (Selection::More, Some(more), Some(mut selected)) => {
                    selected.extend(more);
                    Some(selected)
                }
                // Some expression may read any of them.
                (Selection::More, ..) => None,
            };
            return Some(Value { what: What::Query(Arc::new(next)), ..on.clone() });
        }
        // What chooses the rows feeds what is made of them, too.
        let mut rows = on.rows.clone();
        rows.extend(given.rows());
        if frameworks.is_condition(name) {
            for (column, to) in equalities(given) {
                self.emit(Act::Confine(query.table, column, to), file, expr);
            }
            let key = &self.program.table(query.table).key;
            let columns = columns_in(given).unwrap_or_default();
            let columns = columns.into_iter().filter(|column| column != key);
            rows.extend(columns.map(|column| Source::of(query.table, false).only(column)));
        }
        // The table is left behind: what follows confines or orders its rows.
        Some(Value { what: What::Query(Arc::new(next)), rows, ..Value::default() })
    }

    /// The columns that an update by a row about to be written changes: its key tells which row it is.
    fn changed_columns(&self, active: &Active) -> Option<BTreeSet<Arc<str>>> {
        let key = &self.program.table(active.table).key;
        let set = active.columns.as_ref()?.iter();
        Some(set.filter(|column| *column != key).cloned().collect())
    }

    /// Whole rows of a table.
    fn loaded(&self, table: TableId, lists: bool) -> Value {
        let rows = Rows::from([Source::of(table, lists)]);
        Value { rows, ..Value::of(self.row_type(table)) }
    }

    /// Rows of the table of a query, with no more columns than it reads.
    fn loaded_into(&self, query: &Query, lists: bool) -> Value {
        let mut loaded = self.loaded(query.table, lists);
        if let Some(into) = &query.into {
            let read = |source| Source { into: Some(into.clone()), ..source };
            loaded.rows = loaded.rows.into_iter().map(read).collect();
            if let Into::Struct(class) = into {
                loaded.ty = Ty::of_class(*class);
            }
        }
        loaded
    }

    /// Of rows that were read no more than some columns.
    fn only(&self, loaded: Value, selected: &BTreeSet<(TableId, Arc<str>)>) -> Value {
        let mut rows = Rows::new();
        for source in loaded.rows {
            let own = selected.iter().filter(|(table, _)| *table == source.table);
            let own =
                own.map(|(_, column)| Source { column: Some(column.clone()), ..source.clone() });
            rows.extend(own);
            rows.insert(self.that_it_is_there(source));
        }
        Value::only_rows(rows)
    }

    /// The type that rows of a table are read into.
    fn row_type(&self, table: TableId) -> Ty {
        self.program.table(table).class.map(Ty::of_class).unwrap_or_default()
    }

    /// Of rows no more than that they are there.
    pub(super) fn that_it_is_there(&self, source: Source) -> Source {
        let key = self.program.table(source.table).key.clone();
        source.only(key)
    }

    /// A part of a tuple: of rows that stand beside each other, the ones that are its own.
    pub(super) fn part_of(&self, value: &Value, at: usize) -> Value {
        if let What::Held(_) = value.what {
            return value.clone();
        }
        if let What::Several(parts) = &value.what {
            return self.typed(parts.get(at).cloned().unwrap_or_default());
        }
        let (peeled, _) = value.ty.peeled(self.program);
        let ty = match peeled.head {
            Head::Tuple => peeled.args.get(at).cloned().unwrap_or_default(),
            _ => value.ty.args.get(at).cloned().unwrap_or_default(),
        };
        let own = self.table_of(&ty);
        let is_there = own.is_some_and(|own| value.rows.iter().any(|it| it.table == own));
        let rows = value.rows.iter().map(|source| {
            // What chooses the rows feeds all of them.
            if !is_there || own == Some(source.table) || source.column.is_some() {
                return source.clone();
            }
            self.that_it_is_there(source.clone())
        });
        let rows = rows.collect();
        self.typed(Value { ty, rows, ..Value::default() })
    }

    /// `row.column = value`
    pub(super) fn set_field(&mut self, file: FileId, owner: ExprId, name: &str, value: Value) {
        let crate::facts::ExprKind::Name(variable) = self.program.file(file).expr(owner).kind
        else {
            return self.set_in_place(file, owner, Some(name));
        };
        if let Some(known @ Value { what: What::Held(_), .. }) = self.locals_have(variable) {
            let known = known.clone();
            return self.patched(&known, Some(name));
        }
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(known) = frame.locals.get_mut(&variable) else { return };
        if let What::Active(active) = &known.what
            && let Some(columns) = &active.columns
        {
            let mut columns = columns.clone();
            columns.insert(name.into());
            let active = Active { table: active.table, columns: Some(columns) };
            known.what = What::Active(Arc::new(active));
        }
        known.rows.extend(value.rows.iter().cloned());
        if let What::Fields(fields) = &known.what {
            let mut fields = (**fields).clone();
            fields.insert(name.into(), value);
            known.what = What::Fields(Arc::new(fields));
        }
    }
}
