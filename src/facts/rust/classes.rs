//! What has members: structs, enums, traits, `impl` blocks and modules.

use syn::token::Brace;
use syn::{Attribute, Field, TraitItem, Type};
use syn::{Fields, ImplItem, Item, ItemEnum, ItemImpl, ItemMod, ItemStruct, ItemTrait};

use super::lowering::{Lowering, join, positional};
use super::types::peel;
use crate::facts::body::*;
use crate::source::Span;

/// The head of a class.
struct Head {
    kind: ClassKind,
    name: NameId,
    name_span: Span,
    bases: Vec<Arg>,
    decorators: Vec<ExprId>,
    generics: Vec<Generic>,
}

impl Lowering<'_> {
    fn class(&mut self, head: Head, start: Span, end: Span, body: impl FnOnce(&mut Self)) {
        let Head { kind, name, name_span, bases, decorators, generics } = head;
        let bases = self.build.args(&bases);
        let ix = self.build.open_class(kind, name, name_span, bases, decorators);
        self.build.facts.classes[ix.index()].generics = generics;
        self.open_block();
        body(self);
        let body = self.close_block();
        self.build.close_class(ix, body);
        self.emit(join(start, end), StmtKind::Class(ix));
    }

    fn head(&mut self, kind: ClassKind, name: &syn::Ident, attributes: &[Attribute]) -> Head {
        let decorators = self.attributes(attributes);
        let (word, name_span) = self.word(name);
        let name = self.build.intern(word);
        Head { kind, name, name_span, bases: Vec::new(), decorators, generics: Vec::new() }
    }

    pub(super) fn module(&mut self, node: &ItemMod, braces: Brace, items: &[Item]) {
        let head = self.head(ClassKind::Module, &node.ident, &node.attrs);
        let start = self.span(node.mod_token.span);
        let end = self.span(braces.span.close());
        self.class(head, start, end, |this| this.items(items));
    }

    pub(super) fn struct_item(&mut self, node: &ItemStruct) {
        let head = self.head(ClassKind::Struct, &node.ident, &node.attrs);
        let start = self.span(node.struct_token.span);
        let end = match (&node.fields, node.semi_token) {
            (_, Some(token)) => self.span(token.span),
            (Fields::Named(fields), None) => self.span(fields.brace_token.span.close()),
            (_, None) => head.name_span,
        };
        self.within(&node.generics, |this, generics| {
            this.class(Head { generics, ..head }, start, end, |this| {
                for (at, field) in node.fields.iter().enumerate() {
                    this.field(at, field);
                }
            });
        });
    }

    fn field(&mut self, at: usize, field: &Field) {
        if self.is_test(&field.attrs) {
            return;
        }
        let annotation = self.ty(&field.ty);
        let (name, span) = match &field.ident {
            Some(ident) => {
                let (word, span) = self.word(ident);
                (self.build.intern(word), span)
            }
            None => (self.build.intern(&at.to_string()), self.span_of(annotation)),
        };
        let value = self.attribute_list(span, &field.attrs);
        let target = self.build.expr(span, ExprKind::Name(name));
        let span = join(span, self.span_of(annotation));
        self.emit(span, StmtKind::Assign { target, value, annotation: Some(annotation) });
    }

    pub(super) fn enum_item(&mut self, node: &ItemEnum) {
        let head = self.head(ClassKind::Enum, &node.ident, &node.attrs);
        let start = self.span(node.enum_token.span);
        let end = self.span(node.brace_token.span.close());
        self.within(&node.generics, |this, generics| {
            this.class(Head { generics, ..head }, start, end, |this| this.variants(node));
        });
    }

    fn variants(&mut self, node: &ItemEnum) {
        for variant in &node.variants {
            if self.is_test(&variant.attrs) {
                continue;
            }
            let (word, span) = self.word(&variant.ident);
            let payload: Vec<ExprId> =
                variant.fields.iter().map(|field| self.ty(&field.ty)).collect();
            let annotation = match variant.fields {
                Fields::Unit => None,
                _ => Some(self.sequence(span, &payload)),
            };
            let value = self.attribute_list(span, &variant.attrs);
            let target = self.name(span, word);
            self.emit(span, StmtKind::Assign { target, value, annotation });
        }
    }

    pub(super) fn trait_item(&mut self, node: &ItemTrait) {
        let mut head = self.head(ClassKind::Trait, &node.ident, &node.attrs);
        let bounds = self.bounds(node.supertraits.iter());
        head.bases = bounds.into_iter().map(positional).collect();
        let start = self.span(node.trait_token.span);
        let end = self.span(node.brace_token.span.close());
        self.within(&node.generics, |this, generics| {
            this.class(Head { generics, ..head }, start, end, |this| {
                for item in &node.items {
                    this.trait_member(item);
                }
            });
        });
    }

    fn trait_member(&mut self, item: &TraitItem) {
        match item {
            TraitItem::Fn(node) if !self.is_test(&node.attrs) => {
                let decorators = self.attributes(&node.attrs);
                let ix = self.function(&node.sig, node.default.as_ref(), decorators);
                let start = self.span(node.sig.fn_token.span);
                let end = match (&node.default, node.semi_token) {
                    (Some(block), _) => self.span(block.brace_token.span.close()),
                    (None, Some(token)) => self.span(token.span),
                    (None, None) => start,
                };
                self.emit(join(start, end), StmtKind::Function(ix));
            }
            TraitItem::Const(node) if !self.is_test(&node.attrs) => {
                let value = node.default.as_ref().map(|(_, value)| value);
                self.variable(&node.ident, &node.ty, value);
            }
            TraitItem::Type(node) if !self.is_test(&node.attrs) => {
                if let Some((_, ty)) = &node.default {
                    self.alias(&node.ident, ty);
                }
            }
            TraitItem::Macro(node) if !self.is_test(&node.attrs) => self.item_macro(&node.mac),
            _ => {}
        }
    }

    pub(super) fn impl_item(&mut self, node: &ItemImpl) {
        self.within(&node.generics, |this, generics| this.impl_within(node, generics));
    }

    fn impl_within(&mut self, node: &ItemImpl, generics: Vec<Generic>) {
        let decorators = self.attributes(&node.attrs);
        let self_type = self.ty(&node.self_ty);
        let (name, name_span) = match peel(&node.self_ty) {
            Type::Path(ty) => match ty.path.segments.last() {
                Some(segment) => self.word(&segment.ident),
                None => ("", self.span_of(self_type)),
            },
            _ => ("", self.span_of(self_type)),
        };
        let name = self.build.intern(name);
        let mut bases = vec![positional(self_type)];
        if let Some((_, path, _)) = &node.trait_ {
            let kind = ArgKind::Keyword(self.build.intern("trait"));
            bases.push(Arg { kind, value: self.path(None, path) });
        }
        let head = Head { kind: ClassKind::Impl, name, name_span, bases, decorators, generics };
        let start = self.span(node.impl_token.span);
        let end = self.span(node.brace_token.span.close());
        self.class(head, start, end, |this| {
            for item in &node.items {
                this.impl_member(item);
            }
        });
    }

    fn impl_member(&mut self, item: &ImplItem) {
        match item {
            ImplItem::Fn(node) if !self.is_test(&node.attrs) => {
                let decorators = self.attributes(&node.attrs);
                let ix = self.function(&node.sig, Some(&node.block), decorators);
                let end = self.span(node.block.brace_token.span.close());
                let span = join(self.span(node.sig.fn_token.span), end);
                self.emit(span, StmtKind::Function(ix));
            }
            ImplItem::Const(node) if !self.is_test(&node.attrs) => {
                self.variable(&node.ident, &node.ty, Some(&node.expr));
            }
            ImplItem::Type(node) if !self.is_test(&node.attrs) => self.alias(&node.ident, &node.ty),
            ImplItem::Macro(node) if !self.is_test(&node.attrs) => self.item_macro(&node.mac),
            _ => {}
        }
    }
}
