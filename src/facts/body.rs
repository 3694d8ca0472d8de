//! Code as data: classes, functions, statements and expressions, flattened into arenas.
//!
//! Only what can carry a value, a call or a condition is kept; arithmetic, slices, docstrings and
//! the like become [`ExprKind::Other`] or vanish.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxBuildHasher;

use super::FileFacts;
use crate::source::Span;

/// The method of a container that `container[index] = value` calls.
pub const SETS_ITEM: &str = "__setitem__";
/// The method of a container that `del container[index]` calls.
pub const DELETES_ITEM: &str = "__delitem__";

macro_rules! index_type {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its arena.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index_type! {
    /// An identifier or string literal of the file.
    NameId;
    /// An expression of the file.
    ExprId;
    /// A statement of the file.
    StmtId;
    /// A function, method or lambda of the file.
    FunctionIx;
    /// A class of the file.
    ClassIx;
}

/// A run of expressions in [`FileFacts::expr_lists`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExprList {
    /// Index of the first.
    pub start: u32,
    /// Index behind the last.
    pub end: u32,
}

/// A run of statements in [`FileFacts::stmt_lists`], in source order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Block {
    /// Index of the first.
    pub start: u32,
    /// Index behind the last.
    pub end: u32,
}

impl Block {
    /// Whether the block holds no statement that matters.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A run of call arguments in [`FileFacts::args`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ArgList {
    /// Index of the first.
    pub start: u32,
    /// Index behind the last.
    pub end: u32,
}

/// The identifiers and string literals of one file, end to end in one buffer; equal texts have equal
/// ids.
#[derive(Debug, Clone, Default)]
pub struct Names {
    text: String,
    /// Where each ends; it starts where the one before it ends.
    ends: Vec<u32>,
    /// The ids by their texts.
    ids: HashTable<NameId>,
}

impl PartialEq for Names {
    fn eq(&self, other: &Names) -> bool {
        self.text == other.text && self.ends == other.ends
    }
}

impl Names {
    /// The id of `text`, new or known.
    pub fn intern(&mut self, text: &str) -> NameId {
        let Names { text: all, ends, ids } = self;
        let entry = ids.entry(
            hash(text),
            |known| name_in(all, ends, *known) == text,
            |known| hash(name_in(all, ends, *known)),
        );
        match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let id = NameId(ends.len() as u32);
                free.insert(id);
                all.push_str(text);
                ends.push(all.len() as u32);
                id
            }
        }
    }

    /// The text behind an id of this file.
    pub fn get(&self, id: NameId) -> &str {
        name_in(&self.text, &self.ends, id)
    }

    /// The id of a text, where the file has it.
    pub fn find(&self, text: &str) -> Option<NameId> {
        self.ids.find(hash(text), |known| self.get(*known) == text).copied()
    }

    /// Whether `part` stands somewhere in the names, across their borders, too: a quick way to tell
    /// that no name has it.
    pub fn may_have(&self, part: &str) -> bool {
        memchr::memmem::find(self.text.as_bytes(), part.as_bytes()).is_some()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Every distinct identifier and string literal of the file, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|id| self.get(NameId(id)))
    }
}

fn name_in<'a>(text: &'a str, ends: &[u32], id: NameId) -> &'a str {
    let start = match id.index() {
        0 => 0,
        at => ends[at - 1] as usize,
    };
    &text[start..ends[id.index()] as usize]
}

fn hash(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

/// An expression with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expr {
    /// Its bytes in the decoded text.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ExprKind {
    /// A name to look up.
    Name(NameId),
    /// `value.attr`
    Attribute { value: ExprId, attr: NameId },
    /// `func(args)`
    Call { func: ExprId, args: ArgList },
    /// `value[index]`
    Subscript { value: ExprId, index: ExprId },
    /// A string literal.
    Str(NameId),
    /// An f-string: literal parts and holes in order.
    Format(ExprList),
    /// An integer that fits.
    Int(i64),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    None,
    /// A list, tuple or set display.
    Sequence(ExprList),
    /// A dict display: key, value, key, value; a `**x` has `x` as both.
    Dict(ExprList),
    /// A lambda; its body is one `Return`.
    Lambda(FunctionIx),
    /// A single comparison.
    Compare { op: CompareOp, left: ExprId, right: ExprId },
    /// `a and b and ...`; a chained comparison is one, too.
    And(ExprList),
    /// `a or b or ...`
    Or(ExprList),
    /// `not x`
    Not(ExprId),
    /// `body if test else orelse`: the list holds test, body, orelse.
    Conditional(ExprList),
    /// A comprehension; the list holds the element (key and value of a dict), then its clauses.
    Comprehension { kind: ComprehensionKind, parts: ExprList },
    /// One `for target in iter if ...` of a comprehension: target, iter, then the conditions.
    Clause(ExprList),
    /// `left + right` and others that build strings, lists, sets and durations.
    Binary { op: BinaryOp, left: ExprId, right: ExprId },
    /// `target := value`
    Named { target: NameId, value: ExprId },
    /// `*value` in a display or an assignment target.
    Starred(ExprId),
    /// `yield value` and `yield from value`.
    Yield(ExprId),
    /// Anything else, with the operands that hold a call or a name.
    Other(ExprList),
}

/// How a comparison compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the language reference")]
pub enum CompareOp {
    Eq,
    NotEq,
    Is,
    IsNot,
    In,
    NotIn,
    Order,
}

/// The operators that build strings, lists, sets and durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the language reference")]
pub enum BinaryOp {
    Add,
    Mod,
    Mul,
    BitAnd,
}

/// What a comprehension builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the language reference")]
pub enum ComprehensionKind {
    Sequence,
    Dict,
}

/// One argument of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arg {
    /// How it is passed.
    pub kind: ArgKind,
    /// What is passed.
    pub value: ExprId,
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgKind {
    /// By position.
    Positional,
    /// `*value`
    Star,
    /// `name=value`
    Keyword(NameId),
    /// `**value`
    DoubleStar,
}

/// A statement with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stmt {
    /// Its bytes in the decoded text.
    pub span: Span,
    /// What it does.
    pub kind: StmtKind,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StmtKind {
    /// Evaluates an expression.
    Expr(ExprId),
    /// `target = value`, one for each target; `annotation` stands for `target: annotation = value`.
    Assign { target: ExprId, value: Option<ExprId>, annotation: Option<ExprId> },
    /// `target += value` and the like.
    AugAssign { target: ExprId, value: ExprId },
    /// Leaves the function.
    Return(Option<ExprId>),
    /// `if test`; `elif` is an `If` in `orelse`.
    If { test: ExprId, body: Block, orelse: Block },
    /// `for target in iter`; an `else` follows as statements of its own.
    For { target: ExprId, iter: ExprId, body: Block },
    /// `while test`
    While { test: ExprId, body: Block },
    /// `with context as target`, one nested in the other for several items.
    With { context: ExprId, target: Option<ExprId>, body: Block },
    /// `try`: the body with its `else`, then the handlers one after the other, then `finally`.
    Try { body: Block, handlers: Block, finally: Block },
    /// One `except` clause inside `handlers` of a `Try`.
    Handler(Block),
    /// Leaves by an exception.
    Raise(Option<ExprId>),
    /// Leaves the loop round or the loop.
    LoopExit,
    /// `del target`
    Delete(ExprId),
    /// `import module` binding `name`, or the first part of `module` where `name` is absent.
    Import { module: NameId, name: Option<NameId> },
    /// `from module import member as name`; `level` counts the leading dots.
    ImportFrom { level: u32, module: NameId, member: NameId, name: NameId },
    /// `from module import *`
    ImportStar { level: u32, module: NameId },
    /// Names that belong to the module or an enclosing function.
    Outer(NameId),
    /// Binds a function.
    Function(FunctionIx),
    /// Binds a class.
    Class(ClassIx),
}

/// Where a class or function is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// At the top of the module.
    Module,
    /// In the body of a class.
    Class(ClassIx),
    /// In the body of a function.
    Function(FunctionIx),
}

/// A function, method or lambda.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionFact {
    /// Its name; empty for a lambda.
    pub name: NameId,
    /// Its name where it is defined; the whole expression for a lambda.
    pub name_span: Span,
    /// Where it is defined.
    pub scope: Scope,
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// The parameters of types that it declares, in order.
    pub generics: Vec<Generic>,
    /// The return annotation.
    pub returns: Option<ExprId>,
    /// Its decorators, the outermost first.
    pub decorators: Vec<ExprId>,
    /// What it does.
    pub body: Block,
    /// The expressions of its body, those of functions inside it included.
    pub exprs: ExprRange,
    /// Whether it yields.
    pub is_generator: bool,
    /// Last segments of everything the body calls or names as an attribute, sorted; what a search
    /// for callers starts from.
    pub mentions: Vec<NameId>,
}

/// A parameter of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generic {
    /// Its name.
    pub name: NameId,
    /// The trait that its types have, where that says something.
    pub bound: Option<ExprId>,
}

/// Expressions that stand next to each other in their arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExprRange {
    /// Index of the first.
    pub start: u32,
    /// Index behind the last.
    pub end: u32,
}

impl ExprRange {
    /// The ids of the expressions, in order.
    pub fn ids(self) -> impl DoubleEndedIterator<Item = ExprId> {
        (self.start..self.end).map(ExprId)
    }

    /// Whether one of some expressions, which are sorted, is in it.
    pub fn has_any_of(self, sorted: &[ExprId]) -> bool {
        let at = sorted.partition_point(|id| id.0 < self.start);
        sorted.get(at).is_some_and(|id| id.0 < self.end)
    }
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: NameId,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// Its default.
    pub default: Option<ExprId>,
    /// Its annotation.
    pub annotation: Option<ExprId>,
}

/// How arguments reach a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// By position, or by name.
    Positional,
    /// By name only.
    KeywordOnly,
    /// `*args`
    Star,
    /// `**kwargs`
    DoubleStar,
}

/// What a class is in its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as in the language references")]
pub enum ClassKind {
    Class,
    Struct,
    Enum,
    Trait,
    Impl,
    Module,
}

/// A class, or what other languages have in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFact {
    /// What it is in its language.
    pub kind: ClassKind,
    /// Its name.
    pub name: NameId,
    /// Its name where it is defined.
    pub name_span: Span,
    /// Where it is defined.
    pub scope: Scope,
    /// Bases, then keywords such as `metaclass=`.
    pub bases: ArgList,
    /// Its decorators, the outermost first.
    pub decorators: Vec<ExprId>,
    /// The parameters of types that it declares, in order.
    pub generics: Vec<Generic>,
    /// Its body.
    pub body: Block,
    /// The functions that its body defines, in source order.
    pub methods: Vec<FunctionIx>,
}

impl FileFacts {
    /// The text of a name.
    pub fn name(&self, id: NameId) -> &str {
        self.names.get(id)
    }

    /// The expression behind an id of this file.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs[id.index()]
    }

    /// The statement behind an id of this file.
    pub fn stmt(&self, id: StmtId) -> Stmt {
        self.stmts[id.index()]
    }

    /// The expressions of a list, in source order.
    pub fn list(&self, list: ExprList) -> &[ExprId] {
        &self.expr_lists[list.start as usize..list.end as usize]
    }

    /// The expressions in the body of a function, those of functions inside it included.
    pub fn exprs_of(&self, function: &FunctionFact) -> &[Expr] {
        &self.exprs[function.exprs.start as usize..function.exprs.end as usize]
    }

    /// The bodies of the functions that stand in no other, in source order.
    pub fn outer_bodies(&self) -> Vec<ExprRange> {
        let mut bodies: Vec<ExprRange> = Vec::new();
        for body in self.functions.iter().map(|function| function.exprs) {
            if bodies.last().is_none_or(|last| last.end <= body.start) {
                bodies.push(body);
            }
        }
        bodies
    }

    /// Adds the expressions that an expression is made of, those of a lambda's body not among them.
    pub fn parts_of(&self, expr: ExprId, parts: &mut Vec<ExprId>) {
        match self.expr(expr).kind {
            ExprKind::Attribute { value: inner, .. }
            | ExprKind::Not(inner)
            | ExprKind::Starred(inner)
            | ExprKind::Yield(inner)
            | ExprKind::Named { value: inner, .. } => parts.push(inner),
            ExprKind::Call { func, args } => {
                parts.push(func);
                parts.extend(self.args(args).iter().map(|arg| arg.value));
            }
            ExprKind::Subscript { value, index } => parts.extend([value, index]),
            ExprKind::Compare { left, right, .. } | ExprKind::Binary { left, right, .. } => {
                parts.extend([left, right]);
            }
            ExprKind::Format(items)
            | ExprKind::Sequence(items)
            | ExprKind::Dict(items)
            | ExprKind::And(items)
            | ExprKind::Or(items)
            | ExprKind::Conditional(items)
            | ExprKind::Comprehension { parts: items, .. }
            | ExprKind::Clause(items)
            | ExprKind::Other(items) => parts.extend_from_slice(self.list(items)),
            ExprKind::Name(_)
            | ExprKind::Str(_)
            | ExprKind::Int(_)
            | ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Lambda(_) => {}
        }
    }

    /// The statements of a block, in source order.
    pub fn block(&self, block: Block) -> &[StmtId] {
        &self.stmt_lists[block.start as usize..block.end as usize]
    }

    /// The arguments of a call, in source order.
    pub fn args(&self, args: ArgList) -> &[Arg] {
        &self.args[args.start as usize..args.end as usize]
    }

    /// A function of this file.
    pub fn function(&self, ix: FunctionIx) -> &FunctionFact {
        &self.functions[ix.index()]
    }

    /// A class of this file.
    pub fn class(&self, ix: ClassIx) -> &ClassFact {
        &self.classes[ix.index()]
    }
}
