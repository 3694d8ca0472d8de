//! The Rust front end: syn's syntax trees in, [`FileFacts`] out.

mod arguments;
mod attributes;
mod blocks;
mod branches;
mod classes;
mod comments;
mod expansion;
mod expressions;
mod format;
mod functions;
mod item_macros;
mod items;
mod lexer;
mod lowering;
mod macro_rules;
mod macros;
mod nesting;
mod operators;
mod paths;
mod patterns;
mod recovery;
mod statements;
#[cfg(test)]
mod tests;
mod types;
mod uses;

use std::borrow::Cow;
use std::str::FromStr;

use proc_macro2::TokenStream;

use super::{FileFacts, SourceError};
use crate::source::Span;
use lowering::Lowering;
use nesting::Refusal;

/// How deep brackets, expressions and statements may nest.
const MAX_DEPTH: u32 = 1_000;

/// Lowers one file.
///
/// Never fails: where the parser gave up on an item, [`FileFacts::errors`] says so and the other
/// items are used.
pub fn lower(text: &str) -> FileFacts {
    lower_with(text, &[])
}

/// Lowers one file, with the texts of macros that other files declare.
pub fn lower_with(own: &str, macros: &[&str]) -> FileFacts {
    let text = match macros {
        [] => Cow::Borrowed(own),
        _ => Cow::Owned(format!("{own}\n{}", macros.join("\n"))),
    };
    let text = text.as_ref();
    let directives = comments::directives(own);
    let failed = |span, message: String| FileFacts {
        errors: vec![SourceError { span, message }],
        directives: directives.clone(),
        ..FileFacts::default()
    };
    let at = |start| Span { start, end: start };
    let shebang = shebang(text);
    // A tree whose spans nobody will ask for any more is about to be dropped, or is dropped already.
    let _spans = SpanGuard;
    match nesting::check(&text[shebang..], MAX_DEPTH) {
        Ok(()) => {}
        Err(Refusal::TooDeep(start)) => {
            return failed(at(start + shebang as u32), too_deep());
        }
        Err(Refusal::Unbalanced(start)) => {
            let message = "this bracket has no counterpart".to_owned();
            return failed(at(start + shebang as u32), message);
        }
        Err(Refusal::Endless(start)) => {
            let message = "a string or a comment that does not end".to_owned();
            return failed(at(start + shebang as u32), message);
        }
    }
    let mut lowering = Lowering::new(text, shebang as u32, own.len() as u32);
    let tokens = match TokenStream::from_str(&text[shebang..]) {
        Ok(tokens) => tokens,
        Err(error) => {
            let span = lowering.span(error.span());
            return failed(span, "no token of Rust starts here".to_owned());
        }
    };
    let file = recovery::parse(tokens);
    lowering.file(&file);
    let errors = file
        .error
        .as_ref()
        .map(|error| SourceError { span: lowering.error_span(error), message: error.to_string() });
    match lowering.finish() {
        Ok(facts) => FileFacts { directives, errors: errors.into_iter().collect(), ..facts },
        Err(start) => {
            // Dropping the tree would recurse as deep as it nests; leaking it is bounded by the file.
            std::mem::forget(file);
            failed(at(start), too_deep())
        }
    }
}

fn too_deep() -> String {
    format!("nested more than {MAX_DEPTH} levels deep")
}

/// The length of a `#!` line; `#![` begins an attribute.
fn shebang(text: &str) -> usize {
    let is_attribute = |rest: &str| rest.trim_start().starts_with('[');
    match text.strip_prefix("#!") {
        Some(rest) if !is_attribute(rest) => text.find('\n').unwrap_or(text.len()),
        _ => 0,
    }
}

/// Releases what the tokens of this thread keep of their source, which would grow with each file.
struct SpanGuard;

impl Drop for SpanGuard {
    fn drop(&mut self) {
        proc_macro2::extra::invalidate_current_thread_spans();
    }
}
