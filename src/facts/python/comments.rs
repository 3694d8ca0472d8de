//! Finds suppression comments among a module's tokens and what each covers.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::Ranged;

use super::span;
use crate::facts::directive::{Directive, DirectiveScope, parse_comment};
use crate::source::Span;

/// The suppression comments of a module, in source order.
///
/// A comment behind code covers the statement's logical line; one alone on its line covers the next
/// logical line. Decorators belong to the line of their `def` or `class`.
pub fn directives(text: &str, tokens: &Tokens) -> Vec<Directive> {
    if !text.contains("cache-lint:") {
        return Vec::new();
    }
    let lines = logical_lines(tokens);
    tokens
        .iter()
        .filter(|token| token.kind() == TokenKind::Comment)
        .filter_map(|token| {
            let comment = span(token.range());
            let body = text[token.range()].trim_start_matches('#');
            let offset = comment.end - body.len() as u32;
            let parsed = parse_comment(body, offset)?;
            let scope = if parsed.whole_file {
                DirectiveScope::File
            } else {
                DirectiveScope::Range(covered(&lines, comment))
            };
            Some(parsed.into_directive(comment, scope))
        })
        .collect()
}

/// The span of each logical line, decorators joined with what they decorate.
fn logical_lines(tokens: &Tokens) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut start: Option<u32> = None;
    let mut at_line_start = true;
    let mut decorator = false;
    for token in tokens.iter() {
        match token.kind() {
            TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::Indent
            | TokenKind::Dedent => {}
            TokenKind::Newline => {
                at_line_start = true;
                if !decorator {
                    let end = token.end().to_u32();
                    lines.push(Span { start: start.take().unwrap_or(end), end });
                }
            }
            kind => {
                if at_line_start {
                    at_line_start = false;
                    decorator = kind == TokenKind::At;
                }
                start.get_or_insert(token.start().to_u32());
            }
        }
    }
    lines
}

/// The logical line a comment stands in, else the next one behind it, else the comment alone.
fn covered(lines: &[Span], comment: Span) -> Span {
    let at = lines.partition_point(|line| line.end < comment.end);
    lines.get(at).copied().unwrap_or(comment)
}
