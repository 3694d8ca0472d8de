//! Expressions.

use std::sync::Arc;

use super::literal_methods::shared_items;
use super::lookups::{Conditions, expression, lookups_of, names_lookups};
use super::{Frame, Interp};
use crate::facts::{
    Arg, ArgKind, ArgList, BinaryOp, CompareOp, ExprId, ExprKind, ExprList, FunctionFact, NameId,
};
use crate::graph::callers::CALL;
use crate::graph::effect::EffectKind;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::{Args, Dict, Rows, StoreRef, Taint, Value};
use crate::source::{FileId, Location};

/// What an operator without a meaning of its own makes of its operands: `Q(...) | Q(...)`, `a - b`.
fn combined(operands: &[Value]) -> Value {
    let mut taint = Taint::new();
    operands.iter().for_each(|operand| operand.collect_taint(&mut taint));
    if operands.iter().any(names_lookups) {
        return expression(operands.iter().flat_map(lookups_of).collect(), taint);
    }
    Value::derived(taint)
}

/// `Q(...) & Q(...)`: what both compare holds.
fn both(left: Value, right: Value) -> Value {
    let conditions = Conditions::in_value(&left).zip(Conditions::in_value(&right));
    let either = combined(&[left, right]);
    match conditions {
        Some((left, right)) => left.and(right).beside(either),
        None => either,
    }
}

impl Interp<'_> {
    pub(super) fn eval(&mut self, file: FileId, expr: ExprId) -> Value {
        let facts = self.program.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => self.lookup(file, name),
            ExprKind::Attribute { value, attr } => {
                let owner = self.eval(file, value);
                let name = facts.name(attr);
                if let Value::Native(state) = &owner
                    && &*state.1 == "_state"
                {
                    return self.state_attribute(&state.0.clone(), name);
                }
                if let Value::Text(_) | Value::Int(_) = owner
                    && let Some(found) = self.attribute_of_member(file, value, &owner, name)
                {
                    return found;
                }
                self.attribute(&owner, name)
            }
            ExprKind::Call { func, args } => self.eval_call(file, expr, func, args),
            ExprKind::Subscript { value, index } => {
                let container = self.eval(file, value);
                let index = self.eval(file, index);
                self.note_look(&container, &index, self.site(file, expr));
                self.item(&container, &index)
            }
            ExprKind::Str(text) => Value::text(facts.name(text)),
            ExprKind::Format(parts) => self.eval_format(file, parts),
            ExprKind::Int(value) => Value::Int(value),
            ExprKind::Bool(value) => Value::Bool(value),
            ExprKind::None => Value::None,
            ExprKind::Sequence(items) => self.eval_sequence(file, items),
            ExprKind::Dict(items) => self.eval_dict(file, items),
            ExprKind::Lambda(ix) => self.closure(FunctionId { file, ix }),
            ExprKind::Compare { op, left, right } => {
                let left = self.eval(file, left);
                let right = self.eval(file, right);
                match op {
                    CompareOp::In | CompareOp::NotIn => {
                        self.note_look(&right, &left, self.site(file, expr));
                    }
                    CompareOp::Is | CompareOp::IsNot => {}
                    _ => self.note_check(&left, &right, self.site(file, expr)),
                }
                match self.compare(op, &left, &right) {
                    Some(truth) => Value::Bool(truth),
                    None => self.told_by([&left, &right]),
                }
            }
            ExprKind::And(items) => self.eval_logic(file, items, false),
            ExprKind::Or(items) => self.eval_logic(file, items, true),
            ExprKind::Not(inner) => {
                let value = self.eval(file, inner);
                match value.truth() {
                    Some(truth) => Value::Bool(!truth),
                    None => self.told_by([&value]),
                }
            }
            ExprKind::Conditional(parts) => {
                let &[test, body, orelse] = facts.list(parts) else { return Value::Unknown };
                let test = self.eval(file, test);
                match test.truth() {
                    Some(true) => self.eval(file, body),
                    Some(false) => self.eval(file, orelse),
                    None => {
                        let body = self.eval(file, body);
                        let orelse = self.eval(file, orelse);
                        self.chosen_by(&test, body, orelse)
                    }
                }
            }
            ExprKind::Comprehension { kind, parts } => self.eval_comprehension(file, kind, parts),
            ExprKind::Clause(_) => Value::Unknown,
            ExprKind::Binary { op, left, right } => {
                let left = self.eval(file, left);
                match op {
                    BinaryOp::Add => {
                        let right = self.eval(file, right);
                        self.add(&left, &right)
                    }
                    BinaryOp::BitAnd => {
                        let right = self.eval(file, right);
                        match &left {
                            Value::Sequence(items) if !names_lookups(&left) => {
                                match shared_items(items, &right) {
                                    Some(shared) => shared,
                                    None => combined(&[left, right]),
                                }
                            }
                            _ => both(left, right),
                        }
                    }
                    BinaryOp::Mul => {
                        let right = self.eval(file, right);
                        match (&left, &right) {
                            (Value::Int(a), Value::Int(b)) => {
                                a.checked_mul(*b).map_or(Value::Unknown, Value::Int)
                            }
                            // It still tells one from another.
                            (Value::Column(_) | Value::Symbol(..), Value::Int(_)) => left,
                            (Value::Text(text), Value::Int(_)) if text.known().is_none() => left,
                            _ => combined(&[left, right]),
                        }
                    }
                    BinaryOp::Mod => self.eval_percent(file, &left, right),
                }
            }
            ExprKind::Named { target, value } => {
                let value = self.eval(file, value);
                self.set_local(target, value.clone());
                value
            }
            ExprKind::Starred(inner) => self.eval(file, inner),
            ExprKind::Yield(inner) => {
                let is_wanted = self.frames.last().is_some_and(|frame| frame.returns_wanted);
                let value = self.wanting(is_wanted, |interp| interp.eval(file, inner));
                self.note_yield();
                if let Some(frame) = self.frame() {
                    // What is yielded in several places, or in a loop, is told apart by its value.
                    let mut yielded = match frame.returned.take() {
                        Some(Value::Sequence(earlier)) => earlier.to_vec(),
                        _ => Vec::new(),
                    };
                    if !yielded.contains(&value) {
                        yielded.push(value);
                    }
                    frame.returned = Some(Value::sequence(yielded));
                }
                Value::Unknown
            }
            ExprKind::Other(operands) => {
                let operands: Vec<Value> =
                    facts.list(operands).iter().map(|operand| self.eval(file, *operand)).collect();
                combined(&operands)
            }
        }
    }

    fn eval_call(&mut self, file: FileId, expr: ExprId, func: ExprId, arg_list: ArgList) -> Value {
        let facts = self.program.file(file);
        let site = self.site(file, expr);
        if let ExprKind::Name(name) = facts.expr(func).kind
            && facts.name(name) == "super"
            && arg_list.start == arg_list.end
        {
            return self.eval_super();
        }
        let (on, with) = self.is_called_for(file, func);
        let callee = self.wanting(on, |interp| interp.eval(file, func));
        let callee = match &callee {
            Value::Text(_) | Value::Int(_) => {
                self.attribute_of_member(file, func, &callee, CALL).unwrap_or(callee)
            }
            _ => callee,
        };
        let args = self.wanting(with, |interp| interp.eval_args(file, arg_list));
        if let ExprKind::Attribute { value, attr } = facts.expr(func).kind {
            let name = facts.name(attr);
            if let Some(done) = self.mutate_local(file, value, name, &callee, &args) {
                return done;
            }
            if let Some(done) = self.call_by_convention(file, value, name, &callee, &args, site) {
                return done;
            }
        }
        self.note_temporary_receiver(file, &callee, facts.args(arg_list));
        if let ExprKind::Attribute { value, attr } = facts.expr(func).kind {
            self.note_query(file, value, facts.name(attr), &args);
        }
        self.note_dispatch(file, func, &callee, site);
        self.left_behind = None;
        let returned = self.call(&callee, args, site);
        if let Some(left) = self.left_behind.take() {
            self.take_left_behind(file, func, &callee, left);
        }
        returned
    }

    /// `box.add(item)`: the variable then holds the instance as its method left it.
    fn take_left_behind(&mut self, file: FileId, func: ExprId, callee: &Value, left: Value) {
        let facts = self.program.file(file);
        if let ExprKind::Attribute { value, .. } = facts.expr(func).kind
            && let ExprKind::Name(name) = facts.expr(value).kind
            && let Value::Bound(bound) = callee
            && let Some(Value::Object(held)) = self.local(name)
            && bound.receiver.is_object(&held)
            && !self.is_own_instance(name)
        {
            self.set_local(name, left);
        }
    }

    /// Whether a name is that of the instance whose method runs: what its methods make of each other's work is
    /// not followed.
    fn is_own_instance(&self, name: NameId) -> bool {
        let function = self.frames.last().and_then(|frame| frame.function);
        let first = function.and_then(|id| self.program.function(id).params.first());
        first.is_some_and(|param| param.name == name)
    }

    /// A call of what a container held that is not in sight, such as a list of handlers, may be one of anything.
    /// What a caller hands over is seen where that calls.
    fn note_dispatch(&mut self, file: FileId, func: ExprId, callee: &Value, site: Location) {
        let is_unknown = matches!(callee, Value::Unknown | Value::Symbol(..) | Value::Derived(_));
        let is_held = match self.program.file(file).expr(func).kind {
            ExprKind::Name(name) => self.frames.last().is_some_and(|frame| {
                let function = frame.function.map(|id| self.program.function(id));
                let is_given = |it: &FunctionFact| it.params.iter().any(|param| param.name == name);
                frame.locals.contains_key(&name) && !function.is_some_and(is_given)
            }),
            ExprKind::Subscript { .. } => true,
            _ => false,
        };
        if is_unknown && is_held {
            self.emit(EffectKind::Dispatched, site);
        }
    }

    fn eval_super(&mut self) -> Value {
        let Some(frame) = self.frames.last() else { return Value::Unknown };
        let (Some(class), Some(function)) = (frame.class, frame.function) else {
            return Value::Unknown;
        };
        let receiver = self.receiver_of(function, class);
        Value::Super(Arc::new((class, receiver)))
    }

    /// The first parameter of the running method, or of the method round a nested function.
    fn receiver_of(&self, function: FunctionId, class: ClassId) -> Value {
        let own = self.program.function(function).params.first();
        own.and_then(|param| self.local(param.name)).unwrap_or(Value::instance(class))
    }

    pub(super) fn eval_args(&mut self, file: FileId, args: ArgList) -> Args {
        let facts = self.program.file(file);
        let mut out = Args::default();
        for &Arg { kind, value } in facts.args(args) {
            let value = self.eval(file, value);
            match kind {
                ArgKind::Positional => out.positional.push(value),
                ArgKind::Keyword(name) => out.keywords.push((facts.name(name).into(), value)),
                ArgKind::Star => match value {
                    Value::Sequence(items) => out.positional.extend(items.iter().cloned()),
                    Value::Each(each) if !out.open => {
                        out.open = true;
                        out.each = Some(each);
                    }
                    _ => {
                        out.open = true;
                        out.each = None;
                    }
                },
                ArgKind::DoubleStar => match value {
                    Value::Dict(dict) => {
                        out.open |= dict.open;
                        for (key, value) in &dict.items {
                            match key.known_text() {
                                Some(name) => out.keywords.push((name.into(), value.clone())),
                                None => out.open = true,
                            }
                        }
                    }
                    _ => out.open = true,
                },
            }
        }
        out
    }

    fn eval_sequence(&mut self, file: FileId, items: ExprList) -> Value {
        let facts = self.program.file(file);
        let mut values = Vec::new();
        for &item in facts.list(items) {
            let value = self.eval(file, item);
            match (facts.expr(item).kind, value) {
                (ExprKind::Starred(_), Value::Sequence(inner)) => {
                    values.extend(inner.iter().cloned())
                }
                (_, value) => values.push(value),
            }
        }
        Value::sequence(values)
    }

    fn eval_dict(&mut self, file: FileId, items: ExprList) -> Value {
        let facts = self.program.file(file);
        let mut dict = Dict::default();
        for pair in facts.list(items).chunks(2) {
            let &[key, value] = pair else { continue };
            if key == value {
                match self.eval(file, value) {
                    Value::Dict(inner) => {
                        dict.items.extend(inner.items.iter().cloned());
                        dict.open |= inner.open;
                    }
                    _ => dict.open = true,
                }
            } else {
                let key = self.eval(file, key);
                let value = self.eval(file, value);
                dict.items.push((key, value));
            }
        }
        Value::Dict(Arc::new(dict))
    }

    fn eval_logic(&mut self, file: FileId, items: ExprList, stops_at: bool) -> Value {
        let facts = self.program.file(file);
        let mut unknown: Option<Value> = None;
        let mut last = Value::Unknown;
        for &item in facts.list(items) {
            let value = self.eval(file, item);
            match value.truth() {
                Some(truth) if truth == stops_at => {
                    return match unknown {
                        // A counter that starts somewhere is still the counter.
                        Some(read @ Value::FromStore(_)) if matches!(value, Value::Int(_)) => {
                            read.either(value)
                        }
                        // `x or "none"`: what stands for what is missing.
                        Some(earlier) if stops_at && !matches!(value, Value::Bool(_)) => {
                            earlier.either(value)
                        }
                        // `x and False` is false whatever x is; the value itself may differ.
                        Some(_) if stops_at => Value::Truthy,
                        Some(_) => Value::Bool(false),
                        None => value,
                    };
                }
                Some(_) => last = value,
                None => {
                    unknown = Some(match unknown {
                        Some(earlier) => earlier.either(value.clone()),
                        None => value.clone(),
                    });
                    last = value;
                }
            }
        }
        match unknown {
            Some(value) if stops_at => value.either(last),
            Some(value) => {
                let taint = value.taint();
                match (value, last.truth()) {
                    (_, Some(true)) | (_, None) if !taint.is_empty() => Value::derived(taint),
                    _ => Value::Unknown,
                }
            }
            None => last,
        }
    }

    /// An instance of what an annotation names.
    pub(super) fn annotated(&mut self, file: FileId, annotation: ExprId) -> Value {
        let facts = self.program.file(file);
        let class = match facts.expr(annotation).kind {
            ExprKind::Str(text) => {
                let name = facts.name(text);
                match self.name_id(file, name) {
                    Some(name) => self.lookup(file, name),
                    None => Value::Unknown,
                }
            }
            // `Flag | None`: `None` is no operand.
            ExprKind::Other(cases) => {
                return match *facts.list(cases) {
                    [only] => self.annotated(file, only),
                    _ => Value::Unknown,
                };
            }
            // `QuerySet[Flag]`
            ExprKind::Subscript { value, index } => {
                let (of, element) = (self.eval(file, value), self.annotated(file, index));
                if let Value::Object(row) = &element
                    && self.is_rows_class(&of)
                {
                    let (classes, model) = (vec![of], Some(row.class));
                    return Value::Rows(Arc::new(Rows { classes, model, ..Rows::default() }));
                }
                self.eval(file, annotation)
            }
            _ => self.eval(file, annotation),
        };
        match class {
            Value::Class(class) if self.is_rows_class(&Value::Class(class)) => {
                let classes = vec![Value::Class(class)];
                Value::Rows(Arc::new(Rows { classes, ..Rows::default() }))
            }
            Value::Class(class) => match self.store_class(class) {
                Some(store) => store,
                None => Value::instance(class),
            },
            Value::External(path) => match self.program.frameworks.store_returned_by(&path) {
                Some(store) => Value::Store(StoreRef::of(store)),
                None => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    pub(super) fn with_module_frame<T>(
        &mut self,
        file: FileId,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.with_frame(file, None, body)
    }

    pub(super) fn with_class_frame<T>(
        &mut self,
        class: ClassId,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.with_frame(class.file, Some(class), body)
    }

    pub(super) fn with_frame<T>(
        &mut self,
        file: FileId,
        class: Option<ClassId>,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.frames.push(Frame::of_body(file, class));
        let value = body(self);
        self.frames.pop();
        value
    }
}
