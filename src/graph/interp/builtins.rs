//! Calls of names that nothing in sight defines: Python's built-ins, or something of a star import.

use std::sync::Arc;

use super::Interp;
use crate::graph::key::{Part, Template};
use crate::graph::value::{Args, Dict, RowPart, RowSource, Rows, Taint, Value};
use crate::source::Location;

impl Interp<'_> {
    /// The attribute of a row of which only a part of the name is known: one of the columns that fit it, or
    /// none, or any part of the row.
    fn attribute_like(&mut self, row: &Value, attribute: Option<&Value>) -> Value {
        let any = || Value::derived(row.taint());
        let (Value::Object(object), Some(Value::Text(name))) = (row, attribute) else {
            return any();
        };
        if !self.is_model(object.class) {
            return any();
        }
        let columns = self.columns(object.class).into_iter();
        let names = columns.flat_map(|column| [format!("{column}_id").into(), column]);
        let fitting: Vec<Arc<str>> =
            names.filter(|column| Template::text(column).can_equal(name)).collect();
        if !fitting.is_empty() && !name.is_specific() {
            return any();
        }
        let values = fitting.iter().map(|column| self.attribute(row, column));
        values.reduce(Value::either).unwrap_or_default()
    }

    /// Calls a name that nothing in sight defines: a built-in, or something of a star import.
    pub(super) fn call_unbound(&mut self, name: &str, args: Args, site: Location) -> Value {
        let first = args.positional.first().cloned().unwrap_or_default();
        match name {
            "isinstance" => {
                let of = args.positional.get(1).cloned().unwrap_or_default();
                let answer = match &first {
                    Value::Object(object) if object.query.is_historical => Some(false),
                    Value::Object(object) => self.is_subclass(object.class, &of),
                    Value::Rows(rows) => self.rows_are(rows, &of),
                    _ => None,
                };
                answer.map_or(Value::Unknown, Value::Bool)
            }
            "issubclass" => {
                let of = args.positional.get(1).cloned().unwrap_or_default();
                let answer = match first {
                    Value::Class(class) => self.is_subclass(class, &of),
                    _ => None,
                };
                answer.map_or(Value::Unknown, Value::Bool)
            }
            "type" => match first {
                Value::Object(object) if object.query.is_historical => {
                    Value::Historical(object.class)
                }
                Value::Object(object) => Value::Class(object.class),
                Value::Rows(rows) => rows.classes.first().cloned().unwrap_or_default(),
                _ => Value::Unknown,
            },
            "getattr" => match args.positional.get(1).and_then(Value::known_text) {
                Some(attribute) if self.was_never_loaded(&first, attribute) => {
                    match args.positional.get(2) {
                        // It names no entry.
                        Some(Value::None) | None => Value::Gone,
                        Some(default) => default.clone(),
                    }
                }
                Some(attribute) => match self.attribute(&first, attribute) {
                    // A setting that the program does not have is what it is by default, or is set.
                    Value::External(path) if args.positional.len() > 2 => {
                        args.positional[2].clone().either(Value::External(path))
                    }
                    Value::Unknown => args.positional.get(2).cloned().unwrap_or_default(),
                    Value::Native(_) if self.surely_lacks(&first, attribute) => {
                        args.positional.get(2).cloned().unwrap_or_default()
                    }
                    value => value,
                },
                None => self.attribute_like(&first, args.positional.get(1)),
            },
            "hasattr" => match (&first, args.positional.get(1).and_then(Value::known_text)) {
                (Value::Object(_) | Value::Class(_), Some(attribute)) => {
                    match self.attribute(&first, attribute) {
                        Value::Native(_)
                            if self.surely_lacks(&first, attribute)
                                && !self.program.sets_attribute(attribute) =>
                        {
                            Value::Bool(false)
                        }
                        Value::Native(_) | Value::Unknown => Value::Unknown,
                        _ => Value::Bool(true),
                    }
                }
                // `getattr(it, "pk")` where it has one: what is no row has none.
                (Value::Column(_) | Value::Int(_) | Value::Text(_), Some(attribute))
                    if self.program.frameworks.is_member_of_rows(attribute) =>
                {
                    Value::Bool(false)
                }
                _ => Value::Unknown,
            },
            "list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter" => {
                match first {
                    Value::Sequence(_) | Value::Each(_) => first,
                    Value::Unknown if args.positional.is_empty() => Value::sequence(Vec::new()),
                    other => match (self.elements(&other), &other) {
                        (Some(elements), _) => Value::sequence(elements),
                        (None, Value::Dict(_)) => Value::Unknown,
                        (None, _) => match self.element_of(&other) {
                            Value::Unknown => Value::Unknown,
                            element => Value::Each(Arc::new(element)),
                        },
                    },
                }
            }
            "next" => self.element_of(&first),
            "dict" => {
                let mut dict = match &first {
                    Value::Unknown if args.positional.is_empty() => Dict::default(),
                    other => dict_of(other),
                };
                let named = args.keywords.iter();
                dict.items.extend(named.map(|(name, value)| (Value::text(name), value.clone())));
                Value::Dict(Arc::new(dict))
            }
            "zip" => self.zip(&args),
            "enumerate" => match self.elements(&first) {
                Some(elements) => {
                    let pairs = elements.into_iter().enumerate();
                    let pair =
                        |(at, element)| Value::sequence(vec![Value::Int(at as i64), element]);
                    Value::sequence(pairs.map(pair).collect())
                }
                None => {
                    let element = self.element_of(&first);
                    Value::Each(Arc::new(Value::sequence(vec![Value::Unknown, element])))
                }
            },
            "map" => {
                let over = args.positional.get(1).cloned().unwrap_or_default();
                let elements = match self.elements(&over) {
                    Some(elements) => elements,
                    None => vec![self.element_of(&over)],
                };
                let call = |element| self.call(&first, Args::positional([element]), site);
                Value::sequence(elements.into_iter().map(call).collect())
            }
            "str" | "repr" | "bytes" => match first {
                Value::Text(_) => first,
                Value::Gone => {
                    let parts = vec![Part::Gone];
                    Value::Text(Arc::new(Template { parts, ..Template::default() }))
                }
                Value::Int(number) => Value::text(&number.to_string()),
                other => {
                    let mut text = Template::default();
                    self.append_part(&mut text, &other, "...");
                    Value::Text(Arc::new(text))
                }
            },
            "bool" => match first.truth() {
                Some(truth) => Value::Bool(truth),
                None => self.told_by([&first]),
            },
            "any" | "all" => match self.elements(&first) {
                Some(elements) => {
                    let stops_at = name == "any";
                    let truths: Vec<Option<bool>> = elements.iter().map(Value::truth).collect();
                    if truths.contains(&Some(stops_at)) {
                        Value::Bool(stops_at)
                    } else if truths.contains(&None) {
                        self.told_by([&first])
                    } else {
                        Value::Bool(!stops_at)
                    }
                }
                None => Value::derived(first.taint()),
            },
            // It tells one from another as they do themselves.
            "int" if matches!(first, Value::Column(_) | Value::Symbol(..)) => first,
            "int" if matches!(&first, Value::Text(text) if text.known().is_none()) => first,
            "int" | "float" | "len" | "hash" | "abs" | "min" | "max" | "sum" | "round" => {
                let mut taint = Taint::new();
                args.values().for_each(|value| value.collect_taint(&mut taint));
                // In which order rows come makes no difference.
                let ordered = taint.clone().map(|it| RowSource { part: RowPart::Ordered, ..it });
                taint.add(&ordered);
                Value::derived(taint)
            }
            _ => self.call_outside(name, args, site),
        }
    }

    /// Whether an object or class has no such attribute, all of its classes being known.
    fn surely_lacks(&mut self, value: &Value, name: &str) -> bool {
        let class = match value {
            Value::Object(object) => object.class,
            Value::Class(class) => *class,
            _ => return false,
        };
        let frameworks = self.program.frameworks;
        !name.starts_with('_')
            && frameworks.model_method(name).is_none()
            && frameworks.queryset_method(name).is_none()
            && !self.has_base_out_of_sight(class)
    }

    fn rows_are(&mut self, rows: &Rows, of: &Value) -> Option<bool> {
        let mut answer = Some(false);
        for class in &rows.classes {
            match class {
                Value::Class(class) => match self.is_subclass(*class, of) {
                    Some(false) => {}
                    other => return other,
                },
                _ => answer = None,
            }
        }
        answer
    }

    fn zip(&mut self, args: &Args) -> Value {
        let known: Option<Vec<Vec<Value>>> =
            args.positional.iter().map(|value| self.elements(value)).collect();
        let Some(columns) = known else {
            let row = args.positional.iter().map(|value| self.element_of(value)).collect();
            return Value::Each(Arc::new(Value::sequence(row)));
        };
        let length = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row =
            |at: usize| Value::sequence(columns.iter().map(|column| column[at].clone()).collect());
        Value::sequence((0..length).map(row).collect())
    }
}

/// What `dict()` makes of a mapping, or of pairs.
fn dict_of(value: &Value) -> Dict {
    match value {
        // A copy is nobody's but the function's that makes it.
        Value::Dict(dict) => Dict { held: None, ..(**dict).clone() },
        Value::Sequence(pairs) => {
            let items = pairs.iter().map(pair_of).collect::<Option<Vec<_>>>();
            items.map_or_else(|| dict_from(value), |items| Dict { items, ..Dict::default() })
        }
        Value::Each(pair) => match pair_of(pair) {
            Some(pair) => Dict { items: vec![pair], open: true, held: None },
            None => dict_from(value),
        },
        other => dict_from(other),
    }
}

/// A dict of which only what it is made from is known.
fn dict_from(value: &Value) -> Dict {
    let taint = value.taint();
    if taint.is_empty() {
        return Dict { open: value.truth() != Some(false), ..Dict::default() };
    }
    let any = Value::derived(taint);
    Dict { items: vec![(any.clone(), any)], open: true, held: None }
}

fn pair_of(value: &Value) -> Option<(Value, Value)> {
    match value {
        Value::Sequence(items) => match items.as_slice() {
            [key, value] => Some((key.clone(), value.clone())),
            _ => None,
        },
        _ => None,
    }
}
