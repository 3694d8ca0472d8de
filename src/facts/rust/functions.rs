//! Functions, closures and `async` blocks.

use syn::{Block, ExprAsync, ExprClosure, FnArg, Pat, Signature, Type};

use super::lowering::{Goal, Lowering, join};
use crate::facts::body::{ExprId, ExprKind, FunctionIx, NameId, Param, ParamKind};
use crate::source::Span;

/// What a parameter is taken apart into: its temporary, and the pattern.
type Bound<'p> = Vec<(ExprId, &'p Pat)>;

impl Lowering<'_> {
    /// A function with its name; `block` is absent where a trait only asks for it.
    pub fn function(
        &mut self,
        signature: &Signature,
        block: Option<&Block>,
        decorators: Vec<ExprId>,
    ) -> FunctionIx {
        self.within(&signature.generics, |this, generics| {
            let ix = this.function_within(signature, block, decorators);
            this.build.facts.functions[ix.index()].generics = generics;
            ix
        })
    }

    fn function_within(
        &mut self,
        signature: &Signature,
        block: Option<&Block>,
        decorators: Vec<ExprId>,
    ) -> FunctionIx {
        // Another function has temporaries of its own.
        let temporaries = std::mem::take(&mut self.temporaries);
        let (name, name_span) = self.word(&signature.ident);
        let name = self.build.intern(name);
        let mut bound = Vec::new();
        let mut params = Vec::with_capacity(signature.inputs.len());
        for input in &signature.inputs {
            params.push(match input {
                FnArg::Receiver(_) => param(self.build.intern("self"), None),
                FnArg::Typed(typed) => self.param(&typed.pat, Some(&typed.ty), &mut bound),
            });
        }
        let returns = self.return_type(&signature.output);
        let ix = self.build.function(name, name_span, params, returns, decorators);
        self.body(ix, bound, |this| {
            if let Some(block) = block {
                this.statements(&block.stmts, Goal::Return);
            }
        });
        self.temporaries = temporaries;
        ix
    }

    pub(super) fn closure(&mut self, node: &ExprClosure) -> ExprId {
        let mut bound = Vec::new();
        let mut params = Vec::with_capacity(node.inputs.len());
        for pat in &node.inputs {
            params.push(match pat {
                Pat::Type(typed) => self.param(&typed.pat, Some(&typed.ty), &mut bound),
                pat => self.param(pat, None, &mut bound),
            });
        }
        let returns = self.return_type(&node.output);
        let start = self.span(node.or1_token.span);
        self.lambda(start, params, returns, bound, |this| this.expr_into(&node.body, Goal::Return))
    }

    pub(super) fn async_block(&mut self, node: &ExprAsync) -> ExprId {
        let start = self.span(node.async_token.span);
        self.lambda(start, Vec::new(), None, Vec::new(), |this| {
            this.statements(&node.block.stmts, Goal::Return);
            this.span(node.block.brace_token.span.join())
        })
    }

    /// A function without a name; `body` lowers what it does and says where that stands.
    fn lambda(
        &mut self,
        start: Span,
        params: Vec<Param>,
        returns: Option<ExprId>,
        bound: Bound<'_>,
        body: impl FnOnce(&mut Self) -> Span,
    ) -> ExprId {
        let name = self.build.intern("");
        let ix = self.build.function(name, start, params, returns, Vec::new());
        let mut span = start;
        self.body(ix, bound, |this| span = join(start, body(this)));
        self.build.facts.functions[ix.index()].name_span = span;
        self.build.expr(span, ExprKind::Lambda(ix))
    }

    pub(super) fn body(&mut self, ix: FunctionIx, bound: Bound<'_>, lower: impl FnOnce(&mut Self)) {
        let breakables = std::mem::take(&mut self.breakables);
        self.build.open_function(ix);
        self.open_block();
        for (subject, pat) in bound {
            self.bind(subject, pat);
        }
        lower(self);
        let body = self.close_block();
        self.build.close_function(ix, body);
        self.breakables = breakables;
    }

    /// A parameter; one that is a pattern has a temporary for its name, which the body takes apart.
    fn param<'p>(&mut self, pat: &'p Pat, ty: Option<&Type>, bound: &mut Bound<'p>) -> Param {
        let annotation = ty.map(|ty| self.ty(ty));
        match pat {
            Pat::Ident(node) if node.subpat.is_none() => {
                let (word, _) = self.word(&node.ident);
                param(self.build.intern(word), annotation)
            }
            Pat::Wild(_) => param(self.build.intern(""), annotation),
            pat => {
                let name = self.temporary();
                let span = annotation.map_or(Span::default(), |ty| self.span_of(ty));
                let subject = self.build.expr(span, ExprKind::Name(name));
                bound.push((subject, pat));
                param(name, annotation)
            }
        }
    }
}

fn param(name: NameId, annotation: Option<ExprId>) -> Param {
    Param { name, kind: ParamKind::Positional, default: None, annotation }
}
