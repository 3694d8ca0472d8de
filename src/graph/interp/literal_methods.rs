//! Methods of strings, dicts, lists and tuples whose contents are known.

use std::sync::Arc;

use super::Interp;
use super::attrs::native;
use crate::graph::key::Template;
use crate::graph::value::{Args, Dict, Value};

impl Interp<'_> {
    pub(super) fn call_text_method(
        &mut self,
        template: &Arc<Template>,
        name: &str,
        args: &Args,
    ) -> Value {
        match name {
            "format" => self.format_method(template, args),
            "join" => {
                let parts = args.positional.first().cloned().unwrap_or_default();
                let Some(parts) = self.elements(&parts) else {
                    return self.text_made_of(template, [&parts]);
                };
                let mut joined = Template::default();
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        joined.append(template);
                    }
                    self.append_part(&mut joined, part, "...");
                }
                Value::Text(Arc::new(joined))
            }
            "encode" | "decode" | "digest" | "hexdigest" => Value::Text(template.clone()),
            "lower" | "upper" => match template.known() {
                Some(text) if name == "lower" => Value::text(&text.to_lowercase()),
                Some(text) => Value::text(&text.to_uppercase()),
                None => self.text_made_of(template, []),
            },
            "startswith" | "endswith" => {
                let affix = args.positional.first().and_then(Value::known_text);
                match (template.known(), affix) {
                    (Some(text), Some(affix)) if name == "startswith" => {
                        Value::Bool(text.starts_with(affix))
                    }
                    (Some(text), Some(affix)) => Value::Bool(text.ends_with(affix)),
                    _ => Value::Unknown,
                }
            }
            "split" | "rsplit" | "partition" | "rpartition" | "find" | "count" | "index" => {
                Value::derived(template.taint.clone())
            }
            _ => self.text_made_of(template, args.values()),
        }
    }
}

pub(super) fn call_dict_method(dict: &Arc<Dict>, name: &str, args: &Args) -> Value {
    let fallback = || args.positional.get(1).cloned();
    match name {
        "get" | "pop" | "setdefault" => {
            let Some(key) = args.positional.first() else { return Value::Unknown };
            match dict.items.iter().rev().find(|(known, _)| known == key) {
                Some((_, value)) => value.clone(),
                None if dict.may_hold(key) => {
                    let values = dict.items.iter().map(|(_, value)| value.clone());
                    values.reduce(Value::either).unwrap_or_default()
                }
                None => fallback().unwrap_or(Value::None),
            }
        }
        "items" => {
            let pairs = dict.items.iter();
            let pairs = pairs.map(|(key, value)| Value::sequence(vec![key.clone(), value.clone()]));
            known_or_each(pairs.collect(), dict.open)
        }
        "values" => {
            known_or_each(dict.items.iter().map(|(_, value)| value.clone()).collect(), dict.open)
        }
        "keys" => known_or_each(dict.items.iter().map(|(key, _)| key.clone()).collect(), dict.open),
        "copy" => Value::Dict(Arc::new(Dict { held: None, ..(**dict).clone() })),
        _ => native(Value::Unknown, name),
    }
}

fn known_or_each(values: Vec<Value>, open: bool) -> Value {
    if !open {
        return Value::sequence(values);
    }
    match values.into_iter().reduce(Value::either) {
        Some(element) => Value::Each(Arc::new(element)),
        None => Value::Unknown,
    }
}

/// What two sequences of known texts have in common.
pub(super) fn shared_items(items: &[Value], other: &Value) -> Option<Value> {
    let Value::Sequence(other) = other else { return None };
    let known = items.iter().chain(other.iter()).all(|item| item.known_text().is_some());
    let shared = items.iter().filter(|item| other.contains(item)).cloned();
    known.then(|| Value::sequence(shared.collect()))
}

pub(super) fn call_sequence_method(items: &Arc<Vec<Value>>, name: &str, args: &Args) -> Value {
    let other = match args.positional.first() {
        Some(Value::Sequence(other)) => other,
        _ => return Value::Unknown,
    };
    let known = items.iter().chain(other.iter()).all(|item| item.known_text().is_some());
    if !known {
        return Value::Unknown;
    }
    if name == "intersection" {
        return shared_items(items, &args.positional[0]).unwrap_or_default();
    }
    let is_in = |item: &&Value| other.contains(item);
    match name {
        "issubset" => Value::Bool(items.iter().all(|item| other.contains(item))),
        "issuperset" => Value::Bool(other.iter().all(|item| items.contains(item))),
        "isdisjoint" => Value::Bool(!items.iter().any(|item| other.contains(item))),
        "difference" => {
            Value::sequence(items.iter().filter(|item| !is_in(item)).cloned().collect())
        }
        "union" => Value::sequence(items.iter().chain(other.iter()).cloned().collect()),
        _ => Value::Unknown,
    }
}

/// Whether a method of dates, numbers and texts only says how they are spelled, so that what it returns tells one
/// from another as they do themselves.
pub(super) fn spells(method: &str) -> bool {
    matches!(method, "isoformat" | "timestamp" | "strftime" | "lower" | "upper" | "strip")
}
