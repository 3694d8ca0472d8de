//! Items; those that only tests see are left out.

use syn::{Expr, Ident, Item, Type};

use super::lowering::{Lowering, join};
use crate::facts::body::*;

impl Lowering<'_> {
    /// Items as statements of the innermost block.
    pub fn items<'i>(&mut self, items: impl IntoIterator<Item = &'i Item>) {
        for item in items {
            self.item(item);
        }
    }

    /// One item.
    pub fn item(&mut self, item: &Item) {
        if self.is_test(attributes_of(item)) {
            return;
        }
        match item {
            Item::Fn(node) => {
                let decorators = self.attributes(&node.attrs);
                let ix = self.function(&node.sig, Some(&node.block), decorators);
                let end = self.span(node.block.brace_token.span.close());
                let span = join(self.span(node.sig.fn_token.span), end);
                self.emit(span, StmtKind::Function(ix));
            }
            Item::Struct(node) => self.struct_item(node),
            Item::Enum(node) => self.enum_item(node),
            Item::Trait(node) => self.trait_item(node),
            Item::Impl(node) => self.impl_item(node),
            Item::Mod(node) => match &node.content {
                Some((braces, items)) => self.module(node, *braces, items),
                None => self.module_file(node),
            },
            Item::Use(node) => self.use_item(node),
            Item::ExternCrate(node) => self.extern_crate(node),
            Item::Static(node) => self.variable(&node.ident, &node.ty, Some(&node.expr)),
            Item::Const(node) => self.variable(&node.ident, &node.ty, Some(&node.expr)),
            Item::Type(node) => self.alias(&node.ident, &node.ty),
            Item::Macro(node) => match &node.ident {
                Some(name) => self.macro_rules(name, &node.mac),
                None => self.item_macro(&node.mac),
            },
            _ => {}
        }
    }

    /// `NAME: T = value`
    pub fn variable(&mut self, name: &Ident, ty: &Type, value: Option<&Expr>) {
        let annotation = Some(self.ty(ty));
        let value = value.map(|value| self.expr(value));
        let (word, span) = self.word(name);
        let target = self.name(span, word);
        self.emit(span, StmtKind::Assign { target, value, annotation });
    }

    /// `type Name = T`
    pub fn alias(&mut self, name: &Ident, ty: &Type) {
        let value = Some(self.ty(ty));
        let (word, span) = self.word(name);
        let target = self.name(span, word);
        self.emit(span, StmtKind::Assign { target, value, annotation: None });
    }
}

fn attributes_of(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(node) => &node.attrs,
        Item::Enum(node) => &node.attrs,
        Item::ExternCrate(node) => &node.attrs,
        Item::Fn(node) => &node.attrs,
        Item::Impl(node) => &node.attrs,
        Item::Macro(node) => &node.attrs,
        Item::Mod(node) => &node.attrs,
        Item::Static(node) => &node.attrs,
        Item::Struct(node) => &node.attrs,
        Item::Trait(node) => &node.attrs,
        Item::Type(node) => &node.attrs,
        Item::Use(node) => &node.attrs,
        _ => &[],
    }
}
