//! Decorators that make a function remember what it returned, and the libraries that make it forget.

use std::sync::Arc;

use super::natives::DEFAULT_ALIAS;
use super::stores::timeout_of;
use super::{Interp, Timing};
use crate::frameworks::{KeptResponse, KeyBuilder, Role, StoreId};
use crate::graph::effect::{Dropped, EffectKind, HookRef, Timeout};
use crate::graph::hooks::function_of;
use crate::graph::ids::ClassId;
use crate::graph::key::Template;
use crate::graph::listing::{Listed, Listing};
use crate::graph::value::{Args, Memoised, Object, Partial, Rows, StoreRef, Value};
use crate::source::Location;

impl Interp<'_> {
    /// The name of a memoising decorator and what it is given, where the value is one.
    pub fn memoizer_of(&self, decorator: &Value) -> Option<(Arc<str>, Args)> {
        let (path, args) = match decorator {
            Value::External(path) => (path, Args::default()),
            Value::Partial(partial) => match &partial.callee {
                Value::External(path) => (path, partial.args.clone()),
                _ => return None,
            },
            _ => return None,
        };
        self.program.frameworks.memoizer(path)?;
        Some((path.clone(), args))
    }

    /// Calls a memoising decorator: it waits for a function, unless it lists rows, or keeps responses, and
    /// is handed one.
    pub(super) fn call_memoizer(&mut self, path: &str, args: Args, site: Location) -> Value {
        let memoizer = self.program.frameworks.memoizer(path);
        let takes_it = memoizer.is_some_and(|known| known.lists_rows || known.response.is_some());
        let mut samples = args.clone();
        if takes_it
            && let Some(function) = samples.positional.pop()
            && !samples.positional.is_empty()
            && function_of(&function).is_some()
        {
            return self.memoise(path.into(), &samples, function, site);
        }
        Value::Partial(Arc::new(Partial { callee: Value::External(path.into()), args }))
    }

    /// What a memoising decorator makes of a function. One that lists what cannot be told leaves it as it
    /// is: what becomes of its results is not known.
    pub fn memoise(
        &mut self,
        path: Arc<str>,
        args: &Args,
        function: Value,
        site: Location,
    ) -> Value {
        let Some(memoizer) = self.program.frameworks.memoizer(&path) else { return function };
        let Some(id) = function_of(&function) else { return function };
        let listing = match memoizer.lists_rows {
            true if args.open => return function,
            true => match Listing::of(self, &args.positional, site) {
                Some(listing) => Some(Arc::new(listing)),
                None => return function,
            },
            false => None,
        };
        let stated = memoizer.timeout.as_ref().and_then(|name| {
            let first = args.positional.first().filter(|_| !memoizer.lists_rows);
            args.keyword(name).or(first).filter(|timeout| **timeout != Value::None)
        });
        let mapping = memoizer.mapping.as_ref().and_then(|name| args.get(0, name));
        let runs_out = memoizer.runs_out
            || matches!(mapping, Some(Value::Returned(path))
                if self.program.frameworks.role(path) != Some(Role::Mapping));
        let timeout = match stated {
            Some(_) => timeout_of(stated),
            None if runs_out => Timeout::Seconds(None),
            None => Timeout::Never,
        };
        let (store, response) = match &memoizer.response {
            Some(kept) => match self.kept_response(kept, args) {
                Some((store, key)) => (store, Some(Arc::new(key))),
                None => return function,
            },
            None => {
                let kind = match memoizer.process_local {
                    true => StoreId::PROCESS,
                    false => StoreId::SHARED_RESULTS,
                };
                (StoreRef::named(kind, &self.program.qualified_function(id)), None)
            }
        };
        let decorator = path;
        Value::Memoised(Arc::new(Memoised {
            function,
            store,
            decorator,
            timeout,
            listing,
            response,
        }))
    }

    /// Where the response of a view is kept, and under which key, by a decorator with these arguments.
    fn kept_response(&mut self, kept: &KeptResponse, args: &Args) -> Option<(StoreRef, Template)> {
        let kind = self.program.frameworks.store_called(&kept.store)?;
        let alias = match args.keyword(&kept.alias) {
            Some(alias) => alias.known_text().map(Into::into),
            None => Some(DEFAULT_ALIAS.into()),
        };
        let key = Template::spelled(&kept.key, |key, name| {
            let value = args.keyword(name).cloned().unwrap_or_default();
            self.append_part(key, &value, name);
        });
        // A key is compared by its parts.
        Some((StoreRef { kind, alias }, Template { parts: key.parts, ..Template::default() }))
    }

    /// Calls a function of a framework that builds a key.
    pub(super) fn build_key(&mut self, builder: &KeyBuilder, args: &Args) -> Value {
        let key = Template::spelled(&builder.key, |key, name| {
            let position = builder.params.iter().position(|param| param == name);
            let value = position.and_then(|position| args.get(position, name));
            let value = match value {
                // What one value tells, its hash tells as well.
                Some(Value::Sequence(values)) => match values.as_slice() {
                    [only] => only.clone(),
                    _ => Value::Unknown,
                },
                other => other.cloned().unwrap_or_default(),
            };
            self.append_part(key, &value, name);
        });
        Value::Text(Arc::new(key))
    }

    /// Drops what lists the rows of what is given: of a row, or of a model.
    pub(super) fn invalidate_listed(&mut self, given: &Value, path: &str, site: Location) {
        let alternatives = match given {
            Value::Union(all) => all.to_vec(),
            one => vec![one.clone()],
        };
        let mut tables = Vec::new();
        for value in alternatives {
            match value {
                Value::Class(class) => tables.extend(self.tables_of(class)),
                Value::Object(row) if self.is_model(row.class) => {
                    tables.extend(self.tables_of(row.class));
                }
                _ => {
                    // It may be of any model.
                    let name = path.rsplit('.').next().unwrap_or(path);
                    self.emit_with(EffectKind::NamedInvalidation(name.into()), site, true);
                    return;
                }
            }
        }
        self.at_commit(|interp| {
            tables.into_iter().for_each(|table| interp.drop_listed(Listed::Rows(table), site));
        });
    }

    /// Drops the queries that a library caches by itself.
    pub(super) fn invalidate_queries(&mut self, site: Location) {
        self.at_commit(|interp| interp.drop_listed(Listed::Queries, site));
    }

    /// What libraries drop by themselves when a row is saved or deleted.
    pub(super) fn run_libraries(&mut self, row: &Object, is_deleted: bool, site: Location) {
        if self.listed.is_empty() || row.query.is_historical {
            return;
        }
        let mut heard: Vec<Listed> =
            self.tables_of(row.class).into_iter().map(Listed::Rows).collect();
        if is_deleted {
            // The rows that point to it are deleted or changed without a signal of their own.
            for table in self.tables_of(row.class) {
                let sides = self.reverse_sides();
                let sides = sides.get(&table).into_iter().flatten();
                let pointing = sides.filter(|side| side.role != Role::ManyToMany);
                heard.extend(pointing.map(|side| Listed::Rows(side.owner)));
                let fields = self.many_to_many_of(table).into_iter();
                heard.extend(fields.map(|(owner, field)| Listed::Links(owner, field)));
            }
        }
        self.hear(heard, site);
    }

    /// What libraries drop by themselves when links of a many-to-many field are edited.
    pub(super) fn run_libraries_of_links(&mut self, owner: ClassId, field: &str, site: Location) {
        if self.listed.is_empty() {
            return;
        }
        let heard = self.links(owner, field);
        self.hear(vec![heard], site);
    }

    /// Whether something lists the rows of a model.
    pub(super) fn hears_rows(&mut self, model: ClassId) -> bool {
        let tables = self.tables_of(model);
        tables.into_iter().any(|table| self.listed.contains(&Listed::Rows(table)))
    }

    /// Whether something lists the links of a many-to-many field.
    pub(super) fn hears_links(&mut self, owner: ClassId, field: &str) -> bool {
        let links = self.links(owner, field);
        self.listed.contains(&links)
    }

    /// The links of a many-to-many field, as they are listed.
    fn links(&mut self, owner: ClassId, field: &str) -> Listed {
        match self.through_of(owner, field) {
            Some(through) => Listed::Rows(through),
            None => Listed::Links(owner, field.into()),
        }
    }

    /// What a method of a queryset drops by itself when it writes rows.
    pub(super) fn run_libraries_of_rows(&mut self, rows: &Rows, method: &str, site: Location) {
        let drops = self.program.frameworks.drops_listed(method);
        if !drops || self.listed.is_empty() || rows.query.is_historical {
            return;
        }
        let heard = match (&rows.query.links_of, rows.model) {
            (Some(via), _) => vec![Listed::Links(via.owner, via.field.clone())],
            (None, Some(model)) => self.tables_of(model).into_iter().map(Listed::Rows).collect(),
            (None, None) => Vec::new(),
        };
        self.hear(heard, site);
    }

    /// The tables that a row of a model is in.
    fn tables_of(&mut self, model: ClassId) -> Vec<ClassId> {
        let table = self.concrete(model);
        std::iter::once(table).chain(self.table_parents(table)).collect()
    }

    fn hear(&mut self, heard: Vec<Listed>, site: Location) {
        if self.libraries_muted_at().is_some() {
            return;
        }
        self.running_hooks.push(HookRef::Library(site));
        self.at_commit(|interp| {
            for listed in heard {
                if interp.listed.contains(&listed) {
                    interp.drop_listed(listed, site);
                }
            }
        });
        self.running_hooks.pop();
    }

    /// Does something as libraries do it: when the transaction ends.
    fn at_commit(&mut self, body: impl FnOnce(&mut Self)) {
        let timing = std::mem::replace(&mut self.timing, Timing::AFTER_COMMIT);
        body(self);
        self.timing = timing;
    }

    fn drop_listed(&mut self, listed: Listed, site: Location) {
        let store = Some(StoreRef::of(StoreId::SHARED_RESULTS));
        let dropped = Dropped { store, listed: Some(listed), ..Dropped::default() };
        self.emit(EffectKind::Drop(dropped), site);
    }
}
