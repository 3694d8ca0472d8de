//! What `__init_subclass__` of a base puts into the classes that inherit it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::frame::Frame;
use super::{Interp, MAX_ELEMENTS};
use crate::facts::{ArgKind, ExprId, ExprKind};
use crate::graph::ids::ClassId;
use crate::graph::program::Program;
use crate::graph::value::{Args, Dict, Value};
use crate::source::FileId;

/// Attributes with their values, in the order in which they were set.
pub(super) type Put = Arc<[(Arc<str>, Value)]>;

/// What a base puts into a list or dict of its own when a class below it is made.
#[derive(Debug, Clone)]
pub(super) struct Registration {
    /// The class whose attribute the list or dict is.
    owner: ClassId,
    /// The attribute.
    name: Arc<str>,
    /// The key of a dict; nothing of a list.
    key: Option<Value>,
    value: Value,
}

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
        let Some(frame) = self.run_init_subclass(class) else { return Vec::new() };
        frame
            .of_classes
            .into_iter()
            .filter(|(of, ..)| *of == class)
            .map(|(_, name, value)| (name, value))
            .collect()
    }

    /// Runs what a base has run for a class when that is made; the frame that it leaves.
    fn run_init_subclass(&mut self, class: ClassId) -> Option<Frame> {
        let Some(Value::Function(closure)) = self.init_subclass(class) else { return None };
        let keywords = self.keywords_of_class(class);
        let args = Args { positional: vec![Value::Class(class)], keywords, ..Args::default() };
        let locals = self.bind_parameters(&closure, args);
        let id = closure.function;
        self.frames.push(Frame::of_call(self.program, &closure, locals));
        self.exec_block(id.file, self.program.function(id).body);
        self.frames.pop()
    }

    /// What an empty list or dict of a class holds once the classes below it are made, where the class puts them
    /// into it.
    pub(super) fn filled_by_subclasses(
        &mut self,
        owner: ClassId,
        name: &str,
        value: Value,
    ) -> Value {
        let is_empty = match &value {
            Value::Sequence(items) => items.is_empty(),
            Value::Dict(dict) => dict.items.is_empty(),
            _ => false,
        };
        if !is_empty
            || !self.names_put_by_bases.contains(name)
            || self.class_member(owner, INIT_SUBCLASS).is_none()
        {
            return value;
        }
        let registered = self.registered_below(owner);
        let own = registered.iter().filter(|it| it.owner == owner && *it.name == *name);
        match value {
            Value::Sequence(_) => Value::sequence(own.map(|it| it.value.clone()).collect()),
            Value::Dict(dict) => {
                let items = own.filter_map(|it| Some((it.key.clone()?, it.value.clone())));
                Value::Dict(Arc::new(Dict { items: items.collect(), ..(*dict).clone() }))
            }
            other => other,
        }
    }

    /// What the classes below one put into its lists and dicts when they are made, in source order.
    fn registered_below(&mut self, owner: ClassId) -> Arc<[Registration]> {
        if let Some(known) = self.registries.get(&owner) {
            return known.clone();
        }
        // Who asks while it is found out finds them empty.
        self.registries.insert(owner, [].into());
        let mut below = self.program.classes_below(owner);
        below.retain(|class| self.order(*class)[1..].contains(&Value::Class(owner)));
        if below.len() > MAX_ELEMENTS {
            return [].into();
        }
        let outer = self.registering.replace(Vec::new());
        for class in below {
            self.quietly(|interp| interp.run_init_subclass(class));
        }
        let registered = std::mem::replace(&mut self.registering, outer);
        let registered: Arc<[Registration]> = registered.unwrap_or_default().into();
        self.registries.insert(owner, registered.clone());
        registered
    }

    /// Notes what `__init_subclass__` puts into a list or dict of a class, under a key or at the end; whether the
    /// container is one.
    pub(super) fn register(
        &mut self,
        file: FileId,
        container: ExprId,
        key: Option<&Value>,
        value: &Value,
    ) -> bool {
        if self.registering.is_none() {
            return false;
        }
        let facts = self.program.file(file);
        let ExprKind::Attribute { value: holder, attr } = facts.expr(container).kind else {
            return false;
        };
        let Value::Class(holder) = self.eval(file, holder) else { return false };
        let name = facts.name(attr);
        let Some((_, owner)) = self.class_attribute(holder, name) else { return false };
        let (key, value) = (key.cloned(), value.clone());
        if let Some(registering) = &mut self.registering {
            registering.push(Registration { owner, name: name.into(), key, value });
        }
        true
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
