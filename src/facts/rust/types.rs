//! Types, as expressions.

use proc_macro2::Ident;
use syn::{Generics, ReturnType, Type, TypeParam, TypeParamBound, WherePredicate};

use super::lowering::Lowering;
use crate::facts::body::*;
use crate::source::Span;

/// Traits of the standard library that do not tell what has them.
const SAYS_NOTHING: [&str; 20] = [
    "AsRef",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Eq",
    "Error",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Future",
    "Hash",
    "Into",
    "Ord",
    "PartialEq",
    "Send",
    "Sync",
    "ToString",
];

/// What a type points to.
pub fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Reference(node) => &node.elem,
            Type::Ptr(node) => &node.elem,
            Type::Paren(node) => &node.elem,
            Type::Group(node) => &node.elem,
            other => return other,
        }
    }
}

impl Lowering<'_> {
    /// A type as an expression; references and pointers are what they point to.
    pub fn ty(&mut self, ty: &Type) -> ExprId {
        let inner = peel(ty);
        if !self.enter(|this| this.type_start(inner)) {
            return self.unknown(Span::default());
        }
        let id = self.bare_type(inner);
        self.leave();
        id
    }

    fn bare_type(&mut self, ty: &Type) -> ExprId {
        match ty {
            Type::Path(node) => match self.bound_of(node) {
                Some((name, bound)) => {
                    let value = self.bound(&bound);
                    let (word, span) = self.word(&name);
                    let target = self.build.intern(word);
                    self.build.expr(span, ExprKind::Named { target, value })
                }
                None => self.path(node.qself.as_ref(), &node.path),
            },
            Type::Tuple(node) => {
                let items: Vec<ExprId> = node.elems.iter().map(|item| self.ty(item)).collect();
                self.sequence(self.span(node.paren_token.span.join()), &items)
            }
            Type::Slice(node) => self.row_of(&node.elem, node.bracket_token),
            Type::Array(node) => self.row_of(&node.elem, node.bracket_token),
            Type::ImplTrait(node) => {
                self.first_bound(self.span(node.impl_token.span), node.bounds.iter())
            }
            Type::TraitObject(node) => {
                let span = node.dyn_token.map_or(Span::default(), |token| self.span(token.span));
                self.first_bound(span, node.bounds.iter())
            }
            Type::BareFn(node) => self.unknown(self.span(node.fn_token.span)),
            Type::Infer(node) => self.unknown(self.span(node.underscore_token.span)),
            Type::Never(node) => self.unknown(self.span(node.bang_token.span)),
            Type::Macro(node) => {
                let span = self.path_text(&node.mac.path).1;
                self.unknown(span)
            }
            _ => self.unknown(Span::default()),
        }
    }

    /// A parameter of types, and the trait that its types have.
    fn bound_of(&self, node: &syn::TypePath) -> Option<(Ident, syn::Path)> {
        let name = node.path.get_ident()?;
        self.parameters.iter().rev().find(|(known, _)| known == name).cloned()
    }

    fn bound(&mut self, bound: &syn::Path) -> ExprId {
        // It may be bound by what speaks of itself.
        let outer = std::mem::take(&mut self.parameters);
        let id = self.path(None, bound);
        self.parameters = outer;
        id
    }

    /// Notes what the parameters of types have that something declares, while it is lowered.
    pub fn within<T>(
        &mut self,
        generics: &Generics,
        lower: impl FnOnce(&mut Self, Vec<Generic>) -> T,
    ) -> T {
        let before = self.parameters.len();
        let says = |bound: &TypeParamBound| match bound {
            TypeParamBound::Trait(bound) => {
                let last = bound.path.segments.last()?;
                let says = !SAYS_NOTHING.iter().any(|name| last.ident == name);
                says.then(|| bound.path.clone())
            }
            _ => None,
        };
        for TypeParam { ident, bounds, .. } in generics.type_params() {
            let found = bounds.iter().find_map(says);
            self.parameters.extend(found.map(|bound| (ident.clone(), bound)));
        }
        let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        for predicate in predicates {
            if let WherePredicate::Type(of) = predicate
                && let Type::Path(node) = &of.bounded_ty
                && let Some(ident) = node.path.get_ident()
                && generics.type_params().any(|param| param.ident == *ident)
            {
                let found = of.bounds.iter().find_map(says);
                self.parameters.extend(found.map(|bound| (ident.clone(), bound)));
            }
        }
        let declared = generics.type_params().map(|param| {
            let bound = self.parameters[before..].iter().find(|(known, _)| *known == param.ident);
            let bound = bound.map(|(_, bound)| bound.clone()).map(|bound| self.bound(&bound));
            let name = self.word(&param.ident).0;
            Generic { name: self.build.intern(name), bound }
        });
        let declared = declared.collect();
        let lowered = lower(self, declared);
        self.parameters.truncate(before);
        lowered
    }

    fn type_start(&self, ty: &Type) -> u32 {
        match ty {
            Type::Path(node) => self.path_text(&node.path).1.start,
            Type::Tuple(node) => self.span(node.paren_token.span.open()).start,
            Type::Slice(node) => self.span(node.bracket_token.span.open()).start,
            Type::Array(node) => self.span(node.bracket_token.span.open()).start,
            _ => 0,
        }
    }

    fn row_of(&mut self, element: &Type, brackets: syn::token::Bracket) -> ExprId {
        let span = self.span(brackets.span.join());
        let element = self.ty(element);
        let row = self.name(self.span(brackets.span.open()), "[]");
        self.subscript(span, row, &[element])
    }

    fn first_bound<'b>(
        &mut self,
        span: Span,
        bounds: impl Iterator<Item = &'b TypeParamBound>,
    ) -> ExprId {
        match self.bounds(bounds).first() {
            Some(bound) => *bound,
            None => self.unknown(span),
        }
    }

    /// The traits among bounds.
    pub fn bounds<'b>(&mut self, bounds: impl Iterator<Item = &'b TypeParamBound>) -> Vec<ExprId> {
        bounds
            .filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) => Some(self.path(None, &bound.path)),
                _ => None,
            })
            .collect()
    }

    /// What a function returns, where it says so.
    pub fn return_type(&mut self, output: &ReturnType) -> Option<ExprId> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(self.ty(ty)),
        }
    }
}
