//! Macros that hide items: `lazy_static!`, `thread_local!`, `cfg_if!`, `cfg_select!` and their like are
//! told by their tokens, not by their names.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::token::Brace;
use syn::{Attribute, Block, Expr, Ident, Item, Macro, Stmt, Token, Type, Visibility, braced};

use super::arguments::strict;
use super::lowering::{Goal, Lowering};
use super::macros::MAX_MACROS;
use crate::facts::body::StmtKind;

/// One `static NAME: T = value;` of a macro that makes them.
struct Static {
    attributes: Vec<Attribute>,
    name: Ident,
    ty: Type,
    value: Expr,
}

impl Lowering<'_> {
    /// A macro among items.
    pub fn item_macro(&mut self, mac: &Macro) {
        if self.macros < MAX_MACROS
            && let Some(made) = self.declared.expand(mac)
        {
            let called_at = self.span_of_macro(mac);
            let outer = std::mem::replace(&mut self.called_at, called_at);
            self.macros += 1;
            self.items(&made);
            self.macros -= 1;
            self.called_at = outer;
            return;
        }
        let name = self.last_segment(&mac.path);
        if !self.declared.has(name) {
            let name = self.build.intern(name);
            self.build.facts.macros.missing.push(name);
        }
        if self.hidden_code(mac) {
            return;
        }
        if !mac.tokens.is_empty()
            && let Ok(items) = items.parse2(mac.tokens.clone())
        {
            self.items(&items);
            return;
        }
        let value = match strict(mac.tokens.clone()) {
            Ok(arguments) => self.call_of(mac, &arguments),
            Err(_) => self.opaque(mac),
        };
        self.emit(self.span_of(value), StmtKind::Expr(value));
    }

    /// Lowers the variables or the conditional code that a macro hides, where it does.
    pub(super) fn hidden_code(&mut self, mac: &Macro) -> bool {
        let first = mac.tokens.clone().into_iter().next();
        let may_be_statics = match &first {
            Some(TokenTree::Ident(word)) => word == "static" || word == "pub",
            Some(TokenTree::Punct(punct)) => punct.as_char() == '#',
            _ => false,
        };
        if may_be_statics && let Ok(found) = statics.parse2(mac.tokens.clone()) {
            for Static { attributes, name, ty, value } in &found {
                if !self.is_test(attributes) {
                    self.variable(name, ty, Some(value));
                }
            }
            return true;
        }
        let is_if = matches!(&first, Some(TokenTree::Ident(word)) if word == "if");
        let branches = if is_if {
            conditional.parse2(mac.tokens.clone())
        } else {
            selected.parse2(mac.tokens.clone())
        };
        let Ok(branches) = branches else { return false };
        for (attributes, stmts) in &branches {
            if !self.is_test(attributes) {
                self.statements(stmts, Goal::Nothing);
            }
        }
        true
    }
}

fn items(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

fn statics(input: ParseStream<'_>) -> syn::Result<Vec<Static>> {
    let mut statics = Vec::new();
    while !input.is_empty() {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Token![static]>()?;
        input.parse::<Option<Token![ref]>>()?;
        input.parse::<Option<Token![mut]>>()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<Token![=]>()?;
        let value = input.parse()?;
        statics.push(Static { attributes, name, ty, value });
        if !input.is_empty() {
            input.parse::<Token![;]>()?;
        }
    }
    Ok(statics)
}

/// The code of a branch, and the condition as an attribute.
type Guarded = (Vec<Attribute>, Vec<Stmt>);

/// `if #[cfg(..)] { .. } else if #[cfg(..)] { .. } else { .. }`
fn conditional(input: ParseStream<'_>) -> syn::Result<Vec<Guarded>> {
    let mut branches = Vec::new();
    loop {
        let mut attributes = Vec::new();
        if input.parse::<Option<Token![if]>>()?.is_some() {
            attributes = input.call(Attribute::parse_outer)?;
            if attributes.is_empty() {
                return Err(input.error("this condition is evaluated as the program runs"));
            }
        }
        branches.push((attributes, guarded(input)?));
        if input.is_empty() {
            return Ok(branches);
        }
        input.parse::<Token![else]>()?;
    }
}

/// `cfg => { .. }`, any number of times.
fn selected(input: ParseStream<'_>) -> syn::Result<Vec<Guarded>> {
    let mut branches = Vec::new();
    while !input.is_empty() {
        let mut condition = TokenStream::new();
        while !input.peek(Token![=>]) {
            condition.extend([configuration(input)?]);
        }
        input.parse::<Token![=>]>()?;
        let attributes = as_attribute(condition);
        branches.push((attributes, guarded(input)?));
        input.parse::<Option<Token![,]>>()?;
    }
    if branches.is_empty() { Err(input.error("there is no branch")) } else { Ok(branches) }
}

/// A token of a condition such as `feature = "a"`, `not(unix)` or `_`.
fn configuration(input: ParseStream<'_>) -> syn::Result<TokenTree> {
    let token: TokenTree = input.parse()?;
    match &token {
        TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Group(_) => Ok(token),
        TokenTree::Punct(punct) if punct.as_char() == '=' => Ok(token),
        TokenTree::Punct(_) => Err(input.error("no condition has this")),
    }
}

/// `#[cfg(condition)]`
fn as_attribute(condition: TokenStream) -> Vec<Attribute> {
    let cfg = Ident::new("cfg", proc_macro2::Span::call_site());
    vec![Attribute {
        pound_token: Token![#](proc_macro2::Span::call_site()),
        style: syn::AttrStyle::Outer,
        bracket_token: syn::token::Bracket::default(),
        meta: syn::Meta::List(syn::MetaList {
            path: cfg.into(),
            delimiter: syn::MacroDelimiter::Paren(syn::token::Paren::default()),
            tokens: condition,
        }),
    }]
}

fn guarded(input: ParseStream<'_>) -> syn::Result<Vec<Stmt>> {
    if !input.peek(Brace) {
        return Err(input.error("this is no block"));
    }
    let content;
    braced!(content in input);
    Block::parse_within(&content)
}
