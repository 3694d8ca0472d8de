//! Macros that a program declares, as functions: each form of one is a function of what it is given, called
//! like the macro with its `!`.
//!
//! A form that takes more than expressions with commas between them is left out, and so is one that makes items: that
//! is told where the macro is called.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Block, Macro, Stmt};

use super::lowering::{Goal, Lowering};
use crate::facts::body::*;

/// How deep repetitions and groups of a form nest at the most.
const MAX_NESTED: u32 = 64;

/// One form of a macro.
struct Form {
    params: Vec<(Ident, ParamKind)>,
    body: TokenStream,
}

impl Lowering<'_> {
    /// `macro_rules! name { (..) => { .. }; .. }`
    pub fn macro_rules(&mut self, name: &Ident, mac: &Macro) {
        self.declared.declare(&name.to_string(), mac.tokens.clone());
        let word = self.build.intern(self.word(name).0);
        let span = self.span_of_macro(mac);
        self.build.facts.macros.declared.push((word, span));
        for form in forms(mac.tokens.clone()) {
            let Ok(stmts) = Block::parse_within.parse2(form.body) else { continue };
            let makes_items = |stmt: &Stmt| matches!(stmt, Stmt::Item(_));
            if !stmts.iter().any(makes_items) {
                self.macro_form(name, &form.params, &stmts);
            }
        }
    }

    fn macro_form(&mut self, name: &Ident, params: &[(Ident, ParamKind)], stmts: &[Stmt]) {
        let temporaries = std::mem::take(&mut self.temporaries);
        let (word, span) = self.word(name);
        let called = self.build.intern(&format!("{word}!"));
        let params = params.iter().map(|(name, kind)| {
            let name = self.word(name).0;
            Param { name: self.build.intern(name), kind: *kind, default: None, annotation: None }
        });
        let params = params.collect();
        let ix = self.build.function(called, span, params, None, Vec::new());
        self.body(ix, Vec::new(), |this| this.statements(stmts, Goal::Return));
        self.temporaries = temporaries;
    }
}

fn forms(tokens: TokenStream) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut groups = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    });
    while let (Some(matcher), Some(made)) = (groups.next(), groups.next()) {
        if let Some(params) = params(matcher.stream()) {
            forms.push(Form { params, body: without_signs(made.stream(), 0) });
        }
    }
    forms
}

/// The parameters of a form; none where it takes more than values with commas between them.
fn params(matcher: TokenStream) -> Option<Vec<(Ident, ParamKind)>> {
    let mut params: Vec<(Ident, ParamKind)> = Vec::new();
    let mut tokens = matcher.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == ',' => {}
            TokenTree::Punct(sign) if sign.as_char() == '$' => match tokens.next()? {
                TokenTree::Ident(name) => {
                    let (colon, _) = (tokens.next()?, tokens.next()?);
                    let is_colon =
                        matches!(&colon, TokenTree::Punct(sign) if sign.as_char() == ':');
                    params.push((is_colon.then_some(name)?, ParamKind::Positional));
                }
                TokenTree::Group(repeated) => {
                    let has_separator = |token: &TokenTree| match token {
                        TokenTree::Punct(sign) => !matches!(sign.as_char(), '*' | '+' | '?'),
                        _ => true,
                    };
                    if tokens.peek().is_some_and(has_separator) {
                        let separator = tokens.next()?;
                        if !matches!(&separator, TokenTree::Punct(sign) if sign.as_char() == ',') {
                            return None;
                        }
                    }
                    tokens.next()?;
                    // `$(,)?`
                    match self::params(repeated.stream())?.as_slice() {
                        [] => {}
                        [(name, ParamKind::Positional)] => {
                            params.push((name.clone(), ParamKind::Star));
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            },
            _ => return None,
        }
    }
    let is_open = |(_, kind): &(Ident, ParamKind)| *kind == ParamKind::Star;
    let open = params.iter().position(is_open);
    open.is_none_or(|at| at + 1 == params.len()).then_some(params)
}

/// What a form makes, its parameters by their names. What is repeated is done once for each value where it is
/// statements, else for any of them.
fn without_signs(made: TokenStream, depth: u32) -> TokenStream {
    let mut out = TokenStream::new();
    if depth > MAX_NESTED {
        return out;
    }
    let mut tokens = made.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Group(repeated)) => {
                    let signs = |token: &TokenTree| matches!(token, TokenTree::Punct(_));
                    while let Some(TokenTree::Punct(sign)) = tokens.next_if(signs) {
                        if matches!(sign.as_char(), '*' | '+' | '?') {
                            break;
                        }
                    }
                    out.extend(repetition(repeated, depth));
                }
                // `$crate`
                other => out.extend(other),
            },
            TokenTree::Group(group) => {
                let mut inside =
                    Group::new(group.delimiter(), without_signs(group.stream(), depth + 1));
                inside.set_span(group.span());
                out.extend([TokenTree::Group(inside)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

fn repetition(repeated: Group, depth: u32) -> TokenStream {
    let name = named(repeated.stream());
    let span = repeated.span();
    let body = without_signs(repeated.stream(), depth + 1);
    let ends = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';');
    let (Some(name), true) = (name, body.clone().into_iter().any(|token| ends(&token))) else {
        return body;
    };
    let word = |word: &str, span: Span| TokenTree::Ident(Ident::new(word, span));
    let name = TokenTree::Ident(name);
    let mut braces = Group::new(Delimiter::Brace, body);
    braces.set_span(span);
    let head = [word("for", span), name.clone(), word("in", span), name, TokenTree::Group(braces)];
    head.into_iter().collect()
}

/// The first parameter that tokens name.
fn named(tokens: TokenStream) -> Option<Ident> {
    let mut is_next = false;
    for token in tokens {
        match token {
            TokenTree::Ident(name) if is_next => return Some(name),
            TokenTree::Group(group) => {
                if let Some(name) = named(group.stream()) {
                    return Some(name);
                }
                is_next = false;
            }
            TokenTree::Punct(sign) => is_next = sign.as_char() == '$',
            _ => is_next = false,
        }
    }
    None
}
