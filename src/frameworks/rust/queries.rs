//! What methods and functions mean that read rows or write them.

use wildmatch::WildMatch;

use super::{Receiver, RustFrameworks, Selection, Verb, WriteMethod};

impl RustFrameworks {
    /// Whether a function of the type of rows starts a query of them.
    pub fn is_row_query(&self, name: &str) -> bool {
        self.of_row_type.contains(name)
    }

    /// Whether a method of a query names the struct that its rows are read into.
    pub fn reads_into(&self, name: &str) -> bool {
        self.reads_into.contains(name)
    }

    /// Whether a method of a row gives the column that its argument names.
    pub fn gets_column(&self, name: &str) -> bool {
        self.column_getters.contains(name)
    }

    /// Whether after a method an insert changes the rows that are there already.
    pub fn upserts(&self, name: &str) -> bool {
        self.upserts.contains(name)
    }

    /// Whether a function of a table, or a method of a row, starts a query of rows.
    pub fn starts_query(&self, name: &str) -> bool {
        self.starts.contains(name)
    }

    /// Whether a method of a query, or what starts one, looks one row up.
    pub fn is_unique(&self, name: &str) -> bool {
        self.unique.contains(name)
    }

    /// Whether a method runs a query and returns all of its rows.
    pub fn runs_for_all(&self, name: &str) -> bool {
        self.runs_all.contains(name)
    }

    /// Whether a method runs a query and returns one row.
    pub fn runs_for_one(&self, name: &str) -> bool {
        self.runs_one.contains(name)
    }

    /// Whether a method runs a query and returns how many rows it has.
    pub fn counts(&self, name: &str) -> bool {
        self.runs_counts.contains(name)
    }

    /// Whether a method of a query takes in the rows of another table.
    pub fn joins(&self, name: &str) -> bool {
        self.joins.contains(name)
    }

    /// Whether the rows of that table stand beside the others then.
    pub fn joins_beside(&self, name: &str) -> bool {
        self.beside.contains(name)
    }

    /// What a method of a query says of the columns that it reads.
    pub fn selection(&self, name: &str) -> Option<Selection> {
        self.selects.get(name).copied()
    }

    /// Whether a method of a query confines it.
    pub fn is_condition(&self, name: &str) -> bool {
        self.conditions.contains(name)
    }

    /// Whether a method of a column compares it with its argument.
    pub fn compares(&self, name: &str) -> bool {
        self.equals.contains(name)
    }

    /// Whether a method joins a condition with others, all of which must hold.
    pub fn conjoins(&self, name: &str) -> bool {
        self.conjoins.contains(name)
    }

    /// Whether a method joins a condition with others of which some need not hold.
    pub fn disjoins(&self, name: &str) -> bool {
        self.disjoins.contains(name)
    }

    /// What the write does that a function starts, by its path.
    pub fn write_function(&self, path: &str) -> Option<Verb> {
        self.write_functions.get(path).copied()
    }

    /// Whether a method runs a write that was built before.
    pub fn runs_write(&self, name: &str) -> bool {
        self.write_runs.contains(name)
    }

    /// Whether a method of a write names what is set.
    pub fn names_columns(&self, name: &str) -> bool {
        self.sets.contains(name)
    }

    /// Whether a function, by its last segment, wraps the value that a column is set to.
    pub fn sets_value(&self, name: &str) -> bool {
        self.set_values.contains(name)
    }

    /// Whether a method of a row that was read makes one about to be written of it.
    pub fn makes_active(&self, name: &str) -> bool {
        self.to_active.contains(name)
    }

    /// Whether a function makes a row about to be written of which nothing is set.
    pub fn makes_empty(&self, name: &str) -> bool {
        self.empty.contains(name)
    }

    /// Whether rows are read into a struct with this derive.
    pub fn derives_row(&self, name: &str) -> bool {
        self.row_derives.contains(name)
    }

    /// Whether a method of a table, of a row or of one about to be written writes.
    pub fn writes(&self, name: &str) -> bool {
        let on = [Receiver::Active, Receiver::Row, Receiver::Entity];
        on.into_iter().any(|on| self.write_method(on, name).is_some())
    }

    /// What a method writes that is called on something.
    pub fn write_method(&self, on: Receiver, name: &str) -> Option<&WriteMethod> {
        let is_it = |it: &&(WriteMethod, WildMatch)| it.0.on == on && it.1.matches(name);
        self.writes.iter().find(is_it).map(|(write, _)| write)
    }
}
