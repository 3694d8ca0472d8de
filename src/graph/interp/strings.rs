//! Strings that code builds: f-strings, `%`, `format()`, concatenation; what is not known is a hole.

use std::sync::Arc;

use super::Interp;
use super::queries::origin_of;
use crate::facts::{ExprId, ExprKind, ExprList};
use crate::frameworks::Role;
use crate::graph::key::{Origin, Part, Spelling, Template};
use crate::graph::value::{Args, Value};
use crate::source::FileId;

impl Interp<'_> {
    pub(super) fn eval_format(&mut self, file: FileId, parts: ExprList) -> Value {
        let facts = self.program.file(file);
        let mut template = Template::default();
        for &part in facts.list(parts) {
            let value = self.eval(file, part);
            let label = self.label(file, part);
            self.append_part(&mut template, &value, &label);
        }
        Value::Text(Arc::new(template))
    }

    /// What the source calls a value: `team_id` of `instance.team_id`.
    pub(super) fn label(&self, file: FileId, expr: ExprId) -> String {
        let facts = self.program.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => facts.name(name).to_owned(),
            ExprKind::Attribute { attr, .. } => facts.name(attr).to_owned(),
            ExprKind::Subscript { value, index } => {
                let container = self.label(file, value);
                match self.program.frameworks.names_version(&container) {
                    true => container,
                    false => self.label(file, index),
                }
            }
            ExprKind::Str(text) => facts.name(text).to_owned(),
            ExprKind::Call { func, .. } => self.label(file, func),
            _ => "...".to_owned(),
        }
    }

    pub(super) fn append_part(&mut self, template: &mut Template, value: &Value, label: &str) {
        if let Some(text) = self.spelled(value) {
            return self.append_part(template, &text, label);
        }
        if let Value::Union(cases) = value
            && let Some(setting) = cases.iter().find(|case| self.is_of_settings(case))
        {
            // A setting, or what stands for it where it is not set.
            return self.append_part(template, setting, label);
        }
        if !matches!(value, Value::Text(_)) && self.tracks_rows() {
            value.collect_taint(&mut template.taint);
        }
        match value {
            Value::Text(text) => template.append(text),
            Value::Int(number) => template.push_text(&number.to_string()),
            Value::Gone => template.parts.push(Part::Gone),
            Value::FromStore(_) | Value::Union(_) => template.parts.push(Part::Hole {
                label: label.into(),
                read_from: value.read_from().cloned(),
                origin: None,
                spelling: Spelling::Text,
            }),
            other => {
                let origin = self.origin_of(other);
                let spelling = self.spelling_of(origin.as_ref());
                let label = label.into();
                template.parts.push(Part::Hole { label, read_from: None, origin, spelling });
            }
        }
    }

    /// What the class of an instance says to be its text, where it says so in sight.
    fn spelled(&mut self, value: &Value) -> Option<Value> {
        let Value::Object(object) = value else { return None };
        if let Some(constant) = self.constant_of_member(object) {
            return Some(constant);
        }
        let text = self.call_special(object.class, "__str__", &[value])?;
        matches!(text, Value::Text(_) | Value::Column(_)).then_some(text)
    }

    /// Where what fills a hole comes from.
    fn origin_of(&self, value: &Value) -> Option<Origin> {
        let is_once = |path: &str| self.program.frameworks.role(path) == Some(Role::Once);
        match value {
            Value::External(path) | Value::Returned(path) if is_once(path) => Some(Origin::Once),
            value if self.is_of_settings(value) => Some(Origin::Setting),
            Value::Native(native) if matches!(native.0, Value::Returned(_)) => {
                self.origin_of(&native.0)
            }
            other => origin_of(other),
        }
    }

    /// Whether a value is a setting.
    fn is_of_settings(&self, value: &Value) -> bool {
        let Value::External(path) = value else { return false };
        let owner = path.rsplit_once('.').map(|(owner, _)| owner);
        owner.is_some_and(|owner| self.program.frameworks.role(owner) == Some(Role::Settings))
    }

    /// `"%s:%s" % values`, for the conversions without flags that keys use.
    pub(super) fn eval_percent(&mut self, file: FileId, left: &Value, right: ExprId) -> Value {
        let facts = self.program.file(file);
        let value = self.eval(file, right);
        let Some(format) = left.known_text() else {
            let mut taint = left.taint();
            value.collect_taint(&mut taint);
            return match left {
                Value::Text(_) => {
                    Value::Text(Arc::new(Template { taint, ..Template::hole("...") }))
                }
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
        Value::Text(Arc::new(template))
    }

    /// `"{}:{name}".format(...)`
    pub(super) fn format_method(&mut self, format: &Template, args: &Args) -> Value {
        let Some(text) = format.known() else {
            return self.text_made_of(format, args.values());
        };
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
            let value = match value {
                Some(value) if is_attribute => Value::derived(value.taint()),
                value => value.unwrap_or_default(),
            };
            let label = if name.is_empty() { "..." } else { name };
            self.append_part(&mut template, &value, label);
        }
        template.push_text(rest);
        Value::Text(Arc::new(template))
    }

    /// A value in another form, which tells one from another as it does itself.
    pub(super) fn in_another_form(&mut self, value: &Value) -> Value {
        let label = match value {
            Value::Column(column) => match &column.origin {
                Origin::Column { column, .. } => Some(column.clone()),
                _ => None,
            },
            other => self.name_of(other),
        };
        let mut template = Template { is_coded: true, ..Template::default() };
        self.append_part(&mut template, value, label.as_deref().unwrap_or("..."));
        Value::Text(Arc::new(template))
    }

    /// A text of which nothing is known but what it was made of.
    pub(super) fn text_made_of<'v>(
        &self,
        text: &Template,
        more: impl IntoIterator<Item = &'v Value>,
    ) -> Value {
        let mut taint = text.taint.clone();
        if self.tracks_rows() {
            more.into_iter().for_each(|value| value.collect_taint(&mut taint));
        }
        Value::Text(Arc::new(Template { taint, ..Template::hole("...") }))
    }

    pub(super) fn add(&mut self, left: &Value, right: &Value) -> Value {
        match (left, right) {
            (Value::Sequence(a), Value::Sequence(b)) => {
                Value::sequence(a.iter().chain(b.iter()).cloned().collect())
            }
            // Any element is one of either.
            (Value::Each(_), Value::Sequence(_) | Value::Each(_))
            | (Value::Sequence(_), Value::Each(_)) => {
                let elements = [left, right].map(|list| self.element_of(list));
                let either = elements.into_iter().reduce(Value::either).unwrap_or_default();
                Value::Each(Arc::new(either))
            }
            (Value::Text(_), _) | (_, Value::Text(_)) => {
                let mut template = Template::default();
                self.append_part(&mut template, left, "...");
                self.append_part(&mut template, right, "...");
                Value::Text(Arc::new(template))
            }
            // A counter that was read and counted up is still told by where it was read from.
            (counter, Value::Int(step)) if *step != 0 && counter.read_from().is_some() => {
                let read_from = counter.read_from().cloned();
                let spelling = Spelling::Text;
                let part = Part::Hole { label: "...".into(), read_from, origin: None, spelling };
                Value::Text(Arc::new(Template { parts: vec![part], ..Template::default() }))
            }
            (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map_or(Value::Unknown, Value::Int),
            (Value::Lookups(a), Value::Lookups(b)) => {
                Value::Lookups(Arc::new(a.iter().chain(b.iter()).cloned().collect()))
            }
            _ => {
                let mut taint = left.taint();
                right.collect_taint(&mut taint);
                Value::derived(taint)
            }
        }
    }
}
