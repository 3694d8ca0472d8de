//! What one file says, read alone: owned facts with unresolved names and spans.
//!
//! A front end lowers a syntax tree into [`FileFacts`] and drops the tree. Facts name things as the
//! file does; what a name stands for is the graph's business, so nothing here may look at another
//! file, at a framework or at the configuration.

pub mod body;
pub mod directive;
pub mod python;

use std::panic::catch_unwind;

use rayon::prelude::*;

pub use body::*;
pub use directive::{Directive, DirectiveScope};

use crate::scan::{self, Decoded};
use crate::source::{Role, Sources, Span};

/// Everything a run keeps of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileFacts {
    /// The identifiers and string literals of the file; [`NameId`] is the index.
    pub names: Names,
    /// Arena of expressions; [`ExprId`] is the index.
    pub exprs: Vec<Expr>,
    /// Arena of statements; [`StmtId`] is the index.
    pub stmts: Vec<Stmt>,
    /// Backing store of every [`ExprList`].
    pub expr_lists: Vec<ExprId>,
    /// Backing store of every [`Block`].
    pub stmt_lists: Vec<StmtId>,
    /// Call arguments; an [`ArgList`] is a range in here.
    pub args: Vec<Arg>,
    /// Functions, methods and lambdas, in source order; [`FunctionIx`] is the index.
    pub functions: Vec<FunctionFact>,
    /// Classes, in source order; [`ClassIx`] is the index.
    pub classes: Vec<ClassFact>,
    /// The statements of the module itself.
    pub body: Block,
    /// Suppression comments.
    pub directives: Vec<Directive>,
    /// Where the file could not be read as its language, in source order.
    pub errors: Vec<SourceError>,
}

/// A part of a file that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    /// Where, in the decoded text; empty at 0 where the file as a whole is meant.
    pub span: Span,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
}

/// Reads and lowers every file, in parallel; the result is indexed by `FileId`.
///
/// Files that do not run in production are not read: nothing in them writes production rows.
/// Never fails: an unreadable file yields facts that hold only [`FileFacts::errors`]. `progress` is
/// called once for each file, from any thread.
pub fn collect(sources: &Sources, progress: &(dyn Fn() + Sync)) -> Vec<FileFacts> {
    sources
        .files
        .par_iter()
        .map(|file| {
            if file.role != Role::Production {
                return FileFacts::default();
            }
            let facts = match scan::read_text(file) {
                Ok(decoded) => catch_unwind(|| decoded_facts(&decoded))
                    .unwrap_or_else(|_| failed("an internal error of cache-lint".to_owned())),
                Err(error) => failed(error.to_string()),
            };
            progress();
            facts
        })
        .collect()
}

/// Lowers text; what decoding lost comes first among the errors, for it may be behind the others.
fn decoded_facts(decoded: &Decoded) -> FileFacts {
    let mut facts = python::lower(&decoded.text);
    if let Some(loss) = &decoded.loss {
        let span = Span { start: loss.offset, end: loss.offset + '\u{FFFD}'.len_utf8() as u32 };
        facts.errors.insert(0, SourceError { span, message: loss.message.clone() });
    }
    facts
}

/// The facts of a file that says nothing.
fn failed(message: String) -> FileFacts {
    FileFacts {
        errors: vec![SourceError { span: Span::default(), message }],
        ..FileFacts::default()
    }
}
