//! Macros that make items: what is called is matched with the forms that `macro_rules!` gives, and what the first one
//! makes stands in its place. Its tokens keep their places, in the macro or in the call.

use std::collections::BTreeMap;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Item, Macro, Meta, Pat, Path, Stmt, Type, Visibility};

/// How deep what a macro makes nests at the most.
const MAX_NESTED: u32 = 64;
/// How many tokens the macros of a file make at the most.
const MAX_TOKENS: usize = 100_000;

/// The macros of a file.
#[derive(Default)]
pub struct Macros {
    by_name: BTreeMap<String, Vec<Form>>,
    made: usize,
}

/// One form of a macro: what it takes, and what it makes.
struct Form {
    takes: Vec<TokenTree>,
    makes: TokenStream,
}

/// What a parameter stands for.
enum Bound {
    /// These tokens.
    One(TokenStream),
    /// So many, one after the other.
    Each(Vec<Bindings>),
}

type Bindings = BTreeMap<String, Bound>;

/// What stands for the parameters of a form.
struct Sight<'b> {
    bindings: &'b Bindings,
    /// What stands round the repetition.
    outer: Option<&'b Sight<'b>>,
}

impl Macros {
    /// Takes up `macro_rules! name { (..) => { .. }; .. }`.
    pub fn declare(&mut self, name: &str, tokens: TokenStream) {
        let mut groups = tokens.into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        });
        let mut forms = Vec::new();
        while let (Some(takes), Some(makes)) = (groups.next(), groups.next()) {
            forms.push(Form { takes: takes.into_iter().collect(), makes });
        }
        self.by_name.insert(name.to_owned(), forms);
    }

    /// Whether one of a name was taken up.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The items that a call makes; none where the file does not tell.
    pub fn expand(&mut self, mac: &Macro) -> Option<Vec<Item>> {
        let name = &mac.path.segments.last()?.ident;
        let forms = self.by_name.get(&name.to_string())?;
        let given: Vec<TokenTree> = mac.tokens.clone().into_iter().collect();
        let (form, bindings) = forms.iter().find_map(|form| {
            let (bindings, end) = matched(&form.takes, &given, 0)?;
            (end == given.len()).then_some((form, bindings))
        })?;
        let mut made = Vec::new();
        let mut left = MAX_TOKENS.saturating_sub(self.made);
        let sight = Sight { bindings: &bindings, outer: None };
        transcribe(form.makes.clone(), &sight, &mut made, 0, &mut left)?;
        self.made = MAX_TOKENS - left;
        let made: TokenStream = made.into_iter().collect();
        if nests_deeper(&made, MAX_NESTED) {
            return None;
        }
        items.parse2(made).ok()
    }
}

fn items(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

fn nests_deeper(tokens: &TokenStream, than: u32) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => than == 0 || nests_deeper(&group.stream(), than - 1),
        _ => false,
    })
}

/// Matches what a form takes with the tokens from `at` on; with where it ends.
fn matched(takes: &[TokenTree], given: &[TokenTree], mut at: usize) -> Option<(Bindings, usize)> {
    let mut bindings = Bindings::new();
    let mut takes = takes.iter().peekable();
    while let Some(token) = takes.next() {
        if !is_sign(token, '$') {
            at = same(token, given.get(at)?, &mut bindings).then_some(at + 1)?;
            continue;
        }
        match takes.next()? {
            TokenTree::Ident(name) => {
                takes.next_if(|token| is_sign(token, ':'))?;
                let TokenTree::Ident(kind) = takes.next()? else { return None };
                let end = at + length(&kind.to_string(), &given[at..])?;
                let tokens = given[at..end].iter().cloned().collect();
                bindings.insert(name.to_string(), Bound::One(tokens));
                at = end;
            }
            TokenTree::Group(repeated) => {
                let separator = takes.next_if(|token| !is_count(token));
                let most = if is_sign(takes.next()?, '?') { 1 } else { usize::MAX };
                let inner: Vec<TokenTree> = repeated.stream().into_iter().collect();
                let mut each = Vec::new();
                while each.len() < most {
                    let start = match separator {
                        Some(sign) if !each.is_empty() => match given.get(at) {
                            Some(token) if same(sign, token, &mut Bindings::new()) => at + 1,
                            _ => break,
                        },
                        _ => at,
                    };
                    match matched(&inner, given, start) {
                        Some((one, end)) if end > start => {
                            each.push(one);
                            at = end;
                        }
                        _ => break,
                    }
                }
                let names = named(&inner).into_iter();
                // All of them are repeated alike.
                let key = names.collect::<Vec<_>>().join(" ");
                bindings.insert(key, Bound::Each(each));
            }
            _ => return None,
        }
    }
    Some((bindings, at))
}

/// Whether a token of a call is the one that a form wants; what stands in brackets is bound.
fn same(wanted: &TokenTree, given: &TokenTree, bindings: &mut Bindings) -> bool {
    match (wanted, given) {
        (TokenTree::Group(wanted), TokenTree::Group(given)) => {
            let takes: Vec<TokenTree> = wanted.stream().into_iter().collect();
            let tokens: Vec<TokenTree> = given.stream().into_iter().collect();
            match matched(&takes, &tokens, 0) {
                Some((inner, end)) if end == tokens.len() => {
                    bindings.extend(inner);
                    wanted.delimiter() == given.delimiter()
                }
                _ => false,
            }
        }
        (TokenTree::Group(_), _) | (_, TokenTree::Group(_)) => false,
        (wanted, given) => wanted.to_string() == given.to_string(),
    }
}

/// How many tokens something of a kind takes.
fn length(kind: &str, given: &[TokenTree]) -> Option<usize> {
    let first = given.first();
    match kind {
        "ident" => matches!(first?, TokenTree::Ident(_)).then_some(1),
        "tt" => first.map(|_| 1),
        "block" => matches!(first?, TokenTree::Group(_)).then_some(1),
        "lifetime" => is_sign(first?, '\'').then_some(2),
        "literal" => {
            let signs = usize::from(is_sign(first?, '-'));
            let is_literal = match given.get(signs)? {
                TokenTree::Literal(_) => true,
                TokenTree::Ident(word) => word == "true" || word == "false",
                _ => false,
            };
            is_literal.then_some(signs + 1)
        }
        "expr" | "expr_2021" => parsed::<Expr>(given),
        "ty" => parsed::<Type>(given),
        "path" => parsed::<Path>(given),
        "vis" => parsed::<Visibility>(given),
        "meta" => parsed::<Meta>(given),
        "item" => parsed::<Item>(given),
        "stmt" => parsed::<Stmt>(given),
        "pat" | "pat_param" => parsed_by(Pat::parse_multi, given),
        _ => None,
    }
}

fn parsed<T: Parse>(given: &[TokenTree]) -> Option<usize> {
    parsed_by(T::parse, given)
}

fn parsed_by<T>(
    parse: fn(ParseStream<'_>) -> syn::Result<T>,
    given: &[TokenTree],
) -> Option<usize> {
    let all: TokenStream = given.iter().cloned().collect();
    let rest = |input: ParseStream<'_>| {
        parse(input)?;
        input.parse::<TokenStream>()
    };
    let rest = rest.parse2(all).ok()?;
    Some(given.len() - rest.into_iter().count())
}

/// Writes what a form makes; nothing where it is too much.
fn transcribe(
    makes: TokenStream,
    sight: &Sight<'_>,
    made: &mut Vec<TokenTree>,
    depth: u32,
    left: &mut usize,
) -> Option<()> {
    if depth > MAX_NESTED {
        return None;
    }
    let mut tokens = makes.into_iter().peekable();
    while let Some(token) = tokens.next() {
        *left = left.checked_sub(1)?;
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '$' => match tokens.next()? {
                TokenTree::Ident(name) => match sight.bound(&name) {
                    Some(bound) => {
                        let before = made.len();
                        made.extend(bound.clone());
                        *left = left.checked_sub(made.len() - before)?;
                    }
                    // `$crate`
                    None => made.push(TokenTree::Ident(name)),
                },
                TokenTree::Group(repeated) => {
                    let separator = tokens.next_if(|token| !is_count(token));
                    tokens.next()?;
                    let inner: Vec<TokenTree> = repeated.stream().into_iter().collect();
                    for (at, bindings) in sight.each(&named(&inner))?.iter().enumerate() {
                        if at > 0 {
                            made.extend(separator.clone());
                        }
                        let inner = Sight { bindings, outer: Some(sight) };
                        transcribe(repeated.stream(), &inner, made, depth + 1, left)?;
                    }
                }
                _ => return None,
            },
            TokenTree::Group(group) => {
                let mut inside = Vec::new();
                transcribe(group.stream(), sight, &mut inside, depth + 1, left)?;
                let mut whole = Group::new(group.delimiter(), inside.into_iter().collect());
                whole.set_span(group.span());
                made.push(TokenTree::Group(whole));
            }
            other => made.push(other),
        }
    }
    Some(())
}

impl Sight<'_> {
    /// What a name stands for here, or in what is round it.
    fn bound(&self, name: &Ident) -> Option<&TokenStream> {
        match self.bindings.get(&name.to_string()) {
            Some(Bound::One(tokens)) => Some(tokens),
            _ => self.outer?.bound(name),
        }
    }

    /// What is repeated that has one of some names.
    fn each(&self, names: &[String]) -> Option<&[Bindings]> {
        let found = self.bindings.iter().find_map(|(known, bound)| match bound {
            Bound::Each(each) if known.split(' ').any(|it| names.iter().any(|name| name == it)) => {
                Some(each.as_slice())
            }
            _ => None,
        });
        found.or_else(|| self.outer?.each(names))
    }
}

/// The parameters that tokens name, those in brackets and repetitions too.
fn named(tokens: &[TokenTree]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<TokenTree> = tokens.iter().rev().cloned().collect();
    let mut is_next = false;
    while let Some(token) = open.pop() {
        match &token {
            TokenTree::Ident(name) if is_next => found.push(name.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                open.extend(inner.into_iter().rev());
            }
            _ => {}
        }
        is_next = is_sign(&token, '$');
    }
    found
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Whether a token says how often something is repeated.
fn is_count(token: &TokenTree) -> bool {
    ['*', '+', '?'].into_iter().any(|sign| is_sign(token, sign))
}
