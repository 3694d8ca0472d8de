//! What methods and functions mean that run SQL, say what an insert does with rows that are there, or begin and end
//! transactions.

use super::{RustFrameworks, last_segment};

impl RustFrameworks {
    /// Whether a function or macro, by its path, is given an SQL text.
    pub fn takes_sql(&self, path: &str) -> bool {
        self.sql_calls.contains(path)
            || self.sql_calls.contains(last_segment(path))
            || self.takes_sql_file(path)
    }

    /// Whether a macro, by its path with `!`, is given the path of a file with an SQL text.
    pub fn takes_sql_file(&self, path: &str) -> bool {
        self.sql_files.contains(path)
    }

    /// Whether a macro, by its path with `!`, stands for the text of a file.
    pub fn includes_text(&self, path: &str) -> bool {
        self.sql_includes.contains(last_segment(path))
    }

    /// Whether a method runs its first argument as an SQL text.
    pub fn is_sql_method(&self, name: &str) -> bool {
        self.sql_methods.contains(name)
    }

    /// Whether a method returns the rows that a text reads.
    pub fn reads_sql(&self, name: &str) -> bool {
        self.sql_reads.contains(name)
    }

    /// Whether a method returns the text that it is given, ready to be run.
    pub fn prepares_sql(&self, name: &str) -> bool {
        self.sql_prepares.contains(name)
    }

    /// Whether a method gives the next parameter of a text a value.
    pub fn binds_parameter(&self, name: &str) -> bool {
        self.sql_binds.contains(name)
    }

    /// Whether a type, by its last segment, says what an insert does with rows that are there already.
    pub fn says_conflict(&self, name: &str) -> bool {
        self.conflicts.iter().any(|it| it.of_type == name)
    }

    /// Whether after a method of such a type rows that are there already are changed.
    pub fn updates_on_conflict(&self, name: &str) -> bool {
        self.conflicts.iter().any(|it| it.updates.iter().any(|known| known == name))
    }

    /// Whether a method of an insert is told what to do with rows that are there already.
    pub fn is_told_conflict(&self, name: &str) -> bool {
        self.conflicts.iter().any(|it| it.given_to.iter().any(|known| known == name))
    }

    /// Whether a method begins a transaction.
    pub fn begins_transaction(&self, name: &str) -> bool {
        self.begins.contains(name)
    }

    /// Whether a method ends a transaction with what was written.
    pub fn commits(&self, name: &str) -> bool {
        self.commits.contains(name)
    }

    /// Whether a method runs what it is given in a transaction.
    pub fn wraps_in_transaction(&self, name: &str) -> bool {
        self.transactions.contains(name)
    }
}
