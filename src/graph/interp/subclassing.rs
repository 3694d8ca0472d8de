//! What `__init_subclass__` of a base puts into the classes that inherit it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Interp;
use super::frame::Frame;
use crate::facts::ArgKind;
use crate::graph::ids::ClassId;
use crate::graph::program::Program;
use crate::graph::value::{Args, Value};

/// Attributes with their values, in the order in which they were set.
pub(super) type Put = Arc<[(Arc<str>, Value)]>;

/// The method of a base that is run for each class below it.
const INIT_SUBCLASS: &str = "__init_subclass__";

/// The names of the attributes that bases may put into classes below them.
pub(super) fn names_put_by_bases<'a>(program: &Program<'a>) -> Arc<FxHashSet<&'a str>> {
    let hooks = program.methods_named(INIT_SUBCLASS).iter();
    let names = hooks.flat_map(|hook| {
        let facts = program.file(hook.file);
        program.function(*hook).mentions.iter().map(|name| facts.name(*name))
    });
    Arc::new(names.collect())
}

impl Interp<'_> {
    /// The attribute that a base puts into a class when that is made.
    pub(super) fn put_by_base(&mut self, class: ClassId, name: &str) -> Option<Value> {
        if !self.names_put_by_bases.contains(name) || name == INIT_SUBCLASS {
            return None;
        }
        let put = match self.put_by_bases.get(&class) {
            Some(known) => known.clone(),
            None => {
                self.put_by_bases.insert(class, [].into());
                let put: Put = self.quietly(|interp| interp.all_put_by_base(class)).into();
                self.put_by_bases.insert(class, put.clone());
                put
            }
        };
        let last = put.iter().rev().find(|(known, _)| &**known == name)?;
        Some(last.1.clone())
    }

    fn all_put_by_base(&mut self, class: ClassId) -> Vec<(Arc<str>, Value)> {
        let Some(Value::Function(closure)) = self.init_subclass(class) else { return Vec::new() };
        let keywords = self.keywords_of_class(class);
        let args = Args { positional: vec![Value::Class(class)], keywords, ..Args::default() };
        let locals = self.bind_parameters(&closure, args);
        let id = closure.function;
        self.frames.push(Frame::of_call(self.program, &closure, locals));
        self.exec_block(id.file, self.program.function(id).body);
        let put = self.frames.pop().map(|frame| frame.of_classes).unwrap_or_default();
        put.into_iter()
            .filter(|(of, ..)| *of == class)
            .map(|(_, name, value)| (name, value))
            .collect()
    }

    /// What a base has run for a class when that is made.
    pub(super) fn init_subclass(&mut self, class: ClassId) -> Option<Value> {
        let (hook, _) = self.class_attribute_after(class, class, INIT_SUBCLASS)?;
        Some(match hook {
            Value::Descriptor(descriptor) => descriptor.1.clone(),
            other => other,
        })
    }

    /// What the head of a class says by name, but for its metaclass.
    fn keywords_of_class(&mut self, class: ClassId) -> Vec<(Arc<str>, Value)> {
        let facts = self.program.file(class.file);
        let args = facts.args(facts.class(class.ix).bases).iter();
        args.filter_map(|arg| match arg.kind {
            ArgKind::Keyword(name) if facts.name(name) != "metaclass" => {
                let value = self.value_apart(class.file, None, arg.value);
                Some((facts.name(name).into(), value))
            }
            _ => None,
        })
        .collect()
    }
}
