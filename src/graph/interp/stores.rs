//! Calls of caches: what they fill, read and drop, under which key.

use std::sync::Arc;

use super::Interp;
use crate::facts::{ExprId, ExprKind};
use crate::frameworks::MethodEffect;
use crate::graph::effect::{Dropped, EffectKind, Fill, Timeout};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::{Origin, Part, Spelling, Template};
use crate::graph::value::{Args, RowPart, RowSource, StoreRef, Taint, Value};
use crate::source::{FileId, Location};

impl Interp<'_> {
    /// Calls a method of a store; `store` is unknown where only a name says that it is one.
    pub(super) fn call_store(
        &mut self,
        store: Option<&StoreRef>,
        name: &str,
        args: Args,
        site: Location,
        by_convention: bool,
    ) -> Value {
        let frameworks = self.program.frameworks;
        let method = match store {
            Some(store) => frameworks.store_method(store.kind, name),
            None => frameworks.any_store_method(name),
        };
        let Some(method) = method else {
            if self.says_invalidation(name) {
                let dropped = Dropped { store: store.cloned(), ..Dropped::default() };
                self.emit_with(EffectKind::Drop(dropped), site, true);
            }
            return Value::Unknown;
        };
        let argument = |part: &str| {
            // `timeout=ex`: the part, and the name of the parameter where that is another one.
            let mut params = method.params.iter().enumerate();
            params.find_map(|(position, param)| {
                let (known, keyword) = param.split_once('=').unwrap_or((param, param));
                (known == part).then(|| args.get(position, keyword).cloned())?
            })
        };
        // `cache.get(key, version=read_counter())`: the counter is part of the key, and so is a version that
        // is spelled out and not the one that all keys have.
        let counter = args.keyword("version").and_then(counter_of);
        let version = match args.keyword("version") {
            Some(Value::Int(version)) if *version != 1 => Some(version.to_string()),
            _ => None,
        };
        let key_of = |value: Option<&Value>| {
            let mut key = key_of(value);
            if let Some(version) = &version {
                let mut versioned = Template::text(&format!("{version}:"));
                versioned.append(&key);
                key = versioned;
            }
            key.parts.extend(counter.clone());
            key
        };
        match method.does {
            MethodEffect::Same => store.cloned().map_or(Value::Unknown, Value::Store),
            MethodEffect::Read => {
                if let Some(frame) = self.frame() {
                    frame.read_store = true;
                }
                let key = argument("key").or_else(|| argument("keys"));
                if self.tracks_rows() {
                    let key = Arc::new(key_of(key.as_ref()));
                    self.emit(EffectKind::Read { store: store.cloned(), key }, site);
                }
                Value::FromStore(Arc::new(key_of(key.as_ref())))
            }
            MethodEffect::Keys => match argument("pattern") {
                Some(Value::Text(pattern)) => {
                    let key =
                        Value::Text(Arc::new(key_of(Some(&Value::Text(pattern))).as_pattern()));
                    Value::Each(Arc::new(key))
                }
                _ => Value::Unknown,
            },
            MethodEffect::Expire => {
                let key = Arc::new(key_of(argument("key").as_ref()));
                let timeout = timeout_of(argument("timeout").as_ref());
                self.emit(EffectKind::Expire { store: store.cloned(), key, timeout }, site);
                Value::Unknown
            }
            MethodEffect::Drop | MethodEffect::Count => {
                let counts = method.does == MethodEffect::Count;
                let fields = dropped_fields(&method.params, &args);
                for key in dropped_keys(&method.params, &args, &argument, &key_of) {
                    let key = key.map(Arc::new);
                    if let (Some(key), Some(amount)) = (&key, argument("amount"))
                        && let Some(frame) = self.frame()
                    {
                        frame.counted.push((key.clone(), amount));
                    }
                    for field in &fields {
                        let (store, field) = (store.cloned(), field.clone());
                        let key = key.clone();
                        let dropped = Dropped { store, key, field, counts, listed: None };
                        self.emit_with(EffectKind::Drop(dropped), site, by_convention);
                    }
                }
                Value::Unknown
            }
            MethodEffect::Fill | MethodEffect::FillMissing | MethodEffect::Add => {
                let timeout = match timeout_of(argument("timeout").as_ref()) {
                    Timeout::Default
                        if store.is_some_and(|store| frameworks.keeps_forever(store.kind)) =>
                    {
                        Timeout::Never
                    }
                    timeout => timeout,
                };
                let value = argument("value").or_else(|| argument("default")).unwrap_or_default();
                let value = if value.is_callable() {
                    self.call(&value, Args::default(), site)
                } else {
                    value
                };
                let fills = method.does == MethodEffect::Fill;
                let overwrites = fills && !self.frames.last().is_some_and(|frame| frame.read_store);
                let field = argument("field").map(|field| Arc::new(key_of(Some(&field))));
                let entries = match argument("items") {
                    Some(items) => entries_of(&items),
                    None => {
                        let key = argument("key").unwrap_or_default();
                        let keys = alternatives(Some(&key)).into_iter().flatten();
                        keys.map(|key| (key.clone(), value.clone())).collect()
                    }
                };
                for (key, value) in entries {
                    let mut taint = self.rows_of_models(value.taint());
                    forget_choice(&key, &mut taint);
                    let key = Arc::new(key_of(Some(&key)));
                    let overwrites = overwrites || (fills && counts_on(&value, &key));
                    if self.starts_to_count(&key, &value) {
                        taint = Taint::new();
                    }
                    let store = store.cloned();
                    let field = field.clone();
                    let fill = Fill {
                        store,
                        key,
                        field,
                        taint,
                        timeout,
                        overwrites,
                        adds: method.does == MethodEffect::Add,
                        listing: None,
                        is_response: false,
                    };
                    self.emit_with(EffectKind::Fill(fill), site, by_convention);
                }
                if method.params.iter().any(|param| param == "default") {
                    // What was there before, or the value.
                    let key = key_of(argument("key").as_ref());
                    return Value::FromStore(Arc::new(key)).either(value);
                }
                // Whether nothing was there.
                if method.does == MethodEffect::FillMissing {
                    return Value::Unknown;
                }
                value
            }
        }
    }

    /// Whether a value is that by which the figure under a key was to be counted up just before: where there is no
    /// figure yet it starts with that. Such a figure tells of what was done, and is no copy of rows.
    fn starts_to_count(&self, key: &Template, value: &Value) -> bool {
        let counted = self.frames.last().map_or(&[][..], |frame| &frame.counted);
        counted.iter().any(|(counter, amount)| **counter == *key && amount == value)
    }

    /// A call of a method on something that only its name says is a store: `self.cache.delete(k)`.
    pub(super) fn call_by_convention(
        &mut self,
        file: FileId,
        receiver: ExprId,
        method: &str,
        callee: &Value,
        args: &Args,
        site: Location,
    ) -> Option<Value> {
        let unknown = match callee {
            Value::Native(native) => matches!(
                native.0,
                Value::Unknown
                    | Value::Symbol(..)
                    | Value::Derived(_)
                    | Value::Returned(_)
                    | Value::Unbound(_)
                    | Value::Truthy
                    | Value::None
            ),
            Value::Unknown | Value::Symbol(..) => true,
            Value::External(path) => {
                let owner = path.rsplit_once('.').map_or("", |(owner, _)| owner);
                let frameworks = self.program.frameworks;
                frameworks.store_named(owner).is_none()
                    && frameworks.role(path).is_none()
                    && self.is_lower_case(owner)
            }
            _ => false,
        };
        if !unknown {
            return None;
        }
        let facts = self.program.file(file);
        let name = match facts.expr(receiver).kind {
            ExprKind::Name(name) => facts.name(name),
            ExprKind::Attribute { attr, .. } => facts.name(attr),
            ExprKind::Call { func, .. } => match facts.expr(func).kind {
                ExprKind::Name(name) => facts.name(name),
                ExprKind::Attribute { attr, .. } => facts.name(attr),
                _ => return None,
            },
            _ => return None,
        };
        let frameworks = self.program.frameworks;
        let is_store = frameworks.names_store(name.strip_prefix("get_").unwrap_or(name));
        if !is_store || frameworks.any_store_method(method).is_none() {
            return None;
        }
        Some(self.call_store(None, method, args.clone(), site, true))
    }

    fn is_lower_case(&self, dotted: &str) -> bool {
        let last = dotted.rsplit('.').next().unwrap_or_default();
        !last.chars().any(char::is_uppercase)
    }

    /// The store that instances of a class of the program are, by inheriting from one.
    pub(super) fn store_class(&mut self, class: ClassId) -> Option<Value> {
        let order = self.order(class);
        let store = order.iter().find_map(|base| match base {
            Value::External(path) => self.program.frameworks.store_returned_by(path),
            _ => None,
        })?;
        Some(Value::Store(StoreRef::of(store)))
    }

    /// Whether the configuration says that a function of the program invalidates.
    pub(super) fn is_configured_invalidator(&self, id: FunctionId) -> bool {
        !self.invalidators.is_empty()
            && self.is_invalidator_name(&self.program.qualified_function(id))
    }

    pub(super) fn is_invalidator_name(&self, name: &str) -> bool {
        !self.invalidators.is_empty() && {
            self.invalidators.iter().any(|pattern| pattern.matches(name))
        }
    }
}

fn key_of(value: Option<&Value>) -> Template {
    match value {
        Some(Value::Text(template)) => {
            let (parts, is_coded) = (template.parts.clone(), template.is_coded);
            Template { parts, is_coded, ..Template::default() }
        }
        Some(Value::Int(number)) => Template::text(&number.to_string()),
        _ => Template::hole("key"),
    }
}

/// Whether a value is what a store had under a key, counted up.
fn counts_on(value: &Value, key: &Template) -> bool {
    let Value::Text(text) = value else { return false };
    match text.parts.as_slice() {
        [Part::Hole { read_from: Some(read_from), .. }] => read_from.parts == key.parts,
        _ => false,
    }
}

/// Takes out what chose a row whose primary key a key holds: how it was come by says nothing of what is kept
/// for it.
fn forget_choice(key: &Value, taint: &mut Taint) {
    let Value::Text(key) = key else { return };
    let names_row = key.parts.iter().any(|part| match part {
        Part::Hole { origin: Some(Origin::Column { column, .. }), .. } => &**column == "pk",
        _ => false,
    });
    if names_row {
        taint.retain(|source| {
            let chooses = matches!(
                source.part,
                RowPart::Links(_) | RowPart::Deciding(_) | RowPart::Ordered | RowPart::Presence
            );
            !(chooses && key.taint.contains(source))
        });
        // Of many rows each is kept under its own key: a new one under one that is not there yet.
        let is_of_key = |source: &RowSource| {
            let part = RowPart::Column("pk".into());
            !source.single && key.taint.contains(&RowSource { part, ..source.clone() })
        };
        if taint.iter().any(is_of_key) {
            *taint = taint
                .map(|source| RowSource { single: source.single || is_of_key(&source), ..source });
        }
    }
}

/// The part that a version makes of a key, where it was read from a store.
fn counter_of(version: &Value) -> Option<Part> {
    let read_from = Some(version.read_from()?.clone());
    let spelling = Spelling::Text;
    Some(Part::Hole { label: "version".into(), read_from, origin: None, spelling })
}

/// The keys that a call drops; one `None` stands for the whole store.
fn dropped_keys(
    params: &[String],
    args: &Args,
    argument: &dyn Fn(&str) -> Option<Value>,
    key_of: &dyn Fn(Option<&Value>) -> Template,
) -> Vec<Option<Template>> {
    if params.is_empty() {
        // `clear(key)` is no call that empties the store, whatever comes of it.
        return vec![args.positional.first().map(|key| key_of(Some(key)))];
    }
    if params.iter().any(|param| param == "*keys") {
        let mut keys: Vec<Option<Template>> =
            args.positional.iter().flat_map(|keys| keys_of(keys, key_of)).map(Some).collect();
        if let Some(each) = &args.each {
            keys.extend(keys_of(each, key_of).into_iter().map(Some));
        } else if args.open || keys.is_empty() {
            keys.push(Some(Template::hole("key")));
        }
        return keys;
    }
    if params.iter().any(|param| param == "pattern") {
        return vec![Some(key_of(argument("pattern").as_ref()).as_pattern())];
    }
    match argument("keys") {
        Some(keys) => keys_of(&keys, key_of).into_iter().map(Some).collect(),
        None => {
            let key = argument("key");
            alternatives(key.as_ref()).into_iter().map(|key| Some(key_of(key))).collect()
        }
    }
}

/// The keys that a key may be, where each tells what it is of: `f"app:{pk}" if mobile else f"site:{pk}"`.
fn alternatives(key: Option<&Value>) -> Vec<Option<&Value>> {
    let is_told = |value: &Value| matches!(value, Value::Text(text) if text.is_specific());
    match key {
        Some(Value::Union(all)) if all.iter().all(is_told) => all.iter().map(Some).collect(),
        other => vec![other],
    }
}

/// The fields of a hash that a call drops; one `None` stands for all of them.
fn dropped_fields(params: &[String], args: &Args) -> Vec<Option<Arc<Template>>> {
    let Some(first) = params.iter().position(|param| param == "*fields") else { return vec![None] };
    let listed = args.positional.iter().skip(first);
    let fields: Vec<_> = listed.map(|field| Some(Arc::new(key_of(Some(field))))).collect();
    if args.open || fields.is_empty() { vec![None] } else { fields }
}

fn keys_of(value: &Value, key_of: &dyn Fn(Option<&Value>) -> Template) -> Vec<Template> {
    match value {
        Value::Sequence(items) => {
            items.iter().flat_map(|item| alternatives(Some(item))).map(key_of).collect()
        }
        Value::Each(element) => alternatives(Some(element)).into_iter().map(key_of).collect(),
        Value::Dict(dict) => dict.items.iter().map(|(key, _)| key_of(Some(key))).collect(),
        other => alternatives(Some(other)).into_iter().map(key_of).collect(),
    }
}

fn entries_of(items: &Value) -> Vec<(Value, Value)> {
    match items {
        Value::Dict(dict) if !dict.items.is_empty() => dict.items.clone(),
        other => vec![(Value::Unknown, other.clone())],
    }
}

/// How long a store keeps what it is given this timeout for.
pub(super) fn timeout_of(value: Option<&Value>) -> Timeout {
    match value {
        None => Timeout::Default,
        Some(Value::None) => Timeout::Never,
        Some(Value::Int(seconds)) => Timeout::Seconds(Some(*seconds)),
        Some(Value::External(_) | Value::Symbol(..) | Value::Column(_)) => Timeout::Seconds(None),
        // Either a setting, or the number that stands for it by default.
        Some(Value::Union(cases)) if cases.iter().any(|case| matches!(case, Value::Int(_))) => {
            timeout_of(cases.iter().find(|case| matches!(case, Value::Int(_))))
        }
        Some(Value::Native(native)) if matches!(native.0, Value::Symbol(..)) => {
            Timeout::Seconds(None)
        }
        Some(_) => Timeout::Computed,
    }
}
