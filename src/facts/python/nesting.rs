//! Refuses text whose brackets nest so deep that no parser should be sent after it.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// The offset of the first bracket beyond `limit` open ones, if any.
///
/// Brackets in strings and comments are told apart by the lexer, which runs only where counting
/// every byte already exceeds the limit.
pub fn too_deep(text: &str, limit: u32) -> Option<u32> {
    let suspect = first_beyond(text, limit)?;
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut depth = 0u32;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return None,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                depth = depth.saturating_sub(1)
            }
            _ => {}
        }
        if depth > limit {
            return Some(suspect);
        }
    }
}

/// Where the count of open bracket bytes, strings and comments included, first exceeds `limit`.
fn first_beyond(text: &str, limit: u32) -> Option<u32> {
    // Few files have that many brackets in all, and these are found fast.
    memchr::memchr3_iter(b'(', b'[', b'{', text.as_bytes()).nth(limit as usize)?;
    let mut depth = 0u32;
    let at = text.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > limit
    })?;
    Some(at as u32)
}
