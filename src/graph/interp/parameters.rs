//! What the parameters of a function hold when it is called.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Interp;
use crate::facts::{NameId, Param, ParamKind};
use crate::graph::ids::FunctionId;
use crate::graph::value::{Args, Closure, Dict, Value};

impl Interp<'_> {
    /// The parameters of a function by their names, as a call with some arguments binds them.
    pub(super) fn bind_parameters(
        &mut self,
        closure: &Arc<Closure>,
        args: Args,
    ) -> FxHashMap<NameId, Value> {
        let id = closure.function;
        let facts = self.program.file(id.file);
        let function = facts.function(id.ix);
        let mut locals = FxHashMap::default();
        let mut positional = args.positional.into_iter();
        let mut keywords = args.keywords;
        for param in &function.params {
            let name = facts.name(param.name);
            let value = match param.kind {
                ParamKind::Star => {
                    let rest: Vec<Value> = positional.by_ref().collect();
                    // There may be more; what is known comes first.
                    if args.open && rest.is_empty() {
                        args.each.clone().map_or(Value::Unknown, Value::Each)
                    } else {
                        Value::sequence(rest)
                    }
                }
                ParamKind::DoubleStar => {
                    let items = keywords
                        .drain(..)
                        .map(|(name, value)| (Value::text(&name), value))
                        .collect();
                    Value::Dict(Arc::new(Dict { items, open: args.open, held: None }))
                }
                ParamKind::Positional | ParamKind::KeywordOnly => {
                    let given = match param.kind {
                        ParamKind::Positional => positional.next(),
                        _ => None,
                    };
                    let at = keywords.iter().position(|(known, _)| &**known == name);
                    let given = given.or_else(|| at.map(|at| keywords.remove(at).1));
                    match (given, param.default) {
                        (Some(value), _) => value,
                        (None, Some(default)) if !args.open => match closure.of(param.name) {
                            Some(settled) => settled.clone(),
                            None => self.value_apart(id.file, None, default),
                        },
                        // What nobody says is the store that it is by default.
                        (None, Some(default)) => match self.value_apart(id.file, None, default) {
                            store @ Value::Store(_) => store,
                            Value::External(path)
                                if self.program.frameworks.store_named(&path).is_some() =>
                            {
                                Value::External(path)
                            }
                            _ => Value::Unknown,
                        },
                        (None, None) => Value::Unknown,
                    }
                }
            };
            let value = self.stated(id, param, value);
            let value = match value {
                // Where a run starts, a parameter stands for itself.
                Value::Unknown if self.frames.is_empty() && self.tracks_rows() => {
                    Value::Symbol(id, param.name)
                }
                value => value,
            };
            locals.insert(param.name, value);
        }
        locals
    }

    /// What a parameter holds by its annotation, by what a framework gives it, or by its name, where its argument
    /// says nothing.
    fn stated(&mut self, id: FunctionId, param: &Param, given: Value) -> Value {
        if !matches!(given, Value::Unknown | Value::Symbol(..)) {
            return given;
        }
        let Some(annotation) = param.annotation else {
            return match self.given_by_framework(id, param.name) {
                Some(row) => row,
                None => self.supposed_row(id, param.name).unwrap_or(given),
            };
        };
        let stated = self.quietly(|interp| {
            interp.with_module_frame(id.file, |interp| interp.annotated(id.file, annotation))
        });
        match stated {
            Value::Unknown => self.given_by_framework(id, param.name).unwrap_or(given),
            // Of which model, the annotation leaves out.
            Value::Rows(rows) if rows.model.is_none() => {
                self.given_by_framework(id, param.name).unwrap_or(Value::Rows(rows))
            }
            stated => stated,
        }
    }
}
