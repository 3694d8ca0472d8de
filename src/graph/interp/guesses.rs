//! Calls of methods on what is not known, and receivers where no other is known.

use super::Interp;
use super::natives::rows_of;
use crate::facts::Scope;
use crate::frameworks::{ModelMethod, QuerySetMethod, Role};
use crate::graph::effect::{Dropped, EffectKind, Interest, Write, WriteKind};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::{Args, Value};
use crate::source::Location;

/// How many methods of one name are tried where the receiver is unknown.
const MAX_CANDIDATES: usize = 4;

impl Interp<'_> {
    /// A method of something that is not known well enough to say what it does.
    pub(super) fn call_unknown_method(
        &mut self,
        receiver: &Value,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        let frameworks = self.program.frameworks;
        let mut taint = receiver.taint();
        args.values().for_each(|value| value.collect_taint(&mut taint));
        if self.is_invalidator_name(name) {
            self.emit(EffectKind::Drop(Dropped::default()), site);
            return Value::Unknown;
        }
        if frameworks.is_task_sender(name)
            && let Some(sent) = self.send_task(&args, site)
        {
            return sent;
        }
        if let Some(remote) = self.as_remote(receiver) {
            self.run_callbacks(&args, site);
            return remote;
        }
        if frameworks.runs_sql(name)
            && let Some(text) = args.positional.first()
        {
            let text = text.clone();
            self.run_sql(&text, site);
            taint.add(&self.read_by_sql(&args));
        }
        if self.says_invalidation(name) {
            self.emit_with(EffectKind::NamedInvalidation(name.into()), site, true);
        }
        let from_outside = matches!(
            receiver,
            Value::Returned(_) | Value::External(_) | Value::Rows(_) | Value::Text(_)
        );
        let mut returned = None;
        match (frameworks.model_method(name), frameworks.queryset_method(name)) {
            (Some(ModelMethod::Saves), _) if self.is_put_off(&args) => {}
            (Some(ModelMethod::Saves), _) => self.write(Write::new(None, WriteKind::Save), site),
            (_, Some(QuerySetMethod::Creates | QuerySetMethod::CreatesOrUpdates)) => {
                self.write(Write::new(None, WriteKind::Create), site);
            }
            (Some(ModelMethod::Deletes), _) if !args.positional.is_empty() => {}
            (Some(ModelMethod::Deletes), _) => {
                self.write(Write::new(None, WriteKind::Delete), site);
            }
            (_, Some(_)) => {}
            (None, None) if from_outside => {}
            (None, None) => returned = self.try_methods_named(name, &args, site),
        }
        if name == "connect" && args.positional.first().is_some_and(Value::is_callable) {
            // A signal that could not be told may be any.
            return self.call_signal(&Value::Unknown, name, args, site);
        }
        self.run_callbacks(&args, site);
        match returned {
            Some(value) => value,
            None if from_outside => Value::derived(taint),
            None => Value::made_of(taint),
        }
    }

    /// Whether what is called like a method that saves is told not to write yet.
    pub(super) fn is_put_off(&self, args: &Args) -> bool {
        let mut keywords = self.program.frameworks.put_off_by().iter();
        keywords.any(|name| args.keyword(name) == Some(&Value::Bool(false)))
    }

    /// What comes from another machine, where a value speaks to one.
    pub(super) fn as_remote(&mut self, value: &Value) -> Option<Value> {
        let is_remote = |path: &str| self.program.frameworks.role(path) == Some(Role::Remote);
        let remote = match value {
            Value::Returned(_) => value.clone(),
            Value::Object(object) => {
                self.order(object.class).iter().find_map(|base| match base {
                    Value::External(path) => Some(Value::Returned(path.clone())),
                    _ => None,
                })?
            }
            _ => return None,
        };
        matches!(&remote, Value::Returned(path) if is_remote(path)).then_some(remote)
    }

    /// Runs the few methods of the program that have this name, as if one of them was meant; gives what
    /// they return, where that is wanted.
    fn try_methods_named(&mut self, name: &str, args: &Args, site: Location) -> Option<Value> {
        let is_of_any_type = is_special(name) || is_of_builtin_type(name);
        if is_of_any_type || self.program.frameworks.any_store_method(name).is_some() {
            return None;
        }
        let program = self.program;
        let candidates: Vec<FunctionId> = program
            .methods_named(name)
            .iter()
            .copied()
            .filter(|id| program.processes.share(id.file, site.file))
            .collect();
        // A guess on top of a guess says nothing any more.
        if candidates.is_empty() || candidates.len() > MAX_CANDIDATES || self.is_guessing {
            return None;
        }
        let takes_value = self.is_wanted;
        let mut returned: Option<Value> = None;
        self.is_guessing = true;
        let before = self.effects.len();
        for id in candidates {
            let Scope::Class(ix) = self.program.function(id).scope else { continue };
            if self.interest == Interest::Caching && !self.reaches_drop(id) && !takes_value {
                continue;
            }
            let receiver = self.receiver_for(ClassId { file: id.file, ix });
            let method = self.attribute(&receiver, name);
            if !matches!(method, Value::Native(_)) {
                let args = if takes_value { args.clone() } else { Args::unknown() };
                let value = self.call(&method, args, site);
                if takes_value {
                    returned = Some(match returned {
                        Some(other) => other.either(value),
                        None => value,
                    });
                }
            }
        }
        self.is_guessing = false;
        self.effects.rest_on_convention(before);
        returned
    }

    /// A receiver to run a method of `class` on when no other is known.
    pub fn receiver_for(&mut self, class: ClassId) -> Value {
        if self.is_rows_class(&Value::Class(class)) {
            return rows_of(Value::Class(class), &Args::default());
        }
        if self.is_model(class) || self.class_attribute(class, "__init__").is_none() {
            return Value::instance(class);
        }
        if let Some(known) = self.receivers.get(&class) {
            return known.clone();
        }
        // A constructor that comes round to its own class finds a plain instance.
        self.receivers.insert(class, Value::instance(class));
        let site = self.program.class_location(class);
        let built = self.quietly(|interp| interp.call(&Value::Class(class), Args::unknown(), site));
        if let Value::Object(object) = &built
            && object.class == class
        {
            let built = self.with_collaborators(object);
            self.receivers.insert(class, built.clone());
            return built;
        }
        Value::instance(class)
    }
}

/// Whether the language gives a method its meaning, so that any class may have one: `__init_subclass__`.
fn is_special(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

/// Whether lists, dicts, sets, strings or files have a method of this name, so that a call of it on
/// something unknown is most likely one of theirs.
fn is_of_builtin_type(name: &str) -> bool {
    matches!(
        name,
        "append"
            | "extend"
            | "insert"
            | "remove"
            | "pop"
            | "popitem"
            | "clear"
            | "copy"
            | "count"
            | "index"
            | "sort"
            | "reverse"
            | "add"
            | "discard"
            | "union"
            | "update"
            | "get"
            | "items"
            | "keys"
            | "values"
            | "setdefault"
            | "format"
            | "join"
            | "split"
            | "strip"
            | "replace"
            | "startswith"
            | "endswith"
            | "lower"
            | "upper"
            | "title"
            | "encode"
            | "decode"
            | "read"
            | "write"
            | "close"
            | "open"
            | "seek"
    )
}
