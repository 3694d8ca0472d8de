//! The names in a piece of code, and how another module spells them.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What a piece of code names.
#[derive(Debug, Default)]
pub struct Named {
    /// Variables, `self` among them.
    pub variables: BTreeSet<String>,
    /// Paths and functions, as they are spelled, without generic arguments.
    pub paths: BTreeSet<String>,
    /// Macros.
    pub macros: BTreeSet<String>,
    /// Whether it awaits something.
    pub awaits: bool,
    /// Whether it may end the function round it.
    pub may_return: bool,
    /// Whether it holds a block or a closure of its own.
    pub has_blocks: bool,
}

impl Named {
    /// What the tokens of a piece of code name.
    pub fn of(tokens: TokenStream) -> Named {
        let mut named = Named::default();
        named.read(tokens, false);
        named
    }

    fn read(&mut self, tokens: TokenStream, in_macro: bool) {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        let sign = |at: usize| match all.get(at) {
            Some(TokenTree::Punct(sign)) => Some(sign.as_char()),
            _ => None,
        };
        let mut at = 0;
        while at < all.len() {
            match &all[at] {
                TokenTree::Ident(first) => {
                    let is_member = at > 0 && sign(at - 1) == Some('.');
                    let mut path = first.to_string();
                    while sign(at + 1) == Some(':') && sign(at + 2) == Some(':') {
                        let Some(TokenTree::Ident(next)) = all.get(at + 3) else { break };
                        path = format!("{path}::{next}");
                        at += 3;
                    }
                    let is_call = matches!(
                        all.get(at + 1),
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
                    );
                    let is_macro = sign(at + 1) == Some('!') && sign(at + 2) != Some('=');
                    self.name(path, is_member, is_call, is_macro);
                }
                TokenTree::Group(group) => {
                    self.has_blocks |= group.delimiter() == Delimiter::Brace;
                    let of_macro = at > 0 && sign(at - 1) == Some('!');
                    self.read(group.stream(), in_macro || of_macro);
                }
                TokenTree::Punct(punct) => {
                    self.may_return |= punct.as_char() == '?';
                    self.has_blocks |= punct.as_char() == '|';
                }
                TokenTree::Literal(literal) if in_macro => self.text(&literal.to_string()),
                TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    fn name(&mut self, path: String, is_member: bool, is_call: bool, is_macro: bool) {
        match path.as_str() {
            "await" => self.awaits = true,
            "return" | "break" | "continue" => self.may_return = true,
            "let" | "mut" | "ref" | "as" | "true" | "false" | "_" => {}
            _ if is_member => {}
            _ if is_macro => {
                self.macros.insert(path);
            }
            _ => {
                let is_path =
                    is_call || path.contains("::") || path.starts_with(char::is_uppercase);
                let names = if is_path { &mut self.paths } else { &mut self.variables };
                names.insert(path);
            }
        }
    }

    /// The variables that a text to format names.
    fn text(&mut self, text: &str) {
        for piece in text.split('{').skip(1) {
            let name = piece.split(['}', ':']).next().unwrap_or_default();
            if name.starts_with(|c: char| c.is_lowercase() || c == '_') {
                self.variables.insert(name.to_owned());
            }
        }
    }
}

/// How a module spells a path; both from the name of the crate on. `None` where it is in another crate.
pub fn spelled(whole: &str, from: &str) -> Option<String> {
    let (of, name) = whole.rsplit_once("::")?;
    let root = |path: &str| path.split("::").next().map(str::to_owned);
    if root(of) != root(from) {
        return None;
    }
    let above = from.rsplit_once("::").map(|(above, _)| above);
    if of == from {
        Some(name.to_owned())
    } else if above == Some(of) {
        Some(format!("super::{name}"))
    } else if let Some(below) = whole.strip_prefix(&format!("{from}::")) {
        Some(below.to_owned())
    } else {
        let below = whole.split_once("::").map_or(whole, |(_, below)| below);
        Some(format!("crate::{below}"))
    }
}

/// A piece of code of one module as another one spells it; `None` where it names something of which it is
/// not known what it is there. `meant` tells what paths stand for.
pub fn moved(
    text: &str,
    named: &Named,
    meant: &[(String, String)],
    from: &str,
    to: &str,
) -> Option<String> {
    if from == to {
        return Some(text.to_owned());
    }
    if named.macros.iter().any(|name| name != "format") {
        return None;
    }
    let mut changes: Vec<(&str, String)> = Vec::new();
    for path in &named.paths {
        match meant.iter().find(|(known, _)| known == path) {
            Some((_, whole)) => changes.push((path, spelled(whole, to)?)),
            // What comes with the language, or is the name of another crate.
            None if matches!(path.as_str(), "Some" | "None" | "Ok" | "Err" | "String::from") => {}
            None => {
                let first = path.split("::").next().unwrap_or_default();
                let is_of_crate = path.contains("::")
                    && first.starts_with(char::is_lowercase)
                    && !matches!(first, "super" | "self" | "crate");
                if !is_of_crate {
                    return None;
                }
            }
        }
    }
    Some(replaced(text, &changes))
}

/// A text with whole paths replaced.
fn replaced(text: &str, changes: &[(&str, String)]) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut at = 0;
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    while at < text.len() {
        let starts = !text[..at].ends_with(is_part) && !text[..at].ends_with('.');
        let found = changes.iter().find(|(path, _)| {
            let rest = text[at..].strip_prefix(path);
            starts
                && rest.is_some_and(|rest| {
                    !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                })
        });
        match found {
            Some((path, new)) => {
                changed.push_str(new);
                at += path.len();
            }
            None => {
                let length = text[at..].chars().next().map_or(1, char::len_utf8);
                changed.push_str(&text[at..at + length]);
                at += length;
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_spells_a_path_from_where_it_is() {
        let spelled = |whole, from| spelled(whole, from).expect("the same crate");
        assert_eq!(spelled("shop::cache::USERS", "shop::cache"), "USERS");
        assert_eq!(spelled("shop::USERS", "shop::user"), "super::USERS");
        assert_eq!(spelled("shop::cache::USERS", "shop"), "cache::USERS");
        assert_eq!(spelled("shop::cache::USERS", "shop::user"), "crate::cache::USERS");
        assert_eq!(super::spelled("shop::USERS", "till"), None);
    }

    #[test]
    fn names_are_told_apart() {
        let code = "let _ = self.cache.forget(&format!(\"user:{id}\"), crate::a::B).await?;";
        let named = Named::of(code.parse().expect("tokens"));
        assert_eq!(named.variables.iter().map(String::as_str).collect::<Vec<_>>(), ["id", "self"]);
        assert_eq!(named.paths.iter().map(String::as_str).collect::<Vec<_>>(), ["crate::a::B"]);
        assert!(named.awaits && named.may_return && !named.has_blocks);
    }
}
