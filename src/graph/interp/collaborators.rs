//! What constructors are handed that do not make it themselves: stores, and objects that hold one.

use std::sync::Arc;

use super::Interp;
use crate::facts::{ExprId, ExprKind};
use crate::graph::ids::ClassId;
use crate::graph::program::last_name;
use crate::graph::value::{Object, Value};
use crate::source::FileId;

/// How many constructions of a class are looked at.
const MAX_CONSTRUCTIONS: usize = 4;

impl Interp<'_> {
    /// An instance that was made of nothing known, with those of its attributes that hold the same store, or an
    /// instance of the same class, wherever the program makes one.
    pub(super) fn with_collaborators(&mut self, plain: &Arc<Object>) -> Value {
        let is_open = |value: &Value| matches!(value, Value::Unknown | Value::Symbol(..));
        if !plain.attrs.iter().any(|(_, value)| is_open(value)) {
            return Value::Object(plain.clone());
        }
        let made = self.constructions(plain.class);
        let mut object = (**plain).clone();
        for (name, value) in &mut object.attrs {
            if !is_open(value) {
                continue;
            }
            let mut given = made.iter().filter_map(|made| {
                made.attrs.iter().find(|(known, _)| known == name).map(|(_, value)| value)
            });
            let Some(first) = given.next() else { continue };
            let is_same = |other: &Value| match (first, other) {
                (Value::Object(one), Value::Object(other)) => one.class == other.class,
                _ => first == other,
            };
            if self.is_collaborator(first) && given.all(is_same) {
                *value = first.clone();
            }
        }
        Value::Object(Arc::new(object))
    }

    fn is_collaborator(&mut self, value: &Value) -> bool {
        match value {
            Value::Store(_) => true,
            Value::External(path) => self.program.frameworks.store_named(path).is_some(),
            Value::Object(object) => !self.is_model(object.class),
            _ => false,
        }
    }

    /// Instances of a class that production code makes, the first few in source order.
    fn constructions(&mut self, class: ClassId) -> Vec<Arc<Object>> {
        let program = self.program;
        let names = program.named_with(class);
        let mut calls: Vec<(FileId, ExprId)> = Vec::new();
        let makes_one = |file: FileId, call: ExprId| match program.file(file).expr(call).kind {
            ExprKind::Call { func, .. } => {
                let facts = program.file(file);
                let is_named = !matches!(facts.expr(func).kind, ExprKind::Call { .. });
                is_named && last_name(facts, func).is_some_and(|name| names.contains(name))
            }
            _ => false,
        };
        let words = program.vocabulary.select(names.iter().copied());
        for file in program.vocabulary.files_with_any_of(&words) {
            if program.is_production(file) {
                let of_classes = program.class_namespaces[file.0 as usize].iter();
                let bodies = of_classes.chain([&program.namespaces[file.0 as usize]]);
                let made = bodies.flat_map(|body| body.values()).map(|(_, value)| (file, value));
                calls.extend(made.filter(|(file, value)| makes_one(*file, *value)));
            }
        }
        for function in names.iter().flat_map(|name| program.functions_mentioning(name)) {
            if calls.len() >= MAX_CONSTRUCTIONS {
                break;
            }
            let body = program.function(function).exprs;
            let inside = (body.start..body.end).map(|at| (function.file, ExprId(at)));
            calls.extend(inside.filter(|(file, call)| makes_one(*file, *call)));
        }
        calls.truncate(MAX_CONSTRUCTIONS);
        let made = calls.into_iter().filter_map(|(file, call)| {
            let made = self.value_apart(file, None, call);
            made.as_object().cloned()
        });
        let made: Vec<Arc<Object>> = made.collect();
        made.into_iter()
            .filter(|made| self.order(made.class).contains(&Value::Class(class)))
            .collect()
    }
}
