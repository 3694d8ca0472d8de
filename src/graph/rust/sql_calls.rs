//! Calls that are given an SQL text.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::conditions::columns_in;
use super::effect::{Act, Write};
use super::given::Given;
use super::run::Runner;
use super::tables::{TableId, is_read_by_name};
use super::types::Ty;
use super::value::{Aimed, Into, Query, Value, What};
use crate::facts::ExprId;
use crate::frameworks::Verb;
use crate::graph::effect::SqlVerb;
use crate::graph::ids::ClassId;
use crate::graph::key::Part as KeyPart;
use crate::graph::sql;
use crate::graph::sql_literals::literals;
use crate::graph::sql_reads::{self, Reads};
use crate::source::FileId;

impl Runner<'_, '_> {
    /// A call that is given an SQL text.
    pub(super) fn sql(
        &mut self,
        given: Given,
        class: Option<ClassId>,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let mut texts = given.values.iter().enumerate();
        let Some((at, (text, is_whole))) = texts.find_map(|(at, it)| Some((at, sql_text(it)?)))
        else {
            return Value::default();
        };
        let table_of = |name: &str| {
            let found = self.program.tables.iter().position(|table| table.name == name);
            found.map(|at| TableId(at as u32))
        };
        let statement = sql::statements_of(&text).into_iter().next();
        if let Some(statement) = statement
            && let Some(table) = table_of(&statement.table)
        {
            let verb = match statement.verb {
                // What is there already is changed.
                SqlVerb::Insert if sql::upserts(&text) => Verb::Save,
                SqlVerb::Insert => Verb::Insert,
                SqlVerb::Update => Verb::Update,
                SqlVerb::Delete => Verb::Delete,
            };
            let upserted = if verb == Verb::Save { sql::upserted(&text) } else { None };
            let is_upsert = upserted.is_some();
            let columns = statement.columns.or(upserted);
            let columns = columns.map(|all| all.iter().map(|it| it.as_str().into()).collect());
            let having = match is_whole {
                true => Arc::new(literals(&text)),
                false => Arc::default(),
            };
            let (many, is_sql, hooks) = (false, true, false);
            let write = Write { table, verb, many, is_sql, hooks, columns, having };
            if is_upsert {
                // A row that was not there is new.
                let new = Write { verb: Verb::Insert, columns: None, ..write.clone() };
                self.emit(Act::Write(new), file, expr);
            }
            self.emit(Act::Write(write), file, expr);
            let ty = class.map(Ty::of_class).unwrap_or_default();
            let equals = sql_reads::aims_of(&text).into_iter();
            let equals: Arc<[_]> = equals.map(|(column, at)| (column.into(), at)).collect();
            if equals.is_empty() || !is_whole {
                return Value::of(ty);
            }
            let mut aimed = Aimed { table, equals, bound: 0 };
            for value in given.values.iter().skip(1 + at) {
                self.aim(&mut aimed, value, file, expr);
            }
            return Value { what: What::Aimed(Arc::new(aimed)), ..Value::of(ty) };
        }
        let tables: Vec<TableId> =
            sql::read_tables(&text).iter().filter_map(|it| table_of(it)).collect();
        let Some((first, joined)) = tables.split_first() else { return Value::default() };
        let into = class.filter(|class| is_whole && is_read_by_name(self.program, *class, &text));
        let into = match into {
            Some(class) => Some(Into::Struct(class)),
            None if is_whole && joined.is_empty() => sql::selected_columns(&text)
                .map(|all| Into::Listed(all.iter().map(|column| column.as_str().into()).collect())),
            None => None,
        };
        let mut query = Query { joined: joined.to_vec(), into, ..Query::of(*first) };
        if is_whole && let Some(reads) = sql_reads::reads_of(&text) {
            let of = |at: usize| table_of(&reads.tables[at].0);
            choose(&mut query, &reads, &text, &of);
            query.aggregates = sql::aggregates(&text);
            if joined.is_empty() {
                query.having = Arc::new(literals(&text));
            }
        }
        for (at, value) in given.values.iter().skip(1 + at).enumerate() {
            self.confined(&query, at, value, file, expr);
        }
        let ty = class.map(Ty::of_class).unwrap_or_default();
        Value { what: What::Query(Arc::new(query)), ..Value::of(ty) }
    }

    /// Notes which columns have the value that a parameter of a text is given.
    pub(super) fn confined(
        &mut self,
        query: &Query,
        at: usize,
        value: &Value,
        file: FileId,
        expr: ExprId,
    ) {
        for (table, column, _) in query.equals.iter().filter(|(.., position)| *position == at) {
            if let Some(to) = &value.text {
                self.emit(Act::Confine(*table, column.clone(), to.clone()), file, expr);
            }
        }
    }

    /// A method that gives the next parameter of a write a value.
    pub(super) fn bound(
        &mut self,
        aimed: &Aimed,
        on: Value,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let mut aimed = aimed.clone();
        if let Some(value) = given.values.first() {
            self.aim(&mut aimed, value, file, expr);
        }
        Value { what: What::Aimed(Arc::new(aimed)), ..on }
    }

    /// Notes which column of the rows that are written has the value of the next parameter.
    fn aim(&mut self, aimed: &mut Aimed, value: &Value, file: FileId, expr: ExprId) {
        let at = aimed.bound;
        aimed.bound += 1;
        let columns = aimed.equals.iter().filter(|(_, position)| *position == at);
        let columns: Vec<Arc<str>> = columns.map(|(column, _)| column.clone()).collect();
        let Some(to) = &value.text else { return };
        for column in columns {
            self.emit(Act::Aim(aimed.table, column, to.clone()), file, expr);
        }
    }

    /// A method that is given an SQL text, or that is called on one which was made ready before.
    pub(super) fn sql_method(
        &mut self,
        on: &Value,
        name: &str,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let frameworks = self.program.frameworks;
        let (runs, reads) = (frameworks.is_sql_method(name), frameworks.reads_sql(name));
        if !runs && !reads && !frameworks.prepares_sql(name) {
            return None;
        }
        let text = given.values.iter().chain([on]).find(|value| sql_text(value).is_some())?.clone();
        if !runs && !reads {
            return Some(Value { text: text.text, ..Value::default() });
        }
        // `client.query(text, &[&id])`
        let lists = given.values.iter().filter_map(|value| match &value.what {
            What::Several(parts) => Some(parts),
            _ => None,
        });
        let parameters = lists.flat_map(|parts| parts.iter().cloned());
        let values = [text].into_iter().chain(parameters).collect();
        let query = self.sql(Given { values, ..Given::default() }, None, file, expr);
        if let What::Aimed(_) = query.what {
            return Some(Value { what: What::Plain, ..query });
        }
        let What::Query(_) = query.what else { return Some(query) };
        let loaded = self.query_method(&query, name, &Given::default(), file, expr)?;
        let takes_rows = given.values.iter().any(|value| matches!(value.what, What::Closure(_)));
        Some(if takes_rows { self.called_back(loaded, given.clone()) } else { loaded })
    }

    /// A method of what says what becomes of rows that are there already.
    pub(super) fn conflict_method(
        &self,
        on: Value,
        changed: Option<Arc<BTreeSet<Arc<str>>>>,
        name: &str,
        given: &Given,
    ) -> Value {
        if !self.program.frameworks.updates_on_conflict(name) {
            return on;
        }
        let known = changed.as_ref().is_none_or(|changed| !changed.is_empty());
        let mut all = changed.map(|changed| (*changed).clone()).unwrap_or_default();
        match columns_in(given) {
            Some(columns) if known => all.extend(columns),
            _ => all.clear(),
        }
        Value { what: What::Conflict(Some(Arc::new(all))), ..on }
    }
}

/// What a text says of the columns by which a query of it chooses rows, and of those of other tables that it reads;
/// `of` is the table at a place of what it reads.
fn choose(query: &mut Query, reads: &Reads, text: &str, of: &dyn Fn(usize) -> Option<TableId>) {
    let tables: Vec<(usize, TableId)> =
        (0..reads.tables.len()).filter_map(|at| Some((at, of(at)?))).collect();
    for word in sql::choosing_words(text) {
        let (qualifier, column) = sql_reads::split(&word);
        let mut named = tables.iter().filter(|(at, table)| match &qualifier {
            Some(qualifier) => reads.may_be_of(Some(qualifier), *at),
            None => *table == query.table,
        });
        if let Some((_, table)) = named.next() {
            query.chosen_by.insert((*table, column.as_str().into()));
        }
    }
    let equals = reads.equal.iter().filter_map(|(qualifier, column, position)| {
        let mut named = tables.iter().filter(|(at, _)| reads.may_be_of(qualifier.as_deref(), *at));
        let (Some((_, table)), None) = (named.next(), named.next()) else { return None };
        Some((*table, column.as_str().into(), *position))
    });
    query.equals = equals.collect();
    for (at, table) in tables {
        let own = reads.columns.iter().filter(|(it, _)| reads.may_be_of(it.as_deref(), at));
        let own: Vec<&str> = own.map(|(_, column)| column.as_str()).collect();
        if own.contains(&"*") {
            continue;
        }
        let own = Arc::new(own.into_iter().map(Arc::from).collect());
        match table == query.table {
            true => _ = query.into.get_or_insert(Into::Columns(own)),
            false => _ = query.read_of.insert(table, own),
        }
    }
}

/// The SQL text that a value is, and whether the source tells all of it.
fn sql_text(value: &Value) -> Option<(String, bool)> {
    let text = value.text.as_ref()?;
    let mut known = String::new();
    for part in &text.parts {
        match part {
            KeyPart::Text(piece) => known.push_str(piece),
            KeyPart::Hole { .. } | KeyPart::Gone => known.push('?'),
        }
    }
    let is_whole = text.parts.iter().all(|part| matches!(part, KeyPart::Text(_)));
    sql::is_sql(&known).then_some((known, is_whole))
}
