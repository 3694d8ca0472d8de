//! Calls: arguments meet parameters, a body runs once for each distinct set of them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::contexts::Yield;
use super::summaries::{Call, Summary};
use super::told::returned_with;
use super::{Frame, Interp, MAX_DEPTH, MAX_STEPS, REPEATED_IN_STEP, Timing};
use crate::facts::{ExprKind, FunctionIx, NameId, Scope};
use crate::frameworks::Role;
use crate::graph::callers::CALL;
use crate::graph::effect::{Calls, Dropped, EffectKind, Fill};
use crate::graph::hooks::function_of;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::shared::Shared;
use crate::graph::value::{Args, Closure, Memoised, Object, Query, Rows, Taint, Value};
use crate::source::Location;

impl Interp<'_> {
    /// Calls a value and returns what it returns.
    pub(super) fn call(&mut self, callee: &Value, args: Args, site: Location) -> Value {
        match callee {
            Value::Function(closure) => self.call_function(closure, args, site),
            Value::Bound(bound) => {
                let mut args = args;
                args.positional.insert(0, bound.receiver.clone());
                self.call(&bound.function, args, site)
            }
            Value::Partial(partial) => {
                let mut keywords = partial.args.keywords.clone();
                keywords.retain(|(name, _)| args.keyword(name).is_none());
                keywords.extend(args.keywords);
                let mut positional = partial.args.positional.clone();
                positional.extend(args.positional);
                let open = partial.args.open || args.open;
                let each = args.each.filter(|_| !partial.args.open);
                self.call(&partial.callee, Args { positional, keywords, open, each }, site)
            }
            Value::Descriptor(descriptor) => self.call(&descriptor.1, args, site),
            Value::Memoised(memoised) => self.call_memoised(memoised, args, site),
            Value::Class(class) => self.instantiate(*class, args, site),
            Value::Historical(class) => {
                Value::Object(Arc::new(Object { is_new: true, ..Object::row(*class, true) }))
            }
            Value::FromQuerySet(pair) => Value::Rows(Arc::new(Rows {
                classes: vec![pair.0.clone(), pair.1.clone()],
                ..Rows::default()
            })),
            Value::Object(object) => match self.class_attribute(object.class, CALL) {
                Some((function, _)) => {
                    let mut args = args;
                    args.positional.insert(0, callee.clone());
                    self.call(&function, args, site)
                }
                None => Value::Unknown,
            },
            Value::Union(all) => {
                let mut value: Option<Value> = None;
                for callee in all.iter() {
                    let next = self.call(callee, args.clone(), site);
                    value = Some(match value {
                        Some(value) => value.either(next),
                        None => next,
                    });
                }
                value.unwrap_or_default()
            }
            Value::ReceiverDecorator(decorator) => {
                let function = args.positional.first().cloned().unwrap_or_default();
                self.connect_decorated(decorator, &function, site);
                function
            }
            Value::External(path) => self.call_external(path, args, site),
            Value::Unbound(name) => self.call_unbound(name, args, site),
            Value::Native(native) => self.call_native(&native.0, &native.1, args, site),
            Value::FieldOf(_) | Value::Meta(_) => Value::Unknown,
            other => {
                let mut taint = other.taint();
                for value in args.values() {
                    value.collect_taint(&mut taint);
                }
                self.run_callbacks(&args, site);
                let hands_over_subject = args
                    .values()
                    .any(|value| matches!(value, Value::Object(object) if object.is_subject));
                if matches!(other, Value::Unknown) && hands_over_subject {
                    self.opaque(site);
                }
                Value::derived(taint)
            }
        }
    }

    /// Functions that are handed to code out of sight may be called by it.
    pub(super) fn run_callbacks(&mut self, args: &Args, site: Location) {
        let callbacks: Vec<Value> =
            args.values().filter(|value| self.is_worth_calling_back(value)).cloned().collect();
        for callback in callbacks {
            self.call(&callback, Args::unknown(), site);
        }
    }

    /// Calls a function that remembers what it returns.
    fn call_memoised(&mut self, memoised: &Memoised, args: Args, site: Location) -> Value {
        let is_own_run = self.frames.is_empty();
        let value = self.call(&memoised.function, args, site);
        let function = function_of(&memoised.function);
        // A run of its own knows nothing of the variables around it, which may be what it lists.
        let is_told_here = memoised.listing.is_some()
            && function.is_some_and(|id| {
                matches!(self.program.function(id).scope, crate::facts::Scope::Function(_))
            });
        if !is_own_run && !is_told_here {
            // What it remembers is told by a run of its own; here it is no more than what it returns.
            return value;
        }
        let at = function.map(|id| self.program.function_location(id));
        let fill = Fill {
            store: Some(memoised.store.clone()),
            key: memoised.response.clone().unwrap_or_default(),
            field: None,
            taint: self.rows_of_models(value.taint()),
            timeout: memoised.timeout,
            overwrites: false,
            adds: false,
            listing: memoised.listing.clone(),
            is_response: memoised.response.is_some(),
        };
        self.emit(EffectKind::Fill(fill), at.unwrap_or(site));
        value
    }

    fn call_function(&mut self, closure: &Arc<Closure>, args: Args, site: Location) -> Value {
        let id = closure.function;
        if self.is_configured_invalidator(id) {
            self.emit(EffectKind::Drop(Dropped::default()), site);
            return Value::Unknown;
        }
        let is_open = self.open_calls.contains(&id) && !self.may_go_round(id, &args);
        if is_open
            || self.frames.len() >= MAX_DEPTH
            || self.steps >= MAX_STEPS
            || !self.is_worth_entering(id)
        {
            let mut taint = Taint::new();
            args.values().for_each(|value| match is_open {
                // What is read of the rows, the function tells where it is entered.
                true => value.collect_compared(&mut taint),
                false => value.collect_taint(&mut taint),
            });
            return Value::derived(taint);
        }
        if let Some(overload) = self.overload(id, &args) {
            let closure = Arc::new(Closure::plain(overload));
            return self.call_function(&closure, args, site);
        }
        let locals = self.bind_parameters(closure, args);
        let mut sorted: Vec<(NameId, Value)> =
            locals.iter().map(|(name, value)| (*name, value.clone())).collect();
        sorted.sort_unstable_by_key(|(name, _)| *name);
        let muted = self.muted.clone();
        let is_wanted = self.is_wanted;
        let call = Shared::new(Call {
            closure: closure.clone(),
            locals: sorted,
            muted: muted.clone(),
            is_wanted,
        });
        let summary = match self.summaries.of(&call, &self.moment) {
            Some(summary) => {
                self.moment.ask_again(&summary.asked);
                summary
            }
            None => {
                let summary = Arc::new(self.summarise(closure, locals));
                self.muted = muted;
                // A run that was cut short is not reusable.
                if self.steps < MAX_STEPS {
                    self.summaries.keep(call, summary.clone());
                }
                summary
            }
        };
        self.replay(id, &summary, site);
        self.left_behind = summary.left_behind.clone();
        summary.value.clone()
    }

    /// Whether a function that is running is entered once more: for the row that a relation leads to from the one
    /// that it runs for.
    fn may_go_round(&self, id: FunctionId, args: &Args) -> bool {
        let is_beyond = |value: &Value| match value {
            Value::Object(object) => object.query.via.is_some(),
            _ => false,
        };
        self.tracks_rows()
            && args.positional.first().is_some_and(is_beyond)
            && self.open_calls.iter().filter(|open| **open == id).count() == 1
    }

    fn summarise(&mut self, closure: &Arc<Closure>, locals: FxHashMap<NameId, Value>) -> Summary {
        let id = closure.function;
        let function = self.program.function(id);
        let receiver = self.changing_receiver(id, &locals);
        let outer_moment = self.moment.enter();
        self.executed.insert(id);
        self.open_calls.push(id);
        let is_wanted = std::mem::take(&mut self.is_wanted);
        let frame = Frame::of_call(self.program, closure, locals);
        self.frames.push(Frame { returns_wanted: is_wanted, ..frame });
        let outer_effects = std::mem::take(&mut self.effects);
        let outer_calls = std::mem::take(&mut self.calls);
        let outer_hooks = std::mem::take(&mut self.running_hooks);
        let in_transaction = self.opens_transaction(id);
        let timing =
            std::mem::replace(&mut self.timing, Timing { in_transaction, ..Timing::default() });
        let by_decorators = self.muted_by_decorators(id);
        let outer_muted = (!by_decorators.is_empty()).then(|| self.muted.clone());
        self.muted.extend(by_decorators);
        self.exec_block(id.file, function.body);
        self.is_wanted = is_wanted;
        self.muted = outer_muted.unwrap_or_else(|| std::mem::take(&mut self.muted));
        self.timing = timing;
        self.running_hooks = outer_hooks;
        self.calls = outer_calls;
        let effects = std::mem::replace(&mut self.effects, outer_effects).into_list();
        let mut frame = self.frames.pop();
        let left_behind = receiver.and_then(|(name, before)| {
            let after = frame.as_mut()?.locals.remove(&name)?;
            (after.as_object()?.class == before.class && !after.is_object(&before)).then_some(after)
        });
        let (returned, told, yielded) =
            frame.map(|it| (it.returned, it.told, it.yielded)).unwrap_or_default();
        self.open_calls.pop();
        let value = returned_with(returned.unwrap_or(Value::None), told);
        let (asked, subject) = self.moment.leave(outer_moment);
        let muted = self.muted.clone();
        Summary { value, effects, asked, subject, muted, yielded, left_behind }
    }

    /// The instance that a method may change, under the name of its parameter. What becomes of rows is told by
    /// what is written.
    fn changing_receiver(
        &mut self,
        id: FunctionId,
        locals: &FxHashMap<NameId, Value>,
    ) -> Option<(NameId, Arc<Object>)> {
        let function = self.program.function(id);
        let param =
            function.params.first().filter(|_| matches!(function.scope, Scope::Class(_)))?;
        let object = locals.get(&param.name)?.as_object()?.clone();
        (!self.is_model(object.class)).then_some((param.name, object))
    }

    /// Whether a decorator runs the function in a transaction.
    fn opens_transaction(&mut self, id: FunctionId) -> bool {
        if self.program.function(id).decorators.is_empty() {
            return false;
        }
        if let Some(known) = self.atomic_functions.get(&id) {
            return *known;
        }
        self.atomic_functions.insert(id, false);
        let opens = self.program.function(id).decorators.iter().any(|decorator| {
            let value = self.value_apart(id.file, None, *decorator);
            self.value_role(&value) == Some(Role::Atomic)
        });
        self.atomic_functions.insert(id, opens);
        opens
    }

    /// Whether a function overrides a method that writes, of a model, a manager or a queryset.
    fn overrides_a_write(&mut self, function: FunctionId) -> bool {
        if !self.is_named_as_write(function) {
            return false;
        }
        let Some(class) = self.program.enclosing_class(function) else { return false };
        self.is_model(class) || self.is_rows_class(&Value::Class(class))
    }

    /// Repeats what a call did, as seen from `site`.
    fn replay(&mut self, function: FunctionId, summary: &Summary, site: Location) {
        if let Some(subject) = summary.subject {
            self.moment.set_subject(subject);
        }
        self.take_time((summary.effects.len() / REPEATED_IN_STEP) as u32, site);
        self.take_muted(&summary.muted, site);
        let mut handed_over = None;
        let hook = self.running_hooks.last().copied();
        let is_whole_run = self.frames.is_empty();
        let writes = !is_whole_run && self.overrides_a_write(function);
        for (at, effect) in summary.effects.iter().enumerate() {
            if summary.yielded.as_ref().is_some_and(|it| it.effects == at) {
                handed_over = Some(self.effects.len());
            }
            // What an override writes is written by the call of it.
            let is_call = writes && matches!(*effect.kind, EffectKind::Write(_));
            let place = if is_call { site } else { effect.site };
            let moment = (place, effect.hook.or(hook), effect.timing.within(self.timing));
            let outer = &self.calls;
            self.effects.push_from(effect, moment, is_whole_run, || match is_call {
                true => Calls::default().within(outer),
                false => effect.calls.within(&[site]).within(outer),
            });
            if self.end_at_goal(&effect.kind) {
                break;
            }
        }
        self.yielded = summary.yielded.as_ref().map(|inside| Yield {
            effects: handed_over.unwrap_or(self.effects.len()),
            ..inside.clone()
        });
    }

    /// The overload of a `singledispatch` function that its first argument selects, in the same file.
    ///
    /// Where the argument's class is unknown, or no overload fits, the function itself is meant.
    fn overload(&mut self, id: FunctionId, args: &Args) -> Option<FunctionId> {
        let facts = self.program.file(id.file);
        let function = facts.function(id.ix);
        let &decorator = function.decorators.last()?;
        if facts.functions.len() < 2
            || !matches!(facts.expr(decorator).kind, ExprKind::Name(_) | ExprKind::Attribute { .. })
        {
            return None;
        }
        let decorator = self.with_module_frame(id.file, |interp| interp.eval(id.file, decorator));
        if self.value_role(&decorator) != Some(Role::SingleDispatch) {
            return None;
        }
        let Some(Value::Object(object)) = args.positional.first() else { return None };
        let class = object.class;
        (0..facts.functions.len() as u32)
            .map(|ix| FunctionId { file: id.file, ix: FunctionIx(ix) })
            .find(|other| {
                let overload = facts.function(other.ix);
                overload.decorators.iter().any(|decorator| {
                    let (func, given) = match facts.expr(*decorator).kind {
                        ExprKind::Call { func, args } => {
                            (func, facts.args(args).first().map(|arg| arg.value))
                        }
                        _ => (*decorator, None),
                    };
                    let ExprKind::Attribute { value, attr } = facts.expr(func).kind else {
                        return false;
                    };
                    let of_function = facts.expr(value).kind == ExprKind::Name(function.name);
                    if facts.name(attr) != "register" || !of_function {
                        return false;
                    }
                    let Some(on) =
                        given.or(overload.params.first().and_then(|param| param.annotation))
                    else {
                        return false;
                    };
                    let on = self.with_module_frame(id.file, |interp| interp.eval(id.file, on));
                    self.is_subclass(class, &on) == Some(true)
                })
            })
    }

    /// `Class(...)`: what its constructor leaves on the instance.
    fn instantiate(&mut self, class: ClassId, args: Args, site: Location) -> Value {
        if self.is_rows_class(&Value::Class(class)) {
            let model = args.keyword("model").or(args.positional.first());
            let model = match model {
                Some(Value::Class(model)) => Some(*model),
                _ => None,
            };
            let classes = vec![Value::Class(class)];
            return Value::Rows(Arc::new(Rows { classes, model, ..Rows::default() }));
        }
        if let Some(store) = self.store_class(class) {
            return store;
        }
        if self.is_model(class) {
            let mut row = Object { is_new: true, ..Object::new(class) };
            let filters = self.columns_of_new(class, &args);
            if !filters.is_empty() {
                row.query = Arc::new(Query { filters, ..Query::default() });
            }
            return Value::Object(Arc::new(row));
        }
        if self.field_role(class).is_some() {
            return Value::instance(class);
        }
        if self.has_role(class, &[Role::SignalClass, Role::ModelSignalClass]) {
            return self.new_signal(class, site);
        }
        let plain = match class {
            class if self.is_serializer(class) => self.new_serializer(class, &args),
            class if self.is_model_form(class) => self.new_form(class, &args),
            class => Object::new(class),
        };
        let Some((Value::Function(closure), _)) = self.class_attribute(class, "__init__") else {
            return match self.is_record(class) {
                true => self.new_record(plain, args),
                false => Value::Object(Arc::new(plain)),
            };
        };
        let mut init_args = args;
        init_args.positional.insert(0, Value::Object(Arc::new(plain.clone())));
        let id = closure.function;
        let function = self.program.function(id);
        let too_deep = self.frames.len() >= MAX_DEPTH || self.open_calls.contains(&id);
        let Some(receiver) = function.params.first().filter(|_| !too_deep) else {
            return Value::Object(Arc::new(plain));
        };
        let locals = self.bind_parameters(&closure, init_args);
        self.open_calls.push(id);
        self.executed.insert(id);
        let is_wanted = std::mem::take(&mut self.is_wanted);
        let frame = Frame::of_call(self.program, &closure, locals);
        self.frames.push(Frame { returns_wanted: is_wanted, ..frame });
        self.calls.push(site);
        self.exec_block(id.file, function.body);
        self.calls.pop();
        self.is_wanted = is_wanted;
        self.open_calls.pop();
        match self.frames.pop().and_then(|mut frame| frame.locals.remove(&receiver.name)) {
            Some(built @ Value::Object(_)) => built,
            _ => Value::Object(Arc::new(plain)),
        }
    }
}
