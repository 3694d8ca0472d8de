//! SQL texts that write rows: which table, which columns.

use std::sync::Arc;

use super::Interp;
use crate::graph::effect::{Write, WriteKind};
use crate::graph::ids::ClassId;
use crate::graph::sql::{self, Statement};
use crate::graph::value::Value;
use crate::source::Location;

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
