//! Patterns: what they test of a subject, and which variables they bind to which part of it.

use syn::punctuated::Punctuated;
use syn::{Lit, Pat, PatIdent, Token};

use super::lowering::Lowering;
use crate::facts::body::*;
use crate::source::Span;

/// Variants that are known everywhere, and say no more than whether there is something.
const PRELUDE: [&str; 3] = ["Some", "Ok", "Err"];

/// The pattern itself, without what is transparent.
fn peel(mut pat: &Pat) -> &Pat {
    loop {
        pat = match pat {
            Pat::Paren(node) => &node.pat,
            Pat::Reference(node) => &node.pat,
            Pat::Type(node) => &node.pat,
            other => return other,
        }
    }
}

impl Lowering<'_> {
    /// Whether the subject has the form of a pattern, as an expression.
    pub fn pattern_test(&mut self, subject: ExprId, pat: &Pat) -> ExprId {
        if !self.enter(|this| this.span_of(subject).start) {
            return self.unknown(Span::default());
        }
        let test = self.bare_test(subject, peel(pat));
        self.leave();
        test
    }

    fn bare_test(&mut self, subject: ExprId, pat: &Pat) -> ExprId {
        match pat {
            Pat::Ident(node) => match &node.subpat {
                Some((_, inner)) => self.pattern_test(subject, inner),
                None => {
                    let (word, span) = self.word(&node.ident);
                    if !is_constant(node, word) {
                        return self.build.expr(span, ExprKind::Bool(true));
                    }
                    let right = self.name(span, word);
                    self.equals(subject, right)
                }
            },
            Pat::Path(node) => {
                let right = self.path(node.qself.as_ref(), &node.path);
                self.equals(subject, right)
            }
            Pat::TupleStruct(node) => {
                let right = self.path(node.qself.as_ref(), &node.path);
                let test = self.equals(subject, right);
                let inner = match node.elems.first().map(peel) {
                    Some(inner) if node.elems.len() == 1 && is_refutable(self, inner) => inner,
                    _ => return test,
                };
                let part = self.only_part(subject, &node.path);
                let inner = self.pattern_test(part, inner);
                self.join_tests(true, &[test, inner])
            }
            Pat::Struct(node) => {
                let right = self.path(node.qself.as_ref(), &node.path);
                self.equals(subject, right)
            }
            Pat::Lit(node) => {
                let right = self.literal(&node.lit);
                self.equals(subject, right)
            }
            Pat::Or(node) => {
                let tests: Vec<ExprId> =
                    node.cases.iter().map(|case| self.pattern_test(subject, case)).collect();
                self.join_tests(false, &tests)
            }
            Pat::Wild(node) => {
                let span = self.span(node.underscore_token.span);
                self.build.expr(span, ExprKind::Bool(true))
            }
            _ => self.other(self.span_of(subject), &[subject]),
        }
    }

    fn equals(&mut self, left: ExprId, right: ExprId) -> ExprId {
        let span = self.span_of(right);
        self.build.expr(span, ExprKind::Compare { op: CompareOp::Eq, left, right })
    }

    /// `!test`
    pub fn negated(&mut self, test: ExprId) -> ExprId {
        self.build.expr(self.span_of(test), ExprKind::Not(test))
    }

    /// Assigns the parts of the subject to the variables of a pattern.
    pub fn bind(&mut self, subject: ExprId, pat: &Pat) {
        if !self.enter(|this| this.span_of(subject).start) {
            return;
        }
        self.bare_bind(subject, peel(pat));
        self.leave();
    }

    fn bare_bind(&mut self, subject: ExprId, pat: &Pat) {
        match pat {
            Pat::Ident(node) => {
                let (word, span) = self.word(&node.ident);
                if !is_constant(node, word) {
                    let name = self.build.intern(word);
                    self.assign(span, name, subject);
                }
                if let Some((_, inner)) = &node.subpat {
                    self.bind(subject, inner);
                }
            }
            Pat::TupleStruct(node) if node.elems.len() == 1 && binds(&node.elems[0]) => {
                let part = self.only_part(subject, &node.path);
                self.bind(part, &node.elems[0]);
            }
            Pat::TupleStruct(node) => {
                let of = self.last_segment(&node.path);
                self.bind_items(subject, Some(of), &node.elems);
            }
            Pat::Tuple(node) => self.bind_items(subject, None, &node.elems),
            Pat::Struct(node) => {
                for field in &node.fields {
                    if binds(&field.pat) {
                        let (name, place) = self.member(&field.member);
                        let part = self.attribute(place, subject, name);
                        self.bind(part, &field.pat);
                    }
                }
            }
            Pat::Slice(node) => {
                let span = self.span(node.bracket_token.span.join());
                for (at, item) in placed(&node.elems) {
                    let part = match at {
                        Some(at) => {
                            let index = self.build.expr(span, ExprKind::Int(at as i64));
                            let kind = ExprKind::Subscript { value: subject, index };
                            self.build.expr(span, kind)
                        }
                        None => self.other(span, &[subject]),
                    };
                    self.bind(part, item);
                }
            }
            // Each alternative binds the same variables.
            Pat::Or(node) => {
                if let Some(first) = node.cases.first() {
                    self.bind(subject, first);
                }
            }
            _ => {}
        }
    }

    /// What the only field of a variant or a struct holds; one of the prelude stands for it.
    fn only_part(&mut self, subject: ExprId, path: &syn::Path) -> ExprId {
        let of = self.last_segment(path);
        if PRELUDE.contains(&of) {
            return subject;
        }
        self.part_of(subject, Some(of), 0)
    }

    /// The part of a subject at a place; `V::0` where it is one of the variant `V`.
    fn part_of(&mut self, subject: ExprId, of: Option<&str>, at: usize) -> ExprId {
        let name = match of {
            Some(variant) => format!("{variant}::{at}"),
            None => at.to_string(),
        };
        self.attribute(self.span_of(subject), subject, &name)
    }

    /// Binds the items of a tuple, or of a variant.
    fn bind_items(&mut self, subject: ExprId, of: Option<&str>, items: &Items) {
        let span = self.span_of(subject);
        for (at, item) in placed(items) {
            let part = match at {
                Some(at) => self.part_of(subject, of, at),
                None => self.other(span, &[subject]),
            };
            self.bind(part, item);
        }
    }
}

type Items = Punctuated<Pat, Token![,]>;

/// The items that may bind a variable with their places; behind a `..` nobody knows them.
fn placed(items: &Items) -> impl Iterator<Item = (Option<usize>, &Pat)> {
    let rest = items.iter().position(is_rest).unwrap_or(items.len());
    let placed = items.iter().enumerate();
    placed.filter(|(_, item)| binds(item)).map(move |(at, item)| ((at < rest).then_some(at), item))
}

fn is_rest(item: &Pat) -> bool {
    match item {
        Pat::Rest(_) => true,
        Pat::Ident(node) => node.subpat.as_ref().is_some_and(|(_, inner)| is_rest(inner)),
        _ => false,
    }
}

/// Whether a name in a pattern is a constant or a variant without fields: only their case tells.
fn is_constant(node: &PatIdent, word: &str) -> bool {
    let plain = node.by_ref.is_none() && node.mutability.is_none() && node.subpat.is_none();
    plain && word.starts_with(char::is_uppercase)
}

/// Whether a pattern may bind a variable.
fn binds(pat: &Pat) -> bool {
    !matches!(peel(pat), Pat::Wild(_) | Pat::Rest(_) | Pat::Lit(_) | Pat::Path(_))
}

/// Whether a pattern says more than what it binds.
fn is_refutable(lowering: &Lowering<'_>, pat: &Pat) -> bool {
    match pat {
        Pat::Ident(node) => match &node.subpat {
            Some((_, inner)) => is_refutable(lowering, peel(inner)),
            None => is_constant(node, lowering.word(&node.ident).0),
        },
        Pat::Path(_) | Pat::TupleStruct(_) | Pat::Struct(_) | Pat::Or(_) => true,
        Pat::Lit(node) => !matches!(node.lit, Lit::Verbatim(_)),
        _ => false,
    }
}
