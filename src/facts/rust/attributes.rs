//! Attributes, as decorators; and which of them say that something is there for tests only.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta, MetaList};

use super::arguments::{CONDITIONAL, lenient};
use super::lowering::{Lowering, join, positional};
use crate::facts::body::*;
use crate::source::Span;

impl Lowering<'_> {
    /// Attributes as expressions; documentation is none.
    pub fn attributes(&mut self, attributes: &[Attribute]) -> Vec<ExprId> {
        let mut ids = Vec::new();
        for attribute in attributes {
            match &attribute.meta {
                meta if meta.path().is_ident("doc") => {}
                Meta::Path(path) => ids.push(self.path(None, path)),
                Meta::NameValue(meta) => {
                    let func = self.path(None, &meta.path);
                    let value = self.expr(&meta.value);
                    let span = join(self.span_of(func), self.span_of(value));
                    ids.push(self.call(span, func, &[positional(value)]));
                }
                Meta::List(list) if list.path.is_ident(CONDITIONAL) => {
                    let arguments = lenient(list.tokens.clone());
                    self.conditional_attributes(&arguments, &mut ids);
                }
                Meta::List(list) => {
                    let func = self.path(None, &list.path);
                    let arguments = lenient(list.tokens.clone());
                    let args = self.arguments(&arguments);
                    let end = self.span(list.delimiter.span().close());
                    ids.push(self.call(join(self.span_of(func), end), func, &args));
                }
            }
        }
        ids
    }

    /// Attributes as one list, where there are any.
    pub fn attribute_list(&mut self, at: Span, attributes: &[Attribute]) -> Option<ExprId> {
        let ids = self.attributes(attributes);
        (!ids.is_empty()).then(|| self.sequence(at, &ids))
    }

    /// Whether what stands under some attributes is there for tests only.
    pub fn is_test(&self, attributes: &[Attribute]) -> bool {
        attributes.iter().any(|attribute| match &attribute.meta {
            Meta::List(MetaList { path, tokens, .. }) if path.is_ident("cfg") => {
                asks_for_test(tokens.clone())
            }
            meta => meta.path().segments.last().is_some_and(|last| last.ident == "test"),
        })
    }
}

/// Whether a condition holds for tests only: `test`, or `all(...)` with such a condition in it.
fn asks_for_test(condition: TokenStream) -> bool {
    let mut is_all = false;
    for token in condition {
        match token {
            TokenTree::Ident(word) if word == "test" => return true,
            TokenTree::Group(group) if is_all && asks_for_test(group.stream()) => return true,
            TokenTree::Ident(word) => is_all = word == "all",
            _ => is_all = false,
        }
    }
    false
}
