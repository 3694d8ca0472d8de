//! What one file says, read alone: owned facts with unresolved names and spans.
//!
//! A front end lowers a syntax tree into [`FileFacts`] and drops the tree. Facts name things as the
//! file does; what a name stands for is the graph's business, so nothing here may look at another
//! file, at a framework or at the configuration.

pub mod body;
mod borrowed;
mod builder;
mod collect;
pub mod directive;
pub mod python;
pub mod rust;

pub use body::*;
pub use collect::{Earlier, collect, lower};
pub use directive::{Directive, DirectiveScope};

use crate::source::Span;

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
    /// The macros that it declares, with where each stands, and those that it calls among items without having them.
    pub macros: Macros,
    /// Suppression comments.
    pub directives: Vec<Directive>,
    /// Where the file could not be read as its language, in source order.
    pub errors: Vec<SourceError>,
    /// Whether cache-lint itself failed over the file.
    pub panicked: bool,
}

/// What a file has to do with macros of other files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Macros {
    /// Those that it declares, with where each stands.
    pub declared: Vec<(NameId, Span)>,
    /// Those that it calls among items and does not have.
    pub missing: Vec<NameId>,
    /// Whether some of other files were put to it.
    pub are_borrowed: bool,
}

/// A part of a file that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    /// Where, in the decoded text; empty at 0 where the file as a whole is meant.
    pub span: Span,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
}

impl FileFacts {
    /// Those of a file that says nothing.
    fn failed(message: String) -> FileFacts {
        FileFacts {
            errors: vec![SourceError { span: Span::default(), message }],
            ..FileFacts::default()
        }
    }

    /// Those of a file that cache-lint itself failed over.
    pub fn stumbled_over() -> FileFacts {
        let message = "an internal error of cache-lint".to_owned();
        FileFacts { panicked: true, ..FileFacts::failed(message) }
    }
}
