//! Paths: one name with `::` in it, whatever it leads to.

use std::borrow::Cow;

use syn::{GenericArgument, Path, PathArguments, QSelf, ReturnType, Type};

use super::lowering::{Lowering, join};
use crate::facts::body::*;
use crate::source::Span;

impl<'t> Lowering<'t> {
    /// A path as an expression or a type, with the generic arguments of its last segment.
    pub fn path(&mut self, qself: Option<&QSelf>, path: &Path) -> ExprId {
        let name = self.path_without_arguments(qself, path);
        let Some(last) = path.segments.last() else { return name };
        match self.generic_arguments(&last.arguments) {
            Some((items, end)) => {
                let span = join(self.span_of(name), end);
                self.subscript(span, name, &items)
            }
            None => name,
        }
    }

    /// A path without any generic arguments.
    pub fn path_without_arguments(&mut self, qself: Option<&QSelf>, path: &Path) -> ExprId {
        let Some(qself) = qself else {
            let (text, span) = self.path_text(path);
            self.mention_last(path);
            return self.name(span, &text);
        };
        // `<T as Trait>::f` is a path below `T`.
        let below: Vec<&syn::PathSegment> = path.segments.iter().skip(qself.position).collect();
        let end = below.last().map_or(qself.gt_token.span, |segment| segment.ident.span());
        let span = self.between(qself.lt_token.span, end);
        self.mention_last(path);
        match &*qself.ty {
            Type::Path(ty) if ty.qself.is_none() => {
                let mut text = self.path_text(&ty.path).0.into_owned();
                for segment in below {
                    text.push_str("::");
                    text.push_str(self.word(&segment.ident).0);
                }
                self.name(span, &text)
            }
            ty => {
                let mut value = self.ty(ty);
                for segment in below {
                    let word = self.word(&segment.ident).0;
                    value = self.attribute(span, value, word);
                }
                value
            }
        }
    }

    /// The segments of a path, joined by `::`, and where they stand.
    pub fn path_text(&self, path: &Path) -> (Cow<'t, str>, Span) {
        let mut segments = path.segments.iter().map(|segment| self.word(&segment.ident));
        let Some((first, start)) = segments.next() else {
            return (Cow::Borrowed(""), Span::default());
        };
        let mut text = Cow::Borrowed(first);
        let mut span = start;
        for (word, place) in segments {
            let text = text.to_mut();
            text.push_str("::");
            text.push_str(word);
            span = join(span, place);
        }
        (text, span)
    }

    /// The last segment of a path.
    pub fn last_segment(&self, path: &Path) -> &'t str {
        path.segments.last().map_or("", |segment| self.word(&segment.ident).0)
    }

    fn mention_last(&mut self, path: &Path) {
        let name = self.build.intern(self.last_segment(path));
        self.build.mention(name);
    }

    /// The types among the generic arguments of a segment, and where the arguments end.
    fn generic_arguments(&mut self, arguments: &PathArguments) -> Option<(Vec<ExprId>, Span)> {
        match arguments {
            PathArguments::None => None,
            PathArguments::AngleBracketed(arguments) => {
                let items: Vec<ExprId> = arguments
                    .args
                    .iter()
                    .filter_map(|argument| self.generic_argument(argument))
                    .collect();
                let end = self.span(arguments.gt_token.span);
                (!items.is_empty()).then_some((items, end))
            }
            PathArguments::Parenthesized(arguments) => {
                let mut items: Vec<ExprId> =
                    arguments.inputs.iter().map(|input| self.ty(input)).collect();
                let mut end = self.span(arguments.paren_token.span.close());
                if let ReturnType::Type(_, output) = &arguments.output {
                    let output = self.ty(output);
                    end = self.span_of(output);
                    items.push(output);
                }
                Some((items, end))
            }
        }
    }

    /// A generic argument, unless it is a lifetime or a bound.
    pub fn generic_argument(&mut self, argument: &GenericArgument) -> Option<ExprId> {
        match argument {
            GenericArgument::Type(ty) => Some(self.ty(ty)),
            GenericArgument::AssocType(assoc) => Some(self.ty(&assoc.ty)),
            GenericArgument::Const(expr) => Some(self.expr(expr)),
            GenericArgument::AssocConst(assoc) => Some(self.expr(&assoc.value)),
            _ => None,
        }
    }
}
