//! The tokens between the brackets of attributes and macros, as arguments.

use proc_macro2::{Ident, Span as TokenSpan, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseBuffer, ParseStream, Parser};
use syn::token::Paren;
use syn::{BinOp, Expr, Path, Token, Type, parenthesized};

use super::lowering::{Lowering, join, positional};
use crate::facts::body::*;

/// The attribute that stands for others under a condition.
pub const CONDITIONAL: &str = "cfg_attr";

/// One argument.
pub struct Argument {
    /// The name before its `=`.
    pub keyword: Option<Path>,
    /// What is passed.
    pub value: Value,
}

/// What is passed.
pub enum Value {
    /// An expression.
    Expr(Expr),
    /// A type that is no expression.
    Type(Type),
    /// `path(arguments)`, where the arguments are no expressions.
    Call(Path, Paren, Vec<Argument>),
    /// Tokens from the first to the last.
    Text(TokenSpan, TokenSpan),
}

/// Arguments between commas, each of which is an expression or `name = expression`.
pub fn strict(tokens: TokenStream) -> syn::Result<Vec<Argument>> {
    let parse = |input: ParseStream<'_>| {
        let mut arguments = Vec::new();
        while !input.is_empty() {
            let keyword = keyword(input)?;
            arguments.push(Argument { keyword, value: Value::Expr(input.parse()?) });
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    };
    parse.parse2(tokens)
}

/// Arguments between commas, whatever they are.
pub fn lenient(tokens: TokenStream) -> Vec<Argument> {
    nested(tokens, MAX_NESTED)
}

/// How many calls in each other are looked into that are no expressions; each is parsed again for the
/// one inside.
const MAX_NESTED: u32 = 8;

fn nested(tokens: TokenStream, levels: u32) -> Vec<Argument> {
    // It stops at nothing, so that it cannot fail.
    let parse = |input: ParseStream<'_>| anything(input, levels);
    parse.parse2(tokens).unwrap_or_default()
}

fn anything(input: ParseStream<'_>, levels: u32) -> syn::Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    while !input.is_empty() {
        let keyword = keyword(input)?;
        arguments.push(Argument { keyword, value: value(input, levels)? });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(arguments)
}

/// The name before a `=`, which is then behind.
fn keyword(input: ParseStream<'_>) -> syn::Result<Option<Path>> {
    if !input.peek(Ident::peek_any) {
        return Ok(None);
    }
    let ahead = input.fork();
    // Attributes may have `type = ..`, too.
    let path = if ahead.peek2(Token![=]) {
        ahead.call(Ident::parse_any).map(Path::from)
    } else {
        ahead.call(Path::parse_mod_style)
    };
    let is_keyword = ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]);
    let Some(path) = path.ok().filter(|_| is_keyword) else { return Ok(None) };
    ahead.parse::<Token![=]>()?;
    input.advance_to(&ahead);
    Ok(Some(path))
}

fn value(input: ParseStream<'_>, levels: u32) -> syn::Result<Value> {
    let expr = whole(input, Expr::parse);
    let ty = match &expr {
        // Of `Map<K, V>` an expression would be `Map < K`.
        Some((Expr::Binary(node), _)) => matches!(node.op, BinOp::Lt(_)),
        Some(_) => false,
        None => true,
    };
    let ty = ty.then(|| whole(input, Type::parse)).flatten();
    let call = (levels > 0).then(|| whole(input, call)).flatten();
    let (value, behind) = match (expr, ty, call) {
        (_, _, Some(((path, parens, tokens), behind))) if path.is_ident(CONDITIONAL) => {
            (Value::Call(path, parens, nested(tokens, levels - 1)), behind)
        }
        (_, Some((ty, behind)), None) => (Value::Type(ty), behind),
        (Some((expr, behind)), ..) => (Value::Expr(expr), behind),
        (None, _, Some(((path, parens, tokens), behind))) => {
            (Value::Call(path, parens, nested(tokens, levels - 1)), behind)
        }
        (None, None, None) => {
            let first = input.span();
            let mut last = first;
            while !is_end(input) {
                last = input.parse::<TokenTree>()?.span();
            }
            return Ok(Value::Text(first, last));
        }
    };
    input.advance_to(&behind);
    Ok(value)
}

/// What parses up to the end of the argument, and the input behind it.
fn whole<'i, T>(
    input: ParseStream<'i>,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> Option<(T, ParseBuffer<'i>)> {
    let ahead = input.fork();
    let parsed = parse(&ahead).ok()?;
    is_end(&ahead).then_some((parsed, ahead))
}

fn is_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn call(input: ParseStream<'_>) -> syn::Result<(Path, Paren, TokenStream)> {
    let path = input.call(Path::parse_mod_style)?;
    let content;
    let parens = parenthesized!(content in input);
    Ok((path, parens, content.parse()?))
}

impl Lowering<'_> {
    /// Arguments as those of a call.
    pub fn arguments(&mut self, arguments: &[Argument]) -> Vec<Arg> {
        arguments
            .iter()
            .map(|argument| {
                let kind = match &argument.keyword {
                    Some(path) => {
                        let name = self.path_text(path).0;
                        ArgKind::Keyword(self.build.intern(&name))
                    }
                    None => ArgKind::Positional,
                };
                Arg { kind, value: self.argument_value(&argument.value) }
            })
            .collect()
    }

    fn argument_value(&mut self, value: &Value) -> ExprId {
        match value {
            Value::Expr(expr) => self.expr(expr),
            Value::Type(ty) => self.ty(ty),
            Value::Call(path, parens, arguments) => {
                let func = self.path(None, path);
                let args = self.arguments(arguments);
                let span = join(self.span_of(func), self.span(parens.span.close()));
                self.call(span, func, &args)
            }
            Value::Text(first, last) => {
                let span = self.between(*first, *last);
                self.string(span, self.slice(span))
            }
        }
    }

    /// An argument that stands where an attribute could: `name = value` is `name(value)`.
    fn argument_as_attribute(&mut self, argument: &Argument) -> ExprId {
        let value = self.argument_value(&argument.value);
        match &argument.keyword {
            None => value,
            Some(path) => {
                let func = self.path(None, path);
                let span = join(self.span_of(func), self.span_of(value));
                self.call(span, func, &[positional(value)])
            }
        }
    }

    /// The arguments of a conditional attribute behind the condition, as attributes: whether it holds
    /// is not known, what it is for counts.
    pub fn conditional_attributes(&mut self, arguments: &[Argument], ids: &mut Vec<ExprId>) {
        let is_doc = |path: &Path| path.is_ident("doc");
        for argument in arguments.iter().skip(1) {
            match &argument.value {
                Value::Call(path, _, inner) if path.is_ident(CONDITIONAL) => {
                    self.conditional_attributes(inner, ids);
                }
                _ if argument.keyword.as_ref().is_some_and(is_doc) => {}
                _ => ids.push(self.argument_as_attribute(argument)),
            }
        }
    }
}
