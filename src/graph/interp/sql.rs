//! SQL texts that write or read rows: which table, which columns.

use std::sync::Arc;

use super::Interp;
use super::queries::filter_value;
use crate::facts::{ExprId, ExprKind};
use crate::graph::effect::{Write, WriteKind};
use crate::graph::ids::ClassId;
use crate::graph::sql::{self, Statement};
use crate::graph::sql_reads::{self, Reads};
use crate::graph::value::{Args, Filter, RowPart, RowSource, Taint, Value};
use crate::source::{FileId, Location};

impl Interp<'_> {
    /// What running an SQL text writes; nothing where it is not one that writes a table of a model.
    pub(super) fn run_sql(&mut self, text: &Value, site: Location) {
        let Value::Text(template) = text else { return };
        for statement in sql::statements(template) {
            self.run_statement(statement, site);
        }
    }

    fn run_statement(&mut self, statement: Statement, site: Location) {
        let Some(model) = self.model_of_table(&statement.table) else { return };
        let columns = statement.columns.map(|columns| {
            columns.iter().map(|column| self.column_name(model, column)).collect::<Arc<[_]>>()
        });
        let write = Write::new(Some(model), WriteKind::Sql(statement.verb));
        self.write(Write { columns, ..write }, site);
    }

    /// `cursor.execute(sql)`: what is fetched from the cursor from now on is what the text reads.
    pub(super) fn note_query(&mut self, file: FileId, cursor: ExprId, method: &str, args: &Args) {
        let ExprKind::Name(name) = self.program.file(file).expr(cursor).kind else { return };
        if self.program.frameworks.runs_sql(method) && self.local(name).is_some() {
            let read = self.read_by_sql(args);
            if !read.is_empty() {
                self.set_local(name, Value::derived(read));
            }
        }
    }

    /// The rows that an SQL text reads which is run with some arguments.
    pub(super) fn read_by_sql(&mut self, args: &Args) -> Taint {
        let mut taint = Taint::new();
        let Some(Value::Text(template)) = args.positional.first() else { return taint };
        if !self.tracks_rows() {
            return taint;
        }
        let Some(reads) = sql_reads::reads(template) else { return taint };
        for at in 0..reads.tables.len() {
            let Some(model) = self.model_of_table(&reads.tables[at].0) else { continue };
            let filters = self.conditions_of(&reads, at, model, args);
            let single = filters.iter().any(|filter| &*filter.column == "pk");
            let part = |part| RowSource {
                model: Some(model),
                part,
                single,
                via: None,
                filters: filters.clone(),
            };
            taint.insert(part(RowPart::Presence));
            for (qualifier, column) in &reads.columns {
                if !reads.may_be_of(qualifier.as_deref(), at) {
                    continue;
                }
                if column == "*" {
                    taint.insert(part(RowPart::Whole));
                } else if self.is_column(model, column) {
                    taint.insert(part(RowPart::Column(self.column_name(model, column))));
                }
            }
        }
        taint
    }

    /// The columns of a model that an SQL text, which is run with some arguments, compares to values.
    pub(super) fn equal_in_sql(&mut self, model: ClassId, args: &Args) -> Vec<(Arc<str>, Value)> {
        let Some(Value::Text(template)) = args.positional.first() else { return Vec::new() };
        let Some(reads) = sql_reads::reads(template) else { return Vec::new() };
        let table = self.table(model);
        let Some(at) = reads.tables.iter().position(|(name, _)| *name == table) else {
            return Vec::new();
        };
        let mut equal = Vec::new();
        for (qualifier, column, place) in &reads.equal {
            if reads.may_be_of(qualifier.as_deref(), at) && self.is_column(model, column) {
                let value = match args.get(1, "params") {
                    Some(Value::Sequence(values)) => values.get(*place).cloned(),
                    _ => None,
                };
                equal.push((self.column_name(model, column), value.unwrap_or_default()));
            }
        }
        equal
    }

    /// What confines the rows of one of the tables that a text reads.
    fn conditions_of(
        &mut self,
        reads: &Reads,
        table: usize,
        model: ClassId,
        args: &Args,
    ) -> Vec<Filter> {
        let mut filters = Vec::new();
        for (qualifier, column, at) in &reads.equal {
            if reads.may_be_of(qualifier.as_deref(), table) && self.is_column(model, column) {
                let value = match args.get(1, "params") {
                    Some(Value::Sequence(values)) => values.get(*at).cloned(),
                    _ => None,
                };
                let column = self.column_name(model, column);
                filters.push(Filter { column, value: filter_value(&value.unwrap_or_default()) });
            }
        }
        filters
    }

    /// The model whose rows are in a table.
    fn model_of_table(&mut self, table: &str) -> Option<ClassId> {
        if self.tables.is_none() {
            self.tables = Some(Arc::default());
            let models = self.models.clone();
            let concrete: Vec<ClassId> = models
                .iter()
                .copied()
                .filter(|model| !self.is_abstract(*model) && !self.is_proxy(*model))
                .collect();
            let named = concrete.into_iter().map(|model| (self.table(model), model));
            self.tables = Some(Arc::new(named.collect()));
        }
        self.tables.as_ref()?.get(table).copied()
    }

    /// The name of a model's table: the one that its `Meta` gives, or app label and class name.
    pub fn table(&mut self, model: ClassId) -> String {
        let given = self.own_meta(model, "db_table");
        match given.as_ref().and_then(Value::known_text) {
            Some(table) => table.to_lowercase(),
            None => self.model_label(model).replace('.', "_").to_lowercase(),
        }
    }
}
