//! Calls of methods: what a value of some kind does by them, and what comes out.

use std::sync::Arc;

use super::conditions::joined_conditions;
use super::effect::Act;
use super::given::Given;
use super::run::Runner;
use super::types::{Head, Ty};
use super::value::{Command, Owner, Seconds, Value, What};
use crate::facts::ExprId;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::source::FileId;

/// How many values something is done with one after the other; with more it is done with any of them.
pub(super) const MAX_EACH: usize = 8;

impl Runner<'_, '_> {
    /// A method of a value.
    pub(super) fn call_method(
        &mut self,
        on: Value,
        name: &str,
        given: Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let frameworks = self.program.frameworks;
        let conjoins = frameworks.conjoins(name);
        if (conjoins || frameworks.disjoins(name))
            && let Some(all) = joined_conditions(&on, &given, conjoins)
        {
            return all;
        }
        if let What::Column(_) = on.what {
            // A condition on a column, or what it is set to, is told by its column.
            let to = given.values.first().filter(|_| frameworks.compares(name));
            let text = to.and_then(|value| value.text.clone());
            return Value { text: text.or(on.text.clone()), ..on };
        }
        if let What::Aimed(aimed) = &on.what {
            if frameworks.binds_parameter(name) {
                return self.bound(&aimed.clone(), on, &given, file, expr);
            }
            let on = Value { what: What::Plain, ..on };
            return self.call_method(on, name, given, file, expr);
        }
        if let What::Conflict(changed) = &on.what {
            let changed = changed.clone();
            return self.conflict_method(on, changed, name, &given);
        }
        if let What::Command(command) = &on.what {
            let command = command.clone();
            return self.command_method(&command, on, name, given, file, expr);
        }
        if let What::Store(store) = &on.what {
            let store = store.clone();
            let is_chained = self.is_chained(&on);
            if is_chained && frameworks.starts_command(store.kind, name) {
                let command = Command { kind: store.kind, words: given.values };
                self.run_command(&command, file, expr);
                return Value { what: What::Command(Arc::new(command)), ..on };
            }
            let value = self.store_call(&store, &on, name, &given.values, file, expr);
            // `pipe.atomic().del(one).ignore().del(other)`
            if is_chained && (value.is_some() || given.values.is_empty()) {
                return on;
            }
            if let Some(value) = value {
                return value;
            }
        }
        if let What::Place(place) = &on.what {
            let place = place.clone();
            if let Some(value) = self.place_call(&place, &on, name, &given.values, file, expr) {
                return value;
            }
        }
        if let What::Held(_) = on.what {
            if frameworks.is_transparent_method(name) {
                return on;
            }
            if !frameworks.is_caller(name) {
                self.patched(&on, None);
            }
        }
        if let Some(value) = self.keyed_call(&on, name, &given, file, expr) {
            return value;
        }
        if let Some(value) = self.channel_method(&on, name, &given, file, expr) {
            return value;
        }
        if let What::Several(parts) = &on.what
            && frameworks.is_joined_by(name)
        {
            let sign = given.values.first().and_then(|sign| sign.text.clone());
            let mut text = Template::default();
            for (at, part) in parts.iter().enumerate() {
                if let Some(sign) = sign.as_ref().filter(|_| at > 0) {
                    text.append(sign);
                }
                text.append(&part.template());
            }
            return Value { text: Some(Arc::new(text)), ..Value::only_rows(on.rows) };
        }
        if let What::Store(store) = &on.what
            && given.values.is_empty()
            && frameworks.leaves_nothing(name)
            && frameworks.store(store.kind).only_shared
        {
            // `SNAPSHOT.write().take()`
            self.emit(Act::Drop(store.clone(), None), file, expr);
        }
        if let What::Store(store) = &on.what
            && let Some(value) = given.values.first()
            && frameworks.replaces_whole(name)
        {
            let (store, mut rows) = (store.clone(), value.rows.clone());
            if let What::Closure(closure) = &value.what {
                let closure = closure.clone();
                rows.extend(self.call_closure(&closure, Vec::new()).rows);
            }
            self.fill_whole(store, rows, !frameworks.is_caller(name), file, expr);
            return on;
        }
        let (peeled, _) = on.ty.peeled(self.program);
        let class: Option<ClassId> = match peeled.head {
            Head::Class(class) => Some(class),
            Head::Part(table, _) => self.program.table(table).class,
            _ => None,
        };
        let method = match &peeled.head {
            Head::Key(key) => self.program.key_method(*key, name),
            Head::Outside(path) => self.program.method_outside(path, name),
            _ => class.and_then(|class| self.program.method(class, name)),
        };
        if let Some(function) = method {
            return self.call_function(function, Some(on), given, file, expr);
        }
        if let Some(class) = class {
            if let Some(value) = self.of_implementors(class, &on, name, &given, file, expr) {
                return value;
            }
            if let Some(inner) = self.program.stands_for(class)
                && inner.peeled(self.program).0.class() != Some(class)
                && self.table_of(&on.ty).is_none()
            {
                let ty = inner.peeled(self.program).0.clone();
                let on = self.typed(Value { ty, ..on });
                return self.call_method(on, name, given, file, expr);
            }
        }
        if let Some(value) = self.query_method(&on, name, &given, file, expr) {
            return value;
        }
        if class.is_none()
            && let Some(value) = self.sql_method(&on, name, &given, file, expr)
        {
            return value;
        }
        if frameworks.begins_transaction(name) && given.values.is_empty() {
            self.emit(Act::Begin, file, expr);
            return on;
        }
        if frameworks.commits(name) && given.values.is_empty() {
            self.emit(Act::Commit, file, expr);
            return Value::default();
        }
        if frameworks.wraps_in_transaction(name) {
            self.emit(Act::Begin, file, expr);
            let value = self.unknown(given);
            self.emit(Act::Commit, file, expr);
            return value;
        }
        if frameworks.is_timeout(name) {
            let seconds = given.values.first().and_then(|value| value.seconds);
            return Value { seconds: seconds.or(on.seconds).or(Some(Seconds::UNKNOWN)), ..on };
        }
        if frameworks.is_transparent_method(name) {
            let ty = on.ty.peeled(self.program).0.clone();
            let mut on = on;
            for value in given.values {
                if let What::Closure(closure) = &value.what {
                    // `found.unwrap_or_else(|| load())`
                    let closure = closure.clone();
                    let element = self.element_of(on.clone());
                    let params = self.program.function(closure.function).params.len();
                    let other = self.call_closure(&closure, vec![element; params]);
                    on.rows.extend(other.rows);
                }
            }
            return match on.what {
                What::Plain => self.typed(Value { ty, ..on }),
                _ => on,
            };
        }
        if frameworks.is_caller(name) {
            let on = self.awaited(on);
            if let What::Several(parts) = &on.what
                && let Some(value) = self.called_with_each(parts.clone(), &given)
            {
                return if frameworks.is_filter(name) { on } else { value };
            }
            let called = self.called_back(on.clone(), given);
            return match on.what {
                _ if !frameworks.is_filter(name) => called,
                What::Plain => Value { rows: called.rows, ..on },
                _ => on,
            };
        }
        if let What::Closure(closure) = &on.what {
            let closure = closure.clone();
            return self.call_closure(&closure, given.values);
        }
        if class.is_none()
            && peeled.head == Head::Unknown
            && on.what == What::Plain
            // `row.get(0)` is no method of the program that is called alike.
            && (on.rows.is_empty() || !frameworks.gets_column(name))
            && let Some(function) = self.program.only_method(name)
            && self.takes(function, given.values.len())
        {
            let was = std::mem::replace(&mut self.is_guessing, true);
            let value = self.call_function(function, Some(on), given, file, expr);
            self.is_guessing = was;
            return value;
        }
        if frameworks.says_invalidation(name) {
            self.emit(Act::Named, file, expr);
        }
        if let Some(column) = given.values.first()
            && frameworks.gets_column(name)
            && on.what == What::Plain
            && self.is_raw_row(&on.ty)
        {
            let rows = on.rows.into_iter().map(|source| source.column_of(column));
            return Value::only_rows(rows.collect());
        }
        if matches!(&on.what, What::Store(store) if matches!(store.owner, Owner::Made(_))) {
            // `Cache::builder().max_capacity(10).build()`
            let rows = on.rows.into_iter().chain(given.rows()).collect();
            return Value { rows, ..on };
        }
        let seconds = on.seconds;
        let ty = on.ty.peeled(self.program).0.clone();
        let mut rows = on.rows;
        let value = self.unknown(given);
        rows.extend(value.rows);
        // A builder returns itself, and at the end what it builds.
        let ty = if seconds.is_some() { ty } else { Ty::default() };
        Value { rows, seconds, ty, ..Value::default() }
    }

    /// Whether a type may be that of a row as a library reads it, which is no collection of others.
    fn is_raw_row(&self, ty: &Ty) -> bool {
        let peeled = ty.peeled(self.program).0;
        matches!(peeled.head, Head::Unknown | Head::Outside(_)) && peeled.args.is_empty()
    }

    /// A method of a trait that several types have: what each of them does, but for the one whose own method
    /// calls it of what it wraps.
    fn of_implementors(
        &mut self,
        class: ClassId,
        on: &Value,
        name: &str,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let own = self.frames.last().and_then(|frame| frame.around.own.as_ref()?.class());
        let mut value: Option<Value> = None;
        for (of, function) in self.program.implementations(class, name) {
            if own == Some(of) {
                continue;
            }
            let on = Value { ty: Ty::of_class(of), ..on.clone() };
            let one = self.call_function(function, Some(on), given.clone(), file, expr);
            value = Some(match value {
                Some(other) => other.or(one),
                None => one,
            });
        }
        value
    }

    /// Whether a method takes so many arguments beside its receiver.
    fn takes(&self, function: FunctionId, count: usize) -> bool {
        let params = &self.program.function(function).params;
        self.program.takes_self(function) && params.len() == count + 1
    }

    /// `[a, b].map(|inner| ...)`: what a closure returns for each of a few values.
    fn called_with_each(&mut self, parts: Arc<[Value]>, given: &Given) -> Option<Value> {
        let closures = given.values.iter().filter_map(|value| match &value.what {
            What::Closure(closure) => Some(closure.clone()),
            _ => None,
        });
        let [closure] = closures.collect::<Vec<_>>().try_into().ok()?;
        if parts.len() > MAX_EACH {
            return None;
        }
        let values = parts.iter().map(|part| self.call_closure(&closure, vec![part.clone()]));
        let values: Vec<Value> = values.collect();
        let rows = values.iter().flat_map(|value| value.rows.iter().cloned()).collect();
        Some(Value { what: What::Several(values.into()), rows, ..Value::default() })
    }

    /// `value.map(|inner| ...)`
    pub(super) fn called_back(&mut self, on: Value, given: Given) -> Value {
        let element = self.element_of(on.clone());
        let mut returned: Option<Value> = None;
        let mut has_closure = false;
        for value in given.values {
            if let What::Closure(closure) = &value.what {
                has_closure = true;
                let closure = closure.clone();
                let params = self.program.function(closure.function).params.len().max(1);
                let value = self.call_closure(&closure, vec![element.clone(); params]);
                returned = Some(match returned {
                    Some(other) => other.or(value),
                    None => value,
                });
            }
        }
        let mut value = returned.unwrap_or_default();
        let is_told = !value.rows.is_empty();
        value.rows.extend(on.rows.into_iter().map(|source| match (is_told, &source.column) {
            // What was made of them tells what was read.
            (true, None) => self.that_it_is_there(source),
            _ => source,
        }));
        if !has_closure {
            value.ty = on.ty;
        }
        value
    }
}
