//! Calls that are given an SQL text.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::calls::Given;
use super::effect::{Act, Write};
use super::queries::columns_in;
use super::run::Runner;
use super::tables::{TableId, is_read_by_name};
use super::types::Ty;
use super::value::{Into, Query, Rows, Value, What};
use crate::facts::ExprId;
use crate::frameworks::Verb;
use crate::graph::effect::SqlVerb;
use crate::graph::ids::ClassId;
use crate::graph::key::Part as KeyPart;
use crate::graph::sql;
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
        let Some((text, is_whole)) = given.values.iter().find_map(sql_text) else {
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
            let columns =
                statement.columns.map(|all| all.iter().map(|it| it.as_str().into()).collect());
            let write = Write { table, verb, many: false, is_sql: true, hooks: false, columns };
            self.emit(Act::Write(write), file, expr);
            let rows = Rows::new();
            let ty = class.map(Ty::of_class).unwrap_or_default();
            return Value { rows, ..Value::of(ty) };
        }
        let tables: Vec<TableId> =
            sql::read_tables(&text).iter().filter_map(|it| table_of(it)).collect();
        let Some((first, joined)) = tables.split_first() else { return Value::default() };
        let into = class.filter(|class| is_whole && is_read_by_name(self.program, *class, &text));
        let into = match into {
            Some(class) => Some(Into::Struct(class)),
            None if is_whole && joined.is_empty() => sql::selected_columns(&text).map(|all| {
                let columns = all.iter().map(|column| column.as_str().into());
                Into::Columns(Arc::new(columns.collect()))
            }),
            None => None,
        };
        let choosing = into.as_ref().map(|_| sql::choosing_words(&text)).unwrap_or_default();
        let chosen_by = choosing.iter().map(|word| word.as_str().into()).collect();
        let query = Query { joined: joined.to_vec(), into, chosen_by, ..Query::of(*first) };
        let ty = class.map(Ty::of_class).unwrap_or_default();
        Value { what: What::Query(Arc::new(query)), ..Value::of(ty) }
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
        let values = vec![text];
        let query = self.sql(Given { values, ..Given::default() }, None, file, expr);
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
