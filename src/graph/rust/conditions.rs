//! What the arguments of a query's methods say of columns: which of them it reads, and by which it chooses rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::given::Given;
use super::run::Runner;
use super::tables::TableId;
use super::types::Head;
use super::value::{Value, What};
use crate::frameworks::Part;
use crate::graph::key::Template;

impl Runner<'_, '_> {
    /// The columns that a method of a query says the value of, with it.
    pub(super) fn aims_of(
        &self,
        table: TableId,
        name: &str,
        given: &Given,
    ) -> Vec<(Arc<str>, Arc<Template>)> {
        let frameworks = self.program.frameworks;
        if frameworks.is_condition(name) {
            return equalities(given);
        }
        let key = given.values.first().and_then(|value| value.text.clone());
        let key = key.filter(|_| frameworks.is_unique(name));
        key.map(|to| (self.program.table(table).key.clone(), to)).into_iter().collect()
    }

    /// Whether a method of a query confines it to one row: it looks up a key, or compares one.
    pub(super) fn is_of_one(&self, table: TableId, name: &str, given: &Given) -> bool {
        let frameworks = self.program.frameworks;
        let by_key = || {
            let columns = columns_in(given);
            columns.is_some_and(|columns| columns.contains(&self.program.table(table).key))
        };
        frameworks.is_unique(name) && !given.values.is_empty()
            || frameworks.is_condition(name) && by_key()
    }
}

/// Several conditions as one; `both` says whether all of them must hold. Nothing where some of them are on no
/// columns in sight.
pub(super) fn joined_conditions(on: &Value, given: &Given, both: bool) -> Option<Value> {
    let mut parts: Vec<Value> = Vec::new();
    for value in [on].into_iter().chain(&given.values) {
        match &value.what {
            What::Column(_) => parts.push(value.clone()),
            What::Several(inner) => parts.extend(inner.iter().cloned()),
            _ => {}
        }
    }
    if !parts.iter().any(|part| matches!(part.what, What::Column(_))) {
        return None;
    }
    if !both {
        // No row need have these values.
        parts.iter_mut().for_each(|part| part.text = None);
    }
    Some(Value { what: What::Several(parts.into()), ..Value::default() })
}

/// The columns that the arguments of a call are, with their tables; none where one is something else.
pub(super) fn selected_by(given: &Given) -> Option<BTreeSet<(TableId, Arc<str>)>> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = given.values.iter().collect();
    while let Some(value) = open.pop() {
        match (&value.what, &value.ty.head) {
            (What::Column(column), Head::Part(table, Part::Columns)) => {
                found.insert((*table, column.clone()));
            }
            (What::Several(parts), _) => open.extend(parts.iter()),
            // The name that an expression is given.
            _ if value.text.as_ref().is_some_and(|text| text.known().is_some()) => {}
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The columns of rows that are there already which an insert changes, by what it is told to do with them; none
/// where they stay, no columns where it is not known which.
pub(super) fn changed_on_conflict(given: &Given) -> Option<BTreeSet<Arc<str>>> {
    given.values.iter().find_map(|value| match &value.what {
        What::Conflict(Some(changed)) => Some((**changed).clone()),
        _ => None,
    })
}

/// The columns that conditions say the value of, with it.
pub(super) fn equalities(given: &Given) -> Vec<(Arc<str>, Arc<Template>)> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = given.values.iter().rev().collect();
    while let Some(value) = open.pop() {
        match (&value.what, &value.text) {
            (What::Column(column), Some(to)) => found.push((column.clone(), to.clone())),
            (What::Several(parts), _) => open.extend(parts.iter().rev()),
            _ => {}
        }
    }
    found
}

/// The columns that the arguments of a call name; none where they name none in sight.
pub(super) fn columns_in(given: &Given) -> Option<BTreeSet<Arc<str>>> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = given.values.iter().collect();
    while let Some(value) = open.pop() {
        match &value.what {
            What::Column(column) => {
                found.insert(column.clone());
            }
            What::Several(parts) => open.extend(parts.iter()),
            What::Active(active) => found.extend(active.columns.clone()?),
            _ => {}
        }
    }
    (!found.is_empty()).then_some(found)
}
