//! What methods of rows, querysets and managers do.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use super::{Frameworks, Role, WriterMethod};

/// What a method of a manager or queryset does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuerySetMethod {
    /// Returns the same rows.
    Rows,
    /// Returns a dict of the rows by a column.
    Mapping,
    /// Confines the rows by conditions.
    Conditions,
    /// Reads rows by an SQL text.
    Sql,
    /// Leaves rows out by conditions.
    Exclusions,
    /// Orders the rows, or computes more columns.
    Orders,
    /// Loads related rows with them.
    Related,
    /// Loads some columns of the rows, and the others when they are read.
    LoadsOnly,
    /// Loads the other columns of the rows, and some when they are read.
    LoadsAllBut,
    /// Returns one row of several, or none.
    Row,
    /// Returns the one row there is, or raises.
    Unique,
    /// Returns columns of the rows.
    Columns,
    /// Returns a figure: how many there are, or one computed from columns.
    Figures,
    /// Saves a new row, as `save()` does, and returns it.
    Creates,
    /// Saves a row, new or not, as `save()` does, and returns it.
    CreatesOrUpdates,
    /// Deletes rows, with their signals.
    Deletes,
    /// Deletes rows without signals.
    RawDeletes,
    /// Changes columns without signals.
    Updates,
    /// Inserts rows without signals.
    BulkCreates,
    /// Changes columns of given rows without signals.
    BulkUpdates,
}

impl QuerySetMethod {
    /// Whether it writes rows.
    fn writes(self) -> bool {
        self.writes_silently()
            || matches!(
                self,
                QuerySetMethod::Creates
                    | QuerySetMethod::CreatesOrUpdates
                    | QuerySetMethod::Deletes
            )
    }

    /// Whether it writes rows without signals.
    fn writes_silently(self) -> bool {
        matches!(
            self,
            QuerySetMethod::RawDeletes
                | QuerySetMethod::Updates
                | QuerySetMethod::BulkCreates
                | QuerySetMethod::BulkUpdates
        )
    }
}

/// What a method of a model instance does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelMethod {
    /// Saves the row and sends the signals for it.
    Saves,
    /// Deletes the row and sends the signals for it.
    Deletes,
}

impl Frameworks {
    /// What a method of a manager or queryset does.
    pub fn queryset_method(&self, method: &str) -> Option<QuerySetMethod> {
        self.queryset.get(method).copied()
    }

    /// Whether a method of a queryset or relation writes rows through `update()` of them.
    pub fn goes_through_update(&self, method: &str) -> bool {
        self.through_update.iter().any(|known| known == method)
    }

    /// Whether a method of a queryset drops what listing memoizers computed from the rows it writes.
    pub fn drops_listed(&self, method: &str) -> bool {
        self.drops_listed.contains(method)
    }

    /// The name of the method of a queryset that writes its rows without signals.
    pub fn update_method(&self) -> &'static str {
        "update"
    }

    /// The methods of managers that make their querysets.
    pub fn queryset_makers(&self) -> &[String] {
        &self.queryset_makers
    }

    /// Whether a method of the far side of a relation links rows.
    pub fn is_link_method(&self, method: &str) -> bool {
        self.link_methods.contains_key(method)
    }

    /// The actions of the signal that a method of the far side of a many-to-many relation sends.
    pub fn link_actions(&self, method: &str) -> &[String] {
        self.link_methods.get(method).map_or(&[], Vec::as_slice)
    }

    /// Whether a method of the far side of a relation takes it from rows that the call does not name.
    pub fn unlinks_rest(&self, method: &str) -> bool {
        let has = |end: &str| self.link_actions(method).iter().any(|action| action.ends_with(end));
        has("clear") || (has("add") && has("remove"))
    }

    /// The names of all methods that write rows, of querysets, relations and instances.
    pub fn row_writers(&self) -> impl Iterator<Item = &str> {
        let names = self.writers_past_instances(QuerySetMethod::writes);
        names.chain(self.model.keys().map(String::as_str))
    }

    /// Whether a method of a manager or queryset writes rows.
    pub fn is_row_writer(&self, method: &str) -> bool {
        self.queryset_method(method).is_some_and(QuerySetMethod::writes)
    }

    /// The names of the methods that delete rows with their signals, of instances and of querysets.
    pub fn deleters(&self) -> impl Iterator<Item = &str> {
        let of_rows = self.queryset.iter().filter(|(_, does)| **does == QuerySetMethod::Deletes);
        let of_one = self.model.iter().filter(|(_, does)| **does == ModelMethod::Deletes);
        of_rows.map(|(name, _)| name.as_str()).chain(of_one.map(|(name, _)| name.as_str()))
    }

    /// The names of the methods that write rows without signals.
    pub fn silent_writers(&self) -> impl Iterator<Item = &str> {
        self.writers_past_instances(QuerySetMethod::writes_silently)
    }

    /// The names of the methods of querysets that are `meant`, of relations, and of those that run SQL.
    fn writers_past_instances(
        &self,
        meant: fn(QuerySetMethod) -> bool,
    ) -> impl Iterator<Item = &str> {
        let querysets = self.queryset.iter().filter(move |(_, method)| meant(**method));
        let names = querysets.map(|(name, _)| name).chain(self.link_methods.keys());
        names.chain(&self.sql_methods).map(String::as_str)
    }

    /// What a method of a model instance does.
    pub fn model_method(&self, method: &str) -> Option<ModelMethod> {
        self.model.get(method).copied()
    }

    /// The names of the methods of model instances that write rows.
    pub fn instance_writers(&self) -> impl Iterator<Item = &str> {
        self.model.keys().map(String::as_str)
    }

    /// Whether every instance of a model has an attribute of this name.
    pub fn is_member_of_rows(&self, name: &str) -> bool {
        self.model.contains_key(name) || self.row_members.contains(name)
    }

    /// The method that a method of a model instance works through, where that is another one.
    pub fn inner_model_method(&self, method: &str) -> Option<&str> {
        self.model_inner.get(method).map(String::as_str)
    }

    /// The class methods of models that make an instance of a row that was read.
    pub fn row_loaders(&self) -> impl Iterator<Item = &str> {
        self.row_loaders.iter().map(String::as_str)
    }

    /// Whether a class method of a model makes an instance of a row that was read.
    pub fn loads_row(&self, method: &str) -> bool {
        self.row_loaders.iter().any(|known| known == method)
    }

    /// What classes have a method of this name that writes what it is given.
    pub fn writers(&self, method: &str) -> &[(WildMatch, WriterMethod)] {
        self.writers.get(method).map_or(&[], Vec::as_slice)
    }

    /// The last segments of the names of what a migration writes rows by.
    pub fn migration_writers(&self) -> BTreeSet<&str> {
        let writes = |role: &Role| matches!(role, Role::RunPython | Role::RunSql);
        let names = self.roles.iter().filter(|(_, role)| writes(role)).map(|(name, _)| name);
        names.filter_map(|name| name.rsplit('.').next()).collect()
    }

    /// Whether a method of this name runs the SQL text in its first argument.
    pub fn runs_sql(&self, method: &str) -> bool {
        self.sql_methods.iter().any(|known| known == method)
    }

    /// The names of the methods that run the SQL text in their first argument.
    pub fn sql_methods(&self) -> impl Iterator<Item = &str> {
        self.sql_methods.iter().map(String::as_str)
    }

    /// Whether a class of this name is one of managers or querysets by convention.
    pub fn names_manager(&self, name: &str) -> bool {
        self.manager_names.match_name(name)
    }

    /// Whether a variable of this name holds a row, of any model.
    pub fn names_row(&self, name: &str) -> bool {
        self.row_names.match_name(name)
    }

    /// A name under which querysets look up the one row there is.
    pub fn unique_method(&self) -> &'static str {
        "get"
    }

    /// The first name under which a model instance has a method.
    pub fn main_model_method(&self, method: ModelMethod) -> &'static str {
        match method {
            ModelMethod::Saves => "save",
            ModelMethod::Deletes => "delete",
        }
    }
}
