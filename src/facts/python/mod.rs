//! The Python front end: ruff's parser in, [`FileFacts`] out.

mod comments;
mod lower;
mod nesting;

use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::TextRange;

use super::{FileFacts, SourceError};
use crate::source::Span;

/// How deep expressions and statements may nest; CPython's own parser gives up at a similar depth.
const MAX_DEPTH: u32 = 1_000;

/// Lowers one module.
///
/// Never fails: where the parser had to recover, [`FileFacts::errors`] says so and the rest of the
/// file is used.
pub fn lower(text: &str) -> FileFacts {
    if let Some(at) = nesting::too_deep(text, MAX_DEPTH) {
        return too_deep(at);
    }
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    let directives = comments::directives(text, parsed.tokens());
    let errors: Vec<SourceError> = parsed
        .errors()
        .iter()
        .map(|error| SourceError { span: span(error.location), message: error.error.to_string() })
        .collect();
    match lower::module(parsed.syntax(), MAX_DEPTH) {
        Ok(facts) => FileFacts { directives, errors, ..facts },
        Err(at) => {
            // Dropping the tree would recurse as deep as it nests; leaking it is bounded by the file.
            std::mem::forget(parsed);
            FileFacts { directives, ..too_deep(at) }
        }
    }
}

fn too_deep(at: u32) -> FileFacts {
    FileFacts {
        errors: vec![SourceError {
            span: Span { start: at, end: at },
            message: format!("nested more than {MAX_DEPTH} levels deep"),
        }],
        ..FileFacts::default()
    }
}

fn span(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}
