//! Finds suppression comments among a file's tokens and what each covers.

use super::lexer::{Kind, Lexer, Token};
use crate::facts::directive::{Directive, DirectiveScope, parse_comment};
use crate::source::Span;

/// The suppression comments of a file, in source order.
///
/// A comment behind code covers its line; one alone on its line covers the next line with code.
/// Attributes belong to the line of what they stand on.
pub fn directives(text: &str) -> Vec<Directive> {
    if !text.contains("cache-lint:") {
        return Vec::new();
    }
    let tokens: Vec<Token> = Lexer::new(text).collect();
    let comments = tokens.iter().enumerate().filter_map(|(at, token)| {
        let comment = token.span;
        let whole = &text[comment.start as usize..comment.end as usize];
        let body = match token.kind {
            Kind::LineComment => whole.strip_prefix("//")?,
            Kind::BlockComment => whole.strip_prefix("/*")?.strip_suffix("*/")?.trim_end(),
            _ => return None,
        };
        let offset = comment.start + (body.as_ptr() as usize - whole.as_ptr() as usize) as u32;
        let parsed = parse_comment(body, offset)?;
        let scope = if parsed.whole_file {
            DirectiveScope::File
        } else {
            DirectiveScope::Range(covered(text, &tokens, at))
        };
        Some(parsed.into_directive(comment, scope))
    });
    comments.collect()
}

/// The line of code that the comment at `at` means, else the comment alone.
fn covered(text: &str, tokens: &[Token], at: usize) -> Span {
    let comment = tokens[at].span;
    let line_start = text[..comment.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let mut first = at;
    while first > 0 && tokens[first - 1].span.end as usize > line_start {
        first -= 1;
    }
    let is_code = |token: &&Token| !matches!(token.kind, Kind::LineComment | Kind::BlockComment);
    let code = tokens[first..].iter().position(|token| is_code(&token));
    let Some(first) = code.map(|ahead| first + ahead) else { return comment };
    let start = tokens[first].span.start.max(line_start as u32);
    let last = behind_attributes(tokens, first);
    let last = tokens.get(last).unwrap_or(&tokens[first]).span.start as usize;
    let end = memchr::memchr(b'\n', &text.as_bytes()[last..]).map_or(text.len(), |end| last + end);
    Span { start, end: end as u32 }
}

/// The first token behind the attributes and comments that start at `at`.
fn behind_attributes(tokens: &[Token], mut at: usize) -> usize {
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    loop {
        match (kind(at), kind(at + 1)) {
            (Some(Kind::LineComment | Kind::BlockComment), _) => at += 1,
            (Some(Kind::Punct(b'#')), Some(Kind::Open(b'['))) => {
                let mut depth = 0;
                at += 1;
                while let Some(kind) = kind(at) {
                    at += 1;
                    match kind {
                        Kind::Open(_) => depth += 1,
                        Kind::Close(_) => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each comment with the text that it covers.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = directives(text);
        let covered: Vec<&str> = found
            .iter()
            .map(|directive| match directive.scope {
                DirectiveScope::File => "the file",
                DirectiveScope::Range(span) => &text[span.start as usize..span.end as usize],
            })
            .collect();
        assert_eq!(covered, expected);
    }

    #[test]
    fn a_comment_behind_code_covers_its_line() {
        check(
            "a();\nb(\n  c, // cache-lint: ignore[CL301] -- so\n);",
            &["c, // cache-lint: ignore[CL301] -- so"],
        );
    }

    #[test]
    fn a_comment_alone_covers_the_next_line_with_code() {
        check("// cache-lint: ignore[CL301]\n\n// more\n  a();\nb();", &["a();"]);
        check("/* cache-lint: ignore[CL301] */ a();", &["a();"]);
        check("// cache-lint: ignore[CL301]", &["// cache-lint: ignore[CL301]"]);
    }

    #[test]
    fn attributes_belong_to_their_item() {
        check(
            "// cache-lint: ignore[CL101]\n#[derive(Clone)]\n/// Docs.\n#[a]\npub struct A {\n b: u8 }",
            &["#[derive(Clone)]\n/// Docs.\n#[a]\npub struct A {"],
        );
    }

    #[test]
    fn a_comment_may_cover_the_file() {
        check("// cache-lint: file-ignore[CL101] -- why\na();", &["the file"]);
    }

    #[test]
    fn text_and_documentation_are_no_comments_for_cache_lint() {
        check("a(\"// cache-lint: ignore[CL301]\");", &[]);
        check("/// cache-lint: ignore[CL301]\na();", &[]);
        check("a(r#\"\n// cache-lint: ignore[CL301]\n\"#);", &[]);
    }
}
