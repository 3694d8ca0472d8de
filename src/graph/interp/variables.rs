//! Variables of modules and classes that functions change: what is kept in them, read from them and taken
//! out of them again.

use std::sync::Arc;

use super::Interp;
use super::queries::origin_of;
use crate::facts::{DELETES_ITEM, ExprId, ExprKind, NameId, Scope};
use crate::frameworks::StoreId;
use crate::graph::effect::{Dropped, EffectKind, Fill, Timeout};
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, Part, Spelling, Template};
use crate::graph::value::{Args, Dict, Held, StoreRef, Taint, Value};
use crate::source::{FileId, Location};

impl Interp<'_> {
    /// What a module binds to a name, marked as kept between calls where functions change it.
    pub(super) fn kept_by_module(&self, file: FileId, name: NameId, value: Value) -> Value {
        match self.program.variables.has_in_module(file, name) {
            true => self.kept(value, || self.variable_of_module(file, name)),
            false => value,
        }
    }

    /// What a class binds to a name, marked as kept between calls where functions change it.
    pub(super) fn kept_by_class(&self, class: ClassId, name: NameId, value: Value) -> Value {
        match self.program.variables.has_in_class(class, name) {
            true => self.kept(value, || {
                let name = self.program.file(class.file).name(name);
                variable(format!("{}.{name}", self.program.qualified_class(class)))
            }),
            false => value,
        }
    }

    fn variable_of_module(&self, file: FileId, name: NameId) -> Held {
        let module = self.program.modules.name(file);
        variable(format!("{module}.{}", self.program.file(file).name(name)))
    }

    /// A dict as the one that a variable keeps; functions may have put items into it.
    fn kept(&self, value: Value, held: impl FnOnce() -> Held) -> Value {
        let is_mapping = match &value {
            Value::Dict(_) => true,
            Value::Returned(path) => self.is_mapping(path),
            _ => false,
        };
        if !is_mapping {
            return value;
        }
        let items = match &value {
            Value::Dict(dict) => dict.items.clone(),
            _ => Vec::new(),
        };
        Value::Dict(Arc::new(Dict { items, open: true, held: Some(Arc::new(held())) }))
    }

    /// A look into what a variable keeps, under a key where there is one.
    pub(super) fn note_look(&mut self, container: &Value, index: &Value, site: Location) {
        let Value::Dict(dict) = container else { return };
        if let Some(held) = &dict.held {
            let key = self.item_of(held, index).key;
            self.look(&held.store, key, site);
        }
    }

    /// A comparison that may tell whether an older copy in a variable is still what the database has.
    pub(super) fn note_check(&mut self, left: &Value, right: &Value, site: Location) {
        if !self.tracks_rows() || self.program.variables.is_empty() {
            return;
        }
        let is_unknown = |value: &Value| match value {
            Value::Unknown | Value::None => true,
            Value::Union(all) => all.contains(&Value::Unknown),
            _ => false,
        };
        if (is_read(left) && is_unknown(right)) || (is_unknown(left) && is_read(right)) {
            self.emit(EffectKind::Check, site);
        }
    }

    fn look(&mut self, store: &StoreRef, key: Template, site: Location) {
        if !self.tracks_rows() {
            return;
        }
        if let Some(frame) = self.frame()
            && !frame.looked_into.contains(store)
        {
            frame.looked_into.push(store.clone());
        }
        self.emit(EffectKind::Read { store: Some(store.clone()), key: Arc::new(key) }, site);
    }

    /// `global name`; in a nested function the name may be that of one around it.
    pub(super) fn declare_outer(&mut self, name: NameId) {
        let Some(frame) = self.frames.last() else { return };
        let Some(function) = frame.function else { return };
        let is_nested = matches!(self.program.function(function).scope, Scope::Function(_));
        if !is_nested
            && self.program.variables.is_rebound(function.file, name)
            && let Some(frame) = self.frame()
        {
            frame.outer.push(name);
        }
    }

    /// Whether the running function binds a variable of its module anew, by `global`.
    fn rebinds(&self, file: FileId, name: NameId) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        frame.file == file && frame.outer.contains(&name)
    }

    /// A look at a variable of the module that functions bind anew.
    pub(super) fn note_global(&mut self, file: FileId, name: NameId) {
        if self.tracks_rows()
            && self.program.variables.is_rebound(file, name)
            && let Some(function) = self.frames.last().and_then(|frame| frame.function)
        {
            let Held { store, key } = self.variable_of_module(file, name);
            self.look(&store, key, self.program.function_location(function));
        }
    }

    /// `global name; name = value`: what the variable held before is gone. Returns what it holds now.
    pub(super) fn rebind(
        &mut self,
        file: FileId,
        name: NameId,
        value: Value,
        site: Location,
    ) -> Value {
        if !self.rebinds(file, name) {
            return value;
        }
        let held = self.variable_of_module(file, name);
        self.replace(&held, &value, site);
        self.kept(value, || held)
    }

    /// `owner.name = value` of a module or a class, where functions change what it keeps.
    pub(super) fn rebind_attribute(
        &mut self,
        file: FileId,
        owner: ExprId,
        name: &str,
        value: &Value,
        site: Location,
    ) {
        if !self.program.variables.is_dict(name) {
            return;
        }
        let before = match self.eval(file, owner) {
            Value::Class(class) => self.class_attribute(class, name).map(|(value, _)| value),
            Value::Module(file) => self.member_of_module(file, name),
            _ => None,
        };
        if let Some(Value::Dict(dict)) = before
            && let Some(held) = &dict.held
        {
            self.replace(held, value, site);
        }
    }

    /// Puts a value in the place of all that a variable holds.
    fn replace(&mut self, held: &Held, value: &Value, site: Location) {
        if value.truth() == Some(false) {
            return self.forget(held, None, site);
        }
        self.keep(held, value, site);
    }

    /// `container[index] = value` of what a variable keeps.
    pub(super) fn keep_item(&mut self, held: &Held, index: &Value, value: &Value, site: Location) {
        let part = self.item_of(held, index);
        self.keep_under(&part, Some(index), value, site);
    }

    fn keep(&mut self, held: &Held, value: &Value, site: Location) {
        self.keep_under(held, None, value, site);
    }

    /// Puts a value where `index` leads to, where it does: what was computed from that stands in the key.
    fn keep_under(&mut self, held: &Held, index: Option<&Value>, value: &Value, site: Location) {
        let mut taint = Taint::new();
        if self.tracks_rows() {
            self.collect_loaded(value, &mut taint);
            if let Some(index) = index {
                let told = told_by_key(index);
                taint.retain(|source| !told.contains(source));
            }
        }
        let fills_gap =
            self.frames.last().is_some_and(|frame| frame.looked_into.contains(&held.store));
        let fill = Fill {
            store: Some(held.store.clone()),
            key: Arc::new(held.key.clone()),
            field: None,
            taint: self.rows_of_models(taint),
            timeout: Timeout::Never,
            overwrites: !fills_gap,
            adds: false,
            listing: None,
            is_response: false,
        };
        self.emit(EffectKind::Fill(fill), site);
    }

    /// The rows that a value holds once it is there: what asks the database again on each use, as a manager
    /// does, holds none, and what was made and not loaded is no row yet.
    fn collect_loaded(&mut self, value: &Value, taint: &mut Taint) {
        match value {
            Value::Rows(_) => {}
            Value::Object(object) if object.is_new || !self.is_model(object.class) => {
                for (_, value) in &object.attrs {
                    self.collect_loaded(value, taint);
                }
            }
            Value::Sequence(items) | Value::Union(items) => {
                items.iter().for_each(|item| self.collect_loaded(item, taint));
            }
            Value::Dict(dict) => {
                for (key, value) in &dict.items {
                    self.collect_loaded(key, taint);
                    self.collect_loaded(value, taint);
                }
            }
            Value::Each(element) => self.collect_loaded(element, taint),
            Value::Bound(_) | Value::Native(_) => {}
            other => other.collect_taint(taint),
        }
    }

    /// Takes an item, or all, out of what a variable keeps.
    fn forget(&mut self, held: &Held, index: Option<&Value>, site: Location) {
        let key = index.map(|index| Arc::new(self.item_of(held, index).key));
        let store = Some(held.store.clone());
        self.emit(EffectKind::Drop(Dropped { store, key, ..Dropped::default() }), site);
    }

    /// `del container[index]`
    pub(super) fn delete_item(&mut self, file: FileId, container: ExprId, index: ExprId) {
        let container = self.container(file, container);
        let index_value = self.eval(file, index);
        match &container {
            Value::Dict(dict) => {
                let Some(held) = &dict.held else { return };
                let site = self.site(file, index);
                self.forget(held, Some(&index_value), site);
            }
            Value::Object(object) => {
                self.call_special(object.class, DELETES_ITEM, &[&container, &index_value]);
            }
            _ => {}
        }
    }

    /// What is subscribed; of an item of what a variable keeps, the part that it leads to.
    pub(super) fn container(&mut self, file: FileId, container: ExprId) -> Value {
        if let ExprKind::Subscript { value, index } = self.program.file(file).expr(container).kind {
            let outer = self.container(file, value);
            if let Value::Dict(dict) = &outer
                && let Some(held) = &dict.held
            {
                let index = self.eval(file, index);
                let part = self.item_of(held, &index);
                return Value::Dict(Arc::new(part_of(part)));
            }
        }
        self.eval(file, container)
    }

    /// Calls a method of a dict that a variable keeps, for what it does to that.
    pub(super) fn call_kept(
        &mut self,
        held: &Arc<Held>,
        name: &str,
        args: &Args,
        site: Location,
    ) -> Option<Value> {
        let key = args.positional.first();
        match (name, key) {
            ("get", Some(key)) => {
                let key = self.item_of(held, key).key;
                self.look(&held.store, key, site);
            }
            ("items" | "values" | "keys", _) => {
                let key = self.item_of(held, &Value::Unknown).key;
                self.look(&held.store, key, site);
            }
            ("pop", Some(key)) => self.forget(held, Some(key), site),
            ("clear", _) => self.forget(held, None, site),
            ("setdefault", Some(key)) => {
                let part = self.item_of(held, key);
                self.look(&held.store, part.key.clone(), site);
                let value = args.positional.get(1).cloned().unwrap_or(Value::None);
                if matches!(&value, Value::Dict(dict) if dict.items.is_empty()) {
                    return Some(Value::Dict(Arc::new(part_of(part))));
                }
                self.keep(&part, &value, site);
                return Some(Value::Unknown.either(value));
            }
            ("update", Some(Value::Dict(more))) => {
                for (key, value) in &more.items {
                    self.keep_item(held, key, value, site);
                }
            }
            ("update", Some(more)) => self.keep_item(held, &Value::Unknown, more, site),
            _ => {}
        }
        None
    }

    /// The part of what a variable keeps that is under a key.
    fn item_of(&self, held: &Held, index: &Value) -> Held {
        let mut key = held.key.clone();
        key.push_text("[");
        match index {
            Value::Sequence(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    key.push_text(if at > 0 { ", " } else { "" });
                    self.push_index(&mut key, part);
                }
            }
            other => self.push_index(&mut key, other),
        }
        key.push_text("]");
        Held { store: held.store.clone(), key }
    }

    fn push_index(&self, key: &mut Template, index: &Value) {
        match index {
            Value::Text(text) => text.parts.iter().for_each(|part| key.push(part)),
            Value::Int(number) => key.push_text(&number.to_string()),
            Value::Gone => key.push(&Part::Gone),
            other => {
                let origin = origin_of(other);
                let label = match &origin {
                    Some(Origin::Column { column, .. }) => column.clone(),
                    Some(Origin::Param(function, param, path)) if path.is_empty() => {
                        self.program.file(function.file).name(*param).into()
                    }
                    Some(Origin::Param(_, _, path)) => path.clone(),
                    Some(Origin::Once | Origin::Setting) | None => "key".into(),
                };
                let read_from = match other {
                    Value::FromStore(counter) => Some(counter.clone()),
                    _ => None,
                };
                let spelling = Spelling::Text;
                key.push(&Part::Hole { label, read_from, origin, spelling });
            }
        }
    }
}

/// What of rows a key spells out.
fn told_by_key(key: &Value) -> Taint {
    match key {
        Value::Column(_) | Value::Text(_) | Value::Derived(_) => key.taint(),
        Value::Sequence(parts) => {
            let mut told = Taint::new();
            parts.iter().for_each(|part| told.add(&told_by_key(part)));
            told
        }
        _ => Taint::new(),
    }
}

/// Whether a value tells what a store or the database has now.
fn is_read(value: &Value) -> bool {
    match value {
        Value::FromStore(_) | Value::Column(_) | Value::Derived(_) => true,
        Value::Union(all) => all.iter().any(|it| matches!(it, Value::FromStore(_))),
        // `(count or 0, latest)`
        Value::Sequence(items) => items.iter().any(|item| match item {
            Value::Union(all) => all.iter().any(is_read),
            other => is_read(other),
        }),
        _ => false,
    }
}

fn variable(dotted: String) -> Held {
    Held { store: StoreRef::named(StoreId::VARIABLES, &dotted), key: Template::text(&dotted) }
}

/// A dict in what a variable keeps; nothing is known of its items.
fn part_of(part: Held) -> Dict {
    Dict { items: Vec::new(), open: true, held: Some(Arc::new(part)) }
}
