//! The arguments of calls, and what they become a part of.

use std::sync::Arc;

use super::run::Runner;
use super::types::Ty;
use super::value::{Rows, Value, What};
use crate::facts::{Arg, ArgKind, ArgList, ExprId, ExprKind};
use crate::graph::key::Template;
use crate::source::FileId;

/// The arguments of a call, with their values.
#[derive(Clone, Default)]
pub(super) struct Given {
    pub values: Vec<Value>,
    pub keywords: Vec<(String, Value)>,
    /// The types that the call names: `get::<User>(..)`.
    pub generics: Vec<Ty>,
    /// Whether more is filled in from another value.
    pub is_open: bool,
}

impl Given {
    pub(super) fn rows(&self) -> Rows {
        let keywords = self.keywords.iter().map(|(_, value)| value);
        self.values.iter().chain(keywords).flat_map(|value| value.rows.iter().cloned()).collect()
    }
}

impl Runner<'_, '_> {
    /// The types that a call names.
    fn named_types(&self, file: FileId, generics: ExprId) -> Vec<Ty> {
        let facts = self.program.file(file);
        match facts.expr(generics).kind {
            ExprKind::Sequence(items) => {
                facts.list(items).iter().map(|it| self.read_type(file, *it)).collect()
            }
            _ => vec![self.read_type(file, generics)],
        }
    }

    /// The arguments of a call, with the types that it names.
    pub(super) fn given_to(&mut self, file: FileId, func: ExprId, args: ArgList) -> Given {
        let mut given = self.given(file, args);
        if let ExprKind::Subscript { index, .. } = self.program.file(file).expr(func).kind {
            given.generics = self.named_types(file, index);
        }
        given
    }

    pub(super) fn given(&mut self, file: FileId, args: ArgList) -> Given {
        let mut given = Given::default();
        for Arg { kind, value } in self.program.file(file).args(args) {
            let value = self.eval(file, *value);
            // Whoever is given it may change all of it.
            self.patched(&value, None);
            match kind {
                ArgKind::Positional | ArgKind::Star => given.values.push(value),
                ArgKind::Keyword(name) => {
                    given.keywords.push((self.program.file(file).name(*name).to_owned(), value));
                }
                ArgKind::DoubleStar => {
                    given.is_open = true;
                    given.values.push(value);
                }
            }
        }
        given
    }

    /// What is known of what code out of sight returns: it may call what it is given.
    pub(super) fn unknown(&mut self, given: Given) -> Value {
        let mut rows = given.rows();
        for value in given.values {
            if let What::Closure(closure) = value.what {
                rows.extend(self.call_closure(&closure, Vec::new()).rows);
            }
        }
        Value::only_rows(rows)
    }

    /// `key.push_str(":all")`
    pub(super) fn append_text(&mut self, file: FileId, owner: ExprId, name: &str, given: &Given) {
        if !self.program.frameworks.appends(name) {
            return;
        }
        let ExprKind::Name(variable) = self.program.file(file).expr(owner).kind else { return };
        let is_counted = self.open_loops == 0;
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some(Value { what: What::Plain, text: Some(known), .. }) =
            frame.locals.get_mut(&variable)
            && let Some(more) = given.values.first()
        {
            let mut text = (**known).clone();
            text.append(&more.template());
            // How often it is appended is not known.
            *known = Arc::new(if is_counted { text } else { Template::hole("key") });
        }
    }

    /// `users.push(user)`, `by_team.entry(team).or_default().push(user)`
    pub(super) fn collect(&mut self, file: FileId, owner: ExprId, name: &str, given: &Given) {
        if !self.program.frameworks.collects(name) {
            return;
        }
        let rows = given.rows();
        if rows.is_empty() {
            return;
        }
        let facts = self.program.file(file);
        let mut at = owner;
        let variable = loop {
            at = match facts.expr(at).kind {
                ExprKind::Name(name) => break name,
                ExprKind::Call { func, .. } => func,
                ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => value,
                _ => return,
            };
        };
        let Some(frame) = self.frames.last_mut() else { return };
        if facts.name(variable) == "self" {
            return;
        }
        if let Some(known) = frame.locals.get_mut(&variable) {
            match &known.what {
                What::Plain | What::Fields(_) => {}
                // `vec![]`
                What::Several(parts) if parts.is_empty() => known.what = What::Plain,
                _ => return,
            }
            known.rows.extend(rows);
        }
    }
}
