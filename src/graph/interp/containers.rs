//! Lists, tuples, sets and dicts: their elements, and calls that change a local one.

use std::sync::Arc;

use super::queries::one_row;
use super::{Interp, MAX_ELEMENTS};
use crate::facts::{ExprId, ExprKind, NameId, SETS_ITEM};
use crate::frameworks::Role;
use crate::graph::value::{Args, Dict, StoreRef, Value, place_of_attribute};
use crate::source::{FileId, Location};

/// How many items of a dict are told apart.
const MAX_ITEMS: usize = 64;

impl Interp<'_> {
    /// The elements of an iterable, where all are known.
    pub(super) fn elements(&mut self, iterable: &Value) -> Option<Vec<Value>> {
        match iterable {
            Value::Sequence(items) => Some(items.to_vec()),
            Value::Rows(rows) if rows.query.finds_nothing() => Some(Vec::new()),
            Value::Dict(dict) if !dict.open => {
                Some(dict.items.iter().map(|(key, _)| key.clone()).collect())
            }
            _ => None,
        }
    }

    /// What any element of an iterable is.
    pub(super) fn element_of(&mut self, iterable: &Value) -> Value {
        match iterable {
            Value::Rows(rows) => one_row(rows, false),
            Value::Each(element) => (**element).clone(),
            Value::Union(all) => {
                let each: Vec<Value> = all.iter().map(|case| self.element_of(case)).collect();
                each.into_iter().reduce(Value::either).unwrap_or_default()
            }
            Value::Dict(dict) if !dict.items.is_empty() => {
                let keys = dict.items.iter().map(|(key, _)| key.clone());
                keys.reduce(Value::either).unwrap_or_default()
            }
            Value::Sequence(items) => {
                let mut items = items.iter().cloned();
                let first = items.next().unwrap_or_default();
                items.fold(first, Value::either)
            }
            other => Value::derived(other.taint()),
        }
    }

    pub(super) fn element_at(&mut self, value: &Value, at: usize) -> Value {
        match value {
            Value::Sequence(items) => items.get(at).cloned().unwrap_or_default(),
            Value::Union(all) => {
                let at: Vec<Value> = all.iter().map(|case| self.element_at(case, at)).collect();
                at.into_iter().reduce(Value::either).unwrap_or_default()
            }
            other => self.element_of(other),
        }
    }

    pub(super) fn item(&mut self, container: &Value, index: &Value) -> Value {
        match container {
            Value::Dict(dict) => match dict.items.iter().rev().find(|(key, _)| key == index) {
                Some((_, value)) => value.clone(),
                None if dict.may_hold(index) && !dict.items.is_empty() => {
                    let values = dict.items.iter().map(|(_, value)| value.clone());
                    values.reduce(Value::either).unwrap_or_default()
                }
                None => Value::Unknown,
            },
            Value::Sequence(items) => match index {
                Value::Int(at) => {
                    let at = if *at < 0 { items.len() as i64 + at } else { *at };
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| items.get(at))
                        .cloned()
                        .unwrap_or_default()
                }
                _ => self.element_of(container),
            },
            Value::External(path) => match self.program.frameworks.store_items(path) {
                Some(kind) => {
                    let alias = index.known_text().map(Into::into);
                    Value::Store(StoreRef { kind, alias })
                }
                None => self.generic_alias(container),
            },
            Value::Class(_) | Value::FromQuerySet(_) => self.generic_alias(container),
            Value::Rows(rows) => match index {
                Value::Int(_) => one_row(rows, rows.query.by_text),
                _ => container.clone(),
            },
            Value::Unbound(_) => container.clone(),
            Value::Object(object) => self
                .call_special(object.class, "__getitem__", &[container, index])
                .unwrap_or_else(|| Value::derived(container.taint())),
            Value::Union(all) => {
                let items: Vec<Value> = all.iter().map(|case| self.item(case, index)).collect();
                items.into_iter().reduce(Value::either).unwrap_or_default()
            }
            other => {
                // Which item it is depends on the index.
                let mut taint = other.taint();
                index.collect_taint(&mut taint);
                Value::derived(taint)
            }
        }
    }

    /// `CacheManager["Flag"]` is still the class.
    fn generic_alias(&self, class: &Value) -> Value {
        class.clone()
    }

    /// `container[index] = value`
    pub(super) fn store_item(
        &mut self,
        file: FileId,
        container: ExprId,
        index: Value,
        value: Value,
        site: Location,
    ) {
        if self.register(file, container, Some(&index), &value) {
            return;
        }
        let kept_in = self.container(file, container);
        if let Value::Dict(dict) = &kept_in
            && let Some(held) = &dict.held
        {
            return self.keep_item(held, &index, &value, site);
        }
        if let Value::Object(object) = &kept_in
            && self.call_special(object.class, SETS_ITEM, &[&kept_in, &index, &value]).is_some()
        {
            return;
        }
        self.set_item(file, container, index, value);
    }

    /// Sets an item of what a local variable holds, or of an item of that.
    fn set_item(&mut self, file: FileId, container: ExprId, index: Value, value: Value) {
        match self.program.file(file).expr(container).kind {
            ExprKind::Name(name) => {
                if let Some(held) = self.local(name) {
                    self.set_local(name, with_item(&held, index, value));
                }
            }
            ExprKind::Subscript { value: outer, index: at } => {
                let at = self.eval(file, at);
                let held = self.container(file, container);
                self.set_item(file, outer, at, with_item(&held, index, value));
            }
            _ => {}
        }
    }

    /// Whether a list is empty because code that does not run now fills it: nobody goes through a list of a
    /// module or a class that is empty for ever. What a run connects or drops is not guessed at.
    pub(super) fn is_filled_elsewhere(&self, file: FileId, list: ExprId, value: &Value) -> bool {
        let is_empty = matches!(value, Value::Sequence(items) if items.is_empty());
        is_empty
            && self.tracks_rows()
            && match self.program.file(file).expr(list).kind {
                ExprKind::Name(name) => self.local(name).is_none(),
                ExprKind::Attribute { .. } => true,
                _ => false,
            }
    }

    /// `items.append(x)` and its kin change what a local variable holds.
    pub(super) fn mutate_local(
        &mut self,
        file: FileId,
        receiver: ExprId,
        method: &str,
        callee: &Value,
        args: &Args,
    ) -> Option<Value> {
        if !matches!(callee, Value::Native(_)) {
            return None;
        }
        let facts = self.program.file(file);
        if matches!(method, "append" | "add")
            && let Some(added) = args.positional.first()
            && self.register(file, receiver, None, added)
        {
            return Some(Value::None);
        }
        let held = match facts.expr(receiver).kind {
            ExprKind::Name(name) => self.local(name)?,
            ExprKind::Attribute { value, attr } => self.held_by_local(file, value, attr)?,
            _ => return self.mutate_item(file, receiver, method, args),
        };
        let updated = match (method, &held) {
            ("append" | "add", Value::Sequence(items)) if items.len() < MAX_ELEMENTS => {
                let added = args.positional.first()?.clone();
                let mut items = items.to_vec();
                if !items.contains(&added) {
                    items.push(added);
                }
                Value::sequence(items)
            }
            ("extend" | "update", Value::Sequence(items)) => match args.positional.first()? {
                Value::Sequence(more) => {
                    Value::sequence(items.iter().chain(more.iter()).cloned().collect())
                }
                other => Value::Each(Arc::new(self.element_of(other))),
            },
            // What it does is seen where it is called.
            (_, Value::Dict(dict)) if dict.held.is_some() => return None,
            ("update", Value::Dict(dict)) => {
                let mut dict = (**dict).clone();
                match args.positional.first() {
                    Some(Value::Dict(more)) => dict.items.extend(more.items.iter().cloned()),
                    Some(_) => dict.open = true,
                    None => {}
                }
                let named = args.keywords.iter();
                dict.items.extend(named.map(|(name, value)| (Value::text(name), value.clone())));
                Value::Dict(Arc::new(dict))
            }
            ("append" | "add" | "extend" | "update" | "insert" | "setdefault", other)
                if matches!(
                    other,
                    Value::Unknown | Value::Symbol(..) | Value::Derived(_) | Value::Each(_)
                ) =>
            {
                let mut taint = other.taint();
                args.values().for_each(|value| value.collect_taint(&mut taint));
                Value::derived(taint)
            }
            _ => return None,
        };
        self.assign(file, receiver, updated);
        Some(Value::None)
    }

    /// The list or dict that an instance, which a variable holds, has for an attribute of its own.
    fn held_by_local(&self, file: FileId, owner: ExprId, attr: NameId) -> Option<Value> {
        let facts = self.program.file(file);
        let ExprKind::Name(owner) = facts.expr(owner).kind else { return None };
        let Value::Object(object) = self.local(owner)? else { return None };
        let at = place_of_attribute(&object.attrs, facts.name(attr)).ok()?;
        let held = &object.attrs[at].1;
        matches!(held, Value::Sequence(_) | Value::Dict(_) | Value::Each(_)).then(|| held.clone())
    }

    /// `groups[key].append(x)`, `groups.setdefault(key, []).append(x)`: what a local dict holds under a key
    /// changes.
    fn mutate_item(
        &mut self,
        file: FileId,
        receiver: ExprId,
        method: &str,
        args: &Args,
    ) -> Option<Value> {
        let added = args.positional.first().filter(|_| args.positional.len() == 1)?;
        let added = match method {
            "append" | "add" => added.clone(),
            "extend" | "update" => self.element_of(added),
            _ => return None,
        };
        let facts = self.program.file(file);
        let (container, index) = match facts.expr(receiver).kind {
            ExprKind::Subscript { value, index } => (value, index),
            ExprKind::Call { func, args } => match facts.expr(func).kind {
                ExprKind::Attribute { value, attr } if facts.name(attr) == "setdefault" => {
                    (value, facts.args(args).first()?.value)
                }
                _ => return None,
            },
            _ => return None,
        };
        let ExprKind::Name(name) = facts.expr(container).kind else { return None };
        let mut dict = match self.local(name)? {
            Value::Dict(dict) if dict.held.is_none() => (*dict).clone(),
            Value::Returned(path) if self.is_mapping(&path) => Dict::default(),
            _ => return None,
        };
        let index = self.quietly(|interp| interp.eval(file, index));
        let has_room = dict.items.len() < MAX_ITEMS;
        match dict.items.iter_mut().find(|(key, _)| *key == index) {
            Some((_, Value::Each(known))) => *known = Arc::new((**known).clone().either(added)),
            Some((_, other)) => *other = Value::Each(Arc::new(added)),
            None if has_room => dict.items.push((index, Value::Each(Arc::new(added)))),
            None => dict.open = true,
        }
        self.set_local(name, Value::Dict(Arc::new(dict)));
        Some(Value::None)
    }

    /// Whether what stands behind a dotted name makes dicts.
    pub(super) fn is_mapping(&self, path: &str) -> bool {
        self.program.frameworks.role(path) == Some(Role::Mapping)
    }
}

/// A dict with an item set; of anything else no more is known than what it was made of.
fn with_item(held: &Value, index: Value, value: Value) -> Value {
    let Value::Dict(dict) = held else {
        let mut taint = held.taint();
        value.collect_taint(&mut taint);
        return Value::derived(taint);
    };
    let mut dict = (**dict).clone();
    dict.items.retain(|(key, _)| *key != index);
    if dict.items.len() >= MAX_ITEMS {
        dict.open = true;
    } else {
        dict.items.push((index, value));
    }
    Value::Dict(Arc::new(dict))
}
