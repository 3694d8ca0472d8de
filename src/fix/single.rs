//! Drops an entry behind a write of one row: one that is made, saved or deleted.

use ruff_python_ast::Expr;

use super::behind::{Around, Kind, Returned, Write};
use super::drops::{Drops, columns_of, fields_to, listed};
use super::page::Page;
use super::receiver::{leads_on, may_move};
use crate::graph::{Anchor, DropCall, Recipe};

impl Around {
    /// A row that is made from the arguments of the call.
    pub(super) fn made(
        &mut self,
        page: &Page<'_>,
        drops: &mut Drops<'_, '_>,
        write: &Write<'_>,
        keyed: &[String],
        recipe: &Recipe,
        call: &DropCall,
    ) -> Option<()> {
        let anchor = recipe.anchor.as_ref()?;
        if !leads_on(recipe)
            && let Some(columns) = columns_of(call)
            && let Some(values) = given_values(page, write, keyed)
        {
            let lines = drops.of_values(&columns, &values, call)?;
            self.then(lines);
            return Some(());
        }
        // What it was before it changed is not known any more.
        if write.kind == (Kind::Made { or_changed: true }) {
            return None;
        }
        // A method that may find the row tells whether it did as well.
        let is_pair = write.method.contains("_or_");
        let row = match (write.result, &self.result) {
            (Returned::Named(name), _) if !is_pair => name.to_owned(),
            (Returned::First(name), _) if is_pair => name.to_owned(),
            (Returned::Lost, Some(name)) => name.clone(),
            (Returned::Lost, None) if !is_pair => {
                let name = self.unused("row");
                self.result = Some(name.clone());
                name
            }
            _ => return None,
        };
        self.along_or_to(drops, &row, anchor, recipe, call)
    }

    /// A row that is saved, which may be a new one, or come from another entry.
    pub(super) fn saved(
        &mut self,
        drops: &mut Drops<'_, '_>,
        write: &Write<'_>,
        keyed: &[String],
        recipe: &Recipe,
        call: &DropCall,
    ) -> Option<()> {
        let anchor = recipe.anchor.as_ref()?;
        if !is_path(write.rows) {
            return None;
        }
        if may_move(recipe)
            && let Some(columns) = columns_of(call)
        {
            let rows = drops.query(&recipe.written, "pk", &format!("{}.pk", write.rows))?;
            let selected = listed(drops.code, keyed);
            let name = self.compute("changed", format!("list({rows}{selected})"));
            let lines = drops.each_value(&name, &columns, call)?;
            self.then(lines);
        }
        self.along_or_to(drops, write.rows, anchor, recipe, call)
    }

    /// A row that is deleted: what tells its entry is looked for while it is there.
    pub(super) fn deleted(
        &mut self,
        drops: &mut Drops<'_, '_>,
        write: &Write<'_>,
        keyed: &[String],
        recipe: &Recipe,
        call: &DropCall,
    ) -> Option<()> {
        let anchor = recipe.anchor.as_ref()?;
        let columns = columns_of(call)?;
        if !is_path(write.rows) {
            return None;
        }
        let (rows, found) = match leads_on(recipe) {
            true => (drops.query(&anchor.row, &anchor.lookup, write.rows)?, columns.as_slice()),
            false => {
                let pk = format!("{}.pk", write.rows);
                (drops.query(&recipe.written, "pk", &pk)?, keyed)
            }
        };
        let selected = listed(drops.code, found);
        if keyed == ["pk"] && !leads_on(recipe) {
            let pk = self.compute("pk", format!("{}.pk", write.rows));
            let lines = drops.of_values(&columns, &[pk], call)?;
            self.then(lines);
            return Some(());
        }
        let name = self.compute("changed", format!("list({rows}{selected})"));
        let lines = drops.each_value(&name, &columns, call)?;
        self.then(lines);
        Some(())
    }

    /// A drop for the row called `row`, or for those that it leads to.
    fn along_or_to(
        &mut self,
        drops: &mut Drops<'_, '_>,
        row: &str,
        anchor: &Anchor,
        recipe: &Recipe,
        call: &DropCall,
    ) -> Option<()> {
        let lines = match fields_to(anchor) {
            Some(fields) if !leads_on(recipe) => drops.along(row, &fields, call, false)?,
            _ => {
                let rows = drops.query(&anchor.row, &anchor.lookup, row)?;
                drops.each(&rows, call)?
            }
        };
        self.then(lines);
        Some(())
    }
}

impl Drops<'_, '_> {
    /// A drop for known values of the columns.
    fn of_values(
        &mut self,
        columns: &[String],
        values: &[String],
        call: &DropCall,
    ) -> Option<Vec<String>> {
        if columns.len() != values.len() {
            return None;
        }
        let name = |column: &str| {
            let at = columns.iter().position(|known| known == column);
            at.and_then(|at| values.get(at)).cloned().unwrap_or_default()
        };
        let arguments = self.arguments(call, &name, None)?;
        self.drop(call, arguments, false)
    }
}

/// The values that a call gives by name to the columns of the key.
fn given_values(page: &Page<'_>, write: &Write<'_>, keyed: &[String]) -> Option<Vec<String>> {
    let arguments = &write.call.arguments;
    let plain = |value: &Expr| {
        matches!(value, Expr::Name(_) | Expr::Attribute(_)).then(|| page.slice(value))
    };
    let value = |key: &String| match arguments.find_keyword(key) {
        Some(keyword) => plain(&keyword.value).map(str::to_owned),
        None => {
            let keyword = arguments.find_keyword(key.strip_suffix("_id")?)?;
            plain(&keyword.value).map(|row| format!("{row}.pk"))
        }
    };
    keyed.iter().map(value).collect()
}

/// Whether code is a name, or attributes of one: nothing that happens again when it is said again.
fn is_path(code: &str) -> bool {
    code.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}
