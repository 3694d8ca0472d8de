//! Expressions.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Frame, Interp, MAX_ELEMENTS};
use crate::facts::{
    Arg, ArgKind, ArgList, BinaryOp, CompareOp, ComprehensionKind, ExprId, ExprKind, ExprList,
    NameId,
};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::{Part, Template};
use crate::graph::value::{Args, Dict, Rows, StoreRef, Taint, Value};
use crate::source::FileId;

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
                self.attribute(&owner, name)
            }
            ExprKind::Call { func, args } => self.eval_call(file, expr, func, args),
            ExprKind::Subscript { value, index } => {
                let container = self.eval(file, value);
                let index = self.eval(file, index);
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
                self.compare(op, &left, &right).map_or(Value::Unknown, Value::Bool)
            }
            ExprKind::And(items) => self.eval_logic(file, items, false),
            ExprKind::Or(items) => self.eval_logic(file, items, true),
            ExprKind::Not(inner) => {
                self.eval(file, inner).truth().map_or(Value::Unknown, |truth| Value::Bool(!truth))
            }
            ExprKind::Conditional(parts) => {
                let &[test, body, orelse] = facts.list(parts) else { return Value::Unknown };
                match self.eval(file, test).truth() {
                    Some(true) => self.eval(file, body),
                    Some(false) => self.eval(file, orelse),
                    None => {
                        let body = self.eval(file, body);
                        let orelse = self.eval(file, orelse);
                        body.either(orelse)
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
                let value = self.eval(file, inner);
                let taint = value.taint();
                if let Some(frame) = self.frame() {
                    let yielded = Value::derived(taint);
                    frame.returned = Some(match frame.returned.take() {
                        Some(earlier) => earlier.either(yielded),
                        None => yielded,
                    });
                }
                Value::Unknown
            }
            ExprKind::Other(operands) => {
                let mut taint = Taint::new();
                for &operand in facts.list(operands) {
                    self.eval(file, operand).collect_taint(&mut taint);
                }
                Value::derived(taint)
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
        let callee = self.eval(file, func);
        let args = self.eval_args(file, arg_list);
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
        self.call(&callee, args, site)
    }

    fn eval_super(&mut self) -> Value {
        let Some(frame) = self.frames.last() else { return Value::Unknown };
        let (Some(class), Some(function)) = (frame.class, frame.function) else {
            return Value::Unknown;
        };
        let receiver = self.receiver_of(function, class);
        Value::Super(Rc::new((class, receiver)))
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
                    _ => out.open = true,
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
        Value::Dict(Rc::new(dict))
    }

    fn eval_logic(&mut self, file: FileId, items: ExprList, stops_at: bool) -> Value {
        let facts = self.program.file(file);
        let mut unknown: Option<Value> = None;
        let mut last = Value::Unknown;
        for (at, &item) in facts.list(items).iter().enumerate() {
            let value = if at == 0 || unknown.is_none() {
                self.eval(file, item)
            } else {
                self.eval(file, item)
            };
            match value.truth() {
                Some(truth) if truth == stops_at => {
                    return match unknown {
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

    fn eval_comprehension(
        &mut self,
        file: FileId,
        kind: ComprehensionKind,
        parts: ExprList,
    ) -> Value {
        let facts = self.program.file(file);
        let parts = facts.list(parts);
        let split = match kind {
            ComprehensionKind::Sequence => 1,
            ComprehensionKind::Dict => 2,
        };
        let (elements, clauses) = parts.split_at(split.min(parts.len()));
        let saved = self.frames.last().map(|frame| frame.locals.clone());
        let mut rows = Vec::new();
        let mut complete = true;
        self.eval_clauses(file, clauses, elements, &mut rows, &mut complete);
        if let (Some(saved), Some(frame)) = (saved, self.frames.last_mut()) {
            frame.locals = saved;
        }
        if !complete {
            let mut taint = Taint::new();
            for value in rows.iter().flatten() {
                value.collect_taint(&mut taint);
            }
            // Keys that are built from unknown rows keep their shape: one element stands for all.
            let one = rows.into_iter().next();
            return match (kind, one) {
                (ComprehensionKind::Sequence, Some(row)) => {
                    let element = row.into_iter().next().unwrap_or_default();
                    Value::Each(Rc::new(element))
                }
                (ComprehensionKind::Dict, Some(row)) => {
                    let mut row = row.into_iter();
                    let pair = (row.next().unwrap_or_default(), row.next().unwrap_or_default());
                    Value::Dict(Rc::new(Dict { items: vec![pair], open: true }))
                }
                _ => Value::derived(taint),
            };
        }
        match kind {
            ComprehensionKind::Sequence => {
                Value::sequence(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
            }
            ComprehensionKind::Dict => {
                let items = rows.into_iter().filter_map(|row| {
                    let mut row = row.into_iter();
                    Some((row.next()?, row.next()?))
                });
                Value::Dict(Rc::new(Dict { items: items.collect(), open: false }))
            }
        }
    }

    fn eval_clauses(
        &mut self,
        file: FileId,
        clauses: &[ExprId],
        elements: &[ExprId],
        rows: &mut Vec<Vec<Value>>,
        complete: &mut bool,
    ) {
        let facts = self.program.file(file);
        let Some((first, rest)) = clauses.split_first() else {
            rows.push(elements.iter().map(|element| self.eval(file, *element)).collect());
            return;
        };
        let ExprKind::Clause(parts) = facts.expr(*first).kind else { return };
        let [target, iter, tests @ ..] = facts.list(parts) else { return };
        let iterable = self.eval(file, *iter);
        let (known, each) = match self.elements(&iterable) {
            Some(elements) => (true, elements),
            None => (false, vec![self.element_of(&iterable)]),
        };
        *complete &= known;
        for element in each.into_iter().take(MAX_ELEMENTS) {
            self.assign(file, *target, element);
            let mut holds = Some(true);
            for &test in tests {
                match self.eval(file, test).truth() {
                    Some(true) => {}
                    Some(false) => holds = Some(false),
                    None if holds == Some(true) => holds = None,
                    None => {}
                }
            }
            match holds {
                Some(false) if known => {}
                Some(true) => self.eval_clauses(file, rest, elements, rows, complete),
                _ => {
                    *complete = false;
                    self.eval_clauses(file, rest, elements, rows, complete);
                }
            }
        }
    }

    // --- strings ---

    fn eval_format(&mut self, file: FileId, parts: ExprList) -> Value {
        let facts = self.program.file(file);
        let mut template = Template::default();
        for &part in facts.list(parts) {
            let value = self.eval(file, part);
            let label = self.label(file, part);
            self.append_part(&mut template, &value, &label);
        }
        Value::Text(Rc::new(template))
    }

    /// What the source calls a value: `team_id` of `instance.team_id`.
    pub(super) fn label(&self, file: FileId, expr: ExprId) -> String {
        let facts = self.program.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => facts.name(name).to_owned(),
            ExprKind::Attribute { attr, .. } => facts.name(attr).to_owned(),
            ExprKind::Subscript { index, .. } => self.label(file, index),
            ExprKind::Str(text) => facts.name(text).to_owned(),
            ExprKind::Call { func, .. } => self.label(file, func),
            _ => "...".to_owned(),
        }
    }

    pub(super) fn append_part(&mut self, template: &mut Template, value: &Value, label: &str) {
        match value {
            Value::Text(text) => template.append(text),
            Value::Int(number) => template.push_text(&number.to_string()),
            Value::FromStore(key) => template
                .parts
                .push(Part::Hole { label: label.into(), read_from: Some(key.clone()) }),
            Value::Union(all) => {
                // A counter that starts at one when the store has none is still the counter.
                let counter = all.iter().find_map(|value| match value {
                    Value::FromStore(key) => Some(key.clone()),
                    _ => None,
                });
                template.parts.push(Part::Hole { label: label.into(), read_from: counter });
            }
            _ => template.parts.push(Part::Hole { label: label.into(), read_from: None }),
        }
    }

    /// `"%s:%s" % values`, for the conversions without flags that keys use.
    fn eval_percent(&mut self, file: FileId, left: &Value, right: ExprId) -> Value {
        let facts = self.program.file(file);
        let value = self.eval(file, right);
        let Some(format) = left.known_text() else {
            let mut taint = left.taint();
            value.collect_taint(&mut taint);
            return match left {
                Value::Text(_) => Value::Text(Rc::new(Template::hole("..."))),
                _ => Value::derived(taint),
            };
        };
        let labels: Vec<String> = match facts.expr(right).kind {
            ExprKind::Sequence(items) => {
                facts.list(items).iter().map(|item| self.label(file, *item)).collect()
            }
            _ => vec![self.label(file, right)],
        };
        let values: Vec<Value> = match &value {
            Value::Sequence(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let mut template = Template::default();
        let mut next = 0;
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            template.push_text(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                template.push_text("%");
                rest = after;
                continue;
            }
            if let Some(named) = rest.strip_prefix('(')
                && let Some((name, after)) = named.split_once(')')
            {
                let found = self.item(&value, &Value::text(name));
                self.append_part(&mut template, &found, name);
                rest = after;
            } else {
                let found = values.get(next).cloned().unwrap_or_default();
                let label = labels.get(next).map_or("...", String::as_str);
                self.append_part(&mut template, &found, label);
                next += 1;
            }
            let conversion = rest.find(|c: char| c.is_ascii_alphabetic());
            rest = conversion.map_or("", |at| &rest[at + 1..]);
        }
        template.push_text(rest);
        Value::Text(Rc::new(template))
    }

    /// `"{}:{name}".format(...)`
    pub(super) fn format_method(&mut self, format: &Template, args: &Args) -> Value {
        let Some(text) = format.known() else { return Value::Text(Rc::new(Template::hole("..."))) };
        let mut template = Template::default();
        let mut next = 0;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            template.push_text(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if rest.starts_with(brace) {
                template.push_text(brace);
                rest = &rest[1..];
                continue;
            }
            let Some((field, after)) = rest.split_once('}') else { break };
            rest = after;
            let name = field.split(['!', ':']).next().unwrap_or_default();
            let (head, is_attribute) = match name.find(['.', '[']) {
                Some(at) => (&name[..at], true),
                None => (name, false),
            };
            let value = match head.parse::<usize>() {
                Ok(position) => args.positional.get(position).cloned(),
                Err(_) if head.is_empty() => {
                    next += 1;
                    args.positional.get(next - 1).cloned()
                }
                Err(_) => args.keyword(head).cloned(),
            };
            let value = value.filter(|_| !is_attribute).unwrap_or_default();
            let label = if name.is_empty() { "..." } else { name };
            self.append_part(&mut template, &value, label);
        }
        template.push_text(rest);
        Value::Text(Rc::new(template))
    }

    pub(super) fn add(&mut self, left: &Value, right: &Value) -> Value {
        match (left, right) {
            (Value::Sequence(a), Value::Sequence(b)) => {
                Value::sequence(a.iter().chain(b.iter()).cloned().collect())
            }
            (Value::Text(_), _) | (_, Value::Text(_)) => {
                let mut template = Template::default();
                self.append_part(&mut template, left, "...");
                self.append_part(&mut template, right, "...");
                Value::Text(Rc::new(template))
            }
            _ => {
                let mut taint = left.taint();
                right.collect_taint(&mut taint);
                Value::derived(taint)
            }
        }
    }

    // --- comparisons ---

    pub(super) fn compare(&mut self, op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
        match op {
            CompareOp::Is | CompareOp::Eq => self.same(left, right),
            CompareOp::IsNot | CompareOp::NotEq => self.same(left, right).map(|same| !same),
            CompareOp::In => self.contains(right, left),
            CompareOp::NotIn => self.contains(right, left).map(|contains| !contains),
            CompareOp::Order => match (left, right) {
                (Value::Int(_), Value::Int(_)) => None,
                _ => None,
            },
        }
    }

    fn same(&mut self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::None, other) | (other, Value::None) => other.is_none(),
            (Value::Class(a), Value::Class(b)) => Some(a == b),
            (Value::Class(_), Value::External(_)) | (Value::External(_), Value::Class(_)) => {
                Some(false)
            }
            (Value::External(a), Value::External(b)) if a == b => Some(true),
            (Value::Bool(a), Value::Bool(b)) => Some(a == b),
            (Value::Int(a), Value::Int(b)) => Some(a == b),
            (Value::Text(a), Value::Text(b)) => match (a.known(), b.known()) {
                (Some(a), Some(b)) => Some(a == b),
                _ if !a.can_equal(b) => Some(false),
                _ => None,
            },
            (Value::Through(a), Value::Through(b)) => Some(a == b),
            (Value::Through(_), Value::Class(_)) | (Value::Class(_), Value::Through(_)) => {
                Some(false)
            }
            (Value::Signal(a), Value::Signal(b)) => Some(a == b),
            (Value::Sequence(a), Value::Sequence(b)) => {
                let known = a.iter().chain(b.iter()).all(|value| value.known_text().is_some());
                known.then(|| {
                    a.iter().all(|value| b.contains(value))
                        && b.iter().all(|value| a.contains(value))
                })
            }
            _ => None,
        }
    }

    fn contains(&mut self, container: &Value, item: &Value) -> Option<bool> {
        match container {
            Value::Sequence(items) => {
                let mut answer = Some(false);
                for known in items.iter() {
                    match self.same(known, item) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => answer = None,
                    }
                }
                answer
            }
            Value::Dict(dict) => {
                let found = dict.items.iter().any(|(key, _)| key == item);
                if found {
                    Some(true)
                } else if dict.open {
                    None
                } else {
                    Some(false)
                }
            }
            _ => None,
        }
    }

    /// What a condition tells about the variables it tests, on the branch where it holds or fails.
    pub(super) fn narrow(&mut self, file: FileId, test: ExprId, holds: bool) {
        let facts = self.program.file(file);
        match facts.expr(test).kind {
            ExprKind::Not(inner) => self.narrow(file, inner, !holds),
            ExprKind::And(items) if holds => {
                for &item in facts.list(items) {
                    self.narrow(file, item, true);
                }
            }
            ExprKind::Or(items) if !holds => {
                for &item in facts.list(items) {
                    self.narrow(file, item, false);
                }
            }
            ExprKind::Call { func, args } if holds => {
                // `isinstance(x, Model)` tells the class of something unknown.
                let ExprKind::Name(name) = facts.expr(func).kind else { return };
                let [subject, class] = facts.args(args) else { return };
                if facts.name(name) != "isinstance" {
                    return;
                }
                let ExprKind::Name(variable) = facts.expr(subject.value).kind else { return };
                if self.local(variable) == Some(Value::Unknown)
                    && let Value::Class(class) = self.eval(file, class.value)
                {
                    self.set_local(variable, Value::instance(class));
                }
            }
            _ => {}
        }
    }

    // --- containers ---

    /// The elements of an iterable, where all are known.
    pub(super) fn elements(&mut self, iterable: &Value) -> Option<Vec<Value>> {
        match iterable {
            Value::Sequence(items) => Some(items.to_vec()),
            Value::Dict(dict) if !dict.open => {
                Some(dict.items.iter().map(|(key, _)| key.clone()).collect())
            }
            _ => None,
        }
    }

    /// What any element of an iterable is.
    pub(super) fn element_of(&mut self, iterable: &Value) -> Value {
        match iterable {
            Value::Rows(rows) => match (rows.model, rows.keys_only) {
                (Some(model), false) => Value::one_of_many(model),
                _ => Value::derived(iterable.taint()),
            },
            Value::Each(element) => (**element).clone(),
            Value::Sequence(items) => {
                let mut items = items.iter().cloned();
                let first = items.next().unwrap_or_default();
                items.fold(first, Value::either)
            }
            other => Value::derived(other.taint()),
        }
    }

    pub(super) fn element_at(&mut self, value: &Value, at: usize) -> Value {
        match value {
            Value::Sequence(items) => items.get(at).cloned().unwrap_or_default(),
            other => self.element_of(other),
        }
    }

    pub(super) fn item(&mut self, container: &Value, index: &Value) -> Value {
        match container {
            Value::Dict(dict) => match dict.items.iter().rev().find(|(key, _)| key == index) {
                Some((_, value)) => value.clone(),
                None if index.known_text().is_none() && !dict.items.is_empty() => {
                    let values = dict.items.iter().map(|(_, value)| value.clone());
                    values.reduce(Value::either).unwrap_or_default()
                }
                None => Value::Unknown,
            },
            Value::Sequence(items) => match index {
                Value::Int(at) => {
                    let at = if *at < 0 { items.len() as i64 + at } else { *at };
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| items.get(at))
                        .cloned()
                        .unwrap_or_default()
                }
                _ => self.element_of(container),
            },
            Value::External(path) => match self.program.frameworks.store_items(path) {
                Some(kind) => {
                    let alias = index.known_text().map(Into::into);
                    Value::Store(StoreRef { kind, alias })
                }
                None => self.generic_alias(container),
            },
            Value::Class(_) | Value::FromQuerySet(_) => self.generic_alias(container),
            Value::Rows(rows) => match (rows.model, index) {
                (Some(model), Value::Int(_)) if !rows.keys_only => Value::one_of_many(model),
                _ => container.clone(),
            },
            Value::Unbound(_) => container.clone(),
            other => Value::derived(other.taint()),
        }
    }

    /// `CacheManager["Flag"]` is still the class.
    fn generic_alias(&self, class: &Value) -> Value {
        class.clone()
    }

    /// `container[index] = value`
    pub(super) fn store_item(
        &mut self,
        file: FileId,
        container: ExprId,
        index: Value,
        value: Value,
    ) {
        let ExprKind::Name(name) = self.program.file(file).expr(container).kind else { return };
        let updated = match self.local(name) {
            Some(Value::Dict(dict)) => {
                let mut dict = (*dict).clone();
                dict.items.retain(|(key, _)| *key != index);
                if dict.items.len() >= 64 {
                    dict.open = true;
                } else {
                    dict.items.push((index, value));
                }
                Value::Dict(Rc::new(dict))
            }
            Some(other) => {
                let mut taint = other.taint();
                value.collect_taint(&mut taint);
                Value::derived(taint)
            }
            None => return,
        };
        self.set_local(name, updated);
    }

    /// `items.append(x)` and its kin change what a local variable holds.
    fn mutate_local(
        &mut self,
        file: FileId,
        receiver: ExprId,
        method: &str,
        callee: &Value,
        args: &Args,
    ) -> Option<Value> {
        if !matches!(callee, Value::Native(_)) {
            return None;
        }
        let ExprKind::Name(name) = self.program.file(file).expr(receiver).kind else { return None };
        let held = self.local(name)?;
        let updated = match (method, &held) {
            ("append" | "add", Value::Sequence(items)) if items.len() < MAX_ELEMENTS => {
                let added = args.positional.first()?.clone();
                let mut items = items.to_vec();
                if !items.contains(&added) {
                    items.push(added);
                }
                Value::sequence(items)
            }
            ("extend" | "update", Value::Sequence(items)) => match args.positional.first()? {
                Value::Sequence(more) => {
                    Value::sequence(items.iter().chain(more.iter()).cloned().collect())
                }
                other => Value::Each(Rc::new(self.element_of(other))),
            },
            ("update", Value::Dict(dict)) => {
                let mut dict = (**dict).clone();
                match args.positional.first() {
                    Some(Value::Dict(more)) => dict.items.extend(more.items.iter().cloned()),
                    Some(_) => dict.open = true,
                    None => {}
                }
                let named = args.keywords.iter();
                dict.items.extend(named.map(|(name, value)| (Value::text(name), value.clone())));
                Value::Dict(Rc::new(dict))
            }
            ("append" | "add" | "extend" | "update" | "insert" | "setdefault", other)
                if matches!(other, Value::Unknown | Value::Derived(_) | Value::Each(_)) =>
            {
                let mut taint = other.taint();
                args.values().for_each(|value| value.collect_taint(&mut taint));
                Value::derived(taint)
            }
            _ => return None,
        };
        self.set_local(name, updated);
        Some(Value::None)
    }

    // --- annotations ---

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
            _ => self.eval(file, annotation),
        };
        match class {
            Value::Class(class) if self.is_rows_class(&Value::Class(class)) => {
                let classes = vec![Value::Class(class)];
                Value::Rows(Rc::new(Rows { classes, model: None, keys_only: false }))
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

    /// What `with context as x` binds.
    pub(super) fn entered(&mut self, context: Value) -> Value {
        match context {
            Value::Object(_) | Value::Store(_) => context,
            other => Value::derived(other.taint()),
        }
    }

    // --- frames ---

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
        self.frames.push(Frame {
            file,
            function: None,
            class,
            locals: FxHashMap::<NameId, Value>::default(),
            captured: [].into(),
            returned: None,
            read_store: false,
        });
        let value = body(self);
        self.frames.pop();
        value
    }
}
